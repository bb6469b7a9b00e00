"""What is stopped: its deliveries are held, nothing is wrong with their leads. And when they leave again."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery
from gateway.store import alerts, held, holds, leads
from gateway.store.deliveries import Next
from gateway.store.holds import Hold

log = logging.getLogger(__name__)

#: A stopped campaign is tried this many times less often than a stopped account.
CAMPAIGN_PATIENCE = 10


def campaign_keys(delivery: Delivery) -> tuple[str, str]:
    """What may stop a campaign: the whole of it, or its calls with that many parameters."""
    count = len(delivery.plan.call.get("templateParams", ()))
    plain = f"{Hold.CAMPAIGN} {delivery.campaign}"
    return plain, f"{plain} with {count} parameter{'' if count == 1 else 's'}"


def refused_key(delivery: Delivery, tag: str) -> str:
    """What a configuration error stops: the campaign; with a wrong count, only the calls with that count."""
    plain, counted = campaign_keys(delivery)
    return counted if tag == "param_mismatch" else plain


def contract_key(campaign: str) -> str:
    """What holds the calls that are not what their campaign wants."""
    return f"{Hold.CONTRACT} {campaign}"


def about(campaign: str, keys: Iterable[str]) -> list[str]:
    """Those of some holds that stop calls of one campaign.

    >>> about("offer", ["campaign offer", "campaign offer with 2 parameters", "contract offer", "campaign offer 2"])
    ['campaign offer', 'campaign offer with 2 parameters', 'contract offer']
    """
    its_own = re.compile(
        rf"{Hold.CONTRACT} {re.escape(campaign)}|{Hold.CAMPAIGN} {re.escape(campaign)}(?: with \d+ parameters?)?"
    )
    return [key for key in keys if its_own.fullmatch(key)]


def stop(connection: Connection, following: Next, probe_every: timedelta, *, messages: int = 1) -> None:
    """So many deliveries were held: note what it is that is stopped, and say so when it is news."""
    kind, key = following.hold.partition(" ")[0], following.hold
    now = clock.now()
    probe_at = now + probe_every * (1 if kind == Hold.ACCOUNT else CAMPAIGN_PATIENCE)
    if holds.put(connection, kind, key, following.reason, now=now, probe_at=probe_at):
        alerts.begin(connection, key, following.reason, now)
        what = "messages are held" if kind == Hold.CONTRACT else f"{key} is stopped, its messages are held"
        log.error("%s: %s", what, following.reason)
    alerts.count(connection, key, messages)


def hold_due(connection: Connection, key: str, reason: str) -> None:
    """Hold all that would leave now by what is stopped."""
    if count := held.hold_due(connection, key, reason, clock.now()):
        alerts.count(connection, key, count)


def lift(connection: Connection, keys: Iterable[str], *, over: bool = True) -> int:
    """End some holds; what they kept back leaves, the newest lead first. How many those are.

    `over`: what was wrong is seen to be right; else it is only tried anew.
    """
    now, count = clock.now(), 0
    for key in keys:
        holds.lift(connection, key)
        released = held.release(connection, now, [key])
        say_over(connection, key, f"{counted(released)} leave", over=over)
        count += released
    return count


def say_over(connection: Connection, key: str, then: str = "its leads are looked up", *, over: bool = True) -> None:
    """End the alert about what was stopped, if there is one, and say so."""
    now = clock.now()
    if alert := alerts.end(connection, key, now):
        how = f"is over after {lasted(now - alert.started)}" if over else "is tried anew"
        log.warning("what stopped %s %s: %s", key, how, then)


def counted(count: int) -> str:
    """How many messages, in words.

    >>> counted(1), counted(1200)
    ('1 message', '1,200 messages')
    """
    return "1 message" if count == 1 else f"{count:,} messages"


def lasted(time: timedelta) -> str:
    """How long something went on.

    >>> lasted(timedelta(seconds=40)), lasted(timedelta(minutes=12, seconds=9)), lasted(timedelta(hours=50))
    ('40 s', '12 min', '50 h')
    """
    seconds = max(round(time.total_seconds()), 0)
    for size, unit, least in ((3600, "h", 7200), (60, "min", 60)):
        if seconds >= least:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def start_afresh(connection: Connection, account: str, *, alone: bool) -> None:
    """At a worker's start settings may have changed: what another key stopped leaves, and if no other worker
    is alive, everything that is stopped is tried anew. So is what waits for a mapping: this version of the program may
    read one that another could not."""
    stopped = holds.all_of(connection)
    anew = [key for key in stopped if alone or (key.startswith(Hold.ACCOUNT) and key != account)]
    lift(connection, [*anew, held.MAPPING], over=False)
    leads.wake(connection, "mapping", clock.now())
    if alone:
        leads.wake(connection, "lookup", clock.now())


def follow_new_mapping(connection: Connection) -> None:
    """A new version is live: what waited for one is tried under it."""
    stopped = [*holds.all_of(connection, Hold.CAMPAIGN), *holds.all_of(connection, Hold.CONTRACT)]
    lift(connection, [*stopped, held.MAPPING], over=False)
    leads.wake(connection, "mapping", clock.now())
