"""What `gateway check` says of follow-ups that end when people reply, where nobody can know whether they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.common import Context
from gateway.cli.folder import ledger_if_any
from gateway.errors import GatewayError
from gateway.mapping import rules
from gateway.model import Problem
from gateway.pipeline import checking
from gateway.store import receipts


def unheard(context: Context, good: Mapping[str, rules.Mapping]) -> Iterator[Problem]:
    """A warning at each `replied` that nobody would know of; none where there is no ledger to look into."""
    waiting = list(checking.unheard(good))
    if waiting and _none_ever_came(context):
        yield from waiting


def _none_ever_came(context: Context) -> bool:
    try:
        ledger = ledger_if_any(context)
        if ledger is None:
            return False
        with ledger.read() as connection:
            return not receipts.ever(connection)
    except (GatewayError, SQLAlchemyError):
        return False  # mappings are checked also where the ledger is away, or older than this program
