"""The limit of a request's body."""

from io import BytesIO

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from pytest_django import Settings

from lib.body_limit import accepts_files
from portal import urls
from portal.maintenance import Maintenance
from portal.middleware import BodyLimitMiddleware, MaintenanceMiddleware


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("served")


@accepts_files
def take_files(request: HttpRequest) -> HttpResponse:
    return HttpResponse("served")


urlpatterns = [
    *urls.urlpatterns,  # the page of the refusal links to the site
    path("plain/", answer),
    path("files/", take_files),
]


@pytest.fixture
def small_limits(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.UPLOAD_MAX_BYTES = 5000
    settings.UPLOAD_MAX_FILES = 2


def send(address: str, length: int, content_type: str = "multipart/form-data; boundary=x") -> HttpResponse:
    request = RequestFactory().post(address, data=b"x" * length, content_type=content_type)
    return BodyLimitMiddleware(answer)(request)


@pytest.mark.usefixtures("small_limits")
class TestBodyLimit:
    @pytest.mark.parametrize(
        ("address", "length", "status"),
        [
            ("/plain/", 1000, 200),
            ("/plain/", 1001, 413),
            ("/files/", 11_000, 200),
            ("/files/", 11_001, 413),
            ("/nowhere/", 1001, 413),
        ],
    )
    def test_only_a_view_that_takes_files_gets_a_large_form(self, address: str, length: int, status: int) -> None:
        assert send(address, length).status_code == status

    def test_a_large_body_that_is_no_form_is_refused_everywhere(self) -> None:
        assert send("/files/", 1001, "application/json").status_code == 413

    def test_a_refused_body_is_read_to_its_end_so_that_the_browser_shows_the_answer(self) -> None:
        request = RequestFactory().post("/plain/", data=b"x" * 200_000, content_type="text/plain")
        BodyLimitMiddleware(answer)(request)
        assert request.read() == b""

    def test_a_body_of_unknown_length_is_refused(self) -> None:
        request = RequestFactory().generic("POST", "/plain/", HTTP_TRANSFER_ENCODING="chunked")
        request.META["CONTENT_LENGTH"] = ""
        assert BodyLimitMiddleware(answer)(request).status_code == 411

    def test_a_length_that_is_no_number_is_a_bad_request(self) -> None:
        request = RequestFactory().post("/plain/", data=b"", content_type="text/plain")
        request.META["CONTENT_LENGTH"] = "-5"
        assert BodyLimitMiddleware(answer)(request).status_code == 400


def test_maintenance_reads_a_body_so_that_the_browser_shows_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.maintenance.read", Maintenance)
    request = RequestFactory().post("/plain/", data=b"x" * 200_000, content_type="text/plain")
    assert MaintenanceMiddleware(answer)(request).status_code == 503
    assert request.read() == b""


def test_a_cut_off_body_ends_the_reading(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    request = RequestFactory().post("/plain/", data=b"x" * 20, content_type="text/plain")
    request.META["CONTENT_LENGTH"] = "100000"
    request.environ["wsgi.input"] = BytesIO(b"x" * 20)
    assert BodyLimitMiddleware(answer)(request).status_code == 413
