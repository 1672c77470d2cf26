"""Excerpts: what is done to a text after PostgreSQL has marked the words."""

from time import perf_counter

from forums.search.excerpts import _html
from lib.search_hits import START, STOP


def test_a_code_is_marked_whole() -> None:
    parts = f"{START}UNABLE{STOP}_TO_{START}LOCK{STOP}_{START}ROW{STOP}, {START}orders{STOP}.{START}csv{STOP}"
    assert _html(parts) == "<mark>UNABLE_TO_LOCK_ROW</mark>, <mark>orders.csv</mark>"
    assert _html(f"{START}cs{STOP}-{START}42{STOP}") == "<mark>cs-42</mark>"


def test_words_that_only_stand_side_by_side_are_marked_apart() -> None:
    assert _html(f"{START}lock{STOP}{START}row{STOP}") == "<mark>lock</mark><mark>row</mark>"
    assert _html(f"{START}lock{STOP}ed{START}row{STOP}") == "<mark>lock</mark>ed<mark>row</mark>"


def test_a_long_row_of_dots_takes_no_time() -> None:
    began = perf_counter()
    _html(f"{START}error{STOP}{'.' * 12_000} {START}row{STOP}")
    assert perf_counter() - began < 1
