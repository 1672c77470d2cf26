"""``python -m benchmarks.fan_out``: one incident to 100,000 subscribers, beside a bare smtplib loop to the same sink.

The loop sends mails that are rendered already, over one connection, and does nothing else: it is the speed of the mail
server. The ledger's worker sends over one connection as well, and renders, asks and records. Both take turns every
second or so, to two sinks of the same kind, for a machine's load changes.
"""

import argparse
import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from portal import local_servers
from portal.local_servers import die_with_parent

if TYPE_CHECKING:
    from notifications.models import Delivery
    from notifications.moulds import Mould

CHECKOUT = Path(__file__).resolve().parent.parent
SUBSCRIBERS, QUICK_SUBSCRIBERS = 100_000, 2_000
# So many of each batch go by the bare loop as well, rendered before its clock starts.
BARE_CHUNK = 500
SAID_EVERY = 20_000
EXPANSION_SECONDS, REQUEST_SECONDS, RATIO = 10.0, 1.0, 0.6
TOKEN_LENGTH = 22


@dataclass(slots=True)
class FanOut:
    """What was measured."""

    subscribers: int
    request_seconds: float
    expansion_seconds: float
    sent_seconds: float
    bare_rate: float  # mails a second
    lost: int
    doubled: int
    problems: Mapping[str, int]

    @property
    def rate(self) -> float:
        """Return our mails a second."""
        return self.subscribers / self.sent_seconds

    @property
    def ratio(self) -> float:
        """Return our rate as a part of the bare loop's."""
        return self.rate / self.bare_rate

    def lines(self) -> list[tuple[str, str, str, bool]]:
        """Return what was measured, the figure, the target, and whether it is reached."""
        request, expansion = self.request_seconds, self.expansion_seconds
        return [
            ("the operator's request", f"{request:.2f} s", f"< {REQUEST_SECONDS:g} s", request < REQUEST_SECONDS),
            ("expansion", f"{expansion:.2f} s", f"≤ {EXPANSION_SECONDS:g} s", expansion <= EXPANSION_SECONDS),
            ("bare smtplib loop", f"{self.bare_rate:,.0f} mails/s", "", True),
            ("ledger, one worker", f"{self.rate:,.0f} mails/s", "", True),
            ("ratio", f"{self.ratio:.2f}", f"≥ {RATIO:g}", self.ratio >= RATIO),
            ("lost", str(self.lost), "0", self.lost == 0),
            ("doubled", str(self.doubled), "0", self.doubled == 0),
            ("wrong mails", json.dumps(self.problems) if self.problems else "0", "0", not self.problems),
        ]

    def table(self) -> str:
        """Return the figures as a Markdown table."""
        head = [f"Fan-out to {self.subscribers:,} subscribers", "", "| what | figure | target | |", "|---|--:|--:|---|"]
        verdicts = {True: "reached", False: "**missed**"}
        rows = [
            f"| {what} | {figure} | {aim} | {verdicts[ok] if aim else ''} |" for what, figure, aim, ok in self.lines()
        ]
        return "\n".join([*head, *rows])


_FILL = """
INSERT INTO status_subscriber
    (token, way, address, owner_email, language, time_zone, secret,
     wants_incidents, wants_maintenance, wants_components, delivery, wants_everything,
     confirmation, confirmations_sent, client, confirmed_at, created_at)
SELECT left(md5(number::text), %(length)s), 'mail', 'subscriber-' || number || '@people.bench.example',
       'subscriber-' || number || '@people.bench.example', (ARRAY['en', ''])[1 + number %% 2],
       (ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])[1 + number / 2 %% 4], '',
       true, true, false, 'at_once', true,
       left(md5('c' || number), %(length)s), 1, '', now(), now()
FROM generate_series(1, %(count)s) AS number
"""


def measure(count: int, *, say: Callable[[str], None]) -> FanOut:
    """Measure everything on a prepared database."""
    from django.conf import settings
    from django.db import connection

    from benchmarks.sink import fingerprint
    from notifications import audiences
    from notifications.models import Delivery
    from status import publishing

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE notifications_message, status_subscriber, status_incident CASCADE")
        cursor.execute(_FILL, {"length": TOKEN_LENGTH, "count": count})
        cursor.execute("VACUUM (ANALYZE) status_subscriber")
        # What an earlier run left to clean up shall not happen in the middle of this one.
        cursor.execute("VACUUM (ANALYZE) notifications_delivery")
        cursor.execute("CHECKPOINT")
    with mock.patch("notifications.nudge.send"):
        affected = _components()
        # The site has been published before, as any site has.
        publishing.publish(renew=True)
        begun = time.perf_counter()
        _open_incident(affected)
        request_seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        audiences.expand_due()
        expansion_seconds = time.perf_counter() - begun
        say(f"expanded in {expansion_seconds:.2f} s")
        with _sink() as ours, _sink() as bare:
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", ours.port
            settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
            settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
            sent_seconds, bare_seconds, bare_count = _drain(bare.port, say=say)
    if bare.report["mails"] != bare_count or bare.report["problems"]:
        raise RuntimeError(f"The bare loop sent something else: {bare.report}")
    expected = Delivery.objects.values_list("address", flat=True)
    tally = ours.report
    lost = count - int(tally["recipients"])
    problems = dict(tally["problems"])
    if tally["fingerprint"] != fingerprint(expected.iterator()):
        problems["other recipients than in the ledger"] = 1
    if tally["message_ids"] != tally["mails"]:
        problems["Message-IDs that are not unique"] = int(tally["mails"]) - int(tally["message_ids"])
    if unrecorded := Delivery.objects.exclude(state="sent").count():
        problems["not recorded as sent"] = unrecorded
    return FanOut(
        subscribers=count,
        request_seconds=request_seconds,
        expansion_seconds=expansion_seconds,
        sent_seconds=sent_seconds,
        bare_rate=bare_count / bare_seconds,
        lost=lost,
        doubled=int(tally["doubled"]),
        problems=problems,
    )


