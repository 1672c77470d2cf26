"""docs/configuration.md is complete and names nothing that is gone."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# Read by the Makefile and the tools beside the settings.
OUTSIDE_SETTINGS = {"BENCH_DATABASE", "CHROMIUM", "PYTHON", "VENV", "NO_COLOR"}


def read_by_settings() -> set[str]:
    text = "".join(path.read_text() for path in (CHECKOUT / "portal" / "settings").glob("*.py"))
    return set(re.findall(r"""env\.\w+\(\s*"([A-Z0-9_]+)""", text))


def documented() -> set[str]:
    text = (CHECKOUT / "docs" / "configuration.md").read_text()
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, flags=re.MULTILINE))


def test_every_variable_is_documented() -> None:
    assert read_by_settings() - documented() == set()


def test_every_documented_variable_is_read() -> None:
    assert documented() - read_by_settings() == OUTSIDE_SETTINGS
