"""Signing webhooks as Standard Webhooks says, so that a receiver can check them with any of its libraries.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of one
SECRET_BYTES = 32
SECRET_LIMITS = (24, 64)  # bytes, by the specification
TOLERANCE_SECONDS = 5 * 60


def new_secret() -> str:
    """Return a fresh signing secret, ``whsec_`` and base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Return the key bytes of a secret. Raises ``ValueError`` on anything that is not ``whsec_`` and base64."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("A webhook secret begins with whsec_.")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("A webhook secret is whsec_ and base64.") from error
    shortest, longest = SECRET_LIMITS
    if not shortest <= len(key) <= longest:
        raise ValueError(f"A webhook secret holds {shortest} to {longest} bytes.")
    return key


def signature(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return ``v1,<base64>`` over id, timestamp (Unix seconds) and body."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def headers(secret: str, *, webhook_id: str, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    """Return the three headers of a delivery; ``timestamp`` is now unless given."""
    moment = int(time.time()) if timestamp is None else timestamp
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": signature(secret, webhook_id=webhook_id, timestamp=moment, body=body),
    }


def verify(secret: str, *, headers: Mapping[str, str], body: bytes, now: int | None = None) -> bool:
    """Say whether a delivery was signed with ``secret`` less than five minutes ago: the receiver's side."""
    try:
        timestamp = int(headers["webhook-timestamp"])
        expected = signature(secret, webhook_id=headers["webhook-id"], timestamp=timestamp, body=body)
        given = headers["webhook-signature"].split(" ")
    except (KeyError, ValueError):
        return False
    if abs((int(time.time()) if now is None else now) - timestamp) > TOLERANCE_SECONDS:
        return False
    return any(hmac.compare_digest(expected.encode(), candidate.encode()) for candidate in given)
