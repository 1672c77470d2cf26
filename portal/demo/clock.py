"""Making something happen at another moment, so that a history made today is true about yesterday."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from unittest import mock

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let ``timezone.now`` say ``moment`` (aware), in every module and every field default that asks it."""

    class _Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz)

    # The class behind ``now``, not ``now`` itself: model fields hold the function since they were declared.
    with mock.patch.object(timezone, "datetime", _Then):
        yield
