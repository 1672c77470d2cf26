"""Alertmanager's webhooks: one incident for a group while it fires, however often and in whatever order they come."""

import copy
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery
from status import alerts, automation, components, incidents, probe_tasks
from status.alerts import LATE
from status.api import access
from status.changes import By, Said
from status.errors import StatusError
from status.models import AlertGroup, AlertRule, Component, Incident, Opening, ReceivedAlert
from tests.factories.status import ComponentFactory, SubscriberFactory
from tests.status.api import ROOT, ApiClient
from tests.status.test_api_idempotency import at_once

pytestmark = pytest.mark.django_db


def alert(name: str = "ApiDown", *, status: str = "firing", started: str = "", **labels: str) -> dict[str, Any]:
    """Return one alert as Alertmanager spells it: nanoseconds, and a year 1 for an end that is yet to come."""
    return {
        "status": status,
        "labels": {"alertname": name, "region": "eu-west-1", **labels},
        "annotations": {"summary": "It is down."},
        "startsAt": started or (timezone.now() - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:00.123456789Z"),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": f"{name}-{labels}",
    }


def webhook(*some: dict[str, Any], key: str = '{}:{alertname="ApiDown"}', **more: Any) -> dict[str, Any]:
    firing = any(one["status"] == "firing" for one in some)
    return {
        "version": "4",
        "groupKey": key,
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": "status-page",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": list(some),
        **more,
    }


def over(hook: dict[str, Any]) -> dict[str, Any]:
    """Return the webhook in which every alert has ended."""
    ended = copy.deepcopy(hook)
    ended["status"] = "resolved"
    for one in ended["alerts"]:
        one["status"] = "resolved"
    return ended


def make_rule(component: Component, matchers: str = 'alertname="ApiDown"', **more: Any) -> AlertRule:
    values = {
        "name": f"Rule {AlertRule.objects.count()}",
        "title": "{alertname} in {region}",
        "opening": "public",
        **more,
    }
    rule = AlertRule.objects.create(matchers=matchers, position=AlertRule.objects.count(), **values)
    rule.components.set([component])
    return rule


@pytest.fixture
def component() -> Component:
    component: Component = ComponentFactory(name="API")
    return component


@pytest.fixture
def api(operator: User) -> ApiClient:
    return ApiClient(operator, access.ALERTS)


@pytest.fixture
def rule(component: Component) -> AlertRule:
    return make_rule(component)


def send(api: ApiClient, hook: dict[str, Any]) -> dict[str, Any]:
    response = api.post("alertmanager/", hook)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def status_of(component: Component) -> str:
    return Component.objects.get(pk=component.pk).status


def deliveries() -> int:
    return Delivery.objects.count()


# --- From firing to over ----------------------------------------------------------------------------------------


def test_a_group_opens_an_incident_and_its_end_resolves_it(
    api: ApiClient, component: Component, rule: AlertRule
) -> None:
    SubscriberFactory()
    hook = webhook(alert())

    opened = send(api, hook)
    incident = Incident.objects.get()

    assert (opened["outcome"], opened["incident"]) == ("opened", incident.public_id)
    assert (incident.name, incident.impact, incident.origin) == ("ApiDown in eu-west-1", "major", "alertmanager")
    assert incident.started_at < timezone.now() - timedelta(minutes=4)
    assert status_of(component) == "partial_outage"

    assert send(api, over(hook))["outcome"] == "resolved"
    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert status_of(component) == "operational"
    assert deliveries() == 2


def test_the_owner_of_the_token_is_told_like_everybody(api: ApiClient, rule: AlertRule, operator: User) -> None:
    SubscriberFactory(address=operator.email, owner_email=operator.email, user=operator)

    send(api, webhook(alert()))

    assert deliveries() == 1


def test_the_same_webhook_again_changes_nothing(api: ApiClient, rule: AlertRule) -> None:
    SubscriberFactory()
    hook = webhook(alert())

    assert [send(api, hook)["outcome"] for _time in range(3)] == ["opened", "unchanged", "unchanged"]
    assert [send(api, over(hook))["outcome"] for _time in range(3)] == ["resolved", "unchanged", "unchanged"]

    assert Incident.objects.get().updates.count() == 2
    assert deliveries() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_webhook_three_times_at_once_is_one_incident(api: ApiClient, rule: AlertRule) -> None:
    for _number in range(3):
        SubscriberFactory()
    hook = webhook(alert())

    firing = at_once(3, lambda: send(api, hook)["outcome"])
    ended = at_once(3, lambda: send(api, over(hook))["outcome"])

    assert sorted(firing) == ["opened", "unchanged", "unchanged"]
    assert sorted(ended) == ["resolved", "unchanged", "unchanged"]
    assert Incident.objects.get().updates.count() == 2
    per_recipient = Delivery.objects.values_list("address", "message__event")
    assert len(per_recipient) == len(set(per_recipient)) == 6
    assert ReceivedAlert.objects.count() == 6


def test_two_groups_are_two_incidents(api: ApiClient, rule: AlertRule) -> None:
    send(api, webhook(alert(), key="one"))
    send(api, webhook(alert(), key="two"))

    assert Incident.objects.count() == 2


def test_groups_of_two_installations_with_one_key_are_two(api: ApiClient, rule: AlertRule) -> None:
    hook = webhook(alert())
    for source in ("eu", "us"):
        assert api.post(f"alertmanager/?source={source}", hook).json()["outcome"] == "opened"

    assert api.post("alertmanager/?source=us", over(hook)).json()["outcome"] == "resolved"
    assert sorted(Incident.objects.values_list("status", flat=True)) == ["investigating", "resolved"]


@pytest.mark.parametrize("source", ["x" * 81, "%00", "%0A"], ids=["long", "NUL", "line end"])
def test_a_source_that_is_no_name_is_refused(api: ApiClient, rule: AlertRule, source: str) -> None:
    response = api.post(f"alertmanager/?source={source}", webhook(alert()))

    assert list(response.json()["error"]["fields"]) == ["source"]


def test_firing_again_later_is_another_incident(api: ApiClient, rule: AlertRule) -> None:
    hook = webhook(alert())
    send(api, hook)
    send(api, over(hook))
    again = webhook(alert(started=timezone.now().isoformat()))

    assert send(api, again)["outcome"] == "opened"
    assert sorted(Incident.objects.values_list("status", flat=True)) == ["investigating", "resolved"]


def test_a_webhook_that_the_end_has_overtaken_opens_nothing(api: ApiClient, rule: AlertRule) -> None:
    hook = webhook(alert())
    send(api, hook)
    send(api, over(hook))

    assert send(api, hook)["outcome"] == "unchanged"
    assert Incident.objects.count() == 1


def test_long_after_the_end_the_same_alert_fires_anew(api: ApiClient, rule: AlertRule) -> None:
    hook = webhook(alert())
    send(api, hook)
    send(api, over(hook))
    AlertGroup.objects.update(ended_at=timezone.now() - LATE - timedelta(seconds=1))

    assert send(api, hook)["outcome"] == "opened"


def test_an_end_of_what_never_began_is_nothing(api: ApiClient, rule: AlertRule) -> None:
    assert send(api, over(webhook(alert())))["outcome"] == "unchanged"
    assert not Incident.objects.exists()
    assert not AlertGroup.objects.exists()


# --- What changes meanwhile -------------------------------------------------------------------------------------


def test_another_alert_of_the_same_rule_is_no_news(api: ApiClient, rule: AlertRule) -> None:
    SubscriberFactory()
    send(api, webhook(alert()))

    assert send(api, webhook(alert(), alert(instance="b")))["outcome"] == "unchanged"
    assert send(api, webhook(alert(instance="b")))["outcome"] == "unchanged"
    assert deliveries() == 1


def test_an_alert_that_hits_another_component_is_one_update_and_its_end_another(
    api: ApiClient, component: Component, rule: AlertRule
) -> None:
    database = ComponentFactory(name="Database")
    make_rule(database, 'alertname="DbDown"', status="major_outage")
    SubscriberFactory()
    send(api, webhook(alert()))

    both = webhook(alert(), alert("DbDown"))
    assert [send(api, both)["outcome"] for _time in range(2)] == ["updated", "unchanged"]
    assert (status_of(component), status_of(database)) == ("partial_outage", "major_outage")
    assert send(api, webhook(alert(), over(webhook(alert("DbDown")))["alerts"][0]))["outcome"] == "updated"

    assert (status_of(component), status_of(database)) == ("partial_outage", "operational")
    bodies = list(Incident.objects.get().updates.order_by("id").values_list("body", flat=True))
    assert bodies[1].endswith("- Database: Major outage")
    assert bodies[2].endswith("- Database: Operational")
    assert Incident.objects.get().impact == "critical"
    assert deliveries() == 3


def test_of_two_rules_for_one_component_the_worse_status_holds(
    api: ApiClient, component: Component, rule: AlertRule
) -> None:
    make_rule(component, 'alertname="ApiDead"', status="major_outage")

    send(api, webhook(alert(), alert("ApiDead")))

    assert status_of(component) == "major_outage"


def test_what_was_cut_off_is_not_taken_for_over(api: ApiClient, component: Component, rule: AlertRule) -> None:
    database = ComponentFactory(name="Database")
    make_rule(database, 'alertname="DbDown"')
    send(api, webhook(alert(), alert("DbDown")))

    assert send(api, webhook(alert(), truncatedAlerts=1))["outcome"] == "unchanged"
    assert send(api, webhook(alert("Other"), truncatedAlerts=2))["outcome"] == "unchanged"
    assert (status_of(component), status_of(database)) == ("partial_outage", "partial_outage")


# --- Drafts and people ------------------------------------------------------------------------------------------


def test_a_rule_may_write_a_draft_that_changes_and_goes_with_its_alerts(
    api: ApiClient, component: Component, rule: AlertRule
) -> None:
    AlertRule.objects.update(opening=Opening.DRAFT)
    database = ComponentFactory(name="Database")
    make_rule(database, 'alertname="DbDown"', opening=Opening.DRAFT)
    SubscriberFactory()

    assert send(api, webhook(alert()))["outcome"] == "drafted"
    both = webhook(alert(), alert("DbDown"))
    assert send(api, both)["outcome"] == "drafted"
    draft = Incident.objects.get()
    assert draft.is_draft
    assert draft.affected.count() == 2
    assert status_of(component) == "operational"

    assert send(api, over(both))["outcome"] == "discarded"
    assert Incident.objects.get().status == "cancelled"
    assert deliveries() == 0


def test_a_public_rule_that_joins_makes_the_draft_public(api: ApiClient, component: Component, rule: AlertRule) -> None:
    AlertRule.objects.update(opening=Opening.DRAFT)
    make_rule(ComponentFactory(), 'alertname="DbDown"', opening=Opening.PUBLIC)
    SubscriberFactory()
    send(api, webhook(alert()))

    assert send(api, webhook(alert(), alert("DbDown")))["outcome"] == "opened"
    assert not Incident.objects.get().is_draft
    assert deliveries() == 1


def test_a_draft_that_an_operator_has_published_still_ends_by_itself(
    api: ApiClient, rule: AlertRule, operator: User
) -> None:
    AlertRule.objects.update(opening=Opening.DRAFT)
    hook = webhook(alert())
    send(api, hook)
    incidents.publish_draft(by=By(operator), public_id=Incident.objects.get().public_id)

    assert send(api, over(hook))["outcome"] == "resolved"


def test_what_an_operator_has_taken_over_is_left_to_them(
    api: ApiClient, component: Component, rule: AlertRule, operator: User
) -> None:
    make_rule(ComponentFactory(), 'alertname="DbDown"')
    hook = webhook(alert())
    send(api, hook)
    incident = Incident.objects.get()
    incidents.post_update(by=By(operator), public_id=incident.public_id, said=Said("identified", "It is the disk.", {}))

    assert send(api, webhook(alert(), alert("DbDown")))["outcome"] == "left"
    assert automation.notes(incident) == []
    assert send(api, over(hook))["outcome"] == "left"

    incident.refresh_from_db()
    assert (incident.status, incident.updates.count()) == ("identified", 2)
    assert [note.text for note in automation.notes(incident)] == ["The alerts of this incident are over."]
    assert status_of(component) == "partial_outage"


def test_what_fires_on_after_an_operator_resolved_it_opens_nothing_unless_it_gets_worse(
    api: ApiClient, rule: AlertRule, operator: User
) -> None:
    make_rule(ComponentFactory(), 'alertname="DbDown"')
    send(api, webhook(alert()))
    first = Incident.objects.get()
    incidents.post_update(by=By(operator), public_id=first.public_id, said=Said("resolved", "A false alarm.", {}))

    assert send(api, webhook(alert()))["outcome"] == "unchanged"
    assert send(api, webhook(alert(), alert("DbDown")))["outcome"] == "opened"
    assert Incident.objects.count() == 2


def test_a_rule_may_leave_the_end_to_people(api: ApiClient, component: Component, rule: AlertRule) -> None:
    AlertRule.objects.update(resolves=False)
    hook = webhook(alert())
    send(api, hook)

    assert send(api, over(hook))["outcome"] == "left"
    incident = Incident.objects.get()
    assert len(automation.notes(incident)) == 1
    assert send(api, webhook(alert(started=timezone.now().isoformat())))["outcome"] == "unchanged"
    assert automation.notes(incident) == []
    assert Incident.objects.count() == 1


# --- Rules ------------------------------------------------------------------------------------------------------


def test_the_first_rule_that_fits_decides(api: ApiClient, component: Component, rule: AlertRule) -> None:
    make_rule(ComponentFactory(), 'region=~"eu-.*"', title="Never")

    send(api, webhook(alert()))

    assert [row.component for row in Incident.objects.get().affected.all()] == [component]


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"matchers": 'alertname="Else"'}, {"matchers": "not a matcher"}]
)
def test_a_rule_that_does_not_fit_is_not_followed(api: ApiClient, rule: AlertRule, change: dict[str, Any]) -> None:
    AlertRule.objects.update(**change)

    assert send(api, webhook(alert()))["outcome"] == "ignored"


