"""Charts as plain shapes: numbers in, paths out. ``components/chart.html`` draws them, above a table of the numbers.

A drawing is stretched to the width that there is, so it holds no text: labels stand beside it as text, which no phone
makes too small to read. Nothing depends on colour: the first series is filled or drawn through, the second is hollow
or dashed, with dots of another shape.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH, HEIGHT = 600, 160  # units of the drawing
SERIES = 2  # as many as can be told apart in black and white
_GAP = 0.28  # of a column's width, between columns
_STEPS = (1, 2, 2.5, 5, 10)
# Whole pixels would be the screen's affair; a tenth of a unit is finer than that.
_DECIMALS = 1

Value = float | int | None
Say = Callable[[float], str]


class Kind(StrEnum):
    """How values are drawn."""

    BARS = "bars"  # series side by side
    STACKED = "stacked"  # series upon each other
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Series:
    """Values over the labels of a chart; ``None`` for none, which is drawn as a gap and not as nought."""

    label: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Shape:
    """A path of one series: ``form`` is ``bar``, ``line`` or ``dots``, ``series`` counts from nought."""

    form: str
    series: int
    path: str


@dataclass(frozen=True, slots=True)
class Column:
    """One label's part of the drawing, which the pointer can ask: where it begins, how wide, what it says."""

    x: float
    width: float
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """One label's line of the table."""

    label: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template needs. ``ticks`` go from the top down to nought, ``edges`` are labels from first to last."""

    title: str
    finding: str
    head: str
    kind: Kind
    series: Sequence[str]
    ticks: Sequence[str]
    edges: Sequence[str]
    shapes: Sequence[Shape]
    columns: Sequence[Column]
    rows: Sequence[Row]
    grid: str

    @property
    def box(self) -> str:
        """Return the drawing's view box."""
        return f"0 0 {WIDTH} {HEIGHT}"


def draw(
    kind: Kind,
    *,
    title: str,
    finding: str,
    head: str,
    labels: Sequence[str],
    series: Sequence[Series],
    say: Say = lambda value: f"{value:g}",
    whole: bool = True,
    edges: Sequence[str] = (),
) -> Chart:
    """Return a chart of one or two series.

    ``finding`` is the sentence that says what there is to see, ``head`` names what the labels are, ``say`` turns a
    value into words, ``whole`` keeps the ticks whole numbers, and ``edges`` stand below the drawing, evenly apart: the
    first, middle and last label unless given. Raises ``ValueError`` for another number of values than of labels, for
    negative or infinite ones, and for more series than can be told apart.
    """
    _require(labels, series)
    ticks = nice_ticks(_highest(kind, series), whole=whole)
    top = ticks[-1]
    drawn = _lines(series, top) if kind == Kind.LINES else _bars(series, top, is_stacked=kind == Kind.STACKED)
    rows = [
        Row(label, ["–" if one.values[at] is None else say(float(one.values[at] or 0)) for one in series])  # noqa: RUF001 - a dash
        for at, label in enumerate(labels)
    ]
    return Chart(
        title=title,
        finding=finding,
        head=head,
        kind=kind,
        series=[one.label for one in series],
        ticks=[say(tick) for tick in reversed(ticks)],
        edges=edges or _edges(labels),
        shapes=[shape for shape in drawn if shape.path],
        columns=_columns(rows, [one.label for one in series]),
        rows=rows,
        grid="".join(f"M0 {_y(tick, top)}H{WIDTH}" for tick in ticks),
    )


def nice_ticks(highest: float, *, whole: bool = True, most: int = 4) -> list[float]:
    """Return round numbers from nought to at least ``highest``, evenly apart: two to ``most + 1`` of them."""
    if highest <= 0:
        return [0, 1]
    size = 10 ** math.floor(math.log10(highest / most))
    steps = [step * scale for scale in (size, size * 10) for step in _STEPS]
    fitting = [step for step in steps if not whole or step == int(step) >= 1] or [1]
    step = next((step for step in fitting if step * most >= highest), fitting[-1])
    count = max(math.ceil(highest / step - 1e-9), 1)
    return [float(f"{step * at:.12g}") for at in range(count + 1)]


def _require(labels: Sequence[str], series: Sequence[Series]) -> None:
    if not 1 <= len(series) <= SERIES:
        raise ValueError(f"A chart shows one to {SERIES} series.")
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"{one.label} has {len(one.values)} values for {len(labels)} labels.")
        if any(value is not None and (value < 0 or not math.isfinite(value)) for value in one.values):
            raise ValueError(f"{one.label} has a value that cannot be drawn.")


def _highest(kind: Kind, series: Sequence[Series]) -> float:
    columns = zip(*(one.values for one in series), strict=True)
    found = [[float(value) for value in column if value is not None] for column in columns]
    return max((sum(column) if kind == Kind.STACKED else max(column) for column in found if column), default=0)


def _bars(series: Sequence[Series], top: float, *, is_stacked: bool) -> list[Shape]:
    count = len(series[0].values)
    slot = WIDTH / max(count, 1)
    room = slot * (1 - _GAP)
    width = room if is_stacked else room / len(series)
    feet = [0.0] * count
    shapes = []
    for number, one in enumerate(series):
        path = ""
        for at, value in enumerate(one.values):
            if value:
                left = at * slot + (slot - room) / 2 + (0 if is_stacked else number * width)
                foot, head = _y(feet[at], top), _y(feet[at] + value, top)
                path += f"M{_number(left)} {foot}V{head}H{_number(left + width)}V{foot}Z"
                feet[at] += value if is_stacked else 0
        shapes.append(Shape("bar", number, path))
    return shapes


def _lines(series: Sequence[Series], top: float) -> list[Shape]:
    shapes = []
    for number, one in enumerate(series):
        line, dots, is_down = "", "", False
        for at, value in enumerate(one.values):
            if value is None:
                is_down = False
                continue
            place = f"{_number(_middle(at, len(one.values)))} {_y(value, top)}"
            line += f"{'L' if is_down else 'M'}{place}"
            # A line without length, whose round or square end is the dot: that keeps its form however it is stretched.
            dots += f"M{place}h0"
            is_down = True
        shapes += [Shape("line", number, line), Shape("dots", number, dots)]
    return shapes


def _columns(rows: Sequence[Row], names: Sequence[str]) -> list[Column]:
    slot = WIDTH / max(len(rows), 1)
    return [
        Column(
            round(at * slot, _DECIMALS),
            round(slot, _DECIMALS),
            "\n".join([row.label, *(f"{name}: {cell}" for name, cell in zip(names, row.cells, strict=True))]),
        )
        for at, row in enumerate(rows)
    ]


def _edges(labels: Sequence[str]) -> list[str]:
    places = dict.fromkeys((0, (len(labels) - 1) // 2, len(labels) - 1)) if labels else {}
    return [labels[at] for at in places]


def _middle(at: int, count: int) -> float:
    return (at + 0.5) * WIDTH / count


def _y(value: float, top: float) -> str:
    return _number(HEIGHT - value / top * HEIGHT)


def _number(value: float) -> str:
    return f"{round(value, _DECIMALS):g}"
