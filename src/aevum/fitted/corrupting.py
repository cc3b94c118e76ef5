"""What training hides from a denoising model: rows as they were corrupted, and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.distributions import summary
from aevum.encoding.table import SeenColumns
from aevum.fitted.fitted import Fitted
from aevum.posteriors import Corrupted

Array = NDArray[Any]


@torch.inference_mode()
def corrupted(fitted: Fitted, x: Array, seed: int) -> tuple[Array, Array] | None:
    r"""Corrupted rows :math:`\tilde x` and the likelihood's mean at their codes, each ``(N, *event)`` in the data's
    units.

    Of a table what is corrupted is what the encoder sees; columns of which that is no number on the column's own scale
    (classes, counts) are NaN in :math:`\tilde x`.

    Args:
        fitted: a model that is conditioned on nothing.
        x: rows ``(N, *event)`` as numbers.
        seed: of the corruption.

    Returns:
        None where training corrupts nothing.

    >>> from aevum import AE, DAE
    >>> X = np.random.default_rng(0).normal(size=(50, 3))
    >>> dae = DAE(1, epochs=1, noise=0.5, random_state=0).fit(X)
    >>> damaged, repaired = corrupted(dae.fitted_, X, 0)
    >>> damaged.shape, bool(0.3 < (damaged - X).std() < 0.7), corrupted(AE(1, epochs=1).fit(X).fitted_, X, 0)
    ((50, 3), True, None)
    """
    model, posterior = fitted.model, fitted.model.posterior
    if not isinstance(posterior, Corrupted):
        return None
    generator = torch.Generator(fitted.device).manual_seed(seed)
    damaged, repaired = [], []
    for rows, _ in fitted.blocks(x, None):
        seen = rows if model.view is None else model.view(rows)
        found = posterior.corruption(seen, generator)
        mean = model.examples_given(summary(posterior.posterior(found))[0]).mean
        shown = model.view.unseen(found) if isinstance(model.view, SeenColumns) else found
        damaged.append(fitted.encoding.inverse(shown).cpu().numpy())
        repaired.append(fitted.encoding.inverse(mean).cpu().numpy())
    return np.concatenate(damaged), np.concatenate(repaired)
