"""Which forms sent leads, and the newest leads of some forms: what a mapping is written by."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from sqlalchemy import Connection, select

from gateway.model import Lead
from gateway.store.leads import of_form
from gateway.store.tables import leads


def forms(connection: Connection, source: str) -> list[str]:
    """The forms of a source that ever sent a lead: one step in the index for each."""
    found: list[str] = []
    after = select(leads.c.form).where(leads.c.source == source).order_by(leads.c.form).limit(1)
    form = connection.scalar(after)
    while form is not None:
        found.append(form)
        form = connection.scalar(after.where(leads.c.form > form))
    return found


def latest(connection: Connection, source: str, named: Sequence[str], count: int) -> list[Lead]:
    """The newest leads of some forms of a source, the newest first."""
    found = chain.from_iterable(of_form(connection, source, form, count) for form in named)
    return sorted(found, key=lambda lead: lead.id, reverse=True)[:count]
