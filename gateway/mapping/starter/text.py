"""The text of a first mapping: what is recognised filled in, a place to choose for what only a person can say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.mapping.reader.check import read_mapping
from gateway.mapping.reader.jsonschema import MODELINE
from gateway.mapping.starter.kinds import Kind, Sorted, sort_out, tells_of_person
from gateway.mapping.starter.seen import LONGEST_EXAMPLE, Form, Given, example, is_national
from gateway.mapping.starter.spelling import Shelf, field_name, sayable, text
from gateway.model import Contract, Media

#: So many other answers and facts are listed; the rest is in the leads themselves.
_MOST_OTHERS = 60
_EXAMPLES = 3
#: Where the comments stand, in characters from the left.
_COMMENTS_AT = 40
#: Facts that say nothing to a customer: ids, times, the visitor's computer.
_TECHNICAL = re.compile(r"(?:.*_)?(?:id|ids|at|time|date|ip|agent|useragent|remoteip|key|token)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the first rule is to send."""

    campaign: str = ""  #: "": a person must choose.
    contract: Contract | None = None  #: None: not known.
    named: bool = False  #: A person named the campaign.


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of the mapping, and where its value is found."""

    field: str
    candidates: tuple[tuple[str, str], ...]  #: An answer's name as `from` says it, and the filter behind it.
    default: str = ""


@dataclass(frozen=True, slots=True)
class Spare:
    """An answer that nothing uses yet: a line to take the '# ' from."""

    field: str
    name: str  #: As `from` says it.
    given: Given
    personal: bool


@dataclass(frozen=True, slots=True)
class First:
    """A first mapping, and what became of each answer."""

    text: str
    uses: dict[str, str]  #: First name of an answer → the fields that use it: "$full_name, $first_name".


def first_mapping(form: Form, wanted: Wanted, country: str) -> First:
    """The mapping. `country`: of numbers without one, as the settings say; "" for none.

    Its problems are those of `<choose …>`, and no others. A campaign that nobody named is left to choose where
    nothing else is: no file sends anything before a person had a word in it.
    """
    writer = _Writer(form, country)
    whole = writer.text(wanted)
    if not wanted.named and not read_mapping("", whole)[1]:
        whole = writer.text(replace(wanted, campaign=""))
    return First(whole, writer.uses())


class _Writer:
    """One mapping being written."""

    def __init__(self, form: Form, country: str) -> None:
        self.form = form
        self.country = country
        self.shelf = Shelf(form.answers, form.facts)
        self.sorted = sort_out([given for given in form.answers if self.shelf.name_of(given)], country)
        self.entries = list(_entries(self.sorted, self.shelf))
        self.fields = [entry.field for entry in self.entries]
        self.spares = list(self._spares())

    def text(self, wanted: Wanted) -> str:
        parts = (self._head(), self._fields(), self._defaults(), self._rules(wanted))
        return "\n".join("".join(f"{line}\n" for line in part) for part in parts)

    def uses(self) -> dict[str, str]:
        """What became of each answer, by its first name."""
        fields: dict[str, list[str]] = {}
        for entry in self.entries:
            for name, _ in entry.candidates:
                fields.setdefault(name, []).append(f"${entry.field}")
        spare = {each.name: [f"# {each.field}"] for each in self.spares}
        return {
            given.names[0]: ", ".join((spare | fields).get(self.shelf.name_of(given), []))
            for given in self.form.answers
        }

    def _head(self) -> Iterator[str]:
        form, count = self.form, self.form.leads
        what = f"the form '{form.form}' of {form.source}" if form.form else f"{form.source}"
        yield MODELINE
        yield f"# Who gets which message from {what}; written from {count} lead{'s' * (count > 1)} that came."
        yield "# Write what belongs there wherever it says <choose …>; `gateway check` shows what is still to choose."
        yield f"source: {form.source}"
        if form.form:
            yield f"form: {text(form.form)}"
        if not self.country:
            yield from self._country()

    def _country(self) -> Iterator[str]:
        numbers = (value for given in self.sorted.of(Kind.PHONE) for value in given.values)
        if any(map(is_national, numbers)):
            yield _line("country: <choose a country>", "two capitals, like IN: numbers came without their country")
        else:
            yield _line("# country: IN", "for numbers that come without their country")

    def _fields(self) -> Iterator[str]:
        yield _line("fields:", "FIND: your word for it, then the answer it is found in")
        for entry in self.entries:
            yield from _field(entry)
        if "phone" not in self.fields:
            yield _line("  phone: <choose an answer>", "the one that holds the phone number")
        if self.spares:
            yield "  # Other answers. Take away '# ' before the one to use, and write it below as $ and its name."
        for spare in self.spares[:_MOST_OTHERS]:
            yield _line(f"  # {spare.field}: {text(spare.name)}", _examples(spare))
        if left := len(self.spares[_MOST_OTHERS:]):
            yield f"  # … and {left} more, which `gateway leads` shows with a lead's id."

    def _spares(self) -> Iterator[Spare]:
        taken = {"phone", *self.fields}
        used = {name for entry in self.entries for name, _ in entry.candidates}
        for given, kind in self.sorted.kinds:
            if (name := self.shelf.name_of(given)) not in used:
                said = self.sorted.without_names(given)
                yield Spare(field_name(given, taken), name, said, tells_of_person(said, kind))
        for fact in self.form.facts:
            if (name := self.shelf.fact(fact)) and not _TECHNICAL.fullmatch(fact.names[0]):
                said = self.sorted.without_names(fact)
                yield Spare(field_name(fact, taken), name, said, tells_of_person(said, Kind.OTHER))

    def _defaults(self) -> Iterator[str]:
        yield _line("defaults:", "every message of this file starts from this")
        yield "  destination: $phone"
        if "full_name" in self.fields:
            yield "  userName: $full_name"
        yield _line(f"  source: {self.form.source.capitalize()}", "AiSensy's label for where the contact came from")
        yield from ("  tags:", f"    - {self.form.source}")
        if details := [name for name in (Kind.CITY, Kind.EMAIL) if name in self.fields]:
            yield _line("  attributes:", "kept with the contact, where AiSensy has attributes of these names")
            yield from (f"    {name}: ${name}" for name in details)

    def _rules(self, wanted: Wanted) -> Iterator[str]:
        yield _line("rules:", "SAY: the first rule that fits is taken")
        yield from ("  - name: Everyone", "    call:")
        if wanted.campaign:
            yield f"      campaignName: {text(wanted.campaign)}"
        else:
            yield _line("      campaignName: <choose a campaign>", "its name exactly as in AiSensy")
        yield from self._params(wanted.contract)
        yield from _media(wanted.contract.media if wanted.contract else Media.NONE)

    def _params(self, contract: Contract | None) -> Iterator[str]:
        count = contract.params if contract else 1
        if not count:
            return
        each = "one line for each {{…}} of the template; take all of it out if there is none"
        yield _line("      templateParams:", "" if contract else each)
        for number in range(1, count + 1):
            greets = number == 1 and "first_name" in self.fields
            cure = "" if greets else ": the $name of a field from above, or words of your own"
            yield _line(f"        - {'$first_name' if greets else '<choose a field>'}", f"{{{{{number}}}}}{cure}")


def _entries(answers: Sorted, shelf: Shelf) -> Iterator[Entry]:
    """The fields of what is recognised."""
    names = {kind: [shelf.name_of(given) for given in answers.of(kind)] for kind in Kind}
    full, first = names[Kind.FULL_NAME], names[Kind.FIRST_NAME]
    found = (
        Entry("phone", _filtered(names[Kind.PHONE])),
        Entry("full_name", _filtered([*full, *first], "title")),
        Entry("first_name", _filtered([*first, *full], "first_name"), default="there"),
        Entry("email", _filtered(names[Kind.EMAIL])),
        Entry("city", _filtered(names[Kind.CITY], "title")),
    )
    return (entry for entry in found if entry.candidates)


def _filtered(names: Sequence[str], word: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((name, word) for name in names)


def _field(entry: Entry) -> Iterator[str]:
    if entry.default:
        yield f"  {entry.field}:"
        yield from _candidates("    from:", entry.candidates)
        yield _line(f"    default: {entry.default}", "what a message says without it")
    else:
        yield from _candidates(f"  {entry.field}:", entry.candidates)


def _candidates(key: str, candidates: Sequence[tuple[str, str]]) -> Iterator[str]:
    texts = [text(f"{name} | {word}" if word else name) for name, word in candidates]
    if len(texts) == 1:
        yield f"{key} {texts[0]}"
        return
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    yield _line(key, "the first that is filled in counts")
    yield from (f"{indent}- {each}" for each in texts)


def _media(media: Media) -> Iterator[str]:
    if media is Media.NONE:
        return
    kind = "file" if media is Media.YES else str(media)
    yield "      media:"
    yield _line("        url: <choose an address>", f"of the {kind}, starting with https://")
    yield _line("        filename: <choose a file name>", "what the person sees")


def _examples(spare: Spare) -> str:
    """What to say of a spare answer beside it; nothing that tells who somebody is, and no long texts."""
    given = spare.given
    shown = [example(value) for value in given.different if not spare.personal and len(value) <= LONGEST_EXAMPLE]
    title = given.called if given.called != given.names[0] and sayable(given.called) else ""
    said = ", ".join(shown if given.is_choice else shown[:_EXAMPLES])
    return ": ".join(filter(None, (title, said)))


def _line(written: str, comment: str) -> str:
    """A line with its comment, if there is one; the comments stand below each other."""
    return f"{written:<{_COMMENTS_AT - 1}} # {comment}" if comment else written
