"""Numbers of evaluations against formulas written out here: laws beside a model, comparisons, information, judging."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import special, stats
from sklearn.decomposition import PCA

from aevum import AE, CVAE, VAE, InputError, MixtureVAE, open_data
from aevum.data import Dataset
from aevum.evaluation import (
    anomaly_scores,
    calibration,
    compare,
    detect,
    evaluate,
    evidence,
    frechet_distance,
    kernel_distance,
    latent_diagnostics,
    memorisation,
    precision_recall_density_coverage,
    sample_quality,
)
from aevum.evaluation.anomalies import threshold
from aevum.evaluation.compared import Comparison, Entry
from aevum.evaluation.comparison import names_of
from aevum.evaluation.features import usual_features
from aevum.evaluation.given import described, rows_of
from aevum.evaluation.judged import (
    FEWEST_ROWS,
    MOST_ROWS,
    beside_baselines,
    judge,
    linear_errors,
    of_the_data,
    room_for_components,
    some_rows,
    squares_of,
    taken,
)
from aevum.evaluation.latents import LatentDiagnostics, counted_information, kernel_two_sample_test, mutual_information
from aevum.evaluation.linear import PrincipalComponents
from aevum.evaluation.log_evidence import Evidence
from aevum.evaluation.rows import extractor_name
from aevum.evaluation.simple import apart, compared, counted, mixed, of_density, rows_for, shares

RANDOM = np.random.default_rng(0)

# -------------------------------------------------------------------- simple laws


def test_a_share_counts_one_more_of_each() -> None:
    known = np.array([2.0, 2.0, 5.0, 7.0])
    found = shares(np.array([2.0, 5.0, 7.0, 3.0, 9.0, -1.0]), known)
    np.testing.assert_allclose(np.exp(found), np.array([3, 2, 2, 1, 1, 1]) / 8.0)


def test_counts_by_their_moments() -> None:
    x = np.arange(6.0)
    even, wide = np.array([3.0, 4.0, 5.0]), np.array([0.0, 1.0, 9.0, 30.0])
    np.testing.assert_allclose(counted(x, even), stats.poisson.logpmf(x, 4.0))
    mean, variance = wide.mean(), wide.var()
    r = mean**2 / (variance - mean)
    np.testing.assert_allclose(counted(x, wide), stats.nbinom.logpmf(x, r, r / (r + mean)))
    np.testing.assert_allclose(counted(x, np.zeros(10)), stats.poisson.logpmf(x, 0.05))  # half a count in all rows
    np.testing.assert_allclose(counted(x, np.array([1.0, 3.0, 2.0, 2.0])), stats.poisson.logpmf(x, 2.0))


def test_one_value_beside_others() -> None:
    known = np.array([0.0, 0.0, 0.0, 2.0, 6.0])
    x = np.array([0.0, 3.0])
    share = 4.0 / 7.0
    expected = [math.log(share), math.log(1.0 - share) + stats.norm.logpdf(3.0, 4.0, 2.0)]
    np.testing.assert_allclose(mixed(x, known), expected)
    one = np.array([0.0, 0.0, 5.0])  # of one value no deviation is known: 1
    np.testing.assert_allclose(mixed(x, one)[1], math.log(0.4) + stats.norm.logpdf(3.0, 5.0, 1.0))


def test_columns_apart_are_summed_over_the_cells_that_are_there() -> None:
    known = np.array([[0.0, 1.0, 4.0, 0.0], [1.0, 1.0, 5.0, 2.0], [1.0, np.nan, 3.0, 6.0], [np.nan, 4.0, 4.0, 0.0]])
    x = np.array([[1.0, 4.0, np.nan, 0.0], [np.nan, np.nan, 2.0, 1.0]])
    found = apart(x, known, ["mass", "count", "count", "mixed"])
    first = (
        shares(x[:1, 0], known[:3, 0])[0] + counted(x[:1, 1], known[[0, 1, 3], 1])[0] + mixed(x[:1, 3], known[:, 3])[0]
    )
    second = counted(x[1:, 2], known[:, 2])[0] + mixed(x[1:, 3], known[:, 3])[0]
    np.testing.assert_allclose(found, [first, second])
    assert (apart(x, known, ["density", "none", "density", "none"]) == 0.0).all()


def test_how_far_a_model_is_ahead() -> None:
    ours, theirs = np.array([1.0, 4.0, 2.0]), np.array([0.0, 2.0, 2.5])
    error = np.std([1.0, 2.0, -0.5], ddof=1) / math.sqrt(3)
    assert compared("law", ours, theirs) == pytest.approx(
        {"name": "law", "nats": 1.5, "ahead": 2.5 / 3, "error": error}
    )


class Latents:
    """The little of a model that laws depend on."""

    def __init__(self, latent_dim: int) -> None:
        self.parts_ = type("Parts", (), {"latent_dim": latent_dim})


def test_which_laws_rows_can_tell_of() -> None:
    x = RANDOM.normal(size=(40, 4))
    own = {latents: set(of_density(x, x, Latents(latents), own=True)) for latents in (1, 2, 3)}
    assert own[2] == {"independent columns", "PCA", "Gaussian"} and own[3] == {"independent columns", "Gaussian"}
    assert own[1] == own[2]
    assert set(of_density(x, x[:5], Latents(1), own=True)) == {"independent columns", "PCA"}
    assert set(of_density(x, x[:6], Latents(1), own=True)) == {"independent columns", "PCA", "Gaussian"}
    assert set(of_density(x, x[:2], Latents(1), own=True)) == {"independent columns"}
    assert set(of_density(x[:, :1], x[:, :1], Latents(1), own=True)) == {"independent columns"}
    assert set(of_density(x, x, Latents(1), own=False)) == {"the mean and one σ", "PCA"}
    none = of_density(x[:, :0], x[:, :0], Latents(1), own=True)
    assert set(none) == {"independent columns"} and (none["independent columns"] == 0.0).all()
    still = np.column_stack([x[:, 0], np.full(40, 3.0)])  # a column that never changes has the unit 1
    found = of_density(still, still, Latents(1), own=True)["independent columns"]
    expected = stats.norm.logpdf(still[:, 0], still[:, 0].mean(), still[:, 0].std()) + stats.norm.logpdf(0.0)
    np.testing.assert_allclose(found, expected)


def test_as_many_rows_as_take_seconds() -> None:
    assert rows_for(1) >= rows_for(100) >= rows_for(10**6) > 0 and rows_for(1) == rows_for(2)


# -------------------------------------------------------------------- beside PCA


def test_room_for_components() -> None:
    x = RANDOM.normal(size=(9, 5))
    assert room_for_components(x) == 4 and room_for_components(x[:8]) == 4 and room_for_components(x[:7]) == 3
    assert room_for_components(x * [1.0, 0.0, 1.0, 0.0, 1.0]) == 3


@pytest.mark.parametrize("shrunk", [False, True])
def test_errors_of_a_linear_model(shrunk: bool) -> None:
    """Of a model with a prior the codes are shrunk as the posterior of probabilistic PCA's are, (λ − σ²)/λ."""
    known, x = RANDOM.normal(size=(60, 4)) * [4.0, 2.0, 1.0, 0.5], RANDOM.normal(size=(7, 4))
    pca = PCA(2).fit(known)
    centred = (x - known.mean(0)) @ pca.components_.T
    kept = 1.0 - pca.noise_variance_ / pca.explained_variance_ if shrunk else 1.0
    expected = np.square(x - known.mean(0) - (centred * kept) @ pca.components_).sum(1)
    np.testing.assert_allclose(linear_errors(known, x, 2, shrunk), expected)


