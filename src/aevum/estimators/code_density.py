"""A density for the codes of an auto-encoder, so that it can be sampled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

KEPT_CODES = 10_000


def fit_mixture(codes: NDArray[np.float32], seed: int) -> Any:
    """A Gaussian mixture over codes ``(N, D)``: up to ten components with full covariances.

    An auto-encoder's objective says nothing of how codes are distributed, so noise from N(0, I) decodes to nothing in
    particular; codes from a density fitted afterwards lie where the decoder has been trained.

    Source: *From variational to deterministic autoencoders*, P. Ghosh et al., ICLR 2020.
    """
    rows, width = codes.shape
    components = int(np.clip(rows // (2 * width + 2), 1, 10))
    spread = float(codes.var(axis=0).mean())
    mixture = GaussianMixture(components, random_state=seed, reg_covar=1e-4 * max(spread, 1e-8), max_iter=200)
    return mixture.fit(codes.astype(np.float64))
