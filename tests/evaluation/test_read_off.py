"""What is read off a fit: its history, columns, spreads and intervals, and what an old run's numbers say."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from aevum import AE, VAE, InputError
from aevum.evaluation import calibration, compare, evaluate, evidence, sample_quality
from aevum.evaluation.columns import columns_of
from aevum.evaluation.intervals import Calibration
from aevum.evaluation.sigma import sigma_of
from aevum.evaluation.training import extras_of, falling, steps_of
from aevum.evaluation.verdicts import caveats, total_rate_of, verdicts
from aevum.numerals import rough

RANDOM = np.random.default_rng(0)
ONE_SIGMA = 2.0 * stats.norm.cdf(1.0) - 1.0


@pytest.fixture(scope="module")
def fit() -> tuple[Any, np.ndarray]:
    z = RANDOM.normal(size=(160, 1))
    x = z * [3.0, 1.0, 20.0] + RANDOM.normal(size=(160, 3)) * [0.5, 0.5, 2.0]
    return VAE(1, hidden=8, epochs=40, learning_rate=0.01, likelihood="gaussian:per-feature", random_state=0).fit(x), x


def test_a_fall_is_between_medians_of_sixths() -> None:
    losses = [
        9.0,
        8.0,
        7.0,
        5.0,
        4.5,
        4.9,
        3.0,
        2.0,
        2.2,
        2.4,
        1.0,
        1.9,
    ]  # two epochs each: (4.5 + 4.9)/2 to (1 + 1.9)/2
    history = [{"epoch": e, "loss": loss} for e, loss in enumerate(losses)]
    middle, last = (losses[5] + losses[6]) / 2, (losses[10] + losses[11]) / 2
    assert falling(history) == pytest.approx((middle - last) / (9.0 - last))
    begun = [{**history[0], "validation_begun": 19.0}, *history[1:]]
    assert falling(begun) == pytest.approx((middle - last) / (19.0 - last))
    of_nan = [{**history[0], "validation_begun": math.nan}, *history[1:]]
    assert falling(of_nan) == pytest.approx((middle - last) / (9.0 - last))
    assert falling(history[:5]) is None and falling(history[:6]) is not None
    assert falling([{"loss": 3.0}] * 8) is None  # it did not fall
    held = [
        {**record, "validation_loss": 5.0 - 0.1 * i, "validation_held": 20.0 - i} for i, record in enumerate(history)
    ]
    assert falling(held) == pytest.approx((14.5 - 9.5) / (20.0 - 9.5))  # what chooses the epoch comes first
    some = [{**record, "validation_held": None} for record in held[:1]] + held[1:]
    assert falling(some) == pytest.approx((4.45 - 3.95) / (5.0 - 3.95))
    assert falling([*history, {"loss": math.inf}, {"interrupted": True}]) == falling(history)
    rising = [{"loss": value} for value in (9.0, 8.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0)]
    assert falling(rising) == 0.0


def test_steps_and_extras_of_a_history() -> None:
    history = [{"epoch": 1, "step": 11, "loss": 1.0}, {"epoch": 2, "step": None, "tc": 2.0, "validation_tc": 1.0}]
    assert steps_of(history) == 11 and steps_of([]) == 0 and steps_of([{"epoch": 1}]) == 0
    assert extras_of([*history, {"mi": 1.0, "tc": 3.0}]) == ("tc", "mi")


def test_what_an_old_runs_latents_tell() -> None:
    assert total_rate_of({"rate": None}) is None and total_rate_of({"rate": [1.0, None, 2.5]}) == 3.5
    assert total_rate_of({"rate": [9.0], "total_rate": 0}) == 0.0
    latent = {"active_units": 1, "variance": [0.1, 0.2, 0.3], "rate": [2.0, 0.0, 0.0]}
    (found,) = verdicts({"latent": latent, "parameters": {}})
    assert found.kind == "unused_latents" and dict(found.numbers) == {"active": 1, "latent_dim": 3, "rate": 2.0}
    (found,) = verdicts({"latent": {**latent, "active_units": 0}, "parameters": {}})
    assert found.kind == "collapsed" and found.numbers["beta"] == 1.0
    (found,) = verdicts({"latent": {**latent, "active_units": 0}, "parameters": {"beta": 2.0}})
    assert found.numbers["beta"] == 2.0
    (found,) = caveats({"likelihood": {"name": "bernoulli soft"}})
    assert (found.kind, found.severity) == ("no_density", "note")


def test_columns_without_a_schema(fit: tuple[Any, np.ndarray]) -> None:
    vae, x = fit
    z = vae.transform(x)
    found = columns_of(vae, z)
    assert [each["name"] for each in found] == ["x0", "x1", "x2"] and [each["classes"] for each in found] == [None] * 3
    assert {tuple(each) for each in found} == {("name", "kind", "reason", "classes", "sigma")}
    deviation = np.median(vae.decode_deviation(z), axis=0)
    np.testing.assert_allclose([each["sigma"] for each in found], deviation)
    np.testing.assert_allclose(deviation, [0.5, 0.5, 2.0], rtol=0.35)
    assert found[0]["kind"] == "Gaussian" and found[0]["reason"] == vae.likelihood_.reason
    assert [each["sigma"] for each in columns_of(vae)] == [None] * 3


def test_the_spread_of_a_gaussian_in_the_datas_units(fit: tuple[Any, np.ndarray]) -> None:
    vae, x = fit
    z = vae.transform(x)
    found = sigma_of(vae, z)
    each = vae.decode_deviation(z)[0]
    assert set(found) == {"kind", "low", "high", "low_of", "high_of"} and found["kind"] == "per-feature"
    assert (found["low"], found["high"]) == pytest.approx((each.min(), each.max()), rel=1e-4)
    assert (found["low_of"], found["high_of"]) == (f"feature {each.argmin()}", "feature 2")
    named = sigma_of(vae, z, feature_names=["a", "b", "c"])
    assert named["high_of"] == "c" and named["low_of"] in "ab"
    assert sigma_of(vae, z, feature_names=["a", "b"])["high_of"] == "feature 2"
    one = AE(1, likelihood="gaussian:fixed=2", hidden=8, epochs=5, random_state=0).fit(x)
    found = sigma_of(one, one.transform(x))
    assert found["low"] == pytest.approx(2.0, rel=1e-5) and found["kind"] == "fixed"
    assert found["low_of"] is found["high_of"] is None
    assert found["low"] == found["high"]
    bits = (x > 0.0).astype(float)
    other = AE(1, likelihood="bernoulli", hidden=8, epochs=5, learning_rate=0.01, random_state=0).fit(bits)
    assert sigma_of(other, other.transform(bits)) is None


def test_coverage_is_the_share_within_so_many_deviations(fit: tuple[Any, np.ndarray]) -> None:
    vae, x = fit
    levels = [0.5, 0.9]
    found = calibration(vae, x, levels=levels, random_state=4)
    drawn, mean = vae.draw_codes(x, random_state=4)[0], vae.encode(x)[0]
    for codes, coverage in ((drawn, found.coverage), (mean, found.coverage_at_mean)):
        low, high = vae.decode_interval(codes, level=ONE_SIGMA)
        distance = np.abs(x - (low + high) / 2) / ((high - low) / 2)
        limits = stats.norm.ppf(0.5 + np.array(levels) / 2)
        np.testing.assert_allclose(coverage, [(distance <= limit).mean() for limit in limits], atol=1e-9)
    low, high = vae.decode_interval(drawn, level=ONE_SIGMA)
    inside = np.abs(x - (low + high) / 2) <= stats.norm.ppf(0.95) * (high - low) / 2
    np.testing.assert_allclose(found.feature_coverage[1], inside.mean(axis=0), atol=1e-9)
    assert found.rows == 160 and found.levels.tolist() == levels and found.feature_coverage.shape == (2, 3)
    assert calibration(vae, x[:10], levels=0.5).levels.tolist() == [0.5]
    for bad in (0.0, 1.0, [], [[0.5]], "high"):
        with pytest.raises(InputError, match="shares between 0 and 1"):
            calibration(vae, x, levels=bad)
    with pytest.raises(InputError, match="at least 10 rows; these are 9"):
        calibration(vae, x[:9])


def test_a_calibration_in_words_and_numbers() -> None:
    levels, coverage = np.array([0.5, 0.9973]), np.array([0.45, 0.99])
    found = Calibration(levels, coverage, coverage + 0.01, np.zeros((2, 3)), 40)
    assert found.worst == pytest.approx(0.05) and found.summary == "50 %: 45.0 %, 99.73 %: 99.0 %"
    assert found.figures == {"levels": [0.5, 0.9973], "coverage": [0.45, 0.99]}
    assert str(found) == f"{found.verdict} ({found.summary})" and found.verdict.startswith("Too narrow: ")
    plain = found.to_dict()
    assert plain == {"rows": 40, "levels": [0.5, 0.9973], "coverage": [0.45, 0.99], "verdict": found.verdict,
                     "coverage_at_mean": pytest.approx([0.46, 1.0])}  # fmt: skip


def test_evidence_in_words(fit: tuple[Any, np.ndarray]) -> None:
    vae, x = fit
    found = evidence(vae, x[:40], k=60)
    text = str(found)
    errors = f"± {rough(found.mean_standard_error)} (draws) ± {rough(found.sampling_error)} (rows)"
    assert text.startswith(f"log p(x) {found.mean:.2f} {errors} nats (k = 60, 40 rows)")
    assert f"ELBO {found.elbo:.2f} = −(distortion {found.distortion.mean():.2f} + rate {found.rate.mean():.2f})" in text
    assert f"gap {found.gap:.2f}" in text and "bits/dim" in text


def test_what_is_documented_is_what_is_taken_by_default() -> None:
    """The numbers that docs/evaluation.md and the docstrings name."""

    def defaults(function: Any) -> dict[str, Any]:
        parameters = inspect.signature(function).parameters.values()
        return {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty}

    assert defaults(sample_quality)["max_rows"] == 10_000
    assert defaults(evidence)["k"] == 5000 and defaults(evidence)["random_state"] == 0
    assert defaults(evaluate) == {
        "y": None,
        "k": None,
        "chunk": None,
        "precision": "auto",
        "random_state": 0,
        "train": None,
    }
    assert {name: defaults(compare)[name] for name in ("k", "samples", "features", "random_state", "pca")} == {
        "k": 500, "samples": 2000, "features": "auto", "random_state": 0, "pca": None
    }  # fmt: skip
    assert defaults(calibration)["levels"] == (0.5, 0.8, 0.9, 0.95, 0.9973)
