"""A language's catalogue as files: read, merged with what the sources say, written, compiled.

The bytes depend on the messages alone: no date, no line number, no version of a tool, so a change shows what changed.
"""

import fcntl
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from quality.catalogues.extracting import Found, Key
from quality.catalogues.languages import FORMS, Language

WIDTH = 110
# What a message says in a language: one text, or one for each plural form. An empty one is yet to be translated.
Translations = Mapping[Key, tuple[str, ...]]


class SteadyCatalog(Catalog):
    """A catalogue whose header says only what a reader of it needs."""

    def __init__(self, language: Language) -> None:
        super().__init__(
            locale=language.locale, header_comment=f"# {language.locale}: see docs/languages.md.", fuzzy=False
        )
        self._language = language

    @property
    def num_plurals(self) -> int:
        """Return how many forms a plural has: Babel's own idea of it differs in some languages."""
        return FORMS

    def _get_mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Language", self._language.locale),
            ("Plural-Forms", self._language.plural_forms),
        ]


def po(language: Language) -> Path:
    """Return where its texts stand."""
    return language.folder / "django.po"


def mo(language: Language) -> Path:
    """Return where Django reads them."""
    return language.folder / "django.mo"


def read(path: Path) -> Catalog:
    """Read a catalogue; one that is not there is empty. Raises Babel's ``PoFileError`` on a broken one."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, charset="utf-8", abort_invalid=True)


def key_of(message: Message) -> Key:
    """Return what a message of a catalogue is looked up by."""
    singular, plural = (message.id, "") if isinstance(message.id, str) else (message.id[0], message.id[1])
    return Key(message.context or "", singular, plural)


def translations(catalog: Catalog) -> dict[Key, tuple[str, ...]]:
    """Return what is translated, or left empty; what is marked fuzzy counts as empty."""
    return {
        key_of(message): ("",) * forms(key_of(message))
        if message.fuzzy
        else ((message.string,) if isinstance(message.string, str) else tuple(message.string or ()))
        for message in catalog
        if message.id
    }


def messages(catalog: Catalog) -> dict[Key, Found]:
    """Return what a catalogue holds, as the sources said it when it was last brought in line with them."""
    return {
        key_of(message): Found(
            key_of(message), [(path, line or 0) for path, line in message.locations], list(message.auto_comments)
        )
        for message in catalog
        if message.id
    }


def forms(key: Key) -> int:
    """Return how many texts a translation of this message has."""
    return FORMS if key.plural else 1


def texts(language: Language, messages: Mapping[Key, Found], known: Translations) -> tuple[bytes, bytes]:
    """Return the bytes of the catalogue (.po) and of its compiled form (.mo) for these messages."""
    catalog, translated = SteadyCatalog(language), SteadyCatalog(language)
    for key, found in sorted(messages.items()):
        string = known.get(key) or ("",) * forms(key)
        # A text that is missing must not be compiled: the page would say nothing instead of English.
        for one in (catalog, translated) if all(string) else (catalog,):
            one.add(
                (key.singular, key.plural) if key.plural else key.singular,
                string if key.plural else string[0],
                locations=sorted(set(found.places)),
                auto_comments=found.comments,
                context=key.context or None,
            )
    readable, compiled = io.BytesIO(), io.BytesIO()
    write_po(readable, catalog, width=WIDTH, sort_output=True, include_lineno=False, ignore_obsolete=True)
    write_mo(compiled, translated)
    return readable.getvalue(), compiled.getvalue()


def write(language: Language, messages: Mapping[Key, Found], known: Translations) -> None:
    """Write and compile the catalogue. Whoever reads meanwhile sees the old files or the new ones, each whole."""
    language.folder.mkdir(parents=True, exist_ok=True)
    readable, compiled = texts(language, messages, known)
    _replace(po(language), readable)
    _replace(mo(language), compiled)


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)


@contextmanager
def alone_with(language: Language) -> Iterator[None]:
    """Keep other runs from this language's catalogue, waiting for the one that has it."""
    language.folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(language.folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
