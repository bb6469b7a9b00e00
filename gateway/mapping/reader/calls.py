"""`defaults:` and `call:` → a Call, with all that can be wrong in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from gateway import phone
from gateway.mapping.call import Call, Media, Tag, Text
from gateway.mapping.clean import blank
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft
from gateway.mapping.reader.problems import nearest
from gateway.mapping.reader.texts import check_literal, check_text, said
from gateway.mapping.reader.when import build_when

#: WhatsApp's own limit for a body, which one parameter alone may reach.
MAX_PARAMETER = 1_024

#: The keys of a call that the person sees.
_SEEN = ("campaignName", "destination", "templateParams", "media", "buttons")

#: What other YAML readers take for a blank.
_NULLS = ("~", "null", "Null", "NULL")


def check_call(node: Node, draft: Draft) -> None:
    """Note what is wrong with the values of `defaults` or of one `call`."""
    for key, child in node.table.items():
        if key in _CHECKS:
            _CHECKS[key](child, draft)


def phones(calls: Iterable[Node], fields: Container[str]) -> frozenset[str]:
    """The fields that stand in the `destination` of some calls."""
    texts = [call.table.get("destination", NOTHING).text.strip() for call in calls]
    return frozenset(text[1:] for text in texts if text.startswith("$") and text[1:] in fields)


def _check_campaign(node: Node, draft: Draft) -> None:
    check_literal(node, "campaignName", draft)
    if isinstance(node.content, str) and blank(node.text):
        draft.add(node.place, "'campaignName' is empty; write the campaign's name exactly as in AiSensy")


def _check_destination(node: Node, draft: Draft) -> None:
    text = node.text.strip()
    name = text.removeprefix("$")
    if text.startswith("$") and name in draft.fields:
        draft.used.add(name)
    elif re.fullmatch(r"\$\w+", text):
        draft.no_field(node.place, text, name)
    elif re.fullmatch(r"\+[\d ()-]+", text):
        _check_number(text, node, draft)
    elif isinstance(node.content, str):
        cure = "write the $name of the field that holds the phone number, alone, or one number with + and country code"
        draft.add(node.place, f"'destination' is no phone number; {cure}")


def _check_number(text: str, node: Node, draft: Draft) -> None:
    number = phone.read(text)
    if not number.e164:
        cure = "write a mobile number in full, with + and country code"
        draft.add(node.place, f"the number in 'destination' {number.reason}; {cure}")


def _check_params(node: Node, draft: Draft) -> None:
    for number, item in enumerate(node.items, 1):
        check_text(item, draft)
        if item.text in _NULLS and not item.quoted:
            cure = "write its text, or take the line out"
            draft.add(item.place, f"parameter {number} would say '{item.text}', word for word; {cure}")
        if isinstance(item.content, str) and blank(item.text):
            draft.add(item.place, f"parameter {number} is empty, which WhatsApp refuses; write its text")
        if item.text.endswith(",") and not item.quoted:
            cure = "take it out, or put quotes around the text if it is meant"
            draft.warn(item.place, f"the comma at the end of parameter {number} is sent too; {cure}")
        if len(item.text) > MAX_PARAMETER:
            sentence = f"parameter {number} is longer than the 1,024 characters WhatsApp takes; make it shorter"
            draft.add(item.place, sentence)


def _check_media(node: Node, draft: Draft) -> None:
    url, filename = node.table.get("url", NOTHING), node.table.get("filename", NOTHING)
    check_literal(url, "media.url", draft)
    check_text(filename, draft)
    if isinstance(url.content, str) and not _is_https(url.text):
        draft.add(url.place, "'url' wants the public address of the file, starting with https://")
    if filename.content == "":
        draft.add(filename.place, "'filename' is empty; write the name that the person is to see")


def _is_https(url: str) -> bool:
    try:
        return url.startswith("https://") and bool(urlsplit(url).hostname) and not re.search(r"\s", url)
    except ValueError:
        return False


def _check_tags(node: Node, draft: Draft) -> None:
    for item in node.items:
        check_text(item.table.get("tag", item), draft)
        if "when" in item.table:
            build_when(item.table["when"], draft)


def _check_attributes(node: Node, draft: Draft) -> None:
    for child in node.table.values():
        check_text(child, draft)


def _check_buttons(node: Node, draft: Draft) -> None:
    if node.items and draft.settings.version == "v1":
        draft.add(node.key, "'buttons' need the setting AISENSY_VERSION=v2; set it, or take them out")
    for item in node.items:
        check_text(item, draft)
        if item.content == "":
            draft.add(item.place, "this button's text is empty; write the end of its address")


_CHECKS: dict[str, Callable[[Node, Draft], None]] = {
    "campaignName": _check_campaign,
    "destination": _check_destination,
    "userName": check_text,
    "source": check_text,
    "templateParams": _check_params,
    "media": _check_media,
    "tags": _check_tags,
    "tags_only": _check_tags,
    "attributes": _check_attributes,
    "buttons": _check_buttons,
}


#: The keys of a call.
CALL_KEYS = frozenset(_CHECKS)


def check_whole(call: Node, defaults: Node, draft: Draft) -> None:
    """Note what a rule's call lacks, and what it says twice over."""
    if not isinstance(call.content, dict):
        return  # Its shape is wrong, which is noted already.
    for key in ("campaignName", "destination"):
        slips = [other for other in (*call.table, *defaults.table) if other not in _CHECKS and nearest(other, (key,))]
        if not slips and key not in call.table and key not in defaults.table:
            draft.add(call.key, f"this call has no '{key}'; write it here or under 'defaults'")
    check_tags(call, draft)


