"""Samples of the mails that allauth writes: what happened to a sign-in, or is about to."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.adapter import written
from notifications.kinds import Sample
from notifications.samples import AT, customer

# By the path of its templates, without "_subject.txt" and "_message.txt".
MAILS = (
    "account/email/email_confirmation_signup",
    "account/email/email_confirmation",
    "account/email/email_confirm",
    "account/email/email_changed",
    "account/email/email_deleted",
    "account/email/password_reset_key",
    "account/email/password_reset",
    "account/email/password_changed",
    "account/email/password_set",
    "account/email/account_already_exists",
    "account/email/unknown_account",
    "mfa/email/totp_activated",
    "mfa/email/totp_deactivated",
    "mfa/email/recovery_codes_generated",
    "mfa/email/webauthn_added",
    "mfa/email/webauthn_removed",
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
    Sample(_sample(prefix), code=prefix.rpartition("/")[2].replace("_", "-"), has_account=False) for prefix in MAILS
)
