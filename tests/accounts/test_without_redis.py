"""Sign-in with Redis stopped."""

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD, UserFactory
from tests.servers import ThrowawayRedis

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str) -> int:
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code


def test_sign_in_works(throwaway_redis: ThrowawayRedis) -> None:
    user = UserFactory()
    throwaway_redis.stop()

    assert sign_in(Client(), user.email, PASSWORD) == 302


def test_sign_in_waits_for_a_silent_redis_once(silent_redis: list[str]) -> None:
    user = UserFactory()

    assert sign_in(Client(), user.email, PASSWORD) == 302

    # One connection of at most half a second; allauth alone asks the cache a dozen times.
    assert len(silent_redis) == 1


def test_wrong_passwords_are_still_counted(throwaway_redis: ThrowawayRedis) -> None:
    user = UserFactory()
    throwaway_redis.stop()
    for _number in range(5):
        assert sign_in(Client(), user.email, "wrong") == 200

    response = Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert response.status_code == 200
    assert "Too many failed login attempts" in response.content.decode()


def test_sign_up_works(throwaway_redis: ThrowawayRedis) -> None:
    throwaway_redis.stop()

    response = Client().post(
        "/accounts/signup/", {"email": "new@people.example", "display_name": "New", "password1": "a-long-password-1"}
    )

    assert response.status_code == 302
