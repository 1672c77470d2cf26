"""The administration's pages of mails: every kind, looked at before anybody gets one."""

from typing import Any

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_POST

from accounts.admin_site import Page
from accounts.http import PersonalRequest
from notifications import policies, previewing
from notifications.http import mail_body_response
from notifications.previewing import Preview

THEMES = [("light", _l("Light")), ("dark", _l("Dark"))]
WIDTHS = [("desktop", _l("Desktop")), ("phone", _l("Phone"))]
PAGE = Page("notifications", "mails", _l("Mails: how they look"), policies.see_ledger)


class LookForm(forms.Form):
    """How a mail is looked at; what is missing or unknown is the first of its choices."""

    language = forms.ChoiceField(label=_l("Language"), required=False)
    theme = forms.ChoiceField(label=_l("Theme"), choices=THEMES, required=False)
    width = forms.ChoiceField(label=_l("Width"), choices=WIDTHS, required=False)

    def __init__(self, given: Any) -> None:
        languages = [(code, _(name)) for code, name in settings.LANGUAGES]
        usual = {"language": get_language() or settings.LANGUAGE_CODE, "theme": "light", "width": "desktop"}
        known: dict[str, dict[str, Any]] = {"language": dict(languages), "theme": dict(THEMES), "width": dict(WIDTHS)}
        chosen = {name: given.get(name) if given.get(name) in known[name] else usual[name] for name in usual}
        super().__init__(data=chosen)
        self.fields["language"].choices = languages  # type: ignore[attr-defined]
        self.chosen: dict[str, str] = chosen


@require_GET
def mails(request: PersonalRequest) -> HttpResponse:
    """List every mail."""
    policies.see_ledger(request.user).require()
    areas: dict[str, list[Preview]] = {}
    for one in previewing.listed():
        areas.setdefault(one.area, []).append(one)
    return _page(request, "admin/mails/list.html", title=_("Mails: how they look"), areas=areas)


@require_GET
def mail(request: PersonalRequest, kind: str, code: str) -> HttpResponse:
    """Show one mail: as HTML in its frame, as text, and its headers."""
    preview, form = _asked(request, kind, code)
    rendered = preview.rendered(form.chosen["language"])
    return _page(
        request,
        "admin/mails/mail.html",
        title=preview.label,
        preview=preview,
        form=form,
        chosen=form.chosen,
        rendered=rendered,
        headers=preview.headers(rendered),
        size=preview.size(rendered),
    )


@require_GET
def mail_body(request: PersonalRequest, kind: str, code: str) -> HttpResponse:
    """Answer a mail's HTML, in a sandbox of its own."""
    preview, form = _asked(request, kind, code)
    html = preview.rendered(form.chosen["language"]).html
    return mail_body_response(previewing.themed(html, form.chosen["theme"]))


@require_POST
def mail_send(request: PersonalRequest, kind: str, code: str) -> HttpResponse:
    """Mail it to the person who looks at it."""
    preview, form = _asked(request, kind, code)
    previewing.send(preview, to=request.user, language=form.chosen["language"])
    messages.success(request, _("It is on its way to %(address)s.") % {"address": request.user.email})
    return redirect("admin:mail", kind=kind, code=code, permanent=False)


def _asked(request: PersonalRequest, kind: str, code: str) -> tuple[Preview, LookForm]:
    policies.see_ledger(request.user).require()
    preview = previewing.find(kind, code)
    if preview is None:
        raise Http404
    return preview, LookForm(request.POST or request.GET)


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context})


_framing: Any = csp_update({"frame-src": ["'self'"]})


def urls() -> list[URLPattern]:
    """Return the pages' addresses below that of the administration."""
    guarded = admin.site.admin_view
    return [
        path("mails/", guarded(mails), name="mails"),
        path("mails/<str:kind>/<slug:code>/", guarded(_framing(mail)), name="mail"),
        path("mails/<str:kind>/<slug:code>/body/", guarded(mail_body), name="mail_body"),
        path("mails/<str:kind>/<slug:code>/send/", guarded(mail_send), name="mail_send"),
    ]
