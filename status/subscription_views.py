"""Subscribing without signing in: the form, the link in the mailbox, and the page behind each subscriber's own link."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from lib import zones
from lib.tokens import is_token
from status import endpoints, gate, links, subscribing
from status.constants import Way
from status.errors import StatusError, TooMany
from status.models import Subscriber
from status.subscribing import Outcome
from status.subscription_forms import FORMS, SignUpForm, WishesForm, initial_wishes, wishes_of

P = ParamSpec("P")

# What the page after a sign-up shows, kept by the browser: an address in the page's own would end in logs.
COOKIE = "status_sign_up"
COOKIE_SECONDS = 3600
_COOKIE_SALT = "status.sign_up"
FEEDS, CALENDAR = "feeds", "calendar"


def token_page(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Keep a page whose address is the key to it out of caches, search engines and other sites' logs."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    # The address is the key: a form of another site does not know it, and a page that sends no referrer no Origin.
    return csrf_exempt(never_cache(guarded))


@gate.own_pages_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest, language: str = "") -> HttpResponse:
    """Explain and offer the ways to be told; take a sign-up."""
    with translation.override(language or translation.get_language()):
        if request.method == "POST":
            return _sign_up(request)
        by = request.GET.get("by", Way.MAIL.value)
        form_class = FORMS.get(by)
        initial = initial_wishes(language=translation.get_language(), email=_email_of(request))
        return _page(request, by=by, form=form_class(initial=initial) if form_class else None)


def _sign_up(request: HttpRequest) -> HttpResponse:
    by = request.POST.get("by", Way.MAIL.value)
    form_class = FORMS.get(by)
    if form_class is None:
        raise Http404
    if gate.is_trapped(request):
        # Whoever fills in what nobody sees learns nothing.
        return redirect("status_subscriptions:sent")
    form = form_class(_completed(request))
    if not form.is_valid():
        return _page(request, by=by, form=form, status=422)
    if not gate.is_person(request):
        return _page(request, by=by, form=form, needs_click=True)
    if gate.posts_too_much(request):
        problem = _("Too many sign-ups come from your network. Please try again in an hour.")
        return _page(request, by=by, form=form, problem=problem, status=429)
    new = form.sign_up(client=gate.client_of(request))
    try:
        outcome = subscribing.sign_up(new=new, user=_trusted(request))
    except TooMany as error:
        return _page(request, by=by, form=form, problem=str(error), status=429)
    except StatusError as error:
        form.add_error("endpoint", str(error))
        return _page(request, by=by, form=form, status=422)
    if outcome is Outcome.CONFIRMED:
        token = Subscriber.objects.values_list("token", flat=True).get(**new.key)
        return _to_manage(token, "confirmed")
    response = redirect("status_subscriptions:sent")
    _remember(response, new.key)
    return response


def _completed(request: HttpRequest) -> Any:
    """Return what was sent; of the small form on the status pages with what the large one begins with."""
    if "full" in request.POST:
        return request.POST
    data = request.POST.copy()
    for name, value in initial_wishes(language=translation.get_language()).items():
        if name not in data:
            data[name] = "on" if value is True else value
    return data


@gate.own_pages_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, and send it again when asked."""
    key = _remembered(request)
    if request.method == "POST":
        if key and not gate.posts_too_much(request):
            subscribing.send_again(key=key)
        return redirect(f"{reverse('status_subscriptions:sent')}?again=1")
    context = {"key": key, "again": "again" in request.GET}
    return render(request, "status/subscriptions/sent.html", context)


@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is confirmed, with a button; programs that follow links in mails confirm nothing."""
    in_time = subscribing.awaiting() | Q(confirmed_at__isnull=False)
    subscriber = Subscriber.objects.filter(in_time, confirmation=token).first() if is_token(token) else None
    if subscriber is None:
        return render(request, "status/subscriptions/too_late.html", status=404)
    if request.method == "POST":
        _refuse_elsewhere(request)
        zone = request.POST.get("time_zone", "")
        try:
            subscriber = subscribing.confirm(confirmation=token, time_zone=zone if zones.find(zone) else "")
        except Subscriber.DoesNotExist:
            return render(request, "status/subscriptions/too_late.html", status=404)
        return _to_manage(subscriber.token, "confirmed")
    if subscriber.confirmed_at is not None:
        return _to_manage(subscriber.token, "")
    return render(request, "status/subscriptions/confirm.html", _shown(subscriber))


@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """Show a subscriber's wishes, and write them anew."""
    subscriber = _subscriber(token)
    if request.method == "POST":
        _refuse_elsewhere(request)
        form = WishesForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            zone = data["time_zone"] or subscriber.time_zone
            subscribing.change(
                subscriber_id=subscriber.pk, wishes=form.wishes, language=data["language"], time_zone=zone
            )
            return _to_manage(token, "saved")
    else:
        form = WishesForm(initial=wishes_of(subscriber))
    context = {**_shown(subscriber), "form": form, "done": request.GET.get("done", ""), "zones": sorted(zones.names())}
    return render(request, "status/subscriptions/manage.html", context, status=422 if form.errors else 200)


