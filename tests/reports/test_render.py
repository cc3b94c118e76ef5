"""Templates: what a user wrote stays a word, in HTML and in Markdown; and how a model is called after its class."""

from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from aevum.evaluation.wording import Finding
from aevum.reports import words
from aevum.reports.render import inline, rendered

EVIL = "</style></code><script>'\"&|`*_[x](y)#\n```"
METRICS = {
    "model": EVIL,
    "data": {"name": EVIL},
    "likelihood": {"name": EVIL, "reason": EVIL},
    "network": {"name": EVIL, "hidden": None},
    "best_epoch": None,
    "units": EVIL,
    "versions": {EVIL: EVIL, "python": "3"},
}
TABLES = {"beside": {"heads": [EVIL] * 2, "lines": [(EVIL, EVIL)], "note": EVIL}, "columns": [(EVIL,) * 4]}


def a_report():
    return rendered(
        "report.html", title=EVIL, lead=EVIL, metrics=METRICS, verdicts=[Finding("interrupted", "note", {"epochs": 1})],
        tiles=[(EVIL, EVIL, EVIL)], panels=[], python_lines=EVIL, shell_lines=EVIL, measured=[(EVIL, EVIL)],
        settings=[(EVIL, EVIL)], **TABLES, glossary=[(EVIL, EVIL)],
    )  # fmt: skip


def a_card():
    return rendered(
        "model_card.md", metrics=METRICS, headline=EVIL, verdicts=[Finding("interrupted", "bad", {"epochs": 1})],
        data=EVIL, network=EVIL, weights=EVIL, spent=EVIL, parameters=[(EVIL, EVIL)], measured=[(EVIL, EVIL)],
        likelihood=SimpleNamespace(binarize=None, continuous=False), has_density=False, can_sample=False,
        conditional=True, images=True, **TABLES, glossary=[(EVIL, EVIL)],
        python_lines="model = 1",
    )  # fmt: skip


def test_nothing_that_is_put_into_a_page_becomes_markup():
    page = a_report()
    assert page.count("</style>") == page.count("</main>") == 1 and "<script" not in page
    assert page.endswith("</html>\n") and "&lt;/code&gt;" in page


def test_nothing_that_is_put_into_a_card_becomes_markup():
    card = a_card()
    assert "<" not in card and card.count("```") == 2, "one block of code, and no tag"
    line = next(line for line in card.splitlines() if line.startswith("- Likelihood: "))
    assert line == f"- Likelihood: {inline(EVIL)} ({inline(EVIL)})" and "\\`\\*\\_\\[x\\](y)\\#" in line
    row = next(line for line in card.splitlines() if line.startswith("| &lt;"))
    assert row.replace("\\|", "").count("|") == 3, "a bar in a cell ends no cell"
    assert "**Warning: Interrupted.** Training was ended" in card and card.endswith("python 3\n")


def test_a_template_that_asks_for_what_nobody_gave_fails():
    with pytest.raises(UndefinedError):
        rendered("report.html", title="a")


# -------------------------------------------------------------------- what a model is called


@pytest.mark.parametrize(
    ("metrics", "start"),
    [
        ({"model": "IWAE", "kind": "importance-weighted auto-encoder"}, "An importance-weighted auto-encoder with 1 "),
        ({"model": "VAE", "kind": "variational auto-encoder"}, "A variational auto-encoder with 1 latent dimension, "),
        ({"model": "Mine", "kind": None}, "A Mine with 1 latent"),
        ({"model": "AE"}, "An AE with 1 latent dimension, trained for 3 epochs on 4 examples of 2 values."),
    ],
)
def test_the_headline_falls_back_to_the_models_name(metrics, start):
    known = {"latent": {"variance": [1.0]}, "epochs": 3, "data": {"shape": [4, 2]}}
    assert words.headline(known | metrics).replace("\u00a0", " ").startswith(start)
