"""What campaigns want of a call, held against what the rules give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.mapping import rules
from gateway.mapping.call import Call
from gateway.mapping.reader.problems import did_you_mean
from gateway.model import Contract, Media, Problem

#: The file beside the mappings that holds what is known of each campaign.
FILE = "contracts.yaml"


def together(locked: Mapping[str, Contract], told: Mapping[str, Contract]) -> dict[str, Contract]:
    """What each campaign wants: AiSensy's own word where there is one, with the kind of media that a person wrote."""
    found = dict(locked)
    for campaign, contract in told.items():
        known = locked.get(campaign)
        kind = known.media if known and known.media is not Media.NONE else contract.media
        found[campaign] = Contract(contract.params, kind if contract.media is Media.YES else contract.media)
    return found


def wrong(campaign: str, contract: Contract, *, params: int, media: bool) -> str:
    """Why a call with so many parameters, with media or without, cannot be right; "" when it can."""
    if params != contract.params:
        return f"campaign '{campaign}' wants {_parameters(contract.params)}, and {params or 'none'} would be sent"
    if contract.media is not Media.NONE and not media:
        kind = "media" if contract.media is Media.YES else f"{contract.media} media"
        return f"campaign '{campaign}' wants {kind}, and none would be sent"
    return ""


def _parameters(count: int) -> str:
    return "no parameter" if not count else f"{count} parameter{'s' * (count > 1)}"


def compare(file: str, mapping: rules.Mapping, contracts: Mapping[str, Contract]) -> Iterator[Problem]:
    """The problems and warnings of a mapping whose rules do not give what their campaigns want."""
    for rule in mapping.rules:
        if rule.call is not None:
            yield from _of_call(file, rule.call, contracts)


def _of_call(file: str, call: Call, contracts: Mapping[str, Contract]) -> Iterator[Problem]:
    campaign = call.campaign.template
    contract = contracts.get(campaign)
    if contract is None:
        yield Problem(file, call.campaign.line, call.campaign.column, _unknown(campaign, contracts), warning=True)
    elif sentence := wrong(campaign, contract, params=len(call.params), media=call.media is not None):
        yield Problem(file, call.campaign.line, call.campaign.column, sentence)


def _unknown(campaign: str, known: Iterable[str]) -> str:
    near = did_you_mean(campaign, known) or "; `gateway contracts fetch` asks AiSensy"
    return f"no contract is known for campaign '{campaign}', so it is not checked{near}"
