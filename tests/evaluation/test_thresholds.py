"""Findings at their thresholds, the numbers that they rest on, and how these are worded."""

from __future__ import annotations

import importlib
import inspect
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aevum.errors import InputError
from aevum.evaluation import compare, detect, evaluate, evidence, fit_trimmed, sample_quality
from aevum.evaluation.copies import Memorisation
from aevum.evaluation.findings import Figures, findings
from aevum.evaluation.held_out import Evaluation
from aevum.evaluation.judged import of_the_fit
from aevum.evaluation.wording import Finding, counted, said

of = importlib.import_module("aevum.evaluation.findings")  # the package has a function of this name
FINE = Figures(
    latent_dim=3, active=3, rate=5.0, beta=1.0, learned_sigma=True, epochs=60, steps=3000, falling=0.01,
    unexplained=0.2, pca_unexplained=0.4, pca_components=3, pca_margin=-9.0, judged_rows=200,
    judged_on="held-out data", follows_prior=True, levels=(0.5, 0.95), coverage=(0.5, 0.95), draws=500, trusted=True,
)  # fmt: skip


def kinds(**changed: Any) -> list[str]:
    return [found.kind for found in findings(replace(FINE, **changed))]


def finding(kind: str, **changed: Any) -> Finding:
    (found,) = [one for one in findings(replace(FINE, **changed)) if one.kind == kind]
    return found


def laws(ahead: float, error: float = 0.1, name: str = "Gaussian", **more: Any) -> dict[str, Any]:
    worse = {"name": "other", "nats": -99.0, "ahead": 50.0, "error": 0.1}
    law = {"name": name, "nats": -9.0, "ahead": ahead, "error": error}
    return {"rows": 80, "nats": -9.0 + ahead, "laws": [worse, law], **more}


PCA = {"pca_unexplained": 0.4, "unexplained": 0.4 * of.CLEARLY_WORSE}
# (kind, what makes it, what just doesn't).
THRESHOLDS = [
    ("worse_than_mean", {"unexplained": 1.0}, {"unexplained": 0.999}),
    ("collapsed", {"rate": 0.99 * of.LEAST_RATE}, {"rate": of.LEAST_RATE}),
    ("collapsed", {"active": 0}, {"active": 1}),
    ("few_steps", {"steps": of.FEWEST_STEPS - 1}, {"steps": of.FEWEST_STEPS}),
    ("still_falling", {"falling": of.FALLING + 1e-9}, {"falling": of.FALLING}),
    ("worse_than_pca", {**PCA, "unexplained": 0.43, "pca_margin": 2.1}, {**PCA, "pca_margin": 2.1}),
    ("worse_than_pca", {**PCA, "unexplained": 0.43, "pca_margin": 2.1},
     {**PCA, "unexplained": 0.43, "pca_margin": 2.0}),
    ("like_pca", {"pca_margin": -2.0}, {"pca_margin": -2.1}),
    ("like_pca", {"unexplained": 0.4, "pca_margin": -9.0}, {"unexplained": 0.3999, "pca_margin": None}),
    ("worse_than_a_law", {"laws": laws(-0.21)}, {"laws": laws(-0.2)}),
    ("worse_than_a_law", {"laws": laws(-0.021, 0.0)}, {"laws": laws(-of.LEAST_NATS, 0.0)}),
    ("few_rows", {"rows": 89, "columns": 9}, {"rows": 90, "columns": 9}),
    ("many_missing", {"missing": 0.21, "most_missing": ("a", 0.5)}, {"missing": 0.2, "most_missing": ("a", 0.5)}),
    ("far_values", {"far": 1, "far_in": ("a",)}, {"far": 0, "far_in": ("a",)}),
    ("unused_latents", {"active": 2}, {"active": 3}),
    ("off_the_prior", {"follows_prior": False}, {"follows_prior": None}),
    ("calibrated", {"coverage": (0.481, 0.95)}, {"coverage": (0.479, 0.95)}),
    ("bound_only", {"draws": 49}, {"draws": 50}),
    ("interrupted", {"interrupted": True}, {"interrupted": False}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "makes", "just_not"), THRESHOLDS)
def test_a_threshold_is_where_it_is(kind: str, makes: dict[str, Any], just_not: dict[str, Any]) -> None:
    assert kind in kinds(**makes) and kind not in kinds(**just_not)


