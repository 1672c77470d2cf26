"""``python -m benchmarks.status_serving``: the public status by gunicorn, beside a bare view on the same server.

Two snapshots are served in turn, a small one and one of 500 components and 5,000 incidents. The bare view answers as
many bytes, behind the same middleware. Page and bare view take turns every half second, for a machine's load changes.
"""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from portal import local_servers
from portal.local_servers import die_with_parent

CHECKOUT = Path(__file__).resolve().parent.parent
PATHS = ("/status/", "/api/v2/summary.json")
CONNECTIONS = 4
TURNS, QUICK_TURNS = 16, 2
TURN_SECONDS = 0.5
RATIO = 0.7
# "Constant": the large snapshot's ratio to the bare view of its own size may be this much below the small one's.
CONSTANT_WITHIN = 0.25
SIZES = ((10, 10), (500, 5_000))
QUICK_SIZES = ((10, 10), (40, 200))


@dataclass
class Serving:
    """One path of one snapshot: requests a second of each turn, ours and the bare view's."""

    components: int
    incidents: int
    path: str
    size: int
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return the median of the turns' ratios."""
        return statistics.median(one / other for one, other in zip(self.ours, self.bare, strict=True))


def measure(*, quick: bool = False) -> list[Serving]:
    """Publish, serve and ask. Needs no database: neither does what it measures."""
    found: list[Serving] = []
    for components, incidents in QUICK_SIZES if quick else SIZES:
        with tempfile.TemporaryDirectory(prefix="bench-status-") as directory:
            seconds = _publish(Path(directory), components, incidents)
            print(f"  {components} components, {incidents:,} incidents: published in {seconds:.1f} s", flush=True)
            with _server(Path(directory)) as port:
                for path in PATHS:
                    size = len(_ask(port, path, count=20))
                    serving = Serving(components, incidents, path, size)
                    for _turn in range(QUICK_TURNS if quick else TURNS):
                        serving.ours.append(_rate(port, path))
                        serving.bare.append(_rate(port, f"/benchmark-bare/{size}/"))
                    found.append(serving)
    return found


def report(found: Sequence[Serving]) -> str:
    """Return the figures as a Markdown table, and what they say of the targets."""
    rows = ["| status served through Django | bytes | requests/s | bare view | ratio | |", "|---|--:|--:|--:|--:|---|"]
    for one in found:
        verdict = "reached" if one.ratio >= RATIO else f"**missed** (≥ {RATIO:g})"
        title = f"`{one.path}`, {one.components} components, {one.incidents:,} incidents"
        rate, bare = statistics.median(one.ours), statistics.median(one.bare)
        rows.append(f"| {title} | {one.size:,} | {rate:,.0f} | {bare:,.0f} | {one.ratio:.2f} | {verdict} |")
    return "\n".join(rows)


def missed(found: Sequence[Serving]) -> list[str]:
    """Return the targets that were not reached, in words."""
    small = {one.path: one.ratio for one in found if (one.components, one.incidents) == SIZES[0]}
    lines = [f"{one.path} at {one.ratio:.2f} of the bare view" for one in found if one.ratio < RATIO]
    lines += [
        f"{one.path} costs more when there is more: {one.ratio:.2f} against {small[one.path]:.2f}"
        for one in found
        if one.path in small and one.ratio < small[one.path] * (1 - CONSTANT_WITHIN)
    ]
    return lines


def _publish(directory: Path, components: int, incidents: int) -> float:
    from status.snapshot import rendering
    from status.snapshot.store import Store

    store = Store(directory)
    begun = time.monotonic()
    with store.locked(wait=10):
        rendering.write(store, _state(components, incidents), load=lambda _ids: ())
    return time.monotonic() - begun


