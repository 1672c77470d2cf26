"""One press: what each act answers to whom, as a page and as a part of one."""

import threading
from collections.abc import Sequence

import pytest
from django.db import connections
from django.test import Client

from accounts.models import Contact, User
from forums import voting
from forums.constants import State
from forums.models import Bookmark, Category, Community, Member, Post, Topic, TopicRead, Vote, Watch
from tests.cast import SignedIn
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
POST_ACTS = ("vote", "unvote", "accept", "bookmark", "unbookmark", "delete")


def url(post: Post, act: str) -> str:
    return f"/forums/posts/{post.pk}/{act}/"


def topic_url(topic: Topic, act: str) -> str:
    return f"/forums/topics/{topic.pk}/{act}/"


@pytest.fixture
def topic(member: User) -> Topic:
    return ask(member)


@pytest.fixture
def answer(topic: Topic, contact: Contact) -> Post:
    return reply(topic, contact.user)


@pytest.mark.parametrize("act", POST_ACTS)
def test_a_visitor_signs_in_and_comes_back_to_the_post(act: str, answer: Post, client: Client) -> None:
    response = client.post(url(answer, act))
    assert response["Location"] == f"/accounts/login/?next={answer.get_absolute_url()}"
    assert client.post(url(answer, act), headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.parametrize("act", POST_ACTS)
def test_acts_take_a_post_only(act: str, answer: Post, member: User, as_user: SignedIn) -> None:
    assert as_user(member).get(url(answer, act)).status_code == 405


@pytest.mark.parametrize("act", [act for act in POST_ACTS if act != "unbookmark"])
def test_a_hidden_post_does_not_exist(act: str, answer: Post, member: User, as_user: SignedIn) -> None:
    Post.objects.filter(pk=answer.pk).update(state=State.HIDDEN)
    assert as_user(member).post(url(answer, act)).status_code == 404
    assert as_user(member).post(f"/forums/posts/999999999999/{act}/").status_code == 404


def test_a_vote_counts_and_is_taken_back(answer: Post, member: User, as_user: SignedIn) -> None:
    client = as_user(member)
    assert client.post(url(answer, "vote"))["Location"] == answer.get_absolute_url()
    assert Post.objects.get(pk=answer.pk).score == 1
    client.post(url(answer, "unvote"))
    assert Post.objects.get(pk=answer.pk).score == 0


def test_htmx_gets_the_acts_anew_with_the_button_pressed(answer: Post, member: User, as_user: SignedIn) -> None:
    page = as_user(member).post(url(answer, "vote"), headers=HTMX).content.decode()
    assert f'id="acts-{answer.pk}"' in page
    assert f'id="vote-{answer.pk}" aria-pressed="true"' in page
    assert f'formaction="{url(answer, "unvote")}"' in page
    assert 'class="comment-box"' not in page
    assert "<html" not in page


def test_a_second_vote_is_refused_in_words(answer: Post, member: User, as_user: SignedIn) -> None:
    voting.vote(post_id=answer.pk, user=member)
    response = as_user(member).post(url(answer, "vote"), headers=HTMX)
    assert response.status_code == 422
    assert "You have voted for this post already." in response.content.decode()
    page = as_user(member).post(url(answer, "vote"), follow=True).content.decode()
    assert "You have voted for this post already." in page
    assert Vote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_vote(member: User, contact: Contact, as_user: SignedIn) -> None:
    post, answers = reply(ask(member), contact.user), []

    def press() -> None:
        answers.append(as_user(member).post(url(post, "vote"), headers=HTMX).status_code)
        connections.close_all()

    threads = [threading.Thread(target=press) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 422]
    assert Post.objects.get(pk=post.pk).score == Vote.objects.count() == 1


def test_ones_own_post_has_a_button_that_says_why_not(answer: Post, contact: Contact, as_user: SignedIn) -> None:
    client = as_user(contact.user)
    response = client.post(url(answer, "vote"), headers=HTMX)
    assert response.status_code == 422
    assert 'disabled title="You cannot vote for your own post."' in response.content.decode()


def test_the_asker_accepts_changes_and_withdraws(topic: Topic, answer: Post, member: User, as_user: SignedIn) -> None:
    client = as_user(member)
    client.post(url(answer, "accept"))
    assert Topic.objects.get().accepted_post == answer
    client.post(topic_url(topic, "unaccept"))
    assert Topic.objects.get().accepted_post is None


def test_a_stranger_does_not_accept(topic: Topic, answer: Post, contact: Contact, as_user: SignedIn) -> None:
    page = as_user(contact.user).post(url(answer, "accept"), follow=True).content.decode()
    assert "Only the person who asked, or a moderator, accepts an answer." in page
    assert Topic.objects.get().accepted_post is None
    voting.accept(post_id=answer.pk, actor=topic.author)
    as_user(contact.user).post(topic_url(topic, "unaccept"))
    assert Topic.objects.get().accepted_post == answer


def test_a_bookmark_comes_and_goes(answer: Post, member: User, as_user: SignedIn) -> None:
    client = as_user(member)
    client.post(url(answer, "bookmark"))
    assert Bookmark.objects.get().post == answer
    page = client.post(url(answer, "unbookmark"), headers=HTMX).content.decode()
    assert f'id="bookmark-{answer.pk}" aria-pressed="false"' in page
    assert not Bookmark.objects.exists()


def test_the_bookmark_of_a_hidden_post_can_be_let_go(answer: Post, member: User, as_user: SignedIn) -> None:
    Bookmark.objects.create(post=answer, user=member)
    Post.objects.filter(pk=answer.pk).update(state=State.HIDDEN)
    response = as_user(member).post(url(answer, "unbookmark"), {"next": "/account/bookmarks/"})
    assert response["Location"] == "/account/bookmarks/"
    assert not Bookmark.objects.exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\x00"])
def test_the_way_back_stays_on_this_site(elsewhere: str, answer: Post, member: User, as_user: SignedIn) -> None:
    response = as_user(member).post(url(answer, "bookmark"), {"next": elsewhere})
    assert response["Location"] == answer.get_absolute_url()


def test_an_author_deletes_their_reply(topic: Topic, answer: Post, contact: Contact, as_user: SignedIn) -> None:
    assert as_user(contact.user).post(url(answer, "delete"))["Location"] == topic.get_absolute_url()
    assert Post.objects.get(pk=answer.pk).state == State.DELETED
    assert as_user(contact.user).post(url(answer, "delete")).status_code == 302


def test_an_author_deletes_a_question_that_nobody_answered(topic: Topic, member: User, as_user: SignedIn) -> None:
    opening = topic.posts.get()
    assert as_user(member).post(url(opening, "delete"))["Location"] == "/forums/"
    assert Topic.objects.get().state == State.DELETED


def test_others_posts_and_answered_questions_are_not_deleted(
    topic: Topic, answer: Post, member: User, as_user: SignedIn
) -> None:
    client = as_user(member)
    page = client.post(url(answer, "delete"), follow=True).content.decode()
    assert "Only its author deletes a post." in page
    page = client.post(url(topic.posts.get(kind="opening"), "delete"), follow=True).content.decode()
    assert "a topic with replies stays" in page
    assert not Post.objects.filter(state=State.DELETED).exists()


def test_a_suspended_person_is_told_so(answer: Post, member: User, as_user: SignedIn) -> None:
    from datetime import timedelta

    from django.utils import timezone

    Member.objects.update_or_create(user=member, defaults={"suspended_until": timezone.now() + timedelta(days=1)})
    response = as_user(member).post(url(answer, "vote"), headers=HTMX)
    assert response.status_code == 422
    assert "suspended" in response.content.decode()


def test_a_visitors_page_has_the_count_and_no_form(topic: Topic, answer: Post, client: Client) -> None:
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "0 votes" in page
    assert "csrfmiddlewaretoken" not in page
    assert "/vote/" not in page


def test_two_and_twenty_posts_run_the_same_queries(
    topic: Topic, engineer: User, member: User, as_user: SignedIn, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = as_user(member), []
    for number in range(12):
        comment(reply(topic, engineer), engineer)
        if number in (1, 11):
            with CaptureQueriesContext(connection) as captured:
                client.get(topic.get_absolute_url())
            counts.append(len(captured))
    assert counts[0] == counts[1]


# --- Reading marks ------------------------------------------------------------------------------------------------
def test_a_mark_says_how_far_somebody_read(topic: Topic, answer: Post, engineer: User, as_user: SignedIn) -> None:
    Member.objects.update_or_create(user=engineer, defaults={"read_before": topic.created_at})
    client = as_user(engineer)
    assert client.post(topic_url(topic, "read"), {"number": 1}, headers=HTMX).status_code == 204
    assert TopicRead.objects.get(user=engineer).number == 1
    assert client.post(topic_url(topic, "read"), {"number": 1})["Location"] == topic.get_absolute_url()


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999", "\x00"])
def test_a_mark_is_a_number(number: str, topic: Topic, member: User, as_user: SignedIn) -> None:
    assert as_user(member).post(topic_url(topic, "read"), {"number": number}).status_code == 400


def test_everything_is_read(topic: Topic, answer: Post, engineer: User, as_user: SignedIn) -> None:
    response = as_user(engineer).post("/forums/read-all/", {"next": "/data-loader/"})
    assert response["Location"] == "/data-loader/"
    assert Member.objects.get(user=engineer).read_before >= answer.created_at
    assert as_user(engineer).get("/forums/read-all/").status_code == 405


# --- Watching -----------------------------------------------------------------------------------------------------
def targets(topic: Topic) -> Sequence[tuple[str, Community | Category | Topic]]:
    return [("community", main_community()), ("category", category()), ("topic", topic)]


def test_anything_is_watched_and_let_go(topic: Topic, engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    for kind, target in targets(topic):
        response = client.post("/forums/watch/", {"kind": kind, "id": target.pk, "level": "2"})
        assert response.status_code == 302
        assert Watch.objects.get(user=engineer, **{kind: target}).level == 2
        client.post("/forums/watch/", {"kind": kind, "id": target.pk, "level": "off"})
        assert not Watch.objects.filter(user=engineer).exists()


def test_a_tag_is_watched(engineer: User, member: User, as_user: SignedIn) -> None:
    tag = ask(member, tags=["netsuite"]).tags.get()
    response = as_user(engineer).post("/forums/watch/", {"kind": "tag", "id": tag.pk, "level": "1"})
    assert response["Location"] == "/forums/tags/netsuite/"
    assert Watch.objects.filter(user=engineer, tag=tag).exists()


def test_htmx_gets_the_menu_anew(topic: Topic, engineer: User, as_user: SignedIn) -> None:
    sent = {"kind": "topic", "id": topic.pk, "level": "3", "next": topic.get_absolute_url()}
    page = as_user(engineer).post("/forums/watch/", sent, headers=HTMX).content.decode()
    assert "Watching" in page
    assert "Stop watching" in page
    assert "autofocus" in page
    assert f'name="next" value="{topic.get_absolute_url()}"' in page


@pytest.mark.parametrize(
    "changes", [{"kind": "user"}, {"id": "x"}, {"id": "99999999999999999999999"}, {"level": "9"}, {"level": ""}]
)
def test_what_cannot_be_watched_is_a_bad_request(
    changes: dict[str, str], topic: Topic, member: User, as_user: SignedIn
) -> None:
    sent = {"kind": "topic", "id": str(topic.pk), "level": "1", **changes}
    assert as_user(member).post("/forums/watch/", sent).status_code == 400


def test_what_is_not_seen_is_not_watched_and_a_watch_of_it_ends(
    topic: Topic, contact: Contact, as_user: SignedIn
) -> None:
    Topic.objects.update(state=State.HIDDEN)
    client = as_user(contact.user)
    sent = {"kind": "topic", "id": topic.pk, "level": "1"}
    assert client.post("/forums/watch/", sent).status_code == 404
    Watch.objects.create(user=contact.user, topic=topic)
    assert client.post("/forums/watch/", sent).status_code == 404
    assert client.post("/forums/watch/", sent | {"level": "off", "next": "/account/watching/"}).status_code == 302
    assert not Watch.objects.filter(user=contact.user).exists()
