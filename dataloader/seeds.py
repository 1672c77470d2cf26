"""The Data Loader community and its error codes, as every portal starts with them. What is there already stays."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from dataloader.constants import ERRORS_CATEGORY, SLUG, START_CATEGORY
from dataloader.models import ErrorCode
from forums.constants import TopicKind
from forums.models.community import Accent, Icon, SearchScope, Wording
from forums.seeds import add_community

CODES_FILE = Path(__file__).with_name("error_codes.toml")


def seed(**_signal: Any) -> None:
    """Make the community and the codes that are missing; runs after every migrate."""
    add_community(SLUG, _FIELDS, _CATEGORIES)
    add_codes(read_codes())


def read_codes() -> Sequence[Mapping[str, Any]]:
    """Return what ships with the portal."""
    codes: list[Mapping[str, Any]] = tomllib.loads(CODES_FILE.read_text(encoding="utf-8"))["code"]
    return codes


@transaction.atomic
def add_codes(entries: Sequence[Mapping[str, Any]]) -> None:
    """Add the codes that are not there; whatever somebody wrote into one that is there stays as it is."""
    known = set(ErrorCode.objects.values_list("code", flat=True))
    missing = [entry for entry in entries if entry["code"] not in known]
    if not missing:
        return
    for entry in missing:
        texts = {name: entry.get(name, "").strip() for name in ("title", "explanation", "fix", "example")}
        ErrorCode.objects.create(code=entry["code"], **texts)
    ids = dict(ErrorCode.objects.values_list("code", "pk"))
    through = ErrorCode.related.through
    through.objects.bulk_create(
        through(from_errorcode_id=ids[entry["code"]], to_errorcode_id=ids[other])
        for entry in missing
        for other in entry["related"]
        if other in ids
    )


_FIELDS: Mapping[str, Any] = {
    "name": "Data Loader",
    "tagline": "Load, export and migrate Salesforce data: ask, share, find the error code.",
    "icon": Icon.DATA,
    "accent": Accent.BLUE,
    "wording": Wording.POST,
    "kinds": [TopicKind.QUESTION, TopicKind.DISCUSSION, TopicKind.ANNOUNCEMENT],
    "search_scope": SearchScope.OWN,
    "position": 20,
}
_CATEGORIES: Sequence[Mapping[str, Any]] = (
    {
        "slug": START_CATEGORY,
        "name": "Start here",
        "description": "How this community works, and what to read first.",
        "is_for_staff": True,
    },
    {"slug": "loading", "name": "Loading", "description": "Insert, update, upsert, delete."},
    {"slug": "exporting", "name": "Exporting", "description": "Queries, files, encodings, large exports."},
    {"slug": ERRORS_CATEGORY, "name": "Errors", "description": "Error codes and what is behind them."},
    {"slug": "mapping", "name": "Mapping", "description": "Columns, values, dates, ids, lookups."},
    {"slug": "automation", "name": "Automation", "description": "Command line, schedules, scripts."},
    {"slug": "releases", "name": "Releases", "description": "What is new, and how to update."},
)
