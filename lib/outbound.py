"""Posting to addresses that people have typed in, without being led into our own network.

A name is resolved once, every address it stands for is checked, and the connection goes to a checked address: a name
that answers differently the second time (DNS rebinding) gains nothing. Redirects are not followed.
"""

import contextlib
import http.client
import ipaddress
import ssl
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from lib import deadlines
from lib.deadlines import Clock, TimedSocket

URL_MAX_LENGTH = 400
# A person waits for it. A name service of a stranger's may take its time on purpose, and hold a web process meanwhile.
CHECK_SECONDS = 3.0
_PORTS = {"http": 80, "https": 443}
# The IPv6 prefix that a NAT64 gateway turns into the IPv4 address behind it (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What Python releases of these years take for public: protocol assignments with a cloud's metadata among them
# (RFC 6890), site-local addresses (RFC 3879), documentation (RFC 9637).
_NOT_PUBLIC = tuple(ipaddress.ip_network(text) for text in ("192.0.0.0/24", "fec0::/10", "3fff::/20"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddress(Exception):  # noqa: N818 - a refusal, told to a person
    """The address may not be posted to. The message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect, and whom to ask for there."""

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def is_tls(self) -> bool:
        """Say whether the connection is encrypted."""
        return self.url.scheme == "https"


def check(url: str, *, allowed_hosts: Collection[str] = ()) -> None:
    """Raise ``RefusedAddress`` for an address that would never be posted to; for use when it is saved.

    A name that does not resolve just now is let through: it is checked again at each connection.
    """
    parts = _parse(url, allowed_hosts)
    with contextlib.suppress(OSError):
        resolve(parts, clock=Clock(CHECK_SECONDS), allowed_hosts=allowed_hosts)


def resolve(parts: SplitResult, *, clock: Clock, allowed_hosts: Collection[str] = ()) -> Target:
    """Resolve the host and check each of its addresses. Raises ``RefusedAddress``, and ``OSError`` without DNS."""
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    try:
        addresses = tuple(deadlines.resolve(host, port, clock))
    except UnicodeError as error:
        # A part of the name is empty or too long: no name service is asked for such a name.
        raise RefusedAddress(_("This is not the address of an endpoint.")) from error
    if host not in allowed_hosts:
        for address in addresses:
            if not is_public(address):
                raise RefusedAddress(_("This address leads into a private network."))
    return Target(url=parts, host=host, port=port, addresses=addresses)


def is_public(text: str) -> bool:
    """Say whether an IP address is on the public internet: no private, loopback, link-local or metadata address."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            address = inner
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], seconds: float = 10, allowed_hosts: Collection[str] = ()
) -> int:
    """Post ``body`` and return the answer's status. Raises ``RefusedAddress``, and ``OSError`` without an answer.

    ``seconds`` bounds everything together: a name service that does not answer, a server that sends a byte at a time.
    """
    clock = Clock(seconds)
    target = resolve(_parse(url, allowed_hosts), clock=clock, allowed_hosts=allowed_hosts)
    with _connected(target, clock) as connection:
        path = target.url.path or "/"
        if target.url.query:
            path = f"{path}?{target.url.query}"
        try:
            connection.request("POST", path, body=body, headers={"Host": _host_header(target), **headers})
            return connection.getresponse().status
        except http.client.HTTPException as error:
            raise OSError(f"The answer was not HTTP ({type(error).__name__}).") from error


@contextlib.contextmanager
def _connected(target: Target, clock: Clock) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(deadlines.connect(target.addresses, target.port, clock)) as raw:
        raw.settimeout(clock.left())
        secured = ssl.create_default_context().wrap_socket(raw, server_hostname=target.host) if target.is_tls else raw
        with contextlib.closing(secured):
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = TimedSocket(secured, clock)
            yield connection


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == _PORTS[target.url.scheme] else f"{host}:{target.port}"


def _parse(url: str, allowed_hosts: Collection[str]) -> SplitResult:
    if (
        len(url) > URL_MAX_LENGTH
        or not url.isascii()
        or any(character <= " " or character == "\x7f" for character in url)
    ):
        raise RefusedAddress(_("This is not the address of an endpoint."))
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise RefusedAddress(_("This is not the address of an endpoint.")) from error
    if not host or parts.scheme not in _PORTS:
        raise RefusedAddress(_("An endpoint's address begins with https://."))
    if parts.scheme == "http" and host not in allowed_hosts:
        raise RefusedAddress(_("An endpoint's address begins with https://."))
    if parts.username is not None or parts.password is not None:
        raise RefusedAddress(_("Leave name and password out of an endpoint's address."))
    return parts
