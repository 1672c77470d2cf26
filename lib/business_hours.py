"""Adding working time to a moment.

The clock runs on given weekdays between two hours of one zone's wall clock, so a day with a daylight-saving change
has as many working hours as any other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Working days (Monday is 0), from ``start`` to ``end`` (whole hours, 0 to 24), in ``zone``."""

    days: Collection[int]
    start: int
    end: int
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not self.days or not 0 <= self.start < self.end <= 24:
            raise ValueError("Business hours need a day, and a start before their end.")

    def _window(self, day: date) -> tuple[datetime, datetime]:
        midnight = datetime.combine(day, time(), tzinfo=self.zone)
        # Wall-clock arithmetic: aware datetimes of one zone add without regard to daylight saving.
        return midnight + timedelta(hours=self.start), midnight + timedelta(hours=self.end)

    def add(self, moment: datetime, working: timedelta) -> datetime:
        """Return the UTC moment at which ``working`` time has passed since ``moment`` (aware)."""
        left = working
        local = moment.astimezone(self.zone)
        day = local.date()
        while True:
            if day.weekday() in self.days:
                start, end = self._window(day)
                begin = max(start.astimezone(UTC), moment.astimezone(UTC))
                room = end.astimezone(UTC) - begin
                if room > timedelta(0):
                    if left <= room:
                        return begin + left
                    left -= room
            day += timedelta(days=1)
