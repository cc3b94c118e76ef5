"""How odd rows are found, step by step, with models whose scores are known: thresholds, trimming, members, settings."""

from __future__ import annotations

import importlib
import inspect
import math
from typing import Any

import numpy as np
import pytest

from aevum import AE, VAE, EstimateWarning, InputError
from aevum.data import Dataset
from aevum.evaluation.anomalies import (
    Anomalies,
    anomaly_scores,
    contributions,
    detect,
    distortion_by_feature,
    share,
    threshold,
)
from aevum.evaluation.features import class_labels, classifier_features
from aevum.evaluation.outliers import FARTHEST, LEAST_SPREAD, Member, OutlierDetector, denoiser, described, one_sigma
from aevum.evaluation.trimmed import detector, fit_trimmed, ordinary_rows, require_classes, taken

RANDOM = np.random.default_rng(0)
trimmed = importlib.import_module("aevum.evaluation.trimmed")


def test_a_share_of_the_rows_is_flagged() -> None:
    scores = np.array([4.0, 1.0, np.inf, 2.0, 3.0, 2.0, 9.0, 5.0, 6.0, 7.0])
    for flagged in (0.05, 0.1, 0.14):  # half a row is one
        assert threshold(scores, contamination=flagged) == 9.0
    assert threshold(scores, contamination=0.15) == 7.0 and threshold(scores, contamination=0.04) == 9.0
    assert threshold(scores, contamination=0.95) == 1.0 and threshold([3.0], contamination=0.9) == 3.0
    assert threshold(scores, quantile=0.1) == 1.0 and threshold(scores, quantile=0.11) == 2.0
    assert threshold(scores, quantile=0.99) == 9.0
    assert threshold([np.inf, np.inf], quantile=0.5) == np.finfo(np.float64).max
    found = Anomalies(scores, 5.0)
    assert found.flags.tolist() == [False, False, True, False, False, False, True, False, True, True]
    assert found.order.tolist() == [2, 6, 9, 8, 7, 0, 4, 3, 5, 1]  # equal scores in the order of the rows
    for bad in (0.0, 1.0, -0.1, True, "a", None):
        with pytest.raises(InputError, match="must lie between 0 and 1"):
            share("x", bad)
    assert share("x", np.float32(0.5)) == 0.5


@pytest.fixture(scope="module")
def fits() -> tuple[Any, Any, np.ndarray]:
    x = RANDOM.normal(size=(80, 1)) * [3.0, 1.0, 2.0] + 0.3 * RANDOM.normal(size=(80, 3))
    made = {"hidden": 8, "epochs": 30, "learning_rate": 0.01, "random_state": 0}
    return AE(1, **made).fit(x), VAE(1, **made).fit(x), x


def test_scores_by_what_a_model_has(fits: tuple[Any, Any, np.ndarray]) -> None:
    ae, vae, x = fits
    np.testing.assert_array_equal(
        anomaly_scores(vae, x, k=7, random_state=3), -vae.score_samples(x, k=7, random_state=3)
    )
    assert not np.array_equal(anomaly_scores(vae, x, k=7), anomaly_scores(vae, x, k=7, random_state=3))
    np.testing.assert_array_equal(anomaly_scores(vae, x), -vae.score_samples(x, k=100, random_state=0))
    np.testing.assert_array_equal(anomaly_scores(ae, x), ae.distortion_and_rate(x)[0])
    with pytest.raises(InputError, match="k must"):
        anomaly_scores(ae, x, k=0)
    found = detect(vae, x, k=7, random_state=3)
    assert found.threshold == threshold(anomaly_scores(vae, x, k=7, random_state=3), contamination=0.1)
    np.testing.assert_array_equal(found.scores, anomaly_scores(vae, x, k=7, random_state=3))
    other = detect(vae, x[:20], reference=x[20:], k=7, random_state=3)
    assert other.threshold == threshold(anomaly_scores(vae, x[20:], k=7, random_state=3), quantile=0.99)
    np.testing.assert_array_equal(other.scores, found.scores[:20])
    assert detect(vae, x[:20], reference=x[20:], quantile=0.5, k=7).threshold < other.threshold
    with pytest.raises(InputError, match="pass them as reference"):
        detect(vae, x, quantile=0.5)
    for name, arguments in (("quantile", {"quantile": 2.0, "reference": x}), ("contamination", {"contamination": 2.0})):
        with pytest.raises(InputError, match=f"^{name} must lie between 0 and 1"):
            detect(vae, x, **arguments)
    with pytest.raises(InputError, match="say one of them"):
        detect(vae, x, reference=x, contamination=0.1)


