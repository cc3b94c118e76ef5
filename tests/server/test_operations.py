"""Every operation gives over both transports what the estimator gives in Python, to the bit."""

import json

import numpy as np
import pytest

from aevum import AE
from aevum.exploration import curve_length, direction, interpolate, manifold, nearest_codes, settle
from aevum.exploration.steps import finished
from aevum.server import Run
from aevum.server.blocks import Blocks
from aevum.server.operations import OPERATIONS, perform

EVERY = ["ae", "vae", "cvae", "learned", "flow", "single", "numbers", "table", "iwae", "last"]
IMAGES = ["ae", "vae", "cvae", "last"]


def codes(run, n=5):
    return np.random.default_rng(0).normal(size=(n, run.latent_dim)).astype(np.float32)


def context(run, n):
    """y as the page sends it, and as Python's user would say it."""
    if not run.estimator.conditional:
        return {}, None
    if run.classes is None:
        y = run.y[:n].astype(np.float32)
        return {"y": y}, y
    labels = run.y[:n]
    weights = (run.estimator.classes_[None] == labels[:, None]).astype(np.float32)
    return {"y": weights}, labels


def same(answer, name, expected):
    """An answer's array is the expected one; as a list, its numbers are."""
    found, expected = answer[name], np.asarray(expected)
    if isinstance(found, list):
        assert np.array_equal(np.array(found, expected.dtype), expected)
    else:
        assert found.dtype == expected.dtype and np.array_equal(found, expected)


@pytest.fixture(params=["json", "socket"])
def ask(request, over_json, over_socket):
    return over_json if request.param == "json" else over_socket


@pytest.mark.parametrize("id", EVERY)
def test_decoding(ask, runs, id):
    run, n = runs[id], 5
    z, (sent, y) = codes(run), context(runs[id], 5)
    same(ask(id, "decode", z=z, **sent), "x", run.estimator.inverse_transform(z, y))
    if run.estimator.fitted_.interval:
        low, high = run.estimator.decode_interval(z, y, level=0.5)
        answer = ask(id, "interval", z=z, level=0.5, **sent)
        same(answer, "low", low)
        same(answer, "high", high)
        default = ask(id, "interval", z=z, **sent)
        mean = run.estimator.inverse_transform(z, y)
        below, above = mean - np.asarray(default["low"]), np.asarray(default["high"]) - mean
        np.testing.assert_allclose(below, above, rtol=1e-3, atol=1e-4)
    one = {name: value[:1] for name, value in sent.items()}
    expected = run.estimator.inverse_transform(z, None if y is None else np.repeat(y[:1], n, axis=0))
    same(ask(id, "decode", z=z, **one), "x", expected)


@pytest.mark.parametrize("id", EVERY)
def test_encoding_and_scores(ask, over_json, runs, id):
    run = runs[id]
    x, (sent, y) = run.examples(np.arange(5)), context(run, 5)
    # In JSON a number is a number: whole ones are integers, all others have 64 bits.
    x = np.asarray(x.tolist()) if ask is over_json else x
    mean, deviation = run.estimator.encode(x, y)
    answer = ask(id, "encode", x=x, **sent)
    same(answer, "mean", mean)
    same(answer, "deviation", deviation)
    same(ask(id, "score", x=x, **sent), "score", np.add(*run.estimator.distortion_and_rate(x, y)))


@pytest.mark.parametrize("id", EVERY)
def test_rows(ask, runs, id):
    run, (_, y) = runs[id], context(runs[id], runs[id].rows)
    expected = run.estimator.transform(run.x, y).astype(np.float32)
    answer = ask(id, "codes", start=0, stop=run.rows)
    np.testing.assert_allclose(np.asarray(answer["codes"]), expected, rtol=1e-5, atol=1e-5)
    same(ask(id, "codes", start=3, stop=7), "codes", np.asarray(ask(id, "codes")["codes"])[3:7])
    same(ask(id, "rows", indices=[4, 0, 4]), "x", np.asarray(run.x)[[4, 0, 4]])
    scores = np.add(*run.estimator.distortion_and_rate(run.x, y))
    np.testing.assert_allclose(ask(id, "scores")["scores"], scores, rtol=1e-5, atol=1e-3)
    about, labels = ask(id, "about"), np.asarray(ask(id, "labels")["labels"])
    assert about["rows"] == len(labels) == run.rows
    if about["labels"] is None:
        assert (labels == -1).all()
    else:
        assert [about["labels"][index] for index in labels] == [str(label) for label in run.y]


