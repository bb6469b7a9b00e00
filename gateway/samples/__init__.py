"""Captured requests and the plans they must give: `samples/<source>/<case>.json` and `<case>.expected.json`."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError, LookupFatal, LookupPaused, LookupRetry
from gateway.http import Answered
from gateway.inbound.source import Source, sources
from gateway.model import Event, EventState, Lead, LeadState, Plan
from gateway.pipeline.planning import Live, fate
from gateway.pipeline.reading import read
from gateway.settings import Settings
from gateway.store.leads import StoredLead

#: What a file's ending says the sender says of it.
CONTENT_TYPES = {
    ".json": "application/json",
    ".form": "application/x-www-form-urlencoded",
    ".txt": "text/plain",
    ".multipart": "multipart/form-data; boundary=B1",
}

#: When every sample came, so that the same sample gives the same plan on any day.
RECEIVED = datetime(2026, 10, 5, 11, 33, 25, tzinfo=UTC)

#: Invented settings under which samples are read: nothing is sent and nobody is asked.
INVENTED = {
    "FACEBOOK_APP_SECRET": "sample-app-secret",
    "FACEBOOK_VERIFY_TOKEN": "sample-verify-token",
    "FACEBOOK_PAGE_TOKEN": "sample-page-token",
    "TYPEFORM_SECRET": "sample-typeform-secret",
    "WEBSITE_TOKEN": "sample-website-token",
}


def with_invented(settings: Settings) -> Settings:
    """The settings, with invented secrets: samples are signed and asked for with nobody's real ones."""
    return Settings({**settings.values, **INVENTED})


#: What a sample may say of its request at the top of its expected file, where the body cannot tell it.
OWN = ("received", "query", "form")


@dataclass(frozen=True, slots=True)
class Sample:
    """One captured request."""

    path: Path
    event: Event
    lookups: Mapping[str, Any]  #: Lead id → what Graph answers; from `<case>.graph.json`.
    own: Mapping[str, str] = field(default_factory=dict)  #: Those of OWN that its expected file says.

    @property
    def name(self) -> str:
        return f"{self.event.source}/{self.path.name}"

    @property
    def expected_path(self) -> Path:
        return _expected_path(self.path)

    def saying(self, own: Mapping[str, Any]) -> Sample:
        """The same request, with what its expected file says of it. Raises ValueError when `received` is no time."""
        known = {name: str(own[name]) for name in OWN if name in own}
        received = _moment(known["received"]) if "received" in known else RECEIVED
        query, form = known.get("query", self.event.query), known.get("form", self.event.form)
        return replace(self, event=replace(self.event, received=received, query=query, form=form), own=known)


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of one lead of a sample."""

    lead: Lead
    state: LeadState
    reason: str
    plan: Plan | None


class Canned:
    """Answers look-ups from a sample's file, so that no network is needed to see a plan."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        del params, headers
        answer = self.answers.get(url.rpartition("/")[2])
        if answer is None:
            error = {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}
            return Answered(400, json.dumps({"error": error}).encode())
        return Answered(200, json.dumps(answer).encode())


def load(path: Path) -> Sample:
    """One sample; its folder names the source, and for a website `<form>--<case>` the form."""
    content_type = CONTENT_TYPES.get(path.suffix)
    if content_type is None or not path.is_file():
        endings = ", ".join(CONTENT_TYPES)
        raise GatewayError(f"{path} is no sample: name a file ending in {endings}.")
    form, dashes, _case = path.stem.partition("--")
    event = Event(
        source=path.parent.name,
        form=form if dashes else "",
        received=RECEIVED,
        content_type=content_type,
        query="",
        body=path.read_bytes(),
    )
    sample = Sample(path, event, _table(path.with_name(path.stem + ".graph.json")))
    try:
        return sample.saying(_table(_expected_path(path)))
    except ValueError:
        sentence = "what 'received' says is no time; write it like 2026-10-05T11:33:25+00:00"
        raise GatewayError(f"{_expected_path(path)}: {sentence}.") from None