def test_a_features_part_is_beyond_the_usual(fits: tuple[Any, Any, np.ndarray]) -> None:
    ae, vae, x = fits
    each = distortion_by_feature(vae, x)
    np.testing.assert_allclose(contributions(vae, x), each - np.median(each, axis=0))
    np.testing.assert_allclose(
        contributions(vae, x[:5], reference=x[5:]), each[:5] - np.median(each[5:], axis=0), atol=1e-5
    )
    np.testing.assert_allclose(distortion_by_feature(ae, x).sum(1), ae.distortion_and_rate(x)[0], rtol=1e-5)


def test_ordinary_rows_are_all_but_the_oddest() -> None:
    x = np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan], [4.0, 5.0], [5.0, 6.0]])
    scores = np.array([1.0, 2.0, 3.0, 5.0, 4.0])
    assert ordinary_rows(x, scores, 0.2).tolist() == [0, 1, 2, 4]
    assert ordinary_rows(x, scores, 0.4).tolist() == [0, 1, 2, 4]  # of the second column the least odd row stays
    assert ordinary_rows(x[:, :1], scores, 0.4).tolist() == [0, 1, 2]
    assert ordinary_rows(x[:3, :1], np.array([3.0, 1.0, 2.0]), 0.49).tolist() == [1, 2]
    assert ordinary_rows(x[:2, :1], np.array([3.0, 1.0]), 0.49).tolist() == [0, 1]
    assert ordinary_rows(np.full((3, 2), np.nan) * [1.0, 1.0], np.arange(3.0), 0.3).tolist() == [0, 1]


def test_of_a_frames_column_a_row_with_a_value_stays() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {"a": np.arange(5.0), "b": [np.nan, np.nan, np.nan, 5.0, 6.0], "c": [None, None, None, "u", "v"]}
    )
    scores = np.array([1.0, 2.0, 3.0, 5.0, 4.0])
    assert ordinary_rows(frame[["a"]], scores, 0.4).tolist() == [0, 1, 2]
    assert ordinary_rows(frame[["a", "b"]], scores, 0.4).tolist() == [0, 1, 2, 4]
    assert ordinary_rows(frame[["a", "c"]], scores, 0.4).tolist() == [0, 1, 2, 4]


def test_rows_are_taken_in_the_kind_that_they_have() -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.array([7, 8, 9])
    data = Dataset(x, y, name="mine", feature_names=("a", "b"))
    rows, labels = taken(data, y, np.array([0, 2]))
    assert isinstance(rows, Dataset) and rows.x.tolist() == [[0.0, 1.0], [4.0, 5.0]] and labels.tolist() == [7, 9]
    rows, labels = taken(x.tolist(), None, np.array([1]))
    assert np.asarray(rows).tolist() == [[2.0, 3.0]] and labels is None


def test_no_label_may_be_left_out() -> None:
    require_classes([1, 2, 1], [1, 2])
    require_classes([0.5, 0.7], [0.5])  # numbers that are no classes
    require_classes(np.eye(2), np.eye(2)[:1])
    with pytest.raises(InputError, match="label 2;"):
        require_classes([1, 2, 3], [1, 3])


FITTED: list[Any] = []


class Counting(VAE):
    """A VAE that remembers what it was fitted to."""

    def fit(self, X: Any, y: Any = None, **more: Any) -> Any:
        FITTED.append(np.asarray(X))
        return self


