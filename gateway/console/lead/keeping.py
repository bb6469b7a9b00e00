"""A lead becomes a test: its people are replaced, and its files are written or offered to be copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from flask import make_response, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.console.desk import Desk
from gateway.console.lead.doing import back
from gateway.console.lead.whole import Whole, read
from gateway.console.page import render
from gateway.errors import GatewayError
from gateway.samples import with_invented
from gateway.samples.keeping import Kept, NotKept, keep


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making a test of a lead."""

    whole: Whole
    kept: Kept | None = None  #: None: it cannot be kept, or not under this name.
    why: str = ""  #: Why nothing was kept.
    may_name: bool = True  #: Another name may help.


class Keeping:
    """The page with the files, and writing them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def folder(self) -> Path:
        """Of the samples: beside that of the mappings."""
        return self.desk.folder.resolve().parent / "samples"

    def show(self, lead_id: int) -> AnyResponse:
        """The files as they would be written."""
        return self._page(self._made(lead_id))

    def do(self, lead_id: int) -> AnyResponse:
        """Write them into the samples folder."""
        made = self._made(lead_id)
        if made.kept is None:
            return self._page(made)
        try:
            made.kept.write()
        except OSError as error:
            why = f"{error.filename} cannot be written: {error.strerror}. Copy the files below instead."
            return self._page(replace(made, why=why))
        with self.desk.ledger.write("keep") as connection:
            names = ", ".join(path.name for path in made.kept.files)
            self.desk.note(connection, f"kept it as a test: {names}", f"l{lead_id}")
        return back(lead_id, "kept")

    def _made(self, lead_id: int) -> Made:
        with self.desk.ledger.read() as connection:
            live = self.desk.live(connection)
            whole = read(connection, lead_id, live)
        if not whole.stored.lead.answers or not whole.event.body:
            raise GatewayError("This lead has no answers to keep: they were never looked up, or its person was erased.")
        settings = with_invented(self.desk.settings)
        try:
            return Made(whole, keep(whole.stored.lead, whole.event, live, settings, self.folder, _name()))
        except NotKept as error:
            return Made(whole, why=str(error), may_name=False)
        except GatewayError as error:
            return Made(whole, why=str(error))

    def _page(self, made: Made) -> AnyResponse:
        found = made.kept.files.items() if made.kept else ()
        files = [(path, content.decode("utf-8", "replace")) for path, content in found]
        page = render("lead_keep.html", whole=made.whole, made=made, files=files, name=_name(), folder=self.folder)
        return make_response(page, 409 if made.why else 200)


def _name() -> str:
    return request.values.get("name", "").strip()
