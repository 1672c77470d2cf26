"""Nobody finds, counts or reads in the search what they may not see; and whatever is typed breaks nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.constants import CaseVisibility
from accounts.models import Account, Contact, User
from cases import workflow
from forums import publishing, seeds
from forums.changes import lock_post
from forums.constants import State
from forums.models import Community
from status import incidents
from status.changes import By
from status.incidents import NewIncident
from tests.cast import SignedIn
from tests.factories.cases import file_case
from tests.factories.forums import ask, category
from tests.portal.expecting import ANONYMOUS, CUSTOMERS, DESK, ROLES
from tests.portal.world import World

pytestmark = pytest.mark.django_db

PAGES = ("/search/", "/search/?in=cases", "/search/?in=status", "/search/?in=community", "/palette/")


def text_of(client: Client, q: str) -> str:
    """Return everything that every page of the search says, and refuse what is not an answer."""
    shown = ""
    for page in PAGES:
        address, _sign, view = page.partition("?in=")
        response = client.get(address, {"q": q, "in": view})
        assert response.status_code in (200, 302, 403)
        shown += response.content.decode()
    # What was typed stands in the field and in links.
    return shown


def count(client: Client, q: str, label: str = "Cases") -> str | None:
    response: Any = client.get("/search/", {"q": q})
    counts = {str(tab["label"]): tab["count"] for tab in response.context["tabs"]}
    return counts.get(label)


class TestCases:
    def test_another_customers_case_does_not_exist(
        self, as_user: SignedIn, contact: Contact, stranger: Contact, member: User, client: Client
    ) -> None:
        case = file_case(contact, subject="Zorblax stopped", description="zebra")
        for somebody in (as_user(stranger.user), as_user(member), client):
            for typed in ("zebra", case.number, str(case.pk)):
                assert "Zorblax" not in text_of(somebody, typed)
        assert count(as_user(stranger.user), "zebra") == count(as_user(stranger.user), case.number) == "0"
        assert count(client, "zebra") is None
        assert count(as_user(member), "zebra") is None

    def test_a_colleague_finds_what_the_account_lets_them(
        self, as_user: SignedIn, contact: Contact, colleague: Contact, acme: Account
    ) -> None:
        file_case(contact, subject="Zorblax stopped")
        for visibility, expected in ((CaseVisibility.TEAM, "1"), (CaseVisibility.OWN, "0")):
            Account.objects.filter(pk=acme.pk).update(case_visibility=visibility)
            assert count(as_user(colleague.user), "zorblax") == expected

    def test_a_csm_finds_the_cases_of_their_accounts_only(
        self, as_user: SignedIn, contact: Contact, csm: User, other_csm: User
    ) -> None:
        file_case(contact, subject="Zorblax stopped")
        assert count(as_user(csm), "zorblax") == "1"
        assert count(as_user(other_csm), "zorblax") == "0"

    def test_an_internal_note_is_found_by_the_desk_alone(
        self, as_user: SignedIn, contact: Contact, csm: User, engineer: User
    ) -> None:
        case = file_case(contact, subject="Orders are late")
        workflow.reply(case_id=case.pk, actor=engineer, body="The zorblax is to blame: zebra.", internal=True)
        for person in (contact.user, csm):
            assert count(as_user(person), "zebra") == "0"
            assert "zorblax" not in text_of(as_user(person), "zebra")
        html = text_of(as_user(engineer), "zebra")
        assert "zorblax" in html
        assert "From an internal note:" in html

    def test_a_note_is_no_snippet_of_what_a_customer_finds(
        self, as_user: SignedIn, contact: Contact, engineer: User
    ) -> None:
        case = file_case(contact, subject="A zebra is late", description="Nothing more.")
        workflow.reply(case_id=case.pk, actor=engineer, body="The zebra was a zorblax.", internal=True)
        assert "zorblax" not in text_of(as_user(contact.user), "zebra")

    def test_the_customers_statements_read_no_column_of_the_desk(self, as_user: SignedIn, contact: Contact) -> None:
        file_case(contact, subject="Orders are late")
        client = as_user(contact.user)
        with CaptureQueriesContext(connection) as captured:
            client.get("/search/", {"q": "orders"})
        assert any("search_public" in query["sql"] for query in captured)
        assert not [query["sql"] for query in captured if "search_staff" in query["sql"]]

    def test_each_is_led_to_their_own_page_of_a_case(self, as_user: SignedIn, contact: Contact, engineer: User) -> None:
        case = file_case(contact, subject="Zorblax stopped")
        assert f'href="/cases/{case.number}/"' in text_of(as_user(contact.user), "zorblax")
        assert f'href="/desk/{case.number}/"' in text_of(as_user(engineer), "zorblax")

    def test_the_view_of_cases_is_for_who_has_some(self, as_user: SignedIn, member: User, client: Client) -> None:
        assert as_user(member).get("/search/?in=cases").status_code == 403
        response = client.get("/search/?in=cases&q=zebra")
        assert (response.status_code, response["Location"][:23]) == (302, "/accounts/login/?next=/")


class TestCommunity:
    @pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
    def test_what_is_not_published_is_found_by_nobody(
        self, client: Client, as_user: SignedIn, member: User, moderator: User, state: State
    ) -> None:
        topic = ask(member, title="Zorblax for sale", body="A zebra.")
        publishing.set_state(lock_post(post_id=topic.posts.get().pk, user=moderator), state)
        for somebody in (client, as_user(member), as_user(moderator)):
            assert "Zorblax" not in text_of(somebody, "zebra")
            assert count(somebody, "zebra", "Community") == "0"

    def test_a_closed_community_is_found_by_staff_alone(
        self, client: Client, as_user: SignedIn, member: User, engineer: User
    ) -> None:
        closed = seeds.add_community("inner", {"name": "Inner circle"}, [{"slug": "all", "name": "All"}])
        ask(member, title="Zorblax in the circle", body="A zebra.", shelf=category("all", closed))
        Community.objects.filter(pk=closed.pk).update(is_public=False)
        for somebody in (client, as_user(member)):
            assert "Zorblax" not in text_of(somebody, "zebra")
            assert "Inner circle" not in text_of(somebody, "inner")
        assert "Zorblax" in text_of(as_user(engineer), "zebra")

    def test_error_codes_go_with_their_community(self, client: Client) -> None:
        page, typed = "/errors/UNABLE_TO_LOCK_ROW/", {"q": "unable to lock row"}
        for address in ("/search/", "/palette/"):
            assert page in client.get(address, typed).content.decode()
        Community.objects.filter(slug="data-loader").update(is_public=False)
        for address in ("/search/", "/search/?in=codes", "/palette/"):
            assert page not in client.get(address, typed).content.decode()
        assert count(client, "unable to lock row", "Error codes") is None
        assert client.get("/search/?in=data-loader&q=zebra").status_code == 404


class TestStatus:
    def test_a_draft_is_found_by_operators_alone(
        self, client: Client, as_user: SignedIn, engineer: User, operator: User
    ) -> None:
        draft = incidents.open_incident(
            by=By(actor=operator), new=NewIncident("Zorblax fails", "A zebra.", publish=False)
        )
        for somebody in (client, as_user(engineer)):
            for typed in ("zebra", "zorblax", draft.public_id):
                assert "Zorblax fails" not in text_of(somebody, typed)
                assert count(somebody, typed, "Status") == "0"
        html = text_of(as_user(operator), "zebra")
        assert f"/status/manage/incidents/{draft.public_id}/" in html


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_views_that_are_theirs(role: str, world: World, as_user: SignedIn) -> None:
    person = world.person(role)
    client = as_user(person) if person else Client()
    response: Any = client.get("/search/", {"q": "Production Down"})
    labels = [str(tab["label"]) for tab in response.context["tabs"]]
    with_cases = role in (*CUSTOMERS, *DESK, "stranger", "partner", "csm")
    assert ("Cases" in labels) == with_cases
    sees_acme = role in (*CUSTOMERS, *DESK, "csm")
    assert (world.case.number in response.content.decode()) == sees_acme
    assert client.get("/search/?in=cases").status_code == (200 if with_cases else 302 if role == ANONYMOUS else 403)


def test_a_signed_in_persons_page_is_kept_by_no_cache(as_user: SignedIn, contact: Contact, client: Client) -> None:
    assert "private" in as_user(contact.user).get("/search/?q=zebra")["Cache-Control"]
    anybody = client.get("/search/?q=zebra")
    assert "public" in anybody["Cache-Control"]
    assert "csrf" not in anybody.content.decode()
    assert "no-store" in client.get("/palette/?q=zebra")["Cache-Control"]


HOSTILE = [
    "\0", "zebra\0", "\0" * 200, "x" * 200, "the", '"', '"""""" OR OR -', "& | ! ( ) :* <->", "'; DROP TABLE x",
    "\\", "\\' | zebra", "%_%", "%s", "😀" * 60, "- " * 100, '-"' * 90, "-" * 200, "9" * 200, "CS-999999999999999999",
    "999999999999999999", "\u202eevil\u200b", "مرحبا بالعالم", "é" * 200, "a.b.c" * 40, "_" * 200, "__", "{0} %(x)s",
    "\ue000\ue001", "<script>", "zebra:*A", "\t\r\n\x0b", "@", "@nobody", "@" * 200, "a", "1e999", "or", "or or", "-or",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_breaks_nothing(
    as_user: SignedIn, contact: Contact, operator: User, member: User, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file_case(contact, subject="Zebra stopped")
    ask(member, title="Zebra crossing fails")
    incidents.open_incident(by=By(actor=operator), new=NewIncident("Zebra", "A zebra."))
    client = as_user(contact.user)
    for view in ("", "cases", "status", "codes"):
        response = client.get("/search/", {"q": text, "in": view})
        # The form refuses NUL, and says so.
        assert response.status_code == (422 if "\0" in text else 200)
    assert client.get("/palette/", {"q": text}).status_code == 200
    assert client.get("/palette/", {"q": f"zebra {text}"}).status_code == 200
    assert "failed" not in caplog.text


def test_ten_thousand_characters_are_too_many_and_stay(client: Client) -> None:
    response = client.get("/search/", {"q": "x" * 10_000})
    assert response.status_code == 422
    assert "at most 200 characters" in response.content.decode()
    assert client.get("/palette/", {"q": "x" * 10_000}).status_code == 200
