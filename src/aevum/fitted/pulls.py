"""What pulls at a row's code while a model learns: its rate, and its distortion."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.distributions import draw
from aevum.fitted.fitted import Fitted
from aevum.fitted.scoring import Block, certain, departed_rows, keyed_blocks
from aevum.objectives import distortion_and_rate, distortion_of
from aevum.posteriors.without_noise import code_of

Array = NDArray[Any]
# Half of the draws that a pull is the mean of; the others are these turned round.
HALF = 16


class Pulls(NamedTuple):
    """Of each row, ``(N, D)``, in nats a unit of z.

    Attributes:
        rate: −∂KL(q ‖ p)/∂μ; zeros for a model without a density.
        distortion: −∂E_q[−log p(x|z,y)]/∂μ.
    """

    rate: Array
    distortion: Array


@torch.inference_mode(False)
def pulls(fitted: Fitted, x: Array, context: Array | None, *, noisy: bool = True, seed: int = 0) -> Pulls:
    r"""Where each row's q(z|x,y) would go by its rate alone, and by its distortion alone, if it were moved as a whole.

    .. math:: F_R = -\frac{\partial}{\partial\mu} \mathrm{KL}(q \,\|\, p)
                  = \mathbb E_q\Big[\frac{\partial}{\partial z} \log p(z|y)\Big], \qquad
              F_D = \mathbb E_q\Big[\frac{\partial}{\partial z} \log p(x|z,y)\Big].

    q's own entropy does not change when it is moved. Draws come in pairs ±ε, so that for p(z) = N(0, I) and a Gaussian
    q the rate's pull is −μ exactly. At an encoder that is as good as one can be, :math:`\beta F_R + F_D = 0` for each
    row.

    Args:
        fitted: the model.
        x, context: rows ``(N, *event)`` as the estimator reads them, and what each is conditioned on.
        noisy: whether q has its noise; else the pulls are those at the code that noise of 0 gives, and no rate pulls.
        seed: that the draws are a function of, with the row.

    Example:
        >>> from aevum import VAE
        >>> t = np.random.default_rng(0).normal(size=(40, 1))
        >>> X = (t * [1.0, -2.0, 0.5]).astype(np.float32)
        >>> vae = VAE(2, likelihood="gaussian:fixed=0.5", epochs=1, random_state=0).fit(X)
        >>> found = pulls(vae.fitted_, X, None)
        >>> bool(np.allclose(found.rate, -vae.transform(X), atol=1e-5)), found.distortion.shape
        (True, (40, 2))
    """
    found = [_of_block(fitted, block, noisy) for block in _blocks(fitted, x, context, seed)]
    rate, distortion = (torch.cat(part).cpu().numpy() for part in zip(*found, strict=True))
    return Pulls(rate, distortion)


def _blocks(fitted: Fitted, x: Array, context: Array | None, seed: int) -> list[Block]:
    with torch.no_grad():
        return list(keyed_blocks(fitted, x, context, seed))


def _of_block(fitted: Fitted, block: Block, noisy: bool) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        z = _codes(block) if noisy else code_of(block.q)[None]
    with torch.enable_grad():
        moved = torch.zeros_like(z[0]).requires_grad_()
        distortion = _slope(fitted.model.log_likelihood(block.x, z + moved, block.context), moved)
        rate = torch.zeros_like(distortion)
        if noisy and fitted.has_density:
            rate = _slope(fitted.model.codes_given(block.context).log_prob(z + moved), moved)
    return certain(rate, 0.0), certain(distortion, 0.0)


def _slope(values: Tensor, moved: Tensor) -> Tensor:
    """Of the mean over draws ``(K, N)``; 0 where codes are rounded, as to a codebook's."""
    if not values.requires_grad:
        return torch.zeros_like(moved)
    (found,) = torch.autograd.grad(values.mean(0).sum(), moved, allow_unused=True)
    return torch.zeros_like(moved) if found is None else found


def _codes(block: Block) -> Tensor:
    """Draws in pairs, ``(2·HALF, N, D)``."""
    noise = block.noise(0, HALF)
    return torch.cat([draw(block.q, (HALF,), noise=each) for each in (noise, -noise)])


class Terms(NamedTuple):
    """Means over rows, in nats and in the data's units: of one draw a row, the same each time, and of none.

    Attributes:
        distortion, rate: of the draw; −(distortion + rate) is the ELBO.
        still: the distortion at the code that noise of 0 gives.
    """

    distortion: float
    rate: float
    still: float


@torch.inference_mode()
def mean_terms(fitted: Fitted, x: Array, context: Array | None, *, seed: int = 0) -> Terms:
    """Distortion and rate as :meth:`~aevum.VAE.distortion_and_rate` tells them of each row, and the distortion without
    noise.

    >>> from aevum import AE
    >>> X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    >>> ae = AE(2, epochs=1, random_state=0).fit(X)
    >>> found = mean_terms(ae.fitted_, X, None)
    >>> found.rate, found.still == found.distortion, bool(np.isclose(found.distortion, -ae.score(X)))
    (0.0, True, True)
    """
    sums, rows = np.zeros(3), len(x)
    for block in keyed_blocks(fitted, x, context, seed):
        noise = block.noise(0, 1)[0]
        if fitted.has_density:
            distortion, rate = distortion_and_rate(fitted.model, block.q, block.x, block.context, noise=noise)
        else:
            distortion = distortion_of(fitted.model, block.q, block.x, block.context, noise=noise)
            rate = torch.zeros_like(distortion)
        still = -fitted.model.log_likelihood(block.x, code_of(block.q), block.context)
        terms = [certain(term, torch.inf).double() for term in (distortion - block.units, rate, still - block.units)]
        sums += [float(term.sum()) for term in terms]
    if departed_rows(fitted, x).any():
        sums[[0, 2]] = np.inf
    distortion_, rate_, still_ = (sums / rows).tolist()
    return Terms(distortion_, rate_, still_)
