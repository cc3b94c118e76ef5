"""The encoding of rows whose values have one shift and scale, or each column its own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from aevum.encoding import Affine

ROWS = torch.tensor([[1.0, 200.0, 3.0], [2.0, torch.nan, 4.0], [torch.nan, torch.nan, 5.0]], dtype=torch.float64)


def test_a_missing_cell_has_no_unit() -> None:
    """A column's unit changes: rows that lack its cell keep their log-determinant, the others get −log of it."""
    shift, scale = torch.tensor([1.0, 100.0, 3.0]), torch.tensor([2.0, 50.0, 0.5])
    before, after = Affine(shift, scale), Affine(shift * torch.tensor([1, 1000, 1]), scale * torch.tensor([1, 1000, 1]))
    x = before(ROWS)
    assert torch.equal(before.mask(x), ~ROWS.isnan())
    moved = after(ROWS * torch.tensor([1, 1000, 1]))
    torch.testing.assert_close(moved, x, equal_nan=True)
    difference = after.log_abs_det(moved) - before.log_abs_det(x)
    torch.testing.assert_close(difference, -np.log(1000.0) * torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64))
    torch.testing.assert_close(before.inverse(x), ROWS, equal_nan=True)


def test_one_scale_counts_the_values_that_there_are() -> None:
    one = Affine(torch.tensor(0.0), torch.tensor(4.0))
    found = one.log_abs_det(one(ROWS))
    torch.testing.assert_close(found, -np.log(4.0) * torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64))


def test_its_config_makes_it_again() -> None:
    first = Affine(torch.zeros(3), torch.ones(3), torch.tensor([False, True, False]))
    config = first.to_config()
    assert config == {"shape": [3], "constant": [1]}
    again = Affine.from_config(config, "encoding", (3,))
    again.load_state_dict(first.state_dict())
    torch.testing.assert_close(again(ROWS[:1]), first(ROWS[:1]))
    with pytest.raises(ValueError, match="shape is"):
        Affine.from_config({"shape": [4], "constant": []}, "encoding", (3,))
    with pytest.raises(ValueError, match="constant columns"):
        Affine.from_config({"shape": [], "constant": [1]}, "encoding", (3,))
