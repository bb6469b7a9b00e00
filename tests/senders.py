"""People who fill in forms: one lead of each source in turn, every person with a phone number of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness import SAMPLES, credential

#: Area codes with which 555-0100 to 555-0199 are nobody's number: a hundred people each.
AREAS = (202, 212, 213, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 720, 808, 816, 901, 919)

#: No connection was made, so nothing can have arrived; or one was, and no answer came.
REFUSED, LOST = 0, -1


@dataclass(slots=True)
class Posted:
    """One lead, and whether its request was answered 200."""

    source: str
    phone: str
    path: str
    body: bytes
    answered: bool = False

    @property
    def comes_again(self) -> bool:
        """Services that send an id try until they are answered; a browser posts once."""
        return self.source != "website"


def lead(number: int, tell_graph: Callable[[dict[str, Any]], None]) -> Posted:
    """The lead of one person; Graph is told of it where a source has only ids."""
    phone = f"+1{AREAS[number // 100]}555{100 + number % 100:04}"
    source = ("website", "typeform", "facebook")[number % 3]
    if source == "website":
        body: Any = {"name": f"Lead {number}", "phone": phone, "interest": "2 BHK"}
    elif source == "typeform":
        body = _typeform(number, phone)
    else:
        body = _facebook(number)
        tell_graph(_graph_lead(number, phone))
    path = "/hooks/website/price-list" if source == "website" else f"/hooks/{source}"
    return Posted(source, phone, path, json.dumps(body).encode())


def _typeform(number: int, phone: str) -> dict[str, Any]:
    """A response to the sample's form, from another person, under its own ids."""
    body: dict[str, Any] = json.loads((SAMPLES / "typeform" / "hot-lead.json").read_bytes())
    body["event_id"] = f"01KORDEAL{number:017}"
    response = body["form_response"]
    response["token"] = response["response_id"] = f"ordeal{number:09}"
    for answer in response["answers"]:
        if answer["field"]["ref"] == "phone":
            answer["phone_number"] = phone
    return body


def _facebook(number: int) -> dict[str, Any]:
    value = {"leadgen_id": f"9001{number:08}", "page_id": "1002", "form_id": "120213456789012345"}
    change = {"field": "leadgen", "value": value}
    return {"object": "page", "entry": [{"id": "1002", "time": 1791200010, "changes": [change]}]}


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
