"""The way in for receipts, which AiSensy posts where sources have their names."""

from __future__ import annotations

from flask import Response, jsonify
from flask import request as http

from gateway import clock
from gateway.errors import Refused
from gateway.inbound.aisensy import HELLO, AiSensyHook, notification
from gateway.settings import Settings
from gateway.store import receipts
from gateway.store.ledger import Ledger
from gateway.store.receipts import Arrived
from gateway.web.reading import posted
from gateway.web.together import Take, Together

#: What is in the address of receipts where a source has its name; no source is called so.
RECEIPTS = "aisensy"


class ReceiptDoor:
    """The way in for what AiSensy tells of our messages."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.hook = AiSensyHook(settings)
        self.ledger = ledger
        self.arriving = Together(self._enter)

    def answer(self, source: str, form: str = "") -> Response:
        """Store what AiSensy posts, each notification once; raises Refused."""
        if http.method in ("GET", "HEAD"):  # asked before there is a secret
            return Response(HELLO, mimetype="text/plain")
        if missing := self.hook.missing():
            raise Refused(503, "settings missing", f"receipts are not set up here yet: set {missing}")
        request = posted(source, form, "there is no receipt in it")
        self.hook.verify(request)
        self.arriving.store(Arrived(notification(request.body), request.body, clock.now()))
        return jsonify(stored=True)

    def _enter(self, take: Take[Arrived]) -> list[None]:
        with self.ledger.write("receipt", door=True) as connection:
            found = take()
            receipts.add(connection, found)
        return [None] * len(found)
