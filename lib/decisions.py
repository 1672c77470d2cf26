"""The answer of a policy: allowed, or denied with a reason that a person may read.

The view turns a denial into 403, the template hides the button from the same answer.
Source of the shape: Weblate's ``auth/permissions.py``.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an act is allowed; truthy when it is."""

    allowed: bool
    reason: str | Promise = ""

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise ``PermissionDenied`` with the reason unless the act is allowed."""
        if not self.allowed:
            raise PermissionDenied(str(self.reason))


ALLOWED = Decision(allowed=True)


def denied(reason: str | Promise) -> Decision:
    """Return a denial with its reason."""
    return Decision(allowed=False, reason=reason)


def allowed_if(condition: object, reason: str | Promise) -> Decision:
    """Return ``ALLOWED`` when ``condition`` is true, else a denial with ``reason``."""
    return ALLOWED if condition else denied(reason)
