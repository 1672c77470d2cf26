"""Drafts kept on the server: which of two windows knows better, what was let go and can be had back, what goes when.

Each app that keeps drafts has a model of its own and a ``Drawer`` for it; whose form a key is, and what a draft holds,
is the app's affair. The model has ``user``, ``key``, ``version``, ``updated_at`` and ``discarded_at``; ``user`` and
``key`` are unique together.
"""

from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

MAX_DRAFTS = 100  # of one person; the one forgotten longest makes room
FORGOTTEN_AFTER = timedelta(days=90)
# How long a draft that was let go can be had back.
UNDO_FOR = timedelta(days=1)

D = TypeVar("D", bound=Model)


class Drawer(Generic[D]):
    """The drafts of one model. ``lock`` names its advisory locks, and no other's."""

    def __init__(self, model: type[D], *, lock: str) -> None:
        self.model = model
        self.lock = lock

    def _all(self, **wanted: Any) -> Any:
        return self.model._default_manager.filter(**wanted)  # noqa: SLF001 - the documented name

    def of(self, user: Any, key: str) -> D | None:
        """Return the person's draft of this key."""
        found: D | None = self._all(user=user, key=key, discarded_at=None).first()
        return found

    def latest(self, user: Any, key: str) -> D | None:
        """Return the person's draft of this key, be it one that was let go: its row is written over."""
        found: D | None = self._all(user=user, key=key).first()
        return found

    def one_at_a_time(self, user: Any, key: str) -> None:
        """Wait for whoever writes to this key, until the transaction ends.

        A save that is on its way while its form is sent either comes before, and goes with it, or finds it sent.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{self.lock}:{user.pk}:{key}"])

    def objection(self, latest: D | None, version: int, *, is_own: bool) -> str:
        """Say why somebody who goes on from ``version`` (0: from nothing) may not write; empty when they may.

        An answer that got lost leaves its window a version behind: a draft that ``is_own``, saved by that very form, it
        may write over.
        """
        draft: Any = latest
        is_live = draft is not None and draft.discarded_at is None
        if version == (draft.version if is_live else 0) or (is_live and is_own):
            return ""
        if version:
            return _("This draft was changed, sent or discarded in another window. Reload to see it.")
        return _("There is a newer draft from another window or device. Reload to see it.")

    def write(self, one: D) -> None:
        """Save a draft as the newest of its key, and make room for it."""
        draft: Any = one
        is_first, now = draft.pk is None, timezone.now()
        # By the clock: the draft that comes after one that was sent is never taken for it.
        draft.version = max(draft.version + 1, int(now.timestamp() * 1000))
        draft.updated_at, draft.discarded_at = now, None
        draft.save()
        if is_first:
            self._make_room(draft.user_id)

    def empty(self, user: Any, key: str) -> None:
        """Drop a draft whose text was taken out. One that was discarded stays: that is no reason to make it final."""
        self._all(user=user, key=key, discarded_at=None).delete()

    def forget(self, user: Any, *keys: str) -> None:
        """Drop drafts whose form is being sent, in the caller's transaction."""
        for key in sorted(keys):
            self.one_at_a_time(user, key)
        self._all(user=user, key__in=keys).delete()

    def discard(self, *, user: Any, key: str) -> bool:
        """Let a draft go, for ``UNDO_FOR`` in a way that can be undone. Says whether there was one."""
        with transaction.atomic():
            self.one_at_a_time(user, key)
            return bool(self._all(user=user, key=key, discarded_at=None).update(discarded_at=timezone.now()))

    def restore(self, *, user: Any, key: str) -> bool:
        """Take back that a draft was let go. Says no when it is gone for good, or something newer is being written."""
        with transaction.atomic():
            self.one_at_a_time(user, key)
            gone = self._all(user=user, key=key, discarded_at__gte=timezone.now() - UNDO_FOR)
            return bool(gone.update(discarded_at=None))

    def sweep(self) -> int:
        """Drop drafts that nobody has touched for long, or that were let go. Returns how many. For a daily task."""
        now = timezone.now()
        forgotten, _rows = self._all(updated_at__lt=now - FORGOTTEN_AFTER).delete()
        gone, _rows = self._all(discarded_at__lt=now - UNDO_FOR).delete()
        return int(forgotten) + int(gone)

    def _make_room(self, user_id: int) -> None:
        newest = self._all(user=user_id).order_by("-updated_at", "-id").values_list("pk", flat=True)
        surplus = list(newest[MAX_DRAFTS : MAX_DRAFTS + 10])
        if surplus:
            self._all(pk__in=surplus).delete()
