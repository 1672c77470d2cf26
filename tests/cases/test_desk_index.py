"""Each tab of the queue reads its own index, in order, and its pages begin in the middle of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, User
from cases.constants import Priority, Status
from cases.desk_views.queue import TABS
from cases.models import Case
from lib.keyset import paginate
from tests.factories.cases import file_case

INDEXES = {
    "mine": "case_queue_owner",
    "unassigned": "case_queue_unassigned",
    "waiting": "case_queue_status",
    "all": "case_queue",
    "solved": "case_queue_status",
    "closed": "case_closed_newest",
}

STATUSES = (*Status, Status.CLOSED, Status.CLOSED, Status.CLOSED)


@pytest.fixture
def many_cases(contact: Contact, engineer: User) -> None:
    """Hundreds of rows, many of them closed, as a database has after some time."""
    case = file_case(contact)
    rows = []
    for n in range(600):
        status = STATUSES[n % len(STATUSES)]
        opened_at = case.opened_at - timedelta(minutes=n)
        rows.append(
            Case(
                account_id=case.account_id,
                contact_id=case.contact_id,
                product_id=case.product_id,
                subject=case.subject,
                description="",
                description_html="",
                markdown_version=1,
                status=status,
                priority=Priority.values[n % len(Priority.values)],
                owner=engineer if n % 3 == 0 else None,
                opened_at=opened_at,
                closed_at=opened_at if status == Status.CLOSED else None,
            )
        )
    Case.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")


def plan(sql: str) -> list[dict[str, Any]]:
    """Return the nodes of the plan that PostgreSQL makes of ``sql``."""
    with connection.cursor() as cursor:
        # So few rows fit into so few pages that the planner may not bother; what matters is what it could read.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        answer = cursor.fetchone()[0]
    nodes: list[dict[str, Any]] = []

    def collect(node: dict[str, Any]) -> None:
        nodes.append(node)
        for child in node.get("Plans", ()):
            collect(child)

    collect((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    return nodes


@pytest.mark.parametrize("name", TABS)
def test_a_tab_reads_its_own_index_in_order(name: str, many_cases: None, engineer: User) -> None:
    tab = TABS[name]
    cases = tab.cases(engineer)
    first = paginate(cases, order=tab.order, query=QueryDict(), size=10)
    for query in (QueryDict(), QueryDict(first.next_url.removeprefix("?"))):
        with CaptureQueriesContext(connection) as queries:
            assert len(paginate(cases, order=tab.order, query=query, size=10)) == 10
        nodes = plan(queries[0]["sql"])
        assert [node["Index Name"] for node in nodes if "Index Name" in node] == [INDEXES[name]]
        assert not [node for node in nodes if "Sort" in node["Node Type"]]
        if query:
            scan = next(node for node in nodes if "Index Name" in node)
            assert "ROW(" in scan["Index Cond"]
