"""Rules top to bottom, the first that matches wins; and `plan`, the one function of this stage."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace

from gateway.jsontext import clean
from gateway.mapping import recipient
from gateway.mapping.absent import absent
from gateway.mapping.answers import Answers
from gateway.mapping.call import Call, Said, Text, say
from gateway.mapping.consent import refused
from gateway.mapping.fields import Field, Found, find_among
from gateway.mapping.limits import Limits
from gateway.mapping.when import Condition, compared, judge, named
from gateway.mapping.wording import joined
from gateway.model import After, Lead, PassedOver, Plan, PlanKind, Value

_RECIPIENT = frozenset(recipient.NAMES)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A later call for the same lead."""

    line: int
    after: After
    call: Call  #: The rule's, changed as written.
    unless: tuple[Text, ...] = ()  #: "replied", "submitted again" or the name of a rule.
    without_receipts: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A branch of a mapping: exactly one of `call` and `skip`."""

    name: str
    line: int
    when: Condition | None = None  #: None: takes every lead.
    call: Call | None = None
    skip: str = ""
    too_late: Call | None = None  #: What a lead gets instead that is too old; None: nothing.
    follow_ups: tuple[FollowUp, ...] = ()
    send_again: bool = False  #: A call that may have arrived is made once more.

    @property
    def calls(self) -> tuple[Call, ...]:
        """All that it may send."""
        later = (follow_up.call for follow_up in self.follow_ups)
        return tuple(call for call in (self.call, self.too_late, *later) if call)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping file, checked and ready."""

    file: str  #: Its name, "facebook.yaml".
    source: str
    forms: tuple[str, ...]  #: Empty: the mapping of last resort for its source.
    country: str  #: "" when the file names none.
    fields: Table[str, Field]
    rules: tuple[Rule, ...]
    timezone: str = ""  #: IANA name; "" when the file names none.
    limits: Limits = field(default_factory=Limits)  #: Of this file alone.


def plan(
    lead: Lead, mapping: Mapping, *, country: str = "", fallback_name: str = "there", rule: str = "", consent: str = ""
) -> Plan:
    """What `mapping` would send for `lead`, and why. The same for the same lead and mapping; raises nothing.

    `country` serves where the file names none; `fallback_name` is the userName of people who gave no
    name; `rule`, if given, makes the call of the rule of that name instead of choosing one; `consent` is the
    field that must say yes in every file.
    """
    planner = _Planner(lead, mapping, mapping.country or country, fallback_name, consent)
    return planner.forced(rule) if rule else planner.chosen()


