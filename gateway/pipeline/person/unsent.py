"""Why a delivery has not been accepted, in one plain sentence, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway import clock
from gateway.mapping.limits import NAMES
from gateway.model import Delivery, DeliveryState
from gateway.pipeline.planning import Live

#: The tag of what is stopped because its number is suppressed.
SUPPRESSED = "suppressed"

#: What is due for longer than this should have left.
_LATE = timedelta(minutes=1)


class Cure(StrEnum):
    """What a person can do about it, besides mending what is wrong."""

    REPLAY = "replay"  #: Once what is wrong is mended.
    RELEASE = "release"  #: Let it be tried at once.
    DESPITE = "despite"  #: Send it although a limit stops it.
    RESOLVE = "resolve"  #: Say what became of it.
    UNSUPPRESS = "unsuppress"  #: Take the number off the suppression list.
    MAPPING = "mapping"  #: Mend the mapping.
    BEGIN = "begin"  #: Begin a mapping for its form.
    START = "start"  #: Start the gateway.
    FIRST = "first"  #: Look at the lead that it is a duplicate of.


@dataclass(frozen=True, slots=True)
class Why:
    """Why nothing was sent."""

    sentence: str
    cure: str  #: What a person can do; it begins with "nothing" where there is nothing to do.
    can: tuple[Cure, ...] = ()  #: The same for those who have buttons instead of commands.
    when: datetime | None = None  #: When something happens by itself.


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that is stopped."""

    reason: str
    since: datetime
    probe: datetime | None  #: When one message or look-up tries it next; None: nothing is tried until it is mended.


@dataclass(frozen=True, slots=True)
class World:
    """What lies around one lead."""

    live: Live
    stops: Mapping[str, Stop]  #: By what is stopped: "campaign price_list".
    rest: datetime | None  #: Until when nothing leaves, because AiSensy is in trouble; None: it is not.
    received: Mapping[int, datetime]  #: When the leads came that others are duplicates of.


def why_unsent(delivery: Delivery, world: World, name: str = "") -> Why:
    """Why AiSensy has not accepted this delivery (it must not be an accepted one). `name`: what it is called."""
    return _Unsent(delivery, world, name or f"d{delivery.id}").why()


def moment(at: datetime) -> str:
    return f"{at:%d %b %Y, %H:%M} UTC"


def coming(at: datetime) -> str:
    """When something happens by itself."""
    return f"on {moment(at)}" if at > clock.now() else "at once"


class _Unsent:
    def __init__(self, delivery: Delivery, world: World, name: str) -> None:
        self.id = f"d{delivery.id}"
        self.name = name
        self.delivery = delivery
        self.world = world
        self.again = f"`gateway replay l{delivery.lead_id}`"

    def why(self) -> Why:
        told = {
            DeliveryState.SCHEDULED: self._scheduled,
            DeliveryState.SENDING: self._sending,
            DeliveryState.RETRYING: self._retrying,
            DeliveryState.HELD: self._held,
            DeliveryState.FAILED: self._failed,
            DeliveryState.UNCERTAIN: self._uncertain,
            DeliveryState.CANCELLED: self._cancelled,
            DeliveryState.SKIPPED: self._skipped,
        }
        return told[self.delivery.state]()

    def _scheduled(self) -> Why:
        if self.world.rest is not None:
            sentence = f"{self.name} is due, but AiSensy is in trouble, so one message at a time is tried"
            cure = f"nothing; the next one is tried {coming(self.world.rest)}"
            return Why(sentence, cure, self._limited(), self.world.rest)
        if clock.now() - self.delivery.due > _LATE:
            return Why(
                f"{self.name} was due on {moment(self.delivery.due)} and has not left",
                "start the gateway",
                (Cure.START,),
            )
        because = f": {self.delivery.reason}" if self.delivery.reason else ""
        cure = f"nothing; it leaves {coming(self.delivery.due)}"
        return Why(f"{self.name} has not left yet{because}", cure, self._limited(), self.delivery.due)

    def _limited(self) -> tuple[Cure, ...]:
        return (Cure.DESPITE,) if self.delivery.tag in NAMES else (Cure.RELEASE,)

    def _sending(self) -> Why:
        return Why(f"{self.name} is being sent at this moment", "nothing; look again")

    def _retrying(self) -> Why:
        sentence = f"AiSensy could not take {self.name} yet: {self.delivery.reason}"
        cure = f"nothing; it is tried again {coming(self.delivery.due)}"
        return Why(sentence, cure, (Cure.RELEASE,), self.delivery.due)

    def _held(self) -> Why:
        stop = self.world.stops.get(self.delivery.hold)
        if stop is not None:
            return self._stopped(stop)
        cure = f"mend {self.delivery.mapping}; {self.name} leaves by itself once the change is live"
        return Why(f"{self.name} waits for a mapping that is right: {self.delivery.reason}", cure, (Cure.MAPPING,))

    def _stopped(self, stop: Stop) -> Why:
        if stop.probe is None:
            sentence = f"{self.name} waits since {moment(stop.since)}: {stop.reason}"
            mend = f"run `gateway contracts fetch` and mend {self.delivery.mapping}, or mend the campaign in AiSensy"
            return Why(sentence, f"{mend}; {self.name} then leaves by itself", (Cure.MAPPING, Cure.RELEASE))
        sentence = f"the {self.delivery.hold} is stopped since {moment(stop.since)}: {stop.reason}"
        cure = f"mend that; {self.name} then leaves by itself (one is tried {coming(stop.probe)})"
        return Why(sentence, cure, (Cure.RELEASE,), stop.probe)

    def _failed(self) -> Why:
        sentence = f"{self.name} was refused for good: {self.delivery.reason}"
        return Why(sentence, f"mend that, then {self.again}", (Cure.REPLAY,))

    def _uncertain(self) -> Why:
        resolve = f"`gateway resolve {self.id}"
        again = f"{resolve} send-again`"
        if self.delivery.tag in NAMES:  # a limit kept it from being sent again
            again = f"`gateway replay {self.id} --again --despite {self.delivery.tag}`"
        cure = f"look for it in AiSensy; if it is there: {resolve} sent`, if not: {again}"
        return Why(
            f"nobody knows whether {self.name} reached the person: {self.delivery.reason}", cure, (Cure.RESOLVE,)
        )

    def _cancelled(self) -> Why:
        sentence = f"{self.name} was taken back before it left: {self.delivery.reason}"
        return Why(sentence, f"nothing, if that is right; else {self.again}", (Cure.REPLAY,))

    def _skipped(self) -> Why:
        how, can = self._despite()
        return Why(f"a limit stopped {self.name}: {self.delivery.reason}", f"nothing, if that is right; {how}", can)

    def _despite(self) -> tuple[str, tuple[Cure, ...]]:
        """How a person sends it all the same."""
        if self.delivery.tag == SUPPRESSED:
            how = f"if the person agreed anew: `gateway suppress remove` with the number, then {self.again}"
            return how, (Cure.UNSUPPRESS, Cure.REPLAY)
        limited = self.delivery.tag in NAMES
        lifted = f" --despite {self.delivery.tag}" if limited else ""
        can = (Cure.DESPITE,) if limited else (Cure.REPLAY,)
        return f"to send it anyway: `gateway replay {self.id}{lifted}`", can
