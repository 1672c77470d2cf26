"""A Redis cache without which the site goes on."""

from typing import Any

from django.core.cache.backends.redis import RedisCache


class FailOpenRedisCache(RedisCache):
    """Reads as empty and forgets writes while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.get("OPTIONS", {})
        options.pop("fallback", None)
        options.pop("fallback_prefixes", None)
        super().__init__(server, params)
