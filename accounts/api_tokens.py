"""Acts on tokens of the API: made and withdrawn by administrators, used by machines."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import api_scopes, membership, policies
from accounts.models import ApiToken, AuditEvent, User

PREFIX = "pt_"
# Enough to tell one token from another in a list, far too little to guess the rest.
SHOWN_CHARACTERS = len(PREFIX) + 6
SECRET_BYTES = 32
_FORM = re.compile(rf"\A{PREFIX}[A-Za-z0-9_-]{{43}}\Z")
# A busy machine would otherwise write its row at every request.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, and the one time that it can be read."""

    token: ApiToken
    plain: str


@transaction.atomic
def create(
    *, owner: User, label: str, scopes: Iterable[str], actor: User, expires_at: datetime | None = None
) -> Issued:
    """Make a token that acts as ``owner``. Raises ``ValidationError`` by field, ``PermissionDenied`` by policy."""
    policies.manage_api_tokens(actor).require()
    owner = User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    wanted = sorted(set(scopes))
    if unknown := [name for name in wanted if name not in api_scopes.scopes()]:
        raise ValidationError({"scopes": _("There is no scope %(name)s.") % {"name": unknown[0]}})
    if not wanted:
        raise ValidationError({"scopes": _("Choose at least one scope.")})
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": _("This time has passed.")})
    if reason := policies.use_api(owner).reason:
        raise ValidationError({"owner": str(reason)})
    plain = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        owner=owner,
        label=label,
        prefix=plain[:SHOWN_CHARACTERS],
        digest=digest(plain),
        scopes=wanted,
        created_by=actor,
        expires_at=expires_at,
    )
    token.full_clean(exclude=["owner", "created_by"])
    token.save()
    membership.record(
        AuditEvent.Act.API_TOKEN_CREATED, actor=actor, subject=owner, token=token.pk, prefix=token.prefix, scopes=wanted
    )
    return Issued(token, plain)


@transaction.atomic
def revoke(*, token: ApiToken, actor: User) -> ApiToken:
    """Withdraw a token: from now on it opens nothing. The same again changes nothing."""
    policies.manage_api_tokens(actor).require()
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("owner").get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        membership.record(
            AuditEvent.Act.API_TOKEN_REVOKED, actor=actor, subject=token.owner, token=token.pk, prefix=token.prefix
        )
    return token


def find(plain: str) -> ApiToken | None:
    """Return the token in force that ``plain`` is, with its owner; none for an owner whose sign-in is off."""
    if not _FORM.match(plain):
        return None
    token = ApiToken.objects.select_related("owner").filter(digest=digest(plain)).first()
    return token if token and token.is_in_force and policies.use_api(token.owner) else None


def note_use(token: ApiToken) -> None:
    """Remember that the token was used, to the minute."""
    now = timezone.now()
    before = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < before:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def digest(plain: str) -> str:
    """Return what is stored of a token. It is random and long: a slow hash would add nothing."""
    return hashlib.sha256(plain.encode()).hexdigest()
