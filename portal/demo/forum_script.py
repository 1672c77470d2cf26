"""The communities' topics as data: what ``forums/*.toml`` says, checked and typed."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.demo import FOLDER
from portal.demo.script import moment_before, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One post: who, how long after the thing before it, what, and who finds it useful."""

    by: str
    body: str
    after: timedelta = timedelta(0)
    votes: Sequence[str] = ()
    is_accepted: bool = False
    is_comment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStory:
    """One topic with everything under it, in the order in which it was written."""

    key: str
    community: str
    category: str
    kind: str
    title: str
    tags: Sequence[str]
    asked: str
    opening: Written
    posts: Sequence[Written] = field(default_factory=tuple)
    is_pinned: bool = False
    is_closed: bool = False
    duplicate_of: str = ""

    def moments(self, now: datetime) -> list[datetime]:
        """Return when the topic was started and when each post was written, none of it after ``now``."""
        found = [moment_before(now, self.asked)]
        for post in self.posts:
            found.append(min(found[-1] + post.after, now - timedelta(minutes=1)))
        return found


def topics() -> list[TopicStory]:
    """Return every topic, file by file."""
    return [
        _topic(entry)
        for path in sorted((FOLDER / "forums").glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8")).get("topic", ())
    ]


def members() -> list[Mapping[str, Any]]:
    """Return the people who appear in the communities only."""
    return [
        entry
        for path in sorted((FOLDER / "forums").glob("people_*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["member"]
    ]


def _topic(entry: Mapping[str, Any]) -> TopicStory:
    return TopicStory(
        key=entry["key"],
        community=entry["community"],
        category=entry["category"],
        kind=entry["kind"],
        title=entry["title"],
        tags=entry["tags"],
        asked=entry["asked"],
        opening=Written(by=entry["by"], body=entry["body"].strip(), votes=entry.get("votes", ())),
        posts=list(_posts(entry)),
        is_pinned=entry.get("pinned", False),
        is_closed=entry.get("closed", False),
        duplicate_of=entry.get("duplicate_of", ""),
    )


def _posts(entry: Mapping[str, Any]) -> Iterator[Written]:
    for reply in entry.get("reply", ()):
        yield _written(reply, is_comment=False)
        for comment in reply.get("comment", ()):
            yield _written(comment, is_comment=True)


def _written(entry: Mapping[str, Any], *, is_comment: bool) -> Written:
    return Written(
        by=entry["by"],
        body=entry["body"].strip(),
        after=span(entry["after"]),
        votes=entry.get("votes", ()),
        is_accepted=entry.get("accepted", False),
        is_comment=is_comment,
    )
