"""Customer accounts, their contacts, plans and support partners."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _l

from accounts.constants import CaseVisibility, Channel, Coverage, Severity
from accounts.querysets import AccountQuerySet, ContactQuerySet, ProductQuerySet

phone_validator = RegexValidator(
    r"\A\+?[0-9][0-9 ()./x-]{4,38}\Z", _l("Write a phone number with digits, spaces and an optional leading +.")
)


class SupportPlan(models.Model):
    """What a customer has bought: how soon we answer, when, and who may call."""

    code = models.SlugField(_l("code"), max_length=40, unique=True)
    name = models.CharField(_l("name"), max_length=80)
    coverage = models.CharField(_l("coverage"), max_length=10, choices=Coverage, default=Coverage.BUSINESS)
    s1_minutes = models.PositiveIntegerField(_l("S1 first response, minutes"))
    s2_minutes = models.PositiveIntegerField(_l("S2 first response, minutes"))
    s3_minutes = models.PositiveIntegerField(_l("S3 first response, minutes"))
    s4_minutes = models.PositiveIntegerField(_l("S4 first response, minutes"))
    has_hotline = models.BooleanField(_l("emergency hotline"), default=False)
    hotline_number = models.CharField(_l("hotline number"), max_length=40, blank=True, validators=[phone_validator])
    authorized_contact_limit = models.PositiveIntegerField(
        _l("authorized contacts"), null=True, blank=True, help_text=_l("How many. Empty: as many as they like.")
    )

    class Meta:
        verbose_name = _l("support plan")
        verbose_name_plural = _l("support plans")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(has_hotline=False) | ~models.Q(hotline_number=""),
                name="plan_hotline_has_number",
                violation_error_message=_l("A plan with a hotline needs its number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def first_response(self, severity: str) -> timedelta:
        """Return the target for ``severity`` (a ``Severity`` code), in time on the plan's clock."""
        minutes: int = getattr(self, f"{Severity(severity).value}_minutes")
        return timedelta(minutes=minutes)


class SupportPartner(models.Model):
    """A company that supports its own customers; their contacts are sent to it (BMC is the first)."""

    code = models.SlugField(_l("code"), max_length=40, unique=True)
    name = models.CharField(_l("name"), max_length=120)
    support_url = models.URLField(_l("support page"))
    support_email = models.EmailField(_l("support e-mail"), blank=True)
    support_phone = models.CharField(_l("support phone"), max_length=40, blank=True, validators=[phone_validator])
    instructions = models.TextField(_l("what to tell their customers"), blank=True)

    class Meta:
        verbose_name = _l("support partner")
        verbose_name_plural = _l("support partners")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something the vendor sells and customers file cases about."""

    code = models.SlugField(_l("code"), max_length=40, unique=True)
    name = models.CharField(_l("name"), max_length=120)
    position = models.PositiveSmallIntegerField(_l("position"), default=0)
    is_active = models.BooleanField(_l("offered on new cases"), default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _l("product")
        verbose_name_plural = _l("products")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """A customer."""

    name = models.CharField(_l("name"), max_length=160, unique=True)
    plan = models.ForeignKey(SupportPlan, on_delete=models.PROTECT, verbose_name=_l("support plan"))
    channel = models.CharField(_l("supported by"), max_length=10, choices=Channel, default=Channel.DIRECT)
    partner = models.ForeignKey(
        SupportPartner, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_l("support partner")
    )
    csm = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="csm_accounts",
        verbose_name=_l("CSM"),
    )
    sales_representative = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sales_accounts",
        verbose_name=_l("sales representative"),
    )
    case_visibility = models.CharField(
        _l("a contact sees"), max_length=10, choices=CaseVisibility, default=CaseVisibility.TEAM
    )
    created_at = models.DateTimeField(_l("created"), auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _l("account")
        verbose_name_plural = _l("accounts")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(channel=Channel.DIRECT, partner=None)
                    | models.Q(channel=Channel.PARTNER, partner__isnull=False)
                ),
                name="account_partner_matches_channel",
                violation_error_message=_l("Choose a partner when, and only when, a partner supports this account."),
            ),
        ]
        permissions = [
            ("see_all_accounts", "Can see every customer account"),
            ("manage_contacts", "Can manage the contacts of accounts they look after"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_partner_supported(self) -> bool:
        """Say whether this account's contacts are sent to a partner."""
        return self.channel == Channel.PARTNER


class Contact(models.Model):
    """A user's membership of a customer account. Ending it ends access at once; cases stay."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts", verbose_name=_l("account"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contacts", verbose_name=_l("person")
    )
    is_authorized = models.BooleanField(_l("authorized"), default=False)
    is_account_admin = models.BooleanField(_l("account admin"), default=False)
    created_at = models.DateTimeField(_l("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_l("ended"), null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _l("contact")
        verbose_name_plural = _l("contacts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="contact_once_per_account"),
            # An ended contact keeps no power that a restore would bring back unseen.
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(is_authorized=False, is_account_admin=False),
                name="contact_ended_has_no_power",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.account}"

    @property
    def is_current(self) -> bool:
        """Say whether the membership is in force."""
        return self.ended_at is None
