"""What an edit changed: word by word within changed lines, line by line otherwise.

The method is that of E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): the shortest edit, and quick
when little changed. A budget of steps bounds it when much did: then lines, at last the whole text, count as replaced.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

Kind = Literal["same", "added", "removed"]

# Steps for one comparison, about a microsecond each.
MAX_STEPS = 1_000_000
# Lines that have less than this share of their letters in common are shown as replaced: confetti helps nobody.
MIN_LIKENESS = 0.3

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that was kept, added or removed."""

    kind: Kind
    text: str


def compare(before: str, after: str, *, steps: int = MAX_STEPS) -> Sequence[Piece]:
    """Return what leads from ``before`` to ``after``, in reading order, no two neighbours of one kind.

    The pieces that are not "added" make up ``before``, those that are not "removed" make up ``after``; of a
    replacement the removed piece comes first. Empty when both are. A million ``steps`` take about a second.
    """
    budget = _Budget(steps)
    pieces: list[Piece] = []
    for old, new in _edits(before.splitlines(keepends=True), after.splitlines(keepends=True), budget):
        if old == new:
            pieces.append(Piece("same", "".join(old)))
        elif old and new:
            pieces += _compare_words("".join(old), "".join(new), budget)
        else:
            pieces += _replaced("".join(old), "".join(new))
    return _tidy(pieces)


def as_html(pieces: Sequence[Piece]) -> SafeString:
    """Return ``pieces`` with ``<ins>`` and ``<del>`` around what changed. Show it where line breaks are kept."""
    marks = {"same": "{}", "added": "<ins>{}</ins>", "removed": "<del>{}</del>"}
    return mark_safe("".join(format_html(marks[piece.kind], piece.text) for piece in pieces))  # noqa: S308 - escaped piece by piece


class _Budget:
    """How many steps are left of those that one comparison may take."""

    def __init__(self, steps: int) -> None:
        self.steps = steps


def _compare_words(before: str, after: str, budget: _Budget) -> list[Piece]:
    pieces: list[Piece] = []
    kept = 0
    for old, new in _edits(_WORDS.findall(before), _WORDS.findall(after), budget):
        if old == new:
            pieces.append(Piece("same", "".join(old)))
            kept += sum(len(word) for word in old if not word.isspace())
        else:
            pieces += _replaced("".join(old), "".join(new))
    letters = max(len("".join(before.split())), len("".join(after.split())))
    return pieces if kept >= MIN_LIKENESS * letters else _replaced(before, after)


def _replaced(old: str, new: str) -> list[Piece]:
    return [piece for piece in (Piece("removed", old), Piece("added", new)) if piece.text]


def _tidy(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbours, and let two changes with nothing but a space between them be one."""
    tidy: list[Piece] = []
    old = new = ""
    for position, piece in enumerate(pieces):
        follows = pieces[position + 1].kind if position + 1 < len(pieces) else "same"
        if piece.kind == "removed":
            old += piece.text
        elif piece.kind == "added":
            new += piece.text
        elif piece.text.isspace() and "\n" not in piece.text and old and new and follows != "same":
            old, new = old + piece.text, new + piece.text
        else:
            tidy += _replaced(old, new)
            old = new = ""
            if tidy and tidy[-1].kind == "same":
                tidy[-1] = Piece("same", tidy[-1].text + piece.text)
            else:
                tidy.append(piece)
    return [*tidy, *_replaced(old, new)]


def _edits(
    before: Sequence[str], after: Sequence[str], budget: _Budget
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Yield runs of ``before`` and of ``after`` in pairs: the same in both, or one replaced by the other."""
    shorter = min(len(before), len(after))
    head = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    tail = next(
        (place for place in range(shorter - head) if before[-1 - place] != after[-1 - place]),
        shorter - head,
    )
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if head:
        yield before[:head], after[:head]
    yield from _middle(old, new, budget)
    if tail:
        yield before[len(before) - tail :], after[len(after) - tail :]


def _middle(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    runs = _equal_runs(old, new, budget) if old and new else []
    row = column = 0
    for old_start, new_start, length in [*runs, (len(old), len(new), 0)]:
        if row < old_start or column < new_start:
            yield old[row:old_start], new[column:new_start]
        row, column = old_start + length, new_start + length
        if length:
            yield old[old_start:row], new[new_start:column]


def _equal_runs(old: Sequence[Hashable], new: Sequence[Hashable], budget: _Budget) -> list[tuple[int, int, int]]:
    """Return (place in old, place in new, length) of what the shortest edit keeps; nothing when the budget ends."""
    furthest = {1: 0}
    history: list[dict[int, int]] = []
    for edits in range(len(old) + len(new) + 1):
        # What is remembered for the way back costs as well.
        budget.steps -= 2 * edits + 1
        if budget.steps <= 0:
            return []
        history.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            row = _next_row(furthest, diagonal, edits)
            column = row - diagonal
            start = row
            while row < len(old) and column < len(new) and old[row] == new[column]:
                row, column = row + 1, column + 1
            budget.steps -= row - start
            furthest[diagonal] = row
            if row >= len(old) and column >= len(new):
                return _way_back(history, len(old), len(new))
    raise AssertionError("an edit of every line leads from any text to any other")


def _is_down(furthest: dict[int, int], diagonal: int, edits: int) -> bool:
    """Say whether the way to ``diagonal`` adds a piece of the new text rather than removing one of the old."""
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _next_row(furthest: dict[int, int], diagonal: int, edits: int) -> int:
    down = _is_down(furthest, diagonal, edits)
    return furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1


def _way_back(history: Sequence[dict[int, int]], row: int, column: int) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for edits in range(len(history) - 1, -1, -1):
        furthest, diagonal = history[edits], row - column
        start = _next_row(furthest, diagonal, edits)
        if row > start:
            runs.append((start, start - diagonal, row - start))
        # One step up or to the left of where the run begins.
        if _is_down(furthest, diagonal, edits):
            row, column = start, start - diagonal - 1
        else:
            row, column = start - 1, start - diagonal
    runs.reverse()
    return runs
