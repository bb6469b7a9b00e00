"""The sandbox as a Flask app: AiSensy, Graph, and the controls to look in and to break things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.http import HTTP_STATUS_CODES

from gateway.errors import GatewayError
from gateway.sandbox.aisensy import DETAILS_PATH, SEND_PATHS, aisensy
from gateway.sandbox.body import json_body, json_object
from gateway.sandbox.campaigns import Campaign, changed_campaign
from gateway.sandbox.faults import Fault, read_fault
from gateway.sandbox.graph import LEADS_PATH, graph
from gateway.sandbox.receipts import receipts
from gateway.sandbox.state import State

#: In the environ of a request, a dict: "cut" closes the line without an answer, "close" after it.
LINE = "sandbox.line"

WELCOME = """This is the sandbox of the lead gateway. It sends nothing.

It stands in for AiSensy (/campaign/t1/api, /v2 and /campaign-details below it)
and for Graph's lead look-up (/graph/v25.0/<lead id>).

GET    /calls        the calls it has accepted
DELETE /calls        forget them, and start the counters anew
GET    /seen         how many requests came, accepted or not
POST   /faults       break something: {"status": 503, "times": 2}
DELETE /faults       mend everything
POST   /graph/leads  put in leads for the look-up
GET    /campaigns    the campaigns it knows
PUT    /campaigns/x  change campaign x, or make it: {"params": 4, "media": true, "live": false}
DELETE /campaigns/x  let it go
PUT    /receipts     where receipts go: {"url": "http://127.0.0.1:8000/hooks/aisensy", "secret": "s", "automatic": true}
POST   /receipts     post one: {"to": "+12025550143", "kind": "read"}; a reply has a "text"
"""


def create_app(campaigns: Mapping[str, Campaign], graph_secret: str = "") -> Flask:
    """The sandbox. `graph_secret`: the app secret (two with a comma) that look-ups must prove; "": none."""
    state = State(campaigns, graph_secret)
    app = Flask(__name__)
    app.extensions["sandbox"] = state
    app.register_blueprint(aisensy(state))
    app.register_blueprint(graph(state))
    app.register_blueprint(receipts(state))
    _controls(app, state)
    app.register_error_handler(GatewayError, _mistaken)
    app.before_request(lambda: _before(state))
    app.after_request(lambda response: _after(response, state))
    return app


def _mistaken(error: GatewayError) -> ResponseReturnValue:
    return jsonify(message=str(error)), 400


def _controls(app: Flask, state: State) -> None:
    app.add_url_rule("/", "welcome", lambda: Response(WELCOME, mimetype="text/plain"))
    app.add_url_rule("/calls", "calls", lambda: jsonify(calls=state.calls()))
    app.add_url_rule("/calls", "forget", lambda: _cleared(state.forget_calls), methods=["DELETE"])
    app.add_url_rule("/seen", "seen", lambda: jsonify(state.seen()))
    app.add_url_rule("/faults", "faults", lambda: jsonify(_listed(state)))
    app.add_url_rule("/faults", "mend", lambda: _cleared(state.clear_faults), methods=["DELETE"])
    app.add_url_rule("/faults", "break", lambda: _break(state), methods=["POST"])
    app.add_url_rule("/campaigns", "campaigns", lambda: jsonify(campaigns=state.campaigns()))
    app.add_url_rule("/campaigns/<path:name>", "change", lambda name: _change(name, state), methods=["PUT"])
    app.add_url_rule("/campaigns/<path:name>", "let_go", lambda name: _let_go(name, state), methods=["DELETE"])


def _cleared(clear: Callable[[], None]) -> Response:
    clear()
    return jsonify(cleared=True)


def _listed(state: State) -> dict[str, Any]:
    return {
        "faults": [fault.as_json() for fault in state.faults()],
        "credit": "back" if state.credit else "none",
        "plan": "back" if state.plan else "none",
    }


def _break(state: State) -> Response:
    asked = json_body()
    if not _switched(asked, state):
        state.add_fault(read_fault(asked))
    return jsonify(_listed(state))


def _switched(asked: Any, state: State) -> bool:
    """Turn the account's credit or plan on or off, if that is what is asked."""
    switches = {name: asked[name] for name in ("credit", "plan") if name in asked} if isinstance(asked, dict) else {}
    for name, word in switches.items():
        if word not in ("none", "back") or len(asked) > 1:
            raise GatewayError(f"'{name}' stands alone and is none or back")
        setattr(state, name, word == "back")
    return bool(switches)


def _change(name: str, state: State) -> Response:
    campaign = changed_campaign(state.campaign(name) or Campaign(name), json_body())
    state.put_campaign(campaign)
    return jsonify(campaign)


def _let_go(name: str, state: State) -> Response:
    if not state.forget_campaign(name):
        raise GatewayError(f"There is no campaign '{name}'")
    return jsonify(campaigns=state.campaigns())


def _kind(path: str) -> str:
    """Which service a path belongs to; "" for the controls."""
    if path in SEND_PATHS:
        return "send"
    if path == DETAILS_PATH:
        return "details"
    return "graph" if path.startswith("/graph/") and path != LEADS_PATH else ""


def _before(state: State) -> Response | None:
    """Count the request, then do what a fault says must come before an answer."""
    kind = _kind(request.path)
    if not kind:
        return None
    destination = str(json_object().get("destination", "")) if kind == "send" else ""
    state.see(kind, destination)
    g.fault = fault = state.next_fault(kind, destination)
    if fault is None:
        return None
    state.closing.wait(fault.delay)
    if "before" in (fault.hang, fault.cut):
        return _cut(fault, state)
    return _answer(fault) if fault.answers else None


def _after(response: Response, state: State) -> Response:
    """Do what a fault says must come after the call was taken."""
    fault: Fault | None = g.get("fault")
    if fault is None:
        return response
    if "after" in (fault.hang, fault.cut):
        return _cut(fault, state)
    if fault.close:
        _wish("close")
    return response


def _cut(fault: Fault, state: State) -> Response:
    """No answer: the line closes, at once or after the silence of a hang."""
    if fault.hang:
        state.closing.wait(fault.seconds)
    _wish("cut")
    return Response()


def _wish(end: str) -> None:
    """Ask our server to end the line; other servers know nothing of it."""
    request.environ.setdefault(LINE, {})[end] = True


def _answer(fault: Fault) -> Response:
    status = fault.status or (502 if fault.html else 400)
    reason = HTTP_STATUS_CODES.get(status, "Unknown")
    if fault.html:
        response = Response(f"<html><body><h1>{status} {reason}</h1></body></html>", mimetype="text/html")
    elif fault.error is not None:
        response = jsonify(error=fault.error)
    else:
        response = jsonify({"message": reason} if fault.body is None else fault.body)
    response.status_code = status
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response
