from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone

from accounts.constants import Severity
from cases.constants import Priority, Status
from portal.icons import ICONS
from portal.templatetags.portal import initials

NOON = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)  # a Wednesday


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    return NOON


def test_every_icon_is_a_drawing_without_style_or_script() -> None:
    for name in ICONS:
        drawn = render("{% icon name %}", name=name)
        assert drawn.startswith("<svg")
        assert "style=" not in drawn
        assert 'aria-hidden="true"' in drawn


def test_an_icon_with_a_label_speaks_to_screen_readers() -> None:
    drawn = render('{% icon "lock" label=words %}', words='Private "case"')
    assert 'role="img" aria-label="Private &quot;case&quot;"' in drawn
    assert "aria-hidden" not in drawn


def test_a_misspelt_icon_is_an_error() -> None:
    with pytest.raises(TemplateSyntaxError, match="no icon 'lokc'"):
        render('{% icon "lokc" %}')


@pytest.mark.parametrize(
    ("tag", "choices"), [("case_status", Status), ("case_severity", Severity), ("case_priority", Priority)]
)
def test_a_code_is_shown_by_colour_shape_and_word(tag: str, choices: type[Status]) -> None:
    shapes = set()
    for choice in choices:
        drawn = render(f"{{% {tag} value %}}", value=choice.value)
        assert str(choice.label) in drawn
        assert 'class="tag tag-' in drawn
        shapes.add(drawn[drawn.index("<svg") : drawn.index("</svg>")])
    assert len(shapes) == len(choices)


def test_severity_in_a_dense_table_keeps_its_words_in_the_title() -> None:
    drawn = render('{% case_severity "s1" "short" %}')
    assert 'title="S1 · Critical"' in drawn
    assert drawn.endswith("S1</span>")


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=5, minutes=59), "5 h ago"),
        (timedelta(days=2), "Mon 12:00"),
        (timedelta(days=30), "16 Feb"),
        (timedelta(days=400), "11 Feb 2025"),
        (-timedelta(minutes=25), "in 25 min"),
        (-timedelta(hours=3), "in 3 h"),
        (-timedelta(days=3), "21 Mar"),
    ],
)
def test_a_moment_is_told_as_people_would(noon: datetime, distance: timedelta, words: str) -> None:
    assert f">{words}</time>" in render("{% when moment %}", moment=noon - distance)


def test_a_moment_is_in_the_readers_zone_and_whole_on_hover(noon: datetime) -> None:
    with timezone.override("America/New_York"):
        drawn = render("{% when moment %}", moment=noon)
    assert 'datetime="2026-03-18T08:00:00-04:00"' in drawn
    assert 'title="18 March 2026, 08:00 EDT"' in drawn


def test_a_steady_moment_says_the_day_and_never_how_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = set()
    for later in (timedelta(seconds=1), timedelta(days=500)):
        monkeypatch.setattr(timezone, "now", lambda later=later: NOON + later)
        drawn.add(render('{% when moment "steady" %}', moment=NOON))
    assert drawn == {
        '<time datetime="2026-03-18T12:00:00+00:00" title="18 March 2026, 12:00 UTC" data-relative>18 Mar 2026</time>'
    }


def test_a_steady_moment_is_in_the_readers_zone() -> None:
    with timezone.override("Pacific/Auckland"):
        assert ">19 Mar 2026</time>" in render('{% when moment "steady" %}', moment=NOON)


def test_no_moment_at_all_is_a_dash() -> None:
    assert render("{% when moment %}", moment=None) == "—"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Dana Reyes", "DR"), ("Plato", "P"), ("Anna-Lena von Berg", "AB"), ("", "·"), ("…", "·"), ("Ωμέγα Ψ", "ΩΨ")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_an_avatar_escapes_and_always_has_the_same_colour() -> None:
    person = SimpleNamespace(pk=11, __str__=lambda _self: "x")
    assert render("{% avatar person %}", person=person) == render("{% avatar person %}", person=person)
    assert "avatar-3" in render("{% avatar person %}", person=person)


def test_nobody_has_an_avatar_too() -> None:
    assert "·" in render('{% avatar person "sm" %}', person=None)


def test_a_changed_filter_keeps_the_others_and_starts_from_the_first_page() -> None:
    request = SimpleNamespace(GET=QueryDict("q=a+b&state=open&after=xyz"))
    context = Context({"request": request})
    assert Template("{% replace_query state='all' %}").render(context) == "?q=a+b&amp;state=all"
    assert Template("{% replace_query state='' %}").render(context) == "?q=a+b"
    assert Template("{% replace_query_named name 'x' %}").render(context.new({"request": request, "name": "sort"})) == (
        "?q=a+b&amp;state=open&amp;sort=x"
    )
