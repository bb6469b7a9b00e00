"""`limits:`, of one file and of all together: what the gate holds every call against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta

#: The file beside the mappings whose limits count for all of them.
FILE = "limits.yaml"

#: A lead older than this is not greeted as new, unless a file says otherwise.
TOO_OLD = timedelta(hours=24)

CONSENT = "consent"
#: What a person may lift for one message, by the names that the language has for them.
NAMES = ("send_between", "once_per_person", "no_more_than", "too_old", CONSENT)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of a day by the recipient's clock; where it ends before it starts, it goes over midnight."""

    start: time
    end: time

    def is_open(self, shown: time) -> bool:
        """Whether it is open when clocks show this time.

        >>> night = Window(time(21), time(6))
        >>> night.is_open(time(23, 30)), night.is_open(time(6)), night.is_open(time(21))
        (True, False, True)
        """
        if self.start < self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file says; None and empty: nothing."""

    windows: tuple[Window, ...] = ()  #: `send_between`: all of them must be open.
    once_per_person: timedelta | None = None  #: The same campaign to the same number.
    per_person_a_day: int | None = None  #: Calls to one number in 24 hours, of whatever campaign.
    per_rule_an_hour: int | None = None  #: Calls of one rule in 60 minutes.
    too_old: timedelta | None = None
    never_too_old: bool = False  #: It says so in words.
    consent: str = ""  #: The field that must say yes.

    @property
    def oldest(self) -> timedelta | None:
        """How old a lead may be that is greeted as new; None: of any age."""
        return None if self.never_too_old else self.too_old or TOO_OLD


def ever_open(windows: Sequence[Window]) -> bool:
    """Whether there is a time of day at which all of them are open: it would be the start of one.

    >>> ever_open([Window(time(9), time(20)), Window(time(20), time(6))])
    False
    """
    return not windows or any(all(each.is_open(window.start) for each in windows) for window in windows)


def stricter(one: Limits, other: Limits) -> Limits:
    """Both together: of two limits the stricter counts.

    >>> stricter(Limits(per_person_a_day=2), Limits(per_person_a_day=3, never_too_old=True)).per_person_a_day
    2
    """
    ages = [limits.too_old for limits in (one, other) if limits.too_old]
    return Limits(
        windows=tuple(dict.fromkeys((*one.windows, *other.windows))),
        once_per_person=_most(one.once_per_person, other.once_per_person),
        per_person_a_day=_least(one.per_person_a_day, other.per_person_a_day),
        per_rule_an_hour=_least(one.per_rule_an_hour, other.per_rule_an_hour),
        too_old=min(ages, default=None),
        never_too_old=not ages and (one.never_too_old or other.never_too_old),
        consent=one.consent or other.consent,
    )


def _most(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return max((found for found in (one, other) if found is not None), default=None)


def _least(one: int | None, other: int | None) -> int | None:
    return min((found for found in (one, other) if found is not None), default=None)


def lasting(time: timedelta) -> str:
    """A length of time in words, in the largest measure that tells it exactly.

    >>> lasting(timedelta(days=7)), lasting(timedelta(hours=36)), lasting(timedelta(minutes=1))
    ('7 days', '36 hours', '1 minute')
    """
    sizes = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
    size, unit = next((each for each in sizes if not time % each[0]), (timedelta(seconds=1), "second"))
    return f"{time // size} {unit}{'' if time == size else 's'}"


def words(limits: Limits) -> dict[str, str]:
    """What is said under each of NAMES; those that nothing is said of are not there.

    >>> words(Limits(per_person_a_day=2, consent="opt_in"))
    {'no_more_than': '2 per person per day', 'consent': 'opt_in'}
    """
    person, rule = limits.per_person_a_day, limits.per_rule_an_hour
    counts = [(person, "per person per day"), (rule, "per rule per hour")]
    age = "never" if limits.never_too_old else lasting(limits.too_old) if limits.too_old else ""
    said = (
        " and ".join(f"{window.start:%H:%M}-{window.end:%H:%M}" for window in limits.windows),
        lasting(limits.once_per_person) if limits.once_per_person else "",
        ", ".join(f"{count} {of}" for count, of in counts if count),
        age,
        limits.consent,
    )
    return {name: text for name, text in zip(NAMES, said, strict=True) if text}
