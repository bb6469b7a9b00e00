"""Reading what a request holds."""

from __future__ import annotations

import json
from typing import Any

from flask import request

from gateway.errors import GatewayError


def json_body() -> Any:
    """The JSON of this request, whatever content type it claims; raises GatewayError when it is none."""
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise GatewayError("The body is not JSON; check its quotes and commas") from None


def json_object() -> dict[str, Any]:
    """The JSON object of this request; empty when it is none."""
    try:
        body = json_body()
    except GatewayError:
        return {}
    return body if isinstance(body, dict) else {}
