"""What waits for whoever looks after accounts, for the home page."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import Count, F, Q

from accounts import policies
from accounts.models import Account, ContactRequest, User

SHOWN = 5
NEARLY = 1  # places that are left when a plan's limit is near
REMEMBERED_SECONDS = 60


def contact_requests(user: User) -> Sequence[ContactRequest]:
    """Return the oldest requests to become a contact that wait; none for who decides none."""
    if not policies.decide_contact_request(user):
        return []
    return list(ContactRequest.objects.pending().select_related("user").order_by("id")[:SHOWN])


def near_limit(user: User) -> Sequence[Account]:
    """Return the accounts ``user`` manages whose plan has at most one place left for an authorized contact.

    Each has ``authorized``, how many there are, at most ``REMEMBERED_SECONDS`` old: to find the few all contacts are
    counted. A plan of a single place is near its limit only when that is taken.
    """
    key = f"accounts:near-limit:1:{user.pk}"
    known: dict[int, int] | None = cache.get(key)
    if known is None:
        known = _near_limit(user)
        cache.set(key, known, REMEMBERED_SECONDS)
    if not known:
        return []
    # Who looks after an account, and which plan it has, is asked anew.
    near = list(Account.objects.managed_by(user).filter(pk__in=known).select_related("plan").order_by("name"))
    for account in near:
        account.authorized = known[account.pk]  # type: ignore[attr-defined] # as an annotation would be
    return near


def _near_limit(user: User) -> dict[int, int]:
    authorized = Count("contacts", filter=Q(contacts__ended_at=None, contacts__is_authorized=True))
    counted = Account.objects.managed_by(user).annotate(authorized=authorized)
    limited = counted.filter(plan__authorized_contact_limit__isnull=False, authorized__gt=0)
    near = limited.filter(authorized__gte=F("plan__authorized_contact_limit") - NEARLY)
    return dict(near.order_by("name").values_list("pk", "authorized")[:SHOWN])
