"""Managers' screens: the on-call list, the alerts, and cases to look at."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, User
from cases import emails, oncall, workflow
from cases.models import Alert, Case, OnCallStep
from lib.webhooks import key_of
from tests.cast import SignedIn
from tests.factories.cases import file_case

LIST = "/admin/cases/oncallstep/"
HOOK = "https://hooks.example.com/alert"


@pytest.fixture
def client(manager: User, as_user: SignedIn) -> Client:
    return as_user(manager)


def add(client: Client, **fields: Any) -> Any:
    return client.post(
        f"{LIST}add/", {"position": "1", "user": "", "webhook_url": "", "minutes": "10", **fields}, follow=True
    )


def shown_secret(page: str) -> str:
    found = re.search(r"<code>(whsec_[^<]+)</code>", page)
    return found[1] if found else ""


# --- The on-call list -----------------------------------------------------------------------------------------


def test_a_manager_puts_an_engineer_on_call(client: Client, engineer: User) -> None:
    add(client, user=engineer.pk)
    step = OnCallStep.objects.get()
    assert (step.user, step.minutes, step.webhook_secret) == (engineer, 10, "")
    assert "Erik Lind" in client.get(LIST).content.decode()


def test_only_active_people_of_the_desk_are_offered(
    client: Client, engineer: User, other_engineer: User, csm: User, contact: Contact
) -> None:
    User.objects.filter(pk=other_engineer.pk).update(is_active=False)
    page = client.get(f"{LIST}add/").content.decode()
    assert "Erik Lind" in page
    for name in ("Mina Park", "Carla Mendes", "Dana Reyes"):
        assert f">{name}</option>" not in page
    for person in (other_engineer, csm, contact.user):
        assert add(client, user=person.pk).status_code == 200
    assert not OnCallStep.objects.exists()


def test_a_webhooks_secret_is_made_and_shown_once(client: Client) -> None:
    page = add(client, webhook_url=HOOK).content.decode()
    step = OnCallStep.objects.get()
    assert shown_secret(page) == step.webhook_secret == emails.webhook_secret(HOOK)
    assert key_of(step.webhook_secret)
    assert step.webhook_secret not in client.get(f"{LIST}{step.pk}/change/").content.decode()
    assert step.webhook_secret not in client.get(LIST).content.decode()


def change(client: Client, step: OnCallStep, **fields: Any) -> str:
    form = {"position": step.position, "user": "", "webhook_url": step.webhook_url, "minutes": step.minutes, **fields}
    page: str = client.post(f"{LIST}{step.pk}/change/", form, follow=True).content.decode()
    step.refresh_from_db()
    return page


def test_a_secret_stays_until_a_new_one_is_asked_for(client: Client) -> None:
    add(client, webhook_url=HOOK)
    step = OnCallStep.objects.get()
    first = step.webhook_secret
    assert shown_secret(change(client, step, minutes=20)) == ""
    assert step.webhook_secret == first
    assert shown_secret(change(client, step, renew_secret="on")) == step.webhook_secret != first


def test_one_endpoint_has_one_secret_on_every_step(client: Client) -> None:
    add(client, webhook_url=HOOK)
    add(client, webhook_url=HOOK, position="2")
    first, second = OnCallStep.objects.all()
    assert first.webhook_secret == second.webhook_secret
    change(client, second, renew_secret="on")
    first.refresh_from_db()
    assert first.webhook_secret == second.webhook_secret


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "ftp://hooks.example.com/",
        "https://user:password@hooks.example.com/",
        "https://hooks.example.com/" + "a" * 400,
        "nonsense nonsense",
    ],
)
def test_an_endpoint_inside_our_own_network_is_refused(url: str, client: Client) -> None:
    page = add(client, webhook_url=url)
    assert page.status_code == 200
    assert not OnCallStep.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"position": "-1", "webhook_url": HOOK},
        {"minutes": "0", "webhook_url": HOOK},
        {"minutes": "241", "webhook_url": HOOK},
        {"minutes": "x", "webhook_url": HOOK},
        {"position": "9" * 20, "webhook_url": HOOK},
    ],
)
def test_a_step_that_makes_no_sense_is_a_form_error(fields: dict[str, str], client: Client) -> None:
    assert add(client, **fields).status_code == 200
    assert not OnCallStep.objects.exists()


def test_two_steps_do_not_share_a_place(client: Client, engineer: User) -> None:
    add(client, user=engineer.pk)
    add(client, user=engineer.pk)
    assert OnCallStep.objects.count() == 1


def test_a_step_is_taken_off(client: Client, engineer: User) -> None:
    step = OnCallStep.objects.create(position=1, user=engineer)
    client.post(f"{LIST}{step.pk}/delete/", {"post": "yes"})
    assert not OnCallStep.objects.exists()


@pytest.mark.parametrize("role", ["engineer", "csm", "moderator", "operator"])
def test_other_staff_do_not_edit_the_list(role: str, request: pytest.FixtureRequest, as_user: SignedIn) -> None:
    client = as_user(request.getfixturevalue(role))
    for url in (LIST, f"{LIST}add/", "/admin/cases/alert/", "/admin/cases/case/"):
        assert client.get(url).status_code == 403, url


# --- Alerts and cases -----------------------------------------------------------------------------------------


def test_an_alert_shows_its_history_and_is_not_edited(client: Client, contact: Contact, engineer: User) -> None:
    OnCallStep.objects.create(position=1, user=engineer)
    alert: Alert = file_case(contact, subject="Production down").alerts.get()
    oncall.advance(alert_id=alert.pk)
    oncall.acknowledge(token=alert.token, actor=engineer)
    page = client.get(f"/admin/cases/alert/{alert.pk}/change/").content.decode()
    assert "alerted <strong>Erik Lind</strong>" in page
    assert "acknowledged the alert" in page
    assert alert.token not in page
    assert client.get("/admin/cases/alert/").status_code == 200
    assert client.post(f"/admin/cases/alert/{alert.pk}/change/", {}).status_code == 403
    assert client.get("/admin/cases/alert/add/").status_code == 403


def test_a_case_is_looked_at_and_worked_at_the_desk(client: Client, contact: Contact) -> None:
    case = file_case(contact)
    page = client.get(f"/admin/cases/case/{case.pk}/change/").content.decode()
    assert case.get_desk_url() in page
    assert client.post(f"/admin/cases/case/{case.pk}/change/", {"subject": "x"}).status_code == 403
    assert client.post(f"/admin/cases/case/{case.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/cases/case/999999/change/").status_code == 404
    case.refresh_from_db()
    assert case.subject != "x"


def test_cases_are_found_as_at_the_desk(client: Client, contact: Contact, engineer: User) -> None:
    case, other = file_case(contact), file_case(contact, subject="Another")
    workflow.reply(case_id=case.pk, actor=engineer, body="The flamingo again", internal=True)
    for term in ("flamingo", case.number):
        page = client.get("/admin/cases/case/", {"q": term}).content.decode()
        assert case.number in page
        assert other.number not in page
    assert client.get("/admin/cases/case/", {"q": "a\x00b"}).status_code == 200


def test_the_list_of_cases_never_counts_the_table(client: Client, contact: Contact) -> None:
    for _n in range(3):
        file_case(contact)
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/cases/case/")
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "cases_case" in query["sql"]]
    assert counts
    assert all("LIMIT" in sql for sql in counts)
    before = len(queries)
    for _n in range(10):
        file_case(contact)
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/cases/case/")
    assert len(queries) == before
    assert Case.objects.count() == 13
