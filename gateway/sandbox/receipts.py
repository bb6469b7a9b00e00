"""Receipts, as AiSensy's project webhook posts them: asked for one by one, or by themselves after each call.

They go to a gateway on this machine and nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests
from flask import Blueprint, Response, jsonify

from gateway import clock
from gateway.errors import GatewayError
from gateway.sandbox.body import json_body
from gateway.sandbox.hook import Hook, read_hook
from gateway.sandbox.state import State

PATH = "/receipts"

#: What becomes of a message that is read; the sandbox posts these by itself after a call, if asked to.
STEPS = ("sent", "delivered", "read")
KINDS = (*STEPS, "failed", "reply")

_SECONDS = 10


def receipts(state: State) -> Blueprint:
    """The controls of receipts."""
    routes = Blueprint("receipts", __name__)

    @routes.get(PATH)
    def look() -> Response:
        return jsonify(_shown(state.hook))

    @routes.put(PATH)
    def connect() -> Response:
        state.hook = read_hook(json_body())
        return jsonify(_shown(state.hook))

    @routes.delete(PATH)
    def disconnect() -> Response:
        state.hook = None
        return jsonify(_shown(None))

    @routes.post(PATH)
    def post() -> Response:
        asked = _asked(json_body())
        if state.hook is None:
            raise GatewayError("Say first where receipts go: PUT /receipts with the url of a gateway on this machine")
        return jsonify(_post(state.hook, envelope(asked, state.last_call(asked["to"]))))

    return routes


def tell_all(state: State, call: Mapping[str, Any]) -> None:
    """After a call was taken: post all that would become of it, if this was asked for. Nobody waits."""
    hook = state.hook
    if hook is not None and hook.automatic:
        bodies = [envelope({"to": call["number"], "kind": kind}, call) for kind in STEPS]
        threading.Thread(target=_post_all, args=(hook, bodies), daemon=True).start()


def envelope(asked: Mapping[str, Any], call: Mapping[str, Any] | None) -> dict[str, Any]:
    """A notification in AiSensy's shape; `call`: the one that it is about, if there was any."""
    replied = asked["kind"] == "reply"
    now = _milliseconds(clock.now())
    return {
        "id": asked.get("id") or f"ntf_{uuid.uuid4().hex}",
        "created_at": now,
        "topic": "message.sender.user" if replied else "message.status.updated",
        "delivery_attempt": 1,
        "data": {"message": _reply(asked, now) if replied else _status(asked, call or {}, now)},
    }


def _reply(asked: Mapping[str, Any], now: int) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"ais_{uuid.uuid4().hex}",
        "messageId": f"wamid.{uuid.uuid4().hex}",
        "phone_number": asked["to"].removeprefix("+"),
        "sender": "USER",
        "message_type": "TEXT",
        "message_content": {"text": asked.get("text", "Yes")},
        "sent_at": now,
    }


def _status(asked: Mapping[str, Any], call: Mapping[str, Any], now: int) -> dict[str, Any]:
    kind, seed = asked["kind"], f"{asked['to']} {call.get('at')}"
    moment = _milliseconds(datetime.fromisoformat(call["at"])) if call else now
    failure = {"code": asked.get("code", 131026), "reason": asked.get("reason", "Message undeliverable")}
    return {
        "type": "message",
        "id": f"ais_{uuid.uuid5(uuid.NAMESPACE_OID, seed).hex}",
        "messageId": f"wamid.{uuid.uuid5(uuid.NAMESPACE_URL, seed).hex}",
        "phone_number": asked["to"].removeprefix("+"),
        "campaign": {"name": asked.get("campaign") or call.get("body", {}).get("campaignName", ""), "sent_at": moment},
        "sender": "API",
        "message_type": "TEXT",
        "message_content": {},
        "status": kind.upper(),
        "is_HSM": True,
        "sent_at": moment,
        **{f"{step}_at": now if step == kind else None for step in ("delivered", "read", "failed")},
        "failureResponse": failure if kind == "failed" else {},
    }


def _asked(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("to"), str) or given.get("kind") not in KINDS:
        raise GatewayError(f'Give {{"to": "+12025550143", "kind": …}}; the kinds are {", ".join(KINDS)}')
    return given


def _post(hook: Hook, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the gateway answered. Raises GatewayError when it cannot be reached."""
    raw = json.dumps(body, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "X-AiSensy-API-Version": "v1"}
    if hook.secret:
        headers["X-AiSensy-Signature"] = hmac.digest(hook.secret.encode(), raw, hashlib.sha256).hex()
    try:
        answer = requests.post(hook.url, data=raw, headers=headers, timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException:
        raise GatewayError(f"{hook.url.partition('?')[0]} cannot be reached; does the gateway run?") from None
    return {"status": answer.status_code, "answer": answer.text[:500], "posted": dict(body)}


def _post_all(hook: Hook, bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        try:
            _post(hook, body)
        except GatewayError:
            return  # the gateway has gone: nobody is there to be told


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _shown(hook: Hook | None) -> dict[str, Any]:
    """The set-up without its secret."""
    if hook is None:
        return {"url": None}
    return {"url": hook.url.partition("?")[0], "signed": bool(hook.secret), "automatic": hook.automatic}
