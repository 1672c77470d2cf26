import itertools
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Contact
from cases import changes, policies, tasks, workflow
from cases.constants import MOVES, By, EventKind, Priority, Severity, Status, Verification
from cases.models import Case, CaseEvent, Comment
from files.staging import UploadRefused
from notifications.models import Channel, Delivery
from tests.factories.accounts import ContactFactory, ProductFactory
from tests.factories.cases import file_case
from tests.factories.files import UploadFactory

ALL_MOVES = list(itertools.permutations(Status, 2))


def put_into(case, status):
    now = timezone.now()
    closed_at = now if status == Status.CLOSED else None
    solved_at = now if status in (Status.SOLVED, Status.CLOSED) else None
    Case.objects.filter(pk=case.pk).update(status=status, closed_at=closed_at, solved_at=solved_at)
    case.refresh_from_db()
    return case


def events(case, kind):
    return case.events.filter(kind=kind).count()


def mails(kind):
    found = Delivery.objects.filter(message__kind=kind, channel=Channel.MAIL)
    return sorted(found.values_list("address", flat=True))


@pytest.mark.django_db
class TestMoves:
    @pytest.mark.parametrize(("before", "to"), ALL_MOVES)
    def test_engineer_makes_exactly_the_moves_of_the_table(self, contact, engineer, before, to):
        case = put_into(file_case(contact), before)
        if By.SUPPORT in MOVES.get((before, to), ()):
            assert workflow.change_status(case_id=case.pk, to=to, actor=engineer).status == to
            event = case.events.get(kind=EventKind.STATUS_CHANGED)
            assert (event.data["from"], event.data["to"], event.actor) == (before, to, engineer)
        else:
            with pytest.raises(PermissionDenied):
                workflow.change_status(case_id=case.pk, to=to, actor=engineer)
            assert not events(case, EventKind.STATUS_CHANGED)

    @pytest.mark.parametrize(("before", "to"), ALL_MOVES)
    def test_customer_makes_exactly_the_moves_of_the_table(self, contact, before, to):
        case = put_into(file_case(contact), before)
        if By.CUSTOMER in MOVES.get((before, to), ()):
            assert workflow.change_status(case_id=case.pk, to=to, actor=contact.user).status == to
        else:
            with pytest.raises(PermissionDenied):
                workflow.change_status(case_id=case.pk, to=to, actor=contact.user)

    @pytest.mark.parametrize("status", Status)
    def test_offer_is_what_would_be_allowed(self, contact, engineer, status):
        case = put_into(file_case(contact), status)
        for person, side in ((engineer, By.SUPPORT), (contact.user, By.CUSTOMER)):
            assert policies.moves_for(person, case) == [to for to in Status if side in MOVES.get((status, to), ())]

    def test_csm_moves_nothing(self, contact, csm):
        case = file_case(contact)
        with pytest.raises(PermissionDenied):
            workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=csm)
        assert policies.moves_for(csm, case) == []

    def test_stranger_finds_no_case(self, contact, stranger):
        case = file_case(contact)
        with pytest.raises(Case.DoesNotExist):
            workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=stranger.user)

    def test_same_status_again_writes_and_sends_nothing(self, contact, engineer):
        case = file_case(contact)
        workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer)
        before = CaseEvent.objects.count(), Delivery.objects.count(), Case.objects.get().version
        workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer, version=1)
        assert (CaseEvent.objects.count(), Delivery.objects.count(), Case.objects.get().version) == before

    def test_older_version_is_refused_and_nothing_is_written(self, contact, engineer):
        case = file_case(contact)
        workflow.reply(case_id=case.pk, actor=contact.user, body="Wait")
        with pytest.raises(changes.StaleCaseError):
            workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer, version=case.version)
        assert not events(case, EventKind.STATUS_CHANGED)

    def test_contact_follower_and_owner_are_mailed_and_the_actor_is_not(
        self, contact, colleague, engineer, other_engineer
    ):
        case = file_case(contact)
        workflow.follow(case_id=case.pk, actor=contact.user, user=colleague.user)
        Case.objects.update(owner=other_engineer)
        workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer)
        assert mails("cases.status_changed") == sorted(
            person.email for person in (contact.user, colleague.user, other_engineer)
        )
        workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=contact.user)
        assert mails("cases.status_changed").count(contact.user.email) == 1

    def test_events_are_only_ever_added(self, contact):
        event = file_case(contact).events.get()
        for statement in ("UPDATE cases_caseevent SET kind = 'noted'", "DELETE FROM cases_caseevent"):
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        assert CaseEvent.objects.get().kind == event.kind


