"""The buttons of a lead: each does one thing, notes it in the audit list, and leads back to the lead."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.lead.whole import read
from gateway.errors import GatewayError
from gateway.mapping.limits import NAMES
from gateway.model import Delivery
from gateway.pipeline import cancelling, replaying, resolving
from gateway.pipeline.person import Number
from gateway.pipeline.replaying import Replayed, Wish
from gateway.pipeline.resolving import Word
from gateway.pipeline.suppressing import suppress
from gateway.store import deliveries, leads, suppressions

#: Shows a lead with a sentence on why nothing was done.
Refuse = Callable[[int, str], AnyResponse]

_NOTES = {
    Word.SENT: "said that it was sent",
    Word.NOT_SENT: "said that it was not sent",
    Word.SEND_AGAIN: "had it sent again",
}


class Doing:
    """What is posted to a lead."""

    def __init__(self, desk: Desk, refuse: Refuse) -> None:
        self.desk = desk
        self.refuse = refuse

    def replay(self, lead_id: int) -> AnyResponse:
        """Plan it again, let it go, or send it once more."""
        wish = Wish(again="again" in request.form, despite=_despite())
        with self.desk.ledger.write("replay") as connection:
            what = _what(connection, lead_id)
            done = one_more_already(connection, lead_id) or replaying.replay(connection, what, wish)[0]
            code, note = _replayed(wish, alone=what.startswith("d"))
            if done.done:
                self.desk.note(connection, note, f"l{lead_id}")
        return back(lead_id, code) if done.done else self._nothing(lead_id, done.id, done.says)

    def cancel(self, lead_id: int) -> AnyResponse:
        """Take back what has not left."""
        with self.desk.ledger.write("cancel") as connection:
            what = _what(connection, lead_id)
            done = cancelling.cancel(connection, what)
            if any(one.done for one in done):
                self.desk.note(connection, f"cancelled {_named(what)}", f"l{lead_id}")
        if any(one.done for one in done):
            return back(lead_id, "cancelled")
        return self._nothing(lead_id, done[0].id, done[0].says)

    def resolve(self, lead_id: int) -> AnyResponse:
        """Say what became of a message."""
        word = _word()
        with self.desk.ledger.write("resolve") as connection:
            delivery = _delivery(connection, lead_id, _what(connection, lead_id))
            why = resolving.resolve(connection, delivery, word, clock.now())
            if not why:
                self.desk.note(connection, _NOTES[word], f"l{lead_id}")
        return self._nothing(lead_id, f"d{delivery.id}", why) if why else back(lead_id, str(word))

    def suppress(self, lead_id: int) -> AnyResponse:
        """Message this number no more."""
        number = self._number(lead_id)
        with self.desk.ledger.write("suppress") as connection:
            suppress(connection, {number.e164: "a person asked for it"}, clock.now())
            self.desk.note(connection, "put its number on the suppression list", f"l{lead_id}")
        return back(lead_id, "suppressed")

    def unsuppress(self, lead_id: int) -> AnyResponse:
        """Let this number be messaged again."""
        number = self._number(lead_id)
        with self.desk.ledger.write("unsuppress") as connection:
            if suppressions.remove(connection, number.e164):
                self.desk.note(connection, "took its number off the suppression list", f"l{lead_id}")
        return back(lead_id, "unsuppressed")

    def _number(self, lead_id: int) -> Number:
        """The number of a lead's person, with its country."""
        with self.desk.ledger.read() as connection:
            number = read(connection, lead_id, self.desk.live(connection)).number
        if number is None or not number.e164:
            raise GatewayError("This lead typed no number whose country is known.")
        return number

    def _nothing(self, lead_id: int, what: str, says: str) -> AnyResponse:
        subject = "the message" if what.startswith("d") else "this lead"
        return self.refuse(lead_id, f"Nothing was done: {subject} {says}.")


def one_more_already(connection: Connection, lead_id: int) -> Replayed | None:
    """Why a form that sends one more message does nothing, where the lead has another one than its page showed: of two
    people, or of two clicks, one counts. None: it may go on."""
    known = request.form.get("newest", "")
    newest = max((one.id for one in deliveries.of_lead(connection, lead_id)), default=0)
    if "again" not in request.form or not known or known == f"d{newest}":
        return None
    return Replayed(f"l{lead_id}", False, "got another message since you loaded its page; look at that one first")


def back(lead_id: int, code: str) -> AnyResponse:
    """To the lead, which says what was done."""
    return redirect(url_for("console.lead.show", lead_id=lead_id, done=code), 303)


def _replayed(wish: Wish, *, alone: bool) -> tuple[str, str]:
    """What the page and the audit list say of a replay."""
    lifted = f", despite {', '.join(wish.despite)}" if wish.despite else ""
    if wish.again:
        return "again", f"sent it once more{lifted}"
    if wish.despite:
        return "despite", f"sent it{lifted}"
    return ("released", "let it be tried at once") if alone else ("replayed", "replayed it")


def _despite() -> tuple[str, ...]:
    asked = request.form.getlist("despite")
    return tuple(asked) if set(asked) <= set(NAMES) else abort(400, "That is no limit.")


def _word() -> Word:
    try:
        return Word(request.form.get("word", ""))
    except ValueError:
        abort(400, "Say whether it was sent.")


def _what(connection: Connection, lead_id: int) -> str:
    """What is meant: the lead, or one of its messages."""
    if not leads.load(connection, [lead_id]):
        abort(404, f"There is no lead l{lead_id}.")
    what = request.form.get("what", "") or f"l{lead_id}"
    if what != f"l{lead_id}":
        _delivery(connection, lead_id, what)
    return what


def _delivery(connection: Connection, lead_id: int, what: str) -> Delivery:
    made = {f"d{one.id}": one for one in deliveries.of_lead(connection, lead_id)}
    return made[what] if what in made else abort(404, "This lead has no such message.")


def _named(what: str) -> str:
    return "it" if what.startswith("l") else f"the message {what}"
