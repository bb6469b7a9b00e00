"""Lead → Plan → what becomes of the lead."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.mapping import rules
from gateway.mapping.limits import FILE, Limits, stricter
from gateway.mapping.reader.check import choose, read_mappings
from gateway.model import Contract, Delivery, DeliveryState, Lead, LeadState, Plan, PlanKind
from gateway.pipeline.beside import limits_of, lock_of, only_mappings
from gateway.settings import Settings
from gateway.store.deliveries import Next
from gateway.store.leads import Fate

log = logging.getLogger(__name__)

_STATES = {
    PlanKind.CALL: LeadState.PLANNED,
    PlanKind.SKIP: LeadState.SKIPPED,
    PlanKind.UNMATCHED: LeadState.UNMATCHED,
    PlanKind.BLOCKED: LeadState.FAILED,
    PlanKind.UNCLEAR: LeadState.WAITING,
}


#: Of a live file that this version of the program cannot read: why its calls wait.
UNUSABLE = "cannot be used as it is; `gateway check` says why"


@dataclass(frozen=True, slots=True)
class Live:
    """The mappings that decide now, and what they fall back on."""

    version: int  #: 0: none was ever published.
    mappings: tuple[rules.Mapping, ...]
    country: str
    fallback_name: str
    unreadable: tuple[str, ...] = ()  #: Live files that this version of the program cannot read any more.
    contracts: Mapping[str, Contract] = field(default_factory=dict)  #: What campaigns want, as `contracts.yaml` has it.
    common: Limits = field(default_factory=Limits)  #: Of `limits.yaml`: they count for every file.

    @classmethod
    def of(cls, version: int, files: Mapping[str, str | bytes], settings: Settings) -> Live:
        """Read the files of a published version; they were checked before they went live."""
        written = only_mappings(files)
        common, wrong = limits_of(files)
        mappings, problems = read_mappings(written, version=settings.text("AISENSY_VERSION"), consent=common.consent)
        broken = [problem for problem in wrong if not problem.warning]
        unreadable = tuple(sorted(set(written) - set(mappings) | ({FILE} if broken else set())))
        for problem in problems:
            if problem.file in unreadable:
                log.error("a live mapping cannot be read any more, its leads wait: %s", problem)
        for problem in wrong:
            log.error("a live limit cannot be read any more, so nothing leaves: %s", problem)
        country, name = settings.text("GATEWAY_COUNTRY"), settings.text("GATEWAY_USERNAME_FALLBACK")
        return cls(version, tuple(mappings.values()), country, name, unreadable, lock_of(files)[0], common)

    def mapping(self, file: str) -> rules.Mapping | None:
        """The mapping of a file; None when it is not live."""
        return next((mapping for mapping in self.mappings if mapping.file == file), None)

    def limits(self, file: str) -> Limits:
        """What the calls of a file are held against."""
        mapping = self.mapping(file)
        return stricter(self.common, mapping.limits) if mapping else self.common

    def blind(self, file: str) -> str:
        """The file, of those that the calls of one go by, that cannot be read any more; "" when all can."""
        return next((name for name in (FILE, file) if name in self.unreadable), "")

    def unsure(self, lead: Lead) -> str:
        """The file that may be the one for this lead, were it readable; "" when the mapping is sure."""
        if FILE in self.unreadable:
            return FILE
        mapping = choose(self.mappings, lead.source, lead.form)
        return self.unreadable[0] if self.unreadable and (mapping is None or not mapping.forms) else ""

    def plan(self, lead: Lead, rule: str = "") -> Plan | None:
        """The plan for a lead (by the rule of that name, if one is given); None when its form has no mapping."""
        mapping = choose(self.mappings, lead.source, lead.form)
        if mapping is None:
            return None
        try:
            return self._plan(lead, mapping, rule)
        except Exception as error:  # a fault of ours must not stop the leads behind this one
            log.exception("lead l%d cannot be planned", lead.id)
            return Plan(PlanKind.BLOCKED, mapping.file, reason=f"a fault of the gateway: {type(error).__name__}")

    def _plan(self, lead: Lead, mapping: rules.Mapping, rule: str) -> Plan:
        country, name, consent = self.country, self.fallback_name, self.common.consent
        return rules.plan(lead, mapping, country=country, fallback_name=name, rule=rule, consent=consent)


def fate(lead: Lead, live: Live) -> Fate:
    """What becomes of a lead whose answers are here."""
    if lead.state is not None:
        return Fate(lead.state, lead.reason)
    if file := live.unsure(lead):
        about = "counts for every form" if file == FILE else "may be for this form"
        return Fate(LeadState.WAITING, f"{file} {about} and {UNUSABLE}", "mapping")
    made = live.plan(lead)
    if made is None:
        return Fate(LeadState.UNMAPPED, f"no mapping for {_form(lead)}", mapping_version=live.version)
    waits_for = "mapping" if made.kind is PlanKind.UNCLEAR else ""
    return Fate(_STATES[made.kind], made.reason, waits_for, plan=made, mapping_version=live.version)


def _form(lead: Lead) -> str:
    return f"form '{lead.form}' of {lead.source}" if lead.form else f"{lead.source} without a form name"


def who(lead: Lead, plan: Plan | None) -> str:
    """A name to tell a lead by: that of its call, else the first answer that is called some name."""
    called = str(plan.call.get("userName", "")) if plan else ""
    named = (answer.value for answer in lead.answers if any("name" in name.lower() for name in answer.names))
    return called or next((value for value in named if isinstance(value, str)), "")


def changed(delivery: Delivery, lead: Lead, live: Live) -> Plan | Next:
    """What the live mapping makes of a delivery that has not left: its new plan, or why it does not leave."""
    made = live.plan(lead, delivery.rule)
    if made is None or made.kind is PlanKind.UNMATCHED:
        return Next(DeliveryState.CANCELLED, "rule removed")
    if made.kind is PlanKind.SKIP:
        return Next(DeliveryState.CANCELLED, f"its rule now says: {made.reason}")
    made = _of_step(made, delivery.step)
    if made is None:
        return Next(DeliveryState.CANCELLED, "follow-up removed")
    if made.kind is not PlanKind.CALL:
        return Next(DeliveryState.HELD, made.reason, hold="mapping")
    return made


def _of_step(made: Plan, step: int) -> Plan | None:
    """The part of a lead's plan that one delivery makes; None when there is no such part any more."""
    if step == 0 or made.kind is not PlanKind.CALL:
        return replace(made, follow_ups=())
    return made.follow_ups[step - 1] if step <= len(made.follow_ups) else None