def test_rows_that_are_judged() -> None:
    assert some_rows((7, 3), 0).tolist() == list(range(7))
    some = some_rows((10**6, 3), 0)
    assert len(some) == MOST_ROWS and (np.diff(some) > 0).all() and some[-1] < 10**6
    assert np.array_equal(some, some_rows((10**6, 3), 0)) and not np.array_equal(some, some_rows((10**6, 3), 1))
    x = np.arange(6.0).reshape(3, 2)
    assert (
        taken(x, np.array([2, 0])).tolist() == taken(x.tolist(), np.array([2, 0])).tolist() == [[4.0, 5.0], [0.0, 1.0]]
    )
    gaps = np.array([[1.0, np.nan], [3.0, 5.0]])
    np.testing.assert_allclose(squares_of(gaps, np.zeros((2, 2))), [1.0, 34.0])


class Known:
    """A model whose reconstructions are known."""

    conditional, has_density = False, False

    def __init__(self, again: Any, latent_dim: int = 2) -> None:
        self.again = again
        self.parts_ = type("Parts", (), {"latent_dim": latent_dim, "event": (6,)})
        self.likelihood_ = type("Likelihood", (), {"family": "gaussian"})
        self.fitted_ = type("Fitted", (), {"blocks": lambda _, x, y: [(torch.from_numpy(x), None)],
                                           "kinds": lambda _: None})()  # fmt: skip

    def on_one_scale(self, X: Any, y: Any = None) -> Any:
        return X, self.again(X)


def test_shares_of_the_variance_and_their_margin() -> None:
    x = RANDOM.normal(size=(300, 6)) * [5.0, 4.0, 1.0, 1.0, 0.5, 0.5] + 7.0
    train, held = x[:200], x[200:]
    found = beside_baselines(Known(lambda x: 0.9 * x), held, train=train)
    whole = np.square(held - train.mean(0)).sum(1).mean()
    ours, pca = np.square(0.1 * held).sum(1), linear_errors(train, held, 2, shrunk=False)
    off = ours - pca
    assert set(found) == {"unexplained", "judged_rows", "judged_on", "pca_unexplained", "pca_components", "pca_margin"}
    assert found["unexplained"] == pytest.approx(ours.mean() / whole)
    assert found["pca_unexplained"] == pytest.approx(pca.mean() / whole)
    assert found["pca_margin"] == pytest.approx(off.mean() / (off.std() / 10.0))
    assert (found["judged_rows"], found["judged_on"], found["pca_components"]) == (100, "held-out data", 2)
    assert beside_baselines(Known(lambda x: x), held, train=train, judged_on=None)["judged_on"] is None
    assert beside_baselines(Known(lambda x: x), held[: FEWEST_ROWS - 1], train=train) == {}
    assert beside_baselines(Known(lambda x: x), held[:FEWEST_ROWS], train=train)["judged_rows"] == FEWEST_ROWS
    assert beside_baselines(Known(lambda x: x * np.nan), held, train=train) == {}


