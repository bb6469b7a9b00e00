"""A gateway with something of everything in it, and every page of its console."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from harness import PERSON, Running, mapping, somebody, wait_for
from werkzeug.routing import IntegerConverter, Rule

from gateway.app import whole_app

#: The states of the leads of `fill`.
STATES = ("accepted", "duplicate", "failed", "unmapped", "suspected", "uncertain", "held")

#: The arguments of pages, where a number is a lead.
ARGUMENTS = {"file": "website.yaml", "name": "website", "form": "price-list", "source": "website"}


def fill(gateway: Running) -> Mapping[str, int]:
    """A lead in each of STATES; the lead of each state."""
    gateway.write_mapping("other.yaml", mapping("other"))
    found = {"accepted": _post(gateway, **PERSON), "duplicate": _post(gateway, **PERSON)}
    _wait(gateway, found["accepted"], "accepted")
    found["failed"] = _post(gateway, name="Nobody", city="Goa")
    found["unmapped"] = _post(gateway, "brochure", **somebody(2, message="Call me", utm_source="instagram"))
    found["suspected"] = _post(gateway, **somebody(3), _gotcha="a machine")
    gateway.fault(cut="after")
    found["uncertain"] = _post(gateway, **somebody(4))
    _wait(gateway, found["uncertain"], "uncertain")
    gateway.fault(credit="none")
    found["held"] = _post(gateway, **somebody(5))
    _wait(gateway, found["held"], "held")
    return found


def _post(gateway: Running, form: str = "other", **answers: str) -> int:
    event = gateway.post_website(form, **answers)
    [lead] = wait_for(lambda: gateway.leads(event))
    return int(lead.lead.id)


def _wait(gateway: Running, lead: int, state: str) -> None:
    wait_for(
        lambda: [str(one.state) for one in gateway.deliveries() if one.lead_id == lead], lambda seen: seen == [state]
    )


def pages(found: Mapping[str, int]) -> Iterator[str]:
    """Every page that one comes to by clicking, as the part of its address behind /console/."""
    yield from ("today", "leads", "leads?state=held", "leads?q=nobody+is+called+so")
    yield from (f"leads/{lead}" for lead in found.values())
    yield from ("mappings", "mappings/other.yaml", f"mappings/other.yaml?line=3&lead={found['accepted']}")
    yield f"mappings/new?source=website&form={quote('brochure')}"
    yield from ("connect", "connect/website", "connect/facebook", "connect/typeform", "connect/aisensy")
    yield from ("health", "people", "audit")


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the console and one method that it takes."""

    method: str
    path: str  #: The part behind /console/.
    endpoint: str
    view: Any

    @property
    def is_for_all(self) -> bool:
        return self.endpoint == "console.static" or getattr(self.view, "for_everyone", False)

    @property
    def only_asks(self) -> bool:
        return getattr(self.view, "only_asks", False)


def routes(gateway: Running, lead: int) -> list[Route]:
    """All that the console registers, so that a new page is among them by itself. `lead`: the one to ask for."""
    app = whole_app(gateway.settings, gateway.ledger, gateway.sources)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")]
    return [
        Route(method, _path(app, rule, lead), rule.endpoint, app.view_functions[rule.endpoint])
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _path(app: Flask, rule: Rule, lead: int) -> str:
    values = {name: _value(rule, name, lead) for name in rule.arguments}
    adapter = app.url_map.bind("")
    return adapter.build(rule.endpoint, values, method=next(iter(rule.methods or ()))).removeprefix("/console/")


def _value(rule: Rule, name: str, lead: int) -> str | int:
    if isinstance(rule._converters[name], IntegerConverter):
        return lead
    return "console.css" if rule.endpoint == "console.static" else ARGUMENTS.get(name, "x")
