"""Several models measured on the same held-out rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.inputs import opened
from aevum.evaluation.compared import Comparison, Entry
from aevum.evaluation.features import usual_features
from aevum.evaluation.held_out import labels_from_codes
from aevum.evaluation.latents import FEWEST_ROWS, latent_diagnostics
from aevum.evaluation.linear import PrincipalComponents
from aevum.evaluation.log_evidence import evidence, units_of
from aevum.evaluation.requirements import require_finite, require_labels
from aevum.evaluation.samples import sample_quality
from aevum.typing import Labels, Rows

Array = NDArray[Any]
Extractor = Callable[[Any], Any]
DRAWS, SAMPLES, PICTURES = 500, 2000, 8
DENSITY = "nats, of a density in the data's units (it may be positive)"


def compare(
    models: Mapping[str, LatentVariableEstimator] | Sequence[LatentVariableEstimator],
    X: Rows,
    y: Labels | None = None,
    *,
    train: Rows | None = None,
    y_train: Labels | None = None,
    pca: int | None = None,
    k: int = DRAWS,
    samples: int = SAMPLES,
    features: Extractor | Literal["auto"] | None = "auto",
    random_state: int = 0,
) -> Comparison:
    """Reconstruction, evidence, latents, samples, labels, time and size of several models on the same held-out rows.

    Samples of images are the likelihood's means, those of tables full draws.

    Args:
        models: name → fitted model, or a sequence of fitted models, which are called by their kind.
        X: rows ``(N, *event)`` that none of them was trained on, an opened data set or its name.
        y: labels; a conditional model needs them.
        train: training rows: PCA is fitted to them, as a line of its own, and with ``y_train`` the classifier whose
            features the samples are compared on.
        y_train: labels of the training rows.
        pca: PCA's components; None for the largest ``latent_dim``, 0 to leave it out.
        k: draws for log p(x).
        samples: how many to draw from each model (at most as many as there are rows).
        features: examples in, an array ``(N, F)`` out; None for the data themselves, flattened; "auto" for those of a
            small classifier trained on ``y_train`` or else ``y``, where they are classes, and the data themselves
            otherwise.
        random_state: an integer; the same call gives the same table.

    Raises:
        InputError: no models, models of examples of different shapes, fewer than 20 rows, labels missing.

    Example:
        >>> from aevum import AE, VAE, open_data
        >>> from aevum.evaluation import compare
        >>> digits = open_data("digits")
        >>> X, held_out = digits.x[:1500], digits.x[1500:]
        >>> models = {kind.__name__: kind(4, epochs=3, random_state=0).fit(X) for kind in (AE, VAE)}
        >>> found = compare(models, held_out, digits.y[1500:], train=X, k=50)
        >>> [entry.name for entry in found.entries]
        ['PCA', 'AE', 'VAE']
    """
    named = names_of(models)
    first = next(iter(named.values()))
    X, y = opened(X, y, first)
    x, labels = np.asarray(X), None if y is None else np.asarray(y)
    if len(x) < FEWEST_ROWS:
        raise InputError(f"a comparison needs at least {FEWEST_ROWS} rows; these are {len(x)}")
    require_labels(labels, len(x))
    if pca and train is None:
        raise InputError("pca needs training rows to be fitted to: pass train")
    shapes = {name: model.parts_.event for name, model in named.items()}
    if len(set(shapes.values())) > 1:
        text = ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
        raise InputError(f"these models are of examples of different shapes ({text}); compare those of one data set")
    if len({model.feature_names_ for model in named.values() if model.feature_names_ is not None}) > 1:
        raise InputError(
            "these models were fitted on columns of other names, or in another order: no rows fit them all"
        )
    if train is not None:
        train, y_train = opened(train, y_train, first)
        train, y_train = np.asarray(train), None if y_train is None else np.asarray(y_train)
        require_labels(y_train, len(train))
        if train.shape[1:] != x.shape[1:]:
            raise InputError(f"each training row has shape {train.shape[1:]}, each held-out row {x.shape[1:]}")
    if features == "auto":
        features = usual_features((train, y_train), (x, labels), seed=random_state)
    count = min(samples, len(x))
    measured = []
    if train is not None and pca != 0:
        components = pca or min(max(model.parts_.latent_dim for model in named.values()), *rows_and_values(train))
        measured.append(measure_pca(components, train, x, labels, count, random_state))
    # X itself and not its array: a data frame's columns have names, which the models check.
    measured += [measure(name, model, X, labels, k, count, random_state) for name, model in named.items()]
    entries = []
    said = ""
    for entry in measured:
        quality = sample_quality(x, entry.samples, features=features, seed=random_state, subsets=10)
        said = quality.features
        entries.append(
            replace(
                entry,
                frechet=quality.frechet,
                precision=quality.neighbours.precision,
                recall=quality.neighbours.recall,
                samples=entry.samples[:PICTURES],
            )
        )
    return Comparison(tuple(entries), len(x), k, count, said, x[:PICTURES])


def names_of(
    models: Mapping[str, LatentVariableEstimator] | Sequence[LatentVariableEstimator],
) -> dict[str, LatentVariableEstimator]:
    """name → model; models of a sequence are called by their kind, counted where it repeats.

    Raises:
        InputError: there are none, or one is no fitted model of aevum.
    """
    if isinstance(models, LatentVariableEstimator):
        models = [models]
    if not isinstance(models, Mapping):
        kinds = [type(model).__name__ for model in models]
        models = {
            kind if kinds.count(kind) == 1 else f"{kind} {1 + kinds[:i].count(kind)}": model
            for i, (kind, model) in enumerate(zip(kinds, models, strict=True))
        }
    if not models:
        raise InputError("there are no models to compare")
    for name, model in models.items():
        if not isinstance(model, LatentVariableEstimator) or not hasattr(model, "fitted_"):
            raise InputError(f"{name!r} is no fitted estimator of aevum ({type(model).__name__}); call fit first")
    return dict(models)


def measure(
    name: str, model: LatentVariableEstimator, x: Any, labels: Array | None, k: int, count: int, seed: int
) -> Entry:
    """All of a model's line but what its samples are compared on."""
    errors = model.reconstruction_error(x, labels if model.conditional else None)
    require_finite(errors, "reconstruction error")
    y = labels if model.conditional else None
    found = evidence(model, x, y, k=k, random_state=seed) if model.has_density else None
    asked = None if y is None else y[np.random.RandomState(seed).randint(len(y), size=count)]
    dimensions = math.prod(model.parts_.event)
    codes = model.transform(x, y)
    quality = None if model.conditional else labels_from_codes(codes, labels, seed)
    return Entry(
        name=name,
        model=type(model).__name__,
        conditional=bool(model.conditional),
        latent_dim=model.parts_.latent_dim,
        squared_error=float(errors.mean()),
        log_evidence=None if found is None else found.mean,
        evidence_error=None if found is None else found.mean_standard_error,
        bits_per_dim=None if found is None else -found.mean / (math.log(2.0) * dimensions),
        units=None if found is None else units_of(model),
        active=len(latent_diagnostics(model, x, y, random_state=seed).active),
        frechet=None,
        precision=None,
        recall=None,
        accuracy=None if quality is None else quality.neighbour_accuracy,
        seconds=float(sum(record.get("seconds") or 0.0 for record in model.history_)),
        weights=sum(int(weight.numel()) for weight in model.model_.parameters()),
        reconstructions=model.in_numbers().reconstruct(x[:PICTURES], None if y is None else y[:PICTURES]),
        samples=model.in_numbers().sample(count, asked, random_state=seed, mean=len(model.parts_.event) > 1),
    )


