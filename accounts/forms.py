"""The shape of what people type about themselves and their team."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _l

from accounts.models import User


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password."""

    display_name = forms.CharField(label=_l("Display name"), max_length=80, help_text=_l("What others see."))

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 - allauth's signature
        """Store it on the new person."""
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])
