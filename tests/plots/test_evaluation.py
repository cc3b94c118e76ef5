"""Figures of evaluations: what they say, and what they refuse."""

import numpy as np
import pytest

from aevum import InputError
from aevum.plots import calibration_figure, evidence_figure
from aevum.plots.style import png_bytes

LEVELS = np.array([0.5, 0.8, 0.9, 0.95, 0.9973])


def test_the_calibration_figure_shows_each_level_and_its_difference():
    found = LEVELS + np.array([0.03, 0.02, -0.01, 0.0, -0.02])
    figure = calibration_figure(LEVELS, found, np.tile(LEVELS[:, None, None], (1, 4, 4)))
    left, right = figure.axes
    assert [label.get_text() for label in right.get_xticklabels()] == ["50 %", "80 %", "90 %", "95 %", "99.73 %"]
    assert [text.get_text() for text in right.texts] == ["+3.0", "+2.0", "−1.0", "+0.0", "−2.0"]
    np.testing.assert_allclose(left.lines[1].get_ydata(), 100 * found)


@pytest.mark.parametrize(
    ("levels", "coverage"), [([0.5], [0.5, 0.9]), ([], []), ([0.5, 95], [0.5, 0.9]), ([0.5], [-0.1]), (0.5, 0.5)]
)
def test_shares_that_are_none(levels, coverage):
    with pytest.raises(InputError, match="levels"):
        calibration_figure(levels, coverage)


@pytest.mark.parametrize("rows", [1, 2, 500])
def test_the_evidence_figure_takes_any_number_of_rows(rows):
    random = np.random.RandomState(0)
    evidence = -80 - random.gamma(2.0, 10.0, rows)
    figure = evidence_figure(evidence, evidence - 3, random.uniform(1, 100, rows), 100)
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert any(f"{evidence.mean():,.2f}".replace("-", "−") in text for text in legend)
    assert len(png_bytes(figure)) > 1000


def test_the_evidence_figure_refuses_rows_that_do_not_match():
    with pytest.raises(InputError, match="one and the same"):
        evidence_figure([1.0], [1.0, 2.0], [1.0], 5)
    with pytest.raises(InputError, match="one and the same"):
        evidence_figure([], [], [], 5)
