"""Bad input gets one clear error, in one line, and loses nothing that was fitted before."""

import functools
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError
from torch import nn

from aevum import AE, CVAE, DAE, VAE, DataWarning, InputError, TrainingError
from aevum.recipes import ESTIMATORS

MODELS = list(ESTIMATORS.values())
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 32, "random_state": 0}
pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")

X = np.random.RandomState(0).randn(40, 6).astype(np.float32)
Y = np.arange(40) % 2
GREY = np.random.RandomState(1).rand(40, 8, 8).astype(np.float32)
ROWS = [
    "transform",
    "encode",
    "reconstruct",
    "distortion_and_rate",
    "reconstruction_error",
    "predict_interval",
    "score",
]


@functools.cache
def pickled(model, images):
    return pickle.dumps(model(**TINY).fit(GREY if images else X, Y))


def fitted(model, data=X):
    """A model of X or of GREY, fitted once; each call has a copy of its own."""
    return pickle.loads(pickled(model, data is GREY))


def given(estimator):
    return (Y,) if estimator.conditional else ()


def refuses(call, *words, error=InputError, one_line=True):
    """The call raises this error, in one line that holds these words."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message
    if one_line:
        assert "\n" not in message
        assert 10 < len(message) < 400


def set_at(value, data=X):
    data = data.copy()
    data[3, 2] = value
    return data


# -------------------------------------------------------------------- X

BAD = {
    "NaN": (set_at(np.nan), ValueError, "NaN"),
    "infinity": (set_at(np.inf), ValueError, "infinity"),
    "NaN in an image": (set_at(np.nan, GREY), ValueError, "NaN"),
    "no rows": (X[:0], ValueError, "0 sample"),
    "one row": (X[:1], ValueError, "1 sample", "minimum of 2"),
    "no columns": (np.empty((10, 0)), ValueError, "0 feature"),
    "empty images": (np.empty((10, 0, 8)), InputError, "empty", "(10, 0, 8)"),
    "one dimension": (X[:, 0], ValueError, "2D", "1D"),
    "a number": (3.0, ValueError, "2D", "scalar"),
    "nothing": (None, ValueError, "2D", "None"),
    "text as objects": (np.array([["a", "b"]] * 10, dtype=object), ValueError, "'a'", "float"),
    "text": (np.array([["a", "b"]] * 10), ValueError, "numeric", "strings"),
    "a gap in a frame": (pd.DataFrame({"a": [1.0, None] * 5, "b": range(10)}), ValueError, "NaN"),
    "a gap in whole numbers": (pd.DataFrame({"a": [1, None] * 5}, dtype="Int64"), ValueError, "NaN"),
    "a series": (pd.Series([1.0, 2.0]), ValueError, "2-dimensional"),
    "complex": (X + 1j, ValueError, "Complex"),
    "ragged": ([[1.0, 2.0], [3.0]], ValueError, "inhomogeneous"),
    "dates": (np.array([["2020", "2021"]] * 10, dtype="M8[D]"), InputError, "datetime64", "real numbers"),
    "a mapping": ({"a": 1}, ValueError, "2D"),
    "an unknown name": ("no such set", InputError, "no such set", "digits", "iris"),
    "a missing file": ("/no/such/file.npy", InputError, "/no/such/file.npy", "doesn't exist"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("model", [AE, VAE])
def test_fit_refuses(model, kind):
    data, error, *words = BAD[kind]
    # By "auto" a table may have gaps, and a DataFrame text.
    more = {"likelihood": "gaussian"} if {"NaN", "column 'a'"} & set(words) else {}
    refuses(lambda: model(**TINY, **more).fit(data), *words, error=error, one_line=error is InputError)


@pytest.mark.parametrize(
    "kind",
    ["NaN", "infinity", "no rows", "one row", "one dimension", "text", "complex", "ragged", "dates"],
)
def test_fit_refuses_in_one_line_and_as_bad_input(kind):
    refuses(lambda: VAE(**TINY, likelihood="gaussian").fit(BAD[kind][0]))


@pytest.mark.parametrize("method", ROWS)
@pytest.mark.parametrize("model", MODELS)
def test_every_method_refuses_other_rows_and_still_works_afterwards(model, method):
    table, images = fitted(model), fitted(model, GREY)
    for estimator, good, wrong in (
        (
            table,
            X,
            [
                (X[:, :5], ValueError, "5 features", "expecting 6"),
                (set_at(np.nan), ValueError, "NaN"),
                (set_at(np.inf), ValueError, "infinity"),
                (X[:0], ValueError, "0 sample"),
                (X[0], ValueError, "2D", "1D"),
                (GREY, InputError, "(40, 8, 8)", "(6,)"),
            ],
        ),
        (
            images,
            GREY,
            [
                (GREY.reshape(40, 64), InputError, "(40, 64)", "(8, 8)"),
                (GREY[0], InputError, "(8, 8)", "(1, 8, 8)", "first axis"),
                (GREY[:, :7], InputError, "(40, 7, 8)", "(8, 8)"),
                (np.stack([GREY, 2 * GREY], axis=-1), InputError, "(40, 8, 8, 2)", "(8, 8)"),
                (set_at(np.nan, GREY), ValueError, "NaN"),
            ],
        ),
    ):
        before = estimator.transform(good, *given(estimator))
        for data, error, *words in wrong:
            call = getattr(estimator, method)
            refuses(lambda: call(data, *given(estimator)), *words, error=error, one_line=error is InputError)  # noqa: B023
        np.testing.assert_array_equal(estimator.transform(good, *given(estimator)), before)


def test_channels_must_match():
    colour = np.random.RandomState(0).rand(20, 8, 8, 3)
    estimator = VAE(**TINY).fit(colour)
    refuses(lambda: estimator.transform(colour[..., :2]), "(20, 8, 8, 2)", "(8, 8, 3)")
    refuses(lambda: estimator.transform(np.moveaxis(colour, -1, 1)), "(20, 3, 8, 8)", "(8, 8, 3)")


@pytest.mark.parametrize(
    ("likelihood", "data", "words"),
    [
        ("bernoulli", X, ("bernoulli", "0 to 1", "-2.55", "gaussian")),
        ("bernoulli", 2 * GREY, ("bernoulli", "0 to 1", "1.99")),
        ("bernoulli", GREY, ("not binary", "dynamic", "static", "soft")),
        ("bernoulli", (255 * GREY).astype(np.uint8), ("not binary", "dynamic")),
        ("bernoulli", 255.0 * (GREY > 0.5), ("0 to 1", "255")),
        ("continuous_bernoulli", X, ("continuous_bernoulli", "0 to 1")),
        ("continuous_bernoulli", -GREY, ("0 to 1", "-0.99")),
        ("discretized_logistic", X, ("discretized_logistic", "0 to 255")),
        ("discretized_logistic", GREY, ("whole numbers", "fractions")),
        ("discretized_logistic", 300 * np.ones((4, 8, 8), int), ("0 to 255", "300")),
    ],
)
def test_values_outside_the_support(likelihood, data, words):
    refuses(lambda: VAE(**TINY, likelihood=likelihood).fit(data), *words)


@pytest.mark.parametrize("method", ["score_samples", "distortion_and_rate", "score"])
@pytest.mark.parametrize(
    ("likelihood", "good", "bad"),
    [
        ("bernoulli", (GREY > 0.5).astype(float), 9 * GREY - 5),
        ("bernoulli", (GREY > 0.5).astype(float), GREY),
        ("continuous_bernoulli", GREY, 2 * GREY),
        ("discretized_logistic", np.round(255 * GREY), 300 * GREY),
    ],
)
def test_values_outside_the_support_have_no_density(method, likelihood, good, bad):
    estimator = VAE(**TINY, likelihood=likelihood).fit(good)
    refuses(lambda: getattr(estimator, method)(bad), likelihood)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_column_is_named(dtype):
    data = X.astype(dtype)
    data[:, [1, 4]] = 7.25
    with pytest.warns(DataWarning, match=r"2 of 6 columns never change \(column 1, 4\)"):
        estimator = VAE(**TINY).fit(data)
    assert np.isfinite(estimator.score_samples(data)).all()
    np.testing.assert_allclose(estimator.reconstruct(data)[:, 1], 7.25, atol=2)


@pytest.mark.parametrize("value", [0.0, 5.0, 1e30])
def test_data_that_never_change(value):
    with pytest.warns(DataWarning, match="never change"):
        estimator = VAE(**TINY).fit(np.full((30, 4), value))
    assert np.isfinite(estimator.transform(np.full((3, 4), value))).all()


def test_values_too_large_to_square():
    data = X.astype(np.float64) * 1e200
    try:
        with np.errstate(all="ignore"):
            estimator = VAE(**TINY).fit(data)
    except InputError:
        return
    assert np.isfinite(estimator.reconstruct(data)).all()
    assert float(estimator.scaling_.scale.max()) < np.inf


def test_long_doubles_are_numbers_too():
    np.testing.assert_allclose(
        VAE(**TINY).fit(X.astype(np.longdouble)).transform(X), fitted(VAE).transform(X), rtol=1e-3
    )


# -------------------------------------------------------------------- constructor arguments

NAN, INF = float("nan"), float("inf")
NONSENSE = {
    "latent_dim": [0, -1, 2.0, "2", None, True, NAN, [2]],
    "hidden": [0, -1, 8.5, "8", [8, 0], [8, None], {"a": 1}, True],
    "epochs": [0, -1, 1.5, "many", None, True],
    "batch_size": [0, -1, 1.5, "all", None],
    "learning_rate": [0, -1e-3, "fast", None, NAN, INF],
    "validation_fraction": [-0.1, 1, 1.5, "some", None, NAN],
    "patience": [0, -1, 2.5, "some"],
    "likelihood": ["normal", "", None, 1, "gaussian:wide", "gaussian:fixed=", "gaussian:fixed=-1", "gaussian:fixed=nan",
                   "gaussian:fixed=inf", "gaussian:fixed=x", "gaussian:", "gaussian:shared=2", "bernoulli:shared", []],
    "binarize": ["yes", 1, True, []],
    "network": ["deep", None, 3, nn.Linear(6, 2), (nn.Linear(6, 2),), (1, 2), [], np.zeros(2)],
    "device": ["tpu", "cuda:x", None, "", 3, "meta"],
    "precision": ["float16", None, 32, []],
    "random_state": ["seed", -1, 1.5, []],
    "callbacks": [print, [1], "print", 3],
    "beta": [-1, "big", None, NAN, INF],
    "corruption": ["blur", None, 3, []],
    "noise": [-0.1, "loud", None, NAN, INF],
    "prior": ["flat", None, 3, []],
    "condition": ["class", None, 3, []],
}  # fmt: skip


def nonsense():
    for name, values in NONSENSE.items():
        for value in values:
            yield pytest.param(name, value, id=f"{name}={value!r}"[:40])


@pytest.mark.parametrize(("name", "value"), list(nonsense()))
def test_a_nonsensical_argument_is_named(name, value):
    for model in MODELS:
        if name not in model().get_params():
            continue
        estimator = fitted(model)
        before = estimator.transform(X, *given(estimator))
        kept = estimator.get_params()[name]
        estimator.set_params(**{name: value})  # never at construction: that only stores
        word = "pair" if name == "network" and isinstance(value, (tuple, list)) else name
        refuses(lambda: estimator.fit(X, Y), word)  # noqa: B023
        if name != "precision":
            np.testing.assert_array_equal(estimator.set_params(**{name: kept}).transform(X, *given(estimator)), before)


def test_an_unknown_precision_leaves_the_fitted_model():
    estimator = fitted(VAE)
    before = estimator.transform(X)
    refuses(lambda: estimator.set_params(precision="half").fit(X), "precision")
    np.testing.assert_array_equal(estimator.transform(X), before)


@pytest.mark.parametrize("settings", [{"precision": "half"}, {"callbacks": [lambda record: 1 / 0]}])
def test_a_first_fit_that_failed_leaves_no_fitted_estimator(settings):
    estimator = VAE(**TINY, **settings)
    with pytest.raises((InputError, ZeroDivisionError)):
        estimator.fit(X)
    with pytest.raises(NotFittedError):
        estimator.transform(X)


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_on_bad_data_leaves_the_fitted_model(model):
    estimator = fitted(model)
    before = estimator.transform(X, *given(estimator))
    for bad in (set_at(np.inf), X[:0], X[:1], X[:, 0], X + 1j, "no such set"):
        with pytest.raises(ValueError):
            estimator.fit(bad, Y)
        np.testing.assert_array_equal(estimator.transform(X, *given(estimator)), before)


@pytest.mark.parametrize(
    ("settings", "data"),
    [({"latent_dim": 0}, X[:, :4]), ({"likelihood": "bernoulli"}, X[:, :4]), ({"network": "convolutional"}, X[:, :4])],
)
def test_a_failed_fit_on_other_columns_leaves_the_fitted_model(settings, data):
    estimator = fitted(VAE)
    before = estimator.transform(X)
    refuses(lambda: estimator.set_params(**settings).fit(data))
    np.testing.assert_array_equal(estimator.transform(X), before)


def test_arguments_count_at_fit_only():
    estimator = fitted(VAE)
    before = estimator.score_samples(X)
    estimator.set_params(latent_dim=5, likelihood="bernoulli", network="convolutional", hidden=3, precision="half")
    np.testing.assert_array_equal(estimator.score_samples(X), before)


def test_arguments_that_no_model_has():
    for model in MODELS:
        with pytest.raises(TypeError, match="width"):
            model(width=3)
        with pytest.raises(ValueError, match="Invalid parameter 'width'"):
            model().set_params(width=3)


def test_construction_only_stores():
    for model in MODELS:
        model(latent_dim="nonsense", hidden="nonsense", likelihood=3, device="tpu", epochs=-1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.parametrize("device", ["cuda", "cuda:1", torch.device("cuda")])
def test_cuda_where_there_is_none(device):
    refuses(lambda: VAE(**TINY, device=device).fit(X), "device", "cuda", "auto")


def test_convolutions_need_images():
    for data in (X, GREY[:, :7], np.zeros((5, 8, 8, 5)), np.zeros((5, 2, 257, 7))):
        shape = str(tuple(data.shape[1:]))
        refuses(lambda: VAE(**TINY, network="convolutional").fit(data + 0.5 * Y[:5].mean()), "at least 8×8", shape)  # noqa: B023
    refuses(lambda: VAE(**{**TINY, "hidden": ()}, network="convolutional").fit(GREY), "hidden=()", "level")


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ((nn.Linear(5, 3), nn.Linear(2, 6)), ("your encoder failed", "(2, 6)", "2x6 and 5x3")),
        ((nn.Linear(6, 3), nn.Linear(2, 5)), ("your decoder makes (5,)", "(6,) = 6")),
        ((nn.Linear(6, 3), nn.Linear(3, 6)), ("your decoder failed", "(2, 2)")),
        ((nn.Linear(6, 3),), ("pair", "encoder, decoder")),
        ((print, print), ("pair", "torch.nn.Module")),
        ((nn.LSTM(6, 3), nn.Linear(2, 6)), ("your encoder must return a tensor",)),
    ],
)
def test_a_pair_that_does_not_fit(pair, words):
    refuses(lambda: VAE(latent_dim=2, epochs=1, network=pair).fit(X), *words)


def test_a_pair_that_takes_no_labels():
    refuses(
        lambda: CVAE(latent_dim=2, network=(nn.Linear(6, 3), nn.Linear(2, 6))).fit(X, Y), "your encoder", "y (2, 2)"
    )


class Explode(nn.Module):
    """Multiplies by a weight that makes everything infinite once it has been trained a little."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 6)
        self.calls = 0

    def forward(self, z):
        self.calls += self.training and torch.is_grad_enabled()
        return self.linear(z) * (float("inf") if self.calls > 6 else 1.0)


