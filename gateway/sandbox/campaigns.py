"""The campaigns that the sandbox knows, from a small YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from gateway.errors import GatewayError

BUNDLED = Path(__file__).with_name("campaigns.yaml")


@dataclass(frozen=True, slots=True)
class Campaign:
    """What AiSensy would know of a campaign."""

    name: str
    params: int = 0  #: How many templateParams a call must have.
    media: bool = False  #: Whether its template has a picture, video or document.
    live: bool = True


_MESSAGES = {
    "type": "is no campaign; write name, params, media and live",
    "unknown": "is no key of a campaign",
}


class _CampaignSchema(Schema):
    error_messages = _MESSAGES

    name = fields.String(
        required=True,
        validate=validate.Length(min=1, error="must not be empty"),
        error_messages={"required": "is missing", "invalid": "must be text; put it in quotes"},
    )
    params = fields.Integer(
        strict=True,
        validate=validate.Range(0, 100, error="must be a number from 0 to 100"),
        error_messages={"invalid": "must be a number from 0 to 100"},
    )
    media = fields.Boolean(error_messages={"invalid": "must be yes or no"})
    live = fields.Boolean(error_messages={"invalid": "must be yes or no"})

    @post_load
    def _campaign(self, data: Mapping[str, Any], **_: Any) -> Campaign:
        return Campaign(**data)


def load_campaigns(file: Path | None = None) -> dict[str, Campaign]:
    """Campaigns by name; None reads the bundled file. Raises GatewayError with the first mistake."""
    file = file or BUNDLED
    listed = _yaml(file)
    if not isinstance(listed, list):
        raise GatewayError(f"{file}: must be a list; start each campaign with '- name:'")
    campaigns: dict[str, Campaign] = {}
    for number, entry in enumerate(listed, start=1):
        campaign = _campaign(entry, f"{file}: campaign {number}")
        if campaign.name in campaigns:
            raise GatewayError(f"{file}: campaign '{campaign.name}' stands there twice; remove one")
        campaigns[campaign.name] = campaign
    return campaigns


def changed_campaign(known: Campaign, asked: Any) -> Campaign:
    """A campaign with what is asked changed: `params`, `media` and `live`. Raises GatewayError with the mistake."""
    if not isinstance(asked, dict) or "name" in asked:
        raise GatewayError("Send a JSON object of params, media and live; the campaign's name stands in the address")
    return _campaign({**asdict(known), **asked}, f"campaign '{known.name}'")


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise GatewayError(f"{file}: cannot be read ({(error.strerror or 'unknown').lower()})") from None
    except UnicodeDecodeError:
        raise GatewayError(f"{file}: is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise GatewayError(f"{file}: is not YAML{place}; indent with spaces and put odd texts in quotes") from None


def _campaign(entry: Any, place: str) -> Campaign:
    try:
        campaign: Campaign = _CampaignSchema().load(entry)
    except ValidationError as error:
        name, texts = next(iter(error.messages_dict.items()))
        what = "" if name == "_schema" else f", '{name}'"
        raise GatewayError(f"{place}{what} {texts[0]}") from None
    return campaign
