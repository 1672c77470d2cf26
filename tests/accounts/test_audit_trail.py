"""The audit trail in the administration."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import contacts
from accounts.models import Account, User
from tests.cast import SignedIn

pytestmark = pytest.mark.django_db


def test_invitations_are_named_with_their_address_in_as_many_queries_for_two_as_for_twenty(
    acme: Account, administrator: User, as_user: SignedIn
) -> None:
    client, url = as_user(administrator), reverse("admin:accounts_auditevent_changelist")
    client.get(url)
    counts = []
    for first, last in ((0, 2), (2, 20)):
        for number in range(first, last):
            contacts.add_by_email(account=acme, email=f"new{number}@acme.example", actor=administrator)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url).content.decode()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert "invited new0@acme.example" in page
    assert "invited new19@acme.example" in page


@pytest.mark.parametrize("name", ["nonsense", "0x1", "²"])
def test_history_of_no_account_is_404(name: str, administrator: User, as_user: SignedIn) -> None:
    url = reverse("admin:accounts_account_history", args=[name])
    assert as_user(administrator).get(url).status_code == 404
