"""One lead: its whole story, and what a person may do with it; and the events that leads come in."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.lead.doing import Doing
from gateway.console.lead.editing import Editing
from gateway.console.lead.erasing import Erasing
from gateway.console.lead.events import Events
from gateway.console.lead.keeping import Keeping
from gateway.console.lead.views import OneLead

#: A number as the ledger gives them.
_NUMBER = "int(max=2147483647)"


def pages(desk: Desk) -> Blueprint:
    """Under /console/leads/<id> and /console/events."""
    found = Blueprint("lead", __name__)
    _leads(found, desk)
    events = Events(desk)
    found.add_url_rule("/events", "events", events.listing)
    found.add_url_rule(f"/events/<{_NUMBER}:event_id>", "event", events.show)
    found.add_url_rule(f"/events/<{_NUMBER}:event_id>/replay", "replay_event", events.replay, methods=["POST"])
    return found


def _leads(found: Blueprint, desk: Desk) -> None:
    view, this = OneLead(desk), f"/leads/<{_NUMBER}:lead_id>"
    doing, editing, erasing, keeping = Doing(desk, view.refuse), Editing(desk), Erasing(desk), Keeping(desk)
    found.add_url_rule(this, "show", view.show)
    for do in (doing.replay, doing.cancel, doing.resolve, doing.suppress, doing.unsuppress):
        found.add_url_rule(f"{this}/{do.__name__}", do.__name__, do, methods=["POST"])
    found.add_url_rule(f"{this}/edit", "edit", editing.form)
    found.add_url_rule(f"{this}/edit/preview", "preview", editing.preview, methods=["POST"])
    found.add_url_rule(f"{this}/edit", "save", editing.save, methods=["POST"])
    found.add_url_rule(f"{this}/erase", "erase", erasing.ask)
    found.add_url_rule(f"{this}/erase", "erased", erasing.do, methods=["POST"])
    found.add_url_rule(f"{this}/keep", "keep", keeping.show)
    found.add_url_rule(f"{this}/keep", "kept", keeping.do, methods=["POST"])
