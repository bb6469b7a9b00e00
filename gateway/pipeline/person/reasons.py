"""Why nothing was sent for a lead, in one plain sentence, and what a person can do about it."""

from __future__ import annotations

import shlex
from datetime import timedelta

from sqlalchemy import Connection

from gateway.mapping.reader.check import choose
from gateway.model import DeliveryState, LeadState
from gateway.pipeline.person import Chapter
from gateway.pipeline.person.unsent import Cure, Stop, Why, World, coming, moment, why_unsent
from gateway.pipeline.planning import Live
from gateway.store import holds, leads
from gateway.store.holds import Hold

#: A mapping is changed, then the lead is replayed.
_MEND = (Cure.MAPPING, Cure.REPLAY)


def look(connection: Connection, live: Live, chapters: tuple[Chapter, ...]) -> World:
    """What is stopped now, and when the leads came that some of these are duplicates of."""
    probes, untried = holds.all_of(connection), holds.all_of(connection, Hold.CONTRACT)
    stops = {
        key: Stop(reason, since, None if key in untried else probes[key][1])
        for key, reason, since in holds.since(connection)
    }
    firsts = [one.stored.duplicate_of for one in chapters if one.stored.duplicate_of is not None]
    received = {one.lead.id: one.lead.received for one in leads.load(connection, firsts)}
    return World(live, stops, max((until for _key, until in holds.rests(connection)), default=None), received)


def why_nothing(chapter: Chapter, world: World, name: str = "") -> Why | None:
    """Why this lead got no message; None when AiSensy took one. `name`: what the message is called; "": d12."""
    if any(one.state is DeliveryState.ACCEPTED for one in chapter.made):
        return None
    return why_unsent(chapter.first, world, name) if chapter.first else _Unsent(chapter, world).why()


class _Unsent:
    """A lead without a delivery."""

    def __init__(self, chapter: Chapter, world: World) -> None:
        self.world = world
        self.stored = chapter.stored
        self.lead = chapter.stored.lead
        self.plan = chapter.stored.plan
        self.again = f"`gateway replay l{self.lead.id}`"
        self.mend = f"`gateway explain l{self.lead.id}` shows what comes of it; then {self.again}"

    def why(self) -> Why:
        told = {
            LeadState.WAITING: self._waiting,
            LeadState.UNMAPPED: self._unmapped,
            LeadState.UNMATCHED: self._unmatched,
            LeadState.SKIPPED: self._skipped,
            LeadState.TEST: self._test,
            LeadState.DUPLICATE: self._duplicate,
            LeadState.SUSPECTED: self._suspected,
            LeadState.FAILED: self._failed,
            LeadState.PLANNED: self._lost,
        }
        return told[self.stored.state]()

    def _waiting(self) -> Why:
        if self.stored.waits_for == "mapping":
            sentence = f"it waits for a clearer mapping: {self.lead.reason}"
            return Why(
                sentence, "mend the mapping; the lead goes on by itself once the change is live", (Cure.MAPPING,)
            )
        if self.stored.waits_for == "plan":
            return Why(f"it is about to be planned: {self.lead.reason}", "nothing, while the gateway is running")
        return self._unasked()

    def _unasked(self) -> Why:
        """Its answers must be looked up first."""
        sentence = f"its answers must be asked for at {self.lead.source} first"
        following = f"it is asked {coming(self.stored.due)}" if self.stored.due else "it is not asked by itself"
        stop = self.world.stops.get(self.stored.pause_key)
        if stop is not None:
            stopped = f"{self.stored.pause_key} is stopped since {moment(stop.since)}: {stop.reason}"
            return Why(f"{sentence}, and {stopped}", f"mend that; {following}", (Cure.REPLAY,), self.stored.due)
        because = f" ({self.lead.reason})" if self.lead.reason else ""
        return Why(f"{sentence}{because}", f"nothing; {following}", (Cure.REPLAY,), self.stored.due)

    def _unmapped(self) -> Why:
        form = f"form '{self.lead.form}' of {self.lead.source}" if self.lead.form else f"{self.lead.source} as such"
        mapping = choose(self.world.live.mappings, self.lead.source, self.lead.form)
        if mapping:
            cure = f"{mapping.file} takes it by now, so {self.again}"
            return Why(f"no mapping took {form} when it came", cure, (Cure.REPLAY,))
        wanted = shlex.quote("/".join(filter(None, (self.lead.source, self.lead.form))))
        cure = f"begin one with `gateway new {wanted}`, then {self.again}"
        return Why(f"no mapping takes {form}", cure, (Cure.BEGIN, Cure.REPLAY))

    def _unmatched(self) -> Why:
        passed = (
            [f"'{one.rule}' (line {one.line}): {one.because}" for one in self.plan.passed_over] if self.plan else []
        )
        file = self.plan.mapping if self.plan else "its mapping"
        return Why(f"no rule of {file} fits: {'; '.join(passed)}", f"add or widen a rule; {self.mend}", _MEND)

    def _skipped(self) -> Why:
        rule = f"the rule '{self.plan.rule}' of {self.plan.mapping} (line {self.plan.line})" if self.plan else "a rule"
        cure = f"nothing, if that is right; else change the rule, then {self.again}"
        return Why(f"{rule} says: {self.lead.reason}", cure, _MEND)

    def _test(self) -> Why:
        because = f" ({self.lead.reason})" if self.lead.reason else ""
        return Why(f"it is a test lead{because}", "nothing: test leads are never messaged")

    def _duplicate(self) -> Why:
        came = self.world.received.get(self.stored.duplicate_of or 0)
        earlier = f" {_span(self.lead.received - came)} earlier" if came else ""
        first = f"l{self.stored.duplicate_of}"
        return Why(f"the same submission came{earlier}, as {first}", f"nothing; see {first}", (Cure.FIRST,))

    def _suspected(self) -> Why:
        return Why(f"it looks like spam: {self.lead.reason}", f"if it is a person: {self.again}", (Cure.REPLAY,))

    def _failed(self) -> Why:
        if self.plan is None or not self.plan.rule:
            return Why(self.lead.reason, f"mend that, then {self.again}", (Cure.REPLAY,))
        sentence = f"rule '{self.plan.rule}' of {self.plan.mapping} can make no right message: {self.lead.reason}"
        return Why(sentence, f"if the mapping is at fault, mend it; {self.mend}", _MEND)

    def _lost(self) -> Why:
        return Why("it is planned, and its message is missing", "`gateway audit` says what is wrong")


def _span(time: timedelta) -> str:
    """How long something is: "3 min"."""
    seconds = abs(time.total_seconds())
    units = ((86_400, "days"), (3_600, "h"), (60, "min"))
    size, unit = next(((size, unit) for size, unit in units if seconds >= size), (1, "s"))
    count = round(seconds / size)
    return f"{count} {'day' if (count, unit) == (1, 'days') else unit}"
