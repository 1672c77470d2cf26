"""Excerpts: what is done to a text after PostgreSQL has marked the words."""

from time import perf_counter

from forums.search.excerpts import _START, _STOP, _html


def test_a_code_is_marked_whole() -> None:
    parts = f"{_START}UNABLE{_STOP}_TO_{_START}LOCK{_STOP}_{_START}ROW{_STOP}, {_START}orders{_STOP}.{_START}csv{_STOP}"
    assert _html(parts) == "<mark>UNABLE_TO_LOCK_ROW</mark>, <mark>orders.csv</mark>"
    assert _html(f"{_START}cs{_STOP}-{_START}42{_STOP}") == "<mark>cs-42</mark>"


def test_words_that_only_stand_side_by_side_are_marked_apart() -> None:
    assert _html(f"{_START}lock{_STOP}{_START}row{_STOP}") == "<mark>lock</mark><mark>row</mark>"
    assert _html(f"{_START}lock{_STOP}ed{_START}row{_STOP}") == "<mark>lock</mark>ed<mark>row</mark>"


def test_a_long_row_of_dots_takes_no_time() -> None:
    began = perf_counter()
    _html(f"{_START}error{_STOP}{'.' * 12_000} {_START}row{_STOP}")
    assert perf_counter() - began < 1
