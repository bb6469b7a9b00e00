"""A sample made new: other ids and current times, every other byte as it was captured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def fresh_ids(ids: Iterable[str], nonce: str) -> dict[str, str]:
    """Each id and the new one that takes its place; all end in `nonce`.

    >>> fresh_ids(["tok1", "", "tok1"], "77")
    {'tok1': 'tok177'}
    """
    return {old: f"{old}{nonce}" for old in ids if old}


def rename(body: bytes, renamed: Mapping[str, str]) -> bytes:
    """Put the new ids where the old ones stand as whole words, in quotes or not.

    >>> rename(b'{"id": 12, "ids": "12", "other": 123}', {"12": "1277"})
    b'{"id": 1277, "ids": "1277", "other": 123}'
    """
    if not renamed:
        return body
    any_id = b"|".join(re.escape(old.encode()) for old in sorted(renamed, key=len, reverse=True))
    return re.sub(rb"(?<!\w)(?:%s)(?!\w)" % any_id, lambda found: renamed[found.group().decode()].encode(), body)


def retime(body: bytes, keys: Iterable[str], now: str) -> bytes:
    """Set the numbers and texts under these JSON keys to `now`.

    >>> retime(b'{"time":1,"submitted_at":"2026-10-05"}', ["time"], "17")
    b'{"time":17,"submitted_at":"2026-10-05"}'
    """
    any_key = "|".join(map(re.escape, keys)).encode()
    pattern = rb'("(?:%s)"\s*:\s*"?)[^",}\s]+' % any_key
    return re.sub(pattern, lambda found: found.group(1) + now.encode(), body)
