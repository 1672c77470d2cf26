"""From what happened in the forums to rows in the delivery ledger.

The frozen context is the id of a post (and a moderator's note); ``forums.presenting`` turns it into what a template
shows, just before sending, for a recipient who may still see it and still wants it. On the site everybody is told at
once; by mail each watcher as their strongest fitting watch says. Digests of all kinds of one person come together: one
key a level.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from forums import audiences, policies
from forums.constants import Level, PostKind, State
from forums.models import Post, Topic
from forums.models.topic import permalink
from forums.presenting import present, present_hidden, sample, sample_hidden
from forums.rendering import mentioned
from notifications import ledger
from notifications.kinds import Kind, Recipient, Sample
from notifications.ledger import To
from notifications.models import Channel, OptOut

# What a person may switch off by mail; it goes on in the notification centre.
TOPICS, REPLIES, MENTIONS, ANSWERS = "forum-topics", "forum-replies", "forum-mentions", "forum-answers"

CATEGORIES = (
    (TOPICS, _l("New topics"), _l("In the communities, categories and tags that you watch.")),
    (REPLIES, _l("Replies and comments"), _l("In the topics that you watch. You watch what you write in.")),
    (MENTIONS, _l("Mentions"), _l("When somebody writes your @handle in the community.")),
    (
        ANSWERS,
        _l("Accepted answers and moderation"),
        _l("When an answer is accepted, or a moderator decides about a post of yours."),
    ),
)


WITHDRAWN_AT_ONCE = 200  # posts


def topic_published(topic: Topic, opening: Post) -> None:
    """Tell who watches the topic's community, category or tags, and whom it names."""
    named = _tell_mentioned(opening)
    _tell_watchers("forums.new_topic", opening, audiences.of_new_topic(topic), actor=opening.author, named=named)


def post_published(post: Post) -> None:
    """Tell who watches the topic of a reply or comment, and whom it names."""
    named = _tell_mentioned(post)
    _tell_watchers("forums.new_reply", post, audiences.of_replies(post.topic), actor=post.author, named=named)


def answer_accepted(topic: Topic, post: Post, *, actor: User) -> None:
    """Tell the author of the answer, and who watches the topic."""
    _post("forums.answer_accepted", post, [post.author], part="accepted", actor=actor)
    _tell_watchers(
        "forums.answer_accepted",
        post,
        audiences.of_replies(topic),
        actor=actor,
        part="accepted",
        told=[post.author_id],
    )


def post_approved(post: Post, *, actor: User) -> None:
    """Tell the author that a held post is published."""
    _post("forums.post_approved", post, [post.author], part=f"approved:{_moment()}", actor=actor)


def post_hidden(post: Post, *, actor: User, note: str) -> None:
    """Tell the author kindly that their post was hidden, and why."""
    _post("forums.post_hidden", post, [post.author], part=f"hidden:{_moment()}", actor=actor, note=note)


def withdraw(post_ids: Collection[int]) -> None:
    """Take back from notification centres what was told of posts that nobody may see any more."""
    numbers = sorted(post_ids)
    for start in range(0, len(numbers), WITHDRAWN_AT_ONCE):
        ledger.withdraw([f"forum-post:{number}:" for number in numbers[start : start + WITHDRAWN_AT_ONCE]])


def _tell_mentioned(post: Post) -> list[User]:
    named = [person for person in mentioned(post.body) if person.pk != post.author_id]
    _post("forums.mention", post, named, part="mentions", actor=post.author)
    return named


def _post(kind: str, post: Post, people: Iterable[User], *, part: str, actor: User, **extra: str) -> None:
    ledger.post(
        kind=kind,
        event=f"forum-post:{post.pk}:{part}",
        recipients=[to for person in people for to in (To(user=person), To(user=person, channel=Channel.SITE))],
        context={"post": post.pk, **extra},
        actor=actor,
        thread=_thread(post),
    )


def _tell_watchers(
    kind: str,
    post: Post,
    criteria: Mapping[str, Any],
    *,
    actor: User,
    part: str = "watchers",
    named: Collection[User] = (),
    told: Collection[int] = (),
) -> None:
    """Write a message for the site and one for each level that anybody has. Who is ``named`` hears of it that way.

    What is read here does not grow with the number of watchers: above the ledger's limit a worker expands.
    """
    rows = audiences.watches(criteria).exclude(user=actor).values_list("user_id", "level")
    near = sorted(rows[: ledger.AUDIENCE_LIMIT + 1], key=lambda row: row[1], reverse=True)
    if not near:
        return
    is_large = len(near) > ledger.AUDIENCE_LIMIT
    levels = set(Level) if is_large else {Level(level) for level in dict(near).values()}

    def tell(channel: Channel, event: str, told: Collection[int], level: Level | None = None) -> None:
        ledger.post_to_audience(
            kind=kind,
            event=f"forum-post:{post.pk}:{part}:{event}",
            audience=audiences.WATCHERS,
            criteria={**criteria, "except": sorted(told), **({"level": int(level)} if level else {})},
            context={"post": post.pk},
            channel=channel,
            actor=actor,
            thread=_thread(post),
            digest_key="" if level in (None, Level.AT_ONCE) else f"forums:{level}",
            later=is_large,
        )

    tell(Channel.SITE, "site", {*told, *(person.pk for person in named)})
    for level in sorted(levels):
        tell(Channel.MAIL, str(int(level)), {*told, *_mailed(named)}, level)


