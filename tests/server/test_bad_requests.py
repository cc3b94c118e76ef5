"""Whatever is asked, the answer is one sentence for its reader, and the next request is answered as ever."""

import json
import re
import struct
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aevum import VAE
from aevum.errors import InputError
from aevum.exploration.steps import finished
from aevum.server import Run, wire
from aevum.server.exchange import Exchange
from aevum.server.operations import OPERATIONS

NAN, INF = float("nan"), float("inf")
Z = [[0.0, 0.0]]


def sentence(text):
    assert isinstance(text, str) and text and "\n" not in text and "Traceback" not in text and len(text) < 600, text
    assert not re.search(r"\.py\b|\bFile \"|0x[0-9a-f]{6}|a bug in aevum", text), text
    return text


BAD = [
    ("ae", "lesson", {}, "lesson is missing; give 1 to 64 letters, digits and hyphens"),
    ("ae", "lesson", {"lesson": "../x"}, r"lesson is '\.\./x'; give 1 to 64 letters"),
    ("ae", "lesson", {"lesson": "a\n"}, "lesson is"),
    ("ae", "lesson", {"lesson": "a" * 65}, "lesson is"),
    ("ae", "lesson", {"lesson": ["a"]}, "lesson is"),
    ("ae", "lesson", {"lesson": "a", "steps": 1025}, "steps must be a whole number from 0 to 1024"),
    ("ae", "lesson", {"lesson": "a", "steps": 1.5}, "whole number"),
    ("ae", "lesson", {"lesson": "a", "at": -2}, "at must be a whole number from -1"),
    ("ae", "lesson", {"lesson": "a", "beta": -1}, "beta must lie between 0 and 1000, not -1"),
    ("ae", "lesson", {"lesson": "a", "beta": 1e9}, "beta must lie between"),
    ("ae", "lesson", {"lesson": "a", "weights": 3}, "weights must be one of lesson, run"),
    ("ae", "lesson", {"lesson": "a", "beta": True}, "beta must lie between"),
    ("ae", "lesson", {"lesson": "a", "noise": "some"}, "noise must be one of on, off"),
    ("ae", "lesson", {"lesson": "a", "weights": "mine"}, "weights must be one of lesson, run"),
    ("first", "lesson", {"lesson": "a"}, "no data to show"),
    ("ae", "lesson_decode", {"lesson": "a"}, "z is missing"),
    ("ae", "lesson_decode", {"lesson": 3, "z": Z}, "lesson is 3"),
    ("ae", "decode", {}, "z is missing"),
    ("ae", "decode", {"z": [0.0, 0.0]}, r"z has shape \(2,\); expected \(n, 2\)"),
    ("ae", "decode", {"z": [[0.0] * 3]}, r"expected \(n, 2\) with n from 1 to 4096"),
    ("ae", "decode", {"z": []}, "expected"),
    ("ae", "decode", {"z": [[0.0, 0.0]] * 4097}, r"\(4097, 2\); expected"),
    ("ae", "decode", {"z": [[0.0], [0.0, 1.0]]}, "z must be a rectangular array of numbers"),
    ("ae", "decode", {"z": [["0", "1"]]}, "numbers"),
    ("ae", "decode", {"z": [[True, False]]}, "numbers"),
    ("ae", "decode", {"z": [[None, 0.0]]}, "numbers"),
    ("ae", "decode", {"z": [[1e39, 0.0]]}, "NaN or infinity"),
    ("ae", "decode", {"z": [[10**400, 0]]}, "numbers"),
    ("ae", "decode", {"z": [[True, 0.5]]}, "numbers"),
    ("ae", "encode", {"x": [[[0.0] * 7 + [False]] * 8]}, "numbers"),
    ("ae", "decode", {"z": {"a": 1}}, "numbers"),
    ("ae", "decode", {"z": 3}, "shape"),
    ("ae", "decode", {"z": Z, "temperature": 2}, "no argument 'temperature' here; it takes z, y"),
    ("ae", "decode", {"z": Z, "y": [[1.0]]}, "conditioned on nothing"),
    ("cvae", "decode", {"z": Z}, "needs it: 10 class weights"),
    ("cvae", "decode", {"z": Z, "y": [[0.1] * 9]}, r"y has shape \(1, 9\); expected \(1, 10\)"),
    ("cvae", "decode", {"z": Z * 3, "y": [[0.1] * 10] * 2}, r"expected \(3, 10\) or \(1, 10\)"),
    ("cvae", "decode", {"z": Z, "y": [[0.3] * 10]}, "sum to 1"),
    ("cvae", "decode", {"z": Z, "y": [[2.0, -1.0] + [0.0] * 8]}, "at least 0"),
    ("cvae", "decode", {"z": Z, "y": 7}, "shape"),
    ("numbers", "decode", {"z": Z, "y": [[1.0]]}, "2 numbers a row"),
    ("ae", "interval", {"z": Z, "level": 1.5}, "between 0 and 1, not 1.5"),
    ("ae", "interval", {"z": Z, "level": "high"}, "between 0 and 1"),
    ("ae", "encode", {"x": [[0.0] * 64]}, r"x has shape \(1, 64\); expected \(n, 8, 8\)"),
    ("ae", "encode", {"x": np.zeros((1025, 8, 8)).tolist()}, "from 1 to 1024"),
    ("ae", "encode", {"x": [[["a"] * 8] * 8]}, "numbers"),
    ("ae", "score", {"x": []}, "shape"),
    ("ae", "inside", {"x": [[[0.0] * 8] * 8], "epsilon": [[0.0, 0.0]]}, r"\(1, 2\); expected \(n, 0\)"),
    ("cvae", "inside", {"x": [[[0.0] * 8] * 8], "y": [[0.1] * 10], "epsilon": [0.0]}, r"\(1,\); expected \(n, 2\)"),
    ("vae", "inside", {"x": [[[0.0] * 8] * 8] * 2}, "from 1 to 1"),
    ("vae", "inside", {"x": [[[0.0] * 8] * 8], "epsilon": [[1e39, 0.0, 0.0]]}, "NaN or infinity"),
    ("ae", "rows", {"indices": [0] * 257}, "indices holds 257 row numbers; ask for at most 256"),
    ("ae", "attribute", {"with": [0] * 121}, "with holds 121 row numbers; ask for at most 120"),
    ("ae", "attribute", {"with": [0], "without": [1] * 121}, "without holds 121 row numbers"),
    ("ae", "codes", {"start": -1}, "start must be a whole number from 0"),
    ("ae", "codes", {"start": 0, "stop": 121}, "stop must be a whole number from 1 to 120"),
    ("ae", "codes", {"start": 0.5}, "whole number"),
    ("ae", "codes", {"start": True}, "whole number"),
    ("ae", "rows", {"indices": [0, 120]}, "not from 0 to 119"),
    ("ae", "rows", {"indices": [-1]}, "not from 0 to 119"),
    ("ae", "rows", {"indices": [0.5]}, "list of row numbers"),
    ("ae", "rows", {"indices": [0] * 257}, "at most 256"),
    ("ae", "rows", {"indices": []}, "list of row numbers"),
    ("ae", "rows", {"indices": [2**70]}, "not from 0 to 119"),
    ("ae", "path", {"a": [0.0, 0.0], "b": [1.0]}, r"b has shape \(1,\)"),
    ("ae", "path", {"a": [0.0, 0.0], "b": [1.0, 1.0], "n": 201}, "n must be a whole number from 2 to 200"),
    ("ae", "path", {"a": [0.0, 0.0], "b": [1.0, 1.0], "path": "scenic"}, "one of linear, spherical, geodesic"),
    ("ae", "path", {"a": [0.0, 0.0], "b": [1.0, 1.0], "path": ["linear"]}, "one of linear"),
    ("vae", "path", {"a": [0.0, 0.0, 1.0], "b": [0.0, 0.0, -1.0], "path": "spherical"}, "opposite"),
    ("ae", "neighbours", {"z": Z, "k": 0}, "k must be a whole number from 1 to 64"),
    ("ae", "neighbours", {"z": Z, "k": 65}, "from 1 to 64"),
    ("ae", "attribute", {}, "either with"),
    ("ae", "attribute", {"with": [1], "label": "1"}, "either with"),
    ("ae", "attribute", {"label": "eleven"}, "one of 0, 1"),
    ("ae", "attribute", {"label": 1}, "one of 0, 1"),
    ("iwae", "attribute", {"label": "1"}, "no labels"),
    ("ae", "attribute", {"with": list(range(120))}, "without the attribute"),
    ("ae", "manifold", {"n": 41}, "from 1 to 40"),
    ("ae", "manifold", {"n": 2, "dims": [0, 0]}, "two different numbers from 0 to 1"),
    ("ae", "manifold", {"n": 2, "dims": [0, 2]}, "two different numbers"),
    ("ae", "manifold", {"n": 2, "dims": "01"}, "two different numbers"),
    ("ae", "manifold", {"n": 2, "at": [0.0]}, "at has shape"),
    ("iwae", "manifold", {"n": 2}, "one latent"),
    ("ae", "settle", {"x": np.zeros((1, 8, 8)).tolist(), "steps": 101}, "from 1 to 100"),
    ("first", "codes", {}, "no data to show: gone"),
    ("first", "labels", {}, "gone"),
    ("first", "scores", {}, "gone"),
    ("first", "rows", {"indices": [0]}, "gone"),
    ("first", "neighbours", {"z": Z, "k": 1}, "gone"),
    ("first", "attribute", {"label": "1"}, "gone"),
    ("nobody", "decode", {"z": Z}, "no run 'nobody'; there are ae, vae"),
    ("../ae", "decode", {"z": Z}, "no run '../ae'|Not Found"),
    ("ae", "delete", {}, "no operation 'delete'; there are about"),
    ("ae", "__init__", {}, "no operation '__init__'"),
]


