"""Which leads are wanted, as a condition on their rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, or_, select

from gateway import jsontext
from gateway.model import DeliveryState, LeadState
from gateway.store.tables import deliveries, leads

#: States of a call that is about to leave, or out.
UNDER_WAY = frozenset({DeliveryState.SCHEDULED, DeliveryState.SENDING, DeliveryState.RETRYING})


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of these together; what is empty or None is not asked."""

    lead_states: frozenset[LeadState] = frozenset()  #: Of leads without a call; with `call_states`, either will do.
    call_states: frozenset[DeliveryState] = frozenset()  #: Of the first call of a planned lead.
    source: str = ""
    form: str | None = None  #: "": those that name none.
    campaign: str = ""  #: Of the first call.
    since: datetime | None = None  #: When it came: then or later.
    until: datetime | None = None  #: Before then.
    text: str = ""  #: Stands in one of its answers.
    endings: frozenset[str] = frozenset()  #: It typed a phone number that ends so: see `store.phones`.

    @property
    def by_state(self) -> bool:
        return bool(self.lead_states or self.call_states)

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """On `leads`."""
        if self.by_state:
            yield or_(*self._states())
        for column, wanted in ((leads.c.source, self.source or None), (leads.c.form, self.form)):
            if wanted is not None:
                yield column == wanted
        if self.campaign:
            yield and_(leads.c.state == LeadState.PLANNED, of_first("campaign") == self.campaign)
        yield from self.came()
        if self.text:
            yield or_(*(leads.c.answers.icontains(_in_json(one), autoescape=True) for one in _spellings(self.text)))

    def came(self) -> Iterator[ColumnElement[bool]]:
        """When they came."""
        if self.since:
            yield leads.c.received_at >= self.since
        if self.until:
            yield leads.c.received_at < self.until

    def says(self, answers: str) -> bool:
        """Whether the text stands in an answer, and not in its question. `answers`: as the ledger has them."""
        wanted = self.text.casefold()
        return any(wanted in text.casefold() for text in _values(answers))

    def _states(self) -> Iterator[ColumnElement[bool]]:
        if self.lead_states:
            yield leads.c.state.in_(sorted(self.lead_states))
        if self.call_states:
            yield and_(leads.c.state == LeadState.PLANNED, of_first("state").in_(sorted(self.call_states)))


def of_first(name: str) -> ScalarSelect[Any]:
    """A column of a lead's first call: the last one of step 0 in its present round.

    It is looked up lead by lead: for a join, PostgreSQL may read all calls there are.
    """
    made = deliveries.alias("made")
    mine = (made.c.lead_id == leads.c.id, made.c.step == 0, made.c.round == leads.c.round)
    return select(made.c[name]).where(*mine).order_by(made.c.id.desc()).limit(1).correlate(leads).scalar_subquery()


def _in_json(text: str) -> str:
    """A text as it stands between the quotes of a JSON string."""
    return jsontext.dumps(jsontext.clean(text))[1:-1]


def _spellings(text: str) -> set[str]:
    """SQLite folds the case of ASCII letters alone."""
    return {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}


def _values(answers: str) -> Iterator[str]:
    for answer in json.loads(answers):
        yield from [answer["value"]] if isinstance(answer["value"], str) else answer["value"]
