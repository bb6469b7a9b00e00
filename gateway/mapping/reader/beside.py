"""The files beside the mappings, `contracts.yaml` and `limits.yaml`: text → tree."""

from __future__ import annotations

from gateway.mapping.reader.document import Node, decode, lines_of, read
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.traps import spring


def tree(text: str | bytes, problems: Problems) -> Node | None:
    """The tree of a file beside the mappings; None when it says nothing, or when YAML gives up on the way."""
    decoded = decode(text, problems)
    if decoded is None or all(not line.strip() or line.lstrip().startswith("#") for line in lines_of(decoded)):
        return None
    mended, trapped = spring(decoded, problems)
    beyond = Problems(problems.file)
    root = read(mended, beyond)
    # What else is wrong on the line of a trap may be the trap's own doing.
    problems.found += [each for each in beyond.found if each.line not in trapped]
    return root
