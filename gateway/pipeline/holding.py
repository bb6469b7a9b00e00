"""What is stopped: its deliveries are held, nothing is wrong with their leads. And when they leave again."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery
from gateway.store import held, holds, leads
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


def stop(connection: Connection, following: Next, probe_every: timedelta) -> None:
    """A delivery was held: note what it is that is stopped, and say so when it is news."""
    kind = following.hold.partition(" ")[0]
    now = clock.now()
    probe_at = now + probe_every * (1 if kind == Hold.ACCOUNT else CAMPAIGN_PATIENCE)
    if not holds.put(connection, kind, following.hold, following.reason, now=now, probe_at=probe_at):
        return
    if kind == Hold.CONTRACT:
        log.error("messages are held: %s", following.reason)
    else:
        log.error("%s is stopped, its messages are held: %s", following.hold, following.reason)


def lift(connection: Connection, keys: Iterable[str]) -> int:
    """End some holds; what they kept back leaves, the newest lead first. How many those are."""
    ended = list(keys)
    for key in ended:
        holds.lift(connection, key)
    return held.release(connection, clock.now(), ended)


def start_afresh(connection: Connection, account: str, *, alone: bool) -> None:
    """At a worker's start settings may have changed: what another key stopped leaves, and if no other worker
    is alive, everything that is stopped is tried anew."""
    stopped = holds.all_of(connection)
    lift(connection, [key for key in stopped if alone or (key.startswith(Hold.ACCOUNT) and key != account)])
    if alone:
        leads.wake(connection, "lookup", clock.now())


def follow_new_mapping(connection: Connection) -> None:
    """A new version is live: what waited for one is tried under it."""
    stopped = [*holds.all_of(connection, Hold.CAMPAIGN), *holds.all_of(connection, Hold.CONTRACT)]
    lift(connection, [*stopped, "mapping"])
    leads.wake(connection, "mapping", clock.now())
