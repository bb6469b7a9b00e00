"""One request as plain values; a body that is too large is read to its end and refused."""

from __future__ import annotations

from typing import IO
from urllib.parse import parse_qsl, urlencode

from flask import request as http
from werkzeug.exceptions import RequestEntityTooLarge

from gateway import jsontext
from gateway.errors import Refused
from gateway.model import Request

#: Of a body over the limit this much is read and thrown away, a piece at a time.
DRAINED, CHUNK = 16_000_000, 64_000


def posted(source: str, form: str, lacking: str) -> Request:
    """This request, which must be a POST with something in it; raises Refused."""
    if http.method != "POST":
        raise Refused(405, "wrong method", f"send a POST; {http.method} is not taken here")
    found = request(source, form)
    if not found.body:
        raise Refused(400, "empty body", f"the body is empty: {lacking}")
    return found


def request(source: str, form: str) -> Request:
    """This request, its body read; raises Refused when that is too large."""
    return Request(
        source=source,
        form=form,
        method=http.method,
        body=_body(),
        content_type=http.headers.get("Content-Type", ""),
        headers={name.lower(): value for name, value in http.headers.items()},
        query=http.query_string.decode("utf-8", "replace"),
    )


def _body() -> bytes:
    try:
        return http.get_data()
    except RequestEntityTooLarge:
        _drain(http.environ["wsgi.input"], min(http.content_length or DRAINED, DRAINED))
        raise Refused(413, "too large", "the body is larger than this gateway takes (GATEWAY_MAX_BODY)") from None


def _drain(stream: IO[bytes], left: int) -> None:
    """Read on, so that the sender sees the answer instead of a broken connection."""
    while left > 0 and (piece := stream.read(min(CHUNK, left))):
        left -= len(piece)


def without_token(query: str) -> str:
    """A query as it may be stored."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return jsontext.clean(urlencode([(name, value) for name, value in pairs if name != "token"]))
