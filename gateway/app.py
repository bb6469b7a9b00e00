"""Puts the parts together: the web processes, the worker, and the parent that keeps both alive."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from gateway import clock, console, crash
from gateway.console.entrance.doorman import ADMIN_HASH
from gateway.engine import Engine, open_engine
from gateway.errors import GatewayError, SchemaMismatch
from gateway.http import Http
from gateway.inbound.source import Source, sources
from gateway.outbound.aisensy import AiSensy
from gateway.parent import ENDINGS, Child, Parent
from gateway.pipeline.watching import follows
from gateway.settings import Settings, is_loopback
from gateway.store.console import invitations, members
from gateway.store.console.invitations import Invitation
from gateway.store.console.members import Role
from gateway.store.ledger import Ledger
from gateway.web import create_app
from gateway.worker import Worker

log = logging.getLogger(__name__)

#: Web processes, and threads in each: a thread waits for the disk with the others, so many share a sync.
WEB_PROCESSES, WEB_THREADS = 2, 16

#: Seconds a web or worker process waits for the ledger to be migrated.
MIGRATION_SECONDS = 60

#: Seconds that `serve` waits for the address to be free.
ADDRESS_SECONDS = 6

#: Seconds the worker, then the web processes, have to end by themselves.
WORKER_GRACE, WEB_GRACE = 22.0, 2.5


def open_ledger(settings: Settings, *, must_exist: bool = False) -> Ledger:
    """The ledger of these settings; its folder is made unless it must be there already."""
    return Ledger(settings.database_url, connections=WEB_THREADS + 2, must_exist=must_exist)


def open_http(settings: Settings) -> Http:
    deadline = float(settings.number("GATEWAY_DEADLINE"))
    loopback_only, threads = bool(settings.text("GATEWAY_LOOPBACK_ONLY")), settings.number("GATEWAY_THREADS")
    return Http(deadline=deadline, loopback_only=loopback_only, connections=threads)


def open_sources(settings: Settings) -> dict[str, Source]:
    return sources(settings, open_http(settings))


def _follow_files(settings: Settings) -> None:
    """What tests steer by, where they may."""
    clock.follow(settings.clock_file)
    crash.follow(settings.crash_file)


def wait_for_schema(ledger: Ledger) -> None:
    """Wait until `gateway migrate` (or `serve`) has prepared the ledger."""
    deadline = clock.monotonic() + MIGRATION_SECONDS
    while True:
        try:
            return ledger.check_version()
        except SchemaMismatch:
            if clock.monotonic() > deadline:
                raise
            time.sleep(0.5)


def web_app(settings: Settings) -> Flask:
    """The application of one web process; opens its own ledger."""
    _follow_files(settings)
    return whole_app(settings, open_ledger(settings), open_sources(settings))


def whole_app(settings: Settings, ledger: Ledger, found: Mapping[str, Source]) -> Flask:
    """The way in for leads, and the console."""
    app = create_app(settings, ledger, found)
    console.attach(app, settings, ledger)
    return app


class _Parented(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """A gunicorn that ends when the process that started it is gone."""

    parent = 0

    def murder_workers(self) -> None:
        if self.parent and os.getppid() != self.parent:
            raise StopIteration
        super().murder_workers()


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own words go where ours go, through the formatter that hides numbers and tokens."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings, bind: str, parent: int) -> None:
        self.settings = settings
        self.bind = bind
        self.parent = parent
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self.bind,
            "workers": WEB_PROCESSES,
            "threads": WEB_THREADS,
            "worker_class": "gthread",
            "timeout": 30,
            "graceful_timeout": 2,
            "keepalive": 5,
            "loglevel": "warning",
            "logger_class": _Log,
            "accesslog": None,  # an access log would hold tokens
            "control_socket_disable": True,
            "forwarded_allow_ips": self.settings.text("GATEWAY_TRUSTED_PROXIES") or "127.0.0.1",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return web_app(self.settings)

    def run(self) -> None:
        arbiter = _Parented(self)
        arbiter.parent = self.parent
        arbiter.run()


def run_web(settings: Settings, bind: str, parent: int = 0) -> None:
    """Serve HTTP until told to stop."""
    ledger = open_ledger(settings)
    wait_for_schema(ledger)
    ledger.close()  # each web process opens its own, after the fork
    _Gunicorn(settings, bind, parent).run()


def run_worker(settings: Settings, parent: int = 0) -> None:
    """Read, plan and send until told to stop."""
    _follow_files(settings)
    ledger = open_ledger(settings)
    wait_for_schema(ledger)
    engine = _engine(ledger, settings)
    aisensy = AiSensy(settings, open_http(settings))
    worker = Worker(settings, ledger, open_sources(settings), aisensy, engine, parent)
    for number in ENDINGS:
        signal.signal(number, lambda _number, _frame: worker.stop())
    worker.run()


def _engine(ledger: Ledger, settings: Settings) -> Engine:
    """The engine; a predecessor that is just ending is waited for."""
    deadline = clock.monotonic() + WORKER_GRACE
    while True:
        try:
            return open_engine(ledger, settings)
        except GatewayError:
            if clock.monotonic() > deadline:
                raise
            time.sleep(0.2)


def wait_for_address(bind: str) -> None:
    """Raises GatewayError when HOST:PORT is none, or when another program keeps it; one that ends is waited for."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the last port there is
        raise GatewayError(f"'{bind}' is no address: write it like 127.0.0.1:8000.")
    deadline = clock.monotonic() + ADDRESS_SECONDS
    while (reason := _address_fault(host.strip("[]"), int(port))) and clock.monotonic() < deadline:
        time.sleep(0.2)
    if reason:
        raise GatewayError(f"{bind} cannot be had: {reason}. Choose another with --bind.")


