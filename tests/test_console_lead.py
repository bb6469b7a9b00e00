"""The page of one lead: its story, its message word by word, and each of its buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import DESKTOP, PHONE, enter, violations, window
from consoling import Browser, said, sign_in
from harness import PERSON, Running, mapping, somebody, wait_for
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from gateway.model import Delivery
from gateway.store import suppressions

NUMBER = PERSON["phone"]
FOLLOWED = (
    mapping()
    + """    follow_ups:
      - after: 1 day
        unless: replied
        campaignName: goa_villas_reminder
"""
)

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store
NAUGHTY = "<script>alert(1)</script>"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what a browser shows is the same


def post(gateway: Running, form: str = "other", **answers: str) -> int:
    """Post a lead, and wait until it is read; its id."""
    event = gateway.post_website(form, **(PERSON | answers))
    [stored] = wait_for(lambda: gateway.leads(event))
    return stored.lead.id


def accepted(gateway: Running, text: str = "", **answers: str) -> int:
    """A lead whose message AiSensy took."""
    gateway.write_mapping("other.yaml", text or mapping())
    lead = post(gateway, **answers)
    wait_for(lambda: state(gateway, lead), lambda found: found[0] == "accepted")
    return lead


def made(gateway: Running, lead: int) -> list[Delivery]:
    return [one for one in gateway.deliveries() if one.lead_id == lead]


def state(gateway: Running, lead: int) -> list[str]:
    """The states of a lead's messages, the first made first; "" while there is none."""
    return [str(one.state) for one in made(gateway, lead)] or [""]


def wait_for_state(gateway: Running, lead: int, *states: str) -> None:
    wait_for(lambda: state(gateway, lead), lambda found: found == list(states))


def buttons(page: str) -> list[str]:
    """What the buttons of a lead's page say, and the links that look like one; menu and words of the message aside."""
    main = page.partition('<div id="lead"')[2]
    found = re.findall(r'<(?:button class="[^"]*"|a class="button[^>]*)>(.*?)</(?:button|a)>', main)
    return [said(one) for one in found]


def press(browser: Browser, lead: int, button: str, **fields: str) -> str:
    """Press a button that does something; the words of the page that follows."""
    answer = browser.post(f"leads/{lead}/{button}", **fields)
    assert answer.status_code == 200, said(answer.text)
    return said(answer.text)


def test_the_page_tells_the_whole_story_of_a_lead(gateway: Running) -> None:
    lead = accepted(gateway, FOLLOWED)
    page = said(sign_in(gateway).page(f"leads/{lead}"))

    assert "Mira Sample" in page
    assert "AiSensy accepted the message, no receipt from WhatsApp has come yet." in page
    order = ["Posted by website, form 'other'", "Read: 3 answers", "Planned by rule 'Everyone'", "AiSensy took it"]
    places = [page.index(words) for words in [*order, "To come", "Follow-up 1, 1 day after"]]
    assert places == sorted(places)
    assert "unless they replied" in page
    assert "Campaign goa_villas_reminder: “Mira Sample”" in page


def test_every_word_of_the_message_says_which_answer_and_line_it_came_from(gateway: Running) -> None:
    text = mapping(campaign="price_list", params="$first $city")
    text = text.replace("  name: name\n", "  name: name\n  first: name | first_word\n", 1)
    text = text.replace("        - $city\n      tags", "        - town $city\n      tags")
    lead = accepted(gateway, text)
    page = sign_in(gateway).page(f"leads/{lead}")

    [word] = re.findall(r'<button type="button" class="word typed" id="wp1-1" aria-describedby="([\w-]+)">Mira<', page)
    told = said(page.partition(f'role="tooltip" id="{word}"')[2].partition("</span></span></span>")[0])
    for words in (
        "Answer: name",
        "Typed: Mira Sample",
        "Field: $first",
        "Filters: first_word",
        "Line: 6 of other.yaml",
    ):
        assert words in told.replace(" .", "")
    assert "town <span" in page
    assert "Where each word came from" in said(page)


