"""Tables' figures show the words of classes, never their codes."""

import numpy as np
import pytest

from aevum.plots import class_rows_figure, manifold_figure, reconstruction_figure, sample_figure
from aevum.plots.figures import repair_figure
from aevum.plots.style import png_bytes

WORDS = {1: ["cat", "dog", "hen"]}
RANDOM = np.random.default_rng(0)
ROWS = np.column_stack([RANDOM.normal(size=60), np.arange(60) % 3])


def ticks(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_samples_are_shares_beside_those_of_the_data():
    drawn = np.column_stack([ROWS[:, 0], np.zeros(60)])
    figure = sample_figure(drawn, ROWS, feature_names=["size", "kind"], classes=WORDS)
    bars = figure.axes[1].patches
    assert ticks(figure.axes[1]) == WORDS[1]
    np.testing.assert_allclose([bar.get_width() for bar in bars], [1 / 3] * 3 + [1.0, 0.0, 0.0])
    png_bytes(figure)


def test_reconstructions_are_right_or_wrong():
    found = ROWS.copy()
    found[ROWS[:, 1] == 2, 1] = 0.0
    figure = reconstruction_figure(ROWS, found, feature_names=["size", "kind"], classes=WORDS)
    (axes,) = (axes for axes in figure.axes if "right" in axes.get_title(loc="left"))
    assert axes.get_title(loc="left") == "kind: 67 % right"
    assert [bar.get_width() for bar in axes.patches] == [1.0, 1.0, 0.0]


def test_each_line_is_made_of_the_classes_shares():
    rows = {"young": ROWS, "old": np.column_stack([ROWS[:, 0], np.full(60, 2.0)])}
    axes = class_rows_figure(rows, feature_names=["size", "kind"], classes=WORDS).axes[1]
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(2.0)
    assert "hen" in [text.get_text() for text in axes.texts]


def test_maps_name_the_likeliest_class():
    grid = np.zeros((4, 4, 2))
    grid[..., 1] = np.arange(16).reshape(4, 4) % 3
    figure = manifold_figure(grid, feature_names=["size", "kind"], classes=WORDS)
    assert WORDS[1] in [ticks(axes) for axes in figure.axes]


def test_many_classes_share_a_bar():
    many = {1: [f"class {k}" for k in range(40)]}
    rows = np.column_stack([ROWS[:, 0], np.arange(60) % 40])
    axes = sample_figure(rows, rows, classes=many).axes[1]
    assert ticks(axes)[-1] == "34 others" and sum(bar.get_width() for bar in axes.patches) == pytest.approx(2.0)


def test_repairs_leave_out_what_has_no_number():
    damaged = ROWS + 1.0
    damaged[:, 1] = np.nan
    figure = repair_figure(ROWS, damaged, ROWS, feature_names=["size", "kind"])
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["size"]
    assert "error 1.0 → 0" in figure.axes[0].texts[0].get_text()
    png_bytes(repair_figure(ROWS, np.full_like(ROWS, np.nan), ROWS))
