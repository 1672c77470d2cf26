"""What the ledger keeps of an erased person: that something was sent and when, not to which address or what it said."""

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from notifications import kinds
from notifications.models import Delivery, Handover, Message, OptOut


def forget(user: User, addresses: frozenset[str]) -> None:
    """Wipe address and words of all that ``user`` was sent, and drop what waits; the hook of ``accounts.erasure``."""
    whose = Q(user=user) | Q(user=None, address__in=addresses)
    theirs = list(Delivery.objects.filter(whose).values_list("pk", flat=True))
    secret = [kind.name for kind in kinds.registered() if kind.is_secret]
    Message.objects.filter(kind__in=secret, deliveries__in=theirs).update(context={})
    rows = Delivery.objects.filter(pk__in=theirs)
    # What the mail server has taken already is settled without them.
    Handover.objects.filter(delivery__in=theirs).delete()
    # Without its claim a worker that is sending one just now records nothing over this.
    rows.filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING]).update(
        state=Delivery.State.DROPPED, claim="", claimed_at=None
    )
    rows.update(
        address="",
        # The key holds the address as well.
        dedupe_key=Concat(Value("erased:"), Cast(F("pk"), CharField())),
        subject="",
        text="",
        html="",
        body=None,
        reference="",
        last_error="",
        user=user,
    )
    OptOut.objects.filter(whose).delete()
