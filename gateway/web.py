"""HTTP in: verify, store, answer. Nothing else happens while a sender waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, jsonify
from flask import request as http
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import clock, jsontext
from gateway.errors import Refused
from gateway.inbound.aisensy import HELLO, AiSensyHook, notification
from gateway.inbound.source import Source
from gateway.model import Event, Request
from gateway.settings import Settings
from gateway.store import events, pulse, receipts
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)

#: For a person who opens the address in a browser.
HOME = "The lead gateway runs here. Forms post to /hooks/<source>; /healthz says how it is.\n"

#: A worker that has not spoken for this long is not well.
SILENT_SECONDS = 15

#: Of a body over the limit this much is read and thrown away, a piece at a time.
DRAINED, CHUNK = 16_000_000, 64_000

#: What a sender is asked to wait before it tries again.
COME_AGAIN = {"Retry-After": "30"}

#: What is in the address of receipts where a source has its name; no source is called so.
RECEIPTS = "aisensy"


def create_app(settings: Settings, ledger: Ledger, sources: Mapping[str, Source]) -> Flask:
    """The web application of one process."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.number("GATEWAY_MAX_BODY")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the order in which we say things
    door = Door(ledger, sources)
    health = Health(ledger)
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    for rule in ("/hooks/<source>", "/hooks/<source>/", "/hooks/<source>/<path:form>"):
        app.add_url_rule(rule, "hook", door.answer, methods=methods, provide_automatic_options=False)
    desk = ReceiptDoor(settings, ledger)
    for rule in (f"/hooks/{RECEIPTS}", f"/hooks/{RECEIPTS}/", f"/hooks/{RECEIPTS}/<path:form>"):
        app.add_url_rule(
            rule,
            "receipts",
            desk.answer,
            defaults={"source": RECEIPTS},
            methods=methods,
            provide_automatic_options=False,
        )
    app.add_url_rule("/healthz", "healthz", health.answer)
    app.add_url_rule("/", "home", lambda: Response(HOME, mimetype="text/plain"))
    app.register_error_handler(HTTPException, _in_words)
    app.register_error_handler(Refused, door.refuse)
    app.register_error_handler(SQLAlchemyError, _cannot_store)
    if settings.text("GATEWAY_TRUSTED_PROXIES"):
        trusted = _Proxied(app.wsgi_app, settings.text("GATEWAY_TRUSTED_PROXIES"))
        app.wsgi_app = trusted  # type: ignore[method-assign]
    return app


class Door:
    """The one way in for webhooks."""

    def __init__(self, ledger: Ledger, sources: Mapping[str, Source]) -> None:
        self.ledger = ledger
        self.sources = sources
        self.refusals = Refusals(ledger)

    def answer(self, source: str, form: str = "") -> Response:
        """Answer one request; raises Refused with the status and the sentence."""
        found, form = self._source(source), form.strip("/")
        if http.method == "GET":
            return self._handshake(found, _request(source, form))
        request = _posted(source, form, "there is no lead in it")
        found.verify(request)
        return self._store(found, request)

    def _source(self, name: str) -> Source:
        found = self.sources.get(name)
        if found is None:
            raise Refused(404, "no such source", f"there is no source '{name}'; there are {', '.join(self.sources)}")
        missing = found.missing()
        if missing:
            raise Refused(503, "settings missing", f"{name} is not set up here yet: set {' and '.join(missing)}")
        return found

    def _handshake(self, source: Source, request: Request) -> Response:
        text = source.handshake(request)
        if text is None:
            raise Refused(405, "wrong method", f"this address of {source.name} takes POST: paste it as a webhook URL")
        return Response(text, mimetype="text/plain")

    def _store(self, source: Source, request: Request) -> Response:
        event = Event(
            source=source.name,
            form=jsontext.clean(request.form),
            received=clock.now(),
            content_type=jsontext.clean(request.content_type),
            query=_without_token(request.query),
            body=source.keep(request),
        )
        with self.ledger.write("event") as connection:
            event_id = events.add(connection, event)
        return jsonify(stored=True, event=f"e{event_id}")

    def refuse(self, refused: Refused) -> tuple[Response, int, dict[str, str]]:
        """Say why, and count it."""
        source = (http.view_args or {}).get("source", "")
        known = source if source in (*self.sources, RECEIPTS) else "(unknown)"
        self.refusals.note(known, refused.cause, refused.status, http.remote_addr or "")
        headers = {405: {"Allow": "POST"}, 503: COME_AGAIN}.get(refused.status, {})
        return jsonify(stored=False, error=str(refused)), refused.status, headers


