import zoneinfo
from datetime import UTC, datetime

import pytest
from django.db.models import Value

from accounts.models import User
from lib import zones
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize("name", ["", "Moon/Tranquility", "../etc/passwd", "\0"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert zones.find(name) is None


def test_a_zone_is_found() -> None:
    assert zones.find("Europe/Berlin") == zoneinfo.ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "hour", "now", "due"),
    [
        ("UTC", 7, "2026-11-29T06:59", "2026-11-29T07:00"),
        ("UTC", 7, "2026-11-29T07:00", "2026-11-30T07:00"),
        ("Pacific/Kiritimati", 7, "2026-11-29T16:59", "2026-11-29T17:00"),
        # There is no half past two on this night; the time that follows it counts.
        ("Europe/Berlin", 2, "2026-03-28T12:00", "2026-03-29T01:00"),
        # And this one has two: the first.
        ("Europe/Berlin", 2, "2026-10-24T12:00", "2026-10-25T00:00"),
    ],
)
def test_the_next_time_at_an_hour(zone: str, hour: int, now: str, due: str) -> None:
    found = zones.next_at_hour(hour, zoneinfo.ZoneInfo(zone), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York", "Moon/Tranquility"])
def test_the_database_works_out_the_same(zone: str) -> None:
    now = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)

    def due(found: zoneinfo.ZoneInfo) -> datetime:
        return zones.next_at_hour(7, found, now)

    UserFactory()
    people = User.objects.annotate(due=zones.by_zone(Value(zone), due))
    assert [person.due for person in people] == [due(zones.find(zone) or zoneinfo.ZoneInfo("UTC"))]
