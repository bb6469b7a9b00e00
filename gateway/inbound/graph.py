"""One look-up of one lead at Meta's Graph API: its JSON, or the error that says what to do now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway import jsontext
from gateway.errors import GatewayError, LookupFatal, LookupPaused, LookupRetry
from gateway.http import Answered, CallFailed
from gateway.inbound.signature import hex_hmac
from gateway.inbound.source import Asker
from gateway.inbound.values import as_object, as_objects, as_text
from gateway.settings import Settings

#: What every token that reads leads may see.
FEW_FIELDS = "id,created_time,form_id,field_data,custom_disclaimer_responses"
#: The names of ads need one more permission; they are asked for first, and done without if refused.
ALL_FIELDS = f"{FEW_FIELDS},ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,is_organic,platform"

_THROTTLED = {4, 17, 32, 341, 613, *range(80000, 80015)}
_DEAD_TOKEN = {102, 190}
_FORBIDDEN = {10, *range(200, 300)}
_NO_SUCH_CALL = 3
_BLOCKED = 368
_BAD_PARAMETER = 100
_UNSEEN = 33  #: Subcode of 100.
_UNKNOWN_ALIAS = 803

_WHY_DEAD = {
    458: "the app was removed from the account",
    459: "Facebook wants the account's owner to log in first",
    460: "the password was changed",
    463: "it has expired",
    467: "it is no longer valid",
}
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500
_THROTTLE_SECONDS, _BLOCK_SECONDS, _LONGEST_SECONDS = 300.0, 3600.0, 86_400.0
_ID = re.compile(r"[0-9A-Za-z_]{1,100}")


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer of Graph that is no lead."""

    status: int
    code: int = 0
    subcode: int = 0
    message: str = ""  #: Graph's own sentence, without our token.
    transient: bool = False
    wait: float = _THROTTLE_SECONDS  #: Seconds until a throttled caller may ask again.

    def __str__(self) -> str:
        what = f"code {self.code}" if self.code else f"HTTP {self.status}"
        return f"{what}: {self.message}" if self.message else what

    @property
    def for_a_time(self) -> bool:
        return self.transient or self.status >= _SERVER_ERROR

    @property
    def wants_fewer_fields(self) -> bool:
        bad_parameter = self.code == _BAD_PARAMETER and self.subcode != _UNSEEN
        return not self.for_a_time and (self.code in _FORBIDDEN or bad_parameter)


class Graph:
    """Asks for leads with the page token, and shows that it knows the app secret."""

    def __init__(self, settings: Settings, asker: Asker) -> None:
        self._asker = asker
        self._base = settings.text("GRAPH_BASE_URL").rstrip("/")
        self._token = settings.text("FACEBOOK_PAGE_TOKEN")
        secrets = settings.secrets("FACEBOOK_APP_SECRET")
        self._proof = hex_hmac(secrets[0], self._token.encode()) if secrets else ""

    def lead(self, lead_id: str, page: str) -> dict[str, Any]:
        """The lead as Graph tells it. Raises LookupRetry, LookupPaused or LookupFatal."""
        if not _ID.fullmatch(lead_id):
            raise LookupFatal(f"'{lead_id[:100]}' is no id of a Facebook lead, so it cannot be looked up")
        found = self._ask(lead_id, ALL_FIELDS)
        if isinstance(found, Fault) and found.wants_fewer_fields:
            found = self._ask(lead_id, FEW_FIELDS)
        if isinstance(found, Fault):
            raise error_for(found, lead_id, page)
        return found

    def _ask(self, lead_id: str, fields: str) -> dict[str, Any] | Fault:
        params = {"fields": fields} | ({"appsecret_proof": self._proof} if self._proof else {})
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            answered = self._asker.get(f"{self._base}/{lead_id}", params=params, headers=headers)
        except CallFailed as error:
            raise LookupRetry(f"Facebook could not be asked: {self._hide(str(error))}") from None
        return self._read(answered)

    def _read(self, answered: Answered) -> dict[str, Any] | Fault:
        try:
            found = as_object(jsontext.loads(answered.body))
        except ValueError:
            return Fault(answered.status, message="the answer is not JSON")
        if "error" in found:
            return self._fault(answered, as_object(found["error"]))
        if answered.status != _OK or "field_data" not in found:
            return Fault(answered.status, message="the answer holds no lead")
        return found

    def _fault(self, answered: Answered, error: Mapping[str, Any]) -> Fault:
        return Fault(
            answered.status,
            code=_number(error.get("code")),
            subcode=_number(error.get("error_subcode")),
            message=self._hide(as_text(error.get("message")))[:200],
            transient=error.get("is_transient") is True,
            wait=_seconds_to_wait(answered.headers),
        )

    def _hide(self, text: str) -> str:
        for secret in filter(None, (self._token, self._proof)):
            text = text.replace(secret, "…")
        return text


