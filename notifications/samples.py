"""The made-up people and moments of sample mails: unsaved rows, the same at each call."""

from datetime import UTC, datetime

from accounts.models import Account, Contact, Invitation, SupportPlan, User

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)


def customer() -> User:
    """Return a customer's contact."""
    return User(pk=1, email="dana.reyes@acme.example", display_name="Dana Reyes", handle="dana", time_zone="UTC")


def engineer() -> User:
    """Return a support engineer."""
    return User(pk=2, email="engineer@portal.example", display_name="Erik Lind", handle="erik", is_staff=True)


def csm() -> User:
    """Return an account's CSM."""
    return User(pk=3, email="csm@portal.example", display_name="Carla Mendes", handle="carla", is_staff=True)


def member() -> User:
    """Return a member of the community."""
    return User(pk=4, email="mel@community.example", display_name="Mel Carter", handle="mel")


def account() -> Account:
    """Return a customer with the largest plan and a CSM."""
    plan = SupportPlan(
        pk=1,
        code="enterprise",
        name="Enterprise",
        coverage="always",
        has_hotline=True,
        hotline_number="+1 800 555 0142",
        s1_minutes=30,
        s2_minutes=120,
        s3_minutes=480,
        s4_minutes=1440,
    )
    return Account(pk=1, name="Acme", plan=plan, csm=csm())


def contact() -> Contact:
    """Return the customer as a contact of the account."""
    return Contact(pk=1, user=customer(), account=account())


def invitation() -> Invitation:
    """Return an invitation to the account."""
    return Invitation(
        pk=1,
        account=account(),
        email="sam@acme.example",
        token="x" * 32,
        invited_by=csm(),
        created_at=AT,
        expires_at=AT.replace(day=31),
    )
