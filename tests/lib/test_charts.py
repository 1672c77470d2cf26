"""Charts: round ticks, shapes within the drawing, and a table that says the same."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from lib import charts
from lib.charts import HEIGHT, WIDTH, Chart, Kind, Series, Value, nice_ticks


def drawn(kind: Kind, *values: Sequence[Value], labels: Sequence[str] = (), whole: bool = True) -> Chart:
    series = [Series(f"series {number}", list(one)) for number, one in enumerate(values)]
    labels = labels or [f"week {at}" for at in range(len(values[0]))]
    return charts.draw(
        kind, title="Cases", finding="There are some.", head="Week", labels=labels, series=series, whole=whole
    )


def heights(chart: Chart, number: int) -> list[float]:
    """Return how high each bar of a series is, in units."""
    path = next(shape.path for shape in chart.shapes if shape.series == number)
    bars = re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)H", path)
    return [round(float(foot) - float(head), 1) for foot, head in bars]


def places(chart: Chart) -> list[float]:
    """Return every coordinate that is drawn."""
    return [float(found) for shape in chart.shapes for found in re.findall(r"-?[\d.]+(?:e[+-]?\d+)?", shape.path)]


class TestTicks:
    @pytest.mark.parametrize(
        ("highest", "expected"),
        [
            (0, [0, 1]),
            (1, [0, 1]),
            (3, [0, 1, 2, 3]),
            (4, [0, 1, 2, 3, 4]),
            (5, [0, 2, 4, 6]),
            (7, [0, 2, 4, 6, 8]),
            (17, [0, 5, 10, 15, 20]),
            (100, [0, 25, 50, 75, 100]),
            (1_001, [0, 500, 1_000, 1_500]),
        ],
    )
    def test_they_are_round_and_reach_the_highest(self, highest: float, expected: list[float]) -> None:
        assert nice_ticks(highest) == expected

    @pytest.mark.parametrize("highest", [0.001, 0.3, 0.7, 1.1, 2.6, 23.4, 1e9, 7.7e15])
    def test_few_of_them_hold_anything(self, highest: float) -> None:
        ticks = nice_ticks(highest, whole=False)
        assert 2 <= len(ticks) <= 5
        assert ticks[-1] >= highest
        assert ticks[-2] < highest
        assert ticks == sorted(set(ticks))

    def test_whole_things_get_whole_ticks(self) -> None:
        assert all(tick == int(tick) for highest in range(200) for tick in nice_ticks(highest))


class TestShapes:
    def test_bars_are_as_high_as_their_values(self) -> None:
        chart = drawn(Kind.BARS, [0, 5, 10], [10, 0, 5])
        # The highest tick is 10, so ten fills the height; a nought has no bar.
        assert heights(chart, 0) == [HEIGHT / 2, HEIGHT]
        assert heights(chart, 1) == [HEIGHT, HEIGHT / 2]
        assert max(places(chart)) <= WIDTH

    def test_stacked_bars_stand_upon_each_other(self) -> None:
        chart = drawn(Kind.STACKED, [4], [6])
        below, above = (shape.path for shape in chart.shapes)
        foot_of_second = re.search(r"M[\d.]+ ([\d.]+)V", above)
        head_of_first = re.search(r"V([\d.]+)H", below)
        assert foot_of_second
        assert head_of_first
        assert foot_of_second[1] == head_of_first[1]
        assert chart.ticks[0] == "10"

    def test_a_line_has_a_gap_where_there_is_no_value(self) -> None:
        chart = drawn(Kind.LINES, [1, 2, None, 3])
        line, dots = chart.shapes
        assert (line.path.count("M"), line.path.count("L")) == (2, 1)
        assert dots.path.count("h0") == 3

    def test_a_line_of_one_point_is_seen(self) -> None:
        chart = drawn(Kind.LINES, [5])
        assert chart.shapes[1].path == f"M{WIDTH // 2} 26.7h0"

    @pytest.mark.parametrize("kind", list(Kind))
    def test_nothing_at_all_is_an_empty_drawing(self, kind: Kind) -> None:
        assert drawn(kind, []).shapes == []
        assert drawn(kind, [0, 0]).ticks == ["1", "0"]
        assert drawn(kind, [None, None]).rows[0].cells == ["–"]  # noqa: RUF001 - a dash

    @pytest.mark.parametrize("kind", list(Kind))
    def test_huge_values_stay_within_the_drawing(self, kind: Kind) -> None:
        chart = drawn(kind, [1, 10**18, 3], [10**18, 2, 1])
        assert all(0 <= place <= max(WIDTH, HEIGHT) for place in places(chart))

    @pytest.mark.parametrize(
        "values", [[[1, 2], [1]], [[-1, 2]], [[float("nan"), 1]], [[float("inf"), 1]], [[1], [1], [1]]]
    )
    def test_what_cannot_be_drawn_is_refused(self, values: list[list[float]]) -> None:
        with pytest.raises(ValueError, match=r"series|values|drawn"):
            drawn(Kind.BARS, *values)


class TestTemplate:
    def html(self, chart: Chart) -> ET.Element:
        # As XML: the drawing is well-formed as well as HTML.
        return ET.fromstring(f"<div>{render_to_string('components/chart.html', {'chart': chart})}</div>")

    def test_the_table_says_what_is_drawn(self) -> None:
        chart = drawn(Kind.BARS, [3, 0], [1, 12], labels=["2 & 3 March", "<9> March"])
        page = self.html(chart)
        rows = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
        assert rows == [["Week", "series 0", "series 1"], ["2 & 3 March", "3", "1"], ["<9> March", "0", "12"]]

    @pytest.mark.parametrize("kind", list(Kind))
    def test_the_drawing_is_named_and_has_no_style_of_its_own(self, kind: Kind) -> None:
        page = self.html(drawn(kind, [3, 4], [1, 2]))
        plot = page.find(".//svg[@role='img']")
        assert plot is not None
        assert plot.get("aria-label") == "Cases. There are some."
        assert all("style" not in element.attrib and not element.tag.startswith("script") for element in page.iter())
        assert not [name for element in page.iter() for name in element.attrib if name.startswith("on")]
        assert len(list(plot.iter("rect"))) == 2

    def test_numbers_of_the_drawing_know_no_language(self) -> None:

        with translation.override("de"):
            page = self.html(drawn(Kind.BARS, [1] * 7))
        rect = page.findall(".//rect")[1]
        assert rect.get("x") == "85.7"
