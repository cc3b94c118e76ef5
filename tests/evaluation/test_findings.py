"""What is said of a model, and in which order: from plain numbers, and for every model from real fits."""

import json
import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from aevum import VAE
from aevum.evaluation import evaluate
from aevum.evaluation.findings import FEWEST_STEPS, SEVERITIES, Figures, findings
from aevum.evaluation.judged import beside_baselines, judge
from aevum.evaluation.training import falling, steps_of
from aevum.evaluation.wording import Finding, said
from aevum.recipes import ESTIMATORS

FINE = Figures(
    latent_dim=3, active=3, rate=5.0, beta=1.0, learned_sigma=True, epochs=60, steps=3000, falling=0.01,
    unexplained=0.2, pca_unexplained=0.4, pca_components=3, pca_margin=-9.0, judged_rows=200,
    judged_on="held-out data", follows_prior=True, levels=(0.5, 0.95), coverage=(0.5, 0.95), draws=500, trusted=True,
)  # fmt: skip
GAUSSIAN = {"name": "Gaussian", "nats": -9.0, "ahead": -1.0, "error": 0.1}
LAWS = {"rows": 80, "draws": 100, "columns": 6, "dense": 6, "given_y": False, "nats": -10.0, "laws": [GAUSSIAN]}
FAULTS = {
    "worse_than_a_law": ({"laws": LAWS}, "warning", "more_rows"),
    "start_kept": ({"start_kept": True, "started": True}, "note", "more_than_linear"),
    "no_dependence": ({"start_kept": True, "active": 0, "rate": 0.0}, "warning", "more_rows"),
    "few_rows": ({"rows": 50, "columns": 9}, "note", "more_rows"),
    "many_missing": ({"missing": 0.3, "most_missing": ("size", 0.6)}, "note", "leave_out"),
    "constant_columns": ({"constant": ("size", "kind")}, "note", ""),
    "rounded_columns": ({"rounded": ("size",)}, "note", ""),
    "far_values": ({"far": 2, "far_in": ("size",)}, "note", "mend_them"),
    "worse_than_mean": ({"unexplained": 1.1}, "bad", "fit_the_data"),
    "few_steps": ({"steps": 4, "epochs": 4}, "bad", "train_longer"),
    "collapsed": ({"active": 0, "rate": 0.001}, "bad", "use_the_code"),
    "still_falling": ({"falling": 0.3}, "warning", "train_longer"),
    "worse_than_pca": ({"unexplained": 0.5, "pca_margin": 7.0}, "warning", "fit_the_data"),
    "like_pca": ({"unexplained": 0.4, "pca_margin": 0.1}, "note", ""),
    "unused_latents": ({"active": 1}, "note", ""),
    "off_the_prior": ({"follows_prior": False}, "note", "higher_beta"),
    "intervals_too_wide": ({"coverage": (0.56, 0.96)}, "note", "sigma_that_differs"),
    "intervals_too_narrow": ({"coverage": (0.4, 0.8)}, "warning", "fewer_epochs"),
    "intervals_of_wrong_shape": ({"coverage": (0.58, 0.89)}, "note", "sigma_that_differs"),
    "bound_only": ({"draws": 5, "trusted": False, "doubtful": 0.0, "shortfall": 0.0}, "note", "more_draws"),
    "heavy_tailed_evidence": (
        {"trusted": False, "heavy": 0.6, "doubtful": 0.0, "shortfall": 0.02},
        "warning",
        "same_draws",
    ),
    "doubtful_evidence": ({"trusted": False, "doubtful": 0.3, "shortfall": 0.4}, "warning", "more_draws"),
    "interrupted": ({"interrupted": True}, "note", ""),
}


def kinds(figures):
    return [found.kind for found in findings(figures)]


