"""What training hides from a denoising model: rows as they were corrupted, what is made of them, and how well."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.data.keyed import counted_seed
from aevum.distributions import as_vectors, summary
from aevum.encoding.table import SeenColumns
from aevum.errors import InputError
from aevum.fitted.fitted import Fitted
from aevum.fitted.noise import KeyedNoise
from aevum.fitted.scoring import certain, departed_rows, keyed_blocks
from aevum.objectives import distortion_of
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
        seen = model.seen(rows)
        found = posterior.corruption(seen, generator)
        mean = model.examples_given(summary(posterior.posterior(found))[0]).mean
        shown = model.view.unseen(found) if isinstance(model.view, SeenColumns) else found
        damaged.append(fitted.encoding.inverse(shown).cpu().numpy())
        repaired.append(fitted.encoding.inverse(mean).cpu().numpy())
    return np.concatenate(damaged), np.concatenate(repaired)


@torch.inference_mode()
def denoising_distortions(fitted: Fitted, x: Array, context: Array | None, seed: int, draws: int) -> Array:
    """The mean over corruptions of −log p(x | z = f(x̃), y), ``(N,)``, in the data's units: what training minimised.

    The corruptions are a function of (seed, row).

    Raises:
        InputError: training corrupted nothing.
    """
    model, posterior = fitted.model, fitted.model.posterior
    if not isinstance(posterior, Corrupted):
        raise InputError("only a denoising auto-encoder has a denoising distortion: its training corrupts nothing")
    found = []
    for block in keyed_blocks(fitted, x, context, seed):
        seen = model.seen(block.x)
        noises = KeyedNoise(block.keys, (1 + math.prod(seen.shape[1:]),), counted_seed(seed, 1) % 2**31, seen.device)
        total = torch.zeros(len(seen), dtype=torch.float64, device=seen.device)
        for each in range(draws):
            damaged = posterior.corruption(seen, noise=noises(each, each + 1)[0])
            q = as_vectors(posterior.posterior(damaged, block.context), 1)
            noise = block.noise(each, each + 1)[0]
            total += certain(distortion_of(model, q, block.x, block.context, noise=noise), torch.inf).double()
        found.append(total / draws - block.units)
    distortions: Array = torch.cat(found).cpu().numpy()
    distortions[departed_rows(fitted, x)] = np.inf
    return distortions