@pytest.mark.parametrize("case", BAD, ids=[f"{run}-{op}-{i}" for i, (run, op, _, _) in enumerate(BAD)])
@pytest.mark.parametrize("transport", ["json", "socket"])
def test_what_cannot_be_used(case, transport, over_json, over_socket):
    run, operation, given, expected = case
    ask = over_json if transport == "json" else over_socket
    assert re.search(expected, sentence(ask(run, operation, **given)))


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_values_that_are_not_finite(over_socket, bad):
    for operation, name, shape in (("decode", "z", (1, 2)), ("encode", "x", (1, 8, 8)), ("score", "x", (1, 8, 8))):
        array = np.zeros(shape, np.float32)
        array.flat[1] = bad
        assert f"{name} contains NaN or infinity" in sentence(over_socket("ae", operation, **{name: array}))
    y = np.full((1, 10), 0.1)
    y[0, 3] = bad
    assert "y contains NaN" in sentence(over_socket("cvae", "decode", z=np.zeros((1, 2)), y=y))


def test_answers_that_would_be_too_large(client, over_json, over_socket, runs, monkeypatch):
    monkeypatch.setattr("aevum.server.kinds.MOST_VALUES", 64 * 100)
    z, x = np.zeros((101, 2), np.float32), np.zeros((10, 8, 8), np.float32)
    assert "at most 100 at once" in sentence(over_socket("ae", "decode", z=z))
    assert "at most 100 at once" in sentence(over_socket("ae", "settle", x=x, steps=10))
    assert "at most 100 at once" in sentence(over_socket("ae", "manifold", n=11))
    assert "x" in over_socket("ae", "manifold", n=10)
    monkeypatch.setattr("aevum.server.kinds.MOST_JSON_VALUES", 64 * 10)
    assert "too many for JSON" in sentence(over_json("ae", "manifold", n=4))