def test_what_fits_no_rule_is_answered_and_kept_for_the_console(api: ApiClient, rule: AlertRule) -> None:
    labels = {f"label{number}": "x" * 500 for number in range(60)}
    answer = send(api, webhook(alert("Unknown", **labels), alert("Other")))

    row = ReceivedAlert.objects.get()
    assert (answer["outcome"], answer["incident"], answer["alerts"]) == ("ignored", None, 2)
    assert [shown["alertname"] for shown in answer["ignored"]] == ["Unknown", "Other"]
    assert row.ignored == answer["ignored"]
    assert len(row.ignored[0]) == alerts.LABELS_SHOWN
    assert row.token is not None


def test_labels_in_titles_are_text_and_no_markup(api: ApiClient, component: Component) -> None:
    make_rule(component, title="{alertname} {missing} [{region}]", body="**{alertname}** is down", name="Nameless")
    hostile = webhook(alert("ApiDown", region="<b>[x](http://evil)</b>\n\u202e" + "y" * 300))

    send(api, hostile)

    incident = Incident.objects.get()
    assert incident.name.startswith("ApiDown [bx(http://evil)/b")
    assert len(incident.name) <= 200
    assert incident.updates.get().body == "**ApiDown** is down"


def test_a_title_of_nothing_is_the_rules_name(api: ApiClient, component: Component) -> None:
    make_rule(component, title="{missing}", name="Something is down")

    send(api, webhook(alert()))

    assert Incident.objects.get().name == "Something is down"


