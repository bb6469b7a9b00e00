"""Saying: a call with its blanks filled, in AiSensy's shapes, as WhatsApp takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mapping.blanks import split
from gateway.mapping.call import Call, Media, Said, Tag, Text, say
from gateway.mapping.clean import LIMIT, blank, for_whatsapp
from gateway.mapping.fields import Candidate, Field, Found
from gateway.mapping.when import Test as Line
from gateway.model import Part, Value, Word

NUMBER = "+919876543210"


def text(template: str, line: int = 20) -> Text:
    return Text(template, line)


def found(name: str, value: Value = "", default: str = "", failure: str = "") -> Found:
    entry = Field(name, (Candidate(name),), default=default, is_phone=name == "phone", line=3)
    typed = value if isinstance(value, str) else ", ".join(value)
    return Found(entry, value, name if value else "", typed, line=4 if value else 0, failure=failure)


def said(fields: Mapping[str, Value | Found], **keys: Any) -> Said:
    """A call with `keys`, for a lead of whom these fields are known."""
    all_found = {name: each if isinstance(each, Found) else found(name, each) for name, each in fields.items()}
    all_found.setdefault("phone", found("phone", NUMBER))
    call = Call(**{"campaign": text("welcome"), "destination": text("$phone"), **keys})
    values = {name: each.value for name, each in all_found.items()}
    return say(call, all_found, values, fallback_name="there")


def param(template: str, fields: Mapping[str, Value | Found]) -> str:
    """The one parameter that a template gives; "" when the call must not be sent."""
    result = said(fields, params=(text(template),))
    return "" if result.mistakes else str(result.body["templateParams"][0])


def test_the_smallest_call() -> None:
    assert said({}).body == {
        "campaignName": "welcome",
        "destination": NUMBER,
        "userName": "there",
        "templateParams": [],
    }


@pytest.mark.parametrize("nothing", ["", " ", "\u200b"])
def test_a_call_without_a_campaign_is_a_mistake_and_still_has_the_key(nothing: str) -> None:
    result = said({}, campaign=text(nothing))

    assert result.mistakes == ("'campaignName' is empty",)
    assert result.body["campaignName"] == nothing


def test_the_fullest_call_has_exactly_aisensy_s_keys_and_shapes() -> None:
    fields: dict[str, Value | Found] = {"name": "Mira Sample", "city": "Pune", "code": "a b/7?"}
    result = said(
        fields,
        user_name=text("$name"),
        source=text("Website"),
        params=(text("$name"), text("in $city")),
        media=Media(text("https://cdn.example.com/goa.pdf"), text("Goa for $name.pdf")),
        tags=(Tag(text("website")), Tag(text("$city"))),
        attributes={"city": text("$city")},
        buttons=(text("visit/$code?x=1"), text("plain")),
    )

    assert result.mistakes == ()
    assert result.body == {
        "campaignName": "welcome",
        "destination": NUMBER,
        "userName": "Mira Sample",
        "source": "Website",
        "templateParams": ["Mira Sample", "in Pune"],
        "media": {"url": "https://cdn.example.com/goa.pdf", "filename": "Goa for Mira Sample.pdf"},
        "tags": ["website", "Pune"],
        "attributes": {"city": "Pune"},
        "buttons": [
            {
                "type": "button",
                "sub_type": "url",
                "index": 0,
                "parameters": [{"type": "text", "text": "visit/a%20b%2F7%3F?x=1"}],
            },
            {"type": "button", "sub_type": "url", "index": 1, "parameters": [{"type": "text", "text": "plain"}]},
        ],
    }
    assert list(result.body) == [
        "campaignName", "destination", "userName", "source", "templateParams", "media", "tags", "attributes", "buttons"
    ]  # fmt: skip


def test_every_text_of_the_call_is_a_word_that_says_where_it_comes_from() -> None:
    city = Found(Field("city", (Candidate("city"),)), "Pune", "town", "pune", ("title",), line=5)
    result = said({"city": city}, params=(text("in $city!", 21),), tags=(Tag(text("$city", 15)),))

    assert [word.place for word in result.words] == [
        "campaignName", "destination", "userName", "templateParams[0]", "tags[0]"
    ]  # fmt: skip
    assert result.words[3] == Word(
        "templateParams[0]",
        "in Pune!",
        (Part("in "), Part("Pune", "city", "town", "pune", ("title",), 5), Part("!")),
        21,
    )


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("$first_name", ["$first_name"]),
        ("_$first_name_", ["_", "$first_name", "_"]),
        ("$first", ["$first"]),
        ("$first_", ["$first", "_"]),
        ("$5 and $Name, $", ["$5 and $Name, $"]),
        ("$$first$first", ["$", "$first", "$first"]),
        ("", []),
    ],
)
def test_the_longest_field_name_after_a_dollar_is_a_blank_and_other_dollars_are_dollars(
    template: str, texts: list[str]
) -> None:
    assert [piece for piece, _ in split(template, frozenset({"first", "first_name"}))] == texts


def test_without_fields_every_dollar_is_a_dollar() -> None:
    assert split("$name", frozenset()) == (("$name", ""),)


def test_a_multi_select_is_joined_in_a_text() -> None:
    assert param("in $areas", {"areas": ("Assagao", "Siolim")}) == "in Assagao, Siolim"


def test_texts_see_the_default_but_tags_and_attributes_see_the_answer_alone() -> None:
    fields: dict[str, Value | Found] = {"city": found("city", default="Goa")}
    result = said(
        fields,
        user_name=text("$city"),
        source=text("$city"),
        params=(text("$city"),),
        media=Media(text("https://cdn.example.com/a.pdf"), text("$city.pdf")),
        tags=(Tag(text("$city")), Tag(text("from $city"))),
        attributes={"city": text("$city")},
        buttons=(text("$city"),),
    )

    assert (result.body["userName"], result.body["source"], result.body["templateParams"]) == ("Goa", "Goa", ["Goa"])
    assert result.body["media"]["filename"] == "Goa.pdf"
    assert result.body["buttons"][0]["parameters"][0]["text"] == "Goa"
    assert not {"tags", "attributes"} & set(result.body)
    assert result.words[2].parts == (Part("Goa", "city", line=3, defaulted=True),)


def test_an_empty_parameter_must_not_be_sent() -> None:
    result = said({"name": "Mira", "city": ""}, params=(text("$name"), text("in $city")))

    assert result.mistakes == ("parameter 2 ($city) is empty: no answer 'city' and no default",)


def test_an_empty_parameter_names_why_an_answer_did_not_serve() -> None:
    city = found("city", failure="the answer 'city' says 'x', of which 'digits' leaves nothing")

    assert said({"city": city}, params=(text("$city"),)).mistakes == (
        "parameter 1 ($city) is empty: the answer 'city' says 'x', of which 'digits' leaves nothing; it has no default",
    )


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u2060", "•"])
def test_a_parameter_that_shows_nothing_is_empty(nothing: str) -> None:
    assert said({}, params=(text(nothing),)).mistakes == ("parameter 1 is empty",)
    assert said({"city": nothing}, params=(text("$city"),)).mistakes


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ({"media": Media(text("https://a.example/b"), text("$city.pdf"))}, "'media.filename' ($city) is empty: "),
        ({"buttons": (text("v/1"), text("v/$city"))}, "button 2 ($city) is empty: "),
    ],
)
def test_file_names_and_buttons_must_not_have_empty_blanks_either(keys: dict[str, Any], mistake: str) -> None:
    assert said({"city": ""}, **keys).mistakes == (f"{mistake}no answer 'city' and no default",)


def test_a_multi_select_makes_one_tag_of_each_choice() -> None:
    result = said({"areas": ("Assagao", "Siolim")}, tags=(Tag(text("goa")), Tag(text("area-$areas"))))

    assert result.body["tags"] == ["goa", "area-Assagao", "area-Siolim"]


def test_tags_and_attributes_with_an_empty_blank_are_left_out() -> None:
    result = said(
        {"city": ""},
        tags=(Tag(text("city-$city")), Tag(text("hot")), Tag(text(""))),
        attributes={"city": text("in $city"), "kind": text("villa"), "none": text("")},
    )

    assert (result.body["tags"], result.body["attributes"]) == (["hot"], {"kind": "villa"})
    assert [word.place for word in result.words][-2:] == ["tags[0]", "attributes.kind"]


def test_a_tag_stands_once() -> None:
    assert said({"a": "hot"}, tags=(Tag(text("hot")), Tag(text("$a")))).body["tags"] == ["hot"]


def test_a_tag_may_have_its_own_when() -> None:
    tags = (
        Tag(text("metro"), Line("city", "is", ("Mumbai",), 8)),
        Tag(text("coast"), Line("city", "is", ("goa",), 9)),
        Tag(text("big"), Line("city", "matches", ("(",), 10)),
    )
    result = said({"city": "Goa"}, tags=tags)

    assert result.body["tags"] == ["coast"]
    assert result.warnings == ("city cannot be held against '(', which is no pattern (line 10)",)


@pytest.mark.parametrize("template", ["$name", "$name $surname", "", None])
def test_a_person_without_a_name_gets_the_fallback(template: str | None) -> None:
    user_name = None if template is None else text(template, 9)
    result = said({"name": " ", "surname": ""}, user_name=user_name)

    assert result.body["userName"] == "there"
    assert result.words[2].parts[-1] == Part("there", defaulted=True)


def test_a_name_that_is_half_known_is_said_half() -> None:
    assert said({"name": "Mira", "surname": ""}, user_name=text("$name $surname")).body["userName"] == "Mira"


def test_a_destination_without_a_number_says_where_it_looked() -> None:
    entry = Field("phone", (Candidate("whatsapp_number"), Candidate("phone_number")), is_phone=True)

    assert said({"phone": Found(entry)}).mistakes == (
        "no phone number in the answers 'whatsapp_number', 'phone_number'",
    )


def test_a_destination_with_an_unsure_number_says_why() -> None:
    assert said({"phone": found("phone", failure="'phone' is a fixed line")}).mistakes == (
        "no usable phone number: 'phone' is a fixed line",
    )


def test_a_destination_may_be_a_number_written_out() -> None:
    result = said({}, destination=text("+91 98765 43210"))

    assert (result.body["destination"], result.mistakes) == (NUMBER, ())


def test_a_destination_written_out_without_a_country_is_not_sent() -> None:
    assert said({}, destination=text("98765 43210")).mistakes == (
        "no usable phone number: 'destination' has no country code and no country is set",
    )


@pytest.mark.parametrize(
    ("typed", "clean_text"),
    [
        ("Mira\nSample", "Mira, Sample"),
        ("Mira,\r\n\r\nSample", "Mira, Sample"),
        ("What?\nNow", "What? Now"),
        ("• one\n• two\t three", "one, two, three"),
        ("  too     wide\u00a0\u3000here ", "too wide here"),
        ("a\x00b\x07c\u200bd\u2060e\ufefff\u202eg", "abcdefg"),
        ("cafe\u0301", "café"),
        ("₹5,00,000 👩‍👩‍👧 👍🏽 ½", "₹5,00,000 👩‍👩‍👧 👍🏽 ½"),
        ("क्‍ष अवन् नि‌भ അവന്‍ ഇവിടെ", "क्‍ष अवन् नि‌भ അവന്‍ ഇവിടെ"),
        ("می‌خواهم", "می‌خواهم"),
        ("a\u200db \u200c c\u200d", "ab c"),
        ("مرحبا", "مرحبا"),
        ("\ud800x", "x"),
    ],
)
def test_a_text_becomes_one_line_with_nothing_invisible_in_it(typed: str, clean_text: str) -> None:
    assert param("$x", {"x": typed}) == clean_text
    assert for_whatsapp([clean_text]) == [clean_text]


def test_a_line_break_between_two_blanks_becomes_one_comma() -> None:
    assert param("$a\n$b", {"a": "Mira\n", "b": "\nSample"}) == "Mira, Sample"


@pytest.mark.parametrize(
    ("typed", "said_text"),
    [
        ("$FirstName", "＄FirstName"),
        ("$नाम", "＄नाम"),
        ("$_x", "＄_x"),
        ("$500", "$500"),
        ("US$ x", "US$ x"),
        ("$", "$"),
    ],
)
def test_a_leading_dollar_before_a_letter_becomes_one_that_is_no_variable(typed: str, said_text: str) -> None:
    result = said({"x": typed}, user_name=text("$x"), params=(text("$x"),), tags=(Tag(text("$x")),))

    assert result.body["userName"] == result.body["templateParams"][0] == result.body["tags"][0] == said_text


def test_a_dollar_of_ours_before_a_text_of_theirs_is_no_variable_either() -> None:
    assert param("$$x", {"x": "FirstName"}) == "＄FirstName"


@pytest.mark.parametrize(
    "keys",
    [
        {"params": (text("$x"),)},
        {"user_name": text("$x")},
        {"tags": (Tag(text("$x")),)},
        {"attributes": {"a": text("$x")}},
        {"media": Media(text("https://a.example/b"), text("$x"))},
    ],
)
def test_a_placeholder_inside_a_text_blocks_the_call(keys: dict[str, Any]) -> None:
    [mistake] = said({"x": "Hi {{first_name}}"}, **keys).mistakes

    assert mistake.endswith("still holds a placeholder: 'Hi {{first_name}}'")


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    result = param("Hi $x, see you", {"x": "long " * 1000})

    assert (len(result), result[:8], result[-5:]) == (LIMIT - 1, "Hi long ", "long…")


def test_a_cut_never_splits_a_letter_from_its_marks() -> None:
    assert for_whatsapp(["कि" * 10], 6) == ["किकि…"]
    assert for_whatsapp(["ab👍🏽cd"], 4) == ["ab…"]
    assert for_whatsapp(["a", "👩‍👩‍👧"], 4) == ["a", "…"]
    assert for_whatsapp(["abc", "def"], 3) == ["ab…", ""]


def test_an_address_is_blocked_rather_than_cut() -> None:
    assert said({"x": "a" * 2000}, buttons=(text("v/$x"),)).mistakes == ("button 1 is longer than 1,024 characters",)


def test_what_a_marketer_encoded_stays_and_what_a_lead_types_cannot_leave_its_place() -> None:
    result = said({"x": "../admin?a=1&b"}, buttons=(text("go/%20/$x/é"),))

    assert result.body["buttons"][0]["parameters"][0]["text"] == "go/%20/..%2Fadmin%3Fa%3D1%26b/%C3%A9"


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=5), st.integers(1, 40))
def test_cleaning_is_final_and_keeps_every_share(pieces: list[str], limit: int) -> None:
    cleaned = for_whatsapp(pieces, limit)
    whole = "".join(cleaned)

    assert len(cleaned) == len(pieces)
    assert len(whole) <= limit
    assert whole == " ".join(whole.split()) or "…" in whole
    assert not any(ord(character) < 32 or "\ud800" <= character <= "\udfff" for character in whole)
    if len(pieces) == 1 and "…" not in whole:
        assert blank(pieces[0]) == (whole == "")
        assert "".join(for_whatsapp([whole], limit)) == whole
