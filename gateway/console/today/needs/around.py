"""What is wrong around the leads: worker, disk, refused requests, forms that changed or fell silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import RowMapping

from gateway.console.today.needs.look import Look
from gateway.console.today.needs.need import BAD, CALM, WARN, Need, Way, key, mapping_way, sentence, several
from gateway.console.words import span
from gateway.inbound.source import names
from gateway.mapping.drift import DriftKind
from gateway.mapping.reader.check import choose
from gateway.pipeline.disk import room
from gateway.pipeline.silence import Silence, silence
from gateway.store import drifts, events, measures, pulse
from gateway.store.daily import rhythm
from gateway.store.drifts import Drifted

#: What was refused longer ago is history; so long is a new answer news; so late is too late, in seconds.
_RECENT, _NEWS, _LATE = timedelta(days=1), timedelta(days=7), 120.0

#: What mends a refusal, by its status.
_CURES = {
    400: "The request was empty. Send the form with its answers.",
    401: "What shows that it comes from your form was wrong or not there. Compare the address and the secret.",
    405: "The address takes only what a form posts. Paste it as a webhook address.",
    413: "The request was too large. GATEWAY_MAX_BODY on the server says how large it may be.",
    503: "A setting is missing on the server. Connect says which.",
}

_TOLD = {DriftKind.GONE: "is gone from", DriftKind.CHANGED: "changed in", DriftKind.NEW: "is new in"}


def needs(look: Look) -> Iterator[Need]:
    """All of them."""
    yield from _worker(look)
    yield from _disk(look)
    yield from _nothing_live(look)
    yield from _refused(look)
    yield from _silent(look)
    yield from _drifted(look)


def _worker(look: Look) -> Iterator[Need]:
    """Nothing leaves without one; with one, nothing should be late."""
    workers = pulse.of(look.connection, pulse.WORKER)
    faults = [pulse.fault(worker, look.now) for worker in workers] or ["no worker has started yet"]
    if "" not in faults:
        title = f"No message leaves: {_plain(faults[0])}"
        cause = "Leads are still taken and kept; all of it goes on once the gateway's worker runs again."
        since = workers[0].at if workers else None
        yield Need("worker", BAD, title, cause, since, (Way("See how it is", "health.show"),))
        return
    seen = measures.take(look.connection, look.now)
    late = max(seen.oldest_due, seen.oldest_event, seen.oldest_lead)
    if late > _LATE and not seen.slowed and not any(seen.open_alerts.values()):
        cause = "More is to be done than gets done. The queue under Health shows what waits."
        yield Need("late", WARN, "Messages leave late", cause, None, (Way("See the queue", "health.show"),))


def _plain(fault: str) -> str:
    """Without the seconds, which are others at every look."""
    return "the worker is silent" if "silent" in fault else fault


def _disk(look: Look) -> Iterator[Need]:
    disk = room(look.desk.ledger, look.desk.settings)
    if disk and disk.low:
        cause = "When it is full, leads are answered with “come again”, and none is stored. Make room on the server."
        yield Need("disk", BAD, "The disk is nearly full", cause, None, (Way("See how much is left", "health.show"),))


def _nothing_live(look: Look) -> Iterator[Need]:
    if not look.live.mappings and not look.live.unreadable:
        cause = "Leads are taken and kept, and nothing is sent. Connect a form first; a mapping is made of its leads."
        yield Need(
            "no-mapping", WARN, "No mapping is live yet", cause, None, (Way("To the mappings", "mappings.show"),)
        )


def _refused(look: Look) -> Iterator[Need]:
    """Of sources that we know: what is sent to any other address is the noise of the internet."""
    known = (*names(), "aisensy")
    for row in events.refused(look.connection):
        if row["source"] in known and row["last_at"] > look.now - _RECENT:
            yield _refusal(row)


def _refusal(row: RowMapping) -> Need:
    source, cause = row["source"], row["cause"]
    title = f"{source}: requests are refused ({cause})"
    says = f"{_CURES.get(row['status'], 'Compare it with the steps under Connect.')}"
    counted = f"{several(row['times'], 'request')} so far; what is refused is not stored."
    way = Way(f"How to connect {source}", "connect.source", {"name": source})
    return Need(key("refused", source, cause), WARN, title, f"{says} {counted}", row["last_at"], (way,), lately=True)


def _silent(look: Look) -> Iterator[Need]:
    for source in names():
        if found := silence(rhythm.newest(look.connection, source), look.now):
            title = f"{source} has been silent for long"
            cause = f"{usual(found)} Look whether the form still posts here, and whether its ads still run."
            ways = (
                Way("How it is connected", "connect.source", {"name": source}),
                Way("See its leads", "leads.show", {"source": source}),
            )
            yield Need(key("silent", source), WARN, title, cause, found.since, ways)


def usual(found: Silence) -> str:
    """How often a source sent before, in a sentence."""
    return f"Between its last {found.leads} leads there were never more than {span(found.longest.total_seconds())}."


def _drifted(look: Look) -> Iterator[Need]:
    """Answers that are gone or changed, until that is over; new ones for a week."""
    for one in drifts.standing(look.connection):
        if one.kind == DriftKind.NEW and one.since < look.now - _NEWS:
            continue
        yield _drift(look, one)


def _drift(look: Look, one: Drifted) -> Need:
    mapping = choose(look.live.mappings, one.source, one.form)
    where = f"{one.source} {one.form}".rstrip()
    title = f"The answer “{one.answer}” {_TOLD[DriftKind(one.kind)]} {where}"
    tone = CALM if one.kind == DriftKind.NEW else WARN
    ways = (mapping_way(mapping.file),) if mapping else ()
    name = key("drift", one.kind, one.source, one.form, one.answer)
    return Need(name, tone, title, sentence(one.says), one.since, ways)
