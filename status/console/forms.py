"""The shape of what operators send. No side effects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _l

from lib.widgets import PlainSelect, PlainTextarea
from status.console import prepared
from status.console.fields import ComponentsField, MomentField
from status.constants import (
    BODY_MAX_LENGTH,
    FIRST_STAGES,
    INCIDENT_IMPACTS,
    NAME_MAX_LENGTH,
    ComponentStatus,
    Kind,
    Stage,
)
from status.models import Incident

_INTEGER_MAX = 2**31 - 1
_BIG_INTEGER_MAX = 2**63 - 1
_IMPACTS = [(impact.value, impact.label) for impact in INCIDENT_IMPACTS]


def _select() -> forms.Select:
    return PlainSelect(attrs={"class": "form-select"})


def title_field() -> forms.CharField:
    """Return a title's field."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "next"})
    return forms.CharField(label=_l("Title"), max_length=NAME_MAX_LENGTH, widget=widget)


def text_field() -> forms.CharField:
    """Return the field of what readers are told, in Markdown."""
    return forms.CharField(
        label=_l("Text"), max_length=BODY_MAX_LENGTH, widget=PlainTextarea(attrs={"rows": 4, "class": "form-control"})
    )


def deliver_field() -> forms.BooleanField:
    """Return the box that says whether subscribers are told."""
    return forms.BooleanField(label=_l("Tell subscribers"), required=False, initial=True)


def _impact(empty: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=_l("Impact"), required=False, choices=[("", empty), *_IMPACTS], widget=_select())


def _as_sent(field: forms.Field, value: Any) -> str:
    """Return a value as a browser sends it back."""
    value = field.prepare_value(value)
    if isinstance(field, MomentField):
        value = field.widget.format_value(value)
    return "" if value is None else str(value)


class OnceForm(forms.Form):
    """A form whose repetition does nothing: a second tap, a page sent again."""

    token = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    @property
    def origin_key(self) -> str:
        """Return what the first submission is known by."""
        return f"form:{self.cleaned_data['token']}"

    def sent_before(self) -> str:
        """Return the key of the form that the browser sent, before the rest of it is looked at; empty for none."""
        try:
            token = self.fields["token"].clean(self["token"].data)
        except forms.ValidationError:
            return ""
        return f"form:{token}"


class SeenForm(forms.Form):
    """A change to an incident, and what of it was on the screen: its version and the last event that was shown."""

    version = forms.IntegerField(min_value=0, max_value=_INTEGER_MAX, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, max_value=_BIG_INTEGER_MAX, widget=forms.HiddenInput)
    # Where a colleague's change takes the place of what the person has left alone.
    merged: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.merged:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    @property
    def seen_event(self) -> int:
        """Return the last event that the form's page had shown."""
        seen: int = getattr(self, "cleaned_data", {}).get("seen") or 0
        return seen

    def read_again(self, initial: Mapping[str, Any]) -> None:
        """Bring the form up to what is true now; what was typed stays, so that sending it again is enough."""
        typed = set(self.changed_data)
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version")], data[self.add_prefix("seen")] = initial["version"], initial["seen"]
        for name in self.merged:
            if name in self.fields:
                now = _as_sent(self.fields[name], initial.get(name))
                data[f"initial-{self.add_prefix(name)}"] = now
                if name not in typed:
                    data[self.add_prefix(name)] = now
        self.data = data


class ComponentsForm(forms.Form):
    """Components and the status that each takes; one control sets all that have none of their own."""

    components = ComponentsField(label=_l("Components"), required=False)
    component_status = forms.ChoiceField(
        label=_l("Their status"),
        choices=[choice for choice in ComponentStatus.choices if choice[0] != ComponentStatus.MAINTENANCE],
        initial=ComponentStatus.PARTIAL,
        # Where every component has its own, there is no such control.
        required=False,
        widget=_select(),
    )

    def offer(self, known: Iterable[int]) -> None:
        """Say which components there are to choose from."""
        self.fields["components"].known = list(known)  # type: ignore[attr-defined]

    @property
    def statuses(self) -> dict[int, str]:
        """Return the status of each chosen component."""
        data = self.cleaned_data
        others = data["component_status"] or ComponentStatus.PARTIAL.value
        return {pk: status or others for pk, status in data["components"].items()}


class IncidentForm(ComponentsForm):
    """What an incident says at its beginning."""

    name = title_field()
    status = forms.ChoiceField(
        label=_l("Status"),
        choices=[choice for choice in Stage.choices if choice[0] in FIRST_STAGES[Kind.INCIDENT]],
        initial=Stage.INVESTIGATING,
        widget=forms.RadioSelect,
    )
    impact = _impact(_l("By its components"))
    body = text_field()
    started_at = MomentField(label=_l("Started"), required=False, help_text=_l("Left empty: now."))