@pytest.mark.parametrize("id", EVERY)
@pytest.mark.parametrize("path", ["linear", "spherical", "geodesic"])
def test_paths(ask, runs, id, path):
    run = runs[id]
    (a, b), (sent, y) = codes(run, 2), context(run, 1)
    y = None if y is None else y[0]
    a, b = np.abs(a), np.abs(b) + 1  # not opposite each other, for one latent has no arc between these
    answer = ask(id, "path", a=a.tolist(), b=b.tolist(), n=6, path=path, **sent)
    z, x = interpolate(run.estimator, a, b, 6, path, y=y)
    same(answer, "z", z)
    same(answer, "x", x)
    straight = interpolate(run.estimator, a, b, 6, "linear", y=y).z
    assert answer["length"] == curve_length(run.estimator, z, y=y)
    assert answer["straight"] == curve_length(run.estimator, straight, y=y)


@pytest.mark.parametrize("id", ["ae", "vae", "cvae", "learned", "flow", "numbers", "table"])
def test_manifolds_and_settling(ask, over_json, runs, id):
    run, (sent, y) = runs[id], context(runs[id], 1)
    y = None if y is None else y[0]
    at, dims = codes(run, 1)[0], [1, 0]
    for given, known in (({"at": None}, {}), ({"at": at.tolist(), "dims": dims}, {"at": at, "dims": (1, 0)})):
        answer = ask(id, "manifold", n=3, **given, **sent)
        z, x = manifold(run.estimator, 3, y=y, **known)
        same(answer, "z", z)
        same(answer, "x", x)
    x, (sent, y) = run.examples(np.arange(2)), context(run, 2)
    x = np.asarray(x.tolist()) if ask is over_json else x
    answer, expected = ask(id, "settle", x=x, steps=3, **sent), settle(run.estimator, x, steps=3, y=y)
    same(answer, "x", expected.x)
    same(answer, "z", expected.z)


@pytest.mark.parametrize("id", ["ae", "vae", "cvae", "table"])
def test_neighbours_and_attributes(ask, runs, id):
    run, z = runs[id], codes(runs[id])
    every = np.asarray(ask(id, "codes")["codes"], np.float32)
    indices, distances = nearest_codes(every, z, 4)
    answer = ask(id, "neighbours", z=z, k=4)
    same(answer, "indices", indices.astype(np.int32))
    same(answer, "distances", distances.astype(np.float32))
    answer = ask(id, "attribute", **{"with": [1, 2, 5], "without": [7, 8]})
    same(answer, "vector", direction(every[[1, 2, 5]], every[[7, 8]]))
    assert (answer["n_with"], answer["n_without"]) == (3, 2)
    others = np.setdiff1d(np.arange(run.rows), [1, 2, 5])
    same(
        ask(id, "attribute", **{"with": [1, 2, 5], "without": None}),
        "vector",
        direction(every[[1, 2, 5]], every[others]),
    )
    label = ask(id, "about")["labels"][1]
    mask = np.array([str(value) for value in run.y]) == label
    answer = ask(id, "attribute", label=label)
    same(answer, "vector", direction(every[mask], every[~mask]))
    assert answer["n_with"] == mask.sum() and answer["share"]["with"] == {label: 1.0}
    assert label not in answer["share"]["without"]
    assert sum(answer["share"]["without"].values()) == pytest.approx(1.0)


def test_a_mix_of_classes(ask, runs):
    run, z = runs["cvae"], codes(runs["cvae"], 3)
    mix = np.full((1, 10), 0.1, np.float32)
    same(ask("cvae", "decode", z=z, y=mix), "x", run.estimator.inverse_transform(z, mix.astype(np.float64)))


def test_more_neighbours_than_rows(ask, runs):
    assert np.shape(ask("last", "neighbours", z=codes(runs["last"], 1), k=64)["indices"]) == (1, 40)


@pytest.mark.parametrize("id", EVERY)
def test_one_way_through_the_model(ask, over_json, runs, id):
    run = runs[id]
    x, (sent, y) = run.examples(np.arange(1)), context(run, 1)
    x = np.asarray(x.tolist()) if ask is over_json else x
    noise = np.random.default_rng(1).normal(size=(3, ask(id, "about")["posterior"]["noise"])).astype(np.float32)
    found = run.estimator.inside(x, y, noise=noise)
    answer = ask(id, "inside", x=x, epsilon=noise, **sent)
    assert (answer["kind"], answer["exact"]) == (found.kind, found.exact)
    for name in ("mean", "deviation", "z", "x", "distortion", "rate"):
        same(answer, name, getattr(found, name))
    same(answer, "epsilon", noise)
    assert ("rates" in answer) == (found.rates is not None)
    # Without noise the code is the posterior's mean, and decodes to the reconstruction.
    still = ask(id, "inside", x=x, **sent)
    np.testing.assert_allclose(np.asarray(still["z"])[0], run.estimator.transform(x, y)[0], atol=1e-6)
    np.testing.assert_allclose(np.asarray(still["x"]), run.estimator.reconstruct(x, y), atol=1e-5)


