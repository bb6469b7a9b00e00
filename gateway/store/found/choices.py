"""What there is to choose from, met by steps through an index: each costs the same however many leads there are."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from gateway.store.tables import deliveries, leads

#: Nobody chooses from more.
MOST = 200


def forms(connection: Connection) -> list[tuple[str, str]]:
    """(source, form) of all leads, in their order; MOST at most."""
    found: list[tuple[str, str]] = []
    source = connection.scalar(select(func.min(leads.c.source)))
    while source is not None and len(found) < MOST:
        form = connection.scalar(select(func.min(leads.c.form)).where(leads.c.source == source))
        while form is not None and len(found) < MOST:
            found.append((source, form))
            form = connection.scalar(
                select(func.min(leads.c.form)).where(leads.c.source == source, leads.c.form > form)
            )
        source = connection.scalar(select(func.min(leads.c.source)).where(leads.c.source > source))
    return found


def campaigns(connection: Connection) -> list[str]:
    """Of all deliveries, in their order; MOST at most."""
    found: list[str] = []
    name = connection.scalar(select(func.min(deliveries.c.campaign)).where(deliveries.c.campaign > ""))
    while name is not None and len(found) < MOST:
        found.append(name)
        name = connection.scalar(select(func.min(deliveries.c.campaign)).where(deliveries.c.campaign > name))
    return found