def test_without_training_rows_each_half_is_held_against_the_other() -> None:
    x = RANDOM.normal(size=(30, 6)) + np.arange(6.0)
    found = beside_baselines(Known(lambda x: 0.0 * x), x)
    halves = np.array_split(np.random.default_rng(0).permutation(30), 2)
    of_mean = np.concatenate([np.square(x[a] - x[b].mean(0)).sum(1) for a, b in (halves, halves[::-1])])
    assert found["unexplained"] == pytest.approx(np.square(x).sum(1).mean() / of_mean.mean())
    assert "laws" not in found


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_a_fit_is_judged_on_the_rows_it_left_out() -> None:
    x = RANDOM.normal(size=(80, 1)) * [3.0, 1.0, 2.0] + 0.3 * RANDOM.normal(size=(80, 3))
    x[3, 1] = np.nan
    ae = AE(1, epochs=3, validation_fraction=0.25, random_state=0).fit(x)
    figures = judge(ae, x)
    assert (figures.rows, figures.columns, figures.judged_on) == (80, 3, "held-out data")
    assert figures.missing == pytest.approx(1 / 240) and figures.most_missing == ("x1", 1 / 80)
    assert figures.active == len(ae.latent_summary_.active) == 1 and figures.rate is None
    assert figures.judged_rows == 20 and figures.latent_dim == 1 and figures.beta is None
    other = judge(ae, x, held_out=(x[:30], None))
    assert other.judged_rows == 30 and other.judged_on == "held-out data"
    whole = AE(1, epochs=2, validation_fraction=0.0, random_state=0).fit(x)
    assert judge(whole, x).judged_on == "the training data" and judge(whole, x).judged_rows == 80
    still = np.column_stack([x, np.full(80, 2.0)])
    with pytest.warns(match="constant|never change"):
        fitted = AE(1, epochs=1, random_state=0).fit(still)
    assert of_the_data(fitted, still)["constant"] == ("x3",) and of_the_data(fitted, still)["rounded"] == ()


# -------------------------------------------------------------------- latents


def test_information_is_the_mean_log_ratio_of_its_own_posterior_to_all() -> None:
    mean, deviation = RANDOM.normal(size=(8, 2)), RANDOM.uniform(0.3, 1.0, (8, 2))
    z = mean + deviation * RANDOM.normal(size=(8, 2))
    log_q = stats.norm.logpdf(z[:, None, :], mean[None], deviation[None]).sum(-1)
    expected = (np.diag(log_q) - special.logsumexp(log_q, axis=1) + math.log(8)).mean()
    assert mutual_information(mean, deviation, z) == pytest.approx(expected)
    assert counted_information(log_q) == pytest.approx(expected)


def test_the_two_sample_statistic_by_hand_and_its_rank() -> None:
    a, b = RANDOM.normal(size=(7, 2)), RANDOM.normal(size=(5, 2)) + 0.5
    both = np.concatenate([a, b])
    squares = np.square(both[:, None] - both[None]).sum(-1)
    kernel = np.exp(-squares / np.median(squares[np.triu_indices(12, 1)]))

    def statistic(first: np.ndarray) -> float:
        inside = kernel[np.ix_(first, first)], kernel[np.ix_(~first, ~first)]
        n, m = first.sum(), (~first).sum()
        return (
            (inside[0].sum() - n) / (n * (n - 1)) + (inside[1].sum() - m) / (m * (m - 1))
            - 2.0 * kernel[np.ix_(first, ~first)].mean()
        )  # fmt: skip

    first = np.arange(12) < 7
    found, p = kernel_two_sample_test(a, b, np.random.RandomState(3), permutations=50)
    assert found == pytest.approx(statistic(first))
    random, rows = np.random.RandomState(3), [first]
    for _ in range(50):
        row = first.copy()
        random.shuffle(row)
        rows.append(row)
    assert p == pytest.approx(np.mean([statistic(row) >= found - 1e-12 for row in rows]))


# -------------------------------------------------------------------- comparisons


@pytest.fixture(scope="module")
def fits() -> tuple[Any, ...]:
    x = RANDOM.normal(size=(140, 2)) @ RANDOM.normal(size=(2, 4)) + 0.3 * RANDOM.normal(size=(140, 4))
    ae, vae = (kind(2, hidden=8, epochs=60, learning_rate=0.01, random_state=0).fit(x[:100]) for kind in (AE, VAE))
    return ae, vae, x[:100], x[100:]


