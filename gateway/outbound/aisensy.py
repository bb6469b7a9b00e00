"""A campaign call → one HTTP request → an Outcome."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway import jsontext, phone
from gateway.http import Answered, CallFailed, Http
from gateway.model import Outcome, OutcomeKind, Seen
from gateway.outbound.answers import classify
from gateway.outbound.contracts import read_seen
from gateway.settings import Settings

NO_KEY = "AISENSY_API_KEY is not set"

_LONG_NUMBER = re.compile(r"\+?\d{7,}")


class AiSensy:
    """AiSensy's campaign API under one key."""

    def __init__(self, settings: Settings, http: Http) -> None:
        base = settings.text("AISENSY_BASE_URL").rstrip("/")
        self._send_url = f"{base}/v2" if settings.text("AISENSY_VERSION") == "v2" else base
        self._details_url = f"{base}/campaign-details"
        self._key = settings.text("AISENSY_API_KEY")
        self._http = http
        #: A short fingerprint of the key, "" without one: what an account hold is about.
        self.key_id = hashlib.sha256(self._key.encode()).hexdigest()[:12] if self._key else ""

    def send(self, call: Mapping[str, Any]) -> Outcome:
        """Make one campaign call. Never raises: whatever happens is an Outcome."""
        if not self._key:
            return Outcome(OutcomeKind.ACCOUNT, "no_key", NO_KEY)
        try:
            outcome = classify(self._post(self._send_url, self.redacted(call), "call"), self._key)
        except CallFailed as failed:
            if failed.left:
                return Outcome(OutcomeKind.UNKNOWN, "timeout", str(failed))
            return Outcome(OutcomeKind.TRANSIENT, "network", str(failed))
        said = _about_nobody(outcome.text, str(call.get("destination", "")))
        return replace(outcome, text=said) if said != outcome.text else outcome

    def reachable(self) -> bool:
        """Whether AiSensy answers at all. Asks for a campaign's details, which sends nothing."""
        try:
            status = self._post(self._details_url, {"campaignName": "test"}, "question").status
        except CallFailed:
            return False
        return status < 500 and status not in (408, 429)  # noqa: PLR2004 - HTTP's own numbers

    def welcome(self) -> bool:
        """Whether AiSensy answers well under our key, as far as the details of a campaign tell: it sends nothing."""
        if not self._key:
            return False
        try:
            kind = classify(self._post(self._details_url, {"campaignName": "test"}, "question"), self._key).kind
        except CallFailed:
            return False
        return kind not in (OutcomeKind.ACCOUNT, OutcomeKind.TRANSIENT, OutcomeKind.UNKNOWN)

    def details(self, campaign: str) -> Seen:
        """What AiSensy tells of a campaign. Sends nothing, never raises: without an answer there is just a sentence."""
        if not self._key:
            return Seen(says=NO_KEY)
        try:
            return read_seen(self._post(self._details_url, {"campaignName": campaign}, "question"), self._key)
        except CallFailed as failed:
            return Seen(says=str(failed))

    def redacted(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of a request: its body without the key."""
        return {name: value for name, value in call.items() if name != "apiKey"}

    def _post(self, url: str, body: Mapping[str, Any], name: str) -> Answered:
        text = jsontext.dumps({"apiKey": self._key, **body})
        return self._http.post(url, json=text.encode("utf-8", "replace"), name=name)


def _about_nobody(said: str, number: str) -> str:
    """A refusal without the number that it repeats: it is told of others whom it stops, too.

    >>> _about_nobody("cannot reach 919876543210 (trace 20261122)", "+919876543210")
    'cannot reach +91 98••• ••210 (trace 20261122)'
    """
    return _LONG_NUMBER.sub(lambda found: phone.mask(number) if number.endswith(found[0]) else found[0], said)
