"""What engineers do to a case: every act works, is refused in words, and never writes over a colleague."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Contact, User
from cases import desk, verification, workflow
from cases.constants import Environment, Origin, Priority, Severity, Status, Verification
from cases.models import Alert, Case, Comment
from notifications.models import Delivery
from tests.cast import SignedIn
from tests.factories.accounts import ProductFactory
from tests.factories.cases import file_case
from tests.servers import ThrowawayRedis

TYPED = "They sell nothing until this works."


@pytest.fixture
def case(contact: Contact) -> Case:
    return file_case(contact)


@pytest.fixture
def production_down(contact: Contact) -> Case:
    return file_case(contact, subject="Production Down: orders lost")


@pytest.fixture
def client(engineer: User, as_user: SignedIn) -> Client:
    return as_user(engineer)


def marks(case: Case) -> dict[str, Any]:
    """Return what a page that was read just now would send along."""
    case.refresh_from_db()
    last = case.events.order_by("-id").first()
    return {"version": case.version, "seen": last.pk if last else 0}


def act(client: Client, case: Case, name: str, read: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Post one of the desk's forms, as read now or at ``read``."""
    response: Any = client.post(
        reverse(f"desk:{name}", args=[case.pk]), {**(read or marks(case)), **fields}, follow=True
    )
    return response


def reply(client: Client, case: Case, read: dict[str, Any] | None = None, **fields: Any) -> Any:
    given = {"visibility": "public", "body": TYPED, "submission_token": str(uuid4()), **fields}
    return act(client, case, "reply", read, **given)


# --- Each act works -------------------------------------------------------------------------------------------


def test_status(case: Case, client: Client, contact: Contact) -> None:
    assert act(client, case, "status", to="in_progress").status_code == 200
    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS
    assert Delivery.objects.filter(message__kind="cases.status_changed", user=contact.user, channel="mail").count() == 1


def test_owner_is_given_and_taken_away(case: Case, client: Client, other_engineer: User) -> None:
    act(client, case, "owner", owner=other_engineer.pk)
    case.refresh_from_db()
    assert case.owner == other_engineer
    act(client, case, "owner", owner="")
    case.refresh_from_db()
    assert case.owner is None


def test_priority_with_a_reason_that_only_colleagues_see(case: Case, client: Client) -> None:
    act(client, case, "priority", priority="high", reason=TYPED)
    case.refresh_from_db()
    assert case.priority == Priority.HIGH
    assert case.comments.get().is_internal
    assert case.events.visible_to(case.contact.user).filter(comment__isnull=False).count() == 0


def test_severity_with_a_reason(case: Case, client: Client) -> None:
    due = case.first_response_due_at
    act(client, case, "severity", severity="s1", reason=TYPED)
    case.refresh_from_db()
    assert case.severity == Severity.S1
    assert due is not None
    assert case.first_response_due_at is not None
    assert case.first_response_due_at < due


def test_escalation_is_set_and_ended(case: Case, client: Client) -> None:
    act(client, case, "escalation", escalated="yes")
    case.refresh_from_db()
    assert case.escalated_at is not None
    act(client, case, "escalation", escalated="no")
    case.refresh_from_db()
    assert case.escalated_at is None


def test_lowering_stands_the_alert_down_for_good(production_down: Case, client: Client, engineer: User) -> None:
    act(client, production_down, "lower", priority="high", reason="Only the test system")
    production_down.refresh_from_db()
    assert not production_down.is_production_down
    assert production_down.alerts.get().acknowledged_by == engineer
    desk.edit(
        case_id=production_down.pk,
        actor=engineer,
        subject="Production Down, again",
        description=production_down.description,
        product=production_down.product,
        environment=Environment.PRODUCTION,
        endpoints="",
    )
    production_down.refresh_from_db()
    assert not production_down.is_production_down
    assert Alert.objects.count() == 1


def test_verification_is_confirmed(colleague: Contact, client: Client) -> None:
    case = file_case(colleague)
    act(client, case, "verify", decision="confirm")
    case.refresh_from_db()
    assert case.verification == Verification.CONFIRMED


def test_verification_is_refused_and_closes(colleague: Contact, client: Client) -> None:
    case = file_case(colleague)
    act(client, case, "verify", decision="refuse")
    case.refresh_from_db()
    assert (case.verification, case.status) == (Verification.REFUSED, Status.CLOSED)


def test_a_production_down_is_not_refused(colleague: Contact, client: Client) -> None:
    case = file_case(colleague, subject="production down")
    response = act(client, case, "verify", decision="refuse")
    assert response.status_code == 422
    assert "Lower it first." in response.content.decode()


