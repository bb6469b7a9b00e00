"""AiSensy's project webhook, which tells what became of our messages: no source, since it brings no leads."""

from __future__ import annotations

import json
from dataclasses import replace

from gateway import jsontext
from gateway.inbound.guide import ADDRESS, Guide, Paste, Step, Wanted
from gateway.inbound.signature import PROXY, Signature, Token, hex_hmac, tokens_in
from gateway.model import Request
from gateway.settings import Settings

SECRET, TOKEN = "AISENSY_WEBHOOK_SECRET", "AISENSY_WEBHOOK_TOKEN"

#: For AiSensy, which looks whether the address is there, and for a person in a browser.
HELLO = "The lead gateway takes AiSensy's receipts here.\n"

#: An id of a notification is no longer than this.
_LONGEST = 200

_SIGNATURE = Signature(
    header="x-aisensy-signature",
    sign=hex_hmac,
    missing="the header X-AiSensy-Signature is missing: only AiSensy's project webhook posts here",
    wrong=f"the signature does not match: {SECRET} must be the shared secret of AiSensy's webhook. {PROXY}",
)
_TOKEN = Token(
    missing=f"the token is missing: add ?token= and the text of {TOKEN} to the address in AiSensy",
    wrong=f"the token is wrong: it must be the text of {TOKEN}",
)

GUIDE = Guide(
    title="Receipts from AiSensy",
    says="What WhatsApp says of your messages: sent, delivered, read, failed, and what people reply. It is optional, "
    "and AiSensy is said to need its Pro plan for it.",
    wants=(
        Wanted(SECRET, "The shared secret that AiSensy shows with its webhook."),
        Wanted(
            TOKEN,
            "Only where AiSensy shows no secret. You invent it: a long random text at the end of the address.",
            invented=True,
            pasted=True,
        ),
    ),
    one_is_enough=True,
    at_end=TOKEN,
    steps=(
        Step("In AiSensy, open **Manage**, then **Webhooks**, and add one.", (Paste("URL", ADDRESS),)),
        Step("Choose the topics `message.status.updated` and `message.sender.user`."),
        Step(f"Copy the shared secret that AiSensy shows into `{SECRET}`, and start the gateway anew."),
        Step("Let AiSensy send its test. It shows here as a receipt that tells of no message."),
    ),
    unsure="We know these menus from AiSensy's documentation and have not walked through them with every plan.",
)


class AiSensyHook:
    """A signature where there is a secret, else a token: an open door would let anybody opt people out."""

    def __init__(self, settings: Settings) -> None:
        self._secrets = settings.secrets(SECRET)
        self._tokens = settings.secrets(TOKEN)

    def missing(self) -> str:
        """The settings of which one is needed; "" where there is one."""
        return "" if self._secrets or self._tokens else f"{SECRET} or {TOKEN}"

    def verify(self, request: Request) -> None:
        """Return if AiSensy posted this; raises Refused (401)."""
        if self._secrets:
            self._check_signature(request)
        elif not any(_TOKEN.holds(token, self._tokens) for token in tokens_in(request.query)):
            raise _TOKEN.refusal("".join(tokens_in(request.query)))

    def _check_signature(self, request: Request) -> None:
        given = _SIGNATURE.given(request).removeprefix("sha256=")
        bare = replace(request, headers={_SIGNATURE.header: given})
        again = replace(bare, body=_compact(request.body))
        if not (_SIGNATURE.holds(bare, self._secrets) or _SIGNATURE.holds(again, self._secrets)):
            raise _SIGNATURE.refusal(request)


def notification(body: bytes) -> str:
    """AiSensy's id of a notification, by which one that comes twice is stored once; "" where it has none.

    >>> notification(b'{"id": "ntf_0001", "topic": "message.status.updated"}'), notification(b"odd")
    ('ntf_0001', '')
    """
    try:
        found = jsontext.loads(body)
    except ValueError:
        return ""
    if not isinstance(found, dict) or not (found.get("topic") or found.get("event")):
        return ""
    given = found.get("id")
    text = str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return text if len(text) <= _LONGEST else ""


def _compact(body: bytes) -> bytes:
    """The body as AiSensy's own example signs it: parsed and written anew; as it is where it cannot be parsed."""
    try:
        jsontext.loads(body)  # within limits
        return jsontext.dumps(json.loads(body)).encode()
    except (ValueError, RecursionError):
        return body
