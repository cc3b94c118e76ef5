"""The server itself, on a real port: Python and notebooks, several clients, its end."""

import http.client
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from aevum.errors import InputError
from aevum.fitted.threads import threads_for
from aevum.server import Explorer, Run, explore, ports_for, run_ids, serve, wire
from aevum.server.explorer import _has_screen
from aevum.server.operations import perform


@pytest.fixture(scope="module")
def explorer(runs):
    with Explorer([runs["ae"], runs["vae"]]).start() as explorer:
        yield explorer


def ask(explorer, path, body=None, **headers):
    headers = {"Authorization": f"Bearer {explorer.token}", **headers}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(explorer.base + path, data, headers), timeout=20) as answer:
        return json.load(answer)


def dial(explorer, **options):
    known = {"origin": explorer.base, "subprotocols": ["aevum", f"bearer.{explorer.token}"], "compression": None}
    return connect(f"ws://127.0.0.1:{explorer.port}/api/ws", **{**known, **options})


def decode(connection, id, z):
    connection.send(wire.encode({"id": id, "run": "ae", "op": "decode"}, {"z": z}))


def test_both_transports(explorer, runs):
    z = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    expected = runs["ae"].estimator.inverse_transform(z)
    assert [run["id"] for run in ask(explorer, "/api/runs")["runs"]] == ["ae", "vae"]
    assert np.array_equal(np.array(ask(explorer, "/api/runs/ae/decode", {"z": z.tolist()})["x"], np.float32), expected)
    with dial(explorer) as connection:
        assert connection.subprotocol == "aevum"
        for id in range(20):
            decode(connection, id, z + id)
        for id in range(20):  # in the order of the requests
            header, arrays = wire.decode(connection.recv(timeout=20))
            assert header["id"] == id
            assert np.array_equal(arrays["x"], runs["ae"].estimator.inverse_transform(z + id))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the server's end of a connection is found in /proc")
