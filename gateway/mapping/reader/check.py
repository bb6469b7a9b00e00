"""Mapping files → mappings, or every problem that they have, each at its place with its cure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from functools import lru_cache

from gateway.mapping import contracts as lock
from gateway.mapping.reader.document import Node, decode, read
from gateway.mapping.reader.draft import Settings
from gateway.mapping.reader.problems import Place, Problems
from gateway.mapping.reader.rules import build
from gateway.mapping.reader.schema import check_shape
from gateway.mapping.reader.traps import spring
from gateway.mapping.rules import Mapping
from gateway.model import Contract, Problem

#: What a mapping answers for: its source and one form, or "" for every form that no file names.
Claim = tuple[str, str]

#: Longer files are not remembered, so that memory stays small.
_REMEMBERED = 60_000


def read_mapping(
    file: str, text: str | bytes, *, version: str = "v1", sources: Collection[str] = ()
) -> tuple[Mapping | None, list[Problem]]:
    """One file. None when any problem is more than a warning; the problems are in the order of their places.

    `file` is the name that problems bear; bytes are read as UTF-8. `version` is AISENSY_VERSION; `sources`
    are the names of the sources that there are, and without them any word may be one.
    """
    mapping, _, problems = _read(file, text, Settings(version, sources))
    return mapping, list(problems)


def read_mappings(
    texts: Table[str, str | bytes],
    *,
    version: str = "v1",
    sources: Collection[str] = (),
    contracts: Table[str, Contract] | None = None,
    known: Table[str, Contract] | None = None,
    consent: str = "",
) -> tuple[dict[str, Mapping], list[Problem]]:
    """All files by name: the good mappings, and the problems of every file and between them.

    When two files claim one form, neither is good: which was meant only a person can say. `contracts`: what
    campaigns want; None: the rules are not held against it. `known`: the campaigns to choose from, unless
    they are those of `contracts`. `consent`: the field that must say yes in every file.
    """
    settings = Settings(version, sources, known or contracts or {}, consent)
    good: dict[str, tuple[Mapping, dict[Claim, Place]]] = {}
    problems: list[Problem] = []
    for file, text in sorted(texts.items()):
        mapping, claims, found = _read(file, text, settings)
        problems += found
        if mapping and contracts is not None:
            found = list(lock.compare(file, mapping, contracts))
            problems += found
        if mapping and all(problem.warning for problem in found):
            good[file] = mapping, claims
    disputes = list(_disputes({file: claims for file, (_, claims) in good.items()}))
    disputed = {problem.file for problem in disputes}
    mappings = {file: mapping for file, (mapping, _) in good.items() if file not in disputed}
    return mappings, sorted({*problems, *disputes})


def choose(mappings: Iterable[Mapping], source: str, form: str) -> Mapping | None:
    """The mapping whose file names the form, else the one of last resort for its source."""
    last_resort = None
    for mapping in mappings:
        if mapping.source == source and form in mapping.forms:
            return mapping
        if mapping.source == source and not mapping.forms:
            last_resort = mapping
    return last_resort


def _read(
    file: str, text: str | bytes, settings: Settings
) -> tuple[Mapping | None, dict[Claim, Place], Sequence[Problem]]:
    if len(text) > _REMEMBERED:
        return _read_anew(file, text, settings)
    known = tuple(settings.contracts.items())
    return _read_once(file, text, settings.version, tuple(settings.sources), known, settings.consent)


@lru_cache(maxsize=128)
def _read_once(
    file: str,
    text: str | bytes,
    version: str,
    sources: tuple[str, ...],
    known: tuple[tuple[str, Contract], ...],
    consent: str,
) -> tuple[Mapping | None, dict[Claim, Place], Sequence[Problem]]:
    """The same files are read again and again: while one of them is written, and whenever one is published."""
    return _read_anew(file, text, Settings(version, sources, dict(known), consent))


def _read_anew(
    file: str, text: str | bytes, settings: Settings
) -> tuple[Mapping | None, dict[Claim, Place], Sequence[Problem]]:
    problems = Problems(file)
    decoded = decode(text, problems)
    if decoded is None:
        return None, {}, problems.in_order()
    mended, trapped = spring(decoded, problems)
    beyond = Problems(file)
    root = read(mended, beyond)
    mapping = _checked(file, root, settings, beyond) if root else None
    # What else is wrong on the line of a trap may be the trap's own doing, and so may a warning anywhere.
    problems.found += [each for each in beyond.found if each.line not in trapped and not (trapped and each.warning)]
    if mapping is None or root is None or problems.stops or beyond.stops:
        return None, {}, problems.in_order()
    return mapping, _claims(root), problems.in_order()


def _checked(file: str, root: Node, settings: Settings, problems: Problems) -> Mapping | None:
    if not root.table:
        problems.add(root.place, "a mapping is made of keys; it starts with 'source:', 'fields:' and 'rules:'")
        return None
    check_shape(root, problems)
    return build(file, root, settings, problems)


def _claims(root: Node) -> dict[Claim, Place]:
    source = root.table["source"]
    forms = root.table["form"].texts if "form" in root.table else []
    return {(source.text, form.text): form.place for form in forms} or {(source.text, ""): source.place}


def _disputes(files: Table[str, Table[Claim, Place]]) -> Iterator[Problem]:
    for file, claims in files.items():
        for claim, place in claims.items():
            others = [f"'{other}'" for other, theirs in files.items() if other != file and claim in theirs]
            if others:
                yield Problem(file, place.line, place.column, _dispute(claim, " and ".join(others)))


def _dispute(claim: Claim, others: str) -> str:
    source, form = claim
    if form:
        return f"form '{form}' stands in {others} too; keep it in one file"
    return f"without 'form' this file takes every other {source} lead, and so does {others}; name the forms in one"
