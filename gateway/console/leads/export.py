"""The list as a CSV file: in one download, or piece by piece where a script asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from flask import Response, abort, request, url_for

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.leads import cells
from gateway.console.leads.asked import NAMELESS, Asked
from gateway.console.leads.listing import COUNTED, as_text
from gateway.store import found
from gateway.store.console import acts
from gateway.store.found import Reach, Wanted

#: Leads of one piece.
PIECE = 500

#: The form's newest leads whose questions become columns, and the most columns.
_LEADS, _COLUMNS = 200, 60

#: A download is over by then; and among so many things that somebody did last it is looked for.
_LONG, _ACTS = timedelta(hours=1), 50

#: So that a spreadsheet reads UTF-8.
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the rows."""

    text: str
    rows: int
    further: int  #: Where to go on; 0: this was the last piece.


class Export:
    """Who asks for it is noted in the audit list: it leaves the house."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def answer(self) -> Response:
        asked = Asked.of(request.args)
        wanted, before = self._wanted(asked), _number("before")
        start, questions = self._asked_by_form(asked, _number("start"))
        if not (before and self._is_noted(asked)):
            self._note(asked, wanted)
        if before or request.args.get("pieces"):
            return self._piece(asked, self._read(wanted, before, questions), start, questions)
        answer = Response(self._whole(wanted, questions, whole=here.shows_phones()), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{_name()}"'
        return answer

    def _wanted(self, asked: Asked) -> Wanted:
        """What looks like a phone number and is none that anybody typed is looked for as a text, as in the list."""
        wanted = asked.wanted()
        if wanted.endings:
            with self.desk.ledger.read() as connection:
                if not found.look(connection, wanted, Reach(), 1).ids:
                    return as_text(wanted, asked)
        return wanted

    def _whole(self, wanted: Wanted, questions: Sequence[str], *, whole: bool) -> Iterator[str]:
        """All of it; each piece is read by itself, so that no look at the ledger lasts long."""
        yield _MARK + cells.head(questions)
        further = 0
        while True:
            piece = self._read(wanted, further, questions, whole=whole)
            yield piece.text
            further = piece.further
            if not further:
                return

    def _piece(self, asked: Asked, piece: Piece, start: int, questions: Sequence[str]) -> Response:
        """A script puts the pieces together. X-Next says where the next one is, X-Rows how many rows this one has,
        X-At how far down the ids it went."""
        is_first = not _number("before")
        answer = Response((_MARK + cells.head(questions) if is_first else "") + piece.text, mimetype="text/csv")
        answer.headers |= {"X-Rows": str(piece.rows), "X-Name": _name(), "X-At": str(piece.further)}
        if piece.further:
            more: dict[str, Any] = {"before": piece.further, "start": start}
            answer.headers["X-Next"] = url_for("console.leads.table", **asked.args, **more)
        return answer

    def _read(self, wanted: Wanted, before: int, questions: Sequence[str], *, whole: bool | None = None) -> Piece:
        with self.desk.ledger.read() as connection:
            looked = found.look(connection, wanted, Reach(before=before), PIECE)
            rows = found.load(connection, looked.ids)
        shows = here.shows_phones() if whole is None else whole
        return Piece(cells.body(rows, questions, whole=shows), len(rows), looked.further)

    def _asked_by_form(self, asked: Asked, start: int) -> tuple[int, list[str]]:
        """The questions of the one form that is asked for, each a column; and the lead up to which they count, so that
        every piece has the same ones."""
        source, form = asked.values.get("source", ""), asked.values.get("form", "")
        if not (source and form):
            return 0, []
        of_form = Wanted(source=source, form="" if form == NAMELESS else form)
        with self.desk.ledger.read() as connection:
            newest = found.load(connection, found.look(connection, of_form, Reach(before=start), _LEADS).ids)
        names = dict.fromkeys(cells.question(answer) for one in newest for answer in one.lead.answers)
        return max((one.lead.id + 1 for one in newest), default=0), [name for name in names if name][:_COLUMNS]

    def _is_noted(self, asked: Asked) -> bool:
        """Whether the download that a piece belongs to stands in the audit list: nobody begins in the middle."""
        with self.desk.ledger.read() as connection:
            lately = acts.listing(connection, who=here.member().name, limit=_ACTS)
        begins, ends = _did(asked)
        return any(
            one.did.startswith(begins) and one.did.endswith(ends) and one.at and clock.now() - one.at < _LONG
            for one in lately
        )

    def _note(self, asked: Asked, wanted: Wanted) -> None:
        with self.desk.ledger.read() as connection:
            looked = found.look(connection, wanted, Reach(), COUNTED + 1)
        count = f"more than {COUNTED:,}" if len(looked.ids) > COUNTED else f"{len(looked.ids):,}"
        count = f"at least {count}" if looked.further and len(looked.ids) <= COUNTED else count
        begins, ends = _did(asked)
        with self.desk.ledger.write("export", door=True) as connection:
            self.desk.note(connection, f"{begins}{count}{ends}")


def _did(asked: Asked) -> tuple[str, str]:
    """What the audit list says of a download, before and after how many leads it were."""
    phones = "whole phone numbers" if here.shows_phones() else "shortened phone numbers"
    return f"downloaded leads ({asked.sentence() or 'all'}): ", f", with {phones}"


def _name() -> str:
    return f"leads-{clock.now().astimezone(UTC):%Y-%m-%d}.csv"


def _number(name: str) -> int:
    text = request.args.get(name, "")
    if not re.fullmatch(r"[0-9]{0,9}", text, re.ASCII):
        abort(400, "This piece of the download is not known.")
    return int(text or 0)