def test_rounds_of_trimming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fitted to all, then to those that the fit before finds ordinary: one left out may come back."""
    x = np.arange(8.0)[:, None]
    asked: list[int] = []

    def scores(model: Any, X: Any, y: Any = None, *, k: int) -> np.ndarray:
        asked.append(k)
        return np.abs(X[:, 0] - (0.0 if len(asked) == 1 else 7.0))

    monkeypatch.setattr(trimmed, "anomaly_scores", scores)
    for trim, rounds, fits in ((0.25, 2, [8, 6, 6]), (0.0, 3, [8]), (0.25, 0, [8])):
        FITTED.clear()
        asked.clear()
        fit_trimmed(Counting(), x, trim=trim, rounds=rounds, k=13)
        assert [len(rows) for rows in FITTED] == fits and asked == [13] * (len(fits) - 1)
        if len(fits) == 3:
            assert FITTED[1][:, 0].tolist() == [0, 1, 2, 3, 4, 5]
            assert FITTED[2][:, 0].tolist() == [2, 3, 4, 5, 6, 7]
    defaults = {p.name: p.default for p in inspect.signature(fit_trimmed).parameters.values()}
    assert (defaults["trim"], defaults["rounds"], defaults["k"]) == (0.25, 3, 10)
    for wrong in ({"trim": 0.5}, {"trim": -0.1}, {"trim": "a"}, {"rounds": -1}, {"k": 0}):
        with pytest.raises(InputError):
            fit_trimmed(Counting(), x, **wrong)
    with pytest.raises(InputError, match="must be an estimator"):
        fit_trimmed(None, x)


def test_a_members_scale() -> None:
    found = Member.of(None, np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert (found.middle, found.spread) == (3.0, 2.0)
    scaled = found.scaled(np.array([3.0, 5.0, 1.0, np.inf, -np.inf]))
    expected = [0.0, math.log(2.0), -math.log(2.0), math.log1p(FARTHEST), -math.log1p(FARTHEST)]
    np.testing.assert_allclose(scaled, expected)
    assert Member.of(None, np.full(5, 2.0)).spread == LEAST_SPREAD


def test_settings_of_the_members() -> None:
    """As the documentation has them: 400 and 3,000 steps, whatever the number of rows."""
    found = detector(5000, latent_dim=3, random_state=7).get_params()
    said = {
        "latent_dim": 3, "likelihood": "gaussian:per-feature", "network": "mlp", "hidden": (32,), "epochs": 10,
        "batch_size": 128, "learning_rate": 1e-3, "validation_fraction": 0.0, "patience": None, "random_state": 7,
    }  # fmt: skip
    assert {name: found[name] for name in said} == said and detector(50).latent_dim == 8
    assert detector(50).random_state == 0 and detector(10**6).epochs == 1
    found = denoiser(1280, likelihood="gaussian:shared", random_state=7).get_params()
    said = {
        "latent_dim": 32, "corruption": "diffusion", "noise": 0.63, "network": "mlp", "hidden": (256,), "epochs": 300,
        "batch_size": 128, "learning_rate": 2e-3, "validation_fraction": 0.0, "patience": None,
        "likelihood": "gaussian:shared", "random_state": 7,
    }  # fmt: skip
    assert {name: found[name] for name in said} == said and denoiser(10**7).epochs == 1
    assert one_sigma("gaussian:per-feature") == "gaussian:shared" and one_sigma("columns:x") == "columns:x"
    assert described(np.zeros((3, 2))) == (3, 2, "gaussian:per-feature")
    assert described(np.array([[1.0, np.nan]] * 3)) == (3, 2, "columns:per-feature")
    with pytest.raises(InputError, match="two at least"):
        described(np.zeros((1, 2)))
    given = {p.name: p.default for p in inspect.signature(OutlierDetector).parameters.values()}
    assert given == {"contaminated": True, "contamination": 0.1, "k": 100, "random_state": None}


def test_what_a_detector_fits_and_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two members, each trimmed by its share, scored by k draws; and a row's oddness is the mean of their scales."""
    outliers = importlib.import_module("aevum.evaluation.outliers")
    x = np.arange(20.0).reshape(10, 2)
    calls: list[Any] = []

    def fitted(model: Any, X: Any, **more: Any) -> Any:
        calls.append((model.get_params(), more))
        return len(calls)

    def scores(model: Any, X: Any, *, k: int) -> np.ndarray:
        return np.abs(np.asarray(X)[:, 0] - 8.0) * model + k

    monkeypatch.setattr(outliers, "fit_trimmed", fitted)
    monkeypatch.setattr(outliers, "anomaly_scores", scores)
    found = OutlierDetector(contamination=0.3, k=5, random_state=7).fit(x)
    (first, none), (second, tenth) = calls
    assert none == {} and tenth == {"trim": 0.1} and (first["network"], second["network"]) == ("mlp", "wide")
    assert first["latent_dim"] == second["latent_dim"] == 1 and first["random_state"] == second["random_state"] == 7
    assert first["likelihood"] == "gaussian:per-feature"
    each = [np.abs(x[:, 0] - 8.0) * model + 5 for model in (1, 2)]
    oddness = np.mean([Member.of(None, one).scaled(one) for one in each], axis=0)
    np.testing.assert_allclose(found.score_samples(x), -oddness)
    assert found.offset_ == pytest.approx(-threshold(oddness, contamination=0.3) - 1e-5)
    np.testing.assert_allclose(found.decision_function(x), -oddness - found.offset_)
    assert (
        found.predict(x).tolist() == np.where(-oddness < found.offset_, -1, 1).tolist()
        and (found.predict(x) < 0).sum() == 3
    )
    auto, tenth = (OutlierDetector(contamination=share, k=5).fit(x) for share in ("auto", 0.1))
    assert auto.offset_ == tenth.offset_


