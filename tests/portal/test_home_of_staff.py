"""What needs somebody now: the home page of each role of staff, of moderators, and of who holds several roles."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import requests
from accounts.constants import Role
from accounts.models import Account, Contact, User
from cases import desk, workflow
from cases.constants import Priority, Status
from cases.models import Case, OnCallStep
from forums.constants import PostKind, ReviewReason
from forums.models import CommunityModerator, Review
from notifications.models import Delivery
from portal import health
from portal.attention import sections
from status import publishing
from status.constants import Origin
from status.models import Incident, IncidentUpdate
from tests.cast import SignedIn
from tests.factories.accounts import ContactFactory, SupportPlanFactory
from tests.factories.cases import file_case
from tests.factories.forums import ask, main_community
from tests.factories.notifications import DeliveryFactory
from tests.factories.status import IncidentFactory, MaintenanceFactory, UpdateFactory

pytestmark = pytest.mark.django_db


def section(user: User, key: str) -> Any:
    return next(one for one in sections(User.objects.get(pk=user.pk)) if one.key == key)


def keys(user: User) -> set[str]:
    return {one.key for one in sections(User.objects.get(pk=user.pk))}


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.text


def late(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(first_response_due_at=timezone.now() - timedelta(hours=1))
    return case


class TestEngineer:
    def test_an_unacknowledged_production_down_leads_to_acknowledging_it(
        self, engineer: User, contact: Contact, as_user: SignedIn
    ) -> None:
        alert = file_case(contact, subject="Production Down").alerts.get()
        assert f'href="/desk/alerts/{alert.token}/"' in home(as_user(engineer))

    def test_own_cases_whose_first_response_is_late_are_shown(self, engineer: User, contact: Contact) -> None:
        case = late(file_case(contact))
        desk.assign(case_id=case.pk, owner=engineer, actor=engineer)
        assert section(engineer, "due").rows == [case]

    def test_an_answered_case_and_one_that_has_time_are_not(self, engineer: User, contact: Contact) -> None:
        answered, early = late(file_case(contact)), file_case(contact)
        for case in (answered, early):
            desk.assign(case_id=case.pk, owner=engineer, actor=engineer)
        workflow.reply(case_id=answered.pk, actor=engineer, body="We look.")
        Case.objects.filter(pk=early.pk).update(first_response_due_at=timezone.now() + timedelta(days=2))
        assert section(engineer, "due").rows == []

    def test_a_customer_who_spoke_last_is_shown_until_one_answers(self, engineer: User, contact: Contact) -> None:
        case = file_case(contact)
        desk.assign(case_id=case.pk, owner=engineer, actor=engineer)
        workflow.reply(case_id=case.pk, actor=engineer, body="Which version?")
        assert section(engineer, "replied").rows == []
        workflow.reply(case_id=case.pk, actor=contact.user, body="4.8")
        assert section(engineer, "replied").rows == [case]
        workflow.reply(case_id=case.pk, actor=engineer, body="Thank you.")
        assert section(engineer, "replied").rows == []

    def test_urgent_cases_of_nobody_can_be_taken_at_once(
        self, engineer: User, contact: Contact, as_user: SignedIn
    ) -> None:
        urgent, normal = file_case(contact, subject="Very slow"), file_case(contact, subject="A question")
        Case.objects.filter(pk=urgent.pk).update(priority=Priority.URGENT)
        client = as_user(engineer)
        text = home(client)
        assert f'action="/desk/{urgent.number}/take/"' in text
        assert f'action="/desk/{normal.number}/take/"' not in text
        answer = client.post(f"/desk/{urgent.number}/take/", {"next": "/"})
        assert answer["Location"] == "/"
        assert section(engineer, "nobodys").rows == []

    def test_an_engineer_looks_after_nothing_of_other_roles(self, engineer: User) -> None:
        assert keys(engineer) == {"alerts", "due", "replied", "nobodys"}

    def test_nothing_to_do_is_said_kindly(self, engineer: User, as_user: SignedIn) -> None:
        text = home(as_user(engineer))
        assert "Nothing waits for you" in text
        assert "Every urgent case has an owner." in text


class TestManager:
    def test_late_first_responses_of_everybody_are_shown(self, manager: User, engineer: User, contact: Contact) -> None:
        case = late(file_case(contact))
        desk.assign(case_id=case.pk, owner=engineer, actor=engineer)
        assert section(manager, "late").rows == [case]

    def test_every_case_without_an_owner_counts(self, manager: User, contact: Contact) -> None:
        case = file_case(contact)
        assert section(manager, "nobodys").rows == [case]

    def test_an_empty_on_call_list_is_urgent(self, manager: User, as_user: SignedIn) -> None:
        assert "Nobody is on call" in home(as_user(manager))

    def test_who_is_alerted_first_is_named(self, manager: User, engineer: User, as_user: SignedIn) -> None:
        OnCallStep.objects.create(position=1, user=engineer)
        text = home(as_user(manager))
        assert "Erik Lind is alerted first." in text
        assert "Nobody is on call" not in text

    def test_failed_deliveries_are_shown_to_who_may_see_the_ledger(
        self, manager: User, engineer: User, member: User
    ) -> None:
        delivery = DeliveryFactory(user=member, state=Delivery.State.FAILED)
        assert [row.delivery for row in section(manager, "failed").rows] == [delivery]
        assert "failed" not in keys(engineer)


class TestCsm:
    def test_cases_that_wait_to_be_verified_are_shown(self, csm: User, other_csm: User, colleague: Contact) -> None:
        case = file_case(colleague)
        assert section(csm, "verify").rows == [case]
        assert section(other_csm, "verify").rows == []

    def test_a_refused_and_closed_case_waits_no_more(self, csm: User, colleague: Contact) -> None:
        case = file_case(colleague)
        Case.objects.filter(pk=case.pk).update(status=Status.CLOSED, closed_at=timezone.now())
        assert section(csm, "verify").rows == []

    def test_requests_to_become_a_contact_are_shown(self, csm: User, member: User, as_user: SignedIn) -> None:
        requests.ask(user=member, company="Umbra", message="")
        text = home(as_user(csm))
        assert "/admin/accounts/contactrequest/" in text
        assert "Umbra" in text

    def test_only_their_own_accounts_in_trouble_are_shown(self, csm: User, other_csm: User, contact: Contact) -> None:
        file_case(contact, subject="Production Down")
        assert [row.name for row in section(csm, "troubled").rows] == ["Acme"]
        assert section(other_csm, "troubled").rows == []

    def test_many_open_cases_are_trouble_and_few_are_not(self, csm: User, contact: Contact, stranger: Contact) -> None:
        for _number in range(8):
            file_case(contact)
        file_case(stranger)
        assert [(row.name, row.open) for row in section(csm, "troubled").rows] == [("Acme", 8)]

    def test_a_plan_with_one_place_left_is_shown(self, csm: User, acme: Account, contact: Contact) -> None:
        acme.plan = SupportPlanFactory(authorized_contact_limit=3)
        acme.save()
        assert section(csm, "limits").rows == []
        cache.delete(f"accounts:near-limit:1:{csm.pk}")
        acme.plan.authorized_contact_limit = 2
        acme.plan.save()
        assert [(row.name, row.authorized) for row in section(csm, "limits").rows] == [("Acme", 1)]

    def test_contacts_are_not_counted_for_each_look(
        self, csm: User, other_csm: User, acme: Account, contact: Contact
    ) -> None:
        acme.plan = SupportPlanFactory(authorized_contact_limit=2)
        acme.save()
        section(csm, "limits")
        with CaptureQueriesContext(connection) as captured:
            assert section(csm, "limits").rows == [acme]
        assert not [one for one in captured if "COUNT(" in one["sql"] and "is_authorized" in one["sql"]]
        assert section(other_csm, "limits").rows == []

    def test_a_plan_without_a_limit_is_never_full(self, csm: User, acme: Account, contact: Contact) -> None:
        acme.plan = SupportPlanFactory(authorized_contact_limit=None)
        acme.save()
        assert section(csm, "limits").rows == []

    def test_an_ended_contact_takes_no_place(self, csm: User, acme: Account) -> None:
        acme.plan = SupportPlanFactory(authorized_contact_limit=1)
        acme.save()
        ContactFactory(account=acme, ended_at=timezone.now())
        assert section(csm, "limits").rows == []


class TestModerator:
    def review(self, author: User) -> Review:
        post = ask(author, "Cheap watches").posts.get(kind=PostKind.OPENING)
        review: Review = Review.objects.create(post=post, community=post.topic.community, reason=ReviewReason.FLAGGED)
        return review

    def test_the_review_queue_is_shown_oldest_first(self, moderator: User, member: User, as_user: SignedIn) -> None:
        first, second = self.review(member), self.review(member)
        assert section(moderator, "reviews").rows == [first, second]
        assert f'href="/moderation/#review-{first.pk}"' in home(as_user(moderator))

    def test_a_member_who_moderates_one_community_sees_its_queue(self, member: User, contact: Contact) -> None:
        review = self.review(contact.user)
        assert keys(member) == set()
        CommunityModerator.objects.create(community=main_community(), user=member)
        assert section(member, "reviews").rows == [review]


class TestOperator:
    def test_an_open_incident_says_when_its_readers_should_hear_more(self, operator: User, as_user: SignedIn) -> None:
        incident = IncidentFactory(started_at=timezone.now() - timedelta(hours=2))
        UpdateFactory(incident=incident)
        assert not section(operator, "going-on").rows[0].is_update_due
        IncidentUpdate.objects.update(display_at=timezone.now() - timedelta(minutes=31))
        assert section(operator, "going-on").rows[0].is_update_due
        text = home(as_user(operator))
        assert "Update due" in text
        assert f'href="/status/manage/incidents/{incident.public_id}/update/"' in text

    def test_what_has_ended_is_not_shown(self, operator: User) -> None:
        IncidentFactory(status="resolved", started_at=timezone.now() - timedelta(hours=1), resolved_at=timezone.now())
        assert section(operator, "going-on").rows == []

    def test_maintenance_of_the_next_day_is_shown(self, operator: User) -> None:
        soon = MaintenanceFactory(scheduled_for=timezone.now() + timedelta(hours=5))
        MaintenanceFactory(scheduled_for=timezone.now() + timedelta(days=3))
        assert section(operator, "maintenance").rows == [soon]

    def test_drafts_of_automation_wait_for_a_person_and_their_own_do_not(self, operator: User) -> None:
        draft = IncidentFactory(published_at=None, origin=Origin.ALERTS)
        IncidentFactory(published_at=None, origin=Origin.OPERATOR)
        assert section(operator, "unconfirmed").rows == [draft]

    def test_a_published_draft_waits_no_more(self, operator: User) -> None:
        Incident.objects.filter(pk=IncidentFactory(origin=Origin.PROBE).pk).update(published_at=timezone.now())
        assert section(operator, "unconfirmed").rows == []

    def test_a_site_that_published_nothing_is_urgent(self, operator: User, as_user: SignedIn) -> None:
        assert "Nothing is published" in home(as_user(operator))
        publishing.publish()
        assert section(operator, "publication").rows == []


class TestAdministrator:
    def test_everything_is_there_once(self, administrator: User) -> None:
        found = [one.key for one in sections(administrator)]
        assert len(found) == len(set(found))
        assert {"alerts", "late", "verify", "reviews", "going-on", "failed", "health"} <= set(found)

    def test_a_lost_redis_is_told(self, administrator: User, as_user: SignedIn) -> None:
        with mock.patch.object(health, "redis_answers", return_value=False):
            assert "Redis does not answer" in home(as_user(administrator))
        assert "Database and Redis answer." in home(as_user(administrator))

    def test_rows_cost_no_query(
        self, administrator: User, engineer: User, contact: Contact, colleague: Contact, as_user: SignedIn
    ) -> None:
        def fill() -> None:
            file_case(contact, subject="Production Down")
            late(file_case(contact))
            file_case(colleague)
            TestModerator().review(contact.user)
            UpdateFactory(incident=IncidentFactory())
            MaintenanceFactory(scheduled_for=timezone.now() + timedelta(hours=5))
            IncidentFactory(published_at=None, origin=Origin.ALERTS)
            DeliveryFactory(user=contact.user, state=Delivery.State.FAILED)
            mine = file_case(contact)
            desk.assign(case_id=mine.pk, owner=administrator, actor=administrator)
            workflow.reply(case_id=mine.pk, actor=administrator, body="Which version?")
            workflow.reply(case_id=mine.pk, actor=contact.user, body="4.8")

        client = as_user(administrator)
        fill()
        home(client)
        with CaptureQueriesContext(connection) as few:
            home(client)
        fill()
        fill()
        with CaptureQueriesContext(connection) as many:
            home(client)
        assert len(few) == len(many)


def test_who_holds_two_roles_sees_both(engineer: User) -> None:
    engineer.groups.add(Group.objects.get(name=Role.OPERATOR))
    assert {"alerts", "going-on"} <= keys(engineer)


def test_staff_who_are_contacts_too_see_their_own_cases(engineer: User, acme: Account, as_user: SignedIn) -> None:
    file_case(ContactFactory(account=acme, user=engineer), subject="Asked by one of ours")
    text = home(as_user(engineer))
    assert "What needs you now" in text
    assert text.index("Your open cases") < text.index("Asked by one of ours")


def test_a_contact_who_manages_nobody_looks_after_nothing(colleague: Contact) -> None:
    assert keys(colleague.user) == set()
