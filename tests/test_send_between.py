"""The hours in which a call may leave: by the recipient's clock, wherever its number may be."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mapping.limits import Window
from gateway.phone import places
from gateway.pipeline.gate.hours import DAYS, opening

OFFICE = Window(time(9), time(20))
NIGHT = Window(time(22), time(6))
QUARTER = timedelta(minutes=15)

INDIA, EMIRATES, NEW_YORK, AUSTRALIA = "+919876543210", "+971501234567", "+12025550143", "+61412345678"
LONDON, ADELAIDE, SYDNEY = "Europe/London", "Australia/Adelaide", "Australia/Sydney"


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def there(moment: datetime | None, zone: str) -> str:
    """What a clock shows then."""
    assert moment is not None
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def test_within_the_hours_a_call_leaves_at_once_and_outside_them_at_the_next_opening() -> None:
    noon, evening = at("2026-11-22T06:30"), at("2026-11-22T14:30")

    assert opening([OFFICE], places.clocks(INDIA), noon) == noon
    assert there(opening([OFFICE], places.clocks(INDIA), evening), "Asia/Kolkata") == "2026-11-23 09:00 IST"
    assert opening([OFFICE], places.clocks(INDIA), at("2026-11-22T03:30")) == at("2026-11-22T03:30")
    assert opening([OFFICE], places.clocks(INDIA), evening - QUARTER) == evening - QUARTER


def test_hours_over_midnight_are_open_on_both_sides_of_it() -> None:
    zones = places.clocks(EMIRATES)

    for hour in ("19:00", "21:00", "01:59"):  # 23:00, 01:00 and 05:59 there
        assert opening([NIGHT], zones, at(f"2026-11-22T{hour}")) == at(f"2026-11-22T{hour}")
    assert there(opening([NIGHT], zones, at("2026-11-22T02:00")), "Asia/Dubai") == "2026-11-22 22:00 +04"


def test_the_hours_must_be_open_wherever_the_number_may_be() -> None:
    zones = places.clocks(AUSTRALIA)
    assert len(zones) > 3

    opens = opening([Window(time(9), time(21))], zones, at("2026-11-22T14:00"))

    assert opens is not None
    shown = [opens.astimezone(ZoneInfo(zone)).time() for zone in zones]
    assert min(shown) == time(9)
    assert max(shown) < time(21)


def test_where_zones_never_agree_there_is_no_such_moment() -> None:
    russia = places.clocks("+79161234567")

    assert opening([Window(time(9), time(12))], russia, at("2026-11-22T14:00")) is None
    assert (
        opening([Window(time(9), time(12)), Window(time(13), time(18))], places.clocks(INDIA), at("2026-11-22")) is None
    )


def test_an_hour_that_the_clock_leaps_over_opens_as_it_lands_behind_it() -> None:
    night_call = Window(time(2, 30), time(5))  # on 8 March 2026 New York goes from 02:00 to 03:00

    opens = opening([night_call], places.clocks(NEW_YORK), at("2026-03-08T06:00"))

    assert there(opens, "America/New_York") == "2026-03-08 03:00 EDT"


def test_an_hour_that_comes_twice_is_open_both_times() -> None:
    first_hour = Window(time(1, 15), time(1, 45))  # on 25 October 2026 London has it twice
    between = at("2026-10-25T00:50")  # 01:50, the first time

    again = opening([first_hour], [LONDON], between)

    assert there(again, LONDON) == "2026-10-25 01:15 GMT"


def test_a_window_that_the_clock_falls_back_into_opens_at_that_moment() -> None:
    late = Window(time(1, 30), time(1, 59))

    assert opening([late], [LONDON], at("2026-10-25T00:59")) == at("2026-10-25T01:30")
    early = Window(time(0, 30), time(1, 30))
    assert opening([early], [LONDON], at("2026-10-25T00:45")) == at("2026-10-25T01:00")


def test_the_same_hours_before_and_after_the_clock_was_changed() -> None:
    winter = opening([OFFICE], [LONDON], at("2026-03-28T22:00"))

    assert there(winter, LONDON) == "2026-03-29 09:00 BST"
    assert winter == at("2026-03-29T08:00")


@pytest.mark.parametrize(
    ("number", "timezone", "home"),
    [
        (AUSTRALIA, "", SYDNEY),
        (AUSTRALIA, "Australia/Perth", "Australia/Perth"),
        (AUSTRALIA, "Asia/Kolkata", SYDNEY),
        ("+79161234567", "", "Europe/Moscow"),
        ("+34612345678", "", "Europe/Madrid"),
        (INDIA, "Asia/Dubai", "Asia/Kolkata"),
        ("+870776123456", "Asia/Dubai", "Asia/Dubai"),
        ("+870776123456", "", "UTC"),
    ],
)
def test_of_several_zones_the_mappings_decides_if_it_can_be_right_else_the_main_one(
    number: str, timezone: str, home: str
) -> None:
    assert places.home_clock(number, timezone=timezone) == home


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is given beside it
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
WINDOWS = st.builds(Window, TIMES, TIMES).filter(lambda window: window.start != window.end)
NUMBERS = st.sampled_from(
    [
        INDIA,
        EMIRATES,
        NEW_YORK,
        AUSTRALIA,
        "+34612345678",
        "+351912345678",
        "+642112345678",
        "+447400123456",
        "+9779841234567",
        "+56961234567",
        "+201001234567",
        "+212612345678",
        "+523312345678",
        "+79161234567",
        "+18005550199",
        "+16135550123",
    ]
)


def _quarters(start: datetime, end: datetime) -> list[datetime]:
    """Every quarter of an hour from `start`, without `end`; clocks are changed at none but these."""
    first = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0) + QUARTER
    return [first + QUARTER * step for step in range((end - first) // QUARTER + 1) if first + QUARTER * step < end]


def _open(windows: list[Window], zones: tuple[str, ...], moment: datetime) -> bool:
    clocks = [ZoneInfo(zone) for zone in zones]
    return all(window.is_open(moment.astimezone(clock).time()) for window, clock in product(windows, clocks))


@settings(max_examples=60, deadline=None)
@given(number=NUMBERS, now=MOMENTS, windows=st.lists(WINDOWS, min_size=1, max_size=2))
@example(number=NEW_YORK, now=at("2026-03-08T06:00"), windows=[Window(time(2, 30), time(2, 45))])
@example(number=NEW_YORK, now=at("2026-11-01T05:50"), windows=[Window(time(1, 0), time(1, 45))])
@example(number=AUSTRALIA, now=at("2026-10-03T15:00"), windows=[Window(time(2), time(4))])
@example(number="+212612345678", now=at("2027-02-07T01:00"), windows=[Window(time(2), time(2, 15))])
def test_a_call_leaves_at_the_very_first_moment_at_which_all_hours_are_open_in_all_zones(
    number: str, now: datetime, windows: list[Window]
) -> None:
    zones = places.clocks(number)

    opens = opening(windows, zones, now)

    end = opens or now + timedelta(days=DAYS)
    assert opens is None or (opens >= now and _open(windows, zones, opens))
    assert not any(_open(windows, zones, moment) for moment in _quarters(now, end))