def test_walks_of_codes_that_look_like_examples(runs):
    table = runs["table"].x[:, :2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = Run("square", "square", VAE(2, hidden=16, epochs=1, random_state=0).fit(table), table)
    exchange = Exchange([run])
    for operation, args in (("path", {"a": [0, 0], "b": [1, 1]}), ("manifold", {"n": 2, "at": [0, 0]})):
        answer = finished(exchange.json("square", operation, json.dumps(args).encode()))
        assert answer[0] == 400 and b"as many values as its examples" in answer[1]
    assert finished(exchange.json("square", "manifold", b'{"n": 2}'))[0] == 200


# -------------------------------------------------------------------- bodies and messages


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"z": NaN}',
        b'{"z": [[Infinity, 0]]}',
        b"\xff\xfe",
        b'"' + b"\\" * 9,
        b"[" * 100_000,
    ],
)
def test_bodies_that_are_no_object(client, body):
    response = client.post("/api/runs/ae/decode", content=body)
    assert response.status_code == 400 and sentence(response.json()["error"])


def test_numbers_that_json_lacks_come_as_null(over_json, runs, monkeypatch):
    monkeypatch.setattr(runs["ae"].estimator, "inverse_transform", lambda z, y: np.array([[1.0, NAN], [INF, 0.5]]))
    assert over_json("ae", "decode", z=Z)["x"] == [[1.0, None], [None, 0.5]]