def test_a_comparisons_line_is_what_each_function_says(fits: tuple[Any, ...]) -> None:
    ae, vae, train, held = fits
    labels = np.arange(40) % 2
    found = compare({"a": ae, "b": vae}, held, labels, train=train, k=30, samples=25, features=None, random_state=3)
    assert (found.rows, found.k, found.samples, len(found.originals)) == (40, 30, 25, 8)
    assert found.features == "the data themselves" or "data" in found.features
    pca, a, b = found.entries
    assert [e.name for e in found.entries] == ["PCA", "a", "b"] and [e.model for e in found.entries] == [
        "PCA",
        "AE",
        "VAE",
    ]
    said = evidence(vae, held, k=30, random_state=3)
    assert b.log_evidence == pytest.approx(said.mean) and b.evidence_error == pytest.approx(said.mean_standard_error)
    assert a.log_evidence is a.evidence_error is a.bits_per_dim is a.units is None and b.units == pca.units
    assert b.weights == sum(p.numel() for p in vae.model_.parameters())
    np.testing.assert_allclose(b.reconstructions, vae.reconstruct(held[:8]), rtol=1e-5)
    np.testing.assert_allclose(b.samples, vae.sample(25, random_state=3)[:8])
    assert b.latent_dim == 2 and not b.conditional and b.accuracy is not None and b.frechet > 0.0
    linear = PrincipalComponents(2, 3).fit(train)
    assert pca.squared_error == pytest.approx(np.square(linear.reconstruct(held) - held).sum(1).mean())
    assert pca.bits_per_dim == pytest.approx(-pca.log_evidence / (4 * math.log(2.0))) and pca.evidence_error == 0.0
    assert pca.weights == linear.weights == 2 * 4 + 4 + 2 + 1 and pca.active == pca.latent_dim == 2
    np.testing.assert_allclose(pca.samples, linear.sample(25, 3)[:8])
    np.testing.assert_allclose(pca.reconstructions, linear.reconstruct(held)[:8])
    assert found.to_dict() == {"rows": 40, "k": 30, "samples": 25, "features": found.features,
                               "models": [e.to_dict() for e in found.entries]}  # fmt: skip
    assert set(b.to_dict()) == set(Entry.__dataclass_fields__) - {"reconstructions", "samples"}


def test_samples_are_compared_on_the_features_that_are_asked_for(fits: tuple[Any, ...]) -> None:
    _, vae, train, held = fits

    def halves(x: Any) -> Any:
        return np.asarray(x)[:, :2] / 2.0

    kinds = (train[:, 0] > 0.0).astype(int)
    of_classes = usual_features((train, kinds), (held, None), seed=0)
    assert extractor_name(of_classes) == compare([vae], held, train=train, y_train=kinds, k=5).features
    assert of_classes is not None and "classifier" in extractor_name(of_classes)
    found = compare([vae], held, features=halves, samples=30)
    drawn = vae.sample(30, random_state=0)
    assert found.features == "halves"
    assert found.entries[0].frechet == pytest.approx(frechet_distance(halves(held), halves(drawn)), rel=1e-5)
    same = precision_recall_density_coverage(halves(held), halves(drawn))
    assert (found.entries[0].precision, found.entries[0].recall) == (same.precision, same.recall)


def test_how_many_rows_a_comparison_takes(fits: tuple[Any, ...]) -> None:
    ae, _, train, held = fits
    found = compare([ae], held[:20], train=train, pca=0)
    assert found.rows == found.samples == 20 and [e.name for e in found.entries] == ["AE"]
    with pytest.raises(InputError, match="at least 20 rows; these are 19"):
        compare([ae], held[:19])
    with pytest.raises(InputError, match="pca needs training rows"):
        compare([ae], held, pca=1)
    with pytest.raises(InputError, match="each training row has shape"):
        compare([ae], held, train=train[:, :3])
    assert compare([ae], held).entries[0].name == "AE" and compare(ae, held).entries[0].name == "AE"
    assert [e.latent_dim for e in compare([ae], held, train=train, pca=3).entries] == [3, 2]


def entry(name: str, **changed: Any) -> Entry:
    found = Entry(name=name, model=name, conditional=False, latent_dim=3, squared_error=12.5, log_evidence=-1234.5,
                  evidence_error=0.1, bits_per_dim=0.5, units="nats", active=2, frechet=1.5, precision=0.25, recall=0.5,
                  accuracy=0.75, seconds=3.25, weights=12345, reconstructions=np.zeros((1, 2)),
                  samples=np.zeros((1, 2)))  # fmt: skip
    return replace(found, **changed)


