"""A person is taken out of the ledger: what that removes is said first, and a word is typed to do it."""

from __future__ import annotations

from flask import make_response, request
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.lead.doing import back
from gateway.console.lead.whole import Whole, read
from gateway.console.page import render
from gateway.errors import GatewayError
from gateway.pipeline.erasing import Found, erase, find
from gateway.pipeline.planning import Live

#: What is typed to say yes.
WORD = "erase"

_NO_COUNTRY = "This lead typed no number whose country is known, so nobody can say who else is meant."


class Erasing:
    """The page before, and the deed."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self, lead_id: int) -> str:
        """What would be removed."""
        whole, found = self._found(lead_id)
        return render("lead_erase.html", whole=whole, found=found, word=WORD)

    def do(self, lead_id: int) -> AnyResponse:
        """Remove it, for good."""
        whole, found = self._found(lead_id)
        if request.form.get("word", "").strip().lower() != WORD:
            says = f"Nothing was removed: type the word '{WORD}' to say so."
            return make_response(render("lead_erase.html", whole=whole, found=found, word=WORD, says=says), 400)
        with self.desk.ledger.write("erase") as connection:
            erase(connection, found, clock.now())
            self.desk.note(connection, f"erased its person ({_counted(found)})", f"l{lead_id}")
        self.desk.ledger.forget()
        return back(lead_id, "erased")

    def _found(self, lead_id: int) -> tuple[Whole, Found]:
        with self.desk.ledger.read() as connection:
            live: Live = self.desk.live(connection)
            whole = read(connection, lead_id, live)
            if whole.number is None or not whole.number.e164:
                raise GatewayError(_NO_COUNTRY)
            return whole, find(connection, whole.number, live)


def _counted(found: Found) -> str:
    leads, messages = len(found.leads), len(found.deliveries)
    return f"{leads} lead{'s' * (leads != 1)}, {messages} message{'s' * (messages != 1)}"
