"""What the editor's forms send."""

from __future__ import annotations

import re

from flask import abort, request

from gateway.pipeline.writing import is_file_name

#: Signs of the longest text that is looked at.
LONGEST = 100_000


def typed_name() -> str:
    """The name of the file. Aborts where it can be none."""
    name = request.form.get("file", "").strip()
    if not is_file_name(name):
        abort(400, "A mapping's name has no folder and no dot in front, and ends in .yaml: website-offers.yaml.")
    return name


def typed_text() -> str:
    """The text. A form sends each line's end as two signs; files have one."""
    text = request.form.get("text", "")
    if len(text) > LONGEST:
        abort(413, "This text is longer than any mapping.")
    return re.sub(r"\r\n?", "\n", text)
