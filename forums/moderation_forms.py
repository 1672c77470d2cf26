"""What readers and moderators fill in: a flag, a decision, somebody's standing. No side effects."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models.user import HANDLE_MAX_LENGTH
from forums.constants import FlagReason, ReviewReason
from forums.models import Community, ModerationEvent

NOTE_MAX_LENGTH = 500
KEEP, HIDE, CLEAN_UP = "keep", "hide", "clean_up"
SILENCE, UNSILENCE, SUSPEND, UNSUSPEND = "silence", "unsilence", "suspend", "unsuspend"
GOOD = "good"
DURATIONS = [("1", _l("1 day")), ("7", _l("7 days")), ("30", _l("30 days")), (GOOD, _l("For good"))]


class NoteField(forms.CharField):
    """A few sentences."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=NOTE_MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class FlagForm(forms.Form):
    """Why somebody calls a moderator."""

    reason = forms.ChoiceField(label=_l("What is wrong with it?"), choices=FlagReason.choices, widget=forms.RadioSelect)
    note = NoteField(
        label=_l("Anything that a moderator should know"),
        required=False,
        help_text=_l("Only moderators read this."),
    )


class NoteForm(forms.Form):
    """Hiding a post from its page."""

    note = NoteField(label=_l("A note to its author"), required=False)


class DecideForm(NoteForm):
    """What becomes of a post in the queue."""

    act = forms.ChoiceField(choices=[(KEEP, ""), (HIDE, ""), (CLEAN_UP, "")])


class StandingForm(forms.Form):
    """Silencing or suspending somebody, or lifting that."""

    act = forms.ChoiceField(choices=[(act, "") for act in (SILENCE, UNSILENCE, SUSPEND, UNSUSPEND)])
    duration = forms.ChoiceField(label=_l("For how long"), choices=DURATIONS, required=False, initial="7")
    reason = NoteField(
        label=_l("Reason"), required=False, help_text=_l("It stands in the trail, for the next moderator.")
    )

    @property
    def days(self) -> int | None:
        """Return how many days were chosen; ``None`` for good."""
        chosen = self.cleaned_data["duration"]
        return None if chosen == GOOD else int(chosen)

    def clean(self) -> dict[str, Any]:
        """Ask for a reason and a duration of what is done to somebody, not of what is lifted."""
        cleaned = super().clean() or {}
        if cleaned.get("act") in (SILENCE, SUSPEND):
            if not cleaned.get("reason") and "reason" not in self.errors:
                self.add_error("reason", _("Say why, so that another moderator understands it."))
            if not cleaned.get("duration") and "duration" not in self.errors:
                self.add_error("duration", _("Choose for how long."))
        return cleaned


class CleanUpForm(forms.Form):
    """Hiding everything of a spammer."""

    reason = NoteField(
        label=_l("Reason"), error_messages={"required": _l("Say why, so that another moderator understands it.")}
    )


class QueueFilter(forms.Form):
    """Which reviews are shown."""

    community = forms.ChoiceField(required=False)
    reason = forms.ChoiceField(required=False, choices=[("", _l("All")), *ReviewReason.choices])

    def __init__(self, data: Any, *, communities: Sequence[Community]) -> None:
        super().__init__(data)
        choices = [("", _("Every community")), *((one.slug, one.name) for one in communities)]
        self.fields["community"].choices = choices  # type: ignore[attr-defined]


class TrailFilter(forms.Form):
    """Which events of the trail are shown."""

    act = forms.ChoiceField(
        label=_l("Act"), required=False, choices=[("", _l("Every act")), *ModerationEvent.Act.choices]
    )
    community = forms.ChoiceField(label=_l("Community"), required=False)
    person = forms.CharField(label=_l("Handle of a person"), required=False, max_length=HANDLE_MAX_LENGTH + 1)

    def __init__(self, data: Any, *, communities: Sequence[Community]) -> None:
        super().__init__(data)
        choices = [("", _("Every community")), *((one.slug, one.name) for one in communities)]
        self.fields["community"].choices = choices  # type: ignore[attr-defined]

    def clean_person(self) -> str:
        """Take the handle without its sign."""
        return str(self.cleaned_data["person"]).removeprefix("@")
