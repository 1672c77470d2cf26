"""A toy kind, and mail servers that tests may break."""

from collections.abc import Iterator

import pytest

from tests.factories.notifications import registered, templates, toy, toy_templates


@pytest.fixture
def toy_kind() -> Iterator[None]:
    """Register ``toy.news``, which people can opt out of."""
    with registered(toy(category="news")), templates(toy_templates()):
        yield