def test_a_fine_model_is_called_so():
    assert kinds(FINE) == ["calibrated", "sound"]
    assert {found.severity for found in findings(FINE)} == {"good"}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_alone_is_one_finding(kind):
    change, severity, remedy = FAULTS[kind]
    found = [one for one in findings(replace(FINE, **change)) if one.severity != "good"]
    assert [(one.kind, one.severity, one.remedy) for one in found] == [(kind, severity, remedy)]
    assert "{" not in said(found[0]) and "nan" not in said(found[0]) and "e+" not in said(found[0])
    again = json.loads(json.dumps(found[0].to_dict()))
    assert Finding.from_dict(again).to_dict() == again


@pytest.mark.parametrize("first", FAULTS)
@pytest.mark.parametrize("second", FAULTS)
def test_the_worst_comes_first_and_nothing_green_beside_it(first, second):
    found = findings(replace(FINE, **{**FAULTS[second][0], **FAULTS[first][0]}))
    order = [SEVERITIES.index(one.severity) for one in found]
    assert order == sorted(order)
    assert not ({"bad", "warning"} & {one.severity for one in found} and "good" in {one.severity for one in found})


def test_no_number_is_needed():
    """Each figure may be unknown, and with none there is nothing to say."""
    assert findings(Figures()) == ()
    for name in vars(FINE):
        if name != "interrupted":
            [said(one) for one in findings(replace(FINE, **{name: None}))]


def test_advice_is_to_train_longer_where_that_is_what_is_missing():
    for change in ({"steps": 4}, {"falling": 0.3}):
        for fault in ("worse_than_mean", "worse_than_pca", "collapsed"):
            found = findings(replace(FINE, **FAULTS[fault][0], **change))
            assert {one.remedy for one in found if one.severity in ("bad", "warning")} <= {"train_longer", ""}
            assert "train_longer" in {one.remedy for one in found}


def test_advice_at_a_high_beta_is_a_lower_one():
    found = findings(replace(FINE, beta=8.0, **FAULTS["worse_than_pca"][0]))
    assert found[0].remedy == "lower_beta" and "now 8" in said(found[0])


def test_a_rate_near_zero_is_a_collapse_whatever_the_variance_of_the_codes():
    assert kinds(replace(FINE, rate=0.05))[0] == "collapsed"


def test_after_few_steps_a_fit_that_began_at_a_linear_model_is_that_at_least():
    (few,) = (one for one in findings(replace(FINE, steps=4, started=True)) if one.severity != "good")
    assert (few.kind, few.severity) == ("few_steps", "warning")
    assert "start_kept" not in kinds(replace(FINE, steps=4, started=True, start_kept=True))


def test_a_lead_of_chance_is_none_and_one_in_density_excuses_the_code():
    level = {**LAWS, "laws": [{**GAUSSIAN, "ahead": -0.1}]}
    assert "worse_than_a_law" not in kinds(replace(FINE, laws=level))
    ahead = {**LAWS, "laws": [{**GAUSSIAN, "nats": -11.0, "ahead": 1.0}]}
    worse = {one.kind: one for one in findings(replace(FINE, laws=ahead, **FAULTS["worse_than_pca"][0]))}
    assert worse["worse_than_pca"].severity == "note" and "−11.00" in said(worse["worse_than_pca"])


# -------------------------------------------------------------------- whether the loss still fell


def losses(values, name="loss"):
    return [{"epoch": e, "step": 11 * e, "loss": value, name: value} for e, value in enumerate(values, 1)]


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_a_loss_that_falls_is_told_from_one_at_rest(noise, offset):
    """Moved by a change of units, and under noise a tenth of what one epoch may have."""
    random = np.random.default_rng(0)
    epochs = np.arange(1, 61)
    rest = offset + 60 + 40 * 0.8**epochs + noise * random.normal(size=60)
    falls = offset + 100 - 0.6 * epochs + noise * random.normal(size=60)
    assert falling(losses(rest)) < 0.05 < 0.4 < falling(losses(falls))
    rest[-1] = offset + 5000.0  # one bad epoch decides nothing
    assert falling(losses(rest)) < 0.05


