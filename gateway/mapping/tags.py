"""The tags and attributes that mappings say: AiSensy leaves out those that its project does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway import phone
from gateway.mapping import rules
from gateway.mapping.blanks import cleaned, split
from gateway.mapping.call import Call
from gateway.mapping.fields import Field
from gateway.model import Part, Plan, PlanKind, Word


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """Where a tag or an attribute is said."""

    file: str  #: The mapping's name, without its folder.
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tag or an attribute to create in AiSensy."""

    what: str  #: "tag" or "attribute".
    name: str  #: As the mapping writes it, "$city".
    pattern: str  #: Of a tag with blanks: how its words look, "$city"; "": the name is the tag itself.
    said: tuple[Said, ...]  #: In order.


#: A tag's place in a mapping: file, line, and its pattern (several tags may stand on one line).
Place = tuple[str, int, str]


def wanted(mappings: Iterable[rules.Mapping]) -> list[Wanted]:
    """Every tag and attribute of some mappings, each once: tags first, in alphabetical order."""
    places: dict[tuple[str, str, str], set[Said]] = {}
    for mapping in mappings:
        for rule in mapping.rules:
            said = (one for call in rule.calls for one in _of_call(call, frozenset(mapping.fields)))
            for what, name, pattern, line in said:
                places.setdefault((what, name, pattern), set()).add(Said(mapping.file, line, rule.name))
    ordered = sorted(places.items(), key=lambda each: (each[0][0] != "tag", each[0][1].casefold(), each[0]))
    return [Wanted(*key, tuple(sorted(said))) for key, said in ordered]


def _of_call(call: Call, names: frozenset[str]) -> Iterator[tuple[str, str, str, int]]:
    for tag in call.tags:
        pieces = split(tag.text.template, names)
        yield "tag", tag.text.template, _pattern(Part(text, field) for text, field in pieces), tag.text.line
    for name, text in call.attributes.items():
        yield "attribute", name, "", text.line


def _pattern(parts: Iterable[Part]) -> str:
    """A text with the names of its fields in it; "" when it has none."""
    parts = cleaned(tuple(parts))
    texts = [f"${part.field}" if part.field else part.text for part in parts]
    return "".join(texts) if any(part.field for part in parts) else ""


def values(plans: Iterable[Plan], mappings: Iterable[rules.Mapping]) -> dict[Place, Counter[str]]:
    """What the tags with a `$` came to in some plans, and how often; phone numbers are masked."""
    fields = {mapping.file: mapping.fields for mapping in mappings}
    found: dict[Place, Counter[str]] = {}
    for plan in plans:
        for word in _tags_of(plan):
            if pattern := _pattern(word.parts):
                text = "".join(_shown(part, fields[plan.mapping]) for part in word.parts)
                found.setdefault((plan.mapping, word.line, pattern), Counter())[text] += 1
    return found


def _tags_of(plan: Plan) -> Iterable[Word]:
    """The tags of a plan's calls; one that several of them repeat, once."""
    calls = [one for one in (plan, *plan.follow_ups) if one.kind is PlanKind.CALL]
    words = [word for call in calls for word in call.words if word.place.startswith("tags[")]
    return {(word.line, word.text): word for word in words}.values()


def _shown(part: Part, fields: Mapping[str, Field]) -> str:
    return phone.mask(part.text) if part.field and fields[part.field].is_phone else part.text


def values_of(tag: Wanted, found: Mapping[Place, Counter[str]]) -> Counter[str]:
    """What one tag with a `$` came to, wherever it is said."""
    places = {(said.file, said.line, tag.pattern) for said in tag.said}
    return sum((found[place] for place in sorted(places) if place in found), Counter())
