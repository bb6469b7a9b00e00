"""The console's mappings: how each file stands, saving, versions, who would get what instead, a first mapping."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from browsing import DESKTOP, PHONE, enter, violations, window
from consoling import Browser, said, sign_in
from harness import Running, mapping, running, somebody, wait_for
from playwright.sync_api import Browser as Chromium

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import versions
from gateway.store.ledger import Ledger

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

FIRST = mapping()
SECOND = mapping(campaign="site_visit")
BROKEN = FIRST.replace("campaignName", "campainName")


def folder(gateway: Running) -> Path:
    return Path(gateway.settings.text("GATEWAY_MAPPINGS"))


def live(gateway: Running) -> tuple[int, dict[str, str]]:
    with gateway.ledger.read() as connection:
        return versions.live(connection)


def base_of(person: Browser, file: str) -> str:
    """What the editor's page says that its text was begun from."""
    found = re.search(r'name="base" value="(\w+)"', person.page(f"mappings/{file}"))
    assert found, file
    return found[1]


def save(person: Browser, text: str, base: str, file: str = "other.yaml") -> requests.Response:
    return person.post("mappings/save", file=file, text=text.replace("\n", "\r\n"), base=base)


@pytest.fixture
def person(gateway: Running) -> Browser:
    """Somebody who may change things, where other.yaml is live."""
    gateway.write_mapping("other.yaml", FIRST)
    return sign_in(gateway)


def send(gateway: Running, count: int, form: str = "other", first: int = 0, **answers: str) -> None:
    """Leads of different people, read and planned."""
    before = len(gateway.leads())
    for number in range(first, first + count):
        gateway.post_website(form, **somebody(number, **answers))
    wait_for(lambda: [one for one in gateway.leads() if one.state != "waiting"], lambda it: len(it) == before + count)


# ── Saving ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_saving_writes_the_file_and_its_text_is_live_at_once(gateway: Running, person: Browser) -> None:
    path, (version, _) = folder(gateway) / "other.yaml", live(gateway)
    path.chmod(0o640)

    answer = save(person, SECOND, base_of(person, "other.yaml"))

    assert answer.url.endswith("/console/mappings/other.yaml/saved")
    assert f"other.yaml is live As version {version + 1}" in said(answer.text)
    assert path.read_bytes() == SECOND.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert not [each for each in folder(gateway).iterdir() if each.name.startswith(".")]
    assert live(gateway)[0] == version + 1
    assert live(gateway)[1]["other.yaml"] == SECOND
    assert person.audit()[0] == f"Asha saved it as version {version + 1} (other.yaml)"


def test_the_worker_finds_nothing_to_do_after_a_save(gateway: Running, person: Browser) -> None:
    [(worker, _thread)] = gateway.workers
    save(person, SECOND, base_of(person, "other.yaml"))
    number = live(gateway)[0]

    wait_for(lambda: worker.live.version == number and not worker.publisher.unpublished())

    assert live(gateway)[0] == number


def test_saving_what_is_live_already_changes_nothing(gateway: Running, person: Browser) -> None:
    before, audit = live(gateway), person.audit()

    answer = save(person, FIRST, base_of(person, "other.yaml"))

    assert answer.status_code == 200
    assert live(gateway) == before
    assert person.audit() == audit


def test_a_text_with_a_mistake_is_not_saved_and_its_line_is_said(gateway: Running, person: Browser) -> None:
    before = live(gateway)

    answer = save(person, BROKEN, base_of(person, "other.yaml"))

    assert answer.status_code == 400
    assert "It is not saved" in said(answer.text)
    assert "line 10 unknown key 'campainName'; did you mean 'campaignName'?" in said(answer.text)
    assert "campainName: goa_villas_welcome" in answer.text
    assert (folder(gateway) / "other.yaml").read_text() == FIRST
    assert live(gateway) == before


def test_a_text_that_makes_another_file_wrong_is_not_saved(gateway: Running, person: Browser) -> None:
    answer = save(person, mapping("price-list"), "", "mine.yaml")

    assert answer.status_code == 400
    assert "form 'price-list' stands in 'website.yaml' too" in said(answer.text)
    assert not (folder(gateway) / "mine.yaml").exists()


