"""What the filled cases say: sentences of the demo's conversations, with names and numbers that are rare."""

import random
import re
from collections.abc import Sequence

from portal.demo import script

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
        self._sentences: Sequence[str] = sorted({found for text in texts for found in _SENTENCE.findall(text)})

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
