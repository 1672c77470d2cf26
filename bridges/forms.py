"""The shape of what engineers send between a case and a topic. No side effects."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import Contact, Product
from cases.constants import Severity
from cases.forms import DescriptionField, SubjectField
from cases.workflow import NewCase
from forums.forms import BodyField, TagsField, TitleField
from forums.models import Category

if TYPE_CHECKING:
    # Generic for type checkers only.
    ContactChoiceField = forms.ModelChoiceField[Contact]
else:
    ContactChoiceField = forms.ModelChoiceField


class _ContactChoice(ContactChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        contact: Contact = obj
        mark = _("authorized") if contact.is_authorized else _("not authorized")
        return f"{contact.account} · {mark}"


class TopicCaseForm(forms.Form):
    """A case for a topic's author."""

    filed_for = _ContactChoice(Contact.objects.none(), label=_l("Account"), empty_label=_l("Choose an account"))
    product = forms.ModelChoiceField(Product.objects.none(), label=_l("Product"), empty_label=_l("Choose a product"))
    subject = SubjectField()
    description = DescriptionField(label=_l("Description"))
    severity = forms.TypedChoiceField(
        label=_l("Severity"), choices=Severity.choices, coerce=Severity, initial=Severity.S3
    )
    submission_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any = None, *, contacts: Sequence[Contact], initial: dict[str, Any]) -> None:
        if len(contacts) == 1:
            initial = {"filed_for": contacts[0].pk, **initial}
        super().__init__(data, initial=initial)
        filed_for: Any = self.fields["filed_for"]
        filed_for.queryset = Contact.objects.filter(pk__in=[one.pk for one in contacts]).with_account()
        product: Any = self.fields["product"]
        product.queryset = Product.objects.offered()

    def new_case(self) -> NewCase:
        """Return what ``workflow.open_case`` takes; the form is valid."""
        names = ("product", "subject", "description", "severity")
        return NewCase(**{name: self.cleaned_data[name] for name in names})


class PublishForm(forms.Form):
    """A case as a public question, read by whoever sends it."""

    title = TitleField()
    question = BodyField(label=_l("Question"), rows=12)
    answer = BodyField(label=_l("Answer"), rows=12)
    category = forms.TypedChoiceField(label=_l("Community and category"), coerce=int, empty_value=None)
    tags = TagsField()
    is_read = forms.BooleanField(
        label=_l("I have read it: nothing private is left"),
        error_messages={"required": _l("Read both texts to the end, then say so here.")},
    )
    # What still looks private and may stay: the fingerprint of exactly these findings.
    keep = forms.CharField(required=False, max_length=64)

    def __init__(self, *args: Any, shelves: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shelves = {shelf.pk: shelf for shelf in shelves}
        groups: dict[str, list[tuple[int, str]]] = {}
        for shelf in shelves:
            groups.setdefault(shelf.community.name, []).append((shelf.pk, shelf.name))
        choice: Any = self.fields["category"]
        choice.choices = [("", _("Choose a category")), *groups.items()]

    @property
    def shelf(self) -> Category:
        """Return where the question will stand; the form is valid."""
        return self.shelves[self.cleaned_data["category"]]

    def public_texts(self) -> list[str]:
        """Return all that will be public, tags too; the form is valid."""
        given = self.cleaned_data
        return [given["title"], given["question"], given["answer"], " ".join(given["tags"])]