def test_answers_leave_at_once(explorer):
    """Without TCP_NODELAY a picture would now and then wait 40 ms for an acknowledgement."""
    with dial(explorer) as connection:
        peer = connection.socket.getsockname()
        found = []
        for each in Path("/proc/self/fd").iterdir():
            with suppress(OSError), socket.socket(fileno=os.dup(int(each.name))) as end:
                if end.getpeername() == peer:
                    found.append(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        assert len(found) == 1 and found[0]


def test_a_port_that_is_taken_gives_way_to_the_next(runs):
    wished = ports_for("runs/of/nobody")
    assert len(set(wished)) == len(wished) and wished[-1] == 0 and all(1024 < port < 32768 for port in wished[:-1])
    with Explorer([runs["ae"]], port=wished) as first, Explorer([runs["ae"]], port=wished) as second:
        places = [wished.index(page.port) for page in (first, second)]
        assert places[0] < places[1]
        with pytest.raises(InputError, match="try another --port"):
            Explorer([runs["ae"]], port=first.port)
        with pytest.raises(InputError, match="try another --port"):
            Explorer([runs["ae"]], port=[first.port, second.port])


def test_few_values_take_one_thread():
    usual = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        for values, expected in [(4096, 1), (2**24, 3)]:
            with pytest.raises(ZeroDivisionError), threads_for(values):
                assert torch.get_num_threads() == expected
                1 / 0  # noqa: B018
            assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(usual)


def test_the_door(explorer):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(explorer.base + "/api/runs", timeout=20)
    for options in ({"origin": "http://evil.example"}, {"origin": None}, {"subprotocols": ["aevum"]}):
        with pytest.raises(InvalidStatus, match="403"), dial(explorer, **options):
            pass


def test_the_entrance(explorer):
    connection = http.client.HTTPConnection("127.0.0.1", explorer.port, timeout=20)
    connection.request("GET", explorer.url.removeprefix(explorer.base))
    answer = connection.getresponse()
    assert answer.status == 303 and answer.headers["location"] == "/" and not answer.read()
    cookie = answer.headers["set-cookie"].partition(";")[0]
    connection.request("GET", "/api/runs", headers={"Cookie": cookie})
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize(
    "path",
    ["/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "//../etc/passwd", "/%2e%2e/app.py", "/api/../../app.py"],
)
def test_raw_paths(explorer, path):
    connection = http.client.HTTPConnection("127.0.0.1", explorer.port, timeout=20)
    connection.putrequest("GET", path, skip_host=True)
    connection.putheader("Host", f"127.0.0.1:{explorer.port}")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status in (401, 404, 503) and b"root:" not in answer.read()
    connection.close()


def test_a_message_that_is_too_large_ends_its_connection_alone(explorer):
    with dial(explorer) as other:
        with pytest.raises(ConnectionClosed), dial(explorer) as connection:
            connection.send(bytes(64 * 2**20 + 1))
            connection.recv(timeout=20)
        decode(other, 1, np.zeros((1, 2)))
        assert wire.decode(other.recv(timeout=20))[0]["ok"]


def test_work_that_takes_long_lets_others_in(explorer, monkeypatch, runs):
    """Scores come block by block, and between two blocks a code is decoded for another page."""
    slow, order = Run("slow", "slow", runs["ae"].estimator, np.tile(runs["ae"].x, (120, 1, 1))), []

    def score(x, y):
        order.append("block")
        time.sleep(0.05)
        return np.zeros(len(x))

    monkeypatch.setattr(slow, "score", score)
    with Explorer([slow, runs["ae"]]).start() as page, dial(page) as patient, dial(page) as quick:
        patient.send(wire.encode({"id": 1, "run": "slow", "op": "scores"}, {}))
        while not order:
            time.sleep(0.005)
        decode(quick, 2, np.zeros((1, 2)))
        assert wire.decode(quick.recv(timeout=20))[0]["ok"]
        seen = len(order)
        assert wire.decode(patient.recv(timeout=20))[1]["scores"].shape == (slow.rows,)
        assert seen < len(order) == 4


@pytest.mark.parametrize("operation", ["path", "settle", "neighbours"])
def test_walks_pause(runs, operation, monkeypatch):
    """Each of their steps is short, so that a drag elsewhere goes on."""
    monkeypatch.setattr("aevum.exploration.paths.AT_ONCE", 2)
    run = runs["vae"]
    z = run.estimator.transform(run.x[:100])
    given = {
        "path": {"a": z[0], "b": z[50], "path": "geodesic"},
        "settle": {"x": run.x[:20], "steps": 7},
        "neighbours": {"z": np.tile(z, (3, 1))},
    }[operation]
    job = perform(run, operation, given)
    pauses = 0
    with pytest.raises(StopIteration):
        while True:
            next(job)
            pauses += 1
    assert pauses >= {"path": 1, "settle": 7, "neighbours": 300 // 64}[operation]


@pytest.mark.parametrize("transport", ["socket", "json"])
def test_work_for_a_page_that_has_gone_ends(runs, transport, monkeypatch):
    """A page is closed while it waits for many blocks of scores: the next block is the last."""
    blocks = []

    def score(x, y):
        blocks.append(len(x))
        time.sleep(0.05)
        return np.zeros(len(x))

    slow = Run("slow", "slow", runs["ae"].estimator, np.tile(runs["ae"].x, (2000, 1, 1)))
    monkeypatch.setattr(slow, "score", score)
    with Explorer([slow, runs["ae"]]).start() as page:
        if transport == "socket":
            with dial(page) as patient:
                patient.send(wire.encode({"id": 1, "run": "slow", "op": "scores"}, {}))
                while len(blocks) < 2:
                    time.sleep(0.005)
        else:
            with closing(http.client.HTTPConnection("127.0.0.1", page.port)) as patient:
                headers = {"Authorization": f"Bearer {page.token}"}
                patient.request("POST", "/api/runs/slow/scores", b"{}", headers)
                while len(blocks) < 2:
                    time.sleep(0.005)
        time.sleep(0.5)  # for the server to be told
        seen = len(blocks)
        time.sleep(0.5)
        assert len(blocks) == seen < 30
        with dial(page) as other:
            decode(other, 1, np.zeros((1, 2)))
            assert wire.decode(other.recv(timeout=20))[0]["ok"]


def test_a_client_that_leaves_does_no_harm(explorer):
    for _ in range(3):
        with dial(explorer) as connection:
            decode(connection, 1, np.zeros((4096, 2)))
            connection.socket.shutdown(socket.SHUT_RDWR)
    with dial(explorer) as connection:
        decode(connection, 1, np.zeros((1, 2)))
        assert wire.decode(connection.recv(timeout=20))[0]["ok"]


def test_many_at_once(explorer):
    def work(number):
        with dial(explorer) as connection:
            for id in range(10):
                decode(connection, id, np.full((1, 2), number))
                found.append(wire.decode(connection.recv(timeout=20))[0]["ok"])

    found = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 60


# -------------------------------------------------------------------- start and end


def test_ports(runs):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match=r"can't listen on 127\.0\.0\.1, port .*try another --port"):
            Explorer([runs["ae"]], port=taken.getsockname()[1])
    for host in ("no.such.host.invalid", "256.1.1.1", "a" * 300):
        with pytest.raises(InputError, match="no address"):
            Explorer([runs["ae"]], host=host)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "localhost", "127.0.0.1"])
