"""The public status is answered from its snapshot, with no server behind it."""

import logging
import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from status import middleware
from status.middleware import CACHE_CONTROL, SnapshotMiddleware
from status.snapshot.reading import DamagedError
from tests.status import snapshots
from tests.status.snapshots import (
    CONTENT_TYPES,
    DATA,
    EVERYTHING,
    INCIDENT,
    PAGES,
    WIDGETS,
    address,
    addresses,
    do_not_wait_for_the_disk,
    publish,
)

OPEN_ADDRESSES = addresses({**DATA, **WIDGETS})


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    do_not_wait_for_the_disk(monkeypatch)


@pytest.fixture
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.STATUS_SNAPSHOT_DIR = tmp_path / "status"
    return tmp_path / "status"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = tmp_path_factory.mktemp("model") / "status"
    publish(model, EVERYTHING)
    return model


@pytest.fixture
def published(directory: Path, model: Path) -> Path:
    """Return a directory of the test's own with everything in it; a copy need not wait for the disk."""
    shutil.copytree(model, directory, symlinks=True)
    return directory


class Site:
    """The middleware alone; what it passes on is answered with the path that arrives there."""

    def __init__(self) -> None:
        self.middleware = SnapshotMiddleware(self.pass_on)
        self.passed_on: list[HttpRequest] = []

    def pass_on(self, request: HttpRequest) -> HttpResponse:
        self.passed_on.append(request)
        return HttpResponse("passed on")

    def ask(self, path: str, method: str = "GET", **headers: Any) -> HttpResponse:
        return self.middleware(RequestFactory(**headers).generic(method, path))

    def passes_on(self, path: str, method: str = "GET", **headers: Any) -> bool:
        before = len(self.passed_on)
        self.ask(path, method, **headers)
        return len(self.passed_on) > before


@pytest.fixture
def site(published: Path) -> Site:
    return Site()


class TestFiles:
    @pytest.mark.parametrize("path", [path for path in EVERYTHING if ".stale." not in path])
    def test_each_is_answered_at_its_address(self, site: Site, path: str) -> None:
        response = site.ask(address(path))
        assert response.status_code == 200
        assert response.content.decode() == EVERYTHING[path]
        assert response["Content-Type"] == CONTENT_TYPES[path.rpartition(".")[2]]
        assert response["Content-Length"] == str(len(response.content))
        assert response["Cache-Control"] == CACHE_CONTROL
        assert not response.has_header("Vary")
        assert not response.cookies

    def test_a_question_mark_makes_no_difference(self, site: Site) -> None:
        assert site.ask("/status/?utm_source=mail").content == PAGES["status/index.html"].encode()

    @pytest.mark.parametrize("path", addresses(EVERYTHING))
    def test_head_tells_the_same_without_the_content(self, site: Site, path: str) -> None:
        whole, head = site.ask(path), site.ask(path, "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert dict(head.headers) == dict(whole.headers)

    @pytest.mark.parametrize(
        "path",
        ["/status", "/status/history", "/status/history/2026-11", "/status/de", f"/status/incidents/{INCIDENT}"],
    )
    def test_a_page_without_its_slash_sends_there(self, site: Site, path: str) -> None:
        response = site.ask(path)
        assert (response.status_code, response["Location"]) == (301, f"{path}/")
        assert response["Cache-Control"] == CACHE_CONTROL

    def test_the_question_goes_along(self, site: Site) -> None:
        assert site.ask("/status/history?a=1&b=2")["Location"] == "/status/history/?a=1&b=2"

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/cases/",
            "/statuses/",
            "/status/subscribe/",
            "/status/manage/",
            "/status/nothing/",
            "/status/nothing",
            "/status/index.html",
            "/status/de/index.html",
            "/status/index.stale.html",
            "/status/badge.stale.svg",
            "/status/incidents",
            "/status/incidents/",
            "/status/history.atom/",
            "/status/../private/lock",
            "/status/./",
            "/status//",
            "//status/",
            "/status/%00",
            "/status/%2e%2e/",
            "/status/ä/",
            "/status/.hidden",
            "/status/" + "a" * 5000,
            "/status/" + "a/" * 2000,
            "/meta.json",
            "/api/",
            "/api/v1/pages/",
        ],
        ids=lambda path: path[:40],
    )
    def test_everything_else_is_passed_on(self, site: Site, path: str) -> None:
        assert site.passes_on(path)
        assert site.passes_on(path, "POST")


