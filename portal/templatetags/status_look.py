"""Tags for the status site's states: colour, shape and word. Every template may use them without loading them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from lib.moments import long_day, month, short_day
from portal.templatetags.portal import drawn_once, icon, tag
from status import links
from status.banner import Banner
from status.banner import current as current_banner
from status.constants import ComponentStatus, Impact, Stage
from status.snapshot import bars

register = template.Library()

UNKNOWN = "unknown"
COMPONENT_LOOK = {
    ComponentStatus.OPERATIONAL: "green",
    ComponentStatus.MAINTENANCE: "blue",
    ComponentStatus.DEGRADED: "amber",
    ComponentStatus.PARTIAL: "orange",
    ComponentStatus.MAJOR: "red",
}
STAGE_LOOK = {
    Stage.INVESTIGATING: ("red", "search"),
    Stage.IDENTIFIED: ("orange", "flag"),
    Stage.MONITORING: ("blue", "eye"),
    Stage.RESOLVED: ("green", "check-circle"),
    Stage.POSTMORTEM: ("grey", "book"),
    Stage.SCHEDULED: ("blue", "calendar"),
    Stage.IN_PROGRESS: ("blue", "component-under-maintenance"),
    Stage.VERIFYING: ("blue", "eye"),
    Stage.COMPLETED: ("green", "check-circle"),
    Stage.CANCELLED: ("grey", "x"),
}
# An impact looks like what a component suffers from it.
IMPACT_LOOK = {
    Impact.NONE: ("grey", "info", _l("No impact")),
    Impact.MINOR: ("amber", "component-degraded-performance", _l("Minor impact")),
    Impact.MAJOR: ("orange", "component-partial-outage", _l("Major impact")),
    Impact.CRITICAL: ("red-solid", "component-major-outage", _l("Critical impact")),
    Impact.MAINTENANCE: ("blue", "component-under-maintenance", _l("Maintenance")),
}
# What stands at the top of the status page and beside "Status" in the menu, by status.overall.Indicator.
INDICATOR_LOOK: dict[str, tuple[str, Promise]] = {
    "none": ("component-operational", _l("All systems operational")),
    "maintenance": ("component-under-maintenance", _l("Maintenance under way")),
    "minor": ("component-degraded-performance", _l("Minor trouble")),
    "major": ("component-partial-outage", _l("Partial outage")),
    "critical": ("component-major-outage", _l("Major outage")),
    UNKNOWN: ("component-unknown", _l("The state is not known")),
}


@register.simple_tag
@drawn_once
def component_status(value: str, style: str = "") -> SafeString:
    """Show what a component can do; ``quiet`` leaves out the border, for lists in which most are well."""
    status = ComponentStatus(value)
    look = COMPONENT_LOOK[status]
    return format_html(
        '<span class="tag tag-{}{} state">{}{}</span>',
        look,
        " tag-bare" if style == "quiet" else "",
        component_icon(value),
        status.label,
    )


@register.simple_tag
@drawn_once
def component_icon(value: str, css_class: str = "") -> SafeString:
    """Draw the shape of a component's status (``unknown`` as well), without the word."""
    return icon(f"component-{value.replace('_', '-')}", css_class)


@register.simple_tag
@drawn_once
def incident_stage(value: str) -> SafeString:
    """Show how far an incident or a maintenance has come."""
    stage = Stage(value)
    look, shape = STAGE_LOOK[stage]
    return tag(look, shape, stage.label)


@register.simple_tag
@drawn_once
def incident_impact(value: str) -> SafeString:
    """Show how bad an incident is."""
    return tag(*IMPACT_LOOK[Impact(value)])


@register.simple_tag
@drawn_once
def indicator_icon(value: str, css_class: str = "") -> SafeString:
    """Draw the shape of the overall state, without the word."""
    return icon(INDICATOR_LOOK[value][0], css_class)


@register.simple_tag
def indicator_words(value: str) -> str:
    """Say the overall state in words."""
    return str(INDICATOR_LOOK[value][1])


@register.simple_tag
@drawn_once
def status_dot(value: str) -> SafeString:
    """Show the overall state beside the menu's entry: colour, shape, and words for those who see neither."""
    shape, label = INDICATOR_LOOK[value]
    return format_html('<span class="status-dot is-{}" title="{}">{}</span>', value, label, icon(shape, "", str(label)))


@register.simple_tag
def status_page(*parts: object) -> str:
    """Return the address of a status page in the reader's language: ``{% status_page "incidents/" id "/" %}``."""
    return links.page("".join(map(str, parts)), get_language() or "")


@register.simple_tag
def status_page_in(language: str, path: str) -> str:
    """Return the address of a status page in another language."""
    return links.page(path, language)


@register.simple_tag
def status_page_offer(language: str) -> str:
    """Offer a page in another language, in that language."""
    with translation.override(language):
        # Translators: name the language that you translate into.
        return _("Read this page in English")


@register.simple_tag
def status_page_whole(language: str, path: str) -> str:
    """Return the whole address of a status page in a language: search engines take no relative one in a page's head."""
    return links.absolute(path, language)


@register.simple_tag
def status_file(path: str) -> str:
    """Return the address of what has no language: the read API, the as-of file."""
    return links.page(path)


@register.simple_tag
def status_banner() -> Banner | None:
    """Return what goes on and must be said on every page, from the published snapshot: no query, one look at a link."""
    banner = current_banner()
    return banner if banner is not None and banner.incident else None


@register.simple_tag
def moment(value: datetime, style: str = "") -> SafeString:
    """Show a moment on a page that is the same for everybody: in the page's zone, which is named.

    status.js says it in the reader's own zone. ``style`` is empty for both, or ``time``, or ``day``.
    """
    local = value.astimezone(timezone.get_current_timezone())
    zone = local.tzname() or ""
    day = short_day(local)
    text = {"time": f"{local:%H:%M} {zone}", "day": day}.get(style, f"{day}, {local:%H:%M} {zone}")
    utc = value.astimezone(ZoneInfo("UTC"))
    return format_html(
        '<time datetime="{}Z" data-local="{}">{}</time>', f"{utc:%Y-%m-%dT%H:%M:%S}", style or "full", text
    )


@register.simple_tag
def moments(start: datetime, end: datetime) -> SafeString:
    """Show from when until when; the day once, where it is the same."""
    zone = timezone.get_current_timezone()
    is_one_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    return format_html(
        '<span class="moments">{} \N{EN DASH} {}</span>', moment(start), moment(end, "time" if is_one_day else "full")
    )


@register.simple_tag
def day_of(value: date) -> str:
    """Show a day of the page's zone, whatever the reader's."""
    return long_day(value)


@register.simple_tag
def month_of(value: date) -> str:
    """Show a month and its year."""
    return month(value)


@register.simple_tag
@drawn_once
def bar_sample(kind: str) -> SafeString:
    """Draw one bar of the last 90 days, as a key to them; a clean day's when ``kind`` is empty."""
    return bars.sample(kind)
