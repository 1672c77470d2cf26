"""Tags for forms that every template may use without loading them. docs/look.md shows each with an example."""

from collections.abc import Iterable

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lib.forms import problems

register = template.Library()

Sent = forms.BaseForm | Iterable[forms.BaseForm]


@register.simple_tag
def error_summary(*sent: Sent, failed: str = "") -> SafeString:
    """Draw what is wrong with these forms, with a way to each field; nothing while all is well.

    ``failed`` is a sentence that says what has not happened.
    """
    forms_sent = [form for one in sent for form in ([one] if isinstance(one, forms.BaseForm) else one or ())]
    found = [problem for form in forms_sent for problem in problems(form)]
    if not found:
        return SafeString()
    return SafeString(render_to_string("components/error_summary.html", {"problems": found, "failed": failed}))


@register.simple_tag
def field_errors(field: BoundField | None) -> SafeString:
    """Draw a field's errors beside it, with the id by which Django's controls refer to them."""
    if not field or not field.form.is_bound or not field.errors:
        return SafeString()
    return format_html(
        '<div class="invalid-feedback d-block" id="{}_error">{}</div>',
        field.auto_id,
        format_html_join("", "<p>{}</p>", ((error,) for error in field.errors)),
    )


@register.simple_tag
def field_state(field: BoundField | None) -> SafeString:
    """Return the attributes that tie a control drawn by hand to its help and its errors."""
    if not field:
        return SafeString()
    wrong = field.form.is_bound and bool(field.errors)
    described = [f"{field.auto_id}_helptext"] if field.help_text else []
    if wrong:
        described.append(f"{field.auto_id}_error")
    parts = [format_html(' aria-describedby="{}"', " ".join(described))] if described else []
    return SafeString("".join([*parts, ' aria-invalid="true"' if wrong else ""]))
