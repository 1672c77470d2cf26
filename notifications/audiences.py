"""Audiences too large for a request: written as criteria, expanded by a worker in one statement.

An app registers its audiences when it is ready::

    audiences.register_audience("status.subscribers", subscribers)

    def subscribers(criteria: Mapping[str, Any]) -> QuerySet[Any, tuple[int | None, str]]:
        return Subscriber.objects.confirmed().filter(...).values_list("user_id", "email")

The query set yields a user's id (or null) and an address. It is compiled into the INSERT and never loaded. One that
yields more says so, in the order of its values::

    audiences.register_audience("status.subscribers", subscribers, yields=("user_id", "address", "reference"))

``not_before`` is the moment before which the recipient's delivery waits (null: none), ``language`` and ``time_zone``
are the recipient's (empty: the user's, or the portal's), and ``reference`` (at most 40 characters) is what the app
knows the recipient by: a kind's own links and secrets are made from it. Each of these may be null.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lib.addresses import normalise_email
from notifications import kinds, nudge
from notifications.identifiers import mail_host
from notifications.models import ENDPOINTS, Channel, Message

Audience = Callable[[Mapping[str, Any]], Any]

_REQUIRED = ("user_id", "address")
# What an audience may yield besides, and what stands for it when it is null or not yielded.
_OPTIONAL = {"not_before": "NULL::timestamptz", "language": "''", "time_zone": "''", "reference": "''"}

_audiences: dict[str, Audience] = {}
_yields: dict[str, tuple[str, ...]] = {}


def register_audience(
    name: str, audience: Audience, *, has_times: bool = False, yields: Sequence[str] | None = None
) -> None:
    """Add an audience; ``has_times`` is short for ``yields=("user_id", "address", "not_before")``.

    Raises ``ValueError`` when its name is taken by another, or it yields what the ledger does not know.
    """
    if _audiences.get(name, audience) is not audience:
        raise ValueError(f"Two audiences are called {name}.")
    found = tuple(yields) if yields else (*_REQUIRED, "not_before") if has_times else _REQUIRED
    if not set(_REQUIRED) <= set(found) or set(found) - {*_REQUIRED, *_OPTIONAL} or len(set(found)) < len(found):
        raise ValueError(f"The audience {name} yields {', '.join(found)}.")
    _audiences[name] = audience
    _yields[name] = found


def is_bulk(kind_name: str, *, channel: str, digest_key: str) -> bool:
    """Say whether deliveries are sent by the hundred: mails, at once, whose words are shared."""
    kind = kinds.find(kind_name)
    return kind is not None and kind.is_shared and channel == Channel.MAIL and not digest_key


def members(name: str, criteria: Mapping[str, Any]) -> Any:
    """Return the audience's query set. Raises ``KeyError`` when no app registered it."""
    return _audiences[name](criteria)


def expand_due() -> int:
    """Expand every message that waits for it, each in a transaction of its own. Returns how many."""
    expanded = 0
    skipped: list[int] = []
    while True:
        with transaction.atomic():
            waiting = Message.objects.filter(audience__isnull=False, expanded_at=None).exclude(pk__in=skipped)
            message = waiting.select_for_update(skip_locked=True).order_by("id").first()
            if message is None:
                return expanded
            if message.audience is None or message.audience["name"] not in _audiences:
                # Its app has gone, or is not deployed yet: the others go on.
                skipped.append(message.pk)
                continue
            expand(message)
            expanded += 1


def expand(message: Message) -> int:
    """Write the deliveries of a locked message, in the caller's transaction. Returns how many are new."""
    frozen = message.audience or {}
    query, parameters = members(frozen["name"], frozen["criteria"]).order_by().query.sql_with_params()
    actor = message.actor
    values = {
        "message": message.pk,
        "event": message.event,
        "channel": frozen["channel"],
        "digest": frozen.get("digest_key", ""),
        "is_bulk": is_bulk(message.kind, channel=frozen["channel"], digest_key=frozen.get("digest_key", "")),
        "mail_id_start": "msg_" if frozen["channel"] in ENDPOINTS else "",
        "mail_id_end": f"@{mail_host()}" if frozen["channel"] == Channel.MAIL else "",
        "actor": actor.pk if actor else None,
        "actor_address": normalise_email(actor.email) if actor else "",
        "now": timezone.now(),
        "not_before": frozen.get("not_before") or timezone.now().isoformat(),
    }
    statement = _statement(query, yields=_yields[frozen["name"]], channel=frozen["channel"])
    with connection.cursor() as cursor:
        cursor.execute(statement, _positional(parameters, values))
        written: int = cursor.rowcount
    message.expanded_at = timezone.now()
    message.save(update_fields=["expanded_at"])
    nudge.after_commit()
    return written


