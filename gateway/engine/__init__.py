"""Who does what next: an engine hands out ids of what is due, and wakes the worker."""

from gateway.engine.one import OneMachine
from gateway.engine.work import Engine, Work

__all__ = ["Engine", "OneMachine", "Work"]
