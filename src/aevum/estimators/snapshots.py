"""The model as it was on the way: what a fit learns when."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aevum.estimators.arrays import is_learned
from aevum.estimators.code_density import KEPT_CODES
from aevum.estimators.fitting import copy_to_cpu, look_at_codes
from aevum.estimators.inputs import feature_names, named, opened

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator


class Snapshots:
    """A callback that keeps a fit's models after epochs 1, 2, 3, 4, 6, 8, 11, 16, 23, …: √2 times as far each time.

    A model learns most at the beginning, so there are fourteen snapshots of a hundred epochs, and twenty of a thousand.
    Each is an estimator that can do all that the fitted one can.

    Args:
        estimator: the one whose ``callbacks`` it is in.
        X: the training data, as ``fit`` takes them: each snapshot looks at (up to 10,000 of) their codes.
        y: for a conditional model.
        wanted: whether a model is to be taken after this epoch; None for the powers of √2.
        kept: whether snapshots stay in ``found``.
        changed: called with each new snapshot.

    Attributes:
        found: epoch → estimator.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=5, random_state=0)
        >>> snapshots = Snapshots(vae, digits)
        >>> _ = vae.set_params(callbacks=[snapshots]).fit(digits)
        >>> list(snapshots.found), snapshots.found[3].sample(2, random_state=0).shape
        ([1, 2, 3, 4], (2, 8, 8))
    """

    def __init__(
        self,
        estimator: LatentVariableEstimator,
        X: Any,
        y: Any = None,
        *,
        wanted: Callable[[int], bool] | None = None,
        kept: bool = True,
        changed: Callable[[LatentVariableEstimator], object] | None = None,
    ) -> None:
        X = named(X)
        self.estimator, self.changed, self.kept = estimator, changed, kept
        self.wanted = is_kept if wanted is None else wanted
        self.feature_names = feature_names(X)
        x, self.y = opened(X, y)
        self.x = np.asarray(x)
        self.found: dict[int, LatentVariableEstimator] = {}
        self.history: list[dict[str, Any]] = []

    def __call__(self, record: dict[str, Any]) -> None:
        if record["epoch"] == 1:  # the same callback may see a second fit
            self.found, self.history = {}, []
        self.history.append(record)
        if self.wanted(record["epoch"]):
            taken = self._taken()
            if self.kept:
                self.found[record["epoch"]] = taken
            if self.changed is not None:
                self.changed(taken)

    def _taken(self) -> LatentVariableEstimator:
        """A fitted estimator of its own, on the processor."""
        live = self.estimator
        taken = type(live)(**{**live.get_params(deep=False), "callbacks": None})
        for name, value in vars(live).items():
            if is_learned(name):
                setattr(taken, name, value)
        taken.model_, taken.scaling_ = copy_to_cpu(live.model_, live.scaling_)
        taken.device_, taken.feature_names_, taken.history_ = (
            torch.device("cpu"),
            self.feature_names,
            list(self.history),
        )
        some = np.sort(np.random.default_rng(0).permutation(len(self.x))[:KEPT_CODES])
        context = taken._encode_context(self.y, len(self.x))
        look_at_codes(taken, self.x, context, some)
        return taken


def is_kept(epoch: int) -> bool:
    """Whether an epoch is a power of √2, rounded.

    >>> [epoch for epoch in range(1, 40) if is_kept(epoch)]
    [1, 2, 3, 4, 6, 8, 11, 16, 23, 32]
    """
    nearest = round(2 * math.log2(epoch))
    return round(math.sqrt(2.0) ** nearest) == epoch
