"""zuko's normalizing flows as posteriors and priors: imported when the first of them is drawn from."""

from __future__ import annotations

from torch import Tensor
from zuko.distributions import NormalizingFlow

from aevum.distributions.drawing import from_noise, from_noise_with_density, noise_shape


@noise_shape.register
def _(q: NormalizingFlow) -> tuple[int, ...]:
    return noise_shape(q.base)


@from_noise.register
def _(q: NormalizingFlow, noise: Tensor) -> Tensor:
    z: Tensor = q.transform.inv(from_noise(q.base, noise))
    return z


@from_noise_with_density.register
def _(q: NormalizingFlow, noise: Tensor) -> tuple[Tensor, Tensor | None]:
    u = from_noise(q.base, noise)
    z, stretch = q.transform.inv.call_and_ladj(u)
    stretch = stretch.sum(dim=tuple(range(-q.reinterpreted, 0))) if q.reinterpreted else stretch
    return z, q.base.log_prob(u) - stretch
