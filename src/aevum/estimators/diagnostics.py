"""What every fit reports at its end: which latents are used, and whether the posterior has collapsed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from aevum.distributions import Gaussian
from aevum.distributions.gaussian import gaussian_rate
from aevum.errors import CollapseWarning

ACTIVE_VARIANCE = 0.01


@dataclass(frozen=True)
class LatentSummary:
    r"""The state of the latent space on (up to 10,000 of) the training rows.

    Dimension d is *active* when :math:`\operatorname{Var}_x(\mathbb E_q[z_d]) > 0.01` (*Importance weighted
    autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016).

    Args:
        variance: the variance of each dimension's posterior mean over x.
        rate: each dimension's mean KL(q ‖ p) in nats, or None for a model without a prior.
    """

    variance: tuple[float, ...]
    rate: tuple[float, ...] | None

    @property
    def active(self) -> tuple[int, ...]:
        """Indices of the active dimensions, those of the highest rate (or variance) first."""
        order = self.rate if self.rate is not None else self.variance
        used = [d for d, variance in enumerate(self.variance) if variance > ACTIVE_VARIANCE]
        return tuple(sorted(used, key=lambda d: -order[d]))

    @property
    def collapsed(self) -> bool:
        """No dimension is active: the decoder ignores z."""
        return not self.active

    def __str__(self) -> str:
        text = f"{len(self.active)} of {len(self.variance)} latent dimensions are active"
        if self.rate is not None:
            text += f", rate {sum(self.rate):.2f} nats"
        if self.collapsed:
            text += "; the posterior has collapsed: the decoder ignores z"
        return text

    def to_config(self) -> dict[str, Any]:
        return {
            "variance": list(self.variance),
            "rate": None if self.rate is None else list(self.rate),
            "active_units": len(self.active),
            "collapsed": self.collapsed,
        }


def summarise(q: list[tuple[Tensor, Gaussian | None, Gaussian | None]]) -> LatentSummary:
    """The summary from batches of (posterior mean, posterior, prior)."""
    means = torch.cat([mean for mean, _, _ in q]).double()
    variance = means.var(dim=0, unbiased=False).tolist()
    rates = [gaussian_rate(post, prior) for _, post, prior in q if post is not None and prior is not None]
    rate = torch.cat(rates).double().mean(dim=0).tolist() if rates else None
    return LatentSummary(tuple(variance), None if rate is None else tuple(rate))


def warn_of_collapse(summary: LatentSummary, beta: float) -> None:
    """Collapse is always reported, never hidden."""
    if not summary.collapsed:
        return
    if summary.rate is None:
        advice = "the codes do not vary; try more epochs, a lower learning_rate or scaled data"
    else:
        advice = f"try a lower beta (now {beta:g}), more epochs, a learned σ, or a smaller decoder"
    warnings.warn(f"{summary}. {advice[0].upper()}{advice[1:]}", CollapseWarning, stacklevel=6)
