"""What is large, slow or far out: others are answered meanwhile, and whoever asked is told in words, by the id."""

import http.client
import json
import struct
import threading
import time
from contextlib import closing

import numpy as np
import pytest
import torch
from websockets.sync.client import connect

from aevum.exploration.steps import finished
from aevum.server import Explorer, exchange, wire
from aevum.server.exchange import Exchange
from aevum.server.operations import perform

Z = np.zeros((1, 2), np.float32)


def header(text):
    text = text.encode()
    text += b" " * (-(4 + len(text)) % 8)
    return struct.pack("<I", len(text)) + text


# -------------------------------------------------------------------- whose answer an error is

WRONG = {
    "a value": wire.encode({"id": 7, "run": "ae", "op": "decode"}, {"z": np.full((1, 2), np.nan)}),
    "a shape": wire.encode({"id": 7, "run": "ae", "op": "decode"}, {"z": np.zeros(3)}),
    "a run": wire.encode({"id": 7, "run": "nobody", "op": "decode"}, {"z": Z}),
    "an operation": wire.encode({"id": 7, "run": "ae", "op": "dance"}, {}),
    "args": wire.encode({"id": 7, "run": "ae", "op": "decode", "args": [1]}, {}),
    "an array that is cut off": wire.encode({"id": 7, "run": "ae", "op": "decode"}, {"z": Z})[:-3],
    "bytes after the last": wire.encode({"id": 7, "run": "ae", "op": "decode"}, {"z": Z}) + b"more",
    "a list of arrays": header('{"id": 7, "run": "ae", "op": "decode", "arrays": 3}'),
    "two of a name": header('{"id": 7, "arrays": [' + '{"name": "z", "dtype": "int8", "shape": [0]},' * 2 + "1]}"),
    "a type": header('{"id": 7, "arrays": [{"name": "z", "dtype": "object", "shape": [1]}]}'),
    "NaN": header('{"id": 7, "run": "ae", "op": "decode", "args": {"z": [[NaN, 0]]}}'),
    "Infinity before it": header('{"args": {"z": [[Infinity, 0]]}, "id": 7}'),
    "a length": b"\x05\0\0\0" + b'{"id": 7, "run": "ae", "op": "decode"}  ',
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_an_error_carries_the_id_of_its_request(what, socket):
    socket.send_bytes(WRONG[what])
    answer, arrays = wire.decode(socket.receive_bytes())
    assert (answer["id"], answer["ok"]) == (7, False) and answer["error"] and not arrays


# -------------------------------------------------------------------- far out


@pytest.mark.parametrize("run", ["ae", "vae", "cvae", "table", "numbers"])
@pytest.mark.parametrize("size", [1e38, 3e38])
def test_codes_that_decode_to_nothing_are_refused(run, size, runs):
    """Whatever comes back is a number; what would be none is an error that says how far out codes may lie."""
    found = runs[run]
    far = np.zeros((3, found.latent_dim), np.float32)
    far[1] = size
    far[2, 0], far[2, -1] = size, -size
    y = {} if not found.estimator.conditional else {"y": np.eye(found.estimator.parts_.context)[:1]}
    asked = {
        "decode": {"z": far, **y}, "path": {"a": far[0], "b": far[1], "n": 5, **y},
        "geodesic": {"a": far[0], "b": far[2], "n": 5, "path": "geodesic", **y},
        "spherical": {"a": far[0], "b": far[2], "n": 5, "path": "spherical", **y},
        "manifold": {"n": 2, "at": far[2], **y}, "interval": {"z": far, **y}, "neighbours": {"z": far, "k": 2},
    }  # fmt: skip
    known, refused = Exchange([found]), []
    for name, given in asked.items():
        operation = name if name in ("decode", "path", "manifold", "interval", "neighbours") else "path"
        arrays = {key: value for key, value in given.items() if isinstance(value, np.ndarray)}
        args = {key: value for key, value in given.items() if key not in arrays}
        message = wire.encode({"id": name, "run": run, "op": operation, "args": args}, arrays)
        answer, back = wire.decode(finished(known.message(message)))
        assert answer["id"] == name and "a bug in" not in answer.get("error", ""), answer
        assert all(np.isfinite(array).all() for array in back.values()), name
        refused += [answer["error"]] if not answer["ok"] else []
    decoding = [error for error in refused if "to be decoded" in error]
    assert all("decode to finite values up to about" in error for error in decoding)
    assert refused and all("too far out" in e or "infinity" in e or "opposite" in e or "finite" in e for e in refused)


def test_a_code_of_1e38_through_a_steep_decoder_names_the_range(runs, over_socket, over_json):
    weight = runs["ae"].estimator.model_.likelihood.network.first.weight
    with torch.no_grad():
        weight.mul_(1000.0)
    try:
        for ask in (over_socket, over_json):
            sentence = ask("ae", "decode", z=np.array([[0.0, 0.0], [1e38, 1e38]]))
            assert "row 1 lies too far out" in sentence and "its largest value is 1e+38" in sentence
            up_to = float(sentence.rpartition(" ")[2])
            assert np.isfinite(ask("ae", "decode", z=np.full((1, 2), up_to * 0.9))["x"]).all()
    finally:
        with torch.no_grad():
            weight.div_(1000.0)


# -------------------------------------------------------------------- large


def dial(explorer):
    protocols = ["aevum", f"bearer.{explorer.token}"]
    url = f"ws://127.0.0.1:{explorer.port}/api/ws"
    return connect(url, origin=explorer.base, subprotocols=protocols, compression=None, max_size=None)


@pytest.mark.parametrize("what", ["upload", "message", "request"])
def test_reading_what_is_large_holds_nobody_up(what, runs, monkeypatch):
    """A picture is unpacked, a large message read, while another page's code is decoded."""
    going, reached = threading.Event(), threading.Event()

    def held(function):
        def waiting(*given):
            if sum(len(part) for part in given if isinstance(part, bytes)) > 2**16:
                reached.set()
                assert going.wait(20)
            return function(*given)

        return waiting

    monkeypatch.setattr(exchange, "example_from", held(exchange.example_from))
    monkeypatch.setattr(wire, "read_json", held(wire.read_json))
    monkeypatch.setattr(wire, "read_arrays", held(wire.read_arrays))
    z = np.zeros((4096, 2), np.float64)
    with Explorer([runs["ae"]]).start() as page, dial(page) as patient, dial(page) as quick:
        found = []

        def ask():
            if what == "message":
                patient.send(wire.encode({"id": 1, "run": "ae", "op": "decode"}, {"z": z}))
                found.append(wire.decode(patient.recv(timeout=20))[0]["ok"])
                return
            body = json.dumps({"z": z.tolist(), "more": "x" * 2**17}).encode()
            with closing(http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)) as connection:
                path = f"/api/runs/ae/{'upload' if what == 'upload' else 'decode'}"
                connection.request("POST", path, body, {"Authorization": f"Bearer {page.token}"})
                found.append(connection.getresponse().status == 400)

        thread = threading.Thread(target=ask)
        thread.start()
        assert reached.wait(10)
        for id in range(3):
            quick.send(wire.encode({"id": id, "run": "ae", "op": "decode"}, {"z": Z}))
            assert wire.decode(quick.recv(timeout=5))[0]["id"] == id
        assert not found
        going.set()
        thread.join(20)
        assert found == [True]


