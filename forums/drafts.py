"""Drafts: what somebody is writing, kept on the server as they type, and found again on every device of theirs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from forums.errors import ForumError, StaleError
from forums.models import Community, Draft, Post, Topic

MAX_DRAFTS = 100  # of one person; the one forgotten longest makes room
FORGOTTEN_AFTER = timedelta(days=90)
# How long a draft that was let go can be had back.
UNDO_FOR = timedelta(days=1)

_KEY = re.compile(r"\A(ask|reply|comment|edit):([1-9][0-9]{0,17})\Z", re.ASCII)
_TEXT_FIELDS = ("title", "body", "tags")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody goes on with a draft: what it belongs to, and the address of its form."""

    name: str
    url: str


def ask_key(community: Community) -> str:
    """Return the key of the one question that a person is writing in a community."""
    return f"ask:{community.pk}"


def reply_key(topic: Topic) -> str:
    """Return the key of a reply."""
    return f"reply:{topic.pk}"


def comment_key(post: Post) -> str:
    """Return the key of a comment."""
    return f"comment:{post.pk}"


def edit_key(post: Post) -> str:
    """Return the key of an edit."""
    return f"edit:{post.pk}"


def is_key(key: str) -> bool:
    """Say whether ``key`` is one that a form can have; the number of an address may be longer than any."""
    return _KEY.match(key) is not None


def of(user: User, key: str) -> Draft | None:
    """Return the person's draft of this key."""
    return Draft.objects.filter(user=user, key=key, discarded_at=None).first()


def places(user: User, keys: Iterable[str]) -> Mapping[str, Place]:
    """Return where each draft goes on; nothing for what ``user`` cannot see any more. Three queries at the most."""
    wanted: dict[str, dict[int, str]] = {}
    for key in keys:
        if match := _KEY.match(key):
            wanted.setdefault(match[1], {})[int(match[2])] = key
    found: dict[str, Place] = {}
    if asked := wanted.get("ask"):
        for community in Community.objects.visible_to(user).filter(pk__in=asked):
            found[asked[community.pk]] = Place(community.name, community.url("ask"))
    if replies := wanted.get("reply"):
        for topic in Topic.objects.visible_to(user).filter(pk__in=replies):
            found[replies[topic.pk]] = Place(topic.title, reverse("discuss:reply", args=[topic.pk]))
    posts = {kind: ids for kind in ("comment", "edit") if (ids := wanted.get(kind))}
    return found | _places_of_posts(user, posts) if posts else found


def _places_of_posts(user: User, wanted: Mapping[str, Mapping[int, str]]) -> dict[str, Place]:
    ids = {pk for keys in wanted.values() for pk in keys}
    posts = {post.pk: post for post in Post.objects.visible_to(user).filter(pk__in=ids).select_related("topic")}
    return {
        key: Place(posts[pk].topic.title, reverse(f"discuss:{kind}", args=[pk]))
        for kind, keys in wanted.items()
        for pk, key in keys.items()
        if pk in posts
    }


def was_sent(user: User, key: str, *, form: UUID | None = None, edits: int | None = None) -> bool:
    """Say whether the form that a draft comes from was sent: by the token its post has, or the version it edited."""
    if form is not None and Post.objects.filter(submission_token=form, author=user).exists():
        return True
    match = _KEY.match(key)
    if edits is None or match is None or match[1] != "edit":
        return False
    return Post.objects.filter(pk=int(match[2]), editor=user, version__gt=edits).exists()


@transaction.atomic
def save(*, user: User, key: str, version: int, fields: Mapping[str, str]) -> Draft | None:
    """Keep what ``user`` has typed into the form of ``key``; ``version`` is the one they go on from, 0 for a new one.

    A draft without text is let go, and ``None`` returned. Raises ``StaleError`` when another window or device has
    saved since, or the draft was sent or discarded there; ``ForumError`` for a key of nothing that they can see.
    """
    if key not in places(user, [key]):
        raise ForumError(_("This is no longer here, so its draft is not kept."))
    if not any(fields.get(name, "").strip() for name in _TEXT_FIELDS):
        # One that was discarded stays: an empty form is no reason to make that final.
        Draft.objects.filter(user=user, key=key, discarded_at=None).delete()
        return None
    now = timezone.now()
    if version:
        changed = Draft.objects.filter(user=user, key=key, version=version, discarded_at=None).update(
            **fields, version=F("version") + 1, updated_at=now
        )
        if not changed:
            raise StaleError(_("This draft was changed, sent or discarded in another window. Reload to see it."))
        return Draft.objects.get(user=user, key=key)
    draft, created = Draft.objects.get_or_create(user=user, key=key, defaults={**fields, "updated_at": now})
    if not created and _replaces_discarded(draft, fields):
        draft.refresh_from_db()
    elif not created:
        raise StaleError(_("There is a newer draft from another window or device. Reload to see it."))
    _make_room(user)
    return draft


@transaction.atomic
def keep(user: User, key: str, **fields: str) -> Draft:
    """Keep a text whose form cannot be sent any more, in the place of an older draft."""
    draft, _created = Draft.objects.update_or_create(
        user=user, key=key, defaults={**fields, "updated_at": timezone.now(), "discarded_at": None}
    )
    Draft.objects.filter(pk=draft.pk).update(version=F("version") + 1)
    _make_room(user)
    return draft


def forget(user: User, key: str) -> None:
    """Drop a draft that has become a post, in the caller's transaction."""
    Draft.objects.filter(user=user, key=key).delete()


def discard(*, user: User, key: str) -> bool:
    """Let a draft go, for a day in a way that can be undone. Says whether there was one."""
    return bool(Draft.objects.filter(user=user, key=key, discarded_at=None).update(discarded_at=timezone.now()))


def restore(*, user: User, key: str) -> bool:
    """Take back that a draft was let go. Says no when it is gone for good, or something newer is being written."""
    gone = Draft.objects.filter(user=user, key=key, discarded_at__gte=timezone.now() - UNDO_FOR)
    return bool(gone.update(discarded_at=None))


def sweep(older_than: timedelta = FORGOTTEN_AFTER) -> int:
    """Drop drafts that nobody has touched for so long, or that were let go. Returns how many. For a daily task."""
    now = timezone.now()
    forgotten, _rows = Draft.objects.filter(updated_at__lt=now - older_than).delete()
    gone, _rows = Draft.objects.filter(discarded_at__lt=now - UNDO_FOR).delete()
    return forgotten + gone


def _replaces_discarded(draft: Draft, fields: Mapping[str, str]) -> bool:
    """Write over a draft that was let go; another window may have done so already."""
    empty = dict.fromkeys(("title", "body", "tags", "category", "kind"), "")
    return bool(
        Draft.objects.filter(pk=draft.pk)
        .exclude(discarded_at=None)
        .update(**{**empty, **fields}, version=F("version") + 1, updated_at=timezone.now(), discarded_at=None)
    )


def _make_room(user: User) -> None:
    kept = Draft.objects.filter(user=user).order_by("-updated_at", "-id").values_list("pk", flat=True)
    surplus = list(kept[MAX_DRAFTS : MAX_DRAFTS + 10])
    if surplus:
        Draft.objects.filter(pk__in=surplus).delete()
