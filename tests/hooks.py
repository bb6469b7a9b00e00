"""What AiSensy's project webhook posts, in its own shapes, and a gateway that takes it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import requests
from harness import Running

from gateway import clock
from gateway.store import receipts
from gateway.store.receipts import Stored

SECRET = "s3cret"

#: A person, and the campaign of `harness.mapping`.
NUMBER, CAMPAIGN = "+12025550143", "goa_villas_welcome"

_IDS: Iterator[int] = itertools.count(1)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def status(said: str, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    """News about a message of ours."""
    now = milliseconds(clock.now())
    message = {
        "type": "message",
        "id": "ais_msg_01",
        "messageId": "wamid.EXAMPLE01",
        "project_id": "prj_01",
        "phone_number": number.removeprefix("+"),
        "userName": "Mira Sample",
        "campaign": {"name": CAMPAIGN, "sent_at": now},
        "sender": "API",
        "message_type": "TEXT",
        "message_content": {},
        "status": said,
        "is_HSM": True,
        "sent_at": now,
        **{f"{kind}_at": now if said.lower() == kind else None for kind in ("delivered", "read", "failed")},
        "failureResponse": {"code": 131026, "reason": "Example reason"} if said.lower() == "failed" else {},
    }
    return envelope("message.status.updated", message={**message, **more})


def reply(text: str, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    """What a person wrote to us."""
    message = {
        "type": "message",
        "id": f"ais_in_{next(_IDS)}",
        "messageId": f"wamid.IN{next(_IDS)}",
        "phone_number": number.removeprefix("+"),
        "sender": "USER",
        "message_type": "TEXT",
        "message_content": {"text": text},
        "sent_at": milliseconds(clock.now()),
    }
    return envelope("message.sender.user", message={**message, **more})


def envelope(topic: str, **data: Any) -> dict[str, Any]:
    return {
        "id": f"ntf_{next(_IDS):04d}",
        "created_at": milliseconds(clock.now()),
        "topic": topic,
        "delivery_attempt": 1,
        "project_id": "prj_01",
        "data": data,
    }


def tell(gateway: Running, body: dict[str, Any] | bytes, **headers: str) -> requests.Response:
    """Post it, signed."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = hmac.digest(SECRET.encode(), raw, hashlib.sha256).hex()
    return gateway.post("aisensy", raw, headers={"X-AiSensy-Signature": signature, **headers})


def stored(gateway: Running) -> list[Stored]:
    """Every receipt, the oldest first."""
    with gateway.ledger.read() as connection:
        return receipts.listing(connection, limit=None)[::-1]
