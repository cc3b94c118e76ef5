"""Whoever says nothing, or takes nothing, is not waited for; whoever works is. On real sockets, with short limits."""

import json
import socket
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.sync.client import connect

from aevum.server import Explorer, Run, wire
from aevum.server.connections import Limits

SHORT = Limits(head=0.4, body=0.4, whole_body=1.2, stalled=0.4, ping=0.4, connections=12)


@pytest.fixture(scope="module")
def page(runs):
    with Explorer([runs["ae"]], limits=SHORT).start() as page:
        yield page


@pytest.fixture
def dialled(page):
    """Open connections that are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(socket.create_connection(("127.0.0.1", page.port), timeout=5)))


def head(page, method="GET", path="/api/runs", *more):
    lines = [
        f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{page.port}", f"Authorization: Bearer {page.token}",
        f"Origin: {page.base}", *more,
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def until_closed(connection):
    """What still comes, and how long it took until the other end closed."""
    started, found = time.monotonic(), b""
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            found += part
    return found, time.monotonic() - started


def answered(page):
    """Whether an honest request is answered, and how soon."""
    started = time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", page.port), timeout=5)) as connection:
        connection.sendall(head(page, "GET", "/api/runs", "Connection: close"))
        found, _ = until_closed(connection)
    assert found.startswith(b"HTTP/1.1 200"), found[:200]
    return time.monotonic() - started


def dial(page, **options):
    known = {"origin": page.base, "subprotocols": ["aevum", f"bearer.{page.token}"], "compression": None}
    return connect(f"ws://127.0.0.1:{page.port}/api/ws", **{**known, **options})


# -------------------------------------------------------------------- heads


def test_connections_that_say_nothing_are_closed(page, dialled):
    found = [until_closed(connection) for connection in [dialled() for _ in range(4)]]
    assert all(data == b"" and seconds < 2 for data, seconds in found)


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(page, dialled):
    connection, started = dialled(), time.monotonic()
    with suppress(ConnectionError):
        for byte in head(page):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
            if time.monotonic() - started > 0.6:
                break
    found, _ = until_closed(connection)
    assert found.startswith(b"HTTP/1.1 408") and time.monotonic() - started < 3


def test_a_second_request_is_waited_for_as_the_first(page, dialled):
    connection = dialled()
    for _ in range(3):
        time.sleep(0.2)  # within the limit
        connection.sendall(head(page, "GET", "/missing.js"))
        found = b""
        while not found.endswith(b"Not Found"):
            found += connection.recv(65536)
    for _ in range(3):  # a head that goes on for ever, after an answer
        with suppress(ConnectionError):
            connection.sendall(b"GET / HT")
        time.sleep(0.3)
    assert until_closed(connection)[1] < 1


def test_the_rest_of_a_body_that_nobody_reads_is_not_waited_for(page, dialled):
    connection = dialled()
    connection.sendall(head(page, "POST", "/app.js", "Content-Length: 1000000"))
    assert connection.recv(65536).startswith(b"HTTP/1.1 405")
    started = time.monotonic()
    with pytest.raises(ConnectionError):
        for _ in range(40):
            connection.sendall(b"x")
            time.sleep(0.05)
    assert time.monotonic() - started < 2


# -------------------------------------------------------------------- bodies


def test_a_body_that_stops_is_not_waited_for(page, dialled):
    connection = dialled()
    connection.sendall(head(page, "POST", "/api/runs/ae/decode", "Content-Length: 100") + b'{"z"')
    found, seconds = until_closed(connection)
    assert found.startswith(b"HTTP/1.1 408") and b"did not come in time" in found and seconds < 2


def test_a_body_that_trickles_is_not_waited_for_without_end(page, dialled):
    connection, started = dialled(), time.monotonic()
    connection.sendall(head(page, "POST", "/api/runs/ae/upload", "Content-Length: 1000"))
    with suppress(ConnectionError):
        while time.monotonic() - started < 1.6:
            connection.sendall(b"x")
            time.sleep(0.2)
    assert until_closed(connection)[0].startswith(b"HTTP/1.1 408")


def test_a_slow_body_that_goes_on_is_read(page, dialled):
    connection, body = dialled(), json.dumps({"z": [[0.0, 0.0]]}).encode()
    connection.sendall(head(page, "POST", "/api/runs/ae/decode", f"Content-Length: {len(body)}", "Connection: close"))
    for start in range(0, len(body), 5):
        time.sleep(0.15)
        connection.sendall(body[start : start + 5])
    assert until_closed(connection)[0].startswith(b"HTTP/1.1 200")


# -------------------------------------------------------------------- many


def test_many_that_say_nothing_keep_nobody_out(page, dialled):
    silent = [dialled() for _ in range(40)]
    with dial(page) as socket:
        assert answered(page) < 2
        socket.send(wire.encode({"id": 1, "run": "ae", "op": "decode"}, {"z": np.zeros((1, 2))}))
        assert wire.decode(socket.recv(timeout=5))[0]["ok"]
        connections = page._server.server_state.connections
        assert len(connections) <= SHORT.connections + 1
        for connection in silent[:28]:  # the oldest went first, with a word
            assert until_closed(connection)[0].startswith(b"HTTP/1.1 503")
    time.sleep(0.6)
    assert answered(page) < 2 and len(connections) <= 2


# -------------------------------------------------------------------- WebSockets


def test_a_websocket_that_answers_pings_stays(page):
    with dial(page) as socket:
        time.sleep(1.5)  # says nothing meanwhile; websockets answers pings by itself
        socket.send(wire.encode({"id": 1, "run": "ae", "op": "decode"}, {"z": np.zeros((1, 2))}))
        assert wire.decode(socket.recv(timeout=5))[0]["ok"]


def test_a_websocket_that_answers_no_ping_is_closed(page, monkeypatch):
    with dial(page) as socket:
        pong = socket.protocol.recv_frame
        monkeypatch.setattr(
            socket.protocol, "recv_frame", lambda frame: None if frame.opcode is Opcode.PING else pong(frame)
        )
        started = time.monotonic()
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
        assert time.monotonic() - started < 3


def test_a_page_whose_messages_wait_for_long_work_stays(runs, monkeypatch):
    """With its queue full nothing is read from it, pongs neither: it is not taken for gone."""
    started = threading.Event()

    def score(x, y):
        started.set()
        time.sleep(1.6)
        return np.zeros(len(x))

    run = Run("slow", "slow", runs["ae"].estimator, runs["ae"].x)
    monkeypatch.setattr(run, "score", score)
    with Explorer([run], limits=SHORT).start() as page, dial(page) as socket:
        socket.send(wire.encode({"id": 0, "run": "slow", "op": "scores"}, {}))
        assert started.wait(5)
        for id in range(1, 15):
            socket.send(wire.encode({"id": id, "run": "slow", "op": "decode"}, {"z": np.zeros((1, 2))}))
        assert [wire.decode(socket.recv(timeout=5))[0]["id"] for _ in range(15)] == list(range(15))


@pytest.mark.parametrize("transport", ["http", "socket"])
def test_who_takes_nothing_of_an_answer_is_left(page, transport, dialled):
    """4,096 pictures are a megabyte and more, which no buffer of the system's holds for long."""
    z = np.zeros((4096, 2), np.float32)
    connections = page._server.server_state.connections
    with ExitStack() as stack:
        if transport == "http":
            connection = dialled()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            body = json.dumps({"z": z.tolist()}).encode()
            for _ in range(4):
                connection.sendall(head(page, "POST", "/api/runs/ae/decode", f"Content-Length: {len(body)}") + body)
        else:
            raw = dialled()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            known = f"Sec-WebSocket-Protocol: aevum, bearer.{page.token}"
            raw.sendall(
                head(
                    page, "GET", "/api/ws", known, "Connection: Upgrade", "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                )
            )  # fmt: skip
            assert raw.recv(4096).startswith(b"HTTP/1.1 101")
            message = wire.encode({"id": 1, "run": "ae", "op": "decode"}, {"z": z})
            frame = b"\x82\xfe" + len(message).to_bytes(2, "big") if len(message) < 65536 else None
            assert frame is not None
            for _ in range(8):
                raw.sendall(frame + bytes(4) + message)
        deadline = time.monotonic() + 6
        time.sleep(0.5)
        while connections and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not connections
        del stack
    assert answered(page) < 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts no files")
@pytest.mark.parametrize("files", [256, 1024, 20_000, "infinity"])
def test_connections_leave_files_to_be_opened(files, monkeypatch):
    import resource

    soft = resource.RLIM_INFINITY if files == "infinity" else files
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, resource.RLIM_INFINITY))
    assert Limits().connections == {256: 128, 1024: 512}.get(files, 512)


def test_200_clients_are_answered_at_once(runs):
    """None of them is sent away, and none asks for nothing."""
    with Explorer([runs["ae"]]) as page:
        page.start()
        asked = [socket.create_connection(("127.0.0.1", page.port), timeout=30) for _ in range(200)]
        body = b'{"z": [[0, 0]]}'
        head = (
            f"POST /api/runs/ae/decode HTTP/1.1\r\nhost: 127.0.0.1:{page.port}\r\n"
            f"authorization: Bearer {page.token}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        for each in asked:
            each.sendall(head.encode() + body)
        for each in asked:
            assert each.recv(12) == b"HTTP/1.1 200"
            each.close()
