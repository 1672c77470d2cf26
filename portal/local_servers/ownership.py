"""Files and folders of servers that may run as another user: PostgreSQL refuses root."""

import contextlib
import os
import pwd
import sys
from pathlib import Path

from portal.local_servers.errors import ServerError


def nobody() -> tuple[int, int]:
    """Return the user and the group that own nothing."""
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("nobody")
        return entry.pw_uid, entry.pw_gid
    return 65534, 65534


def make_private(directory: Path, owner: tuple[int, int]) -> None:
    """Make a folder that only ``owner`` may enter. Raises ServerError when somebody else made it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid not in {os.geteuid(), owner[0]}:
        raise ServerError(f"{directory} belongs to somebody else. Remove it, or set PORTAL_HOME to another folder.")
    if os.geteuid() == 0:
        os.chown(directory, *owner)
    directory.chmod(0o700)


def let_through(path: Path) -> None:
    """Let the server's user pass the folders above ``path`` (not list them), and say so."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            print(f"PostgreSQL does not run as root: let user nobody pass {folder} (chmod o+x)", file=sys.stderr)


def let_read(tree: Path) -> None:
    """Let the server's user read its programs where a strict umask kept them private."""
    if (tree / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o004 | (0o001 if mode & 0o100 else 0))
