import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aevum.data import files, open_data
from aevum.errors import DataWarning, InputError

ARRAYS = hnp.arrays(
    dtype=st.sampled_from(["u1", "<i4", ">i2", "<f4", ">f8", "?"]), shape=hnp.array_shapes(min_dims=2, max_dims=4)
)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(x=ARRAYS, fortran=st.booleans())
def test_npy_round_trip(tmp_path, x, fortran):
    np.save(tmp_path / "x.npy", np.asfortranarray(x) if fortran else x)
    ds = open_data(tmp_path / "x.npy")
    np.testing.assert_array_equal(ds.x, x)
    assert isinstance(ds.x, np.memmap)
    assert type(ds.take([0])) is np.ndarray


@QUICK
@given(x=ARRAYS, packed=st.booleans())
def test_npz_round_trip(tmp_path, x, packed):
    y = np.arange(len(x))
    (np.savez_compressed if packed else np.savez)(tmp_path / "d.npz", x=x, y=y, other=np.zeros(1))
    ds = open_data(tmp_path / "d.npz")
    np.testing.assert_array_equal(ds.x, x)
    np.testing.assert_array_equal(ds.y, y)


def _npy(header: str, body: bytes = b"") -> bytes:
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


def _header(descr="'<f8'", shape="(2, 2)", order="False") -> bytes:
    return _npy(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n", bytes(32))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_header(shape="(1000000000, 100000)"), "claims 800000000000.* but the file has"),
        (_header(shape="(3, 2)"), "cut short"),
        (_header(shape="(1, 2)"), "several arrays"),
        (_header(shape="(-2, 2)"), "shape makes no sense"),
        (_header(shape="(True, 2)"), "shape makes no sense"),
        (_header(shape="[2, 2]"), "shape makes no sense"),
        (_header(shape="(" * 500), "damaged numpy header"),
        (_header(order="1"), "makes no sense"),
        (_header(descr="'|O'"), "Python objects"),
        (_header(descr="[('a', '<f8')]"), "kind that can't be read"),
        (_header(descr="'<f3'"), "kind that can't be read"),
        (_header(descr="'<U0'"), "no size"),
        (_npy("print(1)"), "damaged numpy header"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "far too long"),
        (b"\x93NUMPY\x01\x00\xff\x00abc", "cut short"),
        (b"\x93NUM", "doesn't begin as one"),
        (b"\x93NUMPY\x09\x00aaaaaaaa", "doesn't begin as one"),
    ],
)
def test_damaged_npy(tmp_path, content, message):
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(InputError, match=message):
        open_data(tmp_path / "x.npy")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(InputError):
        open_data(tmp_path / "x.npz")


@pytest.mark.parametrize(("array", "message"), [(np.zeros((0, 3)), "no data"), (np.zeros(3), "reshape")])
def test_npy_of_a_wrong_shape(tmp_path, array, message):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(InputError, match=message):
        open_data(tmp_path / "x.npy")


@pytest.mark.parametrize("kind", ["npy", "csv", "named csv"])
def test_labels_in_a_file_of_their_own(tmp_path, kind):
    np.save(tmp_path / "x.npy", np.eye(3))
    path = tmp_path / f"y.{kind[-3:]}"
    if kind == "npy":
        np.save(path, np.array(["a", "b", "a"]))
    else:
        path.write_text("class\na\nb\na\n" if kind == "named csv" else "1\n2\n1\n")
    y = open_data(tmp_path / "x.npy", labels=str(path)).y
    assert y.tolist() == ([1, 2, 1] if kind == "csv" else ["a", "b", "a"])


def test_labels_that_do_not_fit(tmp_path):
    np.save(tmp_path / "x.npy", np.eye(3))
    np.save(tmp_path / "short.npy", np.zeros(2))
    np.save(tmp_path / "gap.npy", np.array([0, np.nan, 1]))
    for name, message in [("short.npy", r"\(2,\).*3 rows"), ("gap.npy", "missing"), ("x.txt.bin", "labels come from")]:
        with pytest.raises(InputError, match=message):
            open_data(tmp_path / "x.npy", labels=str(tmp_path / name))


def _save(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("arrays", "spec", "labels", "message"),
    [
        ({"a": np.eye(2), "b": np.eye(3)}, "", None, r"several arrays.*a, b.*d.npz::a"),
        ({"x1": np.eye(2), "x2": np.eye(3)}, "", None, "x1, x2"),
        ({"x": np.eye(2)}, "::z", None, "no array called z; it has: x"),
        ({"x": np.eye(2)}, "", "z", "no array called z for the labels"),
        ({"x": np.eye(2), "k": np.zeros(3)}, "", "k", r"\(3,\).*2 rows"),
        ({"x": np.eye(2), "k": np.array([1, np.nan])}, "", "k", "missing"),
        ({"k": np.zeros(3)}, "", None, "two or more dimensions"),
        ({}, "", None, "no arrays"),
        ({"x": np.array([[{}]], dtype=object)}, "", None, "Python objects"),
    ],
)
def test_npz_that_cannot_be_chosen_from(tmp_path, arrays, spec, labels, message):
    path = _save(tmp_path / "d.npz", **arrays)
    with pytest.raises(InputError, match=message):
        open_data(f"{path}{spec}", labels=labels)


