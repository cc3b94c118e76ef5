"""Whole steps with heaps: at μ = 0 and σ = 1 their shares in training, and richer than any density where heaps are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from aevum import VAE
from aevum.conditionals import Column
from aevum.conditionals.blocks import blocks_of
from aevum.fitted.choosing import choose
from aevum.fitted.heaps import log_shares, steps_of

RANDOM = np.random.default_rng(0)
Z = RANDOM.normal(size=1500)
AGES = np.where(RANDOM.random(1500) < 0.6, np.round(40.0 + 12.0 * Z), 5.0 * np.round((40.0 + 12.0 * Z) / 5.0))


def block_of(values):
    (block,) = blocks_of(choose(values[:, None], np.arange(len(values))))
    assert block.kind == "heaped"
    return block


def test_where_a_decoder_begins_every_step_has_its_share():
    block = block_of(AGES)
    cells = block.cells(torch.zeros(1, 1), torch.zeros(1))
    counts = np.bincount((AGES - AGES.min()).astype(int))
    np.testing.assert_allclose(cells.nodes()[1][:, 0, 0], log_shares(counts), atol=1e-5)
    assert float(cells.mean) == pytest.approx((AGES - AGES.min()).mean(), abs=0.5)


def test_what_an_encoder_sees_is_standardised_and_ordered():
    block = block_of(AGES)
    levels = torch.from_numpy(AGES - AGES.min())[:, None].float()
    seen = block.seen(levels)
    assert float(seen.mean()) == pytest.approx(0.0, abs=0.02) and float(seen.std()) == pytest.approx(1.0, abs=0.02)
    every = block.seen(torch.arange(-3.0, 100.0, 0.25)[:, None])[:, 0]
    assert bool((every.diff() >= 0.0).all()) and float(block.seen(torch.tensor([[torch.nan]]))) == 0.0
    between = block.seen(torch.tensor([[10.0], [10.5], [11.0]]))
    assert float(between[1]) == pytest.approx(float(between[::2].mean()), abs=1e-6)


@pytest.mark.parametrize(("location", "log_variance"), [(1.5, -2.0), (-1.0, -1.0), (0.5, 0.0)])
def test_a_column_without_heaps_is_a_gaussian_in_steps(location, log_variance):
    """Where the shares are those of N(0, 1) in narrow steps, N(μ, σ²) is in these steps what it is."""
    edges = np.linspace(-6.0, 6.0, 122)
    normal = torch.distributions.Normal(0.0, 1.0)
    steps = torch.from_numpy(np.diff(normal.cdf(torch.from_numpy(edges)).numpy())).log()
    (block,) = blocks_of([Column("heaped", shape=tuple(steps.tolist()), levels=121)])
    found = block.cells(torch.full((1, 1), location), torch.full((1,), log_variance)).nodes()[1][:, 0, 0]
    wanted = torch.distributions.Normal(location, np.exp(0.5 * log_variance))
    middles = torch.from_numpy((edges[:-1] + edges[1:]) / 2)
    np.testing.assert_allclose(found.exp(), wanted.log_prob(middles).exp() * 12.0 / 121.0, atol=2e-3)


def test_a_step_counts_as_a_density_over_its_width():
    """So it stands beside a Gaussian of the same column, and a change of units changes it as it does that."""
    rows, a = np.column_stack([AGES, Z]), 10.0
    vaes = [VAE(1, hidden=4, epochs=1, random_state=0).fit(each) for each in (rows, a * rows)]
    assert [vae.encoding_.columns[0].kind for vae in vaes] == ["heaped"] * 2
    first, other = vaes[0].score_samples(rows, k=10), vaes[1].score_samples(a * rows, k=10)
    np.testing.assert_allclose(other, first - 2.0 * np.log(a), atol=1e-3)


def test_steps():
    assert steps_of(np.array([0.1, 0.2, 0.4]), 20, 0.5) == (0.1, pytest.approx(0.1), 4)
    assert steps_of(np.array([0.0, 1.0, 100.0]), 128, 0.25) is None  # few of the steps occur
    assert steps_of(np.array([0.0, 1.0, 1.3]), 128, 0.25) is None
    assert steps_of(np.arange(200.0), 128, 0.25) is None


def test_draws_have_the_heaps_and_new_steps_are_not_impossible():
    frame = pd.DataFrame({"age": AGES.astype(int), "size": np.round(Z + 0.3 * RANDOM.normal(size=1500), 2)})
    frame = frame.assign(tall=np.where(Z > 0.0, "yes", "no"))
    vae = VAE(1, hidden=8, epochs=2, random_state=0).fit(frame)
    drawn = vae.sample(3000, random_state=0)
    assert (drawn["age"].dtype, drawn["size"].dtype) == (frame["age"].dtype, frame["size"].dtype)
    assert (drawn["age"] % 5 == 0).mean() == pytest.approx((frame["age"] % 5 == 0).mean(), abs=0.05)
    assert (drawn["size"] == drawn["size"].round(2)).all() and drawn["age"].between(AGES.min(), AGES.max()).all()
    assert np.corrcoef(drawn["age"], drawn["size"])[0, 1] > 0.8
    beyond = frame[:2].assign(age=[frame["age"].max() + 2, 40])
    assert np.isfinite(vae.score_samples(beyond, k=20)).all()
