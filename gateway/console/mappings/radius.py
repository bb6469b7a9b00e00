"""Who would get what instead, before a text is saved."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.entrance.doorman import only_asks
from gateway.console.mappings.editor import Editor
from gateway.console.mappings.saving import Answer
from gateway.console.mappings.typed import typed_name, typed_text
from gateway.console.page import render
from gateway.pipeline.differing import BOTH, WORDS, Change, Place
from gateway.pipeline.planning import Live
from gateway.pipeline.radius import Chosen, Radius, compare
from gateway.pipeline.saving import try_out
from gateway.store.window import Window

#: How many of the newest leads are compared: at first, and where somebody asks for more.
LAST, MORE = 200, 1_000

#: Seconds after which no more are compared.
_SECONDS = 4.0

_PARAMETER = re.compile(r"templateParams\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Found:
    """What would change."""

    radius: Radius
    chosen: Chosen  #: What was to be compared.
    last: int  #: So many of the newest leads, if there are so many.

    @property
    def is_cut(self) -> bool:
        """Whether there was no time for all of them."""
        return any(tally.cut for tally in (self.radius.leads, self.radius.deliveries, self.radius.waiting))

    @property
    def touches(self) -> bool:
        """Whether anybody gets something else, or nothing."""
        return any(True for _ in self.radius.changes)


class Radii:
    """Under /console/mappings/radius."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.editor = Editor(desk)

    @only_asks
    def radius(self) -> Answer:
        """Compare what is live with what would be."""
        file, text, base = typed_name(), typed_text(), request.form.get("base", "")
        with self.desk.ledger.read() as connection:
            trial = try_out(connection, file, text, self.desk.settings)
            if not trial.mistakes:
                before = self.desk.live(connection)
                after = Live.of(0, trial.proposal.files, self.desk.settings)
                chosen = Chosen.of(connection, Window(_last()))
                radius = compare(connection, chosen, before, after, until=clock.monotonic() + _SECONDS)
                found = Found(radius, chosen, _last())
        if trial.mistakes:
            says = "What has problems cannot be compared: mend what is listed first."
            return self.editor.page(file, text, base, says=says), 400
        values = {"file": file, "text": text, "base": base, "found": found, "more": MORE, "WORDS": WORDS, "BOTH": BOTH}
        return render("mapping_radius.html", said=_said, said_of=_said_of, called=_called, **values), 200


def _last() -> int:
    return MORE if request.form.get("last") == str(MORE) else LAST


def _said(change: Change) -> list[Place]:
    """The words that change where a message stands on both sides."""
    return [place for place in change.places if place.name != "campaignName"]


def _said_of(change: Change) -> list[str]:
    """The parameters of a message that is new, or gone."""
    places = [place for place in change.places if _PARAMETER.fullmatch(place.name)]
    return [place.before or place.after for place in places]


def _called(place: Place) -> str:
    """The place of a text, in words: a parameter by its number in the template.

    >>> _called(Place("templateParams[0]", "", "")), _called(Place("tags", "", ""))
    ('{{1}}', 'tags')
    """
    return _PARAMETER.sub(lambda found: f"{{{{{int(found[1]) + 1}}}}}", place.name)
