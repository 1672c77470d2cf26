"""The letters of a test, caught before the ledger."""

import pytest

from accounts import outbox
from accounts.outbox import Letter


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    caught: list[Letter] = []
    monkeypatch.setattr(outbox, "_post", caught.append)
    return caught


def kinds(letters: list[Letter]) -> list[str]:
    return [letter.kind for letter in letters]