def test_a_component_out_of_service_is_left_out(
    api: ApiClient, component: Component, rule: AlertRule, operator: User
) -> None:
    components.archive(by=By(operator), public_id=component.public_id)

    assert send(api, webhook(alert()))["outcome"] == "opened"
    assert not Incident.objects.get().affected.exists()


@pytest.mark.parametrize(
    "started",
    ["", "nonsense", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2020-01-01T00:00:00Z", "2026-01-01"],
)
def test_a_start_that_cannot_be_is_now(api: ApiClient, rule: AlertRule, started: str) -> None:
    hook = webhook(alert())
    hook["alerts"][0]["startsAt"] = started
    before = timezone.now()

    send(api, hook)

    assert Incident.objects.get().started_at >= before


def test_an_act_that_fails_is_told_and_tried_again_with_the_next_webhook(
    api: ApiClient, rule: AlertRule, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_args: Any, **_named: Any) -> Incident:
        raise StatusError("Not today.")

    hook = webhook(alert())
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(incidents, "open_incident", refuse)
        answer = send(api, hook)
    assert (answer["outcome"], answer["note"]) == ("failed", "Not today.")
    assert "Not today." in caplog.text

    assert send(api, hook)["outcome"] == "opened"


# --- Damage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("version", "3", "version"), ("version", 4, "version"),
        ("groupKey", "", "groupKey"), ("groupKey", 5, "groupKey"),
        ("groupKey", "x" * 10_001, "groupKey"), ("status", "pending", "status"), ("status", [], "status"),
        ("alerts", {}, "alerts"), ("alerts", [{}] * 2_001, "alerts"), ("alerts", [5], "alerts[0]"),
        ("alerts", [{"status": "firing"}], "alerts[0].labels"), ("alerts", [{"status": []}], "alerts[0]"),
        ("alerts", [{"status": "firing", "labels": {"a": 1}}], "alerts[0].labels"),
        ("alerts", [{"status": "firing", "labels": {str(n): "" for n in range(101)}}], "alerts[0].labels"),
        ("alerts", [{"status": "firing", "labels": {}, "startsAt": 5}], "alerts[0]"),
        ("alerts", [{"status": "firing", "labels": {}, "fingerprint": {"a": 1}}], "alerts[0]"),
        ("truncatedAlerts", "many", "truncatedAlerts"), ("truncatedAlerts", -1, "truncatedAlerts"),
    ],
    ids=range(18),
)  # fmt: skip
def test_what_is_no_webhook_of_alertmanagers_is_refused_by_field(
    api: ApiClient, rule: AlertRule, field: str, value: Any, named: str
) -> None:
    response = api.post("alertmanager/", {**webhook(alert()), field: value})

    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == [named]
    assert not ReceivedAlert.objects.exists()


