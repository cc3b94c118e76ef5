"""The model as it was on the way: what a fit learns when."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.estimators.arrays import is_learned
from aevum.estimators.fitting import KEPT_CODES, look

Array = NDArray[Any]


class Snapshots:
    """A callback that keeps a fit's models after epochs 1, 2, 3, 4, 6, 8, 11, 16, 23, …: √2 times as far each time.

    A model learns most at the beginning, so there are thirteen snapshots of a hundred epochs, and nineteen of a
    thousand. Each is an estimator that can do all that the fitted one can.

    Args:
        wanted: whether a model is to be taken after this epoch; None for the powers of √2.
        kept: whether snapshots stay in ``found``.
        changed: called with each new snapshot.

    Attributes:
        found: epoch → estimator.

    Example:
        >>> from aevum import VAE
        >>> from aevum.estimators import Snapshots
        >>> snapshots = Snapshots()
        >>> vae = VAE(latent_dim=2, epochs=5, random_state=0, callbacks=[snapshots]).fit("digits")
        >>> list(snapshots.found), snapshots.found[3].sample(2, random_state=0).shape
        ([1, 2, 3, 4], (2, 8, 8))
    """

    def __init__(
        self,
        *,
        wanted: Callable[[int], bool] | None = None,
        kept: bool = True,
        changed: Callable[[Any], object] | None = None,
    ) -> None:
        self.changed, self.kept = changed, kept
        self.wanted = is_kept if wanted is None else wanted
        self.found: dict[int, Any] = {}
        self.history: list[dict[str, Any]] = []
        self._fit: tuple[Any, Array, NDArray[np.float32] | None] | None = None

    def attach(self, estimator: Any, x: Array, context: NDArray[np.float32] | None) -> None:
        """A fit begins: its estimator, its rows, and what each is conditioned on."""
        self._fit, self.found, self.history = (estimator, x, context), {}, []

    def detach(self) -> None:
        """It ended; a copy of the estimator should not copy the data."""
        self._fit = None

    def __call__(self, record: dict[str, Any]) -> None:
        self.history.append(record)
        if self.wanted(record["epoch"]):
            taken = self._taken()
            if self.kept:
                self.found[record["epoch"]] = taken
            if self.changed is not None:
                self.changed(taken)

    def _taken(self) -> Any:
        """A fitted estimator of its own, on the processor."""
        assert self._fit is not None
        live, x, context = self._fit
        taken = type(live)(**{**live.get_params(deep=False), "callbacks": None})
        for name, value in vars(live).items():
            if is_learned(name):
                setattr(taken, name, value)
        taken.fitted_, taken.history_ = live.fitted_.on_processor(), list(self.history)
        some = np.sort(np.random.default_rng(0).permutation(len(x))[:KEPT_CODES])
        look(taken, x, context, some)
        return taken


def is_kept(epoch: int) -> bool:
    """Whether an epoch is a power of √2, rounded.

    >>> [epoch for epoch in range(1, 40) if is_kept(epoch)]
    [1, 2, 3, 4, 6, 8, 11, 16, 23, 32]
    """
    nearest = round(2 * math.log2(epoch))
    return round(math.sqrt(2.0) ** nearest) == epoch
