"""The kinds of a table's columns, one record each."""

from __future__ import annotations

import math

import torch

from aevum.conditionals.kind import (
    LOGISTIC,
    OWN_ZEROS,
    RAREST,
    Kind,
    anything,
    bends,
    counts,
    dispersion,
    freedom,
    heaped_logits,
    heaps,
    is_level,
    is_whole,
    johnson,
    logarithm,
    logit,
    of_variance,
    one_hot,
    score_of,
    spiked,
    straight,
    warped,
)
from aevum.distributions import (
    Categories,
    Heaped,
    JohnsonSU,
    Laplace,
    Line,
    NegativeBinomial,
    Ordinal,
    Poisson,
    TwoValued,
    ZeroInflated,
)

KINDS: dict[str, Kind] = {
    "constant": Kind(
        cells=None,
        seen=lambda x, block: x[..., :0],
        title="constant",
        emitted=lambda column: 0,
        width=lambda column: 0,
    ),
    "gaussian": warped("Gaussian", straight, standardised=True),
    "johnson": warped("Johnson S_U", johnson, fits=bends, standardised=True),
    "lognormal": warped("log-normal", logarithm, "numbers above 0", 1.0, ends=(0.0, math.inf)),
    "logitnormal": warped("logit-normal", logit, "numbers between 0 and 1", 0.5, ends=(0.0, 1.0)),
    "binary": Kind(
        cells=lambda out, log_scale, block: TwoValued(out[..., 0] + block.centre),
        seen=lambda x, block: 2.0 * x - 1.0,
        title="two-valued",
        takes=is_whole,
        sees=anything,
        words="one of two values",
        # A logit moves the mean 2p − 1 by 2p(1 − p).
        gain=lambda mean: 2.0 / (1.0 - mean**2).clamp_min(RAREST),
    ),
    "categorical": Kind(
        cells=lambda out, log_scale, block: Categories((out + block.shape).masked_fill(~block.real, -torch.inf)),
        seen=one_hot,
        title="categorical",
        emitted=lambda column: column.levels,
        width=lambda column: column.levels,
        takes=is_level,
        aligned=True,
        words="classes that the model knows",
        fits=lambda column: len(column.shape) == column.levels > 0,
        # All logits that move by δ_k / p_k move the shares by δ.
        gain=lambda mean: 1.0 / mean.clamp_min(RAREST),
    ),
    "ordinal": Kind(
        cells=lambda out, log_scale, block: Ordinal(
            block.centre + block.spread * out[..., 0],
            0.5 * log_scale + block.spread.log() + LOGISTIC,
            block.levels,
            block.most_levels,
        ),
        seen=lambda x, block: (x - block.centre) / block.spread,
        title="ordinal",
        takes=is_whole,
        sees=anything,
        words="whole steps such as those in training",
        fits=lambda column: column.levels > 1 and column.spread > 0.0 and not column.shape,
        spreads=True,
    ),
    "heaped": Kind(
        cells=lambda out, log_scale, block: Heaped(heaped_logits(out[..., 0], log_scale, block)),
        seen=score_of,
        title="whole steps with heaps",
        # A step's mass over its width, so that it can stand beside a density of the same column.
        continuous=True,
        takes=is_whole,
        sees=anything,
        words="whole steps such as those in training",
        fits=lambda column: len(column.shape) == column.levels > 1,
        spreads=True,
        worked_out=heaps,
    ),
    "poisson": counts("Poisson", lambda mean, scale, out: Poisson(mean)),
    "negative_binomial": counts(
        "negative binomial",
        lambda mean, scale, out: NegativeBinomial(mean, scale),
        told=dispersion,
        symbol="α",
    ),
    "zero_inflated": counts(
        "zero-inflated negative binomial",
        lambda mean, scale, out: ZeroInflated(out[..., 1] + OWN_ZEROS, NegativeBinomial(mean, scale)),
        emitted=2,
        told=dispersion,
        symbol="α",
    ),
    "student_t": Kind(
        cells=lambda out, log_scale, block: of_variance(out[..., 0], log_scale, freedom(out[..., 1])),
        seen=lambda x, block: x,
        title="Student t",
        continuous=True,
        standardised=True,
        spreads=True,
        free=1,
        told=lambda log_scale, free: freedom(free).exp(),
        symbol="ν",
    ),
    "spiked_gaussian": spiked("Gaussian", lambda block: Line(block.centre, block.spread)),
    "spiked_johnson": spiked("Johnson S_U", lambda block: JohnsonSU(*block.shape[:, 1:].unbind(-1)), 4),
    "spiked_lognormal": spiked(
        "log-normal",
        logarithm,
        words="the value that comes most often, and larger ones",
    ),
    "laplace": Kind(
        cells=lambda out, log_scale, block: Laplace(out[..., 0], log_scale),
        seen=lambda x, block: x,
        title="Laplace",
        continuous=True,
        standardised=True,
        spreads=True,
    ),
}
