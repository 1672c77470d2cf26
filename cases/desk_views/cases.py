"""The desk's page of one case, as it is, and as it comes back when an act did not go through."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET

from accounts.http import PersonalRequest
from accounts.models import Account, Contact, User
from cases import changes, desk_forms, drafts, hooks, numbers, oncall, policies, timeline
from cases.constants import EventKind, Priority, Severity
from cases.desk_views.access import at_desk
from cases.models import Case, CaseEvent
from cases.promises import first_response_in_words
from cases.querysets import desk_workers
from files.forms import offer_again, staged_again

OTHER_CASES = 10
EVENTS_SHOWN = 100  # of a long case, the latest; the rest on request


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    """Why an act did not go through: what the person is told, and the form with all that they typed."""

    form: desk_forms.DeskForm
    status: int
    stale: str = ""


@at_desk
@require_GET
def case(request: PersonalRequest, pk: int) -> HttpResponse:
    """Show one case with all that an engineer needs to answer it."""
    return case_page(request, pk)


def get_case(request: PersonalRequest, pk: int) -> Case:
    """Return the case with what its page shows. Raises ``Http404``."""
    found = (
        Case.objects.visible_to(request.user)
        .select_related("contact__user", "product", "owner")
        .defer("search_public", "search_staff")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    # On its own: to plan one join of nine tables takes longer than to run two of four.
    found.account = Account.objects.select_related("plan", "csm").get(pk=found.account_id)
    return found


def perform(
    request: PersonalRequest,
    pk: int,
    form: desk_forms.DeskForm,
    act: Callable[[Mapping[str, Any]], object],
    *,
    done: str,
) -> HttpResponse:
    """Do one act and go back to the case; when it is refused, show the page again with what was typed.

    409 when a colleague changed the case meanwhile, 403 when the rules say no, 422 when the input is wrong.
    """
    found = get_case(request, pk)
    if not form.is_valid():
        return case_page(request, pk, Setback(form=form, status=422))
    try:
        act(form.cleaned_data)
    except changes.StaleCaseError as error:
        return case_page(request, pk, Setback(form=form, status=409, stale=str(error)))
    except changes.CaseError as error:
        form.add_error(None, str(error))
        return case_page(request, pk, Setback(form=form, status=422))
    except PermissionDenied as error:
        form.add_error(None, str(error))
        return case_page(request, pk, Setback(form=form, status=403))
    messages.success(request, done)
    return HttpResponseRedirect(found.get_desk_url())


def case_page(request: PersonalRequest, pk: int, setback: Setback | None = None) -> HttpResponse:
    """Render the case as it is now, with what went wrong on top if something did."""
    found = get_case(request, pk)
    events, is_cut = _events(found, whole="all" in request.GET)
    entries = timeline.entries(events)
    customer = _customer(found)
    forms = _Forms(
        user=request.user,
        case=found,
        last_event=events[-1].pk if events else 0,
        setback=setback,
        contacts=customer["contacts"],
    )
    alerts = list(found.alerts.select_related("acknowledged_by")) if found.production_down_at else []
    context = {
        "case": found,
        "opening": next((entry for entry in entries if entry.event.kind == EventKind.OPENED), None),
        "entries": [entry for entry in entries if entry.event.kind != EventKind.OPENED],
        "is_cut": is_cut,
        "forms": forms,
        "last_event": forms.last_event,
        "stale": setback.stale if setback else "",
        "missed": _missed(entries, setback),
        "moves": forms.moves,
        "may_verify": policies.verify(request.user, found),
        "may_edit": policies.edit(request.user, found),
        "alerts": alerts,
        "open_alert": next((alert for alert in alerts if alert.acknowledged_at is None), None),
        "alert_history": [entry for entry in entries if entry.event.kind in oncall.ALERT_EVENTS],
        "is_followed": request.user in forms.followers,
        "panels": hooks.desk_panels(request.user, found),
        **customer,
    }
    return render(request, "cases/desk/case.html", context, status=setback.status if setback else 200)


def _events(case: Case, *, whole: bool) -> tuple[list[CaseEvent], bool]:
    """Return what happened, oldest first: all of it, or the opening and the latest; and whether some is left out."""
    newest = case.events.timeline().order_by("-id")
    events = list(newest if whole else newest[: EVENTS_SHOWN + 1])
    is_cut = not whole and len(events) > EVENTS_SHOWN
    if is_cut:
        events[EVENTS_SHOWN:] = case.events.filter(kind=EventKind.OPENED).timeline()
    return events[::-1], is_cut


@dataclass
class _Forms:
    """The page's forms: fresh ones, and among them the one that came back."""

    user: User
    case: Case
    last_event: int
    setback: Setback | None
    contacts: Sequence[Contact]
    moves: Sequence[Any] = field(init=False)
    followers: Sequence[User] = field(init=False)
    # The draft that the composer begins with, and the one of its other mode.
    kept: drafts.Kept = field(init=False)
    kept_too: drafts.Kept = field(init=False)
    colleagues: Sequence[User] = field(init=False)

    def __post_init__(self) -> None:
        self.moves = policies.moves_for(self.user, self.case)
        self.followers = [row.user for row in self.case.followers.select_related("user")]
        self.kept, self.kept_too = drafts.kept_at_desk(self.user, self.case.pk)
        returned = self._returned("composer")
        if returned is not None and self.kept.is_note != returned.is_internal:
            self.kept, self.kept_too = self.kept_too, self.kept
        self.colleagues = list(desk_workers().only("display_name", "handle"))

    def _returned(self, name: str) -> Any:
        """Return the form that came back, if it is this one; as a fresh one it is buttons only."""
        return self.setback.form if self.setback and self.setback.form.name == name else None

    def _form(self, name: str, kind: Callable[..., Any], **options: Any) -> Any:
        return self._returned(name) or kind(name=name, **options)

    @cached_property
    def status(self) -> Any:
        return self._returned("status")

    @cached_property
    def owner(self) -> Any:
        form = self._form("owner", desk_forms.OwnerForm, initial={"owner": self.case.owner_id})
        form.fields["owner"].choices = [("", form.fields["owner"].empty_label), *_options(self.colleagues)]
        return form

    @cached_property
    def priority(self) -> Any:
        return self._form("priority", desk_forms.PriorityForm, initial={"priority": self.case.priority})

    @cached_property
    def severity(self) -> Any:
        return self._form("severity", desk_forms.SeverityForm, initial={"severity": self.case.severity})

    @cached_property
    def lower(self) -> Any:
        return self._form("lower", desk_forms.LowerForm, initial={"priority": Priority.HIGH})

    @cached_property
    def escalation(self) -> Any:
        return self._returned("escalation")

    @cached_property
    def verification(self) -> Any:
        return self._returned("verification")

    @cached_property
    def follower(self) -> Any:
        form = self._form("follower", desk_forms.FollowerForm, case=self.case)
        known = {person.pk for person in self.followers}
        people = dict.fromkeys([*self.colleagues, *(contact.user for contact in self.contacts)])
        options = _options([person for person in people if person.pk not in known])
        form.fields["user"].choices = [("", form.fields["user"].empty_label), *options]
        return form

    @property
    def files_too(self) -> Sequence[Any]:
        """Return the files of the composer's other draft."""
        return staged_again(self.user, self.kept_too.uploads)

    @cached_property
    def composer(self) -> Any:
        visibility = desk_forms.ComposerForm.INTERNAL if self.kept.is_note else desk_forms.ComposerForm.PUBLIC
        initial = {**self.kept.initial, "visibility": visibility}
        form = self._form("composer", desk_forms.ComposerForm, owner=self.user, initial=initial)
        if not form.is_bound:
            offer_again(form, self.kept.uploads)
        form.offer([status for status in self.moves if status != self.case.status])
        return form


