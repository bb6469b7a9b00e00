"""Is a request genuine? Tokens and HMACs, compared in constant time, by two secrets while one replaces the other."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway.errors import Refused
from gateway.model import Request

#: One more cause of a signature that does not match, wherever the body itself is signed.
PROXY = "A proxy that rewrites the body also breaks it"


def hex_hmac(secret: str, message: bytes) -> str:
    """HMAC-SHA256 as 64 hexadecimal digits."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def hex_signature(secret: str, body: bytes) -> str:
    """As Meta writes it: `sha256=` and hexadecimal digits."""
    return f"sha256={hex_hmac(secret, body)}"


def base64_signature(secret: str, body: bytes) -> str:
    """As Typeform writes it: `sha256=` and base64."""
    return f"sha256={base64.b64encode(bytes.fromhex(hex_hmac(secret, body))).decode()}"


def tokens_in(query: str) -> tuple[str, str]:
    """The token of an address, and the same where its "+" was written as it is and so became a space."""
    given = dict(parse_qsl(query, keep_blank_values=True, errors="replace")).get("token", "")
    return given, given.replace(" ", "+")


def _is_one_of(given: str, expected: Sequence[str]) -> bool:
    # Bytes, since compare_digest refuses text beyond ASCII; all of them, so that no match ends the search early.
    raw = given.encode("utf-8", "surrogatepass")
    return True in [hmac.compare_digest(raw, text.encode("utf-8", "surrogatepass")) for text in expected]


@dataclass(frozen=True, slots=True)
class Token:
    """A secret word that the sender repeats in each request."""

    missing: str  #: Said when there is none: what to do.
    wrong: str  #: Said when it is another one: where to look.

    def holds(self, given: str, secrets: Sequence[str]) -> bool:
        return bool(given) and _is_one_of(given, secrets)

    def check(self, given: str, secrets: Sequence[str]) -> None:
        """Return if `given` is one of `secrets`; raises Refused (401)."""
        if not self.holds(given, secrets):
            raise self.refusal(given)

    def refusal(self, given: str) -> Refused:
        return Refused(401, "wrong token", self.wrong) if given else Refused(401, "no token", self.missing)


@dataclass(frozen=True, slots=True)
class Signature:
    """An HMAC of the raw body in a header."""

    header: str  #: In lower case.
    sign: Callable[[str, bytes], str]  #: (secret, body) → what the header must say.
    missing: str
    wrong: str

    def holds(self, request: Request, secrets: Sequence[str]) -> bool:
        given = self.given(request)
        return bool(given) and _is_one_of(given, [self.sign(secret, request.body) for secret in secrets])

    def check(self, request: Request, secrets: Sequence[str]) -> None:
        """Return if the body is signed with one of `secrets`; raises Refused (401)."""
        if not self.holds(request, secrets):
            raise self.refusal(request)

    def refusal(self, request: Request) -> Refused:
        if self.given(request):
            return Refused(401, "wrong signature", self.wrong)
        return Refused(401, "no signature", self.missing)

    def given(self, request: Request) -> str:
        return request.headers.get(self.header, "").strip()
