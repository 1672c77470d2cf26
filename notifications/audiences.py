"""Audiences too large for a request: written as criteria, expanded by a worker in one statement.

An app registers its audiences when it is ready::

    audiences.register_audience("status.subscribers", subscribers)

    def subscribers(criteria: Mapping[str, Any]) -> QuerySet[Any, tuple[int | None, str]]:
        return Subscriber.objects.confirmed().filter(...).values_list("user_id", "email")

The query set yields a user's id (or null) and an address. It is compiled into the INSERT and never loaded. One that is
registered with ``has_times`` yields a third value, the moment before which the recipient's delivery waits (null: none).
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lib.addresses import normalise_email
from notifications import nudge
from notifications.identifiers import mail_host
from notifications.models import Channel, Message

Audience = Callable[[Mapping[str, Any]], Any]

_audiences: dict[str, Audience] = {}
_timed: set[str] = set()


def register_audience(name: str, audience: Audience, *, has_times: bool = False) -> None:
    """Add an audience. Raises ``ValueError`` when its name is taken by another."""
    if _audiences.get(name, audience) is not audience:
        raise ValueError(f"Two audiences are called {name}.")
    _audiences[name] = audience
    if has_times:
        _timed.add(name)


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
        "mail_id_start": "msg_" if frozen["channel"] == Channel.WEBHOOK else "",
        "mail_id_end": f"@{mail_host()}" if frozen["channel"] == Channel.MAIL else "",
        "actor": actor.pk if actor else None,
        "actor_address": normalise_email(actor.email) if actor else "",
        "now": timezone.now(),
        "not_before": frozen.get("not_before") or timezone.now().isoformat(),
    }
    timed = query if frozen["name"] in _timed else _UNTIMED.replace("{audience}", query)
    statement = _EXPAND.replace("{audience}", timed).replace("{address}", _ADDRESS[frozen["channel"]])
    with connection.cursor() as cursor:
        cursor.execute(statement, _positional(parameters, values))
        written: int = cursor.rowcount
    message.expanded_at = timezone.now()
    message.save(update_fields=["expanded_at"])
    nudge.after_commit()
    return written


# A webhook's address is kept as it is; a mailbox has one spelling, as in lib.addresses.normalise_email.
_ADDRESS = {
    Channel.MAIL: "lower(btrim(normalize(audience.address, NFKC)))",
    Channel.SITE: "lower(btrim(normalize(audience.address, NFKC)))",
    Channel.WEBHOOK: "audience.address",
}

_UNTIMED = "SELECT *, NULL::timestamptz FROM ({audience}) AS untimed"

_EXPAND = """
INSERT INTO notifications_delivery
    (message_id, channel, user_id, address, dedupe_key, state, attempts, last_error, not_before, digest_key, claim,
     mail_id, subject, text, html, created_at)
SELECT settings.message, settings.channel, reached.user_id,
       CASE settings.channel WHEN 'site' THEN '' ELSE reached.address END,
       settings.event || ':' || reached.address || ':' || settings.channel,
       'pending', 0, '', COALESCE(reached.not_before, settings.not_before), settings.digest, '',
       CASE settings.channel WHEN 'site' THEN ''
            ELSE settings.mail_id_start || replace(gen_random_uuid()::text, '-', '') || settings.mail_id_end END,
       '', '', '', settings.now
FROM (
    -- A subscriber who is also a user is one recipient, the user.
    SELECT DISTINCT ON (1) {address} AS address, audience.user_id, audience.not_before
    FROM ({audience}) AS audience (user_id, address, not_before)
    ORDER BY 1, audience.user_id NULLS LAST
) AS reached
CROSS JOIN (
    SELECT %s::bigint AS message, %s::text AS event, %s::text AS channel, %s::text AS digest,
           %s::text AS mail_id_start, %s::text AS mail_id_end, %s::bigint AS actor, %s::text AS actor_address,
           %s::timestamptz AS now, %s::timestamptz AS not_before
) AS settings
WHERE reached.address <> '' AND reached.address <> settings.actor_address
  AND reached.user_id IS DISTINCT FROM COALESCE(settings.actor, -1)
  AND (settings.channel <> 'site' OR reached.user_id IS NOT NULL)
ON CONFLICT (dedupe_key) DO NOTHING
"""


def _positional(parameters: tuple[Any, ...], values: Mapping[str, Any]) -> list[Any]:
    """Return the parameters in the statement's order: the audience's own stand before the rest."""
    return [*parameters, *(values[name] for name in _ORDER)]


_ORDER = (
    "message", "event", "channel", "digest", "mail_id_start", "mail_id_end", "actor", "actor_address", "now",
    "not_before",
)  # fmt: skip
