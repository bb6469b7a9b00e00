"""What an answer to `campaign-details` tells of a campaign: only what it proves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway import jsontext
from gateway.http import Answered
from gateway.model import Contract, Media, OutcomeKind, Seen
from gateway.outbound.answers import KEPT_SENTENCE, classify, hidden

#: How much of a status word is kept, in characters; the real ones are not recorded.
KEPT_STATUS = 60

_NO_SAMPLE = "AiSensy's answer shows no call of this campaign"


def read_seen(answered: Answered, key: str = "") -> Seen:
    """What an answer tells. Only its own words prove that a campaign is missing; whatever else is no contract, a
    refusal of the key among it, is kept as a sentence. `key` is cut out wherever the answer repeats it."""
    outcome = classify(answered, key)
    if outcome.tag == "campaign_missing":
        return Seen(missing=True, says=outcome.text)
    if outcome.kind is not OutcomeKind.ACCEPTED:
        return Seen(says=outcome.text)
    body = jsontext.loads(answered.body)
    status, contract = hidden(_status(body), key)[:KEPT_STATUS], _contract(body)
    return Seen(contract, status=status, says="" if contract else hidden(_sentence(body), key))


def _contract(body: Mapping[str, Any]) -> Contract | None:
    """The contract that the sample of a call shows; None without such a sample, or when it cannot be read."""
    for place in _places(body):
        sample = place.get("requestBody")
        if isinstance(sample, dict):
            params = sample.get("templateParams") or []
            media = Media.YES if _holds_text(sample.get("media")) else Media.NONE
            return Contract(len(params), media) if isinstance(params, list) else None
    return None


def _places(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where a sample has been seen to stand: at the top, in `data`, in `campaign`."""
    yield body
    for name in ("data", "campaign"):
        if isinstance(body.get(name), dict):
            yield body[name]


def _holds_text(value: Any) -> bool:
    """Whether some text is in it: samples leave keys blank, and blank media prove nothing."""
    if isinstance(value, dict | list):
        return any(_holds_text(item) for item in (value.values() if isinstance(value, dict) else value))
    return bool(value) and bool(str(value).strip())


def _status(body: Mapping[str, Any]) -> str:
    """AiSensy's word for the campaign's state; "" when it has none."""
    for place in _places(body):
        campaign = place.get("campaign")
        if isinstance(campaign, dict) and isinstance(campaign.get("status"), str):
            return str(campaign["status"]).strip()
    return ""


def _sentence(body: Mapping[str, Any]) -> str:
    said = body.get("message")
    return said.strip()[:KEPT_SENTENCE] if isinstance(said, str) and said.strip() else _NO_SAMPLE
