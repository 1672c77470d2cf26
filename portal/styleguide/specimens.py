"""What the style guide shows of each template of ``templates/components/``, in every state that it has.

A component that is not here fails a test, so the page cannot fall behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib.messages import constants as levels
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.constants import Severity
from cases.constants import Priority, Status
from lib import charts
from lib.keyset import Page
from portal.icons import ICONS
from portal.navigation import Entry
from portal.styleguide.forms import filled, sample, wrong
from portal.templatetags.status_look import INDICATOR_LOOK
from status.constants import ComponentStatus, Impact, Stage

EXAMPLE = "#"  # leads nowhere: a specimen is looked at


@dataclass(frozen=True)
class Specimen:
    """A component in one state: what it is given, in a word or two what that is."""

    template: str
    state: str
    context: Mapping[str, Any] = field(default_factory=dict)
    in_list: bool = False

    def draw(self, request: HttpRequest) -> SafeString:
        """Draw it as any page would."""
        return SafeString(render_to_string(f"components/{self.template}.html", dict(self.context), request))


class StagedFile(NamedTuple):
    """A file as ``components/staged_chip.html`` asks for it."""

    token: str
    name: str
    size: int


class Problem(NamedTuple):
    """A problem as ``components/error_summary.html`` asks for it."""

    label: str
    text: str
    anchor: str = ""


def words() -> Mapping[str, Sequence[str]]:
    """Return the codes that tags show by colour, shape and word."""
    return {
        "statuses": Status.values,
        "severities": Severity.values,
        "priorities": Priority.values,
        "component_states": ComponentStatus.values,
        "stages": Stage.values,
        "impacts": Impact.values,
        "indicators": list(INDICATOR_LOOK),
    }


def icon_names() -> Sequence[str]:
    """Return every icon's name, in the order of the set."""
    return list(ICONS)


def specimens() -> Sequence[Specimen]:
    """Return every component in every state, grouped by what it is for."""
    return [*_places(), *_remarks(), *_choices(), *_files(), *_form_parts(), *_charts()]


def _places() -> Sequence[Specimen]:
    rooms = (("Community", EXAMPLE), (_("Error codes"), EXAMPLE), ("DL-4120", ""))
    return [
        Specimen("logo", _("the site's mark")),
        Specimen("nav_entry", _("elsewhere"), {"entry": Entry(_("Community"), EXAMPLE, "community")}),
        Specimen("nav_entry", _("here"), {"entry": Entry(_("Community"), EXAMPLE, "community", active=True)}),
        *(
            Specimen("nav_entry", code, {"entry": Entry(_("Status"), EXAMPLE, "status", dot=code)})
            for code in INDICATOR_LOOK
        ),
        Specimen(
            "breadcrumbs", _("one step"), {"parent_url": EXAMPLE, "parent_label": _("My Cases"), "here": "CS-000061"}
        ),
        Specimen("breadcrumbs", _("several steps"), {"crumbs": rooms}),
        Specimen(
            "page_header",
            _("with everything"),
            {
                "title": _("Import stops at row 4,120"),
                "eyebrow": "CS-000061",
                "lead": _("One sentence that says what this page is for."),
                "actions": "portal/styleguide/_actions.html",
            },
        ),
        Specimen("page_header", _("the title alone"), {"title": _("My Cases")}),
        Specimen("tabs", _("with icon and counter"), {"label": _("Sample tabs"), "tabs": _tabs()}),
        Specimen("pager", _("in the middle"), {"page": Page([], EXAMPLE, EXAMPLE), "label": _("Sample pages")}),
        Specimen("pager", _("first page"), {"page": Page([], EXAMPLE, ""), "label": _("First sample page")}),
    ]


def _tabs() -> Sequence[Mapping[str, Any]]:
    return [
        {"url": EXAMPLE, "label": _("Open"), "active": True, "count": 3, "icon": "inbox"},
        {"url": EXAMPLE, "label": _("Closed"), "count": 128},
        {"url": EXAMPLE, "label": _("All")},
    ]


