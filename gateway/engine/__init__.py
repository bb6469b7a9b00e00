"""Who does what next: an engine hands out ids of what is due, and wakes the worker."""

from gateway.engine.one import OneMachine
from gateway.engine.work import Engine, Work
from gateway.settings import Settings
from gateway.store.ledger import Ledger

__all__ = ["Engine", "OneMachine", "Work", "open_engine"]


def open_engine(ledger: Ledger, settings: Settings) -> Engine:
    """The engine for this ledger. Raises GatewayError when a SQLite ledger has its worker already."""
    if ledger.on_sqlite:
        return OneMachine(ledger)
    from gateway.engine.many import Many  # noqa: PLC0415 - one machine does without Procrastinate, and its memory

    return Many(ledger, settings.number("GATEWAY_THREADS"))
