"""What stands around the answers of a website form: the submission's own id, and facts such as its time.

A service that tries again sends the same answers with other facts, so that facts are never told as answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from gateway.inbound.flatten import Leaf
from gateway.inbound.submitted import moment
from gateway.inbound.values import as_object, as_text, bare

#: Where senders put the id of a submission: at the top of the body, in its `data` or in its `payload`.
SUBMISSION_IDS = (
    "submission_id",
    "submissionId",
    "submissionID",
    "response_id",
    "responseId",
    "entry_id",
    "EntryId",
    "UniqueID",
)
#: Facts by the letters of their names: `createdAt`, `created_at` and `Created at` are one.
FACTS = {
    "createdat",
    "datecreated",
    "dateupdated",
    "eventid",
    "ip",
    "ipaddress",
    "pageurl",
    "poweredby",
    "remoteip",
    "sourceurl",
    "submitdate",
    "submittedat",
    "timestamp",
    "updatedat",
    "useragent",
}
#: Those of them that tell when the form was sent; the others may be the time of something else.
SUBMIT_TIMES = {"submitdate", "submittedat"}
#: Beside its facts Elementor sends these two; a visitor may be asked for a date elsewhere.
_OF_ELEMENTOR = {("form_id",), ("form_name",)}
_TIMES_OF_ELEMENTOR = {"date", "time"}


def submission(person: Any) -> str:
    """The id that the sender gives this submission; "" when it gives none."""
    return next(iter(submissions(person)), "")


def submissions(person: Any) -> list[str]:
    """The same under every name that the sender writes it, the one that counts first."""
    body = as_object(person)
    texts = (as_text(given).strip() for given in (*_named_ids(body), *_ids_of_builders(body)))
    return list(filter(None, texts))


def _named_ids(body: Mapping[str, Any]) -> Iterator[Any]:
    for place in (body, as_object(body.get("data")), as_object(body.get("payload"))):
        yield from (place[name] for name in SUBMISSION_IDS if name in place)


def _ids_of_builders(body: Mapping[str, Any]) -> Iterator[Any]:
    """A bare `id` is often the form's, so it counts only where a builder is known to mean the submission."""
    yield as_object(body.get("__submission")).get("id")  # Fluent Forms
    if body.get("triggerType") == "form_submission":  # Webflow
        yield as_object(body.get("payload")).get("id")
    if all(as_text(body.get(name)).isdigit() for name in ("id", "form_id")):  # Gravity Forms
        yield body["id"]


def parted(fields: Iterable[Leaf]) -> tuple[list[Leaf], dict[str, str]]:
    """The answers, and the facts around them by the last word of their names."""
    given = list(fields)
    paths = {leaf.path for leaf in given}
    known = FACTS | _TIMES_OF_ELEMENTOR if paths >= _OF_ELEMENTOR else FACTS
    answers: list[Leaf] = []
    facts: dict[str, str] = {}
    for leaf in given:
        if _is_fact(leaf, known):
            facts[leaf.path[-1]] = _one_text(leaf)
        else:
            answers.append(leaf)
    return answers, facts


def submitted(facts: Mapping[str, str], received: datetime) -> datetime | None:
    """When the form was sent, where a fact tells it; None: not told."""
    told = (moment(text, received) for name, text in facts.items() if bare(name) in SUBMIT_TIMES)
    return next(filter(None, told), None)


def _is_fact(leaf: Leaf, known: set[str]) -> bool:
    in_meta_of_elementor = leaf.path[0] == "meta" and bool(leaf.own)
    return in_meta_of_elementor or any(bare(name) in known for name in (leaf.path[-1], *leaf.own))


def _one_text(leaf: Leaf) -> str:
    return leaf.value if isinstance(leaf.value, str) else ", ".join(leaf.value)
