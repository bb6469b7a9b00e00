"""How a page is answered."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException

from gateway import __version__
from gateway.console import here

_FOLDER = Path(__file__).parent / "static"

#: What an error is called, in plain words.
_TITLES = {
    400: "This cannot be read",
    403: "Nothing was done",
    404: "There is no such page",
    405: "This cannot be done here",
    413: "This is too large",
    429: "Too many tries",
    500: "Something broke",
    503: "One moment",
}

#: What an error says that has no sentence of its own.
_SENTENCES = {
    400: "The browser sent what cannot be understood. Load the page again, and try once more.",
    404: "The address is wrong, or what was there is gone.",
    405: "Load the page again, and try once more.",
    413: "No text on these pages may be so long.",
}

BROKEN = "That is a mistake in the gateway, not yours; the log says more. Leads go on coming in."


def render(template: str, **values: Any) -> str:
    """A whole page. Every template may ask who is there."""
    return render_template(f"console/{template}", here=here, version=__version__, **values)


def poll(template: str, **values: Any) -> Response:
    """A part of a page that the browser asks for again and again: 304 while it stays the same."""
    answer = make_response(render(template, **values))
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def wants_part() -> bool:
    """Whether the browser only asks for a part of a page anew (see `data-poll` in console.js)."""
    return request.headers.get("X-Part") == "1"


def refuse(error: HTTPException) -> Response | tuple[str, int] | HTTPException:
    """An error as a page, in a sentence."""
    if error.code is None or error.response is not None or error.code < 400:  # noqa: PLR2004 - a redirect is no error
        return error
    title = _TITLES.get(error.code, error.name)
    return render("sentence.html", title=title, sentence=_sentence(error)), error.code


def _sentence(error: HTTPException) -> str:
    code = error.code or 500
    if error.description != type(error).description:
        return error.description or ""
    return BROKEN if code >= 500 else _SENTENCES.get(code, error.name)  # noqa: PLR2004 - from here on it is ours


class Static:
    """Styles and scripts: kept by the browser for a year, as their address changes with them."""

    @staticmethod
    @cache
    def url(name: str) -> str:
        mark = hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]
        return url_for("console.static", name=name, v=mark)

    @staticmethod
    def answer(name: str) -> Response:
        answer = send_from_directory(_FOLDER, name, max_age=365 * 24 * 3600)
        answer.cache_control.public = True
        answer.cache_control.immutable = True
        return answer
