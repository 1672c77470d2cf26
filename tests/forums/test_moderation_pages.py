"""The pages of moderation: flagging, the queue, decisions, the trail, people."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from forums import moderating, publishing, standing
from forums.constants import FlagReason, State
from forums.models import Community, CommunityModerator, Flag, Member, ModerationEvent, Post, Review, Topic
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db

QUEUE, TRAIL = "/moderation/", "/moderation/trail/"


def flagged(author: User, *, by: User | None = None, note: str = "Looks like an advertisement") -> Review:
    post = reply(ask(UserFactory()), author, "Buy licences here")
    moderating.flag(post_id=post.pk, user=by or UserFactory(), reason=FlagReason.SPAM, note=note)
    return Review.objects.get(post=post)


def held(author: User, title: str = "Cheap licences for everybody") -> Review:
    post = ask(author, title=title).posts.get()
    return publishing.hold(post, ["links", "fast"])


def decide_url(review: Review) -> str:
    return reverse("moderation:decide", args=[review.pk])


def moderates(user: User) -> User:
    CommunityModerator.objects.create(community=main_community(), user=user)
    return User.objects.get(pk=user.pk)


# --- Flagging -------------------------------------------------------------------------------------------------


def test_flagging_asks_for_a_reason_and_thanks(member: User, engineer: User, as_user: SignedIn) -> None:
    post = reply(ask(member), engineer)
    url = reverse("discuss:flag", args=[post.pk])
    client = as_user(member)
    assert b"Spam or advertising" in client.get(url).content
    answer = client.post(url, {"reason": "rude", "note": "Not kind"}, follow=True)
    assert b"A moderator looks at it soon" in answer.content
    assert Flag.objects.get().note == "Not kind"


@pytest.mark.parametrize("data", [{}, {"reason": "nonsense"}, {"reason": "spam", "note": "x" * 501}])
def test_a_flag_that_says_nothing_comes_back(data: dict[str, str], member: User, as_user: SignedIn) -> None:
    post = ask(UserFactory()).posts.get()
    answer = as_user(member).post(reverse("discuss:flag", args=[post.pk]), data)
    assert answer.status_code == 422
    assert not Flag.objects.exists()


def test_a_second_flag_is_told_kindly_and_keeps_the_note(member: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory(), by=member)
    answer = as_user(member).post(reverse("discuss:flag", args=[review.post_id]), {"reason": "spam", "note": "Again"})
    assert answer.status_code == 422
    assert b"flagged this post already" in answer.content
    assert b"Again" in answer.content


def test_ones_own_post_is_not_flagged(member: User, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    answer = as_user(member).get(reverse("discuss:flag", args=[post.pk]))
    assert b"You cannot flag your own post" in answer.content
    assert b"Call a moderator" not in answer.content


def test_who_hides_a_topic_by_flagging_is_led_to_what_is_left(member: User, engineer: User, as_user: SignedIn) -> None:
    post = ask(UserFactory()).posts.get()
    long_ago = timezone.now() - timedelta(days=9)
    for user in (UserFactory(), UserFactory()):
        Member.objects.create(user=user, first_posted_at=long_ago)
        moderating.flag(post_id=post.pk, user=user, reason=FlagReason.SPAM)
    Member.objects.update_or_create(user=member, defaults={"first_posted_at": long_ago})
    answer = as_user(member).post(reverse("discuss:flag", args=[post.pk]), {"reason": "spam"})
    assert answer["Location"] == main_community().get_absolute_url()
    assert b"This waits for a moderator" in as_user(post.author).get(post.topic.get_absolute_url()).content


def test_flagging_is_for_who_is_signed_in_and_sees_the_post(member: User, as_user: SignedIn, client: Client) -> None:
    post = ask(UserFactory()).posts.get()
    url = reverse("discuss:flag", args=[post.pk])
    assert "login" in client.get(url)["Location"]
    assert as_user(member).delete(url).status_code == 405
    publishing.set_state(Post.objects.select_related("topic__community", "parent").get(pk=post.pk), State.HIDDEN)
    assert as_user(member).get(url).status_code == 404


# --- The queue ------------------------------------------------------------------------------------------------


def test_the_queue_shows_a_post_with_what_speaks_against_it(moderator: User, as_user: SignedIn) -> None:
    flagged(UserFactory(display_name="Sally Spam"))
    held(UserFactory())
    page = as_user(moderator).get(QUEUE).content.decode()
    for words in (
        "Buy licences here",
        "Sally Spam",
        "New member",
        "Looks like an advertisement",
        "Spam or advertising",
        "It has many links for a new member.",
        "It was sent within three seconds, with a link.",
        "Cheap licences for everybody",
    ):
        assert words in page


def test_the_queue_is_empty_kindly(moderator: User, as_user: SignedIn) -> None:
    assert b"Nothing waits for you" in as_user(moderator).get(QUEUE).content


def test_the_oldest_waits_on_top(moderator: User, as_user: SignedIn) -> None:
    first, second = held(UserFactory(), "The first of them all"), held(UserFactory(), "The second of them all")
    page = as_user(moderator).get(QUEUE).content.decode()
    assert page.index(f"review-{first.pk}") < page.index(f"review-{second.pk}")


def test_only_moderators_enter(member: User, engineer: User, as_user: SignedIn, client: Client) -> None:
    for url in (QUEUE, TRAIL, reverse("moderation:member", args=[member.handle])):
        assert "login" in client.get(url)["Location"]
        for user in (member, engineer):
            assert as_user(user).get(url).status_code == 403


def test_a_communitys_moderator_sees_its_queue_alone(member: User, as_user: SignedIn) -> None:
    labs = Community.objects.create(slug="labs", name="Labs")
    shelf = labs.categories.create(slug="all", name="All")
    held(UserFactory(), "A post of the main community")
    publishing.hold(ask(UserFactory(), title="A post of the labs", shelf=shelf).posts.get(), ["fast"])
    client = as_user(moderates(member))
    page = client.get(QUEUE).content
    assert b"A post of the main community" in page
    assert b"A post of the labs" not in page
    review = Review.objects.get(community=labs)
    assert client.post(decide_url(review), {"act": "keep"}).status_code == 404
    assert client.get(f"{QUEUE}?community=labs").status_code == 404


def test_the_queue_is_filtered(moderator: User, as_user: SignedIn) -> None:
    flagged(UserFactory())
    held(UserFactory())
    client = as_user(moderator)
    assert b"Buy licences" not in client.get(f"{QUEUE}?reason=held").content
    assert b"Cheap licences" not in client.get(f"{QUEUE}?reason=flagged&community=community").content


@pytest.mark.parametrize(
    ("query", "status"),
    [("reason=x", 404), ("community=nowhere", 404), ("after=x", 400), ("reason=%00", 404), ("after=%00", 400)],
)
def test_a_damaged_address_is_answered(query: str, status: int, moderator: User, as_user: SignedIn) -> None:
    held(UserFactory())
    assert as_user(moderator).get(f"{QUEUE}?{query}").status_code == status


def test_the_queue_runs_as_many_queries_for_many(moderator: User, as_user: SignedIn) -> None:
    counts = []
    client = as_user(moderator)
    for number in (2, 15):
        for _turn in range(number):
            review = flagged(UserFactory())
            Flag.objects.create(review=review, post=review.post, user=UserFactory(), reason="spam")
            held(UserFactory())
        post = comment(reply(ask(UserFactory()), UserFactory()), UserFactory())
        moderating.flag(post_id=post.pk, user=UserFactory(), reason=FlagReason.RUDE)
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as captured:
            client.get(QUEUE)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 15


# --- Decisions ------------------------------------------------------------------------------------------------


def test_approving_publishes(moderator: User, as_user: SignedIn) -> None:
    review = held(UserFactory())
    answer = as_user(moderator).post(decide_url(review), {"act": "keep"}, follow=True)
    assert b"You keep this post" in answer.content
    assert Topic.objects.listed().count() == 1


def test_hiding_sends_the_note(moderator: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory())
    as_user(moderator).post(decide_url(review), {"act": "hide", "note": "No advertisements, please."})
    assert ModerationEvent.objects.get(act="post_hidden").note == "No advertisements, please."
    assert not Post.objects.published().filter(pk=review.post_id).exists()


def test_hide_and_clean_up(moderator: User, as_user: SignedIn) -> None:
    spammer = UserFactory()
    other = reply(ask(UserFactory()), spammer)
    review = flagged(spammer)
    answer = as_user(moderator).post(decide_url(review), {"act": "clean_up"}, follow=True)
    assert b"is hidden, and they are suspended" in answer.content
    other.refresh_from_db()
    assert other.state == State.HIDDEN


def test_a_communitys_moderator_cleans_up_after_nobody(member: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory())
    client = as_user(moderates(member))
    assert b"Hide everything they wrote" not in client.get(QUEUE).content
    assert client.post(decide_url(review), {"act": "clean_up"}).status_code == 403
    assert Review.objects.waiting().exists()


def test_the_second_moderator_reads_what_the_first_did(moderator: User, manager: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory())
    as_user(moderator).post(decide_url(review), {"act": "hide"})
    client = as_user(manager)
    answer = client.post(decide_url(review), {"act": "keep"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert b"Moses Adeyemi has hidden this post." in answer.content
    assert b"<html" not in answer.content
    assert b"Moses Adeyemi has hidden" in client.post(decide_url(review), {"act": "keep"}, follow=True).content


def test_a_note_that_is_too_long_comes_back(moderator: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory())
    answer = as_user(moderator).post(decide_url(review), {"act": "hide", "note": "No. " * 200})
    assert answer.status_code == 422
    assert b"No. No. No." in answer.content
    assert Review.objects.waiting().exists()


def test_a_decision_without_an_act_is_refused(moderator: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory())
    client = as_user(moderator)
    assert client.post(decide_url(review), {"act": "burn"}).status_code == 400
    assert client.get(decide_url(review)).status_code == 405
    assert client.post(reverse("moderation:decide", args=[2**62]), {"act": "keep"}).status_code == 404


def test_a_post_is_hidden_and_restored_from_its_page(member: User, moderator: User, as_user: SignedIn) -> None:
    topic = ask(member)
    post = reply(topic, UserFactory())
    client = as_user(moderator)
    page = client.get(topic.get_absolute_url()).content.decode()
    assert reverse("moderation:hide", args=[post.pk]) in page
    client.post(reverse("moderation:hide", args=[post.pk]), {"note": "Not here"})
    assert Post.objects.get(pk=post.pk).state == State.HIDDEN
    assert reverse("moderation:restore", args=[post.pk]) in client.get(topic.get_absolute_url()).content.decode()
    client.post(reverse("moderation:restore", args=[post.pk]))
    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED
    assert (
        reverse("moderation:hide", args=[post.pk]) not in as_user(member).get(topic.get_absolute_url()).content.decode()
    )


def test_others_neither_hide_nor_restore(member: User, as_user: SignedIn, client: Client) -> None:
    post = ask(UserFactory()).posts.get()
    for name in ("hide", "restore"):
        url = reverse(f"moderation:{name}", args=[post.pk])
        assert "login" in client.post(url)["Location"]
        assert as_user(member).post(url).status_code == 403
        assert as_user(member).get(url).status_code == 405
    Post.objects.filter(pk=post.pk).update(state=State.HIDDEN)
    Topic.objects.update(state=State.HIDDEN)
    assert as_user(member).post(reverse("moderation:restore", args=[post.pk])).status_code == 404


def test_a_note_on_a_page_that_is_too_long_is_kept(moderator: User, as_user: SignedIn) -> None:
    post = ask(UserFactory()).posts.get()
    answer = as_user(moderator).post(reverse("moderation:hide", args=[post.pk]), {"note": "Kindly no. " * 60})
    assert answer.status_code == 422
    assert b"Kindly no. Kindly no." in answer.content
    assert Topic.objects.listed().exists()


def test_a_community_tells_its_moderators_how_much_waits(moderator: User, member: User, as_user: SignedIn) -> None:
    held(UserFactory())
    home = main_community().get_absolute_url()
    assert b"1 post waits for a moderator" in as_user(moderator).get(home).content
    assert b"waits for a moderator" not in as_user(member).get(home).content


# --- The trail ------------------------------------------------------------------------------------------------


def test_the_trail_tells_who_did_what_and_why(moderator: User, as_user: SignedIn) -> None:
    spammer = UserFactory(display_name="Sally Spam", handle="sally")
    review = flagged(spammer)
    moderating.refuse(review_id=review.pk, actor=moderator, note="An advertisement")
    standing.silence(person=spammer, actor=moderator, days=7, reason="The third time")
    page = as_user(moderator).get(TRAIL).content.decode()
    for words in ("Moses Adeyemi", "hid a post", "Sally Spam", "An advertisement", "for 7 days", "The third time"):
        assert words in page


def test_the_trail_is_filtered(moderator: User, as_user: SignedIn) -> None:
    review = flagged(UserFactory(handle="sally"))
    moderating.refuse(review_id=review.pk, actor=moderator, note="An advertisement")
    client = as_user(moderator)
    for query in ("act=post_hidden", "person=@Sally", f"person={moderator.handle}", "community=community"):
        assert b"An advertisement" in client.get(f"{TRAIL}?{query}").content
    for query in ("act=topic_locked", "person=nobody"):
        assert b"An advertisement" not in client.get(f"{TRAIL}?{query}").content
    for query in ("act=x", "community=x", f"person={'x' * 90}", "person=%00"):
        assert client.get(f"{TRAIL}?{query}").status_code == 404


def test_a_communitys_moderator_reads_its_trail_alone(member: User, moderator: User, as_user: SignedIn) -> None:
    labs = Community.objects.create(slug="labs", name="Labs")
    post = ask(UserFactory(), shelf=labs.categories.create(slug="all", name="All")).posts.get()
    moderating.hide(post_id=post.pk, actor=moderator, note="Of the labs")
    assert b"Of the labs" not in as_user(moderates(member)).get(TRAIL).content


def test_the_trail_runs_as_many_queries_for_many(moderator: User, as_user: SignedIn) -> None:
    client, counts = as_user(moderator), []
    for number in (2, 20):
        for _turn in range(number):
            moderating.hide(post_id=ask(UserFactory()).posts.get().pk, actor=moderator)
        client.get(TRAIL)
        with CaptureQueriesContext(connection) as captured:
            client.get(TRAIL)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- People ---------------------------------------------------------------------------------------------------


def member_url(user: User, name: str = "member") -> str:
    return reverse(f"moderation:{name}", args=[user.handle])


def test_a_persons_page_shows_standing_and_hidden_posts(moderator: User, member: User, as_user: SignedIn) -> None:
    post = reply(ask(UserFactory()), member, "Buy licences here")
    moderating.hide(post_id=post.pk, actor=moderator, note="An advertisement")
    standing.suspend(person=member, actor=moderator, days=30, reason="Spam again")
    page = as_user(moderator).get(member_url(member)).content.decode()
    for words in ("Buy licences here", "Hidden by a moderator", "Restore", "An advertisement", "Suspended until"):
        assert words in page
    assert member.email not in page


def test_a_persons_page_is_found_in_any_case(moderator: User, as_user: SignedIn) -> None:
    person = UserFactory(handle="sally")
    client = as_user(moderator)
    assert client.get("/moderation/members/SALLY/").status_code == 200
    for handle in ("nobody", "x" * 200, "%00"):
        assert client.get(f"/moderation/members/{handle}/").status_code == 404
    assert client.post(member_url(person)).status_code == 405


def test_silencing_and_lifting(moderator: User, member: User, as_user: SignedIn) -> None:
    client = as_user(moderator)
    url = member_url(member, "change_standing")
    client.post(url, {"act": "silence", "duration": "7", "reason": "Insults"})
    assert Member.objects.get(user=member).is_silenced
    client.post(url, {"act": "suspend", "duration": "good", "reason": "Spam"})
    assert b"Suspended for good" in client.get(member_url(member)).content
    client.post(url, {"act": "unsuspend"})
    answer = client.post(url, {"act": "unsilence"}, follow=True)
    assert b"can write again" in answer.content
    row = Member.objects.get(user=member)
    assert not row.is_silenced
    assert not row.is_suspended


@pytest.mark.parametrize(
    "data",
    [{}, {"act": "silence", "duration": "7"}, {"act": "suspend", "duration": "99", "reason": "x"}, {"act": "burn"}],
)
def test_a_standing_that_lacks_something_comes_back(
    data: dict[str, str], moderator: User, member: User, as_user: SignedIn
) -> None:
    assert as_user(moderator).post(member_url(member, "change_standing"), data).status_code == 422
    assert not ModerationEvent.objects.exists()


def test_cleaning_up_asks_for_a_reason(moderator: User, member: User, as_user: SignedIn) -> None:
    topic = ask(member)
    client = as_user(moderator)
    url = member_url(member, "clean_up")
    assert client.post(url).status_code == 422
    assert client.get(url).status_code == 405
    answer = client.post(url, {"reason": "Spam"}, follow=True)
    assert b"Everything is hidden" in answer.content
    topic.refresh_from_db()
    assert topic.state == State.HIDDEN


def test_people_are_for_moderators_of_every_community(member: User, as_user: SignedIn, engineer: User) -> None:
    person = UserFactory()
    client = as_user(moderates(member))
    assert b"Only moderators of every community" in client.get(member_url(person)).content
    for name in ("change_standing", "clean_up"):
        data = {"act": "silence", "duration": "7", "reason": "x"}
        assert client.post(member_url(person, name), data).status_code == 403
        assert as_user(engineer).post(member_url(person, name), data).status_code == 403


def test_the_team_is_out_of_reach(moderator: User, engineer: User, as_user: SignedIn) -> None:
    client = as_user(moderator)
    assert client.post(member_url(engineer, "clean_up"), {"reason": "x"}).status_code == 403
    assert client.post(member_url(moderator, "clean_up"), {"reason": "x"}).status_code == 403


def test_a_persons_page_runs_as_many_queries_for_many(moderator: User, member: User, as_user: SignedIn) -> None:
    client, counts = as_user(moderator), []
    for number in (2, 15):
        for _turn in range(number):
            post = ask(member, shelf=category()).posts.get()
            moderating.hide(post_id=post.pk, actor=moderator)
        client.get(member_url(member))
        with CaptureQueriesContext(connection) as captured:
            client.get(member_url(member))
        counts.append(len(captured))
    assert counts[0] == counts[1]
