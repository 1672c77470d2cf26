"""Publishers as processes of their own: started by the tests of the store, so that they can be killed."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from status.snapshot.store import Fresh, Kept, Store

EPOCH = datetime(2026, 11, 2, tzinfo=UTC)
PAGES = 40


def documents(number: int, sources: dict[str, str]) -> dict[str, Fresh | Kept]:
    """Return a snapshot whose every file says ``number``, but for one that never changes."""
    text = str(number)
    made: dict[str, Fresh | Kept] = {
        f"status/incidents/i{page}/index.html": Fresh(f"{text}\n".encode() * 200, text) for page in range(PAGES)
    }
    made["status/index.html"] = Fresh(f"{text}\n".encode() * 200, text)
    same = "status/same.json"
    made[same] = Kept("same") if sources.get(same) == "same" else Fresh(b"{}", "same")
    return made


def publish(store: Store, number: int) -> bool:
    """Publish version ``number``."""
    with store.locked(wait=60):
        return store.publish(
            documents(number, dict(store.sources())),
            version=(number, 0),
            as_of=EPOCH + timedelta(minutes=number),
            change=str(number),
        )


def main() -> None:
    """``DIRECTORY FIRST STEP COUNT``: publish as many versions, each ``STEP`` after the other."""
    directory, first, step, count = Path(sys.argv[1]), *(int(text) for text in sys.argv[2:])
    store = Store(directory)
    print("ready", flush=True)  # noqa: T201 - read by the test
    sys.stdin.readline()
    for number in range(first, first + step * count, step):
        print(number, publish(store, number), flush=True)  # noqa: T201 - the same
        time.sleep(0.001)


if __name__ == "__main__":
    main()