def test_how_bad_it_is() -> None:
    heavy = {"trusted": False, "doubtful": 0.0, "shortfall": 0.1}
    assert finding("heavy_tailed_evidence", **heavy, heavy=0.51).severity == "warning"
    assert finding("heavy_tailed_evidence", **heavy, heavy=0.5).severity == "note"
    assert "doubtful_evidence" in kinds(**{**heavy, "shortfall": 0.11}, heavy=0.51)
    assert "doubtful_evidence" in kinds(**heavy, heavy=None) and "heavy_tailed_evidence" in kinds(
        trusted=False, heavy=0.3, shortfall=None
    )
    assert finding("intervals_too_wide", coverage=(0.59, 0.95)).severity == "note"
    assert finding("intervals_too_wide", coverage=(0.61, 0.95)).severity == "warning"
    assert (
        finding("few_steps", steps=4).severity == "bad"
        and finding("few_steps", steps=4, started=True).severity == "warning"
    )
    worse = {"unexplained": 0.5, "pca_margin": 7.0}
    for law, severity in ((laws(-0.19), "note"), (laws(-0.2), "warning"), (None, "warning")):
        assert finding("worse_than_pca", **worse, laws=law).severity == severity


def test_the_shape_of_intervals() -> None:
    """Far out a point is much; which end is too wide says which verdict it is."""
    levels = (0.5, 0.9, 0.9973)
    assert finding("intervals_of_wrong_shape", levels=levels, coverage=(0.56, 0.9, 0.98)).numbers == pytest.approx(
        {"level": 0.5, "coverage": 0.56, "tail": 0.9973, "tail_coverage": 0.98, "worst": 0.06}
    )
    assert "intervals_too_wide" in kinds(levels=levels, coverage=(0.56, 0.9, 0.996))  # by less than what lies beyond it
    assert "intervals_too_wide" in kinds(levels=levels, coverage=(0.44, 0.96, 0.9973))  # the other way round
    assert "intervals_of_wrong_shape" in kinds(levels=(0.5, 0.95), coverage=(0.56, 0.89))
    assert "intervals_too_narrow" in kinds(levels=levels, coverage=(0.4, 0.85, 0.98))
    widest = finding("intervals_too_wide", levels=levels, coverage=(0.53, 0.95, 0.998))
    assert widest.numbers == pytest.approx({"level": 0.9, "coverage": 0.95, "worst": 0.05})
    assert "calibrated" in kinds(levels=(0.02,), coverage=(0.04,))  # by two points and no more
    assert kinds(levels=None) == kinds(coverage=None) and "calibrated" not in kinds(levels=None)


def test_the_numbers_that_a_finding_rests_on() -> None:
    fit = {"unexplained": 0.2, "pca_unexplained": 0.4, "pca_components": 3, "judged_rows": 200,
           "judged_on": "held-out data", "steps": 3000, "epochs": 60}  # fmt: skip
    law = {"nats": -10.0, "law": "Gaussian", "law_nats": -9.0}
    worth = {"latent_dim": 3, "active": 3, "rate": 5.0, "beta": 1.0}
    expected = {
        "worse_than_mean": ({"unexplained": 1.5}, {**fit, **worth, "unexplained": 1.5}),
        "collapsed": ({"active": 0}, {**fit, **worth, "active": 0}),
        "no_dependence": ({"active": 0, "start_kept": True}, {**fit, **worth, "active": 0}),
        "few_steps": ({"steps": 7}, {**fit, "steps": 7, "falling": 0.01, "rate": 5.0, "enough": 100}),
        "still_falling": ({"falling": 0.3}, {**fit, "falling": 0.3, "rate": 5.0, "enough": 100}),
        "start_kept": ({"start_kept": True, "laws": laws(-1.0)}, {**fit, **law}),
        "like_pca": ({"pca_margin": -1.0}, {**fit, "beta": 1.0, "pca_margin": -1.0}),
        "worse_than_pca": ({"unexplained": 0.6, "pca_margin": 3.0},
                           {**fit, "unexplained": 0.6, "beta": 1.0, "pca_margin": 3.0}),
        "worse_than_a_law": ({"laws": laws(-1.0)}, {**law, "error": 0.1, "law_rows": 80, "beta": 1.0}),
        "few_rows": ({"rows": 50, "columns": 9}, {"rows": 50, "columns": 9}),
        "many_missing": ({"missing": 0.3, "most_missing": ("a", 0.6)}, {"missing": 0.3, "name": "a", "share": 0.6}),
        "constant_columns": ({"constant": tuple("abcdefg")}, {"count": 7, "names": list("abcde")}),
        "rounded_columns": ({"rounded": tuple("ab")}, {"count": 2, "names": list("ab")}),
        "far_values": ({"far": 9, "far_in": tuple("abcdefg")}, {"count": 9, "names": list("abcde")}),
        "unused_latents": ({"active": 2}, {"active": 2, "latent_dim": 3, "rate": 5.0}),
        "off_the_prior": ({"follows_prior": False}, {}),
        "bound_only": ({"draws": 5}, {"draws": 5, "doubtful": None, "shortfall": None}),
        "heavy_tailed_evidence": ({"trusted": False, "heavy": 0.7}, {"draws": 500, "doubtful": None, "shortfall": None,
                                                                     "heavy": 0.7}),
        "doubtful_evidence": ({"trusted": False, "doubtful": 0.3, "shortfall": 0.4},
                              {"draws": 500, "doubtful": 0.3, "shortfall": 0.4}),
        "interrupted": ({"interrupted": True}, {"epochs": 60}),
        "sound": ({}, {**fit, "active": 3, "latent_dim": 3, "rate": 5.0}),
    }  # fmt: skip
    for kind, (changed, numbers) in expected.items():
        assert dict(finding(kind, **changed).numbers) == numbers, kind


