"""scikit-learn's contract: its own checks, and what its tools do with these estimators."""

import copy
import functools
import pickle
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from aevum import AE, CVAE, DAE, VAE, CollapseWarning, DataWarning, InputError
from aevum.recipes import ESTIMATORS

MODELS = list(ESTIMATORS.values())
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 64, "random_state": 0}
WITHOUT_Y = "transform of a conditional model needs y, and this check calls it without"
STEPS = dict.fromkeys(
    ("check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data"),
    "a row of weight 2 is seen in one step and a repeated one in two: one loss (test_given.py), but other steps",
)
ROUNDING = "float32 matrix products round differently for batches of different sizes, by about 1e-7"
EXPECTED = {
    "VAE": {"check_methods_subset_invariance": ROUNDING},
    "MixtureVAE": {"check_methods_subset_invariance": ROUNDING},
    "FlowVAE": {"check_methods_subset_invariance": ROUNDING},
    "CVAE": dict.fromkeys(
        (
            "check_dict_unchanged",
            "check_dtype_object",
            "check_estimators_dtypes",
            "check_estimators_pickle",
            "check_f_contiguous_array_estimator",
            "check_fit_idempotent",
            "check_methods_sample_order_invariance",
            "check_methods_subset_invariance",
            "check_transformer_data_not_an_array",
            "check_transformer_general",
            "check_transformer_preserve_dtypes",
        ),
        WITHOUT_Y,
    ),
}

# Of what compares two fits, each finds what it asks of the rows itself; the others need not, half of their time.
ALIKE = pytest.mark.usefixtures("asked_anew")
OF_TWO_FITS = ("idempotent", "equivalence", "transformer", "not_an_array")


def checks():
    """Every check of those of which others are variants; of each of the others a third, all being the same estimator
    to scikit-learn: the rest is slow.
    """
    every = parametrize_with_checks(
        [model(**{**TINY, "random_state": None}) for model in MODELS],
        expected_failed_checks=lambda estimator: STEPS | EXPECTED.get(type(estimator).__name__, {}),
    )
    names, counted, kept = {}, Counter(), []
    for each in every.args[1]:
        values, marks = (each.values, list(each.marks)) if hasattr(each, "values") else (each, [])
        model = type(values[0])
        place, counted[model] = counted[model], counted[model] + 1
        spread = model not in (AE, CVAE, VAE) and (place + names.setdefault(model, len(names))) % 3 > 0
        spread |= "sparse" in values[1].func.__name__ and model is not VAE  # long before any model sees them
        kept.append(pytest.param(*values, marks=marks + [pytest.mark.slow] * spread))
    return pytest.mark.parametrize(every.args[0], kept, **every.kwargs)


@checks()
def test_scikit_learn_checks(estimator, check, request):
    if any(part in check.func.__name__ for part in OF_TWO_FITS):
        request.getfixturevalue("asked_anew")
    with warnings.catch_warnings():
        # The checks fit one epoch on a few rows, some with as few columns as latents and some with constant ones.
        warnings.simplefilter("ignore", CollapseWarning)
        warnings.simplefilter("ignore", DataWarning)
        check(estimator)


@pytest.fixture(scope="module")
def table():
    random = np.random.RandomState(0)
    codes = random.randn(120, 2)
    X = codes @ random.randn(2, 6) + 0.1 * random.randn(120, 6)
    return X, (codes[:, 0] > 0).astype(int)


pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


# -------------------------------------------------------------------- compositions


def test_pipeline(table):
    X, _ = table
    pipeline = make_pipeline(StandardScaler(), VAE(**TINY))
    Z = pipeline.fit_transform(X)
    assert Z.shape == (120, 2)
    np.testing.assert_array_equal(Z, pipeline.transform(X))
    assert pipeline.inverse_transform(Z).shape == X.shape
    assert np.isfinite(pipeline.score(X))


@pytest.mark.parametrize("model", [AE, DAE, VAE])
def test_a_step_before_a_classifier(model, table):
    X, y = table
    pipeline = make_pipeline(StandardScaler(), model(**{**TINY, "epochs": 3}), LogisticRegression())
    assert 0.0 <= pipeline.fit(X, y).score(X, y) <= 1.0


def test_grid_search_over_latents_and_beta(table):
    X, _ = table
    search = GridSearchCV(VAE(**TINY), {"latent_dim": [1, 2], "beta": [0.5, 1.0]}, cv=2, error_score="raise")
    search.fit(X)
    assert search.best_params_.keys() == {"latent_dim", "beta"}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.transform(X).shape == (120, search.best_params_["latent_dim"])


