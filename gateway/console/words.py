"""How the console says things: states, moments, numbers and phone numbers, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from gateway import clock, phone
from gateway.console import here
from gateway.mapping.wording import joined
from gateway.model import Value
from gateway.store.phones import hide

#: A moment within a sentence.
_UTC = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b", re.ASCII)

#: What a state is called on a page, and its tone: "good", "wait", "warn", "bad" or "calm".
STATES: Mapping[str, tuple[str, str]] = {
    "accepted": ("accepted", "good"),
    "scheduled": ("scheduled", "wait"),
    "sending": ("sending", "wait"),
    "retrying": ("trying again", "wait"),
    "held": ("held", "warn"),
    "failed": ("failed", "bad"),
    "uncertain": ("uncertain", "warn"),
    "cancelled": ("cancelled", "calm"),
    "skipped": ("skipped", "calm"),
    "waiting": ("waiting", "wait"),
    "planned": ("planned", "wait"),
    "unmapped": ("no mapping", "warn"),
    "unmatched": ("no rule fits", "warn"),
    "test": ("test", "calm"),
    "duplicate": ("duplicate", "calm"),
    "suspected": ("looks like spam", "warn"),
    "new": ("new", "wait"),
    "read": ("read", "good"),
    "ignored": ("ignored", "calm"),
    "unreadable": ("cannot be read", "bad"),
    "sent": ("sent", "wait"),
    "delivered": ("delivered", "good"),
    "reply": ("replied", "good"),
}


def state(word: str) -> Markup:
    """A state as a badge."""
    says, tone = STATES.get(str(word), (str(word), "calm"))
    return Markup('<span class="badge {}">{}</span>').format(tone, says)


def number(count: float) -> str:
    """With its thousands apart.

    >>> number(12345)
    '12,345'
    """
    return f"{count:,}"


def moment(at: datetime | None) -> Markup:
    """A moment in UTC; the browser shows it in the viewer's own zone, and says how long ago it is."""
    if at is None:
        return Markup("")
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(utc.isoformat(timespec="seconds"), f"{utc:%d %b %H:%M}")


def ago(at: datetime | None) -> Markup:
    """How long ago, or how soon: "3 min ago", "in 2 h"; the browser keeps it true."""
    if at is None:
        return Markup("")
    utc = at.astimezone(UTC)
    exact, words = utc.isoformat(timespec="seconds"), f"{utc:%d %b %Y %H:%M:%S}"
    return Markup('<time class="ago" datetime="{}" title="{} UTC">{}</time>').format(exact, words, _ago(at))


def _ago(at: datetime) -> str:
    seconds = (clock.now() - at).total_seconds()
    time = span(abs(seconds))
    return f"in {time}" if seconds < -1 else f"{time} ago"


def span(seconds: float) -> str:
    """How long something takes, in one unit.

    >>> span(0.42), span(8), span(200), span(7_300), span(200_000)
    ('0.4 s', '8 s', '3 min', '2 h', '2 days')
    """
    for size, unit in ((172_800, "days"), (5_400, "h"), (100, "min")):
        if seconds >= size:
            return f"{round(seconds / {'days': 86_400, 'h': 3_600, 'min': 60}[unit])} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 or not seconds else f"{seconds:.1f} s"


def shown(phone_number: str) -> str:
    """A phone number: shortened, unless this person asked to see them."""
    return phone_number if here.shows_phones() else phone.mask(phone_number)


def hidden(text: str) -> str:
    """A text without the phone numbers in it, unless this person asked to see them."""
    return text if here.shows_phones() else hide(text)


def told(text: str) -> Markup:
    """A sentence without its phone numbers; the moments in it are told in the viewer's own zone."""
    whole, end = Markup(""), 0
    safe = hidden(text)
    for found in _UTC.finditer(safe):
        whole += escape(safe[end : found.start()]) + _moment_of(found[0])
        end = found.end()
    return whole + escape(safe[end:])


def _moment_of(text: str) -> Markup:
    try:
        return moment(datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC))
    except ValueError:  # no such day
        return escape(text)


def answer(value: Value) -> str:
    """What a person answered."""
    return hidden(joined(value))


def lines(text: str) -> Markup:
    """A text with its line breaks."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


FILTERS: Mapping[str, Callable[..., Any]] = {
    "state": state,
    "number": number,
    "moment": moment,
    "ago": ago,
    "span": span,
    "phone": shown,
    "hidden": hidden,
    "told": told,
    "answer": answer,
    "lines": lines,
}