def test_a_bug_is_one_sentence_and_does_no_harm(client, socket, over_json, runs, monkeypatch):
    def broken(z, y):
        raise RuntimeError("two\nlines")

    with monkeypatch.context() as patch:
        patch.setattr(runs["ae"].estimator, "inverse_transform", broken)
        response = client.post("/api/runs/ae/decode", json={"z": Z})
        assert response.status_code == 500
        assert response.json()["error"] == "a bug in aevum, please report it: RuntimeError: two lines"
        patch.setattr(runs["ae"].estimator, "inverse_transform", full)
        response = client.post("/api/runs/ae/decode", json={"z": Z})
        assert response.status_code == 503 and "not enough memory" in response.json()["error"]
    assert "x" in over_json("ae", "decode", z=Z)


def full(z, y):
    raise MemoryError


def talk(socket, message):
    """The answer to a message, and that of an honest one after it."""
    socket.send_bytes(message)
    header, arrays = wire.decode(socket.receive_bytes())
    socket.send_bytes(wire.encode({"id": "next", "run": "ae", "op": "decode"}, {"z": np.zeros((1, 2), np.float32)}))
    after, _ = wire.decode(socket.receive_bytes())
    assert after["ok"] and after["id"] == "next"
    return header, arrays


def framed(text, tail=b"", length=None):
    text += b" " * (-(4 + len(text)) % 8)
    return struct.pack("<I", len(text) if length is None else length) + text + tail


def described(**entry):
    return framed(json.dumps({"id": 1, "run": "ae", "op": "decode", "arrays": [entry]}).encode(), b"\0" * 16)


