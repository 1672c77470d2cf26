"""A person's own view of the ledger: what they were sent, what they want by mail, what waits on the site."""

from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import PersonalRequest
from lib import undoing
from lib.addresses import is_of_this_site
from lib.keyset import paginate
from notifications import categories, centre, kinds, shared, unsubscribing
from notifications.forms import PreferencesForm
from notifications.http import mail_body_response
from notifications.models import Channel, Delivery

PAGE_SIZE = 30
CENTRE_SIZE = 10
BELL = "bell-panel"  # the id of what the header's bell opens


@login_required
@never_cache
@require_safe
def sent(request: PersonalRequest) -> HttpResponse:
    """List everything the person was sent, newest first."""
    deliveries = Delivery.objects.visible_to(request.user).for_lists().exclude(state=Delivery.State.DROPPED)
    page = paginate(deliveries, order=["-id"], query=request.GET, size=PAGE_SIZE)
    context = {"page": page, "rows": [_row(delivery) for delivery in page.rows], **_tabs("sent")}
    return render(request, "notifications/sent.html", context)


@login_required
@never_cache
@require_safe
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type] # login_required has made the request personal
def detail(request: PersonalRequest, delivery_id: int) -> HttpResponse:
    """Show one message as it was sent."""
    delivery = _own(request, delivery_id)
    context = {**_row(delivery), "is_secret": _is_secret(delivery), "words": shared.shown(delivery)}
    return render(request, "notifications/detail.html", context)


@login_required
@never_cache
@require_safe
def body(request: PersonalRequest, delivery_id: int) -> HttpResponse:
    """Answer a mail's HTML, for the frame in which ``detail`` shows it."""
    delivery = _own(request, delivery_id)
    words = shared.shown(delivery)
    if not words.html or _is_secret(delivery):
        raise Http404
    return mail_body_response(words.html)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: PersonalRequest) -> HttpResponse:
    """Choose which categories come by mail."""
    initial = {"categories": sorted(centre.wanted_categories(request.user))}
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        centre.choose_categories(user=request.user, wanted=form.cleaned_data["categories"])
        messages.success(request, _("Your choice is saved."))
        return redirect("notifications:preferences")
    context = {
        "form": form,
        "offered": categories.offered(),
        **_tabs("preferences"),
    }
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def unread(request: PersonalRequest) -> HttpResponse:
    """Show the newest notifications: a page of its own, or the fragment of it that htmx asks for."""
    if _is_bell(request):
        return _bell(request)
    template = "notifications/_centre.html" if request.htmx else "notifications/centre.html"
    return render(request, template, {**_newest(request), **_tabs("centre")})


@login_required
@require_POST
def read_all(request: PersonalRequest) -> HttpResponse:
    """Mark as read every notification up to the newest that the page showed, and offer to take that back."""
    newest = request.POST.get("newest", "")
    up_to = int(newest) if newest.isascii() and newest.isdigit() and len(newest) < 19 else None
    done = centre.mark_all_read(user=request.user, up_to=up_to)
    if _is_bell(request):
        return _bell(request, stamp=done.stamp if done.number else None)
    if done.number:
        undo_url = reverse("notifications:undo_read_all", args=[done.stamp])
        undoing.offer(request, _("All notifications are marked as read."), undo_url=undo_url)
    return redirect(_back(request))


@login_required
@require_POST
def undo_read_all(request: PersonalRequest, stamp: int) -> HttpResponse:
    """Make unread again what one press has marked as read."""
    centre.mark_unread_again(user=request.user, stamp=stamp)
    return _bell(request) if _is_bell(request) else redirect(_back(request))


@login_required
@require_POST
def read(request: PersonalRequest, delivery_id: int) -> HttpResponse:
    """Mark one notification as read and go to what it tells of."""
    delivery = _own(request, delivery_id)
    centre.mark_read(user=request.user, delivery_id=delivery.pk)
    return redirect(centre.link(delivery) or _back(request))


@never_cache
@csrf_exempt  # RFC 8058: a mail provider posts it, with no cookie and no page of ours before
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to opt out; do it on POST only, for programs follow the links in mails. Works signed out."""
    subscription = unsubscribing.read(token)
    if subscription is None:
        raise Http404
    done = request.method == "POST"
    if done:
        unsubscribing.opt_out(subscription)
    context = {"category": categories.get(subscription.category), "done": done, "has_sign_in": subscription.user_id}
    return render(request, "notifications/unsubscribe.html", context)


def _newest(request: PersonalRequest) -> dict[str, Any]:
    deliveries = Delivery.objects.visible_to(request.user).for_lists()
    newest = deliveries.filter(channel=Channel.SITE, state=Delivery.State.SENT).order_by("-id")[:CENTRE_SIZE]
    return {"rows": [_row(delivery) for delivery in newest], "unread": centre.unread_count(request.user)}


def _is_bell(request: PersonalRequest) -> bool:
    return request.htmx.target == BELL


def _bell(request: PersonalRequest, *, stamp: int | None = None) -> HttpResponse:
    return render(request, "notifications/_bell_panel.html", {**_newest(request), "stamp": stamp})


def _own(request: PersonalRequest, delivery_id: int) -> Delivery:
    own = Delivery.objects.visible_to(request.user).exclude(state=Delivery.State.DROPPED)
    return get_object_or_404(own.select_related("message", "body"), pk=delivery_id)


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "kind_label": kinds.label(delivery.message.kind),
        "title": delivery.subject or kinds.label(delivery.message.kind),
        "link": centre.link(delivery),
    }


def _is_secret(delivery: Delivery) -> bool:
    kind = kinds.find(delivery.message.kind)
    return kind is not None and kind.is_secret


def _tabs(active: str) -> dict[str, Any]:
    pages = (("sent", _("Sent to you")), ("centre", _("On the site")), ("preferences", _("What we mail you")))
    return {
        "tabs": [
            {"url": reverse(f"notifications:{name}"), "label": label, "active": name == active} for name, label in pages
        ]
    }


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    return target if is_of_this_site(target) else "notifications:centre"
