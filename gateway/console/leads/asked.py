"""What the address of the list asks for: which leads, in words that a link can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, url_for
from werkzeug.datastructures import MultiDict

from gateway.console.leads.days import Days
from gateway.console.words import STATES
from gateway.jsontext import clean
from gateway.model import DeliveryState, LeadState
from gateway.store import phones
from gateway.store.found import UNDER_WAY, Wanted

#: Several states under one word: what it is called, states of leads, states of calls.
GROUPS: Mapping[str, tuple[str, frozenset[LeadState], frozenset[DeliveryState]]] = {
    "needs": (
        "needs a person",
        frozenset({LeadState.UNMAPPED, LeadState.UNMATCHED, LeadState.SUSPECTED, LeadState.FAILED}),
        frozenset({DeliveryState.HELD, DeliveryState.FAILED, DeliveryState.UNCERTAIN}),
    ),
    "waiting": ("on its way", frozenset({LeadState.WAITING}), UNDER_WAY),
}

#: Every single state, in the order in which they are offered.
SINGLE = (*DeliveryState, *(state for state in LeadState if state not in (*DeliveryState, "planned", "waiting")))

#: How a form without a name is asked for: an empty one asks for any.
NAMELESS = "-"

#: What a link may hold, in the order in which it is shown.
_NAMES = ("q", "source", "form", "campaign", "from", "to")

#: Nobody types more.
_LONGEST = 200

_NUMBER = re.compile(r"[\d\s()+＋./·‐-―-]+")


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set."""

    says: str
    off: str  #: The address without it.


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    states: tuple[str, ...]
    values: Mapping[str, str]  #: By _NAMES; only those that are given.
    days: Days

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> Asked:
        """Answers 400 where it cannot be meant."""
        values = {name: _last(given.getlist(name)) for name in _NAMES}
        kept = {name: text for name, text in values.items() if text}
        states = tuple(dict.fromkeys(filter(None, given.getlist("state"))))
        for state in states:
            if state not in GROUPS and state not in SINGLE:
                abort(400, f"There is no state '{state[:40]}'.")
        return cls(states, kept, Days.of(kept.get("from", ""), kept.get("to", ""), given.get("zone", "")))

    @property
    def text(self) -> str:
        return self.values.get("q", "")

    @property
    def is_filtered(self) -> bool:
        return bool(self.states or self.values)

    @property
    def args(self) -> dict[str, Any]:
        """For a link that asks for the same."""
        more = {"state": list(self.states)} if self.states else {}
        zone = {"zone": self.days.zone} if self.days.zone and self.days.names_one else {}
        return {**more, **self.values, **zone}

    def but(self, **changes: str) -> dict[str, Any]:
        """For a link that asks for the same but for these; "" takes one away."""
        return {name: value for name, value in (self.args | changes).items() if value}

    def wanted(self) -> Wanted:
        """As the ledger is asked; what looks like a phone number is taken for one."""
        lead_states = frozenset(state for word in self.states for state in _lead_states(word))
        call_states = frozenset(state for word in self.states for state in _call_states(word))
        form = self.values.get("form")
        wanted = Wanted(
            lead_states,
            call_states,
            source=self.values.get("source", ""),
            form="" if form == NAMELESS else form,
            campaign=self.values.get("campaign", ""),
            since=self.days.since,
            until=self.days.until,
        )
        number = phones.ending(self.text) if _NUMBER.fullmatch(self.text) else ""
        if len(number) >= phones.FEWEST:
            return replace(wanted, endings=frozenset({number, number[-phones.FEWEST :]}))
        return replace(wanted, text=self.text)

    def chips(self) -> Iterator[Chip]:
        """The filters that are set, each with a way to take it off."""
        for state in self.states:
            left = [one for one in self.states if one != state]
            yield Chip(says(state), _to(self.but() | {"state": left}))
        for name, text in self.values.items():
            if name == "q":
                yield Chip(f"“{text}”", _to(self.but(q="")))
            elif name in ("from", "to"):
                yield Chip(self.days.says(name), _to(self.but(**{name: ""})))
            else:
                yield Chip(f"{name}: {'without a name' if text == NAMELESS else text}", _to(self.but(**{name: ""})))

    def sentence(self) -> str:
        """What is asked for, for the audit list: "state: failed, form: price-list"; "" for all."""
        parts = [f"state: {' or '.join(map(says, self.states))}"] if self.states else []
        named = {"q": "with", "from": "from", "to": "to"}
        found = phones.hide(", ".join(f"{named.get(name, name)}: {text}" for name, text in self.values.items()))
        return ", ".join(filter(None, (*parts, found)))


def says(state: str) -> str:
    """What a state or a group of them is called."""
    return GROUPS[state][0] if state in GROUPS else STATES[state][0]


def _lead_states(word: str) -> Sequence[LeadState] | frozenset[LeadState]:
    return GROUPS[word][1] if word in GROUPS else [state for state in LeadState if state == word]


def _call_states(word: str) -> Sequence[DeliveryState] | frozenset[DeliveryState]:
    return GROUPS[word][2] if word in GROUPS else [state for state in DeliveryState if state == word]


def _last(given: Sequence[str]) -> str:
    """Of several the last that says something: what is typed stands behind what a form only keeps."""
    return next((clean(text.strip())[:_LONGEST] for text in reversed(given) if text.strip()), "")


def _to(args: Mapping[str, Any]) -> str:
    return url_for("console.leads.show", **args)
