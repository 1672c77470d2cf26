"""A solved case published as a question."""

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import Contact, User
from bridges import publishing, scrubbing
from bridges.models import CasePublication
from bridges.publishing import PublicText
from cases import workflow
from cases.constants import EventKind, Status
from cases.models import Case
from files import staging
from forums.constants import TopicKind
from forums.models import Post, Topic
from notifications.models import Message
from tests.cast import SignedIn
from tests.factories import dataloader
from tests.factories.cases import file_case
from tests.factories.forums import category

pytestmark = pytest.mark.django_db

SECRET = "Only for us: Dana forgot the password again, it is hunter2-hunter2."
READ = "I have read it: nothing private is left"


@pytest.fixture
def case(contact: Contact, colleague: Contact, engineer: User) -> Case:
    upload = staging.stage(owner=contact.user, file=ContentFile(b"secret"), name="acme-orders.log")
    case = file_case(
        contact,
        uploads=[upload.token],
        subject="Orders of Acme stop syncing to NetSuite",
        description="Since this morning no order of Acme arrives. Call Sam or me, +1 555 014 2233.\n\nDana Reyes",
    )
    workflow.reply(case_id=case.pk, actor=engineer, body="Hi Dana, which connection is it?")
    workflow.reply(
        case_id=case.pk, actor=contact.user, body="The one at https://acme.netsuite.example/, of sam@acme.example."
    )
    workflow.reply(case_id=case.pk, actor=engineer, body=SECRET, internal=True)
    workflow.reply(
        case_id=case.pk,
        actor=engineer,
        body="Dana, raise the concurrency limit of the connector to ten.\n\nErik",
        move_to=Status.SOLVED,
    )
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def url(case: Case) -> str:
    return reverse("bridges:publish", args=[case.pk])


def fields(**changed: Any) -> dict[str, Any]:
    return {
        "title": "Orders stop syncing to NetSuite",
        "question": "Since this morning no order arrives.",
        "answer": "Raise the concurrency limit of the connector to ten.",
        "category": category().pk,
        "tags": "netsuite limits",
        "is_read": "on",
        **changed,
    }


def text() -> PublicText:
    return PublicText(
        title="Orders stop syncing to NetSuite", question="Since this morning.", answer="Raise the limit."
    )


# --- Who enters -----------------------------------------------------------------------------------------------


def test_the_address_is_the_desks(case: Case, url: str) -> None:
    assert url == f"/desk/cases/{case.number}/publish/"


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
    assert client.get(url).status_code == client.post(url, fields()).status_code == 403
    assert Topic.objects.count() == 0


def test_a_case_that_is_not_there_is_404(url: str, engineer: User, as_user: SignedIn) -> None:
    for address in ("/desk/cases/CS-999999/publish/", "/desk/cases/CS-1/publish/", "/desk/cases/1/publish/"):
        assert as_user(engineer).get(address).status_code == 404


def test_wrong_verbs_are_405(url: str, engineer: User, as_user: SignedIn) -> None:
    assert as_user(engineer).put(url).status_code == 405


@pytest.mark.parametrize("status", [Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.ON_HOLD])
def test_a_case_without_a_solution_is_not_published(
    case: Case, url: str, status: Status, engineer: User, as_user: SignedIn
) -> None:
    Case.objects.filter(pk=case.pk).update(status=status)
    client = as_user(engineer)
    assert client.get(url).status_code == client.post(url, fields()).status_code == 403
    assert url not in client.get(case.get_desk_url()).content.decode()
    with pytest.raises(PermissionDenied):
        publishing.publish(case_id=case.pk, actor=engineer, category=category(), text=text())


# --- What is proposed -------------------------------------------------------------------------------------------


def test_the_proposal_holds_nothing_private(case: Case, url: str, engineer: User, as_user: SignedIn) -> None:
    initial = as_user(engineer).get(url).context["form"].initial
    whole = " ".join(str(initial[name]) for name in ("title", "question", "answer"))
    for private in ("Acme", "Dana", "Reyes", "Sam", "Erik", "555", "hunter2", "acme.netsuite"):
        assert private.lower() not in whole.lower(), private
    assert initial["answer"].startswith("[name 3], raise the concurrency limit of the connector to ten.")
    assert "no order of [name] arrives" in initial["question"]


def test_every_answer_of_the_team_may_be_the_start(url: str, engineer: User, as_user: SignedIn) -> None:
    answer = as_user(engineer).get(url, {"answers": "all"}).context["form"].initial["answer"]
    assert "which connection is it?" in answer
    assert "raise the concurrency limit" in answer
    assert "The one at" not in answer
    assert "hunter2" not in answer


def test_what_was_taken_out_stands_beside_it_in_order(url: str, engineer: User, as_user: SignedIn) -> None:
    response = as_user(engineer).get(url)
    shown = [(one.original, one.replacement) for one in response.context["replacements"]]
    assert shown[0] == ("Acme", "[name]")
    assert ("+1 555 014 2233", "[phone]") in shown
    assert (
        shown.index(("Sam", "[name 2]")) < shown.index(("Dana Reyes", "[name 3]"))
        if ("Sam", "[name 2]") in shown
        else True
    )
    counts = dict(response.context["counts"])
    assert counts["Phone numbers"] == 1
    assert "+1 555 014 2233" in response.content.decode()


