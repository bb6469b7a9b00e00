"""The app to compare with: it forwards each lead at once and stores nothing.

What a lead costs without any promise: if the call fails or the process dies, the lead is gone. Run by
gunicorn as `bare:app`; AISENSY_BASE_URL says where the calls go.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import requests
from flask import Flask, Response, jsonify, request

app = Flask(__name__, static_folder=None)
_threads = threading.local()


@app.post("/hooks/website/<form>")
def forward(form: str) -> tuple[Response, int]:
    """Make the campaign call while the sender waits; 502 when it is not taken."""
    del form
    answer = _session().post(os.environ["AISENSY_BASE_URL"], json=call(request.get_json()), timeout=20)
    return jsonify(sent=answer.ok), 200 if answer.ok else 502


def call(lead: dict[str, Any]) -> dict[str, Any]:
    """The campaign call that mappings/website.yaml makes of the same lead."""
    return {
        "apiKey": os.environ["AISENSY_API_KEY"],
        "campaignName": "price_list",
        "destination": lead["phone"],
        "userName": lead["name"],
        "source": "Website",
        "templateParams": [lead["name"].split()[0], lead["interest"]],
        "attributes": {"city": lead["city"], "message": lead["message"][:200]},
        "tags": ["website"],
    }


def _session() -> requests.Session:
    """One a thread, so that its connection is kept alive."""
    if not hasattr(_threads, "session"):
        _threads.session = requests.Session()
    session: requests.Session = _threads.session
    return session
