"""One mail's bytes for many recipients: built once, with holes for what is the recipient's own.

The bytes are those that ``notifications.mime`` would build, header by header and part by part; only building them once
instead of 100,000 times makes a fan-out as quick as the mail server.
"""

import quopri
import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from html import escape

from django.core.mail.message import forbid_multi_line_headers

from notifications import mime
from notifications.links import LINK_MAX_LENGTH, Links
from notifications.models import Delivery, SharedBody
from notifications.rendering import Rendered
from notifications.shared import marks

# What each recipient has of their own; the mould's headers are the rest.
_OWN_HEADERS = ("To", "Message-ID", "Date", "List-Unsubscribe", "List-Unsubscribe-Post")
# What makes a mark as long as a link; no mark holds it.
_FILLER = b"X"
# Encodings in which ASCII is written as it is.
_PLAIN = ("7bit", "8bit")


class Mould:
    """A mail without its recipient."""

    def __init__(self, delivery: Delivery, body: SharedBody) -> None:
        """Build it with the mail to ``delivery`` as the pattern. Raises ``ValueError`` for what cannot be cast."""
        rendered, holes = _marked(body)
        message = mime.build(delivery, rendered).message()
        encodings = {part.get_content_type(): str(part["Content-Transfer-Encoding"]) for part in message.walk()}
        for name in _OWN_HEADERS:
            del message[name]
        raw: bytes = message.as_bytes(linesep="\r\n")
        self._parts: list[bytes | Hole] = []
        end = 0
        for found in re.finditer(b"|".join(map(_broken, holes)), raw) if holes else ():
            link, content = holes[found[0].replace(b"=\r\n", b"").partition(_FILLER)[0].decode()]
            encoding = encodings[content]
            if encoding not in (*_PLAIN, "quoted-printable"):
                raise ValueError(f"A link cannot be put into a part that is {encoding}.")
            hole = Hole(link, is_html=content == "text/html", is_quoted=encoding not in _PLAIN)
            self._parts += [raw[end : found.start()], hole]
            end = found.end()
        self._parts.append(raw[end:])

    def cast(self, delivery: Delivery, own: Links) -> bytes:
        """Return the mail to ``delivery``'s recipient. Raises ``ValueError`` for one that no header can hold."""
        headers = mime.own_headers(delivery, Rendered("", "", unsubscribe_url=own.unsubscribe))
        # Identifiers and links are the ledger's own, and checked; a name is what somebody typed.
        _name, headers["To"] = forbid_multi_line_headers("To", headers["To"], "utf-8")
        headers["Date"] = _date(int(time.time()))
        head = "".join([f"{name}: {text}\r\n" for name, text in headers.items()])
        parts = [part if isinstance(part, bytes) else part.filled(own) for part in self._parts]
        return b"".join([head.encode("ascii"), *parts])


@dataclass(frozen=True, slots=True)
class Hole:
    """Where a link goes, and how it is written there."""

    link: str
    is_html: bool
    is_quoted: bool

    def filled(self, own: Links) -> bytes:
        """Return the recipient's link as it stands in this part."""
        link: str = getattr(own, self.link)
        text = (escape(link) if self.is_html else link).encode("ascii")
        if not self.is_quoted:
            return text
        # On lines of its own between soft line ends (RFC 2045, section 6.7): no line gets longer than it may.
        return b"=\r\n" + quopri.encodestring(text).replace(b"\n", b"\r\n") + b"=\r\n"


@lru_cache(maxsize=1)
def _date(moment: int) -> str:
    return formatdate(moment)


def _marked(body: SharedBody) -> tuple[Rendered, dict[str, tuple[str, str]]]:
    """Return the words with a mark of its own for each link and part, and which link and part each is for."""
    held = marks(body)
    words = {"text/plain": body.text, "text/html": body.html}
    holes: dict[str, tuple[str, str]] = {}
    for link in ("unsubscribe", "manage"):
        for content in words:
            if mark := getattr(held, link):
                # As long as the longest link, so that what depends on the length of lines is decided as for that one.
                own_mark = f"{content[-5:].strip('/')}{mark}"
                words[content] = words[content].replace(mark, own_mark + "X" * LINK_MAX_LENGTH + "Z")
                holes[own_mark] = (link, content)
    return Rendered(body.subject, words["text/plain"], words["text/html"]), holes


def _broken(mark: str) -> bytes:
    """Return the pattern of a mark, through which quoted-printable may have put soft line ends."""
    return rb"(?:=\r\n)?".join(bytes([letter]) for letter in mark.encode()) + rb"(?:X|=\r\n)+Z"
