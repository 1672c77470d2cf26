"""From what somebody typed to topics in order, and what to tell them about how they were found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.querysets import Someone
from forums.search import terms
from forums.search.query import Filters, Query, Scope
from forums.search.ranking import Hit, Ranker, rank
from forums.search.terms import Resolved


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, the best first; with ``loosened`` no topic held the phrases, and their words were looked for."""

    hits: Sequence[Hit]
    resolved: Resolved
    loosened: bool = False


def find(query: Query, *, scope: Scope, filters: Filters, user: Someone, ranker: Ranker = rank) -> Found:
    """Look for ``query``: as it is, and without its phrases when nothing holds them."""
    resolved = terms.resolve(query, scope)
    hits = ranker(resolved, filters=filters, user=user)
    if hits or not query.phrases:
        return Found(hits, resolved)
    loose = replace(resolved, query=replace(query, phrases=()))
    return Found(ranker(loose, filters=filters, user=user), loose, loosened=True)
