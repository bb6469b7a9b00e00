"""Graph's lead look-up, and the way to put leads in.

Which HTTP status and words Graph uses for a token that is missing, dead or short of a permission is
not recorded; codes are, so read by the code. Here every error is HTTP 400.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from gateway.errors import GatewayError
from gateway.sandbox.body import json_body
from gateway.sandbox.state import State

LEADS_PATH = "/graph/leads"

#: What comes back without `fields`.
_PLAIN_FIELDS = ("created_time", "id", "ad_id", "form_id", "field_data")


def graph(state: State) -> Blueprint:
    """The routes of Graph; `/graph/v25.0` is its base address, under any version."""
    routes = Blueprint("graph", __name__)

    @routes.post(LEADS_PATH)
    def put_leads() -> ResponseReturnValue:
        leads = read_leads(json_body())
        state.put_leads(leads)
        return jsonify(stored=len(leads))

    @routes.get("/graph/<version>/<lead_id>")
    def look_up(version: str, lead_id: str) -> ResponseReturnValue:
        del version
        refusal = _bad_token(state)
        if refusal:
            return refusal
        lead = state.lead(lead_id)
        return jsonify(_chosen(lead)) if lead else _unknown(lead_id)

    return routes


def read_leads(given: Any) -> dict[str, dict[str, Any]]:
    """Leads by id from one lead, a list of them, or an object of id → lead. Raises GatewayError."""
    if isinstance(given, dict) and "id" not in given:
        given = [{**lead, "id": lead_id} for lead_id, lead in given.items() if isinstance(lead, dict)]
    leads = given if isinstance(given, list) else [given]
    if not leads or not all(isinstance(lead, dict) and lead.get("id") for lead in leads):
        raise GatewayError("Give one lead with an id, a list of leads, or an object of id to lead")
    return {str(lead["id"]): {**lead, "id": str(lead["id"])} for lead in leads}


def _error(code: int, message: str, subcode: int | None = None) -> ResponseReturnValue:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    return jsonify(error={**error, "is_transient": False, "fbtrace_id": "SANDBOX"}), 400


def _bad_token(state: State) -> ResponseReturnValue | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not token:
        return _error(190, "An access token is needed (the sandbox's own words)")
    if token.startswith("dead"):
        return _error(190, "Error validating access token: this one starts with 'dead'", 463)
    if token.startswith("noperm"):
        return _error(200, "Permissions error: this token starts with 'noperm'")
    if state.graph_secrets and not _proven(token, state.graph_secrets):
        return _error(100, "The appsecret_proof is missing or wrong (the sandbox's own words)")
    return None


def _proven(token: str, secrets: tuple[str, ...]) -> bool:
    proof = request.args.get("appsecret_proof", "").encode()
    right = (hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest().encode() for secret in secrets)
    return any(hmac.compare_digest(proof, digest) for digest in right)


def _chosen(lead: Mapping[str, Any]) -> dict[str, Any]:
    wanted = request.args.get("fields", "")
    names = {name.strip() for name in wanted.split(",")} | {"id"} if wanted else set(_PLAIN_FIELDS)
    return {name: value for name, value in lead.items() if name in names}


def _unknown(lead_id: str) -> ResponseReturnValue:
    message = (
        f"Unsupported get request. Object with ID '{lead_id}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this operation."
    )
    return _error(100, message, 33)
