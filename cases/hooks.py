"""What apps above the cases may add: to Create Case, beside a case, and to the words of its timeline."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from accounts.models import Product, User
from cases.models import Case, CaseEvent


@dataclass(frozen=True, slots=True)
class CasePanel:
    """A part of a page about a case: a template, and what it finds there under the name ``panel``."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilingExtra:
    """What an app adds to Create Case once a product is chosen. None of it may keep a case from being filed.

    Each is given what the form has sent so far, or the address: anything at all, which the app checks.
    ``panel`` returns what stands below the product.
    ``texts`` proposes words for fields of the form (``subject``, ``description``) that were left empty.
    ``filed`` is called with the new case and who filed it, in the transaction of the filing, and only once.
    """

    panel: Callable[[User, Product, Mapping[str, Any]], CasePanel | None]
    texts: Callable[[User, Product, Mapping[str, Any]], Mapping[str, str]]
    filed: Callable[[Case, User, Mapping[str, Any]], None]


PanelMaker = Callable[[User, Case], CasePanel | None]
# Given ids that events hold under one key, what each is called, linked where it has a page. One query.
Namer = Callable[[Collection[int]], Mapping[int, SafeString]]

_desk_makers: list[PanelMaker] = []
_customer_makers: list[PanelMaker] = []
_extras: list[FilingExtra] = []
_namers: dict[str, Namer] = {}


def _add(registry: list[Any], hook: Any) -> None:
    if hook not in registry:
        registry.append(hook)


def register_desk_panel(maker: PanelMaker) -> None:
    """Let an app show something beside a case at the desk. Call each of these from ``AppConfig.ready``."""
    _add(_desk_makers, maker)


def register_customer_panel(maker: PanelMaker) -> None:
    """Let an app show something on the customer's page of a case."""
    _add(_customer_makers, maker)


def register_filing_extra(extra: FilingExtra) -> None:
    """Let an app add something to Create Case."""
    _add(_extras, extra)


def register_namer(key: str, namer: Namer) -> None:
    """Let an app name the things whose ids events hold under ``key``."""
    _namers[key] = namer


def desk_panels(user: User, case: Case) -> list[CasePanel]:
    """Return what stands beside ``case`` for ``user`` at the desk."""
    return [panel for maker in _desk_makers if (panel := maker(user, case)) is not None]


def customer_panels(user: User, case: Case) -> list[CasePanel]:
    """Return what stands on the customer's page of ``case`` for ``user``."""
    return [panel for maker in _customer_makers if (panel := maker(user, case)) is not None]


def filing_panels(user: User, product: Product | None, sent: Mapping[str, Any]) -> list[CasePanel]:
    """Return what stands below the product on Create Case."""
    if product is None:
        return []
    return [panel for extra in _extras if (panel := extra.panel(user, product, sent)) is not None]


def proposed_texts(user: User, product: Product, sent: Mapping[str, Any]) -> dict[str, str]:
    """Return words for fields that were left empty."""
    return {name: text for extra in _extras for name, text in extra.texts(user, product, sent).items() if text}


def filed(case: Case, actor: User, sent: Mapping[str, Any]) -> None:
    """Tell the apps of a new case, in its transaction."""
    for extra in _extras:
        extra.filed(case, actor, sent)


def names(events: Iterable[CaseEvent]) -> dict[str, Mapping[int, SafeString]]:
    """Return what the things are called that ``events`` hold, by key and id; no query for a key that none has."""
    found = {}
    for key, namer in _namers.items():
        ids = {pk for event in events if isinstance(pk := event.data.get(key), int)}
        found[key] = namer(ids) if ids else {}
    return found
