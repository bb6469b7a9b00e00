"""Faults on demand: what the sandbox does to the next requests instead of answering well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from gateway.errors import GatewayError

_WHEN = validate.OneOf(("before", "after"), error="must be before or after")
_SECONDS = validate.Range(0, 3_600, error="must be seconds from 0 to 3600")

#: Any one of these makes a fault; the other keys only colour it.
ACTIONS = ("status", "html", "error", "body", "delay", "hang", "cut", "close")


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to `times` requests of a kind."""

    on: str = "send"  #: send, details, graph or all.
    to: str = ""  #: Only calls to this destination; "" for any.
    times: int = 1  #: 0: until cleared.
    status: int = 0  #: Answer so without taking the call; 0: 502 for a page, else 400.
    body: Any = None  #: The JSON to answer with; None: a plain sentence.
    error: Any = None  #: Graph's error object to answer with.
    html: bool = False  #: Answer with a page, as a proxy in the way would.
    retry_after: float | None = None  #: Seconds, as the Retry-After header.
    delay: float = 0.0  #: Seconds before anything else.
    hang: str = ""  #: "before" or "after" taking the call: no answer for `seconds`, then a closed line.
    seconds: float = 60.0
    cut: str = ""  #: "before" or "after" taking the call: the line closes without an answer.
    close: bool = False  #: Answer well, then close the kept line unannounced.

    def meets(self, kind: str, destination: str) -> bool:
        """Whether a request of this kind is one that the fault is for."""
        return self.on in (kind, "all") and self.to in ("", destination)

    @property
    def answers(self) -> bool:
        """Whether the fault itself is the answer."""
        return bool(self.status or self.html or self.error) or self.body is not None

    def as_json(self) -> dict[str, Any]:
        """The fault as it was asked for: what it leaves alone is left out."""
        blank = asdict(Fault())
        return {name: value for name, value in asdict(self).items() if name in ("on", "times") or value != blank[name]}


_MESSAGES = {"type": "A fault is a JSON object", "unknown": "is no word of a fault"}


class _FaultSchema(Schema):
    error_messages = _MESSAGES

    on = fields.String(
        validate=validate.OneOf(("send", "details", "graph", "all"), error="must be send, details, graph or all")
    )
    to = fields.String()
    times = fields.Integer(
        strict=True, validate=validate.Range(0, 1_000_000, error="must be 0 (until cleared) or more")
    )
    status = fields.Integer(strict=True, validate=validate.Range(200, 599, error="must be an HTTP status, 200 to 599"))
    body = fields.Raw()
    error = fields.Dict()
    html = fields.Boolean()
    retry_after = fields.Float(validate=_SECONDS)
    delay = fields.Float(validate=_SECONDS)
    hang = fields.String(validate=_WHEN)
    seconds = fields.Float(validate=_SECONDS)
    cut = fields.String(validate=_WHEN)
    close = fields.Boolean()

    @validates_schema
    def _does_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not any(data.get(name) for name in ACTIONS):
            raise ValidationError(f"A fault needs one of {', '.join(ACTIONS)}")

    @post_load
    def _fault(self, data: Mapping[str, Any], **_: Any) -> Fault:
        return Fault(**data)


def read_fault(asked: Any) -> Fault:
    """The fault that a request asks for; raises GatewayError with one sentence."""
    try:
        fault: Fault = _FaultSchema().load(asked)
    except ValidationError as error:
        name, texts = next(iter(error.messages_dict.items()))
        raise GatewayError(texts[0] if name == "_schema" else f"'{name}' {_lowered(texts[0])}") from None
    return fault


def _lowered(sentence: str) -> str:
    return (sentence[:1].lower() + sentence[1:]).rstrip(".")