@pytest.mark.django_db(transaction=True)
def test_eight_requests_for_one_status_make_one_event_and_one_mail_each(contact, colleague, engineer):
    case = file_case(contact)
    workflow.follow(case_id=case.pk, actor=contact.user, user=colleague.user)
    barrier = threading.Barrier(8)
    outcomes = []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer).status)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Status.IN_PROGRESS] * 8
    assert events(case, EventKind.STATUS_CHANGED) == 1
    assert mails("cases.status_changed") == sorted([contact.user.email, colleague.user.email])


@pytest.mark.django_db
class TestOpening:
    @pytest.mark.parametrize(
        ("severity", "priority"),
        [
            (Severity.S1, Priority.HIGH),
            (Severity.S2, Priority.NORMAL),
            (Severity.S3, Priority.NORMAL),
            (Severity.S4, Priority.LOW),
        ],
    )
    def test_first_priority_follows_the_severity(self, contact, severity, priority):
        assert file_case(contact, severity=severity).priority == priority

    def test_target_of_a_plan_around_the_clock(self, contact):
        case = file_case(contact, severity=Severity.S1)
        assert case.first_response_due_at == case.opened_at + timedelta(minutes=30)

    def test_target_of_a_plan_with_business_hours(self, stranger):
        friday_evening = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)  # 16:00 in New York
        due = workflow.first_response_due(stranger.account, Severity.S1, friday_evening)
        assert due == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # one hour on Friday, three on Monday

    def test_contact_is_mailed_although_they_filed_it(self, contact):
        file_case(contact)
        assert mails("cases.created") == [contact.user.email]

    def test_case_of_unauthorized_contact_waits_for_verification(self, colleague):
        assert file_case(colleague).verification == Verification.PENDING

    def test_partner_customer_is_refused(self, partner_contact):
        with pytest.raises(PermissionDenied):
            file_case(partner_contact)
        assert not Case.objects.exists()

    def test_ended_contact_is_refused(self, contact):
        Contact.objects.update(ended_at=timezone.now(), is_authorized=False, is_account_admin=False)
        with pytest.raises(PermissionDenied):
            file_case(contact)

    def test_nobody_files_in_a_colleagues_name(self, contact, colleague):
        with pytest.raises(PermissionDenied):
            file_case(contact, actor=colleague.user)

    def test_engineer_files_in_a_contacts_name(self, contact, engineer):
        assert file_case(contact, actor=engineer).contact == contact

    def test_same_submission_gives_the_first_case_again(self, contact):
        token = uuid.uuid4()
        new = workflow.NewCase(product=ProductFactory(), subject="One", description="Once")
        first, second = (
            workflow.open_case(contact=contact, actor=contact.user, new=new, submission_token=token) for _ in range(2)
        )
        assert first == second
        assert Case.objects.count() == 1
        assert mails("cases.created") == [contact.user.email]

    def test_file_that_is_gone_leaves_no_case(self, contact):
        new = workflow.NewCase(product=ProductFactory(), subject="One", description="Once")
        with pytest.raises(UploadRefused):
            workflow.open_case(contact=contact, actor=contact.user, new=new, uploads=["x" * 22])
        assert not Case.objects.exists()
        assert not Delivery.objects.exists()

    def test_number_is_of_six_digits_and_never_changes(self, contact):
        case = file_case(contact)
        assert case.number == f"CS-{case.pk:06d}"


