"""What holds for every model, every kind of data, network and likelihood; then what is special to each."""

import functools
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tests.covering import in_pairs, in_turn
from torch import nn

import aevum
from aevum import AE, CVAE, DAE, VAE, CollapseWarning, DataWarning
from aevum.data import Dataset
from aevum.estimators.budget import budget_for
from aevum.posteriors import CORRUPTIONS
from aevum.recipes import ESTIMATORS

# Not merely a path with the name in it: PyTorch may lie below a folder of that name, too.
PACKAGE = str(Path(aevum.__file__).parent)
MODELS = list(ESTIMATORS.values())
DENSITIES = [model for model in MODELS if model.has_density]
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 32, "random_state": 0}
CONVOLUTIONAL = {"network": "convolutional", "hidden": (4, 4)}

# A single epoch of a tiny network may well leave a latent unused.
pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


def rng(seed=0):
    return np.random.RandomState(seed)


def images(*shape, rows=60, seed=0):
    """Smooth grey pictures in [0, 1]: one random brightness a picture, and a little noise."""
    random = rng(seed)
    x = random.rand(rows, *[1] * len(shape)) * 0.7 + 0.3 * random.rand(rows, *shape)
    return x.astype(np.float32)


def table(rows=60, columns=6, seed=0):
    random = rng(seed)
    return (random.randn(rows, 2) @ random.randn(2, columns) + 0.1 * random.randn(rows, columns)).astype(np.float32)


def labels(rows=60):
    return np.arange(rows) % 3


DATA = {
    "table": table,
    "grey": lambda: images(8, 8),
    "colour last": lambda: images(8, 9, 3),
    "colour first": lambda: images(3, 8, 9),
    "8 bits": lambda: (255 * images(9, 8)).astype(np.uint8),
    "binary": lambda: (images(8, 8) > 0.5).astype(np.float32),
    "binary 8 bits": lambda: 255 * (images(8, 8) > 0.5).astype(np.uint8),
    "bool": lambda: images(8, 8) > 0.5,
}
LIKELIHOODS = [
    "gaussian",
    "gaussian:shared",
    "gaussian:per-feature",
    "gaussian:emitted",
    "gaussian:fixed",
    "gaussian:fixed=0.1",
    "discretized_logistic",
    "discretized_logistic:shared",
    "discretized_logistic:per-feature",
    "discretized_logistic:emitted",
    "discretized_logistic:fixed=4",
    "bernoulli",
    "continuous_bernoulli",
]


def data_for(likelihood):
    family = likelihood.partition(":")[0]
    return DATA[{"discretized_logistic": "8 bits", "bernoulli": "binary"}.get(family, "grey")]()


class Flat(nn.Module):
    """A user's own module of x and, where there is one, y."""

    def __init__(self, inputs, outputs, context=0):
        super().__init__()
        self.linear = nn.Linear(inputs + context, outputs)

    def forward(self, x, y=None):
        x = x.flatten(1)
        return torch.tanh(self.linear(x if y is None else torch.cat([x, y], 1)))


def own_pair(event, latent_dim, context=0, parameters=1):
    torch.manual_seed(0)
    values = math.prod(event)
    return Flat(values, 5, context), Flat(latent_dim, parameters * values, context)


def given(estimator, y):
    return (y,) if estimator.conditional else ()


def check_outputs(estimator, X, y, tells=True):
    """Shapes, types, determinism and support of everything that a fitted estimator gives; whether its codes tell."""
    n, event, D = len(X), X.shape[1:], estimator.latent_dim
    y = given(estimator, y)
    wide = X.dtype == np.float64
    values = np.dtype(X.dtype if X.dtype in (np.float32, np.float64) else np.float32 if X.itemsize < 4 else np.float64)
    Z = estimator.transform(X, *y)
    assert Z.shape == (n, D)
    assert Z.dtype == (np.float64 if wide else np.float32)
    np.testing.assert_array_equal(Z, estimator.transform(X, *y))
    mean, deviation = estimator.encode(X, *y)
    np.testing.assert_array_equal(mean, Z)
    assert deviation.shape == (n, D)
    assert (deviation > 0).all() if estimator.has_density else (deviation == 0).all()
    back = estimator.inverse_transform(Z, *y)
    assert back.shape == X.shape
    assert back.dtype == values
    np.testing.assert_array_equal(back, estimator.reconstruct(X, *y))
    error = estimator.reconstruction_error(X, *y)
    assert error.shape == (n,)
    wanted = np.square(X.astype(float) - back).reshape(n, -1).sum(1)
    np.testing.assert_allclose(error, wanted, rtol=1e-5, atol=1e-8)
    distortion, rate = estimator.distortion_and_rate(X, *y)
    assert distortion.shape == rate.shape == (n,)
    assert distortion.dtype == rate.dtype == np.float64
    assert np.isfinite(distortion).all()
    if estimator.has_density and not has_exact_rate(estimator, *y):
        assert rate.any() or not tells  # one draw's log q − log p may be negative; its mean is not
    else:
        assert (rate >= 0).all()
        assert (rate > 0).any() == estimator.has_density or not tells
    for name in ("score_samples",) if estimator.has_density else ():
        scores = getattr(estimator, name)(X, *y, k=5)
        assert scores.shape == (n,)
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()
    assert isinstance(estimator.score(X, *y), float)
    check_samples(estimator, X, y, values)
    if estimator.likelihood_.family == "gaussian":
        for low, high in (estimator.predict_interval(X, *y), estimator.decode_interval(Z, *y)):
            assert low.shape == high.shape == X.shape
            assert low.dtype == high.dtype == values
            assert (low < high).all()
        np.testing.assert_allclose((low.astype(float) + high) / 2, back, rtol=1e-3, atol=1e-3 * float(np.ptp(X)))
    assert math.prod(event) == math.prod(estimator.parts_.event)


