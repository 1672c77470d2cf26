"""``make run``: private servers, migrations, demo data, then web server, worker and beat until Ctrl-C.

``python -m portal.supervisor`` once the environment is installed. Web server, worker and beat are processes of their
own, restarted when they die. Ctrl-C or SIGTERM ends everything within ten seconds: the web server first, so that nobody
meets a portal without a database, and the servers last.
"""

import argparse
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from accounts.demo_sign_ins import DEMO_SIGN_INS
from portal import local_servers
from portal.child import Child, end_leftovers
from portal.console import Console

CHECKOUT = Path(__file__).resolve().parent.parent
WEB_SECONDS = 3.0  # to finish the requests that run
WORKER_SECONDS = 6.5  # to finish the tasks that run; a task that is cut off runs again
READY_SECONDS = 120
HEARTBEAT_SECONDS = 5.0
LOOK_SECONDS = 0.2
# One machine's root may run the demo, and only production collects static files.
EXPECTED_WARNINGS = "ignore:You're running the worker,ignore:No directory at"


class StopAsked(BaseException):
    """Ctrl-C or SIGTERM came, or whoever started the run has gone."""


class CannotRun(Exception):  # noqa: N818 - said to a person as it is
    """The portal cannot run; the message says why and what to do."""


class Supervisor:
    """One running portal: its settings, its servers, its children."""

    def __init__(self, console: Console, *, parent: int | None = None, demo: bool = True) -> None:
        self.console = console
        self.parent = parent
        self.demo = demo
        self.home = Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()
        self.port = port_number(os.environ.get("PORT") or "8000")
        self.stopping = False
        self.servers: local_servers.RunningServers | None = None
        self.children: list[Child] = []
        self.only_one: int | None = None
        self.environment = {
            **local_servers.set_variables(),
            "DJANGO_SETTINGS_MODULE": "portal.settings.development",
            "PORTAL_HOME": str(self.home),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS") or EXPECTED_WARNINGS,
        }

    def run(self) -> int:
        """Run until asked to stop. Returns 0 when asked, 1 when the portal cannot run."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        try:
            self._be_the_only_one()
            self._set_up()
            self._start()
            self._wait_until_ready()
            self._greet()
            return self._watch()
        except StopAsked:
            self.say("stopping")
            return 0
        except (CannotRun, local_servers.ServerError) as error:
            for line in str(error).splitlines():
                self.say(line)
            return 1
        finally:
            self.stopping = True
            self._end()

    def say(self, line: str) -> None:
        """Print a line of the supervisor's own."""
        self.console.line("portal", line)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        # A second Ctrl-C is no reason to leave processes behind: the first one's ten seconds hold.
        if not self.stopping:
            self.stopping = True
            raise StopAsked

    def _check_wanted(self) -> None:
        if self.console.closed or (self.parent is not None and os.getppid() != self.parent):
            raise StopAsked

    # --- Before the children --------------------------------------------------------------------------------------

    def _be_the_only_one(self) -> None:
        (self.home / "locks").mkdir(parents=True, exist_ok=True)
        self.only_one = os.open(self.home / "locks" / "run", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.only_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = os.pread(self.only_one, 200, 0).decode().strip()
            raise CannotRun(
                f"A portal runs on {self.home} already ({running}).\n"
                "Stop it, or give this one a place of its own: make run PORT=8001 PORTAL_HOME=var/second"
            ) from None
        os.ftruncate(self.only_one, 0)
        os.pwrite(self.only_one, f"process {os.getpid()}, port {self.port}\n".encode(), 0)

    def _set_up(self) -> None:
        end_leftovers(self._children_file, self.say)
        self._check_port()
        self._hold_servers()
        self._step("migrating the database", "migrate", "--verbosity", "1", "--no-input")
        if self.demo:
            self._step("loading the demo data, if the database is empty", "load_demo", "--if-empty")

    def _hold_servers(self) -> None:
        own_postgres, own_redis = (not os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
        self.servers = local_servers.ensure_running(
            self.home, postgres=own_postgres, redis=own_redis, progress=self.say
        )

    def _check_port(self) -> None:
        for address in addresses():
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    listener.bind((address, self.port))
                except OSError as error:
                    raise CannotRun(
                        f"Port {self.port} of {address} cannot be used: {error.strerror}.\n"
                        "Choose another: make run PORT=8001"
                    ) from None

    def _step(self, what: str, *arguments: str) -> None:
        """Run one management command, with a heartbeat; raises CannotRun when it fails."""
        self.say(what)
        child = Child("setup", [sys.executable, "manage.py", *arguments], self.environment, self.console)
        self.children = [child]
        child.start()
        code = self._heartbeat(lambda: child.exit_code, f"still {what}", seconds=None)
        self.children = []
        child.end(0)
        if code != 0:
            raise CannotRun(f"`manage.py {arguments[0]}` failed; its last lines above say why.")

    def _heartbeat(self, result: Callable[[], int | None], line: str, *, seconds: float | None) -> int | None:
        """Wait for a result, saying the line now and then. Returns None after ``seconds``."""
        begun = time.monotonic()
        beat = begun + HEARTBEAT_SECONDS
        while (found := result()) is None:
            now = time.monotonic()
            if seconds is not None and now - begun > seconds:
                return None
            if now > beat:
                self.say(f"{line} ({now - begun:.0f} s)")
                beat = now + HEARTBEAT_SECONDS
            self._check_wanted()
            time.sleep(LOOK_SECONDS)
        return found

    # --- The children ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.children = [
            Child(name, command, self.environment, self.console) for name, command in self._commands().items()
        ]
        for child in self.children:
            child.start()
        self._note_children()

    def _commands(self) -> dict[str, list[str]]:
        """Return the command of each child by its name."""
        binds = [f"--bind={f'[{address}]' if ':' in address else address}:{self.port}" for address in addresses()]
        web = ["gunicorn", "portal.wsgi", *binds, "--worker-class=gthread", "--workers=2", "--threads=8"]
        web += [f"--graceful-timeout={WEB_SECONDS:.0f}", "--timeout=60", "--no-control-socket", "--log-level=warning"]
        web += ["--access-logfile=-", "--access-logformat=%(m)s %(U)s %(s)s %(M)s ms"]
        web += ["--logger-class=portal.access_log.AccessLog"]
        if os.environ.get("DEBUG", "").lower() in {"1", "true", "yes", "on"}:
            web.append("--reload")
        celery = ["celery", "--app=portal", "--quiet"]
        name = f"--hostname=portal-{self.port}@%h"
        worker = [*celery, "worker", "--loglevel=INFO", "--concurrency=2", name, "--without-gossip", "--without-mingle"]
        (self.home / "beat").mkdir(exist_ok=True)
        beat = [*celery, "beat", "--loglevel=WARNING", f"--schedule={self.home / 'beat' / 'schedule'}", "--pidfile="]
        commands = {"web": web, "worker": worker, "beat": beat}
        return {title: [sys.executable, "-m", *command] for title, command in commands.items()}

    @property
    def _children_file(self) -> Path:
        return self.home / "locks" / "children.json"

    def _note_children(self) -> None:
        """Write down who runs, so that the next start finds those that outlived a killed one."""
        running = {str(child.process.pid): child.command for child in self.children if child.process is not None}
        self._children_file.write_text(json.dumps(running))

    def _look_after_children(self) -> None:
        for child in self.children:
            if not child.look_after(self._note_children):
                raise CannotRun("The portal cannot run; the lines above say why.")

    def _wait_until_ready(self) -> None:
        def answer() -> int | None:
            self._look_after_children()
            return 1 if is_ready("127.0.0.1", self.port) else None

        if self._heartbeat(answer, "still starting", seconds=READY_SECONDS) is None:
            raise CannotRun(f"/readyz did not answer within {READY_SECONDS} s; the lines above may say why.")

    def _greet(self) -> None:
        self.say("")
        self.say(f"The portal runs at http://localhost:{self.port}")
        if self.demo:
            password = os.environ.get("PORTAL_DEMO_PASSWORD") or "explore-the-portal"
            self.say("")
            self.say(f"Sign in with the password {password} as")
            for person in DEMO_SIGN_INS:
                self.say(f"  {person.email:<27}{person.role}")
        self.say("")
        if not os.environ.get("EMAIL_URL"):
            self.say(f"Mails become files in {self.home / 'mail'}. Ctrl-C ends the portal.")
        else:
            self.say("Ctrl-C ends the portal.")

    def _watch(self) -> int:
        while True:
            self._check_wanted()
            self._look_after_children()
            if self.servers is not None and not self.servers.are_kept:
                self.say("a private server was lost; starting it again")
                self.servers.stop()
                self._hold_servers()
            time.sleep(LOOK_SECONDS)

    # --- The end --------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """End the children together, by force where one does not go in time, then give the servers back."""
        children = {child.name: child for child in self.children}
        begun = time.monotonic()
        for child in children.values():
            child.ask_to_end()
        for names, seconds in ((("setup", "web", "beat"), WEB_SECONDS + 0.5), (("worker",), WORKER_SECONDS)):
            for name in names:
                if name in children:
                    children[name].end(begun + seconds - time.monotonic())
        if children:
            self._children_file.unlink(missing_ok=True)
        if self.servers is not None:
            self.servers.stop()
        self.say("stopped")


def is_ready(host: str, port: int) -> bool:
    """Say whether a portal answers there and can do its work."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def addresses() -> list[str]:
    """Return the loopback addresses to listen on: a browser may take localhost for either."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "::1"]


def port_number(text: str) -> int:
    """Return the port to listen on, or raise CannotRun."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CannotRun(f"PORT is {text!r}, and a port is a number from 1 to 65535.")
    return int(text)


def main() -> int:
    """Run the portal and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m portal.supervisor", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--with-parent", action="store_true", help="stop when the starting process is gone")
    parser.add_argument("--without-demo", action="store_true", help="leave an empty database empty")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    console = Console()
    try:
        parent = os.getppid() if options.with_parent else None
        return Supervisor(console, parent=parent, demo=not options.without_demo).run()
    except CannotRun as error:
        console.line("portal", str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
