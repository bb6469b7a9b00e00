"""Rules top to bottom, the first that matches wins; and `plan`, the one function of this stage."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass

from gateway.mapping.call import Call
from gateway.mapping.fields import Field
from gateway.mapping.when import Condition
from gateway.model import Lead, Plan


@dataclass(frozen=True, slots=True)
class Rule:
    """A branch of a mapping: exactly one of `call` and `skip`."""

    name: str
    line: int
    when: Condition | None = None  #: None: takes every lead.
    call: Call | None = None
    skip: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping file, checked and ready."""

    file: str  #: Its name, "facebook.yaml".
    source: str
    forms: tuple[str, ...]  #: Empty: the mapping of last resort for its source.
    country: str  #: "" when the file names none.
    fields: Table[str, Field]
    rules: tuple[Rule, ...]


def plan(lead: Lead, mapping: Mapping, *, country: str = "", fallback_name: str = "there", rule: str = "") -> Plan:
    """What `mapping` would send for `lead`, and why.

    `country` serves where the file names none; `fallback_name` is the userName of people who gave no
    name; `rule`, if given, makes the call of the rule of that name instead of choosing one.
    """
    raise NotImplementedError
