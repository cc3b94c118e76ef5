"""Twelve compositions, each as a user of the package writes it in a file of her own: right at once, everywhere."""

import copy
import importlib
import json
import pickle
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from sklearn.base import clone
from tests.compositions.cases import CASES, ROWS, data

import aevum
from aevum import CollapseWarning, EstimateWarning, InputError, cli
from aevum.evaluation import evaluate, latent_diagnostics
from aevum.objectives import Scored
from aevum.recipes import ESTIMATORS
from aevum.server.page_file import page_file
from aevum.server.subject import Run

PACKAGE = Path(__file__).parent / "compositions"
FITTED = {}
# To draw and to translate takes half of the time: of the two that are there with y too, as they are without it.
TWELVE = {name: case for name, case in CASES.items() if not name.startswith("Conditional")}
pytestmark = pytest.mark.usefixtures("without_layout")
# Their codes are like those of others, and so are their figures.
DRAWN = ("FlowPosteriorVAE", "FullVAE", "VQ", "SemiSupervised", "Mixed", "CountVAE")


@pytest.fixture(scope="module", autouse=True)
def registry():
    """What the compositions register ends with these tests."""
    known = dict(ESTIMATORS)
    yield
    FITTED.clear()
    ESTIMATORS.clear()
    ESTIMATORS.update(known)


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    return request.param


@pytest.fixture
def model(case):
    """The composition, fitted once for all tests."""
    return fitted(case.estimator)


def fitted(name):
    if name not in FITTED:
        case = CASES[name]
        FITTED[name] = case.make().fit(*data(case.data))
    return FITTED[name]


def given(case):
    """X, and y where the composition is conditioned on it."""
    x, y = data(case.data)
    return (x, y) if case.kind().conditional else (x, None)


# -------------------------------------------------------------------- training


def test_learns(case, model):
    first, last = model.history_[0], model.history_[-1]
    for name in ("loss", "validation_loss", "distortion"):
        assert last[name] < 0.75 * first[name], name
    for name in case.extras:
        assert np.isfinite([record[name] for record in model.history_]).all()
        assert np.isfinite([record[f"validation_{name}"] for record in model.history_]).all()
    assert len(model.latent_summary_.active) >= 2


def test_gradients_are_finite_in_every_parameter(case, model):
    scored = Scored(copy.deepcopy(model.model_), copy.deepcopy(model.objective_)).train()
    x, y = given(case)
    rows = model.encoding_(torch.from_numpy(x[:32]))
    context = None if y is None else torch.from_numpy(np.array(model._encode_context(y[:32], 32)))
    generator = torch.Generator().manual_seed(0)
    terms = scored(rows, context, 1.0, generator)
    assert all(term.shape == (32,) and term.isfinite().all() for term in (*terms[:3], *terms.extras.values()))
    terms.loss.mean().backward()
    for opponent in scored.opponents():
        opponent.loss(rows, context, generator).mean().backward()
    for name, parameter in scored.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name


def weights(estimator):
    return {**estimator.model_.state_dict(), **estimator.objective_.state_dict()}


