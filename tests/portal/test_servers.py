"""The servers that everything else is tested on."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_database_is_utf8_with_bytewise_order() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        encoding = cursor.fetchone()
        cursor.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()")
        locale = cursor.fetchone()
    assert encoding == ("UTF8",)
    assert locale == ("b", "C.UTF-8")


def test_cache_is_a_real_redis() -> None:
    cache.set("answer", 42)
    assert cache.get("answer") == 42


def test_cache_is_empty_at_the_start_of_each_test() -> None:
    assert cache.get("answer") is None
