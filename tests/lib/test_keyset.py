from datetime import timedelta

import pytest
from django.core import signing
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from lib.keyset import paginate
from tests.factories.cases import file_case

pytestmark = pytest.mark.django_db

UPDATED = ("-public_updated_at", "-id")
RANKED = ("queue_rank", "opened_at", "id")


@pytest.fixture
def seven(contact):
    """Seven cases; some share a time, as rows of one import do."""
    now = timezone.now()
    cases = [file_case(contact, severity=severity) for severity in ("s1", "s4", "s3", "s3", "s1", "s2", "s4")]
    for number, case in enumerate(cases):
        moment = now + timedelta(microseconds=number // 3)
        Case.objects.filter(pk=case.pk).update(public_updated_at=moment, opened_at=moment)
    return cases


def page(order, address="", size=3):
    return paginate(Case.objects.all(), order=order, query=QueryDict(address.removeprefix("?")), size=size)


@pytest.mark.parametrize("order", [UPDATED, RANKED])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_every_row_is_met_once_in_order_there_and_back(seven, order, size):
    expected = list(Case.objects.order_by(*order).values_list("pk", flat=True))
    there, address = [], ""
    while True:
        current = page(order, address, size)
        there += [case.pk for case in current]
        if not current.next_url:
            break
        address = current.next_url
    assert there == expected
    back = [case.pk for case in current]
    while current.previous_url:
        current = page(order, current.previous_url, size)
        back = [case.pk for case in current] + back
    assert back == expected


def test_first_page_has_no_previous_and_the_last_no_next(seven):
    first = page(UPDATED)
    assert (len(first), first.previous_url) == (3, "")
    last = page(UPDATED, page(UPDATED, first.next_url).next_url)
    assert (len(last), last.next_url) == (1, "")


def test_empty_list_is_one_empty_page():
    empty = page(UPDATED)
    assert (len(empty), empty.next_url, empty.previous_url) == (0, "", "")


def test_row_that_comes_in_between_pages_moves_nothing(seven, contact):
    first = page(UPDATED)
    file_case(contact)
    second = page(UPDATED, first.next_url)
    assert not {case.pk for case in first} & {case.pk for case in second}


def test_other_filters_stay_in_the_address(seven):
    address = page(UPDATED, "state=open&q=a%26b&q=c").next_url
    query = QueryDict(address.removeprefix("?"))
    assert query.getlist("q") == ["a&b", "c"]
    assert query["state"] == "open"
    assert len(query.getlist("after")) == 1


def test_page_is_one_query_without_offset_or_count(seven):
    address = page(UPDATED).next_url
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(UPDATED, address)
    (query,) = captured.captured_queries
    assert "OFFSET" not in query["sql"]
    assert "COUNT" not in query["sql"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "a:b:c",
        "\0",
        "é",
        "x" * 401,
        "%00",
        signing.dumps(["f", ["id"], [1]]),
        signing.dumps("f", salt="lib.keyset"),
    ],
    # Named, because a signature holds the time: parallel test processes would not agree on the tests' names.
    ids=["letter", "colons", "NUL", "accent", "long", "quoted NUL", "other salt", "other shape"],
)
def test_cursor_that_was_not_made_here_is_refused(seven, cursor):
    query = QueryDict(mutable=True)
    query["after"] = cursor
    with pytest.raises(BadRequest):
        paginate(Case.objects.all(), order=UPDATED, query=query, size=3)


def test_cursor_with_one_changed_letter_is_refused(seven):
    address = page(UPDATED).next_url
    with pytest.raises(BadRequest):
        page(UPDATED, address[:10] + ("A" if address[10] != "A" else "B") + address[11:])


def test_cursor_of_another_order_is_refused(seven):
    with pytest.raises(BadRequest, match="another order"):
        page(RANKED, page(UPDATED).next_url)


def test_deep_page_reads_its_index_alone(seven):
    """The row comparison has to become one index condition, or deep pages would be as slow as OFFSET."""
    address = page(RANKED).next_url
    with CaptureQueriesContext(connection) as captured:
        page(RANKED, address)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        account = seven[0].account_id
        sql = captured.captured_queries[0]["sql"].replace(" WHERE ", f" WHERE account_id = {account} AND ", 1)
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond" in plan
    assert "ROW(queue_rank, opened_at, id) >" in plan
