"""Figures and pages of evaluations: what they say, and what they refuse."""

import re
from dataclasses import replace

import numpy as np
import pytest

from aevum import AE, VAE, InputError
from aevum.evaluation import Comparison, compare, evaluate
from aevum.plots import calibration_figure, comparison_page, evidence_figure
from aevum.plots.comparison import best_of
from aevum.plots.evaluated import END, START, with_section
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


def test_a_section_goes_before_the_advice_and_replaces_its_forerunner():
    old = "<main><h2>What to try next</h2></main>"
    once = with_section(old, "a b", "first")
    again = with_section(with_section(once, "c", "other"), "a b", "second")
    assert once.index("first") < once.index("What to try next") and once.count(START) == once.count(END) == 1
    assert "first" not in again and again.index("other") < again.index("second") < again.index("What to try next")
    assert with_section("cut short", "a", "text") == "cut short"


@pytest.fixture(scope="module")
def compared(digits) -> Comparison:
    models = [kind(2, hidden=16, epochs=3, random_state=0).fit(digits.x[:500]) for kind in (AE, VAE)]
    return compare({"<i>ae": models[0], "vae": models[1]}, digits.x[500:700], train=digits.x[:500], k=5)


def test_the_page_of_a_comparison_is_whole_and_escaped(compared):
    page = comparison_page(compared, "a & <b>")
    assert "3 models of a &amp; &lt;b&gt;" in page and "<i>ae" not in page and "&lt;i&gt;ae" in page
    assert "<script" not in page and not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("data:image/png;base64,") == 2


def test_the_best_of_a_column(compared):
    errors = [entry.squared_error for entry in compared.entries]
    assert best_of(compared, "squared error") == {int(np.argmin(errors))}
    assert best_of(compared, "weights") == set()
    mixed = replace(compared, entries=(compared.entries[0], replace(compared.entries[2], units="others")))
    assert best_of(mixed, "log p(x), nats") == set(), "what can't be compared has no best"


def test_tables_have_no_pictures():
    X = np.random.RandomState(0).randn(200, 4)
    found = compare([VAE(2, hidden=8, epochs=2, random_state=0).fit(X[:100])], X[100:], k=5)
    assert "data:image" not in comparison_page(found, "table")
    assert evaluate(VAE(2, hidden=8, epochs=2, random_state=0).fit(X[:100]), X[100:], k=5).calibration is not None