@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET; end on POST, which mail programs send by themselves (RFC 8058): bare, and from anywhere."""
    subscriber = _subscriber(token)
    if request.method == "POST":
        subscriber = subscribing.end(subscriber_id=subscriber.pk)
    return render(request, "status/subscriptions/unsubscribe.html", _shown(subscriber))


@token_page
@require_POST
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Undo the end of a subscription, or switch an endpoint on that was given up."""
    _refuse_elsewhere(request)
    subscribing.take_up_again(subscriber_id=_subscriber(token).pk)
    return _to_manage(token, "resumed")


@token_page
@require_POST
def renew_secret(request: HttpRequest, token: str) -> HttpResponse:
    """Give a webhook a fresh secret."""
    _refuse_elsewhere(request)
    endpoints.renew_secret(subscriber_id=_subscriber(token).pk)
    return _to_manage(token, "secret")


@token_page
@require_POST
def test(request: HttpRequest, token: str) -> HttpResponse:
    """Send an endpoint a test."""
    _refuse_elsewhere(request)
    try:
        endpoints.test(subscriber_id=_subscriber(token).pk)
    except TooMany:
        return _to_manage(token, "too-soon")
    except StatusError:
        return _to_manage(token, "")
    return _to_manage(token, "tested")


def _subscriber(token: str) -> Subscriber:
    """Return whose link it is. An address alone opens nothing: the token is 128 random bits."""
    if not is_token(token):
        raise Http404
    return get_object_or_404(Subscriber, token=token, confirmed_at__isnull=False)


def _refuse_elsewhere(request: HttpRequest) -> None:
    if gate.from_elsewhere(request):
        raise PermissionDenied(_("This form was sent from another site. Please use the one here."))


def _to_manage(token: str, done: str) -> HttpResponse:
    address = reverse("status_subscriptions:manage", args=[token])
    return redirect(f"{address}?done={done}" if done else address)


def _shown(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "components": list(subscriber.components.in_order().select_related("region")),
        "regions": list(subscriber.regions.all()),
        "undo_until": subscriber.ended_at + subscribing.KEEP_ENDED if subscriber.ended_at else None,
        "now": timezone.now(),
    }


def _trusted(request: HttpRequest) -> User | None:
    """Return who is signed in, if a browser says that this came from a page of ours."""
    user = request.user
    return user if isinstance(user, User) and gate.sender(request) is gate.Sender.OURS else None


def _email_of(request: HttpRequest) -> str:
    return request.user.email if isinstance(request.user, User) else ""


def _page(
    request: HttpRequest,
    *,
    by: str,
    form: SignUpForm | None,
    status: int = 200,
    problem: str = "",
    needs_click: bool = False,
) -> HttpResponse:
    tabs = [(Way.MAIL.value, _("Email")), (Way.WEBHOOK.value, _("Webhook")), (Way.CHAT.value, _("Slack"))]
    tabs += [(FEEDS, _("Feeds")), (CALENDAR, _("Calendar"))]
    if by not in dict(tabs):
        raise Http404
    address = reverse("status_subscriptions:subscribe")
    held = request.POST.get(gate.STAMP, "")
    context = {
        "by": by,
        "form": form,
        "tabs": [{"url": f"{address}?by={name}", "label": label, "active": name == by} for name, label in tabs],
        "problem": problem,
        "needs_click": needs_click,
        "stamp": held if held and not needs_click else gate.new_stamp(),
        "honeypot": gate.HONEYPOT,
        "feeds": [("Atom", links.absolute("history.atom")), ("RSS", links.absolute("history.rss"))],
    }
    return render(request, "status/subscriptions/subscribe.html", context, status=status)


def _remember(response: HttpResponse, key: Mapping[str, str]) -> None:
    sealed = signing.dumps(dict(key), salt=_COOKIE_SALT, compress=True)
    response.set_cookie(
        COOKIE,
        sealed,
        max_age=COOKIE_SECONDS,
        path=reverse("status_subscriptions:subscribe"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _remembered(request: HttpRequest) -> dict[str, str]:
    try:
        key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_COOKIE_SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return {}
    return dict(key)
