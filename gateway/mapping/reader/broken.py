"""What YAML says when it gives up → a place and a sentence with a cure."""

from __future__ import annotations

from yaml import MarkedYAMLError, YAMLError

from gateway.mapping.reader.problems import START, Place

#: YAML's words, and whether what it was reading (True) or where it stopped (False) is the place to look at.
SENTENCES = (
    (
        "mapping values are not allowed",
        False,
        (
            "this ':' comes where no key may stand; line the key up with the keys around it, "
            "or put quotes around the text that the ':' belongs to"
        ),
    ),
    (
        "while scanning a quoted scalar",
        True,
        "the quote that opens here is never closed; write the same quote at the end of the text",
    ),
    (
        "found unknown escape character",
        False,
        "a backslash in double quotes has a meaning of its own; put the text in single quotes",
    ),
    (
        "while scanning a double-quoted scalar",
        True,
        "this text in double quotes cannot be read; put it in single quotes",
    ),
    (
        "while parsing a flow sequence",
        True,
        (
            "the list that opens here with '[' cannot be read to its end; close it with ']', "
            "or write each item on its own line after '- '"
        ),
    ),
    (
        "while parsing a flow mapping",
        True,
        "what opens here with '{' cannot be read to its end; close it with '}', or write each key on its own line",
    ),
    (
        "could not find expected ':'",
        True,
        "a key is wanted here, and a key ends with ':' and a space",
    ),
    (
        "but found '?'",
        False,
        (
            "this key stands further out than the list before it; line it up with the keys it belongs to, "
            "or write '- ' before it if it starts an item"
        ),
    ),
    (
        "but found '-'",
        False,
        "this '- ' stands where no list is; set it under the key it belongs to, two spaces further in",
    ),
    (
        "sequence entries are not allowed",
        False,
        "a '- ' cannot follow on this line; write each item on a line of its own",
    ),
    (
        "but found '<block mapping start>'",
        False,
        "the spaces before this line fit none of the lines above; line the key up with the keys it belongs to",
    ),
    (
        "but found '<block sequence start>'",
        False,
        "the spaces before this '- ' fit none of the lines above; line it up with the items of its list",
    ),
    (
        "but found '<scalar>'",
        False,
        "this text comes after the value has ended; put quotes around the whole value",
    ),
    (
        "expected '<document start>'",
        False,
        "this stands outside the mapping; take it out, or line it up with the keys it belongs to",
    ),
    (
        "unacceptable character",
        False,
        "this file holds a character that no text may hold; take it out",
    ),
)


def explain(error: YAMLError) -> tuple[Place, str]:
    """The place where a person should look, and what to tell them."""
    said = str(error)
    for words, at_start, sentence in SENTENCES:
        if words in said:
            return _place(error, at_start=at_start), sentence
    return _place(error, at_start=False), "this line cannot be read; put quotes around its text"


def _place(error: YAMLError, *, at_start: bool) -> Place:
    if not isinstance(error, MarkedYAMLError):
        return START
    mark = (at_start and error.context_mark) or error.problem_mark or error.context_mark
    return Place(mark.line + 1, mark.column + 1) if mark else START
