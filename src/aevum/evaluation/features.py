"""A small classifier trained on the data's own labels, as the extractor of features for the sample metrics."""

from __future__ import annotations

import hashlib
import math
import warnings
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from aevum import storage
from aevum.data.files import user_path
from aevum.data.mnist import cache_folder
from aevum.errors import EstimateWarning, InputError
from aevum.estimators.inputs import opened, whole_number
from aevum.evaluation.rows import Floats, feature_rows
from aevum.typing import Labels

Layers = tuple[NDArray[np.float32], ...]

MOST_CLASSES, ROWS_A_CLASS, FEWEST_ROWS, FEWEST_JUDGED = 100, 4, 100, 20
_HIDDEN = (256, 128)
_MOST_ROWS = 25_000
_EPOCHS, _PATIENCE = 40, 4
_CLIP = 5.0
_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class ClassifierFeatures:
    r"""The last hidden layer of a small classifier: what of an example tells its class.

    .. math:: h_0 = \operatorname{clip}\bigl((x - m)/s,\ \pm 5\bigr), \qquad
              h_l = \max(0,\ h_{l-1} W_l + b_l), \qquad \phi(x) = h_L

    Examples ``(N, *event)`` in, features ``(N, F)`` in single precision out, of mean square 1 on the training rows. A
    little haze in an image's corner, where the data hardly ever vary, must not outweigh all else: s is at least a
    tenth of a value's range, and a value that never varies is left out. Made by :func:`classifier_features`.

    Args:
        mean: m, of each of the V values, ``(V,)``.
        scale: s, the standard deviation or a tenth of the range, whichever is larger, ``(V,)``.
        weights: the hidden layers' :math:`W_l`.
        biases: the hidden layers' :math:`b_l`.
        accuracy: share of right classes on rows kept out of the training; features of a classifier that guesses
            say little.

    Raises:
        InputError: when called with rows of another length, or with values that aren't finite.

    Source: the idea of features from a classifier for the comparison of images is *Improved techniques for training
    GANs*, T. Salimans et al., NeurIPS 2016, with a network trained on ImageNet; this one is trained on the data's own
    labels, so its numbers compare models of one data set and nothing else.
    """

    mean: Floats = field(repr=False)
    scale: Floats = field(repr=False)
    weights: Layers = field(repr=False)
    biases: Layers = field(repr=False)
    accuracy: float

    @property
    def name(self) -> str:
        """What a result calls these features."""
        units = self.weights[-1].shape[1]
        return f"{units} hidden units of a classifier that is right on {self.accuracy:.1%} of held-out rows"

    def __call__(self, X: object) -> NDArray[np.float32]:
        x = feature_rows(X, "X")
        if x.shape[1] != len(self.mean):
            raise InputError(
                f"the classifier was trained on rows of {len(self.mean):,} values; these have {x.shape[1]:,}"
            )
        return np.concatenate([self._hidden(x[at : at + _CHUNK]) for at in range(0, len(x), _CHUNK)])

    def _hidden(self, x: Floats) -> NDArray[np.float32]:
        h = _standardised(x, self.mean, self.scale)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            h = np.maximum(h @ weight + bias, 0)
        return h


