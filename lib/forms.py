"""What the forms of every room share: how a field is described to browsers and readers, and what is wrong with a form.

``FORM_RENDERER`` names ``Renderer``, so that every bound field of the site is a ``DescribedField``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict

# What a phone's keyboard and a browser's memory need to know. A widget's own attributes win.
_EXACT = {"autocapitalize": "none", "spellcheck": "false"}
_HINTS: dict[str, dict[str, str]] = {
    "email": {"autocomplete": "email", "inputmode": "email", **_EXACT},
    "url": {"autocomplete": "off", "inputmode": "url", **_EXACT},
    "tel": {"autocomplete": "tel", "inputmode": "tel"},
    "password": {"autocomplete": "current-password", **_EXACT},
}
_ONE_TIME_CODE = {"inputmode": "numeric", **_EXACT}


class DescribedField(BoundField):
    """A field whose control tells the browser what is typed into it; Django itself ties help and errors to it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the hints of the control's kind."""
        widget = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        kind = widget.attrs.get("type") or getattr(widget, "input_type", "")
        hints = _HINTS.get(str(kind), {})
        if widget.attrs.get("autocomplete") == "one-time-code":
            hints = _ONE_TIME_CODE
        for name, value in hints.items():
            if name not in widget.attrs:
                built.setdefault(name, value)
        if isinstance(widget, forms.Textarea):
            # A browser would cut what is pasted without a word: the counter beside it and the answer say so instead.
            built["maxlength"] = False
        return built

    @property
    def is_optional(self) -> bool:
        """Say whether its label says that it may stay empty.

        A choice always has an answer; and a form may ask for one of several (its ``one_of``), which the label of none
        of them can say.
        """
        return (
            not self.field.required
            and self.name not in getattr(self.form, "one_of", ())
            and not isinstance(self.field.widget, forms.CheckboxInput | forms.widgets.ChoiceWidget)
        )

    @property
    def limit(self) -> int | None:
        """Return how many characters a long text may have; nothing for what has no limit worth counting to."""
        if not isinstance(self.field.widget, forms.Textarea):
            return None
        limit: int | None = getattr(self.field, "max_length", None)
        return limit

    @property
    def anchor(self) -> str:
        """Return the id of the control that a link to this field leads to."""
        widget = self.field.widget
        # A form whose template draws a control in its own way says by ``anchors`` where it is.
        own: str | None = getattr(self.form, "anchors", {}).get(self.name) or getattr(widget, "anchor", None)
        if own:
            return own
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id


class Renderer(DjangoTemplates):
    """Django's renderer of forms, whose fields are ours."""

    bound_field_class = DescribedField


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: of a field, with the id of its control; or of the whole form, with neither."""

    text: str
    label: str = ""
    anchor: str = ""


def problems(form: forms.BaseForm) -> list[Problem]:
    """Return what is wrong with a form that was sent; nothing for one that is only shown."""
    return list(_problems(form)) if form.is_bound and form.errors else []


def _problems(form: forms.BaseForm) -> Iterator[Problem]:
    for text in form.non_field_errors():
        yield Problem(str(text))
    for field in form:
        for text in field.errors:
            # What has no label is no field to its reader: a button, a version.
            if field.is_hidden or field.field.label is None:
                yield Problem(str(text))
            else:
                yield Problem(str(text), str(field.label), getattr(field, "anchor", field.auto_id))


def put(form: forms.Form, name: str, value: str) -> None:
    """Change a hidden value of a sent form that goes back to its sender."""
    data = cast("QueryDict", form.data).copy()
    data[name] = value
    form.data = data