def error_for(fault: Fault, lead_id: str, page: str) -> GatewayError:
    """What a fault means for this lead: wait, pause its page, give up, or ask again."""
    return (
        _wait(fault, page)
        or _pause(fault, page)
        or _give_up(fault, lead_id)
        or LookupRetry(f"Facebook could not answer now ({fault})")
    )


def page_key(page: str) -> str:
    """What is paused when no lead of a page can be looked up."""
    return f"page {page}"


def _wait(fault: Fault, page: str) -> LookupRetry | LookupPaused | None:
    """Asking while Facebook limits us makes the limit last longer, so that the whole page waits."""
    if fault.code in _THROTTLED or fault.status == _TOO_MANY:
        sentence = f"Facebook limits look-ups for a time ({fault}): the leads wait and then go on by themselves"
        return LookupPaused(sentence, page_key(page), fault.wait)
    if fault.code == _BLOCKED:
        sentence = f"Facebook blocks the app for a time; look at your app's alerts at Meta ({fault}): the leads wait"
        return LookupPaused(sentence, page_key(page), _BLOCK_SECONDS)
    return LookupRetry(f"Facebook could not answer now ({fault})") if fault.for_a_time else None


def _pause(fault: Fault, page: str) -> LookupPaused | None:
    if fault.code in _DEAD_TOKEN:
        why = _WHY_DEAD.get(fault.subcode, str(fault))
        cure = "make a new long-lived page token and put it there; the leads wait until then"
        return LookupPaused(f"Facebook refuses FACEBOOK_PAGE_TOKEN, {why}: {cure}", page_key(page))
    if fault.code in _FORBIDDEN:
        cure = "give its owner 'leads_retrieval' and, in Leads Access Manager, access to this page; the leads wait"
        return LookupPaused(
            f"FACEBOOK_PAGE_TOKEN may not read the leads of page {page} ({fault}): {cure}", page_key(page)
        )
    if fault.code == _NO_SUCH_CALL:
        cure = "check its permissions and that it is live; the leads wait"
        return LookupPaused(f"Facebook says that the app may not read leads at all ({fault}): {cure}", page_key(page))
    return None


def _give_up(fault: Fault, lead_id: str) -> LookupRetry | LookupFatal | None:
    if (fault.code, fault.subcode) == (_BAD_PARAMETER, _UNSEEN):
        causes = (
            "either there is no such lead (it was deleted, or the Test button invented it), or the token may not see it"
        )
        return LookupRetry(f"Facebook does not show lead {lead_id}: {causes}")
    if fault.code in {_BAD_PARAMETER, _UNKNOWN_ALIAS}:
        return LookupFatal(f"Facebook cannot look up lead {lead_id} ({fault})")
    return None


def _number(value: Any) -> int:
    text = as_text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1234567890") else 0


def _seconds_to_wait(headers: Mapping[str, str]) -> float:
    """From the usage header, which counts minutes; five minutes where it says nothing."""
    try:
        usage = as_object(jsontext.loads(headers.get("x-business-use-case-usage", "")))
    except ValueError:
        usage = {}
    buckets = [bucket for page in usage.values() for bucket in as_objects(page)]
    minutes = max((_number(bucket.get("estimated_time_to_regain_access")) for bucket in buckets), default=0)
    return min(minutes * 60.0, _LONGEST_SECONDS) or _THROTTLE_SECONDS