def test_a_comparisons_table() -> None:
    none = {"log_evidence": None, "bits_per_dim": None, "units": None}
    one = Comparison((entry("a"), entry("b", **none)), 40, 30, 1025, "the data", np.zeros((2, 4)))
    heads, cells = one.table()
    named = "model, latents, active, squared error, log p(x) nats, bits/dim, Fréchet, precision, recall, labels right"
    assert [head.replace(",", "") for head in heads] == [*named.split(", "), "training", "weights"]
    assert cells[0] == [
        "a",
        "3",
        "2",
        "12.50",
        "−1,234.50",
        "0.5000",
        "1.500",
        "25.0 %",
        "50.0 %",
        "75.0 %",
        "3.2 s",
        "12,345",
    ]
    assert cells[1][4:6] == ["–", "–"] and not one.mixed_units and one.kind == "samples (full draws)"
    assert replace(one, originals=np.zeros((2, 4, 4))).kind == "samples (means of the likelihood)"
    notes = " ".join(one.notes())
    assert (
        "40 rows." in notes
        and "1,025 samples (full draws), compared on the data." in notes
        and "30 draws a row" in notes
    )
    assert "same letter" not in notes and "told the label" not in notes
    two = Comparison((entry("a"), entry("b", units="bits", conditional=True)), 40, 30, 25, "the data", np.zeros((2, 4)))
    assert two.mixed_units and two.mark(two.entries[0]) == " (b)" and two.mark(two.entries[1]) == " (a)"
    assert "(a) bits; (b) nats." in " ".join(two.notes()) and "told the label" in " ".join(two.notes())
    assert two.table()[1][0][4] == "−1,234.50 (b)"
    bare = {**none, "accuracy": None, "frechet": None}
    none = Comparison((entry("a", **bare),), 40, 30, 25, "x", np.zeros((2, 4)))
    assert (
        "bits/dim" not in none.table()[0]
        and "log p" not in str(none)
        and "labels right" not in none.table()[0]
        and "Fréchet" not in none.table()[0]
    )
    lines = str(one).splitlines()
    assert (
        lines[0].startswith("model  latents")
        and lines[1].startswith("a  ")
        and len({len(line) for line in lines[:3]}) == 1
    )
    assert lines[3] == ""


# -------------------------------------------------------------------- evaluations


def test_an_evaluation_is_what_each_function_says(fits: tuple[Any, ...]) -> None:
    ae, vae, train, held = fits
    found = evaluate(vae, held, k=60, random_state=2, train=train)
    errors = vae.reconstruction_error(held)
    assert found.squared_error == pytest.approx(errors.mean())
    assert found.unexplained_variance == pytest.approx(errors.mean() / np.square(held - held.mean(0)).sum(1).mean())
    assert (found.rows, found.dimensions, found.model, found.no_density) == (40, 4, "VAE", "")
    assert found.evidence.mean == pytest.approx(evidence(vae, held, k=60, random_state=2).mean)
    assert found.latents.to_dict() == latent_diagnostics(vae, held, random_state=2).to_dict()
    assert found.latents.marginal_divergence is None  # of so few rows the information is a bound
    many = latent_diagnostics(vae, np.concatenate([train] * 20))
    assert many.information < math.log(2000) - 3.0
    assert many.marginal_divergence == many.total_rate - many.information
    plain = found.to_dict()
    assert set(plain) == {"model", "rows", "squared_error", "mean_squared_error", "unexplained_variance", "findings",
                          "evidence", "latents", "calibration", "representation"}  # fmt: skip
    assert plain["mean_squared_error"] == pytest.approx(errors.mean() / 4) and plain["representation"] is None
    assert "verdict" not in plain["latents"] and "verdict" not in plain["calibration"]
    figures = found.figures
    expected = beside_baselines(vae, held, train=train)
    assert figures.judged_on is None and figures.unexplained == pytest.approx(expected["unexplained"])
    assert figures.draws == 60 and list(figures.levels) == list(found.calibration.levels)
    text = str(found)
    assert text.startswith("VAE on 40 rows\nverdict: ") and "\nintervals: " in text and "\nlabels: " not in text
    still = evaluate(ae, held)
    assert (
        still.evidence is None and still.calibration is None and "evidence: none: " in str(still) and still.no_density
    )


def known_evidence(**changed: Any) -> Evidence:
    found = Evidence(
        k=1000, log_evidence=np.array([-1.0, -3.0]), standard_error=np.array([0.2, 0.4]),
        effective_sample_size=np.array([4.0, 80.0]), bound_error=np.array([0.3, 0.1]), distortion=np.array([1.5, 2.5]),
        rate=np.array([0.5, 1.5]), pareto_k=np.array([0.2, 0.8]), key=np.array([1, 2], dtype=np.uint64), dimensions=4,
        units="nats",
    )  # fmt: skip
    return replace(found, **changed)