class TestVerbs:
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SOMETHING"])
    def test_a_page_is_only_read(self, site: Site, method: str) -> None:
        response = site.ask("/status/", method)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_data_is_only_read_and_a_script_may_know(self, site: Site, method: str) -> None:
        response = site.ask("/api/v2/summary.json", method)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert response["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize("path", [*OPEN_ADDRESSES, "/api/v2/unknown.json", "/status/api/v2/unknown"])
    def test_a_preflight_is_answered_for_what_is_open(self, site: Site, path: str) -> None:
        response = site.ask(path, "OPTIONS", HTTP_ORIGIN="https://elsewhere.example")
        assert (response.status_code, response.content) == (204, b"")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert response["Access-Control-Allow-Headers"] == "*"


class TestOtherSites:
    @pytest.mark.parametrize("path", OPEN_ADDRESSES)
    def test_data_and_the_widget_are_open(self, site: Site, path: str) -> None:
        response = site.ask(path)
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"

    @pytest.mark.parametrize("path", addresses(PAGES))
    def test_pages_are_not(self, site: Site, path: str) -> None:
        response = site.ask(path)
        assert not response.has_header("Access-Control-Allow-Origin")
        assert not response.has_header("Cross-Origin-Resource-Policy")

    @pytest.mark.usefixtures("published")
    @pytest.mark.parametrize("path", addresses(EVERYTHING))
    def test_only_the_widget_may_be_framed(self, client: Client, path: str) -> None:
        response = client.get(path)
        widget = path in addresses(WIDGETS)
        policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
        assert policy["frame-ancestors"] == ("*" if widget else "'none'")
        assert policy["script-src"] == "'self'"
        assert response.get("X-Frame-Options") == (None if widget else "DENY")
        assert response["X-Content-Type-Options"] == "nosniff"


class TestAnUnknownApiPath:
    @pytest.mark.parametrize(
        "path",
        [
            "/api/v2/",
            "/api/v2/nothing.json",
            "/api/v2/incidents/nothing.json",
            "/api/v2/incidents",
            "/api/v2/../x",
            "/api/v2/\0",
            "/status/api/v2/nothing.json",
            "/status/api/v2/summary.json/",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_a_404_that_a_program_can_read(self, site: Site, path: str, method: str) -> None:
        response = site.ask(path.replace("\0", "%00"), method)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/json; charset=utf-8"
        assert response.content == b'{"error": "Not found"}'
        assert response["Access-Control-Allow-Origin"] == "*"

    def test_has_no_content_for_head(self, site: Site) -> None:
        assert site.ask("/api/v2/nothing.json", "HEAD").content == b""

    def test_is_left_to_the_views_while_nothing_is_published(self, directory: Path) -> None:
        assert Site().passes_on("/api/v2/nothing.json")


class TestUnchanged:
    def test_a_known_etag_gets_no_content(self, site: Site) -> None:
        whole = site.ask("/api/v2/summary.json")
        again = site.ask("/api/v2/summary.json", HTTP_IF_NONE_MATCH=whole["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
            assert again[name] == whole[name]
        assert not again.has_header("Content-Length")

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ("{etag}", 304),
            ("W/{etag}", 304),
            ('"other", {etag}', 304),
            ('W/"other",W/{etag} , "more"', 304),
            ("*", 304),
            ('"other"', 200),
            ('W/"other"', 200),
            ("", 200),
            ("nonsense", 200),
        ],
    )
    def test_etags_are_compared_weakly(self, site: Site, sent: str, status: int) -> None:
        etag = site.ask("/status/")["ETag"]
        assert not etag.startswith("W/")
        assert site.ask("/status/", HTTP_IF_NONE_MATCH=sent.format(etag=etag)).status_code == status
        assert site.ask("/status/", "HEAD", HTTP_IF_NONE_MATCH=sent.format(etag=etag)).status_code == status

    def test_the_etag_changes_with_the_content_and_not_with_the_version(self, site: Site, published: Path) -> None:
        etag, feed = site.ask("/status/")["ETag"], site.ask("/status/history.atom")["ETag"]
        publish(published, {**EVERYTHING, "status/index.html": PAGES["status/index.html"].upper()}, version=(2, 0))
        assert site.ask("/status/", HTTP_IF_NONE_MATCH=etag).status_code == 200
        assert site.ask("/status/history.atom", HTTP_IF_NONE_MATCH=feed).status_code == 304


class TestStale:
    @pytest.fixture
    def age(self, directory: Path) -> timedelta:
        age = timedelta(seconds=django_settings.STATUS_STALE_SECONDS + 5)
        publish(directory, EVERYTHING, as_of=timezone.now() - age)
        return age

    @pytest.mark.parametrize("path", ["status/index.html", "status/badge.svg"])
    def test_after_the_set_age_the_variant_that_says_so_is_shown(
        self, age: timedelta, directory: Path, path: str
    ) -> None:
        site = Site()
        stem, _dot, extension = path.rpartition(".")
        stale = site.ask(address(path))
        assert stale.content.decode() == EVERYTHING[f"{stem}.stale.{extension}"]
        assert stale["Content-Type"] == CONTENT_TYPES[extension]
        publish(directory, EVERYTHING)
        fresh = site.ask(address(path), HTTP_IF_NONE_MATCH=stale["ETag"])
        assert (fresh.status_code, fresh.content.decode()) == (200, EVERYTHING[path])

    def test_what_has_no_variant_stays(self, age: timedelta) -> None:
        assert Site().ask("/status/history.atom").content.decode() == DATA["status/history.atom"]

    def test_a_moment_before_it_is_fresh(self, directory: Path) -> None:
        limit = timedelta(seconds=django_settings.STATUS_STALE_SECONDS - 30)
        publish(directory, EVERYTHING, as_of=timezone.now() - limit)
        assert Site().ask("/status/").content.decode() == PAGES["status/index.html"]


class TestOwnDomain:
    HOST = "status.example.com"

    @pytest.fixture(autouse=True)
    def own_domain(self, settings: Settings, published: Path) -> None:
        settings.PORTAL_URL = "https://portal.example.com"
        settings.STATUS_URL = "https://status.example.com"
        settings.ALLOWED_HOSTS = ["portal.example.com", "status.example.com"]

    @pytest.mark.parametrize("path", [address for address in addresses(EVERYTHING) if address.startswith("/status/")])
    def test_addresses_need_no_status_there(self, path: str) -> None:
        short = Site().ask(path.removeprefix("/status"), HTTP_HOST=self.HOST)
        assert short.content == Site().ask(path, HTTP_HOST=self.HOST).content
        assert short.status_code == 200

    @pytest.mark.parametrize("host", ["status.example.com", "STATUS.example.com", "status.example.com:443"])
    def test_its_name_may_be_spelt_as_browsers_do(self, host: str) -> None:
        assert Site().ask("/", HTTP_HOST=host).content.decode() == PAGES["status/index.html"]

    @pytest.mark.parametrize("host", ["portal.example.com", "status.example.com:8443", "x.status.example.com", ""])
    def test_no_other_host_is_meant(self, host: str) -> None:
        site = Site()
        assert site.passes_on("/", HTTP_HOST=host)
        assert site.passed_on[0].path_info == "/"
        assert site.ask("/status/", HTTP_HOST=host).status_code == 200

    @pytest.mark.parametrize(
        ("asked", "arrives"),
        [
            ("/subscribe/", "/status/subscribe/"),
            ("/status/subscribe/", "/status/subscribe/"),
            ("/account/", "/status/account/"),
            ("/static/css/base.css", "/static/css/base.css"),
            ("/statistics/", "/status/statistics/"),
        ],
    )
    def test_views_get_the_address_that_they_have_on_the_portal(self, asked: str, arrives: str) -> None:
        site = Site()
        assert site.passes_on(asked, "POST", HTTP_HOST=self.HOST)
        request = site.passed_on[0]
        assert (request.path_info, request.path) == (arrives, arrives)

    def test_a_missing_slash_is_added_to_the_address_as_asked(self) -> None:
        assert Site().ask("/history", HTTP_HOST=self.HOST)["Location"] == "/history/"
        assert Site().ask("/status/history", HTTP_HOST=self.HOST)["Location"] == "/status/history/"

    def test_the_api_is_at_both_addresses(self) -> None:
        for path in ("/api/v2/summary.json", "/status/api/v2/summary.json"):
            assert Site().ask(path, HTTP_HOST=self.HOST).status_code == 200
        assert Site().ask("/api/v2/x.json", HTTP_HOST=self.HOST).status_code == 404

    def test_a_path_below_the_portals_domain_is_no_domain_of_its_own(self, settings: Settings) -> None:
        for url in ("https://portal.example.com/status", "https://Portal.example.com:443"):
            settings.STATUS_URL = url
            assert Site().passes_on("/", HTTP_HOST="portal.example.com")

    def test_a_port_of_its_own_is_part_of_the_name(self, settings: Settings) -> None:
        settings.STATUS_URL = "https://status.example.com:8443"
        assert Site().ask("/", HTTP_HOST="status.example.com:8443").status_code == 200
        assert Site().passes_on("/", HTTP_HOST="status.example.com")

    def test_the_whole_site_answers_there(self) -> None:
        response = Client().get("/", secure=True, headers={"host": self.HOST})
        assert response.content.decode() == PAGES["status/index.html"]


class TestNothingBehindIt:
    @pytest.mark.parametrize("path", addresses(EVERYTHING))
    def test_no_database_no_redis_and_no_cookie_is_touched(
        self, published: Path, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        """Tests without the ``db`` fixture may not use the database."""

        def refuse(*_arguments: object) -> None:
            raise AssertionError("asked Redis")

        client = Client()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = "x" * 32
        client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "de"
        with monkeypatch.context() as patched:
            patched.setattr("redis.connection.AbstractConnection.connect", refuse)
            response = client.get(path, headers={"accept-language": "de"})
        assert response.status_code == 200
        assert not response.has_header("Vary")
        assert not response.has_header("Set-Cookie")
        assert not response.cookies

    def test_it_stands_before_all_that_needs_a_server(self) -> None:
        order = [name.rpartition(".")[2] for name in django_settings.MIDDLEWARE]
        here = order.index("SnapshotMiddleware")
        assert {"HealthMiddleware", "SecurityMiddleware", "WhiteNoiseMiddleware", "CSPMiddleware"} <= {*order[:here]}
        assert {"BodyLimitMiddleware", "SessionMiddleware", "LocaleMiddleware"} <= {*order[here:]}


class TestChanges:
    def test_a_new_version_is_served_at_once(self, site: Site, published: Path) -> None:
        assert site.ask("/status/").content == PAGES["status/index.html"].encode()
        publish(published, {"status/index.html": "new"}, version=(2, 0))
        assert site.ask("/status/").content == b"new"
        assert site.passes_on("/status/history/")

    def test_many_threads_read_whole_pages_while_it_is_swapped(self, directory: Path) -> None:
        publish(directory, {"status/index.html": "0 " * 500}, version=(0, 0))
        site, ended, problems = Site(), threading.Event(), list[str]()

        def read() -> None:
            last = 0
            while not ended.is_set():
                response = site.ask("/status/")
                words = set(response.content.decode().split())
                if response.status_code != 200 or len(words) != 1 or int(*words) < last:
                    problems.append(f"{response.status_code} {words} after {last}")
                    return
                last = int(*words)
                ended.wait(0.001)

        threads = [threading.Thread(target=read) for _number in range(4)]
        for thread in threads:
            thread.start()
        for number in range(1, 100):
            publish(directory, {"status/index.html": f"{number} " * 500}, version=(number, 0))
        ended.set()
        for thread in threads:
            thread.join()
        assert problems == []
        assert site.passed_on == []

    def test_memory_is_bounded(self, directory: Path) -> None:
        contents = {f"status/incidents/{number}/index.html": str(number) * 300 for number in range(200)}
        publish(directory, contents)
        site = Site()
        kept = site.middleware.reader._contents
        kept.limit = 20_000
        for path, text in contents.items():
            assert site.ask(address(path)).content.decode() == text
        assert 0 < kept.size <= kept.limit
        assert kept.size == sum(len(content.body) for content in kept._kept.values())


class TestDamage:
    @pytest.fixture(autouse=True)
    def warnings(self, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
        caplog.set_level(logging.WARNING, logger=middleware.__name__)
        return caplog

    def test_nothing_published_is_no_damage(self, directory: Path, warnings: pytest.LogCaptureFixture) -> None:
        assert Site().passes_on("/status/")
        directory.mkdir()
        assert Site().passes_on("/status/")
        assert warnings.records == []

    @pytest.mark.parametrize("lost", ["objects", "versions", "objects/*", "versions/*"])
    def test_pages_are_left_to_the_views_with_one_line_in_the_log(
        self, published: Path, warnings: pytest.LogCaptureFixture, lost: str
    ) -> None:
        folder, _slash, every = lost.partition("/")
        for path in list((published / folder).iterdir()) if every else [published / folder]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        site = Site()
        for asked in ("/status/", "/api/v2/summary.json", "/status/history.atom", "/status/"):
            assert site.passes_on(asked)
        assert len(warnings.records) == 1

    def test_lost_directories_are_left_to_the_views(self, published: Path) -> None:
        shutil.rmtree(published / "trees")
        site = Site()
        assert site.passes_on("/status/")
        assert site.passes_on("/api/v2/summary.json")
        assert site.passes_on("/status/api/v2/summary.json")

    @pytest.mark.parametrize("text", [b"", b"half a pa", b"something else"])
    def test_a_file_that_is_not_what_it_was_is_not_shown(
        self, published: Path, warnings: pytest.LogCaptureFixture, text: bytes
    ) -> None:
        (published / "current/status/index.html").resolve().write_bytes(text)
        site = Site()
        assert site.passes_on("/status/")
        assert site.ask("/status/de/").status_code == 200
        assert len(warnings.records) == 1

    @pytest.mark.parametrize("target", ["nowhere", "versions/x", "/etc", "../..", "versions/1-0-9-a"])
    def test_a_link_to_something_else_is_not_followed(self, published: Path, target: str) -> None:
        (published / "current").unlink()
        (published / "current").symlink_to(target)
        assert Site().passes_on("/status/")

    def test_a_file_in_the_place_of_the_link(self, published: Path) -> None:
        (published / "current").unlink()
        (published / "current").write_text("x")
        assert Site().passes_on("/status/")

    def test_a_directory_without_permission_is_passed_on(
        self, published: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_arguments: object) -> str:
            raise PermissionError(13, "Permission denied")

        site = Site()
        with monkeypatch.context() as patched:
            patched.setattr(os, "readlink", refuse)
            assert site.passes_on("/status/")
        assert site.ask("/status/").status_code == 200

    def test_a_version_swept_between_two_looks_is_looked_for_again(
        self, published: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process that slept for an hour finds the objects of its version gone."""
        site = Site()
        real = site.middleware.reader.content
        calls: list[str] = []

        def content(name: str) -> object:
            calls.append(name)
            if len(calls) == 1:
                snapshots.publish(published, {"status/index.html": "new"}, version=(2, 0))
                raise DamagedError("swept")
            return real(name)

        monkeypatch.setattr(site.middleware.reader, "content", content)
        assert site.ask("/status/").content == b"new"

    def test_it_is_served_again_once_it_is_published_again(self, published: Path) -> None:
        shutil.rmtree(published / "objects")
        site = Site()
        assert site.passes_on("/status/")
        publish(published, EVERYTHING, version=(2, 0))
        assert site.ask("/status/").status_code == 200
