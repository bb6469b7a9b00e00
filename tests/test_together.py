"""Group commit and the bell: many requests share one commit, each hears what came of its own, and the worker wakes."""

from __future__ import annotations

import os
import select
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness import Running, wait_for
from sqlalchemy.exc import DataError, OperationalError

from gateway.store.bell import Bell, Listener
from gateway.web.together import Take, Together

AT_ONCE = 8


class Disk:
    """Stands for a ledger: writes when it is let, and remembers what it wrote together."""

    def __init__(self, *, fault: Exception | None = None) -> None:
        self.let = threading.Event()
        self.begun = threading.Event()
        self.written: list[list[str]] = []
        self.fault = fault

    def write(self, take: Take[str]) -> list[str]:
        items = take()
        self.begun.set()
        assert self.let.wait(20)
        if self.fault and "odd" in items:
            raise self.fault
        self.written.append(list(items))
        return [f"{item} stored" for item in items]


def store_all(disk: Disk, *items: str) -> list[str | BaseException | None]:
    """Store the first, and the others while it is being written; what came of each."""
    together = Together(disk.write)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = pool.submit(together.store, items[0])
        assert disk.begun.wait(20)
        others = [pool.submit(together.store, item) for item in items[1:]]
        wait_for(lambda: len(together._waiting) == len(others))
        disk.let.set()
        return [one.exception(20) or one.result() for one in (first, *others)]


def test_what_comes_while_one_is_written_shares_the_next_commit_and_each_gets_its_own_answer() -> None:
    disk = Disk()

    found = store_all(disk, "a", "b", "c", "d")

    assert found == ["a stored", "b stored", "c stored", "d stored"]
    assert [len(batch) for batch in disk.written] == [1, 3]


def test_a_text_that_the_database_refuses_hurts_its_own_request_alone() -> None:
    disk = Disk(fault=DataError("INSERT", None, ValueError("too long")))

    found = store_all(disk, "a", "b", "odd", "d")

    assert [found[at] for at in (0, 1, 3)] == ["a stored", "b stored", "d stored"]
    assert isinstance(found[2], DataError)


def test_when_the_commit_fails_all_that_waited_for_it_hear_so_and_the_next_ones_are_stored() -> None:
    disk = Disk(fault=OperationalError("COMMIT", None, OSError("disk full")))

    found = store_all(disk, "a", "b", "odd")

    assert found[0] == "a stored"
    assert all(isinstance(one, OperationalError) for one in found[1:])
    assert disk.written == [["a"]]


def test_requests_at_once_are_all_stored_each_under_its_own_id(gateway: Running) -> None:
    gateway.stop_worker()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ids = list(pool.map(lambda number: gateway.post_website(name=f"Mira {number}"), range(40)))

    assert len(set(ids)) == 40
    assert all(f"name=Mira+{number}".encode() in gateway.event(one).body for number, one in enumerate(ids))


def test_a_bell_wakes_the_worker_and_is_harmless_while_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / ("long" * 40) / "gateway.bell"  # longer than the path of a socket may be
    file.parent.mkdir()
    bell = Bell(file)
    bell.ring()
    for _start in range(2):
        listener = Listener(file)
        bell.ring()
        assert listener.wait(20)
        assert not listener.wait(0)
        listener.close()
        bell.ring()
    bell.close()


def test_a_bell_that_nobody_answers_never_makes_one_wait(tmp_path: Path) -> None:
    listener, bell = Listener(tmp_path / "gateway.bell"), Bell(tmp_path / "gateway.bell")
    for _ in range(100_000):
        bell.ring()

    assert listener.wait(0)
    assert not listener.wait(0)
    bell.close()
    listener.close()


@pytest.mark.parametrize("file", ["gateway.bell", None])
def test_who_wakes_a_closed_listener_writes_into_nobody_elses_file(tmp_path: Path, file: str | None) -> None:
    listener = Listener(tmp_path / file if file else None)
    listener.close()
    pipes = [os.pipe() for _ in range(4)]  # they get the numbers that are free again

    listener.wake()
    listener.close()

    assert select.select([reads for reads, _writes in pipes], [], [], 0)[0] == []
    for end in (end for pipe in pipes for end in pipe):
        os.close(end)


def test_where_a_file_lies_in_the_place_of_the_pipe_the_worker_wakes_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "gateway.bell").write_text("no pipe")

    Bell(tmp_path / "gateway.bell").ring()
    listener = Listener(tmp_path / "gateway.bell")
    listener.wake()

    assert not listener.hears_others
    assert listener.wait(20)
    assert (tmp_path / "gateway.bell").read_text() == "no pipe"
    listener.close()


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_a_wait_ends_by_itself(seconds: float) -> None:
    listener = Listener(None)

    assert listener.wait(seconds) == 0
    listener.close()
