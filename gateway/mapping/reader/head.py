"""`source:`, `form:`, `country:` and `timezone:`: which leads a file is for."""

from __future__ import annotations

import re

from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft
from gateway.mapping.reader.problems import did_you_mean
from gateway.mapping.reader.recipient import wrong_country, wrong_timezone
from gateway.mapping.wording import listed

#: The word in the address that takes news of sent messages.
_RESERVED = "aisensy"
_SOURCE = re.compile(r"[a-z][a-z0-9_]*")


def check_head(draft: Draft) -> None:
    """Note what is wrong with the four."""
    source, country, timezone = (draft.table.get(key, NOTHING) for key in ("source", "country", "timezone"))
    if isinstance(source.content, str) and (sentence := _wrong_source(source.text, draft)):
        draft.add(source.place, sentence)
    if isinstance(country.content, str) and (sentence := wrong_country(country.text)):
        draft.add(country.place, sentence)
    if isinstance(timezone.content, str) and (sentence := wrong_timezone(timezone.text, country.text)):
        draft.add(timezone.place, sentence)
    _check_forms(draft.table.get("form", NOTHING).texts, draft)


def _wrong_source(source: str, draft: Draft) -> str:
    known = sorted(draft.settings.sources)
    if source == _RESERVED:
        return f"'{source}' is where the calls go, not where leads come from; write a source like facebook or website"
    if known and source not in known:
        cure = did_you_mean(source, known) or f"; there is {listed(known, 'and')}"
        return f"there is no source '{source}'{cure}"
    if not _SOURCE.fullmatch(source):
        cure = "write the word of its webhook's address, in small letters, like facebook or website"
        return f"'{source}' is no source; {cure}"
    return ""


def _check_forms(forms: list[Node], draft: Draft) -> None:
    seen: set[str] = set()
    for form in forms:
        if sentence := wrong_form(form.text):
            draft.add(form.place, sentence)
        elif form.text in seen:
            draft.add(form.place, f"form '{form.text}' stands here twice; keep one of them")
        seen.add(form.text)


def wrong_form(form: str) -> str:
    """Why a mapping cannot name this form, with the cure; "" when it can."""
    if not form.strip():
        return "this form's id is empty; write it, or take the line out"
    if form.strip() == "*":
        return "'*' is no form's id; to take every form that no other file names, leave 'form' out"
    if "/" in form:
        last = re.split(r"[?#]", form)[0].rstrip("/").rpartition("/")[2]
        cure = f"only the last word of the address, '{last}'" if last else "only the last word of the address"
        return f"a form's id has no '/'; write {cure}"
    if "," in form:
        return f"'{form}' is one id to this file; write each id on its own line after '- '"
    return ""