def test_which_labels_are_classes() -> None:
    few = ["a", "b"] * 4
    assert class_labels(None) is None and class_labels(few) is not None and class_labels(few[:7]) is None
    assert class_labels([1.0, 2.0] * 5).tolist() == [1.0, 2.0] * 5 and class_labels([0.5, 1.5] * 5) is None
    assert class_labels(np.array([("a", 1)] * 8 + [("b", 2)] * 8, dtype=[("x", "U1"), ("y", int)])) is None
    assert class_labels(np.array(["a", "b"] * 5, dtype=object)).dtype.kind == "U"
    assert class_labels(np.array(["a", 1] * 5, dtype=object)) is None and class_labels(np.eye(2)) is None
    assert class_labels(["a"] * 9) is None
    assert class_labels(np.arange(100).repeat(4)) is not None and class_labels(np.arange(101).repeat(4)) is None


def test_a_classifier_that_guesses_is_told_of_where_enough_rows_were_judged(tmp_path: Any) -> None:
    x, y = RANDOM.normal(size=(200, 3)), np.arange(200) % 2
    with pytest.warns(EstimateWarning, match="of 20 held-out rows"):
        classifier_features(x, y, cache=tmp_path)
    classifier_features(x[:198], y[:198], cache=tmp_path)  # of nineteen no chance can be told from skill


class Scripted:
    """A classifier whose scores on the rows kept for that are known, epoch by epoch."""

    scores: list[float] = []  # noqa: RUF012 - set by the test
    epochs = 0

    def __init__(self, *given: Any, **more: Any) -> None:
        self.coefs_, self.intercepts_ = [np.ones((2, 2)), np.ones((2, 2))], [np.zeros(2), np.zeros(2)]

    def partial_fit(self, *given: Any, **more: Any) -> None:
        Scripted.epochs += 1
        self.asked = 0
        self.coefs_[0][:] = Scripted.epochs

    def score(self, *given: Any) -> float:
        self.asked += 1  # first of the rows kept for that, then of the others
        return (
            Scripted.scores[min(Scripted.epochs, len(Scripted.scores)) - 1]
            if self.asked == 1
            else 0.01 * Scripted.epochs
        )


def test_a_classifier_waits_so_many_epochs_for_a_better_one(monkeypatch: pytest.MonkeyPatch) -> None:
    features = importlib.import_module("aevum.evaluation.features")
    monkeypatch.setattr(features, "MLPClassifier", Scripted)
    x, y = RANDOM.normal(size=(60, 2)), np.arange(60) % 2
    patience = features._PATIENCE
    scores = [0.3, 0.5, *[0.5] * (patience - 1), 0.6]  # the last that is waited for is better
    for Scripted.scores, best in (([0.5], 1), ([0.3, 0.5], 2), (scores, len(scores))):
        Scripted.epochs = 0
        found = features._train(x, y, 0)
        assert Scripted.epochs == min(best + patience, features._EPOCHS) and found.accuracy == pytest.approx(
            0.01 * best
        )