def test_warnings_do_not_keep_a_text_from_being_saved_and_are_said(gateway: Running, person: Browser) -> None:
    warned = FIRST.replace("  city: city\n", "  city: city\n  unused: something\n")

    answer = save(person, warned, base_of(person, "other.yaml"))

    assert "look at this all the same" in said(answer.text)
    assert "Line 7 : no rule uses the field 'unused'" in said(answer.text)
    assert live(gateway)[1]["other.yaml"] == warned


@pytest.mark.parametrize("name", ["../other.yaml", "a/b.yaml", ".hidden.yaml", "other.txt", "", "a\\b.yaml"])
def test_only_a_plain_name_is_a_files(gateway: Running, person: Browser, name: str) -> None:
    before = sorted(folder(gateway).parent.rglob("*.yaml"))

    answer = save(person, mapping("new"), "", name)

    assert answer.status_code == 400
    assert "website-offers.yaml" in said(answer.text)
    assert sorted(folder(gateway).parent.rglob("*.yaml")) == before


def test_a_new_file_may_be_named_in_any_script(gateway: Running, person: Browser) -> None:
    answer = save(person, mapping("हिंदी"), "", "website-हिंदी.yaml")

    assert answer.status_code == 200, said(answer.text)
    assert (folder(gateway) / "website-हिंदी.yaml").read_text() == mapping("हिंदी")


# ── Two at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_overwrites_what_somebody_else_saved_meanwhile(gateway: Running, person: Browser) -> None:
    ravi, base = sign_in(gateway, "Ravi"), base_of(person, "other.yaml")
    assert save(ravi, SECOND, base).status_code == 200
    number = live(gateway)[0]

    mine = mapping(campaign="goa_villas_priority")
    answer = save(person, mine, base)

    assert answer.status_code == 409
    assert f"Ravi saved it as version {number}" in said(answer.text)
    assert "while you wrote; yours is not saved" in said(answer.text)
    assert "only in theirs: - campaignName: site_visit" in said(answer.text)
    assert "only in yours: + campaignName: goa_villas_priority" in said(answer.text)
    assert live(gateway)[1]["other.yaml"] == SECOND

    over = re.search(r'name="over" value="(\w+)"', answer.text)
    assert over
    again = person.post("mappings/preview", file="other.yaml", text=mine, base=base, over=over[1])
    assert f'name="base" value="{over[1]}"' in again.text
    assert save(person, mine, over[1]).status_code == 200
    assert live(gateway)[1]["other.yaml"] == mine


def test_a_change_by_hand_in_the_folder_is_not_overwritten(gateway: Running, person: Browser) -> None:
    base = base_of(person, "other.yaml")
    by_hand = FIRST + "# by hand\n"
    gateway.write_mapping("other.yaml", by_hand)

    answer = save(person, SECOND, base)

    assert answer.status_code == 409
    assert "other.yaml was changed outside the console while you wrote" in said(answer.text)
    assert (folder(gateway) / "other.yaml").read_text() == by_hand


def test_a_new_file_does_not_overwrite_one_that_is_there(gateway: Running, person: Browser) -> None:
    answer = save(person, mapping("new"), "")

    assert answer.status_code == 409
    assert "There is a file other.yaml already" in said(answer.text)
    assert (folder(gateway) / "other.yaml").read_text() == FIRST


def test_of_two_who_save_at_the_same_moment_one_wins_and_the_other_is_told(gateway: Running, person: Browser) -> None:
    base, csrf = base_of(person, "other.yaml"), person.csrf()
    ready, codes = threading.Barrier(2), dict[str, int]()
    texts = {name: mapping(campaign=name) for name in ("site_visit", "goa_villas_priority")}

    def one(name: str) -> None:
        ready.wait(10)
        fields = {"csrf": csrf, "file": "other.yaml", "text": texts[name], "base": base}
        cookies = person.session.cookies.get_dict()
        answer = requests.post(f"{person.url}/mappings/save", fields, cookies=cookies, timeout=30)
        codes[name] = answer.status_code

    threads = [threading.Thread(target=one, args=(name,)) for name in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)

    assert sorted(codes.values()) == [200, 409]
    [winner] = [name for name, code in codes.items() if code == 200]
    assert (folder(gateway) / "other.yaml").read_text() == live(gateway)[1]["other.yaml"] == texts[winner]


