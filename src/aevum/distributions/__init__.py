"""Values: the distributions that PyTorch lacks, or that lose their digits there; and draws from any of them."""

from aevum.distributions import known as known  # what it registers
from aevum.distributions.bernoulli import Bernoulli
from aevum.distributions.cells import Cells
from aevum.distributions.columns import Columns, Group, mixed
from aevum.distributions.continuous_bernoulli import ContinuousBernoulli
from aevum.distributions.counts import NegativeBinomial, Poisson, ZeroInflated
from aevum.distributions.discretized_logistic import DiscretizedLogistic
from aevum.distributions.divergence import as_gaussian, divergence_of_dimensions, exact_divergence
from aevum.distributions.drawing import (
    draw,
    draw_with_density,
    from_noise,
    from_noise_with_density,
    log_density,
    noise_shape,
)
from aevum.distributions.gaussian import Gaussian
from aevum.distributions.lending import InitialisedBy, lent_to_global
from aevum.distributions.levels import Categories, Heaped, Ordinal, TwoValued
from aevum.distributions.mixture import Mixture
from aevum.distributions.point_mass import PointMass
from aevum.distributions.shares import of_rows, sharing
from aevum.distributions.sized import Sized, given_row
from aevum.distributions.spiked import Spiked
from aevum.distributions.summaries import as_vectors, log_prob_of_values, moments, nearest, quantiles, summary
from aevum.distributions.tails import Laplace, StudentT
from aevum.distributions.warped import JohnsonSU, Line, Logarithm, Logit, Straight, Warp, WarpedGaussian

__all__ = [
    "Bernoulli", "Categories", "Cells", "Columns", "ContinuousBernoulli", "DiscretizedLogistic", "Gaussian", "Group",
    "Heaped", "InitialisedBy", "JohnsonSU", "Laplace", "Line", "Logarithm", "Logit", "Mixture", "NegativeBinomial",
    "Ordinal", "PointMass", "Poisson", "Sized", "Spiked", "Straight", "StudentT", "TwoValued", "Warp", "WarpedGaussian",
    "ZeroInflated", "as_gaussian", "as_vectors",
    "divergence_of_dimensions", "draw", "draw_with_density", "exact_divergence", "from_noise",
    "from_noise_with_density", "given_row", "lent_to_global", "log_density", "log_prob_of_values", "mixed", "moments",
    "nearest", "noise_shape", "of_rows", "quantiles", "sharing", "summary",
]  # fmt: skip
