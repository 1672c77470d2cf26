"""Codes that tables, policies and templates of the forums share."""

from datetime import UTC, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _l


class TopicKind(models.TextChoices):
    """What a topic is for. Only questions have answers, and one of them may be accepted."""

    QUESTION = "question", _l("Question")
    DISCUSSION = "discussion", _l("Discussion")
    IDEA = "idea", _l("Idea")
    ANNOUNCEMENT = "announcement", _l("Announcement")


class PostKind(models.TextChoices):
    """A post's place in its topic: it opens it, answers it, or remarks on another post."""

    OPENING = "opening", _l("Opening post")
    REPLY = "reply", _l("Reply")
    COMMENT = "comment", _l("Comment")


class State(models.TextChoices):
    """Who may see a topic or a post: ``forums.querysets`` is the one place that says so."""

    PUBLISHED = "published", _l("Published")
    HELD = "held", _l("Waits for a moderator")  # its author and moderators see it
    HIDDEN = "hidden", _l("Hidden by a moderator")  # moderators see it
    DELETED = "deleted", _l("Deleted by its author")  # moderators see it


class Level(models.IntegerChoices):
    """How soon a watcher is told by mail. Of several that fit, the smallest number holds."""

    AT_ONCE = 1, _l("At once")
    DAILY = 2, _l("Once a day")
    WEEKLY = 3, _l("Once a week")


class FlagReason(models.TextChoices):
    """Why a reader wants a moderator to look."""

    SPAM = "spam", _l("Spam or advertising")
    RUDE = "rude", _l("Rude or hurtful")
    PRIVATE = "private", _l("Shows private data or a secret")
    OFF_TOPIC = "off_topic", _l("Off topic, or in the wrong place")
    OTHER = "other", _l("Something else")


class ReviewReason(models.TextChoices):
    """Why a post stands in the review queue."""

    HELD = "held", _l("Held before publication")
    FLAGGED = "flagged", _l("Flagged by readers")


class ReviewOutcome(models.TextChoices):
    """How a review ended."""

    APPROVED = "approved", _l("Approved")
    HIDDEN = "hidden", _l("Hidden")
    DISMISSED = "dismissed", _l("Flags dismissed")
    GONE = "gone", _l("Deleted by its author meanwhile")


class Trust(models.IntegerChoices):
    """How far a member is trusted: worked out from what they have done, never set by hand."""

    NEW = 0, _l("New member")
    MEMBER = 1, _l("Member")
    TRUSTED = 2, _l("Trusted member")
    MODERATOR = 3, _l("Moderator")


# Until when somebody is silenced or suspended for good.
FOR_GOOD = datetime(3000, 1, 1, tzinfo=UTC)

TITLE_MIN_LENGTH, TITLE_MAX_LENGTH = 8, 150
BODY_MIN_LENGTH = 2
MAX_TAGS = 5
TAG_MAX_LENGTH = 30
# Of a post's comments this many stand under it; the rest are one click away.
COMMENTS_SHOWN = 5
# Reputation of an author, once for each vote or acceptance.
REPUTATION_OF_VOTE = 10
REPUTATION_OF_ACCEPTANCE = 15

# PostgreSQL's text-search configurations that a community may choose from.
SEARCH_CONFIGS = [
    (name, name.capitalize())
    for name in (
        "simple", "arabic", "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian",
        "norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "turkish",
    )
]  # fmt: skip