def test_a_key_without_an_end_takes_no_other_text_along(case: Case, contact: Contact, engineer: User) -> None:
    Case.objects.filter(pk=case.pk).update(description="-----BEGIN PRIVATE KEY-----\nMIIEvQ and no end")
    proposal = scrubbing.propose(Case.objects.get(pk=case.pk))
    assert proposal.question == "[secret]"
    assert "raise the concurrency limit" in proposal.answer


def test_a_case_without_an_answer_proposes_none(contact: Contact, engineer: User, as_user: SignedIn) -> None:
    case = file_case(contact)
    workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=engineer)
    response = as_user(engineer).get(reverse("bridges:publish", args=[case.pk]))
    assert response.context["form"].initial["answer"] == ""


# --- Publishing -------------------------------------------------------------------------------------------------


def test_it_becomes_a_question_of_the_engineer_with_an_accepted_answer(
    case: Case, url: str, contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    mailed = Message.objects.count()
    response = as_user(engineer).post(url, fields())
    topic = Topic.objects.get()
    assert (response.status_code, response["Location"]) == (302, topic.get_absolute_url())
    assert (topic.author, topic.kind, topic.title) == (engineer, TopicKind.QUESTION, "Orders stop syncing to NetSuite")
    assert topic.accepted_post is not None
    assert (topic.accepted_post.author, topic.accepted_post.body) == (engineer, fields()["answer"])
    assert sorted(topic.tags.values_list("slug", flat=True)) == ["limits", "netsuite"]
    publication = CasePublication.objects.get()
    assert (publication.case, publication.topic, publication.published_by) == (case, topic, engineer)
    assert case.events.get(kind=EventKind.PUBLISHED).is_internal
    assert Message.objects.count() == mailed


def test_nothing_public_leads_to_the_case(
    case: Case, url: str, contact: Contact, member: User, engineer: User, as_user: SignedIn
) -> None:
    as_user(engineer).post(url, fields())
    topic = Topic.objects.get()
    for client in (Client(), as_user(member), as_user(contact.user)):
        shown = client.get(topic.get_absolute_url()).content.decode()
        assert case.number not in shown
        assert "acme-orders.log" not in shown
        assert "hunter2" not in shown
    customers = as_user(contact.user).get(case.get_absolute_url()).content.decode()
    assert topic.get_absolute_url() not in customers
    assert "published this case" not in customers
    assert case.number in as_user(engineer).get(topic.get_absolute_url()).content.decode()


def test_the_desk_shows_what_was_published(
    case: Case, url: str, engineer: User, other_engineer: User, as_user: SignedIn
) -> None:
    client = as_user(other_engineer)
    assert url in client.get(case.get_desk_url()).content.decode()
    as_user(engineer).post(url, fields())
    shown = client.get(case.get_desk_url()).content.decode()
    assert f'href="{Topic.objects.get().get_absolute_url()}"' in shown
    assert "published this case as a question" in shown
    assert url not in shown


def test_it_may_stand_in_another_community(url: str, engineer: User, as_user: SignedIn) -> None:
    as_user(engineer).post(url, fields(category=dataloader.shelf("errors").pk))
    assert Topic.objects.get().community == dataloader.loader()


def test_what_was_typed_is_kept_until_it_is_read(url: str, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    sent = fields(question="My own words\x00")
    del sent["is_read"]
    for odd in (sent, fields(title="short"), fields(answer=" "), fields(category=""), fields(category="9" * 40)):
        response = client.post(url, odd)
        assert response.status_code == 422
    assert READ in response.content.decode()
    assert fields()["question"] in response.content.decode()
    assert Topic.objects.count() == 0


def test_what_still_looks_private_has_to_be_confirmed(url: str, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    sent = fields(question="Since this morning no order of Acme arrives, says dana@acme.example.", tags="acme")
    response = client.post(url, sent)
    assert response.status_code == 422
    assert [one.original for one in response.context["left"]] == ["Acme", "dana@acme.example", "acme"]
    assert Topic.objects.count() == 0
    keep = response.context["left_fingerprint"]
    # Something new asks anew.
    more = client.post(url, {**sent, "answer": "Call +1 555 014 2233.", "keep": keep})
    assert more.status_code == 422
    assert client.post(url, {**sent, "keep": "x"}).status_code == 422
    assert client.post(url, {**sent, "keep": keep}).status_code == 302
    assert "Acme" in Post.objects.order_by("id")[0].body


def test_twice_is_once(case: Case, url: str, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    client.post(url, fields())
    for response in (client.post(url, fields()), client.get(url)):
        assert (response.status_code, response["Location"]) == (302, case.get_desk_url())
    assert Topic.objects.count() == CasePublication.objects.count() == 1


def test_a_refusal_of_the_community_leaves_nothing_behind(url: str, engineer: User, as_user: SignedIn) -> None:
    response = as_user(engineer).post(url, fields(tags="a1 b1 c1 d1 e1 f1"))
    assert response.status_code == 422
    assert Topic.objects.count() == Post.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_engineers_at_once_publish_once(case: Case, engineer: User, other_engineer: User) -> None:
    start, answers = threading.Barrier(2), []
    shelf = category()

    def run(person: User) -> None:
        try:
            start.wait()
            answers.append(publishing.publish(case_id=case.pk, actor=person, category=shelf, text=text()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[person]) for person in (engineer, other_engineer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.pk for answer in answers}) == 1
    assert len(answers) == 2
    assert Topic.objects.count() == CasePublication.objects.count() == 1
    assert case.events.filter(kind=EventKind.PUBLISHED).count() == 1
