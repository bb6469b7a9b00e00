"""The files that stand above a template's text: whether anyone may fetch them, and WhatsApp takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from gateway.http import Answered, CallFailed, Http
from gateway.model import Media

_MB = 2**20

_OFFICE = "application/vnd.openxmlformats-officedocument."
_KINDS = {
    **dict.fromkeys(("image/jpeg", "image/png"), Media.IMAGE),
    **dict.fromkeys(("video/mp4", "video/3gpp"), Media.VIDEO),
    **dict.fromkeys(("application/pdf", "text/plain"), Media.DOCUMENT),
    **dict.fromkeys(
        ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"), Media.DOCUMENT
    ),
    f"{_OFFICE}wordprocessingml.document": Media.DOCUMENT,
    f"{_OFFICE}spreadsheetml.sheet": Media.DOCUMENT,
    f"{_OFFICE}presentationml.presentation": Media.DOCUMENT,
}
_FORMATS = {
    Media.IMAGE: "an image (JPEG, PNG)",
    Media.VIDEO: "a video (MP4, 3GPP)",
    Media.DOCUMENT: "a document (PDF, Word, Excel, PowerPoint, plain text)",
}
#: The most that WhatsApp takes, in MB.
_LIMITS = {Media.IMAGE: 5, Media.VIDEO: 16, Media.DOCUMENT: 100}

_PAGES = ("text/html", "application/xhtml+xml")
_NOT_PUBLIC = (401, 403, 407)
_GONE = (404, 410)
#: Characters of another server's words that are shown.
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a file, in one sentence with its cure."""

    sentence: str
    warning: bool = False


class Files:
    """The files that mappings name, each asked for once."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._answers: dict[str, Answered | str] = {}

    def judge(self, url: str, wanted: Media) -> Finding | None:
        """What keeps the file from being sent; None when nothing does. `wanted`: the kind that its campaign wants."""
        if url not in self._answers:
            self._answers[url] = self._asked(url)
        answered = self._answers[url]
        if isinstance(answered, str):
            cure = "write an address that everyone can open"
            return Finding(f"this file cannot be fetched: {answered}; {cure}")
        if sentence := _of_status(url, answered):
            return Finding(sentence)
        return _of_content(answered, wanted)

    def _asked(self, url: str) -> Answered | str:
        """What is answered, or why nothing is."""
        if "@" in urlsplit(url).netloc:
            return "its address holds a name or a password"
        try:
            return self._http.peek(url)
        except CallFailed as failed:
            return str(failed)


def _of_status(url: str, answered: Answered) -> str:
    status = answered.status
    if status == 200:  # noqa: PLR2004 - HTTP's own number
        return ""
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own range
        return _of_redirect(url, answered)
    if status in _NOT_PUBLIC:
        return f"this file is not public (its server answers {status}); let everyone open it, or store it elsewhere"
    if status in _GONE:
        return f"there is no file at this address (its server answers {status}); correct the address"
    return f"the server of this file answers {status}, not 200; try again, or store the file elsewhere"


def _of_redirect(url: str, answered: Answered) -> str:
    to = answered.headers.get("location", "")
    if not to:
        return f"this address answers {answered.status} and not with a file; write the address of the file itself"
    return f"this address only sends on to {_shown(_joined(url, to))}; write the address of the file itself"


def _joined(url: str, to: str) -> str:
    try:
        return urljoin(url, to)
    except ValueError:  # no address at all
        return to


def _shown(said: str) -> str:
    """Another server's words, without marks that a terminal would act on."""
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in said[:_SHOWN])


def _of_content(answered: Answered, wanted: Media) -> Finding | None:
    written = answered.headers.get("content-type", "").partition(";")[0].strip().lower()
    if written in _PAGES:
        cure = "a login or a preview perhaps; write the address of the file itself"
        return Finding(f"this is a web page ({written}) and no file, {cure}")
    kind = _KINDS.get(written)
    if kind is None:
        called = f"calls this file '{_shown(written)}'" if written else "does not say what this file is"
        cure = "change the file, or the Content-Type that its server sends"
        return Finding(f"the server {called}, and a template takes {_takes(wanted)}; {cure}")
    if wanted in _FORMATS and kind is not wanted:
        return Finding(
            f"the campaign wants {_FORMATS[wanted]}, and this file is {written}; write the address of another"
        )
    return _of_size(answered.headers.get("content-length", ""), kind)


def _takes(wanted: Media) -> str:
    kinds = list(_FORMATS.values())
    return _FORMATS.get(wanted) or f"{', '.join(kinds[:-1])} or {kinds[-1]}"


def _of_size(written: str, kind: Media) -> Finding | None:
    limit = f"WhatsApp takes {kind}s up to {_LIMITS[kind]} MB"
    if not re.fullmatch(r"[0-9]{1,18}", written):
        return Finding(f"the server does not say how large this file is; {limit}", warning=True)
    size = int(written)
    if size == 0:
        return Finding("this file is empty; store it anew")
    if size > _LIMITS[kind] * _MB:
        return Finding(f"this file has {size / _MB:,.1f} MB, and {limit}; make it smaller")
    return None
