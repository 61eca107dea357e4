"""The connection to the database that a thread has."""

from django.db import connections


def let_go() -> None:
    """Before something that may take minutes: a connection that stays open for what comes next,
    see CONN_MAX_AGE, would be one that nobody else can have. The next query connects anew."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
