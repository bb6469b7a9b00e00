"""What keeps messages back: the account, a campaign, a page, AiSensy itself, the calls of the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.console.stopped import of_account
from gateway.console.today.needs.look import Look
from gateway.console.today.needs.need import BAD, WARN, Need, Way, key, leads_way, mapping_way, sentence, several
from gateway.store import alerts, held, holds
from gateway.store.alerts import Alert
from gateway.store.daily import troubles
from gateway.store.holds import Hold


@dataclass(frozen=True, slots=True)
class _Stop:
    """Something that is stopped, and how many messages it keeps back."""

    key: str
    kind: str
    about: str  #: The rest of the key.
    reason: str
    since: datetime
    messages: int

    @property
    def waiting(self) -> str:
        """What it keeps back, in a sentence."""
        if not self.messages:
            return "No message waits for it now."
        return f"{several(self.messages, 'message waits', 'messages wait')}; nothing is lost."


def needs(look: Look) -> Iterator[Need]:
    """What is stopped, and what is slowed down."""
    kept = troubles.kept(look.connection)
    for name, reason, since in holds.since(look.connection):
        kind, _, about = name.partition(" ")
        yield _told(look, _Stop(name, kind, about, reason, since, kept.get(name, 0)))
    yield from _slowed(look)
    yield from _unclear(look)
    yield from _without_receipts(kept)


def _told(look: Look, stop: _Stop) -> Need:
    told = {Hold.ACCOUNT: _account, Hold.CAMPAIGN: _campaign, Hold.CONTRACT: _contract, Hold.PAGE: _page}
    return told[stop.kind](look, stop)


def _account(look: Look, stop: _Stop) -> Need:
    plain, cure = of_account(look.connection, stop.key)
    cause = f"{_says(stop.reason)} {stop.waiting} {cure}"
    ways = (_try(stop, "It is mended: try now"), *_waiting(stop))
    return Need(key("stop", stop.key), BAD, f"Sending is stopped: {plain}", cause, stop.since, ways)


def _campaign(look: Look, stop: _Stop) -> Need:
    name = stop.about.partition(" with ")[0]
    cause = f"{_says(stop.reason)} {stop.waiting} Mend the campaign in AiSensy, or the mapping that calls it."
    ways = (_try(stop, "It is mended: try now"), *_mappings(look, name), *_waiting(stop, name))
    return Need(key("stop", stop.key), BAD, f"Campaign {stop.about} is stopped", cause, stop.since, ways)


def _contract(look: Look, stop: _Stop) -> Need:
    cause = f"{sentence(stop.reason)} {stop.waiting} Mend the mapping, or the campaign in AiSensy."
    title = f"Messages of campaign {stop.about} are not what the campaign wants"
    ways = (
        _try(stop, "It is mended: try again"),
        *_mappings(look, stop.about),
        Way("See what campaigns want", "health.show"),
        *_waiting(stop, stop.about),
    )
    return Need(key("stop", stop.key), BAD, title, cause, stop.since, ways)


def _page(_look: Look, stop: _Stop) -> Need:
    cause = f"{sentence(stop.reason)} Its leads wait, and are fetched by themselves once that is mended."
    ways = (Way("See how Facebook is connected", "connect.show"), leads_way("See the leads that wait", state="waiting"))
    return Need(
        key("stop", stop.key), BAD, f"The leads of {stop.kind} {stop.about} cannot be fetched", cause, stop.since, ways
    )


def _try(stop: _Stop, says: str) -> Way:
    return Way(says, "today.try_now", {"key": stop.key}, posts=True)


def _waiting(stop: _Stop, campaign: str = "") -> tuple[Way, ...]:
    asked = {"state": "held"} | ({"campaign": campaign} if campaign else {})
    return (leads_way("See who waits", **asked),) if stop.messages else ()


def _mappings(look: Look, campaign: str) -> tuple[Way, ...]:
    return tuple(mapping_way(file) for file in look.callers(campaign))


def _slowed(look: Look) -> Iterator[Need]:
    """What holds nothing by itself: all that is due just waits."""
    told = {alerts.TROUBLE: _trouble, alerts.DAY: _day}
    open_ones = [one for one in alerts.listing(look.connection) if one.ended is None and one.key in told]
    waits = held.waiting(look.connection, look.now) if open_ones else 0
    for one in open_ones:
        yield told[one.key](one, several(waits, "message waits", "messages wait"))


def _trouble(alert: Alert, waits: str) -> Need:
    cause = f"{sentence(alert.cause)} {waits}; one at a time is tried until it answers again. Nothing to do here."
    return Need("aisensy", WARN, "AiSensy does not answer as it should", cause, alert.started)


def _day(alert: Alert, waits: str) -> Need:
    cause = f"{sentence(alert.cause)} {waits}; they leave after midnight UTC, or once GATEWAY_RATE_DAY is raised."
    return Need("day", WARN, "The calls of the day are used up", cause, alert.started)


def _unclear(look: Look) -> Iterator[Need]:
    """Promised by a mapping that, as it is now, makes no right message of them."""
    for some in troubles.unclear(look.connection):
        title = f"{several(some.count, 'message waits', 'messages wait')} for a better {some.mapping}"
        cause = f"{sentence(some.reason)} They leave by themselves once the mapping is mended."
        yield Need(key("unclear", some.mapping, some.reason), BAD, title, cause, None, (mapping_way(some.mapping),))


def _without_receipts(kept: Mapping[str, int]) -> Iterator[Need]:
    if count := kept.get(held.RECEIPTS, 0):
        title = f"{several(count, 'follow-up waits', 'follow-ups wait')}: nobody can know who replied"
        cause = "They are for people who did not reply, and no receipt ever came from AiSensy that would tell it."
        yield Need("receipts", WARN, title, cause, None, (Way("Connect receipts", "connect.show"),))


def _says(reason: str) -> str:
    """AiSensy's own word for it."""
    return f"AiSensy says: “{reason.rstrip('.')}”." if reason else ""