def _mailed(named: Collection[User]) -> set[int]:
    """Return those whom the mail about their name reaches; the others are mailed as the watchers they may be."""
    people = {person.pk for person in named}
    refused = OptOut.objects.filter(category=MENTIONS, user__in=people).values_list("user_id", flat=True)
    return people - set(refused) if people else set()


def _thread(post: Post) -> str:
    return f"topic:{post.topic_id}"


def _moment() -> str:
    # A post may be hidden, restored and hidden again: each time its author is told.
    return f"{timezone.now():%Y%m%d%H%M%S%f}"


# --- What the worker asks just before sending -----------------------------------------------------------------

Ask = Callable[[Recipient, Mapping[str, Any]], bool]


def _sees(recipient: Recipient, post_id: int) -> bool:
    """Say whether the recipient takes part and may read the post, which everybody may: nothing else is sent about."""
    user = recipient.user
    if user is None or not policies.take_part(user):
        return False
    # What a visitor may read, everybody may: most posts need no look at the person's rights.
    return any(
        Post.objects.visible_to(reader).published().filter(pk=post_id).exists() for reader in (AnonymousUser(), user)
    )


def _may_be_told(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    return _sees(recipient, context["post"])


def _still_watches(of: Callable[[Topic], Mapping[str, Any]]) -> Ask:
    """Return the question whether the recipient sees the post and watches what it is about, as ``of`` says."""

    def ask(recipient: Recipient, context: Mapping[str, Any]) -> bool:
        if not _sees(recipient, context["post"]):
            return False
        topic = Topic.objects.get(posts=context["post"])
        return audiences.watches(of(topic)).filter(user=recipient.user).exists()

    return ask


def _is_still_accepted(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    post = Post.objects.select_related("topic").filter(pk=context["post"], topic__accepted_post=context["post"]).first()
    if post is None or not _sees(recipient, post.pk):
        return False
    return recipient.user == post.author or audiences.watches(audiences.of_replies(post.topic)).filter(
        user=recipient.user
    ).exists()  # fmt: skip


def _is_still_hidden(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    post = Post.objects.filter(pk=context["post"], state=State.HIDDEN, author=recipient.user)
    return recipient.user is not None and bool(policies.take_part(recipient.user)) and post.exists()


def _url(context: Mapping[str, Any]) -> str:
    return permalink(context["post"])


KINDS = (
    Kind(
        name="forums.new_topic",
        label=_l("New topic"),
        category=TOPICS,
        may_receive=_still_watches(audiences.of_new_topic),
        present=present,
        summary=lambda shown: _("%(author)s wrote in %(community)s: %(title)s") % _names(shown),
        url=_url,
        samples=(Sample(partial(sample, kind=PostKind.OPENING)),),
    ),
    Kind(
        name="forums.new_reply",
        label=_l("Reply"),
        category=REPLIES,
        may_receive=_still_watches(audiences.of_replies),
        present=present,
        summary=lambda shown: _replied(shown) % _names(shown),
        url=_url,
        samples=(
            Sample(sample),
            Sample(partial(sample, kind=PostKind.COMMENT), code="comment"),
        ),
    ),
    Kind(
        name="forums.mention",
        label=_l("Mention"),
        category=MENTIONS,
        may_receive=_may_be_told,
        present=present,
        summary=lambda shown: _("%(author)s mentioned you in: %(title)s") % _names(shown),
        url=_url,
        samples=(Sample(sample),),
    ),
    Kind(
        name="forums.answer_accepted",
        label=_l("Answer accepted"),
        category=ANSWERS,
        may_receive=_is_still_accepted,
        present=present,
        summary=lambda shown: _accepted(shown) % _names(shown),
        url=_url,
        samples=(
            Sample(partial(sample, to="author")),
            Sample(partial(sample, to="asker"), code="asker"),
            Sample(sample, code="watcher"),
        ),
    ),
    Kind(
        name="forums.post_approved",
        label=_l("Post published"),
        category=ANSWERS,
        may_receive=_may_be_told,
        present=present,
        summary=lambda shown: _("Your post is published: %(title)s") % _names(shown),
        url=_url,
        samples=(Sample(partial(sample, to="author")),),
    ),
    Kind(
        name="forums.post_hidden",
        label=_l("Post hidden"),
        category=ANSWERS,
        may_receive=_is_still_hidden,
        present=present_hidden,
        # Without an address: that of what is hidden leads nowhere. The reason is short enough for the line.
        summary=lambda shown: _hidden(shown) % {**_names(shown), "note": shown["note"]},
        samples=(Sample(sample_hidden),),
    ),
)


def _replied(shown: Mapping[str, Any]) -> str:
    if shown["post"].is_comment:
        return _("%(author)s commented on: %(title)s")
    return _("%(author)s replied to: %(title)s")


def _accepted(shown: Mapping[str, Any]) -> str:
    return _("Your answer was accepted: %(title)s") if shown["is_author"] else _("A question was solved: %(title)s")


def _hidden(shown: Mapping[str, Any]) -> str:
    if shown["note"]:
        return _("Your post in “%(title)s” was hidden: %(note)s")
    return _("Your post in “%(title)s” was hidden")


def _names(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {"author": shown["author"], "title": shown["topic"].title, "community": shown["community"]}
