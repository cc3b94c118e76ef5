"""A table whose columns are of several kinds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from aevum.conditionals import KINDS, Column
from aevum.encoding import Table

COLUMNS = (
    Column("gaussian", 10.0, 2.0),
    Column("johnson", 1.0, 4.0, shape=(0.1, 0.5, -0.2, 1.5)),
    Column("lognormal", 0.0, 3.0, spread=0.7),
    Column("logitnormal", centre=0.1, spread=0.9),
    Column("binary", 2.0, 3.0, centre=0.4),
    Column("categorical", shape=(-1.0, -1.2, -1.1), levels=3),
    Column("ordinal", 1.0, 0.5, 2.0, 1.3, levels=5),
    Column("poisson", centre=1.0, spread=0.4),
    Column("negative_binomial", centre=1.0, spread=0.4),
    Column("zero_inflated", centre=0.6, spread=0.8),
    Column("constant", 7.0),
    Column("student_t", 1.0, 5.0),
    Column("laplace", 2.0, 6.0),
    Column("spiked_gaussian", 0.1, 2.0, 0.5, 1.0, shape=(-0.4,)),
    Column("spiked_johnson", 0.1, 4.0, shape=(0.3, 0.1, 0.5, -0.2, 1.5)),
    Column("spiked_lognormal", 0.0, 3.0, spread=0.7, shape=(1.2,)),
    Column("heaped", 20.0, 1.0, shape=(-1.0, -3.0, -2.0, -0.8), levels=4),
)
ROW = [12.0, -3.0, 1.5, 0.3, 5.0, 2.0, 2.5, 4.0, 0.0, 9.0, 7.0, -4.0, 8.0, 0.1, -2.0, 1.1, 22.0]


def test_every_kind_stands_there() -> None:
    assert sorted(column.kind for column in COLUMNS) == sorted(KINDS)


def test_rows_come_back_and_missing_cells_stay_missing() -> None:
    table = Table(COLUMNS, flags=True)
    rows = torch.tensor([ROW, ROW], dtype=torch.float64)
    rows[1, [0, 5, 9]] = torch.nan
    x = table(rows)
    torch.testing.assert_close(table.inverse(x), rows, equal_nan=True, rtol=1e-6, atol=0)
    assert x.dtype == torch.float32 and x[0, 4:7].tolist() == [1.0, 2.0, 3.0]
    units = -np.log([2.0, 4.0, 3.0, 1.0, 5.0, 6.0, 4.0, 3.0])  # and none of the first spiked, which stands at its spike
    torch.testing.assert_close(table.log_abs_det(x), torch.tensor([units.sum(), units[1:].sum()]))


def test_what_the_encoder_sees() -> None:
    for flags in (True, False):
        table = Table(COLUMNS, flags)
        x = table(torch.tensor([ROW, [torch.nan] * 17]))
        assert table.view is not None
        seen = table.view(x)
        assert tuple(seen.shape[1:]) == table.seen((17,)) == (12 + 3 + 6 + 16 * flags,)
        assert float(seen.abs().max()) < 5.0 and bool(seen.isfinite().all())
        assert float(seen[1].abs().max()) == 0.0
        if flags:
            assert float(seen[0, -16:].min()) == 1.0


def test_a_spike_is_one_in_any_number_type() -> None:
    """0.1 in float32 is another number than in float64, and the same value."""
    table = Table([Column("spiked_gaussian", 0.1, 2.0, shape=(0.0,))], flags=False)
    for dtype in (torch.float32, torch.float64):
        assert table(torch.tensor([[0.1], [0.1001]], dtype=dtype))[:, 0].ne(0.0).tolist() == [False, True]
    assert table.inverse(torch.zeros(1, 1)).item() == 0.1
    assert table.view is not None
    assert table.view(torch.tensor([[0.0], [3.0], [torch.nan]])).tolist() == [[1.0, 0.0], [-1.0, 3.0], [0.0, 0.0]]


def test_its_config_makes_it_again() -> None:
    first = Table(COLUMNS, flags=True)
    config = first.to_config()
    again = Table.from_config(config, "encoding", (17,))
    assert again.columns == first.columns and again.flags and again.to_config() == config
    with torch.device("meta"):
        bare = Table.from_config(config, "encoding", (17,))
    torch.testing.assert_close(bare(torch.tensor([ROW])), first(torch.tensor([ROW])))
    with pytest.raises(ValueError, match="17 columns of an example of shape"):
        Table.from_config(config, "encoding", (15,))


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (0, {"scale": 0.0}),
        (0, {"kind": "secret"}),
        (0, {"centre": 1e300}),
        (0, {"levels": 3}),
        (1, {"shape": [0.0, -1.0, 0.0, 1.0]}),
        (2, {"spread": 0.0}),
        (5, {"levels": 4}),
        (5, {"levels": 0, "shape": []}),
        (6, {"levels": 1}),
        (6, {"levels": 2**40}),
        (16, {"levels": 3}),
    ],
)
def test_a_config_that_describes_no_column_is_refused(place: int, change: dict[str, object]) -> None:
    config = Table(COLUMNS, flags=True).to_config()
    config["columns"][place].update(change)
    with pytest.raises(ValueError, match="columns"):
        Table.from_config(config, "encoding", (17,))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (4, 3.0, "one of two values, 2 or 5"),
        (5, 3.0, "classes that the model knows, 0 to 2"),
        (6, 1.25, "whole steps such as those in training, 1 to 3"),
        (7, 0.5, "whole numbers of at least 0"),
        (9, -1.0, "whole numbers of at least 0"),
    ],
)
def test_a_value_that_a_column_can_not_take_is_named(place: int, value: float, words: str) -> None:
    table = Table(COLUMNS, flags=True)
    rows = np.array([ROW, ROW])
    assert table.refusal(rows, None, scored=True) is None
    rows[1, place] = value
    assert words in str(table.refusal(rows, None, scored=True)) and f"column {place} " in str(
        table.refusal(rows, None, scored=True)
    )
    assert "'name 0'" not in str(table.refusal(rows, [f"name {j}" for j in range(11)], scored=True))
    rows[1, place] = np.nan
    assert table.refusal(rows, None, scored=True) is None


def test_only_a_constants_own_cells_depart() -> None:
    table = Table(COLUMNS, flags=True)
    rows = np.array([ROW, ROW, ROW])
    rows[1, 10], rows[2, 10] = np.nan, 8.0
    found = table.departures(rows)
    assert found is not None and np.argwhere(found).tolist() == [[2, 10]]
