"""A Redis cache without which the site goes on."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

logger = logging.getLogger(__name__)
T = TypeVar("T")

# How long a failed Redis is left alone: each request of that time answers at once instead of waiting for a time-out.
REST_SECONDS = 5.0
_AWAY = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OutOfMemoryError, OSError)


class _Breaker:
    """Remembers, for every thread of the process, that a server is away. One caller at a time finds out anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._is_away = False

    def lets_through(self) -> bool:
        """Say whether to try the server now."""
        if not self._is_away:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                return False
            self._rests_until = now + REST_SECONDS
            return True

    def failed(self, error: BaseException) -> None:
        """Leave the server alone for a while."""
        with self._lock:
            self._rests_until = time.monotonic() + REST_SECONDS
            if not self._is_away:
                logger.warning("Redis is away; the cache reads as empty meanwhile: %s", error)
            self._is_away = True

    def worked(self) -> None:
        """Use the server again."""
        if self._is_away:
            logger.warning("Redis is back.")
            self._is_away = False


_breakers: dict[str, _Breaker] = {}


class FailOpenRedisCache(RedisCache):
    """Reads as empty and forgets writes while Redis is away.

    Keys that begin with one of ``OPTIONS["fallback_prefixes"]`` go to the cache called ``OPTIONS["fallback"]``
    meanwhile: counters that guard sign-in must count on. ``add`` of any other key answers that it was added, as an
    empty cache would.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = dict(params.get("OPTIONS", {}))
        self._fallback_alias: str = options.pop("fallback", "")
        self._fallback_prefixes: tuple[str, ...] = tuple(options.pop("fallback_prefixes", ()))
        # An idle connection that a restarted server has closed is opened anew; a time-out is never waited for twice.
        options.setdefault("retry", Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)))
        super().__init__(server, {**params, "OPTIONS": options})
        self._breaker = _breakers.setdefault(str(server), _Breaker())

    def _fallback(self, key: str) -> BaseCache | None:
        if self._fallback_alias and key.startswith(self._fallback_prefixes):
            return caches[self._fallback_alias]
        return None

    def _attempt(self, act: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """Return what Redis answers, or ``otherwise()`` while it is away."""
        if self._breaker.lets_through():
            try:
                answer = act()
            except _AWAY as error:
                self._breaker.failed(error)
            else:
                self._breaker.worked()
                return answer
        return otherwise()

    def add(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store ``value`` unless the key is there; say whether it was stored."""
        fallback = self._fallback(key)
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).add(key, value, timeout, version),
            lambda: fallback.add(key, value, timeout, version) if fallback else True,
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the stored value or ``default``."""
        fallback = self._fallback(key)
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).get(key, default, version),
            lambda: fallback.get(key, default, version) if fallback else default,
        )

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store ``value``."""
        fallback = self._fallback(key)
        self._attempt(
            lambda: super(FailOpenRedisCache, self).set(key, value, timeout, version),
            lambda: fallback.set(key, value, timeout, version) if fallback else None,
        )

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let the key live ``timeout`` seconds from now; say whether it is there."""
        fallback = self._fallback(key)
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).touch(key, timeout, version),
            lambda: fallback.touch(key, timeout, version) if fallback else False,
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove the key; say whether it was there."""
        fallback = self._fallback(key)
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).delete(key, version),
            lambda: fallback.delete(key, version) if fallback else False,
        )

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Say whether the key is there."""
        fallback = self._fallback(key)
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).has_key(key, version),
            lambda: fallback.has_key(key, version) if fallback else False,
        )

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add ``delta`` and return the sum. Raises ``ValueError`` when the key is not there."""
        fallback = self._fallback(key)

        def otherwise() -> int:
            if fallback:
                return fallback.incr(key, delta, version)
            raise ValueError(f"Key {key!r} not found.")

        return self._attempt(lambda: super(FailOpenRedisCache, self).incr(key, delta, version), otherwise)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """Return the values that are there."""
        keys = list(keys)
        guarded = [key for key in keys if self._fallback(key)]
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).get_many(keys, version),
            lambda: caches[self._fallback_alias].get_many(guarded, version) if guarded else {},
        )

    def set_many(
        self, data: dict[str, Any], timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        """Store every value; return the keys that were not stored."""
        guarded = {key: value for key, value in data.items() if self._fallback(key)}
        return self._attempt(
            lambda: super(FailOpenRedisCache, self).set_many(data, timeout, version),
            lambda: caches[self._fallback_alias].set_many(guarded, timeout, version) if guarded else [],
        )

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        """Remove the keys."""
        keys = list(keys)
        guarded = [key for key in keys if self._fallback(key)]
        self._attempt(
            lambda: super(FailOpenRedisCache, self).delete_many(keys, version),
            lambda: caches[self._fallback_alias].delete_many(guarded, version) if guarded else None,
        )

    def clear(self) -> None:
        """Remove everything; the fallback keeps its counters."""
        self._attempt(super().clear, lambda: None)