def test_evidence_in_numbers() -> None:
    found = known_evidence()
    assert found.mean == -2.0 and found.elbo == -3.0 and found.gap == 1.0
    assert found.bits_per_dim == pytest.approx(2.0 / (4 * math.log(2.0)))
    assert found.doubtful == 0.5 and found.heavy == 0.5
    assert found.shortfall == pytest.approx(0.5 * (0.04 + 0.16) / 2)
    assert found.elbo_error == pytest.approx(math.hypot(0.3, 0.1) / 2)
    assert found.mean_standard_error == pytest.approx(math.hypot(0.2, 0.4) / 2)
    same = replace(found, key=np.array([7, 7], dtype=np.uint64))  # equal rows share their draws, and so their error
    assert same.mean_standard_error == pytest.approx(0.3)
    plain = found.to_dict()
    assert plain == {
        "rows": 2, "k": 1000, "log_evidence": -2.0, "monte_carlo_error": found.mean_standard_error,
        "sampling_error": found.sampling_error, "bits_per_dim": found.bits_per_dim, "elbo": -3.0, "distortion": 2.0,
        "rate": 1.0, "gap": 1.0,
        "effective_sample_size": {"median": 42.0, "lowest": 4.0, "doubtful_share": 0.5},
        "pareto_k": {"median": 0.5, "heavy_share": 0.5}, "elbo_error": found.elbo_error,
        "shortfall": found.shortfall, "trusted": False, "units": found.units,
    }  # fmt: skip
    assert found.figures == {
        "draws": 1000,
        "doubtful": 0.5,
        "heavy": 0.5,
        "shortfall": found.shortfall,
        "trusted": False,
    }
    fine = known_evidence(pareto_k=np.array([0.1, 0.2]))
    assert fine.trusted and not replace(fine, k=49).trusted and replace(fine, k=50).trusted
    assert not replace(fine, standard_error=np.array([0.5, 0.5])).trusted  # half of its square is over a tenth
    limit = 1.0 - 1.0 / math.log10(100.0)
    assert replace(fine, k=100, pareto_k=np.array([limit, limit + 1e-9])).heavy == 0.5
    assert replace(fine, k=10**6, pareto_k=np.array([0.7, 0.7001])).heavy == 0.5
    assert replace(fine, effective_sample_size=np.array([5.0, 4.999])).doubtful == 0.5


# -------------------------------------------------------------------- what is given


def test_data_are_taken_as_they_are_called() -> None:
    x, y = RANDOM.normal(size=(5, 2)), np.arange(5)
    data = Dataset(x, y, name="mine", feature_names=("a", "b"))
    assert described(data, None, "data", None)[2:] == ("mine", ("a", "b"))
    found = described(data, y + 1, "yours", ["c", "d"])
    assert found[0] is data.x and found[1].tolist() == [1, 2, 3, 4, 5] and found[2:] == ("yours", ["c", "d"])
    assert described(data, None, "data", None)[1] is data.y
    listed = described(x.tolist(), None, "data", None)
    np.testing.assert_array_equal(listed[0], x)
    assert listed[1] is None and listed[2:] == ("data", None)
    tensors = described(torch.from_numpy(x).requires_grad_(), torch.from_numpy(y), "data", None)
    assert isinstance(tensors[0], np.ndarray) and isinstance(tensors[1], np.ndarray)
    assert rows_of(x, np.array([1, 3])).tolist() == x[[1, 3]].tolist()
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(x, index=list("abcde"))
    assert rows_of(frame, np.array([1, 3])).equals(frame.iloc[[1, 3]])


# -------------------------------------------------------------------- what is far, samples, other latents


def test_far_values_of_columns_on_one_scale_are_far_from_all() -> None:
    """Seventy columns that share their bounds, as pixels do: one that hardly varies has no far values of its own."""
    x = np.random.default_rng(5).uniform(size=(200, 70))
    x[:, 5] = 0.5 + 1e-6 * x[:, 5]
    x[0], x[1] = 0.0, 1.0
    model: Any = Known(None)
    model.feature_names_ = model.fitted_.constant_columns = ()
    assert of_the_data(model, x)["far"] == 0
    other = of_the_data(model, x * np.linspace(1.0, 9.0, 70))
    assert other["far"] == 2 and other["far_in"] == ("x5",) and other["missing"] == 0.0
    whole = of_the_data(model, (10.0 * x).astype(np.int64))
    assert whole["missing"] == 0.0 and whole["most_missing"] == ("x0", 0.0)


def test_sample_quality_is_what_each_measure_says() -> None:
    x, y = RANDOM.normal(size=(60, 3)), RANDOM.normal(size=(50, 3)) + 0.3
    train = RANDOM.normal(size=(40, 3))
    found = sample_quality(x, y, features=None, train=train, k=3, subset_size=20, subsets=7, seed=5)
    assert found.frechet == pytest.approx(frechet_distance(x, y)) and found.seed == 5 and found.width == 3
    assert (found.kernel, found.kernel_error) == kernel_distance(x, y, subset_size=20, subsets=7, seed=5)
    assert found.neighbours == precision_recall_density_coverage(x, y, 3)
    assert found.memorisation == memorisation(train, y, x)
    assert (found.real_rows, found.generated_rows) == (60, 50)
    assert set(found.to_dict()) >= {"features", "width", "real_rows", "generated_rows", "frechet", "kernel", "seed"}
    some = sample_quality(x, y, features=None, train=train, max_rows=20, seed=5)
    rng = np.random.default_rng(5)
    of_x, of_y = (np.sort(rng.choice(len(rows), 20, replace=False)) for rows in (x, y))
    assert some.frechet == pytest.approx(frechet_distance(x[of_x], y[of_y]))
    alone = memorisation(train, y[of_y], x[of_x])
    assert some.memorisation is not None
    assert some.memorisation.samples == tuple(of_y[list(alone.samples)].tolist())
    assert memorisation(train, y, x, most=0).samples == () and len(memorisation(train, y, x, most=1).samples) == 1
    assert len(memorisation(train, y, x).samples) == 16 and memorisation(train, y, x).quantile == 0.99


