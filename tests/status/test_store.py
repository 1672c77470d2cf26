"""The published snapshot: whole at every moment, never older than it was, and cheap to renew."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.local_servers import die_with_parent
from status.snapshot import files, paths
from status.snapshot.reading import DamagedError, Reader
from status.snapshot.store import Fresh, Kept, NotKeptError, Store, StoreBusyError, Version
from tests.status import publishing_races
from tests.status.snapshots import do_not_wait_for_the_disk

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    do_not_wait_for_the_disk(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "status")


def publish(
    store: Store, contents: dict[str, str], *, version: Version = (1, 0), as_of: datetime = NOON, change: str = "c"
) -> bool:
    documents = {path: Fresh(text.encode(), f"source of {text}") for path, text in contents.items()}
    return store.publish(documents, version=version, as_of=as_of, change=change)


def everything(store: Store) -> dict[str, str]:
    """Return what a web server finds below ``current/``, by path."""
    root = store.directory / "current"
    found: dict[str, str] = {}
    for folder, _folders, names in os.walk(root, followlinks=True):
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            if path != paths.META:
                found[path] = (root / path).read_text()
    return found


SMALL = {
    "status/index.html": "old",
    "status/de/index.html": "alt",
    "status/history.atom": "<feed/>",
    "api/v2/a.json": "1",
}
NEXT = {
    "status/index.html": "new",
    "status/de/index.html": "neu",
    "status/history.atom": "<feed/>",
    "api/v2/b.json": "2",
}


class TestPublishing:
    def test_files_stand_at_their_addresses(self, store: Store) -> None:
        assert publish(store, SMALL)
        assert everything(store) == SMALL

    def test_what_is_left_out_is_gone(self, store: Store) -> None:
        publish(store, SMALL)
        publish(store, NEXT, version=(2, 0))
        assert everything(store) == NEXT

    def test_the_current_snapshot_tells_its_version_time_and_change(self, store: Store) -> None:
        assert store.current() is None
        publish(store, SMALL, version=(7, 2), change="abc")
        current = store.current()
        assert current is not None
        assert (current.version, current.as_of, current.change) == ((7, 2), NOON, "abc")

    def test_sources_are_those_of_the_current_snapshot(self, store: Store) -> None:
        assert store.sources() == {}
        publish(store, {"status/index.html": "x", "status/incidents/a/index.html": "y"})
        assert store.sources() == {
            "status/index.html": "source of x",
            "status/incidents/a/index.html": "source of y",
        }

    def test_a_kept_file_is_the_one_before(self, store: Store) -> None:
        publish(store, SMALL)
        before = (store.directory / "current/status/index.html").stat()
        documents: dict[str, Fresh | Kept] = {
            "status/index.html": Kept("source of old"),
            "status/new.json": Fresh(b"{}", "n"),
        }
        assert store.publish(documents, version=(2, 0), as_of=NOON, change="d")
        after = (store.directory / "current/status/index.html").stat()
        assert (before.st_ino, everything(store)["status/index.html"]) == (after.st_ino, "old")
        assert store.sources() == {"status/index.html": "source of old", "status/new.json": "n"}

    @pytest.mark.parametrize(
        ("path", "source"), [("status/index.html", "another source"), ("status/other.html", "source of old")]
    )
    def test_a_file_that_is_not_there_from_that_source_cannot_be_kept(
        self, store: Store, path: str, source: str
    ) -> None:
        publish(store, SMALL)
        with pytest.raises(NotKeptError):
            store.publish({path: Kept(source)}, version=(2, 0), as_of=NOON, change="d")
        assert everything(store) == SMALL

    def test_equal_contents_are_written_once(self, store: Store) -> None:
        publish(store, SMALL)
        publish(store, {**SMALL, "status/index.html": "other"}, version=(2, 0))
        assert len(files.names(store.objects)) == len(SMALL) + 1

    def test_a_renewal_makes_a_handful_of_directories_however_many_pages_there_are(self, store: Store) -> None:
        pages = {
            f"status/{language}incidents/{number}/index.html": f"{language}{number}"
            for language in ("", "de/", "fr/")
            for number in range(150)
        }
        publish(store, {**pages, "status/as-of.json": "1"})
        before = len(files.names(store.trees))
        publish(store, {**pages, "status/as-of.json": "2"}, as_of=NOON + timedelta(minutes=1))
        assert before > 450
        assert len(files.names(store.trees)) - before == 1

    def test_a_generator_of_documents_is_not_run_for_an_old_version(self, store: Store) -> None:
        publish(store, SMALL, version=(2, 0))

        asked: list[str] = []

        def documents() -> Iterator[tuple[str, Fresh]]:
            asked.append("a page")
            yield "status/index.html", Fresh(b"", "")

        assert not store.publish(documents(), version=(1, 0), as_of=NOON, change="")
        assert asked == []

    def test_a_web_server_of_another_user_may_read_all_but_what_is_private(self, store: Store) -> None:
        mask = os.umask(0o077)
        try:
            publish(store, SMALL)
        finally:
            os.umask(mask)
        modes = {
            path.relative_to(store.directory).parts[0]: path.stat().st_mode & 0o777
            for path in store.directory.iterdir()
        }
        assert modes == {"current": 0o755, "objects": 0o755, "trees": 0o755, "versions": 0o755, "private": 0o700}
        for folder, folders, names in os.walk(store.directory):
            folders[:] = [name for name in folders if name != "private"]
            assert all((Path(folder) / name).stat().st_mode & 0o777 == 0o644 for name in names)
            assert all((Path(folder) / name).stat().st_mode & 0o777 == 0o755 for name in folders)

    def test_equally_long_states_within_a_second_differ_in_their_time(self, store: Store) -> None:
        """nginx makes its ETag of a file's time in seconds and of its size."""
        page = store.directory / "current/status/as-of.json"
        publish(store, {"status/as-of.json": "1"})
        first = page.stat()
        publish(store, {"status/as-of.json": "2"}, version=(2, 0))
        assert (page.stat().st_size, int(page.stat().st_mtime)) != (first.st_size, int(first.st_mtime))

    def test_a_link_is_short_enough_to_take_no_block_of_the_disk(self, store: Store) -> None:
        publish(store, {**SMALL, "status/calendar.ics": "x"})
        links = [path for path in store.directory.rglob("*") if path.is_symlink()]
        assert len(links) > 5
        assert max(len(str(link.readlink())) for link in links) < 60

    def test_many_new_files_at_once(self, store: Store) -> None:
        contents = {
            f"status/components/{number}/index.html": str(number)
            for number in range(files.BATCH + files.WORTH_SYNC + 5)
        }
        publish(store, contents)
        assert everything(store) == contents


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/status/index.html",
            "status/../index.html",
            "../index.html",
            "status//index.html",
            "status/./index.html",
            "status/.hidden.html",
            "status/",
            "status/index.html/",
            "status/a b.html",
            "status/ä.html",
            "status/a\n.html",
            "status/nul\0.html",
            "status/no-extension",
            "status/program.exe",
            "meta.json",
            "status/" + "a" * 201 + ".html",
        ],
    )  # fmt: skip
    def test_a_path_that_cannot_be_served_is_refused(self, store: Store, path: str) -> None:
        publish(store, SMALL)
        with pytest.raises(ValueError, match=r"path|content type"):
            publish(store, {path: "x"}, version=(2, 0))
        assert everything(store) == SMALL

    @pytest.mark.parametrize("order", [1, -1])
    def test_no_path_is_both_a_file_and_a_directory(self, store: Store, order: int) -> None:
        both = ["status/a.html", "status/a.html/index.html"][::order]
        with pytest.raises(ValueError, match="Both"):
            publish(store, dict.fromkeys(both, "x"))

    def test_a_time_without_a_zone_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError, match="zone"):
            publish(store, SMALL, as_of=datetime(2026, 11, 2))  # noqa: DTZ001 - that is the point

    def test_a_negative_version_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError, match="zero"):
            publish(store, SMALL, version=(-1, 0))