def measure_pca(components: int, train: Array, x: Array, labels: Array | None, count: int, seed: int) -> Entry:
    """PCA's line."""
    pca = PrincipalComponents(components, seed).fit(train)
    again, codes = pca.reconstruct(x), pca.transform(x)
    mean = float(pca.score_samples(x).mean())
    quality = labels_from_codes(codes, labels, seed)
    return Entry(
        name="PCA",
        model="PCA",
        conditional=False,
        latent_dim=components,
        squared_error=float(np.square(again - x).reshape(len(x), -1).sum(axis=1).mean()),
        log_evidence=mean if math.isfinite(mean) else None,
        evidence_error=0.0 if math.isfinite(mean) else None,
        bits_per_dim=-mean / (math.log(2.0) * math.prod(x.shape[1:])) if math.isfinite(mean) else None,
        units=DENSITY if math.isfinite(mean) else None,
        active=components,
        frechet=None,
        precision=None,
        recall=None,
        accuracy=None if quality is None else quality.neighbour_accuracy,
        seconds=pca.seconds,
        weights=pca.weights,
        reconstructions=again[:PICTURES],
        samples=pca.sample(count, seed, mean=x.ndim > 2),
    )


def rows_and_values(x: Array) -> tuple[int, int]:
    """N and the number of values in one x."""
    return len(x), math.prod(x.shape[1:])