@pytest.mark.parametrize("operation", ["decode", "interval", "encode", "score", "settle"])
@pytest.mark.parametrize("run", ["table", "cvae"])
def test_many_rows_are_worked_on_in_blocks(operation, run, runs, monkeypatch):
    """With a pause after each block, and the same result as at once."""
    found, rows = runs[run], 50
    if operation == "interval" and not found.estimator.fitted_.interval:
        pytest.skip("this likelihood has none")
    z = np.random.default_rng(0).normal(size=(rows, 2)).astype(np.float32)
    given = {"z": z} if operation in ("decode", "interval") else {"x": found.x[:rows]}
    y = np.eye(found.estimator.parts_.context)[np.arange(rows) % 3] if found.estimator.conditional else None
    given |= {} if y is None else {"y": y}
    given |= {"steps": 3} if operation == "settle" else {}
    whole = finished(perform(found, operation, given)).arrays
    monkeypatch.setattr("aevum.server.blocks.BLOCK_VALUES", 1)
    job, pauses = perform(found, operation, given), 0
    while True:
        try:
            next(job)
        except StopIteration as end:
            parts = end.value.arrays
            break
        pauses += 1
    assert pauses >= 3
    assert parts.keys() == whole.keys()
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-3, atol=1e-3)


# -------------------------------------------------------------------- long


def test_settling_that_takes_too_long_is_given_up_in_words(runs, over_socket, monkeypatch):
    monkeypatch.setattr("aevum.server.answers.MOST_SECONDS", 0.3)
    estimator, usual = runs["ae"].estimator, runs["ae"].estimator.transform

    def slow(x, y=None):
        time.sleep(0.05)
        return usual(x, y)

    monkeypatch.setattr(estimator, "transform", slow)
    started = time.monotonic()
    sentence = over_socket("ae", "settle", x=runs["ae"].x[:20], steps=100)
    assert time.monotonic() - started < 2
    assert "20 examples and 100 steps take this machine longer than 0.3 s" in sentence
    assert "% were done" in sentence and "ask for fewer steps or examples" in sentence
    assert "z" in over_socket("ae", "settle", x=runs["ae"].x[:20], steps=2)


def test_settling_counts_its_own_seconds_alone(runs, monkeypatch):
    """What others ask for between its steps takes none of its time."""
    monkeypatch.setattr("aevum.server.answers.MOST_SECONDS", 0.5)
    job = perform(runs["ae"], "settle", {"x": runs["ae"].x[:3], "steps": 12})
    with pytest.raises(StopIteration):
        while True:
            next(job)
            time.sleep(0.06)
