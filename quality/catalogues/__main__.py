"""``python -m quality.catalogues``: extract and compile the catalogues, hand out what is missing, take translations in.

messages                    extract, merge into every catalogue and compile it (``make messages``)
check [LANG]                say what is wrong in the catalogues; exit code 1 when anything is
missing LANG [--json]       untranslated messages, with their places and comments
fill LANG FILE              write translations back: JSON, {"ID": "text" or ["one", "other"], …}
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog

from quality.catalogues import files, pseudo
from quality.catalogues.extracting import Found, Key, in_sources
from quality.catalogues.judging import problems
from quality.catalogues.languages import LANGUAGES, Language, named
from quality.catalogues.sources import customer_sources


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say. Returns 1 when something is wrong or was refused."""
    parser = argparse.ArgumentParser(
        prog="python -m quality.catalogues", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("messages")
    acts.add_parser("check").add_argument("language", nargs="?", type=named)
    missing = acts.add_parser("missing")
    missing.add_argument("language", type=named)
    missing.add_argument("--json", action="store_true", help="as JSON instead of for reading")
    missing.add_argument("--limit", type=int, default=100, help="at most so many (100)")
    missing.add_argument("--skip", type=int, default=0, help="leave out the first so many")
    missing.add_argument("--all", action="store_true", help="the translated ones too, with their texts")
    missing.add_argument("--place", default="", help="only messages that a file uses whose path holds this")
    fill = acts.add_parser("fill")
    fill.add_argument("language", type=named)
    fill.add_argument("file", type=Path)
    acts.add_parser("pseudo").add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    match options.act:
        case "messages":
            return renew()
        case "check":
            return check([options.language] if options.language else LANGUAGES.values())
        case "missing":
            return tell_missing(options)
        case "pseudo":
            _say(str(pseudo.write(options.folder)))
            return 0
        case _:
            return take_in(options.language, options.file)


def renew() -> int:
    """Bring every catalogue in line with the sources and compile it. Texts of messages that are gone go too."""
    messages = in_sources(customer_sources())
    for language in LANGUAGES.values():
        with files.alone_with(language):
            known = files.translations(files.read(files.po(language)))
            files.write(language, messages, known)
        empty = sum(1 for key in messages if not all(known.get(key, ("",))))
        _say(f"{language.locale}: {len(messages)} messages, {empty} to translate")
    return 0


def check(languages: Iterable[Language]) -> int:
    """Say what is missing, wrong or left over in these catalogues."""
    messages = in_sources(customer_sources())
    wrong = 0
    for language in languages:
        for complaint in complaints(language, messages):
            _say(f"{language.locale}: {complaint}")
            wrong += 1
    return 1 if wrong else 0


def complaints(language: Language, messages: Mapping[Key, Found]) -> Iterable[str]:
    """Yield what keeps this language from being complete, each with its message and where that is used."""
    catalog = files.read(files.po(language))
    known = files.translations(catalog)
    for key, found in sorted(messages.items(), key=lambda item: item[1].places):
        where = found.places[0][0]
        if key not in known:
            yield f"{key.singular!r} ({where}) is not in the catalogue: run `make messages`."
            continue
        for problem in problems(key, known[key]):
            yield f"{key.singular!r} ({where}): {problem}"
    for key in known.keys() - messages.keys():
        yield f"{key.singular!r} is used nowhere any more: run `make messages`."
    for message in catalog.obsolete.values():
        yield f"{message.id!r} is kept though it is obsolete: run `make messages`."


def tell_missing(options: argparse.Namespace) -> int:
    """Print what is yet to be translated, in the order of the files that use it."""
    catalog = files.read(files.po(options.language))
    messages, known = files.messages(catalog) | _places_now(catalog), files.translations(catalog)
    wanted = [
        found
        for found in sorted(messages.values(), key=lambda found: found.places)
        if (options.all or not all(known.get(found.key, ("",))))
        and any(options.place in path for path, _ in found.places)
    ]
    batch = wanted[options.skip : options.skip + options.limit]
    if options.json:
        _say(json.dumps([_described(found, known) for found in batch], ensure_ascii=False, indent=1))
    else:
        for found in batch:
            _say(f"{identity(found.key)}  {found.places[0][0]}  {found.key.singular!r}")
        _say(f"{len(batch)} of {len(wanted)}")
    return 0


def _places_now(catalog: Catalog) -> dict[Key, Found]:
    """Return the catalogue's messages with their lines, which it does not keep; none while a source is half edited."""
    try:
        now = in_sources(customer_sources())
    except (SyntaxError, ValueError):
        return {}
    return {key: now[key] for key in files.messages(catalog) if key in now}


def _described(found: Found, known: files.Translations) -> dict[str, Any]:
    described: dict[str, Any] = {"id": identity(found.key), "msgid": found.key.singular}
    if found.key.plural:
        described["plural"] = found.key.plural
    if found.key.context:
        described["context"] = found.key.context
    if found.comments:
        described["comments"] = found.comments
    described["places"] = [f"{path}:{line}" for path, line in found.places[:4]]
    if all(text := known.get(found.key, ("",))):
        described["text"] = list(text) if found.key.plural else text[0]
    return described


def identity(key: Key) -> str:
    """Return a short name of a message that stays the same until its text changes."""
    return hashlib.sha256("\0".join((key.context, key.singular, key.plural)).encode()).hexdigest()[:12]


def take_in(language: Language, path: Path) -> int:
    """Write the translations of a file into the catalogue and compile it. What cannot stand is refused, and named."""
    try:
        offered = _offered(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        _say(f"{path}: {error}")
        return 1
    taken, refused = 0, 0
    with files.alone_with(language):
        catalog = files.read(files.po(language))
        # The catalogue's messages, not the sources': those may be half edited just now.
        messages, known = files.messages(catalog), files.translations(catalog)
        by_identity = {identity(key): key for key in messages}
        for name, texts in offered.items():
            key = by_identity.get(name)
            found = ["There is no such message (any more)."] if key is None else problems(key, texts)
            if key is None or found:
                refused += 1
                _say(f"refused {name} {key.singular if key else ''!r}: {' '.join(found)}")
            else:
                taken += 1
                known[key] = texts
        files.write(language, messages, known)
    left = sum(1 for key in messages if not all(known.get(key, ("",))))
    _say(f"{language.locale}: {taken} taken in, {refused} refused, {left} of {len(messages)} left")
    return 1 if refused else 0


def _offered(content: object) -> dict[str, tuple[str, ...]]:
    """Return the translations of a file by their ids. Raises ``ValueError`` on another shape."""
    if isinstance(content, list):
        content = {entry["id"]: entry["text"] for entry in content if isinstance(entry, dict) and "text" in entry}
    if not isinstance(content, dict):
        raise ValueError('It must be JSON such as {"ID": "text", "ID": ["one", "other"]}.')  # noqa: TRY004 - a file's content
    offered = {}
    for name, texts in content.items():
        offered[name] = tuple(texts) if isinstance(texts, list) else (texts,)
        if not all(isinstance(text, str) for text in offered[name]):
            raise ValueError(f"{name} is neither a text nor a list of texts.")
    return offered


def _say(line: str) -> None:
    print(line)


if __name__ == "__main__":
    sys.exit(main())
