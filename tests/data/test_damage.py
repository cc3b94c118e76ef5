"""Valid files, cut or with flipped bytes: an InputError or a data set, never anything else and never much memory."""

import gzip
import resource
import struct

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aevum.data import Dataset, open_data
from aevum.errors import InputError

X = np.random.default_rng(0).integers(0, 256, (12, 6, 5)).astype(np.uint8)
IDX = b"\0\0\x08\x03" + struct.pack(">3i", *X.shape) + X.tobytes()


def _table():
    return pd.DataFrame(X[:, 0], columns=list("abcde"))


def _image(path, mode="RGB"):
    path.parent.mkdir()
    Image.fromarray(np.stack([X[0]] * 3, axis=-1)).convert(mode).save(path)


WRITERS = {
    "x.npy": lambda path: np.save(path, X),
    "x.npz": lambda path: np.savez(path, x=X, y=np.arange(12)),
    "packed.npz": lambda path: np.savez_compressed(path, x=X, y=np.arange(12)),
    "x.csv": lambda path: _table().to_csv(path),
    "x.parquet": lambda path: _table().to_parquet(path),
    "x.idx": lambda path: path.write_bytes(IDX),
    "x.idx.gz": lambda path: path.write_bytes(gzip.compress(IDX)),
    "png/a.png": _image,
    "gif/a.gif": _image,
    "bmp/a.bmp": _image,
    "jpg/a.jpg": _image,
    "tif/a.tif": _image,
    "webp/a.webp": _image,
    "ppm/a.ppm": _image,
    "pgm/a.pgm": lambda path: _image(path, "L"),
}


def _damaged(valid, rng):
    yield from (valid[:size] for size in rng.integers(0, len(valid), 25))
    for flips in (1, 1, 4) * 12:
        content = np.frombuffer(valid, dtype=np.uint8).copy()
        # Half of the flips fall on the header, where they hurt most.
        at = rng.integers(0, len(valid) if rng.random() < 0.5 else min(len(valid), 128), flips)
        content[at] ^= rng.integers(1, 256, flips).astype(np.uint8)
        yield content.tobytes()


@pytest.mark.filterwarnings("ignore::aevum.DataWarning")  # What a reader took for granted.
@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    spec = path.parent if "/" in name else path
    assert isinstance(open_data(spec), Dataset)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for content in _damaged(path.read_bytes(), np.random.default_rng(1)):
        path.write_bytes(content)
        try:
            assert isinstance(open_data(spec), Dataset)
        except InputError as error:
            assert "\n" not in str(error)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 * 1024  # KiB
