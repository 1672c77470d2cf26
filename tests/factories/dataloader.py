"""Topics of the Data Loader community, and its error codes."""

from collections.abc import Collection

from accounts.models import User
from dataloader.constants import SLUG
from dataloader.models import ErrorCode
from forums.constants import TopicKind
from forums.models import Category, Community, Topic
from tests.factories import forums

# As Data Loader's error file has it.
CSV_LINE = (
    '"0038d00000AbCdE","Acme","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record'
    ' or 1 records: 0018d00000XyZAb:--"'
)


def loader() -> Community:
    """Return the Data Loader community."""
    return Community.objects.get(slug=SLUG)


def shelf(slug: str = "loading") -> Category:
    """Return one of its categories."""
    return forums.category(slug, loader())


def ask(
    author: User,
    title: str = "UNABLE_TO_LOCK_ROW when contacts are loaded in parallel",
    body: str = "A third of the rows is refused.",
    *,
    kind: TopicKind = TopicKind.QUESTION,
    tags: Collection[str] = (),
    category: str = "loading",
) -> Topic:
    """Start a topic there."""
    return forums.ask(author, title, body, kind=kind, tags=tags, shelf=shelf(category))


def code(name: str = "UNABLE_TO_LOCK_ROW") -> ErrorCode:
    """Return one of the codes that every portal starts with."""
    return ErrorCode.objects.get(code=name)
