"""What a person may opt out of, in their words. Kinds name a category by its code."""

from dataclasses import dataclass

from django.utils.functional import Promise

from notifications import kinds


@dataclass(frozen=True, slots=True)
class Category:
    """A choice on the preferences page."""

    code: str
    label: str | Promise
    description: str | Promise = ""


_categories: dict[str, Category] = {}


def register_category(code: str, label: str | Promise, description: str | Promise = "") -> None:
    """Name a category. An app calls it when it is ready, beside registering the kinds that belong to it."""
    _categories[code] = Category(code, label, description)


def get(code: str) -> Category:
    """Return the category; one that no app named goes by its code."""
    return _categories.get(code) or Category(code, code.replace("-", " ").replace("_", " ").capitalize())


def offered() -> list[Category]:
    """Return the categories that registered kinds belong to, by label."""
    found = [get(code) for code in {kind.category for kind in kinds.registered() if kind.category}]
    return sorted(found, key=lambda category: str(category.label))
