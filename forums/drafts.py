"""Drafts: what somebody is writing, kept on the server as they type, and found again on every device of theirs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from forums.errors import ForumError, StaleError
from forums.models import Community, Draft, Post, Topic
from lib.drafts import Drawer

_KEY = re.compile(r"\A(ask|reply|comment|edit):([1-9][0-9]{0,17})\Z", re.ASCII)
_TEXT_FIELDS = ("title", "body", "tags")
_FIELDS = (*_TEXT_FIELDS, "category", "kind")

# What both rooms do alike with a draft.
_drawer = Drawer(Draft, lock="forum-draft")
of = _drawer.of
forget = _drawer.forget
discard = _drawer.discard
restore = _drawer.restore
sweep = _drawer.sweep


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
    _drawer.one_at_a_time(user, key)
    if was_sent(user, key, form=form, edits=edits):
        raise StaleError(_("This was sent already."))
    draft = _drawer.latest(user, key)
    is_own = form is not None and draft is not None and draft.form == form
    if objection := _drawer.objection(draft, version, is_own=is_own):
        raise StaleError(objection)
    if not any(fields.get(name, "").strip() for name in _TEXT_FIELDS):
        _drawer.empty(user, key)
        return None
    return _write(draft or Draft(user=user, key=key, version=0), fields, form)


@transaction.atomic
def keep(user: User, key: str, **fields: str) -> Draft:
    """Keep a text whose form cannot be sent any more, in the place of an older draft."""
    _drawer.one_at_a_time(user, key)
    draft = _drawer.latest(user, key) or Draft(user=user, key=key, version=0)
    return _write(draft, {name: getattr(draft, name) for name in _FIELDS} | fields, None)


def _write(draft: Draft, fields: Mapping[str, str], form: UUID | None) -> Draft:
    for name in _FIELDS:
        setattr(draft, name, fields.get(name, ""))
    draft.form = form
    _drawer.write(draft)
    return draft
