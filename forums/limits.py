"""How much a person may write, and how soon: rate limits by trust, and what a new member may not do yet."""

from accounts.models import User
from forums.constants import PostKind
from forums.models import Member


def require_room(*, user: User, member: Member, kind: PostKind, body: str) -> None:
    """Raise ``LimitError`` when ``user`` has written too much lately, or puts more into a post than a new member may.

    ``member`` is their locked row: two posts at once do not both see room.
    """