def test_a_loss_that_stays_infinite_ends_with_the_last_good_weights():
    estimator = AE(latent_dim=2, epochs=50, batch_size=8, network=(nn.Linear(6, 4), Explode()), random_state=0)
    refuses(lambda: estimator.fit(X), "not finite", "5 steps in a row", "epoch", "learning_rate", error=TrainingError)
    assert [record["epoch"] for record in estimator.history_] == list(range(1, len(estimator.history_) + 1))
    assert all(torch.isfinite(value).all() for value in estimator.model_.state_dict().values())


def test_a_fit_whose_every_step_was_skipped_says_so():
    refuses(lambda: AE(**TINY, likelihood="gaussian:fixed=1e-300").fit(X), "finite", error=TrainingError)


# -------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, ("y", "requires", "None")),
        (Y[:20], ("(20,)", "40")),
        (1, ("()", "40")),
        (Y.reshape(40, 1, 1), ("(40, 1, 1)",)),
        (np.where(np.arange(40) == 3, np.nan, 1.0), ("NaN",)),
        (np.where(np.arange(40) == 3, np.inf, 1.5), ("infinity",)),
        (np.array([None] + ["a"] * 39, dtype=object), ("no label at row 0",)),
        (np.array(["a", np.nan] * 20, dtype=object), ("no label at rows 1, 3",)),
        (pd.Series(["a", None] * 20), ("no label at rows 1, 3",)),
        (np.array(["2020"] * 40, dtype="M8[Y]"), ("datetime64",)),
        (Y + 1j, ("complex128",)),
        ({"a": 1}, ("()", "40")),
        pytest.param(
            [[1], [2, 3]] * 20,
            ("y",),
        ),
    ],
)
def test_fit_refuses_labels(y, words):
    refuses(lambda: CVAE(**TINY).fit(X, y), *words)