class TestOrder:
    @pytest.mark.parametrize(
        ("version", "minutes", "published"),
        [
            ((5, 3), 0, False),
            ((5, 3), 1, True),
            ((5, 3), -1, False),
            ((5, 2), 60, False),
            ((4, 9), 60, False),
            ((5, 4), -60, True),
            ((6, 0), -60, True),
            ((10, 0), 0, True),
        ],
    )
    def test_an_older_one_never_replaces_a_newer_one(
        self, store: Store, version: Version, minutes: int, published: bool
    ) -> None:
        publish(store, SMALL, version=(5, 3))
        assert publish(store, NEXT, version=version, as_of=NOON + timedelta(minutes=minutes)) is published
        assert everything(store) == (NEXT if published else SMALL)

    def test_other_zones_are_other_spellings_of_the_same_time(self, store: Store) -> None:
        publish(store, SMALL)
        elsewhere = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
        assert not publish(store, NEXT, as_of=elsewhere)

    def test_a_renewal_from_a_clock_that_ran_ahead_is_not_believed(self, store: Store) -> None:
        publish(store, SMALL, as_of=datetime.now(UTC) + timedelta(days=400))
        assert publish(store, NEXT, as_of=datetime.now(UTC))

    def test_what_is_damaged_is_still_not_replaced_by_something_older(self, store: Store) -> None:
        publish(store, SMALL, version=(5, 0))
        (store.directory / "current" / paths.META).unlink()
        assert store.current() is None
        assert not publish(store, NEXT, version=(4, 0))
        assert publish(store, NEXT, version=(5, 0), as_of=NOON + timedelta(seconds=1))

    def test_the_same_after_a_kill_just_before_the_swap(self, store: Store) -> None:
        publish(store, SMALL)
        publish(store, NEXT, version=(2, 0))
        link = store.directory / "current"
        ready = link.readlink()
        first = next(name for name in files.names(store.versions) if name.startswith("1-"))
        link.unlink()
        link.symlink_to(f"versions/{first}")
        assert publish(store, NEXT, version=(2, 0))
        assert link.readlink() == ready
        assert everything(store) == NEXT


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


