"""One small run of each kind behind one app, and clients that ask it over both transports."""

import json
import warnings
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from aevum import AE, CVAE, IWAE, VAE, open_data
from aevum.data.labels import one_array
from aevum.server import Run, wire
from aevum.server.access import Access
from aevum.server.app import create_app
from aevum.server.exchange import Exchange
from aevum.server.worker import Worker

with warnings.catch_warnings():  # starlette looks out for a successor of httpx
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

HOST = "127.0.0.1:8000"
TINY = {"hidden": 16, "epochs": 1, "random_state": 0}


@pytest.fixture(scope="session")
def runs():
    """Runs by id: auto-encoder, VAE, classes, one class, numbers, two tables, colours on either side, no data."""
    digits, iris, diabetes = open_data("digits"), open_data("iris"), open_data("diabetes")
    grey = (digits.x[:120] * 15).astype(np.uint8)
    colours = np.random.default_rng(0).integers(0, 256, (40, 6, 8, 3)).astype(np.uint8)
    x, y = digits.x[:120], digits.y[:120]
    vector = diabetes.x[:90, :2] * 10
    mixed = one_array({"digit": y.astype(str), "time": np.arange(120) / 2.0})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            Run("ae", "runs/ae", AE(2, **TINY).fit(x), digits.x[:120], y),
            Run("vae", "runs/vae", VAE(3, **TINY).fit(grey), grey, np.array(list("abc") * 40)),
            Run("cvae", "runs/cvae", CVAE(2, **TINY).fit(x, y), x, y),
            Run("learned", "runs/learned", CVAE(2, prior="learned", **TINY).fit(x, y), x, y),
            Run("flow", "runs/flow", CVAE(2, prior="flow", **TINY).fit(x, y), x, y),
            Run("single", "runs/single", CVAE(2, **TINY).fit(x, y * 0), x, y * 0),
            Run("numbers", "runs/numbers", CVAE(2, **TINY).fit(diabetes.x[:90], vector), diabetes.x[:90], vector),
            Run("mixed", "runs/mixed", CVAE(2, **TINY).fit(x, mixed), x, mixed),
            Run("table", "runs/table", VAE(2, likelihood="gaussian:emitted", **TINY).fit(iris), iris),
            Run("iwae", "runs/iwae", IWAE(1, likelihood="gaussian", **TINY).fit(iris.x), iris.x),
            Run("last", "runs/last", VAE(2, network="mlp", **TINY).fit(colours), colours),
            Run("first", "runs/first", AE(2, network="mlp", **TINY).fit(np.moveaxis(colours, -1, 1)), no_data="gone"),
        ]
    return {run.id: run for run in found}


@pytest.fixture(scope="session")
def access():
    return Access("127.0.0.1", 8000)


@pytest.fixture(scope="session")
def app(runs, access, tmp_path_factory):
    """The whole server, with a page of three files, and what exported files are made of."""
    folder = tmp_path_factory.mktemp("static")
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "app.js").write_text("export {};")
    (folder / "model.wasm").write_bytes(b"\0asm")
    (folder / "file").mkdir()
    (folder / "file" / "page.html").write_text("{{blocks}}")
    worker = Worker()
    yield create_app(Exchange(list(runs.values())), access, worker, folder)
    worker.close()


@pytest.fixture(scope="session")
def stranger(app):
    """A client that knows nothing."""
    with TestClient(app, base_url=f"http://{HOST}", follow_redirects=False, raise_server_exceptions=True) as client:
        yield client


@pytest.fixture(scope="session")
def client(app, access):
    """A client with the token."""
    headers = {"authorization": f"Bearer {access.token}"}
    with TestClient(app, base_url=f"http://{HOST}", headers=headers, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def dial(client):
    """Open a WebSocket."""

    @contextmanager
    def call(**headers):
        known = {"origin": f"http://{HOST}", **headers}
        with client.websocket_connect(f"ws://{HOST}/api/ws", headers=known) as socket:
            yield socket

    return call


@pytest.fixture(scope="session")
def socket(dial):
    """One WebSocket for all tests: whatever one of them sent, it goes on."""
    with dial() as socket:
        yield socket


@pytest.fixture(scope="session")
def over_json(client):
    """Ask as JSON: the answer, or the sentence of a refusal."""

    def call(run, operation, **given):
        lists = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in given.items()}
        response = client.post(f"/api/runs/{run}/{operation}", content=json.dumps(lists))
        answer = response.json()
        assert (response.status_code == 200) == ("error" not in answer)
        assert response.status_code < 500, answer
        return answer if response.status_code == 200 else answer["error"]

    return call


@pytest.fixture(scope="session")
def over_socket(socket):
    """Ask over the WebSocket: values and arrays together, or the sentence of a refusal."""
    count = SimpleNamespace(value=0)

    def call(run, operation, **given):
        count.value += 1
        arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
        args = {name: value for name, value in given.items() if name not in arrays}
        socket.send_bytes(wire.encode({"id": count.value, "run": run, "op": operation, "args": args}, arrays))
        header, found = wire.decode(socket.receive_bytes())
        assert header["id"] == count.value
        return {**header["args"], **found} if header["ok"] else header["error"]

    return call
