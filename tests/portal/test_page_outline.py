"""Every page that a person can be shown: one heading, a title that tells it apart, landmarks with names, a way back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from status import publishing
from tests.cast import SignedIn
from tests.portal.expectations import EXPECTATIONS, ROLES
from tests.portal.outlines import Outline, outline_of
from tests.portal.world import World

pytestmark = pytest.mark.django_db

# Who looks at an address: the first of these that is let in.
VIEWERS = ("contact", "engineer", "operator", "moderator", "member", "administrator", *ROLES)
# Pages that more than one role is shown in a shape of its own.
MORE_VIEWERS = {"home": ROLES, "support": ROLES, "cases:list": ("member", "csm"), "cases:create": ("member", "partner")}
# allauth's pages have no line of their own in the table.
SIGN_IN = ("account_login", "account_signup", "account_reset_password")
SECURITY = ("account_email", "account_change_password", "mfa_index", "account_logout")

# No pages of the site: a frame for other sites, and the samples of every component.
NOT_PAGES = ("status:widget", "status:translated:widget", "styleguide", "styleguide_error")
# One page at two addresses: the newest month of the history.
TRANSLATED = "status:translated:"
ONE_PAGE = "/status/history/"

# Pages one does not come to by going down from another: behind a mail's link, or before one is let in.
WITHOUT_CRUMBS = {
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/logout/",
    "/account/notifications/unsubscribe/",
    "/account/invitations/",
    "/status/subscriptions/",
    "/desk/alerts/",
}


@dataclass(frozen=True)
class Shown:
    """A page as one role saw it."""

    name: str
    role: str
    path: str
    outline: Outline


def pages(world: World, as_user: SignedIn) -> Iterator[Shown]:
    """Yield every page of HTML that answers 200 to a GET, once for each role that sees another shape of it."""
    publishing.publish()
    clients = {role: _client(world.person(role), as_user) for role in ROLES}
    wanted = []
    for name, expectation in sorted(EXPECTATIONS.items()):
        if expectation.method != "GET" or name in NOT_PAGES:
            continue
        let_in = [role for role in VIEWERS if expectation.of(role) == "200"]
        looking = dict.fromkeys([*let_in[:1], *(role for role in MORE_VIEWERS.get(name, ()) if role in let_in)])
        wanted += [(name, role, expectation.url(world), expectation.headers) for role in looking]
    wanted += [(name, "anonymous", reverse(name), {}) for name in SIGN_IN]
    wanted += [(name, "member", reverse(name), {}) for name in SECURITY]
    for name, role, url, headers in wanted:
        answer = clients[role].get(url, headers=dict(headers))
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        html = b"".join(answer).decode() if answer.streaming else answer.content.decode()
        if html.lstrip().lower().startswith("<!doctype"):
            yield Shown(name, role, url.split("?")[0], outline_of(html))


def _client(person: User | None, as_user: SignedIn) -> Client:
    return as_user(person) if person else Client()


def test_every_page_is_well_made_and_tells_itself_apart(world: World, as_user: SignedIn) -> None:
    shown = list(pages(world, as_user))
    wrong: dict[str, list[str]] = defaultdict(list)
    addresses_of: dict[str, set[str]] = defaultdict(set)
    for page in shown:
        key = f"{page.path} ({page.role})"
        wrong[key] += page.outline.problems()
        if page.name.startswith(TRANSLATED):
            continue  # the same page in another language
        if _is_deep(page.path) and page.outline.crumbs != 1:
            wrong[key].append(f"{page.outline.crumbs} breadcrumb trails")
        if not page.path.startswith(ONE_PAGE):
            addresses_of[page.outline.title].add(page.path)
    for title, paths in addresses_of.items():
        if len(paths) > 1:
            for path in paths:
                wrong[path].append(f"shares the title {title!r} with {sorted(paths - {path})}")
    problems = [f"{key}: {', '.join(found)}" for key, found in sorted(wrong.items()) if found]
    assert not problems, "\n".join(problems)
    assert len(shown) > 90  # the walk has not lost its way


def _is_deep(path: str) -> bool:
    return path.count("/") > 2 and not any(path.startswith(prefix) for prefix in WITHOUT_CRUMBS)


def test_the_title_of_a_page_about_one_thing_names_it(world: World, as_user: SignedIn) -> None:
    titles = {page.name: page.outline.title for page in pages(world, as_user)}
    about = {
        "cases:detail": (world.case.number, world.case.subject),
        "desk:case": (world.case.number, world.case.subject),
        "cases:edit": (world.case.number,),
        "desk:edit": (world.case.number,),
        "forums:topic": (world.topic.title,),
        "status:incident": (world.outage.name,),
        "status:component": (world.component.name,),
        "status_console:incident": (world.outage.name,),
        "status_console:update": (world.outage.name,),
        "accounts:account_team": (world.acme.name,),
    }
    missing = {
        name: titles.get(name, "not shown")
        for name, words in about.items()
        if not all(word in titles.get(name, "") for word in words)
    }
    assert missing == {}