def test_the_whole_fall_counts_from_the_start_where_there_is_one():
    fall = losses(100.0 - 0.6 * np.arange(1, 61))
    begun = [{**fall[0], "validation_begun": 1000.0}, *fall[1:]]
    assert falling(begun) == pytest.approx(falling(fall) * (99.4 - 66.7) / (1000.0 - 66.7), rel=0.01)
    below = [{**fall[0], "validation_begun": 10.0}, *fall[1:]]
    assert falling(below) is None, "nothing was better than the start"


def test_few_epochs_and_rising_losses_tell_nothing():
    assert falling(losses([3.0, 2.0, 1.0])) is None
    assert falling(losses(np.arange(20.0))) is None
    assert falling([]) is None and steps_of([]) == 0
    assert falling([*losses([9.0, 5.0, 4.0, 3.0, 2.0, 1.0]), {"epoch": 7, "interrupted": True}]) > 0.0


# -------------------------------------------------------------------- beside the mean and PCA


class Known:
    """A model whose reconstructions are known, with the little that judging asks of one."""

    conditional, has_density = False, False

    def __init__(self, again, latent_dim=2, scale=1.0):
        self.again = again
        self.parts_ = type("Parts", (), {"latent_dim": latent_dim, "event": (6,)})
        self.likelihood_ = type("Likelihood", (), {"family": "gaussian"})
        self.scale = np.asarray(scale, dtype=np.float64)
        self.fitted_ = type("Fitted", (), {"blocks": lambda _, x, y: [(torch.from_numpy(x / self.scale), None)],
                                         "kinds": lambda _: None})()  # fmt: skip

    def on_one_scale(self, X, y=None):
        return X / self.scale, self.again(X) / self.scale


X = np.random.default_rng(0).normal(size=(800, 6)) * [5.0, 4.0, 1.0, 1.0, 0.5, 0.5] + 7.0


def test_the_mean_of_the_training_rows_leaves_everything():
    mean = X[:600].mean(axis=0)
    found = beside_baselines(Known(lambda x: np.broadcast_to(mean, x.shape)), X[600:], train=X[:600])
    assert found["unexplained"] == pytest.approx(1.0) and found["judged_rows"] == 200
    # Of independent columns PCA keeps the two widest, and leaves the variance of the others.
    assert found["pca_unexplained"] == pytest.approx(2.5 / 43.5, rel=0.15)


def test_pca_against_itself_is_a_tie_in_any_units():
    from aevum.evaluation.linear import PrincipalComponents

    for scale in (1.0, 1e-3, [1.0, 1e3, 1.0, 1e-3, 1.0, 1.0]):
        x = X * scale
        pca = PrincipalComponents(2).fit(X[:600])
        model = Known(lambda x, pca=pca, scale=scale: pca.reconstruct(x / scale) * scale, scale=scale)
        found = beside_baselines(model, x[600:], train=x[:600])
        assert found["unexplained"] == pytest.approx(found["pca_unexplained"], rel=1e-6)
        assert found["pca_unexplained"] == pytest.approx(2.5 / 43.5, rel=0.15)


def test_the_codes_of_classes_count_for_nothing():
    model = Known(lambda x: np.column_stack([x[:, :3] * 0.5 + 3.5, x[:, 3:] + 9.0]))
    model.fitted_.kinds = lambda: [("Gaussian", "")] * 3 + [("categorical", "")] * 3
    found = beside_baselines(model, X[600:], train=X[:600])
    assert found["unexplained"] == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_few_rows_and_rows_that_do_not_vary_are_not_judged(rows):
    assert beside_baselines(Known(lambda x: x), X[:rows], train=X) == {}
    assert beside_baselines(Known(lambda x: x), np.ones((50, 6)), train=np.ones((50, 6))) == {}


