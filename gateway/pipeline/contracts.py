"""What campaigns want, by `contracts.yaml` and AiSensy's own newer word, and what that means for calls."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from gateway import clock
from gateway.mapping import rules
from gateway.mapping.contracts import FILE, together, words, wrong
from gateway.model import Contract, Seen
from gateway.pipeline import holding
from gateway.pipeline.planning import Live
from gateway.store import contracts, deliveries, held, holds
from gateway.store.contracts import Told

log = logging.getLogger(__name__)


def campaigns(mappings: Iterable[rules.Mapping]) -> list[str]:
    """The campaigns that mappings name, in their order."""
    calls = (call for mapping in mappings for rule in mapping.rules for call in rule.calls)
    return list(dict.fromkeys(call.campaign.template for call in calls))


def objection(told: Told | None, live: Live, call: Mapping[str, Any]) -> str:
    """Why a call that is about to leave cannot be right; "" when nothing is known against it.

    `told`: AiSensy's word on its campaign.
    """
    campaign = call["campaignName"]
    if told and told.seen.missing:
        return f"{_aisensy(told)} it knows no campaign '{campaign}'"
    wanted = _wanted(campaign, live.contracts.get(campaign), told.seen if told else None)
    if wanted is None:
        return ""
    sentence = wrong(campaign, wanted, params=len(call.get("templateParams", ())), media=bool(call.get("media")))
    says = _aisensy(told) if told and told.seen.contract else f"{FILE} says that"
    return f"{says} {sentence}" if sentence else ""


def _aisensy(told: Told) -> str:
    return f"AiSensy says since {told.since:%d %b %H:%M} UTC that"


def _wanted(campaign: str, locked: Contract | None, seen: Seen | None) -> Contract | None:
    """What a campaign wants; None when nobody knows, or there is none."""
    if seen and seen.missing:
        return None
    own = {campaign: seen.contract} if seen and seen.contract else {}
    return together({campaign: locked} if locked else {}, own).get(campaign)


def learn(connection: Connection, campaign: str, seen: Seen, live: Live) -> bool:
    """Write down what AiSensy told of a campaign; whether that is another word than was known.

    If it is, all that is held of this campaign is looked at again.
    """
    locked, before = live.contracts.get(campaign), contracts.of(connection, campaign)
    known = contracts.note(connection, campaign, seen, clock.now()).seen
    was, now = _wanted(campaign, locked, before.seen if before else None), _wanted(campaign, locked, known)
    moved = was != now or known.missing != bool(before and before.seen.missing)
    if moved:
        _say(campaign, known, was=was, now=now, locked=locked)
    if moved or _right_after_all(connection, campaign, live):
        holding.lift(connection, holding.about(campaign, holds.all_of(connection)))
    return moved


def _right_after_all(connection: Connection, campaign: str, live: Live) -> bool:
    """Whether some held call is right, or not of the live mapping: a worker may have held it in the moment when
    another learned better."""
    kept = deliveries.load(connection, held.kinds(connection, holding.contract_key(campaign)))
    told = contracts.of(connection, campaign) if kept else None
    return any(one.mapping_version != live.version or not objection(told, live, one.plan.call) for one in kept)


def _say(campaign: str, known: Seen, *, was: Contract | None, now: Contract | None, locked: Contract | None) -> None:
    """Tell of another word: what moved, and the cure. The first word on a campaign alone is no news."""
    if known.missing:
        cure = "correct its name in the mapping, or make it in AiSensy"
        log.warning("AiSensy says that it knows no campaign '%s': %s", campaign, cure)
    elif now and now == locked:
        log.warning("AiSensy says that campaign '%s' wants %s, as %s does", campaign, words(now), FILE)
    elif now and (before := locked or was):
        earlier = f"{FILE} says {words(before)}" if locked else f"before, it wanted {words(before)}"
        cure = "run `gateway contracts fetch`, then mend its rules"
        log.warning("AiSensy says that campaign '%s' wants %s; %s: %s", campaign, words(now), earlier, cure)
