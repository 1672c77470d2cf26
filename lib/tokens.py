"""Random names for addresses that must not be guessed."""

import re
import secrets

TOKEN_BYTES = 16  # 128 bits: a guess a microsecond would need longer than the universe has existed
TOKEN_LENGTH = 22  # characters of URL-safe base64


def new_token() -> str:
    """Return a random URL-safe token of 22 characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


_TOKEN = re.compile(rf"\A[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}\Z")


def is_token(text: str) -> bool:
    """Say whether ``text`` has a token's form; anything else need not be looked for in the database."""
    return _TOKEN.match(text) is not None
