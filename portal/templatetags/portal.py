"""Tags that every template may use without loading them. docs/look.md shows each with an example."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, wraps
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.constants import Severity
from accounts.demo_sign_ins import DEMO_SIGN_INS, DemoSignIn
from cases.constants import Priority, Status
from lib import languages, moments
from lib.undoing import undo_url_of
from portal.brand import SiteBrand
from portal.icons import ICONS

register = template.Library()

STATUS_LOOK = {
    Status.NEW: "blue",
    Status.IN_PROGRESS: "violet",
    Status.WAITING: "amber",
    Status.ON_HOLD: "grey",
    Status.SOLVED: "green",
    Status.CLOSED: "grey",
}
SEVERITY_LOOK = {Severity.S1: "red", Severity.S2: "amber", Severity.S3: "grey", Severity.S4: "grey"}
PRIORITY_LOOK = {
    Priority.URGENT: "red-solid",
    Priority.HIGH: "red",
    Priority.NORMAL: "grey",
    Priority.LOW: "grey",
}
AVATAR_COLOURS = 8
JUST_NOW = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=6)
# The cursor of a keyset page belongs to one set of filters: a link that changes them starts from the first page.
CURSOR_PARAMETER = "after"


def drawn_once(draw: Callable[..., SafeString]) -> Callable[..., SafeString]:
    """Keep what ``draw`` returns for its arguments and the language: a list shows the same few shapes in every row."""

    # Typed: a string that is marked safe equals one that is not, and only the other is escaped.
    @lru_cache(maxsize=2048, typed=True)
    def drawn(_language: str | None, *args: Any, **kwargs: Any) -> SafeString:
        return draw(*args, **kwargs)

    @wraps(draw)
    def tag(*args: Any, **kwargs: Any) -> SafeString:
        return drawn(get_language(), *args, **kwargs)

    return tag


@register.simple_tag
@drawn_once
def icon(name: str, css_class: str = "", label: str = "") -> SafeString:
    """Draw an icon of ``portal.icons``; hidden from screen readers unless ``label`` names it.

    Raises ``TemplateSyntaxError`` for an unknown name, so that a misspelling is seen when it is made.
    """
    try:
        shape = ICONS[name]
    except KeyError:
        raise template.TemplateSyntaxError(f"There is no icon {name!r} in portal/icons.py.") from None
    meaning = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{}{}" viewBox="0 0 24 24" {} focusable="false">{}</svg>',
        name,
        f" {css_class}" if css_class else "",
        meaning,
        mark_safe(shape),  # noqa: S308 - our own drawings
    )


def tag(look: str, icon_name: str, label: object) -> SafeString:
    """Return a tag of this colour, shape and word."""
    return format_html('<span class="tag tag-{}">{}{}</span>', look, icon(icon_name), label)


register.filter("undo_url", undo_url_of)


@register.simple_tag
def site_brand() -> SiteBrand:
    """Return the vendor's look: a tag, so that pages made without a request or a context have it as well."""
    return SiteBrand(get_language() or settings.LANGUAGE_CODE)


@register.simple_tag
@drawn_once
def case_status(value: str) -> SafeString:
    """Show a case's status by colour, shape and word."""
    status = Status(value)
    return tag(STATUS_LOOK[status], f"status-{status.value.replace('_', '-')}", status.label)


@register.simple_tag
@drawn_once
def case_severity(value: str, style: str = "") -> SafeString:
    """Show the customer's view of the impact; ``short`` leaves the code alone and the words to the title."""
    severity = Severity(value)
    look, shape = SEVERITY_LOOK[severity], f"severity-{severity.value}"
    if style == "short":
        code = severity.value.upper()
        return format_html('<span class="tag tag-{}" title="{}">{}{}</span>', look, severity.label, icon(shape), code)
    return tag(look, shape, severity.label)


@register.simple_tag
@drawn_once
def case_priority(value: str) -> SafeString:
    """Show a case's place in the queue."""
    priority = Priority(value)
    return tag(PRIORITY_LOOK[priority], f"priority-{priority.value}", priority.label)


