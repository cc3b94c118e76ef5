"""Pages of evaluations and comparisons: what they say, and where they go."""

import re
from dataclasses import replace

import numpy as np
import pytest

from aevum import AE, VAE
from aevum.evaluation import Comparison, compare, evaluate
from aevum.reports import comparison_page
from aevum.reports.comparison import best_of
from aevum.reports.evaluation import END, START, with_section


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
    vae = VAE(2, network="mlp", hidden=8, epochs=2, random_state=0).fit(X[:100])
    found = compare([vae], X[100:], k=5)
    assert "data:image" not in comparison_page(found, "table")
    assert evaluate(vae, X[100:], k=5).calibration is not None