@pytest.mark.parametrize("method", [*ROWS, "score_samples"])
def test_every_method_says_when_labels_are_missing(method):
    refuses(lambda: getattr(fitted(CVAE), method)(X), "CVAE", "conditioned on y", "pass y")


def test_without_labels_nothing_is_sampled_or_decoded():
    refuses(lambda: fitted(CVAE).sample(3), "CVAE", "pass y")
    refuses(lambda: fitted(CVAE).inverse_transform(np.zeros((3, 2))), "CVAE", "pass y")


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (7, ("unknown label 7", "knows 0, 1")),
        ("x", ("unknown label x", "knows 0, 1")),
        (np.nan, ("no label at row 0", "NaN")),
        (0.5, ("unknown label 0.5", "knows 0, 1")),
        ([None, 1, 1], ("no label at row 0",)),
        ([0, 1], ("2 labels for 3 rows",)),
        ([[0, 1]] * 3, ("(3, 2)", "one label a row")),
        pytest.param([], ("y",)),
        pytest.param([[1], [2, 3]], ("y",)),
    ],
)
def test_sample_refuses_a_label(y, words):
    estimator = fitted(CVAE)
    before = estimator.sample(3, y=1, random_state=0)
    refuses(lambda: estimator.sample(3, y=y), *words)
    np.testing.assert_array_equal(estimator.sample(3, y=1, random_state=0), before)


