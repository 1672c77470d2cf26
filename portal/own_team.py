"""What waits for the admin of a customer's account, on their home: unlike the rest of it, words that customers read."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from accounts import policies as accounts_policies
from accounts.models import User
from cases import attention as of_cases
from portal.section import Section, section_row


def sections(user: User) -> Iterator[Section]:
    """Yield what an account's admin decides; who looks after accounts has seen it among the customers'."""
    administered = user.administered_account_ids
    if not administered or accounts_policies.decide_contact_request(user):
        return
    yield Section(
        "verify",
        _l("Cases of colleagues that wait for your word"),
        "shield",
        of_cases.to_verify(user, administered),
        section_row("verify"),
        f"{reverse('cases:list')}?whose=team",
        _l("No colleague's case waits for your word."),
    )
