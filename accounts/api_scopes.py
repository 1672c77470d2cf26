"""What tokens of the API may be made for. Each app registers its scopes when it is ready."""

from collections.abc import Mapping

from django.utils.functional import Promise

_scopes: dict[str, str | Promise] = {}


def register_scope(name: str, label: str | Promise) -> None:
    """Add a scope, such as ``status.incidents``; ``label`` says to an administrator what it opens.

    Call it from ``AppConfig.ready``. Raises ``ValueError`` when another label has the name already.
    """
    if str(_scopes.setdefault(name, label)) != str(label):
        raise ValueError(f"The scope {name} is registered twice.")


def scopes() -> Mapping[str, str | Promise]:
    """Return every scope with its label, by name."""
    return dict(sorted(_scopes.items()))