def test_what_a_lead_typed_is_text_wherever_it_stands(gateway: Running) -> None:
    lead = accepted(gateway, name=f"Mira {NAUGHTY}", city=NAUGHTY)
    asha = sign_in(gateway)
    press(asha, lead, "edit", **{"answer-0": f"Asha {NAUGHTY}", "again": "1"})
    wait_for_state(gateway, lead, "accepted", "accepted")

    for path in ("", "/edit", "/erase", "/keep"):
        page = asha.page(f"leads/{lead}{path}")
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page or path == "/keep"
    assert "<script>alert" not in asha.page("events/1")


def test_phone_numbers_are_shortened_until_they_are_asked_for(gateway: Running) -> None:
    lead = accepted(gateway, message="or call 202-555-0199")
    asha, paths = sign_in(gateway), (f"leads/{lead}", f"leads/{lead}/edit", f"leads/{lead}/erase", "events/1")

    def shown(path: str, *, rest: str) -> bool:
        return any(re.search(rf"202\W*555\W*{rest}", text) for text in (asha.page(path), said(asha.page(path))))

    assert not any(shown(path, rest=rest) for path in paths for rest in ("0143", "0199"))
    asha.post("phones", there="/console/", show="1")
    assert all(shown(path, rest="0143") for path in paths)


def test_a_lead_without_a_mapping_is_replayed_once_it_has_one(gateway: Running) -> None:
    lead, asha = post(gateway, "other"), sign_in(gateway)
    page = asha.page(f"leads/{lead}")
    assert buttons(page)[:2] == ["Make a mapping for this form", "Replay it"]
    assert "/console/mappings/new?source=website&amp;form=other" in page

    gateway.write_mapping("other.yaml", mapping())
    assert "It is planned again" in press(asha, lead, "replay")

    wait_for_state(gateway, lead, "accepted")
    assert [call["destination"] for call in gateway.calls()] == [NUMBER]
    assert asha.audit()[0] == f"Asha replayed it (l{lead})"
    assert "Asha replayed it" in said(asha.page(f"leads/{lead}"))