MESSAGES = [
    b"",
    b"\0\0",
    struct.pack("<I", 2**32 - 1),
    framed(b"{}", length=3),
    framed(b"{}", length=2**20),
    framed(b"[]"),
    framed(b"\xff\xff"),
    framed(b"[" * 5000),
    framed(b'{"id": 1e999}'),
    framed(b'{"id": {"a": 1}, "run": ["ae"], "op": {}}'),
    framed(b'{"run": "ae", "op": "decode", "args": []}'),
    framed(b'{"run": "ae", "op": "decode", "arrays": {}}'),
    framed(b'{"run": "ae", "op": "decode", "arrays": [1]}'),
    framed(b'{"run": "ae", "op": "about"}', b"more bytes"),
    framed(b'{"run": "\\ud800", "op": "\\u0000"}'),
    described(name="z", dtype="float32", shape=[1, 2**31]),
    described(name="z", dtype="float32", shape=[2**30] * 8),
    described(name="z", dtype="float32", shape=[-1, 2]),
    described(name="z", dtype="float32", shape=[1.0, 2]),
    described(name="z", dtype="float32", shape=[True, 2]),
    described(name="z", dtype="float32", shape=[1] * 65),
    described(name="z", dtype="float32", shape="12"),
    described(name="z", dtype="float32", shape=[1, 5]),
    described(name="z", dtype="float32", shape=[1, 1]),
    described(name="z", dtype="object", shape=[1]),
    described(name="z", dtype=["float32"], shape=[1]),
    described(name=None, dtype="float32", shape=[1]),
    described(name="z"),
    framed(json.dumps({"arrays": [{"name": "z", "dtype": "uint8", "shape": [0]}] * 2}).encode()),
    framed(json.dumps({"arrays": [{"name": str(i), "dtype": "uint8", "shape": [0]} for i in range(17)]}).encode()),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_that_are_none(socket, message):
    header, arrays = talk(socket, message)
    assert header["ok"] is False and not arrays and sentence(header["error"])


def test_text_is_no_message(dial):
    with dial() as socket:
        socket.send_text("hello")
        header, _ = wire.decode(socket.receive_bytes())
        assert header["ok"] is False and header["id"] is None and sentence(header["error"])


def test_an_argument_that_is_given_twice(socket):
    message = wire.encode({"id": 1, "run": "ae", "op": "decode", "args": {"z": Z}}, {"z": np.zeros((1, 2))})
    assert "given twice" in talk(socket, message)[0]["error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data):
    with pytest.raises(InputError) as error:
        wire.decode(data)
    sentence(str(error.value))


@QUICK
@given(st.data())
def test_any_change_of_an_honest_message_is_answered(socket, data):
    message = bytearray(
        wire.encode({"id": 1, "run": "ae", "op": "decode", "args": {}}, {"z": np.zeros((2, 2), np.float32)})
    )
    for place in data.draw(st.lists(st.integers(0, len(message) - 1), max_size=4)):
        message[place] = data.draw(st.integers(0, 255))
    header, _ = talk(socket, bytes(message[: data.draw(st.integers(0, len(message)))]))
    assert header["ok"] or sentence(header["error"])


@QUICK
@given(
    st.sampled_from(["ae", "cvae", "table", "first"]),
    st.sampled_from([name for name in OPERATIONS if name not in ("scores", "about")]),
    st.dictionaries(
        st.sampled_from(
            ["z", "y", "x", "a", "b", "n", "k", "indices", "with", "label", "dims", "at", "lesson", "beta", "noise"]
        ),
        JSON,
    ),
)
def test_any_arguments_are_answered(socket, run, operation, args):
    text = json.dumps({"id": 1, "run": run, "op": operation, "args": args}).encode()
    header, _ = talk(socket, framed(text))
    assert header["ok"] or sentence(header["error"])


# -------------------------------------------------------------------- the format


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "b1", "u1", "i1", "u2", "i2", "u4", "i4", "i8", "u8"])
@pytest.mark.parametrize("shape", [(), (0, 3), (3,), (2, 3, 4)])
def test_arrays_come_back_as_they_were(dtype, shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    message = wire.encode({"id": 1}, {"first": array, "second": np.array(array, order="F")})
    header, found = wire.decode(message)
    assert len(message) % 8 == 0 and header["id"] == 1
    for name in ("first", "second"):
        assert np.array_equal(found[name], array) and found[name].flags.writeable
        assert found[name].dtype.name in wire.DTYPES


def test_the_format_byte_by_byte():
    message = wire.encode({"id": 1}, {"z": np.array([[1.0, -2.0, 0.5]], np.float32)})
    size = struct.unpack_from("<I", message)[0]
    header = json.loads(message[4 : 4 + size])
    assert header == {"id": 1, "arrays": [{"name": "z", "dtype": "float32", "shape": [1, 3]}]}
    assert message[4 + size :] == struct.pack("<3f", 1.0, -2.0, 0.5) + bytes(4)
