"""Private PostgreSQL and Redis servers from Python wheels, with their state under ``PORTAL_HOME``.

``python -m portal.local_servers start|stop|status|psql`` for a person; ``ensure_running()`` for a program.

Each server has a *keeper*: a small process of its own session that starts the server and stops it when nobody uses
it any more. Whoever uses a server holds a shared lock on its lease file; the keeper takes the same lock exclusively to
learn that the last user has gone. The kernel drops the locks of a killed process, so nothing is ever left over, and two
users of one PORTAL_HOME (a running portal and a test run) do not stop each other's servers.

Settings import this package, so it imports the standard library only.
"""

from portal.local_servers.addresses import SOCKET_PATH_LIMIT, database_url, redis_url, socket_directory
from portal.local_servers.errors import ServerError
from portal.local_servers.postgres_server import PostgresServer
from portal.local_servers.processes import die_with_parent, runs, set_variables
from portal.local_servers.redis_server import RedisServer
from portal.local_servers.server import Server
from portal.local_servers.sharing import RunningServers, ensure_running

__all__ = [
    "SOCKET_PATH_LIMIT",
    "PostgresServer",
    "RedisServer",
    "RunningServers",
    "Server",
    "ServerError",
    "database_url",
    "die_with_parent",
    "ensure_running",
    "redis_url",
    "runs",
    "set_variables",
    "socket_directory",
]
