"""What the forums forget of an erased person: what they kept for themselves. What they wrote stays, without a name.

Their votes stay as well: a number beside a post, which names nobody. Of a flag the reason stays, for the review it
belongs to, and the words go.
"""

from accounts.models import User
from forums.models import Bookmark, Draft, Flag, Standing, TopicRead, Watch


def forget(user: User, _addresses: frozenset[str]) -> None:
    """Drop watches, bookmarks, drafts, reading marks, places on leaderboards, and the notes of flags.

    The hook of ``accounts.erasure``.
    """
    for model in (Watch, Bookmark, Draft, TopicRead, Standing):
        model._default_manager.filter(user=user).delete()  # noqa: SLF001 - Django's API
    Flag.objects.filter(user=user).exclude(note="").update(note="")
