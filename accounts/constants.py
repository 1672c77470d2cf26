"""Codes that tables, policies and templates of every app share."""

from django.db import models
from django.utils.translation import gettext_lazy as _l


class Role(models.TextChoices):
    """Staff roles: each is a Django group of this name, kept in step by ``accounts.roles``."""

    ENGINEER = "support-engineer", _l("Support engineer")
    MANAGER = "support-manager", _l("Support manager")
    CSM = "csm", _l("CSM or sales representative")
    MODERATOR = "moderator", _l("Moderator")
    OPERATOR = "status-operator", _l("Status operator")


# A moderator may be a member of the community; everybody else with a role is staff, and needs a second factor.
STAFF_ROLES = frozenset(Role) - {Role.MODERATOR}


class Severity(models.TextChoices):
    """The customer's view of the impact."""

    S1 = "s1", _l("S1 · Critical")
    S2 = "s2", _l("S2 · Major")
    S3 = "s3", _l("S3 · Minor")
    S4 = "s4", _l("S4 · Question")


class Channel(models.TextChoices):
    """Who answers an account's cases."""

    DIRECT = "direct", _l("Our support team")
    PARTNER = "partner", _l("A support partner")


class CaseVisibility(models.TextChoices):
    """Which of their account's cases a contact sees."""

    OWN = "own", _l("Only their own")
    TEAM = "team", _l("Their whole team's")


class Coverage(models.TextChoices):
    """When a plan's first-response clock runs."""

    BUSINESS = "business", _l("Business hours")
    ALWAYS = "always", _l("24 hours, every day")


ERASED_DOMAIN = "erased.invalid"  # RFC 2606: never anybody's