@register.simple_tag
def when(moment: datetime | None, style: str = "short", empty: str = "—") -> SafeString | str:
    """Show a moment in the reader's zone: near ones as a distance, others as a date; the whole of it on hover.

    ``style`` is ``short``, or ``full`` for date and time in words, or ``steady`` for pages that caches keep: the day
    and nothing that the clock changes, which portal.js turns into a distance. ``empty`` stands for no moment at all.
    """
    if moment is None:
        return empty
    local = moment.astimezone(timezone.get_current_timezone())
    full = f"{moments.long_day(local)}, {local:%H:%M} {local.tzname()}"
    if style == "steady":
        return format_html(
            '<time datetime="{}" title="{}" data-relative>{}</time>',
            local.isoformat(timespec="seconds"),
            full,
            moments.short_day(local),
        )
    text = full if style == "full" else _short(local)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), full, text)


def _short(local: datetime) -> str:
    now = timezone.now().astimezone(local.tzinfo)
    distance = now - local
    if abs(distance) < JUST_NOW:
        return _("just now")
    if abs(distance) < DAY:
        return _ago(distance)
    if timedelta(0) < distance < WEEK:
        return f"{moments.calendar_word('weekday', local.weekday())} {local:%H:%M}"
    return moments.short_day(local, with_year=local.year != now.year)


def _ago(distance: timedelta) -> str:
    ahead = distance < timedelta(0)
    distance = abs(distance)
    if distance < HOUR:
        number = distance // timedelta(minutes=1)
        if ahead:
            return ngettext("in %(number)d min", "in %(number)d min", number) % {"number": number}
        return ngettext("%(number)d min ago", "%(number)d min ago", number) % {"number": number}
    number = distance // HOUR
    if ahead:
        return ngettext("in %(number)d h", "in %(number)d h", number) % {"number": number}
    return ngettext("%(number)d h ago", "%(number)d h ago", number) % {"number": number}


@register.simple_tag
def avatar(user: Any, size: str = "", staff: bool = False) -> SafeString:  # noqa: FBT001, FBT002 - a template writes staff=True
    """Draw a person's initials on a colour of their own. ``size`` is empty, ``sm`` or ``lg``; staff are squarish.

    Decorative: the name always stands beside it. ``user`` may be ``None``, for what the portal did by itself.
    """
    name = str(user) if user is not None else ""
    number = getattr(user, "pk", None) or sum(map(ord, name))
    return _avatar(number % AVATAR_COLOURS, name, size, bool(staff))


@lru_cache(maxsize=2048)
def _avatar(colour: int, name: str, size: str, staff: bool) -> SafeString:  # noqa: FBT001 - lru_cache tells by position
    classes = f"avatar avatar-{colour}"
    if size:
        classes += f" avatar-{size}"
    if staff:
        classes += " avatar-staff"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials(name))


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of ``name``: at most two, in capitals."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "·"
    chosen = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


@register.simple_tag(takes_context=True)
def replace_query(context: template.Context, **changes: Any) -> str:
    """Return ``?…`` with the page's other filters kept, the cursor dropped, and ``None`` or ``""`` removing one."""
    query = context["request"].GET.copy()
    query.pop(CURSOR_PARAMETER, None)
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def replace_query_named(context: template.Context, key: str, value: object) -> str:
    """Return what ``replace_query`` would for a filter whose name is only known at run time."""
    return replace_query(context, **{key: value})


@register.simple_tag
def language_tag(code: str = "") -> str:
    """Return the page's language, or another, as ``lang`` and ``hreflang`` spell it: ``pt-BR``."""
    return languages.tag(code or languages.active())


@register.simple_tag
def language_name() -> str:
    """Return the page's language by its own name."""
    return languages.names().get(languages.active(), "English")


@register.simple_tag
def demo_sign_ins() -> tuple[DemoSignIn, ...]:
    """Return the people a demo's visitor may sign in as; nobody anywhere else."""
    return DEMO_SIGN_INS if settings.DEMO else ()


@register.simple_tag
def demo_password() -> str:
    """Return the password that all of them share; empty anywhere but in a demo."""
    return str(settings.DEMO_PASSWORD) if settings.DEMO else ""