def _moment(text: str) -> datetime:
    """A time that says no zone is in UTC."""
    written = datetime.fromisoformat(text)
    return written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)


def _expected_path(path: Path) -> Path:
    return path.with_name(path.stem + ".expected.json")


def _table(path: Path) -> dict[str, Any]:
    """The JSON object in a file beside a sample; empty where there is no such file."""
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
    except ValueError:
        raise GatewayError(f"{path} is not JSON.") from None
    return found if isinstance(found, dict) else {}


def load_all(folder: Path) -> list[Sample]:
    """Every sample below a folder, in order."""
    extra = (".expected.json", ".graph.json")
    found = sorted(path for path in folder.glob("*/*") if path.suffix in CONTENT_TYPES)
    return [load(path) for path in found if not path.name.endswith(extra)]


def run(sample: Sample, live: Live, settings: Settings) -> tuple[EventState, str, list[Planned]]:
    """What the mappings make of a sample: the event's state and note, and the leads."""
    known = sources(settings, Canned(sample.lookups))
    state, reading = read(sample.event, known)
    return state, reading.note, [_planned(lead, known.get(sample.event.source), live) for lead in reading.leads]


def _planned(lead: Lead, source: Source | None, live: Live) -> Planned:
    if lead.state is LeadState.WAITING and source is not None:
        try:
            lead = source.fetch(lead)
        except (LookupRetry, LookupPaused, LookupFatal) as error:
            return Planned(lead, LeadState.WAITING, str(error), None)
    became = fate(lead, live)
    return Planned(lead, became.state, became.reason, became.plan)


def of_lead(stored: StoredLead, live: Live) -> Planned:
    """What the mappings make of a stored lead; what no mapping decides about stays as it is."""
    if not stored.lead.answers or stored.state in (LeadState.TEST, LeadState.DUPLICATE):
        return Planned(stored.lead, stored.state, stored.lead.reason, None)
    became = fate(stored.lead, live)
    return Planned(stored.lead, became.state, became.reason, became.plan)


def outcome(sample: Sample, live: Live, settings: Settings) -> dict[str, Any]:
    """The same as plain JSON: what stands in `<case>.expected.json`."""
    state, note, planned = run(sample, live, settings)
    return {**sample.own, "event": str(state), "note": note, "leads": [_lead_outcome(one) for one in planned]}


def _lead_outcome(planned: Planned) -> dict[str, Any]:
    said: dict[str, Any] = {"form": planned.lead.form, "state": str(planned.state), "reason": planned.reason}
    if planned.plan is not None:
        plan = planned.plan
        said |= {"mapping": plan.mapping, "rule": plan.rule, "call": plan.call, "warnings": list(plan.warnings)}
        said |= _besides(plan)
    return said


def _besides(plan: Plan) -> dict[str, Any]:
    """What few plans have beside their call; only what is there."""
    found: dict[str, Any] = {
        "no_consent": plan.no_consent,
        "too_late": _later(plan.too_late) if plan.too_late else None,
        "follow_ups": [_later(later) for later in plan.follow_ups],
    }
    return {key: value for key, value in found.items() if value}


def _later(plan: Plan) -> dict[str, Any]:
    when = {"after": plan.after.says, "unless": list(plan.unless)} if plan.after else {}
    return when | {"reason": plan.reason, "call": plan.call, "warnings": list(plan.warnings)}


def difference(sample: Sample, found: dict[str, Any]) -> str:
    """What changed against the expected file, as a diff; "" when nothing did."""
    if not sample.expected_path.is_file():
        return f"{sample.expected_path} is missing; `gateway test --update` writes it\n"
    before = sample.expected_path.read_text(encoding="utf-8").splitlines(keepends=True)
    after = text(found).splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, "expected", "found", n=2))


def text(found: dict[str, Any]) -> str:
    """An outcome as it stands in a file, made to be read in a diff."""
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
