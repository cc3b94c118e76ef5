"""Draws of codes: from the prior, or from a density that is fitted to the codes of an auto-encoder, which has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.distributions import draw
from aevum.estimators.arrays import to_numpy

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

KEPT_CODES = 10_000


@torch.inference_mode()
def draw_codes(
    estimator: LatentVariableEstimator,
    n: int,
    context: NDArray[np.float32] | None,
    seed: int,
    generator: torch.Generator,
) -> NDArray[Any]:
    """Codes ``(n, D)`` from the prior by the generator, or from the mixture by the seed."""
    prior = estimator.model_.prior
    if prior is not None:
        p, shape = (prior(), (n,)) if context is None else (prior(estimator._tensor(context)), ())
        return to_numpy(draw(p, shape, generator), np.float32)
    if not hasattr(estimator, "_code_density"):
        estimator._code_density = fit_mixture(estimator.codes_, estimator.seed_)
    mixture = estimator._code_density
    # GaussianMixture.sample returns its draws sorted by component, and other ones for another n.
    components = np.random.default_rng([seed, 0]).choice(len(mixture.weights_), size=n, p=mixture.weights_)
    noise = np.random.default_rng([seed, 1]).standard_normal((n, mixture.means_.shape[1]))
    roots = np.linalg.cholesky(mixture.covariances_)
    drawn: NDArray[Any] = mixture.means_[components] + np.einsum("nij,nj->ni", roots[components], noise)
    return drawn


def fit_mixture(codes: NDArray[Any], seed: int) -> Any:
    """A Gaussian mixture over codes ``(N, D)``: up to ten components with full covariances.

    An auto-encoder's objective says nothing of how codes are distributed, so noise from N(0, I) decodes to nothing in
    particular; codes from a density fitted afterwards lie where the decoder has been trained.

    Source: *From variational to deterministic autoencoders*, P. Ghosh et al., ICLR 2020.
    """
    from sklearn.mixture import GaussianMixture  # a third of a second, for those who sample an auto-encoder only

    rows, width = codes.shape
    codes = codes.astype(np.float64)
    components = int(np.clip(rows // (2 * width + 2), 1, 10))
    spread = float(codes.var(axis=0).mean())
    mixture = GaussianMixture(components, random_state=seed, reg_covar=1e-4 * max(spread, 1e-8), max_iter=200)
    return mixture.fit(codes)
