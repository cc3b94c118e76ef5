"""Flows have a density that integrates to one, and draw what it says."""

from __future__ import annotations

import sys

import pytest
import torch

from aevum.conditionals import FlowConditional
from aevum.distributions import draw, draw_with_density, from_noise, noise_shape
from aevum.errors import InputError
from aevum.networks import MLP
from aevum.posteriors import FlowPosterior

pytest.importorskip("zuko")
KINDS = [(kind, form) for kind in ("spline", "affine") for form in ("autoregressive", "coupling")]


def grid(most: float, steps: int) -> tuple[torch.Tensor, float]:
    line = torch.linspace(-most, most, steps)
    return torch.cartesian_prod(line, line), float(line[1] - line[0]) ** 2


def strong(flow: FlowConditional) -> FlowConditional:
    """Far from where it starts, so that it bends."""
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.mul_(1.5)
    return flow


@pytest.mark.parametrize(("kind", "form"), KINDS)
@pytest.mark.parametrize("context", [0, 3])
def test_density_integrates_to_one(kind: str, form: str, context: int) -> None:
    torch.manual_seed(1)
    flow = strong(FlowConditional(2, context, kind=kind, form=form, transforms=2, width=16))
    p = flow(torch.tensor([0.5, -1.0, 2.0])) if context else flow()
    z, cell = grid(12.0, 601)
    with torch.no_grad():
        assert float(p.log_prob(z).exp().sum()) * cell == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_density_of_draws_is_that_of_their_values(kind: str, form: str) -> None:
    torch.manual_seed(1)
    p = strong(FlowConditional(3, 2, kind=kind, form=form))(torch.randn(4, 2))
    noise = torch.randn(5, 4, *noise_shape(p))
    z, log_p = draw_with_density(p, (5,), noise=noise)
    assert log_p is not None and z.shape == (5, 4, 3)
    assert torch.allclose(log_p, p.log_prob(z), atol=1e-3)


def test_draws_follow_the_density() -> None:
    torch.manual_seed(1)
    p = strong(FlowConditional(2, transforms=2, width=16))()
    z, cell = grid(12.0, 601)
    with torch.no_grad():
        mass = p.log_prob(z).exp() * cell
        drawn = draw(p, (20_000,), torch.Generator().manual_seed(0))
    mean = (mass[:, None] * z).sum(0)
    deviation = (mass[:, None] * (z - mean).square()).sum(0).sqrt()
    assert bool(((drawn.mean(0) - mean).abs() < 0.05 * deviation).all())
    assert bool(((drawn.std(0) / deviation - 1.0).abs() < 0.05).all())


def test_fewer_draws_are_the_beginning_of_more() -> None:
    torch.manual_seed(0)
    p = FlowConditional(3)()
    few, many = (draw(p, (n,), torch.Generator().manual_seed(3)).detach() for n in (5, 50))
    assert torch.allclose(few, many[:5], atol=1e-5)


def test_density_does_not_depend_on_the_precision_of_training() -> None:
    torch.manual_seed(0)
    p, z = strong(FlowConditional(4))(), torch.randn(50, 4)
    exact = p.log_prob(z)
    with torch.autocast("cpu", torch.bfloat16):
        assert bool((p.log_prob(z) == exact).all())


def test_a_posterior_of_identity_transforms_is_the_encoders_gaussian() -> None:
    torch.manual_seed(0)
    network = MLP((6,), (2,), parameters=FlowPosterior.per_value)
    posterior = FlowPosterior(network, FlowConditional(2, 2, kind="affine", form="coupling", transforms=2))
    with torch.no_grad():
        for parameter in posterior.flow.parameters():
            parameter.zero_()
    x = torch.randn(5, 6)
    mean, log_variance, _ = network(x).unbind(-2)
    noise = torch.randn(5, 2)
    assert torch.allclose(from_noise(posterior(x), noise), mean + (0.5 * log_variance).exp() * noise, atol=1e-6)


def test_without_zuko_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zuko", None)
    with pytest.raises(InputError, match=r"pip install 'aevum\[flows\]'"):
        FlowConditional(2)
