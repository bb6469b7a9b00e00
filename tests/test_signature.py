"""Signatures and tokens: the vectors of the services, and what is said to who gets them wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.inbound.signature import Signature, Token, base64_signature, hex_hmac, hex_signature
from gateway.model import Request

SECRET = "s3cret"
BODY = b'{"event_id":"x","event_type":"form_response"}'
SIGNED = Signature("x-signed", hex_signature, missing="the header is missing", wrong="the signature is wrong")
TOKEN = Token(missing="the token is missing", wrong="the token is wrong")


def request(body: bytes, **headers: str) -> Request:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Request("any", "", "POST", body, "application/json", named, "")


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (
            b'{"object":"page","entry":[{"id":"1","time":1700000000,"changes":[]}]}',
            "sha256=f95f1e99e8190338c6c3dd26e0fbd3e64c0f58410e4046273fb840347cd17c8e",
        ),
        (
            b'{"object":"page","note":"\\u00e4"}',
            "sha256=f2802f8613ef4611015f1efb28d3f11aad57fba21ce4bd18e53c7685a0823cc8",
        ),
    ],
)
def test_hexadecimal_signatures_are_those_that_meta_computes(body: bytes, signature: str) -> None:
    assert hex_signature(SECRET, body) == signature


def test_base64_signatures_are_those_that_typeform_computes() -> None:
    assert base64_signature(SECRET, BODY) == "sha256=RhvWFuZ9g2RZqwfvF7Ryu3QZlKlXctSRCe91tZ3Tk5Q="


def test_the_proof_of_the_app_secret_is_the_one_that_graph_computes() -> None:
    assert hex_hmac(SECRET, b"EXAMPLE_TOKEN") == "72025a77c201a7171360471735b74292348053b59ac83301635f55529d57d1ac"


def test_while_a_secret_is_replaced_both_are_right() -> None:
    for signer in ("old", "new"):
        SIGNED.check(request(BODY, x_signed=hex_signature(signer, BODY)), ("old", "new"))
        TOKEN.check(signer, ("old", "new"))


@pytest.mark.parametrize(
    ("header", "cause", "sentence"),
    [
        (None, "no signature", "the header is missing"),
        (" ", "no signature", "the header is missing"),
        ("sha256=00", "wrong signature", "the signature is wrong"),
        (hex_hmac(SECRET, BODY), "wrong signature", "the signature is wrong"),
        ("sha256=é\u0663", "wrong signature", "the signature is wrong"),
    ],
)
def test_a_wrong_signature_is_told_from_a_missing_one(header: str | None, cause: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        SIGNED.check(request(BODY, **({} if header is None else {"x_signed": header})), (SECRET,))

    assert (refused.value.status, refused.value.cause, str(refused.value)) == (401, cause, sentence)


@pytest.mark.parametrize(
    ("token", "cause"), [("", "no token"), ("wrong", "wrong token"), ("न", "wrong token"), ("\ud800", "wrong token")]
)
def test_a_wrong_token_is_told_from_a_missing_one(token: str, cause: str) -> None:
    with pytest.raises(Refused) as refused:
        TOKEN.check(token, (SECRET,))

    assert (refused.value.status, refused.value.cause) == (401, cause)


def test_without_any_secret_nothing_is_genuine() -> None:
    assert not SIGNED.holds(request(BODY, x_signed=hex_signature("", BODY)), ())
    assert not TOKEN.holds("", ())
    assert not TOKEN.holds("", ("",))


@given(body=st.binary(max_size=200), secret=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_what_is_signed_is_taken_and_every_other_body_is_not(body: bytes, secret: str) -> None:
    header = hex_signature(secret, body)

    assert SIGNED.holds(request(body, x_signed=header), (secret,))
    assert not SIGNED.holds(request(body + b"x", x_signed=header), (secret,))
    assert not SIGNED.holds(request(body, x_signed=header), (secret + "x",))
