from datetime import timedelta

import pytest

from accounts.constants import Coverage, Severity
from accounts.models import SupportPlan
from cases.promises import first_response_in_words


@pytest.mark.parametrize(
    ("coverage", "minutes", "words"),
    [
        (Coverage.ALWAYS, 30, "30 minutes, day or night"),
        (Coverage.ALWAYS, 60, "1 hour, day or night"),
        (Coverage.ALWAYS, 24 * 60, "24 hours, day or night"),
        (Coverage.BUSINESS, 45, "45 minutes of business hours"),
        (Coverage.BUSINESS, 60, "1 business hour"),
        (Coverage.BUSINESS, 4 * 60, "4 business hours"),
        (Coverage.BUSINESS, 8 * 60, "1 business day"),
        (Coverage.BUSINESS, 24 * 60, "3 business days"),
    ],
)
def test_target_is_told_in_words(coverage, minutes, words):
    plan = SupportPlan(coverage=coverage, s1_minutes=minutes)
    assert plan.first_response(Severity.S1) == timedelta(minutes=minutes)
    assert first_response_in_words(plan, Severity.S1) == words


def test_day_is_as_long_as_the_office_is_open(settings):
    settings.BUSINESS_HOURS = (8, 20)
    assert first_response_in_words(SupportPlan(coverage=Coverage.BUSINESS, s1_minutes=720), "s1") == "1 business day"
