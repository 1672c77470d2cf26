"""Tokens of the API."""

from collections.abc import Iterable
from datetime import datetime

from accounts import api_tokens
from accounts.models import ApiToken, User


def make_token(
    owner: User, scopes: Iterable[str], *, label: str = "Automation", expires_at: datetime | None = None
) -> str:
    """Return a new token of ``owner`` as its user has it, without asking who makes it."""
    plain = f"{api_tokens.PREFIX}{ApiToken.objects.count():043d}"
    ApiToken.objects.create(
        owner=owner,
        label=label,
        prefix=plain[: api_tokens.SHOWN_CHARACTERS],
        digest=api_tokens.digest(plain),
        scopes=sorted(scopes),
        created_by=owner,
        expires_at=expires_at,
    )
    return plain
