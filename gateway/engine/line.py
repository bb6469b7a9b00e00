"""Procrastinate's workers, in a thread with a loop of its own: they bring ids of work, and look after themselves."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import procrastinate
import psycopg
import psycopg_pool
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg import AsyncConnection
from sqlalchemy.exc import DBAPIError

from gateway import clock
from gateway.store.jobs import Kind, Queue, due
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)

#: They tell of every job, and of a lost connection in tracebacks; what matters of it is told here.
for library in ("procrastinate", "psycopg.pool"):
    logging.getLogger(library).setLevel(logging.CRITICAL)

#: Seconds between signs of life, and after which a worker without one counts as dead: its jobs are given to others.
HEARTBEAT, DEAD = 1.0, 4.0

#: Seconds of silence after which a worker is forgotten altogether; one that was only slow must begin anew then.
FORGOTTEN = 60.0

#: Seconds between looks for jobs of which no notice came.
POLL = 0.5

#: Seconds after which a failed connection is tried again, and that a stopping worker waits for its jobs to end.
AGAIN, GRACE = 1.0, 2.0

#: Seconds between two lines of trouble that no task hears: each of a paused worker's jobs has the same to tell.
QUIET = 10.0

#: Seconds that a connection may take to be made, unless the URL says it: a host that is gone refuses nothing.
CONNECTING = 10

#: Connections for fetching and ending jobs; each queue has one more that listens.
CONNECTIONS = 3

#: Of requests that a job be given up, which nobody makes: Procrastinate looks for them this often. Seconds.
_NEVER = 3600.0

#: Given what a job is about and its priority, waits until it was dealt with.
HandOver = Callable[[Kind, int, int], Awaitable[None]]


class Line:
    """Brings jobs from the database until it is stopped; a connection that fails is made anew."""

    def __init__(self, ledger: Ledger, at_once: dict[Queue, int], hand_over: HandOver) -> None:
        """`at_once`: how many jobs of each queue this process has at one time."""
        self.ledger = ledger
        self.at_once = at_once
        self.hand_over = hand_over
        self._stopping = False
        self._resting = asyncio.Event()
        self._said = -math.inf
        self._main: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._begun = threading.Event()
        self._thread.start()
        self._begun.wait()

    def call(self, function: Callable[[], object]) -> None:
        """Call a function on the loop's thread, unless it has ended."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(function)

    def rest(self) -> None:
        """Bring nothing until `go_on`; returns at once."""
        self.call(self._resting.set)

    def go_on(self) -> None:
        self.call(self._resting.clear)

    def stop(self) -> None:
        """Bring nothing more; returns at once."""
        self._stopping = True
        self.call(lambda: self._main and self._main.cancel())

    def join(self) -> None:
        """Wait for the end, after `stop`."""
        self._thread.join(GRACE * 3)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._bring())

    async def _bring(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._say_briefly)
        self._main = asyncio.current_task()
        self._begun.set()
        while not self._stopping:
            try:
                if not self._resting.is_set():
                    await self._serve()
            except (ConnectorException, psycopg.Error, ExceptionGroup) as error:
                log.error("jobs cannot be had from the database now: %s", _cause(error))  # noqa: TRY400 - no news in it
            except Exception:
                log.exception("the jobs' thread failed")
            await asyncio.sleep(AGAIN)

    def _say_briefly(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What no task was there to hear, as of jobs that others took over while this process was paused: of all
        that comes together, the first."""
        now = clock.monotonic()
        if now - self._said < QUIET:
            return
        self._said = now
        error = context.get("exception")
        log.error("the jobs' thread met trouble: %s", _cause(error) if error else context["message"])

    async def _serve(self) -> None:
        """Until a rest, or until a connection fails; a worker that has lost one ends without saying why."""
        reach = self._reach()
        await (await AsyncConnection.connect(**reach)).close()  # it says what is wrong; the pool only that it is late
        pool = psycopg_pool.AsyncConnectionPool(
            kwargs=reach, min_size=1, max_size=CONNECTIONS, open=False, configure=_quick, timeout=AGAIN * 5
        )
        async with pool:
            app = self._app()
            await app.open_async(pool)
            tasks = [asyncio.create_task(self._work(app, queue)) for queue in self.at_once]
            tasks.append(asyncio.create_task(self._rest()))
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
        if not self._resting.is_set():
            raise next((error for error in ended if isinstance(error, Exception)), ConnectorException("it was lost"))

    async def _rest(self) -> None:
        await self._resting.wait()

    def _reach(self) -> dict[str, Any]:
        """How the ledger's own connections are made: a URL of several hosts is SQLAlchemy's, and not libpq's."""
        _none, reach = self.ledger.engine.dialect.create_connect_args(self.ledger.url)
        return {"connect_timeout": CONNECTING} | {key: said for key, said in reach.items() if key != "context"}

    async def _work(self, app: procrastinate.App, queue: Queue) -> None:
        await app.run_worker_async(
            queues=[queue],
            concurrency=self.at_once[queue],
            fetch_job_polling_interval=POLL,
            abort_job_polling_interval=_NEVER,
            shutdown_graceful_timeout=GRACE,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=FORGOTTEN,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    def _app(self) -> procrastinate.App:
        """A task for every kind of work, and one that looks every second for work without a job."""
        app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        for kind in Kind:
            app.task(name=kind, queue=kind.queue, pass_context=True)(partial(self._job, kind))
        sweep = app.task(name="sweep", queue=Queue.SWEEPING, queueing_lock="sweep")(partial(self._sweep, app))
        app.periodic(cron="* * * * * *")(sweep)
        return app

    async def _job(self, kind: Kind, context: procrastinate.JobContext, id: int) -> None:  # noqa: A002 - the job's word
        await self.hand_over(kind, id, context.job.priority)

    async def _sweep(self, app: procrastinate.App, timestamp: int) -> None:
        """End the jobs of dead workers, then announce what is due and has no job."""
        del timestamp  # which second it is for: nothing hangs on it
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD):
            with suppress(ConnectorException):  # another sweep was first
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        try:
            await asyncio.to_thread(due.announce, self.ledger, clock.now())
        except DBAPIError as error:
            log.error("the ledger cannot be looked through now: %s", type(error.orig).__name__)  # noqa: TRY400 - the text could hold a lead


async def _quick(connection: AsyncConnection) -> None:
    """Each statement is a transaction; what a power cut takes of jobs is announced again by the ledger."""
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit = off")


def _cause(error: BaseException) -> str:
    """The first line of what the database said; it names hosts, never a password."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = str(error).splitlines()
    return said[0] if said else type(error).__name__
