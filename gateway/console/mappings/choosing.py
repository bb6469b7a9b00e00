"""What a text can be tried on: the latest leads of its forms, and the samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from gateway.console.desk import Desk
from gateway.console.mappings.completing import latest
from gateway.mapping.completing import Outline
from gateway.model import Lead
from gateway.pipeline.planning import who
from gateway.samples import CONTENT_TYPES

#: The folder of the samples, as the commands have it.
SAMPLES = Path("samples")

#: So many leads are offered.
_MOST = 20

#: What stands beside a sample and is none.
_BESIDE = (".expected.json", ".graph.json")


@dataclass(frozen=True, slots=True)
class Choice:
    """One lead."""

    id: str  #: "l34".
    who: str
    form: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choices:
    """All that is offered, and what is chosen."""

    leads: tuple[Choice, ...]
    samples: tuple[str, ...]  #: "website/price-list--json.json"
    now: str  #: "l34", a sample or "".
    other: str  #: The same where it is none of those that are offered: somebody typed it.


def choices(desk: Desk, connection: Connection, text: str, asked: str) -> Choices:
    """`asked`: what is wanted; "" takes the latest lead, else the first sample."""
    outline = Outline(text)
    found = tuple(_choice(lead) for lead in latest(desk, connection, outline, _MOST))
    tried = tuple(samples(outline))
    first = [*(each.id for each in found), *tried]
    return Choices(found, tried, asked or next(iter(first), ""), "" if asked in ("", *first) else asked)


def _choice(lead: Lead) -> Choice:
    return Choice(f"l{lead.id}", who(lead, None) or "without a name", lead.form, lead.received)


def samples(outline: Outline) -> Iterable[str]:
    """The samples of a mapping's source, those of its own forms first."""
    found = sorted(path for path in SAMPLES.glob(f"{outline.source or '*'}/*") if _is_sample(path))
    own = [path for path in found if path.stem.partition("--")[0] in outline.forms]
    return [f"{path.parent.name}/{path.name}" for path in (*own, *(path for path in found if path not in own))]


def sample(name: str) -> Path | None:
    """The file of a sample; None where there is none of this name."""
    found = (path for path in SAMPLES.glob("*/*") if f"{path.parent.name}/{path.name}" == name)
    return next(filter(_is_sample, found), None)


def _is_sample(path: Path) -> bool:
    return path.suffix in CONTENT_TYPES and not path.name.endswith(_BESIDE) and path.is_file()
