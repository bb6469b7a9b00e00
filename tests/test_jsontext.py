"""JSON that a stranger wrote: what is refused, and that refusing costs no more than reading."""

from __future__ import annotations

import pytest

from gateway import jsontext


@pytest.mark.parametrize("end", [b"", b"\\", b'"', b'"}', b'" : 1'])
def test_a_string_full_of_escapes_is_looked_at_once_however_it_ends(end: bytes) -> None:
    body = b'{"' + b'\\"' * 450_000 + end

    with pytest.raises(ValueError, match="it is not JSON"):
        jsontext.loads(body)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'["[", '])
def test_nesting_is_refused_at_its_limit_and_not_before(opening: bytes) -> None:
    closing = b"}" if opening.startswith(b"{") else b"]"

    jsontext.loads(opening * jsontext.MAX_DEPTH + b"1" + closing * jsontext.MAX_DEPTH)
    with pytest.raises(ValueError, match="deeper than 100 levels"):
        jsontext.loads(opening * (jsontext.MAX_DEPTH + 1) + b"1" + closing * (jsontext.MAX_DEPTH + 1))


def test_brackets_inside_texts_are_no_nesting() -> None:
    text = '[{"' * 1_000

    assert jsontext.loads(jsontext.dumps({text: text})) == {text: text}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"name": "\xff"}', r"not UTF-8 \(byte 11\)"),
        (b'{"a": 1,\n}', r"not JSON: .* \(line 2, column 1\)"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "cannot be read"),
    ],
)
def test_what_is_no_json_says_where(body: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        jsontext.loads(body)


def test_no_digit_and_no_letter_is_lost() -> None:
    text = '{"phone": 9.876543210e9, "n": 900100200300401, "x": NaN, "t": "a\\u0000b\\ud800", "दिन": "₹5"}'

    assert jsontext.loads(text) == {
        "phone": "9.876543210e9",
        "n": 900100200300401,
        "x": "NaN",
        "t": "a\ufffdb\ufffd",
        "दिन": "₹5",
    }
