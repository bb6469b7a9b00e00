"""What campaigns want of a call, held against what the rules give."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gateway.mapping import call as calls
from gateway.mapping import rules
from gateway.mapping.call import Call, Text
from gateway.mapping.reader.problems import did_you_mean
from gateway.model import Contract, Media, Problem, Seen

#: The file beside the mappings that holds what is known of each campaign.
FILE = "contracts.yaml"

_KINDS = {Media.YES: "media", Media.IMAGE: "an image", Media.VIDEO: "a video", Media.DOCUMENT: "a document"}


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
        return f"campaign '{campaign}' wants {_KINDS[contract.media]}, and none would be sent"
    return ""


def words(contract: Contract) -> str:
    """A contract in words.

    >>> words(Contract(3, Media.DOCUMENT)), words(Contract(0))
    ('3 parameters and a document', 'no parameter and no media')
    """
    return f"{_parameters(contract.params)} and {_KINDS.get(contract.media, 'no media')}"


def _parameters(count: int) -> str:
    return "no parameter" if not count else f"{count} parameter{'s' * (count > 1)}"


def compare(
    file: str, mapping: rules.Mapping, contracts: Mapping[str, Contract], seen: Mapping[str, Seen] | None = None
) -> Iterator[Problem]:
    """The problems and warnings of a mapping whose rules do not give what their campaigns want.

    `seen`: what AiSensy said of campaigns just now, which counts for more. Where nothing is known of any campaign,
    nothing is said of the single rules.
    """
    seen = seen or {}
    known = together(contracts, {campaign: one.contract for campaign, one in seen.items() if one.contract})
    for rule in mapping.rules:
        for call in rule.calls:
            if call is rule.call or not (rule.call and _alike(call, rule.call)):
                yield from _of_call(file, rule, call, known, seen)


def _alike(one: Call, other: Call) -> bool:
    """Whether all that is held against a contract is the same, and stands in the same lines."""
    return (one.campaign, one.params, one.media) == (other.campaign, other.params, other.media)


def _of_call(
    file: str, rule: rules.Rule, call: Call, known: Mapping[str, Contract], seen: Mapping[str, Seen]
) -> Iterator[Problem]:
    campaign = call.campaign.template
    said = seen.get(campaign, Seen())
    if said.missing:
        yield _problem(file, call.campaign, _missing(campaign, rule.name, known))
    elif campaign in known:
        yield from _Held(file, rule, call, known[campaign], told=said.contract is not None).against()
    elif known:
        yield _problem(file, call.campaign, _unknown(campaign, rule.name, known), warning=True)


def _missing(campaign: str, rule: str, known: Collection[str]) -> str:
    near = did_you_mean(campaign, [name for name in known if name != campaign])
    cure = near or "; write the name exactly as it stands in AiSensy"
    return f"AiSensy knows no campaign '{campaign}', which rule '{rule}' calls{cure}"


def _unknown(campaign: str, rule: str, known: Collection[str]) -> str:
    near = did_you_mean(campaign, known)
    cure = f"{near} If not, run `gateway contracts fetch`" if near else "; run `gateway contracts fetch`"
    return f"no contract is known for campaign '{campaign}', so rule '{rule}' is not checked{cure}"


def _problem(file: str, at: Text, sentence: str, *, warning: bool = False) -> Problem:
    return Problem(file, at.line, at.column, sentence, warning)


class _Held:
    """One call of a rule held against the contract of its campaign."""

    def __init__(self, file: str, rule: rules.Rule, call: Call, contract: Contract, *, told: bool) -> None:
        self.file = file
        self.call = call
        self.contract = contract
        self.who = _who(rule, call)
        #: What a call beside the rule's own has from it; it is mended at the campaign.
        self.theirs = rule.call if rule.call and rule.call is not call else None
        self.campaign = f"{'AiSensy says that ' * told}campaign '{call.campaign.template}'"
        self.or_fetch = "" if told else ", or, if the campaign changed in AiSensy, run `gateway contracts fetch`"

    def against(self) -> Iterator[Problem]:
        if len(self.call.params) != self.contract.params:
            yield self._other_count()
        if self.contract.media is not Media.NONE and not self.call.media:
            yield self._without_media()
        if self.contract.media is Media.NONE and self.call.media:
            yield self._needless_media(self.call.media)

    def _other_count(self) -> Problem:
        """At the first parameter that is too many, else at the last there is."""
        given, wanted = len(self.call.params), self.contract.params
        wants = f"{self.campaign} wants {_parameters(wanted)}, {self.who} gives {given or 'none'}"
        if self.theirs and self.theirs.params == self.call.params:
            cure = f"write {'its own' if wanted else 'an empty'} 'templateParams' here"
            return _problem(self.file, self.call.campaign, f"{wants}; {cure}{self.or_fetch}")
        places = self.call.params[wanted:] or self.call.params[-1:] or (self.call.campaign,)
        cure = (
            f"take {given - wanted} out"
            if given > wanted
            else f"write {wanted - given}{' more' * bool(given)} under 'templateParams'"
        )
        return _problem(self.file, places[0], f"{wants}; {cure}{self.or_fetch}")

    def _without_media(self) -> Problem:
        cure = "add 'media' with its 'url' and 'filename'"
        wants = f"{self.campaign} wants {_KINDS[self.contract.media]}, {self.who} gives none"
        return _problem(self.file, self.call.campaign, f"{wants}; {cure}{self.or_fetch}")

    def _needless_media(self, media: calls.Media) -> Problem:
        inherited = self.theirs is not None and self.theirs.media == media
        cure, place = (
            ("write an empty 'media' here", self.call.campaign) if inherited else ("take 'media' out", media.url)
        )
        sentence = f"{self.campaign} has no media, yet {self.who} gives some; {cure}{self.or_fetch}"
        return _problem(self.file, place, sentence, warning=True)


def _who(rule: rules.Rule, call: Call) -> str:
    """Which of the rule's calls it is."""
    if call is rule.call:
        return f"rule '{rule.name}'"
    if call is rule.too_late:
        return f"rule '{rule.name}' for older leads"
    later = next(one for one in rule.follow_ups if one.call is call)
    return f"the follow-up after {later.after.says} of rule '{rule.name}'"
