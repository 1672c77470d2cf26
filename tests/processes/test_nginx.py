"""docs/nginx serves the snapshot as the portal does, without the portal."""

import gzip
import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from portal.brand import FOREVER
from portal.local_servers import die_with_parent
from status.snapshot.store import Store
from tests.servers import free_port, wait_until
from tests.status.snapshots import EVERYTHING, INCIDENT, address, addresses, do_not_wait_for_the_disk, publish

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "nginx"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
HOST = "portal.example.com"
OWN_HOST = "status.example.com"
SWAPS = 200
# A file whose name changes with its content: the portal lets it be kept for ever.
STYLES = "/static/css/site.0123456789ab.css"
BRAND = "/brand/0123456789ab/brand.css"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx-light)")

COMPARED = (
    "Content-Type",
    "Content-Length",
    "Cache-Control",
    "ETag",
    "Last-Modified",
    "Allow",
    "Location",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Strict-Transport-Security",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Set-Cookie",
)


@dataclass(frozen=True)
class Answer:
    """What came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    def compared(self) -> dict[str, object]:
        """Return what both servers must agree on."""
        policy = self.headers.get("content-security-policy", "")
        names = {name: self.headers.get(name.lower()) for name in COMPARED}
        if self.status in {301, 405}:
            names["Content-Length"] = None  # each server words its refusal, and only people read it
        if self.status == 301:
            names["Content-Type"] = None
        return {
            "status": self.status,
            "body": None if self.status == 301 else self.body,
            "policy": {part.strip() for part in policy.split(";")},
            **names,
        }


class Portal(BaseHTTPRequestHandler):
    """Stands for gunicorn: says what it was asked."""

    def answer(self) -> None:
        body = f"portal {self.command} {self.path} {self.headers['Host']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if self.path.partition("?")[0] in {STYLES, BRAND}:
            self.send_header("Cache-Control", FOREVER)
            self.send_header("Vary", "Accept-Encoding")
            self.send_header("X-Encoding", self.headers["Accept-Encoding"] or "")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = answer  # noqa: N815 - the base class's names

    def log_message(self, *arguments: object) -> None:
        pass


class Nginx:
    """An nginx of the test's own, with the documented files; only what is a machine's own is replaced."""

    def __init__(self, home: Path, directory: Path) -> None:
        self.home = home
        self.directory = directory
        self.port = free_port()
        self.portal = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
        threading.Thread(target=self.portal.serve_forever, daemon=True).start()

    def start(self) -> None:
        (self.home / "headers.conf").write_text((DOCS / "status-headers.conf").read_text())
        text = (DOCS / "status.conf").read_text()
        for documented, own in (
            ("/srv/portal-status", str(self.directory)),
            ("127.0.0.1:8000", f"127.0.0.1:{self.portal.server_port}"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port};"),
            ("ssl_certificate /etc/ssl/portal.pem;", ""),
            ("ssl_certificate_key /etc/ssl/portal.key;", ""),
            ("/etc/nginx/snippets/status-headers.conf", str(self.home / "headers.conf")),
            ("/var/cache/nginx/portal", str(self.home / "cache")),
        ):
            assert documented in text
            text = text.replace(documented, own)
        (self.home / "status.conf").write_text(text)
        places = " ".join(
            f"{kind}_temp_path {self.home / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        (self.home / "nginx.conf").write_text(
            f"daemon off; {user} pid {self.home / 'pid'}; error_log {self.home / 'error.log'}; worker_processes 2;\n"
            f"events {{}}\nhttp {{ access_log off; {places} include {self.home / 'status.conf'}; }}\n"
        )
        assert NGINX is not None
        self.process = subprocess.Popen(
            [NGINX, "-c", str(self.home / "nginx.conf"), "-p", str(self.home), "-e", str(self.home / "error.log")],
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        wait_until(self.answers, seconds=20, what="nginx's start", detail=self.errors)

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=20)
        self.stop_portal()

    def stop_portal(self) -> None:
        self.portal.shutdown()
        self.portal.server_close()

    def answers(self) -> bool:
        try:
            self.ask("/status/")
        except OSError:
            return False
        return True

    def errors(self) -> str:
        log = self.home / "error.log"
        return log.read_text() if log.exists() else ""

    def ask(self, path: str, method: str = "GET", *, host: str = HOST, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            return ask(connection, path, method, host=host, **headers)
        finally:
            connection.close()


def ask(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", *, host: str = HOST, **headers: str
) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Host": host, **sent})
    response = connection.getresponse()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


@pytest.fixture(scope="module")
def nginx() -> Iterator[Nginx]:
    home = Path(tempfile.mkdtemp(prefix="portal-nginx-"))
    running = Nginx(home, home / "snapshot")
    try:
        publish(running.directory, EVERYTHING)
        running.start()
        yield running
        running.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def production_headers(settings: Settings, nginx: Nginx) -> None:
    """Let Django answer as in production, from the same directory."""
    settings.STATUS_SNAPSHOT_DIR = nginx.directory
    settings.ALLOWED_HOSTS = [HOST, OWN_HOST]
    settings.PORTAL_URL = f"https://{HOST}"
    settings.STATUS_URL = f"https://{OWN_HOST}"
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_HSTS_PRELOAD = True


def ask_django(path: str, method: str = "GET", *, host: str = HOST, **headers: str) -> Answer:
    sent = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = Client().generic(method, path, secure=True, headers=sent)
    return Answer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        response.content,
    )


SAME = [
    *((method, path) for path in addresses(EVERYTHING) for method in ("GET", "HEAD", "POST", "OPTIONS")),
    ("DELETE", "/status/"),
    ("PUT", "/api/v2/summary.json"),
    ("GET", "/status/?utm_source=mail"),
    *(
        ("GET", path)
        for path in (
            "/status",
            "/status/history",
            "/status/history?page=2",
            "/status/de",
            f"/status/incidents/{INCIDENT}",
            "/api/v2/",
            "/api/v2/nothing.json",
            "/status/api/v2/nothing.json",
            "/status/api/v2/incidents/nothing.json",
            "/api/v2/index.html",
        )
    ),
    ("HEAD", "/api/v2/nothing.json"),
    ("POST", "/api/v2/nothing.json"),
    ("OPTIONS", "/api/v2/nothing.json"),
]


@pytest.mark.parametrize(("method", "path"), SAME, ids=[f"{method} {path}" for method, path in SAME])
def test_both_answer_the_same(nginx: Nginx, method: str, path: str) -> None:
    assert nginx.ask(path, method).compared() == ask_django(path, method).compared()


@pytest.mark.parametrize("path", addresses(EVERYTHING))
def test_an_etag_of_one_is_known_to_the_other(nginx: Nginx, path: str) -> None:
    for giver, asked in ((nginx.ask, ask_django), (ask_django, nginx.ask)):
        etag = giver(path).headers["etag"]
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = asked(path, If_None_Match=known)
            assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
        assert asked(path, If_None_Match='"other"').status == 200


@pytest.mark.parametrize(
    "path", [address(path) for path in EVERYTHING if path.startswith("status/") and "stale" not in path]
)
def test_the_own_domain_leaves_out_status(nginx: Nginx, path: str) -> None:
    short = nginx.ask(path.removeprefix("/status"), host=OWN_HOST)
    assert short.compared() == ask_django(path.removeprefix("/status"), host=OWN_HOST).compared()
    assert short.compared() == nginx.ask(path, host=OWN_HOST).compared()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/cases/"),
        ("GET", "/status/subscribe/"),
        ("POST", "/status/subscribe/"),
        ("GET", "/status/manage/?open=1"),
        ("GET", "/status/nothing"),
        ("GET", "/status/nothing.json"),
        ("GET", "/status/index.html"),
        ("GET", "/status/index.stale.html"),
        ("GET", "/status/badge.stale.svg"),
        ("GET", "/static/css/base.css"),
        ("GET", "/statuses/"),
    ],
)
def test_the_portal_gets_the_rest(nginx: Nginx, method: str, path: str) -> None:
    answer = nginx.ask(path, method)
    assert answer.body.decode() == f"portal {method} {path} {HOST}"
    # It says itself what goes with its answers.
    assert not {"cache-control", "content-security-policy", "access-control-allow-origin"} & answer.headers.keys()


def test_the_portal_gets_the_rest_of_the_own_domain_as_well(nginx: Nginx) -> None:
    answer = nginx.ask("/subscribe/", "POST", host=OWN_HOST)
    assert answer.body.decode() == f"portal POST /status/subscribe/ {OWN_HOST}"
    assert nginx.ask("/static/x.css", host=OWN_HOST).body.decode() == f"portal GET /static/x.css {OWN_HOST}"


def test_what_is_private_has_no_address(nginx: Nginx) -> None:
    for path in ("/private/lock", "/status/../private/lock", "/status/%2e%2e/private/lock", "/meta.json", "/objects/"):
        assert nginx.ask(path).body.startswith(b"portal GET")


def test_nginx_has_nothing_to_complain_about(nginx: Nginx) -> None:
    for path in addresses(EVERYTHING):
        nginx.ask(path)
    nginx.ask("/status/subscribe/")
    nginx.ask("/api/v2/nothing.json")
    assert nginx.errors() == ""


def test_a_flag_file_shows_what_is_to_be_shown_when_nobody_renews(nginx: Nginx) -> None:
    flag = nginx.directory / "stale"
    flag.touch()
    try:
        for path in ("status/index.html", "status/badge.svg"):
            stem, _dot, extension = path.rpartition(".")
            assert nginx.ask(address(path)).body.decode() == EVERYTHING[f"{stem}.stale.{extension}"]
        assert nginx.ask("/status/history/").body.decode() == EVERYTHING["status/history/index.html"]
    finally:
        flag.unlink()
    assert nginx.ask("/status/").body.decode() == EVERYTHING["status/index.html"]


def test_a_compressed_page_is_the_same_page(nginx: Nginx) -> None:
    text = "<p>All systems operational</p>\n" * 200
    publish(nginx.directory, {**EVERYTHING, "status/index.html": text}, version=(2, 0))
    answer = nginx.ask("/status/", Accept_Encoding="gzip")
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(answer.body).decode() == text
    for server in (nginx.ask, ask_django):
        assert server("/status/", If_None_Match=answer.headers["etag"]).status == 304


def test_no_answer_is_missing_or_half_while_the_snapshot_is_swapped(
    nginx: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_not_wait_for_the_disk(monkeypatch)
    paths = ("/status/", "/api/v2/summary.json", f"/status/incidents/{INCIDENT}/")
    files = ("status/index.html", "api/v2/summary.json", f"status/incidents/{INCIDENT}/index.html")
    first = 1000

    def swap(number: int) -> None:
        publish(nginx.directory, dict.fromkeys(files, f"{number}\n" * 2000), version=(number, 0))

    swap(first)
    ended = threading.Event()
    problems: list[str] = []
    seen: set[int] = set()

    def read() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
        last = first
        while not ended.is_set():
            for path in paths:
                ended.wait(0.001)
                answer = ask(connection, path)
                words = set(answer.body.split())
                if answer.status != 200 or len(words) != 1 or len(answer.body) != 10_000 or int(*words) < last:
                    problems.append(f"{path}: {answer.status} {words} after {last}")
                    return
                last = int(*words)
                seen.add(last)

    readers = [threading.Thread(target=read) for _number in range(3)]
    for reader in readers:
        reader.start()
    for number in range(first + 1, first + 1 + SWAPS):
        swap(number)
        if number % 50 == 0:
            Store(nginx.directory).sweep()
    ended.set()
    for reader in readers:
        reader.join()
    publish(nginx.directory, EVERYTHING, version=(5000, 0))
    assert problems == []
    assert len(seen) > 10


@pytest.fixture(scope="class")
def portal_is_down(nginx: Nginx) -> None:
    """Take the portal away, once somebody has looked at its pages."""
    for path in (STYLES, BRAND, f"{STYLES}?x=1"):
        nginx.ask(path, Accept_Encoding="gzip, deflate, br, zstd")
    nginx.stop_portal()


@pytest.mark.usefixtures("portal_is_down")
class TestWithoutThePortal:
    """The last ones."""

    def test_the_status_is_answered_all_the_same(self, nginx: Nginx) -> None:
        for path in addresses(EVERYTHING):
            assert nginx.ask(path).status == 200
        assert nginx.ask("/api/v2/nothing.json").status == 404

    @pytest.mark.parametrize("path", [STYLES, BRAND])
    def test_its_pages_still_have_their_styles(self, nginx: Nginx, path: str) -> None:
        # Another browser names what it reads in another way.
        answer = nginx.ask(path, Accept_Encoding="br;q=1.0, gzip;q=0.8", host=OWN_HOST)
        assert (answer.status, answer.body.decode()) == (200, f"portal GET {path} {HOST}")
        assert (answer.headers["cache-control"], answer.headers["x-encoding"]) == (FOREVER, "br")
        for other in (path.replace("0", "1"), f"{path}?x=1"):
            assert nginx.ask(other, Accept_Encoding="br").status == 503

    @pytest.mark.parametrize("path", ["/", "/cases/", "/status/subscribe/", "/status/index.html", "/status/nothing"])
    def test_the_rest_says_where_the_status_is(self, nginx: Nginx, path: str) -> None:
        answer = nginx.ask(path)
        assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
        assert b"/status/" in answer.body
