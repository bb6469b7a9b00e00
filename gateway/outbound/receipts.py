"""What AiSensy tells of a message → a Receipt. Its shapes are many and may change: what is odd breaks nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from gateway import jsontext
from gateway.errors import Unreadable

#: What AiSensy's own button for trying a webhook posts.
TEST = "test.webhook"

#: The topic of news about a message of ours; under all others a message may be the person's own.
STATUS = "message.status.updated"

#: The topic of what a person writes; it may come under `message.created` as well.
WRITTEN = "message.sender.user"

#: Moments below this are seconds, others milliseconds.
_MILLISECONDS = 10**12

#: No message is told of before; what says so is a date that nobody filled in.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

#: More of a text is not kept.
_LONGEST = 500

_PHONES = ("phone_number", "phoneNumber", "phone", "userNumber")
_IDS = ("messageId", "id", "_id")
_TEXTS = ("text", "body", "caption", "title")


class Kind(StrEnum):
    """What a receipt says."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    REPLY = "reply"  #: The person wrote to us.


#: WhatsApp's words about a message, the furthest first: in whichever order they come, the first of these counts.
FURTHEST = (Kind.READ, Kind.DELIVERED, Kind.FAILED, Kind.SENT)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one notification tells."""

    kind: Kind | None  #: None: nothing of a message; the reason says what it is.
    number: str = ""  #: E.164, of the person; "" where it is not told.
    campaign: str = ""
    happened: datetime | None = None  #: None: not told.
    left: datetime | None = None  #: When AiSensy passed the message on, if it tells.
    provider_id: str = ""  #: WhatsApp's id of the message.
    ids: tuple[str, ...] = ()  #: All ids of the message.
    reason: str = ""  #: Of a failure: WhatsApp's code and words.
    text: str = ""  #: Of a reply.


def read(body: bytes) -> Receipt:
    """Raises Unreadable when it is no notification at all.

    >>> read(b'{"topic": "message.sender.user", "data": {"message": {"message_content": {"text": "STOP"}}}}').text
    'STOP'
    """
    try:
        found = jsontext.loads(body)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if not isinstance(found, dict):
        raise Unreadable("it is no JSON object")
    topic = (_text(found, "topic") or _text(found, "event")).lower()
    data = _object(found, "data")
    message = _object(data, "message") or (data if topic.startswith("message.") else {})
    kind = None if topic == TEST else _kind(topic, message)
    if kind is None:
        return Receipt(None, number=_number(message, data), reason=_aside(topic, message))
    return _receipt(kind, message, data, _moment(found.get("created_at")))


def _receipt(kind: Kind, message: Mapping[str, Any], data: Mapping[str, Any], told: datetime | None) -> Receipt:
    left = None if kind is Kind.REPLY else _moment(message.get("sent_at"))
    ids = tuple(filter(None, (_text(message, name) for name in _IDS)))
    return Receipt(
        kind,
        number=_number(message, data),
        campaign=_text(_object(message, "campaign"), "name") or _text(message, "campaign"),
        happened=_happened(kind, message) or told,
        left=left,
        provider_id=_text(message, "messageId"),
        ids=tuple(dict.fromkeys(ids)),
        reason=_failure(message) if kind is Kind.FAILED else "",
        text=_said(message) if kind is Kind.REPLY else "",
    )


def _aside(topic: str, message: Mapping[str, Any]) -> str:
    """Why a notification is left aside."""
    if topic == TEST:
        return "AiSensy's test of this address"
    if not topic:
        return "it names no topic: it is none of AiSensy's receipts"
    about = "no news of a message that was sent" if message else "nothing about a message"
    return f"{topic[:_LONGEST]}: {about}"


def _kind(topic: str, message: Mapping[str, Any]) -> Kind | None:
    theirs = _text(message, "sender").upper()
    if message and topic != STATUS and (theirs == "USER" or (topic == WRITTEN and not theirs)):
        return Kind.REPLY
    if not topic or not message:
        return None
    words = {_text(message, "status").lower(), topic.rpartition(".")[2]}
    said = next((kind for kind in FURTHEST if kind in words), None)
    return said or (_by_moments(message) if topic == STATUS else None)


def _by_moments(message: Mapping[str, Any]) -> Kind | None:
    """What the moments say where no word does."""
    if _failure(message):
        return Kind.FAILED
    return next((kind for kind in FURTHEST if _moment(message.get(f"{kind}_at"))), None)


def _happened(kind: Kind, message: Mapping[str, Any]) -> datetime | None:
    names = ("sent_at", "created_at") if kind is Kind.REPLY else (f"{kind}_at",)
    return next((found for name in names if (found := _moment(message.get(name)))), None)


def _failure(message: Mapping[str, Any]) -> str:
    given = message.get("failureResponse")
    if not isinstance(given, dict):
        return _text(message, "failureResponse")
    told = (_text(given, "code"), _text(given, "reason") or _text(given, "message"))
    return ": ".join(filter(None, told))[:_LONGEST]


def _said(message: Mapping[str, Any]) -> str:
    """A reply's text: typed, under a picture, or on the button that was pressed."""
    return _words(message.get("message_content")) or _words({name: message.get(name) for name in _TEXTS})


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content.strip()[:_LONGEST]
    if not isinstance(content, dict):
        return ""
    others = [value for name, value in content.items() if name not in _TEXTS and isinstance(value, dict)]
    return next(filter(None, map(_words, [*map(content.get, _TEXTS), *others])), "")


def _number(message: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    contact = _object(data, "contact")
    given = [_text(where, name) for where in (message, contact, data) for name in _PHONES]
    return next((number for text in given if (number := e164(text))), "")


def e164(digits: str) -> str:
    """WhatsApp's digits as we write a number: Mexico's old 1 goes, Brazil's newer 9 comes; "" for what is none.

    >>> e164("12025550143"), e164("5215512345678"), e164("551187654321"), e164("none")
    ('+12025550143', '+525512345678', '+5511987654321', '')
    """
    plain = re.sub(r"\D", "", digits, flags=re.ASCII).removeprefix("00")
    if not re.fullmatch(r"[1-9]\d{6,14}", plain, re.ASCII):
        return ""
    if mexican := re.fullmatch(r"521(\d{10})", plain):
        return f"+52{mexican[1]}"
    if brazilian := re.fullmatch(r"55(\d\d)([6-9]\d{7})", plain):
        return f"+55{brazilian[1]}9{brazilian[2]}"
    return f"+{plain}"


def _moment(value: Any) -> datetime | None:
    """Milliseconds, seconds, or a date in ISO's way; None for anything else, and for what no message can be of.

    >>> _moment(1791199990000) == _moment("1791199990"), _moment("0001-01-01T00:00:00Z"), _moment(0)
    (True, None, None)
    """
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        found = _in_utc(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if _FIRST <= found < _LAST else None


def _in_utc(text: str) -> datetime:
    """Raises ValueError, OverflowError or OSError."""
    if re.fullmatch(r"\d{1,16}(\.\d+)?", text, re.ASCII):
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _object(where: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = where.get(name)
    return found if isinstance(found, dict) else {}


def _text(where: Mapping[str, Any], name: str) -> str:
    found = where.get(name)
    return str(found).strip()[:_LONGEST] if isinstance(found, str | int) and not isinstance(found, bool) else ""