def test_followers_come_and_go(case: Case, client: Client, colleague: Contact, engineer: User) -> None:
    act(client, case, "follower", act="add", user=colleague.user.pk)
    act(client, case, "follower", act="add", user=engineer.pk)
    assert case.followers.count() == 2
    act(client, case, "follower", act="remove", user=colleague.user.pk)
    assert [row.user for row in case.followers.all()] == [engineer]


def test_the_case_is_edited(case: Case, client: Client, contact: Contact) -> None:
    product = ProductFactory(code="agent", name="Agent")
    fields: dict[str, Any] = {
        "subject": "Production down at noon",
        "description": "New",
        "environment": "staging",
        "endpoints": "a",
    }
    response = act(client, case, "edit", product=product.pk, **fields)
    assert response.status_code == 200
    case.refresh_from_db()
    assert case.subject == "Production down at noon"
    assert case.is_production_down
    assert case.alerts.count() == 1


# --- The composer ---------------------------------------------------------------------------------------------


def test_a_public_reply_reaches_the_customer(case: Case, client: Client, contact: Contact, as_user: SignedIn) -> None:
    page = reply(client, case, move_to="in_progress")
    assert "Your reply is sent." in page.content.decode()
    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS
    assert case.first_responded_at is not None
    assert TYPED in as_user(contact.user).get(case.get_absolute_url()).content.decode()


def test_an_internal_note_never_reaches_the_customer(
    case: Case, client: Client, contact: Contact, csm: User, as_user: SignedIn
) -> None:
    secret = "The flamingo patch was never rolled out"
    before = Delivery.objects.count()
    attachment = SimpleUploadedFile("flamingo.log", b"2026-11-23 ERROR\n", content_type="text/plain")
    page = reply(client, case, visibility="internal", body=secret, files=attachment)
    assert secret in page.content.decode()
    assert Delivery.objects.count() == before
    upload = case.attachments.get().upload
    download = reverse("cases:attachment", args=[case.pk, upload.token, upload.name])
    for person in (contact.user, csm):
        customer = as_user(person)
        body = customer.get(case.get_absolute_url()).content.decode()
        assert "flamingo" not in body
        assert f'href="{case.get_absolute_url()}"' not in customer.get("/cases/", {"q": "flamingo"}).content.decode()
        assert customer.get(download).status_code == 404
    assert client.get(download).status_code == 200


def test_a_note_may_move_the_status_without_its_words(case: Case, client: Client, contact: Contact) -> None:
    reply(client, case, visibility="internal", body="flamingo", move_to="in_progress")
    delivery = Delivery.objects.get(message__kind="cases.status_changed", user=contact.user, channel="mail")
    assert delivery.message.context["comment"] is None


def test_neither_public_nor_internal_is_taken_for_granted(case: Case, client: Client) -> None:
    page = reply(client, case, visibility="")
    assert page.status_code == 422
    assert TYPED in page.content.decode()
    assert not Comment.objects.exists()


def test_a_double_submission_makes_one_comment(case: Case, client: Client) -> None:
    form = {
        **marks(case),
        "visibility": "public",
        "body": TYPED,
        "submission_token": str(uuid4()),
        "files": SimpleUploadedFile("agent.log", b"2026-11-23 ERROR\n", content_type="text/plain"),
    }
    url = reverse("desk:reply", args=[case.pk])
    assert client.post(url, form).status_code == 302
    form.pop("files")
    assert client.post(url, form).status_code == 302
    assert case.comments.count() == 1


def test_the_token_of_another_form_loses_nothing(case: Case, contact: Contact, client: Client) -> None:
    other, token = file_case(contact), str(uuid4())
    reply(client, other, submission_token=token)
    assert reply(client, case, submission_token=token).status_code == 200
    assert case.comments.get().body == TYPED


def test_chosen_files_survive_an_error(case: Case, client: Client) -> None:
    attachment = SimpleUploadedFile("agent.log", b"2026-11-23 ERROR\n", content_type="text/plain")
    page = reply(client, case, visibility="nonsense", files=attachment)
    assert page.status_code == 422
    assert "agent.log" in page.content.decode()


# --- Two engineers on one case --------------------------------------------------------------------------------

ACTS: list[tuple[str, dict[str, Any]]] = [
    ("status", {"to": "in_progress"}),
    ("owner", {}),
    ("priority", {"priority": "low", "reason": TYPED}),
    ("severity", {"severity": "s1", "reason": TYPED}),
    ("escalation", {"escalated": "yes"}),
    ("reply", {"visibility": "public", "body": TYPED, "submission_token": str(uuid4()), "move_to": "in_progress"}),
    ("reply", {"visibility": "internal", "body": TYPED, "submission_token": str(uuid4())}),
]


