"""What an answer of AiSensy means: by its text where that is known, else by its status.

No documentation lists AiSensy's failures. The texts are those that integrations have recorded; most
of them come as HTTP 400, so the status alone says little. 5xx answers can be HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from gateway import clock, jsontext
from gateway.http import Answered
from gateway.model import Outcome, OutcomeKind

#: How much of an answer is kept, in characters.
KEPT = 2_000
KEPT_SENTENCE = 500

#: Seconds; nobody asks for more than a day and means it.
LONGEST_RETRY_AFTER = 86_400.0

_KNOWN_TEXTS = (
    ("template params does not match the campaign", OutcomeKind.CONFIG, "param_mismatch"),
    ("campaign does not exist", OutcomeKind.CONFIG, "campaign_missing"),
    ("campaign is not live", OutcomeKind.CONFIG, "campaign_not_live"),
    ("invalid number", OutcomeKind.RECIPIENT, "invalid_number"),
    ("invalid phone number", OutcomeKind.RECIPIENT, "invalid_number"),
    ("no plan active on assistant", OutcomeKind.ACCOUNT, "no_plan"),
    ("insufficient whatsapp conversation credits", OutcomeKind.ACCOUNT, "no_credit"),
)

_STATUSES = {
    401: (OutcomeKind.ACCOUNT, "auth"),
    402: (OutcomeKind.ACCOUNT, "no_credit"),
    403: (OutcomeKind.ACCOUNT, "auth"),
    404: (OutcomeKind.CONFIG, "bad_url"),
    408: (OutcomeKind.UNKNOWN, "http_5xx"),
    429: (OutcomeKind.TRANSIENT, "rate_limited"),
    503: (OutcomeKind.TRANSIENT, "unavailable"),
}

_TEXT_KEYS = ("message", "errorMessage", "error")
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*")


def classify(answered: Answered, key: str = "") -> Outcome:
    """What came of a send call. `key` is cut out wherever the answer repeats it."""
    body = _object(answered.body)
    texts = list(_texts(body))
    kind, tag = _verdict(answered.status, body, texts)
    return Outcome(
        kind=kind,
        tag=tag,
        text=hidden(next(iter(texts), ""), key)[:KEPT_SENTENCE] or _our_words(kind, answered.status),
        status=answered.status,
        message_id=_message_id(body) if kind is OutcomeKind.ACCEPTED else "",
        response=hidden(jsontext.clean(answered.body.decode("utf-8", "replace")), key)[:KEPT],
        retry_after=retry_after(answered.headers),
    )


def _our_words(kind: OutcomeKind, status: int) -> str:
    if kind is OutcomeKind.ACCEPTED:
        return "AiSensy took the call"
    return f"AiSensy answered {status} without a reason we can read"


def hidden(text: str, key: str) -> str:
    """The text without the key, nor anything that looks like one (AiSensy's keys are JWTs), nor signs that would
    steer the terminal on which it is read.

    >>> hidden("key k1 is bad\x1b[2J", "k1")
    'key [key] is bad[2J'
    """
    for secret in _written(key):
        text = text.replace(secret, "[key]")
    return _STEERING.sub("", _JWT.sub("[key]", text))


@lru_cache(maxsize=16)
def _written(key: str) -> tuple[str, ...]:
    """A key as it stands in a text, and in JSON."""
    return tuple(filter(None, (key, json.dumps(key)[1:-1])))


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = jsontext.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _verdict(status: int, body: dict[str, Any] | None, texts: Sequence[str]) -> tuple[OutcomeKind, str]:
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own ranges
        return OutcomeKind.CONFIG, "bad_url"
    known = _known(texts)
    if known:
        return known
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own ranges
        return _of_success(body)
    return _of_status((_error_code(body) if body and status < 500 else 0) or status)  # noqa: PLR2004 - HTTP's own ranges


def _known(texts: Sequence[str]) -> tuple[OutcomeKind, str] | None:
    said = "\n".join(texts).casefold().replace("number of", "")  # "Invalid number of params" is no phone
    return next(((kind, tag) for text, kind, tag in _KNOWN_TEXTS if text in said), None)


def _of_success(body: dict[str, Any] | None) -> tuple[OutcomeKind, str]:
    """A 2xx is a yes only if nothing in it says no: some failures have come as HTTP 200."""
    if body is None:
        return OutcomeKind.UNKNOWN, "not_json"
    code = _error_code(body)
    if code:
        return _of_status(code)
    if body.get("error") or body.get("errorMessage") or str(body.get("success")).strip().casefold() == "false":
        return OutcomeKind.CONFIG, "unclassified"
    return OutcomeKind.ACCEPTED, "accepted"


def _of_status(status: int) -> tuple[OutcomeKind, str]:
    if status in _STATUSES:
        return _STATUSES[status]
    if 400 <= status < 500:  # noqa: PLR2004 - HTTP's own ranges
        return OutcomeKind.CONFIG, "unclassified"
    return OutcomeKind.UNKNOWN, "http_5xx"


def _error_code(body: dict[str, Any]) -> int:
    """The `errorCode` of a failure; 0 when there is none. One that is no number is a failure all the same."""
    written = body.get("errorCode")
    if not written:
        return 0
    try:
        code = int(str(written))
    except ValueError:
        return 400
    return code if code >= 400 else 0  # noqa: PLR2004 - HTTP's own ranges


def _texts(value: Any) -> Iterator[str]:
    """Every text under message, errorMessage and error, also where these are lists or objects."""
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key in _TEXT_KEYS:
            if key in value:
                yield from _texts(value[key])


def _message_id(body: dict[str, Any] | None) -> str:
    written = (body or {}).get("submitted_message_id")
    return str(written)[:200] if isinstance(written, str | int) else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service asks us to wait; None when it does not say so in words we know.

    >>> retry_after({"retry-after": "7"})
    7.0
    >>> retry_after({"date": "Mon, 05 Oct 2026 10:00:00 GMT", "retry-after": "Mon, 05 Oct 2026 10:02:00 GMT"})
    120.0
    """
    written = headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return min(float(written), LONGEST_RETRY_AFTER)
    until = _moment(written) if written else None
    if until is None:
        return None
    now = _moment(headers.get("date", "")) or clock.now().timestamp()
    return min(max(until - now, 0.0), LONGEST_RETRY_AFTER)


def _moment(written: str) -> float | None:
    """An HTTP date in seconds; None when it is none."""
    try:
        return parsedate_to_datetime(written).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
