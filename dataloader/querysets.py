"""Reads of the Data Loader community's own tables. Topics are shown as ``forums.querysets`` lets them be."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from dataloader import spelling
from forums.models import Topic

if TYPE_CHECKING:
    from accounts.querysets import Someone
    from dataloader.models import ErrorCode, TopicErrorCode  # noqa: F401 - the base classes name them


class ErrorCodeQuerySet(models.QuerySet["ErrorCode"]):
    """Error codes: everybody reads them."""

    def named(self, words: Iterable[str]) -> Self:
        """Return the codes among ``words``."""
        return self.filter(code__in=list(words))

    def like(self, text: str) -> Self:
        """Return the codes whose name or title holds ``text``."""
        return self.filter(Q(code__contains=spelling.spell(text)) | Q(title__icontains=text))

    def most_discussed(self) -> Self:
        """Return the codes that topics speak of, the most first."""
        return self.filter(topic_count__gt=0).order_by("-topic_count", "code")

    def for_list(self) -> Self:
        """Read what a list shows of a code."""
        return self.only("code", "title", "topic_count")


class TopicErrorCodeQuerySet(models.QuerySet["TopicErrorCode"]):
    """Topics by code."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the rows whose topic ``user`` may read."""
        return self.filter(topic__in=Topic.objects.visible_to(user))

    def listed(self) -> Self:
        """Leave what a list shows."""
        return self.filter(topic__in=Topic.objects.listed())
