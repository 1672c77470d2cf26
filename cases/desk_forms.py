"""The shape of what engineers send from the desk. No side effects."""

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Q
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import Account, Contact, Product, User
from cases.constants import Priority, Severity, Status
from cases.forms import QUERY_MAX_LENGTH, CreateCaseForm, EditCaseForm
from cases.models import Case
from cases.querysets import desk_workers
from files.forms import StagedUploadsField, owned_by
from lib.markdown import MAX_LENGTH
from lib.widgets import PlainSelect, PlainTextarea

REASON_MAX_LENGTH = 2000
_INTEGER_MAX = 2**31 - 1
_BIG_INTEGER_MAX = 2**63 - 1


def sent_token(form: forms.BaseForm) -> UUID | None:
    """Return the submission token that the browser sent, before the rest of the form is looked at."""
    try:
        token: UUID | None = form.fields["submission_token"].clean(form["submission_token"].data)
    except forms.ValidationError:
        return None
    return token


class DeskForm(forms.Form):
    """A change to a case, and what of the case was on the screen: its version and the last event that was shown."""

    version = forms.IntegerField(min_value=1, max_value=_INTEGER_MAX, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, max_value=_BIG_INTEGER_MAX, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, name: str, **kwargs: Any) -> None:
        # Several forms stand on one page: their fields' ids differ, the names that they send do not.
        super().__init__(data, files, auto_id=f"id_{name}_%s", **kwargs)
        self.name = name

    @property
    def seen_event(self) -> int | None:
        """Return the id of the last event that the form's page had shown, if it was sent."""
        seen: int | None = getattr(self, "cleaned_data", {}).get("seen")
        return seen


class _Reason(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_l("Reason"),
            max_length=REASON_MAX_LENGTH,
            widget=PlainTextarea(attrs={"rows": 2, "class": "form-control form-control-sm"}),
            help_text=_l("For colleagues; the customer does not see it."),
            **kwargs,
        )


def _select() -> forms.Select:
    return PlainSelect(attrs={"class": "form-select form-select-sm"})


class StatusForm(DeskForm):
    """A move to another status."""

    to = forms.TypedChoiceField(label=_l("Status"), choices=Status.choices, coerce=Status)


