"""What Lighthouse's reports are read as; Lighthouse itself is a developer's tool and does not run here."""

from typing import Any

import pytest

from quality.lighthouse import DESKTOP, MOBILE, Judged, line, report
from quality.main_pages import MainPage

PAGE = MainPage("home", "/")


def judged(form: str, *performances: float, **others: float) -> Judged:
    reports: list[Any] = [
        {
            "categories": {
                "performance": {"score": performance, "auditRefs": [{"id": "speed-index", "weight": 10}]},
                **{
                    name: {"score": score, "auditRefs": [{"id": "label", "weight": 7}]}
                    for name, score in others.items()
                },
            },
            "audits": {
                "speed-index": {
                    "title": "Speed Index",
                    "score": performance,
                    "displayValue": "2.2 s",
                    "numericValue": 2200,
                },
                "label": {
                    "title": "Form elements have labels",
                    "score": 0,
                    "details": {"items": [{"node": {"snippet": "<input>"}}]},
                },
            },
        }
        for performance in performances
    ]
    return Judged(PAGE, form, reports)


def test_the_median_of_several_runs_counts() -> None:
    assert judged(DESKTOP, 0.5, 0.99, 0.98).missed() == []
    assert judged(DESKTOP, 0.5, 0.97, 0.99).missed() == ["performance"]


def test_a_phone_may_be_a_little_slower() -> None:
    assert judged(MOBILE, 0.95).missed() == []
    assert judged(DESKTOP, 0.95).missed() == ["performance"]


def test_what_does_not_depend_on_the_machine_must_be_perfect() -> None:
    assert judged(MOBILE, 1.0, accessibility=0.99).missed() == ["accessibility"]


def test_a_category_that_nobody_asked_for_is_not_missed() -> None:
    assert judged(MOBILE, 1.0).score("seo") is None
    assert "SEO   -" in line(judged(MOBILE, 1.0))


def test_a_miss_fails_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([judged(DESKTOP, 1.0)]) == 0
    assert report([judged(DESKTOP, 0.9, accessibility=0.9)]) == 1
    said = capsys.readouterr().out
    assert "0 of 1 reach their marks." in said
    assert "Speed Index (speed-index) 2.2 s" in said
    assert "<input>" in said
