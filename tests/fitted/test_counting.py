"""Which tables are matrices of counts."""

from __future__ import annotations

import numpy as np
import pytest

from aevum.fitted.counting import LEVELS, counted

RANDOM = np.random.default_rng(0)
RATES = np.exp(RANDOM.normal(-0.5, 1.2, 40))
Z = RANDOM.normal(size=(300, 1))
TABLES = {
    "poisson": RANDOM.poisson(RATES, (300, 40)),
    "negative_binomial": RANDOM.poisson(RATES * RANDOM.gamma(1.0, 1.0, (300, 40))),
    "zero_inflated_negative_binomial": RANDOM.poisson(8.0 * RATES.clip(0.5), (300, 40))
    * (RANDOM.random((300, 40)) < 0.5),
}
OTHERS = {
    "answers": np.clip(np.round(2.0 + Z + RANDOM.normal(size=(300, 40))), 0, 4),
    "flags and one count": np.column_stack([RANDOM.integers(0, 2, (300, 39)), RANDOM.poisson(3.0, 300)]),
    "large whole numbers": RANDOM.integers(18, 80, (300, 40)),
    "negative": RANDOM.integers(-3, 4, (300, 40)),
    "fractions": RANDOM.normal(size=(300, 40)),
    "few columns": RANDOM.poisson(2.0, (300, 8)),
    "few rows": RANDOM.poisson(RATES, (30, 40)),
}


@pytest.mark.parametrize("name", TABLES)
def test_counts_are_of_the_law_that_they_were_drawn_from(name):
    found = counted(TABLES[name])
    assert found is not None and found[0] == name and "held out" in found[1]
    gaps = np.where(RANDOM.random((300, 40)) < 0.1, np.nan, TABLES[name])
    again = counted(gaps)
    assert again is not None and again[0] == name


@pytest.mark.parametrize("name", OTHERS)
def test_other_tables_are_none(name):
    assert counted(OTHERS[name]) is None


def test_shares_of_levels_sum_to_one():
    shares = LEVELS.fit(np.array([0.0, 1.0, 1.0, 4.0]))
    assert np.exp(shares).sum() == pytest.approx(1.0) and len(shares) == 6
    assert LEVELS.log_density(shares, np.array([1.0, 9.0])) == pytest.approx(np.log([2.5 / 7.0, 0.5 / 7.0]))


@pytest.mark.parametrize("seed", range(3))
def test_a_small_matrix_of_counts_is_one(seed):
    random = np.random.default_rng(seed)
    rates = np.exp(0.5 * random.normal(size=(500, 1)) + np.linspace(0.0, 2.0, 6))
    x = random.poisson(rates)
    assert counted(x) is not None
    other = x.copy()
    other[:, 0] = random.integers(0, 2, 500)
    assert counted(other) is None  # a column of two values is none of counts
    other[:, 0] = random.integers(20, 70, 500)
    assert counted(other) is None  # nor is one of ages
    assert counted(x[:, :3]) is None
