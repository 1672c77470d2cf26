"""Asking from this machine whether a service answers, over HTTP(S) or TCP.

Unlike ``lib.outbound`` this may look into the own network: what is probed is set up by trusted administrators. Refused
are only the addresses at which clouds hand out a machine's credentials.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urljoin, urlsplit

from lib import deadlines
from lib.deadlines import Clock, TimedSocket

TARGET_MAX_LENGTH = 400
BODY_LIMIT = 64 * 1024  # bytes read of an answer; more proves nothing
REDIRECTS_LIMIT = 5
USER_AGENT = "Portal-Probe/1.0"
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_METADATA = (
    ipaddress.ip_network("169.254.0.0/16"),  # RFC 3927: every large cloud's
    ipaddress.ip_network("fd00:ec2::254/128"),  # Amazon's over IPv6
    ipaddress.ip_network("100.100.100.200/32"),  # Alibaba's
    ipaddress.ip_network("192.0.0.192/32"),  # Oracle's
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


class Reason(StrEnum):
    """Why a probe's result is what it is."""

    OK = "ok"
    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECT = "connect"
    RESET = "reset"
    TLS = "tls"
    STATUS = "status"
    PROTOCOL = "protocol"
    REFUSED = "refused"


class BadTarget(ValueError):  # noqa: N818 - a refusal, told to a person
    """What should be probed is no address. The message is a code: ``url``, ``scheme``, ``credentials`` or ``tcp``."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one probe found: ``milliseconds`` it took in all, and the ``status`` of an HTTP answer."""

    ok: bool
    reason: Reason
    milliseconds: int
    status: int | None = None


class _Failed(Exception):  # noqa: N818 - internal: ends a probe with its reason
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_url(url: str) -> SplitResult:
    """Return the parts of an http(s) address. Raises ``BadTarget``."""
    if not 0 < len(url) <= TARGET_MAX_LENGTH or not url.isascii() or any(c <= " " or c == "\x7f" for c in url):
        raise BadTarget("url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadTarget("url") from error
    if parts.scheme not in _PORTS:
        raise BadTarget("scheme")
    if not host or port == 0:
        raise BadTarget("url")
    if parts.username is not None or parts.password is not None:
        raise BadTarget("credentials")
    return parts


def parse_tcp(target: str) -> tuple[str, int]:
    """Return host and port of ``host:port`` or ``[IPv6]:port``. Raises ``BadTarget``."""
    if not 0 < len(target) <= TARGET_MAX_LENGTH or any(c in target for c in "/?#@ "):
        raise BadTarget("tcp")
    try:
        parts = parse_url(f"http://{target}")
    except BadTarget as error:
        raise BadTarget("tcp") from error
    if parts.port is None or not parts.hostname:
        raise BadTarget("tcp")
    return parts.hostname, parts.port


def is_metadata(text: str) -> bool:
    """Say whether an IP address, in whatever spelling, is one that a cloud's machine gets its credentials from."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        address = inner or address
    return any(address in network for network in _METADATA)


def probe_tcp(target: str, *, seconds: float) -> Result:
    """Say whether ``host:port`` takes a connection within ``seconds``. Never raises."""
    clock = Clock(seconds)
    try:
        with _reasons():
            host, port = parse_tcp(target)
            _connect(host, port, clock).close()
    except _Failed as failure:
        return Result(ok=False, reason=failure.reason, milliseconds=clock.milliseconds())
    return Result(ok=True, reason=Reason.OK, milliseconds=clock.milliseconds())


def probe_http(url: str, *, seconds: float, expected: Collection[int] = (), redirects: int = 0) -> Result:
    """GET ``url`` and say whether it answers with an ``expected`` status (none given: any 2xx). Never raises.

    ``seconds`` bounds everything together. Up to ``redirects`` redirects are followed. The beginning of the body is
    read too: a server that sends a good status and then breaks off is not well.
    """
    clock = Clock(seconds)
    try:
        with _reasons():
            status = _status(url, clock, min(redirects, REDIRECTS_LIMIT))
    except _Failed as failure:
        return Result(ok=False, reason=failure.reason, milliseconds=clock.milliseconds())
    ok = status in expected if expected else 200 <= status < 300
    return Result(ok, Reason.OK if ok else Reason.STATUS, clock.milliseconds(), status)


@contextlib.contextmanager
def _reasons() -> Iterator[None]:
    """Turn whatever goes wrong on the way into a reason."""
    try:
        yield
    except TimeoutError as error:
        raise _Failed(Reason.TIMEOUT) from error
    except socket.gaierror as error:
        raise _Failed(Reason.DNS) from error
    except ssl.SSLError as error:
        raise _Failed(Reason.TLS) from error
    except ConnectionRefusedError as error:
        raise _Failed(Reason.CONNECT) from error
    except (ConnectionError, http.client.IncompleteRead) as error:
        raise _Failed(Reason.RESET) from error
    except (http.client.HTTPException, BadTarget, UnicodeError, ValueError) as error:
        raise _Failed(Reason.PROTOCOL) from error
    except OSError as error:
        raise _Failed(Reason.CONNECT) from error


def _status(url: str, clock: Clock, redirects: int) -> int:
    while True:
        status, location = _get(parse_url(url), clock)
        if not (redirects and location and status in _REDIRECTS):
            return status
        url = urljoin(url, location)
        redirects -= 1


def _get(parts: SplitResult, clock: Clock) -> tuple[int, str]:
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port)
    with contextlib.closing(_connect(host, port, clock)) as raw:
        plain: socket.socket = raw
        if parts.scheme == "https":
            raw.settimeout(clock.left())
            plain = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        with contextlib.closing(plain):
            connection.sock = TimedSocket(plain, clock)  # all that http.client asks of a socket
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Connection": "close"})
            with contextlib.closing(connection.getresponse()) as response:
                _read(response)
                return response.status, response.headers.get("Location", "")


def _read(response: http.client.HTTPResponse) -> None:
    expected = response.length
    got = response.read(BODY_LIMIT)
    # With an amount asked for, http.client keeps quiet about an answer that broke off.
    if expected is not None and len(got) < min(expected, BODY_LIMIT):
        raise http.client.IncompleteRead(got, expected - len(got))


def _connect(host: str, port: int, clock: Clock) -> socket.socket:
    addresses = deadlines.resolve(host, port, clock)
    if any(is_metadata(address) for address in addresses):
        raise _Failed(Reason.REFUSED)
    return deadlines.connect(addresses, port, clock)
