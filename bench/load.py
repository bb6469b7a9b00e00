"""The load generator: posts website leads over kept-alive connections, from one thread on raw sockets.

Everything but a lead's number is made beforehand, so that a post costs the generator some 30 µs and it
is the other side that is measured. A process of its own: a Load as JSON in, what came of it as JSON out.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass

#: Bytes of a lead.
SIZE = 1_000

#: Seconds without any answer after which the other side counts as dead.
SILENCE = 30.0

_NUMBER = "00000000"
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What to post."""

    port: int
    token: str
    seconds: float
    rate: float = 0.0  #: Leads a second, whatever the answers; 0: the next one as soon as one is answered.
    first: int = 0  #: The number of the first lead; numbers are never used twice.
    count: int = 0  #: How many leads at most; 0: as many as the time allows.
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Posted:
    """One lead that was posted and answered."""

    number: int
    at: float  #: Seconds since 1970: just before the POST; under a rate, when it was due.
    seconds: float  #: From then to the end of the answer.
    status: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    posted: list[Posted]
    seconds: float  #: From the first post to the last answer.
    busy: float  #: The share of one CPU that the generator itself took; near 1 it is the bottleneck.


def lead(number: str = _NUMBER) -> dict[str, str]:
    """The answers of one form, about 1 KB with the head of its JSON; `number` is what tells leads apart."""
    answers = {
        "name": "Mira Sample",
        "phone": f"+9198{number}",  # one each: nobody gets two calls at once
        "interest": "2 BHK",
        "city": "Goa",
        "message": f"{number} is my lucky number. ",
        "page": "https://www.example.com/villas/price-list",
        "utm_source": "newsletter",
    }
    padding = SIZE - len(json.dumps(answers))
    return answers | {"message": answers["message"] + ("Please call after six. " * SIZE)[:padding]}


def number_in(message: str) -> int:
    """The number of the lead that a message came from; the campaign call carries it too."""
    return int(message[: len(_NUMBER)])


def generate(load: Load) -> Loaded:
    """Post in a process of its own; raises CalledProcessError when the other side breaks off."""
    command = [sys.executable, __file__, json.dumps(asdict(load))]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return Loaded([Posted(**post) for post in found["posted"]], found["seconds"], found["busy"])


def run(load: Load) -> Loaded:
    """Post until the time is over and everything is answered. Raises OSError when the other side breaks off."""
    sender = _Sender(load)
    posted = sender.run()
    taken = max(post.at + post.seconds for post in posted) - min(post.at for post in posted)
    return Loaded(posted, taken, sender.busy)


class _Line:
    """One kept-alive connection with at most one request on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SILENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = b""
        self.number = 0
        self.at = 0.0

    def post(self, number: int, at: float, request: bytes) -> None:
        self.answer, self.number, self.at = b"", number, at
        self.socket.sendall(request)

    def read(self) -> Posted | None:
        """What there is; the whole answer when this was the end of it."""
        piece = self.socket.recv(65_536)
        if not piece:
            raise ConnectionError("the other side closed a kept-alive connection")
        self.answer += piece
        head, end, body = self.answer.partition(_END)
        if not end or len(body) < _length(head):
            return None
        return Posted(self.number, self.at, time.time() - self.at, int(head[9:12]))


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


class _Sender:
    def __init__(self, load: Load) -> None:
        self.load = load
        self.request = _request(load)
        self.lines = [_Line(load.port) for _ in range(load.connections)]
        self.idle = deque(self.lines)
        self.started = 0.0
        self.begun = 0
        self.busy = 0.0

    def run(self) -> list[Posted]:
        posted: list[Posted] = []
        with selectors.SelectSelector() as selector:  # epoll would round waits up to a millisecond
            for line in self.lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
            self.started, spent = time.time(), time.process_time()
            while self._post() or len(self.idle) < len(self.lines):
                posted += self._answers(selector)
            self.busy = (time.process_time() - spent) / (time.time() - self.started)
        for line in self.lines:
            line.socket.close()
        return posted

    def _post(self) -> bool:
        """Post what is due on the lines that are idle; False when nothing will be due any more."""
        while self.idle and (at := self._due()) <= time.time():
            if self._over(at):
                return False
            number = self.load.first + self.begun
            self.idle.popleft().post(number, at, self.request.replace(_NUMBER.encode(), b"%08d" % number))
            self.begun += 1
        return not self._over(self._due())

    def _due(self) -> float:
        """When the next lead is to be posted. One that finds no idle line waits, and its wait counts."""
        return self.started + self.begun / self.load.rate if self.load.rate else time.time()

    def _over(self, at: float) -> bool:
        return at >= self.started + self.load.seconds or 0 < self.load.count <= self.begun

    def _wait(self) -> float:
        """Seconds until the next lead is due; without one that a line could take, until the patience ends."""
        due = self._due()
        timed = self.idle and self.load.rate and not self._over(due)
        return max(0.0, due - time.time()) if timed else SILENCE

    def _answers(self, selector: selectors.BaseSelector) -> list[Posted]:
        wait = self._wait()
        ready = selector.select(wait)
        if not ready and wait == SILENCE:
            raise TimeoutError(f"no answer for {SILENCE:g} s")
        found = []
        for key, _ in ready:
            answered: Posted | None = key.data.read()
            if answered:
                found.append(answered)
                self.idle.append(key.data)
        return found


def _request(load: Load) -> bytes:
    """A whole request, with `_NUMBER` wherever its number stands."""
    body = json.dumps(lead())
    head = (
        f"POST /hooks/website/price-list HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\n"
        f"Content-Type: application/json\r\nX-Gateway-Token: {load.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


if __name__ == "__main__":
    print(json.dumps(asdict(run(Load(**json.loads(sys.argv[1]))))))
