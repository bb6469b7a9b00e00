"""`<choose …>`: a place that waits for a person. A file with one never goes live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table

from gateway.mapping.contracts import words
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import Draft
from gateway.mapping.reader.problems import Place
from gateway.mapping.reader.texts import field_meant, names_in
from gateway.mapping.wording import listed

Path = tuple[str | int, ...]

_OPEN = re.compile(r"<choose\b[^<>]*>")
#: So many campaigns are named in one sentence.
_MOST = 5


def unfinished(content: bytes) -> bool:
    """Whether a mapping file still has a place that waits for a person: nobody takes it for a mistake.

    >>> unfinished(b"campaignName: <choose a campaign>"), unfinished(b"# fill in each <choose one> below")
    (True, False)
    """
    lines = content.decode("utf-8", "replace").splitlines()
    return any(_OPEN.search(line.partition("#")[0]) for line in lines)


def check_choices(root: Node, draft: Draft) -> None:
    """Note each open place with what may stand there, in place of all else that is wrong with it."""
    places = {node.place: _sentence(path, node, root, draft) for path, node in _open(root)}
    found = draft.problems.found
    found[:] = [problem for problem in found if Place(problem.line, problem.column) not in places]
    for place, sentence in places.items():
        draft.add(place, sentence)


def _open(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    if _OPEN.fullmatch(node.text.strip()):
        yield path, node
    inner: Table[str, Node] | Table[int, Node] = node.table or dict(enumerate(node.items))
    for step, child in inner.items():
        yield from _open(child, (*path, step))


def _sentence(path: Path, node: Node, root: Node, draft: Draft) -> str:
    if path[-2:-1] == ("templateParams",):
        return _parameter(int(path[-1]), root.at(path[:-1]), draft)
    if path[:1] == ("fields",) and len(path) > 1:
        return _answer(str(path[1]), draft)
    says = _SENTENCES.get(path[-2:])
    return says(draft) if says else f"choose what is to stand here, instead of '{node.text.strip()}'"


def _parameter(at: int, siblings: Node, draft: Draft) -> str:
    said = {field_meant(name, draft) for each in siblings.items for name in names_in(each.text)}
    free = ", ".join(f"${name}" for name in draft.fields if name not in draft.phones | said)
    return f"choose what {{{{{at + 1}}}}} says: {free or 'the $name of a field'}, another answer or words of your own"


def _answer(field: str, draft: Draft) -> str:
    what = "holds the phone number" if field in draft.phones else f"'{field}' is found in"
    return f"choose the answer that {what}: write its name as the form sends it"


def _campaign(draft: Draft) -> str:
    known = [f"{name} ({words(contract)})" for name, contract in sorted(draft.settings.contracts.items())]
    if not known:
        return "choose a campaign here: write its name exactly as in AiSensy"
    more = [f"{len(known) - _MOST} more"] if len(known) > _MOST else []
    return f"choose a campaign here; known are {listed([*known[:_MOST], *more], 'and', mark='')}"


_SENTENCES: dict[Path, Callable[[Draft], str]] = {
    ("country",): lambda _: "choose the country of numbers that come without one: two capitals, like IN or AE",
    ("call", "campaignName"): _campaign,
    ("defaults", "campaignName"): _campaign,
    ("media", "url"): lambda _: "choose the file to send: write its public address, starting with https://",
    ("media", "filename"): lambda _: "choose the file's name as the person is to see it",
}
