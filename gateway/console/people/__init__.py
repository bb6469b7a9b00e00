"""Who may use the console, and what they did."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.people.audit import Audit
from gateway.console.people.others import Others
from gateway.console.people.own import Own
from gateway.console.people.seeing import People


def pages(desk: Desk) -> Blueprint:
    """Under /console/people and /console/audit."""
    found = Blueprint("people", __name__)
    found.add_url_rule("/people", "show", People(desk).show)
    found.add_url_rule("/audit", "audit", Audit(desk).show)
    others, own = Others(desk), Own(desk)
    posted = {
        "invite": others.invite,
        "code": others.code,
        "uninvite": others.uninvite,
        "role": others.role,
        "sign-out": others.sign_out,
        "remove": others.remove,
        "password": own.password,
        "sign-out-everywhere": own.sign_out,
    }
    for name, view in posted.items():
        found.add_url_rule(f"/people/{name}", name.replace("-", "_"), view, methods=["POST"])
    return found
