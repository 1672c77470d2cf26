"""What the forums forget of an erased person: what they kept for themselves. What they wrote stays, without a name."""

from accounts.models import User
from forums.models import Bookmark, Draft, Standing, TopicRead, Watch


def forget(user: User, _addresses: frozenset[str]) -> None:
    """Drop watches, bookmarks, drafts, reading marks and places on leaderboards; the hook of ``accounts.erasure``."""
    for model in (Watch, Bookmark, Draft, TopicRead, Standing):
        model._default_manager.filter(user=user).delete()  # noqa: SLF001 - Django's API