REMEDIES = [
    ("worse_than_mean", {"unexplained": 1.0}, "fit_the_data"),
    ("worse_than_mean", {"unexplained": 1.0, "falling": 0.5}, "train_longer"),
    ("worse_than_mean", {"unexplained": 1.0, "steps": 3}, ""),
    ("collapsed", {"active": 0}, "use_the_code"),
    ("collapsed", {"active": 0, "rate": None}, "vary_the_code"),
    ("collapsed", {"active": 0, "falling": 0.5}, "train_longer"),
    ("worse_than_pca", {"unexplained": 0.6, "pca_margin": 3.0}, "fit_the_data"),
    ("worse_than_pca", {"unexplained": 0.6, "pca_margin": 3.0, "beta": 1.5}, "lower_beta"),
    ("worse_than_pca", {"unexplained": 0.6, "pca_margin": 3.0, "beta": None}, "fit_the_data"),
    ("worse_than_pca", {"unexplained": 0.6, "pca_margin": 3.0, "beta": 1.5, "falling": 0.5}, "train_longer"),
    ("like_pca", {"pca_margin": 0.0}, ""),
    ("like_pca", {"pca_margin": 0.0, "falling": 0.5}, "train_longer"),
    ("worse_than_a_law", {"laws": laws(-1.0)}, "more_rows"),
    ("worse_than_a_law", {"laws": laws(-1.0), "beta": 1.5}, "lower_beta"),
    ("worse_than_a_law", {"laws": laws(-1.0), "beta": 1.5, "falling": 0.5}, "train_longer"),
    ("unused_latents", {"active": 2}, ""),
    ("unused_latents", {"active": 2, "falling": 0.5}, "train_longer"),
    ("off_the_prior", {"follows_prior": False}, "higher_beta"),
    ("off_the_prior", {"follows_prior": False, "falling": 0.5}, "train_longer"),
    ("intervals_too_narrow", {"coverage": (0.4, 0.8)}, "fewer_epochs"),
    ("intervals_too_narrow", {"coverage": (0.4, 0.8), "falling": 0.5}, "train_longer"),
    ("intervals_too_wide", {"coverage": (0.56, 0.96)}, "sigma_that_differs"),
    ("intervals_too_wide", {"coverage": (0.56, 0.96), "falling": 0.5}, "train_longer"),
]


@pytest.mark.parametrize(("kind", "changed", "remedy"), REMEDIES)
def test_what_to_try(kind: str, changed: dict[str, Any], remedy: str) -> None:
    assert finding(kind, **changed).remedy == remedy


