"""What leaves in the worker's threads: campaign calls, look-ups, questions. None of it touches the ledger."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from gateway.inbound.source import Source
from gateway.model import Outcome, OutcomeKind
from gateway.outbound.aisensy import AiSensy
from gateway.pipeline import lookups
from gateway.pipeline.answer import Answer, Claimed, never_left
from gateway.pipeline.planning import Live
from gateway.pipeline.questions import Ask, Result
from gateway.pipeline.results import Brought
from gateway.settings import Settings
from gateway.store.leads import StoredLead
from gateway.worker.threads import Threads

log = logging.getLogger(__name__)

#: How the names of look-ups that are out begin.
_LOOK_UP = "look-up "


class Calls:
    """Starts what was claimed; what comes of it goes back by the threads."""

    def __init__(
        self,
        settings: Settings,
        sources: Mapping[str, Source],
        aisensy: AiSensy,
        threads: Threads[Brought],
        *,
        live: Callable[[], Live],
    ) -> None:
        """`live` tells what is live when an answer is entered."""
        self.settings = settings
        self.sources = sources
        self.aisensy = aisensy
        self.threads = threads
        self.live = live

    def may_look_up(self) -> int:
        """How many look-ups may begin now: slow ones never have more than half of the threads."""
        out = sum(name.startswith(_LOOK_UP) for name in self.threads.busy())
        return max(0, min((self.threads.idle() + 1) // 2, (self.threads.count + 1) // 2 - out))

    def send(self, claimed: Sequence[Claimed]) -> None:
        for delivery in claimed:
            self.threads.start(delivery.token, partial(self._send, delivery), partial(never_left, delivery))

    def look_up(self, claimed: Sequence[StoredLead]) -> None:
        for stored in claimed:
            never = partial(self._looked_up, lookups.never_asked(stored))
            self.threads.start(f"{_LOOK_UP}{uuid.uuid4().hex}", partial(self._look_up, stored), never)

    def ask(self, questions: Mapping[str, Ask], never: Callable[[str], Result]) -> None:
        """`never`: what to enter for a question that no thread could be had for."""
        for name, ask in questions.items():
            self.threads.start(name, ask, partial(never, name))

    def _send(self, claimed: Claimed) -> Answer:
        try:
            outcome = self.aisensy.send(claimed.call)
        except Exception:  # a fault of ours after the claim: nobody knows what left
            log.exception("delivery d%d met a fault while it was sent", claimed.delivery.id)
            outcome = Outcome(OutcomeKind.UNKNOWN, "fault", "a fault of the gateway while the call was made")
        return Answer(claimed, outcome)

    def _look_up(self, stored: StoredLead) -> Result:
        return self._looked_up(lookups.ask(stored, self.sources))

    def _looked_up(self, looked_up: lookups.LookedUp) -> Result:
        return lambda connection: lookups.settle(connection, looked_up, self.live(), self.settings)
