"""The on-call list: once per case, step by step, round by round, whatever fails on the way."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Contact, User
from cases import checks, desk, emails, oncall, production_down, tasks, workflow
from cases.constants import EventKind, Priority
from cases.models import Alert, Case, CaseEvent, OnCallStep
from notifications.models import Channel, Delivery
from tests.factories.accounts import UserFactory
from tests.factories.cases import file_case

HOOK = "https://hooks.example.com/alert"


@pytest.fixture
def alert(contact: Contact) -> Alert:
    return Alert.objects.get(case=file_case(contact, subject="Production Down: orders lost"))


@pytest.fixture
def steps(engineer: User, other_engineer: User) -> list[OnCallStep]:
    return [
        OnCallStep.objects.create(position=10, user=engineer, minutes=5),
        OnCallStep.objects.create(position=20, user=other_engineer, minutes=15),
    ]


def due_now(alert: Alert) -> None:
    Alert.objects.filter(pk=alert.pk).update(next_at=timezone.now() - timedelta(seconds=1))


def advance(alert: Alert, times: int = 1) -> list[dict[str, Any]]:
    """Let the time of ``times`` steps come, and return what was recorded of each."""
    for _n in range(times):
        due_now(alert)
        oncall.advance(alert_id=alert.pk)
    return history(alert)


def history(alert: Alert) -> list[dict[str, Any]]:
    return list(
        CaseEvent.objects.filter(case=alert.case_id, kind=EventKind.ALERTED)
        .order_by("id")
        .values_list("data", flat=True)
    )


def mailed(alert: Alert) -> list[str]:
    """Return who was mailed of this alert, in order."""
    deliveries = Delivery.objects.filter(
        message__kind="cases.production_down", message__context__alert=alert.pk, channel=Channel.MAIL
    )
    return list(deliveries.order_by("id").values_list("address", flat=True))


# --- Once, after commit, on every plan ------------------------------------------------------------------------


def test_filing_writes_one_alert_and_nudges_after_commit(
    contact: Contact, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[tuple[Any, ...]] = []
    monkeypatch.setattr("cases.oncall.nudge.send", lambda *args: nudged.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        case = file_case(contact, subject="Production down")
        assert ("cases.tasks.advance_alert", case.alerts.get().pk) not in nudged
    assert nudged.count(("cases.tasks.advance_alert", case.alerts.get().pk)) == 1


def test_every_plan_alerts(stranger: Contact, steps: list[OnCallStep], engineer: User) -> None:
    assert stranger.account.plan.code == "standard"
    alert = file_case(stranger, subject="production down").alerts.get()
    assert oncall.advance(alert_id=alert.pk)
    assert mailed(alert) == [engineer.email]


def test_a_lost_nudge_delays_and_never_loses(alert: Alert, steps: list[OnCallStep], engineer: User) -> None:
    tasks.advance_due_alerts()
    assert mailed(alert) == [engineer.email]


def test_a_case_is_filed_even_if_the_nudge_fails(
    contact: Contact, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise OSError("no queue")

    monkeypatch.setattr("cases.oncall.nudge.send", broken)
    with django_capture_on_commit_callbacks(execute=True):
        case = file_case(contact, subject="Production down")
    assert Case.objects.filter(pk=case.pk).exists()
    assert oncall.due_alert_ids() == [case.alerts.get().pk]


# --- Step by step ---------------------------------------------------------------------------------------------


def test_nothing_happens_before_its_time(alert: Alert, steps: list[OnCallStep]) -> None:
    assert oncall.advance(alert_id=alert.pk)
    assert not oncall.advance(alert_id=alert.pk)
    alert.refresh_from_db()
    assert timedelta(minutes=4) < alert.next_at - timezone.now() <= timedelta(minutes=5)


def test_the_list_is_taken_in_order_and_starts_over(
    alert: Alert, steps: list[OnCallStep], engineer: User, other_engineer: User
) -> None:
    taken = advance(alert, 5)
    assert [(data["position"], data["round"]) for data in taken] == [(10, 1), (20, 1), (10, 2), (20, 2), (10, 3)]
    assert mailed(alert) == [user.email for user in (engineer, other_engineer, engineer, other_engineer, engineer)]
    shown = oncall.open_alerts()[0]
    assert shown.round == 3  # type: ignore[attr-defined]


def test_an_acknowledged_alert_goes_no_further(alert: Alert, steps: list[OnCallStep], engineer: User) -> None:
    advance(alert)
    oncall.acknowledge(token=alert.token, actor=engineer)
    assert len(advance(alert, 2)) == 1
    assert not oncall.due_alert_ids()


def test_acknowledging_twice_keeps_the_first(alert: Alert, engineer: User, other_engineer: User) -> None:
    oncall.acknowledge(token=alert.token, actor=engineer)
    assert oncall.acknowledge(token=alert.token, actor=other_engineer).acknowledged_by == engineer
    assert alert.case.events.filter(kind=EventKind.ACKNOWLEDGED).count() == 1


def test_a_contact_does_not_acknowledge(alert: Alert, contact: Contact) -> None:
    with pytest.raises(PermissionDenied):
        oncall.acknowledge(token=alert.token, actor=contact.user)
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_lowering_ends_the_alert_and_a_later_production_down_is_another_case(
    alert: Alert, engineer: User, contact: Contact
) -> None:
    desk.set_priority(case_id=alert.case_id, priority=Priority.NORMAL, reason="A test system", actor=engineer)
    alert.refresh_from_db()
    assert alert.acknowledged_by == engineer
    file_case(contact, subject="Production down")
    assert Alert.objects.unacknowledged().count() == 1


# --- What fails on the way ------------------------------------------------------------------------------------


def test_nobody_on_the_list_wakes_the_managers_again_and_again(alert: Alert, manager: User, engineer: User) -> None:
    taken = advance(alert, 2)
    assert [data["round"] for data in taken] == [1, 2]
    assert mailed(alert) == [manager.email, manager.email]


def test_without_managers_the_administrators_are_woken(alert: Alert, administrator: User) -> None:
    advance(alert)
    assert mailed(alert) == [administrator.email]


@pytest.mark.parametrize("trouble", ["inactive", "left the desk"])
def test_somebody_who_could_not_answer_is_passed_over(
    trouble: str, alert: Alert, steps: list[OnCallStep], engineer: User, other_engineer: User
) -> None:
    if trouble == "inactive":
        User.objects.filter(pk=engineer.pk).update(is_active=False)
    else:
        engineer.groups.clear()
    advance(alert, 2)
    assert mailed(alert) == [other_engineer.email, other_engineer.email]


def test_a_webhook_stands_in_for_somebody_who_left(alert: Alert, engineer: User) -> None:
    OnCallStep.objects.create(position=1, user=engineer, webhook_url=HOOK, webhook_secret="whsec_x")
    engineer.groups.clear()
    taken = advance(alert)
    assert "user" not in taken[0]
    assert taken[0]["webhook"] is True
    assert Delivery.objects.filter(channel=Channel.WEBHOOK, address=HOOK).count() == 1


def test_a_step_that_cannot_be_written_is_left_out_and_the_next_follows_at_once(
    alert: Alert,
    steps: list[OnCallStep],
    other_engineer: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    really = emails.production_down

    def broken_once(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(emails, "production_down", really)
        with connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")  # breaks the transaction as well

    monkeypatch.setattr(emails, "production_down", broken_once)
    with caplog.at_level(logging.ERROR, logger="cases.oncall"):
        assert oncall.advance(alert_id=alert.pk)
    assert "could not be written" in caplog.text
    assert alert.pk in oncall.due_alert_ids()
    assert oncall.advance(alert_id=alert.pk)
    assert [data.get("failed", False) for data in history(alert)] == [True, False]
    assert mailed(alert) == [other_engineer.email]


def test_one_alert_in_trouble_does_not_keep_the_others_waiting(
    alert: Alert, contact: Contact, steps: list[OnCallStep], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file_case(contact, subject="Production down too").alerts.get()
    really = oncall.advance

    def broken_for_first(*, alert_id: int) -> bool:
        if alert_id == alert.pk:
            raise RuntimeError("broken")
        return really(alert_id=alert_id)

    monkeypatch.setattr(oncall, "advance", broken_for_first)
    tasks.advance_due_alerts()
    assert len(history(other)) == 1


# --- The list is edited while an alert runs -------------------------------------------------------------------


def test_a_step_taken_off_the_list_wakes_nobody_twice(
    alert: Alert, steps: list[OnCallStep], engineer: User, other_engineer: User, manager: User
) -> None:
    third = OnCallStep.objects.create(position=30, user=manager)
    advance(alert, 2)
    steps[0].delete()
    advance(alert, 1)
    assert mailed(alert) == [engineer.email, other_engineer.email, manager.email]
    third.delete()
    advance(alert, 1)
    assert mailed(alert)[-1] == other_engineer.email


def test_a_step_put_in_between_is_taken_in_its_turn(
    alert: Alert, steps: list[OnCallStep], engineer: User, other_engineer: User, manager: User
) -> None:
    advance(alert)
    OnCallStep.objects.create(position=15, user=manager)
    OnCallStep.objects.create(position=5, user=manager)
    advance(alert, 2)
    assert mailed(alert) == [engineer.email, manager.email, other_engineer.email]


def test_a_list_that_is_filled_while_the_managers_are_being_woken_begins_at_its_beginning(
    alert: Alert, manager: User, engineer: User
) -> None:
    advance(alert)
    OnCallStep.objects.create(position=1, user=engineer)
    advance(alert)
    assert mailed(alert) == [manager.email, engineer.email]


# --- Races, with real threads and commits ---------------------------------------------------------------------


def run_together(count: int, act: Callable[[int], object]) -> list[object]:
    """Run ``act`` in ``count`` threads at the same moment; return what each answered or raised."""
    barrier = threading.Barrier(count)
    answers: list[object] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = act(number)
        except Exception as error:  # noqa: BLE001 - the answer under test
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_take_one_step(alert: Alert, steps: list[OnCallStep], engineer: User) -> None:
    answers = run_together(8, lambda _n: oncall.advance(alert_id=alert.pk))
    assert sorted(map(bool, answers)) == [False] * 7 + [True]
    assert mailed(alert) == [engineer.email]
    assert len(history(alert)) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_engineers_take_a_case_and_one_has_it(contact: Contact, engineer: User) -> None:
    case = file_case(contact)
    engineers = [UserFactory() for _n in range(8)]
    for person in engineers:
        person.groups.set(engineer.groups.all())
    people = [User.objects.get(pk=person.pk) for person in engineers]
    answers = run_together(8, lambda n: desk.take(case_id=case.pk, actor=people[n]).owner)
    case.refresh_from_db()
    assert [answer for answer in answers if isinstance(answer, User)] == [case.owner]
    assert case.events.filter(kind=EventKind.ASSIGNED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_acknowledging_advancing_and_lowering_at_once_never_deadlock(
    contact: Contact, steps: list[OnCallStep], engineer: User, other_engineer: User
) -> None:
    for _round in range(5):
        alert = file_case(contact, subject="Production down").alerts.get()
        acts: list[Callable[[], object]] = [
            lambda alert=alert: oncall.acknowledge(token=alert.token, actor=engineer),  # type: ignore[misc]
            lambda alert=alert: oncall.advance(alert_id=alert.pk),  # type: ignore[misc]
            lambda alert=alert: desk.set_priority(  # type: ignore[misc]
                case_id=alert.case_id, priority=Priority.HIGH, reason="A test", actor=other_engineer
            ),
            lambda alert=alert: workflow.reply(case_id=alert.case_id, actor=engineer, body="On it"),  # type: ignore[misc]
        ]
        answers = run_together(4, lambda n, acts=acts: acts[n]())  # type: ignore[misc]
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        alert.refresh_from_db()
        assert alert.acknowledged_at is not None


# --- Checks ---------------------------------------------------------------------------------------------------


def test_an_empty_list_is_a_warning_of_the_database_check(db: None, engineer: User) -> None:
    found = checks.on_call_list_reaches_somebody(databases=["default"])
    assert [message.id for message in found] == ["cases.W001"]
    assert checks.on_call_list_reaches_somebody(databases=None) == []
    OnCallStep.objects.create(position=1, user=engineer)
    assert checks.on_call_list_reaches_somebody(databases=["default"]) == []


def test_the_check_command_finds_no_error(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check", "--database", "default")
    assert "cases.W001" in capsys.readouterr().err


@pytest.mark.parametrize("phrases", [[], [""], ["production down", " - "]])
def test_phrases_that_no_subject_holds_are_refused(phrases: list[str], settings: Any) -> None:
    settings.PRODUCTION_DOWN_PHRASES = phrases
    assert [message.id for message in checks.phrases_are_words()] == ["cases.E001"]
    settings.PRODUCTION_DOWN_PHRASES = ["produktion steht"]
    assert checks.phrases_are_words() == []
    assert production_down.matches("Hilfe: Produktion steht!")
