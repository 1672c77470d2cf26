"""The shape of what customers send: filters, a new case, a reply, an edit. No side effects."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from accounts.models import Account, Contact, Product, User
from accounts.models.customer import phone_validator
from cases.constants import Environment, Severity, Status
from cases.models import Case
from cases.models.case import SUBJECT_MAX_LENGTH
from files.forms import StagedUploadsField, owned_by
from lib.markdown import MAX_LENGTH

ENDPOINTS_MAX_LENGTH = 2000
QUERY_MAX_LENGTH = 200

SEVERITY_MEANINGS = {
    Severity.S1: _l("A live system is down or loses data, and there is no way around it."),
    Severity.S2: _l("Something important fails or is very slow; work goes on with difficulty."),
    Severity.S3: _l("Something does not work as it should; there is a way around it."),
    Severity.S4: _l("A question, advice, or a wish."),
}


def one_line(text: str) -> str:
    """Return ``text`` on one line: a subject goes into the header of a mail."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


class SubjectField(forms.CharField):
    """A subject: one line of printable text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_l("Subject"), max_length=SUBJECT_MAX_LENGTH, **kwargs)

    def clean(self, value: Any) -> Any:
        """Validate, then fold to one line; what folds to nothing is missing."""
        folded = one_line(super().clean(value))
        if self.required and not folded:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return folded


class DescriptionField(forms.CharField):
    """Markdown text of the length that the renderer takes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 10}), **kwargs)


class CaseFilters(forms.Form):
    """What My Cases shows, from the address. Missing values have defaults; wrong ones are refused."""

    MINE, TEAM = "mine", "team"
    OPEN, CLOSED, ALL = "open", "closed", "all"
    UPDATED, PRIORITY = "updated", "priority"

    whose = forms.ChoiceField(choices=[(MINE, _l("Mine")), (TEAM, _l("My team's"))], required=False)
    state = forms.ChoiceField(
        choices=[(OPEN, _l("Open")), (CLOSED, pgettext_lazy("cases", "Closed")), (ALL, _l("All"))], required=False
    )
    sort = forms.ChoiceField(
        choices=[(UPDATED, _l("Last update")), (PRIORITY, _l("Priority"))], required=False, label=_l("Sort by")
    )
    q = forms.CharField(max_length=QUERY_MAX_LENGTH, required=False, label=_l("Search"))
    account = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=_l("Account"))

    def __init__(self, data: Any, *, accounts: Sequence[Account], default_whose: str) -> None:
        super().__init__(data)
        self.default_whose = default_whose
        choices = [(account.pk, account.name) for account in accounts]
        self.fields["account"].choices = [("", _("All accounts")), *choices]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the filters in force. Raises ``BadRequest`` when the address was edited into nonsense."""
        if not self.is_valid():
            raise BadRequest(_("This address holds a filter that we do not know. Start again from My Cases."))
        given = self.cleaned_data
        return {
            "whose": given["whose"] or self.default_whose,
            "state": given["state"] or self.OPEN,
            "sort": given["sort"] or self.UPDATED,
            "q": given["q"],
            "account": given["account"],
        }


class CreateCaseForm(forms.Form):
    """A new case. The account is asked for only of people who may file for several."""

    account = forms.TypedChoiceField(label=_l("Account"), coerce=int)
    product = forms.ModelChoiceField(Product.objects.none(), label=_l("Product"), empty_label=_l("Choose a product"))
    subject = SubjectField(help_text=_l("One line: what happens, and where."))
    description = DescriptionField(
        label=_l("Description"),
        help_text=_l("What did you do, what did you expect, what happened instead? Messages and times help most."),
    )
    severity = forms.ChoiceField(
        label=_l("Severity"), choices=Severity.choices, initial=Severity.S3, widget=forms.RadioSelect
    )
    environment = forms.ChoiceField(
        label=_l("Environment"), choices=Environment.choices, initial=Environment.PRODUCTION
    )
    endpoints = forms.CharField(
        label=_l("Endpoints"),
        required=False,
        max_length=ENDPOINTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_l("Connections, flows or addresses that are affected, one a line."),
    )
    contact_phone = forms.CharField(
        label=_l("Contact phone"),
        required=False,
        max_length=40,
        validators=[phone_validator],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_l("With the country's code, in case a call is quicker."),
    )
    uploads = StagedUploadsField()
    submission_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, owner: User, contacts: Sequence[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {contact.account_id: contact for contact in contacts}
        self.fields["product"].queryset = Product.objects.offered()  # type: ignore[attr-defined]
        if len(contacts) > 1:
            choices = [(contact.account_id, contact.account.name) for contact in contacts]
            self.fields["account"].choices = [("", _("Choose an account")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["account"]
        owned_by(self, owner)

    @property
    def contact(self) -> Contact:
        """Return the membership under which the case is filed; the form is valid."""
        account = self.cleaned_data.get("account")
        return self.contacts[account] if account is not None else next(iter(self.contacts.values()))

    def severity_cards(self) -> list[dict[str, Any]]:
        """Return each severity with what it means, and whether it is chosen."""
        chosen = self["severity"].value()
        return [
            {"value": code.value, "label": code.label, "meaning": meaning, "checked": chosen == code.value}
            for code, meaning in SEVERITY_MEANINGS.items()
        ]


class ReplyForm(forms.Form):
    """A customer's reply: text, files, or both."""

    one_of = ("body", "uploads")

    body = forms.CharField(
        label=_l("Your reply"), required=False, max_length=MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )
    uploads = StagedUploadsField()
    submission_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owned_by(self, owner)

    def clean(self) -> dict[str, Any]:
        """Ask for text or a file."""
        values = super().clean() or {}
        if not values.get("body") and not values.get("uploads") and not self.errors:
            self.add_error("body", _("Write something, or attach a file."))
        return values


class EditCaseForm(forms.Form):
    """What the contact may correct while the case is open."""

    subject = SubjectField()
    product = forms.ModelChoiceField(Product.objects.none(), label=_l("Product"))
    description = DescriptionField(label=_l("Description"))
    environment = forms.ChoiceField(label=_l("Environment"), choices=Environment.choices)
    endpoints = forms.CharField(
        label=_l("Endpoints"),
        required=False,
        max_length=ENDPOINTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_l("Connections, flows or addresses that are affected, one a line."),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    FIELDS = ("subject", "product", "description", "environment", "endpoints")

    def __init__(self, data: Any = None, *, case: Case) -> None:
        initial = {name: getattr(case, name) for name in self.FIELDS}
        super().__init__(data, initial={**initial, "version": case.version})
        # The case's own product stays on offer after it has left the list.
        self.fields["product"].queryset = Product.objects.filter(  # type: ignore[attr-defined]
            Q(is_active=True) | Q(pk=case.product_id)
        )


class StatusForm(forms.Form):
    """A move that the customer asks for, and the version of the case that they were looking at."""

    to = forms.TypedChoiceField(choices=Status.choices, coerce=Status)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class VerificationForm(forms.Form):
    """The answer to "may this contact file?"."""

    CONFIRM, REFUSE = "confirm", "refuse"
    decision = forms.ChoiceField(choices=[(CONFIRM, _l("Confirm")), (REFUSE, _l("Refuse"))])


class FollowerForm(forms.Form):
    """One person among those offered."""

    user = forms.TypedChoiceField(label=_l("Colleague"), coerce=int)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [(person.pk, str(person)) for person in people]  # type: ignore[attr-defined]