def test_every_spelling_of_this_machine_is_this_machine_alone(runs, host):
    with Explorer([runs["ae"]], host=host).start() as explorer:
        assert explorer.loopback
        assert ask(explorer, "/api/runs/ae")["id"] == "ae"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            ask(explorer, "/api/runs/ae", Host=f"8.8.8.8:{explorer.port}")


def test_a_name_that_is_no_text_is_told_all_the_same(runs):
    run = Run("ae", "runs/bad\udcff", runs["ae"].estimator, runs["ae"].x)
    with Explorer([run]).start() as explorer:
        assert ask(explorer, "/api/runs")["runs"][0]["name"] == "runs/bad\udcff"


def test_the_end(runs):
    explorer = Explorer([runs["ae"]]).start().start()
    with pytest.raises(ConnectionClosed), dial(explorer) as connection:
        assert ask(explorer, "/api/runs/ae")["id"] == "ae"
        started = time.perf_counter()
        explorer.close()
        explorer.close()
        assert time.perf_counter() - started < 4
        connection.recv(timeout=5)
    with pytest.raises(OSError):
        ask(explorer, "/api/runs/ae")
    with Explorer([runs["ae"]]):  # bound, and never served
        pass


def test_the_end_waits_for_no_work(runs, monkeypatch):
    def slow(x, y):
        started.set()
        time.sleep(1.5)
        return np.zeros(len(x))

    started, found = threading.Event(), []
    run = Run("slow", "slow", runs["ae"].estimator, runs["ae"].x)
    monkeypatch.setattr(run, "score", slow)
    explorer = Explorer([run]).start()

    def wait():
        with pytest.raises(urllib.error.HTTPError) as error:
            ask(explorer, "/api/runs/slow/scores", {})
        found.append((error.value.code, json.load(error.value)["error"]))

    thread = threading.Thread(target=wait)
    thread.start()
    with dial(explorer) as connection:
        connection.send(wire.encode({"id": 1, "run": "slow", "op": "scores"}, {}))
        started.wait(10)
        begun = time.perf_counter()
        explorer.close()
        thread.join(10)
        assert time.perf_counter() - begun < 1.2 and explorer.working
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=5)
    assert found == [(503, "aevum explore was ended")]


def test_serve_tells_its_address_and_ends_with_ctrl_c(runs, monkeypatch):
    def interrupt(explorer):
        told.append(explorer.url)
        raise KeyboardInterrupt

    told = []
    assert serve([runs["ae"]], open_browser=False, tell=interrupt)
    assert told[0].startswith("http://127.0.0.1:")


def test_a_script_may_wait(runs):
    explorer = Explorer([runs["ae"]]).start()
    threading.Timer(0.3, explorer.close).start()
    explorer.wait()


