"""The text of an update as its readers will see it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from accounts.http import PersonalRequest
from lib import markdown
from status.console.access import operators_only
from status.constants import BODY_MAX_LENGTH


@operators_only
@require_POST
def text(request: PersonalRequest) -> HttpResponse:
    """Render Markdown."""
    html = markdown.render(request.POST.get("text", "").replace("\0", "")[:BODY_MAX_LENGTH])
    return render(request, "status/console/_text.html", {"html": mark_safe(html)})  # noqa: S308 - sanitised by render
