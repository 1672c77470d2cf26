"""Whether this process can serve: what ``/healthz`` and ``/readyz`` tell a supervisor, a balancer or a person."""

from contextlib import closing
from functools import cache
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

TIMEOUT_SECONDS = 2  # each check answers within it, whatever hangs


def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200: this process runs. Asks no server, so that a lost database does not restart every process."""
    return _reading(request) or _uncached(HttpResponse("ok\n", content_type="text/plain"))


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 with the state of each server, or 503 without database or with unapplied migrations.

    A lost Redis is told but is not 503: the site works without it.
    """
    wrong_verb = _reading(request)
    if wrong_verb:
        return wrong_verb
    try:
        unapplied = unapplied_migrations()
    except psycopg.Error:
        state: dict[str, Any] = {"ready": False, "database": "down", "migrations": "unknown"}
    else:
        migrations = f"{unapplied} unapplied" if unapplied else "ok"
        state = {"ready": not unapplied, "database": "ok", "migrations": migrations}
    state["redis"] = "ok" if redis_answers() else "down"
    return _uncached(JsonResponse(state, status=200 if state["ready"] else 503))


def database_answers() -> bool:
    """Say whether a connection to the database can be had and used."""
    try:
        with closing(_own_connection()) as own:
            own.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def unapplied_migrations() -> int:
    """Count the migrations that this code has and the database lacks. Raises psycopg.Error without a database."""
    with closing(_own_connection()) as own:
        try:
            applied = set(own.execute("SELECT app, name FROM django_migrations").fetchall())
        except psycopg.errors.UndefinedTable:
            applied = set()
    return len(_migrations() - applied)


def _own_connection() -> psycopg.Connection[Any]:
    """Connect past the pool: one that is used up must not look like a lost database. Raises psycopg.Error."""
    parameters = {
        **connection.get_connection_params(),
        "connect_timeout": TIMEOUT_SECONDS,
        "options": f"-c statement_timeout={TIMEOUT_SECONDS * 1000}",
        "autocommit": True,
    }
    return psycopg.connect(**parameters)


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Return every migration of this code, which does not change while the process lives."""
    return frozenset(MigrationLoader(None).graph.nodes)


def redis_answers() -> bool:
    """Say whether Redis answers a ping."""
    client = redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _reading(request: HttpRequest) -> HttpResponse | None:
    return None if request.method in {"GET", "HEAD"} else HttpResponseNotAllowed(["GET", "HEAD"])


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
