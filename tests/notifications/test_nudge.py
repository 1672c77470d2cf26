from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery import current_app
from django.db import connection

from accounts.models import User
from notifications import nudge
from notifications.ledger import To, post
from notifications.models import Delivery
from tests.factories.accounts import UserFactory
from tests.servers import ThrowawayRedis

# How long a request may be held up by a lost Redis; what takes longer hangs.
PATIENCE_SECONDS = 2


@pytest.fixture
def impatiently() -> "Callable[[Callable[[], User]], User]":
    """Return a way to call something in a thread of its own that fails when it does not come back."""

    def call(act: Callable[[], User]) -> User:
        def in_thread() -> User:
            nudge._silent_until.moment = 0.0
            try:
                return act()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(in_thread).result(timeout=PATIENCE_SECONDS)

    return call


def queued() -> int:
    with current_app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        return int(channel.client.llen("celery"))


def tell(count: int = 1) -> User:
    user = UserFactory()
    for number in range(count):
        post(kind="toy.news", event=f"nudge:{user.pk}:{number}", recipients=[To(user=user)], context={"thing": "x"})
    return user


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("toy_kind")
class TestNudge:
    def test_worker_is_nudged_after_commit(self, throwaway_redis: ThrowawayRedis, impatiently):
        impatiently(tell)
        assert queued() == 1

    def test_lost_redis_holds_up_nothing_and_loses_nothing(self, throwaway_redis: ThrowawayRedis, impatiently):
        throwaway_redis.stop()
        user = impatiently(tell)
        assert Delivery.objects.get(user=user).state == Delivery.State.PENDING

    def test_redis_that_does_not_answer_is_waited_for_once(self, throwaway_redis, impatiently, monkeypatch):
        # An address from the range for documentation: packets to it are lost, and no error comes back.
        for name in ("broker_url", "broker_write_url", "broker_read_url"):
            monkeypatch.setattr(current_app.conf, name, "redis://192.0.2.1:6379/0")
        user = impatiently(lambda: tell(10))
        assert Delivery.objects.filter(user=user, state=Delivery.State.PENDING).count() == 10

    def test_nudges_go_on_once_redis_is_back(self, throwaway_redis: ThrowawayRedis, impatiently):
        throwaway_redis.stop()
        impatiently(tell)
        throwaway_redis.start()
        impatiently(tell)
        assert queued() == 1
