"""The administration of alert rules and probes, and of what came in."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from status import probing
from status.models import AlertRule, Component, Probe, ReceivedAlert
from tests.cast import SignedIn
from tests.factories.status import ComponentFactory

pytestmark = pytest.mark.django_db

RULES, ADD_RULE = "admin:status_alertrule_changelist", "admin:status_alertrule_add"
PROBES, ADD_PROBE = "admin:status_probe_changelist", "admin:status_probe_add"
RECEIVED = "admin:status_receivedalert_changelist"


@pytest.fixture
def component(db: None) -> Component:
    component: Component = ComponentFactory(name="API")
    return component


def rule_data(component: Component, **more: Any) -> dict[str, Any]:
    return {
        "name": "API is down",
        "position": 1,
        "is_active": "on",
        "matchers": 'alertname="ApiDown"\nregion=~"eu-.*"',
        "components": [component.pk],
        "status": "partial_outage",
        "impact": "",
        "title": "{alertname}",
        "opening": "draft",
        **more,
    }


def probe_data(component: Component, **more: Any) -> dict[str, Any]:
    return {
        "component": component.pk,
        "is_active": "on",
        "way": "http",
        "target": "https://api.example/health",
        "expected_statuses": "200,401",
        "interval": 60,
        "timeout": 10,
        "failure_threshold": 3,
        "recovery_threshold": 2,
        "opening": "draft",
        "status": "major_outage",
        "impact": "",
        **more,
    }


def make_probe(component: Component) -> Probe:
    return Probe.objects.create(component=component, target="https://api.example/health")


# --- Rules ------------------------------------------------------------------------------------------------------


def test_an_operator_writes_a_rule_and_takes_it_away(operator: User, component: Component, as_user: SignedIn) -> None:
    client = as_user(operator)

    client.post(reverse(ADD_RULE), rule_data(component))
    rule = AlertRule.objects.get()
    assert (list(rule.components.all()), rule.opening) == ([component], "draft")

    client.post(reverse("admin:status_alertrule_delete", args=[rule.pk]), {"post": "yes"})
    assert not AlertRule.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("matchers", "alertname", "Line 1 is no matcher"),
        ("matchers", 'a="b"\nc=~"(x+)+"', "Line 2 has a pattern that could take long"),
        ("matchers", "\n", "This field is required"),
        ("matchers", 'a="b\0"', "Null characters"),
        ("components", [], "This field is required"),
        ("status", "operational", "Select a valid choice"),
        ("impact", "maintenance", "Select a valid choice"),
        ("opening", "none", "Select a valid choice"),
    ],
    ids=range(8),
)
def test_a_rule_that_makes_no_sense_is_refused(
    operator: User, component: Component, as_user: SignedIn, field: str, value: Any, said: str
) -> None:
    page = as_user(operator).post(reverse(ADD_RULE), rule_data(component, **{field: value})).content.decode()

    assert said in page
    assert not AlertRule.objects.exists()


# --- Probes -----------------------------------------------------------------------------------------------------


def test_an_administrator_sets_a_probe_up(administrator: User, component: Component, as_user: SignedIn) -> None:
    as_user(administrator).post(reverse(ADD_PROBE), probe_data(component))

    probe = Probe.objects.get()
    assert (probe.expected_statuses, probe.state) == ([200, 401], "unknown")
    assert [claimed.pk for claimed in probing.take()] == [probe.pk]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target": "api.example/health"}, "begins with http:// or https://"),
        ({"target": "https://me:secret@api.example/"}, "Leave name and password out"),
        ({"target": "https://"}, "This is not an address"),
        ({"target": "http://169.254.169.254/latest/"}, "hands out a machine"),
        ({"target": "[fd00:ec2::254]:80", "way": "tcp"}, "hands out a machine"),
        ({"target": "api.example", "way": "tcp"}, "Write host:port"),
        ({"timeout": 30, "interval": 30}, "must be shorter than the interval"),
        ({"timeout": 0}, "greater than or equal to 1"),
        ({"interval": 5}, "greater than or equal to 20"),
        ({"failure_threshold": 0}, "greater than or equal to 1"),
        ({"expected_statuses": "200,600"}, "Item 2 is no HTTP status"),
        ({"expected_statuses": "all"}, "Item 1 is no HTTP status"),
        ({"interval": 10**30}, "less than or equal to 86400"),
    ],
    ids=range(13),
)
def test_a_probe_that_cannot_work_is_refused(
    administrator: User, component: Component, as_user: SignedIn, changes: dict[str, Any], said: str
) -> None:
    page = as_user(administrator).post(reverse(ADD_PROBE), probe_data(component, **changes)).content.decode()

    assert said in page
    assert not Probe.objects.exists()


def test_a_change_counts_at_once_and_spares_what_a_worker_has_found(
    administrator: User, component: Component, as_user: SignedIn
) -> None:
    probe = make_probe(component)
    (asking,) = probing.take()
    Probe.objects.update(failures=2, state="up")
    url = reverse("admin:status_probe_change", args=[probe.pk])

    as_user(administrator).post(url, probe_data(component, target="https://new.example/", expected_statuses=""))

    found = Probe.objects.get()
    assert (found.target, found.failures, found.state) == ("https://new.example/", 2, "up")
    assert found.next_at <= timezone.now()
    assert found.claim != asking.claim


def test_operators_see_probes_and_do_not_change_them(operator: User, component: Component, as_user: SignedIn) -> None:
    client, probe = as_user(operator), make_probe(component)
    url = reverse("admin:status_probe_change", args=[probe.pk])

    assert "https://api.example/health" in client.get(url).content.decode()
    assert client.get(reverse(ADD_PROBE)).status_code == 403
    assert client.post(url, probe_data(component, target="https://new.example/")).status_code == 403
    assert Probe.objects.get().target == "https://api.example/health"


# --- What came in -----------------------------------------------------------------------------------------------


def test_labels_without_a_rule_are_shown_as_matchers_are_written(operator: User, as_user: SignedIn) -> None:
    row = ReceivedAlert.objects.create(
        group_key="{}", status="firing", outcome="ignored", ignored=[{"alertname": "New", "region": "eu <1>"}]
    )
    client = as_user(operator)

    page = client.get(reverse("admin:status_receivedalert_change", args=[row.pk])).content.decode()
    assert "alertname=&quot;New&quot;, region=&quot;eu &lt;1&gt;&quot;" in page
    assert client.post(reverse("admin:status_receivedalert_delete", args=[row.pk])).status_code == 403


# --- Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [RULES, ADD_RULE, PROBES, ADD_PROBE, RECEIVED])
@pytest.mark.parametrize("role", ["engineer", "manager", "csm"])
def test_other_staff_do_not_see_them(name: str, role: str, request: pytest.FixtureRequest, as_user: SignedIn) -> None:
    assert as_user(request.getfixturevalue(role)).get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["alertrule", "probe", "receivedalert"])
def test_what_is_not_there_is_404(name: str, administrator: User, as_user: SignedIn) -> None:
    assert as_user(administrator).get(reverse(f"admin:status_{name}_change", args=[99])).status_code == 404


def test_lists_take_as_many_queries_for_two_rows_as_for_twenty(
    operator: User, component: Component, as_user: SignedIn
) -> None:
    client = as_user(operator)
    counts = []
    for number in (2, 18):
        for _time in range(number):
            make_probe(component)
            ReceivedAlert.objects.create(group_key="{}", status="firing", outcome="ignored")
        with CaptureQueriesContext(connection) as queries:
            for name in (PROBES, RECEIVED):
                assert client.get(reverse(name)).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
