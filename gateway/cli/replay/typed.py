"""What was typed after `gateway replay`, understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.cli.common import Context
from gateway.cli.moments import moment
from gateway.errors import GatewayError
from gateway.jsontext import clean
from gateway.mapping.limits import NAMES
from gateway.mapping.reader.problems import did_you_mean
from gateway.model import DeliveryState, EventState, LeadState
from gateway.pipeline.publishing import load_live
from gateway.pipeline.replaying import Edit, Wish, read_id
from gateway.store.chosen import Like

_FILTERS = ("state", "since", "until", "source", "form", "rule", "error")


@dataclass(frozen=True, slots=True)
class Typed:
    """What to replay, and how."""

    ids: tuple[str, ...]
    like: Like  #: Counts where there are no ids.
    wish: Wish
    dry_run: bool
    yes: bool
    as_json: bool

    @classmethod
    def of(cls, context: Context, given: Mapping[str, Any]) -> Typed:
        """Raises GatewayError where it cannot be meant."""
        ids, edits = given["ids"], _edits(given)
        _one_way(ids, given, edits)
        live = load_live(context.ledger, context.settings) if edits else None
        wish = Wish(again=given["again"], despite=_limits(given["despite"]), edits=edits, live=live)
        return cls(ids, _like(given), wish, given["dry_run"], given["yes"], given["as_json"])

    @property
    def asks(self) -> bool:
        """Whether a person should say yes to it."""
        return not self.ids or self.wish.again or (len(self.ids) > 1 and bool(self.wish.edits))


def _one_way(ids: tuple[str, ...], given: Mapping[str, Any], edits: tuple[Edit, ...]) -> None:
    """Either ids or what they are like; an edit of one lead names one."""
    filters = [name for name in _FILTERS if given[name] is not None]
    if not ids and not filters:
        raise GatewayError("Name what to replay: ids like e12, l34, d56, or --state unmapped.")
    if ids and filters:
        raise GatewayError(f"--{filters[0]} chooses among many; an id names one thing already, so leave one of them.")
    for name in ids:
        read_id(name)
    if given["phone"] is not None and len(ids) != 1:
        raise GatewayError("--phone is one person's number: name that one lead, like l34.")
    if edits and len(ids) > 1:
        raise GatewayError("--set changes one lead: name that one, like l34, or choose many by what they are like.")


def _edits(given: Mapping[str, Any]) -> tuple[Edit, ...]:
    found = []
    for text in given["answers"]:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise GatewayError(f"--set '{text}' changes nothing: write the answer and its text, like --set city=Pune.")
        found.append(Edit(name.strip(), value))
    return (*found, *([Edit("", given["phone"])] if given["phone"] is not None else []))


def _limits(words: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in words:
        name = word.strip().lower().replace(" ", "_")
        if name.startswith("suppress"):
            raise GatewayError(
                "Nobody on the suppression list is messaged: take the number off it first, by "
                "`gateway suppress remove`."
            )
        if name not in (*NAMES, "all"):
            cure = did_you_mean(name, NAMES) or f": write {', '.join(NAMES)} or all."
            raise GatewayError(f"'{word}' is no limit{cure}")
        found[name] = None
    return ("all",) if "all" in found else tuple(found)


def _like(given: Mapping[str, Any]) -> Like:
    state, rule = given["state"] or "", given["rule"]
    if state and state not in {*LeadState, *DeliveryState, *EventState}:
        raise GatewayError(f"'{state}' is no state of a lead, a delivery or an event.")
    return Like(
        state=state,
        since=moment(given["since"], "--since") if given["since"] is not None else None,
        until=moment(given["until"], "--until", whole_day=True) if given["until"] is not None else None,
        source=_cleaned(given["source"]),
        form=_cleaned(given["form"]),
        rule=_cleaned(rule) or "",
        error=_cleaned(given["error"]) or "",
    )


def _cleaned(text: str | None) -> str | None:
    """As a database takes it."""
    return None if text is None else clean(text)
