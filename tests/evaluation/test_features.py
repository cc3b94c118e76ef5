"""Features of a classifier: what they compute, that they help, and a cache that damage and bad folders don't hurt."""

from __future__ import annotations

import os

import numpy as np
import pytest

from aevum import InputError
from aevum.evaluation import features as room
from aevum.evaluation.features import classifier_features
from aevum.evaluation.samples import sample_quality


@pytest.fixture(scope="module")
def blobs():
    """Three classes of 2 × 3 values: x (240, 2, 3), y (240,)."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=240)
    return rng.normal(size=(240, 2, 3)) + 4.0 * np.eye(6)[y].reshape(-1, 2, 3), y


@pytest.fixture
def trained(monkeypatch):
    """The list of trainings, one seed each."""
    seeds, train = [], room._train
    monkeypatch.setattr(room, "_train", lambda x, y, seed: (seeds.append(seed), train(x, y, seed))[1])
    return seeds


def same(a, b, x):
    return np.array_equal(a(x), b(x)) and a.accuracy == b.accuracy


def test_features_are_the_last_hidden_layer_by_their_formula(blobs, tmp_path):
    x, y = blobs
    features = classifier_features(x, y, cache=tmp_path)
    hidden = np.clip((x.reshape(240, -1) - features.mean) / features.scale, -5, 5)
    for weight, bias in zip(features.weights, features.biases, strict=True):
        hidden = np.maximum(hidden @ weight + bias, 0)
    assert features(x).shape == (240, 128) and features(x).dtype == np.float32
    np.testing.assert_allclose(features(x), hidden, rtol=1e-4, atol=1e-4)
    assert features.accuracy > 0.9
    assert features.name.startswith("128 hidden units of a classifier that is right on ")
    assert np.square(features(x)).mean() == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(features.mean, x.reshape(240, -1).mean(axis=0), atol=0.2)


def test_digits_are_told_apart_and_samples_compared(digits, tmp_path):
    x, y = np.asarray(digits.x), np.asarray(digits.y)
    features = classifier_features(x, y, cache=tmp_path)
    assert features.accuracy > 0.93
    real, good = x[::2], x[1::2]
    shuffled = np.random.default_rng(0).permuted(good.reshape(len(good), -1), axis=0).reshape(good.shape)
    best, worst = (sample_quality(real, made, features=features, subsets=10) for made in (good, shuffled))
    assert (best.features, best.width) == (features.name, 128)
    assert worst.frechet > 5 * best.frechet and worst.kernel > 10 * abs(best.kernel)
    assert best.neighbours.coverage > 0.9 > worst.neighbours.coverage


def test_the_cache_serves_the_same_data_and_settings_only(blobs, tmp_path, trained):
    x, y = blobs
    first = classifier_features(x, y, cache=tmp_path)
    again = classifier_features(x, y, cache=str(tmp_path))
    assert trained == [0] and same(first, again, x)
    classifier_features(x, y, cache=tmp_path, seed=1)
    classifier_features(x + 1e-9, y, cache=tmp_path)
    classifier_features(x, (y + 1) % 3, cache=tmp_path)
    assert trained == [0, 1, 0, 0]
    # Names of classes don't matter.
    classifier_features(x, np.array(["a", "b", "c"], dtype=object)[y], cache=tmp_path)
    assert len(trained) == 4
    assert len(list(tmp_path.iterdir())) == 4


def test_training_is_a_function_of_its_seed(blobs, tmp_path):
    x, y = blobs
    first, again, other = (
        classifier_features(x, y, cache=tmp_path / name, seed=seed) for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert same(first, again, x) and not same(first, other, x)


@pytest.mark.parametrize("variable", ["AEVUM_CACHE", "XDG_CACHE_HOME"])
def test_the_default_folder_is_aevums_cache(variable, blobs, tmp_path, monkeypatch, trained):
    for name in ("AEVUM_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    classifier_features(*blobs)
    classifier_features(*blobs)
    assert trained == [0]
    folder = tmp_path / "features" if variable == "AEVUM_CACHE" else tmp_path / "aevum" / "features"
    assert [path.suffix for path in folder.iterdir()] == [".npz"]


def damage(path, how):
    raw = bytearray(path.read_bytes())
    if how == "cut":
        raw = raw[: len(raw) // 2]
    elif how == "flipped":
        raw[len(raw) // 2] ^= 1
    elif how == "not an archive":
        raw = bytearray(b"nothing of use")
    elif how == "empty":
        raw = bytearray()
    path.write_bytes(raw)
    if how == "objects":
        np.savez(path, mean=np.array([{}], dtype=object))
    elif how in ("other shapes", "nan"):
        with np.load(path) as arrays:
            kept = dict(arrays)
        kept["bias_1"] = kept["bias_1"][:-1] if how == "other shapes" else kept["bias_1"] * np.nan
        np.savez(path, **kept)


@pytest.mark.parametrize("how", ["cut", "flipped", "not an archive", "empty", "objects", "other shapes", "nan"])
def test_a_damaged_file_is_made_anew(how, blobs, tmp_path, trained):
    x, y = blobs
    whole = classifier_features(x, y, cache=tmp_path)
    (path,) = tmp_path.iterdir()
    damage(path, how)
    assert same(classifier_features(x, y, cache=tmp_path), whole, x)
    assert same(classifier_features(x, y, cache=tmp_path), whole, x)
    assert trained == [0, 0]


def test_a_folder_that_cannot_be_written_to_is_done_without(blobs, tmp_path, trained, monkeypatch):
    x, y = blobs
    blocked = tmp_path / "file"
    blocked.write_text("")
    features = classifier_features(x, y, cache=blocked / "folder")
    assert same(classifier_features(x, y, cache=blocked), features, x)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert same(classifier_features(x, y, cache=tmp_path / "new"), features, x)
    assert trained == [0, 0, 0] and not any((tmp_path / "new").iterdir())
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        classifier_features(x, y, cache=tmp_path / "locked")


def test_odd_data_and_labels_can_be_used(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=60)
    x = np.column_stack([rng.normal(size=60) + 5 * y, np.full(60, 0.1), np.full(60, 1e30)])
    y[0] = 7  # a class of one row
    for labels in (y, y[:, None], y > 0, y.astype(float), y.astype(str)):
        features = classifier_features(x.astype(np.float32), labels, cache=tmp_path)
        assert np.isfinite(features(x)).all()
    # What never varies in training is left out, and what varies can't drown the rest.
    np.testing.assert_array_equal(features([[1.0, 1e9, 0.0]]), features([[1.0, 0.1, 1e30]]))
    assert np.abs(features([[1e9, 0.1, 1e30]])).max() < 20


def test_large_data_are_trained_on_in_part(tmp_path, monkeypatch, blobs):
    monkeypatch.setattr(room, "_MOST_ROWS", 100)
    fitted, plain = [], room.MLPClassifier.partial_fit
    monkeypatch.setattr(
        room.MLPClassifier, "partial_fit", lambda self, X, y, **rest: (fitted.append(len(X)), plain(self, X, y, **rest))
    )
    classifier_features(*blobs, cache=tmp_path)
    assert set(fitted) == {80} and len(fitted) <= 40


X = np.random.default_rng(0).normal(size=(20, 2))
Y = np.arange(20) % 2


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X, Y[:19], r"y has shape \(19,\); expected one label for each of the 20 rows"),
        (X, np.eye(2)[Y], r"y has shape \(20, 2\)"),
        (X, np.zeros(20), "y has 1 different value in 20 rows"),
        (X, X[:, 0], "y has 20 different values in 20 rows; features of a classifier need classes"),
        (X, np.where(Y, np.nan, 1.0), "y holds NaN, first at row 1"),
        (X[:9], Y[:9], "X has 9 rows; at least 10 are needed"),
        (np.where(X > 1, np.inf, X), Y, "X holds inf"),
        (X[:, 0], Y, r"X has shape \(20,\)"),
    ],
)
def test_bad_data(x, y, words, tmp_path):
    with pytest.raises(InputError, match=words):
        classifier_features(x, y, cache=tmp_path)


def test_bad_calls(tmp_path):
    with pytest.raises(InputError, match="seed must be"):
        classifier_features(X, Y, cache=tmp_path, seed=-1)
    features = classifier_features(X, Y, cache=tmp_path)
    with pytest.raises(InputError, match="trained on rows of 2 values; these have 3"):
        features(np.zeros((4, 3)))
    with pytest.raises(InputError, match="X holds nan"):
        features([[np.nan, 0.0]])
