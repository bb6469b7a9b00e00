"""The contract of a source, and how the sources are found.

A new source is one module here with one subclass of `Source`; its module name is its URL
(`/hooks/<name>`), its folder of samples and its mapping's `source:`. There is no list to edit.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeGuard

from gateway.errors import GatewayError
from gateway.http import Answered
from gateway.inbound.guide import Guide
from gateway.model import Event, Lead, Reading, Request
from gateway.settings import Settings


class Asker(Protocol):
    """The way out for look-ups. Raises `gateway.http.CallFailed` when no answer came."""

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered: ...


@dataclass(frozen=True, slots=True)
class Posting:
    """A request as the real service would make it of a sample."""

    form: str  #: What follows /hooks/<source>/ in the URL; "" for nothing.
    query: str  #: Raw query string, without "?".
    body: bytes
    headers: Mapping[str, str]  #: With Content-Type, if the service sends one.
    renamed: Mapping[str, str] = field(default_factory=dict)  #: The sample's ids and the fresh ones they became.


class Source(ABC):
    """One place leads come from."""

    name: ClassVar[str]
    #: The settings without which nothing can be verified (503), in the words of the environment.
    needs: ClassVar[tuple[str, ...]] = ()
    #: How people connect it.
    guide: ClassVar[Guide] = Guide()

    def __init_subclass__(cls) -> None:
        cls.name = cls.__module__.rpartition(".")[2]

    def __init__(self, settings: Settings, asker: Asker) -> None:
        self.settings = settings
        self.asker = asker

    def missing(self) -> tuple[str, ...]:
        """The settings this source lacks; with any, its requests are answered 503."""
        return tuple(name for name in self.needs if not self.settings.get(name))

    def handshake(self, request: Request) -> str | None:
        """The text that answers a GET by which the service checks the address; None: this source has none (405)."""
        del request
        return None

    @abstractmethod
    def verify(self, request: Request) -> None:
        """Return if the request is genuine, else raise `Refused(401, cause, hint)`."""

    def keep(self, request: Request) -> bytes:
        """The body to store: the raw bytes, with what must never be stored blanked."""
        return request.body

    @abstractmethod
    def leads(self, event: Event) -> Reading:
        """One lead per person, without any call; raises `Unreadable` when nothing can be read."""

    def fetch(self, lead: Lead) -> Lead:
        """Fill in what the event does not hold. Raises LookupRetry, LookupPaused or LookupFatal."""
        return lead

    def pause_key(self, lead: Lead) -> str:
        """What a look-up that cannot work pauses as a whole, "page 100200"; "" when this source asks nothing."""
        del lead
        return ""

    def ids(self, event: Event) -> tuple[str, ...]:
        """The ids that name nothing but what one person sent: they tell of people, as names do."""
        return tuple(lead.submission for lead in self.leads(event).leads if lead.submission)

    def alone(self, event: Event, lead: Lead) -> Event:
        """The event as it would be had it brought this one of its leads alone. Raises GatewayError."""
        if len(self.leads(event).leads) > 1:
            raise GatewayError(f"A lead of {lead.source} cannot be taken out of an event that holds several.")
        return event

    def looked_up(self, lead: Lead) -> dict[str, Any]:
        """What a look-up of this lead answers, made of the answers that are known; empty where none is asked."""
        del lead
        return {}

    @abstractmethod
    def imitate(self, event: Event, *, now: datetime, nonce: str) -> Posting:
        """The request the real service would make of a sample: fresh ids (ending in `nonce`), current
        times, its own headers and signature. For the demo, tests and trying a mapping by hand."""


def kinds() -> dict[str, type[Source]]:
    """Every source's class by its name."""
    package = importlib.import_module(__package__ or "gateway.inbound")
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    return {
        kind.name: kind for module in modules for kind in vars(module).values() if _is_source(kind, module.__name__)
    }


def _is_source(kind: object, module: str) -> TypeGuard[type[Source]]:
    return isinstance(kind, type) and issubclass(kind, Source) and kind is not Source and kind.__module__ == module


def names() -> tuple[str, ...]:
    """The words that a mapping's `source:` may say."""
    return tuple(sorted(kinds()))


def sources(settings: Settings, asker: Asker) -> dict[str, Source]:
    """Every source by its name, ready."""
    return {name: kind(settings, asker) for name, kind in kinds().items()}
