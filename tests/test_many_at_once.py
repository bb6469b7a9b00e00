"""Many calls leave in one transaction, and many answers go in with one: as each would alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from harness import PERSON, Running, mapping, somebody, wait_for
from sqlalchemy import Connection, event, select, update

from gateway import clock
from gateway.model import Outcome, OutcomeKind
from gateway.pipeline import holding, results
from gateway.pipeline.answer import Answer, Claimed
from gateway.pipeline.sending import FAULT
from gateway.store import deliveries, holds, standing, tables
from gateway.worker import Worker

YES = Outcome(OutcomeKind.ACCEPTED, "accepted", "AiSensy took the call", 200, "m1")
UNCLEAR = Outcome(OutcomeKind.UNKNOWN, "timeout", "no answer came")

#: What no database takes.
UNWRITABLE: Any = Outcome(OutcomeKind.ACCEPTED, "accepted", None, 200, "m1")  # type: ignore[arg-type]


@dataclass(frozen=True)
class ByHand:
    """A gateway whose worker rests: what it would do is done here, step by step."""

    gateway: Running
    worker: Worker

    def claim(self, connection: Connection, most: int, ids: list[int] | None = None) -> list[Claimed]:
        """What leaves of `ids`, or of what is due."""
        wanted = ids or deliveries.due(connection, clock.now(), most)
        return self.worker.sending.claim(connection, standing.look(connection), wanted, most, self.worker.live)

    def enter(self, *answers: Answer) -> None:
        """What came of some calls goes in together."""
        named = [(f"call {number}", answer) for number, answer in enumerate(answers)]
        with self.gateway.ledger.write() as connection:
            results.enter(connection, self.worker.settling, named)


@pytest.fixture
def ready(gateway: Running) -> ByHand:
    """Eight messages are due, and nobody sends them."""
    return at_rest(gateway, [somebody(number) for number in range(8)])


def at_rest(gateway: Running, people: Sequence[dict[str, str]], limits: str = "") -> ByHand:
    """A message for each of some people is due, and nobody sends them."""
    gateway.write_mapping("other.yaml", mapping() + "    if_uncertain: send again\n" + limits)
    gateway.fault(credit="none")
    for count, answers in enumerate(people, 1):
        gateway.post_website("other", **answers)
        gateway.wait_for_states(held=count)  # before the next, or a limit might keep that one back
    [(worker, _thread)] = gateway.workers
    gateway.stop_worker()
    with gateway.ledger.write() as connection:
        holding.lift(connection, holds.all_of(connection))
    return ByHand(gateway, worker)


@contextmanager
def counted(gateway: Running) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*said: Any) -> None:
        sent.append(said[2])

    event.listen(gateway.ledger.engine, "before_cursor_execute", note)
    yield sent
    event.remove(gateway.ledger.engine, "before_cursor_execute", note)


def test_many_cost_no_more_statements_than_one(ready: ByHand) -> None:
    asked: list[int] = []
    for most in (1, 6):
        with counted(ready.gateway) as sent:
            with ready.gateway.ledger.write() as connection:
                claimed = ready.claim(connection, most)
            ready.enter(*(Answer(one, YES) for one in claimed))
        assert len(claimed) == most
        asked.append(len(sent))

    assert asked[0] == asked[1]
    ready.gateway.wait_for_states(accepted=7, scheduled=1)


def test_an_answer_that_cannot_be_written_down_takes_no_other_with_it(ready: ByHand) -> None:
    with ready.gateway.ledger.write() as connection:
        first, odd, last = ready.claim(connection, 3)

    ready.enter(Answer(first, YES), Answer(odd, UNWRITABLE), Answer(last, YES))

    found = {one.id: one.state for one in ready.gateway.wait_for_states(accepted=2, sending=1, scheduled=5)}
    assert found[odd.delivery.id] == "sending", "its lease runs out, and nobody knows"


def test_what_came_of_two_tries_of_one_message_is_heard_in_its_order(ready: ByHand) -> None:
    with ready.gateway.ledger.write() as connection:
        [earlier] = ready.claim(connection, 1)
    ready.enter(Answer(earlier, UNCLEAR))
    ready.gateway.move_clock(121)
    with ready.gateway.ledger.write() as connection:
        [again] = ready.claim(connection, 1, [earlier.delivery.id])
    refused = Outcome(OutcomeKind.RECIPIENT, "bad_number", "no such number", 400)

    ready.enter(Answer(earlier, YES), Answer(again, refused))

    [found] = [one for one in ready.gateway.deliveries() if one.id == earlier.delivery.id]
    assert found.state == "accepted", "the earlier try was taken, so it is never called failed"


def test_one_message_leaves_once_however_often_it_is_named(ready: ByHand) -> None:
    with ready.gateway.ledger.write() as connection:
        [due] = deliveries.due(connection, clock.now(), 1)
        claimed = ready.claim(connection, 8, [due, due])

    assert [one.delivery.id for one in claimed] == [due]
    ready.gateway.wait_for_states(sending=1, scheduled=7)


def test_a_delivery_that_cannot_even_be_read_is_put_off_alone(ready: ByHand) -> None:
    [odd, *others] = [one.id for one in ready.gateway.deliveries()]
    with ready.gateway.ledger.write() as connection:
        connection.execute(update(tables.deliveries).where(tables.deliveries.c.id == odd).values(plan="{"))
    ready.gateway.fault(credit="back")
    ready.gateway.start_worker()

    def states() -> dict[int, tuple[str, str]]:
        with ready.gateway.ledger.read() as connection:
            found = connection.execute(
                select(tables.deliveries.c.id, tables.deliveries.c.state, tables.deliveries.c.reason)
            )
            return {one.id: (one.state, one.reason) for one in found}

    seen = wait_for(states, lambda now: all(now[one][0] == "accepted" for one in others))
    assert seen[odd] == ("scheduled", FAULT)


def test_a_message_that_leaves_again_is_one_of_those_that_its_person_gets_a_day(gateway: Running) -> None:
    visits = [PERSON | {"name": f"Mira, visit {number}"} for number in range(3)]
    by_hand = at_rest(gateway, visits, "limits:\n  no_more_than: 2 per person per day\n")
    again, second, third = leave_one_in_doubt(by_hand)

    with gateway.ledger.write() as connection:
        assert ids_of(by_hand.claim(connection, 8, [again, second])) == [again]
    [waiting] = [one for one in gateway.deliveries() if one.id == second]
    assert (waiting.state, waiting.tag) == ("scheduled", "spacing"), "it is the second of two"

    gateway.move_clock(11)
    with gateway.ledger.write() as connection:
        assert ids_of(by_hand.claim(connection, 8, [second, third])) == [second]
    [skipped] = [one for one in gateway.deliveries() if one.id == third]
    assert (skipped.state, skipped.tag) == ("skipped", "no_more_than")


def test_a_message_that_leaves_again_is_one_of_those_that_its_rule_makes_an_hour(gateway: Running) -> None:
    people = [somebody(number) for number in range(3)]
    by_hand = at_rest(gateway, people, "limits:\n  no_more_than: 2 per rule per hour\n")
    again, second, third = leave_one_in_doubt(by_hand)

    with gateway.ledger.write() as connection:
        assert ids_of(by_hand.claim(connection, 8, [again, second, third])) == [again, second]

    [waiting] = [one for one in gateway.deliveries() if one.id == third]
    assert (waiting.state, waiting.tag) == ("scheduled", "no_more_than")


def leave_one_in_doubt(by_hand: ByHand) -> list[int]:
    """Nobody knows what came of the first of what is due, and it is time to send it again; the ids, this one first."""
    with by_hand.gateway.ledger.write() as connection:
        [unclear] = by_hand.claim(connection, 1)
    by_hand.enter(Answer(unclear, UNCLEAR))
    by_hand.gateway.move_clock(121)
    first = unclear.delivery.id
    return [first, *(one.id for one in by_hand.gateway.deliveries() if one.id != first)]


def ids_of(claimed: Sequence[Claimed]) -> list[int]:
    return [one.delivery.id for one in claimed]
