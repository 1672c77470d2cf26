"""Importing contacts: everything that can be imported is, and every other line is reported with its reason."""

import io

import pytest
from django.core.exceptions import PermissionDenied

from accounts import contact_csv, contacts
from accounts.contact_csv import ImportReport
from accounts.contacts import ContactError
from accounts.models import Account, AuditEvent, Contact, User
from tests.factories.accounts import ContactFactory, UserFactory


def imported(account: Account, actor: User, data: bytes | str) -> ImportReport:
    raw = data if isinstance(data, bytes) else data.encode()
    return contacts.import_csv(account=account, file=io.BytesIO(raw), actor=actor)


def test_links_and_invites(acme: Account, csm: User) -> None:
    UserFactory(email="ann@acme.example")

    report = imported(acme, csm, "email,authorized,admin\nann@acme.example,yes,no\nbob@acme.example,no,yes\n")

    assert (report.imported, report.unchanged, report.refused) == (2, 0, ())
    assert acme.contacts.get().is_authorized
    assert acme.invitations.get().as_account_admin
    assert acme.audit_events.filter(act=AuditEvent.Act.CONTACTS_IMPORTED).count() == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfemail;authorized;admin\r\nann@acme.example;x;\r\n",
        "email;authorized\nann@acme.example;yes\n".encode("utf-16"),
        b"sep=;\nE-Mail;Authorised\nann@acme.example;TRUE\n",
        b"admin\temail\tauthorized\n\tann@acme.example\t1\n",
        b'name,email,authorized\n"Lee, Ann",ann@acme.example,yes\n',
        b"ann@acme.example,yes\n",
        b'email,authorized\r\r"ann@acme.example","yes"',
    ],
)
def test_what_spreadsheets_write_is_understood(acme: Account, csm: User, data: bytes) -> None:
    report = imported(acme, csm, data)

    assert report.imported == 1, report
    assert report.refused == ()
    assert acme.invitations.get(email="ann@acme.example").as_authorized


def test_a_horrible_file_costs_its_horrible_lines_only(acme: Account, csm: User) -> None:
    lines = [
        b"email,authorized,admin",
        b"good@acme.example,yes,no",
        b"no-at-sign,yes,no",
        b"caf\xe9@acme.example,,",
        b"nul\x00@acme.example,,",
        b"=cmd|'/c calc'!A1@acme.example,,",
        b"maybe@acme.example,perhaps,",
        b"GOOD@acme.example,,",
        b'"open@acme.example,yes,no',
        b"many@acme.example,,,,surplus",
        b"",
        b"fine@acme.example",
    ]
    report = imported(acme, csm, b"\n".join(lines))

    assert report.imported == 2
    assert [line.number for line in report.refused] == [3, 4, 5, 6, 7, 8, 9, 10]
    reasons = {line.number: line.reason for line in report.refused}
    assert "not an e-mail address" in reasons[3]
    assert "UTF-8" in reasons[4]
    assert "NUL" in reasons[5]
    assert "formula" in reasons[6]
    assert "yes or no" in reasons[7]
    assert "line 2" in reasons[8]
    assert "\x00" not in "".join(line.content for line in report.refused)


def test_lines_over_the_limit_are_refused_and_the_rest_imported(globex: Account, csm: User) -> None:
    rows = "".join(f"p{number}@globex.example,yes\n" for number in range(4))

    report = imported(globex, csm, "email,authorized\n" + rows + "plain@globex.example,no\n")

    assert report.imported == 3
    assert [line.number for line in report.refused] == [4, 5]
    assert all("Standard allows 2" in line.reason for line in report.refused)


def test_a_second_import_of_the_same_file_changes_nothing(acme: Account, csm: User, colleague: Contact) -> None:
    data = f"email,authorized\n{colleague.user.email},yes\nnew@acme.example,no\n"
    imported(acme, csm, data)
    events = acme.audit_events.count()

    report = imported(acme, csm, data)

    assert (report.imported, report.unchanged) == (0, 2)
    assert acme.audit_events.count() == events


def test_an_import_takes_nothing_away(acme: Account, csm: User, contact: Contact) -> None:
    imported(acme, csm, f"email,authorized,admin\n{contact.user.email},no,no\n")

    contact.refresh_from_db()
    assert contact.is_authorized
    assert contact.is_account_admin


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"name,phone\nAnn,1\n",
        b"\x00\x01\x02\xff",
        b"email\n" + b"x" * contact_csv.MAX_BYTES,
        b"email\n" + b"a\n" * (contact_csv.MAX_LINES + 1),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(acme: Account, csm: User, data: bytes) -> None:
    with pytest.raises(ContactError):
        imported(acme, csm, data)
    assert not acme.audit_events.exists()


def test_only_who_manages_the_account_imports(acme: Account, other_csm: User) -> None:
    with pytest.raises(PermissionDenied):
        imported(acme, other_csm, "email\nann@acme.example\n")


def test_a_locked_limit_counts_who_is_there(globex: Account, csm: User) -> None:
    ContactFactory(account=globex, is_authorized=True)

    report = imported(globex, csm, "email,authorized\na@globex.example,yes\nb@globex.example,yes\n")

    assert report.imported == 1
    assert len(report.refused) == 1
