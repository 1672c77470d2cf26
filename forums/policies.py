"""May this person do this in the forums? Views, templates, tasks and admin ask here.

Seeing is not asked here: whatever a person cannot see does not exist for them (``visible_to`` in ``forums.querysets``).
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from forums.constants import FOR_GOOD, PostKind, State, TopicKind, Trust
from forums.models import Category, Community, Member, Post, Topic
from forums.querysets import EVERY, member_of, moderated_by
from lib.decisions import ALLOWED, Decision, allowed_if, denied

Someone = User | AnonymousUser

NEW_FOR = timedelta(days=1)  # since the first post
TRUSTED_FROM = 100  # reputation

_SIGN_IN = _l("Sign in to take part.")
_LOCKED = _l("A moderator has locked this topic: nobody can write in it now.")
_CLOSED = _l("This topic is closed: it takes no more replies.")
_NOT_OPEN = _l("This community takes no posts at the moment.")


def moderate(user: Someone, community: Community) -> Decision:
    """Everything that moderators do in one community."""
    moderated = moderated_by(user)
    return allowed_if(
        moderated == EVERY or community.pk in moderated, _l("Only moderators of this community may do this.")
    )


def moderate_any(user: Someone) -> Decision:
    """Entering the review queue: who moderates at least one community."""
    return allowed_if(moderated_by(user), _l("The review queue is for moderators."))


def moderate_people(user: Someone) -> Decision:
    """Silencing, suspending, cleaning up: people act in every community, so this is for those who moderate all."""
    return allowed_if(moderated_by(user) == EVERY, _l("Only moderators of every community silence and suspend people."))


def moderate_person(user: Someone, person: User) -> Decision:
    """The same of one person: never oneself, nor staff or another moderator."""
    if isinstance(user, User) and user.pk == person.pk:
        return denied(_l("You cannot do this to yourself."))
    if person.is_staff or person.is_superuser or moderated_by(person):
        return denied(_l("Staff and moderators are an administrator's affair."))
    return moderate_people(user)


def trust(user: User) -> Trust:
    """Return how far ``user`` is trusted: what limits hold for them."""
    if user.is_staff or moderated_by(user):
        return Trust.MODERATOR
    return earned_trust(member_of(user))


def earned_trust(member: Member) -> Trust:
    """Return how far somebody is trusted for what they have done, whatever they may do besides: no query."""
    if member.first_posted_at is None or member.first_posted_at > timezone.now() - NEW_FOR:
        return Trust.NEW
    return Trust.TRUSTED if member.reputation >= TRUSTED_FROM else Trust.MEMBER


def take_part(user: Someone) -> Decision:
    """Voting, bookmarking, watching, flagging: anybody signed in and not suspended."""
    if not isinstance(user, User) or not user.is_active:
        return denied(_SIGN_IN)
    member: Member = member_of(user)
    return denied(_suspended(member.suspended_until)) if member.is_suspended else ALLOWED


def write(user: Someone) -> Decision:
    """Writing anywhere: neither suspended nor silenced."""
    decision = take_part(user)
    if not decision or not isinstance(user, User):
        return decision
    member: Member = member_of(user)
    return denied(_silenced(member.silenced_until)) if member.is_silenced else ALLOWED


def ask(user: Someone, community: Community) -> Decision:
    """Starting a topic in the community."""
    if not community.is_open and not moderate(user, community):
        return denied(_NOT_OPEN)
    return write(user)


def start_in(user: Someone, category: Category) -> Decision:
    """Starting a topic in one category."""
    if category.is_for_staff and not _is_staff_there(user, category.community):
        return denied(_l("Only the team starts topics in this category."))
    return ALLOWED


def start_kind(user: Someone, community: Community, kind: str) -> Decision:
    """Starting a topic of one kind: announcements are the team's."""
    if kind not in community.kinds:
        return denied(_l("This community does not have this kind of topic."))
    if kind == TopicKind.ANNOUNCEMENT and not _is_staff_there(user, community):
        return denied(_l("Only the team writes announcements."))
    return ALLOWED


def reply(user: Someone, topic: Topic) -> Decision:
    """Answering a topic."""
    if topic.merged_into_id is not None or topic.state not in (State.PUBLISHED, State.HELD):
        return denied(_l("This topic is no longer here."))
    if topic.is_locked and not moderate(user, topic.community):
        return denied(_LOCKED)
    if topic.is_closed and not moderate(user, topic.community):
        return denied(_CLOSED)
    return ask(user, topic.community)


def comment(user: Someone, post: Post) -> Decision:
    """Commenting on a post: a comment has no comments; a closed topic still takes them."""
    if post.is_comment:
        return denied(_l("A comment cannot be commented on. Comment on the post above it."))
    if post.state != State.PUBLISHED:
        return denied(_l("This post is no longer here."))
    if post.topic.is_locked and not moderate(user, post.topic.community):
        return denied(_LOCKED)
    return ask(user, post.topic.community)


