"""Lines on a terminal from several processes at once: whole, prefixed, coloured where somebody watches."""

import os
import sys
import threading
from typing import TextIO

WIDTH = 7
COLOURS = {"portal": 36, "setup": 90, "web": 32, "worker": 33, "beat": 35}


class Console:
    """Prints prefixed lines, each in one piece."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self.closed = False

    def line(self, source: str, text: str) -> None:
        """Print one line of ``source``. A reader that has gone sets ``closed``."""
        prefix = f"{source:<{WIDTH}}|"
        if self._coloured:
            prefix = f"\033[{COLOURS.get(source, 37)}m{prefix}\033[0m"
        with self._lock:
            try:
                self._stream.write(f"{prefix} {text}\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                self.closed = True
