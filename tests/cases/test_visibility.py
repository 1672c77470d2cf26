import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.constants import CaseVisibility
from accounts.models import Contact, User
from cases import workflow
from cases.models import Case, CaseEvent
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.cases import file_case

pytestmark = pytest.mark.django_db


def seen_by(person):
    """Ask anew, as a later request would."""
    return set(Case.objects.visible_to(User.objects.get(pk=person.pk)))


@pytest.fixture
def cases(contact, colleague, stranger):
    return {"admin": file_case(contact), "colleague": file_case(colleague), "stranger": file_case(stranger)}


def test_contact_sees_the_teams_cases(cases, colleague):
    assert seen_by(colleague.user) == {cases["admin"], cases["colleague"]}


def test_contact_sees_their_own_where_the_account_says_so(cases, acme, colleague):
    acme.case_visibility = CaseVisibility.OWN
    acme.save()
    assert seen_by(colleague.user) == {cases["colleague"]}


def test_account_admin_sees_all_of_the_account_all_the_same(cases, acme, contact):
    acme.case_visibility = CaseVisibility.OWN
    acme.save()
    assert seen_by(contact.user) == {cases["admin"], cases["colleague"]}


def test_contact_of_two_accounts_sees_each_by_its_own_rule(cases, globex, colleague):
    globex.case_visibility = CaseVisibility.OWN
    globex.save()
    membership = ContactFactory(account=globex, user=colleague.user)
    mine = file_case(membership)
    assert seen_by(colleague.user) == {cases["admin"], cases["colleague"], mine}


def test_ended_contact_sees_nothing_and_the_case_stays(cases, colleague):
    Contact.objects.filter(pk=colleague.pk).update(ended_at=timezone.now())
    assert seen_by(colleague.user) == set()
    assert Case.objects.filter(pk=cases["colleague"].pk).exists()


def test_restored_contact_sees_again(cases, colleague):
    Contact.objects.filter(pk=colleague.pk).update(ended_at=timezone.now())
    Contact.objects.filter(pk=colleague.pk).update(ended_at=None)
    assert cases["colleague"] in seen_by(colleague.user)


def test_csm_sees_the_cases_of_their_accounts(cases, csm, other_csm):
    elsewhere = file_case(ContactFactory(account=AccountFactory(csm=other_csm)))
    assert seen_by(csm) == set(cases.values())
    assert seen_by(other_csm) == {elsewhere}


def test_sales_representative_sees_them_too(cases, globex, other_csm):
    globex.sales_representative = other_csm
    globex.save()
    assert seen_by(other_csm) == {cases["stranger"]}


@pytest.mark.parametrize("role", ["engineer", "manager", "administrator"])
def test_desk_sees_every_case(cases, request, role):
    assert seen_by(request.getfixturevalue(role)) == set(cases.values())


@pytest.mark.parametrize("role", ["member", "moderator", "operator"])
def test_others_see_none(cases, request, role):
    assert seen_by(request.getfixturevalue(role)) == set()


def test_partner_customer_sees_no_case_of_others(cases, partner_contact):
    assert seen_by(partner_contact.user) == set()


def test_visitor_sees_none(cases):
    assert not Case.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize("role", ["engineer", "administrator"])
def test_person_switched_off_sees_none(cases, request, role):
    person = request.getfixturevalue(role)
    person.is_active = False
    assert not Case.objects.visible_to(person).exists()


def test_internal_events_are_for_the_desk(contact, csm, engineer):
    case = file_case(contact)
    workflow.reply(case_id=case.pk, actor=engineer, body="secret", internal=True)
    for person, count in ((contact.user, 1), (csm, 1), (engineer, 2)):
        assert case.events.visible_to(person).count() == count


def test_events_of_another_account_are_nobodys_business(contact, stranger):
    file_case(contact)
    assert not CaseEvent.objects.visible_to(stranger.user).exists()
