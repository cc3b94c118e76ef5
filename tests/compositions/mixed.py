"""A table of numbers, a category and a count, with missing cells: *Handling incomplete heterogeneous data using VAEs*,
A. Nazabal et al., Pattern Recognition 2020.
"""

import numpy as np
import torch
from torch import nn
from torch.distributions import Distribution, Normal, OneHotCategorical, Poisson

import aevum
from aevum.conditionals import Conditional, GaussianConditional
from aevum.encoding import Encoding
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.fitted import Family
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.priors import StandardNormal

# The columns: two numbers, a category of three, a count; and where they are on the model's scale.
LEVELS = 3
NUMBERS, CATEGORY, COUNT = slice(0, 2), slice(2, 2 + LEVELS), slice(2 + LEVELS, 3 + LEVELS)


class Seen(nn.Module):
    """What the encoder sees: 0 for a missing value, the logarithm of a count, and which values there are."""

    def forward(self, x):
        there = ~x.isnan()
        filled = x.nan_to_num(0.0)
        seen = torch.cat([filled[..., : COUNT.start], filled[..., COUNT].log1p()], -1)
        return torch.cat([seen, there.float()], -1)


class Columns(Encoding):
    """Numbers standardised by what there is of them, the category as a one-hot vector, the count as it is."""

    missing = True

    def __init__(self, shift, scale):
        super().__init__()
        self.view = Seen()
        self.register_buffer("shift", shift.double())
        self.register_buffer("scale", scale.double())

    def forward(self, rows):
        rows = rows.double()
        category = rows[..., 2:3]
        one_hot = (category == torch.arange(LEVELS, device=rows.device)).double()
        one_hot = torch.where(category.isnan(), torch.nan, one_hot)
        return torch.cat([(rows[..., NUMBERS] - self.shift) / self.scale, one_hot, rows[..., 3:]], -1).float()

    def inverse(self, x):
        x = x.double()
        category = x[..., CATEGORY].argmax(-1, keepdim=True).double()
        return torch.cat([x[..., NUMBERS] * self.scale + self.shift, category, x[..., COUNT]], -1)

    def spread(self, x):
        x = x.double()
        return torch.cat([x[..., NUMBERS] * self.scale, x[..., CATEGORY].amax(-1, keepdim=True), x[..., COUNT]], -1)

    def log_derivative(self, x):
        return torch.cat([-self.scale.log(), self.scale.new_zeros(LEVELS + 1)])

    def event(self, shape):
        return (2 + LEVELS + 1,)

    def to_config(self):
        return {}

    @classmethod
    def from_config(cls, config, where, shape):
        return cls(torch.zeros(2), torch.ones(2))


class Row(Distribution):
    """A product over the columns; a value that is missing adds nothing."""

    arg_constraints = {}  # noqa: RUF012

    def __init__(self, emitted, log_scale):
        self.numbers = Normal(emitted[..., NUMBERS], log_scale.exp(), validate_args=False)
        self.category = OneHotCategorical(logits=emitted[..., CATEGORY], validate_args=False)
        self.count = Poisson(emitted[..., COUNT].clamp(-20.0, 20.0).exp(), validate_args=False)
        super().__init__(emitted.shape[:-1], emitted.shape[-1:], validate_args=False)

    @property
    def mean(self):
        return torch.cat([self.numbers.mean, self.category.probs, self.count.mean], -1)

    def sample(self, sample_shape=()):
        return torch.cat([part.sample(sample_shape) for part in (self.numbers, self.category, self.count)], -1)

    def log_prob(self, value):
        there, filled = ~value.isnan(), value.nan_to_num(0.0)
        numbers = self.numbers.log_prob(filled[..., NUMBERS]) * there[..., NUMBERS]
        count = self.count.log_prob(filled[..., COUNT]) * there[..., COUNT]
        category = (self.category.logits.log_softmax(-1) * filled[..., CATEGORY]).sum(-1)
        return numbers.sum(-1) + count.sum(-1) + category


class RowConditional(Conditional):
    """p(x|z), with a σ for each number."""

    def __init__(self, network):
        super().__init__()
        self.network, self.log_scale = network, nn.Parameter(torch.zeros(2))

    def forward(self, *context):
        return Row(self.network(*context).squeeze(-2), self.log_scale)


def complaint(x, top, binarize):
    """Why a table can't be one of these, or None."""
    category, count = (column[~np.isnan(column)] for column in x[:, 2:4].T)
    if not np.isin(category, np.arange(LEVELS)).all():
        return f"column 2 is a category: 0 to {LEVELS - 1}"
    if (count < 0).any() or (count != np.round(count)).any():
        return "column 3 is a count: whole numbers of at least 0"
    return None


def encode(x, rows, top):
    """The numbers' scales, from the cells that there are."""
    numbers = x[rows, NUMBERS]
    return Columns(torch.as_tensor(np.nanmean(numbers, axis=0)), torch.as_tensor(np.nanstd(numbers, axis=0)))


aevum.register_likelihood(
    "mixed",
    Family(
        build=lambda network, scale, dims, encoding: RowConditional(network),
        encode=encode,
        bottom=-np.inf,
        complaint=complaint,
        encoding=Columns,
        continuous=True,
    ),
)


@aevum.register
class Mixed(WeightedRate, LatentVariableEstimator):
    """VAE of a table of several kinds of columns, with missing cells."""

    likelihood: str = "mixed"

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, 2, view=(2 * parts.encoded[0],)))
        prior = StandardNormal(parts.latent_dim)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
