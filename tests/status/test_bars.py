"""The drawing of the last 90 days."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from status.snapshot import bars
from status.state import ComponentState, DayState
from tests.status.states import component

TODAY = date(2026, 11, 29)
LIMIT = 1200  # bytes


def with_days(*days: DayState, start_date: date = date(2020, 1, 1)) -> ComponentState:
    return component("component001", "API", days=days, start_date=start_date)


def bad(back: int, **seconds: int) -> DayState:
    nothing = {"major": 0, "partial": 0, "degraded": 0, "maintenance": 0}
    return DayState(TODAY - timedelta(days=back), **{**nothing, **seconds})


def paths(drawing: str) -> dict[str, str]:
    svg = ElementTree.fromstring(drawing)
    return {path.attrib["class"]: path.attrib["d"] for path in svg.iter("path")}


def test_a_clean_component_is_one_line() -> None:
    assert paths(bars.draw(with_days(), TODAY)) == {"bc": "M0 25.5H360"}


def test_today_is_the_last_bar_and_the_first_is_89_days_ago() -> None:
    drawn = paths(bars.draw(with_days(bad(0, major=60), bad(89, degraded=60)), TODAY))
    assert drawn["bm"] == "M357.5 32V0"
    assert drawn["bd"] == "M1.5 32V11"


def test_days_outside_of_the_window_are_not_drawn() -> None:
    assert set(paths(bars.draw(with_days(bad(90, major=60), bad(-1, major=60)), TODAY))) == {"bc"}


def test_a_day_is_as_high_as_the_worst_of_it() -> None:
    assert set(paths(bars.draw(with_days(bad(3, major=1, maintenance=80_000)), TODAY))) == {"bc", "bm"}


def test_each_kind_has_a_form_of_its_own() -> None:
    """The drawing tells them apart on black and white paper."""
    forms = {
        kind: paths(bars.draw(with_days(bad(0, **{kind: 60})), TODAY)).get(css_class)
        for kind, (_label, css_class, _form) in bars.KINDS.items()
    }
    clean = f"M357.5 {bars.HEIGHT}V{bars.HEIGHT - bars.CLEAN}"
    assert None not in forms.values()
    assert len({*forms.values(), clean}) == 5


def test_days_before_a_component_began_are_dots() -> None:
    drawn = paths(bars.draw(with_days(start_date=TODAY - timedelta(days=9)), TODAY))
    assert drawn == {"bn": "M0 31H320", "bc": "M320 25.5H360"}


def test_a_component_that_begins_later_is_drawn_all_the_same() -> None:
    assert "bn" in paths(bars.draw(with_days(start_date=TODAY + timedelta(days=9)), TODAY))


@pytest.mark.parametrize("kind", bars.KINDS)
def test_the_drawing_stays_small_however_bad_it_was(kind: str) -> None:
    worst = with_days(*(bad(back, **{kind: 60}) for back in range(0, 90, 3)))
    assert len(bars.draw(worst, TODAY).encode()) <= LIMIT


def test_the_drawing_says_what_it_shows() -> None:
    def said(*days: DayState, start_date: date = date(2020, 1, 1)) -> str:
        drawing = bars.draw(with_days(*days, start_date=start_date), TODAY)
        return str(re.findall(r'role="img" aria-label="([^"]*)"', drawing)[0])

    assert said() == "Last 90 days: no trouble"
    assert said(bad(1, major=5), bad(2, major=5), bad(3, partial=5)) == (
        "Last 90 days, days with: Major outage 2, Partial outage 1"
    )
    assert said(start_date=TODAY) == "Last 1 day: no trouble"


def test_a_large_drawing_tells_each_bad_day() -> None:
    drawing = bars.draw(with_days(bad(1, major=3600, maintenance=120)), TODAY, titles=True)
    assert "<title>2026-11-28: Major outage 1 h, Under maintenance 2 min</title>" in drawing


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 min"), (90, "2 min"), (3600, "1 h"), (3660, "1 h 1 min"), (86400, "24 h")],
)
def test_durations_are_hours_and_minutes(seconds: int, said: str) -> None:
    assert bars.duration(seconds) == said