def _address_fault(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def _say_what_is_missing(settings: Settings) -> None:
    """What cannot work until a setting is given: nothing is lost by it, but a person should know."""
    for name, source in open_sources(settings).items():
        if source.missing():
            log.warning("%s is answered 503 until it is set up: set %s", name, " and ".join(source.missing()))
    if is_loopback(settings.text("AISENSY_BASE_URL")):
        log.warning("campaign calls go to %s on this machine, not to AiSensy", settings.text("AISENSY_BASE_URL"))
    if not settings.text("AISENSY_API_KEY"):
        log.warning("AISENSY_API_KEY is not set: leads are taken, and every message is held")


def _together(settings: Settings) -> Settings:
    """The settings of web processes beside a worker: the console saves mappings where that one takes them from."""
    follow = "yes" if follows(settings, serving=True) else "no"
    return Settings({**settings.values, "GATEWAY_FOLLOW": follow})


def _first_code(settings: Settings, ledger: Ledger) -> str:
    """A one-time code for the console's first password; "" where somebody can sign in already."""
    if settings.text("GATEWAY_CONSOLE") == "off" or settings.text(ADMIN_HASH):
        return ""
    with ledger.write("console code", door=True) as connection:
        nobody = not members.count(connection)
        return invitations.make(connection, Invitation("", Role.CHANGE), clock.now()) if nobody else ""


def serve(settings: Settings, bind: str) -> int:
    """Migrate, then keep the web processes and one worker alive; the exit code."""
    wait_for_address(bind)
    ledger = open_ledger(settings)
    ledger.migrate()
    code = _first_code(settings, ledger)
    ledger.close()
    me = os.getpid()
    worker = Child("worker", lambda: run_worker(settings, me), WORKER_GRACE)
    web = Child("web", lambda: run_web(_together(settings), bind, me), WEB_GRACE)
    _say_what_is_missing(settings)
    log.info("the gateway listens on http://%s", bind)
    if code:
        log.info("the console has no password yet: open http://%s/console/welcome?code=%s", bind, code)
    gc.collect()
    gc.freeze()  # what is loaded now stays shared: a collection after the fork would write to every page
    exit_code = Parent([worker, web]).run()
    log.info("the gateway has stopped")
    return exit_code
