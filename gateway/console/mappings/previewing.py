"""What the text in the editor makes of one lead: planned as `gateway explain` does, and never entered anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway import samples
from gateway.console.desk import Desk
from gateway.console.mappings.checking import Checked
from gateway.console.mappings.choosing import sample
from gateway.console.mappings.telling import Told, told
from gateway.errors import GatewayError
from gateway.mapping import contracts
from gateway.pipeline.beside import BESIDE
from gateway.pipeline.planning import Live
from gateway.pipeline.replaying import read_id
from gateway.store import leads, versions


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, or why there is nothing to show."""

    told: Sequence[Told] = ()  #: One for each lead.
    says: str = ""  #: A sentence in their place, or about the request that they came in.
    stands: bool = True  #: False: the text has problems, so nothing can be made of it.


def preview(desk: Desk, connection: Connection, checked: Checked, what: str) -> Preview:
    """`what`: "l34", a sample's name, or "" for nothing."""
    if not what:
        return Preview(says="No lead of this form has come yet, so there is nothing to try the mapping on.")
    live = _live(desk, connection, checked)
    if live is None:
        return Preview(says="There is a preview again as soon as the text has no problems.", stands=False)
    try:
        says, planned = _planned(desk, connection, live, what)
    except GatewayError as error:
        return Preview(says=str(error))
    return Preview([told(one, live, checked.file) for one in planned], says)


def _live(desk: Desk, connection: Connection, checked: Checked) -> Live | None:
    """The live mappings, with the text in the place of its file; None while it cannot be used."""
    if any(not problem.warning for problem in checked.own):
        return None
    live = desk.live(connection)
    if checked.file in BESIDE:
        files = versions.live(connection)[1]
        return (
            live if checked.file == contracts.FILE else Live.of(0, {**files, checked.file: checked.text}, desk.settings)
        )
    if checked.mapping is None:
        return None
    others = [mapping for mapping in live.mappings if mapping.file != checked.file]
    mappings = sorted([*others, checked.mapping], key=lambda mapping: mapping.file)
    return replace(live, mappings=tuple(mappings), unreadable=tuple(set(live.unreadable) - {checked.file}))


def _planned(desk: Desk, connection: Connection, live: Live, what: str) -> tuple[str, Sequence[samples.Planned]]:
    """What becomes of the leads that are meant; raises with a sentence when there are none."""
    if path := sample(what):
        state, note, planned = samples.run(samples.load(path), live, samples.with_invented(desk.settings))
        return ("" if planned else f"The sample is {state}{': ' * bool(note)}{note}."), planned
    kind, number = read_id(what)
    found = leads.load(connection, [number]) if kind == "l" else []
    if not found:
        raise GatewayError(f"There is no lead '{what}'; a lead's number is like l34.")
    return "", [samples.of_lead(found[0], live)]
