"""A topic's page and the addresses of its posts: what stands where, who sees it, in how many queries."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forums import editing, hooks, organising, publishing, voting
from forums.constants import State, TopicKind
from forums.hooks import Panel
from forums.models import Community, Member, Post, Topic
from forums.views import topic as topic_views
from tests.cast import SignedIn
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(member: User) -> Topic:
    return ask(member, tags=["netsuite"])


def url_of(topic: Topic) -> str:
    return Topic.objects.select_related("community").get(pk=topic.pk).get_absolute_url()


def opening(topic: Topic) -> Post:
    return topic.posts.get(kind="opening")


def numbers(client: Client, url: str) -> list[int]:
    response = client.get(url)
    assert response.status_code == 200
    return [one.post.number for one in response.context["shown"].replies]


def set_state(post: Post, state: State) -> None:
    fresh = Post.objects.select_related("topic__community", "parent").get(pk=post.pk)
    publishing.set_state(fresh, state)


# --- The four questions -----------------------------------------------------------------------------------------------
def test_anybody_reads_a_topic_and_what_belongs_to_it(client: Client, question: Topic, engineer: User) -> None:
    post = reply(question, engineer)
    for url in (url_of(question), f"/forums/posts/{post.pk}/comments/", f"/forums/posts/{post.pk}/history/"):
        assert client.get(url).status_code == 200
    assert client.get(f"/forums/p/{post.pk}/").status_code == 302


def test_these_pages_are_only_read(client: Client, question: Topic, engineer: User) -> None:
    post = reply(question, engineer)
    for url in (
        url_of(question),
        f"/forums/p/{post.pk}/",
        f"/forums/posts/{post.pk}/comments/",
        f"/forums/posts/{post.pk}/history/",
    ):
        assert client.post(url).status_code == 405


@pytest.mark.parametrize("number", ["999999", str(2**63), str(10**40)])
def test_what_does_not_exist_is_404(client: Client, number: str) -> None:
    for url in (
        f"/forums/t/{number}/",
        f"/forums/t/{number}/anything/",
        f"/forums/p/{number}/",
        f"/forums/posts/{number}/comments/",
        f"/forums/posts/{number}/history/",
    ):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
def test_a_topic_that_is_not_published_does_not_exist_for_others(
    client: Client, as_user: SignedIn, question: Topic, engineer: User, moderator: User, state: State
) -> None:
    post = opening(question)
    set_state(post, state)
    for reader in (client, as_user(engineer)):
        for url in (
            url_of(question),
            f"/forums/t/{question.pk}/",
            f"/forums/p/{post.pk}/",
            f"/forums/posts/{post.pk}/comments/",
            f"/forums/posts/{post.pk}/history/",
        ):
            assert reader.get(url).status_code == 404
    page = as_user(moderator).get(url_of(question))
    assert page.status_code == 200
    assert b'name="robots" content="noindex' in page.content
    assert b"application/ld+json" not in page.content


def test_the_author_of_a_held_topic_is_told_that_it_waits(as_user: SignedIn, member: User, question: Topic) -> None:
    set_state(opening(question), State.HELD)
    assert b"This waits for a moderator" in as_user(member).get(url_of(question)).content


def test_the_author_of_a_hidden_topic_does_not_see_it(as_user: SignedIn, member: User, question: Topic) -> None:
    set_state(opening(question), State.HIDDEN)
    assert as_user(member).get(url_of(question)).status_code == 404


def test_a_moderator_is_told_that_others_do_not_see_it(as_user: SignedIn, moderator: User, question: Topic) -> None:
    set_state(opening(question), State.HIDDEN)
    assert b"Only moderators see this page" in as_user(moderator).get(url_of(question)).content


def test_a_hidden_reply_and_what_stands_under_it_are_gone(
    client: Client, as_user: SignedIn, question: Topic, engineer: User, moderator: User, member: User
) -> None:
    answer = reply(question, engineer, body="Buy cheap watches")
    remark = comment(answer, member, body="What nonsense is this")
    set_state(answer, State.HIDDEN)
    page = client.get(url_of(question)).content
    assert b"watches" not in page
    assert b"nonsense" not in page
    for url in (f"/forums/p/{answer.pk}/", f"/forums/p/{remark.pk}/", f"/forums/posts/{answer.pk}/comments/"):
        assert client.get(url).status_code == 404
    assert b"Hidden by a moderator" in as_user(moderator).get(url_of(question)).content


# --- One address ------------------------------------------------------------------------------------------------------
def test_every_other_address_leads_to_the_canonical_one(client: Client, question: Topic) -> None:
    Community.objects.create(slug="partners", name="Partners")
    for url in (
        f"/forums/t/{question.pk}/",
        f"/forums/t/{question.pk}/an-old-title/",
        f"/communities/community/t/{question.pk}/",
        f"/communities/partners/t/{question.pk}/orders-stop-syncing-to-netsuite/",
        f"/communities/nowhere/t/{question.pk}/",
    ):
        response = client.get(f"{url}?sort=oldest")
        assert response.status_code == 301
        assert response.headers["Location"] == f"{url_of(question)}?sort=oldest"
        # A title may change back: nobody keeps this without asking.
        assert "max-age=0" in response.headers["Cache-Control"]


def test_a_merged_topic_leads_to_where_its_posts_are(
    client: Client, as_user: SignedIn, member: User, moderator: User, question: Topic
) -> None:
    first, second = ask(member, title="Nothing arrives in NetSuite"), ask(member, title="No orders since Monday")
    organising.merge(topic_id=first.pk, into_id=second.pk, actor=moderator)
    organising.merge(topic_id=second.pk, into_id=question.pk, actor=moderator)
    for reader in (client, as_user(moderator)):
        response = reader.get(f"/forums/t/{first.pk}/nothing-arrives-in-netsuite/")
        assert (response.status_code, response.headers["Location"]) == (301, url_of(question))


def test_a_merged_topic_tells_nobody_of_a_target_they_may_not_see(
    client: Client, member: User, moderator: User, question: Topic
) -> None:
    first = ask(member, title="Nothing arrives in NetSuite")
    organising.merge(topic_id=first.pk, into_id=question.pk, actor=moderator)
    set_state(opening(question), State.HIDDEN)
    assert client.get(f"/forums/t/{first.pk}/nothing-arrives-in-netsuite/").status_code == 404


# --- Order ------------------------------------------------------------------------------------------------------------
def test_answers_stand_by_votes_and_the_accepted_one_above_them_once(
    client: Client, question: Topic, member: User, engineer: User, moderator: User
) -> None:
    answers = [reply(question, engineer, body=f"Answer {number}") for number in (1, 2, 3, 4)]
    voting.vote(post_id=answers[2].pk, user=member)
    voting.accept(post_id=answers[3].pk, actor=member)
    page = client.get(url_of(question))
    assert [one.post.number for one in page.context["shown"].replies] == [3, 1, 2]
    assert page.context["shown"].accepted.post == answers[3]
    assert page.content.count(b"Answer 4</p>") == 1
    assert b"Accepted answer" in page.content


def test_the_reader_chooses_the_order(client: Client, question: Topic, engineer: User, member: User) -> None:
    for number in (1, 2, 3):
        reply(question, engineer, body=f"Answer {number}")
    voting.vote(post_id=question.posts.get(number=2).pk, user=member)
    url = url_of(question)
    assert numbers(client, f"{url}?sort=votes") == [2, 1, 3]
    assert numbers(client, f"{url}?sort=oldest") == [1, 2, 3]
    assert numbers(client, f"{url}?sort=newest") == [3, 2, 1]
    assert client.get(f"{url}?sort=loudest").status_code == 404


def test_a_discussion_runs_from_the_oldest(client: Client, engineer: User, member: User) -> None:
    topic = ask(member, title="Let us discuss this", kind=TopicKind.DISCUSSION)
    posts = [reply(topic, engineer, body=f"Reply {number}") for number in (1, 2)]
    voting.vote(post_id=posts[1].pk, user=member)
    assert numbers(client, url_of(topic)) == [1, 2]


@pytest.mark.parametrize("sort", ["", "?sort=oldest", "?sort=newest"])
def test_pages_show_every_reply_once(
    client: Client, question: Topic, engineer: User, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(topic_views, "PAGE_SIZE", 2)
    for number in range(5):
        reply(question, engineer, body=f"Answer {number}")
    seen: list[int] = []
    url = query = url_of(question)
    query = sort
    while True:
        page = client.get(url + query)
        seen += [one.post.number for one in page.context["shown"].replies]
        query = page.context["page"].next_url
        if not query:
            break
    assert sorted(seen) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cursor", ["x", "%00", "a:b:c"])
def test_a_damaged_cursor_is_a_bad_request(client: Client, question: Topic, cursor: str) -> None:
    post = opening(question)
    for url in (url_of(question), f"/forums/posts/{post.pk}/comments/", f"/forums/posts/{post.pk}/history/"):
        assert client.get(f"{url}?after={cursor}").status_code == 400


# --- Comments ---------------------------------------------------------------------------------------------------------
def test_a_few_comments_stand_under_a_post_and_all_are_one_click_away(
    client: Client, question: Topic, member: User, engineer: User
) -> None:
    answer = reply(question, engineer)
    for number in range(7):
        comment(answer, member, body=f"Remark {number}")
    page = client.get(url_of(question)).content.decode()
    assert "Remark 4" in page
    assert "Remark 5" not in page
    assert "Show all 7 comments" in page
    url = f"/forums/posts/{answer.pk}/comments/"
    assert f'hx-get="{url}"' in page
    whole, part = client.get(url).content.decode(), client.get(url, headers={"HX-Request": "true"}).content.decode()
    for shown in (whole, part):
        assert "Remark 0" in shown
        assert "Remark 6" in shown
    assert "<html" in whole
    assert "<html" not in part


def test_a_comment_has_no_page_of_comments(client: Client, question: Topic, engineer: User) -> None:
    remark = comment(opening(question), engineer)
    assert client.get(f"/forums/posts/{remark.pk}/comments/").status_code == 404


def test_the_author_of_a_held_comment_sees_that_it_waits(
    client: Client, as_user: SignedIn, question: Topic, engineer: User
) -> None:
    remark = comment(opening(question), engineer, body="Held back for now")
    set_state(remark, State.HELD)
    assert b"Held back" not in client.get(url_of(question)).content
    assert b"Waits for a moderator" in as_user(engineer).get(url_of(question)).content


# --- Permalinks -------------------------------------------------------------------------------------------------------
def followed(client: Client, post: Post) -> str:
    """Follow the permalink and return the page, which has to show the post."""
    response = client.get(f"/forums/p/{post.pk}/")
    assert response.status_code == 302
    location = response.headers["Location"]
    assert location.endswith(f"#post-{post.pk}")
    page = client.get(location.partition("#")[0])
    assert page.status_code == 200
    assert f'id="post-{post.pk}"' in page.content.decode()
    return location


@pytest.mark.parametrize("kind", [TopicKind.QUESTION, TopicKind.DISCUSSION])
def test_a_permalink_leads_to_the_page_that_shows_the_post(
    client: Client, member: User, engineer: User, monkeypatch: pytest.MonkeyPatch, kind: TopicKind
) -> None:
    monkeypatch.setattr(topic_views, "PAGE_SIZE", 3)
    topic = ask(member, kind=kind)
    posts = [reply(topic, engineer, body=f"Reply {number}") for number in range(8)]
    voting.vote(post_id=posts[6].pk, user=member)
    for post in (opening(topic), *posts):
        followed(client, post)


def test_a_permalink_of_a_comment_leads_to_it_under_its_post_or_among_all(
    client: Client, question: Topic, member: User, engineer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_views, "COMMENTS_PAGE_SIZE", 3)
    answer = reply(question, engineer)
    remarks = [comment(answer, member, body=f"Remark {number}") for number in range(8)]
    assert followed(client, remarks[4]).startswith(url_of(question))
    for remark in remarks[5:]:
        assert followed(client, remark).startswith(f"/forums/posts/{answer.pk}/comments/?after=")


def test_a_permalink_survives_rename_move_and_merge(
    client: Client, question: Topic, member: User, engineer: User, moderator: User
) -> None:
    answer = reply(question, engineer)
    editing.edit_post(post_id=opening(question).pk, editor=member, body="New text", title="Quite another title")
    organising.move(topic_id=question.pk, actor=moderator, category=category("agents"))
    assert "quite-another-title" in followed(client, answer)
    other = ask(member, title="The topic that remains")
    organising.merge(topic_id=question.pk, into_id=other.pk, actor=moderator)
    assert "the-topic-that-remains" in followed(client, answer)


def test_the_accepted_answer_is_on_the_first_page(
    client: Client, question: Topic, member: User, engineer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_views, "PAGE_SIZE", 2)
    answers = [reply(question, engineer, body=f"Answer {number}") for number in range(6)]
    voting.accept(post_id=answers[5].pk, actor=member)
    assert followed(client, answers[5]) == f"{url_of(question)}#post-{answers[5].pk}"


# --- Versions ---------------------------------------------------------------------------------------------------------
def test_versions_tell_what_each_edit_changed(client: Client, question: Topic, member: User) -> None:
    post = opening(question)
    editing.edit_post(
        post_id=post.pk,
        editor=member,
        body="Since this evening no order arrives.",
        title="Orders stop syncing to SAP",
        tags=["sap"],
        reason="It was SAP",
    )
    page = client.get(f"/forums/posts/{post.pk}/history/").content.decode()
    assert "Since this <del>morning</del><ins>evening</ins> no order arrives." in page
    assert "<del>NetSuite</del><ins>SAP</ins>" in page
    assert "<del>netsuite</del><ins>sap</ins>" in page
    assert "It was SAP" in page
    assert page.index("Version 2") < page.index("Version 1")
    assert "Since this morning no order arrives." in page


def test_many_versions_stand_on_several_pages(client: Client, question: Topic, member: User) -> None:
    post = opening(question)
    for number in range(12):
        editing.edit_post(post_id=post.pk, editor=member, body=f"Since this morning: order {number}")
    seen: list[int] = []
    query = ""
    while True:
        page = client.get(f"/forums/posts/{post.pk}/history/{query}")
        seen += [version.number for version in page.context["versions"]]
        query = page.context["page"].next_url
        if not query:
            break
    assert seen == list(range(13, 0, -1))


def test_a_text_in_a_version_is_text(client: Client, question: Topic, member: User) -> None:
    post = opening(question)
    editing.edit_post(post_id=post.pk, editor=member, body="<script>alert(1)</script>")
    assert b"<script>alert" not in client.get(f"/forums/posts/{post.pk}/history/").content


def test_others_do_not_see_the_versions_of_a_held_post(
    as_user: SignedIn, question: Topic, engineer: User, member: User
) -> None:
    answer = reply(question, engineer)
    set_state(answer, State.HELD)
    assert as_user(engineer).get(f"/forums/posts/{answer.pk}/history/").status_code == 200
    assert as_user(member).get(f"/forums/posts/{answer.pk}/history/").status_code == 404


# --- What machines read -----------------------------------------------------------------------------------------------
def described(client: Client, topic: Topic) -> dict[str, Any]:
    page = client.get(url_of(topic)).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert len(found) == 1
    read: dict[str, Any] = json.loads(found[0])
    return read


def test_a_question_is_a_qa_page_with_text_in_every_answer(
    client: Client, question: Topic, member: User, engineer: User
) -> None:
    answers = [reply(question, engineer, body=f"Answer **{number}** & more") for number in (1, 2)]
    voting.accept(post_id=answers[0].pk, actor=member)
    page = described(client, question)
    assert (page["@context"], page["@type"]) == ("https://schema.org", "QAPage")
    entity = page["mainEntity"]
    assert entity["name"] == "Orders stop syncing to NetSuite"
    assert entity["text"] == "Since this morning no order arrives."
    assert entity["answerCount"] == 2
    assert entity["upvoteCount"] == 0
    assert entity["author"]["name"] == "Mel Carter"
    assert entity["author"]["url"] == f"{settings.PORTAL_URL}/members/{member.handle}/"
    assert entity["acceptedAnswer"]["text"].split() == ["Answer", "1", "&", "more"]
    assert [answer["text"].split()[1] for answer in entity["suggestedAnswer"]] == ["2"]
    for answer in (entity["acceptedAnswer"], *entity["suggestedAnswer"]):
        assert answer["url"].startswith(f"{settings.PORTAL_URL}/forums/p/")
        assert answer["author"]["@type"] == "Person"
        assert answer["datePublished"][10] == "T"


def test_everything_else_is_a_forum_posting(client: Client, member: User, engineer: User) -> None:
    topic = ask(member, title="Let us discuss this", kind=TopicKind.DISCUSSION)
    reply(topic, engineer, body="I agree")
    page = described(client, topic)
    assert page["@type"] == "DiscussionForumPosting"
    assert page["headline"] == "Let us discuss this"
    assert [remark["text"] for remark in page["comment"]] == ["I agree"]


def test_no_text_ends_the_element(client: Client, member: User) -> None:
    topic = ask(member, title="</script><script>alert(1)</script>", body="`</script>` & <!-- \u2028")
    page = described(client, topic)
    assert page["mainEntity"]["name"] == "</script><script>alert(1)</script>"
    assert "</script>" in page["mainEntity"]["text"]
    assert b"<script>alert" not in client.get(url_of(topic)).content


def test_the_head_is_shared_well(client: Client, question: Topic) -> None:
    page = client.get(f"{url_of(question)}?sort=oldest").content.decode()
    canonical = f"{settings.PORTAL_URL}{url_of(question)}"
    assert f'<link rel="canonical" href="{canonical}">' in page
    assert f'<meta property="og:url" content="{canonical}">' in page
    assert '<meta property="og:description" content="Since this morning no order arrives.">' in page
    assert "noindex" in page
    assert "noindex" not in client.get(url_of(question)).content.decode()


# --- Duplicates and panels --------------------------------------------------------------------------------------------
def test_a_duplicate_points_to_what_was_asked_before_and_back(
    client: Client, question: Topic, member: User, moderator: User
) -> None:
    again = ask(member, title="Nothing arrives in NetSuite")
    organising.mark_duplicate(topic_id=again.pk, of_id=question.pk, actor=moderator)
    page = client.get(url_of(again)).content.decode()
    assert "This question was asked before" in page
    assert url_of(question) in page
    assert url_of(again) in client.get(url_of(question)).content.decode()
    set_state(opening(question), State.HIDDEN)
    page = client.get(url_of(again)).content.decode()
    assert "asked before" not in page
    assert question.title not in page


def test_apps_above_show_their_panels(client: Client, question: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = Panel("components/callout.html", {"title": "x"})
    monkeypatch.setattr(hooks, "_panel_makers", [lambda _user, _topic: panel, lambda _user, _topic: None])
    assert client.get(url_of(question)).content.count(b"callout-info") == 1


# --- Who may what -----------------------------------------------------------------------------------------------------
def test_a_visitor_is_led_to_sign_in_and_back(client: Client, question: Topic) -> None:
    page = client.get(url_of(question)).content.decode()
    assert f"/accounts/login/?next={url_of(question)}" in page
    assert "csrfmiddlewaretoken" not in page


def test_a_closed_topic_says_so_in_the_place_of_the_form(
    client: Client, as_user: SignedIn, question: Topic, member: User, engineer: User, moderator: User
) -> None:
    organising.set_closed(topic_id=question.pk, actor=member, closed=True)
    for reader in (client, as_user(engineer)):
        page = reader.get(url_of(question)).content.decode()
        assert "it takes no more replies" in page
        assert "<textarea" not in page
    assert "<textarea" in as_user(moderator).get(url_of(question)).content.decode()


def test_a_reader_with_news_marks_them_read_by_a_request_of_their_own(
    client: Client, as_user: SignedIn, question: Topic, engineer: User, moderator: User
) -> None:
    reply(question, engineer)
    Member.objects.update_or_create(user=moderator, defaults={"read_before": timezone.now() - timedelta(days=1)})
    address = f'hx-post="/forums/topics/{question.pk}/read/"'
    page = as_user(moderator).get(url_of(question)).content.decode()
    assert address in page
    assert '"number": 1' in page
    assert address not in client.get(url_of(question)).content.decode()
    Member.objects.filter(user=moderator).update(read_before=timezone.now())
    assert address not in as_user(moderator).get(url_of(question)).content.decode()


# --- Speed ------------------------------------------------------------------------------------------------------------
def _fill(topic: Topic, people: list[User], number: int) -> None:
    for count in range(number):
        answer = reply(topic, people[count % len(people)], body=f"Answer {count}")
        comment(answer, people[0])
        comment(answer, people[1])


def _queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("sort", ["votes", "newest"])
def test_two_rows_and_twenty_run_the_same_queries(
    as_user: SignedIn, question: Topic, member: User, engineer: User, manager: User, sort: str
) -> None:
    people = [member, engineer, manager]
    Member.objects.update_or_create(user=member, defaults={"read_before": timezone.now() - timedelta(days=1)})
    reader, url = as_user(member), f"{url_of(question)}?sort={sort}"
    _fill(question, people, 3)
    voting.accept(post_id=question.posts.get(kind="reply", number=1).pk, actor=member)
    few = _queries(reader, url)
    _fill(question, people, 18)
    assert _queries(reader, url) == few <= 15
    answer = question.posts.get(kind="reply", number=2)
    many = _queries(reader, f"/forums/posts/{answer.pk}/comments/")
    for _turn in range(18):
        comment(answer, engineer)
    assert _queries(reader, f"/forums/posts/{answer.pk}/comments/") == many


def test_a_community_for_staff_keeps_its_topics(
    client: Client, as_user: SignedIn, member: User, engineer: User
) -> None:
    topic = ask(member)
    Community.objects.filter(pk=main_community().pk).update(is_public=False)
    assert client.get(url_of(topic)).status_code == 404
    assert as_user(member).get(url_of(topic)).status_code == 404
    assert as_user(engineer).get(url_of(topic)).status_code == 200
