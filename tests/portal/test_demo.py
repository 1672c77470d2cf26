"""The demo: what a newcomer finds, loaded through the portal's own acts."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.demo_sign_ins import DEMO_SIGN_INS
from accounts.models import Account, ContactRequest, Invitation, User
from cases.constants import EventKind, Status, Verification
from cases.models import Alert, Case, CaseAttachment, CaseEvent, OnCallStep
from cases.production_down import matches
from notifications.models import Delivery, Message
from portal.demo import attachments, script

pytestmark = pytest.mark.django_db


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_by_what_happened_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr("celery.Celery.send_task", lambda _app, name, **_options: sent.append(name))
    few = [story for story in script.stories() if "production down" in story.subject.lower()]
    monkeypatch.setattr(script, "stories", lambda: few)
    load()
    assert Delivery.objects.exists()
    assert sent == []


@override_settings(DEMO=False)
def test_refused_where_this_is_no_demo() -> None:
    with pytest.raises(CommandError, match="not a demo"):
        load()
    assert not User.objects.exists()


def test_with_if_empty_does_nothing_beside_other_users() -> None:
    User.objects.create_user("somebody@people.example", display_name="Somebody")
    assert "nothing was loaded" in load("--if-empty")
    assert User.objects.count() == 1
    with pytest.raises(CommandError, match="empty database only"):
        load()


def test_killed_load_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("portal.demo.post_office.settle", die)
    with pytest.raises(KeyboardInterrupt):
        load()
    assert not User.objects.exists()
    assert not Case.objects.exists()


def test_every_line_of_every_conversation_lies_in_the_past() -> None:
    now = timezone.now()
    for story in script.stories():
        assert max(story.moments(now)) <= now


def test_every_attached_file_can_be_made() -> None:
    for story in script.stories():
        for name in [*story.files, *(name for line in story.lines for name in line.files)]:
            assert attachments.content(name) == attachments.content(name)


def test_loaded_demo_is_what_the_tour_promises() -> None:
    # One test for one load: it plays some three hundred acts.
    load("--if-empty")
    people, cases = User.objects.count(), Case.objects.count()
    load("--if-empty")
    assert (User.objects.count(), Case.objects.count()) == (people, cases)

    for entry in DEMO_SIGN_INS:
        client = Client()
        answer = client.post(reverse("account_login"), {"login": entry.email, "password": settings.DEMO_PASSWORD})
        assert answer.status_code == 302, entry.email
        assert client.session["_auth_user_id"] == str(User.objects.get(email=entry.email).pk)
        assert User.objects.get(email=entry.email).display_name == entry.name

    assert 55 <= cases <= 70
    assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
    assert set(Case.objects.values_list("verification", flat=True)) == set(Verification.values)
    assert Case.objects.filter(follow_up_of__isnull=False).exists()
    assert Case.objects.filter(escalated_at__isnull=False).exists()
    assert CaseAttachment.objects.count() >= 20
    _acme_has_one_of_each()
    _history_is_true()
    _production_down_was_answered()
    _nobody_is_mailed()
    assert OnCallStep.objects.count() == 2
    assert ContactRequest.objects.pending().count() == 1
    assert Invitation.objects.open().count() == 1
    assert set(Account.objects.values_list("plan__code", flat=True)) == {"standard", "professional", "enterprise"}


def _acme_has_one_of_each() -> None:
    contact = User.objects.get(email="contact@acme.example")
    theirs = Case.objects.visible_to(contact).filter(contact__user=contact)
    assert {Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.SOLVED, Status.CLOSED} <= set(
        theirs.values_list("status", flat=True)
    )
    assert CaseEvent.objects.filter(case__in=theirs, kind=EventKind.NOTED, is_internal=True).exists()
    colleague = User.objects.get(email="colleague@acme.example").active_contacts[0]
    assert not colleague.is_authorized


def _history_is_true() -> None:
    now = timezone.now()
    for case in Case.objects.prefetch_related("events"):
        moments = [event.created_at for event in case.events.all()]
        assert moments == sorted(moments)
        assert moments[0] == case.opened_at
        assert moments[-1] <= now
        assert case.updated_at <= now
    opened = list(Case.objects.order_by("id").values_list("opened_at", flat=True))
    assert opened == sorted(opened)


def _production_down_was_answered() -> None:
    assert not Alert.objects.unacknowledged().exists()
    running = Case.objects.get(production_down_at__isnull=False, production_down_lowered_at=None, closed_at=None)
    assert matches(running.subject)
    assert running.queue_rank == 0


def _nobody_is_mailed() -> None:
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT}
    assert not Delivery.objects.filter(subject="").exists()
    assert not Message.objects.filter(created_at__gt=timezone.now()).exists()
