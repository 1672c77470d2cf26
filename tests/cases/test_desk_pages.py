"""The desk's pages: who enters, what they show, and that they cost the same for two rows and for twenty."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact, User
from cases import desk, oncall, workflow
from cases.constants import Priority, Severity, Status
from cases.models import Alert, Case, OnCallStep
from tests.cast import SignedIn
from tests.factories.accounts import ContactFactory, UserFactory
from tests.factories.cases import file_case

QUEUE = "/desk/"


@pytest.fixture
def case(contact: Contact) -> Case:
    return file_case(contact)


@pytest.fixture
def production_down(contact: Contact) -> Case:
    return file_case(contact, subject="Production Down: orders lost")


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# --- Who enters -----------------------------------------------------------------------------------------------


def _addresses(case: Case) -> list[tuple[str, str]]:
    posts = ("take", "reply", "status", "owner", "priority", "severity", "lower", "escalation", "verify", "follower")
    return [
        ("get", reverse("desk:queue")),
        ("get", reverse("desk:new")),
        ("get", reverse("desk:file", args=[case.account_id])),
        ("get", reverse("desk:case", args=[case.pk])),
        ("get", reverse("desk:edit", args=[case.pk])),
        ("get", reverse("desk:acknowledge", args=["a" * 22])),
        *[("post", reverse(f"desk:{name}", args=[case.pk])) for name in posts],
    ]


def test_anonymous_is_sent_to_sign_in_and_back(case: Case) -> None:
    for verb, url in _addresses(case):
        response = getattr(Client(), verb)(url)
        assert response.status_code == 302, url
        assert response["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("role", ["contact", "member", "csm", "moderator", "operator"])
def test_others_are_told_that_the_desk_is_for_engineers(
    case: Case, role: str, request: pytest.FixtureRequest, as_user: SignedIn
) -> None:
    person = request.getfixturevalue(role)
    client = as_user(person.user if isinstance(person, Contact) else person)
    for verb, url in _addresses(case):
        response = getattr(client, verb)(url)
        assert response.status_code == 403, url
        assert "desk is for support engineers" in response.content.decode()


@pytest.mark.parametrize("role", ["engineer", "manager", "administrator"])
def test_whoever_works_the_desk_enters(
    case: Case, role: str, request: pytest.FixtureRequest, as_user: SignedIn
) -> None:
    client = as_user(request.getfixturevalue(role))
    for verb, url in _addresses(case)[:5]:
        assert getattr(client, verb)(url).status_code == 200, url


def test_wrong_verbs_are_405(case: Case, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    for verb, url in _addresses(case):
        takes_both = any(part in url for part in ("/alerts/", "/edit/", f"/new/{case.account_id}/"))
        wrong = "put" if takes_both else {"get": "post", "post": "get"}[verb]
        assert getattr(client, wrong)(url).status_code == 405, (wrong, url)


def test_a_case_that_is_not_there_is_404(engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    assert client.get("/desk/CS-999999/").status_code == 404
    assert client.get("/desk/CS-1/").status_code == 404
    for name in ("take", "reply", "status", "owner", "follower"):
        assert client.post(reverse(f"desk:{name}", args=[999999])).status_code == 404


# --- Queue ----------------------------------------------------------------------------------------------------


def test_production_down_comes_first_then_priority_then_age(
    contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    low = file_case(contact, severity=Severity.S4, subject="A question")
    old = file_case(contact, subject="The old one")
    young = file_case(contact, subject="The young one")
    high = file_case(contact, severity=Severity.S1, subject="Orders are lost")
    down = file_case(contact, subject="Production down", severity=Severity.S4)
    page = as_user(engineer).get(QUEUE)
    assert [row.pk for row in page.context["page"]] == [down.pk, high.pk, old.pk, young.pk, low.pk]


def test_each_tab_shows_its_own(contact: Contact, engineer: User, other_engineer: User, as_user: SignedIn) -> None:
    mine, theirs, nobodys, waiting, solved, closed = (file_case(contact, subject=f"Case {n}") for n in range(6))
    desk.assign(case_id=mine.pk, owner=engineer, actor=engineer)
    desk.assign(case_id=theirs.pk, owner=other_engineer, actor=engineer)
    for moved, path in (
        (waiting, [Status.IN_PROGRESS, Status.WAITING]),
        (solved, [Status.SOLVED]),
        (closed, [Status.SOLVED, Status.CLOSED]),
    ):
        for to in path:
            workflow.change_status(case_id=moved.pk, to=to, actor=engineer)
    client = as_user(engineer)

    def shown(tab: str) -> set[int]:
        return {row.pk for row in client.get(QUEUE, {"tab": tab}).context["page"]}

    assert shown("mine") == {mine.pk}
    assert shown("unassigned") == {nobodys.pk, waiting.pk}
    assert shown("waiting") == {waiting.pk}
    assert shown("all") == {mine.pk, theirs.pk, nobodys.pk, waiting.pk}
    assert shown("solved") == {solved.pk}
    assert shown("closed") == {closed.pk}


def test_tabs_count_up_to_a_limit(
    contact: Contact, engineer: User, as_user: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _n in range(4):
        file_case(contact)
    monkeypatch.setattr("cases.desk_views.queue.COUNT_LIMIT", 3)
    tabs = {tab["url"]: tab["count"] for tab in as_user(engineer).get(QUEUE).context["tabs"]}
    assert tabs["/desk/?tab=all"] == "2+"
    assert tabs["/desk/?tab=mine"] == "0"


def test_filters_narrow_the_queue_and_live_in_the_address(
    contact: Contact, stranger: Contact, engineer: User, as_user: SignedIn
) -> None:
    wanted = file_case(contact, subject="NetSuite refuses orders", severity=Severity.S2)
    other = file_case(stranger, subject="Salesforce is slow", severity=Severity.S3)
    workflow.reply(case_id=other.pk, actor=engineer, body="Looks like the flamingo bug", internal=True)
    client = as_user(engineer)

    def shown(**query: Any) -> list[int]:
        return [row.pk for row in client.get(QUEUE, query).context["page"]]

    assert shown(account="acm") == [wanted.pk]
    assert shown(severity="s3") == [other.pk]
    assert shown(product=wanted.product_id) == [wanted.pk, other.pk]
    assert shown(q="netsuite") == [wanted.pk]
    assert shown(q="flamingo") == [other.pk]
    assert shown(q=other.number) == [other.pk]


@pytest.mark.parametrize(
    "query",
    [
        {"tab": "nonsense"},
        {"severity": "s9"},
        {"product": "999999"},
        {"product": "9" * 40},
        {"q": "a\x00b"},
        {"q": "a" * 201},
        {"account": "x" * 161},
        {"after": "tampered"},
        {"after": "x" * 5000},
    ],
)
def test_a_tampered_address_is_400(query: dict[str, str], engineer: User, as_user: SignedIn) -> None:
    assert as_user(engineer).get(QUEUE, query).status_code == 400


def test_pages_follow_each_other_without_gap_or_repeat(
    contact: Contact, engineer: User, as_user: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.desk_views.queue.PAGE_SIZE", 2)
    cases = [file_case(contact).pk for _n in range(5)]
    client, url, seen = as_user(engineer), QUEUE, list[int]()
    while url:
        page = client.get(url).context["page"]
        seen += [row.pk for row in page]
        url = QUEUE + page.next_url if page.next_url else ""
    assert seen == cases


def test_a_row_says_what_is_late_unverified_and_escalated(
    colleague: Contact, engineer: User, as_user: SignedIn
) -> None:
    case = file_case(colleague)
    Case.objects.filter(pk=case.pk).update(first_response_due_at=timezone.now() - timedelta(hours=2))
    desk.set_escalated(case_id=case.pk, escalated=True, actor=engineer)
    page = as_user(engineer).get(QUEUE).content.decode()
    assert "Late" in page
    assert "Unverified" in page
    assert "Escalated" in page
    assert "Enterprise" in page


def test_an_unacknowledged_alert_stands_on_top_with_its_button(
    production_down: Case, engineer: User, as_user: SignedIn
) -> None:
    alert = production_down.alerts.get()
    client = as_user(engineer)
    assert reverse("desk:acknowledge", args=[alert.token]) in client.get(QUEUE).content.decode()
    oncall.acknowledge(token=alert.token, actor=engineer)
    assert reverse("desk:acknowledge", args=[alert.token]) not in client.get(QUEUE).content.decode()


def test_an_empty_on_call_list_is_said(engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    assert "Nobody is on call" in client.get(QUEUE).content.decode()
    OnCallStep.objects.create(position=1, user=engineer)
    assert "Nobody is on call" not in client.get(QUEUE).content.decode()


def test_htmx_gets_the_list_alone(case: Case, engineer: User, as_user: SignedIn) -> None:
    page = as_user(engineer).get(QUEUE, headers={"HX-Request": "true"}).content.decode()
    assert case.subject in page
    assert "<html" not in page


def test_the_queue_costs_the_same_for_two_rows_and_for_twenty(
    contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    client = as_user(engineer)
    for _n in range(2):
        file_case(contact)
    two = _queries(client, QUEUE)
    for n in range(18):
        other = ContactFactory(user=UserFactory())
        filed = file_case(other, subject=f"Production down {n}" if n % 3 == 0 else f"Case {n}")
        desk.assign(case_id=filed.pk, owner=engineer if n % 2 else None, actor=engineer)
    assert _queries(client, QUEUE) == two
    assert two <= 15


# --- Take -----------------------------------------------------------------------------------------------------


def test_take_makes_the_engineer_the_owner_and_goes_back(case: Case, engineer: User, as_user: SignedIn) -> None:
    response = as_user(engineer).post(reverse("desk:take", args=[case.pk]), {"next": "/desk/?tab=unassigned"})
    assert response["Location"] == "/desk/?tab=unassigned"
    case.refresh_from_db()
    assert case.owner == engineer


def test_take_goes_nowhere_else(case: Case, engineer: User, as_user: SignedIn) -> None:
    response = as_user(engineer).post(reverse("desk:take", args=[case.pk]), {"next": "https://evil.example/"})
    assert response["Location"] == QUEUE


def test_take_by_htmx_answers_the_row(case: Case, engineer: User, as_user: SignedIn) -> None:
    response = as_user(engineer).post(reverse("desk:take", args=[case.pk]), headers={"HX-Request": "true"})
    page = response.content.decode()
    assert f'id="row-{case.number}"' in page
    assert "data-take" not in page
    assert f"{case.number} is yours." in page


def test_the_second_to_take_is_told_who_was_quicker(
    case: Case, engineer: User, other_engineer: User, as_user: SignedIn
) -> None:
    desk.take(case_id=case.pk, actor=other_engineer)
    page = as_user(engineer).post(reverse("desk:take", args=[case.pk]), follow=True).content.decode()
    assert "Mina Park took this case first." in page
    case.refresh_from_db()
    assert case.owner == other_engineer


# --- The case -------------------------------------------------------------------------------------------------


def test_the_case_shows_all_of_it(
    case: Case, contact: Contact, engineer: User, acme: Account, as_user: SignedIn
) -> None:
    other = file_case(contact, subject="An older trouble")
    workflow.reply(case_id=case.pk, actor=engineer, body="We look into it.")
    workflow.reply(case_id=case.pk, actor=engineer, body="The flamingo again.", internal=True)
    desk.set_priority(case_id=case.pk, priority=Priority.HIGH, reason="They lose money", actor=engineer)
    page = as_user(engineer).get(case.get_desk_url()).content.decode()
    for expected in (
        "We look into it.",
        "The flamingo again.",
        "Internal note",
        "They lose money",
        "changed the priority",
        other.number,
        "Carla Mendes",
        "Authorized",
        "Dana Reyes",
    ):
        assert expected in page


def test_a_long_story_shows_its_opening_and_its_end_and_the_rest_on_request(
    case: Case, engineer: User, as_user: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.desk_views.cases.EVENTS_SHOWN", 3)
    for number in range(5):
        workflow.reply(case_id=case.pk, actor=engineer, body=f"Answer number {number}.")
    client = as_user(engineer)
    shown = client.get(case.get_desk_url()).content.decode()
    assert case.description in shown
    assert "Answer number 4." in shown
    assert "Answer number 0." not in shown
    assert "Answer number 0." in client.get(f"{case.get_desk_url()}?all").content.decode()


def test_only_allowed_moves_are_offered(case: Case, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    page = client.get(case.get_desk_url())
    assert page.context["moves"] == [Status.IN_PROGRESS, Status.SOLVED]
    assert 'value="waiting" id="move-waiting"' not in page.content.decode()


def test_the_case_costs_the_same_for_a_short_and_a_long_story(
    case: Case, contact: Contact, engineer: User, other_engineer: User, as_user: SignedIn
) -> None:
    client = as_user(engineer)

    def story(times: int) -> None:
        for n in range(times):
            workflow.reply(case_id=case.pk, actor=engineer if n % 2 else contact.user, body=f"Line {n}")
            desk.assign(case_id=case.pk, owner=engineer if n % 2 else other_engineer, actor=engineer)
            workflow.follow(case_id=case.pk, actor=engineer, user=ContactFactory(account=contact.account).user)
            file_case(contact)

    story(2)
    short = _queries(client, case.get_desk_url())
    story(18)
    assert _queries(client, case.get_desk_url()) == short
    assert short <= 18


# --- Alerts ---------------------------------------------------------------------------------------------------


def test_the_alerts_page_asks_and_changes_nothing(production_down: Case, engineer: User, as_user: SignedIn) -> None:
    alert = production_down.alerts.get()
    page = as_user(engineer).get(reverse("desk:acknowledge", args=[alert.token]))
    assert page.status_code == 200
    assert "orders lost" in page.content.decode()
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_acknowledging_stops_the_alert_and_twice_is_fine(
    production_down: Case, engineer: User, other_engineer: User, as_user: SignedIn
) -> None:
    alert = production_down.alerts.get()
    url = reverse("desk:acknowledge", args=[alert.token])
    assert as_user(engineer).post(url)["Location"] == production_down.get_desk_url()
    again = as_user(other_engineer).post(url, follow=True)
    assert "Erik Lind acknowledged this alert before." in again.content.decode()
    alert.refresh_from_db()
    assert alert.acknowledged_by == engineer
    assert production_down.events.filter(kind="acknowledged").count() == 1
    assert as_user(engineer).get(url).status_code == 200


@pytest.mark.parametrize("token", ["short", "a" * 22, "a" * 500, "%00"])
def test_an_unknown_alert_is_404(token: str, engineer: User, as_user: SignedIn) -> None:
    assert as_user(engineer).post(f"/desk/alerts/{token}/").status_code == 404
    assert not Alert.objects.exists()
