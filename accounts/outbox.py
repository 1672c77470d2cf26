"""How this app has something sent: a hook that the delivery ledger fills, because imports point down only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person.

    ``kind`` names the templates (``emails/<kind with dots as slashes>``); ``event`` is the dedupe key's first part;
    ``context`` is frozen as JSON. Exactly one of ``user`` and ``address`` is the recipient; ``language`` is that of a
    bare address.
    """

    kind: str
    event: str
    context: Mapping[str, Any] = field(default_factory=dict)
    user: User | None = None
    address: str = ""
    language: str = ""
    actor: User | None = None


_post: Callable[[Letter], None] | None = None


def register(post: Callable[[Letter], None]) -> None:
    """Set what writes a letter into the ledger. Called once, by the ledger's app when it is ready."""
    global _post
    _post = post


def post(letter: Letter) -> None:
    """Write ``letter`` into the ledger, in the caller's transaction.

    Raises ``RuntimeError`` when no ledger is registered.
    """
    if _post is None:
        raise RuntimeError("No delivery ledger is registered with accounts.outbox.")
    _post(letter)
