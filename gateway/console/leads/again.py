"""Many leads again, by what they are like: first what would come of it, then it is done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, request
from sqlalchemy import Connection

from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.leads.asked import Asked
from gateway.console.page import render
from gateway.model import DeliveryState, LeadState
from gateway.pipeline.replaying import Replayed, Wish, replay
from gateway.pipeline.replaying.rehearsing import LEAVES, rehearse
from gateway.store import found
from gateway.store.found import Looked, Reach
from gateway.store.rows import batches

#: The states in which asking again can change something.
REPLAYABLE = frozenset(
    str(state)
    for state in (
        LeadState.UNMAPPED,
        LeadState.UNMATCHED,
        LeadState.SUSPECTED,
        LeadState.FAILED,
        LeadState.SKIPPED,
        DeliveryState.HELD,
        DeliveryState.CANCELLED,
    )
)

#: Leads of one click, and those of them that are tried out first.
AT_ONCE, TRIED = 500, 100

#: Leads of one transaction, and of one that only tries them out, which takes ten times as long for each: while it
#: lasts, a lead that comes in waits.
_BATCH, _TRIAL = 50, 5

#: Seconds to look for them.
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Came:
    """What came of some of them."""

    says: str
    count: int
    leads: tuple[int, ...]  #: The first few.
    done: bool


class Again:
    """Replays what a filter finds."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self) -> str:
        """What would come of it. Nothing is changed."""
        asked = self._asked()
        with self.desk.ledger.read() as connection:
            looked = self._look(connection, asked, _before(request.args.get("before", "")))
            live = self.desk.live(connection)
        told: list[tuple[str, str, bool]] = []
        for batch in batches(looked.ids[:TRIED], _TRIAL):
            with self.desk.ledger.write("rehearsal") as connection:
                tried = rehearse(connection, _names(batch), Wish(), live)
            told += [(one.id, then, then == LEAVES) for one, then in tried]
        return render(
            "leads_again.html", asked=asked, ids=looked.ids, further=looked.further, came=_came(told), tried=TRIED
        )

    def do(self) -> str:
        """Replay those that were shown and are still what was asked for."""
        asked = self._asked()
        shown = [int(one) for one in re.findall(r"[0-9]{1,9}", request.form.get("ids", ""))][:AT_ONCE]
        with self.desk.ledger.read() as connection:
            still = set(self._look(connection, asked, max(shown, default=0) + 1).ids)
        names = _names([one for one in shown if one in still])
        done = self._carry_out(names, f"replayed many leads ({asked.sentence()})")
        further = int(next(iter(re.findall(r"^[0-9]{1,9}$", request.form.get("further", ""))), 0))
        came = _came([(one.id, one.says, one.done) for one in done])
        return render("leads_done.html", asked=asked, came=came, count=len(names), further=further)

    def _asked(self) -> Asked:
        if not here.may_change():
            abort(403, "Your role may look, and change nothing. Ask somebody who may change things.")
        asked = Asked.of(request.args)
        if len(asked.states) != 1 or asked.states[0] not in REPLAYABLE:
            abort(400, "Choose one state first, such as failed or held: not everything can be asked for again.")
        return asked

    def _look(self, connection: Connection, asked: Asked, before: int) -> Looked:
        return found.look(connection, asked.wanted(), Reach(before=before), AT_ONCE, _PATIENCE)

    def _carry_out(self, names: Sequence[str], noted: str) -> list[Replayed]:
        """What came of each. `noted`: what the audit list says of it, with how many it were."""
        done: list[Replayed] = []
        for batch in batches(names, _BATCH):
            with self.desk.ledger.write("replay") as connection:
                came = [one for name in batch for one in replay(connection, name, Wish())]
                if count := sum(one.done for one in came):
                    self.desk.note(connection, f"{noted}: {count} of them")
            done += came
        return done


def _came(told: Sequence[tuple[str, str, bool]]) -> list[Came]:
    """What was told of each (id, sentence, whether it goes on), together where it is the same; the most first."""
    counts = Counter((says, done) for _name, says, done in told)
    return [
        Came(
            says,
            count,
            tuple(int(name[1:]) for name, *same in told if same == [says, done] and name[0] == "l")[:5],
            done,
        )
        for (says, done), count in counts.most_common()
    ]


def _names(ids: Sequence[int]) -> list[str]:
    return [f"l{one}" for one in ids]


def _before(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else 0