def _state(components: int, incidents: int) -> "State":  # type: ignore[name-defined] # noqa: F821 - imported below
    from status import collecting
    from status.state import ComponentState, DayState, GroupState, Header, State

    now = datetime.now(UTC).replace(microsecond=0)
    groups = tuple(
        GroupState(_id("g", number), f"Group {number}", "", number, now, now)
        for number in range(max(components // 10, 1))
    )
    bad = tuple(
        DayState((now - timedelta(days=ago)).date(), 600 * (ago % 3 == 0), 900, 0, 0) for ago in range(5, 90, 9)
    )
    listed = tuple(
        ComponentState(
            id=_id("c", number),
            name=f"Component {number}",
            description="What it is for.",
            status="operational" if number % 10 else "degraded_performance",
            mark="operational",
            group=groups[number // 10 % len(groups)].id,
            region=None,
            position=number,
            showcase=True,
            only_show_if_degraded=False,
            start_date=date(2025, 1, 1),
            created_at=now,
            updated_at=now,
            days=bad,
        )
        for number in range(components)
    )
    told = tuple(_incident(number, now, listed[number % components].id) for number in range(incidents))
    headers = tuple(Header(one.id, one.version, collecting.month_of(one.started_at)) for one in told)
    return State(1, 0, now, groups, (), listed, told, headers)


def _incident(number: int, now: datetime, component: str) -> "IncidentState":  # type: ignore[name-defined] # noqa: F821
    from status.state import AffectedState, EffectState, IncidentState, UpdateState

    start = now - timedelta(hours=7 * number, minutes=30)
    end = start + timedelta(hours=1) if number else None
    effect = EffectState(component, "Component", "operational", "partial_outage")
    updates = tuple(
        UpdateState(
            id=_id(prefix, number),
            status=status,
            body="What we know.",
            body_html="<p>What we know.</p>",
            display_at=at,
            created_at=at,
            updated_at=at,
            deliver_notifications=True,
            effects=effects,
        )
        for prefix, status, at, effects in (("v", "resolved", end, ()), ("u", "investigating", start, (effect,)))
        if at is not None
    )
    return IncidentState(
        id=_id("i", number),
        kind="incident",
        name=f"Incident {number}",
        status="resolved" if end else "investigating",
        impact="major",
        version=1,
        sequence=0,
        is_backfilled=False,
        started_at=start,
        created_at=start,
        updated_at=end or start,
        monitoring_at=None,
        resolved_at=end,
        scheduled_for=None,
        scheduled_until=None,
        affected=(AffectedState(component, "partial_outage"),),
        updates=updates,
    )


def _id(prefix: str, number: int) -> str:
    return f"{prefix}{number:011d}"


@contextmanager
def _server(directory: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "STATUS_SNAPSHOT_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{port}"),
            *("--worker-class=gthread", "--workers=1", "--threads=8", "--log-level=error"),
        ],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                _ask(port, "/healthz", count=1)
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _ask(port: int, path: str, *, count: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = b""
    for _number in range(count):
        connection.request("GET", path, headers={"Host": "testserver"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}")
    connection.close()
    return body


def _rate(port: int, path: str) -> float:
    """Return requests a second over some connections that stay open, for one turn."""
    counts = [0] * CONNECTIONS
    deadline = time.monotonic() + TURN_SECONDS

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while time.monotonic() < deadline:
            connection.request("GET", path, headers={"Host": "testserver"})
            connection.getresponse().read()
            counts[number] += 1
        connection.close()

    begun = time.monotonic()
    threads = [threading.Thread(target=ask, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)


def main() -> int:
    """Measure and print. Returns 1 when a target is missed and ``--strict`` was given, else 0."""
    os.chdir(CHECKOUT)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    home = Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()
    with local_servers.ensure_running(
        home, postgres=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL")
    ):
        import django

        django.setup()
        found = measure(quick="--quick" in sys.argv)
    print(report(found))
    lines = missed(found)
    print("\n".join(lines) or "Every target is reached.")
    return 1 if lines and "--strict" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