def test_every_operation_was_asked_for(runs):
    asked = (
        "about codes labels label_values scores rows decode interval encode score law path neighbours attribute "
        "manifold inside column trait find"
    )
    assert set(OPERATIONS) == {*asked.split(), "settle", "lesson", "lesson_decode"}  # the last two: test_lesson.py


# -------------------------------------------------------------------- what a run says of itself


@pytest.mark.parametrize("id", [*EVERY, "first"])
def test_about(client, over_json, over_socket, runs, id):
    about, run = client.get(f"/api/runs/{id}").json(), runs[id]
    assert about == over_json(id, "about") == over_socket(id, "about")
    assert about in client.get("/api/runs").json()["runs"]
    estimator, width = run.estimator, run.latent_dim
    assert (about["id"], about["name"], about["model"]) == (id, f"runs/{id}", type(estimator).__name__)
    assert tuple(about["event"]) == estimator.parts_.event and about["latent_dim"] == width
    assert about["can_sample"] == estimator.has_density
    assert (about["rate"] is not None) == (estimator.has_density and id != "flow")  # whose latents are not independent
    assert len(about["variance"]) == len(about["prior"]["mean"]) == len(about["prior"]["deviation"]) == width
    assert about["active"] == list(estimator.latent_summary_.active)
    assert about["score"]["name"] == ("−ELBO" if estimator.has_density else "distortion")
    assert (about["pca"] is not None) == (id == "vae")
    assert about["conditional"] == estimator.conditional == bool(about["context"])


def test_about_images_tables_and_conditions(over_json, runs):
    ae, vae, table, numbers = (over_json(id, "about") for id in ("ae", "vae", "table", "numbers"))
    assert (ae["kind"], ae["limits"], ae["position"], ae["dtype"]) == ("image", [0.0, 16.0], "none", "float32")
    assert (vae["limits"], vae["dtype"], vae["labels"]) == ([0.0, 255.0], "uint8", ["a", "b", "c"])
    assert over_json("last", "about")["position"] == "last" and over_json("first", "about")["position"] == "first"
    assert over_json("last", "about")["channels"] == 3
    assert (table["kind"], table["limits"], table["labels"]) == ("table", None, ["setosa", "versicolor", "virginica"])
    assert table["features"] == list(open_names(runs["table"])) and table["interval"]
    np.testing.assert_allclose(table["feature_mean"], runs["table"].x.mean(axis=0), rtol=0.1)
    assert over_json("iwae", "about")["features"] == ["x0", "x1", "x2", "x3"]
    assert numbers["classes"] is None and numbers["context"] == 2 and numbers["labels"] is None
    np.testing.assert_allclose(numbers["context_mean"], runs["numbers"].y.mean(axis=0))
    assert over_json("cvae", "about")["classes"] == [str(d) for d in range(10)]
    nothing = over_json("first", "about")
    assert (nothing["rows"], nothing["no_data"], nothing["data"], nothing["labels"]) == (0, "gone", None, None)
    assert over_json("table", "about")["data"] == "iris"