class OwnerForm(DeskForm):
    """Giving the case to a colleague, or to nobody."""

    owner = forms.ModelChoiceField(
        User.objects.none(), label=_l("Owner"), required=False, empty_label=_l("Nobody"), widget=_select()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What is only shown gets its options from the page, which has read the people already.
        if self.is_bound:
            self.fields["owner"].queryset = desk_workers()  # type: ignore[attr-defined]


class PriorityForm(DeskForm):
    """Another place in the queue."""

    priority = forms.TypedChoiceField(label=_l("Priority"), choices=Priority.choices, coerce=Priority, widget=_select())
    reason = _Reason()


class SeverityForm(DeskForm):
    """Another view of the impact, as agreed with the customer."""

    severity = forms.TypedChoiceField(label=_l("Severity"), choices=Severity.choices, coerce=Severity, widget=_select())
    reason = _Reason()


class LowerForm(DeskForm):
    """Production is not down, or no longer: where the case stands in the queue from now on."""

    priority = forms.TypedChoiceField(
        label=_l("Priority from now on"),
        choices=[choice for choice in Priority.choices if choice[0] != Priority.URGENT],
        coerce=Priority,
        initial=Priority.HIGH,
        widget=_select(),
    )
    reason = _Reason()


class EscalationForm(DeskForm):
    """Setting or clearing the escalation flag."""

    YES, NO = "yes", "no"
    escalated = forms.ChoiceField(choices=[(YES, _l("Escalate")), (NO, _l("End escalation"))])


class VerificationForm(DeskForm):
    """The answer to "may this contact file?"."""

    CONFIRM, REFUSE = "confirm", "refuse"
    decision = forms.ChoiceField(choices=[(CONFIRM, _l("Confirm")), (REFUSE, _l("Refuse"))])


class FollowerForm(DeskForm):
    """Adding or removing one follower."""

    ADD, REMOVE = "add", "remove"
    act = forms.ChoiceField(choices=[(ADD, _l("Add")), (REMOVE, _l("Remove"))])
    user = forms.ModelChoiceField(
        User.objects.none(), label=_l("Follower"), empty_label=_l("Choose a person"), widget=_select()
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.fields["user"].queryset = User.objects.filter(  # type: ignore[attr-defined]
                Q(pk__in=desk_workers().order_by().values("pk"))
                | Q(pk__in=Contact.objects.current().filter(account=case.account_id).values("user"))
                | Q(pk__in=case.followers.values("user"))
            )


class ComposerForm(DeskForm):
    """A public reply or an internal note; nothing is taken for granted about which."""

    PUBLIC, INTERNAL = "public", "internal"
    one_of = ("body", "uploads")
    visibility = forms.ChoiceField(
        label=_l("Who sees this"),
        choices=[(PUBLIC, _l("Public reply")), (INTERNAL, _l("Internal note"))],
        error_messages={"required": _l("Choose whether the customer sees this.")},
    )
    body = forms.CharField(
        label=_l("Text"), required=False, max_length=MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )
    move_to = forms.TypedChoiceField(
        label=_l("Then set the status to"),
        required=False,
        choices=[("", "")],
        coerce=Status,
        empty_value=None,
        widget=_select(),
    )
    uploads = StagedUploadsField()
    submission_token = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["move_to"].choices = [("", ""), *Status.choices]  # type: ignore[attr-defined]
        owned_by(self, owner)

    def clean(self) -> dict[str, Any]:
        """Ask for text or a file."""
        values = super().clean() or {}
        if not self.errors and not values.get("body") and not values.get("uploads"):
            self.add_error("body", _("Write something, or attach a file."))
        return values

    def renew_token(self) -> None:
        """Give the form a token of its own before it is read."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["submission_token"] = str(uuid4())
        self.data = data

    @property
    def is_internal(self) -> bool:
        """Say whether a note is being written."""
        return bool(self["visibility"].value() == self.INTERNAL)

    def offer(self, statuses: list[Status]) -> None:
        """Offer only the moves that are allowed now; what was chosen stays visible when it no longer is."""
        keep = [(status.value, str(status.label)) for status in statuses]
        chosen = self["move_to"].value()
        if chosen in Status.values and chosen not in dict(keep):
            keep.append((chosen, str(Status(chosen).label)))
        self.fields["move_to"].choices = [("", _("Leave as it is")), *keep]  # type: ignore[attr-defined]


class DeskEditForm(EditCaseForm):
    """What the case says, corrected by an engineer. Each field also carries what it held when the page was read."""

    seen = forms.IntegerField(min_value=0, max_value=_BIG_INTEGER_MAX, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, seen: int, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.initial["seen"] = seen
        self.initial["product"] = case.product_id
        for name in self.FIELDS:
            self.fields[name].show_hidden_initial = True

    def read_again(self, case: Case, *, seen: int) -> list[BoundField]:
        """Bring the form up to ``case``: what the person left alone takes the new value, what they typed stays.

        Returns the fields that both they and a colleague have changed.
        """
        typed = set(self.changed_data)
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        both = []
        for name in self.FIELDS:
            now = case.product_id if name == "product" else getattr(case, name)
            if name not in typed:
                data[name] = now
            elif self.fields[name].has_changed(now, data.get(f"initial-{name}")):
                both.append(self[name])
            data[f"initial-{name}"] = now
        data["version"] = case.version
        data["seen"] = seen
        self.data = data
        return both


class QueueFilters(forms.Form):
    """Which cases the queue shows, from the address."""

    account = forms.CharField(
        label=_l("Account"),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm", "list": "queue-accounts"}),
    )
    product = forms.ModelChoiceField(
        Product.objects.all(), label=_l("Product"), required=False, empty_label=_l("Every product"), widget=_select()
    )
    severity = forms.ChoiceField(
        label=_l("Severity"), required=False, choices=[("", _l("Every severity")), *Severity.choices], widget=_select()
    )
    q = forms.CharField(label=_l("Search"), required=False, max_length=QUERY_MAX_LENGTH)


class AccountSearchForm(forms.Form):
    """For which customer a case is filed."""

    q = forms.CharField(label=_l("Account"), required=False, max_length=160)


if TYPE_CHECKING:
    # Generic for type checkers only.
    ContactChoiceField = forms.ModelChoiceField[Contact]
else:
    ContactChoiceField = forms.ModelChoiceField


class _ContactChoice(ContactChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        contact: Contact = obj
        mark = _("authorized") if contact.is_authorized else _("not authorized")
        return f"{contact.user} · {mark}"


class StaffCaseForm(CreateCaseForm):
    """A new case that an engineer files for a contact, who called or met us."""

    filed_for = _ContactChoice(Contact.objects.none(), label=_l("Contact"), empty_label=_l("Choose a contact"))
    field_order = ("filed_for",)

    def __init__(self, *args: Any, account: Account, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, owner=owner, contacts=(), **kwargs)
        self.fields["filed_for"].queryset = (  # type: ignore[attr-defined]
            account.contacts.current().select_related("user").order_by("-is_authorized", "user__display_name")
        )