def test_npz_choices(tmp_path):
    x, objects = np.eye(3), np.array([{}, {}], dtype=object)
    path = _save(tmp_path / "d.npz", x28=x, eval_x28=np.eye(2), y=np.zeros(7), extra=objects)
    with pytest.warns(DataWarning, match=r'array "y" isn\'t used as the labels of "x28": its shape is \(7,\)'):
        ds = open_data(path)
    assert ds.shape == (3, 3)
    assert ds.y is None  # a y of another length isn't taken for the labels
    with pytest.warns(DataWarning, match="isn't used"):
        assert open_data(f"{path}::eval_x28").shape == (2, 2)
    with pytest.raises(InputError, match="Python objects"):
        open_data(path, labels="extra")


@pytest.mark.parametrize(
    ("x_key", "y_key"),
    [
        ("x", "Y"), ("x", "targets"), ("X", "target"), ("x_train", "y_train"), ("X_train", "y_train"), ("x", "classes"),
        ("train_images", "train_labels"), ("trainX", "trainY"), ("data", "target"), ("features", "labels"),
    ],
)  # fmt: skip
def test_labels_are_found_by_every_usual_name(tmp_path, x_key, y_key):
    y = np.array([2, 0, 1])
    assert open_data(_save(tmp_path / "d.npz", **{x_key: np.eye(3), y_key: y})).y.tolist() == y.tolist()


def test_the_labels_are_those_of_the_chosen_examples(tmp_path):
    arrays = {"x_train": np.eye(3), "y_train": np.arange(3), "x_test": np.eye(3), "y_test": np.arange(3) + 10}
    path = _save(tmp_path / "d.npz", **arrays, y=np.arange(3) + 20)
    assert open_data(f"{path}::x_train").y.tolist() == [0, 1, 2]
    assert open_data(f"{path}::x_test").y.tolist() == [10, 11, 12]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float32])
def test_one_hot_labels_are_classes(tmp_path, dtype):
    one_hot = np.eye(4)[[2, 0, 3]].astype(dtype)
    path = _save(tmp_path / "d.npz", x=np.eye(3), y=one_hot)
    assert open_data(path).y.tolist() == open_data(path, labels="y").y.tolist() == [2, 0, 3]
    np.save(tmp_path / "x.npy", np.eye(3))
    np.save(tmp_path / "y.npy", one_hot)
    assert open_data(tmp_path / "x.npy", labels=str(tmp_path / "y.npy")).y.tolist() == [2, 0, 3]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array(["a", None, "b"], dtype=object), "Python objects"),
        (np.full((3, 2), 0.5), r"\(3, 2\).*neither one label per row nor one-hot"),
        (np.zeros((3, 2, 2)), r"\(3, 2, 2\)"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path, y, message):
    path = _save(tmp_path / "d.npz", x=np.eye(3), y=y)
    with pytest.warns(DataWarning, match=message):
        assert open_data(path).y is None
    with pytest.raises(InputError):
        open_data(path, labels="y")


@pytest.mark.parametrize("length", ["0x" + "f" * 6000, "-0x" + "f" * 6000, str(2**63), "9" * 5000, "True", "1.0"])
def test_a_header_of_impossible_lengths(tmp_path, length):
    (tmp_path / "a.npy").write_bytes(_header(shape=f"({length}, 2)"))
    with pytest.raises(InputError, match="damaged numpy header"):
        open_data(tmp_path / "a.npy")


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_BOMB_BYTES", 2**20)
    np.savez_compressed(tmp_path / "d.npz", x=np.zeros((2**12, 2**10)))
    with pytest.raises(InputError, match="zip bomb"):
        open_data(tmp_path / "d.npz")


def test_npz_over_the_memory_limit(tmp_path):
    stream = io.BytesIO(_header(shape="(1000000, 1000000)"))
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", stream.getvalue())
    with pytest.raises(InputError, match=r"more than the limit of 8\.0 GiB"):
        open_data(tmp_path / "d.npz")


def test_npz_packed_otherwise(tmp_path):
    stream = io.BytesIO()
    np.save(stream, np.eye(2))
    with zipfile.ZipFile(tmp_path / "d.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.npy", stream.getvalue())
    with pytest.raises(InputError, match="numpy never uses"):
        open_data(tmp_path / "d.npz")
