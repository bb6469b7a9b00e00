"""What AiSensy is asked without sending anything: whether it answers, and what its campaigns want."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Seen
from gateway.outbound.aisensy import AiSensy
from gateway.pipeline import contracts, holding
from gateway.pipeline.pace import Pace
from gateway.pipeline.planning import Live
from gateway.pipeline.watching import Publisher
from gateway.settings import Settings
from gateway.store import contracts as told
from gateway.store import holds
from gateway.store.contracts import Told
from gateway.store.holds import Hold
from gateway.store.standing import Standing

log = logging.getLogger(__name__)

#: A result to enter into the ledger, inside the worker's next transaction.
Result = Callable[[Connection], None]

#: What a thread does, away from the ledger.
Ask = Callable[[], Result]

#: The name of each question among the calls in flight.
ANSWERS, KEY, CONTRACT = "answers?", "key?", "contract?"


class Questions:
    """One question of each kind at a time."""

    def __init__(
        self,
        settings: Settings,
        aisensy: AiSensy,
        pace: Pace,
        publisher: Publisher,
        *,
        live: Callable[[], Live],
    ) -> None:
        """`live` tells what is live now; the publisher hears when a campaign wants something else than was known."""
        self.aisensy = aisensy
        self.pace = pace
        self.publisher = publisher
        self.live = live
        self.patience = timedelta(seconds=settings.number("GATEWAY_PROBE"))
        self.every = timedelta(seconds=settings.number("GATEWAY_CONTRACTS"))
        self.asked: datetime | None = None  # when AiSensy was last asked whether it answers
        self.look = False  #: Look for a campaign to ask about: a second has gone by, or an answer came.
        self.news = False  #: Some campaign wants something else; told once all have been asked about.

    def start(self, connection: Connection) -> None:
        """Without a timer, what was told once would count for ever."""
        if not self.every:
            told.forget(connection, list(told.all_of(connection)))
            holding.lift(connection, holds.all_of(connection, Hold.CONTRACT))

    def wanted(self, out: Collection[str]) -> bool:
        """Whether it is worth a look at the ledger which campaign to ask about."""
        return self.look and bool(self.every) and CONTRACT not in out

    def due(self, connection: Connection, standing: Standing, out: Collection[str], *, risky: bool) -> dict[str, Ask]:
        """The question whose time has come, by its name; none while its like is among `out`.

        `risky`: a message is about to leave, so it is worth knowing first whether AiSensy answers.
        """
        if risky and ANSWERS not in out and self.pace.worth_asking(standing):
            return self._whether_it_answers()
        if risky and KEY not in out and self.pace.worth_asking_about_key(connection, standing):
            return {KEY: self._welcome}
        return self._about_a_campaign(connection, standing) if self.wanted(out) else {}

    def _whether_it_answers(self) -> dict[str, Ask]:
        now = clock.now()
        if self.asked and abs(now - self.asked) < self.patience:
            return {}
        return {ANSWERS: self._answers}

    def begun(self, names: Collection[str]) -> None:
        """These are being asked now: the transaction that chose them is durable."""
        if ANSWERS in names:
            self.asked = clock.now()

    def never(self, name: str) -> Result:
        """What to enter when no thread could be had for a question: it told nothing, and its time comes again."""

        def note(connection: Connection) -> None:
            if name == KEY:
                self.pace.refused(connection)

        return note

    def _answers(self) -> Result:
        try:
            reachable = self.aisensy.reachable()
        except Exception:  # a fault of ours is no answer of theirs
            log.exception("AiSensy could not be asked whether it answers")
            reachable = False

        def note(_connection: Connection) -> None:
            self.pace.answers = reachable

        return note

    def _welcome(self) -> Result:
        try:
            welcome = self.aisensy.welcome()
        except Exception:  # a fault of ours is no answer of theirs
            log.exception("AiSensy could not be asked whether it takes our key")
            welcome = False

        def note(connection: Connection) -> None:
            self.pace.welcome = welcome
            if not welcome:
                self.pace.refused(connection)

        return note

    def _about_a_campaign(self, connection: Connection, standing: Standing) -> dict[str, Ask]:
        """About the next campaign whose turn it is, unless AiSensy is in trouble: a question would not help it."""
        self.look = False
        well = self.aisensy.key_id and self.pace.well(standing)
        if well and (campaign := self._taken(connection)):
            return {CONTRACT: partial(self._details, campaign)}
        if self.news:
            self.publisher.look_again()
        self.news = False
        return {}

    def _taken(self, connection: Connection) -> str:
        """A campaign whose turn it is, marked as asked about; "" for none. Other workers look there too."""
        known, stopped, now = told.all_of(connection), _stopped(connection), clock.now()
        doubted = self.publisher.doubted
        for campaign in dict.fromkeys([*doubted, *contracts.campaigns(self.live().mappings)]):
            before = known.get(campaign)
            doubts = [stopped[key] for key in holding.about(campaign, stopped)]
            doubts += [doubted[campaign]] if campaign in doubted else []
            if self._is_time(before, doubts, now) and told.take(connection, campaign, before, now):
                return campaign
        return ""

    def _is_time(self, before: Told | None, doubts: Iterable[datetime], now: datetime) -> bool:
        """Whether to ask: the timer says so, or what was told is in doubt since. After the clock was moved back a
        doubt may lie ahead; it must not make us ask again and again until then."""
        if before is None or abs(now - before.at) >= self.every:
            return True
        return any(before.at < since <= now for since in doubts)

    def _details(self, campaign: str) -> Result:
        try:
            seen = self.aisensy.details(campaign)
        except Exception:  # a fault of ours is no word of theirs
            log.exception("AiSensy could not be asked about campaign '%s'", campaign)
            seen = Seen(says="a fault of the gateway while it asked")

        def note(connection: Connection) -> None:
            self.look = True
            self.news |= contracts.learn(connection, campaign, seen, self.live())

        return note


def _stopped(connection: Connection) -> Mapping[str, datetime]:
    """Each hold, and since when: calls that were refused or held are a reason to ask about their campaign at once."""
    return {key: since for key, _reason, since in holds.since(connection)}
