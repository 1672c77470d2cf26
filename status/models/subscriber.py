"""Who is told of changes, of which, how and when."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from lib.outbound import URL_MAX_LENGTH
from lib.tokens import new_token
from status.constants import Delivery, Way
from status.models.component import Component, Region
from status.querysets import SubscriberQuerySet


class Subscriber(models.Model):
    """One address with its wishes: a mailbox, a webhook endpoint, or a chat room's incoming webhook.

    It counts once confirmed (double opt-in; an endpoint is confirmed from its owner's mailbox) and until ended.
    """

    # In the signed-out reader's own links: manage, unsubscribe.
    token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    way = models.CharField(_l("how"), max_length=8, choices=Way, default=Way.MAIL)
    # The normalised mailbox, or the endpoint's URL.
    address = models.CharField(_l("address"), max_length=URL_MAX_LENGTH)
    # Whom an endpoint belongs to; the mailbox itself for mail.
    owner_email = models.CharField(_l("owner"), max_length=254)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="status_subscriptions"
    )
    language = models.CharField(_l("language"), max_length=10, blank=True)
    time_zone = models.CharField(_l("time zone"), max_length=64, blank=True)
    # whsec_…: what an endpoint's deliveries are signed with.
    secret = models.CharField(max_length=100, blank=True)
    wants_incidents = models.BooleanField(_l("incidents"), default=True)
    wants_maintenance = models.BooleanField(_l("maintenance"), default=True)
    wants_components = models.BooleanField(_l("any change of a component"), default=False)
    delivery = models.CharField(_l("when"), max_length=8, choices=Delivery, default=Delivery.AT_ONCE)
    # All components, those to come as well; else the chosen ones and those of the chosen regions.
    wants_everything = models.BooleanField(_l("everything"), default=True)
    components = models.ManyToManyField(Component, blank=True, related_name="subscribers")
    regions = models.ManyToManyField(Region, blank=True, related_name="subscribers")
    confirmation = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    # When its owner was last mailed a link, and how often: each waits twice as long as the one before.
    confirmation_sent_at = models.DateTimeField(null=True, blank=True)
    confirmations_sent = models.PositiveSmallIntegerField(default=0, editable=False)
    # Whom an unconfirmed sign-up came from, hashed: a limit that holds without Redis. Wiped when it is confirmed.
    client = models.CharField(max_length=32, blank=True, editable=False)
    confirmed_at = models.DateTimeField(_l("confirmed"), null=True, blank=True)
    ended_at = models.DateTimeField(_l("ended"), null=True, blank=True)
    given_up_at = models.DateTimeField(_l("given up"), null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _l("subscriber")
        verbose_name_plural = _l("subscribers")
        ordering = ["-id"]
        constraints = [
            # Also the index by which a second sign-up finds the first. Whoever names an endpoint that is not theirs
            # keeps its owner from nothing.
            models.UniqueConstraint(fields=["way", "address", "owner_email"], name="subscriber_once"),
        ]
        indexes = [
            # Reader: the expansion of an act's audience.
            models.Index(
                fields=["way", "delivery", "id"],
                condition=Q(confirmed_at__isnull=False, ended_at=None, given_up_at=None),
                name="subscriber_active",
            ),
            # Reader: the sweep of sign-ups that nobody confirmed.
            models.Index(
                fields=["confirmation_sent_at"], condition=Q(confirmed_at=None), name="subscriber_unconfirmed"
            ),
            # Reader: the sweep of what was ended.
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="subscriber_ended"),
            # Reader: the limit of sign-ups from one place.
            models.Index(fields=["client", "confirmation_sent_at"], condition=~Q(client=""), name="subscriber_client"),
            # Reader: the limit of links to one mailbox.
            models.Index(fields=["owner_email"], name="subscriber_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.way}: {self.shown_address}"

    @property
    def is_active(self) -> bool:
        """Say whether it is told of anything."""
        return self.confirmed_at is not None and self.ended_at is None and self.given_up_at is None

    @property
    def is_endpoint(self) -> bool:
        """Say whether a program is told, and not a mailbox."""
        return self.way != Way.MAIL

    @property
    def shown_address(self) -> str:
        """Return the address for reading: whoever knows a chat room's endpoint may write there, so only its host."""
        if self.way != Way.CHAT:
            return self.address
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.hostname}/…"