def _options(people: Sequence[User]) -> list[tuple[int, str]]:
    return [(person.pk, str(person)) for person in people]


def _missed(entries: Sequence[timeline.Entry], setback: Setback | None) -> list[timeline.Entry]:
    """Return what happened since the form that came back was read."""
    seen = setback.form.seen_event if setback else None
    return [entry for entry in entries if entry.event.pk > seen] if seen is not None else []


def _customer(case: Case) -> dict[str, Any]:
    local_time = _local_time(case)
    contacts = Contact.objects.current().filter(account=case.account_id).select_related("user")
    others = Case.objects.filter(account=case.account_id).exclude(pk=case.pk).only("subject", "status")
    return {
        "contacts": list(contacts.order_by("-is_authorized", "user__display_name")),
        "other_cases": others.order_by("-public_updated_at", "-id")[:OTHER_CASES],
        "local_time": local_time,
        "local_time_text": date_format(local_time, "D H:i") if local_time else "",
        "follows_number": numbers.spell(case.follow_up_of_id) if case.follow_up_of_id else "",
        "target": first_response_in_words(case.account.plan, Severity(case.severity)),
    }


def _local_time(case: Case) -> datetime | None:
    try:
        return timezone.now().astimezone(ZoneInfo(case.contact_time_zone or case.contact.user.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