@pytest.mark.parametrize(("name", "fields"), ACTS)
def test_the_second_of_two_is_told_and_nothing_is_overwritten(
    name: str, fields: dict[str, Any], case: Case, client: Client, engineer: User, other_engineer: User
) -> None:
    read = marks(case)
    desk.set_priority(case_id=case.pk, priority=Priority.HIGH, reason="The flamingo called", actor=other_engineer)
    events = case.events.count()
    page = act(client, case, name, read, **{**fields, **({"owner": engineer.pk} if name == "owner" else {})})
    assert page.status_code == 409
    text = page.content.decode()
    assert "Mina Park" in text
    assert "changed the priority" in text
    assert "The flamingo called" in text
    if TYPED in fields.values():
        assert TYPED in text
    assert case.events.count() == events
    case.refresh_from_db()
    assert (case.priority, case.status, case.owner, case.severity) == (Priority.HIGH, Status.NEW, None, Severity.S3)


def test_after_being_told_the_same_form_goes_through(case: Case, client: Client, other_engineer: User) -> None:
    read = marks(case)
    desk.set_escalated(case_id=case.pk, escalated=True, actor=other_engineer)
    page = act(client, case, "status", read, to="in_progress")
    assert page.status_code == 409
    told = {"version": page.context["case"].version, "seen": page.context["last_event"]}
    assert act(client, case, "status", told, to="in_progress").status_code == 200
    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS


def test_a_colleagues_verification_is_told(colleague: Contact, client: Client, other_engineer: User) -> None:
    case = file_case(colleague)
    read = marks(case)
    verification.confirm(case_id=case.pk, actor=other_engineer)
    page = act(client, case, "verify", read, decision="refuse")
    # The same answer again is no news; another one is told of the first.
    assert page.status_code == 409
    assert "verified the case" in page.content.decode()
    case.refresh_from_db()
    assert case.status == Status.NEW


def test_two_who_edit_keep_each_others_words(case: Case, client: Client, other_engineer: User) -> None:
    read = {
        **marks(case),
        **{f"initial-{name}": getattr(case, name) for name in ("subject", "description", "environment", "endpoints")},
        "initial-product": case.product_id,
    }
    desk.edit(
        case_id=case.pk,
        actor=other_engineer,
        subject="A better subject",
        description=case.description,
        product=case.product,
        environment=Environment.STAGING,
        endpoints="",
    )
    mine = {
        "subject": "My own subject",
        "description": TYPED,
        "product": case.product_id,
        "environment": "production",
        "endpoints": "",
    }
    page = act(client, case, "edit", read, **mine)
    assert page.status_code == 409
    text = page.content.decode()
    assert TYPED in text
    assert "My own subject" in text
    assert "A better subject" in text
    form = page.context["form"]
    assert form["environment"].value() == "staging"
    case.refresh_from_db()
    assert case.subject == "A better subject"


# --- What the rules refuse, and nonsense ----------------------------------------------------------------------


def test_a_move_that_the_table_does_not_allow_is_refused_in_words(case: Case, client: Client) -> None:
    page = act(client, case, "status", to="waiting")
    assert page.status_code == 403
    assert "cannot go from this status to that one" in page.content.decode()


def test_a_reply_with_a_move_that_is_not_allowed_keeps_the_text(case: Case, client: Client) -> None:
    page = reply(client, case, move_to="on_hold")
    assert page.status_code == 403
    assert TYPED in page.content.decode()
    assert not Comment.objects.exists()


def test_only_people_of_the_desk_own_cases(case: Case, client: Client, member: User) -> None:
    assert act(client, case, "owner", owner=member.pk).status_code == 422
    case.refresh_from_db()
    assert case.owner is None


def test_a_follower_has_to_be_able_to_see_the_case(case: Case, client: Client, stranger: Contact) -> None:
    assert act(client, case, "follower", act="add", user=stranger.user.pk).status_code == 422
    assert not case.followers.exists()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("status", {"to": "nonsense"}),
        ("status", {}),
        ("status", {"to": "in_progress", "version": "x"}),
        ("status", {"to": "in_progress", "version": "9" * 30}),
        ("status", {"to": "in_progress", "seen": "-1"}),
        ("status", {"to": "in_progress", "version": ""}),
        ("owner", {"owner": "9" * 30}),
        ("owner", {"owner": "x\x00"}),
        ("priority", {"priority": "high", "reason": ""}),
        ("priority", {"priority": "high", "reason": "a" * 2001}),
        ("priority", {"priority": "highest", "reason": "a"}),
        ("severity", {"severity": "s0", "reason": "a"}),
        ("severity", {"severity": "s1", "reason": "a\x00b"}),
        ("lower", {"priority": "urgent", "reason": "a"}),
        ("escalation", {"escalated": "maybe"}),
        ("verify", {"decision": "perhaps"}),
        ("follower", {"act": "add", "user": ""}),
        ("follower", {"act": "dance", "user": "1"}),
        ("reply", {"visibility": "public", "body": "", "submission_token": str(uuid4())}),
        ("reply", {"visibility": "public", "body": "x" * 50_001, "submission_token": str(uuid4())}),
        ("reply", {"visibility": "public", "body": "a\x00", "submission_token": str(uuid4())}),
        ("reply", {"visibility": "public", "body": "a", "submission_token": "nonsense"}),
        ("reply", {"visibility": "public", "body": "a", "submission_token": str(uuid4()), "uploads": "nonsense"}),
        ("reply", {"visibility": "public", "body": "a", "submission_token": str(uuid4()), "move_to": "nonsense"}),
        ("edit", {"subject": "", "description": "", "product": "x"}),
    ],
)
def test_nonsense_is_a_form_error(name: str, fields: dict[str, Any], case: Case, client: Client) -> None:
    events = case.events.count()
    assert act(client, case, name, **fields).status_code == 422
    assert case.events.count() == events


