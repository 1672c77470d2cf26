"""Every address, every role: what each is answered.

A pattern without a line here fails the test. The administration and allauth's pages have one rule per prefix.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from tests.cast import SignedIn
from tests.portal.expectations import ANONYMOUS, EXPECTATIONS, PREFIX_RULES, ROLES, Expectation
from tests.portal.world import World

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name with namespaces, and its route."""

    name: str
    route: str


def addresses(resolver: URLResolver | None = None, namespace: str = "", route: str = "") -> Iterator[Address]:
    """Walk the resolver."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, inner, path)
        elif isinstance(entry, URLPattern):
            yield Address(namespace + (entry.name or entry.lookup_str), path)


def rule_for(address: Address) -> str | None:
    """Return the prefix whose rule covers the address, if one does."""
    return next((prefix for prefix in PREFIX_RULES if address.route.startswith(prefix)), None)


OURS = [address for address in addresses() if rule_for(address) is None]


def answer(client: Client, expectation: Expectation, url: str) -> str:
    """Ask, and say in a word what came back."""
    response = client.generic(expectation.method, url, headers=dict(expectation.headers))
    location = response.headers.get("Location", "")
    if response.status_code == 302 and location.startswith("/accounts/login/"):
        return "sign-in"
    return str(response.status_code)


def test_every_address_has_an_expectation() -> None:
    assert sorted({address.name for address in OURS} - set(EXPECTATIONS)) == []


def test_no_expectation_outlives_its_address() -> None:
    assert sorted(set(EXPECTATIONS) - {address.name for address in OURS}) == []


@pytest.mark.parametrize("name", sorted(EXPECTATIONS))
def test_each_role_gets_what_the_table_says(name: str, world: World, as_user: SignedIn) -> None:
    expectation = EXPECTATIONS[name]
    url = expectation.url(world)
    got = {}
    for role in ROLES:
        person = world.person(role)
        client = as_user(person) if isinstance(person, User) else Client()
        got[role] = answer(client, expectation, url)
    assert got == {role: expectation.of(role) for role in ROLES}


@pytest.mark.parametrize("name", sorted(name for name, one in EXPECTATIONS.items() if one.wrong_verb))
def test_a_wrong_verb_is_refused(name: str, world: World, as_user: SignedIn) -> None:
    """Whoever may use an address is told 405 for a verb it does not have; nothing is changed."""
    expectation = EXPECTATIONS[name]
    role = expectation.wrong_verb_role
    person = world.person(role)
    client = as_user(person) if isinstance(person, User) else Client()
    assert client.generic(expectation.wrong_verb, expectation.url(world)).status_code == 405


@pytest.mark.parametrize("prefix", sorted(PREFIX_RULES))
def test_prefix_rules_hold(prefix: str, world: World, as_user: SignedIn) -> None:
    rule: Callable[[World, SignedIn], None] = PREFIX_RULES[prefix]
    rule(world, as_user)


def test_every_role_is_cast(world: World) -> None:
    assert [role for role in ROLES if world.person(role) is None] == [ANONYMOUS]