# In words: what must stand there, and what must not.
WORDS = [
    (Finding("few_steps", "bad", {"steps": 1, "enough": 100, "unexplained": 0.4, "rate": 2.0}),
     "Hardly trained: 1 step of the optimizer: Under 100 steps", "leave 40 % of the variance unexplained."),
    (Finding("few_steps", "bad", {"steps": 2, "enough": 100, "unexplained": 1.0}), "2 steps of", ""),
    (Finding("worse_than_mean", "bad", {"unexplained": 1.0, "pca_unexplained": 0.5, "pca_components": 1}),
     "unexplained, where the mean alone leaves 100 % and PCA with 1 component leaves 50 %.", ""),
    (Finding("sound", "good", {"unexplained": 0.5, "pca_unexplained": 0.4, "pca_components": 2, "judged_rows": 20,
                               "judged_on": "held-out data", "active": 1, "latent_dim": 3}),
     "1 of 3 latent dimensions is active: ",
     "unexplained; PCA with 2 components leaves 40 % (20 rows of held-out data)."),
    (Finding("sound", "good", {"unexplained": 0.5, "judged_rows": 20, "active": 2, "latent_dim": 3}),
     "2 of 3 latent dimensions are active: ", "unexplained (20 rows)."),
    (Finding("sound", "good", {"active": 2, "latent_dim": 3}), "Every dimension carries something about the data.", ""),
    (Finding("sound", "good", {"active": 2, "latent_dim": 3, "law": "Gaussian", "nats": -3.0, "law_nats": -5.0}),
     "log p(x) is −3.000 nats a row, that of a Gaussian −5.000.", ""),
    (Finding("worse_than_a_law", "warning", {"law": "Gaussian", "nats": -3.0, "law_nats": -2.0, "law_rows": 9,
                                             "error": 0.1}), "A Gaussian fits better: ", "(9 held-out rows;"),
    (Finding("worse_than_a_law", "warning", {"law": "mixture of 3", "nats": -3.0, "law_nats": -2.0, "law_rows": 9,
                                             "error": 0.1}), "Mixture of 3 fits better: ", "that of mixture of 3"),
    (Finding("collapsed", "bad", {"active": 0, "latent_dim": 3, "rate": 0.01}, "use_the_code"),
     "Posterior collapse: None of the 3 latent dimensions is active: the decoder ignores z", "Try a lower beta, more"),
    (Finding("collapsed", "bad", {"active": 1, "latent_dim": 3, "rate": 0.01, "beta": 2.0}, "use_the_code"),
     "All 3 latent dimensions together tell 0.010 nats about an example: the", "Try a lower beta (now 2), more"),
    (Finding("collapsed", "bad", {"active": 0, "latent_dim": 3}), "The codes do not vary: No latent dimension", ""),
    (Finding("constant_columns", "note", {"count": 7, "names": list("abcde")}),
     "7 columns never change: a, b, c, d, e and 2 more: ", ""),
    (Finding("constant_columns", "note", {"count": 1, "names": ["a"]}), "1 column never changes: a: ", ""),
    (Finding("rounded_columns", "note", {"count": 1, "names": ["a"]}), "1 column hardly changes: a: ", ""),
    (Finding("rounded_columns", "note", {"count": 2, "names": ["a", "b"]}), "2 columns hardly change: a, b: ", ""),
    (Finding("far_values", "note", {"count": 1, "names": ["a"]}), "1 value lies so far", "does (a); the model"),
    (Finding("far_values", "note", {"count": 3, "names": ["a", "b"]}), "3 values lie so far", "does (a, b); the model"),
    (Finding("few_rows", "note", {"rows": 1, "columns": 2}), "1 row for 2 columns: ", ""),
    (Finding("many_missing", "note", {"missing": 0.3, "name": "a", "share": 0.6}),
     "30 % of the cells are missing: Column a lacks most, 60 % of its cells.", ""),
    (Finding("unused_latents", "note", {"active": 1, "latent_dim": 3, "rate": 2.0}),
     "carries nothing about the data and costs nothing: latent_dim=1 would do.", ""),
    (Finding("unused_latents", "note", {"active": 1, "latent_dim": 3}), "The rest of the code does not vary: ", ""),
    (Finding("calibrated", "good", {"worst": 0.012}), "within 1.2 points of its level.", ""),
    (Finding("intervals_too_wide", "note", {"level": 0.9973, "coverage": 0.9999}),
     "The 99.73 % interval holds 100.0 % of the values.", ""),
    (Finding("intervals_of_wrong_shape", "note", {"level": 0.5, "coverage": 0.56, "tail": 0.95, "tail_coverage": 0.9}),
     "The 50 % interval holds 56.0 % of the values, that of 95 % holds 90.0 %: ", ""),
    (Finding("bound_only", "note", {"draws": 1}), "A bound: 1 draw a row give", ""),
    (Finding("doubtful_evidence", "warning", {"doubtful": 0.3, "shortfall": 0.4}),
     "30 % of the rows have too few effective draws", "0.40 nats or by much more."),
    (Finding("heavy_tailed_evidence", "warning", {"heavy": 0.6}), "In 60 % of the rows", ""),
    (Finding("interrupted", "note", {"epochs": 1}), "ended after 1 epoch;", ""),
    (Finding("interrupted", "note", {"epochs": None}), "ended after 0 epochs;", ""),
    (Finding("start_kept", "note", {"epochs": 2, "law": "Gaussian", "nats": -3.0, "law_nats": -5.0,
                                    "unexplained": 0.4}),
     "none of 2 epochs gave", "unexplained. log p(x) is −3.000 nats"),
    (Finding("still_falling", "warning", {"falling": 0.3, "epochs": 1, "steps": 40}, "train_longer"),
     "30 % of its whole fall came in the second half of 1 epoch (40 steps), so", "Train longer: more epochs"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "first", "second"), WORDS, ids=lambda each: getattr(each, "kind", ""))
