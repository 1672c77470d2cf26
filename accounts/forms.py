"""The shape of what people type about themselves and their team."""

import unicodedata
import zoneinfo
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _l

from accounts.constants import STAFF_ROLES, Role
from accounts.models import Account, ContactRequest, User
from lib.addresses import normalise_email

if TYPE_CHECKING:
    # Generic for type checkers only.
    UserModelForm = forms.ModelForm[User]
    RequestModelForm = forms.ModelForm[ContactRequest]
else:
    UserModelForm = RequestModelForm = forms.ModelForm


def clean_name(value: str) -> str:
    """Return a name in one line. Raises ``ValidationError`` on characters that hide or turn text."""
    name = " ".join(value.split())
    if any(unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} for character in name):
        raise ValidationError(_l("Leave out the invisible characters."))
    return name


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password; the adapter stores it."""

    display_name = forms.CharField(
        label=_l("Display name"),
        max_length=80,
        help_text=_l("What others see. Your e-mail stays private."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_display_name(self) -> str:
        """Return the name in one line."""
        return clean_name(self.cleaned_data["display_name"])

    def signup(self, request: HttpRequest, user: User) -> None:
        """Do nothing more; allauth asks for this method."""


class ProfileForm(UserModelForm):
    """What a person says about themselves."""

    language = forms.ChoiceField(
        label=_l("Language"), required=False, help_text=_l("Of pages and of the mails we send you.")
    )
    time_zone = forms.ChoiceField(label=_l("Time zone"), help_text=_l("Times on every page are shown in it."))

    class Meta:
        model = User
        fields = ("display_name", "handle", "language", "time_zone")
        help_texts = {"handle": _l("How others mention you: @handle.")}
        widgets = {
            "display_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "handle": forms.TextInput(
                attrs={"autocomplete": "nickname", "autocapitalize": "none", "spellcheck": "false"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
        language, time_zone = self.fields["language"], self.fields["time_zone"]
        if isinstance(language, forms.ChoiceField) and isinstance(time_zone, forms.ChoiceField):
            language.choices = [("", _l("As my browser asks")), *settings.LANGUAGES]
            time_zone.choices = [(zone, zone.replace("_", " ")) for zone in zones]

    def clean_display_name(self) -> str:
        """Return the name in one line."""
        return clean_name(self.cleaned_data["display_name"])

    def clean_handle(self) -> str:
        """Return the handle in small letters, unless somebody else has it."""
        handle: str = self.cleaned_data["handle"].strip().lower()
        if not handle:
            raise ValidationError(_l("Choose a handle."))
        if User.objects.filter(handle__iexact=handle).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_l("Somebody has this handle already. Choose another."))
        return handle


class InviteForm(forms.Form):
    """A colleague's address."""

    email = forms.EmailField(
        label=_l("E-mail of your colleague"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )


class JoinForm(RequestModelForm):
    """A request to become a contact."""

    class Meta:
        model = ContactRequest
        fields = ("company", "message")
        labels = {"company": _l("Your company"), "message": _l("What should we know?")}
        help_texts = {"message": _l("For example who of us your company works with.")}
        widgets = {
            "company": forms.TextInput(attrs={"autocomplete": "organization"}),
            "message": forms.Textarea(attrs={"rows": 4}),
        }


# --- Admin -----------------------------------------------------------------------------------------------------


class AddContactForm(forms.Form):
    """Add a contact by e-mail."""

    email = forms.EmailField(label=_l("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    as_authorized = forms.BooleanField(label=_l("Authorized contact"), required=False)
    as_account_admin = forms.BooleanField(label=_l("Account admin"), required=False)


class ImportContactsForm(forms.Form):
    """A CSV file of contacts."""

    file = forms.FileField(
        label=_l("CSV file"),
        allow_empty_file=True,  # the reader says what is missing
        help_text=_l("Columns: email, authorized, admin. An import only adds; it takes nothing away."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class GrantRequestForm(forms.Form):
    """The account that somebody joins."""

    account = forms.ModelChoiceField(label=_l("Account"), queryset=Account.objects.none())

    def __init__(self, *args: Any, accounts: QuerySet[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = accounts


class _RolesForm(UserModelForm):
    roles = forms.MultipleChoiceField(
        label=_l("Roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a staff role without the administration's door, except a moderator's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {Role(value) for value in cleaned.get("roles", [])} & STAFF_ROLES and not cleaned.get("is_staff"):
            self.add_error("is_staff", _l("People with these roles are staff: tick this too."))
        return cleaned


class PersonForm(_RolesForm):
    """A person in the administration."""

    class Meta:
        model = User
        fields = ("display_name", "handle", "language", "time_zone", "is_staff")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = list(
                self.instance.groups.filter(name__in=Role.values).values_list("name", flat=True)
            )


class CreatePersonForm(_RolesForm):
    """A new sign-in."""

    class Meta:
        model = User
        fields = ("email", "display_name", "is_staff")

    def clean_email(self) -> str:
        """Return the normalised address, unless it has a sign-in already."""
        address = normalise_email(self.cleaned_data["email"])
        if User.objects.filter(email__iexact=address).exists():
            raise ValidationError(_l("This address has a sign-in already."))
        return address
