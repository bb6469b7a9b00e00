"""The mapping editor: checked, completed and previewed while one types, by the same code as the commands."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browsing import DESKTOP, PATIENCE, PHONE, enter, violations, window
from consoling import Browser, said, sign_in
from harness import MAPPINGS, PERSON, Running, mapping, wait_for
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Dialog, Locator, Page, expect

from gateway.store import versions

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

WEBSITE = (MAPPINGS / "website.yaml").read_text(encoding="utf-8")
PROBLEMS = Path(__file__).parent / "problems"

expect.set_options(timeout=PATIENCE)

#: Where the cursor is.
HERE = "▮"

CONTRACTS = "price_list:\n  params: 2\n  media: none\n\nvilla_offer:\n  params: 1\n  media: image\n"

FOLLOWED_UP = """
    follow_ups:
      - after: 1 day at 10:00
        campaignName: villa_offer
        unless: replied
"""


def checked(browser: Browser, text: str, file: str = "website.yaml", **more: str) -> dict[str, Any]:
    answer = browser.post("mappings/check", file=file, text=text, **more)
    assert answer.status_code == 200, said(answer.text)
    found: dict[str, Any] = answer.json()
    return found


def offered(browser: Browser, text: str, file: str = "website.yaml") -> dict[str, Any]:
    """What is offered at the cursor of a text."""
    answer = browser.post("mappings/complete", file=file, text=text.replace(HERE, ""), at=str(text.index(HERE)))
    assert answer.status_code == 200, said(answer.text)
    found: dict[str, Any] = answer.json()
    return found


def labels(browser: Browser, text: str, file: str = "website.yaml") -> list[str]:
    return [entry["label"] for entry in offered(browser, text, file)["entries"]]


def texts(preview: str) -> list[str]:
    """Every text of the call that a preview shows."""
    shown = preview.partition("left out</summary>")[0]
    return [unescape(text) for text in re.findall(r'<p class="says">(.*?)</p>', shown, flags=re.DOTALL)]


def folder(gateway: Running) -> Path:
    return Path(gateway.settings.text("GATEWAY_MAPPINGS"))


def live_version(gateway: Running) -> int:
    with gateway.ledger.read() as connection:
        return versions.newest(connection)


def some_leads(gateway: Running) -> None:
    for number, interest in enumerate(("Villa", "Plot", "Villa", "Row house")):
        phone = f"+9198765432{number}1"
        gateway.post_website(name=f"Mira {number}", phone=phone, interest=interest, **{"Your city": "Goa"})
    wait_for(
        lambda: [lead for lead in gateway.leads() if lead.plan or gateway.deliveries()], lambda some: len(some) > 3
    )


# --- the page


def test_a_file_is_shown_with_its_text_its_problems_and_what_its_latest_lead_would_get(gateway: Running) -> None:
    some_leads(gateway)
    page = sign_in(gateway).page("mappings/website.yaml")
    assert "# The price-list form of our website" in unescape(page)
    assert "No problems." in said(page)
    assert "Mira 3 would get this message" in said(page)
    assert "98765" not in page, "numbers are shortened"


def test_a_file_that_is_not_there_is_said_in_words(gateway: Running) -> None:
    answer = sign_in(gateway).get("mappings/nothing.yaml")
    assert (answer.status_code, "There is no mapping 'nothing.yaml'" in said(answer.text)) == (404, True)


def test_a_file_that_is_live_can_be_read_though_the_folder_has_it_no_more(gateway: Running) -> None:
    asha = sign_in(gateway)
    wait_for(lambda: live_version(gateway))
    gateway.stop_worker()
    (folder(gateway) / "website.yaml").unlink()
    assert "form: price-list" in asha.page("mappings/website.yaml")


@pytest.mark.parametrize("file", ["contracts.yaml", "limits.yaml"])
def test_the_files_beside_the_mappings_are_written_in_the_same_editor(gateway: Running, file: str) -> None:
    text = {"contracts.yaml": CONTRACTS, "limits.yaml": "too_old: 2 days\n"}[file]
    (folder(gateway) / file).write_text(text, encoding="utf-8")
    asha = sign_in(gateway)
    assert "No problems." in said(asha.page(f"mappings/{file}"))
    [problem] = checked(asha, text.replace(": ", ": x", 1), file)["problems"]
    assert problem["line"] == (2 if file == "contracts.yaml" else 1)


def test_who_may_only_look_may_try_things_out_and_finds_no_button_to_save(gateway: Running) -> None:
    some_leads(gateway)
    ravi = sign_in(gateway, "Ravi", look=True)
    page = ravi.page("mappings/website.yaml")
    assert "Save it" not in said(page)
    assert "Your role may look" in said(page)
    assert checked(ravi, WEBSITE.replace("campaignName", "campainName"))["wrong"] == 1
    assert "$city" in labels(ravi, WEBSITE.replace("- $interest", f"- ${HERE}"))


def test_without_scripts_a_button_checks_and_previews_the_text(gateway: Running) -> None:
    some_leads(gateway)
    asha = sign_in(gateway)
    text = WEBSITE.replace("- $interest", "- $intrest").replace("\n", "\r\n")
    answer = asha.post("mappings/preview", file="website.yaml", text=text, base="0")
    assert "'$intrest' is not one of this file's fields; did you mean 'interest'?" in said(answer.text)
    answer = asha.post("mappings/preview", file="website.yaml", text=WEBSITE, base="0", lead="", other="1")
    assert "Mira 0 would get this message" in said(answer.text)


def test_what_leads_and_texts_say_is_never_taken_for_markup(gateway: Running) -> None:
    gateway.post_website(name="<script>alert(1)</script>", phone=PERSON["phone"], interest="<b>Villa</b>")
    gateway.wait_for_delivery("accepted")
    asha = sign_in(gateway)
    preview = checked(asha, WEBSITE, lead="l1")["preview"]
    assert "&lt;b&gt;Villa&lt;/b&gt;" in preview
    broken = WEBSITE.replace("name: Price list", "name: '</textarea><script>alert(2)</script>'")
    page = asha.post("mappings/preview", file="website.yaml", text=broken).text
    assert "<script>alert" not in preview + page


@pytest.mark.parametrize("file", ["", "../website.yaml", ".hidden.yaml", "website.txt", "a/b.yaml"])
def test_a_name_that_no_mapping_can_have_is_refused(gateway: Running, file: str) -> None:
    answer = sign_in(gateway).post("mappings/check", file=file, text=WEBSITE)
    assert (answer.status_code, "ends in .yaml" in said(answer.text)) == (400, True)


# --- checking


@pytest.mark.parametrize(
    "case",
    [
        "candidates_in_doubt",
        "choose_places",
        "colon_in_a_parameter",
        "conditions_of_other_languages",
        "field_not_known",
    ],
)
def test_a_text_has_the_problems_that_gateway_check_finds(gateway: Running, case: str) -> None:
    text = (PROBLEMS / f"{case}.yaml").read_text(encoding="utf-8")
    (folder(gateway) / "tried.yaml").write_text(text, encoding="utf-8")
    found = checked(sign_in(gateway), text, "tried.yaml")["problems"]
    assert found == _commands(gateway, "tried.yaml") != []


def _commands(gateway: Running, file: str) -> list[dict[str, Any]]:
    """What `gateway check` says of a file of the folder."""
    rows = json.loads(gateway.command("check", "--json").stdout.replace(f"{folder(gateway)}/", ""))
    keys = ("line", "column", "sentence", "warning")
    return [{key: row[key] for key in keys} for row in rows if row["file"] == file]


def test_a_text_is_held_against_contracts_and_receipts_as_gateway_check_does(
    gateway: Running,
) -> None:
    (folder(gateway) / "contracts.yaml").write_text(CONTRACTS, encoding="utf-8")
    text = WEBSITE.replace("        - $interest\n", "") + FOLLOWED_UP
    (folder(gateway) / "website.yaml").write_text(text, encoding="utf-8")
    asha = sign_in(gateway)
    found = checked(asha, text)
    assert found["problems"] == _commands(gateway, "website.yaml")
    sentences = " ".join(each["sentence"] for each in found["problems"])
    for words in ("'price_list' wants 2 parameters", "no receipt has ever come", "wants an image"):
        assert words in sentences


def test_a_form_that_another_file_has_is_said_of_both_files(gateway: Running) -> None:
    text = mapping("price-list", "price_list", params="$name $city")
    found = checked(sign_in(gateway), text, "again.yaml")
    [problem] = found["problems"]
    assert problem["sentence"] == "form 'price-list' stands in 'website.yaml' too; keep it in one file"
    assert ["website.yaml:4:7: form 'price-list' stands in 'again.yaml' too" in other for other in found["others"]] == [
        True
    ]
    assert (found["wrong"], found["says"]) == (2, "2 problems.")


def test_what_a_text_of_limits_makes_wrong_in_a_mapping_is_said(gateway: Running) -> None:
    found = checked(sign_in(gateway), "consent: opt_in\n", "limits.yaml")
    assert found["wrong"] >= 1
    assert "has no field 'opt_in'" in json.dumps(found)


@pytest.mark.parametrize(
    "text", ["", "rules: [", "\t", "a: 'b", "- - -", "\x07", "fields:\n  phone: phone\n :", "😀: x"]
)
def test_a_broken_text_is_said_to_be_broken_at_a_place_and_nothing_else_happens(gateway: Running, text: str) -> None:
    asha = sign_in(gateway)
    found = checked(asha, text, lead="l1")
    assert found["wrong"] >= 1
    assert all(each["line"] >= 1 and each["column"] >= 1 for each in found["problems"])
    assert found["stands"] is False
    for at in range(len(text) + 1):
        assert "entries" in offered(asha, text[:at] + HERE + text[at:])


# --- completing


@pytest.mark.parametrize(
    ("text", "some", "none"),
    [
        (f"so{HERE}", ["source"], ["rules"]),
        (f"source: {HERE}", ["facebook", "typeform", "website"], []),
        (f"source: website\n{HERE}\nform: x\n", ["fields", "rules", "defaults", "country"], ["source", "form"]),
        (f"source: website\nform: {HERE}", ["price-list"], []),
        (f"rules:\n  {HERE}", ["- name"], []),
        (f"rules:\n  - {HERE}", ["name", "when", "call", "skip"], []),
        (f"rules:\n  - name: A\n    {HERE}\n    skip: x\n", ["when", "call", "if_uncertain"], ["name", "skip"]),
        (f"rules:\n- name: A\n  ca{HERE}", ["call"], ["name"]),
        (f"rules:\n  - name: A\n    call:\n      camp{HERE}", ["campaignName"], ["tags"]),
        (f"rules:\n  - name: A\n    if_uncertain: {HERE}", ["hold", "send again"], []),
        (f"rules:\n  - name: A\n    call:\n      campaignName: {HERE}", ["price_list", "villa_offer"], []),
        (f"fields:\n  city: city | {HERE}", ["title", "truncate N", "first_name"], []),
        (f"fields:\n  city: city | title | tr{HERE}", ["trim", "truncate N"], ["title"]),
        (f"fields:\n  city:\n    {HERE}", ["from", "values", "default", "required"], []),
        (f"fields:\n  city:\n    filters:\n      - {HERE}", ["title"], []),
        (f"fields:\n  city:\n    required: {HERE}", ["yes", "no"], []),
        (f"fields:\n  city: city\ndefaults:\n  destination: ${HERE}", ["$city"], []),
        (f"fields:\n  city: city\nrules:\n - call:\n    templateParams:\n      - Hi ${HERE}", ["$city"], []),
        (f"fields:\n  city: city\nrules:\n - call:\n    attributes:\n      place: ${HERE}", ["$city"], []),
        (f"fields:\n  city: city\nrules:\n - call:\n    tags:\n      - {HERE}", ["tag", "$city"], []),
        (
            f"fields:\n  city: city\nrules:\n - when:\n    {HERE}",
            ["city", "weekday", "phone_country", "any", "not"],
            [],
        ),
        (f"fields:\n  city: city\nrules:\n - when:\n    city:\n      {HERE}", ["is", "is_not", "at_least"], ["city"]),
        (f"rules:\n - when:\n    weekday: {HERE}", ["Monday", "Sunday"], []),
        (f"rules:\n - when:\n    any:\n      - {HERE}", ["weekday", "hour"], []),
        (f"rules:\n - name: A\n   follow_ups:\n    - {HERE}", ["after", "unless", "campaignName"], ["skip"]),
        (f"rules:\n - name: A\n   follow_ups:\n    - unless: {HERE}", ["replied", "submitted again", "A"], []),
        (f"limits:\n  {HERE}", ["send_between", "once_per_person", "too_old", "consent"], []),
        (f"timezone: Asia/Kol{HERE}", ["Asia/Kolkata"], []),
        (f"source: website  # so{HERE}", [], ["source"]),
        (f"rules:\n  - name: 'so{HERE}", [], ["source"]),
        (f"fields: [\nrules:\n  - name: x\n    {HERE}\n   broken: :", ["when", "call"], []),
    ],
)
def test_what_may_stand_at_the_cursor_is_offered(gateway: Running, text: str, some: list[str], none: list[str]) -> None:
    (folder(gateway) / "contracts.yaml").write_text(CONTRACTS, encoding="utf-8")
    gateway.post_website(**PERSON)
    gateway.wait_for_delivery("accepted")
    found = labels(sign_in(gateway), text)
    assert set(some) <= set(found)
    assert not set(none) & set(found)


def test_what_leads_answered_is_offered_by_name_and_choice_without_numbers_of_people(gateway: Running) -> None:
    some_leads(gateway)
    asha = sign_in(gateway)
    head = "source: website\nform: price-list\nfields:\n"
    assert {"phone", "name", "interest", "Your city"} <= set(labels(asha, f"{head}  area: {HERE}"))
    assert {"city", "interest"} <= set(labels(asha, f"{head}  {HERE}"))
    assert "interest" not in labels(asha, f"{head}  want: interest\n  {HERE}")
    ends = f"{head}  want: interest\nrules:\n  - when:\n      want: "
    assert set(labels(asha, ends + HERE)) == {"Villa", "Plot", "Row house"}
    assert labels(asha, f"{ends}\n        is:\n          - Vi{HERE}") == ["Villa"]
    assert {"Villa", "Plot"} <= set(labels(asha, f"{head}  want:\n    from: interest\n    values:\n      {HERE}"))
    every = [offered(asha, f"{head}  area: {HERE}"), offered(asha, f"{head}  {HERE}"), offered(asha, ends + HERE)]
    assert "98765" not in json.dumps(every)
    assert "Mira" not in json.dumps(every)


def test_an_entry_opens_the_lines_that_belong_below_it_and_says_what_it_is_for(gateway: Running) -> None:
    asha = sign_in(gateway)
    [call] = offered(asha, f"rules:\n  - name: A\n    cal{HERE}")["entries"]
    assert (call["insert"], call["says"]) == ("call:\n      ", "What to send.")
    [later] = offered(asha, f"rules:\n  - name: A\n    foll{HERE}")["entries"]
    assert later["insert"] == "follow_ups:\n      - after: "
    [params] = offered(asha, f"defaults:\n  templ{HERE}")["entries"]
    assert params["insert"] == "templateParams:\n    - "
    [cut] = offered(asha, f"fields:\n  a: b | trunc{HERE}")["entries"]
    assert (cut["insert"], cut["label"]) == ("truncate 60", "truncate N")


@pytest.mark.parametrize(("file", "label"), [("limits.yaml", "send_between"), ("contracts.yaml", "params")])
def test_the_files_beside_the_mappings_have_keys_of_their_own(gateway: Running, file: str, label: str) -> None:
    text = HERE if file == "limits.yaml" else f"price_list:\n  {HERE}"
    assert label in labels(sign_in(gateway), text, file)


# --- previewing


def test_a_preview_says_what_gateway_explain_says_for_the_same_lead_and_text(gateway: Running) -> None:
    some_leads(gateway)
    asha = sign_in(gateway)
    asha.post("phones", show="1")
    text = WEBSITE.replace("- $interest", "- the $interest in $city").replace("city: city", "city: Your city")
    shown = texts(checked(asha, text, lead="l2")["preview"])
    gateway.write_mapping("website.yaml", text)
    explained = json.loads(gateway.command("explain", "l2", "--json").stdout)["leads"][0]
    assert shown == [word["text"] for word in explained["plan"]["words"]]
    assert "the Plot in Goa" in shown


@pytest.mark.parametrize(
    "name", ["website/price-list--json.json", "facebook/new-lead.json", "typeform/site-visit.json"]
)
def test_a_sample_can_be_tried_as_well_as_a_lead(gateway: Running, name: str) -> None:
    asha = sign_in(gateway)
    asha.post("phones", show="1")
    wait_for(lambda: live_version(gateway))
    samples = re.findall(r"<option[^>]*>([^<]*\.\w+)</option>", asha.page(f"mappings/{name.partition('/')[0]}.yaml"))
    tried = name if name in samples else samples[0]
    file = f"{tried.partition('/')[0]}.yaml"
    found = checked(asha, (MAPPINGS / file).read_text(encoding="utf-8"), file, lead=tried)["preview"]
    explained = json.loads(gateway.command("explain", f"samples/{tried}", "--json").stdout)
    words = [word["text"] for lead in explained["leads"] for word in lead["plan"]["words"]]
    assert texts(found) == words


def test_a_preview_says_why_nothing_is_sent_and_which_lines_decided(gateway: Running) -> None:
    some_leads(gateway)
    asha = sign_in(gateway)
    text = WEBSITE.replace("message:\n        contains:", "interest:\n        contains:").replace(
        "- vacancy", "- villa"
    )
    preview = checked(asha, text, lead="l1")["preview"]
    assert "Mira 0 would get nothing: they look for work, not for a home." in said(preview)
    assert 'data-line="30"' in preview
    other = checked(asha, text, lead="l2")["preview"]
    assert "1 rule passed over" in said(other)
    assert "interest is 'Plot'" in said(other)


def test_later_messages_are_previewed_too(gateway: Running) -> None:
    some_leads(gateway)
    text = WEBSITE + FOLLOWED_UP + "\nlimits:\n  too_old: 2 days\n  once_per_person: 7 days\n"
    shown = said(checked(sign_in(gateway), text, lead="l1")["preview"])
    assert "Follow-up 1: 1 day after the message before it is accepted, at 10:00, unless they replied" in shown
    assert "villa_offer" in shown
    assert "once_per_person 7 days" in shown


def test_a_lead_of_another_form_is_said_to_be_of_another_file(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    some_leads(gateway)
    found = checked(sign_in(gateway), mapping(), "other.yaml", other="1")["preview"]
    assert "website.yaml decides" in said(found)


@pytest.mark.parametrize("lead", ["l99", "x", "../etc/passwd", "website/../secret.json", "d1"])
def test_what_is_no_lead_is_said_in_words(gateway: Running, lead: str) -> None:
    found = checked(sign_in(gateway), WEBSITE, lead=lead)
    assert found["preview"].count("<p") == 1
    assert "told" not in found["preview"]


def test_nothing_is_changed_by_checking_completing_or_previewing(gateway: Running) -> None:
    some_leads(gateway)
    gateway.wait_for_states(accepted=4)
    ravi = sign_in(gateway, "Ravi", look=True)
    before = _everything(gateway, ravi)
    changed = WEBSITE.replace("price_list", "villa_offer")
    checked(ravi, changed, lead="l1")
    offered(ravi, changed + HERE)
    ravi.post("mappings/preview", file="website.yaml", text=changed, lead="l1")
    assert _everything(gateway, ravi) == before


def _everything(gateway: Running, browser: Browser) -> Any:
    files = {path.name: path.read_bytes() for path in folder(gateway).iterdir()}
    return gateway.leads(), gateway.deliveries(), live_version(gateway), files, browser.audit(), len(gateway.calls())


# --- in a browser


def open_editor(page: Page, gateway: Running, path: str = "website.yaml") -> None:
    enter(page, gateway.url, gateway.command("console", "code").output.split()[0])
    page.goto(f"{gateway.url}/console/mappings/{path}")
    expect(page.locator(".gutter div").first).to_have_text("1")


def offers(page: Page) -> Locator:
    return page.get_by_role("listbox", name="What may stand here").get_by_role("option")


def put_cursor(page: Page, after: str) -> None:
    """The cursor right behind some words of the text."""
    area = page.get_by_label("Text of")
    area.evaluate(
        "(a, at) => { a.focus(); a.setSelectionRange(at, at); }", area.input_value().index(after) + len(after)
    )


def test_a_mistake_is_underlined_and_listed_at_its_line_until_it_is_mended(gateway: Running, browser: Chromium) -> None:
    with window(browser) as page:
        open_editor(page, gateway)
        put_cursor(page, "campaignName")
        page.keyboard.type("s")
        expect(page.locator("#problems li")).to_have_count(1)
        expect(page.locator("#problems li")).to_contain_text(
            "unknown key 'campaignNames'; did you mean 'campaignName'?"
        )
        expect(page.locator(".inked .wrong")).to_have_text("campaignNames")
        expect(page.locator(".gutter .problem")).to_have_text("41")
        expect(page.locator("#count")).to_have_text("1 problem.")
        page.get_by_role("button", name="line 41").first.click()
        assert (
            page.get_by_label("Text of").evaluate("a => a.value.slice(a.selectionStart, a.selectionEnd)")
            == "campaignNames"
        )
        page.keyboard.type("campaignName")
        expect(page.locator("#count")).to_have_text("No problems.")
        expect(page.locator(".inked .wrong, .gutter .problem, #problems li")).to_have_count(0)


def test_a_key_is_completed_by_the_keyboard_alone(gateway: Running, browser: Chromium) -> None:
    with window(browser) as page:
        open_editor(page, gateway)
        put_cursor(page, "- $interest")
        area = page.get_by_label("Text of")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.keyboard.type("med")
        expect(offers(page)).to_have_text(re.compile("media.*The image, video or document"))
        assert area.get_attribute("aria-activedescendant") == "offer-0"
        page.keyboard.press("Enter")
        expect(offers(page)).to_have_count(2)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("Villa $ci")
        expect(offers(page)).to_contain_text("$city")
        page.keyboard.press("Tab")
        assert (
            "        - $interest\n      media:\n        filename: Villa $city\n      attributes:" in area.input_value()
        )
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        expect(area).not_to_be_focused()


def test_what_was_completed_and_typed_can_be_undone(gateway: Running, browser: Chromium) -> None:
    with window(browser) as page:
        open_editor(page, gateway)
        area = page.get_by_label("Text of")
        before = area.input_value()
        put_cursor(page, "- $interest")
        page.keyboard.type(" and $ci")
        expect(offers(page)).to_have_count(1)
        page.keyboard.press("Enter")
        assert "- $interest and $city\n" in area.input_value()
        for _ in range(12):
            page.keyboard.press("Control+z")
        assert area.input_value() == before


def test_the_preview_renews_itself_while_one_types_and_its_lines_lead_into_the_text(
    gateway: Running, browser: Chromium
) -> None:
    some_leads(gateway)
    with window(browser) as page:
        open_editor(page, gateway, "website.yaml?lead=2")
        preview = page.locator("#preview")
        expect(preview).to_contain_text("Mira 1 would get this message")
        put_cursor(page, "- $interest")
        page.keyboard.type(" near the sea")
        expect(preview).to_contain_text("Plot near the sea")
        page.get_by_label("Try it on").select_option("l1")
        expect(preview).to_contain_text("Villa near the sea")
        preview.get_by_role("button", name="Go to line 44").click()
        assert (
            page.get_by_label("Text of").evaluate("a => a.value.slice(a.selectionStart, a.selectionEnd)")
            == "- $interest near the sea"
        )


def test_a_draft_is_kept_until_it_is_saved_and_leaving_asks(gateway: Running, browser: Chromium) -> None:
    with window(browser) as page:
        open_editor(page, gateway)
        put_cursor(page, "- $interest")
        page.keyboard.type(" today")
        expect(page.locator("#dirty")).to_have_text("Not saved yet.")
        asked: list[str] = []

        def leave(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", leave)
        page.goto(f"{gateway.url}/console/mappings/website.yaml")
        assert asked == ["beforeunload"]
        page.get_by_role("button", name="Take it").click()
        assert "$interest today" in page.get_by_label("Text of").input_value()
        page.keyboard.press("Control+s")
        page.wait_for_url("**/saved")
        assert asked == ["beforeunload"], "saving does not ask"
        page.goto(f"{gateway.url}/console/mappings/website.yaml")
        expect(page.locator(".gutter div").first).to_have_text("1")
        expect(page.locator("#draft")).to_be_hidden()
        assert "$interest today" in page.get_by_label("Text of").input_value()


def test_a_text_that_is_put_on_top_of_somebody_elses_is_still_unsaved(gateway: Running, browser: Chromium) -> None:
    with window(browser) as page:
        open_editor(page, gateway)
        gateway.write_mapping("website.yaml", WEBSITE.replace("default: there", "default: friend"))
        put_cursor(page, "- $interest")
        page.keyboard.type(" today")
        page.get_by_role("button", name="Save it").click()
        expect(page.locator(".difference .minus").first).to_contain_text("default: friend")
        expect(page.locator(".difference .plus").first).to_contain_text("default: there")
        assert violations(page) == []
        page.get_by_role("button", name="Put mine on top").click()
        expect(page.locator(".difference")).to_have_count(0)
        expect(page.locator("#dirty")).to_have_text("Not saved yet.")
        page.get_by_role("button", name="Save it").click()
        page.wait_for_url("**/saved")
        text = (folder(gateway) / "website.yaml").read_text(encoding="utf-8")
        assert "default: there" in text
        assert "$interest today" in text


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_use_it_on_any_screen(
    gateway: Running, browser: Chromium, size: tuple[int, int], *, dark: bool
) -> None:
    some_leads(gateway)
    with window(browser, size, dark=dark) as page:
        open_editor(page, gateway, "website.yaml?line=41")
        assert violations(page) == []
        put_cursor(page, "campaignName")
        page.keyboard.type("s")
        expect(page.locator("#problems li")).to_have_count(1)
        page.keyboard.press("Control+Space")
        put_cursor(page, "- $interest")
        page.keyboard.type(" $")
        expect(offers(page).first).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_page_with_all_that_it_loads_is_light(gateway: Running) -> None:
    some_leads(gateway)
    page = sign_in(gateway).page("mappings/website.yaml")
    loaded = set(re.findall(r'(?:src|href)="/console/static/([^"?]+)', page))
    assert {"editor.js", "editor.css", "console.css"} <= loaded
    weights = [len(_static(gateway, name)) for name in loaded]
    assert len(page.encode()) + sum(weights) < 100_000


def _static(gateway: Running, name: str) -> bytes:
    answer = Browser(gateway).get(f"static/{name}")
    assert answer.status_code == 200
    return answer.content
