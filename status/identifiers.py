"""The names that things go by in addresses and in the read API."""

import hashlib
import re
import secrets
import string

from status.constants import PUBLIC_ID_LENGTH

_LETTERS = string.ascii_lowercase + string.digits
_FORM = re.compile(rf"\A[a-z0-9]{{{PUBLIC_ID_LENGTH}}}\Z")


def new_public_id() -> str:
    """Return twelve random characters of a to z and 0 to 9: the form of Statuspage's ids."""
    return "".join(secrets.choice(_LETTERS) for _number in range(PUBLIC_ID_LENGTH))


def id_from(text: str) -> str:
    """Return the id, of the same form, that this text always makes."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    return "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(PUBLIC_ID_LENGTH))


def is_public_id(text: str) -> bool:
    """Say whether ``text`` has the form; anything else need not be looked for in the database."""
    return _FORM.match(text) is not None