def test_as_many_latents_as_columns_have_no_pca_beside_them():
    assert "pca_unexplained" not in beside_baselines(Known(lambda x: x, latent_dim=6), X, train=X)
    still = X * [1.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    for latents, beside in ((3, True), (4, False), (5, False)):
        found = beside_baselines(Known(lambda x: x, latent_dim=latents), still, train=still)
        assert ("pca_unexplained" in found) == beside


def test_half_as_many_latents_as_rows_have_no_pca_beside_them():
    """It would give back each row that it is judged on, whatever stands there."""
    for rows, beside in ((8, False), (12, True)):
        found = beside_baselines(Known(lambda x: x, latent_dim=4), X[:rows], train=X[:rows])
        assert ("pca_unexplained" in found) == beside


def test_wide_data_cost_little():
    """A bound on rows times values, and so on memory and time."""
    wide = np.broadcast_to(np.random.default_rng(0).random((1, 200, 200, 3), dtype=np.float32), (3000, 200, 200, 3))
    from aevum.evaluation.judged import MOST_VALUES, some_rows

    rows = some_rows(wide.shape, seed=0)
    assert len(rows) == 64 and some_rows((10**6, 10), 0).size * 10 <= MOST_VALUES


# -------------------------------------------------------------------- every model


def bow(rows, seed):
    """A parabola in eight columns with little noise: one latent holds all of it, one component of PCA five columns."""
    random = np.random.default_rng(seed)
    t = random.uniform(-1.0, 1.0, (rows, 1))
    return np.hstack([t] * 5 + [1.5 * t**2] * 3) + 0.05 * random.normal(size=(rows, 8)), t[:, 0]


@pytest.fixture(scope="module")
def parabola():
    return bow(400, 0), bow(200, 1)


def learned(name, x, steps):
    """A model of the rows and of labels that say nothing: a conditional one has to learn as well."""
    labels = (np.arange(len(x)) % 2).astype(int)
    short, long = {"batch_size": 180, "epochs": 1}, {"batch_size": 45, "epochs": steps // 8, "patience": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=Warning)
        model = ESTIMATORS[name](
            1, hidden=32, random_state=0, learning_rate=0.01, **(short if steps == 2 else long)
        ).fit(x, labels)
    return model, labels


# Nor need its draws be enough.
@pytest.mark.filterwarnings("ignore::aevum.errors.EstimateWarning")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_after_two_steps_no_model_is_called_good(name, parabola):
    (x, _), (held, _) = parabola
    short, labels = learned(name, x, 2)
    figures = judge(short, x, labels)
    assert 1 <= figures.steps <= 4
    for found in (findings(figures), evaluate(short, held, labels[:200], train=x, **fast(short)).findings):
        assert found[0].severity in ("bad", "warning") and "good" not in {one.severity for one in found}
        assert "train_longer" in {one.remedy for one in found}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in ("AE", "CVAE", "VAE"))) for name in ESTIMATORS]
)
def test_a_model_that_learned_known_structure_is_called_good(name, parabola):
    x = parabola[0][0]
    long, labels = learned(name, x, 800)
    figures = judge(long, x, labels)
    assert figures.steps > FEWEST_STEPS
    assert figures.unexplained < 0.1 < figures.pca_unexplained
    assert {one.severity for one in findings(figures)} == {"good"}, [str(one) for one in findings(figures)]
    assert figures == judge(long, x, labels), "the same rows give the same figures"


def fast(model):
    return {"k": 50} if model.has_density else {}


def test_two_numbers_go_by_two_names():
    """In the data's units the largest column decides the unexplained variance; the findings weigh columns alike."""
    random = np.random.default_rng(0)
    x = random.normal(size=(100, 4)) * [1.0, 1.0, 1.0, 1000.0]
    found = evaluate(VAE(2, network="mlp", hidden=8, epochs=2, random_state=0).fit(x), x, k=10)
    shown = re.findall(r"(\d\S* %) of the variance unexplained", str(found))
    assert len(set(shown)) <= 1 and "of these rows' own variance left, in the data's units" in str(found)
