"""The worker: reads events, looks leads up, plans, sends. All writing is done by its one main thread,
in short transactions; threads only wait for other people's answers."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy.exc import DBAPIError, PendingRollbackError

from gateway import clock
from gateway.engine import Engine, Work
from gateway.inbound.source import Source
from gateway.outbound.aisensy import AiSensy
from gateway.pipeline import holding, lookups, reading, receiving, results, settling
from gateway.pipeline.drifting import Drifting
from gateway.pipeline.pace import Pace
from gateway.pipeline.planning import fate
from gateway.pipeline.publishing import load_live
from gateway.pipeline.questions import Questions
from gateway.pipeline.receiving import Receiving
from gateway.pipeline.results import Brought
from gateway.pipeline.sending import Sending
from gateway.pipeline.settling import Settling
from gateway.pipeline.watching import Publisher, follows
from gateway.settings import Settings
from gateway.store import events, held, leads, out, pulse, standing, versions
from gateway.store.ledger import Ledger
from gateway.store.standing import Standing
from gateway.worker.calls import Calls
from gateway.worker.threads import Threads

log = logging.getLogger(__name__)

#: Seconds between looks at the mapping folder, and between heartbeats while there is work.
BEAT = 1.0

#: Seconds between heartbeats, and between looks for lost calls, of a worker that has nothing to do.
IDLE_BEAT = 5.0

#: Seconds between two looks for the last answers, once the worker is told to stop.
IDLE = 0.2

#: Seconds that calls in flight have to finish once the worker is told to stop.
GRACE = 21.0


class Worker:
    """One worker process. `stop` may be called from a signal handler."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        sources: Mapping[str, Source],
        aisensy: AiSensy,
        engine: Engine,
        parent: int = 0,
    ) -> None:
        """`parent`: the process without which this one ends; 0 for none."""
        self.settings = settings
        self.ledger = ledger
        self.sources = sources
        self.engine = engine
        pace = Pace(settings, aisensy.key_id)
        self.sending = Sending(settings, pace)
        self.settling = Settling(pace)
        self.publisher = Publisher(ledger, settings, follows=follows(settings, serving=bool(parent)))
        self.live = load_live(ledger, settings)
        self.questions = Questions(settings, aisensy, pace, self.publisher, live=lambda: self.live)
        self.drifting = Drifting(ledger)
        self.receiving = Receiving(ledger, settings)
        self.threads = Threads[Brought](settings.number("GATEWAY_THREADS"), engine.wake)
        self.calls = Calls(settings, sources, aisensy, self.threads, live=lambda: self.live)
        self.stopping = False
        self.state = "running"  # what the heartbeat says; "failing" after a turn that failed
        self.next_beat = 0.0
        self.next_idle_beat = 0.0
        self.worked = False  # since the last heartbeat
        self.parent = parent

    def run(self) -> None:
        """Work until told to stop, then finish what is out."""
        self._start()
        try:
            self._work()
        finally:
            self._finish()

    def _work(self) -> None:
        while not self.stopping:
            if not self._guarded(self._turn):
                self.engine.wait(self.sending.rate.pause(max(0.0, self.next_beat - clock.monotonic())))
            if self.parent and os.getppid() != self.parent:
                log.error("the process that started this worker is gone; stopping")
                self.stopping = True

    def stop(self) -> None:
        """Only a word and a ring, no lock: a signal may come while this very thread holds one."""
        self.stopping = True
        self.engine.wake()

    def _start(self) -> None:
        if not (self.live.version or self.publisher.follows):
            log.warning("no mappings are live yet: what comes in waits until `gateway publish` makes some live")
        with self.ledger.write("start") as connection:
            pulse.align(connection)
            pulse.prune(connection, clock.now())
            settling.give_up_lost(connection, everyone=self.engine.alone)
            holding.start_afresh(connection, self.sending.pace.destination, alone=self.engine.alone)
            self.sending.start(connection)
            self.questions.start(connection)

    def _guarded(self, turn: Callable[[], bool]) -> bool:
        """One turn. Trouble with the database is waited out; so is a fault of ours, and /healthz tells it."""
        try:
            done = turn()
        except (DBAPIError, PendingRollbackError) as error:
            cause = getattr(error, "orig", None) or error
            log.error("the ledger cannot be used now: %s", type(cause).__name__)  # noqa: TRY400 - the text could hold a lead
        except Exception:  # calls are out, and webhooks come in: the worker must live on
            log.exception("a turn of the worker failed")
        else:
            self.state = "running"
            self.engine.turned(well=True)
            return done
        self.state, self.worked = "failing", True
        self.engine.turned(well=False)
        time.sleep(1)
        return False

    def _turn(self) -> bool:
        """One round of work; False when there was none."""
        self._keep_up()
        self.threads.collect()
        if not self.live.version:
            return False  # nothing is ever planned by nothing: all that came in waits in the ledger
        work = self.engine.work(self.threads.idle(), self.calls.may_look_up())
        fresh = self._read(work)
        if work.receipts:
            self.receiving.read(work.receipts)
        due = [*work.deliveries, *fresh]
        if self.threads.brought or work.lookups or due or work.probes or self.questions.wanted(self.threads.out):
            self._settle_and_claim(work, due)
        self.engine.done(work)
        news = work.events or work.plans or work.receipts or self.threads.news()
        self.worked |= bool(news or due)
        return bool(news) or self.sending.look_again()

    def _keep_up(self) -> None:
        """Once a second: follow the mapping folder and changed forms, and say that we live."""
        if clock.monotonic() < self.next_beat:
            return
        self.next_beat = clock.monotonic() + BEAT
        if self.worked or self.threads.out or clock.is_moved() or clock.monotonic() >= self.next_idle_beat:
            self._beat()
        published = self.publisher.look()
        if published is not None:
            self.live = published
        elif self._newest() != self.live.version:  # another worker was first
            self._follow()
        self.questions.look |= bool(self.publisher.doubted)
        self.drifting.look(self.live)

    def _beat(self) -> None:
        """Say that we live, and look for what is lost. It writes, so an idle worker does it more rarely."""
        self.next_idle_beat = clock.monotonic() + IDLE_BEAT
        self.worked = self.state != "running"  # a fault that is over is to be heard of soon
        self.questions.look = True
        now = clock.now()
        with self.ledger.write("beat") as connection:
            pulse.align(connection)
            pulse.beat(connection, pulse.WORKER, self.state, now)
            out.renew(connection, list(self.threads.out), now + self.sending.lease)
            settling.give_up_lost(connection)
            held.release_orphans(connection, now)
            receiving.let_go(connection, now)

    def _follow(self) -> None:
        """Go by the version that somebody else made live."""
        self.live = load_live(self.ledger, self.settings)
        log.info("mappings version %d is live", self.live.version)
        with self.ledger.write("new version") as connection:  # what this one has held by the old version meanwhile
            holding.follow_new_mapping(connection)

    def _newest(self) -> int:
        """The live version as it is after our own look: another worker may have published it meanwhile."""
        with self.ledger.read() as connection:
            return versions.newest(connection)

    def _read(self, work: Work) -> list[int]:
        """Read new events, and plan again what was woken; the deliveries that may leave by it at once."""
        if not work.events and not work.plans:
            return []
        with self.ledger.read() as connection:
            found = events.load(connection, work.events)
            woken = leads.load(connection, work.plans)
            newest = versions.newest(connection) if woken else self.live.version
        if newest != self.live.version:  # who saved a mapping a moment ago wants them planned by it
            self._follow()
        decided = [reading.decide(event, self.sources, self.live) for event in found]
        fates = [(stored, fate(stored.lead, self.live)) for stored in woken]
        with self.ledger.write("reading") as connection:
            return reading.enter(connection, decided) + reading.settle(connection, fates)

    def _settle_and_claim(self, work: Work, due: Sequence[int]) -> None:
        """One short transaction: what came back goes in, what may leave is marked. Then it leaves."""
        with self.ledger.write("claim") as connection:
            results.enter(connection, self.settling, self.threads.brought)
            risky, idle = bool(due or work.probes), self.threads.idle()
            stands = standing.look(connection) if risky or self.questions.wanted(self.threads.out) else Standing()
            questions = self.questions.due(connection, stands, self.threads.busy(), risky=risky) if idle else {}
            idle -= len(questions)
            looked_up = lookups.claim(connection, work.lookups[: (idle + 1) // 2], self.settings)
            idle -= len(looked_up)
            claimed = self.sending.claim(connection, stands, due[:idle], idle, self.live) if risky else []
            left = {one.delivery.id for one in claimed}
            self.engine.announce(connection, [one for one in due if one not in left])
        self.threads.written()
        self.sending.left(claimed)
        self.questions.begun(questions)
        self.calls.send(claimed)
        self.calls.look_up(looked_up)
        self.calls.ask(questions, self.questions.never)

    def _finish(self) -> None:
        """No new claims; wait for what is out, write down what came of it, and say goodbye."""
        self.engine.stop()
        self._guarded(partial(self._say, "stopping"))
        deadline = clock.monotonic() + GRACE
        while self.threads.out and clock.monotonic() < deadline:
            self.threads.collect()
            if self.threads.brought:
                self._guarded(self._settle_only)
            else:
                self.engine.wait(IDLE)
        self._guarded(partial(self._say, "stopped"))
        self.threads.close()
        self.engine.close()

    def _settle_only(self) -> bool:
        with self.ledger.write("last results") as connection:
            results.enter(connection, self.settling, self.threads.brought)
        self.threads.written()
        return True

    def _say(self, state: str) -> bool:
        with self.ledger.write(state) as connection:
            pulse.beat(connection, pulse.WORKER, state, clock.now())
        return True
