"""Keyset pagination: a page starts where the last one ended, so page 5,000 costs what page 1 does.

A cursor is the ordering values of a row, signed so that an address edited by hand is refused instead of being
passed to the database. Source: https://use-the-index-luke.com/no-offset
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import F, Model, QuerySet, TextField
from django.db.models.expressions import Func, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)
CURSOR_MAX_LENGTH = 400
_SALT = "lib.keyset"


class _Row(Func):
    """A row value: PostgreSQL compares ``(a, b, c) > (x, y, z)`` by one index range."""

    function = "ROW"


class _RowField(TextField):  # type: ignore[type-arg] # never read back
    """A row value has no field of its own; the comparison only needs one that passes values through."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        return value


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of rows and the addresses of its neighbours (empty when there is none)."""

    rows: Sequence[M]
    next_url: str
    previous_url: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def cursor_after(row: Model, order: Sequence[str]) -> str:
    """Return the cursor of the page that begins after ``row`` in ``order``."""
    return _encode(row, [name.removeprefix("-") for name in order], "f")


def cursor_before(row: Model, order: Sequence[str]) -> str:
    """Return the cursor of the page that ends before ``row`` in ``order``."""
    return _encode(row, [name.removeprefix("-") for name in order], "b")


def _encode(row: Model, fields: Sequence[str], direction: str) -> str:
    values = [getattr(row, name) for name in fields]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return signing.dumps([direction, list(fields), plain], salt=_SALT)


def _decode(cursor: str, fields: Sequence[str]) -> tuple[str, list[Any]]:
    if len(cursor) > CURSOR_MAX_LENGTH:
        raise BadRequest(_("This page address is damaged. Start again from the first page."))
    try:
        direction, names, plain = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadRequest(_("This page address is damaged. Start again from the first page.")) from error
    if list(names) != list(fields):
        # The order was changed while a cursor of the old order stayed in the address.
        raise BadRequest(_("This page address belongs to another order. Start again from the first page."))
    values = [(parse_datetime(value) or value) if isinstance(value, str) else value for value in plain]
    return direction, values


def paginate(
    queryset: QuerySet[M], *, order: Sequence[str], query: QueryDict, size: int, parameter: str = "after"
) -> Page[M]:
    """Return the page that ``query[parameter]`` points at, ``size`` rows long.

    ``order`` names stored columns, all ascending or all descending (a leading ``-`` on each), the last one unique.
    Raises ``BadRequest`` on a cursor that was not made here.
    """
    descending = order[0].startswith("-")
    fields = [name.removeprefix("-") for name in order]
    cursor = query.get(parameter, "")
    backward = False
    rows_query = queryset.order_by(*order)
    if cursor:
        direction, values = _decode(cursor, fields)
        backward = direction == "b"
        if backward:
            rows_query = rows_query.reverse()
        lookup = LessThan if descending != backward else GreaterThan
        rows_query = rows_query.filter(_compare(lookup, queryset.model, fields, values))
    rows = list(rows_query[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    has_next = bool(rows) and (more or backward)
    has_previous = bool(rows) and bool(cursor) and (more or not backward)
    return Page(
        rows=rows,
        next_url=_url(query, parameter, _encode(rows[-1], fields, "f")) if has_next else "",
        previous_url=_url(query, parameter, _encode(rows[0], fields, "b")) if has_previous else "",
    )


def _compare(
    lookup: type[GreaterThan] | type[LessThan], model: type[Model], fields: Sequence[str], values: list[Any]
) -> Any:
    typed = [
        Value(value, output_field=model._meta.get_field(name))  # type: ignore[arg-type]  # noqa: SLF001 - Django's API
        for name, value in zip(fields, values, strict=True)
    ]
    return lookup(_Row(*map(F, fields), output_field=_RowField()), _Row(*typed, output_field=_RowField()))


def _url(query: QueryDict, parameter: str, cursor: str) -> str:
    kept = [(key, value) for key, values in query.lists() if key != parameter for value in values]
    return "?" + urlencode([*kept, (parameter, cursor)])
