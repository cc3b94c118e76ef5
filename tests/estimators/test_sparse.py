"""Sparse matrices: the same model as of the dense rows, which never stand in memory all at once."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from aevum import VAE, InputError
from aevum.data.sparse_rows import SparseRows
from aevum.recipes import ESTIMATORS

pytestmark = [
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning"),
]
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 2, "random_state": 0}
RANDOM = np.random.RandomState(0)
FLOATS = np.where(RANDOM.rand(150, 7) < 0.4, RANDOM.randn(150, 7), 0.0)
COUNTS = RANDOM.poisson(0.7, (150, 7))
FAR = FLOATS.copy()
FAR[3, 2] = 1e6
Y = np.arange(150) % 3
FORMS = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "coo": sparse.coo_array, "csr array": sparse.csr_array}


def both(model, dense, **settings):
    """A model of the dense rows, and one of the sparse."""
    return [model(**TINY, **settings).fit(x, Y) for x in (dense, sparse.csr_matrix(dense))]


@pytest.mark.parametrize("model", ESTIMATORS.values(), ids=ESTIMATORS)
def test_every_model_is_the_same(model):
    dense, thin = both(model, FLOATS)
    given = {"y": Y} if model.conditional else {}
    np.testing.assert_array_equal(dense.transform(FLOATS, **given), thin.transform(sparse.csr_array(FLOATS), **given))
    np.testing.assert_array_equal(
        dense.sample(3, y=given and 1, random_state=0), thin.sample(3, y=given and 1, random_state=0)
    )


@pytest.mark.parametrize("likelihood", ["auto", "gaussian", "columns"])
@pytest.mark.parametrize(
    "x", [FLOATS, COUNTS, FAR, (COUNTS > 0).astype(np.uint8)], ids=["floats", "counts", "far", "bits"]
)
def test_every_kind_of_number_is_the_same(x, likelihood):
    dense, thin = both(VAE, x, likelihood=likelihood)
    if x is not FAR or likelihood == "gaussian":  # of dense columns a far cell is missing, of sparse ones the median
        np.testing.assert_array_equal(dense.transform(x), thin.transform(sparse.csr_matrix(x)))
    assert str(dense.likelihood_) == str(thin.likelihood_)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_format_and_method(form):
    vae, x = VAE(**TINY).fit(FLOATS), form(FLOATS)
    np.testing.assert_array_equal(vae.score_samples(x, k=9), vae.score_samples(FLOATS, k=9))
    np.testing.assert_array_equal(vae.reconstruct(x), vae.reconstruct(FLOATS))
    np.testing.assert_array_equal(vae.reconstruction_error(x), vae.reconstruction_error(FLOATS))
    np.testing.assert_array_equal(vae.encode(x)[1], vae.encode(FLOATS)[1])


def test_weights_and_rows_of_ones_own_are_the_same():
    weights = RANDOM.randint(0, 3, 100)
    settings = {"sample_weight": weights, "X_val": FLOATS[100:]}
    dense = VAE(**TINY).fit(FLOATS[:100], **settings)
    thin = VAE(**TINY).fit(sparse.csr_matrix(FLOATS[:100]), **settings | {"X_val": sparse.csc_matrix(FLOATS[100:])})
    np.testing.assert_array_equal(dense.transform(FLOATS), thin.transform(FLOATS))


def test_what_it_answers_is_what_the_dense_array_does():
    x = SparseRows(sparse.csr_matrix(FLOATS))
    for key in (3, slice(2, 9), np.array([5, 1]), FLOATS[:, 0] > 0.0, (slice(None), 3), (np.array([4, 2]), 3), (1, 2)):
        np.testing.assert_array_equal(x[key], FLOATS[key])
    np.testing.assert_array_equal(np.fmin.reduce(x, axis=0), FLOATS.min(axis=0))
    np.testing.assert_array_equal(np.fmax.reduce(x, axis=(0,)), FLOATS.max(axis=0))
    assert np.nanmin(x) == FLOATS.min() and np.nanmax(x) == FLOATS.max() and not np.isnan(x).any()
    np.testing.assert_array_equal(np.concatenate([x, x[:2]])[:], np.concatenate([FLOATS, FLOATS[:2]]))
    np.testing.assert_array_equal(np.median(x, axis=0), np.median(FLOATS, axis=0))
    np.testing.assert_array_equal(x.taken([2, 0])[:], FLOATS[[2, 0]])
    with pytest.raises(TypeError):
        np.exp(x)


def test_what_cannot_be_is_refused():
    bad = sparse.csr_matrix(FLOATS)
    bad.data[3] = np.nan
    row, column = bad.tocoo().row[3], bad.tocoo().col[3]
    place = f"NaN.* First at row {row}, column {column}; 1 in all"
    for form in FORMS.values():
        with pytest.raises(InputError, match=rf"{place}.*X.toarray\(\) has, and is learned with them"):
            VAE(**TINY).fit(form(bad))
    with pytest.raises(InputError, match=place + r"\. Fill them in or drop the rows\.$"):
        VAE(**TINY, likelihood="gaussian").fit(bad)
    VAE(**TINY).fit(bad.toarray())
    with pytest.raises(InputError, match=place):
        VAE(**TINY).fit(FLOATS).score_samples(bad)
    bad.data[3] = np.inf
    with pytest.raises(InputError, match=rf"infinity.*First at row {row}, column {column}; 1 in all. Fill them in"):
        VAE(**TINY).fit(bad)
    with pytest.raises(InputError, match="7 features"):
        VAE(**TINY).fit(sparse.csr_matrix(FLOATS)).transform(sparse.csr_matrix(FLOATS[:, :4]))


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
@pytest.mark.parametrize("gap", [0.0, np.nan])
@pytest.mark.parametrize("thin", [list(range(7)), [1, 4]], ids=["all", "some"])
def test_sparse_columns_of_a_frame_are_numbers_like_any_other(gap, thin):
    dense = pd.DataFrame(np.where(FLOATS == 0.0, gap, FLOATS)).add_prefix("c")
    frame = dense.astype({f"c{place}": pd.SparseDtype(float, gap) for place in thin})
    first, other = (VAE(**TINY).fit(x) for x in (dense, frame))
    np.testing.assert_array_equal(other.score_samples(frame), first.score_samples(dense))
    np.testing.assert_array_equal(other.impute(frame), first.impute(dense))
    np.testing.assert_array_equal(other.sample(3, random_state=0), first.sample(3, random_state=0))


@pytest.mark.slow
def test_a_wide_matrix_is_never_dense():
    x = sparse.random_array((8000, 6000), density=0.001, format="csr", rng=0)
    dense = x.shape[0] * x.shape[1] * 8
    tracemalloc.start()
    try:
        vae = VAE(2, hidden=8, epochs=1, batch_size=500, likelihood="gaussian", random_state=0).fit(x)
        of_fit = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        vae.transform(x)
        of_codes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert of_fit < 0.8 * dense and of_codes < 0.6 * dense, (of_fit / dense, of_codes / dense)
