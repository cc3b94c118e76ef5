"""Small data of known structure, and with what each composition is fitted."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from aevum import register

ROWS, CLUSTERS = 300, 3
SMALL = {
    "latent_dim": 2,
    "likelihood": "gaussian:fixed=0.5",
    "hidden": 16,
    "epochs": 12,
    "batch_size": 32,
    "learning_rate": 1e-2,
    "validation_fraction": 0.1,
    "network": "residual",
    "random_state": 0,
}


@dataclass(frozen=True)
class Case:
    """A composition and its data.

    Args:
        module, estimator: where the user's class is, and what it is called.
        data: which of :func:`data` it is fitted on.
        extras: the names of its loss's further terms.
        more: constructor's arguments besides the small ones.
        no_score, no_onnx: a part of the sentence that says why not; None where there is one.
    """

    module: str
    estimator: str
    data: str = "clusters"
    extras: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    no_score: str | None = None
    no_onnx: str | None = None

    def kind(self) -> type[Any]:
        """The user's class, registered as by the import of its module, of which another file's tests left nothing."""
        found: type[Any] = getattr(importlib.import_module(f"tests.compositions.{self.module}"), self.estimator)
        return register(found)

    def make(self, **more: Any) -> Any:
        """An estimator to fit."""
        return self.kind()(**{**SMALL, **self.more, **more})


CASES = {
    case.estimator: case
    for case in (
        Case("vamp", "Vamp"),
        Case("flow", "FlowPosteriorVAE"),
        Case("flow", "ConditionalFlowVAE", "labelled"),
        Case("full", "FullVAE"),
        Case("full", "ConditionalFullVAE", "labelled"),
        Case("vq", "VQ", extras=("commitment",), more={"latent_dim": 3}),
        Case("tc", "BetaTC", extras=("total_correlation",)),
        Case("factor", "Factor", extras=("total_correlation",)),
        Case("wae", "WAE", extras=("mmd",), no_score="has no score_samples"),
        Case("contractive", "Contractive", extras=("contraction",), no_score="has no score_samples"),
        Case("semi", "SemiSupervised", "partly labelled", extras=("entropy", "classification")),
        Case("ladder", "Ladder", more={"latent_dim": 4}),
        Case("mixed", "Mixed", "mixed", more={"likelihood": "mixed"}),
        Case("counts", "CountVAE", "counts", more={"likelihood": "counted"}),
    )
}


@cache
def data(name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """X and y."""
    random = np.random.default_rng(0)
    labels = random.integers(CLUSTERS, size=ROWS)
    z = 3.0 * np.eye(CLUSTERS)[labels][:, :2] + random.normal(size=(ROWS, 2))
    x = (z @ random.normal(size=(2, 6)) + 0.3 * random.normal(size=(ROWS, 6))).astype(np.float32)
    if name == "clusters":
        return x, None
    if name == "labelled":
        return x, labels
    if name == "partly labelled":
        return x, np.where(random.random(ROWS) < 0.3, labels, np.nan)
    if name == "counts":
        return random.poisson(np.exp(1.0 + 0.4 * z @ random.normal(size=(2, 6)))).astype(np.int64), None
    counted = random.poisson(np.exp(0.5 * z[:, 1] + 1.0))
    table = np.stack([100.0 + 20.0 * z[:, 0], 0.01 * z[:, 1], labels, counted], axis=1)
    table[random.random(table.shape) < 0.1] = np.nan
    return table, None
