"""AnnData files, where anndata is installed; without it, the sentence that says so."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from aevum.data import open_data
from aevum.errors import InputError, MissingPackageError

X = np.random.default_rng(0).poisson(0.7, (12, 5)).astype(np.float32)


@pytest.fixture
def written(tmp_path):
    """Write an AnnData file with these values: its path."""
    anndata = pytest.importorskip("anndata")

    def call(x, **more):
        obs = pd.DataFrame(
            {"kind": ["u", "v", "w"] * 4, "batch": np.arange(12)}, index=[f"cell-{i}" for i in range(12)]
        )
        var = pd.DataFrame(index=[f"gene{i}" for i in range(5)])
        anndata.AnnData(x, obs=obs, var=var, **more).write_h5ad(tmp_path / "t.h5ad")
        return tmp_path / "t.h5ad"

    return call


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_x_and_the_names_of_both_are_read(written, make):
    found = open_data(written(make(X)), labels="kind")
    np.testing.assert_array_equal(found.x, X)
    assert found.dtype == np.float32
    assert found.y.tolist() == ["u", "v", "w"] * 4
    assert found.row_names[:2] == ("cell-0", "cell-1")
    assert found.feature_names == tuple(f"gene{i}" for i in range(5))
    assert not found.rows_are_files


def test_genes_are_chosen_by_name(written):
    path = written(X)
    np.testing.assert_array_equal(open_data(path, drop="gene1,gene3").x, X[:, [0, 2, 4]])
    assert open_data(path, labels="batch").y.tolist() == list(range(12))
    with pytest.raises(InputError, match='no column "kin"; did you mean "kind"'):
        open_data(path, labels="kin")
    with pytest.raises(InputError, match="no table with empty cells"):
        open_data(path, missing="drop")


def test_what_cannot_be_used(written, tmp_path):
    with pytest.raises(InputError, match="60 values of X are NaN"):
        open_data(written(np.full_like(X, np.nan)))
    with pytest.raises(InputError, match="has no X"):
        open_data(written(None))
    (tmp_path / "t.h5ad").write_bytes(b"no file of that kind")
    with pytest.raises(InputError, match="can't be read as an AnnData file"):
        open_data(tmp_path / "t.h5ad")


def test_without_anndata_it_is_named(tmp_path, monkeypatch):
    (tmp_path / "t.h5ad").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "anndata", None)
    with pytest.raises(MissingPackageError, match=r'needs anndata; pip install "aevum\[anndata\]" brings it'):
        open_data(tmp_path / "t.h5ad")
