"""People who fill in forms: one lead of each source in turn, every person with a phone number of its own."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import phonenumbers
from harness import SAMPLES, credential

from gateway import clock

#: No connection was made, so nothing can have arrived; or one was, and no answer came.
REFUSED, LOST = 0, -1

#: In each area, 555-0100 to 555-0199 are nobody's number.
_EACH = 100


@dataclass(slots=True)
class Posted:
    """One lead, and whether its request was answered 200."""

    source: str
    phone: str
    path: str
    body: bytes
    at_graph: dict[str, Any] | None = None  #: What Graph must know of it, where a source has only ids.
    answered: bool = False

    @property
    def comes_again(self) -> bool:
        """Services that send an id try until they are answered; a browser posts once."""
        return self.source != "website"


@cache
def _areas() -> list[int]:
    """The area codes of the United States."""
    found = {area: phonenumbers.parse(f"+1{area}5550100") for area in range(201, 990)}
    return [area for area, number in found.items() if phonenumbers.region_code_for_number(number) == "US"]


def phone_of(number: int) -> str:
    """The phone number of one person."""
    return f"+1{_areas()[number // _EACH]}555{100 + number % _EACH:04}"


def lead(number: int, **answers: str) -> Posted:
    """The lead of one person; `answers`: more of them, on the website's form."""
    phone = phone_of(number)
    source = ("website", "typeform", "facebook")[number % 3]
    if answers or source == "website":
        body = {"name": f"Lead {number}", "phone": phone, "interest": "2 BHK"} | answers
        return Posted("website", phone, "/hooks/website/price-list", json.dumps(body).encode())
    if source == "typeform":
        return Posted(source, phone, "/hooks/typeform", json.dumps(_typeform(number, phone)).encode())
    found = _graph_lead(number, phone)
    return Posted(source, phone, "/hooks/facebook", json.dumps(_facebook(number)).encode(), found)


def _typeform(number: int, phone: str) -> dict[str, Any]:
    """A response to the sample's form, from another person, under its own ids, sent just now."""
    body: dict[str, Any] = json.loads((SAMPLES / "typeform" / "hot-lead.json").read_bytes())
    body["event_id"] = f"01KORDEAL{number:017}"
    response = body["form_response"]
    response["token"] = response["response_id"] = f"ordeal{number:09}"
    response["landed_at"] = response["submitted_at"] = f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    for answer in response["answers"]:
        if answer["field"]["ref"] == "phone":
            answer["phone_number"] = phone
    return body


def _facebook(number: int) -> dict[str, Any]:
    value = {"leadgen_id": f"9001{number:08}", "page_id": "1002", "form_id": "120213456789012345"}
    change = {"field": "leadgen", "value": value}
    return {"object": "page", "entry": [{"id": "1002", "time": int(clock.now().timestamp()), "changes": [change]}]}


def _graph_lead(number: int, phone: str) -> dict[str, Any]:
    answers = {"full_name": f"Lead {number}", "phone_number": phone, "city": "Goa"}
    field_data = [{"name": name, "values": [value]} for name, value in answers.items()]
    return {"id": f"9001{number:08}", "form_id": "120213456789012345", "field_data": field_data}


def send(port: int, posted: Posted) -> int:
    """The status of one POST to a gateway on this machine, or REFUSED, or LOST."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.connect()
    except OSError:
        return REFUSED
    try:
        headers = {"Content-Type": "application/json"} | credential(posted.source, posted.body)
        line.request("POST", posted.path, posted.body, headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return LOST
    finally:
        line.close()
