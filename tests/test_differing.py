"""The pure comparison of two mappings, held against planning each lead twice."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from changes import CHANGED_KINDS, KINDS, OTHER_DEFAULT, WITH_DEFAULT
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Answer, Lead, PlanKind
from gateway.pipeline.differing import Change, Kind, of_lead, sharing
from gateway.pipeline.planning import Live
from gateway.settings import Settings

SETTINGS = Settings.load({}, None)
VARIANTS = (
    KINDS,
    CHANGED_KINDS,
    WITH_DEFAULT,
    OTHER_DEFAULT,
    WITH_DEFAULT.replace("from: city\n", "from: town\n"),
    KINDS.replace("form: other", "form: another"),
    KINDS.replace("- $city\n", "- tag: $city\n          when:\n            name: Mira\n"),
)
WORDS = st.sampled_from(["", " ", "Goa", "Delhi", "Pune", "Surat", "our city", "your city", "{{city}}", "Mira"])
LEADS = st.builds(
    lambda form, answers: Lead(
        "website",
        form,
        datetime(2026, 11, 20, 15, 30, tzinfo=UTC),
        answers=tuple(Answer((name,), text) for name, text in answers.items()),
    ),
    st.sampled_from(["other", "another"]),
    st.fixed_dictionaries(
        {"phone": st.sampled_from(["+12025550143", "12345", ""])},
        optional={"name": WORDS, "city": WORDS, "town": WORDS, "city!": WORDS},
    ),
)
DEFAULTS = st.sampled_from(["our city", "your city", "a city", "Goa", "Pune"])


@lru_cache
def live(text: str) -> Live:
    return Live.of(1, {"other.yaml": text}, SETTINGS)


def call(lead: Lead, text: str) -> dict[str, Any]:
    """What is sent under a mapping; {} when nothing is."""
    made = live(text).plan(lead)
    return dict(made.call) if made and made.kind is PlanKind.CALL else {}


def kind(change: Change | None) -> Kind | None:
    """How the calls differ; None also when there is none on either side."""
    return None if change is None or change.kind is Kind.REASON else change.kind


@given(st.lists(LEADS, max_size=6), DEFAULTS, DEFAULTS)
def test_a_changed_default_touches_exactly_the_leads_whose_calls_differ(leads: list[Lead], old: str, new: str) -> None:
    before, after = (WITH_DEFAULT.replace("our city", default) for default in (old, new))

    found = [of_lead(lead, live(before), live(after)) for lead in leads]

    assert [kind(change) for change in found] == [
        Kind.TEXT if call(lead, before) != call(lead, after) else None for lead in leads
    ]
    for change in filter(None, found):
        assert [(place.name, place.before, place.after) for place in change.places] == [("templateParams[1]", old, new)]


def _expected(old: dict[str, Any], new: dict[str, Any]) -> Kind | None:
    if old == new:
        return None
    if not (old and new):
        return Kind.SOMETHING if new else Kind.NOTHING
    return Kind.TEXT if old["campaignName"] == new["campaignName"] else Kind.CAMPAIGN


@given(LEADS, st.sampled_from(VARIANTS), st.sampled_from(VARIANTS))
def test_any_change_is_of_the_kind_that_planning_the_lead_twice_says(lead: Lead, before: str, after: str) -> None:
    change = of_lead(lead, live(before), live(after))

    assert kind(change) == _expected(call(lead, before), call(lead, after))
    assert change is None or change.kind is Kind.REASON or change.places


def test_an_unchanged_mapping_is_shared_so_that_its_leads_need_no_planning() -> None:
    before, same, other = (Live.of(1, {"other.yaml": text}, SETTINGS) for text in (KINDS, KINDS, CHANGED_KINDS))

    assert sharing(before, same).mappings[0] is before.mappings[0]
    assert sharing(before, other).mappings == other.mappings
