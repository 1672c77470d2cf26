from collections.abc import Callable

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from portal import errors

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
