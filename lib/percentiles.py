"""Percentiles, counted by the database."""

from typing import Any

from django.db.models import Aggregate, DurationField


class Percentile(Aggregate):
    """PostgreSQL's ``percentile_cont`` of a length of time: of an even number of values the middle between two."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, fraction: float, expression: Any, **extra: Any) -> None:
        if not 0 <= fraction <= 1:
            raise ValueError("A fraction lies between nought and one.")
        super().__init__(expression, **{"fraction": fraction, "output_field": DurationField(), **extra})
