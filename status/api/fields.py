"""Reading a request's fields: each with its own sentence when it is not right, all of them at once."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.api import invalid
from status.constants import ComponentStatus
from status.models import Component

COMPONENTS_LIMIT = 500
# Beyond it neither the calendar nor the database's arithmetic is of use.
_EARLIEST, _LATEST = timedelta(days=20 * 366), timedelta(days=5 * 366)
_VERSION_LIMIT = 2**31


class Fields:
    """The fields of one request. Ask for each that there may be, then ``check``."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._asked: set[str] = set()
        self._errors: dict[str, list[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def check(self) -> None:
        """Raise the refusal of all that was wrong, unknown names included."""
        for name in self._data:
            if name not in self._asked:
                self._wrong(name[:100], _("There is no such field here."))
        if self._errors:
            raise invalid(self._errors)

    def text(self, name: str, *, limit: int, default: str | None = None) -> str:
        """Return a text of up to ``limit`` characters that says something, or the default."""
        value = self._take(name, default)
        if value is None:
            return ""
        if not isinstance(value, str) or (not value.strip() and default is None):
            self._wrong(name, _("Write a text."))
        elif len(value) > limit:
            self._wrong(name, _("At most %(limit)d characters.") % {"limit": limit})
        else:
            return value
        return ""

    def choice(self, name: str, choices: Collection[str], *, default: str | None = None) -> str:
        """Return one of ``choices``, or the default."""
        value = self._take(name, default)
        if value is None or value == default:
            return value or ""
        if not isinstance(value, str) or value not in choices:
            self._wrong(name, _("One of: %(choices)s.") % {"choices": ", ".join(choices)})
            return ""
        return str(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            self._wrong(name, _("true or false."))
            return default
        return value

    def version(self) -> int | None:
        """Return the version that a change was made from, if it is given."""
        value = self._take("version", 0)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _VERSION_LIMIT:
            self._wrong("version", _("The version that you have read."))
            return None
        return value or None

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        """Return a time with its offset, or nothing."""
        value = self._take(name, None if required else "")
        if not value:
            if value is not None and not isinstance(value, str):
                self._wrong(name, _("Write the time as 2026-11-29T18:00:00Z."))
            return None
        found = _moment(value)
        if found is None:
            self._wrong(name, _("Write the time as 2026-11-29T18:00:00Z, with its offset."))
        return found

    def numbers(self, name: str, *, limit: int, default: Collection[int]) -> list[int]:
        """Return a list of up to ``limit`` whole numbers."""
        value = self._take(name, list(default))
        if not isinstance(value, list) or len(value) > limit or not all(_is_number(number) for number in value):
            self._wrong(name, _("A list of up to %(limit)d numbers.") % {"limit": limit})
            return []
        return value

    def statuses(self, name: str = "components", *, default: Mapping[str, str] | None = None) -> dict[int, str]:
        """Return statuses by component, given as an object of component id and status."""
        value = self._take(name, {} if default is None else dict(default))
        if not isinstance(value, dict) or len(value) > COMPONENTS_LIMIT:
            self._wrong(name, _("An object: the component's id, and the status it takes."))
            return {}
        if wrong := [status for status in value.values() if status not in ComponentStatus.values]:
            choices = ", ".join(ComponentStatus.values)
            self._wrong(
                name, _("%(wrong)s is no status: one of %(choices)s.") % {"wrong": _short(wrong[0]), "choices": choices}
            )
            return {}
        keys = self._keys(name, list(value))
        return {keys[public_id]: status for public_id, status in value.items() if public_id in keys}

    def components(self, name: str = "components", *, required: bool = True) -> list[int]:
        """Return components, given as a list of ids."""
        value = self._take(name, None if required else [])
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > COMPONENTS_LIMIT or not all(isinstance(pk, str) for pk in value):
            self._wrong(name, _("A list of component ids."))
            return []
        return sorted(set(self._keys(name, value).values()))

    def _keys(self, name: str, public_ids: list[str]) -> dict[str, int]:
        keys = dict(Component.objects.present().filter(public_id__in=public_ids).values_list("public_id", "pk"))
        if missing := [public_id for public_id in public_ids if public_id not in keys]:
            self._wrong(name, _("There is no component %(id)s.") % {"id": _short(missing[0])})
        return keys

    def _take(self, name: str, default: Any) -> Any:
        """Return the value, or the default for none and null; ``None`` as the default says that it is required."""
        self._asked.add(name)
        value = self._data.get(name)
        if value is not None:
            return value
        if default is None:
            self._wrong(name, _("This is required."))
        return default

    def _wrong(self, name: str, sentence: str) -> None:
        self._errors.setdefault(name, []).append(sentence)


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    if found is None or found.tzinfo is None:
        return None
    now = timezone.now()
    try:
        return found if now - _EARLIEST < found < now + _LATEST else None
    except OverflowError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _VERSION_LIMIT


def _short(value: Any) -> str:
    return str(value)[:40]