def test_the_error_of_a_kernel_distance() -> None:
    """Of subsets that share rows it is more than their deviation over the root of their number."""
    x, y = RANDOM.normal(size=(30, 2)), RANDOM.normal(size=(40, 2))
    rng = np.random.default_rng(0)
    values = []
    for _ in range(5):
        a, b = x[rng.choice(30, 15, replace=False)], y[rng.choice(40, 15, replace=False)]
        kernel = [(p @ q.T / 2 + 1.0) ** 3 for p, q in ((a, a), (b, b), (a, b))]
        within = sum((each.sum() - np.trace(each)) / (15 * 14) for each in kernel[:2])
        values.append(within - 2.0 * kernel[2].mean())
    found = kernel_distance(x, y, subsets=5)  # at most half of the smaller set
    assert found[0] == pytest.approx(np.mean(values))
    assert found[1] == pytest.approx(np.std(values, ddof=1) * math.sqrt(1 / 5 + 1.0))


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_latents_without_a_closed_form_are_a_function_of_the_seed() -> None:
    x = RANDOM.normal(size=(60, 1)) * [3.0, 1.0, 2.0] + 0.3 * RANDOM.normal(size=(60, 3))
    model = MixtureVAE(2, components=2, hidden=8, epochs=3, random_state=0).fit(x)
    one, again, other = (latent_diagnostics(model, x, random_state=seed).to_dict() for seed in (3, 3, 4))
    assert one == again and one != other
    found = latent_diagnostics(model, x, random_state=3)
    drawn = model.draw_codes(x, random_state=3)[0].astype(float)
    prior = model.draw_prior(60, random_state=3).astype(float)
    order = np.random.RandomState(3).permutation(60)
    for d in range(2):
        test = stats.ks_2samp(drawn[order, d], prior[order, d])
        assert (found.ks_statistic[d], found.ks_p_value[d]) == pytest.approx((test.statistic, test.pvalue))
    assert found.total_rate == pytest.approx(float(model.distortion_and_rate(x, random_state=3)[1].mean()))


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_rows_are_read_as_the_model_reads_them(tmp_path: Any) -> None:
    """Columns by name, whatever their order; words where it knows words, and an error where it knows numbers."""
    pd = pytest.importorskip("pandas")
    z = RANDOM.normal(size=60)
    frame = pd.DataFrame({"a": z, "kind": np.where(z > 0, "tall", "small"), "b": 9.0 * z + RANDOM.normal(size=60)})
    vae = VAE(1, hidden=8, epochs=2, random_state=0).fit(frame)
    turned = frame[["b", "kind", "a"]]
    assert described(turned, None, "", None, vae)[3] == ["a", "kind", "b"]
    one, other = (judge(vae, frame, held_out=(rows, None)) for rows in (frame, turned))
    assert one == other and one.judged_rows == 60
    frame.to_csv(tmp_path / "words.csv", index=False)
    of_numbers = frame[["a", "b"]].assign(c=RANDOM.normal(size=60))
    other = VAE(1, hidden=8, epochs=2, random_state=0).fit(of_numbers)
    x = Dataset(of_numbers[["c", "a", "b"]].to_numpy(), None, name="mine", feature_names=("c", "a", "b"))
    assert latent_diagnostics(other, x).to_dict() == latent_diagnostics(other, of_numbers).to_dict()
    assert evidence(other, x, k=5).mean == evidence(other, of_numbers, k=5).mean
    np.testing.assert_array_equal(anomaly_scores(other, x, k=5), anomaly_scores(other, of_numbers, k=5))
    assert calibration(other, x).summary == calibration(other, of_numbers).summary
    numbers = VAE(1, hidden=8, epochs=1, random_state=0).fit(RANDOM.normal(size=(40, 3)))
    with pytest.raises(InputError, match="the model was fitted on numbers"):
        described(open_data(tmp_path / "words.csv"), None, "", None, numbers)


def diagnostics(**changed: Any) -> LatentDiagnostics:
    found = LatentDiagnostics(
        rows=40, variance=np.array([0.5, 0.01, 0.9]), rate=np.array([1.0, 3.0, 2.0]), total_rate=6.0,
        ks_statistic=np.array([0.1, 0.05, 0.2]), ks_p_value=np.array([0.5, 0.001, 0.4]), mmd=0.02, mmd_p_value=0.3,
        information=4.0, marginal_divergence=2.0,
    )  # fmt: skip
    return replace(found, **changed)


