"""The communities' search for the page that searches everything. A community's own page does more: filters, sorting."""

import re
from collections.abc import Sequence

from django.utils.translation import ngettext

from accounts.querysets import Someone
from forums.models import Topic
from forums.models.topic import permalink
from forums.rows import KIND_ICONS
from forums.search import finding, terms
from forums.search.excerpts import Excerpt, excerpts
from forums.search.query import MAX_LENGTH, Filters, parse
from forums.search.ranking import LIMIT
from forums.search.terms import Resolved
from lib.search_hits import Findings, Hit, Ranked

ANSWERED = "answered"
# A number says exactly what is meant: "CS-000033" is no slip for "CSV".
_NUMBER = re.compile(r"\s*(?:CS[- ]?)?#?\d+\s*", re.IGNORECASE)


def find(text: str, *, user: Someone, is_typing: bool = False) -> Findings:  # noqa: ARG001 - it forgives half words
    """Return the topics of every community that ``user`` may enter which ``text`` finds."""
    query = parse(text[:MAX_LENGTH], exact=_NUMBER.fullmatch(text) is not None)
    if query.is_empty:
        return Findings()
    found = finding.find(query, scope=terms.scope_everywhere(user), filters=Filters(), user=user)
    ranked = sorted((Ranked(hit.topic_id, hit.score) for hit in found.hits), key=lambda one: one.place)
    return Findings(ranked, lambda keys: _show(keys, found.resolved, user), is_cut=len(ranked) >= LIMIT)


def _show(keys: Sequence[int], resolved: Resolved, user: Someone) -> Sequence[Hit]:
    rows = Topic.objects.visible_to(user).listed().select_related("community", "category")
    topics = rows.in_bulk(keys)
    shown = [topics[key] for key in keys if key in topics]
    cut = excerpts(shown, resolved) if shown else {}
    return [_hit(topic, cut.get(topic.pk)) for topic in shown]


def _hit(topic: Topic, cut: Excerpt | None) -> Hit:
    replies = ngettext("%(number)s reply", "%(number)s replies", topic.answer_count)
    return Hit(
        key=topic.pk,
        kind="topic",
        url=permalink(cut.post_id) if cut and cut.post_id else topic.get_absolute_url(),
        title=cut.title if cut else topic.title,
        label=topic.kind_label,
        icon=KIND_ICONS[topic.kind],
        text=cut.text if cut else "",
        origin="reply" if cut and cut.post_id else "",
        state=ANSWERED if topic.accepted_post_id else "",
        facts=[topic.community.name, topic.category.name, replies % {"number": topic.answer_count}],
        moment=topic.created_at,
    )
