"""Counts: *Deep generative modeling for single-cell transcriptomics*, R. Lopez et al., Nature Methods 2018, with a
Poisson likelihood.
"""

import numpy as np
import torch
from torch import nn
from torch.distributions import Independent, Poisson

import aevum
from aevum import VAE
from aevum.conditionals import Conditional
from aevum.encoding import Encoding
from aevum.fitted import Family


class LogOfCount(nn.Module):
    """(log(1 + x) − mean) / deviation, of all counts."""

    def __init__(self, mean, deviation):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))

    def forward(self, x):
        return (x.log1p() - self.mean) / self.deviation


class Counts(Encoding):
    """Counts as they are, of which the encoder sees the logarithm."""

    varies = False

    def __init__(self, mean=0.0, deviation=1.0):
        super().__init__()
        self.view = LogOfCount(mean, deviation)

    def forward(self, rows):
        return rows.float()

    def inverse(self, x):
        return x

    def spread(self, x):
        return x

    def log_derivative(self, x):
        return x.new_zeros(())

    def event(self, shape):
        return shape

    def to_config(self):
        return {}

    @classmethod
    def from_config(cls, config, where, shape):
        return cls()


class PoissonConditional(Conditional):
    """p(x|z) = Π Poisson(x_d; rate(z)_d)."""

    def __init__(self, network, dims):
        super().__init__()
        self.network, self.dims = network, dims

    def forward(self, *context):
        log_rate = self.network(*context).squeeze(-1 - self.dims).clamp(-20.0, 20.0)
        return Independent(Poisson(log_rate.exp(), validate_args=False), self.dims)


def encode(x, rows, top):
    """The encoding of these counts."""
    logs = np.log1p(x[rows])
    return Counts(float(logs.mean()), float(logs.std()) or 1.0)


def complaint(x, top, binarize):
    """Why they are no counts, or None."""
    return None if (x == np.round(x)).all() else "likelihood 'counted' is for counts, and these have fractions"


aevum.register_likelihood(
    "counted",
    Family(
        build=lambda network, scale, dims, encoding: PoissonConditional(network, dims),
        encode=encode,
        complaint=complaint,
        encoding=Counts,
    ),
)


@aevum.register
class CountVAE(VAE):
    """VAE of counts."""

    likelihood: str = "counted"
