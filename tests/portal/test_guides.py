"""First steps: for whom, ticked off by what is there, put away and brought back."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import erasure, guides
from accounts.constants import Role
from accounts.guides import Progress
from accounts.models import Contact, DismissedGuide, User
from cases import desk, workflow
from tests.cast import SignedIn
from tests.factories.cases import file_case
from tests.factories.forums import ask
from tests.factories.status import IncidentFactory, SubscriberFactory, UpdateFactory

pytestmark = pytest.mark.django_db
DISMISS = "/account/getting-started/contact/dismiss/"
REOPEN = "/account/getting-started/contact/reopen/"
PAGE = "/account/getting-started/"


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def progress(user: User, code: str) -> Progress:
    return next(one for one in guides.of(fresh(user)) if one.guide.code == code)


def undone(user: User, code: str) -> list[str]:
    return [str(step.title) for step in progress(user, code).steps if not step.is_done]


class TestForWhom:
    @pytest.mark.parametrize(
        ("role", "codes"),
        [
            ("engineer", {"engineer"}),
            ("csm", {"csm"}),
            ("moderator", {"moderator"}),
            ("operator", {"operator"}),
            ("administrator", set()),
            ("member", set()),
        ],
    )
    def test_each_role_has_its_own(self, role: str, codes: set[str], request: pytest.FixtureRequest) -> None:
        user = request.getfixturevalue(role)
        assert {one.guide.code for one in guides.of(fresh(user))} == codes

    def test_a_contact_has_one(self, contact: Contact) -> None:
        assert {one.guide.code for one in guides.of(fresh(contact.user))} == {"contact"}

    def test_two_roles_have_two(self, engineer: User) -> None:
        engineer.groups.add(Group.objects.get(name=Role.OPERATOR))
        assert {one.guide.code for one in guides.of(fresh(engineer))} == {"engineer", "operator"}

    def test_a_partners_customer_is_not_told_to_file_a_case(self, partner_contact: Contact) -> None:
        assert "File your first case" not in undone(partner_contact.user, "contact")

    def test_only_an_account_admin_is_told_to_invite(self, contact: Contact, colleague: Contact) -> None:
        assert "Invite a colleague" in undone(contact.user, "contact")
        assert "Invite a colleague" not in undone(colleague.user, "contact")

    def test_every_guide_is_short_and_every_step_leads_somewhere(
        self,
        contact: Contact,
        colleague: Contact,
        engineer: User,
        csm: User,
        moderator: User,
        operator: User,
        as_user: SignedIn,
    ) -> None:
        for user in (contact.user, colleague.user, engineer, csm, moderator, operator):
            client = as_user(user)
            for one in guides.of(fresh(user)):
                assert 3 <= len(one.steps) <= 5
                for step in one.steps:
                    assert (str(step.title), client.get(step.url).status_code) == (str(step.title), 200)


class TestDone:
    def test_a_contacts_steps_are_ticked_by_what_they_did(self, colleague: Contact) -> None:
        user = colleague.user
        assert "File your first case" in undone(user, "contact")
        file_case(colleague)
        User.objects.filter(pk=user.pk).update(time_zone="Europe/Berlin")
        SubscriberFactory(user=user)
        assert undone(user, "contact") == ["See what we mail you", "Add a passkey or an authenticator app"]

    def test_what_a_colleague_did_does_not_count(self, contact: Contact, colleague: Contact) -> None:
        file_case(contact)
        assert "File your first case" in undone(colleague.user, "contact")

    def test_an_engineers(self, engineer: User, contact: Contact) -> None:
        case = file_case(contact)
        desk.take(case_id=case.pk, actor=engineer)
        assert "Take a case" not in undone(engineer, "engineer")
        assert "Answer a customer" in undone(engineer, "engineer")
        workflow.reply(case_id=case.pk, actor=engineer, body="We look.")
        assert "Answer a customer" not in undone(engineer, "engineer")

    def test_an_operators(self, operator: User) -> None:
        UpdateFactory(incident=IncidentFactory(created_by=operator), author=operator)
        assert undone(operator, "operator") == ["Follow the system status", "Add a passkey or an authenticator app"]

    def test_a_moderators(self, moderator: User) -> None:
        assert "Write in the community" in undone(moderator, "moderator")
        ask(moderator)
        assert "Write in the community" not in undone(moderator, "moderator")

    def test_all_guides_are_one_query(self, engineer: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        engineer.groups.add(Group.objects.get(name=Role.OPERATOR))
        user = fresh(engineer)
        assert user.active_contacts == []
        user.get_group_permissions()
        with django_assert_num_queries(1):
            assert len(guides.of(user)) == 2


class TestOnTheHomePage:
    def test_it_stands_below_what_needs_one_now(self, engineer: User, contact: Contact, as_user: SignedIn) -> None:
        file_case(contact, subject="Production Down")
        text = as_user(engineer).get("/").text
        assert text.index("Production Down, not acknowledged") < text.index("First steps at the desk")

    def test_put_away_it_is_gone_and_the_message_brings_it_back(self, contact: Contact, as_user: SignedIn) -> None:
        client = as_user(contact.user)
        assert "First steps" in client.get("/").text
        answer = client.post(DISMISS, follow=True)
        assert 'id="guide-contact"' not in answer.text
        assert f'action="{REOPEN}"' in answer.text
        assert 'id="guide-contact"' in client.post(REOPEN, follow=True).text

    def test_put_away_twice_is_once(self, contact: Contact, as_user: SignedIn) -> None:
        client = as_user(contact.user)
        client.post(DISMISS)
        client.post(DISMISS)
        assert DismissedGuide.objects.count() == 1

    def test_anothers_stays(self, contact: Contact, colleague: Contact, as_user: SignedIn) -> None:
        as_user(contact.user).post(DISMISS)
        assert 'id="guide-contact"' in as_user(colleague.user).get("/").text


class TestPage:
    def test_a_guide_that_was_put_away_is_there_with_the_way_back(self, contact: Contact, as_user: SignedIn) -> None:
        client = as_user(contact.user)
        client.post(DISMISS)
        text = client.get(PAGE).text
        assert 'id="guide-contact"' in text
        assert f'action="{REOPEN}"' in text

    def test_who_has_no_guide_is_told_so(self, member: User, as_user: SignedIn) -> None:
        assert "Nothing to set up" in as_user(member).get(PAGE).text

    @pytest.mark.parametrize("address", [DISMISS, REOPEN])
    def test_a_guide_of_another_role_does_not_exist(self, member: User, as_user: SignedIn, address: str) -> None:
        assert as_user(member).post(address).status_code == 404
        assert not DismissedGuide.objects.exists()

    @pytest.mark.parametrize("address", [DISMISS, REOPEN])
    def test_looking_changes_nothing(self, contact: Contact, as_user: SignedIn, address: str) -> None:
        assert as_user(contact.user).get(address).status_code == 405

    @pytest.mark.parametrize("address", [PAGE, DISMISS, REOPEN])
    def test_a_visitor_signs_in_first(self, client: Client, address: str) -> None:
        method = client.get if address == PAGE else client.post
        assert method(address)["Location"].startswith(reverse("account_login"))


def test_an_erased_person_leaves_no_guide_behind(contact: Contact, administrator: User, as_user: SignedIn) -> None:
    as_user(contact.user).post(DISMISS)
    erasure.erase(user=contact.user, actor=administrator)
    assert not DismissedGuide.objects.exists()
