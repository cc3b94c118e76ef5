"""Counts given the size of their row."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from aevum.distributions import (
    Columns,
    Group,
    NegativeBinomial,
    Poisson,
    Sized,
    draw,
    given_row,
    log_prob_of_values,
    mixed,
    noise_shape,
)

F64 = torch.float64
PLACES, SHARES = torch.arange(3), torch.tensor([[0.2, 0.5, 0.3]], dtype=F64)
SIZES = torch.tensor([4.0, 10.0, 50.0], dtype=F64)
ROW = torch.tensor([[3.0, 0.0, 9.0]], dtype=F64)


def sized(dispersion: float | None = None, shares: torch.Tensor = SHARES) -> Sized:
    def at(log_size: torch.Tensor) -> list[Group]:
        mean = shares.log() + log_size.unsqueeze(-1)
        alpha = torch.full((3,), dispersion or 1.0, dtype=F64).log()
        return [Group(PLACES, Poisson(mean) if dispersion is None else NegativeBinomial(mean, alpha))]

    return Sized(at, shares.log(), PLACES, SIZES)


def test_poissons_are_a_multinomial_times_the_poisson_of_their_sum() -> None:
    exact = stats.multinomial.logpmf(ROW[0].numpy(), 12, SHARES[0].numpy()) + stats.poisson.logpmf(12, 12.0)
    assert float(sized().log_prob(ROW)) == pytest.approx(exact, abs=1e-9)


def test_negative_binomials_have_the_means_of_their_size() -> None:
    r, mean = 1.0 / 0.4, 12.0 * SHARES[0].numpy()
    exact = stats.nbinom.logpmf(ROW[0].numpy(), r, r / (r + mean))
    assert float(sized(0.4).log_prob(ROW)) == pytest.approx(exact.sum(), abs=1e-9)
    each = log_prob_of_values(sized(0.4), ROW)
    assert each is not None
    np.testing.assert_allclose(each[0], exact, atol=1e-9)


@pytest.mark.parametrize("dispersion", [None, 0.4])
def test_given_a_size_the_masses_of_all_rows_sum_to_one(dispersion: float | None) -> None:
    """And so they don't with each row's own size, which says nothing of how large a row is."""
    every = torch.cartesian_prod(*[torch.arange(60.0, dtype=F64)] * 3)
    p = sized(dispersion)
    given = p.given(torch.tensor([[2.0, 3.0, 1.0]], dtype=F64))
    assert float(given.log_prob(every).exp().sum()) == pytest.approx(1.0, abs=1e-4)
    assert float(p.log_prob(every).exp().sum()) > 3.0


def test_missing_counts_add_nothing_and_take_their_share_of_the_size() -> None:
    row = torch.tensor([[3.0, torch.nan, 9.0]], dtype=F64)
    p = sized()
    whole = torch.tensor([[0.0, 24.0, 0.0]], dtype=F64)  # 12 of the shares that are there, 0.2 + 0.3
    torch.testing.assert_close(p.log_size(row), p.log_size(whole))
    cells = log_prob_of_values(p.given(whole), torch.tensor([[3.0, 0.0, 9.0]], dtype=F64))
    assert cells is not None
    assert float(p.log_prob(row)) == pytest.approx(float(cells[0, 0] + cells[0, 2]))
    nothing = torch.full((1, 3), torch.nan, dtype=F64)
    assert float(p.log_prob(nothing)) == 0.0 and p.given(nothing).mean.sum() == pytest.approx(10.0)


def test_a_row_of_zeros_is_all_but_certain() -> None:
    assert float(sized(0.4).log_prob(torch.zeros(1, 3, dtype=F64))) == pytest.approx(0.0, abs=2e-3)


def test_without_a_row_it_is_one_of_the_median_size() -> None:
    p = sized()
    torch.testing.assert_close(p.mean, 10.0 * SHARES)
    torch.testing.assert_close(given_row(p, ROW).mean, 12.0 * SHARES)
    assert given_row(Columns([Group(PLACES, Poisson(SHARES))], torch.Size([1])), ROW).mean.shape == (1, 3)


def test_draws_have_the_sizes_of_rows_and_are_a_function_of_noise() -> None:
    p = sized()
    assert noise_shape(p) == (4,)
    few, many = (draw(p, (n,), torch.Generator().manual_seed(3)) for n in (5, 6000))
    torch.testing.assert_close(many[:5], few, rtol=0, atol=0)
    sums = many[:, 0].sum(-1)
    assert float(sums.mean()) == pytest.approx(64.0 / 3.0, abs=1.5)
    spread = SIZES.mean() + SIZES.var(correction=0)
    assert float(sums.var()) == pytest.approx(float(spread), rel=0.1)
    assert p.sample((7,), torch.Generator().manual_seed(0)).shape == (7, 1, 3)


def test_several_draws_of_a_code_share_a_row() -> None:
    shares = torch.stack([SHARES, SHARES.flip(-1)])  # (K, N, D)
    p = sized(0.4, shares)
    each = torch.stack([sized(0.4, one).log_prob(ROW) for one in shares])
    torch.testing.assert_close(p.log_prob(ROW), each)
    weights = torch.tensor([[0.25], [0.75]], dtype=F64)
    expected = 12.0 * (0.25 * shares[0] + 0.75 * shares[1])
    torch.testing.assert_close(mixed(given_row(p, ROW), weights), expected)
