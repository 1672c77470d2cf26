"""The pages that the Data Loader community has beside those of every community."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, User
from dataloader.models import ErrorCode
from forums import organising
from forums.constants import State, TopicKind
from forums.models import Post, Topic
from tests.cast import SignedIn
from tests.factories import forums
from tests.factories.dataloader import CSV_LINE, ask, code

pytestmark = pytest.mark.django_db

HOME, ERRORS, LOCK = "/data-loader/", "/data-loader/errors/", "/data-loader/errors/UNABLE_TO_LOCK_ROW/"
PAGES = (HOME, "/data-loader/topics/", ERRORS, LOCK)


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# --- Who enters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", PAGES)
def test_everybody_reads(url: str, member: User, partner_contact: Contact, as_user: SignedIn) -> None:
    for client in (Client(), as_user(member), as_user(partner_contact.user)):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", PAGES)
def test_wrong_verbs_are_405(url: str, member: User, as_user: SignedIn) -> None:
    assert as_user(member).post(url).status_code == 405


@pytest.mark.parametrize("url", PAGES)
def test_a_visitors_page_answers_304_until_something_changes(url: str, member: User) -> None:
    topic = ask(member)
    client = Client()
    first = client.get(url)
    assert client.get(url, headers={"if-none-match": first["ETag"]}).status_code == 304
    assert "csrfmiddlewaretoken" not in first.content.decode()
    forums.reply(topic, member)
    ErrorCode.objects.update(title="Changed")
    assert client.get(url, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_the_same_pages_under_the_general_address_lead_here() -> None:
    response = Client().get("/communities/data-loader/")
    assert (response.status_code, response["Location"]) == (301, HOME)


# --- Landing page ---------------------------------------------------------------------------------------------


def test_the_landing_page_says_that_no_account_is_needed() -> None:
    page = Client().get(HOME).content.decode()
    assert "You need no customer account" in page
    assert "/accounts/signup/?next=/data-loader/ask/" in page
    assert 'href="/data-loader/ask/?kind=discussion"' in page
    assert 'action="/data-loader/search/"' in page


def test_the_landing_page_shows_what_is_new_waits_and_is_read_first(
    member: User, engineer: User, moderator: User
) -> None:
    waiting = ask(member)
    answered = ask(member, "How do I load semicolons?")
    forums.reply(answered, engineer)
    post = ask(member, "How we load a million rows", kind=TopicKind.DISCUSSION)
    guide = ask(engineer, "Read this first, please", category="start-here", kind=TopicKind.ANNOUNCEMENT)
    pinned = ask(engineer, "Version 4 is here", category="releases", kind=TopicKind.ANNOUNCEMENT)
    organising.set_pinned(topic_id=pinned.pk, actor=moderator, pinned=True)
    shown = Client().get(HOME).context
    assert [topic.pk for topic in shown["start"]] == [pinned.pk, guide.pk]
    assert [row.topic.pk for row in shown["latest"]] == [post.pk, answered.pk, waiting.pk]
    assert [row.topic.pk for row in shown["waiting"]] == [waiting.pk]
    assert [one.code for one in shown["codes"]] == ["UNABLE_TO_LOCK_ROW"]


def test_other_communities_stay_out(member: User) -> None:
    forums.ask(member, "A question of the main community")
    assert list(Client().get(HOME).context["latest"]) == []


def test_the_landing_page_runs_as_many_queries_for_twenty_topics(
    member: User, engineer: User, as_user: SignedIn
) -> None:
    def fill(number: int) -> None:
        for n in range(number):
            topic = ask(member, f"Question number {n}, INVALID_FIELD", tags=[f"tag{n}"])
            forums.reply(topic, engineer)
            ask(member, f"Another number {n}")

    fill(2)
    readers: tuple[Callable[[], Client], ...] = (Client, lambda: as_user(engineer))
    few = [queries(reader(), HOME) for reader in readers]
    fill(20)
    assert [queries(reader(), HOME) for reader in readers] == few
    assert few[0] <= 15


# --- Errors ---------------------------------------------------------------------------------------------------


def test_the_list_of_errors_shows_every_code_and_filters() -> None:
    client = Client()
    assert len(client.get(ERRORS).context["page"]) == ErrorCode.objects.count()

    def found(asked: str) -> list[str]:
        return [one.code for one in client.get(ERRORS, {"q": asked}).context["page"]]

    assert found("lock row") == ["UNABLE_TO_LOCK_ROW"]
    assert found("duplicate value") == ["DUPLICATE_VALUE"]
    assert found(CSV_LINE) == ["UNABLE_TO_LOCK_ROW"]
    assert found("nothing of that kind") == found("\x00%_\\'\"" * 20) == []


def test_a_code_that_is_not_there_leads_into_the_search() -> None:
    page = Client().get(ERRORS, {"q": "what is this?"}).content.decode()
    assert 'href="/data-loader/search/?q=what+is+this%3F"' in page


def test_a_damaged_cursor_is_400() -> None:
    assert Client().get(ERRORS, {"after": "x"}).status_code == 400
    assert Client().get(LOCK, {"after": "x"}).status_code == 400


def test_the_page_of_a_code_says_what_to_do_and_shows_its_topics(member: User) -> None:
    topic = ask(member)
    response = Client().get(LOCK)
    page = response.content.decode()
    assert [row.topic.pk for row in response.context["rows"]] == [topic.pk]
    assert code().fix_html in page
    assert "/data-loader/errors/REQUEST_LIMIT_EXCEEDED/" in page
    assert 'href="/data-loader/ask/?category=errors&amp;title=UNABLE_TO_LOCK_ROW%3A%20"' in page


def test_only_topics_that_everybody_sees_are_shown(member: User, moderator: User, as_user: SignedIn) -> None:
    topic = ask(member)
    Topic.objects.filter(pk=topic.pk).update(state=State.HELD)
    Post.objects.filter(topic=topic).update(state=State.HELD)
    for client in (Client(), as_user(member), as_user(moderator)):
        assert list(client.get(LOCK).context["rows"]) == []


@pytest.mark.parametrize("spelt", ["unable_to_lock_row", "Unable-To-Lock-Row", "unable%20to%20lock%20row"])
def test_another_spelling_leads_to_the_code(spelt: str) -> None:
    response = Client().get(f"{ERRORS}{spelt}/?after=x")
    assert (response.status_code, response["Location"]) == (301, f"{LOCK}?after=x")


@pytest.mark.parametrize("spelt", ["FOO_BAR_BAZ", "x", "%00", "UNABLE_TO_LOCK_ROW%0A", "A_" * 500, "é_è"])
def test_what_is_no_code_is_404(spelt: str) -> None:
    assert Client().get(f"{ERRORS}{spelt}/").status_code in (301, 404)
    assert Client().get(f"{ERRORS}{spelt}/", follow=True).status_code in (200, 404)


def test_the_page_of_a_code_runs_as_many_queries_for_twenty_topics(member: User) -> None:
    for n in range(2):
        ask(member, f"UNABLE_TO_LOCK_ROW, number {n}", tags=[f"tag{n}"])
    few = queries(Client(), LOCK)
    for n in range(20):
        ask(member, f"UNABLE_TO_LOCK_ROW again, number {n}", tags=[f"tag{n}"])
    assert queries(Client(), LOCK) == few <= 15


def test_the_topics_of_a_code_are_paged(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataloader.views.PAGE_SIZE", 2)
    topics = [ask(member, f"UNABLE_TO_LOCK_ROW, number {n}") for n in range(3)]
    first = Client().get(LOCK).context
    assert [row.topic.pk for row in first["rows"]] == [topics[2].pk, topics[1].pk]
    second = Client().get(LOCK + first["page"].next_url).context
    assert [row.topic.pk for row in second["rows"]] == [topics[0].pk]


# --- The support team's screen ----------------------------------------------------------------------------------


def test_engineers_write_about_codes_and_others_do_not(
    engineer: User, moderator: User, csm: User, member: User, as_user: SignedIn
) -> None:
    change = f"/admin/dataloader/errorcode/{code().pk}/change/"
    assert change in as_user(engineer).get(LOCK).content.decode()
    assert as_user(engineer).get(change).status_code == 200
    for person in (moderator, csm, member):
        assert change not in as_user(person).get(LOCK).content.decode()
        assert as_user(person).get(change).status_code in (302, 403)


def test_an_edit_in_admin_is_rendered_and_a_new_code_finds_its_topics(
    engineer: User, member: User, as_user: SignedIn
) -> None:
    topic = ask(member, "CIRCULAR_DEPENDENCY, what is that?")
    client = as_user(engineer)
    fields = {
        "title": "In a circle",
        "explanation": "*Round* and round.",
        "fix": "- Stop",
        "example": "",
        "related": [],
    }
    response = client.post("/admin/dataloader/errorcode/add/", {**fields, "code": "CIRCULAR_DEPENDENCY"})
    assert response.status_code == 302
    new = code("CIRCULAR_DEPENDENCY")
    assert "<em>Round</em>" in new.explanation_html
    assert [row.topic.pk for row in client.get(new.get_absolute_url()).context["rows"]] == [topic.pk]
    client.post(f"/admin/dataloader/errorcode/{new.pk}/change/", {**fields, "fix": "- **Break** it"})
    new.refresh_from_db()
    assert "<strong>Break</strong>" in new.fix_html
    assert client.post(f"/admin/dataloader/errorcode/{new.pk}/delete/").status_code == 403
