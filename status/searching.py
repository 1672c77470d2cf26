"""The search of incidents and maintenance for the page that searches everything. Drafts are found by operators only."""

import re
from collections.abc import Sequence

from django.db import connection
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _l

from accounts.querysets import Someone
from lib.search_hits import (
    Findings,
    Hit,
    Label,
    Ranked,
    asked,
    framed,
    headline_values,
    marked,
    words,
)
from status import links, policies
from status.constants import Kind
from status.identifiers import is_public_id
from status.models import Incident

# The configuration of the indexes that are read here: ``incident_search`` and ``incident_update_search``.
CONFIG = "english"
LIMIT = 100
_BEGUN = re.compile(r"\w{2,}\Z")
_LABELS: dict[str, Label] = {Kind.INCIDENT: _l("Incident"), Kind.MAINTENANCE: _l("Maintenance")}


def find(text: str, *, user: Someone, is_typing: bool = False) -> Findings:
    """Return what ``text`` finds: by id, then what holds every word in its title and updates, titles first."""
    text = asked(text)
    wanted = words(text)
    if not wanted:
        return Findings()
    visible = Incident.objects.visible_to(user)
    sql, params = visible.order_by().values("pk").query.sql_with_params()
    is_begun = is_typing and _BEGUN.search(text) is not None
    values = [CONFIG, wanted, len(wanted) if is_begun else 0, *params, LIMIT]
    with connection.cursor() as cursor:
        cursor.execute(_FIND.replace("{visible}", sql), values)
        found = {pk: Ranked(pk, score) for pk, score in cursor.fetchall()}
    is_cut = len(found) >= LIMIT
    if is_public_id(text) and (pk := visible.filter(public_id=text).values_list("pk", flat=True).first()):
        found[pk] = Ranked(pk, is_exact=True)
    ranked = sorted(found.values(), key=lambda one: one.place)
    return Findings(ranked, lambda keys: _show(keys, text, user), is_cut)


def _show(keys: Sequence[int], text: str, user: Someone) -> Sequence[Hit]:
    incidents = Incident.objects.visible_to(user).in_bulk(keys)
    texts = _texts(list(incidents), text)
    operates = bool(policies.operate(user))
    return [_hit(incidents[key], *texts[key], operates=operates) for key in keys if key in texts]


def _hit(incident: Incident, name: str, body: str, *, operates: bool) -> Hit:
    if operates:
        url = reverse("status_console:incident", args=[incident.public_id])
    else:
        url = links.page(f"incidents/{incident.public_id}/", get_language() or "")
    return Hit(
        key=incident.pk,
        kind="incident",
        url=url,
        title=marked(name),
        label=_l("Draft") if incident.is_draft else _LABELS[incident.kind],
        icon="calendar" if incident.is_maintenance else "status",
        text=marked(body),
        state=incident.status,
        moment=incident.scheduled_for or incident.started_at,
    )


def _texts(keys: Sequence[int], text: str) -> dict[int, tuple[str, str]]:
    """Return of each its title and the latest update that holds a word, or else the latest: marked. One query."""
    values = headline_values(keys, text, CONFIG)
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, values)
        return {pk: (name, framed(*shown)) for pk, name, *shown in cursor.fetchall()}


# Spelt as the indexes spell it, or they are not used.
_NAME = f"to_tsvector('{CONFIG}'::regconfig, COALESCE(incident.name, ''))"
_BODY = f"to_tsvector('{CONFIG}'::regconfig, COALESCE(said.body, ''))"
# Each word by an index; a title's words count, so that an incident called so comes before one that mentions it.
_FIND = f"""
WITH asked AS (SELECT %s::regconfig AS config, %s::text[] AS words, %s::int AS begun),
word AS MATERIALIZED (
    SELECT place, query FROM (
        SELECT one.place, CASE WHEN one.place = asked.begun
            THEN plainto_tsquery(asked.config, one.word) || to_tsquery(asked.config, one.word || ':*')
            ELSE plainto_tsquery(asked.config, one.word) END AS query
        FROM asked CROSS JOIN unnest(asked.words) WITH ORDINALITY one(word, place)
    ) read WHERE numnode(query) > 0
),
found AS (
    SELECT incident.id, word.place, true AS is_title FROM word JOIN status_incident incident ON {_NAME} @@ word.query
    UNION ALL
    SELECT said.incident_id, word.place, false FROM word JOIN status_incidentupdate said ON {_BODY} @@ word.query
)
SELECT found.id, (count(DISTINCT place) FILTER (WHERE is_title))::float8 AS score
FROM found WHERE found.id IN ({{visible}}) GROUP BY found.id
HAVING count(DISTINCT place) = (SELECT count(*) FROM word) ORDER BY score DESC, found.id DESC LIMIT %s
"""  # noqa: S608 - only the constants above are put into it
_TEXTS = """
WITH asked AS (SELECT %(config)s::regconfig AS config, websearch_to_tsquery(%(config)s::regconfig, %(query)s) AS query)
SELECT found.id, ts_headline(asked.config, translate(found.name, %(signs)s, ''), asked.query, %(whole)s),
       ts_headline(asked.config, found.body, asked.query,
                   CASE WHEN length(found.body) <= %(short)s THEN %(whole)s ELSE %(parts)s END),
       left(found.body, %(edge)s), right(found.body, %(edge)s)
FROM asked CROSS JOIN LATERAL (
    SELECT incident.id, incident.name, regexp_replace(translate(COALESCE((
        SELECT left(body, %(read)s) FROM status_incidentupdate
        WHERE incident_id = incident.id ORDER BY to_tsvector(asked.config, left(body, %(read)s)) @@ asked.query DESC,
            display_at DESC, id DESC LIMIT 1
    ), ''), %(signs)s, ''), %(markdown)s, '', 'gn') AS body
    FROM status_incident incident WHERE incident.id = ANY(%(keys)s)
) found
"""
