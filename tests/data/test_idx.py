import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aevum.data import files, idx, open_data
from aevum.errors import InputError

CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def encode(x, code):
    return bytes([0, 0, code, x.ndim]) + struct.pack(f">{x.ndim}i", *x.shape) + x.tobytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), dtype=st.sampled_from(sorted(CODES)), packed=st.booleans())
def test_round_trip(tmp_path, data, dtype, packed):
    x = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=4)))
    raw = encode(x, CODES[dtype])
    path = tmp_path / ("a.idx.gz" if packed else "a.idx")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    ds = open_data(path)
    np.testing.assert_array_equal(ds.x, x)
    assert ds.dtype.isnative


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_labels_beside(tmp_path, ending):
    pack = gzip.compress if ending else bytes
    (tmp_path / f"t-images-idx3-ubyte{ending}").write_bytes(pack(encode(np.zeros((3, 2, 2), "u1"), 8)))
    (tmp_path / "t-labels-idx1-ubyte").write_bytes(encode(np.array([4, 5, 6], "u1"), 8))
    assert open_data(tmp_path / f"t-images-idx3-ubyte{ending}").y.tolist() == [4, 5, 6]


def test_labels_beside_of_another_length(tmp_path):
    (tmp_path / "t-images-idx3-ubyte").write_bytes(encode(np.zeros((3, 2, 2), "u1"), 8))
    (tmp_path / "t-labels-idx1-ubyte").write_bytes(encode(np.zeros(2, "u1"), 8))
    with pytest.raises(InputError, match=r"\(2,\).*3 rows"):
        open_data(tmp_path / "t-images-idx3-ubyte")


GOOD = encode(np.ones((3, 4), "u1"), 8)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (GOOD[:-1], "damaged|cut short"),
        (GOOD + b"x", "damaged|more bytes"),
        (GOOD[:6], "damaged IDX header"),
        (GOOD[:3], "doesn't begin as one"),
        (b"\1" + GOOD[1:], "doesn't begin as one"),
        (b"\0\0\x07" + GOOD[3:], "doesn't begin as one"),
        (b"\0\0\x08\0", "damaged IDX header"),
        (b"\0\0\x08\2" + struct.pack(">2i", -3, 4), "negative"),
        (b"\0\0\x08\2" + struct.pack(">2i", 2**31 - 1, 2**31 - 1), "claims|limit"),
        (encode(np.zeros(3, "u1"), 8), "reshape"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_damaged(tmp_path, raw, message, packed):
    path = tmp_path / "a-ubyte"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    with pytest.raises(InputError, match=message):
        open_data(path)


def test_gzip_bomb_is_bounded(tmp_path):
    path = tmp_path / "a.idx.gz"
    path.write_bytes(gzip.compress(GOOD + bytes(2**26)))
    with pytest.raises(InputError, match="more bytes"):
        open_data(path)
    path.write_bytes(gzip.compress(b"\0\0\x08\2" + struct.pack(">2i", 2**15, 2**15) + bytes(100)))
    with pytest.raises(InputError, match="header claims"):
        open_data(path)


def test_what_shrinks_too_far_is_refused_as_in_every_packed_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_BOMB_BYTES", 2**20)
    path = tmp_path / "a.idx.gz"
    path.write_bytes(gzip.compress(b"\0\0\x08\2" + struct.pack(">2i", 2**11, 2**10) + bytes(2**21)))
    with pytest.raises(InputError, match="zip bomb"):
        open_data(path)
    random = np.random.default_rng(0).integers(0, 16, (2**11, 2**10), np.uint8)
    path.write_bytes(gzip.compress(b"\0\0\x08\2" + struct.pack(">2i", 2**11, 2**10) + random.tobytes(), 1))
    assert open_data(path).shape == (2**11, 2**10)


def test_limit(tmp_path):
    path = tmp_path / "a.idx.gz"
    path.write_bytes(gzip.compress(GOOD))
    with pytest.raises(InputError, match="limit"):
        idx.read_idx_bytes(path, limit=10)