class _Planner:
    """One lead held against one mapping: what was found, the rules passed over, the warnings so far."""

    def __init__(self, lead: Lead, mapping: Mapping, country: str, fallback_name: str, consent: str) -> None:
        self.lead = lead
        self.answers = answers = Answers(lead)
        self.mapping = mapping
        self.country = country
        self.fallback_name = fallback_name
        self.found = {name: find_among(entry, answers, country) for name, entry in mapping.fields.items()}
        self.values: dict[str, Value] = _about(lead) | {name: found.value for name, found in self.found.items()}
        self.unclear = frozenset(name for name, found in self.found.items() if found.unclear)
        self.consents = tuple(filter(None, (mapping.limits.consent, consent)))
        self.no_consent = refused(self.consents, self.found)
        self.looked_at: list[Condition | None] = []  #: The `when` of each rule so far.
        self.passed_over: list[PassedOver] = []
        self.warnings: list[str] = []

    def forced(self, name: str) -> Plan:
        for rule in self.mapping.rules:
            if rule.name == name:
                return self._made(rule)
        return self._plan(PlanKind.UNMATCHED, reason="rule removed")

    def chosen(self) -> Plan:
        for rule in self.mapping.rules:
            self.looked_at.append(rule.when)
            if self.unclear and (doubts := self.unclear & self._decisive(rule)):
                return self._plan(PlanKind.UNCLEAR, rule, self._doubt(doubts))
            if self._holds(rule):
                return self._made(rule)
        return self._plan(PlanKind.UNMATCHED, reason="no rule of the mapping fits this lead")

    def _decisive(self, rule: Rule) -> frozenset[str]:
        """The fields by which a rule is taken or not; what is asked of the recipient hangs on the phone field."""
        names = named(rule.when)
        return names | {self._destination(rule.call).removeprefix("$")} if names & _RECIPIENT else names

    def _destination(self, call: Call | None) -> str:
        """What a call has as `destination`; a rule that skips sees that of the file's first call."""
        calls = (call, *(rule.call for rule in self.mapping.rules))
        return next((each.destination.template for each in calls if each), "")

    def _seen(self, call: Call | None, *conditions: Condition | None) -> Table[str, Value]:
        """The values that some conditions of a rule see; the recipient is looked up only if they ask."""
        asked = named(*conditions) & _RECIPIENT
        if not asked:
            return self.values
        written = self._destination(call)
        found = self.found.get(written.removeprefix("$"))
        number = joined(found.value) if found else written
        home = {"country": self.country, "timezone": self.mapping.timezone}
        values, warnings = recipient.known(asked, number, self.lead.received, **home)
        self.warnings += warnings
        return self.values | values

    def _holds(self, rule: Rule) -> bool:
        if rule.when is None:
            return True
        verdict = judge(rule.when, self._seen(rule.call, rule.when))
        self.warnings += verdict.warnings
        if not verdict.holds:
            self.passed_over.append(PassedOver(rule.name, verdict.line, verdict.because))
        return verdict.holds

    def _made(self, rule: Rule) -> Plan:
        if rule.call is None:
            return self._plan(PlanKind.SKIP, rule, rule.skip)
        required = [found for found in self.found.values() if found.field.required and not found.value]
        needed = self._used(rule.call) | {found.field.name for found in required} | set(self.consents)
        if doubts := self.unclear & needed:
            return self._plan(PlanKind.UNCLEAR, rule, self._doubt(doubts))
        said = self._said(rule.call)
        self.warnings += said.warnings
        if mistakes := (*map(_lacking, required), *said.mistakes):
            return self._plan(PlanKind.BLOCKED, rule, "; ".join(mistakes), said)
        return self._with_later(self._plan(PlanKind.CALL, rule, said=said), rule)

    def _used(self, call: Call) -> frozenset[str]:
        return call.used(frozenset(self.found))

    def _said(self, call: Call) -> Said:
        values = self._seen(call, *(tag.when for tag in call.tags))
        return say(call, self.found, values, country=self.country, fallback_name=self.fallback_name)

    def _with_later(self, made: Plan, rule: Rule) -> Plan:
        """The plan with what its rule may send besides, and with what is true of every call of the rule."""
        if not (self.no_consent or rule.send_again or rule.too_late or rule.follow_ups):
            return made
        return replace(
            made,
            no_consent=self.no_consent,
            send_again=rule.send_again,
            too_late=self._later(rule, rule.too_late, rule.too_late.campaign.line) if rule.too_late else None,
            follow_ups=tuple(self._followed(rule, later) for later in rule.follow_ups),
        )

    def _followed(self, rule: Rule, later: FollowUp) -> Plan:
        unless = tuple(text.template for text in later.unless)
        made = self._later(rule, later.call, later.line)
        return replace(made, after=later.after, unless=unless, without_receipts=later.without_receipts)

    def _later(self, rule: Rule, call: Call, line: int) -> Plan:
        """One call beside the rule's own; its faults are its own, too."""
        if doubts := self.unclear & self._used(call):
            return Plan(PlanKind.BLOCKED, self.mapping.file, rule.name, line, self._doubt(doubts))
        said = self._said(call)
        return Plan(
            PlanKind.BLOCKED if said.mistakes else PlanKind.CALL,
            self.mapping.file,
            rule=rule.name,
            line=line,
            reason="; ".join(said.mistakes),
            call={} if said.mistakes else said.body,
            words=said.words,
            left_out=said.left_out,
            warnings=said.warnings,
            no_consent=self.no_consent,
            send_again=rule.send_again,
        )

    def _doubt(self, fields: Iterable[str]) -> str:
        return "; ".join(self.found[name].unclear for name in self.found if name in fields)

    def _plan(self, kind: PlanKind, rule: Rule | None = None, reason: str = "", said: Said | None = None) -> Plan:
        return Plan(
            kind,
            self.mapping.file,
            rule=rule.name if rule else "",
            line=rule.line if rule else 0,
            reason=reason,
            call=said.body if said and kind is PlanKind.CALL else {},
            words=said.words if said else (),
            left_out=said.left_out if said else (),
            passed_over=tuple(self.passed_over),
            warnings=self._all_warnings(rule, told=reason),
        )

    def _absent(self, rule: Rule | None) -> list[str]:
        """What is said of needed fields that no answer bears the name of.

        A default says that an answer may be missing, so those fields only count where a `when` compares them.
        """
        calls = rule.calls if rule else ()
        conditions = [*self.looked_at, *(tag.when for call in calls for tag in call.tags)]
        needed = named(*conditions).union(*map(self._used, calls), self.consents if calls else ())
        decisive = compared(*conditions)
        fields = [self.mapping.fields[name] for name in self.found if name in needed]
        said = [absent(each, self.answers) for each in fields if not each.default or each.name in decisive]
        return [sentence for sentence in said if sentence]

    def _all_warnings(self, rule: Rule | None, told: str) -> tuple[str, ...]:
        """Each warning once; doubts that are not the reason already are warnings too."""
        doubts = [found.unclear for found in self.found.values() if found.unclear and found.unclear not in told]
        finding = [warning for found in self.found.values() for warning in found.warnings]
        return tuple(dict.fromkeys(finding + doubts + self._absent(rule) + self.warnings))


def _about(lead: Lead) -> dict[str, Value]:
    """What a `when` sees beside the file's fields; `received` is an ISO date-time in UTC."""
    return {"form": clean(lead.form), "source": lead.source, "received": lead.received.isoformat(timespec="seconds")}


def _lacking(found: Found) -> str:
    return f"the field '{found.field.name}' is required: {found.missing()}"
