"""Drafts: what somebody is writing, kept on the server as they type, and found again on every device of theirs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
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
_FIELDS = (*_TEXT_FIELDS, "category", "kind")


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
def save(
    *,
    user: User,
    key: str,
    version: int,
    fields: Mapping[str, str],
    form: UUID | None = None,
    edits: int | None = None,
) -> Draft | None:
    """Keep what ``user`` has typed into the form of ``key``; ``version`` is the one they go on from, 0 for a new one.

    ``form`` is the token of the form, ``edits`` the version of the post that it edits. A draft without text is let go,
    and ``None`` returned. Raises ``StaleError`` when another window or device has saved since, or the form was sent;
    ``ForumError`` for a key of nothing that they can see.
    """
    if key not in places(user, [key]):
        raise ForumError(_("This is no longer here, so its draft is not kept."))
    _one_at_a_time(user, key)
    if was_sent(user, key, form=form, edits=edits):
        raise StaleError(_("This was sent already."))
    draft = Draft.objects.filter(user=user, key=key).first()
    is_live = draft is not None and draft.discarded_at is None
    known = draft.version if draft is not None and is_live else 0
    # An answer that got lost leaves its window a version behind: what that window saved itself it may write over.
    is_own = draft is not None and is_live and form is not None and draft.form == form
    if version != known and not is_own:
        raise StaleError(
            _("This draft was changed, sent or discarded in another window. Reload to see it.")
            if version
            else _("There is a newer draft from another window or device. Reload to see it.")
        )
    if not any(fields.get(name, "").strip() for name in _TEXT_FIELDS):
        # One that was discarded stays: an empty form is no reason to make that final.
        Draft.objects.filter(user=user, key=key, discarded_at=None).delete()
        return None
    return _write(draft or Draft(user=user, key=key, version=0), fields, form)


@transaction.atomic
def keep(user: User, key: str, **fields: str) -> Draft:
    """Keep a text whose form cannot be sent any more, in the place of an older draft."""
    _one_at_a_time(user, key)
    draft = Draft.objects.filter(user=user, key=key).first() or Draft(user=user, key=key, version=0)
    return _write(draft, {name: getattr(draft, name) for name in _FIELDS} | fields, None)


def forget(user: User, key: str) -> None:
    """Drop a draft that has become a post, in the caller's transaction."""
    _one_at_a_time(user, key)
    Draft.objects.filter(user=user, key=key).delete()


@transaction.atomic
def discard(*, user: User, key: str) -> bool:
    """Let a draft go, for a day in a way that can be undone. Says whether there was one."""
    _one_at_a_time(user, key)
    return bool(Draft.objects.filter(user=user, key=key, discarded_at=None).update(discarded_at=timezone.now()))


@transaction.atomic
def restore(*, user: User, key: str) -> bool:
    """Take back that a draft was let go. Says no when it is gone for good, or something newer is being written."""
    _one_at_a_time(user, key)
    gone = Draft.objects.filter(user=user, key=key, discarded_at__gte=timezone.now() - UNDO_FOR)
    return bool(gone.update(discarded_at=None))


def sweep(older_than: timedelta = FORGOTTEN_AFTER) -> int:
    """Drop drafts that nobody has touched for so long, or that were let go. Returns how many. For a daily task."""
    now = timezone.now()
    forgotten, _rows = Draft.objects.filter(updated_at__lt=now - older_than).delete()
    gone, _rows = Draft.objects.filter(discarded_at__lt=now - UNDO_FOR).delete()
    return forgotten + gone


def _one_at_a_time(user: User, key: str) -> None:
    # A save that is on its way while its form is sent either comes before, and goes with it, or finds it sent.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"forum-draft:{user.pk}:{key}"])


def _write(draft: Draft, fields: Mapping[str, str], form: UUID | None) -> Draft:
    now = timezone.now()
    is_first = draft.pk is None
    for name in _FIELDS:
        setattr(draft, name, fields.get(name, ""))
    # By the clock: the draft that comes after one that was sent is never taken for it.
    draft.version = max(draft.version + 1, int(now.timestamp() * 1000))
    draft.form, draft.updated_at, draft.discarded_at = form, now, None
    draft.save()
    if is_first:
        _make_room(draft.user)
    return draft


def _make_room(user: User) -> None:
    kept = Draft.objects.filter(user=user).order_by("-updated_at", "-id").values_list("pk", flat=True)
    surplus = list(kept[MAX_DRAFTS : MAX_DRAFTS + 10])
    if surplus:
        Draft.objects.filter(pk__in=surplus).delete()
