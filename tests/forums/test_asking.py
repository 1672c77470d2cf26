"""Ask a question: the form, what was asked before, and what becomes of what somebody typed."""

import re
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from forums import drafts
from forums.constants import State, TopicKind
from forums.forms import seconds_since, stamp
from forums.models import Community, Draft, Member, Tag, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, category, main_community, reply

pytestmark = pytest.mark.django_db

URL = "/forums/ask/"
SIMILAR_URL = "/forums/ask/similar/"


def sent(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Orders stop syncing to NetSuite",
        "body": "Since this morning no order arrives.",
        "tags": "netsuite, rate-limits",
        "category": "integrations",
        "kind": "question",
        "submission_token": str(uuid4()),
        "stamp": stamp(),
        **changes,
    }


def test_the_form_has_the_fields_that_people_are_told_of(member: User, as_user: SignedIn) -> None:
    page = as_user(member).get(URL).content.decode()
    for label, field in (("Title", "id_title"), ("Question", "id_body"), ("Tags", "id_tags")):
        assert re.search(rf'<label class="form-label[^"]*" for="{field}">{label}\s*<(?:/label|span)', page)
    assert "Ask a question" in page
    assert ">Post question</span>" in page
    assert "Announcement" not in page


def test_a_visitor_signs_in_first(client: Client) -> None:
    answer = client.get(URL)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={URL}"


def test_a_question_is_posted(member: User, as_user: SignedIn) -> None:
    answer = as_user(member).post(URL, sent(), follow=False)
    topic = Topic.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == topic.get_absolute_url()
    assert (topic.kind, topic.author, topic.category.slug) == (TopicKind.QUESTION, member, "integrations")
    assert sorted(topic.tags.values_list("slug", flat=True)) == ["netsuite", "rate-limits"]


def test_who_knows_no_category_gets_the_first(member: User, as_user: SignedIn) -> None:
    as_user(member).post(URL, sent(category=""))
    assert Topic.objects.get().category == main_community().categories.all()[0]


def test_other_verbs_are_refused(member: User, as_user: SignedIn) -> None:
    assert as_user(member).put(URL).status_code == 405
    assert as_user(member).get(SIMILAR_URL).status_code == 405


def test_a_community_that_is_not_public_does_not_exist(member: User, as_user: SignedIn) -> None:
    Community.objects.create(slug="secret", name="Secret", is_public=False)
    assert as_user(member).get("/communities/secret/ask/").status_code == 404
    assert as_user(member).post("/communities/secret/ask/similar/", {"title": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "Help"}, "at least 8 characters"),
        ({"title": "‍​‍​‍​‍​‍"}, "at least 8 characters"),
        ({"title": "x" * 151}, "at most 150 characters"),
        ({"body": " \n "}, "This field is required."),
        ({"body": "x" * 50_001}, "at most 50000 characters"),
        ({"tags": "a1 b1 c1 d1 e1 f1"}, "at most 5 tags"),
        ({"tags": "netsuite !!!"}, "is no tag"),
        ({"category": "announcements"}, "Select a valid choice"),
        ({"category": "nowhere"}, "Select a valid choice"),
        ({"kind": "announcement"}, "not one of the available choices"),
        ({"body": "A text with a \x00 in it"}, "Null characters are not allowed"),
        ({"submission_token": "x"}, "is not posted yet"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    changes: dict[str, str], words: str, member: User, as_user: SignedIn
) -> None:
    answer = as_user(member).post(URL, sent(**changes))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    if "body" not in changes:
        assert "Since this morning no order arrives." in page
    assert not Topic.objects.exists()


def test_emoji_and_writing_from_right_to_left_round_trip(member: User, as_user: SignedIn) -> None:
    title = "👩‍👩‍👧 שלום: é fails"
    as_user(member).post(URL, sent(title=title, body="مرحبا\u200f 👍🏽\r\nsecond line"))
    topic = Topic.objects.get()
    assert topic.title == title
    assert topic.posts.get().body == "مرحبا\u200f 👍🏽\nsecond line"


