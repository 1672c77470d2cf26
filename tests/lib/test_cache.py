"""The cache without Redis: reads are empty, writes forgotten, guarded counters go on in the database."""

import time

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from redis.exceptions import ResponseError

from lib import cache as cache_module
from tests.servers import ThrowawayRedis

GUARDED = "allauth:rl:login:10/m/ip:127.0.0.1"


@pytest.fixture
def cache(throwaway_redis: ThrowawayRedis) -> BaseCache:
    return caches["default"]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try the server anew at every call."""
    monkeypatch.setattr(cache_module, "REST_SECONDS", 0.0)


def test_with_redis_it_is_a_cache(cache: BaseCache) -> None:
    cache.set("a", {"b": 1}, 60)
    assert cache.add("a", 2) is False
    assert cache.get("a") == {"b": 1}
    cache.set_many({"x": 1, "y": 2})
    assert cache.get_many(["x", "y", "z"]) == {"x": 1, "y": 2}
    assert cache.incr("x") == 2
    assert cache.delete("x") is True
    assert cache.touch("y", 60) is True
    cache.clear()
    assert cache.get("y") is None


def test_a_stopped_redis_reads_as_empty(cache: BaseCache, throwaway_redis: ThrowawayRedis) -> None:
    cache.set("a", 1)
    throwaway_redis.stop()

    assert cache.get("a", "none") == "none"
    cache.set("a", 2)
    assert cache.add("a", 3) is True
    assert cache.delete("a") is False
    assert cache.touch("a") is False
    assert "a" not in cache
    assert cache.get_many(["a"]) == {}
    assert cache.set_many({"a": 1}) == []
    cache.delete_many(["a"])
    cache.clear()
    assert cache.get_or_set("a", 7) == 7
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


@pytest.mark.django_db
def test_guarded_counters_go_on_in_the_database(cache: BaseCache, throwaway_redis: ThrowawayRedis) -> None:
    throwaway_redis.stop()

    cache.set(GUARDED, [1.0], 60)
    assert cache.get(GUARDED) == [1.0]
    assert cache.add(GUARDED, [2.0]) is False
    assert cache.add("allauth.mfa.totp.used?user=1&code=2", "y", 30) is True
    assert cache.add("allauth.mfa.totp.used?user=1&code=2", "y", 30) is False
    assert cache.get_many([GUARDED, "other"]) == {GUARDED: [1.0]}
    assert caches["limits"].get(GUARDED) == [1.0]
    cache.delete_many([GUARDED])
    assert GUARDED not in cache


@pytest.mark.usefixtures("patience")
def test_it_is_a_cache_again_when_redis_is_back(cache: BaseCache, throwaway_redis: ThrowawayRedis) -> None:
    throwaway_redis.stop()
    assert cache.get("a") is None

    throwaway_redis.start()

    cache.set("a", 1)
    assert cache.get("a") == 1


def test_a_restart_between_two_reads_is_not_noticed(cache: BaseCache, throwaway_redis: ThrowawayRedis) -> None:
    cache.get("a")
    throwaway_redis.stop()
    throwaway_redis.start()

    cache.set("a", 1)

    assert cache.get("a") == 1


def test_after_a_failure_redis_is_left_alone_for_a_while(
    cache: BaseCache, throwaway_redis: ThrowawayRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    throwaway_redis.stop()
    cache.get("a")
    monkeypatch.undo()
    throwaway_redis.start()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    cache.set("a", 1)
    assert cache.get("a") is None

    now[0] += cache_module.REST_SECONDS + 1
    cache.set("a", 1)
    assert cache.get("a") == 1


def test_a_mistake_of_the_program_is_not_hidden(cache: BaseCache) -> None:
    cache.set("a", "text")

    with pytest.raises(ResponseError):
        cache.incr("a")