def test_a_closed_case_is_not_edited(case: Case, client: Client, engineer: User) -> None:
    workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=engineer)
    workflow.change_status(case_id=case.pk, to=Status.CLOSED, actor=engineer)
    assert client.get(reverse("desk:edit", args=[case.pk])).status_code == 403


# --- Filing a case for a contact ------------------------------------------------------------------------------


def _new(contact: Contact, **fields: Any) -> dict[str, Any]:
    return {
        "filed_for": contact.pk,
        "product": ProductFactory().pk,
        "subject": "Called: no invoice arrives",
        "description": TYPED,
        "severity": "s2",
        "environment": "production",
        "endpoints": "",
        "contact_phone": "+1 555 0100",
        "submission_token": str(uuid4()),
        **fields,
    }


def test_an_engineer_files_a_case_for_a_contact(contact: Contact, client: Client, engineer: User) -> None:
    url = reverse("desk:file", args=[contact.account_id])
    form = _new(contact)
    response = client.post(url, form)
    case = Case.objects.get()
    assert response["Location"] == case.get_desk_url()
    assert (case.contact, case.origin, case.severity) == (contact, Origin.STAFF, Severity.S2)
    assert Delivery.objects.filter(message__kind="cases.created", user=contact.user, channel="mail").count() == 1
    assert client.post(url, form)["Location"] == case.get_desk_url()
    assert Case.objects.count() == 1
    assert "filed by" in client.get(case.get_desk_url()).content.decode()


@pytest.mark.parametrize("field", ["filed_for", "product", "subject", "description", "severity", "contact_phone"])
def test_a_case_that_lacks_something_keeps_the_rest(field: str, contact: Contact, client: Client) -> None:
    wrong = "\x00" if field in ("contact_phone", "subject") else ""
    response = client.post(reverse("desk:file", args=[contact.account_id]), _new(contact, **{field: wrong}))
    assert response.status_code == 422
    assert "no invoice arrives" in response.content.decode() or field == "subject"
    assert not Case.objects.exists()


def test_a_contact_of_another_account_is_no_choice(contact: Contact, stranger: Contact, client: Client) -> None:
    response = client.post(reverse("desk:file", args=[contact.account_id]), _new(stranger))
    assert response.status_code == 422
    assert not Case.objects.exists()


def test_partners_customers_are_sent_to_their_partner(client: Client, initech: Account) -> None:
    assert client.get(reverse("desk:file", args=[initech.pk])).status_code == 403
    page = client.get(reverse("desk:new"), {"q": "initech"}).content.decode()
    assert "answers their cases" in page
    assert reverse("desk:file", args=[initech.pk]) not in page


def test_an_account_that_is_not_there_is_404(client: Client) -> None:
    assert client.get("/desk/new/999999/").status_code == 404
    assert client.get(f"/desk/new/{'9' * 40}/").status_code == 404


def test_accounts_are_found_by_name(acme: Account, globex: Account, client: Client) -> None:
    page = client.get(reverse("desk:new"), {"q": "glob"}).content.decode()
    assert "Globex" in page
    assert "Acme" not in page
    assert client.get(reverse("desk:new"), {"q": "a\x00"}).status_code == 400


# --- Without Redis --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_status_change_succeeds_while_redis_is_stopped(
    throwaway_redis: ThrowawayRedis, case: Case, client: Client, contact: Contact
) -> None:
    throwaway_redis.stop()
    assert act(client, case, "status", to="in_progress").status_code == 200
    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS
    # The mail is in the ledger; the sweep sends it once there is a queue again.
    delivery = Delivery.objects.get(message__kind="cases.status_changed", user=contact.user, channel="mail")
    assert delivery.state == Delivery.State.PENDING
