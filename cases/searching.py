"""The search of cases for the page that searches everything: what a person may see, and nothing else, is looked at.

Customers' words are compared with ``search_public``, which never holds a word of an internal note: not even the time
that an answer takes depends on one.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, Max, QuerySet

from accounts.querysets import Someone
from cases import numbers, policies
from cases.models import Case
from cases.querysets import CaseQuerySet, searchable, sees_every_case
from lib.search_hits import (
    Findings,
    Hit,
    Ranked,
    asked,
    framed,
    headline_values,
    marked,
)

CANDIDATES = 200  # of all that fit, the newest: these are ranked
# At the desk half a word is looked for among so many of the latest cases: PostgreSQL cannot tell how many it will find,
# and would read every case for the beginning of a common word.
OF_LATE = 5_000
COMMENTS_READ = 30  # of a case, the latest
_WEIGHTS = [0.1, 0.2, 0.5, 1.0]  # D to A: comments have C, the description B, the subject A
# After a space: what follows a minus or a quotation mark is no word of its own.
_LAST_WORD = re.compile(r"\A(.*\s|)(\w{2,})\Z", re.DOTALL)
_BY_KIND = {"d": "", "r": "reply", "n": "note"}


def find(text: str, *, user: Someone, is_typing: bool = False) -> Findings:
    """Return the cases of ``user`` that ``text`` finds: by number, then by the words of subject, text and comments."""
    text = asked(text)
    if not text or not policies.find_cases(user):
        return Findings()
    is_internal = sees_every_case(user)
    cases = Case.objects.visible_to(user)
    vector = "search_staff" if is_internal else "search_public"
    query: SearchQuery | CombinedSearchQuery = _words(text)
    newest: Any = _newest(cases.filter(**{vector: query}))
    begun = _begun(text) if is_typing else None
    if begun is not None:
        of_late = cases.filter(pk__gt=_one_of_late()) if is_internal else cases
        newest = [*newest, *_newest(of_late.filter(**{vector: begun}))]
        query |= begun
    rank = SearchRank(F(vector), query, weights=_WEIGHTS)
    rows = Case.objects.filter(pk__in=newest).annotate(rank=rank).order_by().values_list("pk", "rank")
    found = {pk: Ranked(pk, score) for pk, score in rows}
    is_cut = len(found) >= CANDIDATES
    number = numbers.parse_loose(text)
    if number is not None and cases.filter(pk=number).exists():
        found[number] = Ranked(number, is_exact=True)
    ranked = sorted(found.values(), key=lambda one: one.place)
    return Findings(ranked, lambda keys: _show(keys, text, user, is_internal=is_internal), is_cut)


def _newest(cases: CaseQuerySet) -> "QuerySet[Case, int]":
    return cases.order_by("-pk").values_list("pk", flat=True)[:CANDIDATES]


def _one_of_late() -> int:
    return (Case.objects.aggregate(last=Max("pk"))["last"] or 0) - OF_LATE


def _begun(text: str) -> SearchQuery | CombinedSearchQuery | None:
    """Return the query that takes the last word for the beginning of one, if it can be."""
    parts = _LAST_WORD.match(text)
    if parts is None:
        return None
    # Letters and digits alone: nothing that the language of such queries could take for a sign.
    begun = SearchQuery(f"{parts[2]}:*", config=settings.CASE_SEARCH_CONFIG, search_type="raw")
    return _words(parts[1]) & begun if parts[1].strip() else begun


def _words(text: str) -> SearchQuery:
    return SearchQuery(searchable(text), config=settings.CASE_SEARCH_CONFIG, search_type="websearch")


def _show(keys: Sequence[int], text: str, user: Someone, *, is_internal: bool) -> Sequence[Hit]:
    cases = Case.objects.visible_to(user).for_list().in_bulk(keys)
    texts = _texts(list(cases), text, is_internal=is_internal)
    several = is_internal or len({case.account_id for case in cases.values()}) > 1
    return [_hit(cases[key], texts[key], is_internal=is_internal, several=several) for key in keys if key in texts]


def _hit(case: Case, texts: tuple[str, str, str], *, is_internal: bool, several: bool) -> Hit:
    subject, kind, text = texts
    facts = [case.account.name] if several else []
    return Hit(
        key=case.pk,
        kind="case",
        url=case.get_desk_url() if is_internal else case.get_absolute_url(),
        title=marked(subject),
        label=case.number,
        icon="cases",
        text=marked(text),
        origin=_BY_KIND[kind],
        state=case.status,
        facts=[*facts, case.product.name],
        moment=case.public_updated_at,
    )


def _texts(keys: Sequence[int], text: str, *, is_internal: bool) -> dict[int, tuple[str, str, str]]:
    """Return of each case its subject, and the first text of it that holds a word: both marked. One query."""
    values = headline_values(keys, text, settings.CASE_SEARCH_CONFIG) | {
        "internal": is_internal,
        "comments": COMMENTS_READ,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, values)
        return {pk: (subject, kind, framed(*shown)) for pk, subject, kind, *shown in cursor.fetchall()}


# COALESCE stops at the first text that fits: of most cases no comment is read. A letter before each says what it is.
_TEXTS = """
WITH asked AS (SELECT %(config)s::regconfig AS config, websearch_to_tsquery(%(config)s::regconfig, %(query)s) AS query)
SELECT found.id, ts_headline(asked.config, translate(found.subject, %(signs)s, ''), asked.query, %(whole)s),
       left(found.text, 1),
       ts_headline(asked.config, substr(found.text, 2), asked.query,
                   CASE WHEN length(found.text) <= %(short)s THEN %(whole)s ELSE %(parts)s END),
       substr(found.text, 2, %(edge)s), right(substr(found.text, 2), %(edge)s)
FROM asked CROSS JOIN LATERAL (
    SELECT one.id, one.subject, regexp_replace(translate(COALESCE(
        (SELECT 'd' || left(one.description, %(read)s)
         WHERE to_tsvector(asked.config, left(one.description, %(read)s)) @@ asked.query),
        (SELECT latest.kind || latest.body FROM (
            SELECT CASE WHEN is_internal THEN 'n' ELSE 'r' END AS kind, left(body, %(read)s) AS body
            FROM cases_comment WHERE case_id = one.id AND (%(internal)s OR NOT is_internal)
            ORDER BY id DESC LIMIT %(comments)s
        ) latest WHERE to_tsvector(asked.config, latest.body) @@ asked.query LIMIT 1),
        'd' || left(one.description, %(read)s)
    ), %(signs)s, ''), %(markdown)s, '', 'gn') AS text
    FROM cases_case one WHERE one.id = ANY(%(keys)s)
) found
"""
