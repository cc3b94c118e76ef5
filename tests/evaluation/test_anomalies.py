"""Anomaly scores, thresholds, and which feature made a row odd."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import IsolationForest

from aevum import AE, CVAE, DAE, VAE, Dataset, InputError
from aevum.evaluation.anomalies import (
    Anomalies,
    anomaly_scores,
    contributions,
    detect,
    distortion_by_feature,
    threshold,
)
from aevum.evaluation.trimmed import detector, fit_trimmed
from aevum.objectives import distortion_and_rate, distortion_of
from aevum.posteriors import CORRUPTIONS

SMALL = {"latent_dim": 2, "hidden": 16, "network": "mlp", "random_state": 0}
ROWS, FEATURES, ODD = 600, 6, 4


@pytest.fixture(scope="module")
def table():
    """Rows of six features in three units, driven by two hidden causes, with noise of a tenth."""
    rng = np.random.default_rng(0)
    causes = rng.normal(size=(ROWS, 2))
    x = np.tanh(causes @ rng.normal(size=(2, FEATURES))) + 0.1 * rng.normal(size=(ROWS, FEATURES))
    return x * np.array([1.0, 1.0, 10.0, 10.0, 0.1, 0.1]) + np.array([0, 5, 0, 5, 0, 5.0])


@pytest.fixture(scope="module")
def fitted(table):
    return VAE(**SMALL, likelihood="gaussian:per-feature", epochs=60).fit(table)


@pytest.fixture(scope="module")
def corrupted(table):
    """A copy of forty rows in which one cell each is far off: row i in column i % 6, and how much."""
    x = table[:40].copy()
    columns = np.arange(40) % FEATURES
    x[np.arange(40), columns] += 6.0 * table.std(0)[columns]
    return x, columns


@pytest.fixture(scope="module")
def binary(digits):
    return (digits.x[:300] > 8).astype(np.uint8)


def models(table, binary, digits):
    """A model of every kind with every likelihood, and rows for it."""
    table = table[:200]
    grey = digits.x[:100] / np.float32(16)
    yield VAE(**SMALL, epochs=1, likelihood="gaussian:shared"), table, None
    yield VAE(**SMALL, epochs=1, likelihood="gaussian:per-feature"), table, None
    yield VAE(**SMALL, epochs=1, likelihood="gaussian:emitted"), table, None
    yield VAE(**SMALL, epochs=1, likelihood="gaussian:fixed=0.5"), table, None
    yield VAE(**SMALL, epochs=1, likelihood="bernoulli"), binary, None
    yield VAE(**SMALL, epochs=1, binarize="dynamic"), grey, None
    yield VAE(**SMALL, epochs=1, likelihood="continuous_bernoulli"), grey, None
    yield VAE(**SMALL, epochs=1, likelihood="discretized_logistic"), (grey * 255).astype(np.uint8), None
    yield CVAE(**SMALL, epochs=1), table, (np.arange(len(table)) % 3)
    yield AE(**SMALL, epochs=1), table, None
    yield DAE(**SMALL, epochs=1, likelihood="gaussian:emitted"), table, None


# A fit of one epoch need not use its code.
@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_distortions_by_feature_sum_to_the_negative_elbo_of_one_point(table, binary, digits):
    for model, x, y in models(table, binary, digits):
        model.fit(x, y)
        found = distortion_by_feature(model, x, y)
        assert found.shape == x.shape and found.dtype == np.float64
        rows, c = next(iter(keyed(model, x, y)))
        q = model.model_.infer(rows, c)
        if model.has_density:
            terms = distortion_and_rate(model.model_, q, rows, c, noise=rows.new_zeros(len(rows), 2))
        else:
            terms = (distortion_of(model.model_, q, rows, c), torch.zeros(len(rows)))
        distortion, rate = (term.detach().double().numpy() for term in terms)
        negative_elbo = distortion + rate - model.fitted_.log_abs_det(rows).numpy()
        total = found.reshape(len(x), -1).sum(1)[: len(rows)] + rate
        np.testing.assert_allclose(total, negative_elbo, rtol=2e-5, atol=2e-4, err_msg=str(model))
        if not model.has_density:
            np.testing.assert_allclose(total, model.distortion_and_rate(x)[0], rtol=2e-5, atol=2e-4)


def keyed(model, x, y):
    """The scaled rows as the scores see them: binary where they are drawn from grey levels."""
    from aevum.fitted.scoring import keyed_blocks

    read, context = model._read_for_score(x, y)
    return ((block[0], block[1]) for block in keyed_blocks(model.fitted_, read, context, 0))


def test_the_corrupted_column_is_named(fitted, table, corrupted):
    x, columns = corrupted
    found = contributions(fitted, x, reference=table)
    assert (found.argmax(1) == columns).mean() > 0.9
    ordinary = contributions(fitted, table)
    np.testing.assert_allclose(np.median(ordinary, axis=0), 0.0, atol=1e-12)
    assert np.median(found.max(1)) > 20 * np.median(ordinary.max(1))
    raw = distortion_by_feature(fitted, x)
    np.testing.assert_allclose(raw - found, np.median(distortion_by_feature(fitted, table), axis=0)[None].repeat(40, 0))


def test_corrupted_rows_score_higher(fitted, table, corrupted):
    scores = anomaly_scores(fitted, np.concatenate([table, corrupted[0]]))
    assert (scores[ROWS:] > np.quantile(scores[:ROWS], 0.98)).mean() > 0.9


def test_scores_are_the_negative_log_evidence_and_a_function_of_the_row(fitted, table):
    scores = anomaly_scores(fitted, table, k=20)
    assert scores.shape == (ROWS,) and scores.dtype == np.float64
    np.testing.assert_array_equal(scores, -fitted.score_samples(table, k=20))
    np.testing.assert_array_equal(scores, anomaly_scores(fitted, table, k=20))
    np.testing.assert_allclose(scores[7:9], anomaly_scores(fitted, table[7:9], k=20), rtol=1e-5)
    assert (scores != anomaly_scores(fitted, table, k=20, random_state=1)).any()


def test_an_autoencoder_scores_by_its_distortion(table):
    model = AE(**SMALL, likelihood="gaussian:fixed=1", epochs=5).fit(table)
    scores = anomaly_scores(model, table)
    np.testing.assert_array_equal(scores, model.distortion_and_rate(table)[0])
    np.testing.assert_array_equal(scores, anomaly_scores(model, table, k=3))
    half = 0.5 * model.reconstruction_error(table)
    np.testing.assert_allclose(scores - half, (scores - half)[0], atol=1e-3)  # ½‖x − x̂‖² and a constant
    with pytest.raises(InputError, match="its training corrupts nothing"):
        model.denoising_distortion(table)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_denoising_autoencoder_scores_by_its_objective(corruption, table):
    settings = {**SMALL, "likelihood": "gaussian:fixed=1", "epochs": 5, "corruption": corruption}
    none = DAE(**settings, noise=0.0).fit(table)
    np.testing.assert_allclose(anomaly_scores(none, table, k=2), none.distortion_and_rate(table)[0], rtol=1e-5)
    model = DAE(**settings, noise=0.6).fit(table)
    rows, k = table[:5], 1000
    scores = anomaly_scores(model, rows, k=k)
    fitted = model.fitted_
    with torch.inference_mode():
        clean = fitted.encoded(rows)
        seen = fitted.model.seen(clean).repeat_interleave(k, 0)
        damaged = fitted.model.posterior.corruption(seen, torch.Generator().manual_seed(1))
        made = fitted.model.examples_given(fitted.model.posterior.posterior(damaged).mean).mean
        raw = fitted.encoding.inverse(made).double().numpy().reshape(len(rows), k, -1)
    errors = 0.5 * np.square(raw - rows[:, None]).sum(2)
    chance = errors.std(1) / np.sqrt(k)
    constant = model.distortion_and_rate(rows)[0] - 0.5 * model.reconstruction_error(rows)
    assert (np.abs(scores - constant - errors.mean(1)) < 5.0 * np.sqrt(2.0) * chance).all()


def test_a_conditional_model_judges_a_row_by_its_label():
    rng = np.random.default_rng(0)
    y = np.arange(400) % 2
    x = rng.normal(size=(400, 3)) + 6.0 * y[:, None]
    model = CVAE(**SMALL, epochs=30).fit(x, y)
    assert (anomaly_scores(model, x, 1 - y, k=10) > anomaly_scores(model, x, y, k=10)).mean() > 0.99
    found = detect(model, x[:10], 1 - y[:10], reference=x, reference_y=y, k=10)
    assert found.threshold == threshold(anomaly_scores(model, x, y, k=10), quantile=0.99)
    np.testing.assert_array_equal(found.scores, anomaly_scores(model, x[:10], 1 - y[:10], k=10))
    assert contributions(model, x[:4], y[:4], reference=x, reference_y=y).shape == (4, 3)
    with pytest.raises(InputError, match="needs it here too"):
        anomaly_scores(model, x)


@pytest.mark.parametrize("rows", [1, 2, 7, 10, 99, 1000])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_contamination_is_the_share_that_is_flagged(rows, share):
    scores = np.random.default_rng(rows).normal(size=rows)
    limit = threshold(scores, contamination=share)
    assert limit in scores
    assert (scores > limit).sum() == min(rows - 1, int(share * rows + 0.5))


@pytest.mark.parametrize("rows", [1, 2, 7, 100, 1000])
@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.99])
def test_quantile_is_the_share_that_is_not_flagged(rows, quantile):
    scores = np.random.default_rng(rows).normal(size=rows)
    limit = threshold(scores, quantile=quantile)
    assert limit in scores and (scores <= limit).mean() >= quantile
    assert rows == 1 or (scores < limit).mean() < quantile + 1e-12


def test_equal_and_infinite_scores():
    assert threshold([1.0, 1.0, 1.0, 2.0], contamination=0.5) == 1.0
    assert threshold(np.ones(5), contamination=0.4) == 1.0
    assert threshold([1.0, np.inf, 2.0, 3.0], contamination=0.25) == 3.0


def test_detectors_of_scikit_learn_are_judged_by_the_rows_that_are_in_order():
    random = np.random.default_rng(0)
    train, ordinary, new = (random.normal(size=(size, 3)) for size in (200, 300, 50))
    new[:5] += 8.0
    forest = IsolationForest(random_state=0).fit(train)
    found = detect(forest, new, reference=ordinary, quantile=0.98)
    np.testing.assert_array_equal(found.scores, -forest.score_samples(new))
    assert found.threshold == threshold(-forest.score_samples(ordinary), quantile=0.98)
    assert found.flags[:5].all() and found.flags[5:].mean() < 0.1
    with pytest.raises(InputError, match="IsolationForest knows no y"):
        anomaly_scores(forest, new, np.zeros(50))


def test_detect(fitted, table, corrupted):
    x = np.concatenate([corrupted[0], table[40:]])
    found = detect(fitted, x)
    assert isinstance(found, Anomalies) and found.flags.sum() == ROWS // 10 and found.flags[:40].mean() > 0.9
    np.testing.assert_array_equal(found.scores, anomaly_scores(fitted, x))
    np.testing.assert_array_equal(found.flags, found.scores > found.threshold)
    assert (np.diff(found.scores[found.order]) <= 0).all() and found.flags[found.order[: ROWS // 10]].all()
    few = detect(fitted, x, contamination=0.01)
    assert few.flags.sum() == ROWS // 100 and few.threshold > found.threshold
    held = detect(fitted, corrupted[0], reference=table[40:], quantile=0.95)
    assert held.threshold == threshold(anomaly_scores(fitted, table[40:]), quantile=0.95) and held.flags.mean() > 0.9


def contaminated():
    """A line of rows, and beside it a clump of one in eight."""
    rng = np.random.default_rng(0)
    line = rng.normal(size=(350, 1)) * np.ones(4) + 0.1 * rng.normal(size=(350, 4))
    clump = np.array([1.5, -1.5, 1.5, -1.5]) + 0.1 * rng.normal(size=(50, 4))
    return np.concatenate([line, clump]), np.arange(400) >= 350


# Few rows are enough here, and too few for a code to pay in every round.
@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_trimming_leaves_the_odd_training_rows_out():
    x, odd = contaminated()
    model = detector(400, latent_dim=2, epochs=40, batch_size=64, learning_rate=3e-3)
    kept = []
    model.callbacks = [lambda record: kept.append(record) and False]
    trimmed = fit_trimmed(model, x, rounds=2)
    assert len(kept) == 3 * 40 and not hasattr(model, "model_")
    gaps = []
    for fitted in (model.fit(x), trimmed):
        scores = anomaly_scores(fitted, x)
        gaps.append(scores[odd].min() - np.quantile(scores[~odd], 0.99))
    assert gaps[1] > max(0.0, 2 * gaps[0])


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_trimming_keeps_names_labels_and_kinds():
    pandas = pytest.importorskip("pandas")
    import torch

    x, odd = contaminated()
    model = detector(400, latent_dim=2, epochs=1)
    frame = pandas.DataFrame(x, columns=list("abcd"), index=np.arange(400)[::-1])
    assert fit_trimmed(model, frame, rounds=1).feature_names_ == ("a", "b", "c", "d")
    data = Dataset(x, y=odd, feature_names=("a", "b", "c", "d"))
    assert fit_trimmed(model, data, rounds=1).feature_names_ == ("a", "b", "c", "d")
    same = [fit_trimmed(model, rows, rounds=1).transform(rows) for rows in (frame, data, torch.from_numpy(x), x)]
    assert all((codes == same[0]).all() for codes in same)
    conditional = fit_trimmed(CVAE(**SMALL, epochs=1), data, rounds=1)
    assert list(conditional.classes_) == [False, True]
    np.testing.assert_array_equal(
        fit_trimmed(CVAE(**SMALL, epochs=1), x, odd, rounds=1).transform(x, odd), conditional.transform(x, odd)
    )
    np.testing.assert_array_equal(fit_trimmed(model, x, trim=0.0).transform(x), model.fit(x).transform(x))


@pytest.mark.parametrize("rows", [2, 100, 245, 5000, 10**6])
def test_a_detector_trains_for_about_400_steps(rows):
    model = detector(rows, random_state=3)
    steps = model.epochs * -(-rows // model.batch_size)
    assert model.random_state == 3 and model.epochs >= 1
    assert 350 <= steps <= 450 or model.epochs == 1


@pytest.mark.parametrize(
    ("scores", "words", "part"),
    [
        ([], {"contamination": 0.1}, "at least one"),
        ([[1.0]], {"contamination": 0.1}, "(1, 1)"),
        (["a"], {"contamination": 0.1}, "numbers"),
        ([1.0, np.nan], {"contamination": 0.1}, "row 1"),
        ([1.0, 2.0], {}, "say one of"),
        ([1.0, 2.0], {"contamination": 0.1, "quantile": 0.9}, "say one of"),
        ([1.0, 2.0], {"contamination": 0.0}, "contamination must lie between 0 and 1, got 0.0"),
        ([1.0, 2.0], {"contamination": "auto"}, "got 'auto'"),
        ([1.0, 2.0], {"quantile": 1.0}, "quantile must lie between 0 and 1, got 1.0"),
        ([1.0, 2.0], {"quantile": float("nan")}, "got nan"),
        ([1.0, 2.0], {"quantile": True}, "got True"),
    ],
)
def test_thresholds_refused(scores, words, part):
    with pytest.raises(InputError) as error:
        threshold(scores, **words)
    assert part in str(error.value) and "\n" not in str(error.value)


def test_arguments_refused(fitted, table):
    for words, part in (
        ({"quantile": 0.9}, "reference"),
        ({"reference": table, "contamination": 0.1}, "say one of them"),
        ({"reference": table, "quantile": 2}, "got 2"),
        ({"contamination": -1}, "got -1"),
        ({"k": 0}, "k must be"),
        ({"random_state": -1}, "random_state"),
        ({"reference": table[:, :2]}, "features"),
    ):
        with pytest.raises(InputError, match=part):
            detect(fitted, table, **words)
    with pytest.raises(InputError, match="k must be"):
        anomaly_scores(AE(**SMALL, epochs=1).fit(table), table, k=0)
    for words, part in (({"trim": 0.5}, "trim"), ({"trim": "a"}, "trim"), ({"rounds": -1}, "rounds"), ({"k": 0}, "k")):
        with pytest.raises(InputError, match=part):
            fit_trimmed(detector(400, latent_dim=2, epochs=1), table, **words)
    with pytest.raises(InputError, match="rows must be"):
        detector(1.5)
    with pytest.raises(InputError, match="no setting 'latent_dims'; it has .* latent_dim"):
        detector(100, latent_dims=3)
    with pytest.raises(InputError, match="expected a fitted"):
        contributions("model", table)
    with pytest.raises(InputError, match="not fitted yet"):
        contributions(AE(), table)
    with pytest.raises(InputError, match="model must be an estimator"):
        fit_trimmed(VAE, table)


def test_a_row_beyond_all_numbers_costs_no_other_row_its_score(fitted, table):
    far = table[:20].copy()
    far[1] = 1e300
    scores = anomaly_scores(fitted, far)
    assert scores[1] == np.inf
    np.testing.assert_allclose(np.delete(scores, 1), anomaly_scores(fitted, np.delete(far, 1, 0)), rtol=1e-5)
    assert detect(fitted, far, contamination=0.05).flags.nonzero()[0].tolist() == [1]