def test_grid_search_inside_a_pipeline(table):
    X, _ = table
    search = GridSearchCV(make_pipeline(StandardScaler(), AE(**TINY)), {"ae__hidden": [4, (8, 4)]}, cv=2).fit(X)
    assert np.isfinite(search.best_score_)


@pytest.mark.parametrize("model", MODELS)
def test_cross_val_score(model, table):
    X, y = table
    scores = cross_val_score(model(**TINY), X, y, cv=3, error_score="raise")
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()


@ALIKE
@pytest.mark.parametrize("model", MODELS)
def test_clone_keeps_every_parameter_and_no_fitted_state(model, table):
    X, y = table
    fitted = model(**TINY, likelihood="gaussian:emitted", callbacks=[lambda record: None]).fit(X, y)
    copied = clone(fitted)
    assert {k: v for k, v in copied.get_params().items() if k != "callbacks"} == {
        k: v for k, v in fitted.get_params().items() if k != "callbacks"
    }
    with pytest.raises(NotFittedError):
        copied.transform(X, y)
    np.testing.assert_array_equal(copied.fit(X, y).transform(X, y), fitted.transform(X, y))


@pytest.mark.parametrize("model", MODELS)
def test_fit_leaves_the_parameters_as_given(model, table):
    X, y = table
    hidden, callbacks = [8, 4], []
    estimator = model(**{**TINY, "hidden": hidden}, callbacks=callbacks)
    before = copy.deepcopy(estimator.get_params())
    estimator.fit(X, y)
    assert estimator.get_params() == before
    assert estimator.hidden is hidden
    assert estimator.callbacks is callbacks


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("likelihood", ["gaussian", "gaussian:per-feature"])
def test_pickle_gives_the_same_outputs(model, likelihood, table):
    X, y = table
    fitted = model(**TINY, likelihood=likelihood).fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(X, y), fitted.transform(X, y))
    one = {"y": 1} if fitted.conditional else {}
    np.testing.assert_array_equal(again.sample(5, random_state=0, **one), fitted.sample(5, random_state=0, **one))
    assert again.history_ == fitted.history_
    again.fit(X, y)


def test_pickle_of_an_estimator_that_is_not_fitted():
    assert pickle.loads(pickle.dumps(VAE(**TINY))).get_params() == VAE(**TINY).get_params()


# -------------------------------------------------------------------- names of columns


@pytest.mark.parametrize("model", MODELS)
def test_names_out(model, table):
    X, y = table
    names = model(**TINY).fit(X, y).get_feature_names_out()
    assert list(names) == [f"{model.__name__.lower()}{d}" for d in range(2)]


@ALIKE
@pytest.mark.parametrize("model", MODELS)
def test_set_output_pandas(model, table):
    X, y = table
    index = pd.Index(range(1000, 1120))
    frame = pd.DataFrame(X, columns=list("abcdef"), index=index)
    estimator = model(**TINY).set_output(transform="pandas").fit(frame, y)
    plain = model(**TINY).fit(frame, y)
    Z = estimator.transform(frame, y)
    assert isinstance(Z, pd.DataFrame)
    assert list(Z.columns) == list(estimator.get_feature_names_out())
    assert Z.index.equals(index)
    np.testing.assert_array_equal(Z.to_numpy(), plain.transform(frame, y))
    fitted = estimator.fit_transform(frame, y)
    pd.testing.assert_frame_equal(fitted, Z)
    # What builds on transform still works, and gives arrays.
    np.testing.assert_array_equal(estimator.reconstruct(frame, y), plain.reconstruct(frame, y))
    low, high = estimator.predict_interval(frame, y)
    assert (low < high).all()
    np.testing.assert_array_equal(estimator.inverse_transform(Z, y), plain.inverse_transform(Z.to_numpy(), y))


@pytest.mark.parametrize("model", MODELS)
def test_a_frame_gives_feature_names_in(model, table):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcdef"))
    estimator = model(**TINY).fit(frame, y)
    assert list(estimator.feature_names_in_) == list("abcdef")
    assert estimator.n_features_in_ == 6
    with pytest.raises(ValueError, match="feature names"):
        estimator.transform(frame[list("fedcba")], y)
    with pytest.raises(ValueError, match=r"(?s)feature names.*missing.*f"):
        estimator.transform(frame[list("abcde")], y)
    with pytest.raises(ValueError, match=r"(?s)feature names.*unseen.*g"):
        estimator.transform(frame.assign(g=1.0), y)
    assert not hasattr(estimator.fit(X, y), "feature_names_in_")