def test_the_same_form_twice_is_one_topic(member: User, as_user: SignedIn) -> None:
    form = sent()
    first, second = (as_user(member).post(URL, form | {"similar_seen": "1"}) for _turn in range(2))
    assert first["Location"] == second["Location"]
    assert Topic.objects.count() == 1


def test_another_persons_token_is_replaced(member: User, engineer: User, as_user: SignedIn) -> None:
    form = sent(similar_seen="1")
    as_user(engineer).post(URL, form)
    answer = as_user(member).post(URL, form)
    assert answer.status_code == 422
    token = re.search(r'name="submission_token" value="([^"]+)"', answer.content.decode())
    assert token
    assert token[1] != form["submission_token"]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_topic(member: User, as_user: SignedIn) -> None:
    main_community()
    form, answers = sent(similar_seen="1"), []

    def send() -> None:
        answers.append(as_user(member).post(URL, form).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert Topic.objects.count() == 1
    assert connection.is_usable()


def test_similar_topics_are_a_step_before_posting(member: User, contact: Any, as_user: SignedIn) -> None:
    before = ask(contact.user, "Orders no longer sync to NetSuite", "The sync of orders stops each morning.")
    form = sent(stamp=stamp())
    answer = as_user(member).post(URL, form)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "None of these helps: post it" in page
    assert before.title in page
    assert "Since this morning no order arrives." in page
    assert Topic.objects.count() == 1
    token = re.search(r'name="submission_token" value="([^"]+)"', page)
    assert token
    assert token[1] == form["submission_token"]
    seen = re.search(r'name="similar_seen" value="([^"]*)"', page)
    assert seen
    assert as_user(member).post(URL, form | {"similar_seen": seen[1]}).status_code == 302
    assert Topic.objects.count() == 2


def test_similar_topics_appear_while_typing_answered_ones_first(
    member: User, contact: Any, engineer: User, as_user: SignedIn
) -> None:
    open_one = ask(contact.user, "Orders stop syncing to NetSuite at night", "No order arrives in NetSuite.")
    solved = ask(contact.user, "NetSuite orders stop syncing", "Orders stop.")
    answer = reply(solved, engineer)
    Topic.objects.filter(pk=solved.pk).update(accepted_post=answer, accepted_at=timezone.now())
    page = as_user(member).post(SIMILAR_URL, {"title": "orders stop syncing NetSuite", "body": ""}).content.decode()
    assert "Solved" in page
    assert 0 < page.index(solved.title) < page.index(open_one.title)
    assert 'target="_blank"' in page


def test_a_hidden_topic_is_never_similar(member: User, contact: Any, as_user: SignedIn) -> None:
    topic = ask(contact.user, "Orders no longer sync to NetSuite", "The sync of orders stops.")
    Topic.objects.filter(pk=topic.pk).update(state=State.HIDDEN)
    page = as_user(member).post(SIMILAR_URL, {"title": "Orders no longer sync to NetSuite"}).content.decode()
    assert page.strip() == ""


@pytest.mark.parametrize("title", ["", "a", "\x00\x00", "x" * 100_000, "'; --", '"' * 50, "% _ \\"])
def test_anything_typed_finds_something_or_nothing(title: str, member: User, as_user: SignedIn) -> None:
    assert as_user(member).post(SIMILAR_URL, {"title": title, "body": title}).status_code == 200


def test_two_and_twenty_similar_topics_run_the_same_queries(
    member: User, engineer: User, as_user: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = as_user(member)
    counts = []
    for number in range(12):
        ask(engineer, f"Orders stop syncing to NetSuite, part {number}", "No order arrives.")
        if number in (1, 11):
            with django_assert_max_num_queries(15) as captured:
                client.post(SIMILAR_URL, {"title": "Orders stop syncing to NetSuite", "body": ""})
            counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_page_runs_the_same_queries_however_many_tags_there_are(
    member: User, as_user: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = as_user(member)
    counts = []
    for number in range(20):
        Tag.objects.create(community=main_community(), slug=f"tag-{number}", topic_count=1)
        if number in (1, 19):
            with django_assert_max_num_queries(15) as captured:
                client.get(URL)
            counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_link_may_fill_in_the_form(member: User, as_user: SignedIn) -> None:
    page = as_user(member).get(f"{URL}?kind=idea&title=Bulk+retry&tags=queue&category=flows").content.decode()
    assert "Share an idea" in page
    assert 'value="Bulk retry"' in page
    assert 'value="queue"' in page
    assert '<option value="flows" selected' in page
    assert as_user(member).get(f"{URL}?kind=x&category=%00&title={'y' * 999}").status_code == 200


def test_only_the_team_sees_announcements(engineer: User, as_user: SignedIn) -> None:
    page = as_user(engineer).get(URL).content.decode()
    assert "Announcements" in page
    answer = as_user(engineer).post(URL, sent(kind="announcement", category="announcements"))
    assert answer.status_code == 302


def test_somebody_silenced_is_told_so_and_keeps_their_text(member: User, as_user: SignedIn) -> None:
    Member.objects.create(user=member, silenced_until=timezone.now() + timedelta(days=1))
    assert as_user(member).get(URL).status_code == 403
    answer = as_user(member).post(URL, sent(similar_seen="1"))
    assert answer.status_code == 422
    assert "silenced you" in answer.content.decode()
    assert "Since this morning no order arrives." in answer.content.decode()


def test_what_fills_in_the_trap_is_held_and_its_author_told_kindly(
    member: User, as_user: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def signals(*, hints: Any, **_given: Any) -> list[str]:
        told.append(hints)
        return ["honeypot"]

    monkeypatch.setattr("forums.screening.signals", signals)
    client = as_user(member)
    answer = client.post(URL, sent(website="https://spam.example"), follow=False)
    topic = Topic.objects.get()
    assert topic.state == State.HELD
    assert told[0].honeypot == "https://spam.example"
    assert 0 <= told[0].seconds < 60
    assert answer["Location"] == topic.get_absolute_url()
    assert "A moderator looks at it first" in client.get(topic.get_absolute_url()).content.decode()


@pytest.mark.parametrize("forged", ["", "x", "1:2:3", pytest.param(stamp()[:-1], id="cut off")])
def test_a_forged_stamp_says_nothing(forged: str) -> None:
    assert seconds_since(forged) is None


def test_who_was_signed_out_has_their_text_given_back(client: Client) -> None:
    answer = client.post(URL, sent())
    assert answer.status_code == 403
    assert "Since this morning no order arrives." in answer.content.decode()
    assert f"/accounts/login/?next={URL}" in answer.content.decode()


def test_the_draft_is_there_on_another_device_and_gone_once_posted(member: User, as_user: SignedIn) -> None:
    key = drafts.ask_key(main_community())
    typed = {
        "key": key,
        "version": "0",
        "title": "Half a title",
        "body": "Half a question",
        "tags": "edi",
        "category": "edi",
    }
    assert as_user(member).post("/forums/drafts/", typed).status_code == 200
    page = as_user(member).get(URL).content.decode()
    for part in (
        "Half a title",
        "Half a question",
        'value="edi"',
        '<option value="edi" selected',
        "Draft from",
        "Discard",
    ):
        assert part in page
    assert f'data-draft-version="{Draft.objects.get().version}"' in page
    as_user(member).post(URL, sent())
    assert not Draft.objects.exists()


def test_the_category_shelf_of_a_link_is_offered(member: User, as_user: SignedIn) -> None:
    assert category("edi").name in as_user(member).get(URL).content.decode()
