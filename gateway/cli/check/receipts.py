"""What `gateway check` says of follow-ups that end when people reply, where nobody can know whether they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.common import Context
from gateway.cli.folder import ledger_if_any
from gateway.errors import GatewayError
from gateway.mapping import rules
from gateway.mapping.reader.follow_ups import REPLIED
from gateway.model import Problem
from gateway.store import receipts

_HELD = (
    "no receipt has ever come from AiSensy, so nobody can know who replied; this follow-up is held until one comes, "
    "unless you add 'without_receipts: send'"
)


def unheard(context: Context, good: Mapping[str, rules.Mapping]) -> Iterator[Problem]:
    """A warning at each `replied` that nobody would know of; none where there is no ledger to look into."""
    waiting = [found for file, mapping in good.items() for found in _replies(file, mapping)]
    if waiting and _none_ever_came(context):
        yield from waiting


def _replies(file: str, mapping: rules.Mapping) -> Iterator[Problem]:
    later = (follow_up for rule in mapping.rules for follow_up in rule.follow_ups if not follow_up.without_receipts)
    for text in (text for follow_up in later for text in follow_up.unless if text.template == REPLIED):
        yield Problem(file, text.line, text.column, _HELD, warning=True)


def _none_ever_came(context: Context) -> bool:
    try:
        ledger = ledger_if_any(context)
        if ledger is None:
            return False
        with ledger.read() as connection:
            return not receipts.ever(connection)
    except (GatewayError, SQLAlchemyError):
        return False  # mappings are checked also where the ledger is away, or older than this program
