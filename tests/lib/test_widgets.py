"""Elements drawn without templates say what Django's own say."""

from typing import Any

import pytest
from django import forms
from django.utils.html import escape

from lib.widgets import PlainSelect, PlainTextarea, plain_options

CHOICES = [("", "Nobody"), (7, "Ann <b>"), ("a&b", "O'Hara")]


def options(html: str) -> str:
    return "".join(line.strip() for line in html.splitlines()).replace(" selected", "|selected")


@pytest.mark.parametrize("value", [None, "", 7, "7", "a&b", "unknown"])
def test_same_html_as_djangos(value: Any) -> None:
    attrs = {"id": "id_owner", "class": "form-select", "required": True, "disabled": False}
    ours = PlainSelect(attrs, CHOICES).render("owner", value)
    theirs = forms.Select(attrs, CHOICES).render("owner", value)
    assert sorted(options(ours).split()) == sorted(options(theirs).split())


def test_datalists_options_are_escaped() -> None:
    assert plain_options(['A "B"', "<c>"]) == (
        '<option value="A &quot;B&quot;"></option><option value="&lt;c&gt;"></option>'
    )


@pytest.mark.parametrize("value", [None, "", "two\nlines", "</textarea><script>"])
def test_same_textarea_as_djangos(value: Any) -> None:
    attrs = {"id": "id_reason", "rows": 2, "required": True}
    ours = PlainTextarea(attrs).render("reason", value)
    assert sorted(ours.split()) == sorted(forms.Textarea(attrs).render("reason", value).split())


def test_labels_are_escaped() -> None:
    html = PlainSelect(choices=[("x", "<script>")]).render("owner", None)
    assert escape("<script>") in html
    assert "<script>" not in html


def test_groups_are_left_to_django() -> None:
    html = PlainSelect(choices=[("Team", [("1", "Ann")])]).render("owner", "1")
    assert '<optgroup label="Team">' in html
