"""Playing the communities' topics through the acts that people use, all of them interleaved as they happened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from accounts.models import User
from forums import activity, changes, counting, organising, posting, voting
from forums.constants import TopicKind
from forums.models import Category, Member, Post, Topic, Vote, Watch
from forums.posting import NewTopic
from notifications.models import Delivery, Message
from portal.demo import clock, forum_script, post_office
from portal.demo.forum_script import TopicStory, Written
from portal.demo.script import span

# What people were told longer ago than this is left out of the ledger: writing 2,000 old mails would take a minute.
TOLD_SINCE = timedelta(days=10)
ACCEPTED_AFTER = timedelta(minutes=40)


class Performance:
    """One topic on its way."""

    def __init__(self, story: TopicStory, people: Mapping[str, User]) -> None:
        self.story = story
        self.people = people
        self.topic_id = 0
        self.last_reply_id = 0
        self.posts: list[tuple[int, Written]] = []

    def open(self) -> None:
        """Start the topic."""
        story = self.story
        shelf = Category.objects.select_related("community").get(community__slug=story.community, slug=story.category)
        topic = posting.ask(
            community=shelf.community,
            category=shelf,
            author=self.people[story.opening.by],
            new=NewTopic(title=story.title, body=story.opening.body, kind=TopicKind(story.kind), tags=story.tags),
        )
        self.topic_id = topic.pk
        self.posts.append((topic.posts.get().pk, story.opening))

    def write(self, written: Written) -> None:
        """Write a reply, or a comment on the last one."""
        author = self.people[written.by]
        if written.is_comment:
            post = posting.comment(post_id=self.last_reply_id, author=author, body=written.body)
        else:
            post = posting.reply(topic_id=self.topic_id, author=author, body=written.body)
            self.last_reply_id = post.pk
        self.posts.append((post.pk, written))

    def accept(self, written: Written) -> None:
        """Accept that answer, as the asker."""
        post_id = next(pk for pk, entry in self.posts if entry is written)
        voting.accept(post_id=post_id, actor=self.people[self.story.opening.by])

    def acts(self, now: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Yield everything that happens in it, each with its moment."""
        opened, *moments = self.story.moments(now)
        yield opened, self.open
        for written, moment in zip(self.story.posts, moments, strict=True):
            yield moment, _Bound(self.write, written)
            if written.is_accepted:
                yield min(moment + ACCEPTED_AFTER, now), _Bound(self.accept, written)


class _Bound:
    def __init__(self, act: Callable[[Written], None], written: Written) -> None:
        self.act = act
        self.written = written

    def __call__(self) -> None:
        self.act(self.written)


def make_members(people: Mapping[str, User]) -> dict[str, User]:
    """Make the people who appear in the communities only; return everybody by key, each known as a member."""
    password = make_password(settings.DEMO_PASSWORD)
    everybody = dict(people)
    now = timezone.now()
    for entry in forum_script.members():
        with clock.at(now - span(entry["joined"])):
            user = User.objects.create(
                email=entry["email"],
                display_name=entry["name"],
                handle=entry["key"],
                time_zone=entry["time_zone"],
                password=password,
            )
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            everybody[entry["key"]] = user
    # Nobody here is on their first day: the limits of new members are for others.
    long_ago = now - timedelta(days=500)
    Member.objects.bulk_create(
        [Member(user=user, first_posted_at=long_ago, read_before=long_ago) for user in everybody.values()],
        ignore_conflicts=True,
    )
    return {key: User.objects.get(pk=user.pk) for key, user in everybody.items()}


def perform(stories: Sequence[TopicStory], people: Mapping[str, User]) -> None:
    """Play every topic, then add up the votes."""
    now = timezone.now()
    performances = [Performance(story, people) for story in stories]
    acts = [
        (moment, number, place, act)
        for number, performance in enumerate(performances)
        for place, (moment, act) in enumerate(performance.acts(now))
    ]
    told = False
    for moment, _number, _place, act in sorted(acts, key=lambda entry: entry[:3]):
        if not told and moment > now - TOLD_SINCE:
            _forget_what_was_told()
            told = True
        with clock.at(moment):
            act()
            if told:
                post_office.send_all({person.pk: person for person in people.values()})
    _organise(performances, people)
    _vote(performances, people)
    _keep(people)


def _forget_what_was_told() -> None:
    old = Delivery.objects.filter(state=Delivery.State.PENDING)
    messages = set(old.values_list("message_id", flat=True))
    old.delete()
    Message.objects.filter(pk__in=messages).delete()


def _organise(performances: Sequence[Performance], people: Mapping[str, User]) -> None:
    """Pin, close and mark duplicates, as the moderator does."""
    moderator = people["lena"]
    topics = {performance.story.key: performance.topic_id for performance in performances}
    for performance in performances:
        story = performance.story
        with clock.at(Topic.objects.get(pk=performance.topic_id).bumped_at + timedelta(minutes=5)):
            if story.is_pinned:
                organising.set_pinned(topic_id=performance.topic_id, actor=moderator, pinned=True)
            if story.is_closed:
                organising.set_closed(topic_id=performance.topic_id, actor=moderator, closed=True)
            if story.duplicate_of:
                organising.mark_duplicate(
                    topic_id=performance.topic_id, of_id=topics[story.duplicate_of], actor=moderator
                )


def _vote(performances: Sequence[Performance], people: Mapping[str, User]) -> None:
    """Write every vote in one statement; the counts are added up from them."""
    posts = {pk: written for performance in performances for pk, written in performance.posts}
    written_at = dict(Post.objects.filter(pk__in=posts).values_list("pk", "created_at"))
    Vote.objects.bulk_create(
        [
            Vote(post_id=pk, user=people[key], created_at=written_at[pk] + timedelta(hours=number))
            for pk, written in posts.items()
            for number, key in enumerate(written.votes, start=1)
        ]
    )
    with connection.cursor() as cursor:
        # Filled within this transaction, the tables have no statistics yet, and counts would loop for minutes.
        cursor.execute("ANALYZE forums_post, forums_topic, forums_member, forums_vote")
        cursor.execute(_ADD_UP_POSTS)
        cursor.execute(_ADD_UP_TOPICS)
    changes.recount_members({person.pk for person in people.values()})
    counting.write_standings()
    activity.write()


def _keep(people: Mapping[str, User]) -> None:
    """Let the people whom a visitor signs in as be in the middle of something."""
    recent = timezone.now() - timedelta(days=6)
    for key in ("sam", "maya", "erik", "lena"):
        Member.objects.filter(user=people[key]).update(read_before=recent)
    for community in {topic.community for topic in Topic.objects.select_related("community")}:
        Watch.objects.get_or_create(user=people["erik"], community=community)


_ADD_UP_POSTS = """
UPDATE forums_post SET score = found.votes
FROM (SELECT post_id, count(*) AS votes FROM forums_vote GROUP BY post_id) AS found
WHERE forums_post.id = found.post_id
"""
_ADD_UP_TOPICS = """
UPDATE forums_topic SET score = forums_post.score
FROM forums_post WHERE forums_post.topic_id = forums_topic.id AND forums_post.kind = 'opening'
"""
