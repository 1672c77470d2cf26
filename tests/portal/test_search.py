"""The page that searches every room: what it finds, in which order, and how it behaves when a room fails."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, User
from cases import workflow
from cases.models import Case
from lib.search_hits import Findings, Hit, Ranked
from portal import searching
from status import incidents
from status.changes import By
from status.incidents import NewIncident
from status.models import Incident
from tests.cast import SignedIn
from tests.factories.cases import file_case
from tests.factories.forums import ask, reply

pytestmark = pytest.mark.django_db


def find(client: Client, q: str, **view: str) -> Any:
    response = client.get("/search/", {"q": q, **view})
    assert response.status_code == 200, response.content.decode()
    return response


def hits(response: Any) -> Sequence[Hit]:
    found: Sequence[Hit] = response.context["found"].hits
    return found


def titles(response: Any) -> list[str]:
    return [str(hit.title).replace("<mark>", "").replace("</mark>", "") for hit in hits(response)]


def facets(response: Any) -> dict[str, str | None]:
    return {str(tab["label"]): tab["count"] for tab in response.context["tabs"]}


def open_incident(operator: User, name: str, said: str = "We look into it.", *, publish: bool = True) -> Incident:
    return incidents.open_incident(by=By(actor=operator), new=NewIncident(name, said, publish=publish))


@pytest.fixture
def zebras(contact: Contact, member: User, operator: User) -> dict[str, Any]:
    """One thing of each room that speaks of a zebra."""
    return {
        "case": file_case(contact, subject="Zebra stopped", description="It stands still."),
        "topic": ask(member, title="How do I feed a zebra?"),
        "incident": open_incident(operator, "Zebra crossing closed"),
    }


class TestEverything:
    def test_every_room_answers_on_one_page(self, as_user: SignedIn, contact: Contact, zebras: dict[str, Any]) -> None:
        response = find(as_user(contact.user), "zebra")
        assert {hit.kind for hit in hits(response)} == {"case", "topic", "incident"}
        assert facets(response) == {
            "Everything": None, "Cases": "1", "Community": "1", "Data Loader": "0", "Status": "1", "Error codes": "0",
        }  # fmt: skip

    def test_words_are_marked_and_all_else_is_escaped(self, as_user: SignedIn, contact: Contact) -> None:
        file_case(
            contact, subject="Zebra <script>alert(1)</script>", description="A <b>zebra</b> \ue000here\ue001 & so"
        )
        (hit,) = hits(find(as_user(contact.user), "zebra"))
        assert str(hit.title).startswith("<mark>Zebra</mark> &lt;script&gt;")
        assert "<b>" not in hit.text
        assert str(hit.text).count("<mark>") == 1

    def test_a_title_with_every_word_comes_before_a_mention(
        self, as_user: SignedIn, contact: Contact, operator: User
    ) -> None:
        file_case(contact, subject="Nothing works", description="The zebra crossing is blocked by a lorry.")
        open_incident(operator, "Zebra crossing closed")
        assert titles(find(as_user(contact.user), "zebra crossing")) == ["Zebra crossing closed", "Nothing works"]

    @pytest.mark.parametrize("typed", ["{number}", "{pk}", "cs-{pk}", "CS {pk}", "#{pk}"])
    def test_a_case_number_goes_to_the_top(self, as_user: SignedIn, contact: Contact, member: User, typed: str) -> None:
        case = file_case(contact, subject="Orders are late")
        text = typed.format(number=case.number, pk=case.pk)
        ask(member, title=f"What became of {text}, I wonder")
        file_case(contact, subject=f"As in {case.number}", description=f"{text} again")
        first = hits(find(as_user(contact.user), text))[0]
        assert (first.kind, first.key) == ("case", case.pk)

    def test_a_number_is_no_slip_for_something_else(self, client: Client, member: User) -> None:
        ask(member, title="How do I load a CSV with semicolons?")
        assert hits(find(client, "CS-000033")) == []

    def test_an_incident_is_found_by_its_id(self, client: Client, operator: User) -> None:
        incident = open_incident(operator, "Calls fail")
        (hit,) = hits(find(client, incident.public_id))
        assert hit.url == f"/status/incidents/{incident.public_id}/"

    def test_an_error_code_goes_to_the_top(self, client: Client, member: User) -> None:
        ask(member, title="UNABLE_TO_LOCK_ROW all the time")
        for typed in ("UNABLE_TO_LOCK_ROW", "unable to lock row"):
            first = hits(find(client, typed))[0]
            assert (first.kind, first.url) == ("code", "/data-loader/errors/UNABLE_TO_LOCK_ROW/")

    def test_a_pasted_line_of_an_error_file_names_its_code(self, client: Client) -> None:
        line = '"A-1","Acme","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"' + "x" * 300
        assert hits(find(client, line))[0].kind == "code"

    def test_an_incident_is_found_by_words_of_title_and_updates_together(self, client: Client, operator: User) -> None:
        open_incident(operator, "Zebra crossing closed", "A lorry blocks it.")
        assert titles(find(client, "lorry zebras")) == ["Zebra crossing closed"]
        assert hits(find(client, "lorry giraffe")) == []

    def test_a_comment_is_shown_where_it_is_what_fits(self, as_user: SignedIn, contact: Contact) -> None:
        case = file_case(contact, subject="Orders are late")
        workflow.reply(case_id=case.pk, actor=contact.user, body="Perhaps the zebra ate them.")
        (hit,) = hits(find(as_user(contact.user), "zebra"))
        assert (hit.origin, hit.text) == ("reply", "Perhaps the <mark>zebra</mark> ate them.")

    def test_what_is_not_shown_is_led_to(self, client: Client, member: User) -> None:
        for number in range(searching.FEW + 2):
            ask(member, title=f"Zebra number {number}")
        response = find(client, "zebra")
        assert len(hits(response)) == searching.FEW
        html = response.content.decode()
        assert "All 6 topics" in html
        assert "?q=zebra&amp;in=community" in html


class TestViews:
    def test_cases_go_on_from_page_to_page_whatever_is_filed_meanwhile(
        self, as_user: SignedIn, contact: Contact
    ) -> None:
        for number in range(25):
            file_case(contact, subject=f"Zebra {number}")
        client = as_user(contact.user)
        first = find(client, "zebra", **{"in": "cases"})
        file_case(contact, subject="Zebra at last")
        second: Any = client.get("/search/" + first.context["page"].next_url)
        assert (len(hits(first)), len(hits(second))) == (20, 5)
        assert not {hit.key for hit in hits(first)} & {hit.key for hit in hits(second)}
        back: Any = client.get("/search/" + second.context["page"].previous_url)
        assert [hit.key for hit in hits(back)] == [hit.key for hit in hits(first)]

    @pytest.mark.parametrize("cursor", ["x", "\0", "y" * 5_000, "WyJ4Il0:1abc:sig"])
    def test_a_damaged_cursor_is_refused(self, client: Client, cursor: str) -> None:
        assert client.get("/search/", {"q": "zebra", "in": "status", "after": cursor}).status_code == 400

    def test_an_unknown_view_is_refused(self, client: Client) -> None:
        assert client.get("/search/", {"q": "zebra", "in": "moon"}).status_code == 400

    def test_wrong_verb_is_refused(self, client: Client) -> None:
        assert client.post("/search/").status_code == 405

    @pytest.mark.parametrize("view", ["community", "data-loader"])
    def test_the_communities_keep_their_filters(self, client: Client, member: User, view: str) -> None:
        html = find(client, "zebra", **{"in": view}).content.decode()
        assert 'name="kind"' in html
        assert f'name="in" value="{view}"' in html

    def test_an_older_address_with_a_filter_means_the_communities(self, client: Client, member: User) -> None:
        ask(member, title="Zebra crossing fails")
        assert "Zebra" in find(client, "zebra", answered="no").content.decode()

    @pytest.mark.parametrize("view", ["", "cases", "community", "data-loader", "status", "codes"])
    def test_results_are_not_indexed(self, as_user: SignedIn, contact: Contact, view: str) -> None:
        assert b'name="robots" content="noindex' in find(as_user(contact.user), "zebra", **{"in": view}).content

    def test_nothing_found_offers_what_else_to_do(self, as_user: SignedIn, contact: Contact) -> None:
        html = find(as_user(contact.user), "no such zebra").content.decode()
        assert "/cases/new/?subject=no+such+zebra" in html
        assert "/forums/ask/?title=no+such+zebra" in html
        assert "/status/" in html

    def test_a_visitor_is_told_to_sign_in_for_cases(self, client: Client) -> None:
        html = find(client, "no such zebra").content.decode()
        assert "/cases/new/" not in html
        assert "Looking for one of your cases?" in html

    def test_without_words_it_says_what_can_be_typed(self, client: Client) -> None:
        assert b"UNABLE_TO_LOCK_ROW" in find(client, "").content


class TestFailure:
    @pytest.fixture
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_text: str, **_kwargs: Any) -> Findings:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            raise AssertionError

        self._put(monkeypatch, fail)

    @staticmethod
    def _put(monkeypatch: pytest.MonkeyPatch, read: Any) -> None:
        source = replace(searching.SOURCES["status"], read=read)
        monkeypatch.setattr(searching, "SOURCES", {**searching.SOURCES, "status": source})

    def test_the_other_rooms_still_answer(
        self, as_user: SignedIn, contact: Contact, zebras: dict[str, Any], broken: None
    ) -> None:
        response = find(as_user(contact.user), "zebra")
        assert {hit.kind for hit in hits(response)} == {"case", "topic"}
        assert "The status site could not be searched just now" in response.content.decode()
        assert facets(response)["Status"] is None

    def test_its_own_view_says_so(self, client: Client, broken: None) -> None:
        html = find(client, "zebra", **{"in": "status"}).content.decode()
        assert "The status site could not be searched just now" in html
        assert "Nothing found" not in html

    def test_a_slow_room_is_not_waited_for(
        self, as_user: SignedIn, contact: Contact, zebras: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def sleep(_text: str, **_kwargs: Any) -> Findings:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(60)")
            raise AssertionError

        self._put(monkeypatch, sleep)
        monkeypatch.setattr(searching, "MILLISECONDS", 300)
        response = find(as_user(contact.user), "zebra")
        assert {hit.kind for hit in hits(response)} == {"case", "topic"}

    def test_a_database_that_is_gone_is_no_rooms_failure(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def lose(_text: str, **_kwargs: Any) -> Findings:
            raise DatabaseError

        self._put(monkeypatch, lose)
        monkeypatch.setattr(searching, "is_lost_connection", lambda _error: True)
        with pytest.raises(DatabaseError):
            client.get("/search/", {"q": "zebra"})


def test_as_many_queries_for_one_row_as_for_many(as_user: SignedIn, contact: Contact, member: User) -> None:
    counts = []
    client = as_user(contact.user)
    for wanted in (1, 6):
        while Case.objects.count() < wanted:
            file_case(contact, subject="Zebra stopped")
            reply(ask(member, title=f"Zebra crossing {Case.objects.count()}"), member)
        find(client, "zebra")
        with CaptureQueriesContext(connection) as captured:
            find(client, "zebra")
        counts.append(len([query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
    assert counts[0] == counts[1] <= 26


def test_more_than_fifty_is_not_counted_on() -> None:
    findings = Findings([Ranked(key) for key in range(60)])
    assert str(searching.Part(searching.SOURCES["cases"], findings).count) == "50+"


def test_an_account_of_a_partner_is_offered_no_case(as_user: SignedIn, partner_contact: Contact, acme: Account) -> None:
    assert b"/cases/new/?subject" not in find(as_user(partner_contact.user), "no such zebra").content
