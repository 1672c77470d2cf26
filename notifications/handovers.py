"""Recording mail by mail, in the time that the mail server needs for the next envelope.

A worker that waited for the database after each mail would be slower by a third. So the statement is sent, the next
mail's envelope is told to the mail server meanwhile, and only before the next mail itself is handed over must the
answer be there: at no time is more than one mail taken and not recorded.
"""

from typing import Any

import psycopg
from django.db import DatabaseError, connection
from psycopg.pq import ExecStatus

from notifications.models import Delivery

# It does not wait for the disk. Other sessions see it at once, and a killed worker loses nothing of it; only a crash of
# the database itself may forget the last half second, and repeat those mails. set_config is for this statement's own
# transaction only, and so works through a pooler in transaction mode as well. Planning costs more than the rest: this
# form has nothing to plan.
_HAND_OVER = b"""
INSERT INTO notifications_handover (delivery_id, body_id, sent_at)
VALUES (%d, %d, CASE set_config('synchronous_commit', 'off', true) WHEN 'off' THEN now() END)
ON CONFLICT (delivery_id) DO NOTHING
"""


class Handovers:
    """What one batch has handed over. While one is under way nobody else may use the connection: ``wait`` first."""

    def __init__(self) -> None:
        connection.ensure_connection()
        # Below psycopg's cursors, which wait for each answer.
        self._server: Any = connection.connection.pgconn
        self._is_waiting = False

    def record(self, delivery: Delivery, *, body_id: int) -> None:
        """Begin to record that the mail server has taken a mail. Raises ``DatabaseError``."""
        self.wait()
        try:
            self._is_waiting = True
            self._server.send_query(_HAND_OVER % (delivery.id, body_id))
            while self._server.flush():
                pass  # a few hundred bytes: the socket takes them at once
        except psycopg.Error as error:
            raise DatabaseError(str(error)) from error

    def wait(self) -> None:
        """Return when what was begun is recorded. Raises ``DatabaseError`` when it could not be."""
        if not self._is_waiting:
            return
        problem = ""
        while (result := self._server.get_result()) is not None:
            if result.status != ExecStatus.COMMAND_OK:
                problem = result.error_message.decode(errors="replace")
        self._is_waiting = False
        if problem:
            raise DatabaseError(problem)
