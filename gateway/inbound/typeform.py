"""Typeform: one response an event, signed; answers are found by ref, then id, then title."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway import jsontext
from gateway.errors import Unreadable
from gateway.inbound.fresh import fresh_ids, rename, retime
from gateway.inbound.guide import ADDRESS, Guide, Paste, Step, Wanted
from gateway.inbound.payment import without_card
from gateway.inbound.signature import PROXY, Signature, base64_signature
from gateway.inbound.source import Posting, Source
from gateway.inbound.submitted import moment
from gateway.inbound.values import as_object, as_objects, as_text, as_texts, as_value, filled, names
from gateway.model import Answer, Event, Lead, Reading, Request, Value

_SIGNATURE = Signature(
    header="typeform-signature",
    sign=base64_signature,
    missing="the header Typeform-Signature is missing: type the text of TYPEFORM_SECRET as the secret "
    "of this webhook at Typeform",
    wrong="the signature does not match: is the secret of this webhook at Typeform the text of TYPEFORM_SECRET? "
    f"{PROXY}",
)


_GUIDE = Guide(
    title="Typeform",
    says="Typeform posts each finished response, signed.",
    wants=(
        Wanted(
            "TYPEFORM_SECRET",
            "You invent it: a long random text, which each webhook at Typeform is given, too.",
            invented=True,
            pasted=True,
        ),
    ),
    steps=(
        Step(
            "Open the form at Typeform, go to **Connect**, then **Webhooks**, and add one.",
            (Paste("URL", ADDRESS),),
        ),
        Step("Edit that webhook, give it its secret, and save.", (Paste("Secret", "TYPEFORM_SECRET"),)),
        Step("Switch the webhook **on**: a new one is off."),
        Step(
            "Fill in the form yourself, with your own number. A test that Typeform sends looks like a real response, "
            "and is treated as one."
        ),
    ),
)


class Typeform(Source):
    """Hidden fields, variables, the score and the ending are in `about`."""

    needs = ("TYPEFORM_SECRET",)
    guide = _GUIDE

    def verify(self, request: Request) -> None:
        _SIGNATURE.check(request, self.settings.secrets("TYPEFORM_SECRET"))

    def keep(self, request: Request) -> bytes:
        """The body without the last digits of a card and the name on it."""
        return without_card(request.body)

    def leads(self, event: Event) -> Reading:
        payload = _payload(event.body)
        kind = as_text(payload.get("event_type")) or "form_response"
        if kind == "form_response_partial":
            return Reading(note="a response that is not finished yet; the finished one comes by itself")
        if kind != "form_response":
            return Reading(note=f"Typeform told of '{kind[:40]}', which is no response")
        return Reading((_lead(event, payload),))

    def ids(self, event: Event) -> tuple[str, ...]:
        payload = _payload(event.body)
        response = as_object(payload.get("form_response"))
        given = (payload.get("event_id"), response.get("token"), response.get("response_id"))
        return names(*map(as_text, given))

    def imitate(self, event: Event, *, now: datetime, nonce: str) -> Posting:
        renamed = fresh_ids(self.ids(event), nonce)
        moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = retime(rename(event.body, renamed), ("landed_at", "submitted_at"), moment)
        secret = next(iter(self.settings.secrets("TYPEFORM_SECRET")), "")
        headers = {"Content-Type": "application/json", "Typeform-Signature": base64_signature(secret, body)}
        return Posting(form="", query="", body=body, headers=headers, renamed=renamed)


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = jsontext.loads(body)
    except ValueError as error:
        raise Unreadable(f"this cannot be read as an event of Typeform: {error}") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("form_response"), dict):
        raise Unreadable("this is no event of Typeform: it has no form_response")
    return payload


def _lead(event: Event, payload: Mapping[str, Any]) -> Lead:
    response = as_object(payload["form_response"])
    definition = as_object(response.get("definition"))
    return Lead(
        source=event.source,
        form=as_text(response.get("form_id")) or as_text(definition.get("id")) or event.form,
        received=event.received,
        submission=as_text(response.get("token")) or as_text(response.get("response_id")),
        answers=tuple(_answers(response, dict(_titles(definition)))),
        about=_about(payload, response, definition),
        submitted=moment(response.get("submitted_at"), event.received),
    )


def _about(payload: Mapping[str, Any], response: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, str]:
    """Facts win over hidden fields, which anybody can write into the form's address."""
    ending = as_object(response.get("ending"))
    facts = {
        "score": as_object(response.get("calculated")).get("score"),
        **dict(_variables(response)),
        "ending": ending.get("ref") or ending.get("id") or response.get("thankyou_screen_ref"),
        "form_id": response.get("form_id"),
        "form_name": definition.get("title"),
        "event_id": payload.get("event_id"),
        "landed_at": response.get("landed_at"),
        "submitted_at": response.get("submitted_at"),
    }
    return {**filled(as_object(response.get("hidden"))), **filled(facts)}


