"""`send_between`: a call leaves only while the hours are open wherever its number may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from gateway.mapping.limits import Window
from gateway.model import DeliveryState
from gateway.phone import places
from gateway.pipeline.gate.case import Case
from gateway.store import held
from gateway.store.deliveries import Next

#: A moment that suits every zone is looked for in so many days; then one zone decides.
DAYS = 7

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def judge(case: Case) -> Next | None:
    """Let what comes outside the hours wait for them."""
    windows = case.limits.windows
    if not windows or case.lifted("send_between"):
        return None
    zones, home = _zones(case)
    opens = opening(windows, zones, case.now) or opening(windows, (home,), case.now)
    if opens is None:
        reason = f"send_between {_said(windows)}: these hours are never open together; change them in the mapping"
        return Next(DeliveryState.HELD, reason, "send_between", hold=held.MAPPING)
    if opens == case.now:
        return None
    there = opens.astimezone(ZoneInfo(home))
    reason = f"send_between {_said(windows)}: it leaves on {there:%A, %-d %B at %H:%M}, {home} time"
    return Next(DeliveryState.SCHEDULED, reason, "send_between", due=opens)


def _zones(case: Case) -> tuple[tuple[str, ...], str]:
    """The zones of the number that is called, and the one that decides where they never agree."""
    mapping = case.live.mapping(case.delivery.mapping)
    timezone = mapping.timezone if mapping else ""
    country = (mapping.country if mapping else "") or case.live.country
    number = case.delivery.destination
    zones = places.clocks(number, country=country, timezone=timezone)
    return zones, places.home_clock(number, country=country, timezone=timezone)


def _said(windows: Sequence[Window]) -> str:
    return " and ".join(f"{window.start:%H:%M}-{window.end:%H:%M}" for window in windows)


def opening(windows: Sequence[Window], zones: Sequence[str], now: datetime) -> datetime | None:
    """The first moment from `now` on at which all windows are open in all zones; None when a week has none.

    >>> late = datetime.fromisoformat("2026-11-22T17:40:00+00:00")
    >>> office = Window(time(9), time(20))
    >>> opening([office], ["Asia/Kolkata"], late).isoformat()
    '2026-11-23T03:30:00+00:00'
    >>> opening([office], ["Asia/Dubai", "Asia/Kolkata"], late).isoformat()
    '2026-11-23T05:00:00+00:00'
    """
    clocks = [ZoneInfo(zone) for zone in zones]
    if _all_open(windows, clocks, now):
        return now
    edges = sorted({edge for clock in clocks for edge in _edges(windows, clock, now)})
    return next((edge for edge in edges if _all_open(windows, clocks, edge)), None)


def _all_open(windows: Sequence[Window], clocks: Sequence[ZoneInfo], moment: datetime) -> bool:
    return all(window.is_open(moment.astimezone(clock).time()) for window, clock in product(windows, clocks))


def _edges(windows: Sequence[Window], clock: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """The moments of the coming week at which a window may open: its hour comes, or the clock is changed."""
    today = now.astimezone(clock).date()
    days = [today + timedelta(days=day) for day in range(-1, DAYS + 1)]
    starts = {window.start for window in windows}
    moments = [moment for day in days for start in starts for moment in _shown(day, start, clock)]
    moments += _changes(days, clock)
    return (moment for moment in moments if now < moment <= now + DAYS * _DAY)


def _shown(day: date, start: time, clock: ZoneInfo) -> Iterator[datetime]:
    """When a clock shows a time: once, twice where it is set back; a time that it leaps over is among `_changes`."""
    for fold in (0, 1):
        yield datetime.combine(day, start, clock).replace(fold=fold).astimezone(UTC)


def _changes(days: Sequence[date], clock: ZoneInfo) -> Iterator[datetime]:
    """The moments at which a clock is set forward or back."""
    noons = [datetime.combine(day, time(12), UTC) for day in days]
    for before, after in pairwise(noons):
        if _offset(before, clock) != _offset(after, clock):
            yield _change(before, after, clock)


def _change(before: datetime, after: datetime, clock: ZoneInfo) -> datetime:
    """The first second at which a clock goes otherwise than before."""
    first = _offset(before, clock)
    while after - before > _SECOND:
        between = before + (after - before) // 2 // _SECOND * _SECOND
        before, after = (between, after) if _offset(between, clock) == first else (before, between)
    return after


def _offset(moment: datetime, clock: ZoneInfo) -> timedelta | None:
    return moment.astimezone(clock).utcoffset()
