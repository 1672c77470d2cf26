"""The status site's states on a page: colour, shape and word, and times that need no clock."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone

from portal.templatetags.status_look import INDICATOR_LOOK
from status.constants import ComponentStatus, Impact, Stage
from status.overall import Indicator

MORNING = datetime(2026, 3, 28, 8, 5, 9, tzinfo=UTC)
TOKENS = re.compile(r"--p-(\w+(?:-soft|-major|-partial|-degraded|-maintenance|-clean)?): (#\w{6});")


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def drawing(html: str) -> str:
    return html[html.index("<svg") : html.index("</svg>")].partition(">")[2]


@pytest.mark.parametrize("status", ComponentStatus)
def test_a_component_status_has_a_word(status: ComponentStatus) -> None:
    assert f"{status.label}</span>" in render("{% component_status status %}", status=status.value)


def test_each_component_status_has_an_outline_and_a_colour_of_its_own() -> None:
    shown = [render("{% component_status status %}", status=status.value) for status in ComponentStatus]
    assert len({drawing(html) for html in shown}) == len(ComponentStatus)
    assert len({html.partition(">")[0] for html in shown}) == len(ComponentStatus)


def test_each_overall_state_has_an_outline_of_its_own() -> None:
    assert set(INDICATOR_LOOK) == {*Indicator, "unknown"}
    shapes = {drawing(render("{% indicator_icon value %}", value=str(value))) for value in INDICATOR_LOOK}
    assert len(shapes) == len(INDICATOR_LOOK)


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_has_a_word(stage: Stage) -> None:
    assert f"{stage.label}</span>" in render("{% incident_stage stage %}", stage=stage.value)


@pytest.mark.parametrize("impact", Impact)
def test_an_impact_has_a_word(impact: Impact) -> None:
    assert re.search(r"</svg>\w[\w ]+</span>", render("{% incident_impact impact %}", impact=impact.value))


def test_the_dot_says_in_words_what_it_shows() -> None:
    dot = render('{% status_dot "critical" %}')
    assert 'title="Major outage"' in dot
    assert 'aria-label="Major outage"' in dot


def test_a_moment_names_its_zone_and_carries_utc() -> None:
    with timezone.override(ZoneInfo("Europe/Vienna")):
        assert render("{% moment at %}", at=MORNING) == (
            '<time datetime="2026-03-28T08:05:09Z" data-local="full">28 Mar 2026, 09:05 CET</time>'
        )


@pytest.mark.parametrize(
    ("hour", "end"),
    [(10, "11:30 CET"), (23, "29 Mar 2026, 00:30 CET")],
    ids=["one day", "over midnight"],
)
def test_a_window_names_its_day_once_unless_it_ends_on_another(hour: int, end: str) -> None:
    start = datetime(2026, 3, 28, 8, 30, tzinfo=UTC)
    until = datetime(2026, 3, 28, hour, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Vienna")):
        text = re.sub(r"<[^>]+>", "", render("{% moments start until %}", start=start, until=until))
    assert text == f"28 Mar 2026, 09:30 CET \N{EN DASH} {end}"


def tokens() -> dict[str, dict[str, str]]:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    light, dark = css.split('[data-bs-theme="dark"] {')[:2]
    return {"light": dict(TOKENS.findall(light)), "dark": dict(TOKENS.findall(dark))}


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["green", "blue", "amber", "orange", "red"])
def test_words_of_states_can_be_read(theme: str, colour: str) -> None:
    known = tokens()[theme]
    for surface in (f"{colour}-soft", "surface", "sunken", "bg"):
        assert contrast(known[colour], known[surface]) >= 4.5, surface


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["clean", "maintenance", "degraded", "partial", "major"])
def test_bars_stand_out(theme: str, kind: str) -> None:
    """WCAG 2.2, 1.4.11."""
    known = tokens()[theme]
    assert contrast(known[f"bar-{kind}"], known["surface"]) >= 3
