"""A private case made of a public topic."""

import re
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.constants import Severity
from accounts.models import Account, Contact, User
from bridges import making
from bridges.errors import BridgeError
from bridges.models import TopicCase
from cases import workflow
from cases.constants import EventKind, Origin, Status
from cases.models import Case
from cases.workflow import NewCase
from forums import changes, organising, publishing
from forums.constants import PostKind, State
from forums.models import Topic
from tests.cast import SignedIn
from tests.factories import dataloader
from tests.factories.accounts import ContactFactory, ProductFactory
from tests.factories.forums import ask, reply

pytestmark = pytest.mark.django_db

TAKEN_UP = "The support team has taken this up."


@pytest.fixture
def topic(contact: Contact) -> Topic:
    return ask(contact.user, body="Since this morning **no** order arrives.")


@pytest.fixture
def url(topic: Topic) -> str:
    return reverse("bridges:make_case", args=[topic.pk])


def fields(contact: Contact, **changed: Any) -> dict[str, Any]:
    return {
        "filed_for": contact.pk,
        "product": ProductFactory().pk,
        "subject": "Orders stop syncing",
        "description": "As asked in the community.",
        "severity": "s2",
        "submission_token": str(uuid4()),
        **changed,
    }


def make(topic: Topic, contact: Contact, engineer: User, **options: Any) -> Case:
    new = NewCase(product=ProductFactory(), subject="Orders stop syncing", description="As asked.")
    return making.make_case(topic_id=topic.pk, actor=engineer, contact=contact, new=new, **options)


def page(client: Client, topic: Topic) -> str:
    return client.get(topic.get_absolute_url()).content.decode()


# --- Who enters -----------------------------------------------------------------------------------------------


def test_a_visitor_signs_in_first(url: str) -> None:
    for verb in ("get", "post"):
        response = getattr(Client(), verb)(url)
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={url}")


@pytest.mark.parametrize("role", ["contact", "member", "csm", "moderator", "operator"])
def test_others_are_told_that_the_desk_is_for_engineers(
    url: str, role: str, request: pytest.FixtureRequest, as_user: SignedIn
) -> None:
    person = request.getfixturevalue(role)
    client = as_user(person.user if isinstance(person, Contact) else person)
    assert client.get(url).status_code == client.post(url).status_code == 403
    assert TopicCase.objects.count() == 0


