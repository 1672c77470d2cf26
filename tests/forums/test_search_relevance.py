"""Search on the labelled set: what it has to be better at than PostgreSQL alone."""

from collections.abc import Iterator

import pytest

from benchmarks import relevance
from benchmarks.relevance import Corpus, Quality

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics() -> Iterator[Corpus]:
    with relevance.corpus() as corpus:
        yield corpus


def test_ranking_is_no_worse_than_or_and_ts_rank(topics: Corpus) -> None:
    queries = relevance.labelled()
    ours = relevance.judge(relevance.portal, topics, queries)
    theirs = relevance.judge(relevance.plain, topics, queries)
    for kind, our in ours.items():
        assert our.mrr >= theirs[kind].mrr, kind
        assert our.recall >= theirs[kind].recall, kind


def test_typos_find_what_was_meant(topics: Corpus) -> None:
    misspelt = [query for query in relevance.labelled() if query.kind == "typo"]
    quality: Quality = relevance.judge(relevance.portal, topics, misspelt)["all"]
    assert quality.recall >= 0.8
    assert quality.mrr >= 0.8
