"""What was asked before: shown while somebody writes a question, from the index that search uses."""

from collections.abc import Sequence

from accounts.querysets import Someone
from forums.models import Community, Topic
from forums.search import ranking, terms
from forums.search.query import Filters, Query, question
from forums.search.ranking import Hit

TEXT_READ = 4_000  # characters of the text; a question that is longer has said by then what it is about
# Of what the words of the question could weigh, a topic has this part; and of what the best has, that one.
LEAST_STRENGTH = 0.15
LEAST_OF_BEST = 0.4


def similar(*, title: str, text: str, community: Community, user: Someone, limit: int = 8) -> Sequence[Topic]:
    """Return topics of ``community`` that are like a question being written: those with an accepted answer first.

    Only what is like it enough, the likest first. Five queries, whatever is typed.
    """
    hits = best(question(title, text[:TEXT_READ]), community=community, user=user)[:limit]
    topics = Topic.objects.visible_to(user).listed().for_list().in_bulk([hit.topic_id for hit in hits])
    found = [topics[hit.topic_id] for hit in hits if hit.topic_id in topics]
    return sorted(found, key=lambda topic: not topic.is_answered)


def best(query: Query, *, community: Community, user: Someone) -> Sequence[Hit]:
    """Return the hits that are good enough, the best first."""
    resolved = terms.resolve(query, terms.scope_of([community]))
    hits = ranking.rank(resolved, filters=Filters(), user=user)
    floor = LEAST_OF_BEST * hits[0].score if hits else 0.0
    return [hit for hit in hits if hit.strength >= LEAST_STRENGTH and hit.score >= floor]