def test_a_webhook_of_an_older_alertmanager_without_fingerprints_is_understood(api: ApiClient, rule: AlertRule) -> None:
    hook = webhook(alert())
    del hook["alerts"][0]["fingerprint"], hook["truncatedAlerts"]

    assert [send(api, hook)["outcome"] for _time in range(2)] == ["opened", "unchanged"]


def test_the_largest_webhook_is_taken(api: ApiClient, rule: AlertRule) -> None:
    many = webhook(*[alert(instance=str(number), **{f"l{n}": "v" * 50 for n in range(20)}) for number in range(2_000)])
    assert len(json.dumps(many)) > 2 * 1024 * 1024

    assert send(api, many)["alerts"] == 2_000


# --- Retention --------------------------------------------------------------------------------------------------


def test_old_webhooks_and_groups_that_are_long_over_are_forgotten(
    api: ApiClient, rule: AlertRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_tasks, "RECEIVED_LIMIT", 3)
    hook = webhook(alert(), key="over")
    for posted in (webhook(alert(), key="fires"), hook, over(hook), hook, hook):
        send(api, posted)
    AlertGroup.objects.update(updated_at=timezone.now() - timedelta(days=31))
    ReceivedAlert.objects.filter(pk=ReceivedAlert.objects.latest("pk").pk).update(
        received_at=timezone.now() - timedelta(days=31)
    )

    probe_tasks.sweep_automation()

    assert [group.group_key for group in AlertGroup.objects.all()] == ["fires"]
    assert ReceivedAlert.objects.count() == 3
    assert Incident.objects.count() == 2