class OpenForm(IncidentForm, OnceForm):
    """A new incident."""

    deliver = deliver_field()


class DraftForm(IncidentForm, SeenForm):
    """A draft, written anew."""

    merged = ("name", "status", "impact", "body", "started_at")


class UpdateForm(ComponentsForm, OnceForm, SeenForm):
    """What is new of an incident or a maintenance."""

    status = forms.ChoiceField(label=_l("Status"), widget=forms.RadioSelect)
    body = text_field()
    impact = _impact(_l("As it is, or worse by its components"))
    at = MomentField(label=_l("When"), required=False, help_text=_l("Left empty: now."))
    deliver = deliver_field()

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(stage.value, stage.label) for stage in prepared.moves(incident)]
        chosen = self["status"].value()
        if chosen in Stage.values and chosen not in dict(choices):
            # A colleague was quicker: what was chosen stays visible, and the rules say why it cannot be.
            choices.append((chosen, Stage(chosen).label))
        self.fields["status"].choices = choices  # type: ignore[attr-defined]
        if incident.is_maintenance:
            del self.fields["impact"]

    def was(self, pk: int) -> str:
        """Return the status that the incident gave a component when the page was read; empty when it gave none."""
        return str(self.data.get(f"components-was-{pk}", ""))

    def hold(self, held: Mapping[int, str]) -> None:
        """Take what the incident gives its components now where the operator has left a component alone."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        ticked = set(data.getlist("components"))
        for pk, status in held.items():
            given, was = data.get(f"components-{pk}", ""), self.was(pk)
            if str(pk) in ticked and not was:
                # Both chose it: what the operator wanted for it stays.
                data[f"components-{pk}"] = given or data.get("component_status", "")
            elif given in {"", was}:
                data[f"components-{pk}"] = status
            data[f"components-was-{pk}"] = status
        self.data = data

    @property
    def changes(self) -> dict[int, str]:
        """Return the components that the operator has given another status; the rest stay as they are."""
        return {pk: status for pk, status in self.statuses.items() if status != self.was(pk)}


class MoveForm(OnceForm):
    """One tap."""

    version = forms.IntegerField(min_value=0, max_value=_INTEGER_MAX)
    status = forms.ChoiceField(choices=[(stage.value, stage.label) for stage in prepared.ONE_TAP])


class PublishForm(forms.Form):
    """A draft that is made public."""

    version = forms.IntegerField(min_value=0, max_value=_INTEGER_MAX, widget=forms.HiddenInput)
    deliver = deliver_field()


class EditForm(SeenForm):
    """Title, impact, start and end, corrected."""

    name = title_field()
    impact = forms.ChoiceField(label=_l("Impact"), choices=_IMPACTS, widget=_select())
    started_at = MomentField(label=_l("Started"))
    resolved_at = MomentField(label=_l("Ended"))
    merged = ("name", "impact", "started_at", "resolved_at")

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if incident.is_maintenance:
            del self.fields["impact"]
        if incident.status == Stage.SCHEDULED:
            del self.fields["started_at"]
        if not incident.has_ended:
            del self.fields["resolved_at"]


class EditUpdateForm(SeenForm):
    """An update's text and time, corrected."""

    body = text_field()
    display_at = MomentField(label=_l("When"))
    merged = ("body", "display_at")


class PastForm(ComponentsForm, OnceForm):
    """An incident that is over and was never entered."""

    name = title_field()
    impact = _impact(_l("By its components"))


class PastUpdateForm(forms.Form):
    """One of its updates; an empty one is left out."""

    status = forms.ChoiceField(
        label=_l("Status"),
        choices=[choice for choice in Stage.choices if choice[0] in {*FIRST_STAGES[Kind.INCIDENT], Stage.RESOLVED}],
        widget=_select(),
    )
    at = MomentField(label=_l("When"))
    body = text_field()
    component_status = forms.ChoiceField(
        label=_l("Components from then on"),
        required=False,
        choices=[
            ("", _l("As before")),
            *(choice for choice in ComponentStatus.choices if choice[0] != ComponentStatus.MAINTENANCE),
        ],
        widget=_select(),
    )

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was written into it."""
        return not any(str(self[name].value() or "").strip() for name in ("at", "body"))


class SetStatusForm(forms.Form):
    """A component's own status."""

    status = forms.ChoiceField(label=_l("Status"), choices=ComponentStatus.choices, widget=_select())
    deliver = forms.BooleanField(label=_l("Tell subscribers"), required=False, initial=True)
