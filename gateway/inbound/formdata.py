"""The body of a website form, whatever its content type claims → one tree of texts per person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder
from werkzeug.sansio.multipart import Event as MultipartEvent

from gateway import jsontext
from gateway.errors import Unreadable
from gateway.inbound.flatten import MAX_FIELDS, TOO_MANY_FIELDS, is_rows
from gateway.inbound.values import as_object

#: How the file of a sample ends, and the content type that its body is sent with.
CONTENT_TYPES = {
    ".json": "application/json",
    ".form": "application/x-www-form-urlencoded",
    ".txt": "text/plain",
    ".multipart": "multipart/form-data; boundary=B1",
}

#: People in one list; more of them is an import and not a form.
_MAX_PEOPLE = 50
_MAX_BRACKETS = 10
#: Fields in which some builders put the whole submission once more, as JSON.
_WRAPPED = ("rawRequest", "data.json", "data_json")
#: The same submission again, in words or as XML.
_TWINS = ("pretty", "data.xml", "data_xml")
_FIRST_PART = re.compile(rb"--([!-~]{1,70})\r?\nContent-Disposition:", re.IGNORECASE)
_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*+)(\[\])?")


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a body says, before it is known which of it are answers."""

    people: tuple[Any, ...]  #: One object of answers each; or the name-and-value rows of one person, as a list.
    brackets: bool  #: It came as a form, where `contact[phone]` is how a name inside a name is written.


def decode(body: bytes, content_type: str) -> Decoded:
    """Look at the bytes, not at the label. Raises Unreadable."""
    if (people := listed(body)) is not None:
        return Decoded(tuple(map(_unwrapped, people)), brackets=False)
    return Decoded((_unwrapped(_tree(pairs(body, content_type))),), brackets=True)


def listed(body: bytes) -> list[Any] | None:
    """The people of a body that is JSON, as they stand in it; None for any other. Raises Unreadable."""
    return _people(_json(body)) if _start(body).startswith((b"{", b"[")) else None


def pairs(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Name and text of every field of a body that is not JSON. Raises Unreadable."""
    start = _start(body)
    if boundary := _boundary(start, content_type):
        return _multipart(body, boundary)
    if b"=" in start:
        return _urlencoded(body)
    raise Unreadable("this is no form: it is neither JSON nor fields with '=' between name and answer")


def without_twins(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields without those that say the whole submission over again."""
    wrapped = any(name in _WRAPPED and _object_in(text) for name, text in fields)
    return [(name, text) for name, text in fields if not (wrapped and name in _TWINS)]


def _start(body: bytes) -> bytes:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()


def _json(body: bytes) -> Any:
    try:
        return jsontext.loads(body.decode("utf-8-sig", "replace"))
    except ValueError as error:
        raise Unreadable(
            f"{error}; if a form plugin fills in your own JSON text, a quotation mark or line break that the "
            "visitor typed breaks it: let the plugin write the JSON itself"
        ) from None


def _people(parsed: Any) -> list[Any]:
    if isinstance(parsed, dict):
        return [parsed]
    if is_rows(parsed):
        return [parsed]
    people = [item for item in parsed if isinstance(item, dict)]
    if not people:
        raise Unreadable("its JSON is a list without any object, so there are no named answers in it")
    if len(people) > _MAX_PEOPLE:
        raise Unreadable(
            f"its list holds {len(people)} people, and one request may bring {_MAX_PEOPLE}: "
            f"send them in lists of at most {_MAX_PEOPLE}"
        )
    return people


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    text = body.decode("utf-8-sig", "replace").strip("\r\n")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Unreadable(TOO_MANY_FIELDS) from None


def _boundary(body: bytes, content_type: str) -> bytes:
    """From the header; from the first line where the header forgot it."""
    kind, options = parse_options_header(content_type)
    told = options.get("boundary", "").encode("utf-8", "replace")
    if kind == "multipart/form-data" and told and b"--" + told in body:
        return told
    found = _FIRST_PART.match(body)
    return found.group(1) if found else b""


def _multipart(body: bytes, boundary: bytes) -> list[tuple[str, str]]:
    """Name and text of each part; of a file only its name."""
    parts: list[tuple[str, bytearray]] = []
    is_file = False
    for event in _multipart_events(body, boundary):
        if isinstance(event, Field | File):
            is_file = isinstance(event, File)
            parts.append((event.name or "", bytearray(event.filename.encode() if isinstance(event, File) else b"")))
        elif isinstance(event, Data) and not is_file:
            parts[-1][1].extend(event.data)
    return [(name, content.decode("utf-8", "replace")) for name, content in parts]


def _multipart_events(body: bytes, boundary: bytes) -> Iterator[MultipartEvent]:
    decoder = MultipartDecoder(boundary, max_parts=MAX_FIELDS)
    # The bytes of files are not used, so that all may be made UTF-8, headers too.
    decoder.receive_data(body.decode("utf-8", "replace").encode())
    decoder.receive_data(None)
    try:
        while not isinstance(event := decoder.next_event(), Epilogue):
            yield event
    except (ValueError, HTTPException):
        raise Unreadable("it is a multipart form, but its parts are broken or cut off") from None


def _tree(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Names with brackets become objects inside objects; repeated ones and `name[]` become lists."""
    tree: dict[str, Any] = {}
    for name, text in pairs:
        _put(tree, jsontext.clean(name), jsontext.clean(text))
    return tree


def _put(tree: dict[str, Any], name: str, text: str) -> None:
    *branches, last = _path(name)
    node = _branch(tree, branches)
    if node is None or isinstance(node.get(last), dict):
        # `a` beside `a[b]`: one of them cannot be a place in the tree and stays as it is written.
        node, last = tree, name if "[" in name else f"{name}[]"
    there = node.get(last)
    if isinstance(there, list):
        there.append(text)
    else:
        node[last] = text if there is None else [there, text]


def _path(name: str) -> list[str]:
    found = _BRACKETED.fullmatch(name)
    if not found or name.count("[") > _MAX_BRACKETS:
        return [name]
    return [found.group(1), *re.findall(r"\[([^\[\]]+)\]", found.group(2))]


def _branch(tree: dict[str, Any], keys: list[str]) -> dict[str, Any] | None:
    node: Any = tree
    for key in keys:
        node = node.setdefault(key, {})
        if not isinstance(node, dict):
            return None
    return cast(dict[str, Any], node)


def _unwrapped(person: Any) -> Any:
    """Put the fields of a submission that is wrapped in one of its own fields in place of the wrapping."""
    if not isinstance(person, dict):
        return person
    for key in _WRAPPED:
        if inner := _object_in(person.get(key)):
            return {name: value for name, value in person.items() if name not in (key, *_TWINS)} | inner
    return person


def _object_in(value: Any) -> dict[str, Any]:
    try:
        return as_object(jsontext.loads(value)) if isinstance(value, str) else {}
    except ValueError:
        return {}