# --- Who --------------------------------------------------------------------------------------------------------


def test_a_token_never_can_more_than_its_owner(engineer: User, rule: AlertRule) -> None:
    response = ApiClient(engineer, access.ALERTS).post("alertmanager/", webhook(alert()))

    assert response.status_code == 403
    assert not Incident.objects.exists()


def test_another_scope_does_not_open_it(operator: User) -> None:
    assert ApiClient(operator, access.INCIDENTS).post("alertmanager/", webhook(alert())).status_code == 403


def test_without_a_token_it_is_401() -> None:
    assert Client().post(f"{ROOT}alertmanager/", webhook(), content_type="application/json").status_code == 401


def test_a_wrong_verb_is_405(api: ApiClient) -> None:
    assert api.get("alertmanager/").status_code == 405


def test_a_label_with_lines_stays_on_its_own() -> None:
    assert alerts.fill("Host {host} fails.", {"host": "a\n\n# Bad news\n---"}) == "Host a # Bad news --- fails."


@pytest.mark.parametrize("place", ["https://evil.example/login", "//evil.com", "www.evil.com", "db1.evil.com:9100"])
def test_a_label_never_becomes_a_link(api: ApiClient, component: Component, place: str) -> None:
    make_rule(component, title="{alertname} at {instance}", body="{alertname} is down at {instance}.", name="Down")

    send(api, webhook(alert("ApiDown", instance=place)))

    incident = Incident.objects.get()
    assert incident.name == f"ApiDown at {place}"
    assert incident.updates.get().body_html.strip() == f"<p>ApiDown is down at <code>{place}</code>.</p>"


def test_a_link_that_the_rule_writes_stays_one() -> None:
    labels = {"instance": "db1.example.com", "runbook": "https://runbooks.example/1"}
    for link in (
        "[Graph](https://graphs.example/?host={instance})",
        "https://graphs.example/{instance}",
        "[R]({runbook})",
    ):
        assert alerts.fill(link, labels, is_markdown=True) == link.format(**labels)
