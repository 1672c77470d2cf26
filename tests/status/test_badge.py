"""The badge and the widget that other sites show."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from status.overall import Indicator
from status.snapshot import badge
from status.snapshot.paths import is_open, is_widget, stale
from status.state import State
from tests.status import states
from tests.status.states import NOW, STATE, kept, rendered, with_incidents, with_statuses

SVG = "{http://www.w3.org/2000/svg}"
QUIET = with_statuses("operational", "operational")


def drawing(state: State, path: str = "status/badge.svg") -> ElementTree.Element:
    return ElementTree.fromstring(rendered(badge.documents, state)[path])


def fills(svg: ElementTree.Element) -> list[str | None]:
    return [path.get("fill") for path in svg.iter(f"{SVG}path")]


def test_each_file_and_its_stale_variant() -> None:
    written = rendered(badge.documents, STATE, languages=("en", "de"))
    names = {"badge.svg", "badge.stale.svg", "widget/index.html", "widget/index.stale.html", "widget.js"}
    assert set(written) == {f"status/{prefix}{name}" for prefix in ("", "de/") for name in names}
    assert stale("status/badge.svg") in written
    assert stale("status/widget/index.html") in written


@pytest.mark.parametrize(
    ("statuses", "words", "indicator"),
    [
        (("operational",), "All Systems Operational", Indicator.NONE),
        (("operational", "under_maintenance"), "Service Under Maintenance", Indicator.MAINTENANCE),
        (("operational", "partial_outage"), "Minor Service Outage", Indicator.MINOR),
        (("operational", "major_outage"), "Partial System Outage", Indicator.MAJOR),
        (("major_outage",), "Major System Outage", Indicator.CRITICAL),
    ],
    ids=list(Indicator),
)
def test_the_badge_says_the_overall_state_in_colour_and_words(
    statuses: tuple[str, ...], words: str, indicator: Indicator
) -> None:
    svg = drawing(with_statuses(*statuses))
    assert svg.findtext(f"{SVG}title") == f"status: {words}"
    assert [text.text for text in svg.iter(f"{SVG}text")] == ["status", words]
    assert badge.COLOURS[indicator] in fills(svg)


def test_each_state_has_a_colour_of_its_own() -> None:
    assert set(badge.COLOURS) == {*Indicator, badge.UNKNOWN}
    assert len(set(badge.COLOURS.values())) == len(badge.COLOURS)


@pytest.mark.parametrize("colour", sorted(badge.COLOURS.values()))
def test_white_words_can_be_read_on_every_colour(colour: str) -> None:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_stale_badge_claims_nothing() -> None:
    svg = drawing(QUIET, "status/badge.stale.svg")
    assert svg.findtext(f"{SVG}title") == "status: State unknown"
    assert badge.COLOURS[badge.UNKNOWN] in fills(svg)
    assert badge.COLOURS[Indicator.NONE] not in fills(svg)


def test_the_badge_is_an_image_with_a_name_and_needs_nothing_from_elsewhere() -> None:
    svg = drawing(QUIET)
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "t"
    text = rendered(badge.documents, QUIET)["status/badge.svg"].decode()
    assert "href" not in text
    assert "<style" not in text
    assert " style=" not in text


def test_the_badge_is_as_wide_as_its_words() -> None:
    short, long = drawing(with_statuses("major_outage")), drawing(with_statuses("operational"))
    assert int(short.get("width", "0")) < int(long.get("width", "0"))
    assert badge.width("状态") > badge.width("ab")


def test_the_widget_says_what_goes_on_and_leads_to_it() -> None:
    page = rendered(badge.documents, STATE)["status/widget/index.html"].decode()
    assert "Partial System Outage" in page
    assert "API requests fail" in page
    assert "New certificates" in page
    assert "Database upgrade" not in page
    assert "/status/incidents/outageoutag1/" in page


def test_the_widget_needs_no_script_and_no_inline_style() -> None:
    page = rendered(badge.documents, STATE)["status/widget/index.html"].decode()
    assert "<script" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert page.count('rel="stylesheet"') == 1


def test_the_widget_writes_names_as_text() -> None:
    odd = replace(states.GOING_ON, name="<script>alert(1)</script>")
    page = rendered(badge.documents, with_incidents(odd))["status/widget/index.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_stale_widget_claims_nothing() -> None:
    page = rendered(badge.documents, STATE)["status/widget/index.stale.html"].decode()
    assert "State unknown" in page
    assert "API requests fail" not in page
    assert "Outage" not in page


def test_other_sites_may_frame_the_widget_and_load_the_rest() -> None:
    assert is_widget("status/widget/index.html")
    assert all(is_open(path) for path in rendered(badge.documents, STATE))


def test_only_what_changed_is_written_again() -> None:
    everything = set(rendered(badge.documents, STATE))
    later = replace(STATE, version=9, changed_at=NOW)
    assert kept(badge.documents, STATE, later) == everything
    changed = {"status/badge.svg", "status/widget/index.html"}
    assert kept(badge.documents, STATE, QUIET) == everything - changed