def _statement(query: str, *, yields: Sequence[str], channel: str) -> str:
    """Return the INSERT around an audience's query."""
    # An endpoint's address is kept as it is; a mailbox has one spelling, as in lib.addresses.normalise_email.
    address = "audience.address" if channel in ENDPOINTS else "lower(btrim(normalize(audience.address, NFKC)))"
    optional = [
        f"COALESCE(audience.{name}, {otherwise}) AS {name}" if name in yields else f"{otherwise} AS {name}"
        for name, otherwise in _OPTIONAL.items()
    ]
    parts = {
        "{yields}": ", ".join(yields),
        "{address}": address,
        "{optional}": ", ".join(optional),
        "{recipient}": _REFERENCED if channel == Channel.WEBHOOK else "named.address",
        "{audience}": query,  # last: what it holds is nobody's to replace
    }
    statement = _EXPAND
    for mark, part in parts.items():
        statement = statement.replace(mark, part)
    return statement


# See ledger.dedupe_key.
_REFERENCED = "named.address || CASE named.reference WHEN '' THEN '' ELSE '#' || named.reference END"

_EXPAND = """
INSERT INTO notifications_delivery
    (message_id, channel, user_id, address, reference, language, time_zone, is_bulk, dedupe_key, state, attempts,
     last_error, not_before, digest_key, claim, mail_id, subject, text, html, created_at)
SELECT settings.message, settings.channel, reached.user_id,
       CASE settings.channel WHEN 'site' THEN '' ELSE reached.address END,
       reached.reference, reached.language, reached.time_zone, settings.is_bulk,
       settings.event || ':' || reached.recipient || ':' || settings.channel,
       'pending', 0, '', COALESCE(reached.not_before, settings.not_before), settings.digest, '',
       CASE settings.channel WHEN 'site' THEN ''
            ELSE settings.mail_id_start || replace(gen_random_uuid()::text, '-', '') || settings.mail_id_end END,
       '', '', '', settings.now
FROM (
    -- A subscriber who is also a user is one recipient, the user.
    SELECT DISTINCT ON (1) {recipient} AS recipient, named.*
    FROM (
        SELECT audience.user_id, {address} AS address, {optional}
        FROM ({audience}) AS audience ({yields})
    ) AS named
    ORDER BY 1, named.user_id NULLS LAST
) AS reached
CROSS JOIN (
    SELECT %s::bigint AS message, %s::text AS event, %s::text AS channel, %s::text AS digest, %s::boolean AS is_bulk,
           %s::text AS mail_id_start, %s::text AS mail_id_end, %s::bigint AS actor, %s::text AS actor_address,
           %s::timestamptz AS now, %s::timestamptz AS not_before
) AS settings
WHERE reached.address <> '' AND reached.address <> settings.actor_address
  -- A program or a chat room that the actor has registered is not the actor.
  AND (settings.channel IN ('webhook', 'chat') OR reached.user_id IS DISTINCT FROM COALESCE(settings.actor, -1))
  AND (settings.channel <> 'site' OR reached.user_id IS NOT NULL)
ON CONFLICT (dedupe_key) DO NOTHING
"""


def _positional(parameters: tuple[Any, ...], values: Mapping[str, Any]) -> list[Any]:
    """Return the parameters in the statement's order: the audience's own stand before the rest."""
    return [*parameters, *(values[name] for name in _ORDER)]


_ORDER = (
    "message", "event", "channel", "digest", "is_bulk", "mail_id_start", "mail_id_end", "actor", "actor_address", "now",
    "not_before",
)  # fmt: skip
