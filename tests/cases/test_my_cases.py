import pytest

from accounts.constants import CaseVisibility
from accounts.models import Contact
from cases import workflow
from cases.constants import Status
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case

URL = "/cases/"

pytestmark = pytest.mark.django_db


def subjects(response):
    return [case.subject for case in response.context["page"]]


class TestWho:
    def test_contact_sees_their_own_cases_first(self, as_user, contact, colleague):
        file_case(contact, subject="Mine")
        file_case(colleague, subject="Theirs")
        client = as_user(contact.user)
        assert subjects(client.get(URL)) == ["Mine"]
        assert subjects(client.get(URL, {"whose": "team"})) == ["Theirs", "Mine"]

    def test_own_visibility_hides_the_team(self, as_user, contact, colleague, acme):
        acme.case_visibility = CaseVisibility.OWN
        acme.save()
        file_case(contact, subject="Admin's")
        file_case(colleague, subject="Own")
        response = as_user(colleague.user).get(URL, {"whose": "team"})
        assert subjects(response) == ["Own"]
        assert "My team" not in response.content.decode()

    def test_stranger_sees_nothing_of_it(self, as_user, contact, stranger):
        file_case(contact, subject="Acme's secret")
        for query in ({"whose": "team"}, {"whose": "team", "q": "secret", "state": "all"}):
            assert subjects(as_user(stranger.user).get(URL, query)) == []

    def test_account_of_somebody_else_is_no_filter(self, as_user, stranger, acme):
        assert as_user(stranger.user).get(URL, {"account": acme.pk}).status_code == 400

    def test_csm_sees_the_cases_of_their_accounts(self, as_user, csm, contact, partner_contact):
        file_case(contact, subject="Acme's")
        assert subjects(as_user(csm).get(URL)) == ["Acme's"]

    def test_csm_without_accounts_learns_how_to_become_a_contact(self, as_user, other_csm, contact):
        file_case(contact)
        assert "/account/join/" in as_user(other_csm).get(URL).content.decode()

    @pytest.mark.parametrize("role", ["member", "moderator", "operator"])
    def test_who_is_no_contact_learns_how_to_become_one(self, as_user, request, role):
        response = as_user(request.getfixturevalue(role)).get(URL)
        assert response.status_code == 200
        assert "/account/join/" in response.content.decode()

    @pytest.mark.parametrize("role", ["engineer", "manager", "administrator"])
    def test_desk_is_where_staff_work(self, as_user, request, role):
        assert as_user(request.getfixturevalue(role)).get(URL).url == "/desk/"

    def test_anonymous_visitor_signs_in_and_comes_back(self, client):
        assert client.get(URL + "?q=x").url == "/accounts/login/?next=/cases/%3Fq%3Dx"

    def test_access_ends_at_once(self, as_user, contact):
        file_case(contact, subject="Mine")
        client = as_user(contact.user)
        assert subjects(client.get(URL)) == ["Mine"]
        Contact.objects.update(ended_at="2026-01-01T00:00Z", is_authorized=False, is_account_admin=False)
        assert "Mine" not in client.get(URL).content.decode()

    def test_post_is_refused(self, as_user, contact):
        assert as_user(contact.user).post(URL).status_code == 405


