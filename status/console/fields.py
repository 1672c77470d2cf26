"""Fields of the console's forms that Django does not have."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from status.constants import ComponentStatus

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A moment to the minute, read and shown in the operator's time zone."""

    default_error_messages = {"far": _l("Give a time between the years 2000 and 2100.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=MomentInput(), **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Refuse years at the ends of the calendar, where another zone has no such time.

        Of an hour that a change of clocks repeats, the first is meant.
        """
        try:
            moment = super().to_python(value)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["far"], code="far") from None
        except forms.ValidationError as error:
            moment = _repeated(value) if error.code == "ambiguous_timezone" else None
            if moment is None:
                raise
        if moment is not None and not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise forms.ValidationError(self.error_messages["far"], code="far")
        return moment


def to_the_minute(moment: datetime | None) -> datetime | None:
    """Return a moment as the field shows it, so that one that nobody touched counts as unchanged."""
    return moment.replace(second=0, microsecond=0) if moment else None


def _repeated(value: Any) -> datetime | None:
    """Return a time that the operator's zone has twice; None for one that it leaves out."""
    naive = parse_datetime(str(value))
    if naive is None or timezone.is_aware(naive):
        return None
    moment = naive.replace(tzinfo=timezone.get_current_timezone())
    same = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return moment if same.replace(tzinfo=None) == naive else None


class ComponentsInput(forms.Widget):
    """Boxes named as the field, each with a select beside it that says which status its component takes.

    The page draws them (``status/console/_picker.html``); the value maps ids, as they were sent, to statuses.
    """

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:  # noqa: ARG002 - Django's signature
        """Return what was ticked; an empty status takes the one that is set for all."""
        ticked = data.getlist(name) if isinstance(data, QueryDict) else data.get(name, [])
        return {str(key): data.get(f"{name}-{key}", "") for key in ticked}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002 - Django's signature
        """Say no: that nothing is ticked is an answer."""
        return False


class ComponentsField(forms.Field):
    """Components by id with the status that each takes; ``""`` stands for the one that is set for all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ComponentsInput(), **kwargs)
        self.known: Collection[int] = ()

    def clean(self, value: Mapping[str, str]) -> dict[int, str]:
        """Return statuses by component id. Refuses what is not offered."""
        known = {str(pk): pk for pk in self.known}
        if not set(value) <= set(known):
            raise forms.ValidationError(_("One of these components is not in service any more. Choose again."))
        if not set(value.values()) <= {"", *ComponentStatus.values}:
            raise forms.ValidationError(_("Choose a status from the list."))
        if self.required and not value:
            raise forms.ValidationError(_("Choose at least one component."))
        return {known[key]: status for key, status in value.items()}