def test_the_known_labels_are_listed_but_not_endlessly():
    with pytest.warns(DataWarning, match='40 different numbers.*condition="vector"'):
        many = CVAE(**TINY).fit(X, np.arange(40))
    refuses(lambda: many.sample(1, y=99), "unknown label 99", "0, 1, 2", "11, …")
    words = CVAE(**TINY).fit(X, np.array(["cat", "dog"])[Y])
    refuses(lambda: words.sample(1, y="owl"), "unknown label owl", "cat, dog")
    refuses(lambda: words.transform(X, np.array(["cat", "owl"])[Y]), "unknown label owl", "cat, dog")


@pytest.mark.parametrize(
    ("y", "words"),
    [([1.0, 2.0], ("(3, 3)",)), ("a", ("numbers", "vectors")), (np.nan, ("y",)), ([1.0, np.nan, 2.0], ("NaN",))],
)
def test_a_model_of_vectors_refuses(y, words):
    estimator = CVAE(**TINY).fit(X, np.random.RandomState(0).randn(40, 3))
    refuses(lambda: estimator.sample(3, y=y), *words)


# -------------------------------------------------------------------- the other arguments


@pytest.mark.parametrize(
    ("Z", "words"),
    [
        (np.zeros((3, 3)), ("(3, 3)", "(N, 2)")),
        (np.zeros(2), ("(2,)", "(N, 2)")),
        (None, ("Z", "real numbers")),
        (np.full((3, 2), np.nan), ("Z", "NaN")),
        pytest.param(
            np.full((3, 2), 1e300),
            ("Z", "infinity"),
            marks=pytest.mark.filterwarnings("ignore:overflow encountered in cast"),
        ),
        pytest.param([["a", "b"]], ("Z",)),
        pytest.param([[1], [1, 2]], ("Z",)),
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_codes_of_another_shape(model, Z, words):
    estimator = fitted(model)
    refuses(lambda: estimator.inverse_transform(Z, *((1,) if estimator.conditional else ())), *words)


@pytest.mark.parametrize(
    "k",
    [0, -1, 2.5, "a", None, float("nan")],
)
def test_k(k):
    refuses(lambda: fitted(VAE).score_samples(X, k=k), "k must be")


@pytest.mark.parametrize("n", [0, -1, 2.7, "a", None])
def test_n_samples(n):
    for model in (AE, VAE):
        refuses(lambda: fitted(model).sample(n), "n_samples must be")  # noqa: B023


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, float("nan"), 95, "a", None])
def test_level(level):
    refuses(lambda: fitted(VAE).predict_interval(X, level=level), "level must lie between 0 and 1")


