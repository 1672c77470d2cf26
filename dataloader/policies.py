"""May this person do this with the Data Loader community's own pages? Views, templates and admin ask here."""

from django.utils.translation import gettext_lazy as _l

from accounts.querysets import Someone
from lib.decisions import Decision, allowed_if


def edit_codes(user: Someone) -> Decision:
    """Writing and correcting what stands about error codes: engineers, managers, administrators, in admin."""
    return allowed_if(
        user.is_staff and user.has_perm("dataloader.change_errorcode"), _l("The support team writes about error codes.")
    )
