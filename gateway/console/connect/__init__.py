"""Each source: what to paste where, and whether it came through."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.connect.views import Connect
from gateway.console.desk import Desk


def pages(desk: Desk) -> Blueprint:
    """Under /console/connect."""
    found = Blueprint("connect", __name__)
    view = Connect(desk)
    found.add_url_rule("/connect", "show", view.show)
    found.add_url_rule("/connect/<name>", "source", view.source)
    found.add_url_rule("/connect/<name>/live", "live", view.live)
    found.add_url_rule("/connect/<name>/shown", "shown", view.shown_no_more)
    found.add_url_rule("/connect/<name>/shown", "reveal", view.reveal, methods=["POST"])
    return found