@pytest.mark.parametrize("seed", [None, -1, "a", np.random.RandomState(0)])
def test_random_state_of_scores(seed):
    try:
        scores = fitted(VAE).score_samples(X, random_state=seed)
    except InputError as error:
        assert "random_state" in str(error)
    else:
        assert np.isfinite(scores).all()


def test_an_interval_needs_a_gaussian():
    estimator = VAE(**TINY).fit(GREY > 0.5)
    refuses(lambda: estimator.predict_interval(GREY > 0.5), "Gaussian", "bernoulli", "gaussian:emitted")


@pytest.mark.parametrize("model", [AE, DAE])
def test_an_auto_encoder_has_no_density(model):
    assert not hasattr(fitted(model), "score_samples")
    assert not hasattr(model(), "score_samples")
    with pytest.raises(AttributeError, match="score_samples") as caught:
        fitted(model).score_samples(X)
    assert "no density" in f"{caught.value} {caught.value.__cause__}"


def test_the_message_says_why_an_auto_encoder_has_no_density():
    with pytest.raises(AttributeError, match="VAE"):
        fitted(AE).score_samples(X)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_works_before_fit(model, tmp_path):
    estimator = model(**TINY)
    for method in [*ROWS, *(["score_samples"] if estimator.has_density else [])]:
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(estimator, method)(X, *given(estimator))
    for call in (
        lambda: estimator.sample(3),
        lambda: estimator.inverse_transform(np.zeros((3, 2))),
        lambda: estimator.save(tmp_path / "model"),
        lambda: estimator.get_feature_names_out(),
    ):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            call()
    assert not (tmp_path / "model").exists()
    for attribute in ("likelihood_", "classes_", "history_", "latent_summary_"):
        assert not hasattr(estimator, attribute)


def test_parts_of_several_shapes_are_told_with_the_line_to_write():
    x, y = np.zeros((6, 2)), np.zeros(6)
    with pytest.raises(InputError, match=r"3 parts of several shapes .*pass X = X\[0\]"):
        VAE().fit((x, y, y))
