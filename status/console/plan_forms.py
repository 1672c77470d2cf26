"""The shape of what operators plan. No side effects."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from status.console.fields import ComponentsField, MomentField
from status.console.forms import OnceForm, SeenForm, deliver_field, text_field, title_field
from status.maintenance import Plan
from status.models import Incident

_DIGITS = 9  # of a number of minutes that is a reminder's
_DAY, _HOUR = 24 * 60, 60
_REMINDERS = {7 * _DAY: _l("7 days before"), _DAY: _l("1 day before"), _HOUR: _l("1 hour before")}


class PlanForm(forms.Form):
    """When a maintenance takes place."""

    start = MomentField(label=_l("Start"))
    end = MomentField(label=_l("End"))
    starts_by_itself = forms.BooleanField(label=_l("Start by itself"), required=False, initial=True)
    ends_by_itself = forms.BooleanField(label=_l("End by itself"), required=False, initial=True)
    reminders = forms.TypedMultipleChoiceField(
        label=_l("Remind subscribers"),
        required=False,
        coerce=int,
        choices=list(_REMINDERS.items()),
        initial=[_DAY, _HOUR],
        widget=forms.CheckboxSelectMultiple,
    )
    components = ComponentsField(label=_l("Components"), required=False)
    deliver = deliver_field()

    def offer(self, known: Iterable[int]) -> None:
        """Say which components there are to choose from."""
        self.fields["components"].known = list(known)  # type: ignore[attr-defined]

    def offer_reminders(self, minutes: Iterable[int]) -> None:
        """Offer besides the usual reminders those that a maintenance has from elsewhere.

        What it had when the page was read is offered as well, though a colleague has changed it.
        """
        sent = self["reminders"].value() or () if self.is_bound else ()
        minutes = {*minutes, *(int(one) for one in sent if one.isascii() and one.isdigit() and len(one) < _DIGITS)}
        more = {number: _("%(number)d minutes before") % {"number": number} for number in minutes}
        choices = sorted((more | dict(_REMINDERS)).items(), reverse=True)
        self.fields["reminders"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for an end that comes after the start."""
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["end"] <= data["start"]:
            self.add_error("end", _("The end lies before the start."))
        elif data.get("end") and data["end"] <= timezone.now():
            self.add_error("end", _("This time is over."))
        return data

    @property
    def plan(self) -> Plan:
        """Return what was planned."""
        data = self.cleaned_data
        return Plan(
            start=data["start"],
            end=data["end"],
            starts_by_itself=data["starts_by_itself"],
            ends_by_itself=data["ends_by_itself"],
            reminders=data["reminders"],
        )


class ScheduleForm(PlanForm, OnceForm):
    """A new maintenance."""

    name = title_field()
    body = text_field()


class RescheduleForm(PlanForm, SeenForm):
    """Another plan for a maintenance."""

    body = text_field()
    merged = ("start", "end")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].required = False

    def exact(self, incident: Incident) -> Plan:
        """Return the plan with seconds that the page does not show where nobody has touched them."""
        plan = self.plan
        if "start" not in self.changed_data and incident.scheduled_for is not None:
            plan = replace(plan, start=incident.scheduled_for)
        if "end" not in self.changed_data and incident.scheduled_until is not None:
            plan = replace(plan, end=incident.scheduled_until)
        return plan


class CancelForm(SeenForm):
    """Calling a maintenance off."""

    body = text_field()
    deliver = deliver_field()
