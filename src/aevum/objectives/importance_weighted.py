"""The importance-weighted bound as an objective."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from aevum.distributions import draw_with_density, exact_divergence
from aevum.model import LatentVariableModel
from aevum.objectives.evidence import weighed
from aevum.objectives.terms import Objective, Terms


class ImportanceWeightedBound(Objective):
    r"""−L_K, the bound with K draws of z for each example: tighter than the ELBO, which is L_1.

    .. math:: \mathcal L_K = \mathbb E\Big[\log \tfrac1K \sum_{k=1}^K w_k\Big], \quad
              w_k = \frac{p(x|z_k,y)\,p(z_k|y)}{q(z_k|x,y)}, \quad z_k \sim q(z|x,y); \qquad
              \mathrm{ELBO} = \mathcal L_1 \le \mathcal L_K \le \log p(x|y).

    ``beta`` weighs the logarithm of p(z)/q(z), as it weighs the rate of the ELBO; at 1 the bound is as above.
    Distortion and rate are those of the ELBO with the same draws, so their sum is at least the loss (on average).

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.

    Args:
        k: number of draws an example.
    """

    bounds = True

    def __init__(self, k: int = 5) -> None:
        super().__init__()
        self.k = k

    def forward(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Terms:
        q, p = model.infer(x, y, generator=generator), model.codes_given(y)
        z, log_q = draw_with_density(q, (self.k,), generator)
        found = weighed(model, q, p, z, log_q, x, y)
        bound = (found.log_likelihood + beta * found.log_ratio).logsumexp(0) - math.log(self.k)
        rate = exact_divergence(q, p)
        return Terms(-bound, -found.log_likelihood.mean(0), -found.log_ratio.mean(0) if rate is None else rate)
