"""Forms change without a word: what drifted in each, for the command and, once each, for the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway import clock
from gateway.mapping import rules
from gateway.mapping.drift import Drift, DriftKind, Past, cure, drifts, look_back, place, says, serving
from gateway.mapping.reader.check import choose
from gateway.pipeline.planning import Live
from gateway.store import drifts as store
from gateway.store import leads
from gateway.store.drifts import Form, Noted
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)

#: How many leads of a form the worker looks at, and how often it looks for forms with new ones.
LEADS, EVERY = 200, timedelta(minutes=1)

#: At its start the worker looks at the forms with leads of so long.
_AT_START = timedelta(days=1)

#: Seconds after which a look starts on no further form: it takes the time of the thread that sends.
_PATIENCE = 0.05


@dataclass(frozen=True, slots=True)
class Look:
    """A form, its leads, and what drifted."""

    form: Form
    mapping: rules.Mapping | None  #: None: none is live for it, so nothing is said to drift.
    past: Past
    found: tuple[Drift, ...] = ()

    @property
    def file(self) -> str:
        """The mapping's name; "" for none."""
        return self.mapping.file if self.mapping else ""

    @property
    def used(self) -> Table[str, Sequence[str]]:
        """The answers that the mapping's fields look at, by their steadiest names, and those fields."""
        return serving(self.mapping.fields, self.past).used if self.mapping else {}


def look_at(connection: Connection, form: Form, live: Live, last: int) -> Look:
    """What the newest `last` leads of a form show."""
    mapping = choose(live.mappings, *form)
    past = look_back(leads.of_form(connection, *form, last)[::-1])
    if mapping is None or not past.leads:
        return Look(form, mapping, past)
    noted = {one.answer: one.since for one in store.noted(connection, form) if one.kind == DriftKind.GONE}
    return Look(form, mapping, past, tuple(drifts(past, mapping, live.country, noted)))


class Drifting:
    """The worker's eye on the forms: says each drift in the log once, and once more when it is over."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.newest: int | None = None  # the newest lead that was seen; None before the first look
        self.waiting: dict[Form, None] = {}  # forms with leads that were not looked at yet
        self.next_look: datetime | None = None

    def look(self, live: Live) -> None:
        """Look at forms with new leads, about once a minute. Cheap enough for every beat, and raises nothing."""
        try:
            self._look(live)
        except DBAPIError as error:
            log.error("the forms cannot be looked at now: %s", type(error.orig).__name__)  # noqa: TRY400 - the text could hold a lead
        except Exception:  # a fault of ours here must not keep leads from being sent
            log.exception("the forms cannot be looked at")

    def _look(self, live: Live) -> None:
        now = clock.now()
        if self.next_look is None or now >= self.next_look or self.next_look - now > EVERY:
            self.next_look = now + EVERY
            self._find_forms(now)
        end = clock.monotonic() + _PATIENCE
        while self.waiting and clock.monotonic() < end:
            form = next(iter(self.waiting))
            del self.waiting[form]
            self._look_at(form, live)

    def _find_forms(self, now: datetime) -> None:
        with self.ledger.read() as connection:
            newest = store.newest_lead(connection)
            if self.newest is None:
                found = store.forms_since(connection, now - _AT_START)
            else:
                found = store.forms_after(connection, self.newest) if newest > self.newest else []
        self.newest = newest
        self.waiting |= dict.fromkeys(found)

    def _look_at(self, form: Form, live: Live) -> None:
        with self.ledger.read() as connection:
            look = look_at(connection, form, live, LEADS)
            noted = store.noted(connection, form)
        known = {(one.kind, one.answer) for one in noted}
        there = {(str(drift.kind), store.key_of(drift.answer)) for drift in look.found}
        fresh = [drift for drift in look.found if (drift.kind, store.key_of(drift.answer)) not in known]
        over = [one for one in noted if (one.kind, one.answer) not in there and one.kind != DriftKind.NEW]
        if look.mapping and (fresh or over):
            self._write_down(look, fresh, over)

    def _write_down(self, look: Look, fresh: Sequence[Drift], over: Sequence[Noted]) -> None:
        """Only what this worker was the first to note is logged, and only after it is in the ledger."""
        with self.ledger.write("drift") as connection:
            entered = [drift for drift in fresh if _enter(connection, look.form, drift)]
            removed = [one for one in over if store.remove(connection, look.form, one.kind, one.answer)]
        for drift in entered:
            log.warning("%s: %s: %s; %s", name_of(look.form), place(look.file, drift), says(drift), cure(drift))
        for one in removed:
            log.info("%s: the answer '%s' is no longer %s", name_of(look.form), one.answer, one.kind)


def _enter(connection: Connection, form: Form, drift: Drift) -> bool:
    return store.enter(connection, form, Noted(drift.kind, drift.answer, drift.since), says(drift))


def name_of(form: Form) -> str:
    """A form as commands take it: "website/price-list"."""
    return "/".join(filter(None, form))