def _variables(response: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for variable in as_objects(response.get("variables")):
        yield as_text(variable.get("key")), variable.get(as_text(variable.get("type")))


def _titles(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Titles of questions by their id, those inside groups too."""
    for field in as_objects(definition.get("fields")):
        if field.get("id"):
            yield as_text(field["id"]), as_text(field.get("title"))
        yield from _titles(as_object(field.get("properties")))


def _answers(response: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[Answer]:
    for answer in as_objects(response.get("answers")):
        own = _names(answer, titles)
        value = _value(answer)
        if value:
            yield Answer(own, value)
        if "success" in (payment := as_object(answer.get("payment"))):
            yield Answer(tuple(f"{name}.success" for name in own), as_text(payment["success"]) or "no")


def _names(answer: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, ...]:
    field = as_object(answer.get("field"))
    field_id = as_text(field.get("id"))
    own = names(as_text(field.get("ref")), field_id, titles.get(field_id) or as_text(field.get("title")))
    # Without any name, the kind of question is what is left to find the answer by.
    return own or names(as_text(answer.get("type"))) or ("answer",)


def _value(answer: Mapping[str, Any]) -> Value:
    kind = as_text(answer.get("type"))
    raw = answer.get(kind, _only_other(answer))
    return _READERS.get(kind, _unknown)(raw)


def _only_other(answer: Mapping[str, Any]) -> Any:
    """What a kind of answer that is not known yet holds."""
    others = [value for key, value in answer.items() if key not in ("type", "field")]
    return others[0] if len(others) == 1 else others


def _choice(raw: Any) -> Value:
    chosen = as_object(raw)
    return as_text(chosen.get("label")) or as_text(chosen.get("other")) or _telling(raw)


def _choices(raw: Any) -> Value:
    chosen = as_object(raw)
    rows = raw if isinstance(raw, list) else chosen.get("choices")
    labels = [_telling(row) for row in rows] if isinstance(rows, list) else as_texts(chosen.get("labels"))
    return as_value([*labels, as_text(chosen.get("other"))])


def _payment(raw: Any) -> Value:
    return as_text(as_object(raw).get("amount"))


def _unknown(raw: Any) -> Value:
    is_list_of_texts = isinstance(raw, list) and not as_objects(raw)
    return as_value(as_texts(raw)) if is_list_of_texts else _telling(raw)


def _telling(raw: Any) -> str:
    """The text that stands out in an object, else all of it as it came."""
    if not isinstance(raw, dict | list):
        return as_text(raw)
    found = (as_text(as_object(raw).get(key)) for key in ("label", "text", "transcript", "url", "other", "value"))
    return next((text for text in found if text.strip()), jsontext.dumps(raw) if raw else "")


_READERS: dict[str, Callable[[Any], Value]] = {"choice": _choice, "choices": _choices, "payment": _payment}
