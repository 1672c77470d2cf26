"""Reading the CSV files that people export from spreadsheets: contacts, one a line."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from accounts.membership import ContactError, clean_email

MAX_BYTES = 512 * 1024
MAX_LINES = 2_000
_SHOWN = 200  # characters of a refused line that the report repeats
_YES = frozenset({"1", "y", "yes", "true", "x", "on"})
_NO = frozenset({"", "0", "n", "no", "false", "off", "-"})
_COLUMNS: Mapping[str, str] = {
    "email": "email",
    "e-mail": "email",
    "e-mail address": "email",
    "email address": "email",
    "authorized": "authorized",
    "authorised": "authorized",
    "admin": "admin",
    "account admin": "admin",
}
# A spreadsheet that opens the report again would run a cell that begins so.
_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A line that can be tried."""

    number: int
    content: str
    email: str
    authorized: bool
    account_admin: bool


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not imported, counted from 1 as an editor does, and why."""

    number: int
    content: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds."""

    lines: tuple[ContactLine, ...]
    refused: tuple[RefusedLine, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: how many lines changed something, how many said what was so already, and the refused."""

    imported: int
    unchanged: int
    refused: tuple[RefusedLine, ...]


class _LineError(Exception):
    pass


def read(file: IO[bytes]) -> Table:
    """Return the lines of ``file``. Raises ``ContactError`` when it is too large or has no e-mail column.

    UTF-8 with or without a byte order mark, and UTF-16 with one; comma, semicolon or tab between the columns.
    Each line is read by itself, so that one broken line or byte costs that line only.
    """
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ContactError(_("The file is too large: at most %(size)d KB.") % {"size": MAX_BYTES // 1024})
    rows = list(_rows(_as_utf8(raw)))
    if len(rows) > MAX_LINES:
        raise ContactError(_("The file has too many lines: at most %(lines)d.") % {"lines": MAX_LINES})
    if not rows:
        raise ContactError(_("The file is empty."))
    top = rows[0][1].decode(errors="replace")
    delimiter = max(",;\t", key=top.count)
    header = _header(_cells(top, delimiter))
    body = rows[1:]
    if header is None:
        header, body = ["email", "authorized", "admin"], rows
        if "@" not in top:
            raise ContactError(_("The first line must name the columns: email, authorized, admin."))
    lines: list[ContactLine] = []
    refused: list[RefusedLine] = []
    seen: dict[str, int] = {}
    for number, data in body:
        content = data.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")[:_SHOWN]
        try:
            line = _line(number, data, content, header, delimiter)
        except _LineError as error:
            refused.append(RefusedLine(number, content, str(error)))
            continue
        first = seen.setdefault(line.email, number)
        if first == number:
            lines.append(line)
        else:
            refused.append(RefusedLine(number, content, _("The same address as line %(number)d.") % {"number": first}))
    return Table(tuple(lines), tuple(refused))


def _as_utf8(raw: bytes) -> bytes:
    """Turn a file that says it is UTF-16 into UTF-8, and drop a byte order mark."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf")


def _rows(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and bytes of every line that is not blank, less Excel's ``sep=;`` hint."""
    for number, data in enumerate(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), start=1):
        if data.strip() and not (number == 1 and data.lower().startswith(b"sep=")):
            yield number, data


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, strict=True))]
    except (csv.Error, StopIteration) as error:
        raise _LineError(_("Its quotation marks are not closed.")) from error


def _header(cells: list[str]) -> list[str] | None:
    names = [_COLUMNS.get(cell.lower(), "") for cell in cells]
    return names if "email" in names else None


def _line(number: int, data: bytes, content: str, header: list[str], delimiter: str) -> ContactLine:
    if b"\x00" in data:
        raise _LineError(_("It holds a NUL byte."))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _LineError(_("It is not UTF-8 text. Save the file as “CSV UTF-8”.")) from error
    cells = _cells(text, delimiter)
    if len(cells) > len(header) and any(cells[len(header) :]):
        raise _LineError(_("It has more columns than the first line."))
    row = {name: cell for name, cell in zip(header, cells, strict=False) if name}
    email = row.get("email", "")
    if email.startswith(_FORMULA):
        raise _LineError(_("The address begins like a spreadsheet formula."))
    try:
        address = clean_email(email)
    except ContactError as error:
        raise _LineError(_("This is not an e-mail address.")) from error
    return ContactLine(number, content, address, _flag(row.get("authorized", "")), _flag(row.get("admin", "")))


def _flag(cell: str) -> bool:
    word = cell.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _LineError(_("Write yes or no in the columns authorized and admin."))
