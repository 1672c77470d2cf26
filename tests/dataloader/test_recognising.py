"""Queries that are errors."""

import pytest

from dataloader import recognising
from forums import hooks
from tests.factories.dataloader import CSV_LINE, loader

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query",
    ["UNABLE_TO_LOCK_ROW", "unable_to_lock_row", "unable to lock row", " Unable-to-lock row ", '"UNABLE_TO_LOCK_ROW"'],
)
def test_a_bare_code_is_known_in_any_spelling(query: str) -> None:
    reading = recognising.read(None, query)
    assert reading is not None
    assert reading.query == "UNABLE_TO_LOCK_ROW"
    assert reading.panel is not None
    assert [code.code for code in reading.panel.context["codes"]] == ["UNABLE_TO_LOCK_ROW"]


def test_a_pasted_line_becomes_its_code_and_the_words_of_its_message() -> None:
    reading = hooks.read_query(loader(), CSV_LINE)
    assert reading.query == "UNABLE_TO_LOCK_ROW obtain exclusive access this record records"
    assert reading.panel is not None


def test_what_is_the_customers_own_is_left_out() -> None:
    line = (
        '"A-77","Big Corp","INVALID_FIELD: No such column \'Secret_Region__c\' on entity \'Account\' ana@corp.example"'
        ',"other column"'
    )
    reading = recognising.read(None, line)
    assert reading is not None
    assert reading.query == "INVALID_FIELD such column entity"


def test_a_line_within_a_line_names_both_codes() -> None:
    line = (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: OrderTrigger: first error: UNABLE_TO_LOCK_ROW, unable to obtain"
        " exclusive access: 0018d00000XyZAb"
    )
    reading = recognising.read(None, line)
    assert reading is not None
    assert reading.panel is not None
    assert [code.code for code in reading.panel.context["codes"]] == [
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "UNABLE_TO_LOCK_ROW",
    ]
    assert reading.query.startswith("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY UNABLE_TO_LOCK_ROW OrderTrigger")


def test_a_code_among_words_stays_a_search_with_its_signs() -> None:
    reading = recognising.read(None, 'INVALID_FIELD "bulk api" -export')
    assert reading is not None
    assert reading.query == 'INVALID_FIELD "bulk api" -export'
    assert reading.panel is not None


def test_an_unknown_code_in_a_line_is_searched_for_without_a_panel() -> None:
    reading = recognising.read(None, '"A-1","CIRCULAR_DEPENDENCY: attempt to create a circle of 0018d00000XyZAb"')
    assert reading is not None
    assert reading.query == "CIRCULAR_DEPENDENCY attempt create circle"
    assert reading.panel is None


@pytest.mark.parametrize("query", ["", "bulk api", "locked rows", "FOO_BAR_BAZ", "foo_bar", "a" * 3000, "\x00", '"""'])
def test_other_queries_are_their_words(query: str) -> None:
    assert recognising.read(None, query) is None


@pytest.mark.parametrize(
    "line", ["INVALID_FIELD:" + "x" * 5000, "INVALID_FIELD: " + "word'(" * 900, 'INVALID_FIELD: "' * 200, "A_B:" * 800]
)
def test_long_and_broken_lines_become_a_short_query(line: str) -> None:
    reading = recognising.read(None, line)
    assert reading is not None
    assert 0 < len(reading.query) <= recognising.QUERY_LENGTH


def test_a_line_of_two_thousand_characters_is_read() -> None:
    line = '"' + "x" * 1800 + '","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access"'
    assert recognising.known_in(line)[0].code == "UNABLE_TO_LOCK_ROW"
