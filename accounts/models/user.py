"""The person who signs in."""

import re
import secrets
import unicodedata
import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _l

from lib.addresses import normalise_email

HANDLE_MAX_LENGTH = 30
HANDLE_PATTERN = r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?"


def validate_time_zone(value: str) -> None:
    """Raise ``ValidationError`` unless ``value`` is an IANA zone such as ``Europe/Berlin``."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_l("Choose a time zone from the list."))


def suggest_handle(name: str) -> str:
    """Return a handle made of ``name`` with four random digits, so that two people of one name may both have one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: HANDLE_MAX_LENGTH - 5].strip("-") or "member"
    return f"{stem}-{secrets.randbelow(10_000):04d}"


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who signs in with ``email``; with no password they reset it first."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail in any capitals."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Others see the display name and the handle, never the e-mail.

    An erased person stays as a tombstone: authors are protected rows, and history names them by id only.
    """

    email = models.EmailField(_l("e-mail"), max_length=254)
    display_name = models.CharField(
        _l("display name"), max_length=80, help_text=_l("What others see. Your e-mail stays private.")
    )
    handle = models.CharField(
        _l("handle"),
        max_length=HANDLE_MAX_LENGTH,
        blank=True,
        validators=[RegexValidator(rf"\A{HANDLE_PATTERN}\Z", _l("Use small letters, digits, - and _."))],
    )
    language = models.CharField(_l("language"), max_length=10, blank=True)
    time_zone = models.CharField(_l("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    is_active = models.BooleanField(_l("active"), default=True)
    is_staff = models.BooleanField(_l("staff"), default=False, help_text=_l("May enter the administration."))
    date_joined = models.DateTimeField(_l("joined"), default=timezone.now, editable=False)
    erased_at = models.DateTimeField(_l("erased"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _l("user")
        verbose_name_plural = _l("users")
        constraints = [
            # Also the index that sign-in reads.
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.UniqueConstraint(Lower("handle"), name="user_handle_unique"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.handle

    def clean(self) -> None:
        """Keep the e-mail in the form that keys use."""
        self.email = normalise_email(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new person a handle."""
        if not self.handle:
            self.handle = suggest_handle(self.display_name)
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Return the display name."""
        return self.display_name

    def get_short_name(self) -> str:
        """Return the display name."""
        return self.display_name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the person's time zone; UTC when the stored one has left the tz database."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return zoneinfo.ZoneInfo("UTC")

    @cached_property
    def active_contacts(self) -> "list[Contact]":
        """Return this person's present memberships with account, plan, partner and CSM: one query a request."""
        return list(self.contacts.current().with_account())

    @property
    def administered_account_ids(self) -> list[int]:
        """Return the accounts whose team this person manages."""
        return [contact.account_id for contact in self.active_contacts if contact.is_account_admin]


from accounts.models.customer import Contact  # noqa: E402 - the annotation above; customer.py imports this module
