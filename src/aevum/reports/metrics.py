"""A run in numbers, each with its unit."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from aevum.estimators.config import plain_parameters
from aevum.evaluation.columns import columns_of
from aevum.evaluation.findings import findings
from aevum.evaluation.sigma import sigma_of
from aevum.evaluation.training import extras_of
from aevum.plots.history import best_epoch
from aevum.storage import finite
from aevum.version import VERSION

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator
    from aevum.reports.subject import Subject

Record = dict[str, Any]
PACKAGES = ("torch", "numpy", "scikit-learn", "safetensors", "matplotlib", "pillow")
TERMS = ("loss", "distortion", "rate")


def units_of(estimator: LatentVariableEstimator) -> str:
    """What a loss of this model is measured in."""
    likelihood = estimator.likelihood_
    if not estimator.has_density:
        kind = "of a density in the data's units (it may be negative)" if likelihood.continuous else "of a probability"
        return f"nats per example: −log p(x given its code), {kind}; it is no score of x itself"
    if likelihood.continuous:
        return "nats per example, of a density in the data's units (it may be negative)"
    if likelihood.binarize == "soft":
        return "nats per example, of a cross-entropy of grey levels, which is not a density"
    return "nats per example, of a probability"


def metrics_of(subject: Subject, seconds: float | None) -> Record:
    """Everything that ``metrics.json`` holds."""
    estimator, parts = subject.estimator, subject.estimator.parts_
    history = estimator.history_
    best = best_epoch(history)
    at: Record = next((record for record in history if record.get("epoch") == best), {})
    terms = (*TERMS, *extras_of(history))
    recorded = [record["seconds"] for record in history if record.get("seconds") is not None]
    found: Record = {
        "model": type(estimator).__name__,
        "kind": estimator.title or None,
        "data": {"name": subject.name, "shape": list(subject.shape), "dtype": subject.dtype},
        "parameters": plain_parameters(estimator),
        "network": {"name": parts.network, "hidden": None if parts.hidden is None else list(parts.hidden)},
        "likelihood": {"name": str(estimator.likelihood_), "reason": estimator.likelihood_.reason},
        "weights": sum(int(weight.numel()) for weight in estimator.model_.parameters()),
        "epochs": len(recorded),
        "best_epoch": best,
        "interrupted": any(record.get("interrupted") for record in history),
        "seconds": seconds if seconds is not None else sum(recorded),
        "units": units_of(estimator),
        "start": history[0].get("validation_begun") if history else None,
        "training": {name: at.get(name) for name in terms},
        "validation": {name: at.get(f"validation_{name}") for name in terms} if "validation_loss" in at else None,
        "evaluation": evaluation(subject),
        "sigma": sigma_of(estimator, subject.codes, subject.condition, subject.feature_names),
        "columns": columns_of(estimator, subject.codes, subject.condition),
        "figures": asdict(subject.figures),
        "findings": [one.to_dict() for one in findings(subject.figures)],
        "latent": {**estimator.latent_summary_.to_config(), "active": list(estimator.latent_summary_.active)},
        "versions": versions(),
    }
    plain: Record = finite(found)
    return plain


def evaluation(subject: Subject) -> Record:
    """Distortion, rate and squared error of the shown rows, by the finished model."""
    estimator = subject.estimator
    rows: Any = subject.given
    distortion, rate = estimator.distortion_and_rate(rows, subject.condition)
    total = float(np.mean(estimator.reconstruction_error(rows, subject.condition)))
    values = np.prod(subject.x.shape) if subject.x.dtype.kind != "f" else (~np.isnan(subject.x)).sum()
    return {
        "rows": len(subject.x),
        "of": "held-out data" if subject.held_out else "the data given, which include the training rows",
        "distortion": float(np.mean(distortion)),
        "rate": float(np.mean(rate)),
        "elbo": -float(np.mean(distortion + rate)) if estimator.has_density else None,
        "squared_error": total,
        "mean_squared_error": total * len(subject.x) / int(values),
        "squared_error_units": "squared units of the data: summed over an example's values, and per value",
    }


def versions() -> dict[str, str]:
    """The versions of aevum and what it stands on."""
    found = {"aevum": VERSION, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "unknown"
    return found
