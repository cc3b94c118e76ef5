"""Comparisons and evaluations in Python: each number is the one that its own function gives."""

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from aevum import AE, VAE, InputError
from aevum.evaluation import compare, evaluate, evidence, latent_diagnostics
from aevum.evaluation.linear import PrincipalComponents
from aevum.recipes import ESTIMATORS

MODELS = list(ESTIMATORS.values())


@pytest.fixture(scope="module")
def fitted(digits):
    """Each kind of model on most of the digits, and the rows that they have not seen."""
    X, y = digits.x[:1400], digits.y[:1400]
    models = {kind.__name__: kind(4, hidden=32, epochs=10, random_state=0).fit(X, y) for kind in MODELS}
    return models, X, y, digits.x[1400:], digits.y[1400:]


@pytest.fixture(scope="module")
def compared(fitted):
    models, X, y, held_out, labels = fitted
    return compare(models, held_out, labels, train=X, y_train=y, k=20)


def test_a_line_for_each_model_and_for_pca(compared):
    assert [entry.name for entry in compared.entries] == ["PCA", *ESTIMATORS]
    assert [entry.log_evidence is None for entry in compared.entries] == [
        False,
        *(not kind.has_density for kind in ESTIMATORS.values()),
    ]
    text = str(compared)
    assert "(a)" in text and "(b)" in text and "Only values with the same letter" in text, "log p(x|y) is not log p(x)"
    for entry in compared.entries:
        assert entry.frechet > 0 and 0 <= entry.precision <= 1 and entry.reconstructions.shape == (8, 8, 8)


def test_a_conditional_model_of_any_name_is_told_the_label(compared):
    def told(*entries):
        return "A conditional model is told the label" in str(replace(compared, entries=entries))

    known = {entry.name: replace(entry, model="Mine") for entry in compared.entries}
    assert told(known["VAE"], known["CVAE"]) and not told(known["PCA"], known["VAE"], known["AE"])


def test_the_numbers_are_those_of_their_own_functions(fitted, compared):
    models, _, _, held_out, labels = fitted
    vae = next(entry for entry in compared.entries if entry.name == "VAE")
    model = models["VAE"]
    assert vae.log_evidence == pytest.approx(evidence(model, held_out, k=20).mean)
    assert vae.squared_error == pytest.approx(model.reconstruction_error(held_out).mean())
    assert vae.active == len(latent_diagnostics(model, held_out).active)
    assert vae.bits_per_dim == pytest.approx(-vae.log_evidence / 64 / math.log(2))
    assert vae.seconds == pytest.approx(sum(record["seconds"] for record in model.history_))
    accuracy = evaluate(model, held_out, labels, k=5).representation.neighbour_accuracy
    assert vae.accuracy == pytest.approx(accuracy)


def test_the_line_of_pca_is_scikit_learns(fitted, compared):
    _, X, _, held_out, _ = fitted
    pca = PCA(4).fit(X.reshape(len(X), -1))
    flat = held_out.reshape(len(held_out), -1)
    entry = compared.entries[0]
    squares = np.square(pca.inverse_transform(pca.transform(flat)) - flat).sum(axis=1).mean()
    assert entry.squared_error == pytest.approx(squares, rel=1e-4)
    assert entry.log_evidence == pytest.approx(pca.score(flat), rel=1e-5)


def test_the_same_call_gives_the_same_table(fitted, compared):
    models, X, y, held_out, labels = fitted
    again = compare(models, held_out, labels, train=X, y_train=y, k=20)
    for a, b in zip(again.to_dict()["models"], compared.to_dict()["models"], strict=True):
        assert {**a, "seconds": 0} == {**b, "seconds": 0}


def test_models_of_a_sequence_are_counted(fitted):
    models, _, _, held_out, _ = fitted
    found = compare([models["AE"], models["VAE"], models["AE"]], held_out, k=5)
    assert [entry.name for entry in found.entries] == ["AE 1", "VAE", "AE 2"]
    assert "the data" in found.features and "labels right" not in found.table()[0]


def test_tables_are_compared_too():
    X = np.random.RandomState(0).randn(300, 5) @ np.random.RandomState(1).randn(5, 5)
    models = [kind(2, hidden=16, epochs=5, random_state=0).fit(X[:200]) for kind in (AE, VAE)]
    found = compare(models, X[200:], train=X[:200], k=10, pca=5)
    assert [entry.latent_dim for entry in found.entries] == [5, 2, 2]
    # With every component there is no noise left, and so no density.
    assert found.entries[0].squared_error == pytest.approx(0.0, abs=1e-20) and found.entries[0].log_evidence is None


def test_principal_components_sample_their_own_covariance():
    X = np.random.RandomState(0).randn(2000, 3) * [3.0, 2.0, 0.1]
    drawn = PrincipalComponents(2).fit(X).sample(4000, 0)
    np.testing.assert_allclose(drawn.std(axis=0), [3.0, 2.0, 0.1], rtol=0.1)
    means = PrincipalComponents(2).fit(X).sample(4000, 0, mean=True)
    assert np.linalg.matrix_rank(means - means.mean(axis=0)) == 2
    with pytest.raises(InputError, match="1 to 3 components, not 4"):
        PrincipalComponents(4).fit(X)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_evaluate_every_model(kind, fitted):
    models, _, _, held_out, labels = fitted
    model = models[kind.__name__]
    found = evaluate(model, held_out, labels, k=10) if model.has_density else evaluate(model, held_out, labels)
    assert (found.evidence is None) == (not model.has_density)
    assert (found.representation is None) == model.conditional
    assert 0 < found.unexplained_variance < 1.5 and found.rows == len(held_out)
    plain = found.to_dict()
    assert plain["model"] == kind.__name__ and str(found).startswith(f"{kind.__name__} on ")


def test_what_can_not_be_compared(fitted):
    models, _, _, held_out, _ = fitted
    with pytest.raises(InputError, match="no models"):
        compare({}, held_out)
    with pytest.raises(InputError, match="is no fitted"):
        compare({"new": VAE(2)}, held_out)
    table = VAE(2, network="mlp", hidden=8, epochs=1, random_state=0).fit(np.random.RandomState(0).randn(50, 4))
    with pytest.raises(InputError, match="different shapes"):
        compare({"images": models["VAE"], "rows": table}, held_out)
    with pytest.raises(InputError, match="pass y"):
        compare({"cvae": models["CVAE"]}, held_out)
    with pytest.raises(InputError, match="an auto-encoder has no density"):
        evaluate(models["AE"], held_out, k=10)
    with pytest.raises(InputError, match="got int"):
        evaluate(3, held_out)
    with pytest.raises(InputError, match="y must hold a label a row"):
        evaluate(models["VAE"], held_out, 3, k=5)
    rows = np.random.RandomState(0).randn(50, 4)
    with pytest.raises(InputError, match="train holds nan, first at row 2"):
        compare([table], rows, train=np.where(np.arange(50)[:, None] == 2, np.nan, rows))
    with pytest.raises(InputError, match="y has 3 labels for 50 rows"):
        compare([table], rows, train=rows, y_train=[0, 1, 2])
    with pytest.raises(InputError, match="train has 1 row; at least 2"):
        compare([table], rows, train=rows[:1])