def test_who_has_a_message_gets_another_only_by_the_button_that_names_them(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    refused = asha.post(f"leads/{lead}/replay")
    assert (refused.status_code, len(gateway.calls())) == (409, 1)
    assert "Nothing was done: the message was accepted by AiSensy on" in said(refused.text)
    assert "--again" not in refused.text
    [asks] = re.findall(r'data-asks="([^"]*)" data-yes="Send once more"', asha.page(f"leads/{lead}"))
    assert re.match(r"\+1 20••• ••143 \(goa_villas_welcome\) was accepted .* Send Mira Sample one more message\?", asks)

    assert "One more message is on its way" in press(asha, lead, "replay", again="1")

    wait_for_state(gateway, lead, "accepted", "accepted")
    assert len(gateway.calls()) == 2
    assert asha.audit()[0] == f"Asha sent it once more (l{lead})"
    assert "in round 2" in said(asha.page(f"leads/{lead}"))


def test_changed_answers_are_tried_out_first_and_then_sent(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    lead, asha = post(gateway, phone="12"), sign_in(gateway)
    assert buttons(asha.page(f"leads/{lead}"))[0] == "Change answers and replay"
    changed = {"answer-0": "Asha", "phone": "+91 98765 43210"}

    tried = asha.post(f"leads/{lead}/edit/preview", **changed)
    assert "With these answers it would leave at once." in said(tried.text)
    assert ">Asha<" in tried.text
    assert (gateway.leads()[0].edits, gateway.calls(), gateway.deliveries()) == ((), [], [])

    assert "The answers are changed" in press(asha, lead, "edit", **changed)
    wait_for_state(gateway, lead, "accepted")
    [call] = gateway.calls()
    assert (call["userName"], call["destination"]) == ("Asha", "+919876543210")
    assert asha.audit()[0] == f"Asha changed 'name', the phone number and replayed it (l{lead})"
    assert "A person changed 'name' from “Mira Sample” to “Asha”" in said(asha.page(f"leads/{lead}"))


def test_a_hidden_answer_that_is_left_empty_stays_and_nothing_changed_does_nothing(gateway: Running) -> None:
    lead, asha = post(gateway, "other"), sign_in(gateway)
    fields = {"answer-0": "Mira Sample", "answer-1": "", "answer-2": "Goa"}
    answer = asha.post(f"leads/{lead}/edit", **fields)
    assert (answer.status_code, "Nothing was changed" in answer.text) == (409, True)
    wrong = asha.post(f"leads/{lead}/edit", **(fields | {"phone": "12"}))
    assert (wrong.status_code, gateway.leads()[0].edits) == (409, ())
    asha.post(f"leads/{lead}/edit", **(fields | {"answer-2": "Pune", "new-name": "budget", "new-text": "1 crore"}))
    [stored] = gateway.leads()
    assert [one.value for one in stored.lead.answers] == ["Mira Sample", NUMBER, "Pune", "1 crore"]


def test_what_is_held_says_what_for_and_is_tried_by_its_button(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(credit="none")
    lead, asha = post(gateway), sign_in(gateway)
    wait_for_state(gateway, lead, "held")
    page = asha.page(f"leads/{lead}")
    assert "No credit on the AiSensy account. AiSensy says: “Insufficient WhatsApp Conversation Credits" in said(page)
    assert "Buy WhatsApp conversation credits in AiSensy; the messages then leave by themselves." in said(page)
    assert buttons(page)[0] == "Try it now"

    gateway.fault(credit="back")
    assert "It is tried at once" in press(asha, lead, "replay", what=f"d{made(gateway, lead)[0].id}")
    wait_for_state(gateway, lead, "accepted")
    assert asha.audit()[0] == f"Asha let it be tried at once (l{lead})"


def test_a_limit_is_lifted_for_one_message(gateway: Running) -> None:
    text = mapping() + "limits:\n  once_per_person: 1 day\n"
    accepted(gateway, text)
    lead, asha = post(gateway, city="Pune"), sign_in(gateway)
    wait_for_state(gateway, lead, "skipped")
    page = asha.page(f"leads/{lead}")
    assert "A limit stopped the message: once per person" in said(page)
    assert buttons(page)[0] == "Send it despite 'once per person'"

    press(asha, lead, "replay", despite="once_per_person")

    gateway.move_clock(60)  # two messages to one number are never close together
    wait_for_state(gateway, lead, "skipped", "accepted")
    assert asha.audit()[0] == f"Asha sent it, despite once_per_person (l{lead})"


def test_a_follow_up_is_taken_back_alone_and_all_of_them_together(gateway: Running) -> None:
    lead, asha = accepted(gateway, FOLLOWED), sign_in(gateway)
    assert "Cancel the follow-ups" in buttons(asha.page(f"leads/{lead}"))
    other = accepted(gateway, FOLLOWED, **somebody(2))

    assert "taken back" in press(asha, lead, "cancel", what=f"d{made(gateway, lead)[1].id}")
    assert state(gateway, lead) == ["accepted", "cancelled"]
    press(asha, other, "cancel")
    assert state(gateway, other) == ["accepted", "cancelled"]
    assert asha.audit()[:2] == [
        f"Asha cancelled it (l{other})",
        f"Asha cancelled the message d{made(gateway, lead)[1].id} (l{lead})",
    ]
    nothing = asha.post(f"leads/{other}/cancel")
    assert (nothing.status_code, "Nothing was done" in nothing.text) == (409, True)
    assert "Follow-up 1 was taken back" in said(asha.page(f"leads/{other}"))


@pytest.mark.parametrize(
    ("word", "then", "did"),
    [
        ("sent", "accepted", "said that it was sent"),
        ("not-sent", "failed", "said that it was not sent"),
        ("send-again", "accepted", "had it sent again"),
    ],
)
def test_a_person_says_what_became_of_an_uncertain_message(gateway: Running, word: str, then: str, did: str) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(cut="after")
    lead, asha = post(gateway), sign_in(gateway)
    wait_for_state(gateway, lead, "uncertain")
    page = asha.page(f"leads/{lead}")
    assert "Nobody knows whether the message reached the person" in said(page)
    assert buttons(page)[:3] == ["It was sent", "It was not sent", "Send it again"]

    press(asha, lead, "resolve", what=f"d{made(gateway, lead)[0].id}", word=word)

    wait_for_state(gateway, lead, then)
    assert len(gateway.calls()) == (2 if word == "send-again" else 1)
    assert asha.audit()[0] == f"Asha {did} (l{lead})"


def test_a_suspected_lead_is_released_as_a_person(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    lead, asha = post(gateway, _gotcha="x"), sign_in(gateway)
    page = asha.page(f"leads/{lead}")
    assert "It looks like spam" in said(page)
    assert buttons(page)[0] == "It is a person: go on with it"
    press(asha, lead, "replay")
    wait_for_state(gateway, lead, "accepted")


def test_a_lead_whose_answers_must_be_looked_up_says_so_and_is_asked_for_at_once(gateway: Running) -> None:
    gateway.fault(on="graph", status=503, times=0)
    event = gateway.post_sample("facebook/one-lead-large-budget.json")
    [stored] = wait_for(lambda: [one for one in gateway.leads(event) if one.tries])
    lead, asha = stored.lead.id, sign_in(gateway)
    page = asha.page(f"leads/{lead}")
    assert "Its answers must be asked for at facebook first" in said(page)
    assert buttons(page) == ["Ask facebook now"]

    gateway.mend()
    press(asha, lead, "replay")

    wait_for_state(gateway, lead, "accepted")
    assert asha.audit()[0] == f"Asha replayed it (l{lead})"


def test_a_number_is_suppressed_and_taken_off_the_list_again(gateway: Running) -> None:
    lead, asha = accepted(gateway, FOLLOWED), sign_in(gateway)

    def listed() -> bool:
        with gateway.ledger.read() as connection:
            return bool(suppressions.suppressed(connection, [NUMBER]))

    page = press(asha, lead, "suppress")
    assert "Nothing is sent to this number: a person asked for it" in page
    assert (listed(), state(gateway, lead)) == (True, ["accepted", "cancelled"])
    assert "Suppress the number" not in buttons(asha.page(f"leads/{lead}"))
    press(asha, lead, "unsuppress")
    assert not listed()
    assert asha.audit()[:2] == [
        f"Asha took its number off the suppression list (l{lead})",
        f"Asha put its number on the suppression list (l{lead})",
    ]


def test_a_person_is_erased_once_the_word_is_typed(gateway: Running) -> None:
    lead, asha = accepted(gateway, FOLLOWED), sign_in(gateway)
    page = said(asha.page(f"leads/{lead}/erase"))
    assert "All that is known of +1 20••• ••143 goes, for good" in page
    assert re.search(r"Leads 1 Messages \(what has not left is cancelled\) 2 Tries of them 1 Requests of forms 1", page)
    wrong = asha.post(f"leads/{lead}/erase", word="yes")
    assert (wrong.status_code, bool(gateway.leads()[0].erased)) == (400, False)

    told = press(asha, lead, "erase", word=" Erase ")

    assert "The person is erased from the ledger." in told
    assert "Its person was erased. That it came, and what became of it, is all that is left." in told
    assert (gateway.leads()[0].lead.answers, gateway.event(1).body) == ((), b"")
    assert state(gateway, lead) == ["accepted", "cancelled"]
    assert asha.audit()[0] == f"Asha erased its person (1 lead, 2 messages) (l{lead})"
    assert buttons(asha.page(f"leads/{lead}")) == []
    assert "Mira" not in asha.page(f"leads/{lead}")
    assert asha.post(f"leads/{lead}/replay").status_code == 409


def test_a_lead_is_kept_as_a_test_with_invented_people(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    folder = gateway.tmp_path / "samples" / "website"
    page = asha.page(f"leads/{lead}/keep")
    assert "other--everyone-l1.form" in page
    assert not folder.exists()

    assert "kept as a test" in press(asha, lead, "keep", name="welcome")

    names = sorted(path.name for path in folder.iterdir())
    assert names == ["other--welcome.expected.json", "other--welcome.form"]
    assert all("Mira" not in path.read_text() and "5550143" not in path.read_text() for path in folder.iterdir())
    assert asha.audit()[0].startswith("Asha kept it as a test: other--welcome.form")
    for name in ("welcome", "../welcome"):
        again = asha.post(f"leads/{lead}/keep", name=name)
        assert (again.status_code, "name" in said(again.text)) == (409, True)


def test_where_the_samples_cannot_be_written_their_text_is_offered(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    (gateway.tmp_path / "samples").write_text("no folder")
    answer = asha.post(f"leads/{lead}/keep")
    assert answer.status_code == 409
    assert "cannot be written" in answer.text
    assert 'aria-label="Copy other--everyone-l1.form"' in answer.text
    assert "kept" not in asha.audit()[0]


def test_a_person_who_may_only_look_sees_no_button_and_is_refused(gateway: Running) -> None:
    lead = accepted(gateway, FOLLOWED)
    ravi = sign_in(gateway, "Ravi", look=True)
    assert buttons(ravi.page(f"leads/{lead}")) == []
    names = ("replay", "cancel", "resolve", "suppress", "unsuppress", "edit", "erase", "keep")
    fields = {"again": "1", "word": "erase", "answer-0": "Asha"}
    assert [ravi.post(f"leads/{lead}/{name}", **fields).status_code for name in names] == [403] * len(names)
    assert "Change and replay" not in ravi.page(f"leads/{lead}/edit")
    assert ravi.post(f"leads/{lead}/edit/preview", **fields).status_code == 200
    assert (state(gateway, lead), len(gateway.calls())) == (["accepted", "scheduled"], 1)


def test_no_other_site_presses_a_button(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    data, headers = {"csrf": asha.csrf(), "again": "1"}, {"Sec-Fetch-Site": "cross-site"}
    answer = asha.session.post(f"{asha.url}/leads/{lead}/replay", data=data, headers=headers, timeout=20)
    assert (answer.status_code, asha.post(f"leads/{lead}/replay", "0" * 40, again="1").status_code) == (403, 403)
    assert len(gateway.calls()) == 1


def test_what_is_not_there_is_said_in_words(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    other = accepted(gateway, **somebody(2))
    for path, words in (("leads/99", "There is no lead l99."), ("events/99", "There is no event e99.")):
        answer = asha.get(path)
        assert (answer.status_code, words in said(answer.text)) == (404, True)
    assert asha.get(f"leads/{10**30}").status_code == 404
    anothers = f"d{made(gateway, other)[0].id}"
    assert asha.post(f"leads/{lead}/resolve", what=anothers, word="sent").status_code == 404
    assert asha.post(f"leads/{lead}/replay", despite="everything").status_code == 400
    assert asha.post("leads/99/replay").status_code == 404


def test_a_copy_leads_to_the_first_which_tells_of_it(gateway: Running) -> None:
    first, copy = accepted(gateway), post(gateway)
    asha = sign_in(gateway)
    assert f"Go to l{first}, which came first" in buttons(asha.page(f"leads/{copy}"))
    page = said(asha.page(f"leads/{first}"))
    assert "The same submission came again" in page
    assert f"Other leads of this person l{copy} website, other duplicate" in page
    assert f"Other leads of this person l{first} website, other accepted" in said(asha.page(f"leads/{copy}"))


def test_an_event_that_cannot_be_read_is_listed_shown_and_read_again(gateway: Running) -> None:
    gateway.post_signed("website", b'{"name": "Mira", ', "website/other")
    wait_for(lambda: gateway.event(1).state, lambda found: found == "unreadable")
    asha = sign_in(gateway)
    assert "e1" in said(asha.page("events?state=unreadable"))
    assert "No event is in this state" in asha.page("events?state=ignored")
    page = asha.page("events/1")
    assert "it is not JSON" in said(page)
    assert "&#34;Mira&#34;" in page

    assert "It is read again" in said(asha.post("events/1/replay").text)

    assert asha.audit()[0] == "Asha had it read again (e1)"
    wait_for(lambda: gateway.event(1).state, lambda found: found == "unreadable")
    assert asha.get("events?state=nonsense").status_code == 404


def test_an_event_that_was_read_leads_to_what_it_brought_and_is_not_read_twice(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    assert f"It brought l{lead}" in said(asha.page("events/1"))
    assert asha.post("events/1/replay").status_code == 409


def test_events_go_back_page_by_page(gateway: Running) -> None:
    gateway.stop_worker()
    for number in range(53):
        gateway.post_website("other", **somebody(number))
    asha = sign_in(gateway)

    def on(path: str) -> Iterator[int]:
        return (int(number) for number in re.findall(r">e(\d+)</a>", asha.page(path)))

    [older] = re.findall(r'href="/console/(events\?[^"]*before=[^"]*)"', asha.page("events?state=new"))
    assert [*on("events?state=new"), *on(older.replace("&amp;", "&"))] == list(range(53, 0, -1))


def test_a_page_that_may_change_renews_its_part_and_a_settled_one_does_not(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    assert f'data-poll="/console/leads/{lead}"' in asha.page(f"leads/{lead}")
    part = asha.get(f"leads/{lead}", headers={"X-Part": "1"})
    assert "<html" not in part.text
    same = asha.get(f"leads/{lead}", headers={"X-Part": "1", "If-None-Match": part.headers["ETag"]})
    assert same.status_code == 304
    gateway.move_clock(3600)
    assert "data-poll" not in asha.page(f"leads/{lead}")


@on_sqlite
def test_a_word_tells_its_origin_to_the_keyboard_and_escape_shuts_it(gateway: Running, browser: Chromium) -> None:
    lead = accepted(gateway)
    with window(browser) as page:
        enter(page, gateway.url, code(gateway))
        page.goto(f"{gateway.url}/console/leads/{lead}")
        word = page.locator("#wp1-1")
        tab_to(page, "wp1-1")
        expect(page.locator("#wp1-1-says")).to_be_visible()
        expect(word).to_have_accessible_description(re.compile("Answer: name.*Typed: Mira Sample"))
        page.keyboard.press("Escape")
        expect(page.locator("#wp1-1-says")).to_be_hidden()
        page.locator("#wo1-1").hover()
        expect(page.locator("#wo1-1-says")).to_be_visible()


@on_sqlite
def test_a_message_is_sent_once_more_with_a_browser_which_asks_first(gateway: Running, browser: Chromium) -> None:
    lead = accepted(gateway)
    with window(browser) as page:
        enter(page, gateway.url, code(gateway))
        page.goto(f"{gateway.url}/console/leads/{lead}")
        page.get_by_role("button", name="Send once more").click()
        expect(page.get_by_role("dialog")).to_contain_text("was accepted by AiSensy")
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        assert len(gateway.calls()) == 1
        page.get_by_role("button", name="Send once more").click()
        page.get_by_role("dialog").get_by_role("button", name="Send once more").click()
        expect(page.get_by_text("One more message is on its way.")).to_be_visible()
        wait_for_state(gateway, lead, "accepted", "accepted")
        expect(page.get_by_text("in round 2")).to_be_visible()  # by itself
        page.get_by_role("link", name="Change answers and replay").click()
        page.get_by_label("city").fill("Pune")
        page.get_by_role("button", name="See what would be sent").click()
        expect(page.get_by_text("With these answers it would")).to_be_visible()
        assert len(gateway.calls()) == 2


@on_sqlite
@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_are_fit_for_everybody_on_a_desk_and_on_a_phone(
    gateway: Running, browser: Chromium, *, dark: bool
) -> None:
    first = accepted(gateway, FOLLOWED, name="M" * 60, city="a-very-long-town-without-any-space-in-its-name" * 3)
    unmapped = post(gateway, "brand-new")
    gateway.post_signed("website", b"{nonsense", "website/other")
    paths = [f"leads/{first}{page}" for page in ("", "/edit", "/erase", "/keep")]
    paths += [f"leads/{unmapped}", "events", "events/3"]
    session: dict[str, object] = {}
    for size in (DESKTOP, PHONE):
        with window(browser, size, dark=dark) as page:
            if session:
                page.context.add_cookies(session["cookies"])  # type: ignore[arg-type]  # as it was given
            else:
                enter(page, gateway.url, code(gateway))
                session |= page.context.storage_state()
            for path in paths:
                page.goto(f"{gateway.url}/console/{path}")
                assert violations(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@on_sqlite
def test_the_page_with_its_style_and_script_is_light(gateway: Running) -> None:
    lead, asha = accepted(gateway, FOLLOWED), sign_in(gateway)
    page = asha.page(f"leads/{lead}")
    static = Path(__file__).parent.parent / "gateway" / "console" / "static"
    assert len(page) + sum((static / name).stat().st_size for name in re.findall(r"static/([\w.-]+)", page)) < 100_000


def code(gateway: Running) -> str:
    return gateway.command("console", "code").output.split()[0]


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until this is focused."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            return
    pytest.fail(f"Tab never comes to #{wanted}")