@pytest.mark.django_db
class TestReplying:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (Status.NEW, Status.NEW),
            (Status.IN_PROGRESS, Status.IN_PROGRESS),
            (Status.WAITING, Status.IN_PROGRESS),
            (Status.ON_HOLD, Status.ON_HOLD),
            (Status.SOLVED, Status.IN_PROGRESS),
            (Status.CLOSED, Status.IN_PROGRESS),
        ],
    )
    def test_customers_reply_moves_what_waits_for_it(self, contact, before, after):
        case = put_into(file_case(contact), before)
        workflow.reply(case_id=case.pk, actor=contact.user, body="Still broken")
        case.refresh_from_db()
        assert case.status == after

    @pytest.mark.parametrize("before", [Status.NEW, Status.WAITING, Status.ON_HOLD, Status.SOLVED])
    def test_engineers_reply_leaves_the_status_alone(self, contact, engineer, before):
        case = put_into(file_case(contact), before)
        workflow.reply(case_id=case.pk, actor=engineer, body="Try this")
        case.refresh_from_db()
        assert case.status == before

    @pytest.mark.parametrize("before", Status)
    def test_internal_note_moves_and_sends_nothing(self, contact, engineer, before):
        case = put_into(file_case(contact), before)
        sent = Delivery.objects.count()
        seen = case.public_updated_at
        workflow.reply(case_id=case.pk, actor=engineer, body="secret", internal=True)
        case.refresh_from_db()
        assert (case.status, case.public_updated_at) == (before, seen)
        assert Delivery.objects.count() == sent

    def test_customer_leaves_no_internal_note(self, contact):
        case = file_case(contact)
        with pytest.raises(PermissionDenied):
            workflow.reply(case_id=case.pk, actor=contact.user, body="psst", internal=True)
        assert not Comment.objects.exists()

    def test_first_public_answer_of_support_is_the_first_response(self, contact, engineer):
        case = file_case(contact)
        workflow.reply(case_id=case.pk, actor=contact.user, body="More facts")
        workflow.reply(case_id=case.pk, actor=engineer, body="note", internal=True)
        assert not Case.objects.filter(first_responded_at__isnull=False).exists()
        workflow.reply(case_id=case.pk, actor=engineer, body="Hello")
        first = Case.objects.get().first_responded_at
        assert first is not None
        workflow.reply(case_id=case.pk, actor=engineer, body="And more")
        assert Case.objects.get().first_responded_at == first

    def test_reply_with_a_move_is_one_mail(self, contact, engineer):
        case = put_into(file_case(contact), Status.IN_PROGRESS)
        workflow.reply(case_id=case.pk, actor=engineer, body="Which version?", move_to=Status.WAITING)
        assert mails("cases.status_changed") == [contact.user.email]
        assert mails("cases.public_reply") == []

    def test_forbidden_move_takes_the_reply_back(self, contact, engineer):
        case = file_case(contact)
        with pytest.raises(PermissionDenied):
            workflow.reply(case_id=case.pk, actor=engineer, body="Hello", move_to=Status.CLOSED)
        assert not Comment.objects.exists()

    def test_same_submission_is_one_comment(self, contact):
        case = file_case(contact)
        token = uuid.uuid4()
        for _ in range(2):
            workflow.reply(case_id=case.pk, actor=contact.user, body="Once", submission_token=token)
        assert Comment.objects.count() == 1
        assert events(case, EventKind.COMMENTED) == 1

    def test_file_that_is_gone_takes_the_reply_back(self, contact):
        case = file_case(contact)
        with pytest.raises(UploadRefused):
            workflow.reply(case_id=case.pk, actor=contact.user, body="See file", uploads=["x" * 22])
        assert not Comment.objects.exists()

    def test_file_of_an_internal_note_is_internal(self, contact, engineer):
        case = file_case(contact)
        token = UploadFactory(owner=engineer).token
        workflow.reply(case_id=case.pk, actor=engineer, body="dump", internal=True, uploads=[token])
        assert case.attachments.get().is_internal


@pytest.mark.django_db
class TestReopening:
    def closed(self, contact, days):
        case = put_into(file_case(contact), Status.CLOSED)
        Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=days))
        return case

    def test_reply_within_the_days_reopens(self, contact):
        case = self.closed(contact, 13)
        done = workflow.reply(case_id=case.pk, actor=contact.user, body="Again")
        case.refresh_from_db()
        assert done.case == case
        assert (case.status, case.closed_at, case.solved_at) == (Status.IN_PROGRESS, None, None)

    def test_later_reply_makes_a_linked_follow_up_with_its_files(self, contact):
        case = self.closed(contact, 15)
        upload = UploadFactory(owner=contact.user)
        done = workflow.reply(case_id=case.pk, actor=contact.user, body="Again", uploads=[upload.token])
        case.refresh_from_db()
        assert case.status == Status.CLOSED
        assert done.comment is None
        assert (done.case.follow_up_of, done.case.subject, done.case.description) == (case, case.subject, "Again")
        assert done.case.attachments.get().upload == upload
        assert case.events.get(kind=EventKind.FOLLOWED_UP).data == {"case": done.case.pk}

    def test_follow_up_of_one_form_is_made_once(self, contact):
        case = self.closed(contact, 15)
        token = uuid.uuid4()
        for _ in range(2):
            workflow.reply(case_id=case.pk, actor=contact.user, body="Again", submission_token=token)
        assert Case.objects.filter(follow_up_of=case).count() == 1
        assert events(case, EventKind.FOLLOWED_UP) == 1

    def test_follow_up_is_of_the_one_who_replies(self, contact, colleague):
        case = self.closed(contact, 15)
        done = workflow.reply(case_id=case.pk, actor=colleague.user, body="Again")
        assert done.case.contact == colleague
        assert done.case.verification == Verification.PENDING

    def test_engineer_makes_no_follow_up(self, contact, engineer):
        case = self.closed(contact, 15)
        with pytest.raises(PermissionDenied):
            workflow.reply(case_id=case.pk, actor=engineer, body="Again")
        assert Case.objects.count() == 1

    @pytest.mark.parametrize("who", ["contact", "engineer"])
    def test_button_does_not_reopen_later_either(self, request, contact, who):
        case = self.closed(contact, 15)
        person = request.getfixturevalue(who)
        actor = person.user if isinstance(person, Contact) else person
        with pytest.raises(PermissionDenied):
            workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=actor)

    def test_note_on_an_old_case_stays_there(self, contact, engineer):
        case = self.closed(contact, 15)
        assert workflow.reply(case_id=case.pk, actor=engineer, body="fyi", internal=True).case == case


