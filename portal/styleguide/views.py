"""The style guide, and each error page as it looks."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from accounts.http import PersonalRequest
from portal import policies
from portal.styleguide import forms, specimens, tokens

ERROR_PAGES = {
    "400": _l("A damaged request"),
    "403": _l("Not allowed"),
    "403_csrf": _l("A form that was open for too long"),
    "404": _l("No such page"),
    "413": _l("Too many bytes"),
    "429": _l("Too many requests"),
    "500": _l("Our fault"),
    "503": _l("The database is away"),
}
# Rendered without the request when they are needed, so here as well.
STANDING_ALONE = frozenset({"500", "503"})


@login_required
@require_safe
def styleguide(request: PersonalRequest) -> HttpResponse:
    """Draw every token, component and icon; staff only."""
    policies.see_styleguide(request.user).require()
    context: Mapping[str, Any] = {
        "themes": [(theme, tokens.swatches(theme)) for theme in tokens.THEMES],
        "scales": {kind: tokens.scale(kind) for kind in ("text", "space", "radius", "shadow")},
        "specimens": _grouped(request),
        "icons": specimens.icon_names(),
        "words": specimens.words(),
        "forms": [
            (_("As it is met"), forms.sample()),
            (_("Filled"), forms.filled()),
            (_("With errors"), forms.wrong()),
            (_("Disabled"), forms.disabled()),
        ],
        "error_pages": ERROR_PAGES.items(),
    }
    return render(request, "portal/styleguide/index.html", context)


def _grouped(request: HttpRequest) -> Mapping[str, list[Mapping[str, Any]]]:
    """Return what each component looks like in its states, by the component's name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in specimens.specimens():
        shown = {"state": one.state, "in_list": one.in_list, "html": one.draw(request)}
        found.setdefault(one.template, []).append(shown)
    return found


@login_required
@require_safe
def error_page(request: PersonalRequest, code: str) -> HttpResponse:
    """Show an error page without the error; staff only. 404 for a page that there is not."""
    policies.see_styleguide(request.user).require()
    if code not in ERROR_PAGES:
        raise Http404
    return HttpResponse(
        render_to_string(
            f"{code}.html", {"reason": _("The sentence that says why stands here.")}, _asker(request, code)
        )
    )


def _asker(request: HttpRequest, code: str) -> HttpRequest | None:
    return None if code in STANDING_ALONE else request
