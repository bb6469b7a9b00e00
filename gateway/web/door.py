"""The way in for leads: one request verified, stored and answered."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify
from flask import request as http

from gateway import clock, jsontext
from gateway.errors import Refused
from gateway.inbound.source import Source
from gateway.model import Event, Request
from gateway.store import events
from gateway.store.ledger import Ledger
from gateway.web.reading import posted, request, without_token
from gateway.web.receipts import RECEIPTS
from gateway.web.refusals import Refusals
from gateway.web.together import Take, Together

#: What a sender is asked to wait before it tries again.
COME_AGAIN = {"Retry-After": "30"}


class Door:
    """The one way in for webhooks."""

    def __init__(self, ledger: Ledger, sources: Mapping[str, Source]) -> None:
        self.ledger = ledger
        self.sources = sources
        self.refusals = Refusals(ledger)
        self.arriving = Together(self._enter)

    def answer(self, source: str, form: str = "") -> Response:
        """Answer one request; raises Refused with the status and the sentence."""
        found, form = self._source(source), form.strip("/")
        if http.method == "GET":
            return self._handshake(found, request(source, form))
        made = posted(source, form, "there is no lead in it")
        found.verify(made)
        return self._store(found, made)

    def _source(self, name: str) -> Source:
        found = self.sources.get(name)
        if found is None:
            raise Refused(404, "no such source", f"there is no source '{name}'; there are {', '.join(self.sources)}")
        missing = found.missing()
        if missing:
            raise Refused(503, "settings missing", f"{name} is not set up here yet: set {' and '.join(missing)}")
        return found

    def _handshake(self, source: Source, made: Request) -> Response:
        text = source.handshake(made)
        if text is None:
            raise Refused(405, "wrong method", f"this address of {source.name} takes POST: paste it as a webhook URL")
        return Response(text, mimetype="text/plain")

    def _store(self, source: Source, made: Request) -> Response:
        event = Event(
            source=source.name,
            form=jsontext.clean(made.form),
            received=clock.now(),
            content_type=jsontext.clean(made.content_type),
            query=without_token(made.query),
            body=source.keep(made),
        )
        return jsonify(stored=True, event=f"e{self.arriving.store(event)}")

    def _enter(self, take: Take[Event]) -> list[int]:
        with self.ledger.write("event", door=True) as connection:
            return events.add(connection, take())

    def refuse(self, refused: Refused) -> tuple[Response, int, dict[str, str]]:
        """Say why, and count it."""
        source = (http.view_args or {}).get("source", "")
        known = source if source in (*self.sources, RECEIPTS) else "(unknown)"
        self.refusals.note(known, refused.cause, refused.status, http.remote_addr or "")
        headers = {405: {"Allow": "POST"}, 503: COME_AGAIN}.get(refused.status, {})
        return jsonify(stored=False, error=str(refused)), refused.status, headers
