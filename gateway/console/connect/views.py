"""The pages on connecting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, abort, redirect, request, url_for
from markupsafe import Markup, escape
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console.connect import texts
from gateway.console.connect.arrivals import file_of, waited
from gateway.console.connect.doors import RECEIPTS, Door, doors
from gateway.console.desk import Desk
from gateway.console.page import poll, render
from gateway.inbound.guide import ADDRESS
from gateway.settings import is_loopback
from gateway.store import lately, leads
from gateway.store.lately import Sender
from gateway.store.leads import StoredLead

#: So many forms of a source are listed, and so many looked through for its newest lead.
_LISTED, _LOOKED = 12, 200

_LONGEST_FORM = 100


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address of the page says."""

    door: Door
    form: str
    since: datetime | None

    @property
    def parts(self) -> dict[str, str | int]:
        """The same for another address."""
        since = {"since": int(self.since.timestamp())} if self.since else {}
        return {"name": self.door.name, **({"form": self.form} if self.form else {}), **since}


class Connect:
    """Each source: what to paste where, and whether it came through."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.doors = doors(desk.settings)

    def show(self) -> str:
        """All that can be connected."""
        with self.desk.ledger.read() as connection:
            last = {name: self._newest(connection, name) for name in self.doors if name != RECEIPTS}
            receipt = lately.last_receipt(connection)
        sources = [door for door in self.doors.values() if door.name != RECEIPTS]
        away = is_loopback(self.desk.settings.text("AISENSY_BASE_URL"))
        return render(
            "connect.html",
            sources=sources,
            receipts=self.doors[RECEIPTS],
            last=last,
            receipt=receipt,
            settings=self.desk.settings,
            trial=away,
            unreachable=texts.unreachable(request.host_url),
            marked=_marked,
        )

    def source(self, name: str) -> AnyResponse | str:
        """How one is connected; the page waits for what comes since it was first opened."""
        asked = self._asked(name)
        if asked.since is None:
            since = int(clock.now().timestamp())
            return redirect(url_for("console.connect.source", **asked.parts | {"since": since}))  # type: ignore[arg-type]  # of url_for
        return self._page(asked, ())

    def reveal(self, name: str) -> str:
        """The same, with a text shown that is to be pasted elsewhere."""
        asked, what = self._asked(name), request.form.get("what", "")
        if not asked.door.may_show(what):
            abort(404, "There is nothing of this name to show.")
        with self.desk.ledger.write("reveal", door=True) as connection:
            self.desk.note(connection, f"looked at {what}, to paste it elsewhere", name)
        return self._page(asked, (what,))

    def shown_no_more(self, name: str) -> AnyResponse:
        """Who loads the address of what was shown is back at the page without it."""
        return redirect(url_for("console.connect.source", name=self._asked(name).door.name))

    def live(self, name: str) -> Response:
        """What came since, anew."""
        return poll("connect_live.html", **self._came(self._asked(name)))

    def _asked(self, name: str) -> _Asked:
        if name not in self.doors:
            abort(404, f"There is no source '{name}'.")
        given, door = request.values, self.doors[name]
        form = given.get("form", "").strip().strip("/")[:_LONGEST_FORM] if door.guide.by_form else ""
        return _Asked(door, form, given.get("since", type=_moment))

    def _came(self, asked: _Asked) -> dict[str, object]:
        since = asked.since or clock.now()
        with self.desk.ledger.read() as connection:
            found = waited(connection, asked.door, self.desk.live(connection), asked.form, since)
            receipt = lately.last_receipt(connection) if asked.door.name == RECEIPTS else None
        fresh = receipt if receipt and receipt["received_at"] >= since else None
        return {"door": asked.door, "form": asked.form, "waited": found, "receipt": fresh, "marked": _marked}

    def _page(self, asked: _Asked, shown: Collection[str]) -> str:
        door = asked.door
        with self.desk.ledger.read() as connection:
            live = self.desk.live(connection)
            senders = lately.senders(connection, door.name, _LOOKED)[:_LISTED]
            known = _newest_of(connection, senders)
        address = texts.address(door, request.host_url, shown=door.token in shown)
        return render(
            "connect_source.html",
            **self._came(asked),
            asked=asked,
            shown=shown,
            address=address,
            page=texts.page(address),
            trial=texts.trial(address),
            filled=lambda text: texts.filled(text, asked.form),
            unreachable=texts.unreachable(request.host_url),
            senders=[(one, known[one.lead_id], file_of(live, door.name, one.form)) for one in senders],
            ADDRESS=ADDRESS,
            HIDDEN=texts.HIDDEN,
        )

    def _newest(self, connection: Connection, source: str) -> StoredLead | None:
        found = lately.senders(connection, source, _LOOKED)[:1]
        return _newest_of(connection, found).get(found[0].lead_id) if found else None


def _newest_of(connection: Connection, senders: list[Sender]) -> dict[int, StoredLead]:
    return {one.lead.id: one for one in leads.load(connection, [sender.lead_id for sender in senders])}


def _moment(text: str) -> datetime:
    """Of the seconds since 1970; raises ValueError."""
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


def _marked(text: str) -> Markup:
    """A sentence of a guide: **bold** and `typed` as they are meant."""
    says = str(escape(text))
    for mark, tag in (("**", "strong"), ("`", "code")):
        pieces = says.split(mark)
        says = "".join(f"<{tag}>{piece}</{tag}>" if place % 2 else piece for place, piece in enumerate(pieces))
    return Markup(says)  # noqa: S704 - escaped above, and the sentences are ours
