"""The same request twice is done once, also when both come at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery
from status import incidents, probe_tasks
from status.errors import StatusError
from status.models import IdempotentRequest, Incident
from tests.factories.status import ComponentFactory, SubscriberFactory
from tests.servers import wait_until
from tests.status.api import ApiClient

NEW = {"name": "API is slow", "body": "We look."}


def at_once(times: int, act: Callable[[], Any]) -> list[Any]:
    """Return what ``times`` threads, begun together, each got."""
    barrier = threading.Barrier(times)

    def run(_number: int) -> Any:
        try:
            barrier.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.fixture
def api(operator: User) -> ApiClient:
    return ApiClient(operator)


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(api: ApiClient) -> None:
    first, second = (api.post("incidents/", NEW, key="deploy-17") for _time in range(2))

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_another_request_with_the_key_is_a_conflict(api: ApiClient) -> None:
    incident = api.post("incidents/", NEW, key="deploy-17").json()

    other_body = api.post("incidents/", {**NEW, "name": "Else"}, key="deploy-17")
    other_address = api.post(f"incidents/{incident['id']}/updates/", NEW, key="deploy-17")

    assert [other_body.status_code, other_address.status_code] == [409, 409]
    assert other_body.json()["error"]["code"] == "idempotency_key_reused"
    assert Incident.objects.get().updates.count() == 1


@pytest.mark.django_db
def test_without_a_key_each_request_counts(api: ApiClient) -> None:
    for _time in range(2):
        api.post("incidents/", NEW)

    assert Incident.objects.count() == 2
    assert not IdempotentRequest.objects.exists()


@pytest.mark.django_db
def test_keys_of_two_tokens_do_not_meet(operator: User, api: ApiClient) -> None:
    api.post("incidents/", NEW, key="deploy-17")
    ApiClient(operator).post("incidents/", NEW, key="deploy-17")

    assert Incident.objects.count() == 2


@pytest.mark.django_db
def test_what_was_refused_may_be_corrected_with_its_key(api: ApiClient) -> None:
    refused = api.post("incidents/", {**NEW, "name": ""}, key="deploy-17")
    corrected = api.post("incidents/", NEW, key="deploy-17")

    assert [refused.status_code, corrected.status_code] == [422, 201]


@pytest.mark.django_db
def test_a_day_later_the_key_is_free(api: ApiClient) -> None:
    api.post("incidents/", NEW, key="deploy-17")
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    assert api.post("incidents/", {**NEW, "name": "Else"}, key="deploy-17").status_code == 201
    assert IdempotentRequest.objects.count() == 1


@pytest.mark.django_db
def test_the_sweep_forgets_what_is_older_than_a_day(api: ApiClient) -> None:
    api.post("incidents/", NEW, key="old")
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    api.post("incidents/", NEW, key="new")

    probe_tasks.sweep_automation()

    assert [row.key for row in IdempotentRequest.objects.all()] == ["new"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 201, "clé", "a\tb"], ids=["long", "not ASCII", "not printable"])
def test_a_key_that_is_none_is_400(api: ApiClient, key: str) -> None:
    response = api.post("incidents/", NEW, key=key)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_idempotency_key")


@pytest.mark.django_db(transaction=True)
def test_of_ten_at_once_one_is_done_and_all_get_its_answer(api: ApiClient) -> None:
    component = ComponentFactory()
    SubscriberFactory()
    data = {**NEW, "components": {component.public_id: "major_outage"}}

    answers = at_once(10, lambda: api.post("incidents/", data, key="deploy-17"))

    assert [answer.status_code for answer in answers] == [201] * 10
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 9
    assert Incident.objects.count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_comes_to_nothing_the_one_that_waited_does_it(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = incidents.open_incident, []
    lock, entered, goes_on = threading.Lock(), threading.Event(), threading.Event()

    def fails_once(**arguments: Any) -> Incident:
        with lock:
            tries.append(1)
            is_first = len(tries) == 1
        if is_first:
            entered.set()
            assert goes_on.wait(timeout=30)
            raise StatusError("Not today.")
        return real(**arguments)

    monkeypatch.setattr(incidents, "open_incident", fails_once)
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(api.post("incidents/", NEW, key="deploy-17"))
        finally:
            connection.close()

    first, second = threading.Thread(target=send), threading.Thread(target=send)
    first.start()
    assert entered.wait(timeout=30)
    second.start()
    wait_until(somebody_waits_for_a_lock, seconds=30, what="the second request's wait")
    goes_on.set()
    first.join(timeout=30)
    second.join(timeout=30)

    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert Incident.objects.count() == 1
