"""The menus as data: which rooms there are, and which of them this person has a key to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import Resolver404, get_urlconf, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from accounts import policies
from accounts.models import User
from lib import languages
from status import banner, links

DESK_PERMISSION = "cases.work_desk"
MODERATE_PERMISSION = "forums.moderate"
OPERATE_PERMISSION = "status.operate"
ADMIN_PERMISSIONS = frozenset({"accounts.manage_contacts", "accounts.change_supportplan"})


@dataclass(frozen=True, slots=True)
class Person:
    """What the menus ask about whoever reads the page."""

    is_signed_in: bool
    is_customer: bool = False
    is_account_admin: bool = False
    works_desk: bool = False
    moderates: bool = False
    operates: bool = False
    enters_admin: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a menu; ``active`` when the page belongs to it."""

    label: str | Promise
    url: str
    icon: str
    active: bool = False
    dot: str = ""  # how everything is, in a word of INDICATOR_LOOK, where the entry says so
    group: str | Promise = ""  # under which heading it stands in the account menu


@dataclass(frozen=True, slots=True)
class Navigation:
    """The header's menus: the rooms anyone sees, the person's own places, and their account menu."""

    rooms: Sequence[Entry]
    personal: Sequence[Entry]
    account: Sequence[Entry]
    person: Person


@dataclass(frozen=True, slots=True)
class _Place:
    label: str | Promise
    url: str
    icon: str
    shown_to: Callable[[Person], bool] = lambda _person: True
    group: str | Promise = ""


STATUS = "/status/"
ROOMS = (
    _Place(_l("Community"), "/forums/", "community"),
    _Place(_l("Data Loader"), "/data-loader/", "data"),
    _Place(_l("Status"), STATUS, "status"),
    _Place(_l("Support"), "/support/", "support"),
)
PERSONAL = (
    _Place(_l("My Cases"), "/cases/", "cases", lambda person: person.is_customer),
    _Place(_l("Create Case"), "/cases/new/", "plus", lambda person: person.is_customer),
    _Place(_l("Desk"), "/desk/", "desk", lambda person: person.works_desk),
    _Place(_l("Moderation"), "/moderation/", "shield", lambda person: person.moderates),
    _Place(_l("Status console"), "/status/manage/", "settings", lambda person: person.operates),
    _Place(_l("Admin"), "/admin/", "admin", lambda person: person.enters_admin),
)
YOU, FOLLOWED, SIGN_IN = pgettext_lazy("menu", "You"), _l("What you follow"), _l("Signing in")
ACCOUNT = (
    _Place(_l("Profile"), "/account/", "user", group=YOU),
    _Place(_l("My team"), "/account/team/", "users", lambda person: person.is_account_admin, group=YOU),
    _Place(_l("Drafts"), "/account/drafts/", "edit", group=YOU),
    _Place(_l("Getting started"), "/account/getting-started/", "idea", group=YOU),
    _Place(_l("Notifications"), "/account/notifications/", "bell", group=FOLLOWED),
    _Place(_l("Watching"), "/account/watching/", "eye", group=FOLLOWED),
    _Place(_l("Status subscriptions"), "/account/status/", "status", group=FOLLOWED),
    _Place(_l("Bookmarks"), "/account/bookmarks/", "bookmark", group=FOLLOWED),
    _Place(_l("E-mail addresses"), "/accounts/email/", "mail", group=SIGN_IN),
    _Place(_l("Password"), "/accounts/password/change/", "key", group=SIGN_IN),
    _Place(_l("Sign-in security"), "/accounts/2fa/", "shield", group=SIGN_IN),
)


def navigation(request: HttpRequest) -> Navigation:
    """Return the menus for ``request``, worked out once: two queries for somebody signed in, none for a visitor."""
    known: Navigation | None = getattr(request, "_navigation", None)
    if known is None:
        known = navigation_for(getattr(request, "user", AnonymousUser()), request.path)
        known = replace(known, rooms=_with_state(known.rooms))
        request._navigation = known  # type: ignore[attr-defined] # noqa: SLF001 - kept for this request only
    return known


def navigation_for(user: User | AnonymousUser, path: str) -> Navigation:
    """Return the menus of ``user`` on the page at ``path``, without what changes by itself."""
    person = _person(user)
    return Navigation(
        rooms=_elsewhere(_entries(ROOMS, path, person)),
        personal=_entries(PERSONAL, path, person),
        account=_entries(ACCOUNT, path, person) if person.is_signed_in else (),
        person=person,
    )


def _elsewhere(rooms: Sequence[Entry]) -> Sequence[Entry]:
    """Lead to the status site's pages in the reader's language, and to its own domain where it has one."""
    return [replace(room, url=_status()) if room.url == STATUS else room for room in rooms]


def _status() -> str:
    return links.page("", languages.active())


def _with_state(rooms: Sequence[Entry]) -> Sequence[Entry]:
    """Say beside the status site's entry how everything is; nothing while nobody has published it."""
    known = banner.current()
    here = _status()
    return [replace(room, dot=known.indicator) if known and room.url == here else room for room in rooms]


def _person(user: User | AnonymousUser) -> Person:
    if not isinstance(user, User):
        return Person(is_signed_in=False)
    # A superuser holds every permission; asking for the list would load it whole.
    permissions = set() if user.is_superuser else user.get_group_permissions()
    return Person(
        is_signed_in=True,
        is_customer=policies.is_customer(user),
        is_account_admin=bool(user.administered_account_ids),
        works_desk=user.is_superuser or DESK_PERMISSION in permissions,
        # Who moderates one community finds the way there on its pages: asking here would be a query on every page.
        moderates=user.is_superuser or MODERATE_PERMISSION in permissions,
        operates=user.is_superuser or OPERATE_PERMISSION in permissions,
        enters_admin=user.is_staff and (user.is_superuser or not ADMIN_PERMISSIONS.isdisjoint(permissions)),
    )


def _entries(places: Sequence[_Place], path: str, person: Person) -> Sequence[Entry]:
    shown = [place for place in places if place.shown_to(person) and room_exists(place.url)]
    # "/cases/new/" lies under "/cases/" as well: the longest address that fits is where we are.
    here = max((place.url for place in shown if path.startswith(place.url)), key=len, default="")
    return [Entry(place.label, place.url, place.icon, place.url == here, group=place.group) for place in shown]


def room_exists(path: str) -> bool:
    """Say whether ``path`` leads anywhere on this site; rooms that are not built yet stay out of the menu."""
    return _resolves(path, get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=256)
def _resolves(path: str, urlconf: str) -> bool:
    try:
        resolve(path, urlconf)
    except Resolver404:
        return False
    return True
