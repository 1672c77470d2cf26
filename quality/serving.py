"""``python -m quality.serving``: the portal with demo data, and files as production sends them."""

import os
import sys

from portal.console import Console
from portal.supervisor import CHECKOUT, CannotRun, Supervisor


class ServedPortal(Supervisor):
    """A running portal that collects its static files first."""

    def __init__(self, console: Console, *, parent: int | None = None) -> None:
        super().__init__(console, parent=parent)
        self.environment["DJANGO_SETTINGS_MODULE"] = "quality.settings"

    def _set_up(self) -> None:
        # First: the published status names files by their hashes.
        self._step("collecting the static files", "collectstatic", "--no-input", "--verbosity", "0")
        super()._set_up()


def main() -> int:
    """Run the portal and return the exit code."""
    os.chdir(CHECKOUT)
    console = Console()
    try:
        return ServedPortal(console).run()
    except CannotRun as error:
        console.line("portal", str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
