"""Facebook and Instagram lead ads: the event holds only ids, each lead is looked up at Graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from gateway import jsontext
from gateway.errors import GatewayError, Refused, Unreadable
from gateway.inbound.fresh import fresh_ids, rename, retime
from gateway.inbound.graph import Graph, page_key
from gateway.inbound.guide import ADDRESS, Guide, Paste, Step, Wanted
from gateway.inbound.signature import PROXY, Signature, Token, hex_signature
from gateway.inbound.source import Posting, Source
from gateway.inbound.submitted import moment
from gateway.inbound.values import as_object, as_objects, as_text, as_texts, as_value, filled, is_no, names
from gateway.model import Answer, Event, Lead, LeadState, Reading, Request

_SIGNATURE = Signature(
    header="x-hub-signature-256",
    sign=hex_signature,
    missing="the header X-Hub-Signature-256 is missing: Meta signs every event, so this is not from Meta, "
    "or a proxy on the way drops the header",
    wrong=f"the signature does not match: is FACEBOOK_APP_SECRET the secret of this very app? {PROXY}",
)
_TOKEN = Token(
    missing="this address is for Meta's webhooks and takes no visitors: its check brings a hub.verify_token",
    wrong="the verify token does not match: type the text of FACEBOOK_VERIFY_TOKEN into Meta's webhook form",
)
_VALUES_OFF = (
    "Facebook sent no lead id: switch on 'Include Values' for leadgen in the webhook settings of your Meta app"
)
_DUMMY = "<test lead:"
#: What Graph tells of an ad under the very names by which mappings know it.
_SAME = ("created_time", "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "platform", "is_organic")


_GUIDE = Guide(
    title="Facebook and Instagram lead ads",
    says="Facebook tells the gateway that there is a new lead; the gateway then asks Facebook for the answers.",
    wants=(
        Wanted("FACEBOOK_APP_SECRET", "The app secret, from the basic settings of your app at Meta."),
        Wanted(
            "FACEBOOK_VERIFY_TOKEN",
            "You invent it: a long random text, which Meta's webhook form asks for.",
            invented=True,
            pasted=True,
        ),
        Wanted("FACEBOOK_PAGE_TOKEN", "A long-lived page token, or a system user's token, that may read leads."),
    ),
    steps=(
        Step(
            "In your app at Meta, open the webhook settings, choose **Page**, and subscribe.",
            (Paste("Callback URL", ADDRESS), Paste("Verify token", "FACEBOOK_VERIFY_TOKEN")),
        ),
        Step("Subscribe to the field **leadgen**, and switch on **Include Values**."),
        Step(
            "Install the app on each page: whoever runs the gateway does that once, with the page's id and its token "
            "in place of the capitals.",
            (
                Paste(
                    "On the command line",
                    "curl -X POST 'https://graph.facebook.com/v25.0/PAGE_ID/subscribed_apps?subscribed_fields=leadgen' "
                    "-H 'Authorization: Bearer PAGE_TOKEN'",
                ),
            ),
        ),
        Step("If the business uses **Leads Access Manager**, assign the app there, and the person who owns the token."),
        Step(
            "Switch the app to **Live**, and send a lead with Meta's **Lead Ads Testing Tool**. It shows here as a "
            "test, and messages nobody."
        ),
    ),
    unsure="Meta moves its menus now and then, and we have not walked through them lately. The names in bold are "
    "those that Meta's documentation uses; the way to them may differ.",
)


class Facebook(Source):
    """Answers are named by the question's key; what Graph knows of the ad is in `about`."""

    needs = ("FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN", "FACEBOOK_PAGE_TOKEN")
    guide = _GUIDE

    def handshake(self, request: Request) -> str:
        """Meta's check of the address: its challenge, sent back as it came. Raises Refused."""
        query = dict(parse_qsl(request.query, keep_blank_values=True, errors="replace"))
        _TOKEN.check(query.get("hub.verify_token", ""), self.settings.secrets("FACEBOOK_VERIFY_TOKEN"))
        challenge = query.get("hub.challenge", "")
        if not (challenge.isascii() and challenge.isdigit()):
            raise Refused(401, "no challenge", "the verify token is right, but hub.challenge is not a number")
        return challenge

    def verify(self, request: Request) -> None:
        _SIGNATURE.check(request, self.settings.secrets("FACEBOOK_APP_SECRET"))

    def leads(self, event: Event) -> Reading:
        payload = _payload(event.body)
        found = [_lead(event, page, value) for page, value in _lead_values(payload) if _lead_id(value)]
        return Reading(tuple(found), "; ".join(dict.fromkeys(_notes(payload))))

    def pause_key(self, lead: Lead) -> str:
        return page_key(_page(lead))

    def fetch(self, lead: Lead) -> Lead:
        """Ask Graph for the answers. Raises LookupRetry, LookupPaused or LookupFatal."""
        told = Graph(self.settings, self.asker).lead(lead.submission, _page(lead))
        answers = (*_answers(told), *_consents(told))
        is_test = any(_is_dummy(answer) for answer in answers)
        return replace(
            lead,
            form=lead.form or as_text(told.get("form_id")),
            answers=answers,
            about={**lead.about, **_facts(told)},
            submitted=lead.submitted or moment(told.get("created_time"), lead.received),
            state=LeadState.TEST if is_test else None,
            reason="it comes from Facebook's testing tool" if is_test else "",
        )

    def alone(self, event: Event, lead: Lead) -> Event:
        payload = _payload(event.body)
        wanted = [(entry, change) for entry, change in _changes(payload) if _brings(payload, change, lead.submission)]
        if not wanted:
            raise GatewayError(f"The event of this lead does not name it any more ('{lead.submission}').")
        entry, change = wanted[0]
        only = payload | {"entry": [entry | {"changes": [change]}]}
        return replace(event, body=jsontext.dumps(only).encode())

    def looked_up(self, lead: Lead) -> dict[str, Any]:
        return {lead.submission: _told_of(lead)}

    def imitate(self, event: Event, *, now: datetime, nonce: str) -> Posting:
        renamed = fresh_ids(self.ids(event), nonce)
        body = retime(rename(event.body, renamed), ("time", "created_time"), str(int(now.timestamp())))
        secret = next(iter(self.settings.secrets("FACEBOOK_APP_SECRET")), "")
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": hex_signature(secret, body)}
        return Posting(form="", query="", body=body, headers=headers, renamed=renamed)


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = jsontext.loads(body)
    except ValueError as error:
        raise Unreadable(f"this cannot be read as an event of Facebook: {error}") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list):
        raise Unreadable("this is no event of Facebook: it has no list of entries")
    return payload


