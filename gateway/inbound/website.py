"""Any form on a website: JSON, urlencoded or multipart, flat or nested, at `/hooks/website/<form>`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from gateway import jsontext
from gateway.errors import GatewayError, Unreadable
from gateway.inbound.around import parted, submission, submissions, submitted
from gateway.inbound.dialling import with_country_codes
from gateway.inbound.flatten import Leaf, answers, fields_of, is_rows, leaves
from gateway.inbound.formdata import CONTENT_TYPES, decode, listed, pairs, without_twins
from gateway.inbound.guide import ADDRESS, Guide, Paste, Step, Wanted
from gateway.inbound.signature import Signature, Token, hex_signature, tokens_in
from gateway.inbound.source import Posting, Source
from gateway.inbound.values import is_no, names
from gateway.model import Event, Lead, LeadState, Reading, Request

_TOKEN = Token(
    missing="the token is missing: add ?token= and the text of WEBSITE_TOKEN to the address, "
    "or send it in the header X-Gateway-Token",
    wrong="the token is wrong: it must be the text of WEBSITE_TOKEN",
)
_SIGNATURE = Signature(
    header="x-gateway-signature",
    sign=hex_signature,
    missing="the header X-Gateway-Signature is missing: it must say sha256= and the hexadecimal HMAC-SHA256 "
    "of the body by WEBSITE_SECRET",
    wrong="the signature does not match: it must be sha256= and the hexadecimal HMAC-SHA256 of the very bytes "
    "of the body by WEBSITE_SECRET",
)

#: Fields that people cannot see and only machines fill in.
HONEYPOTS = {"_gotcha", "_honey", "_honeypot", "botcheck", "bot-field"}
#: Fields that speak to the form's machinery; so does every name that starts with "_".
RESERVED = HONEYPOTS | {
    "access_key",
    "apikey",
    "cf-turnstile-response",
    "form-name",
    "g-recaptcha-response",
    "h-captcha-response",
    "recaptcha_response",
    "redirect",
    "redirecturl",
}


_IN_BRACKETS = re.compile(r"[^\[\]]+")


_GUIDE = Guide(
    title="Website forms",
    says="Any form that can post to an address: your own page, a WordPress plugin, a page builder.",
    wants=(
        Wanted(
            "WEBSITE_TOKEN",
            "You invent it: a long random text, which stands at the end of each form's address.",
            invented=True,
            pasted=True,
        ),
        Wanted(
            "WEBSITE_SECRET",
            "Only for a sender of your own that signs what it posts: the key of its signature.",
            invented=True,
        ),
    ),
    one_is_enough=True,
    at_end="WEBSITE_TOKEN",
    steps=(
        Step(
            "Paste the form's address where the form is sent from. In a plugin or page builder (Contact Form 7 to "
            "Webhook, WPForms, Elementor and others) that is its **webhook URL**; if it can send JSON, choose JSON.",
            (Paste("Webhook URL", ADDRESS),),
        ),
        Step("Send the form once yourself, with your own number, and look at this page: it says what came."),
    ),
    unsure="Each plugin has a name of its own for the webhook URL, and not every plan of every builder has one.",
    by_form=True,
)


class Website(Source):
    """A token in the address or in a header, or a signed body: one of them is enough."""

    guide = _GUIDE

    def missing(self) -> tuple[str, ...]:
        return () if self._tokens or self._secrets else ("WEBSITE_TOKEN or WEBSITE_SECRET",)

    def verify(self, request: Request) -> None:
        tokens = [request.headers.get("x-gateway-token", ""), *tokens_in(request.query)]
        if any(_TOKEN.holds(token, self._tokens) for token in tokens) or _SIGNATURE.holds(request, self._secrets):
            return
        if self._secrets and (_SIGNATURE.given(request) or not self._tokens):
            raise _SIGNATURE.refusal(request)
        raise _TOKEN.refusal("".join(tokens))

    def leads(self, event: Event) -> Reading:
        decoded = decode(event.body, event.content_type)
        people = zip(decoded.people, fields_of(decoded.people), strict=True)
        leads = [_lead(event, person, fields, brackets=decoded.brackets) for person, fields in people]
        found = tuple(lead for lead in leads if lead.answers)
        if not found:
            raise Unreadable("there are no answers in it: every field is empty or one that only steers the form")
        return Reading(found)

    def ids(self, event: Event) -> tuple[str, ...]:
        people = decode(event.body, event.content_type).people
        return names(*(given for person in people for given in submissions(person)))

    def alone(self, event: Event, lead: Lead) -> Event:
        """Without what steers the form (a captcha's answer, a key of its service); of an uploaded file, its name."""
        people = listed(event.body)
        if people is None:
            return replace(event, content_type=CONTENT_TYPES[".form"], body=_posted(event))
        for person in people:
            only = _steering_no_more(person)
            if people == [only]:
                return event
            one = replace(event, content_type=CONTENT_TYPES[".json"], body=jsontext.dumps(only).encode())
            if len(people) == 1 or self._brings(one, lead):
                return one
        raise GatewayError("The event of this lead does not hold its answers any more.")

    def _brings(self, event: Event, lead: Lead) -> bool:
        try:
            (found,) = self.leads(event).leads
        except Unreadable:
            return False
        return (found.submission, found.answers) == (lead.submission, lead.answers)

    def imitate(self, event: Event, *, now: datetime, nonce: str) -> Posting:
        """The sample as it is: its sender gives no ids and no times."""
        del now, nonce
        headers = {"Content-Type": event.content_type} if event.content_type else {}
        if self._tokens:
            headers["X-Gateway-Token"] = self._tokens[0]
        elif self._secrets:
            headers["X-Gateway-Signature"] = hex_signature(self._secrets[0], event.body)
        return Posting(form=event.form, query=event.query, body=event.body, headers=headers)

    @property
    def _tokens(self) -> tuple[str, ...]:
        return self.settings.secrets("WEBSITE_TOKEN")

    @property
    def _secrets(self) -> tuple[str, ...]:
        return self.settings.secrets("WEBSITE_SECRET")


def _query(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, errors="replace")


def _lead(event: Event, person: Any, fields: list[Leaf], *, brackets: bool) -> Lead:
    trap = _filled_honeypot(fields)
    told, facts = parted(leaf for leaf in with_country_codes(fields) if not _is_reserved(leaf))
    return Lead(
        source=event.source,
        form=event.form,
        received=event.received,
        submission=submission(person),
        answers=answers(told, brackets=brackets),
        about={**facts, **_about(event.query)},
        state=LeadState.SUSPECTED if trap else None,
        reason=f"the hidden field '{trap}' was filled in, which people cannot see" if trap else "",
        submitted=submitted(facts, event.received),
    )


def _about(query: str) -> dict[str, str]:
    pairs = [(jsontext.clean(name), jsontext.clean(text)) for name, text in _query(query)]
    return {name: text for name, text in pairs if name != "token" and text.strip()}


def _is_reserved(leaf: Leaf) -> bool:
    return any(map(_steers, leaf.words()))


def _steers(word: str) -> bool:
    return word.startswith("_") or word.lower() in RESERVED


def _posted(event: Event) -> bytes:
    """The fields as a plain form posts them; those that steer are gone, but for traps."""
    fields = without_twins(pairs(event.body, event.content_type))
    return urlencode([(name, text) for name, text in fields if not _only_steer(_IN_BRACKETS.findall(name))]).encode()


def _steering_no_more(node: Any) -> Any:
    """The same for a body of JSON."""
    if isinstance(node, dict):
        return {name: _steering_no_more(value) for name, value in node.items() if not _only_steer([name])}
    if isinstance(node, list):
        return [_steering_no_more(item) for item in node if not (is_rows([item]) and _is_steering_row(item))]
    return node


def _is_steering_row(row: Any) -> bool:
    return any(_only_steer(leaf.words()) for leaf in leaves([row]))


def _only_steer(words: Iterable[str]) -> bool:
    """A trap steers too, but whether it was filled in tells people and machines apart."""
    given = set(words)
    return any(map(_steers, given)) and not given & HONEYPOTS


def _filled_honeypot(found: Iterable[Leaf]) -> str:
    traps = (leaf for leaf in found if leaf.words() & HONEYPOTS)
    return next((leaf.path[-1] for leaf in traps if not is_no(str(leaf.value))), "")
