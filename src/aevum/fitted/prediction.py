"""Where a new measurement would fall: intervals of the posterior predictive distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.distributions import Columns, Gaussian, draw
from aevum.errors import InputError
from aevum.fitted.decoding import type_of
from aevum.fitted.fitted import Fitted
from aevum.fitted.scoring import keyed_blocks

Array = NDArray[Any]
# The 0.135 % quantile of 200 draws' mixture is as good as exact where σ(x|z) is not far below what z moves; decoded
# values held at once, and about ten times as much memory in all.
DRAWS, AT_ONCE = 200, 2**21


def check_interval(fitted: Fitted, level: float) -> None:
    """Raise where the likelihood has no interval, or the level is no probability.

    Raises:
        InputError: says which likelihoods have one, or what the level must be.
    """
    if not issubclass(fitted.kind_of_likelihood, (Gaussian, Columns)):
        raise InputError(
            f"predict_interval needs a Gaussian likelihood; this model's is {fitted.likelihood}. "
            f"Fit with likelihood='gaussian' or, for an interval that depends on x, 'gaussian:emitted'"
        )
    if not (isinstance(level, (int, float, np.number)) and 0.0 < level < 1.0):
        raise InputError(f"level must lie between 0 and 1, got {level!r}")


@torch.inference_mode()
def predictive_interval(
    fitted: Fitted, x: Array, context: Array | None, level: float, seed: int = 0
) -> tuple[Array, Array]:
    """The central interval of p(x′|x) = ∫ p(x′|z) q(z|x) dz of every value, two arrays ``(N, *event)``.

    The draws are a function of the row. An auto-encoder's code is a point, and its likelihood there is all there is.
    """
    out = np.empty((2, len(x), *fitted.parts.event), type_of(fitted, False))
    size = max(1, AT_ONCE // (DRAWS * math.prod(fitted.parts.event)))
    start = 0
    for rows, c, q, noise, *_ in keyed_blocks(fitted, x, context, seed, size):
        draws = DRAWS if math.prod(noise.shape) else 1  # a point needs no more
        z = draw(q, (draws,), noise=noise(0, draws))
        p: Any = fitted.model.examples_given(z, c, rows)
        edges = p.mixture_interval(level)
        for kept, edge in zip(out, edges, strict=True):
            kept[start : start + len(rows)] = fitted.encoding.inverse(edge).cpu().numpy()
        start += len(rows)
    return out[0], out[1]
