"""The delivery ledger: one message per act, one delivery per recipient and channel.

The row is written in the transaction of the change it tells of; a worker sends it afterwards. What was sent stays
readable, and a person can see all that they were sent.
"""

from typing import ClassVar
from urllib.parse import urlsplit

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
    CHAT = "chat", _l("Chat")


# Channels whose addresses are URLs that answer over HTTP.
ENDPOINTS = (Channel.WEBHOOK, Channel.CHAT)
REFERENCE_MAX_LENGTH = 40


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


class SharedBody(models.Model):
    """The words of a message that many recipients share: kept once for each language and time zone.

    Where a recipient's own links stand, text and HTML hold marks instead (``notifications.shared`` fills them in).
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="bodies")
    language = models.CharField(max_length=15)
    time_zone = models.CharField(max_length=64)
    # Which of the two links its readers have: a template leaves out the line of one that is not there.
    has_unsubscribe = models.BooleanField(default=True)
    has_manage = models.BooleanField(default=True)
    # Random, so that nothing that a person has written can pass for a mark.
    mark = models.CharField(max_length=32)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _l("shared body")
        verbose_name_plural = _l("shared bodies")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "language", "time_zone", "has_unsubscribe", "has_manage"], name="shared_body_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} ({self.language}, {self.time_zone})"


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
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,  # delivery_by_user begins with it
    )
    # The normalised e-mail address, or the endpoint's URL; empty on the site channel. A chat's is a secret: show
    # ``shown_address``.
    address = models.CharField(_l("address"), max_length=500, blank=True)
    # What the kind's app knows the recipient by, such as a subscriber's public token: its links are made from it.
    reference = models.CharField(max_length=REFERENCE_MAX_LENGTH, blank=True, default="", db_default="")
    # Empty: the user's, or the portal's for a bare address.
    language = models.CharField(max_length=15, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    # A mail whose words are shared with others' waits in a queue of its own, so that 100,000 hold up no single one.
    is_bulk = models.BooleanField(default=False, db_default=False)
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
    # Instead of text and html. Without constraint and index: each would cost every mail of a fan-out a look-up, and a
    # body goes only with its message, which takes its deliveries along.
    body = models.ForeignKey(
        SharedBody,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
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
            # Reader: the worker that claims what is due, one by one.
            models.Index(
                fields=["not_before", "id"],
                condition=models.Q(state="pending", is_bulk=False, digest_key=""),
                name="delivery_single_due",
            ),
            # Reader: the worker that claims shared mails by the hundred.
            models.Index(
                fields=["not_before", "id"],
                condition=models.Q(state="pending", is_bulk=True),
                name="delivery_bulk_due",
            ),
            # Reader: the recovery of claims whose worker died.
            models.Index(fields=["claimed_at"], condition=models.Q(state="sending"), name="delivery_claimed"),
            # Reader: the notification centre.
            models.Index(
                fields=["user", "channel", "-id"],
                condition=models.Q(user__isnull=False),
                name="delivery_by_user_channel",
            ),
            # Reader: /account/notifications/, over all channels.
            models.Index(fields=["user", "-id"], condition=models.Q(user__isnull=False), name="delivery_by_user"),
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
            # Reader: what failed, on the administrator's home.
            models.Index(fields=["-id"], condition=models.Q(state="failed"), name="delivery_failed"),
            # Readers: the bell in the header, the notification centre.
            models.Index(
                fields=["user"], condition=models.Q(channel="site", read_at=None), name="delivery_user_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message.kind} → {self.shown_address or self.user_id} ({self.channel})"

    @property
    def shown_address(self) -> str:
        """Return the address as people may see it: the URL of a chat's webhook is its password."""
        return masked(self.address) if self.channel == Channel.CHAT else self.address


def masked(url: str) -> str:
    """Return the URL of a chat's webhook without what makes it secret: its host, and its last four characters."""
    host = urlsplit(url).hostname or ""
    return f"https://{host}/…{url[-4:]}" if url else ""


class Handover(models.Model):
    """A shared mail that the mail server has taken, until its delivery says so: see ``notifications.claims``.

    Written after each mail of a batch. The delivery has ten indexes, and is updated with the rest of its batch.
    """

    delivery = models.OneToOneField(
        Delivery, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    body = models.ForeignKey(
        SharedBody, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.delivery_id} ({self.sent_at})"


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
