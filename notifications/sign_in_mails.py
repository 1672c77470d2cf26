"""Samples of the mails that allauth writes: what happened to a sign-in, or is about to."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts.adapter import written
from notifications.kinds import Sample
from notifications.samples import AT, customer

# By the path of its templates, without "_subject.txt" and "_message.txt".
MAILS: tuple[tuple[str, str | Promise], ...] = (
    ("account/email/email_confirmation_signup", _l("Confirm the address of a new sign-in")),
    ("account/email/email_confirmation", _l("Confirm another address")),
    ("account/email/email_confirm", _l("Address confirmed")),
    ("account/email/email_changed", _l("Address changed")),
    ("account/email/email_deleted", _l("Address removed")),
    ("account/email/password_reset_key", _l("Choose a new password")),
    ("account/email/password_reset", _l("Password reset")),
    ("account/email/password_changed", _l("Password changed")),
    ("account/email/password_set", _l("Password set")),
    ("account/email/account_already_exists", _l("Sign-up with a known address")),
    ("account/email/unknown_account", _l("New password for an unknown address")),
    ("mfa/email/totp_activated", _l("Authenticator app added")),
    ("mfa/email/totp_deactivated", _l("Authenticator app removed")),
    ("mfa/email/recovery_codes_generated", _l("New recovery codes")),
    ("mfa/email/webauthn_added", _l("Passkey added")),
    ("mfa/email/webauthn_removed", _l("Passkey removed")),
)


def _sample(prefix: str) -> Callable[[], dict[str, Any]]:
    def words() -> dict[str, Any]:
        address = customer().email
        site = settings.PORTAL_URL
        context = {
            "activate_url": site + reverse("account_confirm_email", args=["sample"]),
            "password_reset_url": site + reverse("account_reset_password_from_key", args=["x", "sample"]),
            "signup_url": site + reverse("account_signup"),
            "timestamp": AT,
            "ip": "192.0.2.17",
            "from_email": address,
            "to_email": "dana@acme.example",
            "deleted_email": "dana@old.example",
        }
        return dict(written(prefix, address, context))

    return words


SAMPLES = tuple(
    Sample(_sample(prefix), code=prefix.rpartition("/")[2].replace("_", "-"), label=label, has_account=False)
    for prefix, label in MAILS
)
