"""A case's page, its files, and the beginning of every act on it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import policies as accounts_policies
from accounts.constants import CaseVisibility
from accounts.http import PersonalRequest
from accounts.models import Account, User
from cases import drafts, hooks, policies, promises, timeline
from cases.constants import EventKind, Status
from cases.forms import ReplyForm
from cases.models import Case, CaseAttachment
from files.forms import offer_again
from files.http import download_response
from lib import keyset

TIMELINE_SIZE = 50
TIMELINE_ID = "earlier"
# A waiting case goes on by the reply itself, which says more than a button.
_BUTTONS = {
    Status.NEW: (Status.SOLVED,),
    Status.IN_PROGRESS: (Status.SOLVED,),
    Status.WAITING: (Status.SOLVED,),
    Status.ON_HOLD: (Status.SOLVED,),
    Status.SOLVED: (Status.CLOSED, Status.IN_PROGRESS),
    Status.CLOSED: (Status.IN_PROGRESS,),
}


def visible_case(user: User, pk: int) -> Case:
    """Return the case with all that its page shows. Raises ``Http404`` for a case that does not exist for ``user``."""
    # What the search index holds is never shown.
    cases = Case.objects.visible_to(user).defer("search_public", "search_staff")
    case = get_object_or_404(cases.select_related("product", "owner", "contact__user"), pk=pk)
    mine = next((contact for contact in user.active_contacts if contact.account_id == case.account_id), None)
    # Read with the person already; whoever is no contact of it costs a query of its own.
    case.account = mine.account if mine else Account.objects.select_related("plan", "csm").get(pk=case.account_id)
    return case


@login_required
@never_cache
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def detail(request: PersonalRequest, pk: int) -> HttpResponse:
    """Show one case to the customer's side; whoever works the desk has a page of their own."""
    case = visible_case(request.user, pk)
    if policies.work_desk(request.user):
        return redirect(case.get_desk_url())
    if _asks_for_earlier(request):
        return render(request, "cases/_timeline.html", {"case": case, **_timeline(request, case)})
    return render_case(request, case)


def render_case(
    request: PersonalRequest, case: Case, *, reply_form: ReplyForm | None = None, status: int = 200, **extra: Any
) -> HttpResponse:
    """Render the page of ``case``, with the reply as it was sent when it has to be corrected."""
    user = request.user
    decision = policies.act_on(user, case)
    kept = drafts.kept(user, drafts.key_of(drafts.REPLY, case.pk)) if decision else None
    opening = CaseAttachment.objects.filter(case=case, event__kind=EventKind.OPENED).select_related("upload")
    context = {
        "case": case,
        **_timeline(request, case),
        **_people(user, case),
        "opening_files": list(opening),
        "relatives": _relatives(user, case),
        "may_act": bool(decision),
        "moves": _offered(user, case) if decision else [],
        "may_edit": bool(policies.edit(user, case)),
        "may_verify": bool(policies.verify(user, case)),
        "makes_follow_up": case.is_closed and not policies.is_reopenable(case),
        "reply_form": reply_form or _fresh_reply(user, kept),
        "kept": kept,
        "first_response": promises.first_response_in_words(case.account.plan, case.severity),
        "is_contact": accounts_policies.contact_of(user, case.account) is not None,
        "panels": hooks.customer_panels(user, case),
        **extra,
    }
    return render(request, "cases/detail.html", context, status=status)


def _fresh_reply(user: User, kept: drafts.Kept | None) -> ReplyForm:
    form = ReplyForm(owner=user, initial=kept.initial if kept else {})
    if kept:
        offer_again(form, kept.uploads)
    return form


def _offered(user: User, case: Case) -> list[Status]:
    allowed = policies.moves_for(user, case)
    return [status for status in _BUTTONS[Status(case.status)] if status in allowed]


def _asks_for_earlier(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == TIMELINE_ID


def _timeline(request: PersonalRequest, case: Case) -> dict[str, Any]:
    events = case.events.visible_to(request.user).exclude(kind=EventKind.OPENED).timeline()
    page = keyset.paginate(events, order=("-id",), query=request.GET, size=TIMELINE_SIZE, parameter="before")
    return {
        "entries": timeline.entries(reversed(page.rows)),
        "earlier_url": page.next_url,
        "later_url": page.previous_url,
        "timeline_id": TIMELINE_ID,
    }


def _relatives(user: User, case: Case) -> dict[str, Any]:
    """Return the case that this one follows and those that follow it, as far as ``user`` may see them."""
    kin = Q(follow_up_of=case.pk)
    if case.follow_up_of_id is not None:
        kin |= Q(pk=case.follow_up_of_id)
    rows = list(Case.objects.visible_to(user).filter(kin).only("pk", "subject", "follow_up_of_id").order_by("id"))
    return {
        "before": next((row for row in rows if row.pk == case.follow_up_of_id), None),
        "after": [row for row in rows if row.follow_up_of_id == case.pk],
    }


def colleagues(case: Case) -> list[User]:
    """Return the customer's people who may see ``case``, by name."""
    contacts = case.account.contacts.current().filter(user__is_active=True).select_related("user")
    sees_team = case.account.case_visibility == CaseVisibility.TEAM
    seeing = [
        contact.user for contact in contacts if sees_team or contact.is_account_admin or contact.pk == case.contact_id
    ]
    return sorted(seeing, key=str)


def _people(user: User, case: Case) -> dict[str, Any]:
    """Return the followers of the customer's side (the support team's are its own affair) and who could become one."""
    following = set(case.followers.values_list("user_id", flat=True))
    team = colleagues(case)
    return {
        "followers": [person for person in team if person.pk in following],
        "is_following": user.pk in following,
        "may_add": [
            person for person in team if person.pk not in following and person.pk not in (user.pk, case.contact.user_id)
        ],
    }


@login_required
@require_safe
def attachment(request: PersonalRequest, pk: int, token: str, name: str) -> HttpResponseBase:  # noqa: ARG001 - the name is for the reader of the address
    """Hand out a file of a case that the person may see; an internal note's files only to those who read the note."""
    files = CaseAttachment.objects.filter(case__in=Case.objects.visible_to(request.user), case_id=pk)
    if not policies.see_internal(request.user):
        files = files.filter(is_internal=False)
    found = get_object_or_404(files.select_related("upload"), upload__token=token.replace("\x00", ""))
    return download_response(found.upload)
