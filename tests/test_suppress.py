"""Numbers that are never messaged: added, taken off, listed, and taken in from a file of any spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from harness import PERSON, Running, mapping, running, wait_for
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import clock
from gateway.cli.suppress.files import read_cells
from gateway.errors import GatewayError
from gateway.sandbox.server import Sandbox
from gateway.store import suppressions
from gateway.store.ledger import Ledger

NUMBER = PERSON["phone"]
LANDLINE = "+912223456789"


def listed(gateway: Running, *arguments: str) -> list[dict[str, Any]]:
    found = gateway.command("suppress", "list", "--phones", "--json", *arguments)
    rows: list[dict[str, Any]] = json.loads(found.output)
    return rows


def numbers(gateway: Running) -> set[str]:
    return {row["number"] for row in listed(gateway)}


def test_a_suppressed_number_gets_no_message_whatever_form_it_fills_in(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    assert (
        gateway.command("suppress", "add", "(202) 555-0143", "--country", "US", "--reason", "she asked").exit_code == 0
    )

    gateway.post_website("other", **PERSON)
    [one] = gateway.wait_for_states(skipped=1)

    assert "she asked" in one.reason
    assert not gateway.calls()
    assert "she asked" in gateway.command("why", NUMBER).output


def test_what_waits_for_a_number_is_stopped_when_it_is_suppressed(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", mapping())
        box_is_down(gateway)
        gateway.post_website("other", **PERSON)
        gateway.wait_for_states(retrying=1)

        assert gateway.command("suppress", "add", NUMBER).exit_code == 0

        [one] = gateway.wait_for_states(skipped=1)
        assert "suppressed" in one.reason
        assert gateway.books().balanced


def box_is_down(gateway: Running) -> None:
    gateway.fault(status=503, times=100)


def test_a_number_taken_off_may_be_messaged_but_what_was_stopped_is_not_sent_by_itself(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.command("suppress", "add", NUMBER)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(skipped=1)

    removed = gateway.command("suppress", "remove", "001 202 555 0143")
    assert (removed.exit_code, "gateway replay" in removed.output) == (0, True)
    assert not numbers(gateway)
    gateway.let_time_pass(2, 1)
    assert not gateway.calls()

    gateway.command("replay", "l1")
    wait_for(gateway.calls, lambda calls: len(calls) == 1)


def test_each_number_is_told_and_what_is_none_is_refused_with_the_others_added(gateway: Running) -> None:
    found = gateway.command("suppress", "add", "+91 98765 43210", "98765", "098765-43211", LANDLINE, "+919876543210")

    assert found.exit_code == 1
    assert numbers(gateway) == {"+919876543210", LANDLINE}
    assert "+91 98••• ••210 is suppressed" in found.output
    assert "'98765' is too short" in found.output
    assert "'098765-43211' has no country code and no country is set" in found.output
    assert "9876543210" not in found.stdout
    assert "was suppressed already" in gateway.command("suppress", "add", LANDLINE).output


def test_a_person_can_ask_whether_a_number_is_suppressed(gateway: Running) -> None:
    assert gateway.command("suppress", "list").output == "No number is suppressed.\n"
    gateway.command("suppress", "add", NUMBER)

    yes = gateway.command("suppress", "list", "--number", "+1 (202) 555-0143")
    no = gateway.command("suppress", "list", "--number", "+919876543210")
    none = gateway.command("suppress", "list", "--number", "12")

    assert (yes.exit_code, no.exit_code, none.exit_code) == (0, 1, 2)
    assert "+1 20••• ••143" in yes.output
    assert no.output == "+91 98••• ••210 is not suppressed.\n"
    assert listed(gateway, "--number", NUMBER)[0]["number"] == NUMBER


def test_a_number_that_a_reply_suppressed_can_be_taken_off_although_it_exists_nowhere(gateway: Running) -> None:
    with gateway.ledger.write() as connection:
        suppressions.add(connection, "+910000000000", "replied 'STOP'", clock.now())

    assert gateway.command("suppress", "list", "--number", "+910000000000").exit_code == 0
    assert gateway.command("suppress", "remove", "+910000000000").exit_code == 0
    assert not numbers(gateway)


def test_of_two_who_add_a_number_one_adds_it(ledger: Ledger) -> None:
    with ledger.write() as connection:
        assert suppressions.add(connection, NUMBER, "first", clock.now())
        assert not suppressions.add(connection, NUMBER, "second", clock.now())
        assert suppressions.suppressed(connection, [NUMBER, LANDLINE]) == {NUMBER: "first"}
        assert suppressions.remove(connection, NUMBER)
        assert not suppressions.remove(connection, NUMBER)


FILE = """Name;Phone number (WhatsApp);City
Mira;+91 98765 43210;Goa
Ravi;098765 43211;Pune