# -------------------------------------------------------------------- from Python


@pytest.fixture
def browser(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    monkeypatch.setattr("aevum.server.explorer._has_screen", lambda: True)
    return opened


def test_explore_opens_the_browser(runs, browser):
    estimator = runs["ae"].estimator
    with estimator.explore("digits", beside={"VAE 2": runs["ae"].estimator}) as page:
        assert browser and browser[0].startswith(f"{page.base}/?token=") and page.token not in browser[0]
        assert repr(page) == f"Explorer({page.url!r}); close() ends it"
        about = ask(page, "/api/runs")["runs"]
        assert [(run["id"], run["rows"], run["data"]) for run in about] == [
            ("AE", 1797, "digits"),
            ("VAE-2", 1797, "digits"),
        ]
        code = browser[0].removeprefix(page.base)
        for status in (303, 403):  # what another user of the machine could read off the browser's command opens nothing
            connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)
            connection.request("GET", code)
            assert connection.getresponse().status == status
            connection.close()


def test_explore_in_a_notebook(runs, browser, monkeypatch):
    shown = []
    display = SimpleNamespace(IFrame=lambda src, **size: (src, size), display=shown.append)
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell, display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    with explore(runs["table"].estimator, height=500) as page:
        (src, size), *_ = shown
        assert src == page.frame_url == f"{page.base}/#token={page.token}"
        assert size == {"width": "100%", "height": 500} and not browser
        answer = urllib.request.Request(page.base + "/api/runs", headers={"Authorization": f"Bearer {page.token}"})
        with urllib.request.urlopen(answer, timeout=20) as response:
            assert "frame-ancestors http://localhost" in response.headers["content-security-policy"]
            assert json.load(response)["runs"][0]["no_data"] == "no data were given"


def test_explore_in_a_notebook_needs_one(runs, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(InputError, match="there is no IPython here: leave inline out"):
        explore(runs["table"].estimator, inline=True)


def test_explore_takes_frames_and_tensors(runs, digits):
    pd, torch = pytest.importorskip("pandas"), pytest.importorskip("torch")
    x = np.asarray(runs["table"].x)
    frame = pd.DataFrame(x, columns=list("abcd"))
    with explore(runs["iwae"].estimator, frame, ["x", "y"] * 75, open_browser=False) as page:
        about = ask(page, "/api/runs/IWAE")
        assert (about["features"], about["labels"], about["rows"]) == (list("abcd"), ["x", "y"], 150)
        assert np.allclose(ask(page, "/api/runs/IWAE/rows", {"indices": [2]})["x"], x[[2]])
    with explore(runs["ae"].estimator, torch.tensor(runs["ae"].x), open_browser=False) as page:
        assert np.shape(ask(page, "/api/runs/AE/codes", {})["codes"]) == (120, 2)


def test_explore_refuses_what_does_not_fit(runs):
    from sklearn.exceptions import NotFittedError

    from aevum import AE

    cvae, x = runs["cvae"].estimator, runs["cvae"].x
    with pytest.raises(InputError, match="the data need labels"):
        explore(cvae, x)
    with pytest.raises(InputError, match="unknown label 11"):
        explore(cvae, x, np.full(120, 11))
    with pytest.raises(InputError, match="3 labels for 120 rows"):
        explore(runs["ae"].estimator, x, [1, 2, 3])
    with pytest.raises(InputError, match=r"fitted on examples of shape \(8, 8\)"):
        explore(cvae, "iris")
    with pytest.raises(InputError, match="two models are called 'CVAE'"):
        explore(cvae, beside={"CVAE": cvae})
    with pytest.raises(NotFittedError):
        explore(AE())


def test_screens(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not _has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert _has_screen()


def test_ids():
    names = ["runs/demo", "./runs/demo/model", "demo", "..", "~/a b/ä!", "demo-2"]
    assert run_ids(names) == ["demo", "demo-2", "demo-3", "run", "run-2", "demo-2-2"]
