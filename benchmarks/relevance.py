"""How well search finds what people mean: the labelled queries of ``tests/forums/relevance`` on the demo's topics.

Every query is answered twice in one run: by the portal's ranking, and by PostgreSQL alone (a topic as one document, the
query's words joined by OR, ``ts_rank``).
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from accounts.models import User
from forums.constants import PostKind
from forums.models import Category, Community, Post, SearchIndex, Topic
from forums.search import finding, query, rebuilding, similar, terms
from forums.search.query import Filters
from portal.demo import forum_script
from portal.demo.forum_script import TopicStory

QUERIES = Path(__file__).resolve().parent.parent / "tests/forums/relevance"
SHOWN = 5
CONFIG = "english"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query, the keys of the topics that answer it, and where it would be typed."""

    text: str
    relevant: frozenset[str]
    kind: str
    community: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Mean reciprocal rank, and the mean part of the relevant topics among the first ``SHOWN``."""

    queries: int
    mrr: float
    recall: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """The demo's topics in communities of their own."""

    communities: Mapping[str, Community]
    keys: Mapping[int, str]


Engine = Callable[[Labelled, Corpus], Sequence[int]]


def labelled() -> list[Labelled]:
    """Return every labelled query. A file is named like its community."""
    return [
        Labelled(entry["text"], frozenset(entry["relevant"]), entry["kind"], path.stem.replace("_", "-"))
        for path in sorted(QUERIES.glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["query"]
    ]


@contextmanager
def corpus() -> Iterator[Corpus]:
    """Have the demo's topics indexed, in a transaction that leaves nothing behind."""
    with transaction.atomic():
        yield _load(forum_script.topics())
        transaction.set_rollback(True)


def portal(wanted: Labelled, corpus: Corpus) -> Sequence[int]:
    """Answer as the portal does: by the search of that community, or by the list beside Ask a question."""
    nobody, community = AnonymousUser(), corpus.communities[wanted.community]
    if wanted.kind == "similar":
        hits = similar.best(query.question(wanted.text, ""), community=community, user=nobody)
    else:
        scope = terms.scope_of([community])
        hits = finding.find(query.parse(wanted.text), scope=scope, filters=Filters(), user=nobody).hits
    return [hit.topic_id for hit in hits]


def plain(wanted: Labelled, corpus: Corpus) -> Sequence[int]:
    """Answer by OR and ``ts_rank``."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, {"text": wanted.text, "community": corpus.communities[wanted.community].pk})
        return [pk for (pk,) in cursor.fetchall()]


def judge(engine: Engine, corpus: Corpus, queries: Sequence[Labelled]) -> dict[str, Quality]:
    """Return the quality by kind of query, and of ``all``."""
    points: dict[str, list[tuple[float, float]]] = {}
    for wanted in queries:
        found = [corpus.keys[pk] for pk in engine(wanted, corpus)]
        place = next((place for place, key in enumerate(found, start=1) if key in wanted.relevant), None)
        recall = len(wanted.relevant & set(found[:SHOWN])) / min(SHOWN, len(wanted.relevant))
        for kind in (wanted.kind, "all"):
            points.setdefault(kind, []).append((1 / place if place else 0.0, recall))
    return {
        kind: Quality(len(some), sum(one[0] for one in some) / len(some), sum(one[1] for one in some) / len(some))
        for kind, some in sorted(points.items(), key=lambda item: (item[0] == "all", item[0]))
    }


def report() -> str:
    """Return both engines' figures as a Markdown table."""
    with corpus() as topics:
        queries = labelled()
        ours, theirs = judge(portal, topics, queries), judge(plain, topics, queries)
    lines = [
        f"| search | queries | MRR | recall@{SHOWN} | MRR, OR + ts_rank | recall@{SHOWN}, OR + ts_rank |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {kind} | {our.queries} | {our.mrr:.3f} | {our.recall:.3f}"
        f" | {theirs[kind].mrr:.3f} | {theirs[kind].recall:.3f} |"
        for kind, our in ours.items()
    ]
    return "\n".join(lines)


def _load(stories: Sequence[TopicStory]) -> Corpus:
    author = User.objects.create(email="relevance@people.example", display_name="Relevance", password="!")
    communities = {}
    for slug in sorted({story.community for story in stories}):
        community = Community.objects.create(slug=f"relevance-{slug}", name=slug, search_config=CONFIG)
        communities[slug] = community
        Category.objects.create(community=community, slug="all", name="All")
    topics = Topic.objects.bulk_create(
        Topic(
            community=communities[story.community],
            category=communities[story.community].categories.get(),
            kind=story.kind,
            title=story.title,
            author=author,
        )
        for story in stories
    )
    for topic, story in zip(topics, stories, strict=True):
        texts = [story.opening.body, *(post.body for post in story.posts)]
        Post.objects.bulk_create(
            Post(
                topic=topic,
                kind=PostKind.REPLY if number else PostKind.OPENING,
                number=number,
                author=author,
                body=body,
                body_html="",
                markdown_version=1,
            )
            for number, body in enumerate(texts)
        )
    for community in communities.values():
        index = SearchIndex.objects.create(community=community, config=CONFIG)
        while rebuilding.step(index.pk):
            pass
    return Corpus(communities, {topic.pk: story.key for topic, story in zip(topics, stories, strict=True)})


_PLAIN = f"""
WITH wanted AS (
    SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS query
    FROM unnest(to_tsvector('{CONFIG}', %(text)s))
),
document AS (
    SELECT topic.id, to_tsvector('{CONFIG}', topic.title || ' ' || string_agg(post.body, ' ' ORDER BY post.id)) AS words
    FROM forums_topic topic JOIN forums_post post ON post.topic_id = topic.id
    WHERE topic.community_id = %(community)s GROUP BY topic.id
)
SELECT document.id FROM document, wanted WHERE document.words @@ wanted.query
ORDER BY ts_rank(document.words, wanted.query) DESC, document.id LIMIT 100
"""
