"""Who wants to hear how far a move is, and the words for one row."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Table


class Progress(Protocol):
    """Is told of every batch."""

    def rows(self, doing: str, table: str, number: int) -> None:
        """So many more rows of a table are "carried" or "compared"."""
        ...


def name_of(table: Table, values: dict[str, Any]) -> str:
    """A row by its key, as in "events id=17".

    >>> from gateway.store.tables import events
    >>> name_of(events, {"id": 17, "source": "website"})
    'events id=17'
    """
    return " ".join([table.name, *(f"{column.name}={values[column.name]}" for column in table.primary_key)])