def test_a_finding_in_words(found: Finding, first: str, second: str) -> None:
    text = said(found)
    assert str(found) == text and f"{found.to_dict()['title']}: {found.to_dict()['text']}" == text
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert first in text and second in text and "  " not in text and text == text.strip()
    assert Finding.from_dict(found.to_dict()) == found
    assert set(found.to_dict()) == {"kind", "severity", "numbers", "remedy", "title", "text"}


def test_what_was_said_first_is_not_said_again() -> None:
    """Of a model worse than the mean the finding of few steps has no share of the variance."""
    assert "variance" not in str(Finding("few_steps", "bad", {"steps": 2, "enough": 100, "unexplained": 1.0}))
    assert "The code tells 2.0" in str(Finding("few_steps", "bad", {"steps": 2, "enough": 100, "rate": 2.0}))
    assert counted(1, "row") == "1 row" and counted(0, "row") == "0 rows"


def copies(m: int, n: int, **changed: Any) -> Memorisation:
    found = Memorisation(
        generated_rows=m, held_out_rows=n, copied=0.1, expected=0.01, copied_p=0.2, auc=0.5, z=0.0, rank_p=0.3,
        quantile=0.99, held_out_copies=0.0, samples=(), neighbours=(), distances=(),
    )  # fmt: skip
    return replace(found, **changed)


def test_whether_a_few_rows_can_tell() -> None:
    """Of copies alone the rank test's p is one of all orders, doubled for two tests: below a hundredth, or not."""
    for m in range(1, 9):
        for n in range(1, 9):
            assert copies(m, n).conclusive == (2.0 / math.comb(m + n, m) < 0.01), (m, n)
    assert copies(5, 5).p_value == pytest.approx(0.4) and copies(5, 5, copied_p=0.9, rank_p=0.9).p_value == 1.0
    assert not copies(5, 5, rank_p=0.005).suspicious and copies(5, 5, rank_p=0.0049).suspicious
    assert copies(5, 5, copied_p=0.001).suspicious
    found = copies(5, 5).to_dict()
    assert found["p_value"] == copies(5, 5).p_value and found["suspicious"] is False and found["conclusive"] is True
    assert set(found) == {*copies(5, 5).__dataclass_fields__, "p_value", "suspicious", "conclusive"}
    assert "can't tell: 60.0% of the held-out" in str(copies(5, 5, held_out_copies=0.6))
    assert "can't tell" not in str(copies(5, 5, held_out_copies=0.5)) and "with 2 samples and 3" in str(copies(2, 3))
    assert "No sign" in str(copies(50, 50, z=-1.25)) and "z −1.2," in str(copies(50, 50, z=-1.25))
    assert "10.0% of 50 samples" in str(copies(50, 50)) and "99% of 50 held-out" in str(copies(50, 50))
    assert "too close" in str(copies(50, 50, rank_p=1e-9))
    assert np.isfinite(copies(50, 50).p_value)


