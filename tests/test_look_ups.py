"""Leads that wait for their source: a page that is paused for a time, until the time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import clock
from gateway.errors import LookupPaused
from gateway.model import Event, Lead, LeadState
from gateway.pipeline import lookups
from gateway.pipeline.planning import Live
from gateway.settings import Settings
from gateway.store import entries, events, holds, leads
from gateway.store.ledger import Ledger

PAGE = "page 1002"
THROTTLED = LookupPaused("Facebook limits look-ups for a time", PAGE, until=7200)
SETTINGS = Settings.load({}, env_file=None)
LIVE = Live(0, (), "", "there")


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Path]:
    """The file that moves the clock."""
    clock.follow(tmp_path / "hands")
    yield tmp_path / "hands"
    clock.follow(None)


def wait(ledger: Ledger, *submissions: str) -> list[int]:
    """Put leads of the page into the ledger that wait for their look-up."""
    now = clock.now()
    fate = leads.Fate(LeadState.WAITING, "for its look-up", "lookup", now)
    with ledger.write() as connection:
        [event_id] = events.add(connection, [Event("facebook", "", now, "", "", b"{}")])
        found = [Lead("facebook", "700", now, submission) for submission in submissions]
        window = timedelta(minutes=10)
        ready = [(event_id, entries.ready(lead, fate, pause_key=PAGE, window=window)) for lead in found]
        return [lead_id for lead_id in entries.add(connection, ready) if lead_id]


def claim(ledger: Ledger) -> list[leads.StoredLead]:
    """Those that would call out now."""
    with ledger.write() as connection:
        return lookups.claim(connection, leads.due(connection, ("lookup",), clock.now(), 100), SETTINGS)


def fail(ledger: Ledger, stored: leads.StoredLead, error: LookupPaused) -> None:
    with ledger.write() as connection:
        lookups.settle(connection, lookups.LookedUp(stored, None, error), LIVE, SETTINGS)


def test_a_throttled_page_calls_nobody_until_its_time_is_over_and_no_lead_spends_an_attempt(
    ledger: Ledger, hands: Path
) -> None:
    wait(ledger, "1", "2", "3")
    first, *_ = claim(ledger)
    fail(ledger, first, THROTTLED)
    wait(ledger, "4")
    assert claim(ledger) == []

    clock.move(hands, 7100)
    wait(ledger, "5")
    assert claim(ledger) == []

    clock.move(hands, 101)
    assert len(claim(ledger)) == 1
    with ledger.read() as connection:
        assert {(one.state, one.tries) for one in leads.listing(connection)} == {(LeadState.WAITING, 0)}


def test_a_page_that_is_still_throttled_waits_the_whole_time_again(ledger: Ledger, hands: Path) -> None:
    wait(ledger, "1", "2")
    fail(ledger, claim(ledger)[0], THROTTLED)
    clock.move(hands, 7201)
    [probe] = claim(ledger)
    fail(ledger, probe, THROTTLED)

    clock.move(hands, 7100)
    wait(ledger, "3")
    assert claim(ledger) == []
    clock.move(hands, 101)
    assert len(claim(ledger)) == 1


def test_the_reason_of_a_pause_is_always_the_latest(ledger: Ledger) -> None:
    wait(ledger, "1", "2")
    taken = claim(ledger)
    fail(ledger, taken[0], THROTTLED)
    fail(ledger, taken[1], LookupPaused("Facebook refuses FACEBOOK_PAGE_TOKEN", PAGE))

    with ledger.read() as connection:
        assert holds.all_of(connection)[PAGE][0] == "Facebook refuses FACEBOOK_PAGE_TOKEN"
        assert {one.lead.reason for one in leads.listing(connection)} == {"Facebook refuses FACEBOOK_PAGE_TOKEN"}


def test_no_page_is_paused_for_longer_than_a_day_by_itself(ledger: Ledger) -> None:
    wait(ledger, "1")
    fail(ledger, claim(ledger)[0], LookupPaused("for ever", PAGE, until=1e12))

    with ledger.read() as connection:
        assert holds.all_of(connection)[PAGE][1] <= clock.now() + timedelta(days=1)


def test_while_one_lead_tries_a_paused_page_the_others_wait_for_the_next_trial(ledger: Ledger, hands: Path) -> None:
    wait(ledger, "1", "2", "3")
    fail(ledger, claim(ledger)[0], THROTTLED)
    clock.move(hands, 7201)
    [probe] = claim(ledger)

    with ledger.read() as connection:
        assert leads.due(connection, ("lookup",), clock.now(), 100) == []
        next_trial = holds.all_of(connection)[PAGE][1]
        others = [one for one in leads.listing(connection) if one.lead.id != probe.lead.id]
        assert leads.due(connection, ("lookup",), next_trial, 100)[-2:] == sorted(one.lead.id for one in others)
    assert next_trial > clock.now()


def test_a_look_up_that_no_thread_could_be_had_for_is_tried_later(ledger: Ledger, hands: Path) -> None:
    wait(ledger, "1")
    [stored] = claim(ledger)
    with ledger.write() as connection:
        lookups.settle(connection, lookups.never_asked(stored), LIVE, SETTINGS)
        [waiting] = leads.listing(connection)
    assert (waiting.state, waiting.lead.reason) == (
        LeadState.WAITING,
        "it could not be looked up: this machine is out of threads",
    )

    clock.move(hands, 10)
    assert len(claim(ledger)) == 1
