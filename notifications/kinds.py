"""The kinds of messages. Each app registers its own when it is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a delivery is for, when it is about to be sent."""

    user: User | None
    address: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What the worker needs to know of a kind.

    ``name`` is ``app.what_happened``; its templates are ``emails/app/what_happened`` and ``.subject.txt``, ``.txt`` and
    ``.html``.
    ``may_receive`` is asked just before sending whether the recipient may still see the thing.
    ``present`` turns the frozen context into the template's context (ids become rows, in the recipient's language).
    ``category`` names what a person can opt out of (see ``notifications.categories``); empty for what they cannot,
    such as an invitation.
    ``summary`` is the line in the notification centre, made from the presented context; without it the subject is.
    ``url`` is the thing's path on the site, made from the frozen context.
    ``is_secret`` keeps no body after sending, for mails that hold a link that signs in; its context is wiped as well.
    ``payload`` makes a webhook's ``data`` from the presented context; without it that is summary and address.
    ``webhook_secret`` returns the ``whsec_…`` secret that an endpoint's deliveries are signed with, empty when the
    endpoint has been removed meanwhile; a kind that is sent to webhooks must have it.
    """

    name: str
    label: str | Promise
    category: str = ""
    may_receive: Callable[[Recipient, Mapping[str, Any]], bool] = lambda _recipient, _context: True
    present: Callable[[Recipient, Mapping[str, Any]], dict[str, Any]] = lambda _recipient, context: dict(context)
    summary: Callable[[Mapping[str, Any]], str] | None = None
    url: Callable[[Mapping[str, Any]], str] | None = None
    is_secret: bool = False
    payload: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    webhook_secret: Callable[[str], str] | None = None

    @property
    def template(self) -> str:
        """Return the templates' path without its ending."""
        return "emails/" + self.name.replace(".", "/")


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Add kinds. Raises ``ValueError`` when a name is taken by another kind."""
    for kind in kinds:
        if _kinds.get(kind.name, kind) is not kind:
            raise ValueError(f"Two kinds are called {kind.name}.")
        _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """Return the kind called ``name``. Raises ``KeyError`` when no app registered it."""
    return _kinds[name]


def find(name: str) -> Kind | None:
    """Return the kind called ``name``, or nothing when its app has gone and left rows behind."""
    return _kinds.get(name)


def label(name: str) -> str:
    """Return what a person calls the kind."""
    kind = _kinds.get(name)
    return str(kind.label) if kind else name


def registered() -> tuple[Kind, ...]:
    """Return every kind, by name."""
    return tuple(_kinds[name] for name in sorted(_kinds))
