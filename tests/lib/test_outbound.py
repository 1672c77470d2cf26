import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lib import outbound
from lib.outbound import RefusedAddress
from tests.lib.drips import DrippingTls


class Endpoint:
    """A local endpoint that answers what it is told and keeps what it got."""

    def __init__(self) -> None:
        self.status = 204
        self.location = ""
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.received.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(endpoint.status)
                if endpoint.location:
                    self.send_header("Location", endpoint.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://localhost:{self.port}/hook?team=a"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.stop()


LOCAL = ["localhost"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.4.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "::1",
        "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "192.0.0.192",
        "fec0::1",
    ],
)  # fmt: skip
def test_private_address_is_not_public(address):
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_address_is_public(address):
    assert outbound.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example", "ftp://hooks.example/", "http://93.184.216.34/", "https://", "https:///path",
        "https://user:secret@93.184.216.34/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
        "https://93.184.216.34:99999/", "https://a b.example/", "https://a.example/\r\nHost: b", "https://ünicode.example/",
        "https://[::1", "https://93.184.216.34/" + "x" * 400, "javascript:alert(1)", "file:///etc/passwd",
        "https://a..example/", "https://" + "a" * 64 + ".example/",
    ],
)  # fmt: skip
def test_address_that_leads_elsewhere_is_refused_when_saved(url):
    with pytest.raises(RefusedAddress):
        outbound.check(url)


@pytest.mark.parametrize("url", ["https://93.184.216.34/hook", "https://no-such-host.invalid/hook"])
def test_other_address_may_be_saved(url):
    outbound.check(url)


def test_private_address_is_refused_at_the_connection_too(endpoint):
    with pytest.raises(RefusedAddress):
        outbound.post(f"https://127.0.0.1:{endpoint.port}/", body=b"x", headers={})
    assert endpoint.received == []


def test_name_that_answers_differently_the_second_time_gains_nothing(endpoint, monkeypatch):
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def rebinding(host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    connected = []

    def connect(address, **_options):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError):  # noqa: PT011 - which kind is the system's choice
        outbound.post("https://rebinding.example/", body=b"x", headers={})
    assert connected == ["93.184.216.34"]


def test_one_private_address_among_public_ones_is_refused(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    with pytest.raises(RefusedAddress):
        outbound.check("https://mixed.example/")


def test_a_name_service_that_never_answers_holds_nobody_up(monkeypatch):
    let_go = threading.Event()

    def silent(*_args, **_options):
        let_go.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr(outbound, "CHECK_SECONDS", 0.2)
    begun = time.monotonic()
    outbound.check("https://tarpit.example/")
    with pytest.raises(TimeoutError):
        outbound.post("https://tarpit.example/", body=b"x", headers={}, seconds=0.2)
    assert time.monotonic() - begun < 20
    let_go.set()


def test_allowed_host_is_posted_to(endpoint):
    status = outbound.post(endpoint.url, body=b"hello", headers={"webhook-id": "m"}, allowed_hosts=LOCAL)
    ((path, headers, body),) = endpoint.received
    assert (status, path, body) == (204, "/hook?team=a", b"hello")
    assert headers["host"] == f"localhost:{endpoint.port}"
    assert headers["webhook-id"] == "m"


def test_redirect_is_not_followed(endpoint):
    endpoint.status, endpoint.location = 302, "http://169.254.169.254/"
    assert outbound.post(endpoint.url, body=b"x", headers={}, allowed_hosts=LOCAL) == 302
    assert len(endpoint.received) == 1


def test_answer_that_never_ends_is_cut_off():
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _peer = listener.accept()
        with connection:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        with pytest.raises(OSError):  # noqa: PT011 - which kind is the system's choice
            outbound.post(
                f"http://localhost:{listener.getsockname()[1]}/",
                body=b"x",
                headers={},
                seconds=0.5,
                allowed_hosts=LOCAL,
            )
    finally:
        stop.set()
        listener.close()
        thread.join()


def test_nobody_listening_is_an_os_error(endpoint):
    endpoint.stop()
    with pytest.raises(OSError):  # noqa: PT011 - which kind is the system's choice
        outbound.post(endpoint.url, body=b"x", headers={}, allowed_hosts=LOCAL)


def test_a_tls_endpoint_that_drips_is_cut_off(tmp_path, monkeypatch):
    server = DrippingTls(tmp_path, monkeypatch)

    with pytest.raises(TimeoutError):
        outbound.post(server.url, body=b"{}", headers={}, seconds=0.5, allowed_hosts=LOCAL)
    server.stop()