def test_the_same_seed_gives_the_same_weights_in_any_thread(case):
    other = CASES["Factor"]
    made = [each.make(epochs=1) for each in (case, case, other, other)]

    def fit(estimator, of):
        estimator.fit(*data(of.data))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        fit(made[0], case)
        fit(made[2], other)
        threads = [threading.Thread(target=fit, args=pair) for pair in ((made[1], case), (made[3], other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for a, b in ((made[0], made[1]), (made[2], made[3])):
        for name, value in weights(a).items():
            torch.testing.assert_close(weights(b)[name], value, rtol=0, atol=0, msg=name)


# -------------------------------------------------------------------- codes, samples, scores


def test_codes_and_samples(case, model):
    x, y = given(case)
    z = model.transform(x, y)
    assert z.shape == (ROWS, model.latent_dim) and np.isfinite(z).all()
    np.testing.assert_allclose(model.transform(x[:7], None if y is None else y[:7]), z[:7], rtol=1e-4, atol=1e-5)
    asked = 1 if case.kind().conditional else None
    drawn = model.sample(500, asked, random_state=1)
    assert drawn.shape == (500, *x.shape[1:]) and np.isfinite(drawn).all()
    np.testing.assert_array_equal(model.sample(500, asked, random_state=1), drawn)
    if not case.kind().conditional:
        off = np.abs(drawn.mean(axis=0) - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
        assert off.max() < 0.5
    assert model.reconstruct(x, y).shape == x.shape
    assert model.reconstruction_error(x, y).mean() < np.nansum(np.nanvar(x, axis=0))


def test_scores_or_the_sentence_that_says_why_not(case, model):
    x, y = given(case)
    if case.no_score is not None:
        with pytest.raises(AttributeError, match=case.no_score):
            model.score_samples(x, y)
        return
    few, many = (model.score_samples(x, y, k=k) for k in (1, 200))
    assert np.isfinite(many).all() and few.mean() <= many.mean() + 1e-9
    some = slice(3, 9)
    alone = model.score_samples(x[some], None if y is None else y[some], k=200)
    np.testing.assert_allclose(alone, many[some], rtol=1e-5, atol=1e-4)
    distortion, rate = model.distortion_and_rate(x, y)
    assert -(distortion + rate).mean() <= many.mean() + 0.5 and (rate.mean() > 0)


def test_rates_of_dimensions_sum_to_the_rate(case, model):
    x, y = given(case)
    summary = model.latent_summary_
    rate = model.distortion_and_rate(x, y)[1].mean()
    if not model.has_density:
        assert summary.rate is None and summary.total_rate is None
        return
    assert summary.total_rate == pytest.approx(rate, rel=0.15)
    found = latent_diagnostics(model, x, y)
    assert found.total_rate == pytest.approx(rate, rel=1e-5)
    for each, total in ((summary.rate, summary.total_rate), (found.rate, found.total_rate)):
        assert each is None or sum(each) == pytest.approx(total, rel=1e-5)


# -------------------------------------------------------------------- storage


def test_saves_and_loads_exactly(case, model, tmp_path):
    x, y = given(case)
    path = model.save(tmp_path / "model")
    for again in (aevum.load(path), aevum.load(path, estimator=case.kind()), pickle.loads(pickle.dumps(model))):
        assert type(again) is case.kind() and again.history_ == model.history_
        for name, value in weights(model).items():
            torch.testing.assert_close(weights(again)[name], value, rtol=0, atol=0, msg=name)
        np.testing.assert_array_equal(again.transform(x, y), model.transform(x, y))
        if model.has_density:
            np.testing.assert_array_equal(again.score_samples(x, y, k=3), model.score_samples(x, y, k=3))
    said = CliRunner().invoke(cli.aevum, ["info", str(path)])
    assert said.exit_code == 0 and case.estimator in said.stdout
    assert ("= distortion" in said.stdout) == (model.has_density and not case.extras)
    assert hasattr(case.kind(), "set_transform_request") == bool(case.kind().conditional)
    assert clone(model).get_params() == model.get_params() and not hasattr(clone(model), "fitted_")


# -------------------------------------------------------------------- the rooms above


@pytest.fixture
def quiet():
    """Small models may well have few effective draws."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimateWarning)
        yield


def test_evaluates(case, model, quiet):
    x, y = given(case)
    found = evaluate(model, x, y, **({"k": 50} if model.has_density else {}))
    assert np.isfinite(found.squared_error) and 0.0 < found.unexplained_variance < 1.0
    assert (found.evidence is None) == (case.no_score is not None)
    assert json.dumps(found.to_dict()) and str(found)


def test_walks(case, model):
    x, y = given(case)
    asked = 1 if case.kind().conditional else None
    law = model.law_of_codes(asked)
    z, made = model.traverse(0, n=5, y=asked)
    assert z.shape == (5, model.latent_dim) and made.shape == (5, *x.shape[1:]) and np.isfinite(made).all()
    pair = (x[0], x[1]) if y is None else tuple(model.transform(x[:2], y[:2]))
    walks = [model.manifold(3, y=asked), model.interpolate(*pair, n=4, y=asked)]
    for walk in (z, *(walk.z for walk in walks)):
        flat = walk.reshape(-1, model.latent_dim)
        assert np.isfinite(flat).all()
        np.testing.assert_array_equal(law.nearest(flat), flat)
    shares = np.array([0.1, 0.5, 0.9])
    drawn = law.sample(20_000, torch.Generator().manual_seed(3), 3) if asked is None else None
    for d in range(model.latent_dim if asked is None else 0):
        column = drawn[:, d].astype(np.float64)
        spread = column.std()
        if case.estimator != "VQ":  # between points there are none
            np.testing.assert_allclose(law.quantiles(d, shares), np.quantile(column, shares), atol=0.1 * spread)
        np.testing.assert_allclose(law.moments()[0][0, d], column.mean(), atol=0.05 * spread)
        np.testing.assert_allclose(law.moments()[1][0, d], spread, rtol=0.05)


@pytest.mark.parametrize("case", TWELVE.values(), ids=TWELVE)
def test_writes_a_run(case, model, tmp_path, quiet, request):
    if case.estimator not in DRAWN:
        request.getfixturevalue("undrawn")
    x, y = given(case)
    run = aevum.write_run(model, x, tmp_path / "run", y)
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "<svg" in text or "<img" in text
    assert case.kind().__doc__.split(".")[0] in text or case.estimator in text
    if model.has_density:
        assert metrics["latent"]["total_rate"] == pytest.approx(metrics["evaluation"]["rate"], rel=0.15)
    card = (run / "model_card.md").read_text(encoding="utf-8")
    assert ("no prior" in card) == (not model.can_sample)
    assert ("by the nearest codes that there are" in text) == (case.estimator == "VQ")
    for name in case.extras:
        assert metrics["training"][name] is not None and metrics["validation"][name] is not None


# Their networks are those of others; what they add to a loss, and their priors, are in no file.
OTHER_LOSS = ("BetaTC", "Factor", "Contractive", "Vamp")


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.slow] * (name in OTHER_LOSS)) for name, case in TWELVE.items()],
    ids=TWELVE,
)
def test_exports_or_says_why_not(case, model, tmp_path, one_registry, monkeypatch):
    x, y = given(case)
    if case.no_onnx is not None:
        with pytest.raises(InputError, match=case.no_onnx):
            model.export_onnx(tmp_path / "model.onnx")
        return
    files = model.export_onnx(tmp_path / "model.onnx")
    networks = importlib.import_module("aevum.server.page_networks")
    monkeypatch.setattr(networks, "to_onnx", lambda *_: tuple(file.read_bytes() for file in files))
    page = page_file([Run("one", "one", model, x, y)], tmp_path / "page.html")
    assert page.stat().st_size > 1000


# -------------------------------------------------------------------- what is special to one


def test_walks_stay_on_the_codebook():
    vq = fitted("VQ")
    points = {tuple(point) for point in vq.model_.prior.points.numpy()}
    z = [vq.traverse(0).z, vq.manifold(4).z, vq.interpolate(*data("clusters")[0][:2]).z, vq.draw_prior(50)]
    assert {tuple(code) for part in z for code in part.reshape(-1, 3)} <= points
    assert {tuple(code) for code in vq.transform(data("clusters")[0])} <= points
    used = latent_diagnostics(vq, data("clusters")[0])
    # A code is all that is known of a row: the information is the entropy of the codes in use.
    shares = np.unique(vq.transform(data("clusters")[0]), axis=0, return_counts=True)[1] / ROWS
    assert used.information == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-5)


def test_vamp_starts_from_rows_and_shares_its_encoder(tmp_path):
    vamp = CASES["Vamp"].make(epochs=1, learning_rate=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        vamp.fit(*data("clusters"))
    rows = vamp.encoding_(torch.from_numpy(data("clusters")[0]))
    assert torch.cdist(vamp.model_.prior.pseudo_inputs, rows).min(dim=1).values.max() < 1e-3
    again = aevum.load(vamp.save(tmp_path / "model"))
    assert again.model_.prior.posterior is again.model_.posterior


def test_a_total_correlation_knows_how_many_rows_there_are(tmp_path):
    model = fitted("BetaTC")
    assert float(model.objective_.rows) == ROWS - round(0.1 * ROWS)
    model.save(tmp_path / "model")
    assert float(aevum.load(tmp_path / "model").objective_.rows) == float(model.objective_.rows)


def test_a_discriminator_learns_by_its_own_loss_and_leaves_the_model_alone(monkeypatch):
    playing = CASES["Factor"].make(epochs=1, gamma=0.0).fit(*data("clusters"))
    monkeypatch.setattr(type(playing.objective_), "opponents", lambda self: [])
    alone = CASES["Factor"].make(epochs=1, gamma=0.0).fit(*data("clusters"))
    for name, value in alone.model_.state_dict().items():
        torch.testing.assert_close(playing.model_.state_dict()[name], value, rtol=0, atol=0)
    pairs = zip(playing.objective_.parameters(), alone.objective_.parameters(), strict=True)
    assert min(float((a - b).detach().abs().max()) for a, b in pairs) > 0


def test_wasserstein_codes_follow_the_prior():
    wae = fitted("WAE")
    np.testing.assert_array_equal(wae.prior_moments(rows=2), [np.zeros((2, 2)), np.ones((2, 2))])
    found = latent_diagnostics(wae, data("clusters")[0])
    assert found.follows_prior is not None and found.ks_statistic.max() < 0.2
    assert found.rate is found.total_rate is found.information is found.marginal_divergence is None
    z = wae.transform(data("clusters")[0])
    assert np.abs(z.mean(axis=0)).max() < 0.3 and np.abs(z.std(axis=0) - 1.0).max() < 0.3
    assert wae.draw_prior(4000, random_state=0).std() == pytest.approx(1.0, abs=0.05)


def test_a_contraction_is_had_at_validation_too_and_contracts():
    def slope(weight):
        model = CASES["Contractive"].make(weight=weight).fit(*data("clusters"))
        return model.history_[-1]["validation_contraction"]

    strong, weak = slope(5.0), slope(0.0)
    assert 0.0 < strong < 0.75 * weak


def test_labels_that_are_missing_are_guessed():
    x, y = data("partly labelled")
    model = fitted("SemiSupervised")
    unknown = np.isnan(y)
    with torch.inference_mode():
        found = model.model_.posterior.log_classes(model.encoding_(torch.from_numpy(x))).argmax(-1).numpy()
    assert (found[unknown] == data("labelled")[1][unknown]).mean() > 0.6  # 1/3 by chance
    # log p(x) = log Σ_y p(y) p(x|y)
    each = [model.score_samples(x[:20], np.full(20, float(label)), k=3000) for label in range(3)]
    marginal = np.logaddexp.reduce(each, axis=0) - np.log(3.0)
    below = marginal - model.score_samples(x[:20], k=3000)
    assert below.min() > -0.3 and np.median(below) < 0.1  # a bound, where q(z|x) of a guess is not that of the classes
    assert model.transform(x).shape == model.transform(x, np.full(len(x), np.nan)).shape


def test_rows_of_whom_no_label_is_known_are_shown_measured_and_scored(tmp_path, quiet):
    x, model = data("partly labelled")[0], fitted("SemiSupervised")
    run = aevum.write_run(model, x, tmp_path / "run")
    assert "report.html" in {path.name for path in run.iterdir()}
    shown = Run("one", "one", model, x, None)
    for blocks in (shown.codes, shown.scores):
        list(blocks.fill(0, 3))
        assert np.isfinite(blocks.values[:3]).all()
    found = evaluate(model, x, k=20)
    assert found.evidence.units.endswith("given y where it is known")
    np.save(tmp_path / "x.npy", x)
    for command in (["encode", "-o", "z.npy"], ["score", "-o", "s.csv"], ["evaluate", "--k", "20"]):
        words = [word if "." not in word else str(tmp_path / word) for word in command[1:]]
        said = CliRunner().invoke(cli.aevum, [command[0], str(run), str(tmp_path / "x.npy"), *words])
        assert said.exit_code == 0, said.output


def test_a_missing_cell_does_not_ask_for_its_columns_unit():
    x = data("mixed")[0].copy()
    larger = x * np.array([1000.0, 1.0, 1.0, 1.0])
    model, other = (CASES["Mixed"].make().fit(rows) for rows in (x, larger))
    a, b = model.score_samples(x), other.score_samples(larger)
    lacks = np.isnan(x[:, 0])
    assert lacks.sum() > 10
    np.testing.assert_allclose(b[lacks], a[lacks], atol=1e-3)
    np.testing.assert_allclose(b[~lacks], a[~lacks] - np.log(1000.0), atol=1e-3)
    np.testing.assert_allclose(other.transform(larger), model.transform(x), atol=1e-4)
    shift = [each.history_[-1]["loss"] for each in (model, other)]
    assert shift[1] - shift[0] == pytest.approx(np.log(1000.0) * 0.9, rel=0.05)
    np.testing.assert_allclose(evaluate(other, larger, k=20).figures.unexplained,
                               evaluate(model, x, k=20).figures.unexplained, rtol=1e-3)  # fmt: skip


def test_a_mixed_table_comes_back_as_it_is_written():
    x, model = data("mixed")[0], fitted("Mixed")
    made = model.sample(200, random_state=0)
    assert set(made[:, 2]) <= {0.0, 1.0, 2.0} and (made[:, 3] == np.round(made[:, 3])).all() and made[:, 3].min() >= 0
    encoded = model.encoding_(torch.from_numpy(x))
    np.testing.assert_allclose(model.encoding_.inverse(encoded.nan_to_num(0.0))[~np.isnan(x).any(1)],
                               x[~np.isnan(x).any(1)], rtol=1e-5)  # fmt: skip
    filled = model.reconstruct(x)
    assert np.isfinite(filled).all()
    with pytest.raises(InputError, match="column 3 is a count"):
        model.score_samples(np.nan_to_num(x) + np.array([0.0, 0.0, 0.0, 0.5]))
    with pytest.raises(InputError, match="infinity"):
        model.transform(np.full((1, 4), np.inf))
    with pytest.raises(InputError, match="NaN"):
        aevum.VAE(2, likelihood="gaussian", epochs=1).fit(x)


@pytest.mark.parametrize(("value", "words"), [(-1, "values of at least 0"), (0.5, "these have fractions")])
def test_what_is_no_count_is_refused(value, words):
    x = data("counts")[0].astype(np.float64)
    x[3, 2] = value
    for read in (CASES["CountVAE"].make().fit, fitted("CountVAE").score_samples):
        with pytest.raises(InputError, match=words):
            read(x)


def test_counts_are_scored_as_counts_and_seen_as_logarithms():
    x, model = data("counts")[0], fitted("CountVAE")
    assert model.sample(50, random_state=0).dtype == x.dtype
    seen = model.model_.view(torch.from_numpy(x).float())
    assert abs(float(seen.mean())) < 0.1 and float(seen.std()) == pytest.approx(1.0, abs=0.1)
    assert (model.distortion_and_rate(x)[0] > 0).all() and model.likelihood_.continuous is False


def test_a_page_shows_rows_whose_labels_are_missing():
    case = CASES["SemiSupervised"]
    x, y = given(case)
    labels = [None if value != value else int(value) for value in y.astype(float).tolist()]
    for gaps in (np.array(labels, dtype=object), y.astype(float)):
        run = Run("gaps", "gaps", fitted("SemiSupervised"), x, gaps)
        assert run.labelled[0] == ["0", "1", "2", "no label"]
        assert (run.labelled[1] == 3).sum() == labels.count(None) > 0
