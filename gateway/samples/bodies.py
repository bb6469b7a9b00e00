"""The texts of a body, JSON or a form: told one by one, and changed in their places."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

from gateway import jsontext

Change = Callable[[str], str]

#: Stands before a number with a fraction while it is kept as the text that was written.
_FRACTION = "\ue000"
#: Enough of base64 to hold a name or a number; "/" may be a letter of it, or stand between.
_BASE64 = (re.compile(r"[A-Za-z0-9+/_-]{8,}"), re.compile(r"[A-Za-z0-9+_-]{8,}"))
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_MARKED = re.compile(f'"{_FRACTION}([^"]*)"')


def texts(body: bytes) -> list[tuple[str, str]]:
    """Each text and number, after the name that it stands under.

    >>> texts(b'{"to": [{"phone": 12, "paid": 1.50}]}'), texts(b"a=1&a=2")
    ([('phone', '12')], [('a', '1'), ('a', '2')])
    """
    return list(told(_read(body))) if is_json(body) else pairs(body.decode("utf-8-sig", "replace"))


def told(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The same for JSON that is read already."""
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from told(inner, key)
    elif isinstance(node, list):
        for inner in node:
            yield from told(inner, name)
    elif (isinstance(node, str) and not node.startswith(_FRACTION)) or type(node) is int:
        yield name, str(node)


def changed(body: bytes, change: Change) -> bytes:
    """The body with every text changed; names stay.

    >>> changed(b'{"a": [1.50, 1, true, "b"]}', lambda text: text * 2).decode().split()
    ['{', '"a":', '[', '1.50,', '11,', 'true,', '"bb"', ']', '}']
    """
    if not is_json(body):
        return query(body.decode("utf-8-sig", "replace"), change).encode()
    written = json.dumps(mapped(_read(body), change), ensure_ascii=False, indent=2)
    return (_MARKED.sub(r"\1", written) + "\n").encode()


def query(text: str, change: Change) -> str:
    """The same for what is written as a form or in an address.

    >>> query("a=b+c&d=", str.upper)
    'a=B+C&d='
    """
    return urlencode([(name, change(said)) for name, said in pairs(text)])


def pairs(text: str) -> list[tuple[str, str]]:
    """Name and text of each field of a form, or of what follows the "?" of an address."""
    found = parse_qsl(text.strip("\r\n"), keep_blank_values=True, errors="replace")
    return [(jsontext.clean(name), jsontext.clean(said)) for name, said in found]


def mapped(node: Any, change: Change) -> Any:
    """JSON that is read, with every text changed, and every whole number that the change leaves a number."""
    if isinstance(node, dict):
        return {jsontext.clean(key): mapped(inner, change) for key, inner in node.items()}
    if isinstance(node, list):
        return [mapped(inner, change) for inner in node]
    if isinstance(node, str):
        return node if node.startswith(_FRACTION) else change(jsontext.clean(node))
    return int(change(str(node))) if type(node) is int else node


def encoded(text: str) -> Iterator[str]:
    """What a text holds in a form that people cannot read: as base64, or with letters like \\u0041.

    >>> list(encoded("see /p/TWlyYSBTYW1wbGU and \\\\u004dira"))
    ['Mira Sample', 'see /p/TWlyYSBTYW1wbGU and Mira']
    """
    for piece in dict.fromkeys(match[0] for pattern in _BASE64 for match in pattern.finditer(text)):
        with suppress(ValueError):
            yield base64.urlsafe_b64decode(piece.replace("+", "-").replace("/", "_") + "==").decode()
    if _ESCAPED.search(text):
        yield _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def is_json(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))


def _read(body: bytes) -> Any:
    """Fractions stay as written, so that they are written the same way again."""
    return json.loads(body.decode("utf-8-sig", "replace"), parse_float=_FRACTION.__add__, parse_constant=str)
