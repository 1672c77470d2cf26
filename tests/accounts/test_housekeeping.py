"""Reference data and what is swept at night."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.utils import timezone

from accounts import tasks
from accounts.models import Product, SupportPartner, SupportPlan
from accounts.seeds import seed_reference_data

pytestmark = pytest.mark.django_db


def test_reference_data_is_there_and_valid() -> None:
    call_command("seed_reference", verbosity=0)

    assert set(SupportPlan.objects.values_list("name", flat=True)) == {"Standard", "Professional", "Enterprise"}
    assert SupportPartner.objects.get().code == "bmc"
    for row in [*SupportPlan.objects.all(), *SupportPartner.objects.all(), *Product.objects.all()]:
        row.full_clean()


def test_a_second_run_leaves_what_administrators_changed() -> None:
    seed_reference_data()
    SupportPlan.objects.filter(code="standard").update(name="Basic", authorized_contact_limit=9)

    seed_reference_data()

    plan = SupportPlan.objects.get(code="standard")
    assert (plan.name, plan.authorized_contact_limit) == ("Basic", 9)
    assert SupportPlan.objects.count() == 3


def test_what_has_expired_is_deleted_and_the_rest_kept() -> None:
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(minutes=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(minutes=1))
    caches["limits"].set("old", 1, timeout=-1)
    caches["limits"].set("new", 1, timeout=60)

    tasks.clear_expired()
    tasks.clear_expired()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert caches["limits"].get("new") == 1
