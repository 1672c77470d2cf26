"""Where the private servers of one PORTAL_HOME are reached."""

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import quote

SOCKET_PATH_LIMIT = 90  # bytes; the kernel's limit is 108 on Linux and 104 on macOS, less the file's name


def socket_directory(home: Path) -> Path:
    """Return where the servers' Unix sockets go: under ``home``, or in a short place when that path is too long."""
    directory = home / "run"
    if len(str(directory).encode()) <= SOCKET_PATH_LIMIT:
        return directory
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portal-{digest}"


def database_url(home: Path, name: str = "portal") -> str:
    """Return the address of database ``name`` on the private PostgreSQL server of ``home``."""
    return f"postgresql://portal@{quote(str(socket_directory(home)), safe='')}/{name}"


def redis_url(home: Path, number: int = 0) -> str:
    """Return the address of logical database ``number`` on the private Redis server of ``home``."""
    return f"unix://{socket_directory(home)}/redis.sock?db={number}"