WRITING = (
    "open", "write", "fsync", "sync", "replace", "rename", "symlink", "mkdir", "chmod", "fchmod", "utime",
    "unlink", "rmdir",
)  # fmt: skip


@contextmanager
def killed_at(step: int, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """End the process, so to speak, before its ``step``-th write; yields the names of the calls that were made."""
    calls: list[str] = []

    def wrap(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if len(calls) >= step:
                raise Killed
            calls.append(name)
            return real(*arguments, **named)

        return call

    with patch.context() as patched:
        for name in WRITING:
            patched.setattr(os, name, wrap(name, getattr(os, name)))
        try:
            yield calls
        except Killed:
            calls.append("killed")


class TestKills:
    def test_a_kill_at_any_step_of_publishing_leaves_one_of_them_whole(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(store, SMALL)
        seen: list[dict[str, str]] = []
        for step in range(1000):
            victim = Store(tmp_path / f"copy{step}")
            shutil.copytree(store.directory, victim.directory, symlinks=True)
            with killed_at(step, monkeypatch) as calls:
                publish(victim, NEXT, version=(2, 0))
            seen.append(everything(victim))
            assert seen[-1] in (SMALL, NEXT), f"after {calls}"
            assert victim.sources().keys() == seen[-1].keys(), f"after {calls}"
            assert victim.current() is not None
            # Whoever comes next, the same publisher or a later one, is not held up by what was left.
            assert publish(victim, NEXT, version=(2, 0), as_of=NOON + timedelta(minutes=1))
            assert everything(victim) == NEXT
            shutil.rmtree(victim.directory)
            if "killed" not in calls:
                break
        assert step > 40
        # The old one stays until the swap, and the new one from then on.
        swap = seen.index(NEXT)
        assert seen == [SMALL] * swap + [NEXT] * (len(seen) - swap)

    def test_a_kill_at_any_step_of_the_first_publishing_leaves_nothing_or_all(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for step in range(1000):
            victim = Store(tmp_path / f"new{step}")
            with killed_at(step, monkeypatch) as calls:
                publish(victim, SMALL)
            assert everything(victim) in ({}, SMALL)
            assert publish(victim, NEXT, version=(2, 0))
            assert everything(victim) == NEXT
            shutil.rmtree(victim.directory)
            if "killed" not in calls:
                break
        assert step > 40

    def test_a_kill_at_any_step_of_sweeping_leaves_the_snapshot_whole(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            publish(store, {**SMALL, "status/index.html": str(number)}, version=(number, 0))
        for step in range(1000):
            victim = Store(tmp_path / f"copy{step}")
            shutil.copytree(store.directory, victim.directory, symlinks=True)
            with killed_at(step, monkeypatch) as calls:
                victim.sweep(older_than=-60)
            assert everything(victim) == {**SMALL, "status/index.html": "5"}
            # An earlier state may come back: what was half swept is not taken for whole.
            publish(victim, {**SMALL, "status/index.html": "0"}, version=(9, 0))
            assert everything(victim) == {**SMALL, "status/index.html": "0"}
            shutil.rmtree(victim.directory)
            if "killed" not in calls:
                break
        assert step > 10

    def test_a_full_disk_leaves_the_old_one(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        publish(store, SMALL)

        def full(*_arguments: object) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            with pytest.raises(OSError, match="space"):
                publish(store, NEXT, version=(2, 0))
        assert everything(store) == SMALL
        assert publish(store, NEXT, version=(2, 0))


class Publisher:
    """A process that publishes one version after the other."""

    def __init__(self, directory: Path, first: int, step: int, count: int) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                publishing_races.__name__,
                str(directory),
                *(str(number) for number in (first, step, count)),
            ],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def published(self) -> list[int]:
        """Wait for its end, and return which versions it says it has published."""
        lines = [line.split() for line in self.process.communicate(timeout=120)[0].splitlines()]
        return [int(line[0]) for line in lines if line[-1] == "True"]


def look(store: Store) -> int:
    """Read a whole snapshot as a web server does, by its links; return the version that each of its files says."""
    reader = Reader(store.directory)
    view = reader.view()
    assert view is not None
    names = [f"status/incidents/i{page}/index.html" for page in range(publishing_races.PAGES)]
    contents = set()
    for path in (*names, "status/index.html"):
        name = reader.find(view, path)
        assert name is not None, path
        contents.add(reader.content(name).body)
    assert len(contents) == 1, "parts of two snapshots"
    (content,) = contents
    (said,) = set(content.split())
    same = reader.find(view, "status/same.json")
    assert same is not None
    assert reader.content(same).body == b"{}"
    return int(said)


class TestRaces:
    def test_two_processes_publish_and_nobody_ever_reads_a_mixture_or_goes_back(self, store: Store) -> None:
        publishing_races.publish(store, 0)
        odd, even = Publisher(store.directory, 1, 2, 40), Publisher(store.directory, 2, 2, 40)
        odd.go()
        even.go()
        seen = [0]
        while odd.process.poll() is None or even.process.poll() is None:
            seen.append(look(store))
        assert seen == sorted(seen)
        assert look(store) == 80
        assert {*odd.published()} | {*even.published()} >= {80}
        assert len(set(seen)) > 2

    def test_a_killed_publisher_leaves_a_whole_snapshot_and_a_free_lock(self, store: Store) -> None:
        chance = random.Random(4)
        publishing_races.publish(store, 0)
        last = 0
        for _round in range(8):
            publisher = Publisher(store.directory, last + 1, 1, 1000)
            publisher.go()
            time.sleep(chance.uniform(0.02, 0.2))
            publisher.process.kill()
            publisher.published()
            found = look(store)
            assert found >= last
            last = found
            with store.locked(wait=5) as got:
                assert got
        assert last > 0
        assert publishing_races.publish(store, last + 1)
        assert look(store) == last + 1

    def test_threads_read_whole_snapshots_while_one_publishes_and_sweeps(self, store: Store) -> None:
        publishing_races.publish(store, 1)
        # Too small for one snapshot: contents go in and out of memory.
        watchers = [Watcher(Reader(store.directory, cache_bytes=10_000)) for _number in range(4)]
        for watcher in watchers:
            watcher.start()
        for number in range(2, 30):
            publishing_races.publish(store, number)
            if number % 10 == 0:
                store.sweep()
        for watcher in watchers:
            watcher.ended.set()
            watcher.join()
        assert [watcher.problem for watcher in watchers] == [None] * 4
        assert all(len(watcher.seen) > 2 for watcher in watchers)


class Watcher(threading.Thread):
    """Reads pages of one version after the other, and notes what is wrong with them."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.ended = threading.Event()
        self.seen = [0]
        self.problem: str | None = None

    def run(self) -> None:
        while not (self.ended.wait(0.001) or self.problem):
            try:
                self.look()
            except (DamagedError, ValueError, AssertionError) as error:
                self.problem = repr(error)

    def look(self) -> None:
        view = self.reader.view()
        assert view is not None
        said: set[bytes] = set()
        for path in ("status/index.html", "status/incidents/i7/index.html", "status/incidents/i39/index.html"):
            name = self.reader.find(view, path)
            assert name is not None, path
            said |= set(self.reader.content(name).body.split())
        (number,) = map(int, said)
        assert number >= self.seen[-1], "an older version came back"
        if number > self.seen[-1]:
            self.seen.append(number)


class TestLock:
    def test_it_is_held_across_processes_and_ends_with_them(self, store: Store) -> None:
        program = (
            "import sys, pathlib; from status.snapshot.store import Store\n"
            "with Store(pathlib.Path(sys.argv[1])).locked(wait=1) as got:\n"
            "    print(got, flush=True); sys.stdin.read()"
        )
        holder = subprocess.Popen(
            [sys.executable, "-c", program, str(store.directory)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with store.locked(wait=0) as got:
            assert not got
        holder.kill()
        holder.communicate()
        with store.locked(wait=0) as got:
            assert got

    def test_threads_exclude_each_other_and_one_thread_may_take_it_twice(self, store: Store) -> None:
        answers: list[bool] = []

        def ask() -> None:
            with store.locked(wait=0) as got:
                answers.append(got)

        with store.locked(wait=0), store.locked(wait=0) as again:
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
        assert (again, answers) == (True, [False])
        ask()
        assert answers == [False, True]

    def test_publishing_gives_up_when_the_lock_is_never_free(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("status.snapshot.store.PUBLISH_WAIT", 0.05)
        with Store(store.directory).locked(wait=0), pytest.raises(StoreBusyError):
            publish(store, SMALL)


class TestSweeping:
    def test_what_nothing_refers_to_goes_and_the_rest_stays(self, store: Store) -> None:
        for number in range(10):
            publish(store, {**SMALL, "status/index.html": f"old {number}"}, version=(number, 0))
        assert store.sweep(older_than=-60) > 0
        assert everything(store) == {**SMALL, "status/index.html": "old 9"}
        assert len(files.names(store.versions)) == 3
        assert len(files.names(store.objects)) == len(SMALL) - 1 + 3
        assert store.sources().keys() == SMALL.keys()
        assert store.sweep(older_than=-60) == 0

    def test_what_is_young_stays_for_whoever_is_reading_it(self, store: Store) -> None:
        for number in range(10):
            publish(store, {**SMALL, "status/index.html": f"old {number}"}, version=(number, 0))
        assert store.sweep() == 0

    def test_what_a_kill_left_unfinished_goes(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        publish(store, SMALL)
        kept = sum(1 for _path in store.directory.rglob("*"))
        for step in range(5, 60, 6):
            with killed_at(step, monkeypatch):
                publish(store, {**NEXT, "status/index.html": f"never {step}"}, version=(2, 0))
        (store.directory / "current").unlink()
        (store.directory / "current").symlink_to(
            "versions/" + next(name for name in files.names(store.versions) if name.startswith("1-"))
        )
        assert any(path.name.startswith(files.UNFINISHED) for path in store.directory.rglob(".*"))
        for name in files.names(store.versions):
            if name.startswith("2-"):
                shutil.rmtree(store.versions / name)
        store.sweep(older_than=-60)
        assert sum(1 for _path in store.directory.rglob("*")) == kept
        assert everything(store) == SMALL

    def test_one_call_removes_no_more_than_its_limit(self, store: Store) -> None:
        for number in range(10):
            publish(store, {**SMALL, "status/index.html": f"old {number}"}, version=(number, 0))
        assert store.sweep(older_than=-60, limit=4) == 4
        assert everything(store)["status/index.html"] == "old 9"

    def test_nothing_goes_when_it_is_not_known_what_is_current(self, store: Store) -> None:
        publish(store, SMALL)
        publish(store, NEXT, version=(2, 0))
        (store.directory / "current").unlink()
        assert store.sweep(older_than=-60) == 0

    def test_what_callers_keep_in_private_stays(self, store: Store) -> None:
        publish(store, SMALL)
        (store.private / "state.json").write_text("{}")
        store.sweep(older_than=-60)
        assert (store.private / "state.json").exists()


class TestDamage:
    def test_lost_contents_are_rendered_anew(self, store: Store) -> None:
        publish(store, SMALL)
        (store.directory / "current/status/index.html").resolve().unlink()
        assert store.sources().keys() == SMALL.keys() - {"status/index.html"}
        with pytest.raises(NotKeptError):
            store.publish({"status/index.html": Kept("source of old")}, version=(2, 0), as_of=NOON, change="")
        assert publish(store, SMALL, version=(2, 0))
        assert everything(store) == SMALL

    def test_lost_directories_are_made_anew(self, store: Store) -> None:
        publish(store, SMALL)
        shutil.rmtree((store.directory / "current/status/de").resolve())
        assert publish(store, SMALL, as_of=NOON + timedelta(minutes=1))
        assert everything(store) == SMALL

    @pytest.mark.parametrize(
        "lost", ["private/manifests", "private/shelves", "private", "versions", "objects", "trees"]
    )
    def test_publishing_works_again_whatever_was_lost(self, store: Store, lost: str) -> None:
        publish(store, SMALL)
        shutil.rmtree(store.directory / lost)
        kept = dict(store.sources())
        documents = {
            path: Kept(kept[path]) if path in kept else Fresh(text.encode(), "anew") for path, text in SMALL.items()
        }
        assert store.publish(documents, version=(2, 0), as_of=NOON, change="")
        assert everything(store) == SMALL

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
    def test_a_note_that_cannot_be_read_is_no_note(self, store: Store, text: bytes) -> None:
        publish(store, SMALL)
        for folder in ("manifests", "shelves"):
            for path in (store.private / folder).iterdir():
                path.write_bytes(text)
        assert store.sources() == {}
