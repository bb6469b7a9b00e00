"""HTTP in: verify, store, answer. Nothing else happens while a sender waits."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, jsonify, redirect, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from gateway.errors import Refused
from gateway.inbound.source import Source
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.web.door import COME_AGAIN, Door
from gateway.web.health import Health
from gateway.web.metrics import Metrics
from gateway.web.receipts import RECEIPTS, ReceiptDoor

log = logging.getLogger(__name__)

#: For a person who opens the address in a browser.
HOME = "The lead gateway runs here. Forms post to /hooks/<source>; /healthz says how it is.\n"


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
    app.add_url_rule("/readyz", "readyz", health.ready)
    app.add_url_rule("/metrics", "metrics", Metrics(settings, ledger).answer)
    app.add_url_rule("/", "home", lambda: _home(has_console=settings.text("GATEWAY_CONSOLE") != "off"))
    app.register_error_handler(HTTPException, _in_words)
    app.register_error_handler(Refused, door.refuse)
    app.register_error_handler(SQLAlchemyError, _cannot_store)
    if settings.text("GATEWAY_TRUSTED_PROXIES"):
        trusted = _Proxied(app.wsgi_app, settings.text("GATEWAY_TRUSTED_PROXIES"))
        app.wsgi_app = trusted  # type: ignore[method-assign]
    return app


def _home(*, has_console: bool) -> AnyResponse:
    """A browser asks for HTML before all else and goes to the console; other programs get a line of text."""
    wants = request.accept_mimetypes
    to_console = has_console and wants["text/html"] > wants["text/plain"]
    answer = redirect("/console/") if to_console else Response(HOME, mimetype="text/plain")
    answer.vary.add("Accept")
    return answer


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
        self.trusted = [ipaddress.ip_network(part.strip()) for part in trusted.split(",") if part.strip()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = self.forwarded if self._trusts(environ.get("REMOTE_ADDR", "")) else self.direct
        return app(environ, start_response)

    def _trusts(self, address: str) -> bool:
        try:
            caller = ipaddress.ip_address(address)
        except ValueError:  # a Unix socket has no address
            return False
        return any(caller in network for network in self.trusted)