KIND = "status.incident"


def _components() -> Mapping[int, str]:
    from status.models import Component

    found = [Component.objects.get_or_create(name=name)[0] for name in ("API (Europe)", "API (North America)")]
    return {component.pk: "partial_outage" for component in found}


def _open_incident(affected: Mapping[int, str]) -> None:
    """Do what the operator's request does: the incident, its ledger rows, and the snapshot after the commit."""
    from status import incidents
    from status.changes import By

    body = "We see more errors than usual when requests are made to the API. We are looking into it. " * 3
    new = incidents.NewIncident(name="Elevated error rates in the API", body=body, components=affected)
    incidents.open_incident(by=By(), new=new)


def _drain(bare_port: int, *, say: Callable[[str], None]) -> tuple[float, float, int]:
    """Send all that waits, batch by batch, and a part of each batch by the bare loop: both meet the same weather.

    Returns our seconds, the loop's, and how many the loop sent.
    """
    from notifications import claims, sending

    worker = sending.Worker(claims.OWN_CHANNELS)
    ours = bare = 0.0
    sent = bare_count = 0
    cast: dict[Any, Mould] = {}
    with smtplib.SMTP("127.0.0.1", bare_port) as smtp:
        while True:
            begun = time.perf_counter()
            batch = worker.take()
            if batch:
                worker.deliver(batch)
            ours += time.perf_counter() - begun
            if not batch:
                break
            mails = [(delivery.address, _rendered(delivery, cast)) for delivery in batch[:BARE_CHUNK]]
            begun = time.perf_counter()
            for address, raw in mails:
                smtp.sendmail("support@portal.example", [address], raw)
            bare += time.perf_counter() - begun
            bare_count += len(mails)
            if sent // SAID_EVERY < (sent + len(batch)) // SAID_EVERY:
                say(f"{sent + len(batch):,} sent; ratio so far {bare / bare_count / ours * (sent + len(batch)):.2f}")
            sent += len(batch)
    worker.mail.close()
    return ours, bare, bare_count


def _rendered(delivery: "Delivery", cast: "dict[Any, Mould]") -> bytes:
    """Return the mail as the ledger sends it."""
    from notifications import kinds, links, shared
    from notifications.moulds import Mould

    kind = kinds.get(KIND)
    own = links.of(kind, delivery)
    voice = shared.voice_of(delivery, own)
    if voice not in cast:
        cast[voice] = Mould(delivery, shared.body_of(kind, delivery.message, voice))
    return cast[voice].cast(delivery, own)


class _Sink:
    """A sink of its own process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self._line().split()[1])
        self.report: dict[str, Any] = {}

    def stop(self) -> None:
        """Ask for its report, which ends it."""
        self.process.send_signal(signal.SIGTERM)
        self.report = json.loads(self._line())
        self.process.wait(10)

    def _line(self) -> str:
        return self.process.stdout.readline() if self.process.stdout else ""


@contextmanager
def _sink() -> Iterator[_Sink]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink", "--bulk"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    with process:
        sink = _Sink(process)
        try:
            yield sink
            sink.stop()
        finally:
            process.kill()


def main() -> int:
    """Run it on a database of its own. Returns 1 when a target is missed and ``--strict`` was given, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fan_out", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    home = Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["BENCH_DATABASE"] = "portal_bench_mail"
    with local_servers.ensure_running(
        home,
        postgres=not os.environ.get("DATABASE_URL"),
        redis=not os.environ.get("REDIS_URL"),
        progress=lambda line: print(line, flush=True),
    ):
        import django
        from django.core.management import call_command

        django.setup()
        from benchmarks import database

        database.create()
        call_command("migrate", verbosity=0)
        result = measure(options.subscribers, say=lambda line: print(f"  {line}", flush=True))
    print(f"\n{result.table()}")
    return 1 if options.strict and not all(ok for *_rest, ok in result.lines()) else 0


if __name__ == "__main__":
    sys.exit(main())
