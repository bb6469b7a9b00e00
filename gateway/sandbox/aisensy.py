"""AiSensy's three endpoints, with the texts that AiSensy is known to use.

Where no text of AiSensy's is recorded (a bad key, a missing field, missing media), ours says that
it is the sandbox's own. What v1 does with `buttons` is not known either: it is accepted.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from gateway.sandbox.body import json_object
from gateway.sandbox.campaigns import Campaign
from gateway.sandbox.receipts import tell_all
from gateway.sandbox.state import State

OURS = "the sandbox's own words"
SEND_PATHS = ("/campaign/t1/api", "/campaign/t1/api/v2")
DETAILS_PATH = "/campaign/t1/api/campaign-details"

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_NO_CREDIT = {"name": "ERR402", "errorCode": 402, "errorMessage": "Insufficient WhatsApp Conversation Credits (WCC)!"}
_NO_PLAN = {
    "message": "No Plan active on assistant!",
    "name": "ERR400",
    "errorCode": 400,
    "errorMessage": "No Plan active on assistant!",
}

#: A refusal: status and body.
Refusal = tuple[int, dict[str, Any]]


def aisensy(state: State) -> Blueprint:
    """The routes of AiSensy."""
    routes = Blueprint("aisensy", __name__)

    def send() -> ResponseReturnValue:
        body = json_object()
        refusal = _refusal(body, state)
        if refusal:
            return jsonify(refusal[1]), refusal[0]
        taken = state.take(request.path, body, _number(body["destination"]))
        tell_all(state, taken)
        return jsonify(success="true", submitted_message_id=str(uuid.uuid4()))

    def details() -> ResponseReturnValue:
        body = json_object()
        refusal = _bad_key(body)
        if refusal:
            return jsonify(refusal[1]), refusal[0]
        campaign = state.campaign(str(body.get("campaignName")))
        # An unknown campaign presumably still answers 2xx; its text here is that of the send call.
        return jsonify(_details(campaign) if campaign else {"success": False, "message": "Campaign does not exist."})

    for version, path in enumerate(SEND_PATHS, start=1):
        routes.add_url_rule(path, f"send_v{version}", send, methods=["POST"])
    routes.add_url_rule(DETAILS_PATH, "details", details, methods=["POST"])
    return routes


def _refusal(body: Mapping[str, Any], state: State) -> Refusal | None:
    """What AiSensy would object to first: the key, the campaign, the account, then the call itself."""
    refusal = _bad_key(body) or _bad_shape(body)
    if refusal:
        return refusal
    campaign = state.campaign(body["campaignName"])
    if campaign is None:
        return _no("Campaign does not exist.")
    if not campaign.live:
        return _no("Campaign is Not Live")
    return _bad_account(state) or _bad_destination(body["destination"]) or _bad_content(body, campaign)


def _no(message: str, status: int = 400) -> Refusal:
    return status, {"message": message}


def _bad_key(body: Mapping[str, Any]) -> Refusal | None:
    key = body.get("apiKey")
    if isinstance(key, str) and key and not key.startswith("bad"):
        return None
    return _no(f"The API key is missing or bad ({OURS})", 401)


_SHAPES: tuple[tuple[str, type], ...] = (
    ("templateParams", list),
    ("tags", list),
    ("buttons", list),
    ("carouselCards", list),
    ("attributes", dict),
    ("paramsFallbackValue", dict),
)


def _bad_shape(body: Mapping[str, Any]) -> Refusal | None:
    """The documented shapes, strictly: what AiSensy does with others is not known."""
    for name in ("campaignName", "destination", "userName"):
        if not isinstance(body.get(name), str) or not body[name].strip():
            return _no(f"{name} must be a text that is not empty ({OURS})")
    for name, shape in _SHAPES:
        value = body.get(name, shape())
        if not isinstance(value, shape):
            return _no(f"{name} must be {'an object' if shape is dict else 'an array'} ({OURS})")
        if name not in ("buttons", "carouselCards") and not _all_texts(value):
            return _no(f"{name} must hold texts only ({OURS})")
    return None


def _all_texts(value: Any) -> bool:
    return all(isinstance(item, str) for item in (value.values() if isinstance(value, dict) else value))


def _bad_account(state: State) -> Refusal | None:
    if not state.plan:
        return 400, _NO_PLAN
    if not state.credit:
        return 402, _NO_CREDIT
    return None


def _number(destination: str) -> str:
    """How AiSensy reads a destination: one that cannot have a country code in it is taken for Indian."""
    if destination.startswith("+"):
        return destination
    national = destination.removeprefix("0")
    return f"+91{national}" if len(national) <= 10 else f"+{destination}"  # noqa: PLR2004 - digits of an Indian number


def _bad_destination(destination: str) -> Refusal | None:
    if "+" in destination[1:]:
        return _no("Invalid phone number")
    number = _number(destination)
    short_indian = number.startswith("+91") and len(number) != 13  # noqa: PLR2004 - "+91" and ten digits
    return _no("Invalid Number") if short_indian or not _NUMBER.fullmatch(number) else None


def _bad_content(body: Mapping[str, Any], campaign: Campaign) -> Refusal | None:
    if len(body.get("templateParams", ())) != campaign.params:
        return _no("Template params does not match the campaign")
    media = body.get("media") or {}
    whole = isinstance(media, dict) and all(
        isinstance(media.get(key), str) and media[key] for key in ("url", "filename")
    )
    if media and not whole:
        return _no(f"media must have a url and a filename ({OURS})")
    if campaign.media and not whole:
        return _no(f"This campaign needs media: a url and a filename ({OURS})")
    return None


def _details(campaign: Campaign) -> dict[str, Any]:
    """A campaign's contract. The words of `status` are not recorded; these are placeholders."""
    sample: dict[str, Any] = {
        "campaignName": campaign.name,
        "destination": "",
        "userName": "",
        "templateParams": [f"$Param{number}" for number in range(1, campaign.params + 1)],
    }
    if campaign.media:
        sample["media"] = {"url": "https://cdn.example.com/sample.pdf", "filename": "sample.pdf"}
    made_up_id = uuid.uuid5(uuid.NAMESPACE_DNS, campaign.name).hex[:24]
    status = "LIVE" if campaign.live else "PAUSED"
    about = {"_id": made_up_id, "name": campaign.name, "status": status, "type": "API"}
    return {"success": True, "campaign": about, "requestBody": sample}
