"""Names the templates that made a page, so that a test knows what it has looked at."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import Context
from django.template.base import Template

HEADER = "X-Templates"

_rendered: ContextVar[list[str] | None] = ContextVar("rendered", default=None)
_render = Template.render


def _noting(template: Template, context: Context, *arguments: Any, **named: Any) -> Any:
    names = _rendered.get()
    if names is not None and template.name and template.name not in names:
        names.append(template.name)
    return _render(template, context, *arguments, **named)


class TemplateNamesMiddleware:
    """Answers with a header that lists the templates in the order in which they were begun."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        Template.render = _noting  # type: ignore[method-assign, assignment]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note what is rendered while the request runs."""
        names: list[str] = []
        token = _rendered.set(names)
        try:
            response = self.get_response(request)
        finally:
            _rendered.reset(token)
        response[HEADER] = ", ".join(names)
        return response