@pytest.fixture(scope="module")
def of_frame_and_array(table):
    """model ↦ one that was fitted to the frame, and one to the array."""
    X, y = table

    @functools.cache
    def found(model):
        return model(**TINY).fit(pd.DataFrame(X, columns=list("abcdef")), y), model(**TINY).fit(X, y)

    return found


@ALIKE
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "method",
    [
        "transform",
        "encode",
        "reconstruct",
        "distortion_and_rate",
        "predict_interval",
        "score",
        pytest.param(
            "reconstruction_error",
        ),
    ],
)
def test_a_frame_passes_every_method_without_a_warning(model, method, table, of_frame_and_array):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcdef"))
    estimator, plain = of_frame_and_array(model)
    found, wanted = getattr(estimator, method)(frame, y), getattr(plain, method)(X, y)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(wanted))


# -------------------------------------------------------------------- random_state


def weights(estimator):
    return {name: value.numpy().copy() for name, value in estimator.model_.state_dict().items()}


def same(a, b):
    return all(np.array_equal(a[name], b[name]) for name in a)


@ALIKE
@pytest.mark.parametrize("network", ["mlp", "residual", "convolutional"])
@pytest.mark.parametrize("model", MODELS)
def test_random_state_decides_the_weights(model, network, digits):
    X, y = digits.x[:50], digits.y[:50]
    settings = {**TINY, "network": network, "hidden": 4}

    def fit(seed):
        return weights(model(**{**settings, "random_state": seed}).fit(X, y))

    first = fit(0)
    np.random.seed(7)  # noqa: NPY002 - the global state must not matter
    assert same(first, fit(0))
    if network != "mlp":  # in what form a seed comes is no matter of networks
        return
    assert same(first, fit(np.int64(0)))
    assert not same(first, fit(1))
    assert not same(fit(None), fit(None))
    assert same(fit(np.random.RandomState(3)), fit(np.random.RandomState(3)))


@ALIKE
@pytest.mark.parametrize("model", MODELS)
def test_fit_leaves_the_global_generators_alone(model, table):
    import torch

    X, y = table
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    estimator = model(**TINY).fit(X, y)
    estimator.sample(3, random_state=0, **({"y": 0} if estimator.conditional else {}))
    estimator.distortion_and_rate(X, y)
    assert torch.equal(before[0], torch.random.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


@ALIKE
@pytest.mark.parametrize("model", MODELS)
def test_fit_twice_equals_fit_once(model, table):
    X, y = table
    estimator = model(**TINY).fit(X, y)
    first = estimator.transform(X, y)
    estimator.fit(X[:50], y[:50])
    np.testing.assert_array_equal(estimator.fit(X, y).transform(X, y), first)


# -------------------------------------------------------------------- labels in a pipeline


def test_a_conditional_model_in_a_pipeline(table):
    X, y = table
    pipeline = make_pipeline(StandardScaler(), CVAE(**TINY))
    assert pipeline.fit_transform(X, y).shape == (120, 2)
    assert np.isfinite(pipeline.fit(X, y).score(X, y))
    with pytest.raises(InputError, match="needs it here too: pass y") as caught:
        pipeline.transform(X)
    assert "\n" not in str(caught.value)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_labels_are_routed_to_transform(routing, table):
    X, y = table
    model = CVAE(**TINY).set_transform_request(y=True)
    pipeline = make_pipeline(StandardScaler(), model).fit(X, y)
    np.testing.assert_array_equal(
        pipeline.transform(X, y=y), pipeline[-1].transform(StandardScaler().fit_transform(X), y)
    )


def test_labels_are_routed_to_a_step_before_a_classifier(routing, table):
    X, y = table
    model = CVAE(**TINY).set_transform_request(y=True)
    pipeline = make_pipeline(StandardScaler(), model, LogisticRegression()).fit(X, y)
    assert pipeline.predict(X, y=y).shape == (120,)


def test_without_labels_it_behaves_like_pca_in_a_pipeline_with_routing(routing, table):
    X, _ = table
    for model in (PCA(2), VAE(**TINY)):
        pipeline = make_pipeline(StandardScaler(), model)
        assert pipeline.fit_transform(X).shape == (120, 2)
        assert pipeline.transform(X).shape == (120, 2)
