"""How many calls leave: never more than the rate allows, over all workers, and what is fresh goes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness import Running, running, wait_for
from hypothesis import given
from hypothesis import strategies as st

from gateway import clock
from gateway.pipeline.rates import SKEW, Rate, of_today, refilled
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings
from gateway.store import standing
from gateway.store.budgets import Bucket
from gateway.store.ledger import Ledger

START = datetime(2026, 11, 22, 12, tzinfo=UTC)

#: Seconds go by, then so many calls want to leave.
WANTED = st.lists(st.tuples(st.floats(0, 30), st.integers(0, 20)), max_size=60)

RATES = st.floats(0.1, 60)


def person(number: int) -> dict[str, str]:
    return {"name": f"Mira Sample{number}", "phone": f"+1202555{100 + number:04}", "interest": "2 BHK"}


def _leave(bucket: Bucket, rate: float, now: datetime, wanted: int) -> tuple[Bucket, int]:
    """As many leave as may."""
    bucket = refilled(bucket, rate, now)
    left = min(wanted, int(bucket.tokens + 1e-6))
    return Bucket(bucket.tokens - left, bucket.at), left


def _full(rate: float) -> float:
    return max(1.0, rate)


@given(WANTED, RATES)
def test_in_no_span_of_time_do_more_calls_leave_than_a_full_bucket_and_its_refill(
    wanted: list[tuple[float, int]], rate: float
) -> None:
    bucket, now, left = Bucket(_full(rate), START), START, []
    for seconds, count in wanted:
        now += timedelta(seconds=seconds)
        bucket, gone = _leave(bucket, rate, now, count)
        left.append((now, gone))

    for first, (begin, _) in enumerate(left):
        for last in range(first, len(left)):
            seconds = (left[last][0] - begin).total_seconds()
            assert sum(count for _at, count in left[first : last + 1]) <= _full(rate) + rate * seconds + 0.01


@given(WANTED, RATES, st.floats(-86_400, 86_400))
def test_a_clock_that_steps_neither_blocks_calls_nor_floods_aisensy(
    wanted: list[tuple[float, int]], rate: float, step: float
) -> None:
    bucket, now, before = Bucket(_full(rate), START), START, 0
    for seconds, count in wanted:
        now += timedelta(seconds=seconds)
        bucket, gone = _leave(bucket, rate, now, count)
        before += gone
    went_by = (now - START).total_seconds()

    stepped = now + timedelta(seconds=step)
    bucket, at_once = _leave(bucket, rate, stepped, 1000)
    _bucket, later = _leave(bucket, rate, stepped + SKEW + timedelta(seconds=1 / rate + 0.01), 1000)

    assert before + at_once <= 2 * _full(rate) + rate * went_by + 0.01
    assert later >= 1


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=50), RATES)
def test_two_machines_whose_clocks_differ_a_little_send_no_more_than_one(skews: list[float], rate: float) -> None:
    bucket, sent = Bucket(0.0, START), 0
    for skew in skews:
        bucket, gone = _leave(bucket, rate, START + timedelta(seconds=abs(skew)), 1000)
        sent += gone

    assert sent <= rate * 10 + 1


@given(st.lists(st.integers(0, 40), max_size=40))
def test_a_day_s_calls_start_anew_at_midnight_alone(hours: list[int]) -> None:
    bucket, now, by_day = Bucket(0.0, START), START, dict[str, int]()
    for step in hours:
        now += timedelta(hours=step)
        bucket = of_today(bucket, now)
        count = min(7, 10 + round(bucket.tokens))
        bucket = Bucket(bucket.tokens - count, bucket.at)
        by_day[f"{now:%F}"] = by_day.get(f"{now:%F}", 0) + count

    assert all(count <= 10 for count in by_day.values())


def test_the_calls_of_two_workers_together_keep_the_rate(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=False, GATEWAY_RATE="20", GATEWAY_THREADS="16") as gateway:
        for number in range(50):
            gateway.post_website(**person(number))
        gateway.start_worker()
        if not ledger.on_sqlite:  # which takes one worker alone
            gateway.start_worker()
        found = gateway.wait_for_states(accepted=50)

    left = sorted(one.left for one in found if one.left)
    for first, begin in enumerate(left):
        for last in range(first, len(left)):
            assert last - first + 1 <= 20 + 20 * (left[last] - begin).total_seconds() + 1
    assert (left[-1] - left[0]).total_seconds() < 6, "tokens came, and nothing left"


def test_a_fresh_lead_overtakes_a_hundred_that_were_released(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, GATEWAY_RATE="5") as gateway:
        gateway.fault(credit="none")
        for number in range(100):
            gateway.post_website(**person(number))
        gateway.wait_for_states(held=100)
        gateway.fault(credit="back")
        gateway.move_clock(31)
        wait_for(gateway.calls, lambda calls: len(calls) > 1)

        gateway.post_website(**person(500))

        wait_for(gateway.calls, lambda calls: "Mira Sample500" in _names(calls))
        assert len(gateway.calls()) < 40


def _names(calls: list[dict[str, str]]) -> list[str]:
    return [call["userName"] for call in calls]


def test_when_the_day_s_calls_are_used_up_the_rest_leaves_after_midnight(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with running(ledger, box, tmp_path, GATEWAY_RATE_DAY="3") as gateway:
        gateway.move_clock(_seconds_until_noon())
        for number in range(5):
            gateway.post_website(**person(number))
        gateway.wait_for_states(accepted=3, scheduled=2)
        shown = wait_for(lambda: gateway.command("alerts").output, lambda text: "goes on" in text)
        assert "the 3 calls of the day (GATEWAY_RATE_DAY) are used up" in shown

        gateway.move_clock(12 * 3600 + 60)

        gateway.wait_for_states(accepted=5)
        shown = gateway.command("alerts").output
        assert "goes on" not in shown
        assert "12 h" in shown


def _seconds_until_noon() -> float:
    now = clock.now()
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return ((noon - now) % timedelta(days=1)).total_seconds()


def test_retries_and_trials_count_against_the_day(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, GATEWAY_RATE_DAY="3") as gateway:
        gateway.move_clock(_seconds_until_noon())
        gateway.fault(status=503, times=2)
        gateway.post_website(**person(1))
        for tries in (1, 2):
            wait_for(gateway.delivery, lambda one, wanted=tries: one is not None and one.tries == wanted)  # type: ignore[misc]
            gateway.move_clock(40)
        gateway.wait_for_delivery("accepted")

        gateway.post_website(**person(2))

        gateway.wait_for_states(accepted=1, scheduled=1)
        assert gateway.seen()["send"] == 3


def test_without_a_rate_no_bucket_is_kept(gateway: Running) -> None:
    gateway.post_website(**person(1))
    gateway.wait_for_states(accepted=1)

    with gateway.ledger.write() as connection:
        stands = standing.look(connection)
        assert not stands.buckets
        assert Rate(gateway.settings).left(connection, stands, 8, START) == 8


def test_what_one_worker_spends_another_does_not_have(ledger: Ledger) -> None:
    one, another = (Rate(Settings.load({"GATEWAY_RATE": "5", "GATEWAY_RATE_DAY": "9"}, None)) for _ in range(2))
    with ledger.write() as connection:
        stands = standing.look(connection)
        assert one.left(connection, stands, 8, START) == 5
        one.spend(connection, stands, 3, START)

    with ledger.write() as connection:
        stands = standing.look(connection)
        assert another.left(connection, stands, 8, START) == 2
        assert another.pause(0.3) == 0.2
        another.spend(connection, stands, 2, START)
        later = START + timedelta(seconds=1)
        assert another.left(connection, standing.look(connection), 8, later) == 4