# ── Where the folder is not followed, or cannot be written ──────────────────────────────────────────────────────


@pytest.fixture
def unfollowed(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway whose folder nobody follows: what is live stands in the ledger alone."""
    with running(ledger, box, tmp_path, worker=False, GATEWAY_FOLLOW="no") as found:
        with ledger.write("a first version") as connection:
            versions.publish(connection, {"other.yaml": FIRST, "more.yaml": mapping("more")}, clock.now())
        yield found
    clock.follow(None)


def test_without_a_followed_folder_a_text_goes_live_and_no_file_is_written(unfollowed: Running) -> None:
    person, files = sign_in(unfollowed), sorted(folder(unfollowed).iterdir())

    assert save(person, SECOND, base_of(person, "other.yaml")).status_code == 200
    assert save(person, mapping("new"), "", "new.yaml").status_code == 200

    assert live(unfollowed) == (3, {"other.yaml": SECOND, "more.yaml": mapping("more"), "new.yaml": mapping("new")})
    assert sorted(folder(unfollowed).iterdir()) == files
    assert not (folder(unfollowed) / "other.yaml").exists()


def test_a_conflict_is_seen_without_a_folder_too(unfollowed: Running) -> None:
    person = sign_in(unfollowed)
    base = base_of(person, "other.yaml")
    assert save(person, SECOND, base).status_code == 200

    assert save(person, mapping(campaign="goa_villas_priority"), base).status_code == 409
    assert live(unfollowed)[1]["other.yaml"] == SECOND


def test_where_the_folder_is_not_on_this_machine_the_text_is_given_to_copy(gateway: Running, person: Browser) -> None:
    gateway.stop_worker()
    before = live(gateway)
    shutil.rmtree(folder(gateway))
    folder(gateway).write_text("no folder")

    answer = save(person, SECOND, base_of(person, "other.yaml"))

    assert answer.status_code == 409
    assert "other.yaml cannot be saved here" in said(answer.text)
    assert str(folder(gateway) / "other.yaml") in said(answer.text)
    assert "campaignName: site_visit" in answer.text
    assert live(gateway) == before
    assert "Nothing can be saved here" in said(person.page("mappings"))


def test_a_folder_that_refuses_to_be_written_gets_nothing_and_nothing_goes_live(
    gateway: Running, person: Browser
) -> None:
    """A file that is a link into the system's own files: not even root may write beside what it leads to."""
    gateway.stop_worker()
    path, before = folder(gateway) / "other.yaml", live(gateway)
    base = base_of(person, "other.yaml")
    path.unlink()
    path.symlink_to("/proc/sys/kernel/ostype")
    base = base_of(person, "other.yaml")

    answer = save(person, SECOND, base)

    assert answer.status_code == 409
    assert "cannot be written" in said(answer.text)
    assert live(gateway) == before


# ── Roles ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_may_only_look_saves_nothing_but_may_ask_what_would_change(gateway: Running, person: Browser) -> None:
    base, looker = base_of(person, "other.yaml"), sign_in(gateway, "Meera", look=True)

    assert save(looker, SECOND, base).status_code == 403
    assert looker.post("mappings/other.yaml/restore", version="1", base=base).status_code == 403
    assert looker.post("mappings/other.yaml/take_up").status_code == 403
    asked = looker.post("mappings/radius", file="other.yaml", text=SECOND, base=base)
    assert asked.status_code == 200
    assert "Save it" not in said(asked.text)
    assert live(gateway)[1]["other.yaml"] == FIRST


# ── Who would get what instead ──────────────────────────────────────────────────────────────────────────────────


def test_the_radius_says_what_gateway_diff_says(gateway: Running, person: Browser) -> None:
    send(gateway, 5)
    drafts = gateway.tmp_path / "drafts"
    shutil.copytree(folder(gateway), drafts)
    changed = SECOND.replace("source: website\nform: other", "source: website\nform: other\ntimezone: Asia/Kolkata")
    (drafts / "other.yaml").write_text(changed)
    told = json.loads(gateway.command("diff", "--mappings", str(drafts), "--json").output)

    page = person.post("mappings/radius", file="other.yaml", text=changed, base=base_of(person, "other.yaml")).text

    [group] = told["leads"]["changes"]
    words = said(page)
    assert (group["kind"], group["count"], told["leads"]["compared"]) == ("campaign", 5, 5)
    assert "5 of the newest 5 leads would fare differently, if they came again; 0 the same." in words
    assert "Another campaign 5 other.yaml, rule 'Everyone'" in words
    assert f"{group['before']['campaign']} → becomes {group['after']['campaign']}" in words
    for one in group["touched"][:3]:
        assert f"{one['who']} {one['id']} · {one['phone']}" in words
        assert f'href="/console/leads/{one["id"][1:]}"' in page
    assert "And 2 more, in the same way." in words


def test_the_radius_names_what_has_not_left_and_saves_by_its_button(gateway: Running, person: Browser) -> None:
    gateway.fault(credit="none")
    send(gateway, 1)
    wait_for(gateway.deliveries, lambda found: [one.state for one in found] == ["held"])
    base = base_of(person, "other.yaml")

    gone = FIRST.replace("name: Everyone", "name: All of them")
    page = person.post("mappings/radius", file="other.yaml", text=gone, base=base).text

    assert "Messages that have not left (1)" in said(page)
    assert "Cancelled, rule removed 1 other.yaml, rule 'Everyone'" in said(page)
    assert live(gateway)[1]["other.yaml"] == FIRST
    fields = dict(re.findall(r'name="(file|text|base)" value="([^"]*)"', page))
    assert fields == {"file": "other.yaml", "text": gone, "base": base}


def test_a_change_that_touches_nobody_says_so(gateway: Running, person: Browser) -> None:
    send(gateway, 2)

    page = person.post("mappings/radius", file="other.yaml", text=FIRST + "# a remark\n", base="").text

    assert "Nobody would get anything else: the newest 2 leads fare the same" in said(page)


def test_a_text_with_a_mistake_is_not_compared(person: Browser) -> None:
    answer = person.post("mappings/radius", file="other.yaml", text=BROKEN, base="")

    assert answer.status_code == 400
    assert "unknown key 'campainName'" in said(answer.text)


def test_words_of_leads_are_shown_as_text_and_numbers_are_short(gateway: Running, person: Browser) -> None:
    send(gateway, 1, name="<b>Mira</b> +12025550143")

    page = person.post("mappings/radius", file="other.yaml", text=SECOND, base="").text

    assert "<b>Mira" not in page
    assert "&lt;b&gt;Mira&lt;/b&gt;" in page
    assert "2025550143" not in page
    assert "2025550200" not in page


# ── Versions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_history_tells_who_saved_what_when_and_goes_back(gateway: Running, person: Browser) -> None:
    first = live(gateway)[0]
    save(person, SECOND, base_of(person, "other.yaml"))
    [(worker, _thread)] = gateway.workers
    wait_for(lambda: worker.live.version == first + 1)
    send(gateway, 2)

    page = person.page("mappings/other.yaml/history")

    words = said(page)
    assert re.search(rf"Version {first + 1} live \S+ \S+ ago Asha \+1 added −1 removed 2 ", words), words
    assert re.search(rf"Version {first} \S+ \S+ ago outside the console \+16 added", words), words
    shown = said(person.page(f"mappings/other.yaml/history?from={first}&to={first + 1}"))
    assert "removed: campaignName: goa_villas_welcome added: campaignName: site_visit" in shown
    text = person.page(f"mappings/other.yaml/history?of={first}")
    assert "campaignName: goa_villas_welcome" in text

    base = re.search(r'name="base" value="(\w+)"', text)
    assert base
    answer = person.post("mappings/other.yaml/restore", version=str(first), base=base[1])

    assert f"other.yaml is live As version {first + 2}" in said(answer.text)
    assert live(gateway)[1]["other.yaml"] == (folder(gateway) / "other.yaml").read_text() == FIRST
    assert person.audit()[0] == f"Asha went back to version {first}, and saved it as version {first + 2} (other.yaml)"


def test_a_version_that_has_problems_by_now_does_not_come_back(gateway: Running, person: Browser) -> None:
    first = live(gateway)[0]
    gateway.write_mapping("other.yaml", mapping("moved"))
    gateway.write_mapping("newer.yaml", mapping("other"))

    answer = person.post("mappings/other.yaml/restore", version=str(first), base=base_of(person, "other.yaml"))

    assert answer.status_code == 400
    assert "form 'other' stands in 'newer.yaml' too" in said(answer.text)
    assert (folder(gateway) / "other.yaml").read_text() == mapping("moved")


def test_going_back_does_not_undo_what_somebody_saved_meanwhile(gateway: Running, person: Browser) -> None:
    first, old = live(gateway)[0], base_of(person, "other.yaml")
    save(person, SECOND, old)

    assert person.post("mappings/other.yaml/restore", version=str(first), base=old).status_code == 409
    assert live(gateway)[1]["other.yaml"] == SECOND


def test_many_versions_are_shown_page_by_page(unfollowed: Running) -> None:
    person = sign_in(unfollowed)
    for number in range(25):
        with unfollowed.ledger.write("a version") as connection:
            versions.publish(connection, {"other.yaml": f"{FIRST}# {number}\n"}, clock.now())

    newest = said(person.page("mappings/other.yaml/history"))
    older = said(person.page("mappings/other.yaml/history?before=7"))

    assert ("Version 26" in newest, "Version 7 " in newest, "Version 6 " in newest) == (True, True, False)
    assert "Older versions" in newest
    assert ("Version 6 " in older, "Version 1 " in older, "Version 7 " in older) == (True, True, False)


@pytest.mark.parametrize("path", ["nothing.yaml/history", "nothing.yaml/saved", "nothing.yaml", "new?source=x&form=y"])
def test_what_is_not_there_is_answered_in_a_sentence(person: Browser, path: str) -> None:
    answer = person.get(f"mappings/{path}")

    assert answer.status_code == 404
    assert "There is no such page" in said(answer.text)


def test_no_version_of_that_number_comes_back(person: Browser) -> None:
    for number in ("999", "x", "-1", "9" * 40):
        answer = person.post("mappings/other.yaml/restore", version=number, base=base_of(person, "other.yaml"))
        assert answer.status_code == 404, number


# ── A first mapping ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_mapping_is_written_from_leads_and_those_that_waited_are_sent_when_a_person_says_so(
    gateway: Running, person: Browser
) -> None:
    send(gateway, 3, "fresh", budget="50 lakh")
    assert "website fresh · 3 leads wait" in said(person.page("mappings"))
    asked = person.page("mappings/new?source=website&form=fresh")
    assert "budget 3 of 3 50 lakh not used yet" in said(asked)
    assert "+12025550" not in asked

    made = person.page("mappings/new?source=website&form=fresh&campaign=goa_villas_welcome")
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', made, re.DOTALL)
    assert found
    assert "form: fresh" in found[1]
    assert 'value="website-fresh.yaml"' in made
    assert "website-fresh.yaml" not in live(gateway)[1]

    text = re.sub(r"&lt;choose a[^&]*&gt;", "$first_name", found[1])
    text = text.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    page = save(person, text, "", "website-fresh.yaml")
    assert "3 leads waited for it" in said(page.text), said(page.text)
    assert not gateway.calls()

    person.post("mappings/website-fresh.yaml/take_up")

    assert len(gateway.wait_for_states(accepted=3)) == 3
    assert person.audit()[0] == "Asha had 3 leads that waited for it planned (website-fresh.yaml)"
    assert "waited for it" not in said(person.page("mappings/website-fresh.yaml/saved"))


