"""SciPy's sparse matrices."""

import numpy as np
import pytest
from scipy import sparse

from aevum import DataWarning
from aevum.data import files, open_data
from aevum.errors import InputError


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
@pytest.mark.parametrize("make", [sparse.random, getattr(sparse, "random_array", sparse.random)])  # SciPy 1.12
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_a_sparse_matrix_is_made_dense(tmp_path, kind, make, dtype):
    shape = (20, 8) if make is sparse.random else ((20, 8),)
    matrix = (9 * make(*shape, density=0.3, format=kind, random_state=0)).astype(dtype)
    sparse.save_npz(tmp_path / "t.npz", matrix)
    with pytest.warns(DataWarning, match="made dense, 20 × 8; 0.[23].* of its cells are no zeros"):
        found = open_data(tmp_path / "t.npz")
    np.testing.assert_array_equal(found.x, matrix.toarray())
    assert found.dtype == dtype


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"indices": np.array([0, 99, 1])}, "damaged"),
        ({"indices": np.array([0, -1, 1])}, "damaged"),
        ({"indptr": np.array([0, 3, 1, 3])}, "damaged"),
        ({"indptr": np.array([0, 1])}, "damaged"),
        ({"format": np.array(b"dia")}, "format dia; save it as x.tocsr()"),
        ({"shape": np.array([3, 2**40])}, "more than the limit"),
        ({"shape": np.array([3])}, "expected a matrix"),
        ({"data": np.array(["a", "b", "c"])}, "expected a matrix"),
        ({"data": np.array([1, None, 2], dtype=object)}, "Python objects"),
    ],
)
def test_parts_that_do_not_fit(tmp_path, change, words):
    good = {"format": np.array(b"csr"), "shape": np.array([3, 4]), "data": np.ones(3), "indices": np.array([0, 3, 1]),
            "indptr": np.array([0, 1, 2, 3])}  # fmt: skip
    np.savez(tmp_path / "t.npz", **{**good, **change})
    with pytest.raises(InputError, match=words):
        open_data(tmp_path / "t.npz")


@pytest.mark.parametrize("axis", [0, 1])
def test_coordinates_outside_of_the_matrix(tmp_path, axis):
    where = [np.array([0, 1]), np.array([0, 1])]
    where[axis] = np.array([0, 7])
    np.savez(
        tmp_path / "t.npz", format=np.array(b"coo"), shape=np.array([3, 4]), data=np.ones(2), row=where[0], col=where[1]
    )
    with pytest.raises(InputError, match="damaged"):
        open_data(tmp_path / "t.npz")


def test_an_archive_that_also_holds_data_is_no_matrix(tmp_path, monkeypatch):
    np.savez(tmp_path / "t.npz", data=np.eye(3), shape=np.array([3, 3]), labels=np.arange(3))
    assert open_data(tmp_path / "t.npz").shape == (3, 3)
    sparse.save_npz(tmp_path / "t.npz", sparse.csr_matrix(np.zeros((3, 3))))
    monkeypatch.setattr(files, "_BOMB_BYTES", 0)
    with pytest.raises(InputError, match="holds no data|zip bomb"):
        open_data(tmp_path / "t.npz")
