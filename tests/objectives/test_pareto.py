"""The tail index of importance weights: against draws of known index, and a proposal of which it is known."""

import numpy as np
import pytest
import torch
from scipy.stats import genpareto

from aevum.objectives import pareto_shape


@pytest.mark.parametrize("k", [-0.3, 0.2, 0.7, 1.2])
def test_draws_of_a_generalized_pareto_have_its_shape(k):
    w = genpareto.rvs(k, size=(5000, 200), random_state=np.random.RandomState(0))
    found = pareto_shape(torch.tensor(w).log()).numpy()
    prior = 10 / (10 + 3 * 5000**0.5)  # draws it towards ½
    assert found.mean() == pytest.approx((1 - prior) * k + prior * 0.5, abs=0.03)
    assert found.std() < 1.3 * (1 + max(k, 0)) / (3 * 5000**0.5) ** 0.5  # a maximum likelihood estimate's, about


@pytest.mark.parametrize("ratio", [0.3, 0.6, 0.95])
def test_a_narrow_gaussian_proposal_has_the_index_of_its_closed_form(ratio):
    """w = p/q with σ_q = r σ_p: P(w > t) falls as t^(−1/k) with k = 1 − r², but for logarithms."""
    z = ratio * torch.randn(5000, 300, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    log_w = -0.5 * z**2 + 0.5 * (z / ratio) ** 2 + np.log(ratio)
    found = pareto_shape(log_w)
    assert float(found.mean()) == pytest.approx(1 - ratio**2, abs=0.12)
    assert bool((found.median() > 0.7) == (1 - ratio**2 > 0.7))


def test_edge_cases_are_numbers_but_for_too_few_draws():
    assert pareto_shape(torch.zeros(10, 3)).isnan().all()
    assert (pareto_shape(torch.zeros(100, 3)) == 0).all()
    assert (pareto_shape(torch.full((100, 2), -torch.inf)) == torch.inf).all()
    one = torch.full((100, 1), -1e9)
    one[3] = 0.0
    assert float(pareto_shape(one)) > 0.7
    shifted = torch.randn(400, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(pareto_shape(shifted), pareto_shape(shifted + 1000.0), rtol=1e-3, atol=1e-3)


def test_each_row_has_the_index_of_its_own_weights():
    w = torch.randn(400, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.1, 1.0, 4.0])
    alone = torch.cat([pareto_shape(w[:, [i]]) for i in range(3)])
    torch.testing.assert_close(pareto_shape(w), alone)
    assert float(alone.diff().min()) > 0.1  # the wider the logarithms, the heavier the tail
    assert pareto_shape(w[:25]).isfinite().all() and pareto_shape(w[:24]).isnan().all()