def has_exact_rate(estimator, y=None):
    """Whether KL(q ‖ p) has a closed form: with a Gaussian q, where p is one too."""
    return estimator.law_of_codes(y, rows=1 if y is None else len(y)).is_gaussian


def check_samples(estimator, X, y, values):
    y = tuple(np.resize(part, 7) for part in y)
    drawn = estimator.sample(7, *y, random_state=0)
    assert drawn.shape == (7, *X.shape[1:])
    np.testing.assert_array_equal(drawn, estimator.sample(7, *y, random_state=0))
    np.testing.assert_array_equal(drawn, estimator.sample(7, *y, random_state=np.random.RandomState(0)))
    assert not np.array_equal(drawn, estimator.sample(7, *y, random_state=1)) or X.size < 100
    mean = estimator.sample(7, *y, random_state=0, mean=True)
    assert mean.shape == drawn.shape
    assert mean.dtype == values
    assert np.isfinite(mean).all()
    family, top = estimator.likelihood_.family, 255 if X.dtype == np.uint8 else 1
    if family == "bernoulli":
        assert set(np.unique(drawn)) <= {0, top}
        assert drawn.dtype == X.dtype
    elif family == "discretized_logistic":
        np.testing.assert_array_equal(drawn, np.round(drawn))
        assert drawn.min() >= 0
        assert drawn.max() <= 255
        assert drawn.dtype == X.dtype
    else:
        assert drawn.dtype == values
    if family in ("bernoulli", "continuous_bernoulli"):
        assert drawn.min() >= 0
        assert drawn.max() <= top
        assert mean.min() >= 0
        assert mean.max() <= top


# -------------------------------------------------------------------- every model


@in_pairs(model=MODELS, network=["auto", "mlp", "residual", "convolutional", "own"], data=DATA)
def test_every_model_on_every_kind_of_data(model, network, data):
    X, y = DATA[data](), labels()
    if network == "convolutional" and X.ndim == 2:
        pytest.skip("a table is no image")
    kept = X.copy()
    settings = {**TINY, "network": network}
    if network == "convolutional":
        settings |= CONVOLUTIONAL
    if network == "own":
        settings |= {"network": own_pair(X.shape[1:], 2, 3 * model.conditional), "hidden": None}
    estimator = model(**settings).fit(X, y)
    check_outputs(estimator, X, y)
    np.testing.assert_array_equal(X, kept)
    if network != "auto":
        assert estimator.parts_.network == ("custom" if network == "own" else network)


@in_pairs(model=MODELS, network=["residual", "convolutional", "own"], likelihood=LIKELIHOODS)
def test_every_model_with_every_likelihood(model, network, likelihood):
    X, y = data_for(likelihood), labels()
    settings = {**TINY, "network": network}
    if network == "convolutional":
        settings |= CONVOLUTIONAL
    if network == "own":
        parameters = 2 if likelihood.endswith("emitted") else 1
        settings |= {"network": own_pair(X.shape[1:], 2, 3 * model.conditional, parameters), "hidden": None}
    estimator = model(**settings, likelihood=likelihood).fit(X, y)
    assert estimator.likelihood_.family == likelihood.partition(":")[0]
    check_outputs(estimator, X, y)


@in_pairs(model=MODELS, binarize=["dynamic", "static", "soft"], data=["grey", "8 bits", "binary"])
def test_every_model_with_every_binarization(model, binarize, data):
    X, y = DATA[data](), labels()
    estimator = model(**TINY, binarize=binarize).fit(X, y)
    assert str(estimator.likelihood_) == f"bernoulli (binarize={binarize!r})"
    check_outputs(estimator, X, y)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("data", ["table", "8 bits", "binary"])
def test_every_corruption(corruption, data):
    X = DATA[data]()
    estimator = DAE(**TINY, corruption=corruption, noise=0.4).fit(X)
    check_outputs(estimator, X, None)
    # Without noise it is a plain auto-encoder.
    clean, plain = DAE(**TINY, corruption=corruption, noise=0.0).fit(X), AE(**TINY).fit(X)
    np.testing.assert_allclose(clean.transform(X), plain.transform(X), rtol=1e-5, atol=1e-6)
    assert not np.array_equal(estimator.transform(X), plain.transform(X))


# -------------------------------------------------------------------- rows are independent


