"""The process that starts one server, restarts it when it dies, and stops it when nobody uses it."""

import fcntl
import os
import signal
import sys
import time

from portal.local_servers.errors import ServerError
from portal.local_servers.locks import POLL_SECONDS, open_file, try_lock, wait_until, write
from portal.local_servers.server import Server


def keep(server: Server) -> int:
    """Run the server until the last user has gone or somebody asks this process to stop. Returns the exit code."""
    descriptor = open_file(server.keeper_file)
    if not wait_until(lambda: try_lock(descriptor, fcntl.LOCK_EX), seconds=1):
        return 0  # there is one already
    write(descriptor, f"{os.getpid()}\n")
    server.stay_file.unlink(missing_ok=True)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    lease = open_file(server.locks / f"{server.name}.lease")
    try:
        server.start()
        write(descriptor, f"{os.getpid()} up\n")
        failures = 0
        while not asked and (server.stays or not try_lock(lease, fcntl.LOCK_EX)):
            if server.process is not None and server.process.poll() is not None:
                failures += 1
                if failures > 5:
                    return 1
                time.sleep(failures * 0.2)
                server.start()
            time.sleep(POLL_SECONDS)
    except ServerError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    finally:
        server.stop()
    return 0
