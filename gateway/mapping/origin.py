"""Where each text of a call came from: answer, what was typed, filters, default, line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.mapping.wording import short
from gateway.model import Part, Word


def sentences(word: Word) -> Iterator[str]:
    """Where the fields of a text came from, or that nothing fills them; a sentence each."""
    if word.parts and (fallback := word.parts[-1]).defaulted and not fallback.field:
        yield no_name(fallback, word.parts[:-1])
        return
    yield from (_sentence(part) for part in word.parts if part.field)


def _sentence(part: Part) -> str:
    if part.defaulted or part.text:
        return f"'{short(part.text)}' is ${part.field}: {origin(part)}"
    cause = f": {origin(part)}" if part.answer else ""
    return f"${part.field} is empty{cause}"


def no_name(fallback: Part, parts: Sequence[Part]) -> str:
    """Why the word for people without a name stands in a call."""
    names = [f"${part.field}" for part in parts if part.field]
    cause = f"{' and '.join(names)} {'are' if names[1:] else 'is'} empty" if names else "no 'userName' is written"
    return f"'{fallback.text}' is the word for people without a name (GATEWAY_USERNAME_FALLBACK), because {cause}"


def default_cause(part: Part) -> str:
    """Why an answer that was there did not serve; "" when none was there."""
    if not part.answer:
        return ""
    if not part.typed:
        return f": the answer '{part.answer}' is empty"
    if not part.filters:
        return f": the answer '{part.answer}' says only '{short(part.typed)}'"
    word = part.filters[-1].partition(" ")[0]
    what = "does not list" if word == "values" else "could not read"
    return f": '{word}' {what} '{short(part.typed)}'"


def origin(part: Part) -> str:
    """Where a piece of a text came from: answer, filters, line."""
    if part.defaulted:
        return f"its default{default_cause(part)} (line {part.line})"
    filters = "".join(f" | {used}" for used in part.filters)
    return f"answer '{part.answer}', typed '{short(part.typed)}'{filters} (line {part.line})"