@in_pairs(model=MODELS, network=["residual", "convolutional"], data=["table", "8 bits", "binary"])
def test_a_row_depends_neither_on_its_neighbours_nor_on_its_place(model, network, data):
    X, y = DATA[data](), labels()
    if network == "convolutional" and X.ndim == 2:
        pytest.skip("a table is no image")
    settings = {**TINY, **(CONVOLUTIONAL if network == "convolutional" else {"network": network})}
    estimator = model(**settings).fit(X, y)
    order = rng(1).permutation(len(X))
    methods = ["transform", "reconstruct", "reconstruction_error"]
    methods += ["score_samples"] if estimator.has_density else ["distortion_and_rate"]
    methods += ["denoising_distortion"] if estimator.fitted_.denoises else []
    for name in methods:
        method = getattr(estimator, name)

        def rows(X, y, method=method):
            out = method(X, *given(estimator, y))
            return np.stack(out, 1) if isinstance(out, tuple) else out

        together = rows(X, y)
        scale = float(np.abs(together).max())
        near = {"rtol": 1e-5, "atol": 1e-5 * scale, "err_msg": name}
        np.testing.assert_allclose(rows(X[order], y[order]), together[order], **near)
        np.testing.assert_allclose(rows(X[:1], y[:1]), together[:1], **near)
        np.testing.assert_allclose(rows(X[5:22], y[5:22]), together[5:22], **near)
        doubled = rows(np.concatenate([X, X]), np.concatenate([y, y]))
        np.testing.assert_allclose(doubled[len(X) :], together, **near)


@pytest.mark.parametrize("model", DENSITIES)
def test_the_distortion_of_a_row_does_not_depend_on_its_place(model):
    X, y = table(), labels()
    estimator = model(**TINY).fit(X, y)
    together = estimator.distortion_and_rate(X, *given(estimator, y))[0]
    reverse = estimator.distortion_and_rate(X[::-1], *given(estimator, y[::-1]))[0]
    np.testing.assert_allclose(reverse[::-1], together, rtol=1e-4)


