"""What every fit reports at its end: which latents are used, and whether the posterior has collapsed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.distributions import divergence_of_dimensions, summary
from aevum.errors import CollapseWarning
from aevum.fitted.fitted import Fitted
from aevum.fitted.scoring import terms_of_rows

Array = NDArray[Any]
ACTIVE_VARIANCE = 0.01


@dataclass(frozen=True)
class LatentSummary:
    r"""The state of the latent space on (up to 10,000 of) the training rows.

    Dimension d is *active* when :math:`\operatorname{Var}_x(\mathbb E_q[z_d]) > 0.01` (*Importance weighted
    autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016).

    Args:
        variance: the variance of each dimension's posterior mean over x.
        rate: each dimension's mean KL(q ‖ p) in nats, whose sum is the model's rate; None where the dimensions are
            not independent under both (or there is no rate).
        total_rate: the model's mean rate in nats; None for a model without one.
    """

    variance: tuple[float, ...]
    rate: tuple[float, ...] | None
    total_rate: float | None

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
        if self.total_rate is not None:
            text += f", rate {self.total_rate:.2f} nats"
        if self.collapsed:
            text += "; the posterior has collapsed: the decoder ignores z"
        return text

    def to_config(self) -> dict[str, Any]:
        return {
            "variance": list(self.variance),
            "rate": None if self.rate is None else list(self.rate),
            "total_rate": self.total_rate,
            "active_units": len(self.active),
            "collapsed": self.collapsed,
        }


@torch.inference_mode()
def look_at_codes(fitted: Fitted, x: Array, context: Array | None) -> tuple[LatentSummary, NDArray[np.float32]]:
    """What these rows' codes say of the latent space, and the codes (posterior means) themselves, ``(N, D)``."""
    codes: list[Tensor] = []
    rates: list[Tensor | None] = []
    for rows, c in fitted.blocks(x, context):
        q = fitted.model.infer(rows, c)
        codes.append(summary(q)[0].cpu())
        rates.append(divergence_of_dimensions(q, fitted.model.codes_given(c)) if fitted.has_density else None)
    means = torch.cat(codes)
    variance = means.double().var(dim=0, unbiased=False).tolist()
    known = [rate for rate in rates if rate is not None]
    rate = torch.cat(known).double().mean(dim=0).tolist() if known else None
    total = sum(rate) if rate is not None else None
    if fitted.has_density and total is None:
        total = float(terms_of_rows(fitted, x, context, seed=0)[1].mean())
    return LatentSummary(tuple(variance), None if rate is None else tuple(rate), total), means.numpy()


def warn_of_collapse(summary: LatentSummary, beta: float, closed_form: bool = False) -> None:
    """Collapse is always reported, never hidden; where the closed form found no factors it is the data's."""
    if not summary.collapsed:
        return
    if closed_form:
        advice = "held-out rows know no dependence between the columns, so there is nothing that a code could tell"
    elif summary.total_rate is None:
        advice = "the codes do not vary; try more epochs, a lower learning_rate or scaled data"
    else:
        advice = f"try a lower beta (now {beta:g}), more epochs, a learned σ, or a smaller decoder"
    warnings.warn(f"{summary}. {advice[0].upper()}{advice[1:]}", CollapseWarning, stacklevel=6)
