"""`gateway keep`, for people of any name, number and way of writing: nobody real is left, and the plan is the same."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import quote, urlencode

from hypothesis import assume, given
from hypothesis import strategies as st
from test_keep import ENQUIRIES, ENQUIRY, FORM, enquiry, expected, kept, only_lead, written

from gateway import phone

LATIN = st.text("abcdefghijklmnopqrstuvwxyzéñöüçå", min_size=3, max_size=12)
HINDI = st.sampled_from(["आशा", "राव", "मीनाक्षी", "कृष्णमूर्ति", "शर्मा", "लक्ष्मी"])
OTHER = st.sampled_from(["Иван", "Ольга", "محمد", "فاطمة", "முருகன்", "લક્ષ્મી", "অনন্যা", "Ελένη", "김민수"])
CASES = st.sampled_from([str.lower, str.upper, str.title, str.capitalize])
WORD = st.builds(lambda word, case: case(word), LATIN, CASES) | HINDI | OTHER
NAME = st.builds(
    lambda title, parts, between: title + between.join(parts),
    st.sampled_from(["", "", "Dr. ", "Mrs ", "K. ", "श्री "]),
    st.lists(WORD, min_size=1, max_size=4),
    st.sampled_from([" ", "  ", "-", ". "]),
)
NUMBER = st.integers(6_000_000_000, 9_999_999_999).map(str).filter(lambda text: bool(phone.read(text, "IN").e164))
WRITTEN = st.sampled_from(
    ["{}", "+91{}", "+91 {}", "0{}", "91{}", "0091 {}", "+91-{}", "(+91) {}", "+91 (0) {}", "tel:+91{}", "wa.me/91{}"]
)
BROKEN_UP = st.sampled_from([(), (5,), (3, 6), (2, 4, 6, 8), (4, 7)])
FILLER = st.sampled_from(
    ["ring", "at", "six", "_", "//", "2 BHK", "why?", "\n", "😀", "50,00,000", "c/o", "&amp;", "100%"]
)


@st.composite
def people(draw: st.DrawFn) -> dict[str, str]:
    """What somebody types: a name, a number, an address, and a free text that tells of all of them again."""
    name, number = draw(NAME), draw(NUMBER)
    words = re.findall(r"[^\s.\-]+", name)
    told = [
        *(
            name,
            name.upper(),
            name.lower(),
            f"{words[0]},",
            f"'{words[-1].lower()}'",
            f"{words[0]}'s",
            f"I am {words[-1]}!",
        ),
        *(f"{words[0]}_{words[-1]}.pdf", quote(name), f"https://x.example/?n={quote(name)}", f"@{words[0].lower()}_99"),
        *("".join(words).lower(), f"{''.join(words[::-1]).lower()}7@mail.example"),
    ]
    told += [draw(WRITTEN).format(draw(st.just(_broken(number, draw(BROKEN_UP))))) for _ in range(2)]
    told += [number[-8:]]
    message = draw(st.lists(st.sampled_from(told) | FILLER, max_size=8).map(" ".join))
    return {
        "name": name,
        "phone": draw(WRITTEN).format(_broken(number, draw(BROKEN_UP))),
        "email": f"{words[-1].lower()}.{words[0].lower()}@mail.example",
        "message": message,
        "number": number,
    }


#: What the free texts say by themselves, titles, and small words that mean nobody outside of a name.
NO_NAMES = (
    "ring why mail example pdf adv capt col kumari madam miss prof shri sir smt sri and aur dari for from not the with"
)


def _broken(number: str, places: tuple[int, ...]) -> str:
    ends = (0, *places, len(number))
    return " ".join(number[start:end] for start, end in pairwise(ends))


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", text) is not None


@given(typed=people(), as_form=st.booleans())
def test_of_anybody_nothing_is_left_and_the_plan_is_the_same(typed: dict[str, str], as_form: bool) -> None:  # noqa: FBT001 - hypothesis fills it in
    number = typed["number"]
    words = [word.casefold() for word in re.findall(r"[^\s.\-]+", typed["name"]) if len(word) > 2]
    assume(not any(word in f"{ENQUIRY} {NO_NAMES}".casefold() for word in words))
    body = {name: text for name, text in typed.items() if name != "number"}
    event = enquiry(urlencode(body).encode(), kind=FORM) if as_form else enquiry(body)
    before = ENQUIRIES.plan(only_lead(event))
    assert before

    found = kept(event)

    (after,) = expected(found)["leads"]
    assert (after["rule"], after["reason"]) == (before.rule, before.reason)
    assert after["call"].keys() == before.call.keys()
    said = written(found).casefold()
    values = re.sub(r"&?\w+=", " ", said)
    assert not [word for word in words if _stands(word, values) and word not in ("mrs", "dr", "श्री")]
    assert number[-8:] not in re.sub(r"(?<=\d)[\s().+-]+(?=\d)", "", said)
    assert "mail.example" not in said
