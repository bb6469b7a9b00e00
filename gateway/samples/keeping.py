"""A stored lead → a sample with its expected plan, its people replaced, the same rule still chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from urllib.parse import unquote_plus

from gateway import samples
from gateway.errors import GatewayError, Unreadable
from gateway.inbound.source import Source, sources
from gateway.mapping.reader.check import choose
from gateway.model import Event, Lead, Value
from gateway.pipeline.planning import Live
from gateway.samples import Planned, Sample, bodies
from gateway.samples.alike import difference
from gateway.samples.people import People
from gateway.samples.told import Told
from gateway.settings import Settings

#: Facts that machines tell of an ad, a form or a moment: nobody needs to look them over.
_OF_MACHINES = re.compile(
    r"utm_|ad_|ads|adgroup_|campaign|form_|page|platform|is_organic|ending|score|.*(?:_at|_time|_id|useragent)$"
)
#: Longer texts hold too many words to look for each of them everywhere.
_LONGEST = 6_000
_SAFE_NAME = re.compile(r"\w+(?:[-_]\w+)*")


class NotKept(GatewayError):
    """This lead cannot become a sample; the text says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A sample that is ready to be written."""

    files: Mapping[Path, bytes]
    planned: Planned
    free: tuple[tuple[str, str], ...]  #: Name and text of what is more than a name, a number or an e-mail address.

    def write(self) -> None:
        """Write its files. Raises OSError."""
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def keep(lead: Lead, event: Event, live: Live, settings: Settings, folder: Path, name: str = "") -> Kept:
    """Make a sample of a lead with answers, as the mappings `live` plan it; nothing is written.

    `settings`: with invented secrets; `folder`: of all samples; `name`: of the case, "" for one made of the rule.
    Raises GatewayError when it cannot be asked for, NotKept when people cannot be replaced without a change.
    """
    keeper = _Keeper(lead, event, live, settings)
    path = _path(folder, keeper.before, name, lead.id)
    why = ""
    # The example numbers of a country may lie in another time zone, and another moment be another hour.
    for near, received in product((False, True), (None, event.received)):
        people = keeper.people(near=near)
        sample = keeper.sample(path, people, received.isoformat() if received else "")
        why = keeper.difference(sample, people)
        if not why:
            return keeper.kept(sample, people)
    raise NotKept(f"l{lead.id} is not kept: with invented people in it, {why}.")


class _Keeper:
    """One lead on its way into a sample."""

    def __init__(self, lead: Lead, event: Event, live: Live, settings: Settings) -> None:
        self.lead = lead
        self.live = live
        self.settings = settings
        self.source = _source(lead, settings)
        self.event, self.lookups = _alone(self.source, event, lead), self.source.looked_up(lead)
        self.before = self._run(Sample(Path(lead.source, "real"), self.event, self.lookups))
        if self.lookups and self.before.lead.answers != lead.answers:
            raise NotKept(f"l{lead.id} is not kept: its answers cannot be written down as {lead.source} tells them.")

    def people(self, *, near: bool) -> People:
        lead = self.before.lead
        mapping = choose(self.live.mappings, lead.source, lead.form)
        texts = [*bodies.texts(self.event.body), *bodies.pairs(self.event.query), *bodies.told(self.lookups)]
        told = Told(lead, mapping, texts, self.source.ids(self.event))
        if any(len(text) > _LONGEST for text in (*told.called, *told.asked)):
            raise NotKept(f"l{self.lead.id} is not kept: its name or number is too long to be one.")
        country = (mapping.country if mapping else "") or self.live.country
        return People(told, country, self.lead.id, near=near)

    def sample(self, path: Path, people: People, received: str) -> Sample:
        """The request with invented people in it, received at a moment of its own if one is given."""
        body = bodies.changed(self.event.body, people.changed)
        suffix = ".json" if bodies.is_json(body) else ".form"
        path = path.with_name(path.name + suffix)
        form, dashes, _case = path.stem.partition("--")
        own = {
            "received": received,
            "query": bodies.query(self.event.query, people.changed),
            "form": "" if self.event.form == (form if dashes else "") else self.event.form,
        }
        lookups = {people.changed(key): bodies.mapped(told, people.changed) for key, told in self.lookups.items()}
        event = replace(self.event, body=body, content_type=samples.CONTENT_TYPES[suffix])
        return Sample(path, event, lookups).saying({name: text for name, text in own.items() if text})

    def difference(self, sample: Sample, people: People) -> str:
        """What is not as with the real people, in a clause; "" when nothing is."""
        try:
            after = self._run(sample)
        except NotKept:
            return "it reads as something else"
        return _misread(self.before.lead, after.lead, people) or difference(self.before, after, people.changed)

    def kept(self, sample: Sample, people: People) -> Kept:
        """Its files, once it is sure that nobody real is left in them."""
        expected = samples.outcome(sample, self.live, self.settings)
        files = {sample.path: sample.event.body, sample.expected_path: samples.text(expected).encode()}
        if sample.lookups:
            files[sample.path.with_name(sample.path.stem + ".graph.json")] = samples.text(dict(sample.lookups)).encode()
        for path, content in files.items():
            if left := _left(path, content, people):
                raise NotKept(f"l{self.lead.id} is not kept: {left} would still stand in {path.name}.")
        return Kept(files, self._run(sample), tuple(_free(self.before.lead, people)))

    def _run(self, sample: Sample) -> Planned:
        _state, note, planned = samples.run(sample, self.live, self.settings)
        if len(planned) != 1:
            raise NotKept(f"l{self.lead.id} is not kept: its event cannot be read as one lead any more ({note}).")
        return planned[0]


def _source(lead: Lead, settings: Settings) -> Source:
    source = sources(settings, samples.Canned({})).get(lead.source)
    if source is None:
        raise GatewayError(f"l{lead.id} came from '{lead.source}', a source that this version does not know.")
    return source


def _alone(source: Source, event: Event, lead: Lead) -> Event:
    try:
        return source.alone(event, lead)
    except Unreadable as error:
        raise GatewayError(f"The event of l{lead.id} cannot be read any more: {error}.") from None


def _path(folder: Path, before: Planned, name: str, lead_id: int) -> Path:
    """Of the sample, without its ending. Raises GatewayError when it is taken, or no name for a file."""
    lead = before.lead
    if name and not _SAFE_NAME.fullmatch(name):
        raise GatewayError(f"'{name}' is no name for a case: write letters, digits and single dashes alone.")
    rule = before.plan.rule if before.plan else ""
    case = name or f"{_slug(rule) or _slug(lead.form) or before.state}-l{lead_id}"
    stem = f"{_slug(lead.form) or 'form'}--{case}" if lead.source == "website" else case
    place = folder / lead.source
    if any(place.glob(f"{stem}.*")):
        raise GatewayError(f"There is a sample {place / stem} already; give this one another name.")
    return place / stem


def _slug(text: str) -> str:
    """Small letters and digits with single dashes between.

    >>> _slug("Keen to visit?")
    'keen-to-visit'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _misread(real: Lead, read: Lead, people: People) -> str:
    """Where the invented lead does not say what the real one says, but for its people."""
    if len(real.answers) != len(read.answers):
        return "it reads as other answers"
    for before, after in zip(real.answers, read.answers, strict=True):
        if _changed(before.value, people) != after.value:
            return f"the answer '{before.names[0]}' reads otherwise"
    wrong = (name for name, text in real.about.items() if people.changed(text) != read.about.get(name))
    return next((f"the fact '{name}' reads otherwise" for name in wrong), "")


def _changed(value: Value, people: People) -> Value:
    return people.changed(value) if isinstance(value, str) else tuple(map(people.changed, value))


def _left(path: Path, content: bytes, people: People) -> str:
    """Who stands in a file, in its name or in its content, in words; "" for nobody."""
    text = content.decode()
    plain = text if bodies.is_json(content) else unquote_plus(text)
    said = [said for _, said in bodies.texts(content)]
    said += [hidden for each in said for hidden in bodies.encoded(each)]
    found = [*map(people.left_exactly, (text, plain)), *map(people.left, (path.stem, *said))]
    return next(filter(None, found), "")


def _free(lead: Lead, people: People) -> Iterator[tuple[str, str]]:
    """What a person should look over: answers and hidden fields that tell more than who it is, as they were kept."""
    answers = [(answer.names[0], answer.value) for answer in lead.answers]
    every: list[tuple[str, Value]] = [*answers, *lead.about.items()]
    for name, value in every:
        texts = [value] if isinstance(value, str) else value
        if not _OF_MACHINES.match(name) and any(map(people.may_tell_more, texts)):
            yield name, " ".join(people.changed(", ".join(texts)).split())
