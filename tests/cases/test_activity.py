"""An account's activity: what is counted, in whose weeks, and who may look."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Contact, User
from cases import activity, activity_page
from cases.activity import MONTH, WEEK
from cases.constants import Severity, Status
from cases.models import Case
from tests.cast import SignedIn
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case

pytestmark = pytest.mark.django_db

PAGE = "/cases/activity/"
# A Wednesday.
NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def filed(contact: Contact, opened: datetime, **fields: object) -> Case:
    """Return a case as it would stand had it been filed then."""
    case = file_case(contact, subject=f"Filed at {opened:%d %H:%M}")
    Case.objects.filter(pk=case.pk).update(opened_at=opened, **fields)
    return case


def answered(contact: Contact, after: Iterable[int]) -> None:
    """File a case for each number of minutes after which it is answered."""
    opened = NOW - timedelta(days=2)
    for minutes in after:
        filed(
            contact,
            opened,
            first_responded_at=opened + timedelta(minutes=minutes),
            first_response_due_at=opened + timedelta(minutes=60),
        )


def weeks(found: activity.Activity) -> dict[date, tuple[int, int]]:
    return {one.first_day: (one.opened, one.closed) for one in found.periods if one.opened or one.closed}


class TestPeriods:
    def test_the_last_twelve_weeks_begin_on_mondays(self, contact: Contact) -> None:
        found = activity.of(contact.account, user=contact.user)
        days = [one.first_day for one in found.periods]
        assert (len(days), days[0], days[-1]) == (12, date(2025, 12, 29), date(2026, 3, 16))
        assert found.is_empty

    def test_the_last_twelve_months_begin_on_the_first(self, contact: Contact) -> None:
        found = activity.of(contact.account, user=contact.user, by=MONTH)
        assert (found.periods[0].first_day, found.periods[-1].first_day) == (date(2025, 4, 1), date(2026, 3, 1))

    @pytest.mark.parametrize(
        ("zone", "monday"),
        [("UTC", date(2026, 3, 9)), ("Pacific/Auckland", date(2026, 3, 16)), ("America/Los_Angeles", date(2026, 3, 9))],
    )
    def test_a_week_is_the_readers(self, contact: Contact, zone: str, monday: date) -> None:
        filed(contact, datetime(2026, 3, 15, 22, 0, tzinfo=UTC))  # on Sunday evening, or on Monday in the east
        with timezone.override(zone):
            assert weeks(activity.of(contact.account, user=contact.user)) == {monday: (1, 0)}

    def test_cases_are_counted_when_they_were_opened_and_when_they_were_closed(self, contact: Contact) -> None:
        filed(contact, datetime(2026, 3, 2, tzinfo=UTC), status=Status.CLOSED, closed_at=NOW - timedelta(days=1))
        filed(contact, datetime(2026, 3, 17, tzinfo=UTC))
        filed(contact, datetime(2025, 12, 28, 23, 59, tzinfo=UTC))  # a minute too old
        found = activity.of(contact.account, user=contact.user)
        assert weeks(found) == {date(2026, 3, 2): (1, 0), date(2026, 3, 16): (1, 1)}
        assert (found.open_now, found.opened) == (2, 2)


class TestAnswers:
    def test_median_and_slowest_tenth(self, contact: Contact) -> None:
        answered(contact, [10, 20, 30, 40, 100])
        found = activity.of(contact.account, user=contact.user)
        assert found.median == timedelta(minutes=30)
        assert found.slowest_tenth == timedelta(minutes=76)

    def test_of_few_answers_no_tenth_is_told(self, contact: Contact) -> None:
        answered(contact, [10, 20])
        found = activity.of(contact.account, user=contact.user)
        assert (found.answered, found.median, found.slowest_tenth) == (2, timedelta(minutes=15), None)

    def test_without_an_answer_there_is_no_median(self, contact: Contact) -> None:
        filed(contact, NOW)
        assert activity.of(contact.account, user=contact.user).median is None

    def test_the_target_is_kept_by_severity(self, contact: Contact) -> None:
        answered(contact, [10, 60, 61])  # due after 60
        filed(contact, NOW - timedelta(days=1), first_response_due_at=NOW - timedelta(hours=1))  # late, unanswered
        filed(contact, NOW, first_response_due_at=NOW + timedelta(hours=1))  # has time
        kept = {one.severity: one for one in activity.of(contact.account, user=contact.user).kept}
        assert (kept[Severity.S3].met, kept[Severity.S3].due, kept[Severity.S3].percent) == (2, 4, 50)
        assert kept[Severity.S1].percent is None

    @pytest.mark.parametrize(
        ("length", "words"),
        [
            (timedelta(), "0 min"),
            (timedelta(minutes=59, seconds=20), "59 min"),
            (timedelta(minutes=60), "1 h"),
            (timedelta(hours=5, minutes=7), "5 h 7 min"),
            (timedelta(days=1), "1 d"),
            (timedelta(days=3, hours=4, minutes=50), "3 d 5 h"),
            (None, ""),
        ],
    )
    def test_lengths_in_words(self, length: timedelta | None, words: str) -> None:
        assert activity_page.duration(length) == words


class TestWhoLooks:
    def test_a_contact_sees_the_team_and_never_another_account(
        self, as_user: SignedIn, contact: Contact, colleague: Contact, stranger: Contact
    ) -> None:
        filed(colleague, NOW)
        filed(stranger, NOW)
        page = as_user(contact.user).get(PAGE)
        assert page.context["activity"].opened == 1
        assert as_user(contact.user).get(PAGE, {"account": stranger.account_id}).status_code == 404

    def test_who_sees_only_their_own_cases_is_told_so(
        self, as_user: SignedIn, acme: Account, contact: Contact, colleague: Contact
    ) -> None:
        acme.case_visibility = "own"
        acme.save()
        filed(contact, NOW)
        page = as_user(colleague.user).get(PAGE)
        assert page.context["activity"].is_empty
        assert "These are your own cases" in page.text
        assert "These are your own cases" not in as_user(contact.user).get(PAGE).text  # an account admin

    def test_of_several_accounts_one_is_chosen(self, as_user: SignedIn, contact: Contact, globex: Account) -> None:
        ContactFactory(user=contact.user, account=globex)
        page = as_user(User.objects.get(pk=contact.user_id)).get(PAGE, {"account": globex.pk})
        assert page.context["account"] == globex
        assert f"?account={contact.account_id}" in page.text

    @pytest.mark.parametrize("asked", ["0", "x", "99999999999999999999", "%00"])
    def test_odd_accounts_are_not_there(self, as_user: SignedIn, contact: Contact, asked: str) -> None:
        assert as_user(contact.user).get(f"{PAGE}?account={asked}").status_code == 404

    def test_csm_sees_their_accounts_alone(
        self, as_user: SignedIn, acme: Account, csm: User, other_csm: User, contact: Contact
    ) -> None:
        filed(contact, NOW)
        page = as_user(csm).get(f"/desk/accounts/{acme.pk}/activity/")
        assert page.context["activity"].opened == 1
        assert as_user(other_csm).get(f"/desk/accounts/{acme.pk}/activity/").status_code == 404

    @pytest.mark.parametrize("role", ["moderator", "operator", "member"])
    def test_nobody_else_does(
        self, as_user: SignedIn, acme: Account, role: str, request: pytest.FixtureRequest
    ) -> None:
        user = request.getfixturevalue(role)
        assert as_user(user).get(f"/desk/accounts/{acme.pk}/activity/").status_code == 403

    def test_desk_sees_every_account(self, as_user: SignedIn, engineer: User, stranger: Contact) -> None:
        filed(stranger, NOW)
        client = as_user(engineer)
        address = f"/desk/accounts/{stranger.account_id}/activity/"
        assert client.get(address).context["activity"].opened == 1
        assert client.post(address).status_code == 405
        assert client.get("/desk/accounts/999999/activity/").status_code == 404
        assert client.get("/desk/accounts/99999999999999999999999/activity/").status_code == 404

    def test_a_visitor_signs_in_first(self, client: Client) -> None:
        assert "/accounts/login/" in client.get(PAGE)["Location"]


class TestPage:
    def test_the_table_says_what_the_chart_shows(self, as_user: SignedIn, contact: Contact) -> None:
        filed(contact, NOW)
        filed(contact, NOW - timedelta(days=7), status=Status.CLOSED, closed_at=NOW)
        page = as_user(contact.user).get(PAGE)
        rows = page.context["chart"].rows
        assert [list(row.cells) for row in rows[-2:]] == [["1", "0"], ["1", "1"]]
        assert "2 cases were opened in the last 12 weeks. 1 was closed." in page.text
        assert "Week of 16 March 2026" in page.text

    def test_months_are_asked_for_in_the_address(self, as_user: SignedIn, contact: Contact) -> None:
        filed(contact, NOW - timedelta(days=200))
        client = as_user(contact.user)
        assert client.get(PAGE).context["activity"].opened == 0
        page = client.get(PAGE, {"by": "month"})
        assert page.context["activity"].opened == 1
        assert client.get(PAGE, {"by": "century"}).context["by"] == WEEK

    def test_it_costs_the_same_however_many_cases(self, as_user: SignedIn, contact: Contact) -> None:
        client = as_user(contact.user)
        filed(contact, NOW)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as few:
            client.get(PAGE)
        answered(contact, range(10, 20))
        with CaptureQueriesContext(connection) as many:
            client.get(PAGE)
        assert len(many) == len(few)

    def test_my_cases_and_the_desk_lead_there(self, as_user: SignedIn, contact: Contact, engineer: User) -> None:
        case = filed(contact, NOW)
        assert f'href="{PAGE}"' in as_user(contact.user).get("/cases/").text
        address = f"/desk/accounts/{case.account_id}/activity/"
        assert address in as_user(engineer).get(case.get_desk_url()).text
