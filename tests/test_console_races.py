"""Two people, or two clicks, at the same moment: one counts, and the audit list tells only what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests
from consoling import Browser, said, sign_in
from harness import Running, mapping, somebody, wait_for
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from gateway.console.entrance import doorman
from gateway.console.mappings.typed import LONGEST
from gateway.store.ledger import Ledger


def at_once(browser: Browser, path: str, count: int = 4, **fields: str) -> list[requests.Response]:
    """The same form, sent by several at the same moment."""
    data = {"csrf": browser.csrf()} | fields
    with ThreadPoolExecutor(count) as many:
        sent = [many.submit(browser.session.post, f"{browser.url}/{path}", data=data, timeout=30) for _ in range(count)]
        return [one.result() for one in sent]


def accepted(gateway: Running) -> int:
    gateway.write_mapping("other.yaml", mapping("other"))
    gateway.post_website("other", **somebody(1))
    return int(gateway.wait_for_delivery("accepted").lead_id)


def test_one_more_message_is_one_however_often_its_page_is_sent(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    [newest] = re.findall(r'name="newest" value="(d\d+)"', asha.page(f"leads/{lead}"))

    at_once(asha, f"leads/{lead}/replay", again="1", newest=newest)
    gateway.wait_for_states(accepted=2)
    late = asha.post(f"leads/{lead}/replay", again="1", newest=newest)
    edited = asha.post(f"leads/{lead}/edit", again="1", newest=newest, **{"new-name": "note", "new-text": "late"})

    for refused in (late, edited):
        assert refused.status_code == 409
        assert "Nothing was done: this lead got another message since you loaded its page" in said(refused.text)
    gateway.wait_until_nothing_is_out()
    assert len(gateway.calls()) == 2
    assert not [line for line in asha.audit() if "changed" in line]


def test_a_lead_that_many_replay_at_once_gets_one_message(gateway: Running) -> None:
    gateway.post_website("other", **somebody(1))
    wait_for(lambda: [str(one.state) for one in gateway.leads()], lambda states: states == ["unmapped"])
    gateway.write_mapping("other.yaml", mapping("other"))
    asha = sign_in(gateway)

    answers = at_once(asha, f"leads/{gateway.leads()[0].lead.id}/replay")

    assert {answer.status_code for answer in answers} <= {200, 409}
    gateway.wait_for_states(accepted=1)
    gateway.wait_until_nothing_is_out()
    assert len(gateway.calls()) == 1
    noted = [line for line in asha.audit() if line.startswith("Asha replayed it") or "tried at once" in line]
    assert len(noted) == sum(answer.status_code == 200 for answer in answers)


def test_of_many_leads_those_are_noted_that_were_replayed(gateway: Running) -> None:
    for number in range(2):
        gateway.post_website("other", **somebody(number))
    wait_for(lambda: [str(one.state) for one in gateway.leads()], lambda states: states == ["unmapped"] * 2)
    asha = sign_in(gateway)
    ids = ",".join(str(one.lead.id) for one in gateway.leads())

    asha.post("leads/again?state=failed", ids=ids)
    assert not [line for line in asha.audit() if "many leads" in line]

    asha.post("leads/again?state=unmapped", ids=ids)
    assert asha.audit()[0] == "Asha replayed many leads (state: no mapping): 2 of them"


def test_a_download_that_is_begun_in_its_middle_is_noted_like_any_other(gateway: Running) -> None:
    accepted(gateway)
    asha = sign_in(gateway)
    for _ in range(2):
        assert asha.get("leads.csv?before=900").status_code == 200
    asha.post("phones", show="1")
    assert asha.get("leads.csv?before=900").status_code == 200
    noted = [line for line in asha.audit() if "downloaded" in line]
    assert noted == [f"Asha downloaded leads (all): 1, with {which} phone numbers" for which in ("whole", "shortened")]


def test_a_number_that_is_typed_as_a_question_is_not_in_the_audit_list(gateway: Running) -> None:
    lead, asha = accepted(gateway), sign_in(gateway)
    asha.post(f"leads/{lead}/edit", again="1", **{"new-name": "+91 98765 43210", "new-text": "yes"})
    assert "and replayed it" in asha.audit()[0]
    assert "43210" not in asha.audit()[0].replace("•", "")


def test_while_nothing_can_be_written_pages_are_shown_and_wait_once(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, tried = sign_in(gateway), []
    write = Ledger.write

    @contextmanager
    def refusing(ledger: Ledger, name: str = "", *, door: bool = False) -> Iterator[Connection]:
        if name == "session":
            tried.append(name)
            raise OperationalError("", {}, OSError("locked"))
        with write(ledger, name, door=door) as connection:
            yield connection

    monkeypatch.setattr(Ledger, "write", refusing)
    monkeypatch.setattr(doorman, "_EVERY", timedelta(seconds=-1))
    assert [asha.get("audit").status_code for _ in range(3)] == [200] * 3
    assert tried == ["session"]


def test_a_text_that_no_mapping_has_is_not_looked_at(gateway: Running) -> None:
    answer = sign_in(gateway).post("mappings/check", file="x.yaml", text="#" * (LONGEST + 1))
    assert (answer.status_code, "longer than any mapping" in said(answer.text)) == (413, True)