def check_tags(call: Node, draft: Draft) -> None:
    if "tags" in call.table and "tags_only" in call.table:
        sentence = "'tags' add to those of 'defaults' and 'tags_only' replace them; write only one of the two"
        draft.add(call.table["tags_only"].key, sentence)


def merged(call: Node, base: Node) -> Node:
    """A call over what it starts from: tags add to its tags, attributes merge, other keys replace."""
    own, first = call.table, base.table
    tags = [*_items("tags", first), *_items("tags", own)]
    attributes = {**_keys("attributes", first), **_keys("attributes", own)}
    table = {**first, **{key: node for key, node in own.items() if key in _CHECKS}}
    table["tags"] = own.get("tags_only") or replace(NOTHING, content=tags)
    table["attributes"] = replace(NOTHING, content=attributes)
    return replace(call, content={key: node for key, node in table.items() if key != "tags_only"})


def _items(key: str, table: Mapping[str, Node]) -> list[Node]:
    return table.get(key, NOTHING).items


def _keys(key: str, table: Mapping[str, Node]) -> dict[str, Node]:
    return table.get(key, NOTHING).table


def said_in(call: Node) -> list[Any]:
    """What the person would see of a call."""
    return [call.table[key].plain() if key in call.table else None for key in _SEEN]


def build_call(call: Node, quiet: Draft) -> Call:
    """A call as `merged` made it. `quiet`: a draft whose problems nobody reads, as all are noted before."""

    def key(name: str) -> Node:
        return call.table.get(name, NOTHING)

    return Call(
        campaign=said(key("campaignName")),
        destination=_destination(key("destination")),
        user_name=_optional(key("userName")),
        source=_optional(key("source")),
        params=_texts(key("templateParams")),
        media=_media(key("media")),
        tags=tuple(_tag(item, quiet) for item in key("tags").items),
        attributes={name: said(node) for name, node in key("attributes").table.items() if node.text},
        buttons=_texts(key("buttons")),
    )


def _destination(node: Node) -> Text:
    """As written, but a number in full without the spaces that people put into it."""
    text = node.text.strip()
    number = text if text.startswith("$") else re.sub(r"[ ()-]", "", text)
    return Text(number, node.place.line, node.place.column)


def _optional(node: Node) -> Text | None:
    return said(node) if node.text else None


def _texts(node: Node) -> tuple[Text, ...]:
    return tuple(said(item) for item in node.items)


def _media(node: Node) -> Media | None:
    table = node.table
    return Media(said(table["url"]), said(table["filename"])) if "url" in table and "filename" in table else None


def _tag(node: Node, quiet: Draft) -> Tag:
    when = build_when(node.table["when"], quiet) if "when" in node.table else None
    return Tag(said(node.table.get("tag", node)), when)
