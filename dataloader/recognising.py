"""Understands a query that is an error: a bare code, in any spelling, or a whole line pasted from an error file.

Such a line is mostly about one customer's records. What is searched for is its codes and the words of the message,
without ids, numbers, names of fields and what stands in quotes.
"""

import re
from collections.abc import Iterable, Sequence

from dataloader import spelling
from dataloader.models import ErrorCode
from forums.hooks import Panel, Reading
from forums.models import Community

MAX_READ = 2_000  # characters of a pasted line
QUERY_LENGTH = 200  # characters of what is searched for
WORDS_KEPT = 12
CODES_SHOWN = 3
# A code of more words than this does not exist.
_MOST_WORDS = 8

_WORD_WITH_UNDERSCORE = re.compile(r"(?<!\w)[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?!\w)")
# As an error file has it: the code, and behind it its message.
_IN_A_LINE = re.compile(rf"(?<!\w){spelling.PATTERN}(?=\s*(?::|,\s*\w))")
_QUOTED = re.compile(r"'[^']{0,200}'(?!\w)|“[^”]{0,200}”|\[[^\]]{0,200}\]|\([^)]{0,200}\)")
_WORD = re.compile(r"(?<![\w@./'\u2019-])[^\W\d_]{3,}(?:['\u2019][^\W\d_]+)?(?![\w@/]|['\u2019]\w)")


def read(_community: Community | None, query: str) -> Reading | None:
    """Return what to search for in the place of an error, and what to show of it; ``None`` for any other query."""
    text = query[:MAX_READ].replace("\x00", " ").strip()
    is_line = _IN_A_LINE.search(text) is not None
    codes = known_in(text)
    if is_line:
        names = [code.code for code in codes] or spelling.words_in(text)[:1]
        return Reading(_line_in_words(text, names), _panel(codes))
    if not codes:
        return None
    is_bare = spelling.spell(text.strip('"')) == codes[0].code
    return Reading(codes[0].code if is_bare else query, _panel(codes))


def known_in(text: str) -> Sequence[ErrorCode]:
    """Return the known codes of a query in the order in which it names them, in whatever case; at most one query."""
    names = [match[0].upper() for match in _WORD_WITH_UNDERSCORE.finditer(text[:MAX_READ])]
    if not names and 1 < len(re.split(r"[\s-]+", text.strip(), maxsplit=_MOST_WORDS)) <= _MOST_WORDS:
        names = [spelling.spell(text)]
    names = [name for name in dict.fromkeys(names) if spelling.is_spelt(name)][: spelling.MAX_WORDS]
    if not names:
        return []
    found = {code.code: code for code in ErrorCode.objects.named(names)}
    return [found[name] for name in names if name in found]


def _panel(codes: Sequence[ErrorCode]) -> Panel | None:
    return Panel("dataloader/_code_panel.html", {"codes": codes[:CODES_SHOWN]}) if codes else None


def _line_in_words(text: str, names: Sequence[str]) -> str:
    """Return the codes and the words of the message that the first of them begins, as long as a query may be."""
    message = text.partition(names[0])[2]
    # The message ends with its cell; what follows belongs to other columns.
    message = re.split(r"\"\s*[,;\t]|\t|\r|\n", message, maxsplit=1)[0]
    known = {part.lower() for name in names for part in name.split("_")}
    words = (match[0] for match in _WORD.finditer(_QUOTED.sub(" ", message)))
    kept = list(dict.fromkeys(word for word in words if word.lower() not in known))[:WORDS_KEPT]
    return _joined([*names, *kept])


def _joined(words: Iterable[str]) -> str:
    query = ""
    for word in words:
        longer = f"{query} {word}".strip()
        if len(longer) > QUERY_LENGTH:
            break
        query = longer
    return query
