"""The kinds of messages. Each app registers its own when it is ready."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from accounts.models import User

if TYPE_CHECKING:
    from notifications.models import Delivery


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a delivery is for, when it is about to be sent.

    ``reference`` is what the audience (or ``ledger.To``) gave: what the kind's app knows the recipient by.
    """

    user: User | None
    address: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A kind's mail as the administration shows it, of made-up people and things.

    ``context`` returns what ``present`` would, with the same keys, in the active language, from unsaved rows or plain
    values: the same at each call, with no query. ``code`` says in which of its forms the mail is shown, where it has
    several, in words with hyphens. ``has_account`` is false for mails to a bare address, which have no page of
    preferences to point to.
    """

    context: Callable[[], dict[str, Any]]
    code: str = "usual"
    has_account: bool = True


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
    endpoint has been removed meanwhile; a kind that is sent to webhooks must have it, or
    ``endpoint_secret``, the same from the recipient, for endpoints that are known by their ``reference``.
    ``webhook_body`` makes a webhook's whole body from the presented context, in a shape that is not ours; bytes are
    sent as they are, a mapping as JSON. It is signed as any other.
    ``chat_body`` makes the JSON of a Slack-compatible incoming webhook from the presented context (``text``, and
    ``blocks`` if need be); without it the text is summary and address. ``may_receive`` says whether it still exists.
    ``is_shared`` says that the mail's words depend on the frozen context, the language and the time zone alone, and on
    nothing of the recipient but the two links below. It is then rendered once for all who share these, and kept once.
    ``present`` gets a recipient who is nobody (no user, no address, no reference), and templates must print
    ``unsubscribe_url`` and ``preferences_url`` as they are (``{% if %}`` is all right; no other tag, no filter).
    ``may_receive_many`` is ``may_receive`` for a whole batch of mails: it returns those of the recipients who may.
    ``unsubscribe_url`` returns the recipient's own absolute address for RFC 8058's one-click POST, instead of the
    category's; empty for none. ``manage_url`` is their own page for choosing what they get: ``preferences_url`` of
    templates. Both are ASCII of at most 400 characters, and are asked again when the mail is shown.
    ``samples`` are what staff see of its mail in the administration; every kind that is mailed has at least one.
    ``on_given_up`` is called with a delivery that has failed for good, in the transaction that records it: once, or not
    at all when it raises (which is logged). It writes rows, such as a mail to the endpoint's owner, and sends nothing.
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
    endpoint_secret: Callable[[Recipient], str] | None = None
    webhook_body: Callable[[Mapping[str, Any]], bytes | Mapping[str, Any]] | None = None
    chat_body: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    is_shared: bool = False
    may_receive_many: Callable[[Sequence[Recipient], Mapping[str, Any]], Collection[Recipient]] | None = None
    unsubscribe_url: Callable[[Recipient, Mapping[str, Any]], str] | None = None
    manage_url: Callable[[Recipient, Mapping[str, Any]], str] | None = None
    on_given_up: "Callable[[Delivery], None] | None" = None
    samples: tuple[Sample, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself: words that nobody keeps cannot be kept once."""
        if self.is_shared and self.is_secret:
            raise ValueError(f"{self.name} is shared and secret at once.")

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
