"""The search index in tables: what BM25F needs, kept in step by the transaction that changes a topic.

``forums.search`` explains the ranking. Only what everybody may see is in here.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from forums.constants import SEARCH_CONFIGS
from forums.models.community import Community
from forums.models.topic import Topic


class SearchIndex(models.Model):
    """One index of one community, in one text-search configuration.

    A change of the configuration builds a second one in batches and then takes the first away.
    """

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="search_indexes")
    config = models.CharField(max_length=20, choices=SEARCH_CONFIGS)
    is_live = models.BooleanField(default=False)
    # Topics up to this id are in it; a live index holds all. ``DROPPED``: it is being taken away.
    built_to = models.BigIntegerField(default=0)
    # Of the last refresh: topics, and the mean length of a title, an opening text, a reply, in lexemes.
    topics = models.PositiveIntegerField(default=0)
    mean_title = models.FloatField(default=6)
    mean_opening = models.FloatField(default=60)
    mean_reply = models.FloatField(default=40)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _l("search index")
        verbose_name_plural = _l("search indexes")
        constraints = [
            models.UniqueConstraint(fields=["community"], condition=Q(is_live=True), name="search_index_one_live"),
            models.UniqueConstraint(
                fields=["community"], condition=Q(is_live=False, built_to__gte=0), name="search_index_one_in_building"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id}: {self.config}"


class Lexeme(models.Model):
    """A word of an index: in how many topics it stands, as of the last refresh."""

    pk = models.CompositePrimaryKey("index", "lexeme")
    index = models.ForeignKey(SearchIndex, on_delete=models.CASCADE, related_name="lexemes", db_index=False)
    lexeme = models.TextField(db_collation="C")
    topics = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _l("lexeme")
        verbose_name_plural = _l("lexemes")
        indexes = [
            # Reader: what a misspelt word may have meant.
            GinIndex(OpClass("lexeme", name="gin_trgm_ops"), name="lexeme_similar"),
        ]

    def __str__(self) -> str:
        return self.lexeme


class Posting(models.Model):
    """A lexeme in a topic, with its weight: term frequencies of title, opening text and replies, each by length."""

    pk = models.CompositePrimaryKey("index", "lexeme", "topic")
    index = models.ForeignKey(SearchIndex, on_delete=models.CASCADE, related_name="+", db_index=False)
    lexeme = models.TextField(db_collation="C")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")
    weight = models.FloatField()

    class Meta:
        verbose_name = _l("posting")
        verbose_name_plural = _l("postings")
        indexes = [
            # Reader: the topics in which a common lexeme weighs most.
            models.Index(fields=["index", "lexeme", "-weight", "topic"], name="posting_heaviest"),
        ]

    def __str__(self) -> str:
        return f"{self.lexeme}: {self.topic_id}"
