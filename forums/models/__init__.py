"""The community: who writes what where, who may see it, and how it is found."""

from forums.models.community import Category, Community, CommunityModerator, Tag
from forums.models.moderation import Flag, ModerationEvent, Review
from forums.models.people import ActivityWeek, Bookmark, Draft, Member, Standing, TopicRead, Vote, Watch
from forums.models.post import Post, PostImage, Revision
from forums.models.search import Lexeme, Posting, SearchIndex
from forums.models.topic import Topic, TopicTag

__all__ = [
    "ActivityWeek",
    "Bookmark",
    "Category",
    "Community",
    "CommunityModerator",
    "Draft",
    "Flag",
    "Lexeme",
    "Member",
    "ModerationEvent",
    "Post",
    "PostImage",
    "Posting",
    "Review",
    "Revision",
    "SearchIndex",
    "Standing",
    "Tag",
    "Topic",
    "TopicRead",
    "TopicTag",
    "Vote",
    "Watch",
]
