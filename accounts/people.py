"""Acts on people's sign-ins, for administrators."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import membership, policies
from accounts.constants import STAFF_ROLES, Role
from accounts.membership import ContactError
from accounts.models import AuditEvent, User
from accounts.outbox import Letter, post


@transaction.atomic
def create(*, email: str, display_name: str, actor: User, is_staff: bool = False, roles: Iterable[Role] = ()) -> User:
    """Make a sign-in and mail the person a link to choose their password; whoever follows it proves the address.

    Raises ``ContactError`` when the address has a sign-in already.
    """
    policies.manage_people(actor).require()
    address = membership.clean_email(email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(address, display_name=display_name, is_staff=is_staff)
            EmailAddress.objects.create(user=user, email=address, primary=True, verified=False)
    except IntegrityError as error:
        raise ContactError(_("This address has a sign-in already."), code="taken") from error
    membership.record(AuditEvent.Act.PERSON_CREATED, actor=actor, subject=user)
    set_roles(user=user, is_staff=is_staff, roles=roles, actor=actor)
    post(Letter(kind="accounts.welcome", event=f"user:{user.pk}:created", user=user, actor=actor))
    return user


@transaction.atomic
def set_roles(*, user: User, is_staff: bool, roles: Iterable[Role], actor: User) -> User:
    """Give the person exactly these staff roles. Groups that are no role stay as they are.

    Raises ``ContactError`` for a role that only staff have when the person is to be none: production asks staff for
    a second factor, and nobody may come to the desk without one.
    """
    policies.manage_people(actor).require()
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    given = set(roles)
    if given & STAFF_ROLES and not is_staff:
        raise ContactError(_("People with these roles are staff: tick this too."), code="staff")
    wanted = {role.value for role in given}
    has = set(user.groups.filter(name__in=Role.values).values_list("name", flat=True))
    if wanted == has and user.is_staff == is_staff:
        return user
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])
    user.groups.remove(*Group.objects.filter(name__in=has - wanted))
    user.groups.add(*Group.objects.filter(name__in=wanted - has))
    membership.record(AuditEvent.Act.ROLES_CHANGED, actor=actor, subject=user, staff=is_staff, roles=sorted(wanted))
    return user


@transaction.atomic
def deactivate(*, user: User, actor: User) -> User:
    """Switch the sign-in off, at once for open sessions too; everything they wrote stays."""
    policies.deactivate(actor, user).require()
    return _set_active(user, actor, active=False)


@transaction.atomic
def reactivate(*, user: User, actor: User) -> User:
    """Switch the sign-in on again."""
    policies.manage_people(actor).require()
    if user.erased_at is not None:
        raise ContactError(_("This person has been erased and cannot come back."), code="erased")
    return _set_active(user, actor, active=True)


@transaction.atomic
def remove_second_factors(*, user: User, actor: User) -> None:
    """For who has lost phone and recovery codes: they sign in by password and set up a new one."""
    policies.manage_people(actor).require()
    removed, _rows = Authenticator.objects.filter(user=user).delete()
    if removed:
        event = membership.record(AuditEvent.Act.MFA_REMOVED, actor=actor, subject=user)
        post(
            Letter(
                kind="accounts.second_factors_removed",
                event=f"user:{user.pk}:mfa-removed:{event.pk}",
                user=user,
                actor=actor,
            )
        )


def confirm_only_address(*, user: User) -> None:
    """Take a password reset for the proof that the address is theirs, when the person has one address only.

    The link of the reset came to that mailbox. With several addresses it is not known which.
    """
    addresses = list(EmailAddress.objects.filter(user=user))
    if len(addresses) == 1 and not addresses[0].verified and addresses[0].set_verified(commit=False):
        addresses[0].set_as_primary(conditional=True)
        addresses[0].save()


def _set_active(user: User, actor: User, *, active: bool) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.is_active == active:
        return user
    user.is_active = active
    user.save(update_fields=["is_active"])
    act = AuditEvent.Act.PERSON_REACTIVATED if active else AuditEvent.Act.PERSON_DEACTIVATED
    membership.record(act, actor=actor, subject=user)
    return user