class TestFilters:
    def test_state(self, as_user, contact, engineer):
        file_case(contact, subject="Open")
        solved = file_case(contact, subject="Solved")
        closed = file_case(contact, subject="Closed")
        for case in (solved, closed):
            workflow.change_status(case_id=case.pk, to=Status.SOLVED, actor=engineer)
        workflow.change_status(case_id=closed.pk, to=Status.CLOSED, actor=engineer)
        client = as_user(contact.user)
        assert set(subjects(client.get(URL))) == {"Open", "Solved"}
        assert subjects(client.get(URL, {"state": "closed"})) == ["Closed"]
        assert len(subjects(client.get(URL, {"state": "all"}))) == 3

    def test_sort_by_priority_puts_production_down_first(self, as_user, contact):
        for subject, severity in (("Question", "s4"), ("Production Down", "s3"), ("Critical", "s1")):
            file_case(contact, subject=subject, severity=severity)
        assert subjects(as_user(contact.user).get(URL, {"sort": "priority"})) == [
            "Production Down",
            "Critical",
            "Question",
        ]

    def test_last_update_moves_a_case_up_and_an_internal_note_does_not(self, as_user, contact, engineer):
        first, second = file_case(contact, subject="First"), file_case(contact, subject="Second")
        workflow.reply(case_id=first.pk, actor=engineer, body="secret", internal=True)
        assert subjects(as_user(contact.user).get(URL)) == ["Second", "First"]
        workflow.reply(case_id=first.pk, actor=engineer, body="hello")
        assert subjects(as_user(contact.user).get(URL)) == ["First", "Second"]
        assert second.pk

    def test_account_filter_is_there_for_several_accounts(self, as_user, contact, stranger):
        second = ContactFactory(account=stranger.account, user=contact.user)
        file_case(contact, subject="Acme's")
        file_case(second, subject="Globex's")
        client = as_user(contact.user)
        assert subjects(client.get(URL, {"account": second.account_id})) == ["Globex's"]

    def test_filters_stay_in_links(self, as_user, contact):
        page = as_user(contact.user).get(URL, {"sort": "priority", "q": "sync"}).content.decode()
        assert "sort=priority&amp;q=sync&amp;state=closed" in page

    @pytest.mark.parametrize(
        "query",
        [
            {"whose": "everybody"},
            {"state": "lost"},
            {"sort": "; drop table"},
            {"account": "-1"},
            {"account": "9" * 40},
            {"q": "null\0byte"},
            {"q": "x" * 5000},
            {"after": "tampered"},
            {"after": "x" * 5000},
            {"after": "\0"},
        ],
    )
    def test_nonsense_in_the_address_is_told_plainly(self, as_user, contact, query):
        response = as_user(contact.user).get(URL, query)
        assert response.status_code == 400
        assert "again" in response.content.decode()

    def test_cursor_of_another_order_is_told_plainly(self, as_user, contact, monkeypatch):
        monkeypatch.setattr("cases.views.listing.PAGE_SIZE", 1)
        file_case(contact)
        file_case(contact)
        client = as_user(contact.user)
        cursor = client.get(URL).context["page"].next_url.removeprefix("?after=")
        assert client.get(URL + f"?sort=priority&after={cursor}").status_code == 400

    def test_unknown_parameter_is_ignored(self, as_user, contact):
        assert as_user(contact.user).get(URL, {"utm_source": "mail"}).status_code == 200


class TestPages:
    def test_every_case_is_met_once(self, as_user, contact, monkeypatch):
        monkeypatch.setattr("cases.views.listing.PAGE_SIZE", 2)
        for number in range(5):
            file_case(contact, subject=f"Case {number}")
        client = as_user(contact.user)
        for sort in ("updated", "priority"):
            met, url = [], f"?sort={sort}"
            while url:
                page = client.get(URL + url).context["page"]
                met += [case.subject for case in page]
                url = page.next_url
            assert sorted(met) == [f"Case {number}" for number in range(5)]

    def test_htmx_gets_the_list_alone(self, as_user, contact):
        file_case(contact, subject="Mine")
        response = as_user(contact.user).get(URL, headers={"HX-Request": "true", "HX-Target": "case-list"})
        page = response.content.decode()
        assert "Mine" in page
        assert "<html" not in page
        assert "HX-Request" in response["Vary"]

    @pytest.mark.parametrize(
        ("query", "words"),
        [({}, "No open cases"), ({"state": "closed"}, "No cases here"), ({"q": "nothing"}, "Nothing found")],
    )
    def test_empty_list_says_what_to_do(self, as_user, contact, query, words):
        assert words in as_user(contact.user).get(URL, query).content.decode()

    def test_rows_cost_no_queries(self, as_user, contact, django_assert_max_num_queries):
        client = as_user(contact.user)

        def count(rows):
            while contact.cases.count() < rows:
                file_case(contact, subject="Production Down")
            with django_assert_max_num_queries(15) as captured:
                assert len(client.get(URL, {"whose": "team", "q": "production"}).context["page"]) == rows
            return len(captured)

        assert count(2) == count(20)
