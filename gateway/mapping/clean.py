"""Texts as WhatsApp takes them: one line, nothing invisible in it, never too long.

WhatsApp drops a whole message for a line break, a tab or a run of spaces inside one parameter. The same
cleaning serves every text of a call, so that there is one rule to know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: The longest text of a call, in characters: WhatsApp's limit for a whole message body.
LIMIT = 1024

_ELLIPSIS = "…"
_JOINERS = "\u200c\u200d"
_BREAKS = "\t\n\v\f\r\x85\u2028\u2029•‣◦⁃∙●▪"
#: Ranges of a character class: controls, lone surrogates, direction marks, fillers. Not the two joiners.
INVISIBLE = (
    "\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
_VIRAMA = 9  # The combining class of the signs that silence a vowel.
_VIRAMAS = "".join(filter(lambda sign: unicodedata.combining(sign) == _VIRAMA, map(chr, range(0x900, 0xE00))))

_UNSEEN = re.compile(f"[{INVISIBLE}]")
_BREAK = re.compile(f"[{_BREAKS}]")
_SPACE = re.compile(r"[^\S\n]")
_RUN = re.compile(r"[ \n]+|[^ \n]+")
_DIRTY = re.compile(f"[{INVISIBLE}{_BREAKS}{_JOINERS}]|[^\\S ]|  |^ | $")
_SEEN = re.compile(f"[^\\s{INVISIBLE}{_BREAKS}{_JOINERS}]")
#: A joiner shapes a word or an emoji only after a virama or between two characters beyond ASCII.
_STRAY_JOINER = re.compile(
    f"(?<![{_VIRAMAS}])[{_JOINERS}](?![^\\x00-\\x7f\\s{_JOINERS}])|(?<![^\\x00-\\x7f\\s{_JOINERS}])[{_JOINERS}]"
)
_VARIABLE = re.compile(r"\$[^\W\d]")
#: After these a line break becomes a space, after anything else ", ".
_PAUSES = ",;:.!?…-–—|/"


def blank(text: str) -> bool:
    """Whether nothing can be seen in `text`.

    >>> blank(" \\u200b\\n"), blank(" . ")
    (True, False)
    """
    return not ("!" <= text[:1] <= "~" or _SEEN.search(text))


def for_whatsapp(pieces: Sequence[str], limit: int = LIMIT) -> list[str]:
    """Clean the text that `pieces` join to; each piece keeps its own share of it.

    Line breaks, tabs and bullets become ", "; invisible characters go; runs of spaces become one; ends are
    trimmed; more than `limit` characters end in "…". A `$` before a letter at the very start becomes the
    full-width "＄": AiSensy might read it as a variable, and an invisible character in between might be dropped.

    >>> for_whatsapp(["Hi  ", "Mira\\n", ""])
    ['Hi ', 'Mira', '']
    >>> for_whatsapp(["$FirstName"])
    ['＄FirstName']
    """
    whole = "".join(pieces)
    if len(whole) <= limit and whole[:1] != "$" and _is_tidy(whole):
        return list(pieces)
    tidy = list(pieces) if _is_tidy(whole) else _tidied(pieces)
    return _neutral(_cut(tidy, limit))


def _is_tidy(text: str) -> bool:
    if text.isascii():
        return text.isprintable() and "  " not in text and text == text.strip(" ")
    return not _DIRTY.search(text) and unicodedata.is_normalized("NFC", text)


def _plain(text: str) -> str:
    """Only characters that are seen, " " and "\\n"; composed (NFC), so that ₹, emoji and scripts survive."""
    text = _SPACE.sub(" ", _BREAK.sub("\n", _UNSEEN.sub("", text)))
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", text))


def _tidied(pieces: Sequence[str]) -> list[str]:
    done = [""] * len(pieces)
    last, gap, gap_at = "", "", 0
    for at, piece in enumerate(pieces):
        for run in _RUN.findall(_plain(piece)):
            if run[0] in " \n":
                gap, gap_at = gap + run, at
                continue
            if last and gap:
                done[gap_at] += ", " if "\n" in gap and last not in _PAUSES else " "
            done[at] += run
            last, gap = run[-1], ""
    return done


def _cut(pieces: list[str], limit: int) -> list[str]:
    if sum(map(len, pieces)) <= limit:
        return pieces
    room = limit - len(_ELLIPSIS)
    for at, piece in enumerate(pieces):
        if len(piece) > room:
            return [*pieces[:at], _head(piece, room) + _ELLIPSIS, *[""] * (len(pieces) - at - 1)]
        room -= len(piece)
    return pieces


def _head(text: str, length: int) -> str:
    """The start of `text`, not ending inside a letter with marks or a composed emoji."""
    while length and (_leans(text[length]) or text[length - 1] in _JOINERS):
        length -= 1
    return text[:length].rstrip()


def _leans(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character)[0] == "M" or "🏻" <= character <= "🏿"


def _neutral(pieces: list[str]) -> list[str]:
    if not _VARIABLE.match("".join(pieces)):
        return pieces
    first = next(at for at, piece in enumerate(pieces) if piece)
    return [*pieces[:first], "＄" + pieces[first][1:], *pieces[first + 1 :]]