def test_asking_twice_for_the_leads_that_waited_sends_once(gateway: Running, person: Browser) -> None:
    send(gateway, 2, "fresh")
    save(person, mapping("fresh"), "", "fresh.yaml")

    person.post("mappings/fresh.yaml/take_up")
    person.post("mappings/fresh.yaml/take_up")

    gateway.wait_for_states(accepted=2)
    assert len(gateway.calls()) == 2
    assert sum("that waited" in each for each in person.audit()) == 1


def test_a_form_that_has_a_mapping_leads_to_it(person: Browser) -> None:
    answer = person.get("mappings/new?source=website&form=other")

    assert answer.url.endswith("/console/mappings/other.yaml")


# ── The list ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_how_each_file_stands(gateway: Running, person: Browser) -> None:
    send(gateway, 2)
    number = live(gateway)[0]
    (folder(gateway) / "other.yaml").write_text(BROKEN)
    (folder(gateway) / "never.yaml").write_text(mapping("never").replace("rules", "ruls"))
    (folder(gateway) / "open.yaml").write_text(mapping("open", campaign="<choose a campaign>"))
    (folder(gateway) / "limits.yaml").write_text("send_between: 09:00-20:00\n")
    gateway.write_mapping("last.yaml", mapping().replace("form: other\n", ""))

    words = said(person.page("mappings"))

    assert re.search(rf"other.yaml website other 1 problem version {number}, \S+ \S+ ago", words), words
    assert f"The file has 1 problem, so version {number} of it stays live. Line 10 : unknown key 'campainName'" in words
    assert "1 2 Versions of other.yaml" in words
    assert "so it is not live, and its leads wait. Line" in words
    assert "open.yaml website open not finished 1 place is still to be chosen; until then it is not live" in words
    assert "last.yaml website every form that no other file names live" in words
    assert "limits.yaml" in words
    assert "When messages may leave, and how many." in words


