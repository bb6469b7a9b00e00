"""Writing a mapping file: whole or not at all, and under a name that is one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gateway.errors import GatewayError
from gateway.mapping.reader import jsonschema

#: Of a file's name, in bytes; systems take 255, and what is written aside has a longer one.
_LONGEST = 200


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it; its mode and owner stay as they were."""
    path = path.resolve()
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")  # not *.yaml: it is no mapping
    try:
        aside.write_text(text, encoding="utf-8", newline="\n")
        if path.exists():
            aside.chmod(path.stat().st_mode & 0o7777)
            with suppress(PermissionError):  # root alone may: what root writes must stay the gateway's own
                os.chown(aside, path.stat().st_uid, path.stat().st_gid)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise GatewayError(f"{path} cannot be written: {error.strerror}.") from None


def lay_schema(folder: Path) -> None:
    """Put the schema that a new mapping's first line names beside it; nothing depends on it but other editors."""
    schema = folder / jsonschema.FILE
    if not schema.exists():
        with suppress(OSError):
            schema.write_text(jsonschema.as_text(), encoding="utf-8")


def is_file_name(name: str) -> bool:
    """Whether a mapping may be called so, in any script.

    >>> [is_file_name(name) for name in ("website-offers.yaml", "हिंदी.yaml", "../x.yaml", ".x.yaml", "x.txt")]
    [True, True, False, False, False]
    """
    plain = name.isprintable() and not name.startswith((".", " ", "-")) and not {"/", "\\"} & set(name)
    return plain and name.endswith((".yaml", ".yml")) and len(name.encode("utf-8", "replace")) <= _LONGEST
