"""The bars of the last 90 days: one small drawing per component.

A day is as high as it was bad, and each kind has a form of its own, so that the drawing needs no colour: a clean day is
low, maintenance is low with a cap above it, degraded performance is higher, a partial outage is split, a major outage
stands from top to bottom. All clean days are one dashed line: the drawing stays near a kilobyte whatever happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from status.state import ComponentState, DayState
from status.uptime import WINDOW_DAYS as DAYS

STEP = 4  # units from bar to bar, of which a bar takes three; the stylesheet dashes the clean line alike
WIDTH = DAYS * STEP
HEIGHT = 32
CLEAN = 13  # units high

# From worst to best: what a day is called after, its path's class, and what is drawn from a bar's foot upwards.
KINDS: dict[str, tuple[Promise, str, str]] = {
    "major": (_l("Major outage"), "bm", "V0"),
    "partial": (_l("Partial outage"), "bp", "V13M{x} 9V3"),
    "degraded": (_l("Degraded performance"), "bd", "V11"),
    "maintenance": (_l("Under maintenance"), "bw", f"V{HEIGHT - CLEAN}M{{x}} 15V12"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A day on which something was wrong: the worst of it, how long each kind lasted in seconds."""

    day: date
    kind: str
    seconds: dict[str, int]

    @property
    def label(self) -> Promise:
        """Return the word for the worst of it."""
        return KINDS[self.kind][0]

    @property
    def parts(self) -> list[tuple[str, Promise, str]]:
        """Return kind, word and duration of each that occurred, worst first."""
        return [(kind, KINDS[kind][0], duration(seconds)) for kind, seconds in self.seconds.items()]


def troubles(component: ComponentState, today: date) -> list[Trouble]:
    """Return the bad days of the last 90, newest first."""
    first = today - timedelta(days=DAYS - 1)
    found = [_trouble(day) for day in component.days if first <= day.day <= today]
    return sorted((one for one in found if one is not None), key=lambda one: one.day, reverse=True)


def _trouble(day: DayState) -> Trouble | None:
    seconds = {kind: getattr(day, kind) for kind in KINDS if getattr(day, kind) > 0}
    return Trouble(day.day, next(iter(seconds)), seconds) if seconds else None


def draw(component: ComponentState, today: date, *, titles: bool = False) -> SafeString:
    """Return the drawing, named for those who do not see it. ``titles`` lets the pointer ask each bad day."""
    bad = troubles(component, today)
    first = today - timedelta(days=DAYS - 1)
    known_from = min(max((component.start_date - first).days, 0), DAYS - 1)
    shapes = [_line(known_from), *_paths(bad, first, titles=titles)]
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        HEIGHT,
        described(bad, DAYS - known_from),
        mark_safe("".join(shapes)),  # noqa: S308 - our own drawing; what it says is escaped above
    )


def sample(kind: str) -> SafeString:
    """Return a single bar, to stand beside the word for it; a clean day's when ``kind`` is empty."""
    path, css_class = f"M1.5 {HEIGHT}V{HEIGHT - CLEAN}", "bk"
    if kind:
        _label, css_class, form = KINDS[kind]
        path = _bar(0, form)
    return format_html(
        '<svg class="bars bars-key" viewBox="0 0 3 {}" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="{}" d="{}"/></svg>',
        HEIGHT,
        css_class,
        path,
    )


def _line(known_from: int) -> str:
    """Draw every day as a clean one, in one go, and those before the component's first as dots."""
    start = known_from * STEP
    unknown = f'<path class="bn" d="M0 {HEIGHT - 1}H{start}"/>' if known_from else ""
    middle = HEIGHT - CLEAN / 2
    return f'{unknown}<path class="bc" d="M{start} {middle:g}H{WIDTH}"/>'


def _paths(bad: Sequence[Trouble], first: date, *, titles: bool) -> Iterator[str]:
    for kind, (_label, css_class, form) in KINDS.items():
        of_kind = [one for one in bad if one.kind == kind]
        drawn = [_bar((one.day - first).days, form) for one in of_kind]
        if titles:
            yield from (
                format_html('<path class="{}" d="{}"><title>{}</title></path>', css_class, path, _titled(one))
                for path, one in zip(drawn, of_kind, strict=True)
            )
        elif drawn:
            yield f'<path class="{css_class}" d="{"".join(drawn)}"/>'


def _bar(position: int, form: str) -> str:
    x = f"{position * STEP + 1.5:g}"
    return f"M{x} {HEIGHT}{form.format(x=x)}"


def _titled(one: Trouble) -> str:
    parts = ", ".join(f"{label} {lasted}" for _kind, label, lasted in one.parts)
    return f"{one.day.isoformat()}: {parts}"


def described(bad: Sequence[Trouble], days: int) -> str:
    """Say what the drawing shows, in a sentence."""
    of_days = ngettext("Last %(number)d day", "Last %(number)d days", days) % {"number": days}
    if not bad:
        return _("%(days)s: no trouble") % {"days": of_days}
    counts = [
        f"{label} {sum(one.kind == kind for one in bad)}"
        for kind, (label, _class, _form) in KINDS.items()
        if any(one.kind == kind for one in bad)
    ]
    return _("%(days)s, days with: %(counts)s") % {"days": of_days, "counts": ", ".join(counts)}


def duration(seconds: int) -> str:
    """Return so many seconds in hours and minutes; less than a minute counts as one."""
    minutes = max(round(seconds / 60), 1)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
