"""The demo's year of the status site, played through the operators' acts."""

import pytest
from django.utils import timezone

from accounts import seeds
from accounts.models import Product, User
from notifications.models import Delivery
from portal.demo import post_office, status_acting
from status.constants import UNDER_WAY, ComponentStatus, Kind, Stage
from status.models import Component, ComponentGroup, Incident, IncidentTemplate, Region, StatusPeriod, UptimeDay

pytestmark = pytest.mark.django_db


def test_the_year_is_what_the_tour_promises(operator: User, member: User) -> None:
    seeds.seed_reference_data()
    Product.objects.get_or_create(code="b2b-edi", defaults={"name": "B2B and EDI Network"})
    with post_office.closed():
        status_acting.perform(operator, readers=[member])
    assert (ComponentGroup.objects.count(), Component.objects.count(), Region.objects.count()) == (4, 20, 3)
    assert Incident.objects.going_on().incidents().count() == 1
    assert Incident.objects.going_on().maintenance().get().status in UNDER_WAY
    assert Incident.objects.planned().count() == 3
    assert Incident.objects.filter(status=Stage.CANCELLED).count() == 1
    oldest = Incident.objects.filter(kind=Kind.INCIDENT).order_by("started_at")[0]
    assert (timezone.now() - oldest.started_at).days > 300
    disturbed = Component.objects.exclude(status=ComponentStatus.OPERATIONAL).values_list("name", flat=True)
    assert set(disturbed) == {"Webhooks and listeners", "Flow runtime (EU)", "API analytics"}
    assert StatusPeriod.objects.filter(ended_at=None).count() == 3
    assert UptimeDay.objects.count() > 10
    assert IncidentTemplate.objects.count() == 3
    told = Delivery.objects.filter(user=member)
    assert told.count() > 60
    assert set(told.values_list("state", flat=True)) == {Delivery.State.SENT}