def test_a_topic_that_is_not_there_is_404(topic: Topic, url: str, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    assert client.get("/desk/topics/999999/case/").status_code == 404
    assert client.get(f"/desk/topics/{10**30}/case/").status_code == 404
    Topic.objects.filter(pk=topic.pk).update(state=State.HIDDEN)
    assert client.get(url).status_code == client.post(url).status_code == 404


def test_a_held_topic_becomes_no_case(topic: Topic, url: str, manager: User, as_user: SignedIn) -> None:
    Topic.objects.filter(pk=topic.pk).update(state=State.HELD)
    assert as_user(manager).get(url).status_code == 403


def test_wrong_verbs_are_405(url: str, engineer: User, as_user: SignedIn) -> None:
    assert as_user(engineer).put(url).status_code == 405


# --- The form -------------------------------------------------------------------------------------------------


def test_the_form_holds_what_the_topic_says(
    topic: Topic, url: str, contact: Contact, engineer: User, moderator: User, member: User, as_user: SignedIn
) -> None:
    reply(topic, member, "Have you looked at\nthe limits?")
    hidden = reply(topic, member, "Buy watches")
    publishing.set_state(changes.lock_post(post_id=hidden.pk, user=moderator), State.HIDDEN)
    form = as_user(engineer).get(url).context["form"]
    assert form.initial["filed_for"] == contact.pk
    assert form.initial["subject"] == topic.title
    text = form.initial["description"]
    assert settings.PORTAL_URL + topic.get_absolute_url() in text
    assert "> Since this morning **no** order arrives." in text
    assert "**Mel Carter** wrote:\n\n> Have you looked at\n> the limits?" in text
    assert "watches" not in text


def test_a_very_long_topic_fits_into_a_description(topic: Topic, url: str, engineer: User, as_user: SignedIn) -> None:
    topic.posts.update(body="x" * 49_990)
    assert len(as_user(engineer).get(url).context["form"].initial["description"]) == 50_000


def test_the_product_of_the_community_is_proposed(contact: Contact, engineer: User, as_user: SignedIn) -> None:
    product = ProductFactory(code="data-loader", name="Data Loader")
    topic = dataloader.ask(contact.user)
    form = as_user(engineer).get(reverse("bridges:make_case", args=[topic.pk])).context["form"]
    assert form.initial["product"] == product.pk


def test_an_engineer_files_the_case_of_the_author(
    topic: Topic, url: str, contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    response = as_user(engineer).post(url, fields(contact))
    case = Case.objects.get()
    assert (response.status_code, response["Location"]) == (302, case.get_desk_url())
    assert (case.contact, case.origin, case.severity, case.account) == (
        contact,
        Origin.STAFF,
        Severity.S2,
        contact.account,
    )
    row = TopicCase.objects.get()
    assert (row.topic, row.case, row.made_by) == (topic, case, engineer)
    event = case.events.get(kind=EventKind.MADE_OF_TOPIC)
    assert (event.actor, event.data, event.is_internal) == (engineer, {"topic": topic.pk}, False)


def test_of_several_accounts_the_engineer_chooses(
    topic: Topic, url: str, contact: Contact, globex: Account, engineer: User, as_user: SignedIn
) -> None:
    other = ContactFactory(account=globex, user=contact.user)
    client = as_user(engineer)
    assert "filed_for" not in client.get(url).context["form"].initial
    client.post(url, fields(other))
    assert Case.objects.get().account == globex


def test_what_was_typed_is_kept(url: str, contact: Contact, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    response = client.post(url, fields(contact, description="My own words\x00", product=""))
    assert response.status_code == 422
    assert "My own words" in response.content.decode()
    for odd in (
        {"filed_for": "9" * 40},
        {"filed_for": "x"},
        {"severity": "s9"},
        {"submission_token": "x"},
        {"subject": ""},
    ):
        assert client.post(url, fields(contact, **odd)).status_code == 422
    assert Case.objects.count() == 0


def test_another_persons_membership_is_refused(
    topic: Topic, url: str, contact: Contact, colleague: Contact, engineer: User, as_user: SignedIn
) -> None:
    assert as_user(engineer).post(url, fields(colleague)).status_code == 422
    with pytest.raises(BridgeError, match="author"):
        make(topic, colleague, engineer)


# --- Authors without an account ---------------------------------------------------------------------------------


def test_who_belongs_to_no_account_gets_no_case_and_the_engineer_is_told_how(
    member: User, engineer: User, as_user: SignedIn
) -> None:
    url = reverse("bridges:make_case", args=[ask(member).pk])
    client = as_user(engineer)
    response = client.get(url)
    assert response.status_code == 200
    assert "belongs to none" in response.content.decode()
    assert client.post(url, {}).status_code == 422
    assert member.email not in response.content.decode()


def test_who_is_supported_by_a_partner_is_sent_there(
    partner_contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    url = reverse("bridges:make_case", args=[ask(partner_contact.user).pk])
    response = as_user(engineer).get(url)
    assert "BMC answers the cases of Initech" in response.content.decode()
    assert "https://support.bmc.example/" in response.content.decode()


def test_an_ended_membership_is_none(
    topic: Topic, url: str, contact: Contact, engineer: User, as_user: SignedIn
) -> None:

    Contact.objects.filter(pk=contact.pk).update(ended_at=timezone.now(), is_authorized=False, is_account_admin=False)
    assert "belongs to none" in as_user(engineer).get(url).content.decode()


# --- Once -------------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_case(url: str, contact: Contact, engineer: User, as_user: SignedIn) -> None:
    client, sent = as_user(engineer), fields(contact)
    first, second = client.post(url, sent), client.post(url, sent)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == TopicCase.objects.count() == 1


def test_while_a_case_is_open_there_is_no_second(
    topic: Topic, url: str, contact: Contact, engineer: User, other_engineer: User, as_user: SignedIn
) -> None:
    case = make(topic, contact, engineer)
    client = as_user(other_engineer)
    assert case.number in client.get(url).content.decode()
    response = client.post(url, fields(contact, description="What I typed"))
    assert response.status_code == 422
    assert "What I typed" in response.content.decode()
    assert Case.objects.count() == 1
    workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=engineer)
    workflow.change_status(case_id=case.pk, to=Status.CLOSED, actor=engineer)
    assert client.post(url, fields(contact)).status_code == 302
    assert TopicCase.objects.filter(topic=topic).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_engineers_at_once_make_one_case(
    topic: Topic, contact: Contact, engineer: User, other_engineer: User
) -> None:
    ProductFactory()
    start = threading.Barrier(2)
    answers: list[object] = []

    def run(person: User) -> None:
        try:
            start.wait()
            answers.append(make(topic, contact, person))
        except BridgeError as error:
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[person]) for person in (engineer, other_engineer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["BridgeError", "Case"]
    assert Case.objects.count() == TopicCase.objects.count() == 1


# --- What the topic shows -----------------------------------------------------------------------------------------


def test_everybody_reads_that_it_was_taken_up_and_nothing_else(
    topic: Topic, contact: Contact, member: User, stranger: Contact, engineer: User, moderator: User, as_user: SignedIn
) -> None:
    assert TAKEN_UP not in page(Client(), topic)
    case = make(topic, contact, engineer)
    for client in (Client(), as_user(member), as_user(stranger.user), as_user(moderator)):
        shown = page(client, topic)
        assert TAKEN_UP in shown
        assert case.number not in shown
        assert "Acme" not in shown
        assert "/desk/topics/" not in shown


def test_who_may_see_the_case_is_led_to_it(
    topic: Topic, contact: Contact, colleague: Contact, engineer: User, as_user: SignedIn
) -> None:
    case = make(topic, contact, engineer)
    for person, url in (
        (contact.user, case.get_absolute_url()),
        (colleague.user, case.get_absolute_url()),
        (engineer, case.get_desk_url()),
    ):
        assert f'href="{url}"' in page(as_user(person), topic)


def test_engineers_are_offered_the_way_while_no_case_is_open(
    topic: Topic, url: str, contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    assert f'href="{url}"' in page(as_user(engineer), topic)
    assert url not in page(as_user(contact.user), topic)
    make(topic, contact, engineer)
    assert url not in page(as_user(engineer), topic)


def test_a_colleagues_topic_is_left_alone(engineer: User, other_engineer: User, as_user: SignedIn) -> None:
    topic = ask(other_engineer)
    assert "/desk/topics/" not in page(as_user(engineer), topic)


def test_a_merged_topics_case_shows_on_its_target(
    topic: Topic, contact: Contact, member: User, engineer: User, moderator: User
) -> None:
    make(topic, contact, engineer)
    target = ask(member, "Orders no longer arrive")
    organising.merge(topic_id=topic.pk, into_id=target.pk, actor=moderator)
    assert TAKEN_UP in page(Client(), Topic.objects.get(pk=target.pk))


def test_the_desk_shows_where_the_case_came_from(
    topic: Topic, contact: Contact, engineer: User, moderator: User, as_user: SignedIn
) -> None:
    case = make(topic, contact, engineer)
    shown = as_user(engineer).get(case.get_desk_url()).content.decode()
    assert f'href="{topic.get_absolute_url()}"' in shown
    assert "made this case of a topic in the community" in shown
    opening = topic.posts.get(kind=PostKind.OPENING)
    publishing.set_state(changes.lock_post(post_id=opening.pk, user=moderator), State.HIDDEN)
    shown = as_user(engineer).get(case.get_desk_url()).content.decode()
    assert re.search("From the community:.*no longer shown", shown)
    assert topic.get_absolute_url() not in shown


def test_the_customer_reads_in_the_timeline_how_the_case_came_about(
    topic: Topic, contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    case = make(topic, contact, engineer)
    shown = as_user(contact.user).get(case.get_absolute_url()).content.decode()
    assert "made this case of a topic in the community" in shown
