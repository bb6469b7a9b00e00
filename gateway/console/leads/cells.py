"""Leads as rows of a spreadsheet: what stands in each column, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gateway import jsontext, phone
from gateway.console.leads.shown import name_of, number_of, reason_of
from gateway.console.words import STATES
from gateway.mapping.wording import joined
from gateway.model import Answer
from gateway.store import phones
from gateway.store.found import Found

HEAD = (
    "lead",
    "came (UTC)",
    "source",
    "form",
    "state",
    "reason",
    "campaign",
    "rule",
    "accepted (UTC)",
    "WhatsApp says",
    "WhatsApp said it (UTC)",
    "name",
    "phone",
)

#: Of answers that have no column of their own.
REST = "answers"

#: What makes a spreadsheet take a cell for a formula, also behind a space.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def head(questions: Sequence[str]) -> str:
    """The first line. `questions`: those that have a column each."""
    return _lines([[*HEAD, *questions, REST]])


def body(rows: Iterable[Found], questions: Sequence[str], *, whole: bool) -> str:
    """A line for each lead. `whole`: with phone numbers in full."""
    return _lines(_cells(one, questions, whole=whole) for one in rows)


def safe(text: str) -> str:
    """A cell that a spreadsheet shows as it is written.

    >>> safe("=1+2"), safe(" @SUM(A1)"), safe("2 BHK")
    ("'=1+2", "' @SUM(A1)", '2 BHK')
    """
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def question(answer: Answer) -> str:
    """What an answer is called: the last of its names is what people read."""
    return answer.names[-1] if answer.names else ""


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cells(one: Found, questions: Sequence[str], *, whole: bool) -> list[str]:
    hide = str if whole else phones.hide
    given: dict[str, str] = {}
    for answer in one.lead.answers:
        given.setdefault(question(answer), hide(joined(answer.value)))
    own = [given.pop(name, "") for name in questions]
    return [
        f"l{one.lead.id}",
        _at(one.lead.received),
        one.lead.source,
        one.lead.form,
        STATES.get(one.state, (one.state, ""))[0],
        hide(reason_of(one)),
        one.campaign,
        one.rule,
        _at(one.accepted),
        STATES.get(one.receipt, (one.receipt, ""))[0],
        _at(one.receipt_at),
        hide(name_of(one)),
        _number(one, whole=whole),
        *own,
        jsontext.dumps(given) if given else "",
    ]


def _number(one: Found, *, whole: bool) -> str:
    if whole:
        return number_of(one)
    return phone.mask(one.destination) if one.destination else phones.hide(number_of(one))


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""
