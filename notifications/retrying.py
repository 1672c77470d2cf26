"""Sending again, on a person's word, what failed or was not sent."""

import logging
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notifications import kinds, nudge, policies
from notifications.models import Delivery

logger = logging.getLogger(__name__)

_RETRIABLE = (Delivery.State.FAILED, Delivery.State.DROPPED)


@transaction.atomic
def retry(*, delivery_ids: Collection[int], actor: User) -> list[Delivery]:
    """Make failed and dropped deliveries wait again, with their Message-IDs, and return them.

    Those of a secret kind stay: their words are gone. Raises ``PermissionDenied`` for who may not.
    """
    policies.retry(actor).require()
    secret = [kind.name for kind in kinds.registered() if kind.is_secret]
    rows = Delivery.objects.filter(pk__in=delivery_ids, state__in=_RETRIABLE).exclude(message__kind__in=secret)
    retried = list(rows.select_for_update(of=("self",)).order_by("id"))
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in retried]).update(
        state=Delivery.State.PENDING, attempts=0, not_before=timezone.now(), last_error=""
    )
    for delivery in retried:
        logger.info("Delivery %s is tried again: user %s asked for it.", delivery.pk, actor.pk)
    if retried:
        nudge.after_commit()
    return retried
