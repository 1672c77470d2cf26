"""Requests are read as UTF-8."""

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from portal.handler import PortalAsgiHandler, PortalAsgiRequest, PortalHandler, PortalRequest

CODECS = ["hex", "undefined", "punycode", "raw_unicode_escape", "utf-7", "utf-16", "utf8", "no-such-encoding"]


def environment(content_type: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"CONTENT_TYPE": content_type, "SERVER_NAME": "localhost", **more}
    setup_testing_defaults(found)
    return found


@pytest.mark.parametrize("codec", CODECS)
def test_an_address_is_read_as_utf_8_whatever_the_header_says(codec: str) -> None:
    request = PortalRequest(environment(f"text/plain; charset={codec}", QUERY_STRING="q=%C3%A9%5Cud800"))

    assert request.GET["q"] == r"é\ud800"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", rb"a=%C3%A9%5Cud800"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + r"é\ud800".encode() + b"\r\n--b--\r\n",
        ),
    ],
)
def test_a_form_is_read_as_utf_8_whatever_the_header_says(codec: str, kind: str, body: bytes) -> None:
    sent = environment(f"{kind}; charset={codec}", REQUEST_METHOD="POST", CONTENT_LENGTH=str(len(body)))
    sent["wsgi.input"] = BytesIO(body)

    assert PortalRequest(sent).POST["a"] == r"é\ud800"


@pytest.mark.parametrize("codec", CODECS)
def test_asgi_reads_as_utf_8_whatever_the_header_says(codec: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={codec}".encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"q=%C3%A9%5Cud800",
        "headers": [(b"content-type", kind)],
    }

    request = PortalAsgiRequest(scope, BytesIO(b"a=%C3%A9%5Cud800"))

    assert request.GET["q"] == request.POST["a"] == r"é\ud800"


def test_asgi_serves_such_requests() -> None:
    assert PortalAsgiHandler.request_class is PortalAsgiRequest


@pytest.mark.django_db
def test_a_page_is_answered_whatever_the_header_says() -> None:
    sent = environment("text/plain; charset=hex", PATH_INFO="/support/", QUERY_STRING="q=a", HTTP_HOST="localhost")

    assert PortalHandler().get_response(PortalRequest(sent)).status_code == 200
