"""Making the cast: sign-ins, roles, customer accounts and their contacts."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import contacts, invitations, requests, seeds
from accounts.constants import CaseVisibility, Channel
from accounts.models import Account, Product, SupportPartner, SupportPlan, User
from accounts.roles import sync_roles
from cases.models import OnCallStep
from portal.demo import FOLDER, clock, post_office

ADMINISTRATOR = "administrator"
STAFF_SINCE = timedelta(days=700)
ON_CALL = (("erik", 10), ("amara", 15))  # who, and minutes to wait for them


def make_everybody() -> dict[str, User]:
    """Make staff, members, accounts and contacts; return the people by their keys in ``people.toml``."""
    sync_roles()
    seeds.seed_reference_data()
    Product.objects.get_or_create(code="b2b-edi", defaults={"name": "B2B and EDI Network", "position": 50})
    cast = tomllib.loads((FOLDER / "people.toml").read_text("utf-8"))
    now = timezone.now()
    password = make_password(settings.DEMO_PASSWORD)
    people: dict[str, User] = {}
    for entry in cast["staff"]:
        with clock.at(now - STAFF_SINCE):
            people[entry["key"]] = _staff(entry, password)
    for entry in cast["member"]:
        with clock.at(now - timedelta(days=480)):
            people[entry["key"]] = _person(entry, password)
    for entry in cast["account"]:
        people |= _account(entry, people, password)
    for position, (key, minutes) in enumerate(ON_CALL, start=1):
        OnCallStep.objects.create(position=position, user=people[key], minutes=minutes)
    return people


def change_lately(people: Mapping[str, User]) -> None:
    """Leave something for CSMs and account admins to decide: a request and an open invitation."""
    now = timezone.now()
    with clock.at(now - timedelta(days=2, hours=3)):
        requests.ask(
            user=_fresh(people["noor"]),
            company="Globex",
            message="I run the warehouse systems at Northgate, which Globex took over in spring. Tom Becker asked me "
            "to get access so that I can follow our EDI cases.",
        )
        post_office.send_all()
    with clock.at(now - timedelta(days=1, hours=6)):
        maya = _fresh(people["maya"])
        invitations.invite(account=maya.active_contacts[0].account, email="kim@acme.example", actor=maya)
        post_office.send_all()


def end_memberships(people: Mapping[str, User]) -> None:
    """End the access of those who have left their company."""
    cast = tomllib.loads((FOLDER / "people.toml").read_text("utf-8"))
    for account in cast["account"]:
        for entry in account["contact"]:
            if "ended_days_ago" in entry:
                user = _fresh(people[entry["key"]])
                with clock.at(timezone.now() - timedelta(days=entry["ended_days_ago"])):
                    contacts.end_access(contact=user.active_contacts[0], actor=_fresh(people[account["csm"]]))
                    post_office.send_all()


def _person(entry: Mapping[str, Any], password: str, **fields: Any) -> User:
    user = User(
        email=entry["email"],
        display_name=entry["name"],
        # What the communities' texts mention them by.
        handle=entry["key"],
        time_zone=entry["time_zone"],
        password=password,
        **fields,
    )
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _staff(entry: Mapping[str, Any], password: str) -> User:
    user = _person(entry, password, is_staff=True, is_superuser=entry["role"] == ADMINISTRATOR)
    if not user.is_superuser:
        user.groups.add(Group.objects.get(name=entry["role"]))
    return user


def _account(entry: Mapping[str, Any], people: Mapping[str, User], password: str) -> dict[str, User]:
    since = timezone.now() - timedelta(days=entry["customer_for_days"])
    csm = _fresh(people[entry["csm"]])
    partner = SupportPartner.objects.get(code=entry["partner"]) if "partner" in entry else None
    with clock.at(since):
        account = Account.objects.create(
            name=entry["name"],
            plan=SupportPlan.objects.get(code=entry["plan"]),
            channel=Channel.PARTNER if partner else Channel.DIRECT,
            partner=partner,
            csm=csm,
            case_visibility=entry.get("case_visibility", CaseVisibility.TEAM),
        )
    found = {}
    for number, contact in enumerate(entry["contact"], start=1):
        with clock.at(since + timedelta(days=number)):
            found[contact["key"]] = _person(contact, password)
        with clock.at(since + timedelta(days=number, hours=2)):
            contacts.add_by_email(
                account=account,
                email=contact["email"],
                actor=csm,
                as_authorized=contact.get("authorized", False),
                as_account_admin=contact.get("admin", False),
            )
            post_office.send_all()
    return found


def _fresh(user: User) -> User:
    # Read anew: the object remembers memberships and permissions of the time it was loaded.
    return User.objects.get(pk=user.pk)
