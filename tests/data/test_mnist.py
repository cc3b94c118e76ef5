import gzip
import hashlib
import http.server
import os
import socket
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from aevum.data import mnist, open_data
from aevum.errors import InputError

SHARED = Path(os.environ.get("AEVUM_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
RAW = {
    IMAGES: b"\0\0\x08\x03" + struct.pack(">3i", 5, 2, 2) + bytes(range(20)),
    LABELS: b"\0\0\x08\x01" + struct.pack(">i", 5) + bytes([1, 2, 3, 4, 5]),
}


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A tiny stand-in for MNIST, with its checksums, and a cache of its own."""
    monkeypatch.setattr(mnist, "_SHA256", {name: hashlib.sha256(raw).hexdigest() for name, raw in RAW.items()})
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "cache" / "mnist"


@pytest.fixture
def serve():
    """Start a server that answers from a dict: path → bytes, or (status, headers, body)."""
    servers = []

    def start(answers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer = answers.get(self.path.lstrip("/"), (404, {}, b""))
                status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def packed(**changes):
    return {f"{name}.gz": gzip.compress(raw) for name, raw in RAW.items()} | changes


@pytest.mark.parametrize(("split", "rows"), [("train", 60_000), ("test", 10_000)])
def test_the_real_files(split, rows):
    if not (SHARED / "mnist").is_dir():
        pytest.skip(f"no test data at {SHARED}")
    ds = open_data("mnist", data_dir=SHARED, split=split)
    assert ds.shape == (rows, 28, 28)
    assert len(ds.classes) == 10


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_from_a_folder(small, tmp_path, ending):
    for name, raw in RAW.items():
        (tmp_path / f"{name}{ending}").write_bytes(gzip.compress(raw) if ending else raw)
    ds = open_data("mnist", data_dir=tmp_path, split="test")
    assert ds.x.ravel().tolist() == list(range(20))
    assert ds.y.tolist() == [1, 2, 3, 4, 5]


def test_a_folder_without_them(small, tmp_path):
    with pytest.raises(InputError, match="lacks t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, packed"):
        open_data("mnist", data_dir=tmp_path, split="test")
    (tmp_path / IMAGES).write_bytes(RAW[IMAGES])
    with pytest.raises(InputError, match="lacks "):
        open_data("mnist", data_dir=tmp_path, split="test")


def test_other_bytes_in_a_folder(small, tmp_path):
    (tmp_path / IMAGES).write_bytes(RAW[IMAGES][:-1] + b"\xff")
    (tmp_path / LABELS).write_bytes(RAW[LABELS])
    with pytest.raises(InputError, match="SHA-256 differs"):
        open_data("mnist", data_dir=tmp_path, split="test")


def test_unknown_split():
    with pytest.raises(InputError, match='"train" and "test"'):
        open_data("mnist", split="validation")


def test_download_once_then_from_the_cache(small, serve, monkeypatch):
    monkeypatch.setenv("AEVUM_MNIST_MIRRORS", serve(packed()))
    assert len(open_data("mnist", split="test")) == 5
    assert sorted(path.name for path in small.iterdir()) == [f"{IMAGES}.gz", f"{LABELS}.gz"]
    monkeypatch.setenv("AEVUM_MNIST_MIRRORS", "http://127.0.0.1:1/")
    assert len(open_data("mnist", split="test")) == 5


def test_the_next_mirror_is_tried(small, serve, monkeypatch):
    bad, good = serve({}), serve(packed())
    monkeypatch.setenv("AEVUM_MNIST_MIRRORS", f"{bad} {good}")
    assert len(open_data("mnist", split="test")) == 5


WRONG = RAW[IMAGES][:-1] + b"\xff"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (gzip.compress(WRONG, mtime=0), "SHA-256 differs"),
        (gzip.compress(RAW[IMAGES], mtime=0)[:-9], "damaged|cut short"),
        (
            (200, {"Content-Length": "5000"}, gzip.compress(RAW[IMAGES], mtime=0)[:30]),
            "damaged|cut short|broke|Incomplete",
        ),
        (b"<html>log in</html>", "IDX"),
        (b"", "empty"),
        ((404, {}, b""), "HTTP 404"),
        ((500, {}, b"x"), "HTTP 500"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "HTTP 302|not allowed"),
    ],
)
def test_nothing_wrong_is_left_in_the_cache(small, serve, answer, message):
    base = serve(packed(**{f"{IMAGES}.gz": answer}))
    with pytest.raises(InputError, match=message) as caught:
        mnist.open_mnist("test", mirrors=[base])
    assert str(small) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(small.iterdir()) == []


def test_a_download_that_is_too_large(small, serve, monkeypatch):
    monkeypatch.setattr(mnist, "_MAX_BYTES", 50)
    base = serve(packed(**{f"{IMAGES}.gz": bytes(1000)}))
    with pytest.raises(InputError, match="larger than 50 bytes"):
        mnist.open_mnist("test", mirrors=[base])
    assert list(small.iterdir()) == []


def test_no_network(small):
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(InputError, match=r"put .*train-images-idx3-ubyte\.gz.*into .*mnist.*--data-dir") as caught:
            mnist.open_mnist("test", mirrors=[base])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mirror", ["file:///tmp/", "nonsense", "http://[bad/"])
def test_unusable_mirrors(small, mirror):
    with pytest.raises(InputError, match="can't be downloaded"):
        mnist.open_mnist("test", mirrors=[mirror])


def test_a_cache_that_cannot_be_written(small, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="AEVUM_CACHE"):
        mnist.open_mnist("test", mirrors=["http://127.0.0.1:1/"])


def test_cache_folder(monkeypatch):
    monkeypatch.setenv("AEVUM_CACHE", "/a")
    assert mnist.cache_folder() == Path("/a")
    monkeypatch.delenv("AEVUM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    assert mnist.cache_folder() == Path("/b/aevum")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/c")
    assert mnist.cache_folder() == Path("/c/.cache/aevum")


def test_labels_are_int64(small, tmp_path):
    for name, raw in RAW.items():
        (tmp_path / name).write_bytes(raw)
    assert open_data("mnist", data_dir=str(tmp_path), split="test").y.dtype == np.int64
