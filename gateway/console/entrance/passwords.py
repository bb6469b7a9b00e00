"""Passwords, as werkzeug hashes them (scrypt)."""

from __future__ import annotations

import threading
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

#: The fewest signs of a password. Length is what counts; no sign is asked for.
FEWEST, MOST = 10, 200

#: One at a time: each check takes 32 MB of memory for a moment.
_ONE = threading.Lock()


def fault(password: str, name: str) -> str:
    """What is wrong with a new password, in a sentence; "" for nothing."""
    if len(password) < FEWEST:
        return f"A password has {FEWEST} letters or more; three or four words are easy to keep."
    if len(password) > MOST:
        return f"A password has {MOST} letters at most."
    if password.casefold() == name.casefold() or len(set(password)) <= 2:  # noqa: PLR2004 - "aaaaaaaaaa"
        return "That password would be guessed at once; three or four words are easy to keep."
    return ""


def hashed(password: str) -> str:
    with _ONE:
        return generate_password_hash(password)


def is_right(password: str, known: str) -> bool:
    """`known`: the hash; "" where the name is not known. Takes the same time in both cases."""
    with _ONE:
        return check_password_hash(known or _nobody(), password[:MOST]) and bool(known)


@cache
def _nobody() -> str:
    """Checked where a name is not known, so that an answer takes as long as for a known one."""
    return generate_password_hash("nobody")