Tom;;Goa
Ada;+912223456789;Pune
Mira again;+919876543210;Goa
Two;+91 98765 43212 / +91 98765 43213;Goa
Sum;9.88E+09;Goa
"""


def test_a_file_is_taken_in_and_each_refused_line_is_told(gateway: Running) -> None:
    file = gateway.tmp_path / "stop list.csv"
    file.write_text(FILE)
    gateway.command("suppress", "add", "+919876543210")

    rehearsed = gateway.command("suppress", "import", str(file), "--dry-run")
    assert rehearsed.output.startswith("3 would be added, 1 there already, 1 written twice, 3 refused\n")
    assert len(numbers(gateway)) == 1

    done = gateway.command("suppress", "import", str(file))
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "3 added, 1 there already, 1 written twice, 3 refused",
        "  line 3: has no country code and no country is set",
        "  line 5: is empty",
        "  line 9: was mangled by a spreadsheet (it ends in E+09)",
    ]
    assert numbers(gateway) == {"+919876543210", LANDLINE, "+919876543212", "+919876543213"}
    assert {row["reason"] for row in listed(gateway)} >= {"imported from stop list.csv"}

    again = gateway.command("suppress", "import", str(file), "--country", "IN", "--column", "phone NUMBER whatsapp")
    assert again.output.startswith("1 added, 4 there already, 1 written twice, 2 refused\n")


def test_a_long_file_is_taken_in_quickly_and_stops_what_waits_for_its_numbers(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    box_is_down(gateway)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)
    file = gateway.tmp_path / "long.csv"
    file.write_text("\n".join([f"+9198{at:08d}" for at in range(5_000)] + [NUMBER]))

    done = gateway.command("suppress", "import", str(file))

    assert (done.exit_code, done.stdout) == (0, "5001 added, 0 there already, 0 refused\n")
    gateway.wait_for_states(skipped=1)
    assert gateway.command("suppress", "list", "--limit", "3").output.endswith("5001 in all; --limit shows more.\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("name,city\nMira,Goa\n", "Say one of 'name', 'city' by --column"),
        ("phone,whatsapp\n1,2\n", "Say one of 'phone', 'whatsapp' by --column"),
        ("Mira,+919876543210\n", "no names over them"),
        ('phone,city\n"+919876543210,Goa\n+919876543211,Pune\n', "Nothing was changed"),
        ("PK\x03\x04", "save it as CSV"),
    ],
)
def test_a_file_that_cannot_be_understood_changes_nothing(gateway: Running, text: str, says: str) -> None:
    file = gateway.tmp_path / "odd.csv"
    file.write_text(text)

    found = gateway.command("suppress", "import", str(file))

    assert (found.exit_code, says in found.output) == (2, True), found.output
    assert not numbers(gateway)


def test_a_stray_zero_byte_hides_no_number(tmp_path: Path) -> None:
    file = tmp_path / "stray.csv"
    file.write_bytes(b"phone\n+1202\x005550143\n+12025550144\n")

    assert [cell.line for cell in read_cells(file)] == [2, 3]


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="cannot be read"):
        read_cells(tmp_path / "none.csv")


WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(WORDS, st.from_regex(r"\+[1-9][0-9]{9,13}", fullmatch=True), WORDS), min_size=1),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_no_number_of_a_file_is_lost_however_a_spreadsheet_saves_it(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    encoding: str,
    delimiter: str,
    ending: str,
) -> None:
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=delimiter, lineterminator=ending)
    writer.writerows([("Name", "Mobile no.", "City"), *rows])
    file = tmp_path_factory.mktemp("files") / "numbers.csv"
    file.write_bytes(kept.getvalue().encode(encoding))

    assert [cell.text for cell in read_cells(file)] == [number for _name, number, _city in rows]
