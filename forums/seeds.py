"""The communities that every portal starts with. Administrators change them afterwards; a second run adds nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from forums.models import Category, Community

MAIN = "community"


def add_community(slug: str, fields: Mapping[str, Any], categories: Sequence[Mapping[str, Any]]) -> Community:
    """Make a community with its categories, unless there is one of this slug. Idempotent."""
    community, created = Community.objects.get_or_create(slug=slug, defaults=dict(fields))
    if created:
        Category.objects.bulk_create(
            Category(community=community, position=position * 10, **category)
            for position, category in enumerate(categories, start=1)
        )
    return community


def seed_communities(**_signal: Any) -> None:
    """Make the main community; runs after every migrate."""
    add_community(MAIN, _FIELDS, _CATEGORIES)


_FIELDS: Mapping[str, Any] = {
    "name": "Community",
    "tagline": "Ask, answer and share what works.",
    "position": 10,
    "search_scope": "everywhere",
}
_CATEGORIES: Sequence[Mapping[str, Any]] = (
    {"slug": "getting-started", "name": "Getting started", "description": "First steps, accounts, set-up."},
    {"slug": "integrations", "name": "Integrations", "description": "Connecting systems: ERP, CRM, shops, files."},
    {"slug": "flows", "name": "Flows and mapping", "description": "Building, testing and running flows."},
    {"slug": "agents", "name": "Agents and hosting", "description": "Running agents in your own network."},
    {"slug": "edi", "name": "EDI and B2B", "description": "Partners, documents, standards."},
    {"slug": "api-gateway", "name": "API gateway", "description": "Publishing, protecting and watching APIs."},
    {"slug": "best-practice", "name": "Best practice", "description": "What has proved itself."},
    {"slug": "ideas", "name": "Ideas", "description": "What you wish for."},
    {
        "slug": "announcements",
        "name": "Announcements",
        "description": "News from the team.",
        "is_for_staff": True,
    },
)
