import re
from collections.abc import Callable

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from accounts.models import Contact
from portal import errors
from tests.cast import SignedIn
from tests.factories.cases import file_case

NOTHING_INLINE = ("<style", " style=", "onclick=", "javascript:")


def view_raising(exception: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(_request: HttpRequest) -> HttpResponse:
        raise exception

    return view


urlpatterns = [
    path("bad/", view_raising(BadRequest("This page address is damaged."))),
    path("suspicious/", view_raising(SuspiciousOperation("session 4711 was tampered with"))),
    path("denied/", view_raising(PermissionDenied("Only <b>CSMs</b> decide."))),
    path("broken/", view_raising(RuntimeError("secret detail"))),
    path("", include("portal.urls")),
]
handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler429 = "portal.errors.too_many"
handler500 = "portal.errors.server_error"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/bad/", 400, "This page address is damaged."),
        ("/suspicious/", 400, "damaged"),
        ("/denied/", 403, "Only &lt;b&gt;CSMs&lt;/b&gt; decide."),
        ("/nowhere/", 404, "We cannot find this page."),
        ("/broken/", 500, "Something broke on our side."),
    ],
)
def test_an_error_is_a_page_in_plain_words(browser: Client, address: str, status: int, words: str) -> None:
    answer = browser.get(address)
    body = answer.content.decode()
    assert answer.status_code == status
    assert words in body
    assert "<h1>" in body
    assert not [inline for inline in NOTHING_INLINE if inline in body]


def test_an_error_tells_nothing_that_is_meant_for_the_log(browser: Client) -> None:
    assert b"4711" not in browser.get("/suspicious/").content
    assert b"secret detail" not in browser.get("/broken/").content


def test_the_page_of_a_server_error_needs_no_database(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("a query")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert b"Something broke" in errors.server_error(rf.get("/")).content


def test_a_broken_template_still_leaves_words(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> str:
        raise OSError("no disk")

    monkeypatch.setattr("portal.errors.loader.render_to_string", refuse)
    answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert b"Something broke" in answer.content


def test_a_form_without_its_token_is_explained() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403
    assert "This form was open for too long." in answer.content.decode()


def test_too_large_is_explained_before_anybody_is_known(rf: RequestFactory) -> None:
    answer = errors.too_large(rf.post("/cases/new/"))
    assert answer.status_code == 413
    assert "more than we can take" in answer.content.decode()
    assert "Sign up" not in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/bad/", 400, "This page address is damaged."),
        ("/denied/", 403, "Only &lt;b&gt;CSMs&lt;/b&gt; decide."),
        ("/nowhere/", 404, "no longer here"),
        ("/broken/", 500, "Something broke on our side."),
    ],
)
def test_a_part_of_a_page_gets_one_message(browser: Client, address: str, status: int, words: str) -> None:
    answer = browser.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert answer["HX-Retarget"] == "#messages"
    assert words in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_boosted_page_is_a_page(browser: Client) -> None:
    answer = browser.get("/nowhere/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert "<html" in answer.content.decode()


@pytest.mark.parametrize("address", ["/nowhere/", "/broken/", "/bad/"])
def test_an_error_speaks_the_browsers_language(browser: Client, address: str) -> None:
    assert '<html lang="de"' in browser.get(address, headers={"Accept-Language": "de-AT,de;q=0.9"}).content.decode()


@pytest.mark.parametrize("answer", [errors.unavailable, errors.server_error, errors.too_large])
def test_so_does_one_that_comes_before_any_language_is_known(
    answer: Callable[[HttpRequest], HttpResponse], rf: RequestFactory
) -> None:
    assert '<html lang="de"' in answer(rf.get("/", headers={"Accept-Language": "de"})).content.decode()


def test_the_last_words_still_show_the_way_to_the_status(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> str:
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr("portal.errors.loader.render_to_string", refuse)
    for answer in (errors.server_error(rf.get("/")), errors.unavailable(rf.get("/"))):
        assert b"/status/" in answer.content


def test_a_missing_page_offers_to_look_for_it(browser: Client) -> None:
    body = browser.get("/help/reset-my_password%3F/").content.decode()
    assert 'action="/search/"' in body
    assert 'value="reset password"' in body


def test_a_private_case_is_missing_like_any_other(contact: Contact, browser: Client) -> None:
    case = file_case(contact, subject="Orders stop")
    there = browser.get(f"/cases/{case.number}/nowhere/").content
    nowhere = browser.get("/cases/CS-999999/nowhere/").content
    assert there.replace(case.number.encode(), b"") == nowhere.replace(b"CS-999999", b"")


def test_a_strangers_case_is_missing_like_any_other(contact: Contact, stranger: Contact, as_user: SignedIn) -> None:
    case = file_case(contact, subject="Orders stop")
    answers = [as_user(stranger.user).get(f"/cases/{number}/") for number in (case.number, "CS-999999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [re.sub(r'value="\w{64}"', "", answer.content.decode()) for answer in answers]  # tokens of forms
    assert bodies[0].replace(case.number, "") == bodies[1].replace("CS-999999", "")


def test_too_many_tries_are_told_when_to_try_again(client: Client) -> None:
    for _number in range(12):
        answer = client.post("/accounts/password/reset/", {"email": "somebody@acme.example"})
    assert answer.status_code == 429
    assert answer["Retry-After"] == str(errors.TRY_AGAIN_SECONDS)
    assert "Try again in 5 minutes." in answer.content.decode()


def test_who_may_not_is_told_as_whom_they_are_signed_in(contact: Contact, as_user: SignedIn) -> None:
    answer = as_user(contact.user).get("/desk/")
    assert answer.status_code == 403
    assert "You are signed in as Dana Reyes." in answer.content.decode()
