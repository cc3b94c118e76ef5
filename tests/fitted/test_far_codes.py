"""Training codes that lie far from 0, and hardly differ: an auto-encoder's law of them is still one."""

import warnings

import numpy as np
import pytest
import torch

from aevum import AE
from aevum.fitted.fitted import evaluating
from aevum.fitted.law import CodesLaw


@pytest.mark.parametrize("size", [0.0, 1e-30, 1.0, 1e6, 1e19, 3e38])
@pytest.mark.parametrize("differ", [0.0, 1e-7, 0.5])
def test_draws_lie_where_codes_do(size, differ):
    codes = np.full((24, 2), size, np.float32)
    codes[::2] *= np.float32(1 - differ)
    drawn = CodesLaw(codes, 0).sample(200, torch.Generator(), 0)
    away = np.abs(drawn - codes.mean(axis=0, dtype=np.float64)).max()
    assert np.isfinite(drawn).all() and away <= max(1e-4, 6 * (differ + 1e-6) * size)


def test_a_model_whose_codes_are_all_far_out_samples():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ae = AE(2, hidden=8, epochs=1, random_state=0).fit(np.random.default_rng(0).normal(size=(24, 4)))
    before = ae.sample(3, random_state=0)
    ae.fitted_.codes[...] = 1e19
    ae.fitted_._law_of_codes = None
    assert before.shape == ae.sample(3, random_state=0).shape


def test_every_part_of_a_model_is_in_evaluation_mode():
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.Dropout(0.5))).eval()
    model[1][0].train()  # the whole says that it is in none
    evaluating(model)
    assert not any(part.training for part in model.modules())