def _changes(payload: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for entry in as_objects(payload["entry"]):
        for change in as_objects(entry.get("changes")):
            yield entry, change


def _is_leadgen(payload: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    return payload.get("object") == "page" and change.get("field") == "leadgen"


def _lead_values(payload: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each lead in it, with the page whose entry it stands in."""
    for entry, change in _changes(payload):
        if _is_leadgen(payload, change):
            yield as_text(entry.get("id")), as_object(change.get("value"))


def _brings(payload: Mapping[str, Any], change: Mapping[str, Any], lead_id: str) -> bool:
    return _is_leadgen(payload, change) and _lead_id(as_object(change.get("value"))) == lead_id


def _lead_id(value: Mapping[str, Any]) -> str:
    return as_text(value.get("leadgen_id")).strip()


def _lead(event: Event, page: str, value: Mapping[str, Any]) -> Lead:
    facts = filled({name: value.get(name) for name in ("form_id", "ad_id", "adgroup_id", "created_time")})
    about = {"page_id": as_text(value.get("page_id")) or page, **facts}
    return Lead(
        source=event.source,
        form=facts.get("form_id", ""),
        received=event.received,
        submission=_lead_id(value),
        about={name: text for name, text in about.items() if text not in ("", "0")},
        state=LeadState.WAITING,
        reason="for its look-up at Facebook",
        submitted=moment(value.get("created_time"), event.received),
    )


def _page(lead: Lead) -> str:
    return lead.about.get("page_id", "unknown")


def _notes(payload: Mapping[str, Any]) -> Iterator[str]:
    """What else the event says, that nobody should miss."""
    if payload.get("object") != "page":
        yield f"Facebook told of '{as_text(payload.get('object'))[:40]}', not of a page"
    for entry in as_objects(payload["entry"]):
        changed = entry.get("changed_fields")
        yield from _notes_of_fields(changed if isinstance(changed, list) else [])
    for _, change in _changes(payload):
        if not _is_leadgen(payload, change):
            yield _told(as_text(change.get("field")))
        elif not _lead_id(as_object(change.get("value"))):
            yield _VALUES_OFF


def _notes_of_fields(fields: list[Any]) -> Iterator[str]:
    for field in map(as_text, fields):
        yield _VALUES_OFF if field == "leadgen" else _told(field)


def _told(field: str) -> str:
    return f"Facebook told of '{field[:40]}', which is no lead"


def _answers(told: Mapping[str, Any]) -> Iterator[Answer]:
    for field in as_objects(told.get("field_data")):
        value = as_value(as_texts(field.get("values")))
        name = names(as_text(field.get("name")))
        if value and name:
            yield Answer(name, value)


def _consents(told: Mapping[str, Any]) -> Iterator[Answer]:
    for box in as_objects(told.get("custom_disclaimer_responses")):
        name = names(as_text(box.get("checkbox_key")))
        if name:
            yield Answer(name, "no" if is_no(as_text(box.get("is_checked"))) else "yes")


def _is_dummy(answer: Answer) -> bool:
    texts = (answer.value,) if isinstance(answer.value, str) else answer.value
    return any(text.strip().lower().startswith(_DUMMY) for text in texts)


def _facts(told: Mapping[str, Any]) -> dict[str, str]:
    return filled({**{name: told.get(name) for name in _SAME}, "ad_campaign": told.get("campaign_name")})


def _told_of(lead: Lead) -> dict[str, Any]:
    """What Graph must have told, for `fetch` to give this lead."""
    named = {**lead.about, "campaign_name": lead.about.get("ad_campaign", "")}
    facts: dict[str, Any] = {name: named[name] for name in (*_SAME, "campaign_name") if named.get(name)}
    if "is_organic" in facts:
        facts["is_organic"] = not is_no(facts["is_organic"])
    texts = ((answer.names[0], answer.value) for answer in lead.answers)
    rows = [{"name": name, "values": [text] if isinstance(text, str) else list(text)} for name, text in texts]
    return {"id": lead.submission, "form_id": lead.form, **facts, "field_data": rows}
