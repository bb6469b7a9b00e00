"""The editor of one mapping file: its page, and what it asks while somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import islice
from typing import Any

from flask import Response, abort, jsonify, request

from gateway.console.desk import Desk
from gateway.console.entrance.doorman import only_asks
from gateway.console.mappings.checking import check
from gateway.console.mappings.choosing import choices
from gateway.console.mappings.completing import complete
from gateway.console.mappings.previewing import Preview, preview
from gateway.console.mappings.typed import typed_name, typed_text
from gateway.console.page import render, wants_part
from gateway.model import Problem
from gateway.pipeline.saving import Ground, as_text, mark
from gateway.store import versions

#: Lines around a difference.
_AROUND = 2


class Editor:
    """Under /console/mappings/<file>, and the three addresses that the page asks."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def edit(self, file: str) -> str:
        """One file, to be read, tried out and changed."""
        with self.desk.ledger.read() as connection:
            found = Ground.of(connection, self.desk.settings).files
            live = versions.live(connection)[1]
        content = found.get(file)
        if content is None and file in live:
            content = live[file].encode()
        if content is None:
            abort(404, f"There is no mapping '{file}'. The page Mappings lists those that there are.")
        return self.page(file, as_text(content), mark(content))

    def page(
        self,
        file: str,
        text: str,
        base: str,
        *,
        says: str = "",
        problems: Sequence[Problem] | None = None,
        theirs: str | None = None,
    ) -> str:
        """The editor with some text in it.

        `base`: the `mark` of what the text was begun from; "" for a new file. `says`: a sentence on top, where
        it was not saved. `problems`: None finds them. `theirs`: what somebody else saved meanwhile.
        """
        with self.desk.ledger.read() as connection:
            checked = check(self.desk, connection, file, text)
            chosen = choices(self.desk, connection, text, _lead())
            seen = preview(self.desk, connection, checked, chosen.now)
        return render(
            "mapping_edit.html",
            file=file,
            text=text,
            base=base,
            says=says,
            unsaved=not base or (request.method == "POST" and base != mark(text)),
            checked=checked,
            problems=checked.own if problems is None else problems,
            theirs=theirs,
            over=mark(theirs) if theirs is not None else "",
            difference=list(_difference(theirs, text)) if theirs is not None else [],
            line=request.values.get("line", "") if request.values.get("line", "").isdigit() else "",
            chosen=chosen,
            preview=seen,
        )

    @only_asks
    def check(self) -> Response:
        """What is wrong with a text, and what it would make of one lead."""
        file, text = typed_name(), typed_text()
        with self.desk.ledger.read() as connection:
            checked = check(self.desk, connection, file, text)
            seen = preview(self.desk, connection, checked, _lead())
        return jsonify(
            problems=[_row(each) for each in checked.own],
            others=[str(each) for each in checked.others],
            says=checked.says,
            wrong=checked.wrong,
            stands=seen.stands,
            preview=_part(seen),
        )

    @only_asks
    def complete(self) -> Response:
        """What may stand where the cursor is."""
        text, at = typed_text(), _number("at")
        with self.desk.ledger.read() as connection:
            found = complete(self.desk, connection, typed_name(), text, at)
        return jsonify(found)

    @only_asks
    def preview(self) -> Response | str:
        """What a text makes of one lead; without scripts the whole page, with the problems too."""
        file, text = typed_name(), typed_text()
        if not wants_part():
            return self.page(file, text, request.form.get("over") or request.form.get("base", ""))
        with self.desk.ledger.read() as connection:
            seen = preview(self.desk, connection, check(self.desk, connection, file, text), _lead())
        return jsonify(preview=_part(seen))


def _lead() -> str:
    """What the preview is for: "l34", a sample "website/price-list--json.json", or "" for what suits best."""
    asked = request.values.get("other", "").strip() or request.values.get("lead", "").strip()
    number = asked.removeprefix("l")
    if not (number.isdecimal() and number.isascii()):
        return asked
    return f"l{number}" if len(number) <= len("999999999") else "l2147483647"  # the highest that there can be


def _number(name: str) -> int:
    typed = request.form.get(name, "")
    return int(typed) if typed.isdecimal() and typed.isascii() and len(typed) <= len("999999") else 0


def _row(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "sentence": problem.sentence,
        "warning": problem.warning,
    }


def _part(seen: Preview) -> str:
    """The preview as a part of the page."""
    return render("mapping_preview.html", preview=seen)


def _difference(theirs: str, mine: str) -> Iterator[tuple[str, str]]:
    """What mine has otherwise than theirs: "+", "-" or " " and the line; ("@", "") between two places."""
    lines = unified_diff(theirs.splitlines(), mine.splitlines(), n=_AROUND, lineterm="")
    for line in islice(lines, 2, None):
        yield ("@", "") if line.startswith("@@") else (line[0], line[1:])