def test_codes_follow_the_prior_unless_a_large_difference_is_significant() -> None:
    assert diagnostics().follows_prior is True  # what is significant is small, and what is large is chance
    large = np.array([0.1, 0.1, 0.2])
    assert diagnostics(ks_statistic=large).follows_prior is False
    assert diagnostics(ks_statistic=large - 1e-9).follows_prior is True
    third = 0.01 / 3.0
    assert diagnostics(ks_statistic=large, ks_p_value=np.array([0.5, third, 0.4])).follows_prior is True
    assert diagnostics(ks_statistic=large, ks_p_value=np.array([0.5, 0.99 * third, 0.4])).follows_prior is False
    assert (
        diagnostics(mmd_p_value=0.01).follows_prior is True and diagnostics(mmd_p_value=0.0099).follows_prior is False
    )
    for name in ("ks_statistic", "ks_p_value", "mmd_p_value"):
        assert diagnostics(**{name: None}).follows_prior is None


def test_latents_in_numbers_and_words() -> None:
    found = diagnostics()
    assert found.active == (2, 0) and not found.collapsed and diagnostics(rate=None).active == (2, 0)
    assert diagnostics(rate=None, variance=np.array([0.9, 0.01, 0.5])).active == (0, 2)
    assert diagnostics(variance=np.full(3, 0.01)).collapsed
    assert found.figures == {"latent_dim": 3, "active": 2, "rate": 6.0, "follows_prior": True}
    assert (
        found.summary.replace("\N{NO-BREAK SPACE}", " ") == "2 of 3 active, rate 6.000 nats; the codes follow the prior"
    )
    assert diagnostics(total_rate=None, mmd_p_value=None).summary == "2 of 3 active"
    assert diagnostics(mmd_p_value=0.001).summary.endswith("; the codes do not follow the prior")
    assert str(found) == found.verdict
    plain = found.to_dict()
    assert {name: plain[name] for name in ("rows", "active_units", "active", "collapsed", "variance", "rate")} == {
        "rows": 40, "active_units": 2, "active": [2, 0], "collapsed": False, "variance": [0.5, 0.01, 0.9],
        "rate": [1.0, 3.0, 2.0],
    }  # fmt: skip
    assert (plain["total_rate"], plain["mmd"], plain["mmd_p_value"], plain["information"]) == (6.0, 0.02, 0.3, 4.0)
    assert plain["ks_statistic"] == [0.1, 0.05, 0.2] and plain["ks_p_value"] == [0.5, 0.001, 0.4]
    assert plain["marginal_divergence"] == 2.0 and plain["verdict"] == found.verdict
    more = {"active_units", "active", "collapsed", "verdict", "follows_prior"}
    assert set(plain) == {*LatentDiagnostics.__dataclass_fields__, *more} and plain["follows_prior"] is True
    assert diagnostics(rate=None).to_dict()["rate"] is None


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_a_conditional_fit_is_judged_with_the_labels_of_its_rows() -> None:
    x, y = RANDOM.normal(size=(80, 3)), np.arange(80) % 2
    x = x + 4.0 * y[:, None]
    made = {"network": "mlp", "hidden": 8, "epochs": 20, "learning_rate": 0.01, "validation_fraction": 0.25}
    model = CVAE(1, random_state=0, **made).fit(x, y)
    assert judge(model, x, y).judged_rows == judge(model, x, y, held_out=(x[:20], y[:20])).judged_rows == 20
    found = compare([model], x, y, k=5, samples=10, features=None).entries[0]
    assert found.conditional and found.accuracy is None
    assert found.squared_error == pytest.approx(model.reconstruction_error(x, y).mean())
    for of in (y, 1 - y):
        scores = anomaly_scores(model, x, of, k=5)
        np.testing.assert_array_equal(detect(model, x, of, k=5).scores, scores)
        limit = detect(model, x, y, reference=x, reference_y=of, k=5).threshold
        assert limit == threshold(scores, quantile=0.99)
        assert evaluate(model, x, of, k=5).evidence.mean == pytest.approx(
            float(-anomaly_scores(model, x, of, k=5).mean())
        )
    turned = judge(model, x, 1 - y)
    assert turned.unexplained > judge(model, x, y).unexplained  # a row's label is the row's


def test_models_are_called_by_their_kind_and_counted(fits: tuple[Any, ...]) -> None:
    ae, vae, _, _ = fits
    assert list(names_of([ae, vae, ae])) == ["AE 1", "VAE", "AE 2"] and list(names_of(vae)) == ["VAE"]
    assert names_of({"mine": ae}) == {"mine": ae}
    for wrong, words in (([], "no models"), ({"mine": VAE(1)}, "'mine' is no fitted"), ({"mine": 3}, "int")):
        with pytest.raises(InputError, match=words):
            names_of(wrong)
