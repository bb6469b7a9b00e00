"""Every lead, searched and filtered; as a list, as a CSV file, and many of them again."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.leads.again import Again
from gateway.console.leads.export import Export
from gateway.console.leads.listing import Listing


def pages(desk: Desk) -> Blueprint:
    """Under /console/leads."""
    found = Blueprint("leads", __name__)
    listing, export, again = Listing(desk), Export(desk), Again(desk)
    found.add_url_rule("/leads", "show", listing.show)
    found.add_url_rule("/leads.csv", "table", export.answer)
    found.add_url_rule("/leads/again", "again", again.ask)
    found.add_url_rule("/leads/again", "do", again.do, methods=["POST"])
    return found
