"""How allauth speaks for this portal."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up and sign-in."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors."""