def test_leads_older_than_a_week_are_not_counted(gateway: Running, person: Browser) -> None:
    send(gateway, 2)
    gateway.move_clock(8 * 86_400)
    person = sign_in(gateway, "Ravi")
    send(gateway, 1, first=5)

    assert "1 1 Versions of other.yaml" in said(person.page("mappings"))


# ── As it is seen ───────────────────────────────────────────────────────────────────────────────────────────────

PAGES = (
    "mappings",
    "mappings/other.yaml/history",
    "mappings/other.yaml/history?from=1&to=2",
    "mappings/other.yaml/history?of=1",
    "mappings/other.yaml/saved",
    "mappings/new",
    "mappings/new?source=website&form=fresh",
)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_pages_are_fit_for_everybody_and_for_a_phone(
    gateway: Running, person: Browser, browser: Chromium, *, dark: bool
) -> None:
    send(gateway, 2)
    send(gateway, 2, "fresh")
    save(person, SECOND, base_of(person, "other.yaml"))
    code = gateway.command("console", "code").output.split()[0]
    with window(browser, PHONE if dark else DESKTOP, dark=dark) as page:
        enter(page, gateway.url, code, "Meera")
        for path in PAGES:
            page.goto(f"{gateway.url}/console/{path}")
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("person")
def test_somebody_writes_looks_who_is_touched_and_saves(gateway: Running, browser: Chromium) -> None:
    send(gateway, 2)
    code = gateway.command("console", "code").output.split()[0]
    with window(browser) as page:
        enter(page, gateway.url, code, "Meera")
        page.goto(f"{gateway.url}/console/mappings")
        page.get_by_role("link", name="other.yaml", exact=True).click()
        page.locator("#text").fill(SECOND)
        page.get_by_role("button", name="See who would get what instead").click()
        page.get_by_role("heading", name="Another campaign").wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="Back to the editor").click()
        assert page.locator("#text").input_value() == SECOND
        page.get_by_role("button", name="See who would get what instead").click()
        page.get_by_role("button", name="Save it").click()
        page.get_by_role("heading", name="other.yaml is live").wait_for()
    assert live(gateway)[1]["other.yaml"] == SECOND