def test_blocks_of_rows_join_without_a_seam(monkeypatch):
    X = table(rows=100)
    estimator = VAE(**TINY).fit(X)
    whole = estimator.transform(X), estimator.score_samples(X, k=7), estimator.reconstruct(X)
    monkeypatch.setattr("aevum.fitted.fitted.BLOCK_BYTES", 4 * 6 * 16)
    parts = estimator.transform(X), estimator.score_samples(X, k=7), estimator.reconstruct(X)
    for found, wanted in zip(parts, whole, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


# -------------------------------------------------------------------- densities


@pytest.mark.parametrize(
    ("model", "likelihood"),
    [
        *((model, ("gaussian", "bernoulli")[place % 2]) for place, model in enumerate(DENSITIES) if model is not VAE),
        *((VAE, likelihood) for likelihood in ("gaussian", "bernoulli", "gaussian:emitted", "discretized_logistic")),
    ],
)
def test_the_bounds_are_in_order(model, likelihood):
    X, y = data_for(likelihood), labels()
    estimator = model(**{**TINY, "epochs": 20}, likelihood=likelihood).fit(X, y)
    y = given(estimator, y)
    drawn = [estimator.distortion_and_rate(X, *y, random_state=seed) for seed in range(20)]
    elbo = -np.mean([distortion + rate for distortion, rate in drawn])
    bounds = [np.mean([estimator.score_samples(X, *y, k=k, random_state=s) for s in range(5)]) for k in (1, 10, 300)]
    slack = 0.02 * abs(elbo) / math.sqrt(len(X)) + 0.05
    assert elbo <= bounds[1] + slack
    assert bounds[0] <= bounds[1] + slack
    assert bounds[1] <= bounds[2] + slack
    assert bounds[2] - elbo < 0.5 * abs(elbo) + 20


@pytest.mark.parametrize("k", [1, 2, 99, 100, 101, 250])
def test_scores_are_a_function_of_the_random_state(k):
    X = table()
    estimator = VAE(**TINY).fit(X)
    scores = estimator.score_samples(X, k=k)
    np.testing.assert_array_equal(scores, estimator.score_samples(X, k=k, random_state=0))
    assert not np.array_equal(scores, estimator.score_samples(X, k=k, random_state=1))


@in_pairs(model=MODELS, data=["table", "grey"], likelihood=["gaussian", "gaussian:per-feature", "gaussian:emitted"])
def test_units(model, data, likelihood):
    """Fitting 8 x + 16 in place of x changes the units of every answer, and nothing else."""
    X, y = DATA[data]().astype(np.float64), labels()
    X = np.round(X * 2.0**20) / 2.0**20  # so that 8 x + 16 has no rounding
    if data == "grey":
        X = X + 1.0  # away from [0, 1], where one scale serves all columns
    a, b = 8.0, 16.0
    first, second = (model(**{**TINY, "epochs": 3}, likelihood=likelihood).fit(data, y) for data in (X, a * X + b))
    y = given(first, y)
    moved, tolerance = a * X + b, {"rtol": 1e-4, "atol": 1e-4}
    np.testing.assert_allclose(first.transform(X, *y), second.transform(moved, *y), **tolerance)
    Z = first.transform(X, *y)
    np.testing.assert_allclose(a * first.inverse_transform(Z, *y) + b, second.inverse_transform(Z, *y), **tolerance)
    for low, high in zip(first.predict_interval(X, *y), second.predict_interval(moved, *y), strict=True):
        np.testing.assert_allclose(a * low + b, high, **tolerance)
    shift = X[0].size * math.log(a)
    distortion, other = (e.distortion_and_rate(d, *y)[0] for e, d in ((first, X), (second, moved)))
    np.testing.assert_allclose(distortion + shift, other, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(
        a**2 * first.reconstruction_error(X, *y), second.reconstruction_error(moved, *y), rtol=1e-3
    )
    if first.has_density:
        scores, other = first.score_samples(X, *y), second.score_samples(moved, *y)
        np.testing.assert_allclose(scores - shift, other, rtol=1e-4, atol=1e-3)
        low = a * first.sample(9, *[part[:9] for part in y], random_state=0) + b
        np.testing.assert_allclose(low, second.sample(9, *[part[:9] for part in y], random_state=0), **tolerance)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("likelihood", ["gaussian", "discretized_logistic"])
def test_bytes_and_floats_of_equal_value_agree(model, likelihood):
    X, y = DATA["8 bits"](), labels()
    first, second = (model(**TINY, likelihood=likelihood, network="mlp").fit(data, y) for data in (X, X.astype(float)))
    y = given(first, y)
    np.testing.assert_allclose(first.transform(X, *y), second.transform(X.astype(float), *y), rtol=1e-3, atol=1e-4)
    for found, wanted in zip(
        first.distortion_and_rate(X, *y), second.distortion_and_rate(X.astype(float), *y), strict=True
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("data", ["table", "grey", "8 bits"])
def test_scores_do_not_depend_on_the_number_type(data):
    X = DATA[data]()
    estimator = VAE(**TINY).fit(X)
    np.testing.assert_allclose(estimator.score_samples(X.astype(np.float64)), estimator.score_samples(X), rtol=1e-4)


@pytest.mark.parametrize("sigma", [0.1, 2.5])
@pytest.mark.parametrize("data", ["table", "grey", "8 bits"])
def test_a_fixed_sigma_is_in_the_units_of_the_data(data, sigma):
    X = DATA[data]()
    estimator = VAE(**TINY, likelihood=f"gaussian:fixed={sigma}").fit(X)
    low, high = estimator.decode_interval(estimator.transform(X))
    np.testing.assert_allclose((high.astype(float) - low) / 2, 3 * sigma, rtol=2e-4)
    low, high = estimator.decode_interval(estimator.transform(X), level=0.5)
    np.testing.assert_allclose((high.astype(float) - low) / 2, 0.6744898 * sigma, rtol=1e-3)
    Z = np.zeros((1, 2))
    mean = estimator.inverse_transform(Z).astype(float)
    drawn = np.stack(
        [estimator.sample(1, random_state=s) - estimator.sample(1, random_state=s, mean=True) for s in range(60)]
    )
    assert np.std(drawn.astype(float)) == pytest.approx(sigma, rel=0.15)
    assert np.isfinite(mean).all()


def test_the_distortion_under_a_fixed_sigma_is_half_the_squared_error():
    X = table().astype(np.float64)
    for sigma in (1.0, 0.5):
        estimator = AE(**TINY, likelihood=f"gaussian:fixed={sigma}").fit(X)
        wanted = 0.5 * estimator.reconstruction_error(X) / sigma**2 + 6 * math.log(sigma * math.sqrt(2 * math.pi))
        np.testing.assert_allclose(estimator.distortion_and_rate(X)[0], wanted, rtol=1e-4)


# -------------------------------------------------------------------- what fit chooses


@pytest.mark.parametrize(
    ("X", "family"),
    [
        (DATA["binary"](), "bernoulli"),
        (DATA["binary"]().astype(np.float64), "bernoulli"),
        (DATA["binary"]().astype(np.int64), "bernoulli"),
        (DATA["binary"]().astype(np.uint8), "bernoulli"),
        (DATA["bool"](), "bernoulli"),
        (DATA["binary 8 bits"](), "bernoulli"),
        (DATA["binary 8 bits"]().astype(np.float32), "gaussian"),
        (2 * DATA["binary"](), "gaussian"),
        (2 * DATA["binary"]() - 1, "gaussian"),
        (DATA["grey"](), "gaussian"),
        (DATA["8 bits"](), "gaussian"),
        (table(), "gaussian"),
    ],
)
def test_auto_likelihood(X, family):
    likelihood = AE(**TINY).fit(X).likelihood_
    assert likelihood.family == family
    assert likelihood.scale == ("shared" if family == "gaussian" else None)
    assert ("two" in likelihood.reason) == (family == "bernoulli")
    assert len(likelihood.reason) > 20


def test_auto_network():
    for shape, name in (
        ((31, 31), "residual"),
        ((64, 64, 3), "residual"),
        ((3, 65, 66), "convolutional"),
        ((32,), "residual"),
    ):
        assert AE(**{**TINY, "hidden": (4,)}).fit(images(*shape, rows=12)).parts_.network == name
    assert VAE(**{**TINY, "hidden": (4,)}).fit(table()).parts_.network == "wide"


ROWS = (2, 100, 1000, 10_000, 20_000, 60_000, 10**7)


@pytest.mark.parametrize(
    ("table", "epochs"), [(False, [100, 100, 100, 60, 30, 10, 10]), (True, [400, 400, 400, 40, 20, 10, 10])]
)
def test_auto_epochs(table, epochs):
    estimator = VAE(epochs="auto", batch_size=100)
    assert [budget_for(estimator, rows, 100, (6,), table).epochs for rows in ROWS] == epochs
    assert budget_for(estimator.set_params(epochs=7), 10**7, 100, (6,), table).epochs == 7


def test_what_is_asked_for_is_kept():
    estimator = VAE(epochs=3, batch_size=50, patience=None)
    for table in (False, True):
        found = budget_for(estimator, 1000, 100, (6,), table)
        assert (found.epochs, found.batch_size, found.patience) == (3, 50, None)


def test_small_tables_take_small_steps_and_score_their_few_held_out_rows_often():
    found = {rows: budget_for(VAE(), rows, rows // 5, (6,), True) for rows in (20, 400, 100_000)}
    assert [each.batch_size for each in found.values()] == [20, 50, 128]
    assert [each.validation_draws for each in found.values()] == [16, 12, 1]


def test_epochs_auto_can_be_stopped():
    estimator = VAE(**{**TINY, "epochs": "auto"}, callbacks=[lambda record: record["epoch"] == 2]).fit(table())
    assert len(estimator.history_) == 2


# -------------------------------------------------------------------- what X may be


def big_endian(X):
    return X.astype(X.dtype.newbyteorder(">"))


def frozen(X):
    X = X.copy()
    X.flags.writeable = False
    return X


FORMS = {
    "list": lambda X: X.tolist(),
    "tensor": torch.from_numpy,
    "tensor that needs a gradient": lambda X: torch.from_numpy(X).requires_grad_(),
    "Fortran order": np.asfortranarray,
    "not writable": frozen,
    "big-endian": big_endian,
    "a view of every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed twice": lambda X: X[::-1].copy()[::-1],
    "Dataset": lambda X: Dataset(X),
    "object": lambda X: X.astype(object),
    "DataFrame": pd.DataFrame,
}


@functools.cache
def of_an_array(model, dtype, data):
    """A model that is only asked."""
    return model(**TINY).fit(DATA[data]().astype(dtype))


@in_pairs(model=[AE, VAE], dtype=[np.float32, np.float64], data=["table", "grey"], form=FORMS)
def test_every_form_of_the_same_numbers(model, dtype, data, form):
    X = DATA[data]().astype(dtype)
    if form == "DataFrame" and X.ndim != 2:
        pytest.skip("a frame is a table")
    wanted, found = of_an_array(model, dtype, data), model(**TINY).fit(FORMS[form](X))
    np.testing.assert_allclose(found.transform(X), wanted.transform(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(wanted.transform(FORMS[form](X)), wanted.transform(X), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(wanted.reconstruct(FORMS[form](X)), wanted.reconstruct(X), rtol=1e-6, atol=1e-7)
    if wanted.has_density and not (dtype == np.float32 and form in ("list", "object")):  # those become float64
        np.testing.assert_allclose(wanted.score_samples(FORMS[form](X), k=3), wanted.score_samples(X, k=3), rtol=1e-6)


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ">i2", ">i8", ">f4", ">f2"]
)
@pytest.mark.parametrize("likelihood", ["auto", "bernoulli", "gaussian"])
def test_every_number_type(dtype, likelihood):
    X = (images(8, 8) > 0.5).astype(dtype)
    estimator = VAE(**TINY, likelihood=likelihood).fit(X)
    wanted = VAE(**TINY, likelihood=likelihood).fit(X.astype(np.float64))
    assert estimator.likelihood_.family == wanted.likelihood_.family
    np.testing.assert_allclose(estimator.transform(X), wanted.transform(X.astype(np.float64)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        estimator.sample(4, random_state=0), wanted.sample(4, random_state=0), rtol=1e-4, atol=1e-5
    )
    assert estimator.sample(4, random_state=0).dtype.kind in "biuf"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator.reconstruct(X), estimator.score_samples(X, k=2), estimator.reconstruction_error(X)


def test_a_memory_map_is_read_where_it_lies(tmp_path, monkeypatch):
    X = images(8, 8)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    wanted = VAE(**TINY).fit(X)
    np.testing.assert_array_equal(VAE(**TINY).fit(mapped).transform(mapped), wanted.transform(X))
    monkeypatch.setattr("aevum.data.source.fits", lambda x, device: not isinstance(x, np.memmap))
    apart = VAE(**TINY).fit(mapped)
    np.testing.assert_array_equal(apart.transform(mapped), wanted.transform(X))
    np.testing.assert_array_equal(VAE(**TINY).fit(str(tmp_path / "x.npy")).transform(X), wanted.transform(X))
    np.testing.assert_array_equal(VAE(**TINY).fit(tmp_path / "x.npy").transform(X), wanted.transform(X))


def test_a_named_set(digits):
    wanted = CVAE(**TINY).fit(digits.x, digits.y)
    for named in ("digits", digits):
        estimator = CVAE(**TINY).fit(named)
        np.testing.assert_array_equal(estimator.transform(named), wanted.transform(digits.x, digits.y))
        np.testing.assert_array_equal(estimator.reconstruct(named), wanted.reconstruct(digits.x, digits.y))
        error = estimator.reconstruction_error(named)
        np.testing.assert_array_equal(error, wanted.reconstruction_error(digits.x, digits.y))
        assert CVAE(**TINY).fit_transform(named).shape == (1797, 2)
        assert estimator.score(named) == wanted.score(digits.x, digits.y)
        np.testing.assert_array_equal(estimator.transform(named, digits.y), estimator.transform(named))


@pytest.mark.parametrize("model", MODELS)
def test_your_own_pair_is_copied(model):
    X, y = table(), labels()
    pair = own_pair((6,), 2, 3 * model.conditional)
    before = [{k: v.clone() for k, v in part.state_dict().items()} for part in pair]
    first = model(latent_dim=2, network=pair, epochs=3, random_state=0).fit(X, y)
    for part, kept in zip(pair, before, strict=True):
        assert all(torch.equal(part.state_dict()[name], kept[name]) for name in kept)
        assert part.training
    again = model(latent_dim=2, network=pair, epochs=3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(first.transform(X, y), again.transform(X, y))


# -------------------------------------------------------------------- labels


LABELS = {
    "int": lambda c: c,
    "negative": lambda c: c - 5,
    "str": lambda c: np.array(["cat", "dog", "owl"])[c],
    "object": lambda c: np.array(["cat", "dog", "owl"], dtype=object)[c],
    "mixed": lambda c: np.array([1, "dog", 2.5], dtype=object)[c],
    "bool": lambda c: c > 0,
    "whole floats": lambda c: c.astype(float),
    "uint8": lambda c: c.astype(np.uint8),
    "bytes": lambda c: np.array([b"cat", b"dog", b"owl"])[c],
    "(N, 1)": lambda c: c[:, None],
    "list": lambda c: c.tolist(),
    "list of str": lambda c: np.array(["cat", "dog", "owl"])[c].tolist(),
    "tensor": torch.from_numpy,
    "series": lambda c: pd.Series(c, index=np.arange(len(c)) + 500),
    "category": lambda c: pd.Series(np.array(["cat", "dog", "owl"])[c]).astype("category"),
    "Int64": lambda c: pd.Series(c, dtype="Int64"),
    "frame": lambda c: pd.DataFrame({"label": c}),
}
CVAE_METHODS = ["transform", "reconstruct", "score_samples", "distortion_and_rate", "reconstruction_error"]


@functools.cache
def given_codes(prior, two):
    """A model that is only asked."""
    return CVAE(**TINY, prior=prior).fit(table(), (labels() > 0).astype(int) if two else labels())


@in_turn(kind=LABELS, prior=["standard", "learned", "flow"])  # a label is read long before a prior sees it
def test_labels_of_every_type(kind, prior):
    X, codes = table(), labels()
    y = LABELS[kind](codes)
    if kind == "bool":
        codes = (codes > 0).astype(int)
    wanted = given_codes(prior, kind == "bool")
    estimator = CVAE(**TINY, prior=prior).fit(X, y)
    assert len(estimator.classes_) == len(wanted.classes_)
    for name in CVAE_METHODS:
        if kind == "mixed":  # sorted as text, so the one-hot columns stand in another order
            continue
        np.testing.assert_array_equal(getattr(estimator, name)(X, y), getattr(wanted, name)(X, codes), err_msg=name)
    np.testing.assert_array_equal(estimator.transform(X, y[:60]), estimator.transform(X, y))
    one = estimator.classes_[1]
    single = estimator.sample(5, y=one, random_state=0)
    np.testing.assert_array_equal(single, estimator.sample(5, y=[one] * 5, random_state=0))
    np.testing.assert_array_equal(single, estimator.sample(5, one, random_state=0))
    other = estimator.sample(5, y=estimator.classes_[0], random_state=0)
    assert not np.array_equal(single, other)


def test_real_valued_vectors():
    X, V = table(), rng(3).randn(60, 3)
    for y, width in ((V, 3), (V[:, 0], 1), (V[:, :1], 1), (V.astype(np.float32), 3), (np.round(V), 3)):
        estimator = CVAE(**TINY).fit(X, y)
        assert estimator.parts_.context == width
        assert estimator.transform(X, y).shape == (60, 2)
        one = np.atleast_1d(y[0])
        single = estimator.sample(4, y=one if width > 1 else float(one[0]), random_state=0)
        repeated = estimator.sample(4, y=np.repeat(one[None], 4, axis=0), random_state=0)
        np.testing.assert_array_equal(single, repeated)
        assert not hasattr(estimator, "classes_")


def test_units_of_a_vector_do_not_matter():
    X, V = table(), rng(3).randn(60, 3)
    first, second = CVAE(**TINY).fit(X, V), CVAE(**TINY).fit(X, 1024 * V)
    np.testing.assert_allclose(first.transform(X, V), second.transform(X, 1024 * V), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "method",
    [
        m
        if m != "reconstruction_error"
        else pytest.param(
            m,
        )
        for m in CVAE_METHODS
    ],
)
def test_one_label_for_all_rows(method):
    X, y = table(), labels()
    estimator = CVAE(**TINY).fit(X, y)
    found, wanted = getattr(estimator, method)(X, 1), getattr(estimator, method)(X, np.ones(60, int))
    np.testing.assert_array_equal(found, wanted)


def test_large_whole_numbers_stay_apart():
    X, y = table(), np.array([2**53, 2**53 + 1, 5])[labels()]
    estimator = CVAE(**TINY).fit(X, y)
    assert (estimator.context_.encode(y, 60).sum(axis=0) == 20).all()


def test_a_learned_prior_depends_on_the_label():
    random, y = rng(), labels()
    X = (4 * y[:, None] + random.randn(60, 5)).astype(np.float32)
    estimator = CVAE(**{**TINY, "epochs": 30}, prior="learned").fit(X, y)
    with torch.inference_mode():
        prior = estimator.model_.prior(torch.eye(3))
        assert prior.mean.shape == (3, 2)
        assert float((prior.mean[0] - prior.mean[2]).abs().max()) > 1e-3
    assert not list(CVAE(**TINY).fit(X, y).model_.prior.parameters())


def test_a_label_decides_what_is_sampled():
    y = labels(600)
    X = (10 * y[:, None] + rng().randn(600, 4)).astype(np.float32)
    estimator = CVAE(**{**TINY, "hidden": 16, "epochs": 30, "learning_rate": 1e-2}).fit(X, y)
    for label in range(3):
        assert estimator.sample(50, y=label, random_state=0).mean() == pytest.approx(10 * label, abs=3)
    several = estimator.sample(3, y=[0, 1, 2], random_state=0).mean(axis=1)
    assert several[0] < several[1] < several[2]


# -------------------------------------------------------------------- training, seen from outside


@pytest.mark.parametrize("model", MODELS)
def test_callbacks_are_called_once_an_epoch_with_a_plain_record(model):
    seen, others = [], []
    estimator = model(**{**TINY, "epochs": 4}, callbacks=[seen.append, others.append]).fit(table(), labels())
    assert seen == others == estimator.history_
    assert [record["epoch"] for record in seen] == [1, 2, 3, 4]
    assert json.loads(json.dumps(seen, allow_nan=False)) == seen
    for record in seen:
        assert {"epoch", "step", "loss", "distortion", "rate", "beta", "learning_rate"} <= record.keys()
        assert {"validation_loss", "validation_distortion", "validation_rate", "seconds"} <= record.keys()
        assert all(type(value) in (int, float) for value in record.values())


def test_a_callback_cannot_spoil_the_history():
    estimator = VAE(**TINY, callbacks=[lambda record: record.clear()]).fit(table())
    assert estimator.history_[0]["epoch"] == 1


@pytest.mark.parametrize("model", MODELS)
def test_a_true_result_ends_the_fit(model):
    estimator = model(**{**TINY, "epochs": 9}, callbacks=[lambda record: record["epoch"] >= 3]).fit(table(), labels())
    assert len(estimator.history_) == 3
    assert estimator.transform(table(), labels()).shape == (60, 2)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("epoch", [1, 2])
def test_control_c_leaves_the_model_so_far(model, epoch):
    def stop(record):
        if record["epoch"] == epoch:
            raise KeyboardInterrupt

    estimator = model(**{**TINY, "epochs": 9}, callbacks=[stop]).fit(table(), labels())
    assert estimator.history_[-1]["interrupted"]
    assert estimator.latent_summary_ is not None
    assert estimator.transform(table(), labels()).shape == (60, 2)
    assert estimator.sample(2, **({"y": 0} if estimator.conditional else {})).shape == (2, 6)


STRUCK = set()  # lines that both models execute are struck in the fit of the first


@pytest.mark.parametrize("model", [AE, VAE])
def test_control_c_on_any_line_after_the_last_step_leaves_the_whole_model(model):
    """Raised where a signal would be, on each line that is executed after the last epoch, one fit a line."""
    settings = {**TINY, "epochs": 2, "validation_fraction": 0.2, "likelihood": "gaussian:per-feature"}
    whole = model(**settings).fit(table(), labels())
    codes = whole.transform(table())

    def fit_struck_at(struck):
        """The lines of the package executed after the last epoch, in order; the one at this place is struck."""
        lines = []

        def trace(frame, event, _):
            if event == "line":
                lines.append((frame.f_code.co_filename, frame.f_lineno))
                if len(lines) - 1 == struck:
                    raise KeyboardInterrupt
            return trace if frame.f_code.co_filename.startswith(PACKAGE) else None

        def last(record):
            """From here on lines are counted, in what is called and in what called this."""
            if record["epoch"] == 2:
                frame = sys._getframe(1)
                while frame is not None:
                    if frame.f_code.co_filename.startswith(PACKAGE):
                        frame.f_trace = trace
                    frame = frame.f_back
                sys.settrace(trace)

        estimator = model(**settings, callbacks=[last])
        before = sys.gettrace()
        try:
            estimator.fit(table(), labels())
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        assert [record["epoch"] for record in estimator.history_][:2] == [1, 2], f"line {struck} lost the history"
        np.testing.assert_array_equal(estimator.transform(table()), codes, err_msg=f"line {struck}")
        assert estimator.latent_summary_ is not None and hasattr(estimator, "codes_") == (model is AE)
        return lines

    executed = fit_struck_at(None)
    first = {line: place for place, line in reversed(list(enumerate(executed)))}  # of a loop the first time
    assert len(first) > 40
    for line in first.keys() - STRUCK:
        fit_struck_at(first[line])
    STRUCK.update(first)


def test_patience_ends_a_fit_that_no_longer_improves():
    X = rng().randn(60, 6).astype(np.float32)
    settings = {**TINY, "epochs": 200, "learning_rate": 0.05, "hidden": 64, "validation_fraction": 0.2}
    estimator = AE(**settings, patience=3).fit(X)
    last = estimator.history_[-1]
    assert len(estimator.history_) < 200
    assert last["epoch"] - last["best_epoch"] == 3
    best = min(record["validation_loss"] for record in estimator.history_)
    assert estimator.history_[last["best_epoch"] - 1]["validation_loss"] == best
    assert len(AE(**{**settings, "epochs": 20}, patience=None).fit(X).history_) == 20


def test_the_best_epochs_weights_are_kept():
    X = rng().randn(60, 6).astype(np.float32)
    states = []
    estimator = AE(
        **{**TINY, "epochs": 40, "learning_rate": 0.05, "hidden": 64, "validation_fraction": 0.2},
        patience=None,
        callbacks=[lambda record: states.append(estimator.transform(X))],
    )
    estimator.fit(X)
    best = estimator.history_[-1]["best_epoch"]
    assert best < 40
    np.testing.assert_array_equal(estimator.transform(X), states[best - 1])


def test_without_validation_rows_the_last_weights_are_kept():
    X = table()
    for fraction in (0, 0.0, 0.05):  # three rows are too few to judge by
        estimator = VAE(**{**TINY, "epochs": 3, "validation_fraction": fraction}).fit(X)
        assert not any("validation_loss" in record for record in estimator.history_)
        assert estimator.history_[-1]["best_epoch"] == 3


def test_beta_weighs_the_rate():
    X = table(rows=200)
    rates = []
    for beta in (0.0, 1.0, 20.0):
        estimator = VAE(**{**TINY, "epochs": 30, "learning_rate": 1e-2}, beta=beta).fit(X)
        assert estimator.history_[-1]["beta"] == beta
        rates.append(estimator.distortion_and_rate(X)[1].mean())
    assert rates[0] > rates[1] > rates[2]


def test_posterior_collapse_is_reported():
    X = rng().randn(200, 6).astype(np.float32)
    with pytest.warns(CollapseWarning, match=r"0 of 2 latent dimensions are active.*beta \(now 1000\)"):
        estimator = VAE(**{**TINY, "epochs": 30, "learning_rate": 1e-2}, beta=1000.0).fit(X)
    assert estimator.latent_summary_.collapsed
    assert estimator.latent_summary_.active == ()
    assert "collapsed" in str(estimator.latent_summary_)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_that_uses_its_latents_does_not_warn(model):
    X, y = table(rows=200), labels(200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator = model(**{**TINY, "epochs": 30, "learning_rate": 1e-2}).fit(X, y)
    assert not estimator.latent_summary_.collapsed
    assert set(estimator.latent_summary_.active) <= {0, 1}
    assert (estimator.latent_summary_.total_rate is not None) == estimator.has_density
    own = estimator.has_density and has_exact_rate(estimator, *([y[:1]] if model.conditional else []))
    assert (estimator.latent_summary_.rate is not None) == own


def test_training_lowers_the_loss(digits):
    X = digits.x[:500]
    for model in (AE, DAE, VAE):
        history = model(**{**TINY, "epochs": 10, "learning_rate": 1e-2, "latent_dim": 8}).fit(X).history_
        assert history[-1]["loss"] < history[0]["loss"]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_precision(precision):
    X = images(8, 8)
    for network in ("mlp", "convolutional"):
        settings = TINY if network == "mlp" else {**TINY, **CONVOLUTIONAL}
        estimator = VAE(**settings, precision=precision).fit(X)
        assert all(value.dtype == torch.float32 for value in estimator.model_.parameters())
        assert np.isfinite(estimator.score_samples(X, k=2)).all()


@pytest.mark.parametrize("model", [AE, DAE])
def test_an_auto_encoder_is_sampled_near_its_own_codes(model):
    X = table(rows=200)
    estimator = model(**{**TINY, "epochs": 30, "learning_rate": 1e-2}).fit(X)
    drawn = estimator.sample(400, random_state=0, mean=True)
    np.testing.assert_allclose(drawn.mean(axis=0), X.mean(axis=0), atol=0.5 * X.std())
    np.testing.assert_allclose(drawn.std(axis=0), X.std(axis=0), rtol=0.5)
    # A density is fitted to the codes of this fit, not of the one before.
    moved = estimator.fit(X + 100).sample(50, random_state=0, mean=True)
    assert moved.mean() == pytest.approx(100, abs=5)


def test_more_latents_than_values():
    with pytest.warns(DataWarning, match="latent_dim=6 is not smaller than the 6 values"):
        VAE(**{**TINY, "latent_dim": 6}).fit(table())


@pytest.mark.parametrize("rows", [2, 3, 5, 33])
@pytest.mark.parametrize("model", MODELS)
def test_few_rows(model, rows):
    X, y = table(rows=rows), labels(rows)
    estimator = model(**TINY).fit(X, y)
    check_outputs(estimator, X, y, tells=rows > 2)  # two rows have no factors


def test_real_images_train(data_folder):
    X = np.load(data_folder / "olivetti.npz")["x"][:48]
    estimator = VAE(**{**TINY, "hidden": (4, 4, 4)}).fit(X)
    assert estimator.parts_.network == "residual"
    assert estimator.sample(2, random_state=0).shape == (2, 64, 64)


def test_a_real_table_trains(data_folder):
    X = np.load(data_folder / "adbench" / "cardio.npz")["X"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        estimator = VAE(**TINY).fit(X)
    assert np.isfinite(estimator.score_samples(X, k=5)).all()
