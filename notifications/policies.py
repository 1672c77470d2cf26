"""May this person do this to the ledger? Admin and verbs ask here."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from lib.decisions import Decision, allowed_if

Someone = User | AnonymousUser


def see_ledger(user: Someone) -> Decision:
    """Everybody's deliveries: support managers and administrators."""
    return allowed_if(
        user.has_perm("notifications.view_delivery"), _l("Only support managers and administrators see the ledger.")
    )


def retry(user: Someone) -> Decision:
    """Sending again what failed or was not sent."""
    return allowed_if(
        user.has_perm("notifications.retry_delivery"),
        _l("Only support managers and administrators send a message again."),
    )
