"""What a person keeps for themselves, as rows of their own pages: watches and drafts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from forums import drafts
from forums.models import Category, Community, Draft, Tag, Topic, Watch
from lib.markdown import excerpt, words_of

EXCERPT_LENGTH = 200  # characters
READ_FOR_EXCERPT = 2_000  # characters: a draft may be longer than any post

_KINDS: Mapping[str, tuple[str, str | Promise]] = {
    "community": ("community", _l("Community")),
    "category": ("book", _l("Category")),
    "tag": ("tag", _l("Tag")),
    "topic": ("reply", _l("Topic")),
}
_DRAFTS: Mapping[str, str | Promise] = {
    "ask": _l("New topic in"),
    "reply": _l("Reply to"),
    "comment": _l("Comment in"),
    "edit": _l("Edit in"),
}


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One thing that a person watches. ``name`` and ``url`` are empty for what they may not see any more."""

    watch: Watch
    kind: str
    target_id: int
    icon: str
    label: str | Promise
    name: str
    url: str
    within: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One text that was not sent. ``url`` is empty when there is no place any more where it could go."""

    draft: Draft
    label: str | Promise
    name: str
    url: str
    words: str


def watch_rows(user: User, watches: Sequence[Watch]) -> Sequence[WatchRow]:
    """Return the rows of watches that ``with_targets`` has read. Two queries to see what may still be seen."""
    topic_ids = [watch.topic_id for watch in watches if watch.topic_id]
    topics = set(Topic.objects.visible_to(user).filter(pk__in=topic_ids).values_list("pk", flat=True))
    communities = set(Community.objects.visible_to(user).values_list("pk", flat=True))
    return [_watch_row(watch, topics=topics, communities=communities) for watch in watches]


def draft_rows(user: User, kept: Iterable[Draft]) -> Sequence[DraftRow]:
    """Return the rows of drafts, each with the form where it goes on."""
    kept = list(kept)
    places = drafts.places(user, [draft.key for draft in kept])
    return [
        DraftRow(
            draft=draft,
            label=_DRAFTS.get(draft.key.partition(":")[0], ""),
            name=places[draft.key].name if draft.key in places else "",
            url=places[draft.key].url if draft.key in places else "",
            words=excerpt(words_of(draft.body[:READ_FOR_EXCERPT]), EXCERPT_LENGTH),
        )
        for draft in kept
    ]


def _watch_row(watch: Watch, *, topics: set[int], communities: set[int]) -> WatchRow:
    kind, target = _target(watch)
    icon, label = _KINDS[kind]
    is_seen = watch.topic_id in topics if isinstance(target, Topic) else _community(target).pk in communities
    return WatchRow(
        watch=watch,
        kind=kind,
        target_id=target.pk,
        icon=icon,
        label=label,
        name=str(target) if is_seen else "",
        url=_url(target) if is_seen else "",
        within=_community(target).name if is_seen and not isinstance(target, Community) else "",
    )


def _target(watch: Watch) -> tuple[str, Community | Category | Tag | Topic]:
    for kind in _KINDS:
        target: Community | Category | Tag | Topic | None = getattr(watch, kind)
        if target is not None:
            return kind, target
    raise ValueError("A watch of nothing: its constraint forbids that.")


def _community(target: Community | Category | Tag | Topic) -> Community:
    return target if isinstance(target, Community) else target.community


def _url(target: Community | Category | Tag | Topic) -> str:
    if isinstance(target, Category):
        return target.community.url("category", category=target.slug)
    if isinstance(target, Tag):
        return target.community.url("tag", tag=target.slug)
    return target.get_absolute_url()
