"""What is said of mapping files besides what the reader finds: by what the ledger knows of campaigns and receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.mapping import rules
from gateway.mapping.contracts import together, words
from gateway.mapping.reader.contracts import places_of
from gateway.mapping.reader.follow_ups import REPLIED
from gateway.mapping.reader.problems import START, Place
from gateway.model import Contract, Problem, Seen

_HELD = (
    "no receipt has ever come from AiSensy, so nobody can know who replied; this follow-up is held until one comes, "
    "unless you add 'without_receipts: send'"
)


def unheard(good: Mapping[str, rules.Mapping]) -> Iterator[Problem]:
    """A warning at each `replied` of some mappings that nobody would know of, as no receipt ever came."""
    for file, mapping in good.items():
        later = (follow_up for rule in mapping.rules for follow_up in rule.follow_ups if not follow_up.without_receipts)
        for text in (text for follow_up in later for text in follow_up.unless if text.template == REPLIED):
            yield Problem(file, text.line, text.column, _HELD, warning=True)


def outdated(
    file: str, lock: str | bytes | None, known: Mapping[str, Contract], seen: Mapping[str, Seen]
) -> Iterator[Problem]:
    """Warnings for the entries of `contracts.yaml` that AiSensy contradicts, and for those that are not there.

    `lock`: the file's content, None where there is none. `known`: what it says. `seen`: AiSensy's own last word.
    """
    told = {campaign: one.contract for campaign, one in seen.items() if one.contract}
    now = together(known, told)
    places = places_of(lock) if lock is not None else {}
    for campaign in told if lock is not None else ():
        if now[campaign] != known.get(campaign):
            place = places.get(campaign, START)
            yield _outdated(file, place, campaign, known.get(campaign), now[campaign])
    for campaign, place in places.items():
        if campaign in seen and seen[campaign].missing:
            yield _gone(file, place, campaign)


def _outdated(file: str, place: Place, campaign: str, was: Contract | None, now: Contract) -> Problem:
    told = f"AiSensy says that campaign '{campaign}' wants {words(now)}"
    here = f"and this entry says {words(was)}" if was else "and it is not in this file"
    sentence = f"{told}, {here}; run `gateway contracts fetch`"
    return Problem(file, place.line, place.column, sentence, warning=True)


def _gone(file: str, place: Place, campaign: str) -> Problem:
    sentence = f"AiSensy says that it knows no campaign '{campaign}'; correct the name in the rules that call it"
    return Problem(file, place.line, place.column, f"{sentence}, or make it in AiSensy", warning=True)
