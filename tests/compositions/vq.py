"""VQ-VAE: *Neural discrete representation learning*, A. van den Oord, O. Vinyals, K. Kavukcuoglu, NeurIPS 2017."""

import torch
from torch import nn
from torch.distributions import Distribution

import aevum
from aevum.conditionals import Conditional
from aevum.distributions import from_noise, nearest, noise_shape, quantiles
from aevum.estimators import LatentVariableEstimator, WeightedRate, parameter
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO


class Points(Distribution):
    """Probabilities on points ``(K, D)``: a law of codes that knows no others."""

    arg_constraints = {}  # noqa: RUF012

    def __init__(self, points, logits):
        self.points, self.log_masses = points, logits.log_softmax(-1)
        super().__init__(torch.Size(), points.shape[-1:], validate_args=False)

    @property
    def mean(self):
        return self.log_masses.exp() @ self.points

    @property
    def stddev(self):
        return (self.log_masses.exp() @ (self.points - self.mean).square()).sqrt()

    def index(self, z):
        return (z.unsqueeze(-2) - self.points).square().sum(-1).argmin(-1)

    def sample(self, sample_shape=()):
        return self.points[torch.multinomial(self.log_masses.exp(), max(1, sample_shape.numel()), True)].reshape(
            *sample_shape, *self.event_shape
        )

    def log_prob(self, value):
        return self.log_masses[self.index(value)]


class Codeword(Distribution):
    """All mass on the point nearest to what the encoder emitted, with gradients as if it were that."""

    arg_constraints = {}  # noqa: RUF012
    has_rsample = True

    def __init__(self, emitted, points):
        self.emitted = emitted
        self.point = points[Points(points, points[:, 0]).index(emitted)]
        super().__init__(emitted.shape[:-1], emitted.shape[-1:], validate_args=False)

    @property
    def mean(self):
        return self.point.detach() + (self.emitted - self.emitted.detach())

    @property
    def stddev(self):
        return torch.zeros_like(self.point)

    def rsample(self, sample_shape=()):
        return self.mean.expand(*sample_shape, *self.point.shape)

    def log_prob(self, value):
        return (value == self.point).all(-1).to(self.point.dtype).log()


@from_noise.register
def _(q: Codeword, noise):
    return q.rsample(noise.shape[: noise.ndim - q.point.ndim])


@noise_shape.register
def _(q: Codeword):
    return (0,)


@nearest.register
def _(p: Points, z):
    return p.points[p.index(z)]


@quantiles.register
def _(p: Points, d, shares):
    order = p.points[:, d].argsort()
    place = torch.searchsorted(p.log_masses.exp()[order].cumsum(0).double(), shares.double().to(order.device))
    return p.points[order, d].double()[place.clamp(max=len(order) - 1)]


class Codebook(Conditional):
    """p(z) on the codebook's points, which follow the codes that fall to them by running means."""

    def __init__(self, size, latent_dim, decay):
        super().__init__()
        self.decay, self.logits = decay, nn.Parameter(torch.zeros(size))
        self.register_buffer("points", torch.zeros(size, latent_dim))
        self.register_buffer("counts", torch.ones(size))

    def forward(self, *context):
        return Points(self.points, self.logits)

    @torch.no_grad()
    def follow(self, z):
        chosen = nn.functional.one_hot(self().index(z), len(self.counts)).to(z.dtype)
        sums = torch.lerp(chosen.T @ z, self.points * self.counts[:, None], self.decay)
        self.counts.lerp_(chosen.sum(0), 1.0 - self.decay)
        self.points.copy_(sums / self.counts[:, None].clamp_min(1e-6))


class Quantised(Conditional):
    """q(z|x) on one point of the codebook."""

    def __init__(self, network, codebook):
        super().__init__()
        self.network, self.codebook = network, codebook

    def prepare(self, x, y, rows):
        points = self.codebook.points
        points.copy_(self.network(x).squeeze(-2)[torch.arange(len(points)) % len(x)])

    def forward(self, *context):
        return Codeword(self.network(*context).squeeze(-2), self.codebook.points)


class Quantisation(ELBO):
    """The ELBO, and what keeps emitted codes near their points."""

    def __init__(self, commitment):
        super().__init__()
        self.commitment = commitment

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        terms = super().forward(model, x, y, beta=beta, generator=generator)
        q = model.infer(x, y)
        commitment = (q.emitted - q.point.detach()).square().sum(-1)
        if self.training:
            model.prior.follow(q.emitted.detach().float())
        return terms._replace(loss=terms.loss + self.commitment * commitment, extras={"commitment": commitment})


@aevum.register
class VQ(WeightedRate, LatentVariableEstimator):
    """VAE with codes from a learned codebook."""

    size: int = parameter(default=12, text="points of the codebook.")
    decay: float = parameter(default=0.9, text="of the points' running means.")
    commitment: float = parameter(default=1.0, text="weight of the commitment.")

    def _compose(self, parts, encoding):
        codebook = Codebook(self.size, parts.latent_dim, self.decay)
        posterior = Quantised(parts.encoder(self.network, 1), codebook)
        model = LatentVariableModel(posterior, codebook, parts.decoder(self.network, encoding))
        return model, Quantisation(self.commitment)
