"""When two names, two choices or two answers count as the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps

from gateway.mapping.clean import INVISIBLE

_UNSEEN = re.compile(f"[{INVISIBLE}\u200c\u200d\ufe00-\ufe0f]")
#: Signs that tell choices apart: "3+" is not "3", "< 1 crore" is not "> 1 crore".
_SIGNS = "<>≤≥+%"
#: Longer texts are not remembered, so that memory stays small whatever people type.
_REMEMBERED = 200


def _remember(function: Callable[[str], str]) -> Callable[[str], str]:
    cached = lru_cache(maxsize=4096)(function)

    @wraps(function)
    def remembered(text: str) -> str:
        return cached(text) if len(text) <= _REMEMBERED else function(text)

    return remembered


@_remember
def folded(text: str) -> str:
    """`text` for comparing: case, width, invisible characters and extra spaces do not count.

    >>> folded("  NAVI   Mumbai ")
    'navi mumbai'
    """
    flat = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", flat).split())


def _joined(text: str, signs: str) -> str:
    kept = (c if c in signs or unicodedata.category(c)[0] in "LMN" else " " for c in folded(text))
    return "_".join("".join(kept).split())


@_remember
def normal(name: str) -> str:
    """The name of an answer for comparing: all but letters, marks and digits counts as one "_".

    >>> normal("What is your budget?"), normal("1.3"), normal("13")
    ('what_is_your_budget', '1_3', '13')
    """
    return _joined(name, "")


@_remember
def choice(text: str) -> str:
    """A choice for comparing with the table of `values`: as `normal`, but signs count.

    >>> choice("50_lakh_-_1_crore") == choice("50 Lakh – 1 Crore")
    True
    >>> choice("3+ BHK") == choice("3 BHK")
    False
    """
    return _joined(text, _SIGNS)
