"""How allauth speaks for this portal: names, absolute links, and mail through the delivery ledger."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmation
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts import invitations
from accounts.models import User
from accounts.outbox import Letter, post
from lib.addresses import normalise_email
from lib.tokens import new_token

# The button of a mail: its words, and where in allauth's context its address is.
_BUTTONS: Mapping[str, tuple[str | Promise, str]] = {
    "account/email/email_confirmation": (_l("Confirm this address"), "activate_url"),
    "account/email/email_confirmation_signup": (_l("Confirm this address"), "activate_url"),
    "account/email/password_reset_key": (_l("Choose a new password"), "password_reset_url"),
    "account/email/account_already_exists": (_l("Choose a new password"), "password_reset_url"),
    "account/email/unknown_account": (_l("Sign up"), "signup_url"),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up, sign-in and their mails."""

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - allauth's signature
        """Name the new person before the row is written: the handle is made of the name."""
        user.display_name = form.cleaned_data["display_name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def clean_email(self, email: str) -> str:
        """Keep the form that keys use."""
        return normalise_email(email)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead somebody with an open invitation to it; a ``next`` in the address goes first."""
        if isinstance(request.user, User):
            for invitation in invitations.waiting_for(request.user):
                return invitations.path(invitation)
        url: str = super().get_login_redirect_url(request)
        return url

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Write the mail into the delivery ledger, as text and the address of its one button."""
        post(
            Letter(
                kind="accounts.sign_in_mail",
                event=f"sign-in-mail:{new_token()}",
                context=written(template_prefix, email, context, allauth_context.request),
                address=email,
                # What is frozen are words: the layout around them is in the same language.
                language=translation.get_language() or "",
            )
        )

    def send_account_already_exists_mail(self, email: str) -> None:
        """Mail it, after the work that a fresh sign-up would have been: the time taken tells nothing."""
        make_password(new_token())
        super().send_account_already_exists_mail(email)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        """Return an address on ``PORTAL_URL``."""
        return on_portal(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return an address on ``PORTAL_URL``."""
        return on_portal(super().get_reset_password_from_key_url(key))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002 - allauth's signature
        # Not the site's name as well: another Host header would be another five attempts.
        return normalise_email(credentials.get("email", ""))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors. Passkeys belong to the host name of ``PORTAL_URL``, whatever the Host header says."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return who asks for a passkey (WebAuthn's relying party)."""
        return {"id": portal_host(), "name": settings.PORTAL_NAME}

    def _get_site_name(self) -> str:
        return settings.PORTAL_NAME


def written(
    template_prefix: str, email: str, context: Mapping[str, Any], request: HttpRequest | None = None
) -> dict[str, str]:
    """Return subject, text, and label and address of the one button, of a mail of allauth's, in the active language.

    Links in ``context`` that allauth made from the Host header are moved to ``PORTAL_URL``.
    """
    words = {
        **{name: on_portal(value) if name.endswith("_url") else value for name, value in context.items()},
        "email": email,
        "site_name": settings.PORTAL_NAME,
    }
    subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words, request).split())
    text = render_to_string(f"{template_prefix}_message.txt", words, request).strip()
    label, address_name = _BUTTONS.get(template_prefix, ("", ""))
    address = str(words.get(address_name, ""))
    before, _address, after = text.partition(address) if address else (text, "", "")
    return {
        "subject": subject,
        "text": text,
        # The HTML mail has a button where the text has the address.
        "before": before.strip(),
        "action_label": str(label),
        "action_url": address,
        "after": after.strip(),
    }


def on_portal(address: str) -> str:
    """Return ``address`` with scheme and host of ``PORTAL_URL``."""
    base, parts = urlsplit(settings.PORTAL_URL), urlsplit(str(address))
    return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, parts.fragment))


def portal_host() -> str:
    """Return the host name of ``PORTAL_URL``, without port."""
    return urlsplit(settings.PORTAL_URL).hostname or "localhost"
