"""KL(q ‖ p) where it has a closed form: of all dimensions together, and of each where they are independent."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, MultivariateNormal, Normal, kl_divergence, register_kl

from aevum.distributions.events import sum_event
from aevum.distributions.gaussian import Gaussian


def exact_divergence(q: Distribution, p: Distribution) -> Tensor | None:
    """KL(q ‖ p) of each batch entry in nats, or None where no closed form is known.

    Example:
        >>> import torch
        >>> p = Gaussian(torch.zeros(2), torch.zeros(2))
        >>> q = MultivariateNormal(torch.ones(3, 2), torch.tensor([[1.0, 0.6], [0.6, 1.0]]))
        >>> [round(float(rate), 4) for rate in exact_divergence(q, p)]  # ½ (2 − log 0.64)
        [1.2231, 1.2231, 1.2231]
    """
    if (rate := divergence_of_dimensions(q, p)) is not None:
        return sum_event(rate, 1)
    if isinstance(q, MultivariateNormal) and (gaussian := as_gaussian(p)) is not None:
        return _full_from_diagonal(q, gaussian)
    try:
        return kl_divergence(q, p)
    except NotImplementedError:
        return None


def divergence_of_dimensions(q: Distribution, p: Distribution) -> Tensor | None:
    """KL(q_d ‖ p_d) of each dimension, ``(*batch, D)``: its sum is KL(q ‖ p). None where the dimensions are not
    independent under both, or no closed form is known.
    """
    posterior, prior = as_gaussian(q), as_gaussian(p)
    return None if posterior is None or prior is None else gaussian_rate(posterior, prior)


def as_gaussian(p: Distribution) -> Gaussian | None:
    """A Gaussian over vectors with a diagonal covariance, in whatever class it comes; None for all else."""
    if isinstance(p, Gaussian):
        return p if p.event_dim == 1 else None
    if isinstance(p, Independent) and isinstance(p.base_dist, Normal) and len(p.event_shape) == 1:
        return Gaussian(p.base_dist.loc, 2.0 * p.base_dist.scale.log())
    return None


def gaussian_rate(q: Gaussian, p: Gaussian) -> Tensor:
    r"""KL(q ‖ p) of each dimension, ``(*batch, *event)``, in nats.

    .. math:: \tfrac12\big[(\mu_q-\mu_p)^2 e^{-v_p} + \mathrm{expm1}(v_q-v_p) - (v_q-v_p)\big]

    The textbook form, with :math:`e^{v}-1-v` written out, loses all its digits near :math:`v=0` and can turn negative.
    """
    difference = q.log_variance - p.log_variance
    squared = (q.mean - p.mean).square() * (-p.log_variance).exp()
    return 0.5 * (squared + torch.expm1(difference) - difference)


def _full_from_diagonal(q: MultivariateNormal, p: Gaussian) -> Tensor:
    r"""½ [tr(Σ_p⁻¹ Σ_q) + (μ_q − μ_p)ᵀ Σ_p⁻¹ (μ_q − μ_p) − D + log |Σ_p| − log |Σ_q|] with a diagonal Σ_p."""
    precision = (-p.log_variance).exp()
    trace = (q.scale_tril.square().sum(dim=-1) * precision).sum(dim=-1)
    squared = ((q.loc - p.mean).square() * precision).sum(dim=-1)
    log_determinant = 2.0 * q.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)
    own = p.log_variance.expand_as(p.mean).sum(dim=-1)
    return 0.5 * (trace + squared - q.loc.shape[-1] + own - log_determinant)


@register_kl(Gaussian, Gaussian)  # type: ignore[no-untyped-call,untyped-decorator]
def _kl_gaussian_gaussian(q: Gaussian, p: Gaussian) -> Tensor:
    return sum_event(gaussian_rate(q, p), q.event_dim)