class Told:
    """A part of an evaluation, by its numbers."""

    mean = -2.0
    summary = "as it is"

    def __init__(self, **numbers: Any) -> None:
        self.numbers = numbers

    def to_dict(self) -> dict[str, Any]:
        return {**self.numbers, "verdict": "of its own"}

    def __str__(self) -> str:
        return "told"


def test_an_evaluations_parts_are_there_or_not() -> None:
    bare = Evaluation(
        model="VAE", rows=40, squared_error=2.0, unexplained_variance=0.25, dimensions=4, evidence=None,
        latents=Told(rows=40), calibration=None, representation=None, figures=FINE, no_density="it has none",
    )  # fmt: skip
    plain = bare.to_dict()
    assert plain["evidence"] is plain["calibration"] is plain["representation"] is None
    assert plain["latents"] == {"rows": 40} and plain["mean_squared_error"] == 0.5
    assert [found["kind"] for found in plain["findings"]] == [found.kind for found in findings(FINE)]
    lines = str(bare).splitlines()
    assert lines[0] == "VAE on 40 rows" and lines[1].startswith("verdict: ")
    assert "evidence: none: it has none" in lines and lines[-1] == "latents: as it is"
    assert bare.unexplained == "25\N{NO-BREAK SPACE}% of these rows' own variance left, in the data's units"
    assert replace(bare, unexplained_variance=math.nan).unexplained == "the rows do not vary"
    whole = replace(bare, evidence=Told(mean=-2.0), calibration=Told(levels=[0.5]), representation=Told(accuracy=0.9))
    plain = whole.to_dict()
    assert plain["evidence"] == {"mean": -2.0, "verdict": "of its own"} and plain["calibration"] == {"levels": [0.5]}
    assert plain["representation"] == {"accuracy": 0.9, "verdict": "of its own"}
    assert str(whole).splitlines()[-2:] == ["intervals: as it is", "labels: told"] and "evidence: told" in str(whole)


class Fitted:
    """What a fit is judged by."""

    beta, has_density = 2, True
    likelihood_ = type("Likelihood", (), {"scale": "learned"})
    parts_ = type("Parts", (), {"latent_dim": 3})
    history_ = (
        {"epoch": 0, "validation_begun": 9.0}, {"epoch": 1, "loss": 5.0, "step": 4},
        {"epoch": 2, "loss": 4.0, "step": 8}, {"epoch": 3, "interrupted": True},
    )  # fmt: skip


def test_what_a_fit_knows_of_its_training() -> None:
    model = Fitted()
    expected = {"latent_dim": 3, "beta": 2.0, "learned_sigma": True, "epochs": 2, "steps": 8, "interrupted": True,
                "falling": None, "started": True, "start_kept": False}  # fmt: skip
    assert of_the_fit(model) == expected
    model.has_density, model.history_ = False, model.history_[1:3]
    model.likelihood_ = type("Likelihood", (), {"scale": "fixed"})
    found = of_the_fit(model)
    assert found == {**expected, "beta": None, "learned_sigma": False, "interrupted": False, "started": False}
    model.likelihood_ = type("Likelihood", (), {"scale": None})
    assert of_the_fit(model)["learned_sigma"] is None


def test_what_is_taken_where_nothing_is_said() -> None:
    """The numbers that the documentation names; of calls that end at once."""

    def defaults(function: Any) -> dict[str, Any]:
        return {p.name: p.default for p in inspect.signature(function).parameters.values()}

    rows = np.zeros((3, 2))
    for function, arguments, expected in (
        (compare, ({}, rows), {"k": 500, "samples": 2000, "random_state": 0, "pca": None, "features": "auto"}),
        (sample_quality, (rows, rows), {"max_rows": 10_000, "k": 5, "subset_size": 1000, "subsets": 100, "seed": 0}),
        (fit_trimmed, (None, rows), {"trim": 0.25, "rounds": 3, "k": 10}),
        (detect, (None, rows), {"k": 100, "random_state": 0, "contamination": None, "quantile": None}),
        (evidence, (None, rows), {"k": 5000, "chunk": None, "precision": "auto", "random_state": 0}),
        (evaluate, (None, rows), {"k": None, "chunk": None, "precision": "auto", "random_state": 0, "train": None}),
    ):
        with pytest.raises(InputError):
            function(*arguments)
        assert {name: defaults(function)[name] for name in expected} == expected
