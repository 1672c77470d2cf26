"""Who sees what belongs to the site as a whole."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from lib.decisions import Decision, allowed_if


def see_styleguide(user: User | AnonymousUser) -> Decision:
    """Staff see how pages are made: customers would find but made-up cases there."""
    return allowed_if(user.is_staff, _l("The style guide is for staff."))
