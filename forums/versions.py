"""The versions of a post: who wrote each, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.http import QueryDict
from django.utils.safestring import SafeString

from accounts.models import User
from forums.models import Post, Revision
from lib import keyset, textdiff

PAGE_SIZE = 5
# Of one comparison; a page of them takes about a second at the most.
STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Version:
    """One version, its texts marked with what they changed; those that it left alone are empty."""

    number: int
    editor: User
    written_at: datetime
    reason: str
    title: SafeString | str
    tags: SafeString | str
    body: SafeString | str

    @property
    def is_first(self) -> bool:
        """Say whether there was none before it: its texts are whole and unmarked."""
        return self.number == 1


@dataclass(frozen=True, slots=True)
class _Text:
    number: int
    editor: User
    written_at: datetime
    title: str
    tags: str
    body: str
    # Why it was changed into the one after it.
    reason_of_next: str = ""


def versions(post: Post, query: QueryDict) -> tuple[Sequence[Version], keyset.Page[Revision]]:
    """Return a page of the post's versions, newest first, and its neighbours."""
    page = keyset.paginate(
        Revision.objects.filter(post=post).select_related("editor"), order=("-version",), query=query, size=PAGE_SIZE
    )
    texts = [_newer(post, page.rows), *map(_of_revision, page.rows)]
    shown = [_changed(newer, older) for newer, older in pairwise(texts)]
    if not page.next_url:
        shown.append(_whole(texts[-1]))
    return shown, page


def _newer(post: Post, rows: Sequence[Revision]) -> _Text:
    """Return the version after the first of ``rows``: that of an earlier page, or the post's present one."""
    if rows and rows[0].version + 1 < post.version:
        after = Revision.objects.select_related("editor").filter(post=post, version__gt=rows[0].version)
        found = after.order_by("version").first()
        if found is not None:
            return _of_revision(found)
    topic = post.topic
    return _Text(
        number=post.version,
        editor=post.editor or post.author,
        written_at=post.edited_at or post.created_at,
        title=topic.title if post.is_opening else "",
        tags=" ".join(sorted(topic.tags.values_list("slug", flat=True))) if post.is_opening else "",
        body=post.body,
    )


def _of_revision(row: Revision) -> _Text:
    return _Text(row.version, row.editor, row.written_at, row.title, row.tags, row.body, row.reason)


def _changed(newer: _Text, older: _Text) -> Version:
    return Version(
        newer.number,
        newer.editor,
        newer.written_at,
        older.reason_of_next,
        _marked(older.title, newer.title),
        _marked(older.tags, newer.tags),
        _marked(older.body, newer.body),
    )


def _whole(text: _Text) -> Version:
    return Version(text.number, text.editor, text.written_at, "", text.title, text.tags, text.body)


def _marked(before: str, after: str) -> SafeString | str:
    return textdiff.as_html(textdiff.compare(before, after, steps=STEPS)) if before != after else ""
