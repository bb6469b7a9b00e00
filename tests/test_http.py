"""The way out, against real sockets that behave badly."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

import pytest
from tls import own_certificate, server_side

from gateway.errors import GatewayError
from gateway.http import MAX_ANSWER, Answered, CallFailed, Http

Talk = Callable[[socket.socket, int], None]

SOON = 2.5  #: Seconds: above every deadline here, below the time that any dripping would take.
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _talk(talk: Talk, line: socket.socket, number: int) -> None:
    with line, suppress(OSError):  # the other end hangs up, as it should
        talk(line, number)


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """A port where `talk` has the word on every connection (numbered from 1)."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            number = 0
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                number += 1
                threading.Thread(target=_talk, args=(talk, line, number), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)


def heard(line: socket.socket) -> bytes:
    """One whole request."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = line.recv(65536)
        if not piece:
            raise ConnectionResetError
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    length = next((int(row[15:]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def drip(line: socket.socket, text: bytes) -> None:
    for byte in text:
        line.sendall(bytes([byte]))
        time.sleep(0.05)


def says(text: bytes) -> Talk:
    def talk(line: socket.socket, _: int) -> None:
        heard(line)
        line.sendall(text)

    return talk


def post(port: int, *, deadline: float = 5.0, scheme: str = "http", body: bytes = b"{}") -> Answered:
    return Http(deadline=deadline).post(f"{scheme}://127.0.0.1:{port}/call?secret=word", json=body)


def failure(port: int, *, deadline: float = 5.0, scheme: str = "http", body: bytes = b"{}") -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        post(port, deadline=deadline, scheme=scheme, body=body)
    assert "word" not in str(caught.value)
    return caught.value


def test_an_answer_comes_back_whole() -> None:
    talk = says(b"HTTP/1.1 402 Payment\r\nContent-Length: 4\r\nX-Trace: A\r\n\r\nno..")
    with server(talk) as port:
        assert post(port) == Answered(402, b"no..", {"content-length": "4", "x-trace": "A"})


def test_a_look_up_carries_its_parameters_and_headers() -> None:
    requests: list[bytes] = []

    def talk(line: socket.socket, _: int) -> None:
        requests.append(heard(line))
        line.sendall(OK)

    with server(talk) as port:
        Http().get(f"http://127.0.0.1:{port}/lead", params={"fields": "id,name"}, headers={"Authorization": "Bearer t"})
    assert requests[0].startswith(b"GET /lead?fields=id%2Cname HTTP/1.1\r\n")
    assert b"Authorization: Bearer t" in requests[0]


def test_chunked_and_packed_answers_are_read() -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    with server(says(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed))) as port:
        assert post(port).body == b'{"a": 1}'


def test_a_refused_connection_means_that_nothing_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(port)
    assert not error.left
    assert str(error) == "no connection to 127.0.0.1: connection refused"


def test_an_unknown_name_means_that_nothing_left() -> None:
    with pytest.raises(CallFailed) as caught:
        Http(deadline=3).post("https://aisensy.invalid/api", json=b"{}")
    assert not caught.value.left


@pytest.mark.parametrize("url", ["http://", "https://[::1", "ftp://127.0.0.1/x", "nonsense", "http://127.0.0.1:99999/"])
def test_an_address_that_is_none_fails_with_a_sentence(url: str) -> None:
    with pytest.raises(CallFailed) as caught:
        Http(deadline=2).post(url, json=b"{}")
    assert not caught.value.left


def _hangs_up(line: socket.socket, _: int) -> None:
    heard(line)


def test_a_reset_before_the_answer_leaves_doubt() -> None:
    with server(_hangs_up) as port:
        error = failure(port)
    assert error.left
    assert str(error) == "127.0.0.1 broke off before its answer was whole"


def test_a_reset_in_the_middle_of_the_body_leaves_doubt() -> None:
    with server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{half")) as port:
        assert failure(port).left


def test_a_chunked_answer_that_stops_leaves_doubt() -> None:
    with server(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{half")) as port:
        assert failure(port).left


def test_an_answer_that_is_no_http_leaves_doubt() -> None:
    with server(says(b"SSH-2.0-OpenSSH_9.6\r\n")) as port:
        assert failure(port).left


def test_a_service_that_never_answers_is_left_at_the_deadline() -> None:
    def talk(line: socket.socket, _: int) -> None:
        heard(line)
        line.recv(1)

    with server(talk) as port:
        began = time.monotonic()
        error = failure(port, deadline=0.5)
    assert error.left
    assert 0.5 <= time.monotonic() - began < SOON
    assert str(error) == "127.0.0.1 gave no whole answer within 0.5 s"


@pytest.mark.parametrize(
    ("at_once", "dripped"),
    [
        pytest.param(b"", OK * 9, id="status and headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 20, id="headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n", b" " * 90, id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 90, id="body of no said length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 20, id="chunks"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 9, id="for ever to be continued"),
    ],
)
def test_an_answer_that_drips_is_left_at_the_deadline(at_once: bytes, dripped: bytes) -> None:
    def talk(line: socket.socket, _: int) -> None:
        heard(line)
        line.sendall(at_once)
        drip(line, dripped)

    with server(talk) as port:
        began = time.monotonic()
        error = failure(port, deadline=0.6)
    assert error.left
    assert time.monotonic() - began < SOON


def test_a_service_that_does_not_listen_is_left_at_the_deadline() -> None:
    def talk(line: socket.socket, _: int) -> None:
        time.sleep(3)
        line.recv(1)

    with server(talk) as port:
        began = time.monotonic()
        error = failure(port, deadline=0.5, body=b" " * 30_000_000)
    assert error.left
    assert time.monotonic() - began < SOON


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    with server(says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_ANSWER * 3))) as port:
        error = failure(port)
    assert error.left
    assert str(error) == "127.0.0.1 answered more than 1,000,000 bytes"


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with server(says(head + bomb)) as port:
        assert failure(port).left


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    visits: list[int] = []

    def talk(line: socket.socket, number: int) -> None:
        visits.append(number)
        says(b"HTTP/1.1 302 Found\r\nLocation: http://[bad\r\nContent-Length: 0\r\n\r\n")(line, number)

    with server(talk) as port:
        answered = post(port)
    assert answered.status == 302
    assert visits == [1]


def _counting(lines: list[int]) -> Talk:
    def talk(line: socket.socket, number: int) -> None:
        lines.append(number)
        while heard(line):
            line.sendall(OK)

    return talk


def test_a_fresh_connection_is_used_again() -> None:
    lines: list[int] = []
    with server(_counting(lines)) as port:
        http = Http()
        for _ in range(3):
            assert http.post(f"http://127.0.0.1:{port}/", json=b"{}").status == 200
    assert lines == [1]


def test_a_connection_that_the_service_closed_is_not_used_again() -> None:
    closed: SimpleQueue[int] = SimpleQueue()

    def talk(line: socket.socket, number: int) -> None:
        heard(line)
        line.sendall(OK)
        line.shutdown(socket.SHUT_RDWR)
        closed.put(number)

    with server(talk) as port:
        http = Http()
        for number in (1, 2, 3):
            assert http.post(f"http://127.0.0.1:{port}/", json=b"{}").status == 200
            assert closed.get(timeout=5) == number


def test_a_connection_that_was_idle_for_three_seconds_is_not_used_again() -> None:
    lines: list[int] = []
    with server(_counting(lines)) as port:
        http = Http()
        http.post(f"http://127.0.0.1:{port}/", json=b"{}")
        time.sleep(3.1)
        http.post(f"http://127.0.0.1:{port}/", json=b"{}")
    assert lines == [1, 2]


def test_a_connection_that_the_service_says_it_closes_is_not_used_again() -> None:
    lines: list[int] = []

    def talk(line: socket.socket, number: int) -> None:
        lines.append(number)
        heard(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        line.recv(1)

    with server(talk) as port:
        http = Http()
        for _ in range(2):
            assert http.post(f"http://127.0.0.1:{port}/", json=b"{}").status == 200
    assert lines == [1, 2]


def test_threads_that_call_one_after_the_other_share_a_connection() -> None:
    lines: list[int] = []
    with server(_counting(lines)) as port:
        http = Http()
        for _ in range(3):
            thread = threading.Thread(target=http.post, args=(f"http://127.0.0.1:{port}/",), kwargs={"json": b"{}"})
            thread.start()
            thread.join()
    assert lines == [1]


def test_connections_that_fewer_calls_at_a_time_leave_over_are_closed() -> None:
    together = threading.Barrier(3, timeout=5)
    closed: SimpleQueue[int] = SimpleQueue()

    def talk(line: socket.socket, number: int) -> None:
        heard(line)
        together.wait()
        line.sendall(OK)
        with suppress(ConnectionResetError):
            while heard(line):
                line.sendall(OK)
        closed.put(number)

    with server(talk) as port:
        http, url = Http(), f"http://127.0.0.1:{port}/"
        threads = [threading.Thread(target=http.post, args=(url,), kwargs={"json": b"{}"}) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        began = time.monotonic()
        while closed.qsize() < 2 and time.monotonic() - began < 15:
            http.post(url, json=b"{}")
            time.sleep(0.05)
    assert closed.qsize() == 2


def test_a_post_says_where_to_what_and_how_much_at_once() -> None:
    requests: list[bytes] = []

    def talk(line: socket.socket, _: int) -> None:
        requests.append(heard(line))
        line.sendall(OK)

    with server(talk) as port:
        post(port, body=b'{"a": 1}')
    head, _, body = requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /call?secret=word HTTP/1.1"
    assert sorted(headers) == [
        "Accept-Encoding: identity",
        "Accept: application/json",
        "Content-Length: 8",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: lead-gateway",
    ]
    assert body == b'{"a": 1}'


def test_a_failed_call_spoils_no_later_one() -> None:
    def talk(line: socket.socket, number: int) -> None:
        heard(line)
        if number > 1:
            line.sendall(OK)
        else:
            line.recv(1)

    with server(talk) as port:
        http = Http(deadline=0.3)
        with pytest.raises(CallFailed):
            http.post(f"http://127.0.0.1:{port}/", json=b"{}")
        assert http.post(f"http://127.0.0.1:{port}/", json=b"{}").status == 200


def _hints(hints: bytes, lines: list[int]) -> Talk:
    """Says something before each answer, which repeats what it was asked."""

    def talk(line: socket.socket, number: int) -> None:
        lines.append(number)
        while request := heard(line):
            line.sendall(hints)
            time.sleep(0.05)  # the answer is not there yet when the hints are read
            about = request.split(b"call=")[1][:1]
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + about)

    return talk


def _posted(http: Http, port: int, number: int) -> Answered:
    return http.post(f"http://127.0.0.1:{port}/", json=b"call=%d" % number)


def _asked(http: Http, port: int, number: int) -> Answered:
    return http.get(f"http://127.0.0.1:{port}/", params={"call": str(number)}, headers={})


EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


@pytest.mark.parametrize("call", [_posted, _asked])
@pytest.mark.parametrize(
    "hints",
    [
        pytest.param(EARLY_HINTS, id="early hints"),
        pytest.param(b"HTTP/1.1 102 Processing\r\n\r\n" * 5, id="processing"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY_HINTS + b"HTTP/1.1 199 Odd\r\n\r\n", id="all kinds"),
    ],
)
def test_every_call_gets_its_own_answer_whatever_is_said_before(
    hints: bytes, call: Callable[[Http, int, int], Answered]
) -> None:
    lines: list[int] = []
    with server(_hints(hints, lines)) as port:
        http = Http()
        for number in range(3):
            assert call(http, port, number) == Answered(200, b"%d" % number, {"content-length": "1"})
    assert lines == [1]


@pytest.mark.parametrize("call", [_posted, _asked])
@pytest.mark.parametrize(
    "hints",
    [
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\n\r\n", id="another protocol"),
        pytest.param(EARLY_HINTS * 200, id="hints without end"),
    ],
)
def test_what_is_no_answer_leaves_doubt_and_no_later_call_gets_what_follows(
    hints: bytes, call: Callable[[Http, int, int], Answered]
) -> None:
    lines: list[int] = []
    with server(_hints(hints, lines)) as port:
        http = Http()
        for number in range(2):
            with pytest.raises(CallFailed, match="broke off before its answer was whole") as caught:
                call(http, port, number)
            assert caught.value.left
    assert lines == [1, 2]


def test_many_threads_call_at_once() -> None:
    answers: list[int] = []
    with server(_counting([])) as port:
        http = Http()

        def call() -> None:
            answers.extend(http.post(f"http://127.0.0.1:{port}/", json=b"{}").status for _ in range(20))

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * 160


def test_only_this_machine_is_called_when_so_told() -> None:
    with pytest.raises(CallFailed) as caught:
        Http(loopback_only=True).post("https://backend.aisensy.invalid/api", json=b"{}")
    assert not caught.value.left
    assert "only this machine may be called" in str(caught.value)
    with server(says(OK)) as port:
        assert Http(loopback_only=True).post(f"http://127.0.0.1:{port}/", json=b"{}").status == 200


def test_a_plain_port_asked_for_tls_means_that_nothing_left() -> None:
    with server(lambda line, _: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        error = failure(port, scheme="https")
    assert not error.left
    assert "TLS" in str(error)


def _listens(line: socket.socket, _: int) -> None:
    while line.recv(4096):
        pass


def _drips_a_handshake(line: socket.socket, _: int) -> None:
    drip(line, b"\x16" * 60)


@pytest.mark.parametrize("talk", [_listens, _drips_a_handshake])
def test_a_handshake_without_end_is_left_at_the_deadline(talk: Talk) -> None:
    with server(talk) as port:
        began = time.monotonic()
        error = failure(port, scheme="https", deadline=0.5)
    assert not error.left
    assert time.monotonic() - began < SOON


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return own_certificate(tmp_path)


def _safely(certificate: Path, talk: Talk) -> Talk:
    context = server_side(certificate)

    def safe(line: socket.socket, number: int) -> None:
        with context.wrap_socket(line, server_side=True) as wrapped:
            talk(wrapped, number)

    return safe


def test_a_certificate_that_nobody_vouches_for_means_that_nothing_left(certificate: Path) -> None:
    with server(_safely(certificate, says(OK))) as port:
        error = failure(port, scheme="https")
    assert not error.left
    assert "its certificate is not trusted" in str(error)


def test_a_certificate_named_in_the_environment_is_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(_safely(certificate, says(OK))) as port:
        assert post(port, scheme="https").status == 200


def test_a_safe_answer_that_drips_is_left_at_the_deadline(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def talk(line: socket.socket, _: int) -> None:
        heard(line)
        drip(line, OK * 9)

    with server(_safely(certificate, talk)) as port:
        began = time.monotonic()
        error = failure(port, scheme="https", deadline=0.6)
    assert error.left
    assert time.monotonic() - began < SOON


def test_a_missing_file_of_certificates_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(GatewayError, match="REQUESTS_CA_BUNDLE names /nowhere"):
        Http()


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(says(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), id="refuses"),
        pytest.param(_drips_a_handshake, id="drips"),
        pytest.param(_hangs_up, id="hangs up"),
    ],
)
def test_a_proxy_that_does_not_connect_means_that_nothing_left(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(talk) as port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        began = time.monotonic()
        with pytest.raises(CallFailed) as caught:
            Http(deadline=0.6).post("https://aisensy.invalid/api", json=b"{}")
    assert not caught.value.left
    assert time.monotonic() - began < SOON


def test_a_call_goes_through_the_proxy_of_the_environment(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    inside = _safely(certificate, says(OK))

    def talk(line: socket.socket, number: int) -> None:
        asked.append(heard(line).split(b"\r\n")[0])
        line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        inside(line, number)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(talk) as port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        with pytest.raises(CallFailed) as caught:  # the certificate is for 127.0.0.1
            Http().post("https://aisensy.invalid/api", json=b"{}")
    assert asked[0].startswith(b"CONNECT aisensy.invalid:443 ")
    assert "its certificate is not trusted" in str(caught.value)


def test_this_machine_is_never_called_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with server(says(OK)) as port:
        assert post(port).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:93.184.215.14]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "[fc00::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
    ],
)
def test_no_address_but_those_of_the_open_internet_is_peeked_at(host: str) -> None:
    with pytest.raises(CallFailed, match="no public address") as caught:
        Http(deadline=1).peek(f"https://{host}/brochure.pdf")
    assert not caught.value.left


def test_a_name_that_leads_to_this_machine_is_not_peeked_at() -> None:
    heard_of: list[int] = []
    with server(lambda _, number: heard_of.append(number)) as port:
        for url in (f"http://localhost:{port}/", "http://localhost/", f"http://127.0.0.1:{port}/"):
            with pytest.raises(CallFailed, match=r"no public address|none of the web's own"):
                Http(deadline=1).peek(url)
    assert heard_of == []


def test_no_line_kept_from_a_trusted_call_serves_a_peek_which_would_pass_the_guard_by() -> None:
    lines: list[int] = []

    def talk(line: socket.socket, number: int) -> None:
        lines.append(number)
        while True:
            heard(line)
            line.sendall(OK)

    with server(talk) as port:
        http = Http(loopback_only=True)
        assert http.post(f"http://127.0.0.1:{port}/", json=b"{}").status == 200
        assert http.peek(f"http://127.0.0.1:{port}/").status == 200
    assert lines == [1, 2]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_no_way_around_the_guard(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def talk(line: socket.socket, _: int) -> None:
        asked.append(heard(line).split(b"\r\n")[0])
        line.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    with server(talk) as port:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{port}")
        http = Http(deadline=2)
        with pytest.raises(CallFailed, match="no public address"):
            http.peek(f"{scheme}://192.168.1.1/brochure.pdf")
        assert asked == []
        with suppress(CallFailed):  # the proxy itself may be anywhere; it says no
            http.peek(f"{scheme}://93.184.215.14/brochure.pdf")
    assert len(asked) == 1
    assert b"93.184.215.14" in asked[0]


def test_a_peek_leaves_the_body_where_it_is() -> None:
    sent: list[int] = []

    def talk(line: socket.socket, _: int) -> None:
        heard(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 99999999\r\n\r\n")
        sent.extend(line.send(b"x" * 100_000) for _piece in range(500))

    with server(talk) as port:
        answered = Http(loopback_only=True).peek(f"http://127.0.0.1:{port}/film.mp4")
    assert answered == Answered(200, b"", {"content-type": "video/mp4", "content-length": "99999999"})
    assert sum(sent) < 40_000_000


def test_a_peek_follows_no_redirect() -> None:
    asked: list[bytes] = []

    def talk(line: socket.socket, _: int) -> None:
        asked.append(heard(line))
        line.sendall(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n")

    with server(talk) as port:
        answered = Http(loopback_only=True).peek(f"http://127.0.0.1:{port}/brochure.pdf")
    assert (answered.status, answered.headers["location"]) == (302, "/login")
    assert len(asked) == 1