N = 120
LABELS = {
    "classes": (np.arange(N) % 10, "classes"),
    "whole floats": (np.arange(N) % 10 * 1.0, "classes"),
    "many rows each": (np.arange(N) % 12, "classes"),
    "truths": (np.arange(N) % 2 == 0, "classes"),
    "words": (np.array([f"name {i}" for i in range(N)]), "classes"),
    "mixed": (np.array(["a", 1, None] * (N // 3), dtype=object), "classes"),
    "real": (np.arange(N) / 7, "quantity"),
    "half missing": (np.where(np.arange(N) % 2, np.nan, 1.0), "quantity"),
    "infinite": (np.where(np.arange(N) % 2, np.inf, 1.0), "quantity"),
    "all missing": (np.full(N, np.nan), "quantity"),
    "numbers as objects": (np.array([i / 7 for i in range(N)], dtype=object), "quantity"),
    "steps of ten": (np.arange(N) % 36 * 10.0, "quantity"),
    "a number each": (np.arange(N) * 3, "quantity"),
    "small": (np.linspace(0, 1, N, dtype=np.float16), "quantity"),
    "a column": ((np.arange(N) / 7)[:, None], "quantity"),
    "several": (np.arange(3.0 * N).reshape(N, 3), "quantity"),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_are_classes_or_a_quantity(runs, kind):
    y, expected = LABELS[kind]
    run = Run("a", "a", runs["ae"].estimator, runs["ae"].x, y)
    about, index, values = (asked_of(run, name) for name in ("about", "labels", "label_values"))
    if expected == "classes":
        assert about["label_scale"] is None and np.isnan(values["values"]).all() and about["label_note"] is None
        assert about["unlabelled"] == ("None" in y.astype(str)) == (about["labels"][-1] == "no label")
        assert len(about["labels"]) == len(np.unique(y.astype(str))) and (index["labels"] >= 0).all()
        return
    numbers = y.reshape(N, -1)[:, 0].astype(np.float32)
    assert about["labels"] is None and (index["labels"] == -1).all()
    np.testing.assert_array_equal(values["values"], np.where(np.isfinite(numbers), numbers, np.nan))
    known = numbers[np.isfinite(numbers)]
    low, high = (known.min(), known.max()) if len(known) else (0, 0)
    assert about["label_scale"] == {"low": low, "high": high, "missing": N - len(known), "unit": None}
    assert (about["label_note"] is None) == (kind != "several")
    json.dumps(about, allow_nan=False)


def test_columns_of_classes_are_told_in_words():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"size": np.arange(40.0), "kind": ["cat", "dog"] * 20})
    model = AE(1, epochs=1, random_state=0).fit(frame)
    about = asked_of(Run("a", "a", model, frame), "about")
    assert about["features"] == ["size", "kind"] and about["feature_words"] == [None, ["cat", "dog"]]


def test_more_labels_than_can_be_told_apart_are_spoken_of(runs, monkeypatch):
    monkeypatch.setattr("aevum.server.subject.MOST_LABELS", 50)
    run = Run("a", "a", runs["ae"].estimator, runs["ae"].x, LABELS["words"][0])
    about = asked_of(run, "about")
    assert about["labels"] is about["label_scale"] is None
    assert about["label_note"] == "120 different labels are too many to be told apart by colours"


def test_what_a_model_has_as_classes_is_never_a_quantity(runs):
    about = asked_of(runs["cvae"], "about")
    assert about["labels"] == [str(digit) for digit in range(10)] and about["label_scale"] is None
    assert asked_of(runs["numbers"], "about")["label_note"] == "the first of 2 values of each row’s label"


def asked_of(run, operation):
    """The operation's values and arrays."""
    answer = finished(perform(run, operation, {}))
    return {**answer.values, **answer.arrays}


def open_names(run):
    return run.estimator.feature_names_


def test_the_prior_of_a_model_that_learned_one(over_json, runs):
    estimator = runs["learned"].estimator
    draws = np.concatenate([np.stack(estimator.prior_moments(label)) for label in range(10)], axis=1)
    mean = draws[0].mean(axis=0)
    found = over_json("learned", "about")["prior"]
    np.testing.assert_allclose(found["mean"], mean, atol=1e-6)
    np.testing.assert_allclose(
        np.square(found["deviation"]), (draws[1] ** 2 + draws[0] ** 2).mean(axis=0) - mean**2, rtol=1e-4
    )


def test_principal_axes(over_json, runs):
    codes = np.asarray(over_json("vae", "codes")["codes"])
    pca = over_json("vae", "about")["pca"]
    values, vectors = np.linalg.eigh(np.cov(codes.T))
    np.testing.assert_allclose(pca["mean"], codes.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(np.abs(np.asarray(pca["axes"]) @ vectors[:, :-3:-1]), np.eye(2), atol=1e-3)
    np.testing.assert_allclose(pca["share"], values[:-3:-1] / values.sum(), rtol=1e-3)


# -------------------------------------------------------------------- blocks


def test_blocks_are_computed_once_and_only_where_they_are_needed():
    calls = []

    def compute(start, stop):
        calls.append((start, stop))
        return np.arange(start, stop)

    blocks = Blocks((10,), 4, compute)
    assert list(blocks.fill(5, 6)) == [None] and calls == [(4, 8)]
    assert list(blocks.fill(0, 10)) == [None, None] and calls == [(4, 8), (0, 4), (8, 10)]
    assert list(blocks.fill(0, 10)) == [] and blocks.values.tolist() == list(range(10))