class ReceiptDoor:
    """The way in for what AiSensy tells of our messages."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.hook = AiSensyHook(settings)
        self.ledger = ledger

    def answer(self, source: str, form: str = "") -> Response:
        """Store what AiSensy posts, each notification once; raises Refused."""
        if http.method in ("GET", "HEAD"):  # asked before there is a secret
            return Response(HELLO, mimetype="text/plain")
        if missing := self.hook.missing():
            raise Refused(503, "settings missing", f"receipts are not set up here yet: set {missing}")
        request = _posted(source, form, "there is no receipt in it")
        self.hook.verify(request)
        with self.ledger.write("receipt") as connection:
            receipts.add(connection, notification(request.body), request.body, clock.now())
        return jsonify(stored=True)


class Refusals:
    """Counts what was not stored; written together, so that a flood of bad requests costs no flood of commits."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.lock = threading.Lock()
        self.waiting: dict[tuple[str, str], tuple[int, int, datetime, str]] = {}

    def note(self, source: str, cause: str, status: int, address: str) -> None:
        with self.lock:
            first = not self.waiting
            times = self.waiting.get((source, cause), (0,))[0] + 1
            self.waiting[source, cause] = (times, status, clock.now(), address)
        if first:
            timer = threading.Timer(0.5, self.write)
            timer.daemon = True
            timer.start()

    def write(self) -> None:
        with self.lock:
            waiting, self.waiting = self.waiting, {}
        for (source, cause), (times, _status, _at, address) in waiting.items():
            log.warning("refused for %s: %s (times: %d, the last from %s)", source, cause, times, address)
        try:
            with self.ledger.write("refusals") as connection:
                for (source, cause), (times, status, at, address) in waiting.items():
                    events.refuse(connection, source, cause, status, times=times, now=at, address=address)
        except SQLAlchemyError as error:
            log.error("refused requests were not counted: %s", type(error).__name__)  # noqa: TRY400 - a count, not a lead


class Health:
    """Whether leads get in and messages get out."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def answer(self) -> tuple[Response, int]:
        now = clock.now()
        try:
            with self.ledger.write("pulse") as connection:
                pulse.beat(connection, "web", "running", now)
                worker = pulse.last(connection, "worker")
        except SQLAlchemyError:
            return jsonify(ok=False, error="the ledger cannot be written"), 503
        fault = _worker_fault(worker, now)
        return (jsonify(ok=False, error=fault), 503) if fault else (jsonify(ok=True), 200)


def _worker_fault(worker: tuple[datetime, str] | None, now: datetime) -> str:
    if worker is None:
        return "no worker has started yet"
    at, state = worker
    if state != "running":
        return "the worker has stopped" if state == "stopped" else f"the worker is {state}"
    silent = (now - at).total_seconds()
    return f"the worker has been silent for {silent:.0f} seconds" if silent > SILENT_SECONDS else ""


def _posted(source: str, form: str, lacking: str) -> Request:
    """This request, which must be a POST with something in it; raises Refused."""
    if http.method != "POST":
        raise Refused(405, "wrong method", f"send a POST; {http.method} is not taken here")
    request = _request(source, form)
    if not request.body:
        raise Refused(400, "empty body", f"the body is empty: {lacking}")
    return request


def _request(source: str, form: str) -> Request:
    return Request(
        source=source,
        form=form,
        method=http.method,
        body=_body(),
        content_type=http.headers.get("Content-Type", ""),
        headers={name.lower(): value for name, value in http.headers.items()},
        query=http.query_string.decode("utf-8", "replace"),
    )


def _body() -> bytes:
    try:
        return http.get_data()
    except RequestEntityTooLarge:
        _drain(http.environ["wsgi.input"], min(http.content_length or DRAINED, DRAINED))
        raise Refused(413, "too large", "the body is larger than this gateway takes (GATEWAY_MAX_BODY)") from None


def _drain(stream: IO[bytes], left: int) -> None:
    """Read on, so that the sender sees the answer instead of a broken connection."""
    while left > 0 and (piece := stream.read(min(CHUNK, left))):
        left -= len(piece)


def _without_token(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return jsontext.clean(urlencode([(name, value) for name, value in pairs if name != "token"]))


def _in_words(error: HTTPException) -> tuple[Response, int]:
    return jsonify(stored=False, error=(error.description or error.name)), error.code or 500


def _cannot_store(error: SQLAlchemyError) -> tuple[Response, int, dict[str, str]]:
    log.error("a request could not be stored: %s", type(error).__name__)
    return jsonify(stored=False, error="it could not be stored now; please send it again"), 503, COME_AGAIN


class _Proxied:
    """Believes X-Forwarded-For of the proxies that were named, and of nobody else."""

    def __init__(self, app: WSGIApplication, trusted: str) -> None:
        self.direct = app
        self.forwarded: WSGIApplication = ProxyFix(app, x_for=1, x_proto=1)
        self.trusted = {part.strip() for part in trusted.split(",")}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = self.forwarded if environ.get("REMOTE_ADDR") in self.trusted else self.direct
        return app(environ, start_response)
