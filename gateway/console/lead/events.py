"""What was posted, event by event: above all what could not be read."""

from __future__ import annotations

from flask import abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.console.desk import Desk
from gateway.console.lead.posted import posted, query
from gateway.console.page import render
from gateway.model import Event, EventState
from gateway.pipeline.replaying import Wish, replay
from gateway.store import events, leads
from gateway.store.erasures import ERASED
from gateway.store.leads import StoredLead

#: So many stand on a page.
_PAGE = 50

#: No event has a larger number.
_LAST = 2**31 - 1


class Events:
    """The list of events, and one of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def listing(self) -> str:
        """The latest events of a state, those first that came last."""
        state = request.args.get("state", "")
        if state and state not in set(EventState):
            abort(404, "There is no such state of an event.")
        before = min(max(request.args.get("before", 0, int), 0), _LAST)
        with self.desk.ledger.read() as connection:
            found = events.heads(connection, state=state, before=before, limit=_PAGE + 1)
        older = found[_PAGE - 1].id if len(found) > _PAGE else 0
        states = [str(one) for one in EventState]
        return render("lead_events.html", events=found[:_PAGE], state=state, states=states, older=older, before=before)

    def show(self, event_id: int) -> str:
        """One event as it was posted."""
        return self._page(event_id)

    def replay(self, event_id: int) -> AnyResponse:
        """Read it again."""
        event, _stored = self._load(event_id)
        if event.state is EventState.READ:
            return make_response(self._page(event_id, says="Nothing was done: it has been read meanwhile."), 409)
        with self.desk.ledger.write("replay event") as connection:
            [done] = replay(connection, f"e{event_id}", Wish())
            if done.done:
                self.desk.note(connection, "had it read again", f"e{event_id}")
        if not done.done:
            return make_response(self._page(event_id, says=f"Nothing was done: this event {done.says}."), 409)
        return redirect(url_for("console.lead.event", event_id=event_id, done="read"), 303)

    def _page(self, event_id: int, says: str = "") -> str:
        event, stored = self._load(event_id)
        return render(
            "lead_event.html",
            event=event,
            leads=stored,
            says=says,
            done=request.args.get("done") == "read",
            again=event.state in (EventState.UNREADABLE, EventState.IGNORED) and event.reason != ERASED,
            posted=posted(event),
            query=query(event),
        )

    def _load(self, event_id: int) -> tuple[Event, list[StoredLead]]:
        with self.desk.ledger.read() as connection:
            found = events.load(connection, [event_id])
            if not found:
                abort(404, f"There is no event e{event_id}.")
            return found[0], leads.of_event(connection, event_id)
