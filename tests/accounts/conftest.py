"""The letters of a test, caught before the ledger."""

import socket
import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts import outbox
from accounts.outbox import Letter
from portal.settings.base import caches


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    caught: list[Letter] = []
    monkeypatch.setattr(outbox, "_post", caught.append)
    return caught


def kinds(letters: list[Letter]) -> list[str]:
    return [letter.kind for letter in letters]


@pytest.fixture
def silent_redis(settings: Settings) -> Iterator[list[str]]:
    """Let the cache use a server that takes connections and never answers; return one entry a connection."""
    connections: list[socket.socket] = []
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                seen.append(str(address))

        threading.Thread(target=take, daemon=True).start()
        settings.CACHES = caches(f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
        yield seen
        listener.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        connection.close()
