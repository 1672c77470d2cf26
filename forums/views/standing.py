"""What moderators see of a person, and do about them."""

from typing import Any

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonalRequest
from accounts.models import User
from accounts.models.user import HANDLE_MAX_LENGTH
from forums import moderation_forms, policies, standing
from forums.constants import FOR_GOOD
from forums.errors import ForumError
from forums.models import Member, ModerationEvent, Post
from forums.moderation_forms import CleanUpForm, StandingForm
from forums.post_rows import post_rows
from forums.review_queue import for_lines
from forums.views.moderation import for_moderators, tabs
from lib import keyset

PAGE_SIZE = 20
EVENTS_SHOWN = 6  # the trail has them all

_DONE = {
    moderation_forms.SILENCE: _l("%(name)s is silenced."),
    moderation_forms.UNSILENCE: _l("%(name)s can write again."),
    moderation_forms.SUSPEND: _l("%(name)s is suspended."),
    moderation_forms.UNSUSPEND: _l("%(name)s can take part again."),
}


@for_moderators
@require_safe
def member(request: PersonalRequest, handle: str) -> HttpResponse:
    """Show a person's standing, what moderators did about them, and what they wrote, hidden posts too."""
    return _page(request, _find(handle))


@for_moderators
@require_POST
def change_standing(request: PersonalRequest, handle: str) -> HttpResponse:
    """Silence or suspend somebody for a while, or lift that."""
    person = _find(handle)
    policies.moderate_person(request.user, person).require()
    form = StandingForm(request.POST, auto_id="id_standing_%s")
    if not form.is_valid():
        return _page(request, person, standing_form=form)
    try:
        _change(request.user, person, form)
    except ForumError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, person, standing_form=form)
    messages.success(request, str(_DONE[form.cleaned_data["act"]]) % {"name": person})
    return HttpResponseRedirect(reverse("moderation:member", args=[person.handle]))


def _change(actor: User, person: User, form: StandingForm) -> None:
    what, reason = form.cleaned_data["act"], form.cleaned_data["reason"]
    if what == moderation_forms.SILENCE:
        standing.silence(person=person, actor=actor, days=form.days, reason=reason)
    elif what == moderation_forms.SUSPEND:
        standing.suspend(person=person, actor=actor, days=form.days, reason=reason)
    elif what == moderation_forms.UNSILENCE:
        standing.unsilence(person=person, actor=actor, reason=reason)
    else:
        standing.unsuspend(person=person, actor=actor, reason=reason)


@for_moderators
@require_POST
def clean_up(request: PersonalRequest, handle: str) -> HttpResponse:
    """Hide everything that a spammer wrote, and suspend them for good."""
    person = _find(handle)
    policies.moderate_person(request.user, person).require()
    form = CleanUpForm(request.POST, auto_id="id_clean_up_%s")
    if not form.is_valid():
        return _page(request, person, clean_up_form=form)
    try:
        done = standing.clean_up(person=person, actor=request.user, reason=form.cleaned_data["reason"])
    except ForumError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, person, clean_up_form=form)
    if done:
        messages.success(request, _("Everything is hidden. You can restore single posts below."))
    else:
        messages.success(request, _("The newest posts are hidden; the rest follows in the background."))
    return HttpResponseRedirect(reverse("moderation:member", args=[person.handle]))


def _find(handle: str) -> User:
    if len(handle) > HANDLE_MAX_LENGTH or "\x00" in handle:
        raise Http404
    person = User.objects.annotate(small=Lower("handle")).filter(small=handle.lower()).first()
    if person is None:
        raise Http404
    return person


def _page(request: PersonalRequest, person: User, **forms: Any) -> HttpResponse:
    posts = (
        Post.objects.visible_to(request.user)
        .filter(author=person)
        .select_related("topic__community", "topic__category")
        .defer("search", "body_html")
    )
    page = keyset.paginate(posts, order=("-id",), query=request.GET, size=PAGE_SIZE)
    events = ModerationEvent.objects.visible_to(request.user).filter(subject=person)
    known = Member.objects.filter(user=person).first() or Member(user=person)
    context = {
        "person": person,
        "member": known,
        "trust": policies.trust(person).label,
        "is_for_good": {
            "silenced": known.silenced_until == FOR_GOOD,
            "suspended": known.suspended_until == FOR_GOOD,
        },
        "may_moderate": policies.moderate_person(request.user, person),
        "page": page,
        "rows": post_rows(page.rows),
        "lines": for_lines(events.select_related("actor", "subject", "community", "topic")[:EVENTS_SHOWN]),
        "tabs": tabs(""),
        "standing_form": StandingForm(auto_id="id_standing_%s"),
        "clean_up_form": CleanUpForm(auto_id="id_clean_up_%s"),
        **forms,
    }
    return render(request, "forums/moderation/member.html", context, status=422 if forms else 200)