def classifier_features(
    X: object, y: object = None, *, cache: str | Path | None = None, seed: int = 0
) -> ClassifierFeatures:
    """Features of a classifier trained on labelled examples, kept on disk for the next call on the same data.

    A multilayer perceptron (256 and 128 rectified units, Adam) is trained on at most 20,000 rows, until its accuracy
    on a tenth of the rows stops to rise; another tenth measures ``ClassifierFeatures.accuracy``. 60,000 images
    of MNIST take well under a minute on one core. Nothing is ever downloaded. A classifier is surer of the rows that
    it was trained on than of others: give it the training rows, and compare samples with rows held out.

    Args:
        X: examples ``(N, *event)``, N at least 10, or a data set or its name, which may have labels of its own.
        y: one label a row, ``(N,)``: classes, at least two, of two rows each on average.
        cache: the folder for the file, named by the hash of X, y and the settings; None is the folder ``features`` in
            ``$AEVUM_CACHE``, ``$XDG_CACHE_HOME/aevum`` or ``~/.cache/aevum``. A file that is damaged is made
            anew, and a folder that can't be written to is done without.
        seed: which rows are held out, and the initial weights.

    Raises:
        InputError: X isn't usable, there are no labels, or y holds no classes.

    Warns:
        EstimateWarning: the classifier is hardly better than a guess.

    >>> import tempfile
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(2, size=200)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     features = classifier_features(rng.normal(size=(200, 3)) + 3 * y[:, None], y, cache=folder)
    >>> features([[0, 0, 0], [3, 3, 3]]).shape, features.accuracy > 0.9
    ((2, 128), True)
    """
    seed = whole_number("seed", seed, 0)
    X, y = opened(X, y)
    if y is None:
        raise InputError("X has no labels, and a classifier needs them: pass y, one label a row")
    x = feature_rows(X, "X", 10)
    labels = _classes(y, len(x))
    folder = cache_folder() / "features" if cache is None else user_path(cache)
    path = folder / f"{_key(x, labels, seed)}.npz"
    found = _load(path, x.shape[1])
    if found is None:
        found = _train(x, labels, seed)
        _store(found, path)
    chance, judged = float(np.bincount(labels).max() / len(x)), min(len(x), _MOST_ROWS) // 10
    if judged >= FEWEST_JUDGED and found.accuracy <= chance + 2.0 * math.sqrt(chance * (1.0 - chance) / judged):
        warnings.warn(
            f"the classifier is right on {found.accuracy:.1%} of {judged:,} held-out rows, and guessing the most "
            f"frequent class on {chance:.1%}: its features say little of how good samples are",
            EstimateWarning,
            stacklevel=2,
        )
    return found


def class_labels(y: Labels) -> NDArray[Any] | None:
    """Labels that are classes, ``(N,)``: 2 to 100 words or whole numbers, of 4 rows or more each; else None.

    >>> class_labels([0.5] * 9) is None, class_labels(["a", "b"] * 4)[:2].tolist()
    (True, ['a', 'b'])
    """
    if y is None:
        return None
    labels = np.asarray(y)
    if labels.dtype.kind == "O":  # a data frame's column of words
        if not all(isinstance(label, str) for label in labels.ravel()):
            return None
        labels = labels.astype(str)
    if (
        labels.ndim != 1
        or labels.dtype.names
        or (labels.dtype.kind == "f" and not np.array_equal(labels, np.round(labels)))
    ):
        return None
    counts = np.unique(labels, return_counts=True)[1]
    return labels if 2 <= len(counts) <= MOST_CLASSES and counts.min() >= ROWS_A_CLASS else None


def usual_features(*sets: tuple[Any, Any], seed: int = 0) -> ClassifierFeatures | None:
    """The features of a classifier trained on the first of these (examples, labels) whose labels are classes."""
    for x, y in sets:
        labels = class_labels(y)
        if x is not None and labels is not None and len(labels) == len(x) >= FEWEST_ROWS:
            return classifier_features(x, labels, seed=seed)
    return None


def _classes(y: object, rows: int) -> NDArray[np.intp]:
    """Labels as numbers from 0."""
    values = np.asarray(y)
    if values.shape not in ((rows,), (rows, 1)):
        raise InputError(f"y has shape {values.shape}; expected one label for each of the {rows:,} rows of X")
    values = values.reshape(-1)
    if values.dtype.kind == "O":
        values = values.astype(str)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise InputError(f"y holds NaN, first at row {int(np.isnan(values).argmax())}; every row needs its label")
    classes, labels = np.unique(values, return_inverse=True)
    if not 2 <= len(classes) <= rows // 2:
        raise InputError(
            f"y has {len(classes):,} different value{'s' * (len(classes) != 1)} in {rows:,} rows; features of a"
            f" classifier need classes: at least two, of two rows each on average"
        )
    return labels.reshape(-1)


