"""Flags and decisions: what becomes of the post, its review, its counts, and who is told."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts.constants import Role
from accounts.models import User
from forums import editing, moderating, posting
from forums.constants import FlagReason, ReviewOutcome, State
from forums.errors import ForumError, LimitError
from forums.models import CommunityModerator, Flag, Member, ModerationEvent, Post, Review, Topic
from forums.posting import NewTopic
from forums.screening import Hints
from notifications.models import Message
from tests.cast import staff
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, category, comment, main_community, reply

SPAM = FlagReason.SPAM


def known(user: User) -> User:
    Member.objects.update_or_create(user=user, defaults={"first_posted_at": timezone.now() - timedelta(days=9)})
    return User.objects.get(pk=user.pk)


def held(author: User, title: str = "Orders stop syncing") -> Post:
    shelf = category()
    topic = posting.ask(
        community=shelf.community,
        category=shelf,
        author=author,
        new=NewTopic(title=title, body="Since this morning.", tags=["netsuite"]),
        hints=Hints(seconds=None),
    )
    return topic.posts.get()


def flag(post: Post, user: User, note: str = "") -> Flag:
    return moderating.flag(post_id=post.pk, user=user, reason=SPAM, note=note)


def kinds() -> set[str]:
    return set(Message.objects.values_list("kind", flat=True))


# --- Flags ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_flag_opens_a_review(member: User, engineer: User) -> None:
    post = reply(ask(member), engineer)
    flag(post, member, note="An advertisement")
    review = Review.objects.waiting().get()
    assert (review.post, review.reason, review.community) == (post, "flagged", main_community())
    assert review.flags.get().note == "An advertisement"
    assert ModerationEvent.objects.get(act="post_flagged").actor == member


@pytest.mark.django_db
def test_one_person_flags_a_post_once_a_review(member: User, engineer: User) -> None:
    post = reply(ask(member), engineer)
    flag(post, member)
    with pytest.raises(ForumError, match="already"):
        flag(post, member)
    assert Flag.objects.count() == 1


@pytest.mark.django_db
def test_a_flag_on_a_decided_post_opens_a_new_review(member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(member), engineer)
    flag(post, member)
    moderating.keep(review_id=Review.objects.get().pk, actor=moderator)
    flag(post, member)
    assert Review.objects.count() == 2
    assert Review.objects.waiting().count() == 1


@pytest.mark.django_db
def test_nobody_flags_their_own_post(member: User) -> None:
    with pytest.raises(ForumError, match="own post"):
        flag(ask(member).posts.get(), member)


@pytest.mark.django_db
def test_flags_of_three_members_hide_a_post_until_a_moderator_decides(member: User, engineer: User) -> None:
    post = reply(ask(engineer), member)
    for number in range(3):
        assert Post.objects.get(pk=post.pk).state == State.PUBLISHED, number
        flag(post, known(UserFactory()))
    post.refresh_from_db()
    assert post.state == State.HELD
    assert Topic.objects.get().answer_count == 0
    assert Review.objects.get().signals == ["flags"]


@pytest.mark.django_db
def test_flags_of_new_members_hide_nothing(member: User, engineer: User) -> None:
    post = reply(ask(engineer), member)
    for _turn in range(5):
        flag(post, UserFactory())
    post.refresh_from_db()
    assert post.state == State.PUBLISHED


@pytest.mark.django_db
def test_flags_do_not_hide_what_a_moderator_has_kept(member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(engineer), member)
    flag(post, known(UserFactory()))
    moderating.keep(review_id=Review.objects.get().pk, actor=moderator)
    for _turn in range(4):
        flag(post, known(UserFactory()))
    post.refresh_from_db()
    assert post.state == State.PUBLISHED


@pytest.mark.django_db
def test_flags_do_not_hide_what_the_team_writes(member: User, engineer: User) -> None:
    post = reply(ask(member), engineer)
    for _turn in range(4):
        flag(post, known(UserFactory()))
    post.refresh_from_db()
    assert post.state == State.PUBLISHED


@pytest.mark.django_db
def test_a_new_member_flags_three_posts_a_day(member: User, engineer: User) -> None:
    topic = ask(engineer)
    for _turn in range(3):
        flag(reply(topic, engineer), member)
    with pytest.raises(LimitError, match=r"3 posts within a day.*about 24 hours"):
        flag(reply(topic, engineer), member)


@pytest.mark.django_db
def test_a_post_that_one_may_not_see_is_not_flagged(member: User, engineer: User) -> None:
    post = held(member)
    with pytest.raises(Post.DoesNotExist):
        flag(post, engineer)


# --- Decisions ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_keeping_publishes_what_was_held(member: User, moderator: User) -> None:
    post = held(member)
    moderating.keep(review_id=post.reviews.get().pk, actor=moderator)
    topic = Topic.objects.listed().get()
    assert topic.tags.get().topic_count == 1
    assert Member.objects.get(user=member).post_count == 1
    assert post.reviews.get().outcome == ReviewOutcome.APPROVED
    assert ModerationEvent.objects.filter(act="post_approved", actor=moderator, subject=member).exists()
    assert "forums.post_approved" in kinds()


@pytest.mark.django_db
def test_watchers_hear_of_a_reply_once_it_is_approved(member: User, engineer: User, moderator: User) -> None:
    topic = ask(engineer)
    post = posting.reply(topic_id=topic.pk, author=member, body="Try this.", hints=Hints(seconds=None))
    assert "forums.new_reply" not in kinds()
    moderating.keep(review_id=post.reviews.get().pk, actor=moderator)
    assert "forums.new_reply" in kinds()
    topic.refresh_from_db()
    assert (topic.answer_count, topic.last_poster) == (1, member)


@pytest.mark.django_db
def test_keeping_a_flagged_post_dismisses_the_flags(member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(member), engineer)
    flag(post, member)
    moderating.keep(review_id=Review.objects.get().pk, actor=moderator)
    assert Review.objects.get().outcome == ReviewOutcome.DISMISSED
    assert ModerationEvent.objects.filter(act="flags_dismissed").exists()
    assert "forums.post_approved" not in kinds()


@pytest.mark.django_db
def test_hiding_sets_every_count_right_and_tells_the_author(member: User, engineer: User, moderator: User) -> None:
    topic = ask(engineer)
    post = reply(topic, member)
    flag(post, engineer)
    moderating.hide(post_id=post.pk, actor=moderator, note="This is an advertisement.")
    topic.refresh_from_db()
    assert (topic.answer_count, topic.last_public_number, topic.last_poster) == (0, 0, None)
    assert Member.objects.get(user=member).post_count == 0
    assert Review.objects.get().outcome == ReviewOutcome.HIDDEN
    assert ModerationEvent.objects.get(act="post_hidden").note == "This is an advertisement."
    assert Message.objects.get(kind="forums.post_hidden").context["note"] == "This is an advertisement."


@pytest.mark.django_db
def test_hiding_twice_is_hiding_once(member: User, moderator: User) -> None:
    post = ask(member).posts.get()
    for _turn in range(2):
        moderating.hide(post_id=post.pk, actor=moderator)
    assert ModerationEvent.objects.filter(act="post_hidden").count() == 1


@pytest.mark.django_db
def test_restoring_brings_everything_back(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member, tags=["netsuite"])
    reply(topic, engineer)
    post = topic.posts.get(kind="opening")
    moderating.hide(post_id=post.pk, actor=moderator)
    assert topic.tags.get().topic_count == 0
    assert Member.objects.get(user=engineer).post_count == 0
    moderating.restore(post_id=post.pk, actor=moderator)
    assert topic.tags.get().topic_count == 1
    assert Member.objects.get(user=engineer).post_count == 1
    assert ModerationEvent.objects.filter(act="post_restored").count() == 1
    moderating.restore(post_id=post.pk, actor=moderator)
    assert ModerationEvent.objects.filter(act="post_restored").count() == 1


@pytest.mark.django_db
def test_what_its_author_deleted_stays_deleted(member: User, moderator: User) -> None:
    post = ask(member).posts.get()
    editing.delete_post(post_id=post.pk, author=member)
    with pytest.raises(ForumError, match="stays deleted"):
        moderating.restore(post_id=post.pk, actor=moderator)
    with pytest.raises(ForumError, match="has deleted"):
        moderating.hide(post_id=post.pk, actor=moderator)


@pytest.mark.django_db
def test_a_member_hides_nothing(member: User, engineer: User) -> None:
    post = comment(reply(ask(member), engineer), member)
    with pytest.raises(ForumError, match="Only moderators"):
        moderating.hide(post_id=post.pk, actor=member)


@pytest.mark.django_db
def test_a_moderator_of_one_community_decides_there(member: User, engineer: User) -> None:
    post = held(engineer if not engineer.is_staff else UserFactory())
    CommunityModerator.objects.create(community=main_community(), user=member)
    moderating.keep(review_id=post.reviews.get().pk, actor=User.objects.get(pk=member.pk))
    assert Topic.objects.listed().count() == 1


@pytest.mark.django_db
def test_the_second_moderator_is_told_what_the_first_decided(member: User, moderator: User, manager: User) -> None:
    review = held(member).reviews.get()
    moderating.refuse(review_id=review.pk, actor=moderator)
    with pytest.raises(moderating.DecidedError, match="Moses Adeyemi has hidden this post"):
        moderating.keep(review_id=review.pk, actor=manager)
    assert Topic.objects.get().state == State.HIDDEN


@pytest.mark.django_db
def test_a_review_that_the_author_ended_is_told_as_such(member: User, moderator: User) -> None:
    post = held(member)
    editing.delete_post(post_id=post.pk, author=member)
    with pytest.raises(moderating.DecidedError, match="author has deleted"):
        moderating.keep(review_id=post.reviews.get().pk, actor=moderator)


@pytest.mark.django_db
def test_a_review_of_another_community_does_not_exist(member: User) -> None:
    post = held(member)
    with pytest.raises(Review.DoesNotExist):
        moderating.keep(review_id=post.reviews.get().pk, actor=UserFactory())


@pytest.fixture
def two_moderators(transactional_db: None) -> tuple[Review, list[User]]:
    review = held(UserFactory()).reviews.get()
    return review, [staff(Role.MODERATOR, f"{name}@portal.example", name) for name in ("one", "two")]


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_decides(two_moderators: tuple[Review, list[User]]) -> None:
    review, moderators = two_moderators
    barrier, told = Barrier(2), []

    def decide(verb: object, moderator: User) -> None:
        try:
            barrier.wait(timeout=10)
            verb(review_id=review.pk, actor=moderator)  # type: ignore[operator]
        except moderating.DecidedError as decided:
            told.append(str(decided))
        finally:
            connection.close()

    verbs = (moderating.keep, moderating.refuse)
    threads = [Thread(target=decide, args=pair) for pair in zip(verbs, moderators, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(told) == 1
    assert ModerationEvent.objects.filter(act__in=["post_approved", "post_hidden"]).count() == 1
