"""The files that people attached: small, real, and made here by name."""

import json
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

_START = datetime(2026, 1, 12, 6, 0, 0)  # noqa: DTZ001 - a log's own clock


def content(name: str) -> bytes:
    """Return the bytes of the file called ``name``, the same each time. Raises ``KeyError`` for an unknown ending."""
    make = _NAMED.get(name) or _BY_ENDING[name.rpartition(".")[2]]
    return make(random.Random(name))  # noqa: S311 - picks sample values


def _log(chance: random.Random) -> bytes:
    moment, lines = _START, []
    for number in range(180):
        moment += timedelta(milliseconds=chance.randint(40, 9_000))
        level, text = chance.choices(_LOG_LINES, weights=_LOG_WEIGHTS)[0]
        values = {"job": 48_000 + number // 6, "ms": chance.randint(30, 4_800), "rows": chance.randint(1, 2_000)}
        lines.append(f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} {level:<5} {text.format(**values)}")
    return "\n".join(lines).encode() + b"\n"


_LOG_LINES = (
    ("INFO", "[scheduler] job {job} started"),
    ("INFO", "[reader] fetched {rows} rows in {ms} ms"),
    ("INFO", "[writer] upserted {rows} rows in {ms} ms"),
    ("DEBUG", "[pool] connection returned after {ms} ms"),
    ("WARN", "[http] slow answer from endpoint: {ms} ms"),
    ("ERROR", "[http] POST /v1/orders answered 503 after {ms} ms, retry in 30 s"),
    ("ERROR", "[writer] job {job} failed: connection reset by peer"),
)
_LOG_WEIGHTS = (10, 25, 25, 15, 8, 3, 1)


def _gc_log(chance: random.Random) -> bytes:
    lines, heap = [], 380
    for number in range(240):
        heap = min(2_040, heap + chance.randint(2, 14))
        pause = chance.randint(8, 40) + max(0, heap - 1_700)
        lines.append(
            f"[{number * 31.7:09.3f}s][info][gc] GC({number}) Pause Full {heap}M->{heap - 9}M(2048M) {pause}.2ms"
        )
    lines.append("java.lang.OutOfMemoryError: Java heap space")
    return "\n".join(lines).encode() + b"\n"


def _orders(chance: random.Random) -> bytes:
    rows = ["order_id,account,amount,currency,updated_at,error"]
    for number in range(120):
        moment = _START + timedelta(minutes=7 * number)
        error = chance.choice(["", "", "", "", "FIELD_INTEGRITY_EXCEPTION", "DUPLICATE_VALUE"])
        rows.append(f"SO-{71200 + number},ACC-{chance.randint(100, 999)},{chance.randint(1_000, 900_000) / 100:.2f},"
                    f"{chance.choice(['EUR', 'USD', 'GBP'])},{moment.isoformat()}Z,{error}")  # fmt: skip
    return "\r\n".join(rows).encode() + b"\r\n"


def _json(chance: random.Random) -> bytes:
    fields = ["Name", "BillingCountry", "AnnualRevenue", "OwnerId", "External_Id__c", "CurrencyIsoCode"]
    mapping = [
        {"source": field.lower(), "target": field, "required": chance.random() < 0.4, "transform": None}
        for field in fields
    ]
    return json.dumps({"flow": "accounts-to-crm", "version": 14, "mapping": mapping}, indent=2).encode() + b"\n"


def _text(_chance: random.Random) -> bytes:
    return (
        b"Steps to reproduce\n\n1. Open the flow and choose Run now.\n2. Wait for the second batch.\n"
        b"3. The status turns to Failed after about 40 seconds.\n\nExpected: the batch is retried.\n"
        b"Actual: the flow stops, and the rest of the queue waits.\n"
    )


def _edi(chance: random.Random) -> bytes:
    lines = ["UNB+UNOC:3+4012345000009:14+4098765000003:14+260112:0615+000471'", "UNH+1+ORDERS:D:96A:UN:EAN008'",
             "BGM+220+PO-88213+9'", "DTM+137:20260112:102'", "NAD+BY+4012345000009::9'"]  # fmt: skip
    for number in range(1, 13):
        lines += [f"LIN+{number}++40{chance.randint(10**10, 10**11 - 1)}:EN'", f"QTY+21:{chance.randint(1, 400)}'"]
    lines += ["UNS+S'", f"UNT+{len(lines)}+1'", "UNZ+1+000471'"]
    return "\n".join(lines).encode() + b"\n"


def _xml(chance: random.Random) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<IDOC BEGIN="1">\n  <EDI_DC40 SEGMENT="1">\n'
        f"    <DOCNUM>00000000{chance.randint(10**7, 10**8 - 1)}</DOCNUM>\n    <STATUS>51</STATUS>\n"
        "    <MESTYP>ORDERS</MESTYP>\n    <SNDPRN>HARBORPRD</SNDPRN>\n  </EDI_DC40>\n</IDOC>\n"
    ).encode()


def _chart(chance: random.Random) -> bytes:
    """A line over a grid, as a monitoring page draws it: 480 by 220, one byte a pixel."""
    width, height = 480, 220
    rows = [bytearray(b"\x00" * width) for _row in range(height)]
    for line in range(20, height, 40):
        rows[line][:] = b"\x01" * width
    value = 150.0
    for column in range(width):
        value += chance.uniform(-4, 4) - (0.9 if column > 300 else 0)
        value = min(max(value, 12), height - 12)
        for row in range(int(value), height):
            rows[row][column] = 2 if row < int(value) + 3 else 3
    palette = bytes((255, 255, 255, 222, 228, 232, 15, 98, 115, 207, 230, 235))
    pixels = zlib.compress(b"".join(b"\x00" + bytes(row) for row in rows), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


_BY_ENDING: Mapping[str, Callable[[random.Random], bytes]] = {
    "log": _log,
    "csv": _orders,
    "json": _json,
    "txt": _text,
    "edi": _edi,
    "xml": _xml,
    "png": _chart,
}
_NAMED: Mapping[str, Callable[[random.Random], bytes]] = {"agent-gc.log": _gc_log}
