"""What a person typed, and within what they look: read without asking the database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forums.constants import TopicKind
from forums.models import Category, Community, SearchIndex

MAX_LENGTH = 200
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"') | {"\0": " "})
# A phrase, or a run of anything else; each may be excluded by a minus before it.
_PART = re.compile(r'(?<![^\s"])(-?)"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Query:
    """Words, ``phrases`` that have to stand there as they are, and what must not (``without``).

    ``words`` holds those of the phrases as well. With ``exact`` no word is taken for a misspelt one. ``more`` are the
    words of a longer text, which tell less. ``text`` is what titles are compared with.
    """

    text: str = ""
    words: Sequence[str] = ()
    phrases: Sequence[str] = ()
    without: Sequence[str] = ()
    exact: bool = False
    more: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether it names nothing to look for."""
        return not self.words and not self.more


@dataclass(frozen=True, slots=True)
class Scope:
    """The communities that are searched, each with its index."""

    communities: Sequence[Community]
    indexes: Sequence[SearchIndex]

    @property
    def configs(self) -> list[str]:
        """Return every text-search configuration that a post's vector may be written in."""
        return sorted({index.config for index in self.indexes} | {one.search_config for one in self.communities})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What narrows a search; dates are the days, in the reader's zone, on which the topic was started."""

    category: Category | None = None
    # Tags of one name, for each community has its own; and how many topics carry them.
    tags: Sequence[int] | None = None
    tagged: int = 0
    answered: bool | None = None
    kind: TopicKind | None = None
    author_id: int | None = None
    since: date | None = None
    until: date | None = None


def parse(text: str, *, exact: bool = False) -> Query:
    """Read ``text``: words, "phrases", -not and -"not this". Whatever is typed can be read."""
    text = text.translate(_QUOTES)[:MAX_LENGTH]
    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    for minus, phrase, word in _PART.findall(text):
        if phrase.strip():
            (without if minus else phrases).append(phrase.strip())
            words += [] if minus else phrase.split()
        elif word.startswith("-") and any(map(str.isalnum, word)):
            without.append(word.lstrip("-"))
        elif any(map(str.isalnum, word)):
            words.append(word.strip('"'))
    return Query(" ".join(words), tuple(dict.fromkeys(words)), tuple(phrases), tuple(without), exact)


def question(title: str, text: str) -> Query:
    """Read a question that is being written: no signs mean anything, and its title tells most."""
    words, more = (tuple(dict.fromkeys(part.replace("\0", " ").split())) for part in (title, text))
    return Query(" ".join(words), words, more=more)
