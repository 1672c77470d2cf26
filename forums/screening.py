"""What looks like spam is held for a moderator instead of being published."""

from dataclasses import dataclass

from accounts.models import User
from forums.models import Member


@dataclass(frozen=True, slots=True)
class Hints:
    """What the form told beside the text: the honeypot's content, and seconds since it was drawn (None: unknown)."""

    honeypot: str = ""
    seconds: float | None = None


def signals(*, user: User, member: Member, title: str, body: str, hints: Hints) -> list[str]:
    """Return codes of what speaks against publishing at once; an empty list publishes."""
    return []
