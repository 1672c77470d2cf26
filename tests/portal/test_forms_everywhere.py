"""Every form of the site is filled with nonsense, and says what is wrong in a way that everybody can use."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import SignedIn
from tests.portal.drawn import Element, Form, Page
from tests.portal.expectations import EXPECTATIONS
from tests.portal.expecting import ANONYMOUS, ROLES
from tests.portal.world import World

pytestmark = pytest.mark.django_db

# No field takes a NUL, no choice is called so, and it is no number, address or moment.
NONSENSE = "a\0b"
SIGN_IN_PAGES = {
    ANONYMOUS: ("account_login", "account_signup", "account_reset_password"),
    "member": ("account_email", "account_change_password", "account_reauthenticate", "mfa_activate_totp"),
}
PASSWORDS = {"current-password", "new-password"}
PERSONAL = {"email": {"email", "off"}, "password": PASSWORDS, "tel": {"tel"}}
NAMES = {"display_name": "name", "company": "organization", "handle": "nickname", "code": "one-time-code"}
# Whom each address is looked at as: the first of these who may.
PREFERRED = ("contact", "engineer", "moderator", "operator", "member", *ROLES)


def addresses(role: str, world: World) -> Iterator[str]:
    """Return the pages that are looked at as this role."""
    for expectation in EXPECTATIONS.values():
        if expectation.method == "GET" and role == next(
            (one for one in PREFERRED if expectation.of(one) == "200"), None
        ):
            yield expectation.url(world)
    yield from map(reverse, SIGN_IN_PAGES.get(role, ()))


def read(response: Any) -> Page | None:
    if not response.headers.get("Content-Type", "").startswith("text/html") or response.streaming:
        return None
    return Page(response.content.decode())


def nonsense(form: Form) -> Mapping[str, Any]:
    """Return the form filled in: what is hidden stays, a box is left alone, all else is nonsense."""
    data: dict[str, Any] = {}
    for control in form.controls:
        name, kind = control.get("name"), control.get("type")
        if control.tag == "button" or kind in ("submit", "file", "checkbox"):
            continue
        data[name] = control.get("value") if kind == "hidden" else NONSENSE
    return data


def wrong_forms(response: Any) -> list[forms.BaseForm]:
    """Return the forms of a page that came back with errors, each once."""
    found: dict[int, forms.BaseForm] = {}
    for layer in response.context or ():
        for values in layer.dicts if hasattr(layer, "dicts") else [layer]:
            for value in values.values():
                for one in value if isinstance(value, list | tuple) else [value]:
                    if isinstance(one, forms.BaseForm) and one.is_bound and one.errors:
                        found[id(one)] = one
    return list(found.values())


def controls_of(page: Page, field: forms.BoundField) -> list[Element]:
    """Return what draws a field: the one control of its id, or those of its name."""
    named = [one for one in page.elements if one.get("name") == field.html_name and one.is_typed_into]
    return [one for one in named if one.get("id") == field.id_for_label] or named


def complaints(page: Page, wrong: list[forms.BaseForm]) -> Iterator[str]:
    """Say what about the answer to a wrong form is not as it should be."""
    ids = page.ids()
    summary = page.summary()
    if summary is None:
        yield "no summary"
        return
    if summary.get("tabindex") != "-1":
        yield "the summary cannot take the focus"
    targets = {link.get("href").removeprefix("#") for link in page.within(summary, "a")}
    yield from (f"a link to #{target}, which is nowhere" for target in targets - set(ids))
    for form in wrong:
        for field in form:
            controls = controls_of(page, field)
            if not field.errors or not controls:
                continue
            if str(field.label) not in summary.text:
                yield f"{field.html_name}: not in the summary"
            if f"{field.auto_id}_error" not in ids and field.html_name != "uploads":
                yield f"{field.html_name}: no error beside it"
            if not all(_is_told(control) for control in controls):
                yield f"{field.html_name}: a control that is not invalid"
    yield from (f"described by #{one}, which is nowhere" for one in _described(page) - set(ids))


def _is_told(control: Element) -> bool:
    around = control.inside("fieldset")
    if control.get("type") in ("radio", "checkbox") and around is not None:
        return any("_error" in one.get("aria-describedby") for one in control.parents if one.tag == "fieldset")
    return control.get("aria-invalid") == "true" and "_error" in control.get("aria-describedby")


def _described(page: Page) -> set[str]:
    return {one for element in page.elements for one in element.get("aria-describedby").split()}


def flaws(page: Page, form: Form) -> Iterator[str]:
    """Say what a form lacks before anybody types."""
    for control in form.typed:
        name, kind = control.get("name"), control.get("type")
        if not page.label_of(control) and "unseen" not in "".join(one.get("class") for one in control.parents):
            yield f"{name}: no label"
        wanted = PERSONAL.get(kind) or ({NAMES[name]} if name in NAMES and control.tag == "input" else set())
        if wanted and control.get("autocomplete") not in wanted:
            yield f"{name}: autocomplete={control.get('autocomplete')!r}"
        if kind == "email" and control.get("inputmode") != "email":
            yield f"{name}: a phone shows the wrong keys"


@pytest.mark.parametrize("role", ROLES)
def test_every_form_says_what_is_wrong_with_it(role: str, world: World, as_user: SignedIn) -> None:
    person = world.person(role)
    problems: list[str] = []
    answered = 0
    for url in addresses(role, world):
        client = as_user(person) if isinstance(person, User) else Client()
        response = client.get(url)
        page = read(response)
        if page is None:
            continue
        ids = page.ids()
        problems += [f"{url}: id {one} twice" for one in {one for one in ids if ids.count(one) > 1}]
        problems += [f"{url}: described by #{one}, which is nowhere" for one in _described(page) - set(ids)]
        for form in page.forms():
            if not form.typed:
                continue
            problems += [f"{url}: {flaw}" for flaw in flaws(page, form)]
            action = urljoin(url, form.element.get("action"))
            answer = client.post(action, nonsense(form), headers={"Origin": "http://testserver"})
            if answer.status_code >= 500:
                problems.append(f"{action}: {answer.status_code}")
            wrong = wrong_forms(answer)
            back = read(answer)
            if wrong and back is not None:
                answered += 1
                problems += [f"{action}: {complaint}" for complaint in complaints(back, wrong)]
    assert not problems, "\n".join(sorted(set(problems)))
    if role in WRITERS:
        assert answered >= WRITERS[role]


# How many wrong forms at least are looked at: a walk that finds none would prove nothing.
WRITERS = {ANONYMOUS: 3, "contact": 5, "engineer": 5, "moderator": 3, "operator": 5, "member": 2}
