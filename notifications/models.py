"""The delivery ledger: one message per act, one delivery per recipient and channel.

The row is written in the transaction of the change it tells of; a worker sends it afterwards. What was sent stays
readable, and a person can see all that they were sent.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from notifications.querysets import DeliveryQuerySet


class Channel(models.TextChoices):
    """How something reaches its recipient."""

    MAIL = "mail", _l("E-mail")
    SITE = "site", _l("On the site")
    WEBHOOK = "webhook", _l("Webhook")


class Message(models.Model):
    """What happened, frozen: every delivery of it is rendered from this."""

    kind = models.CharField(_l("kind"), max_length=60)
    # The event that caused it, e.g. "case-event:42": the first part of each delivery's dedupe key.
    event = models.CharField(max_length=120, unique=True)
    context = models.JSONField(default=dict)
    # Mails of one thread share it, e.g. "case:17": References and In-Reply-To are made of it.
    thread = models.CharField(max_length=80, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # A large audience, written as criteria and expanded by a worker: {"name": …, "criteria": {…}}.
    audience = models.JSONField(null=True, blank=True)
    expanded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_l("written"), auto_now_add=True)

    class Meta:
        verbose_name = _l("message")
        verbose_name_plural = _l("messages")
        ordering = ["-id"]
        indexes = [
            # Reader: the beat sweep that expands large audiences.
            models.Index(
                fields=["id"],
                condition=models.Q(audience__isnull=False, expanded_at=None),
                name="message_unexpanded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.event})"


class Delivery(models.Model):
    """One message to one recipient over one channel: the row is queue, record and archive at once."""

    class State(models.TextChoices):
        PENDING = "pending", _l("Waiting")
        SENDING = "sending", _l("Being sent")
        SENT = "sent", _l("Sent")
        FAILED = "failed", _l("Failed")
        DROPPED = "dropped", _l("Not sent")  # the recipient may no longer see it, or opted out

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(_l("channel"), max_length=10, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    # The normalised e-mail address, or the endpoint's URL; empty on the site channel.
    address = models.CharField(_l("address"), max_length=500, blank=True)
    dedupe_key = models.CharField(max_length=700, unique=True)
    state = models.CharField(_l("state"), max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_l("attempts"), default=0)
    last_error = models.TextField(_l("last error"), blank=True)
    not_before = models.DateTimeField(_l("not before"), default=timezone.now)
    digest_key = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    # RFC 5322 Message-ID without the brackets (a webhook's webhook-id), fixed at writing so that a repeat is
    # recognisable as one.
    mail_id = models.CharField("Message-ID", max_length=200, blank=True)
    subject = models.CharField(_l("subject"), max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    sent_at = models.DateTimeField(_l("sent"), null=True, blank=True)
    read_at = models.DateTimeField(_l("read"), null=True, blank=True)
    created_at = models.DateTimeField(_l("written"), auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _l("delivery")
        verbose_name_plural = _l("deliveries")
        ordering = ["-id"]
        permissions = [("retry_delivery", "Can retry a delivery")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | ~models.Q(address=""), name="delivery_has_recipient"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Reader: the worker that claims what is due.
            models.Index(fields=["not_before", "id"], condition=models.Q(state="pending"), name="delivery_due"),
            # Reader: the recovery of claims whose worker died.
            models.Index(fields=["claimed_at"], condition=models.Q(state="sending"), name="delivery_claimed"),
            # Reader: the notification centre.
            models.Index(fields=["user", "channel", "-id"], name="delivery_user_newest"),
            # Reader: /account/notifications/, over all channels.
            models.Index(fields=["user", "-id"], name="delivery_user_all"),
            # Reader: the administration's search.
            models.Index(fields=["address"], condition=~models.Q(address=""), name="delivery_address"),
            # Readers: the worker that looks for a due digest, and gathers one recipient's.
            models.Index(
                fields=["not_before", "id"],
                condition=models.Q(state="pending") & ~models.Q(digest_key=""),
                name="delivery_digest_due",
            ),
            models.Index(
                fields=["address", "digest_key"],
                condition=models.Q(state="pending") & ~models.Q(digest_key=""),
                name="delivery_digest",
            ),
            # Reader: the unread count.
            models.Index(
                fields=["user"], condition=models.Q(channel="site", read_at=None), name="delivery_user_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message.kind} → {self.address or self.user_id} ({self.channel})"


class OptOut(models.Model):
    """A recipient who wants no more of one category by mail: a person, or a bare address."""

    category = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="opt_outs"
    )
    address = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _l("opt-out")
        verbose_name_plural = _l("opt-outs")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category"], condition=models.Q(user__isnull=False), name="opt_out_user_once"
            ),
            models.UniqueConstraint(
                fields=["address", "category"], condition=models.Q(user=None), name="opt_out_address_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.address}: {self.category}"
