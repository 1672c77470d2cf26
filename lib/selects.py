"""A select that is quick to draw: a page with two lists of sixty colleagues shows a hundred and twenty options."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe


class PlainSelect(forms.Select):
    """A select of options without groups, put together here: Django renders two templates for each option."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the element's HTML; options in groups are left to Django's templates."""
        choices = [("" if key is None else str(key), label) for key, label in self.choices]
        if any(isinstance(label, (list, tuple)) for _key, label in choices):
            return super().render(name, value, dict(attrs or {}), renderer)
        chosen = self.format_value(value)[:1]
        options = "\n".join(
            f'<option value="{escape(key)}"{" selected" if key in chosen else ""}>{conditional_escape(label)}</option>'
            for key, label in choices
        )
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            mark_safe(options),  # noqa: S308 - each part is escaped above
        )