@pytest.mark.django_db
class TestClock:
    def test_solved_case_is_closed_by_nobody(self, contact):
        case = put_into(file_case(contact), Status.SOLVED)
        assert workflow.close_solved(case_id=case.pk)
        event = case.events.get(kind=EventKind.STATUS_CHANGED)
        assert (event.actor, event.data["to"]) == (None, Status.CLOSED)
        assert mails("cases.status_changed") == [contact.user.email]

    def test_case_that_was_solved_anew_meanwhile_stays(self, contact):
        case = put_into(file_case(contact), Status.SOLVED)
        assert not workflow.close_solved(case_id=case.pk, solved_before=timezone.now() - timedelta(days=10))
        case.refresh_from_db()
        assert case.status == Status.SOLVED

    def test_one_case_in_trouble_does_not_keep_the_others_open(self, contact, monkeypatch):
        broken, sound = (put_into(file_case(contact), Status.SOLVED) for _number in range(2))
        Case.objects.update(solved_at=timezone.now() - timedelta(days=11))
        close = workflow.close_solved

        def fail_once(*, case_id, **options):
            if case_id == broken.pk:
                raise RuntimeError("trouble")
            return close(case_id=case_id, **options)

        monkeypatch.setattr(workflow, "close_solved", fail_once)
        tasks.close_solved_cases()
        sound.refresh_from_db()
        assert sound.status == Status.CLOSED

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.SOLVED])
    def test_other_cases_stay(self, contact, status):
        case = put_into(file_case(contact), status)
        assert not workflow.close_solved(case_id=case.pk)
        case.refresh_from_db()
        assert case.status == status


@pytest.mark.django_db
class TestFollowing:
    def test_same_again_changes_nothing(self, contact, colleague):
        case = file_case(contact)
        assert workflow.follow(case_id=case.pk, actor=contact.user, user=colleague.user)
        assert not workflow.follow(case_id=case.pk, actor=contact.user, user=colleague.user)
        assert events(case, EventKind.FOLLOWER_ADDED) == 1
        assert workflow.unfollow(case_id=case.pk, actor=colleague.user, user=colleague.user)
        assert not workflow.unfollow(case_id=case.pk, actor=colleague.user, user=colleague.user)
        assert events(case, EventKind.FOLLOWER_REMOVED) == 1

    def test_who_cannot_see_the_case_does_not_follow_it(self, contact, stranger):
        case = file_case(contact)
        with pytest.raises(PermissionDenied):
            workflow.follow(case_id=case.pk, actor=contact.user, user=stranger.user)

    def test_follower_of_the_support_team_is_an_internal_matter(self, contact, engineer):
        case = file_case(contact)
        workflow.follow(case_id=case.pk, actor=engineer, user=engineer)
        assert case.events.get(kind=EventKind.FOLLOWER_ADDED).is_internal

    def test_second_membership_does_not_double_the_mail(self, contact, stranger, engineer):
        ContactFactory(account=stranger.account, user=contact.user)
        case = file_case(contact)
        workflow.follow(case_id=case.pk, actor=contact.user, user=contact.user)
        workflow.reply(case_id=case.pk, actor=engineer, body="Hello")
        assert mails("cases.public_reply") == [contact.user.email]
