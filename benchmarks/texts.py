"""What the filled cases say: sentences of the demo's conversations, with names and numbers that are rare."""

import random
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from portal.demo import forum_script, script

# What the benchmark searches for.
COMMON_WORD = "flow"
RARE_WORD = "E71234ORA"
TWO_WORDS = "certificate expired"
RARE_SHARE = 1 / 25_000  # of comments

_SENTENCE = re.compile(r"[^.!?\n`|]{20,220}[.!?]")


class Texts:
    """Makes subjects and texts, the same ones at each fill."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        stories = script.stories()
        texts = [story.description for story in stories] + [line.text for story in stories for line in story.lines]
        self._subjects: Sequence[str] = [story.subject for story in stories if "down" not in story.subject.lower()]
        self._sentences: Sequence[str] = _sentences(texts)

    @cached_property
    def sentences(self) -> Sequence[str]:
        """Return the sentences of the communities' demo and the cases'."""
        topics = forum_script.topics()
        texts = [post.body for topic in topics for post in (topic.opening, *topic.posts)]
        return sorted({*_sentences(texts), *self._sentences})

    @cached_property
    def headlines(self) -> Sequence[str]:
        """Return the titles of the communities' demo."""
        return sorted(topic.title for topic in forum_script.topics())

    def subject(self) -> str:
        """Return a case's subject."""
        return f"{self._chance.choice(self._subjects)} ({self._name()})"

    def text(self, sentences: int) -> str:
        """Return a text of about this many sentences."""
        parts = [found.strip() for found in self._chance.choices(self._sentences, k=sentences)]
        parts.append(f"See {self._name()}, order SO-{self._chance.randrange(10**6)}.")
        if self._chance.random() < RARE_SHARE * 5:
            parts.append(f"The code was {RARE_WORD}.")
        return " ".join(parts)

    def _name(self) -> str:
        kind = self._chance.choice(("agent", "flow", "gateway", "job", "route", "host"))
        return f"{kind}-{self._chance.randrange(20_000)}"


def _sentences(texts: Iterable[str]) -> Sequence[str]:
    return sorted({found for text in texts for found in _SENTENCE.findall(text)})