def _train(x: Floats, labels: NDArray[np.intp], seed: int) -> ClassifierFeatures:
    """The classifier of the epoch that was best on rows kept for that."""
    order = np.random.default_rng(seed).permutation(len(x))[:_MOST_ROWS]
    tenth = len(order) // 10
    test, stop, fit = order[:tenth], order[tenth : 2 * tenth], order[2 * tenth :]
    chosen = x[fit]
    mean, scale = chosen.mean(axis=0), np.maximum(chosen.std(axis=0), np.ptp(chosen, axis=0) / 10)
    # A constant's deviation is only nearly 0: rounding must not be blown up to a feature.
    constant = scale <= 1e-9 * np.abs(mean)
    scale[constant] = 1.0
    fit_x, stop_x, test_x = (_standardised(part, mean, scale) for part in (chosen, x[stop], x[test]))
    batch = int(np.clip(len(fit) // 64, 8, 200))
    network = MLPClassifier(_HIDDEN, random_state=seed, batch_size=min(batch, len(fit)))
    best, waited, accuracy = -1.0, 0, 0.0
    weights: Layers = ()
    biases: Layers = ()
    for _ in range(_EPOCHS):
        network.partial_fit(fit_x, labels[fit], classes=np.arange(labels.max() + 1))
        score = network.score(stop_x, labels[stop])
        waited = 0 if score > best else waited + 1
        if score > best:
            best, accuracy = score, float(network.score(test_x, labels[test]))
            weights, biases = _copies(network.coefs_), _copies(network.intercepts_)
        if waited == _PATIENCE:
            break
    weights[0][constant] = 0
    features = ClassifierFeatures(mean, scale, weights, biases, accuracy)
    # max(0, ·) passes a positive factor on, so the last layer can take it.
    size = float(np.sqrt(np.square(features(chosen), dtype=np.float64).mean())) or 1.0
    return replace(features, weights=(*weights[:-1], weights[-1] / size), biases=(*biases[:-1], biases[-1] / size))


def _copies(layers: list[Any]) -> Layers:
    """The hidden layers' arrays as they are now: the next epoch changes them in place."""
    return tuple(array.astype(np.float32) for array in layers[:-1])


def _standardised(x: Floats, mean: Floats, scale: Floats) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = np.clip((x - mean) / scale, -_CLIP, _CLIP).astype(np.float32)
    return scaled


def _key(x: Floats, labels: NDArray[np.intp], seed: int) -> str:
    """A file name that changes with the data, the labels and everything that the training depends on."""
    settings = (1, _HIDDEN, _MOST_ROWS, _EPOCHS, _PATIENCE, _CLIP, seed, x.shape)
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(np.ascontiguousarray(x).data)
    digest.update(labels.astype(np.int64).data)
    return digest.hexdigest()[:32]


def _load(path: Path, width: int) -> ClassifierFeatures | None:
    """The classifier kept at ``path``; None where there is none or the file is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            mean, scale = arrays["mean"], arrays["scale"]
            weights = tuple(arrays[f"weight_{layer}"] for layer in range(len(_HIDDEN)))
            biases = tuple(arrays[f"bias_{layer}"] for layer in range(len(_HIDDEN)))
            accuracy = float(arrays["accuracy"])
    # numpy and zipfile document no closed list of what damaged bytes make them raise.
    except Exception:
        return None
    sizes = (width, *_HIDDEN)
    fits = (
        mean.shape == scale.shape == (width,)
        and [weight.shape for weight in weights] == list(pairwise(sizes))
        and [bias.shape for bias in biases] == [(size,) for size in _HIDDEN]
        and all(np.isfinite(array).all() for array in (mean, scale, accuracy, *weights, *biases))
    )
    return ClassifierFeatures(mean, scale, weights, biases, accuracy) if fits else None


def _store(features: ClassifierFeatures, path: Path) -> None:
    """Keep the classifier for the next call; whole or not at all, and not where the folder can't be written to."""
    arrays: dict[str, Any] = {"mean": features.mean, "scale": features.scale, "accuracy": np.float64(features.accuracy)}
    arrays |= {f"weight_{layer}": weight for layer, weight in enumerate(features.weights)}
    arrays |= {f"bias_{layer}": bias for layer, bias in enumerate(features.biases)}
    with suppress(InputError), storage.written(path) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
