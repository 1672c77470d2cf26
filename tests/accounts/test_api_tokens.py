"""Tokens of the API: made, shown once, used, withdrawn; and what the views behind them answer."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import api, api_scopes, api_tokens, erasure, history, people
from accounts.api import ApiRequest
from accounts.models import ApiToken, AuditEvent, User
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.api_tokens import make_token
from tests.servers import ThrowawayRedis

pytestmark = pytest.mark.django_db
READ, WRITE = "tests.read", "tests.write"


@pytest.fixture(autouse=True)
def two_scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_scopes, "_scopes", {READ: "Read things", WRITE: "Write things"})


def create(actor: User, **changes: Any) -> api_tokens.Issued:
    wanted = {"owner": actor, "label": "Alertmanager", "scopes": [READ], "actor": actor}
    return api_tokens.create(**{**wanted, **changes})


# --- Making and withdrawing -------------------------------------------------------------------------------------


def test_only_a_hash_of_the_token_is_kept(administrator: User) -> None:
    issued = create(administrator)

    stored = ApiToken.objects.values().get()
    assert issued.plain.startswith("pt_")
    assert len(issued.plain) == 46
    assert issued.plain.startswith(stored["prefix"])
    assert len(stored["prefix"]) == 9
    assert issued.plain not in str(stored)


def test_two_tokens_differ(administrator: User) -> None:
    assert create(administrator).plain != create(administrator).plain


def test_the_audit_trail_tells_of_making_and_withdrawing_once(administrator: User, operator: User) -> None:
    issued = create(administrator, owner=operator, scopes=[WRITE, READ, READ])
    for _time in range(2):
        api_tokens.revoke(token=issued.token, actor=administrator)

    told = [line.what for line in history.lines(AuditEvent.objects.with_names().order_by("id"))]
    prefix = issued.token.prefix
    assert told == [
        f"made an API token for Olga Petrova ({prefix}…, tests.read, tests.write)",
        f"withdrew an API token of Olga Petrova ({prefix}…)",
    ]


def test_the_trail_of_ones_own_token_names_one_too(administrator: User) -> None:
    create(administrator)

    (line,) = history.lines(AuditEvent.objects.with_names())
    assert line.what.startswith("made an API token for Ada Novak")


@pytest.mark.parametrize("role", ["operator", "manager", "csm", "member"])
def test_nobody_but_an_administrator_makes_or_withdraws(
    role: str, request: pytest.FixtureRequest, administrator: User
) -> None:
    person = request.getfixturevalue(role)
    issued = create(administrator)

    with pytest.raises(PermissionDenied):
        create(person)
    with pytest.raises(PermissionDenied):
        api_tokens.revoke(token=issued.token, actor=person)
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("scopes", []), ("scopes", ["no.such"]), ("expires_at", timezone.now() - timedelta(days=1)), ("label", "")],
    ids=["no scope", "unknown scope", "past", "no label"],
)
def test_what_makes_no_sense_is_refused_by_field(administrator: User, field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        create(administrator, **{field: value})

    assert list(refusal.value.message_dict) == [field]


def test_nobody_whose_sign_in_is_off_gets_a_token(administrator: User) -> None:
    with pytest.raises(ValidationError, match="off"):
        create(administrator, owner=UserFactory(is_active=False))


def test_a_scope_is_registered_once() -> None:
    api_scopes.register_scope(READ, "Read things")

    with pytest.raises(ValueError, match="twice"):
        api_scopes.register_scope(READ, "Something else")


# --- Finding ----------------------------------------------------------------------------------------------------


def test_a_token_is_found(administrator: User) -> None:
    issued = create(administrator)

    assert api_tokens.find(issued.plain) == issued.token


def _withdraw(issued: api_tokens.Issued, administrator: User) -> None:
    api_tokens.revoke(token=issued.token, actor=administrator)


def _expire(issued: api_tokens.Issued, administrator: User) -> None:
    ApiToken.objects.update(expires_at=timezone.now())


def _switch_off(issued: api_tokens.Issued, administrator: User) -> None:
    people.deactivate(user=issued.token.owner, actor=administrator)


def _erase(issued: api_tokens.Issued, administrator: User) -> None:
    erasure.erase(user=issued.token.owner, actor=administrator)


@pytest.mark.parametrize("end", [_withdraw, _expire, _switch_off, _erase])
def test_a_token_ends_with_its_time_its_owner_or_by_hand(
    administrator: User, operator: User, end: Callable[[api_tokens.Issued, User], None]
) -> None:
    issued = create(administrator, owner=operator, expires_at=timezone.now() + timedelta(days=1))

    end(issued, administrator)

    assert api_tokens.find(issued.plain) is None


def test_erasing_its_owner_withdraws_the_token_for_good(administrator: User, operator: User) -> None:
    create(administrator, owner=operator)

    erasure.erase(user=operator, actor=administrator)

    assert ApiToken.objects.get().revoked_at is not None


@pytest.mark.parametrize("text", ["", "pt_", "pt_" + "a" * 43, "x" * 46, "pt_" + "ü" * 43, "pt_" + "a" * 43 + "\n"])
def test_anything_else_is_no_token(administrator: User, text: str) -> None:
    create(administrator)

    assert api_tokens.find(text) is None


def test_use_is_noted_once_a_minute(administrator: User) -> None:
    token = create(administrator).token
    api_tokens.note_use(token)
    first = ApiToken.objects.get().last_used_at
    api_tokens.note_use(ApiToken.objects.get())
    api_tokens.note_use(token)
    assert ApiToken.objects.get().last_used_at == first

    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    api_tokens.note_use(ApiToken.objects.get())

    noted = ApiToken.objects.get().last_used_at
    assert first is not None
    assert noted is not None
    assert noted >= first


# --- The view behind it -----------------------------------------------------------------------------------------


@api.authenticated(READ)
def show(request: ApiRequest) -> HttpResponse:
    return JsonResponse({"as": request.user.display_name, "token": request.token.label})


@api.authenticated(READ)
def echo(request: ApiRequest) -> HttpResponse:
    return JsonResponse(api.read_json(request, limit=200))


@api.authenticated(READ)
def refuse(request: ApiRequest, how: str) -> HttpResponse:
    raise {
        "policy": PermissionDenied("Not you."),
        "lookup": Http404("Case with pk 3"),
        "field": ValidationError({"name": ["Too long."], "__all__": ["Look again."]}),
        "sentence": ValidationError("No."),
    }[how]


things = api.by_method(GET=show, POST=echo)


def ask(view: Callable[..., Any], *args: Any, authorization: str = "", method: str = "GET", **extra: Any) -> Any:
    headers = {"Authorization": authorization} if authorization else {}
    request: HttpRequest = RequestFactory(headers=headers).generic(method, "/things/", **extra)
    return view(request, *args)


def error_of(response: HttpResponse) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(response.content)["error"]
    assert set(error) == {"code", "message", "fields"}
    return error


def test_a_token_opens_the_view_as_its_owner(operator: User) -> None:
    response = ask(show, authorization=f"bearer {make_token(operator, [READ])}")

    assert json.loads(response.content) == {"as": "Olga Petrova", "token": "Automation"}
    assert response.headers["Cache-Control"] == "no-store"
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("authorization", ["", "Basic b3A6b3A=", "Bearer", "Bearer ", "Bearer nonsense", "pt_x"])
def test_without_a_good_token_it_is_401_and_says_how(authorization: str) -> None:
    response = ask(show, authorization=authorization)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="Harbor Support"')
    assert error_of(response)["code"] == "unauthorized"


def test_a_session_is_no_token(administrator: User) -> None:
    request = RequestFactory().get("/things/")
    request.user = administrator

    assert show(request).status_code == 401


def test_a_missing_scope_is_403(operator: User) -> None:
    response = ask(show, authorization=f"Bearer {make_token(operator, [WRITE])}")

    assert response.status_code == 403
    assert error_of(response)["code"] == "missing_scope"
    assert 'scope="tests.read"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "NONSENSE"])
def test_a_wrong_verb_is_405_in_json(method: str) -> None:
    response = ask(things, method=method)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST"
    assert error_of(response)["code"] == "method_not_allowed"


def test_head_is_answered_where_get_is(operator: User) -> None:
    authorization = f"Bearer {make_token(operator, [READ])}"

    assert ask(things, method="HEAD", authorization=authorization).status_code == 200
    assert ask(api.by_method(POST=echo), method="HEAD", authorization=authorization).status_code == 405


@pytest.mark.parametrize(
    ("how", "status", "message", "fields"),
    [
        ("policy", 403, "Not you.", {}),
        ("lookup", 404, "There is no such thing.", {}),
        ("field", 422, "Look again.", {"name": ["Too long."]}),
        ("sentence", 422, "No.", {}),
    ],
)
def test_what_the_view_raises_is_told_in_json(
    operator: User, how: str, status: int, message: str, fields: dict[str, list[str]]
) -> None:
    response = ask(refuse, how, authorization=f"Bearer {make_token(operator, [READ])}")

    error = error_of(response)
    assert (response.status_code, error["message"], error["fields"]) == (status, message, fields)


# --- The body ---------------------------------------------------------------------------------------------------


def send(operator: User, body: bytes, content_type: str = "application/json") -> Any:
    token = make_token(operator, [READ])
    return ask(things, authorization=f"Bearer {token}", method="POST", data=body, content_type=content_type)


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"])
def test_an_object_is_read(operator: User, kind: str) -> None:
    assert json.loads(send(operator, '{"name": "Zürich 🚆", "n": [1, 2.5, null]}'.encode(), kind).content) == {
        "name": "Zürich 🚆",
        "n": [1, 2.5, None],
    }


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b'"text"', b"1", b"null", b'{"a": "\xff"}', b'{"a": "\\u0000"}', b'{"a\\u0000": 1}',
        b'{"a": "\0"}', b'{"a": "\\ud800"}', b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": 1, "a": 2}',
        b'{"a":' + b"[" * 25 + b"]" * 25 + b"}",
    ],
    ids=[
        "broken", "list", "text", "number", "null", "not UTF-8", "NUL", "NUL in a key", "raw NUL",
        "half surrogate", "NaN", "infinity", "too large a number", "twice the same key", "deep",
    ],
)  # fmt: skip
def test_a_damaged_body_is_400(operator: User, body: bytes) -> None:
    response = send(operator, body)

    assert response.status_code == 400
    assert error_of(response)["code"] == "bad_json"


def test_a_large_body_is_413(operator: User) -> None:
    assert send(operator, b'{"a": "' + b"x" * 200 + b'"}').status_code == 413


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_another_kind_of_body_is_415(operator: User, kind: str) -> None:
    assert send(operator, b"{}", kind).status_code == 415


# --- Failures are counted ---------------------------------------------------------------------------------------


def test_who_fails_too_often_waits_and_a_good_token_does_not(operator: User) -> None:
    answers = [ask(show, authorization="Bearer nonsense").status_code for _time in range(api.FAILURES + 1)]
    good = ask(show, authorization=f"Bearer {make_token(operator, [READ])}")

    assert answers == [401] * api.FAILURES + [429]
    assert good.status_code == 200


def test_elsewhere_nobody_waits(operator: User) -> None:
    for _time in range(api.FAILURES + 1):
        ask(show)

    assert ask(show, REMOTE_ADDR="203.0.113.9").status_code == 401


def test_neighbours_of_one_ipv6_network_count_together() -> None:
    for number in range(api.FAILURES):
        ask(show, REMOTE_ADDR=f"2001:db8::{number:x}")

    assert ask(show, REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert ask(show, REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_without_redis_tokens_work(throwaway_redis: ThrowawayRedis, operator: User) -> None:
    throwaway_redis.stop()

    assert ask(show).status_code == 401
    assert ask(show, authorization=f"Bearer {make_token(operator, [READ])}").status_code == 200


# --- The administration -----------------------------------------------------------------------------------------

LIST, ADD = "admin:accounts_apitoken_changelist", "admin:accounts_apitoken_add"


def test_an_administrator_makes_a_token_and_sees_it_once(
    administrator: User, operator: User, as_user: SignedIn
) -> None:
    client = as_user(administrator)
    data = {"label": "Monitoring", "owner": operator.pk, "scopes": [READ], "expires_at_0": "", "expires_at_1": ""}

    shown = client.post(reverse(ADD), data, follow=True).content.decode()
    token = ApiToken.objects.get()
    plain = shown.partition("<code>")[2].partition("</code>")[0]
    page = client.get(reverse("admin:accounts_apitoken_change", args=[token.pk])).content.decode()

    assert api_tokens.find(plain) == token
    assert (token.owner, token.created_by, token.scopes) == (operator, administrator, [READ])
    assert plain not in page
    assert token.prefix in page
    assert token.digest not in page


@pytest.mark.parametrize(
    ("field", "value"), [("scopes", []), ("scopes", ["no.such"]), ("owner", ""), ("label", "x" * 81), ("label", "a\0")]
)
def test_what_is_missing_is_said_and_the_rest_stays(
    administrator: User, as_user: SignedIn, field: str, value: Any
) -> None:
    data = {"label": "Monitoring", "owner": administrator.pk, "scopes": [READ], field: value}

    response = as_user(administrator).post(reverse(ADD), data)

    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_time_that_has_passed_is_refused(administrator: User, as_user: SignedIn) -> None:
    data = {
        "label": "Monitoring",
        "owner": administrator.pk,
        "scopes": [READ],
        "expires_at_0": "2020-01-01",
        "expires_at_1": "00:00",
    }

    assert "This time has passed." in as_user(administrator).post(reverse(ADD), data).content.decode()


def test_no_customer_can_be_chosen_as_owner(administrator: User, member: User, as_user: SignedIn) -> None:
    page = as_user(administrator).get(reverse(ADD)).content.decode()

    assert administrator.display_name in page
    assert member.display_name not in page


def test_an_administrator_withdraws_it(administrator: User, as_user: SignedIn) -> None:
    client, token = as_user(administrator), create(administrator).token
    url = reverse("admin:accounts_apitoken_revoke", args=[token.pk])
    assert url in client.get(reverse("admin:accounts_apitoken_change", args=[token.pk])).content.decode()

    assert client.get(url).status_code == 405
    page = client.post(url, follow=True).content.decode()

    assert "opens nothing any more" in page
    assert f'formaction="{url}"' not in page
    assert ApiToken.objects.get().revoked_at is not None


@pytest.mark.parametrize("role", ["operator", "manager", "csm"])
def test_other_staff_do_not_even_see_them(
    role: str, request: pytest.FixtureRequest, administrator: User, as_user: SignedIn
) -> None:
    client, token = as_user(request.getfixturevalue(role)), create(administrator).token

    for url in (reverse(LIST), reverse(ADD), reverse("admin:accounts_apitoken_change", args=[token.pk])):
        assert client.get(url).status_code == 403
    assert client.post(reverse("admin:accounts_apitoken_revoke", args=[token.pk])).status_code == 403
    assert ApiToken.objects.get().revoked_at is None


def test_a_token_that_is_not_there_is_404(administrator: User, as_user: SignedIn) -> None:
    client = as_user(administrator)

    assert client.get(reverse("admin:accounts_apitoken_change", args=[99])).status_code == 404
    assert client.post(reverse("admin:accounts_apitoken_revoke", args=[99])).status_code == 404


def test_the_list_takes_as_many_queries_for_two_as_for_twenty(administrator: User, as_user: SignedIn) -> None:
    client: Client = as_user(administrator)
    client.get(reverse(LIST))
    counts = []
    for number in (2, 18):
        for _time in range(number):
            make_token(administrator, [READ])
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(LIST))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.usefixtures("two_scopes")
def test_the_realm_is_the_portals_name(settings: Settings) -> None:
    settings.PORTAL_NAME = 'Häfen "Support"'

    assert ask(show).headers["WWW-Authenticate"] == 'Bearer realm="Hfen Support"'