def _remarks() -> Sequence[Specimen]:
    text = _("What happened, and what to do now.")
    told = [
        (levels.SUCCESS, _("Saved.")),
        (levels.INFO, _("A colleague has replied meanwhile.")),
        (levels.WARNING, _("Your session ends in five minutes.")),
        (levels.ERROR, _("The file was not uploaded. Please try again.")),
    ]
    return [
        *(
            Specimen("callout", kind, {"kind": kind, "title": _("A remark"), "text": text})
            for kind in ("info", "success", "warning", "danger")
        ),
        *(
            Specimen("message", Message(level, said).level_tag, {"message": Message(level, said)})
            for level, said in told
        ),
        Specimen(
            "message",
            _("with Undo"),
            {"message": Message(levels.SUCCESS, _("The case is closed."), f"undo:/{EXAMPLE}")},
        ),
        Specimen("undo", _("on its own"), {"undo_url": EXAMPLE}),
        Specimen(
            "empty",
            _("with an act"),
            {
                "icon_name": "cases",
                "title": _("No open cases"),
                "text": _("Everything you asked has been answered."),
                "action_url": EXAMPLE,
                "action_label": _("Create Case"),
                "heading": "h4",
            },
        ),
        Specimen("empty", _("without"), {"title": _("Nothing here yet"), "heading": "h4"}),
        Specimen("help", _("folded"), {"question": _("Which severity is right?"), "text": text, "more_url": EXAMPLE}),
        Specimen("loading", _("shown while htmx waits")),
    ]


def _choices() -> Sequence[Specimen]:
    options = (("open", _("Open")), ("closed", _("Closed")), ("", _("All")))
    return [
        Specimen(
            "pills",
            _("a filter"),
            {"parameter": "sample", "options": options, "current": "open", "label": _("Sample filter")},
        ),
        Specimen(
            "confirm",
            _("closed until it is pressed"),
            {
                "label": _("End access"),
                "icon_name": "lock",
                "question": _("They can see no case of this account from now on."),
                "action_url": EXAMPLE,
            },
        ),
    ]


def _files() -> Sequence[Specimen]:
    return [
        Specimen("file_chip", _("a file"), {"url": EXAMPLE, "name": "import.log", "size": 48_213}),
        Specimen(
            "file_chip",
            _("a picture with a long name"),
            {
                "url": EXAMPLE,
                "name": "screenshot-of-the-import-dialog-with-the-error-message.png",
                "size": 1_482_130,
                "is_image": True,
            },
        ),
        Specimen(
            "staged_chip", _("not sent yet"), {"upload": StagedFile("sample", "trace.zip", 913_408)}, in_list=True
        ),
        Specimen("upload_field", _("empty"), {"max_bytes": 25 * 1024 * 1024, "field_id": "sample_files"}),
        Specimen(
            "upload_field",
            _("with an error"),
            {
                "max_bytes": 25 * 1024 * 1024,
                "field_id": "sample_files_wrong",
                "errors": [_("notes.exe is of a kind that we do not take.")],
                "staged": [StagedFile("sample-2", "trace.zip", 913_408)],
            },
        ),
    ]


def _form_parts() -> Sequence[Specimen]:
    problems = [
        Problem(_("Subject"), _("This field is required."), "id_wrong-subject"),
        Problem("", _("The case has changed since you opened it.")),
    ]
    return [
        Specimen("error_summary", _("two problems"), {"problems": problems}),
        Specimen(
            "error_summary",
            _("with what has not happened"),
            {"problems": problems[:1], "failed": _("The case was not created.")},
        ),
        Specimen("optional", _("after a label")),
        Specimen("draft_restored", _("above the form"), {"draft": _draft(), "discard_url": EXAMPLE, "key": "sample"}),
        Specimen("draft_status", _("silent until there is something to say")),
        Specimen("markdown_field", _("empty"), {"field": sample("writing")["description"], "preview_url": EXAMPLE}),
        Specimen("markdown_field", _("filled"), {"field": filled("written")["description"]}),
        Specimen("markdown_field", _("with an error"), {"field": wrong("unwritten")["description"]}),
    ]


def _draft() -> Mapping[str, Any]:
    return {"updated_at": timezone.now()}


def _charts() -> Sequence[Specimen]:
    weeks = [_("Week %(number)s") % {"number": number} for number in range(1, 7)]
    opened = charts.Series(_("Opened"), [4, 7, 5, 9, 6, 8])
    closed = charts.Series(_("Closed"), [3, 6, None, 8, 7, 5])
    return [
        Specimen(
            "chart",
            kind.value,
            {
                "chart": charts.draw(
                    kind,
                    title=_("Cases a week"),
                    finding=_("Most cases were opened in week 4."),
                    head=_("Week"),
                    labels=weeks,
                    series=[opened, closed],
                )
            },
        )
        for kind in charts.Kind
    ]
