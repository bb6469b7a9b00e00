"""What letters a PostgreSQL database can hold. It is chosen when the database is made, and cannot be changed."""

from __future__ import annotations

from sqlalchemy import Connection, text

from gateway.errors import GatewayError

_CHOSEN = text("SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()")


def refuse_others(connection: Connection) -> None:
    """Raises GatewayError unless the database holds every letter: names come in all scripts."""
    chosen = connection.execute(_CHOSEN).scalar_one()
    if chosen != "UTF8":
        raise GatewayError(f"This database is {chosen}; make one with ENCODING 'UTF8' TEMPLATE template0.")
