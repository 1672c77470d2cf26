"""The benchmark's own database: created, migrated and filled when it is not there or holds something else."""

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from benchmarks import forum_filling
from benchmarks.filling import Fill
from benchmarks.scale import Scale

_FILLED_AS = "SELECT obj_description('public.cases_case'::regclass)"


def prepare(scale: Scale, *, rebuild: bool) -> None:
    """Have a database filled to ``scale``; a complete one of an earlier run is used again unless ``rebuild``."""
    create()
    call_command("migrate", verbosity=0)
    if not rebuild and filled_as() == scale.name:
        print(f"Using the database {name()}, filled before ({scale.name}). --rebuild fills it anew.")
        return
    print(
        f"Filling the database {name()}: {scale.cases:,} cases, {scale.comments:,} comments,"
        f" {scale.topics:,} topics, {scale.posts:,} posts, once.",
        flush=True,
    )
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    # A fill that was cut off has left its tables without their indexes.
    create(anew=True)
    call_command("migrate", verbosity=0)
    fill = Fill(scale)
    fill.run()
    forum_filling.fill(scale, fill.say)
    mark_filled(scale)
    fill.say("vacuum and statistics")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    fill.say("filled")


def mark_filled(scale: Scale) -> None:
    """Say, last of all, that the fill was not cut off."""
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE cases_case IS '{scale.name}'")


def name() -> str:
    """Return the database's name."""
    return str(settings.DATABASES["default"]["NAME"])


def create(*, anew: bool = False) -> None:
    """Create the database unless it is there; with ``anew`` in any case."""
    default = settings.DATABASES["default"]
    parameters = {"host": default["HOST"], "port": default["PORT"], "user": default["USER"]}
    parameters |= {"password": default["PASSWORD"], "dbname": "postgres"}
    with psycopg.connect(**{key: value for key, value in parameters.items() if value}, autocommit=True) as server:
        if anew:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name())))
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [name()]).fetchone() is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name())))


def filled_as() -> str:
    """Return what the database says of how it was filled; empty when a fill never ended."""
    with connection.cursor() as cursor:
        cursor.execute(_FILLED_AS)
        return str(cursor.fetchone()[0] or "")