def edit(user: Someone, post: Post) -> Decision:
    """Changing a post's text: its author, and moderators."""
    if moderate(user, post.topic.community):
        return ALLOWED
    if not isinstance(user, User) or post.author_id != user.pk:
        return denied(_l("Only its author and moderators edit a post."))
    if post.topic.is_locked:
        return denied(_LOCKED)
    if post.state not in (State.PUBLISHED, State.HELD):
        return denied(_l("This post is no longer here."))
    return write(user)


def delete(user: Someone, post: Post) -> Decision:
    """Deleting a post: its author, while nobody has answered what they opened; moderators hide instead."""
    if not isinstance(user, User) or post.author_id != user.pk:
        return denied(_l("Only its author deletes a post."))
    if post.topic.is_locked:
        return denied(_LOCKED)
    if post.state not in (State.PUBLISHED, State.HELD):
        return denied(_l("This post is no longer here."))
    if post.is_opening and post.topic.answer_count:
        return denied(_l("Others have answered: a topic with replies stays. You can edit it, or close it."))
    if post.topic.accepted_post_id == post.pk:
        return denied(_l("This answer was accepted: it stays. You can edit it."))
    return write(user)


def undelete(user: Someone, post: Post) -> Decision:
    """Taking back that one has deleted a post: its author, while there is a place for it."""
    topic, gone = post.topic, denied(_l("This post is no longer here."))
    if not isinstance(user, User) or post.author_id != user.pk:
        return gone
    if topic.is_locked:
        return denied(_LOCKED)
    if topic.merged_into_id is not None or not (post.is_opening or topic.state == State.PUBLISHED):
        return gone
    if post.parent is not None and post.parent.state != State.PUBLISHED:
        return gone
    return write(user)


def vote(user: Someone, post: Post) -> Decision:
    """Voting for somebody else's post."""
    decision = take_part(user)
    if not decision or not isinstance(user, User):
        return decision
    if post.author_id == user.pk:
        return denied(_l("You cannot vote for your own post."))
    if post.kind == PostKind.COMMENT:
        return denied(_l("Comments are not voted on."))
    if post.topic.is_locked:
        return denied(_l("This topic is locked: its votes stand."))
    if post.state != State.PUBLISHED:
        return denied(_l("This post is no longer here."))
    return ALLOWED


def accept(user: Someone, topic: Topic) -> Decision:
    """Accepting an answer, changing and withdrawing that: the asker, and moderators."""
    if not topic.is_question:
        return denied(_l("Only questions have accepted answers."))
    if moderate(user, topic.community):
        return ALLOWED
    if not isinstance(user, User) or topic.author_id != user.pk:
        return denied(_l("Only the person who asked, or a moderator, accepts an answer."))
    if topic.is_locked:
        return denied(_LOCKED)
    return take_part(user)


def close(user: Someone, topic: Topic) -> Decision:
    """Closing and reopening: the author, and moderators."""
    if moderate(user, topic.community):
        return ALLOWED
    if topic.is_locked:
        return denied(_LOCKED)
    return allowed_if(
        isinstance(user, User) and topic.author_id == user.pk and take_part(user),
        _l("Only its author and moderators close a topic."),
    )


def retag(user: Someone, topic: Topic) -> Decision:
    """Changing title, tags and category: who may edit the opening post, and trusted members for the tags."""
    if moderate(user, topic.community):
        return ALLOWED
    if topic.is_locked:
        return denied(_LOCKED)
    if isinstance(user, User) and write(user) and (topic.author_id == user.pk or trust(user) >= Trust.TRUSTED):
        return ALLOWED
    return denied(_l("Only its author, trusted members and moderators change a topic's tags."))


def flag(user: Someone, post: Post) -> Decision:
    """Calling a moderator to somebody else's post."""
    decision = take_part(user)
    if not decision or not isinstance(user, User):
        return decision
    return allowed_if(post.author_id != user.pk, _l("You cannot flag your own post. You can edit or delete it."))


def see_history(user: Someone, post: Post) -> Decision:
    """Earlier versions: a moderator sees all; everybody else those of a published post."""
    return allowed_if(
        moderate(user, post.topic.community) or post.is_published or (isinstance(user, User) and user == post.author),
        _l("The earlier versions of this post are not shown."),
    )


def _is_staff_there(user: Someone, community: Community) -> bool:
    return isinstance(user, User) and (user.is_staff or bool(moderate(user, community)))


def _suspended(until: datetime | None) -> str:
    if until is None or until >= FOR_GOOD:
        return _("You are suspended from the community. You can still read everything.")
    return _("You are suspended from the community until %(moment)s. You can still read everything.") % {
        "moment": _moment(until)
    }


def _silenced(until: datetime | None) -> str:
    if until is None or until >= FOR_GOOD:
        return _("A moderator has silenced you: you can read, vote and watch, but not write.")
    return _("A moderator has silenced you until %(moment)s: you can read, vote and watch, but not write.") % {
        "moment": _moment(until)
    }


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
