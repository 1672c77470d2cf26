"""Form elements that are quick to draw: the desk's page of a case has two lists of all colleagues."""

import html
from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class PlainSelect(forms.Select):
    """A select of options without groups, put together here: Django renders two templates for each option."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the element's HTML; options in groups are left to Django's templates."""
        choices: list[tuple[str, Any]] = [("" if key is None else str(key), label) for key, label in self.choices]
        if any(isinstance(label, (list, tuple)) for _key, label in choices):
            return super().render(name, value, attrs, renderer)
        chosen = self.format_value(value)[:1]
        options = "\n".join(
            f'<option value="{_escaped(key)}"{" selected" if key in chosen else ""}>{_escaped(label)}</option>'
            for key, label in choices
        )
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            mark_safe(options),  # noqa: S308 - each part is escaped above
        )


class PlainTextarea(forms.Textarea):
    """A textarea, put together here."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 - Django's signature
    ) -> SafeString:
        """Return the element's HTML."""
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<textarea name="{}"{}>\n{}</textarea>', name, attributes, self.format_value(value) or "")


def plain_options(values: Iterable[str]) -> SafeString:
    """Return the options of a datalist."""
    return mark_safe("".join(f'<option value="{_escaped(value)}"></option>' for value in values))  # noqa: S308 - escaped


def _escaped(text: object) -> str:
    # Most are numbers and names. The escaping itself is Python's own, as Django's is under its lazy wrappers.
    plain = str(text)
    return plain if isinstance(text, SafeString) or plain.isalnum() else html.escape(plain)
