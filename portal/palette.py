"""What the command palette offers: places and acts, each only to whom it would be granted. Policies say who that is."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from accounts.querysets import Someone
from cases import policies as cases_policies
from cases import production_down
from cases.desk_views.queue import TABS
from dataloader.searching import may_enter as may_enter_data_loader
from forums import policies as forums_policies
from forums.models import Community
from portal.navigation import Navigation, navigation
from status import links
from status import policies as status_policies

SHOWN = 8  # places and acts that fit what was typed; without a word all are shown
SIGN_OUT, THEME = "sign-out", "theme"


@dataclass(frozen=True, slots=True)
class Command:
    """A place or an act. ``act`` names what is more than a link; ``also`` holds other words that find it."""

    label: str | Promise
    icon: str
    url: str = ""
    act: str = ""
    also: str | Promise = ""


def commands(request: HttpRequest) -> tuple[Sequence[Command], Sequence[Command]]:
    """Return the acts and the places that this person has, none twice."""
    user = request.user
    menus = navigation(request)
    acts = _once([*_of_cases(user), *_of_communities(user), *_of_staff(user), *_of_everybody(user)], set())
    places = _once(_places(request, menus), {act.url for act in acts if act.url})
    return acts, places


def matching(offered: Iterable[Command], text: str) -> Sequence[Command]:
    """Return those that hold every word of ``text``, whatever its case and accents: those that begin so first."""
    wanted = _folded(text).split()
    found = []
    for place, command in enumerate(offered):
        label = _folded(str(command.label))
        told = f"{label} {_folded(str(command.also))}"
        if all(word in told for word in wanted):
            begins = any(part.startswith(wanted[0]) for part in label.split()) if wanted else True
            found.append((not begins, place, command))
    return [command for *_rest, command in sorted(found, key=lambda one: one[:2])]


def person_called(text: str) -> User | None:
    """Return the person of a handle: ``@`` and all of it."""
    handle = text.removeprefix("@")
    if handle == text or not handle:
        return None
    # Spelt as the unique index spells it.
    people = User.objects.alias(spelt=Lower("handle")).filter(spelt=handle.lower(), is_active=True)
    found: User | None = people.first()
    return found


def _once(offered: Iterable[Command], known: set[str]) -> list[Command]:
    kept = []
    for command in offered:
        if not command.url or command.url not in known:
            known.add(command.url)
            kept.append(command)
    return kept


def _of_cases(user: Someone) -> Iterator[Command]:
    if isinstance(user, User) and cases_policies.may_file_for(user):
        filing = reverse("cases:create")
        yield Command(_l("Create Case"), "plus", filing, also=_l("file, report, problem, help"))
        # The subject that calls whoever is on call, whatever language the page speaks.
        if subject := production_down.subject():
            yield Command(_l("Report Production Down"), "alert", f"{filing}?{urlencode({'subject': subject})}")
    if cases_policies.work_desk(user):
        queue = reverse("desk:queue")
        for name, tab in TABS.items():
            yield Command(_("Queue: %(view)s") % {"view": tab.label}, tab.icon, f"{queue}?tab={name}")
        yield Command(_l("Create a case for a customer"), "plus", reverse("desk:new"))


def _of_communities(user: Someone) -> Iterator[Command]:
    if not isinstance(user, User):
        return
    for community in _communities(user):
        if forums_policies.ask(user, community):
            label = _("Ask in %(community)s") % {"community": community.name}
            yield Command(label, "question", community.url("ask"), also=_l("ask a question"))


def _of_staff(user: Someone) -> Iterator[Command]:
    if forums_policies.moderate_any(user):
        yield Command(_l("Review queue"), "shield", reverse("moderation:queue"), also=_l("moderation"))
    if status_policies.operate(user):
        yield Command(_l("Declare an incident"), "alert", reverse("status_console:open"))
        yield Command(_l("Schedule maintenance"), "calendar", reverse("status_console:schedule"))
        yield Command(_l("Set the status of components"), "status", reverse("status_console:components"))


def _of_everybody(user: Someone) -> Iterator[Command]:
    yield Command(_l("Switch between light and dark"), "moon", act=THEME, also=_l("theme, appearance"))
    if len(settings.LANGUAGES) > 1:
        # Also by their own names: who reads none of this page looks for those.
        names = ", ".join(name for _code, name in settings.LANGUAGES)
        yield Command(_l("Change the language"), "globe", reverse("language"), also=names)
    if user.is_authenticated:
        yield Command(_l("Sign out"), "sign-out", act=SIGN_OUT, also=_l("log out"))
    else:
        yield Command(_l("Sign in"), "sign-in", reverse("account_login"), also=_l("log in"))
        yield Command(_l("Sign up"), "user", reverse("account_signup"), also=_l("register, create an account"))


def _places(request: HttpRequest, menus: Navigation) -> Iterator[Command]:
    yield Command(_l("Home"), "home", reverse("home"))
    for entry in (*menus.rooms, *menus.personal, *menus.account):
        yield Command(entry.label, entry.icon, entry.url)
    for community in _communities(request.user):
        yield Command(community.name, "community", community.prefix)
    if may_enter_data_loader(request.user):
        yield Command(_l("Error codes of Salesforce"), "alert", reverse("dataloader:errors"))
    yield Command(_l("History of the status site"), "calendar", links.page("history/"))


def _communities(user: Someone) -> Sequence[Community]:
    # Asked for by acts and places alike: once for a person of a request.
    known: Sequence[Community] | None = user.__dict__.get("_communities_seen")
    if known is None:
        known = list(Community.objects.visible_to(user).order_by("position", "pk"))
        user.__dict__["_communities_seen"] = known
    return known


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def everywhere(text: str) -> Command:
    """Return the way to the page with everything that ``text`` finds."""
    label = _("Search everywhere for “%(text)s”") % {"text": text}
    return replace(Command(label, "search"), url=f"{reverse('search')}?{urlencode({'q': text})}")
