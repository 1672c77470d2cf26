import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import Contact
from cases import changes, desk, policies, verification
from cases.constants import EventKind, Priority, Status, Verification
from cases.models import Case, CaseEvent
from notifications.models import Channel, Delivery
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case


def person_of(value):
    return value.user if isinstance(value, Contact) else value


def mailed(kind):
    return set(Delivery.objects.filter(message__kind=kind, channel=Channel.MAIL).values_list("address", flat=True))


@pytest.mark.django_db
class TestAsking:
    def test_admins_and_csm_are_asked(self, contact, colleague, csm):
        file_case(colleague)
        assert mailed("cases.verification_needed") == {contact.user.email, csm.email}

    def test_authorized_contact_bothers_nobody(self, contact):
        assert file_case(contact).verification == Verification.NOT_NEEDED
        assert mailed("cases.verification_needed") == set()

    def test_case_is_worked_meanwhile(self, colleague, engineer):
        case = desk.take(case_id=file_case(colleague).pk, actor=engineer)
        assert case.owner == engineer


@pytest.mark.django_db
class TestConfirming:
    @pytest.mark.parametrize("role", ["contact", "csm", "engineer", "manager", "administrator"])
    def test_who_may(self, request, colleague, role):
        actor = person_of(request.getfixturevalue(role))
        case = verification.confirm(case_id=file_case(colleague).pk, actor=actor)
        assert case.verification == Verification.CONFIRMED
        assert case.status == Status.NEW
        assert case.events.get(kind=EventKind.VERIFICATION_CONFIRMED).actor == actor

    def test_colleague_without_power_may_not(self, acme, colleague):
        other = ContactFactory(account=acme, is_authorized=True)
        case = file_case(colleague)
        with pytest.raises(PermissionDenied):
            verification.confirm(case_id=case.pk, actor=other.user)

    def test_nobody_confirms_their_own(self, acme):
        admin = ContactFactory(account=acme, is_account_admin=True)
        case = file_case(admin)
        assert case.verification == Verification.PENDING
        assert not policies.verify(admin.user, case)
        with pytest.raises(PermissionDenied):
            verification.confirm(case_id=case.pk, actor=admin.user)

    def test_csm_of_another_account_finds_no_case(self, colleague, other_csm):
        case = file_case(colleague)
        with pytest.raises(Case.DoesNotExist):
            verification.confirm(case_id=case.pk, actor=other_csm)

    def test_same_again_writes_nothing(self, colleague, csm):
        case = verification.confirm(case_id=file_case(colleague).pk, actor=csm)
        events = CaseEvent.objects.count()
        assert verification.confirm(case_id=case.pk, actor=csm).version == case.version
        assert CaseEvent.objects.count() == events

    def test_case_that_needs_none_is_not_confirmed(self, contact, csm):
        case = file_case(contact)
        with pytest.raises(PermissionDenied):
            verification.confirm(case_id=case.pk, actor=csm)


@pytest.mark.django_db
class TestRefusing:
    def test_case_is_closed_with_one_kind_mail(self, colleague, csm):
        case = verification.refuse(case_id=file_case(colleague).pk, actor=csm)
        case.refresh_from_db()
        assert (case.verification, case.status) == (Verification.REFUSED, Status.CLOSED)
        assert case.closed_at is not None
        assert mailed("cases.verification_refused") == {colleague.user.email}
        assert mailed("cases.status_changed") == set()

    @pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.WAITING, Status.ON_HOLD, Status.SOLVED])
    def test_case_in_any_open_status_is_closed(self, colleague, csm, status):
        case = file_case(colleague)
        Case.objects.update(status=status)
        assert verification.refuse(case_id=case.pk, actor=csm).status == Status.CLOSED

    def test_production_down_is_never_held_up(self, colleague, csm, engineer):
        case = file_case(colleague, subject="Production Down")
        with pytest.raises(changes.CaseError, match="never held up"):
            verification.refuse(case_id=case.pk, actor=csm)
        desk.set_priority(case_id=case.pk, priority=Priority.NORMAL, reason="A test", actor=engineer)
        assert verification.refuse(case_id=case.pk, actor=csm).status == Status.CLOSED

    def test_refused_case_is_not_confirmed_afterwards(self, colleague, csm):
        case = verification.refuse(case_id=file_case(colleague).pk, actor=csm)
        with pytest.raises(PermissionDenied):
            verification.confirm(case_id=case.pk, actor=csm)

    def test_same_again_writes_and_sends_nothing(self, colleague, csm):
        case = verification.refuse(case_id=file_case(colleague).pk, actor=csm)
        before = CaseEvent.objects.count(), Delivery.objects.count()
        verification.refuse(case_id=case.pk, actor=csm)
        assert (CaseEvent.objects.count(), Delivery.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_confirmed_and_refused_at_once_is_decided_once(colleague, csm):
    case = file_case(colleague)
    barrier = threading.Barrier(8)
    outcomes = []

    def run(act) -> None:
        barrier.wait()
        try:
            outcomes.append(act(case_id=case.pk, actor=csm).verification)
        except PermissionDenied:
            outcomes.append("denied")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in [verification.confirm, verification.refuse] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case.refresh_from_db()
    assert outcomes.count(case.verification) == 4
    assert outcomes.count("denied") == 4
    decided = [EventKind.VERIFICATION_CONFIRMED, EventKind.VERIFICATION_REFUSED]
    assert case.events.filter(kind__in=decided).count() == 1
