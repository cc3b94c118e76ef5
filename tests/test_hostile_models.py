"""A model directory that somebody has changed: refused with a word on what and where, or it works in every method."""

import hashlib
import json
import re
import shutil
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file

from aevum import AE, CVAE, IWAE, VAE, InputError, ModelFileError, load
from aevum.cli import aevum as commands
from aevum.data import Dataset

TINY = {"latent_dim": 2, "hidden": 8, "epochs": 2, "batch_size": 16, "random_state": 0}
DRAW = np.random.RandomState(0)
X = (DRAW.randn(30, 2) @ DRAW.randn(2, 4) + 0.2 * DRAW.randn(30, 4)).astype(np.float32)
Y = np.arange(30) % 3
LARGE = 100_000


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Honest models on disk, by name."""
    folder = tmp_path_factory.mktemp("honest")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "AE": AE(**TINY).fit(X).save(folder / "AE"),
            "VAE": VAE(**TINY, likelihood="gaussian:fixed=0.5")
            .fit(pd.DataFrame(X, columns=list("abcd")))
            .save(folder / "VAE"),
            "IWAE": IWAE(**TINY, likelihood="gaussian:emitted").fit(X).save(folder / "IWAE"),
            "labels": CVAE(**TINY, prior="learned").fit(X, np.array(["cat", "dog", "owl"])[Y]).save(folder / "labels"),
            "vectors": CVAE(**TINY).fit(X, DRAW.randn(30, 2)).save(folder / "vectors"),
        }


@pytest.fixture
def changed(saved, tmp_path):
    """A model with another text in place of its config, or other arrays, and checksums that fit."""

    def change(name, text=lambda text: text, arrays=lambda arrays: None):
        folder = tmp_path / "changed"
        shutil.copytree(saved[name], folder, dirs_exist_ok=True)
        config, tensors = folder / "config.json", folder / "model.safetensors"
        config.write_text(text(config.read_text()))
        found = load_file(tensors)
        arrays(found)
        save_file(found, tensors)
        sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (config, tensors)}
        (folder / "checksums.json").write_text(json.dumps(sums))
        return folder

    return change


def with_field(*path, value):
    """A change of one field of the config."""

    def change(text):
        config = json.loads(text)
        parent = config
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = value
        return json.dumps(config)

    return change


def refusal(folder):
    with pytest.raises(ModelFileError) as error:
        load(folder)
    sentence = str(error.value)
    assert "\n" not in sentence and len(sentence) < 500 and sentence.encode()
    return sentence


# -------------------------------------------------------------------- every number and name against the model

EPOCH = {"epoch": 1, "best_epoch": 1, "loss": 1.0, "distortion": 1.0, "rate": 0.0, "beta": 1.0}
UNFIT = [
    (["latent_summary", "rate"], [], "rate holds 0, expected 2"),
    (["latent_summary", "rate"], [1.0], "rate holds 1, expected 2"),
    (["latent_summary", "rate"], [1.0] * LARGE, "rate holds 100000, expected 2"),
    (["latent_summary", "rate"], [1.0, "2.0"], r"rate\[1\] is '2.0'"),
    (["latent_summary", "total_rate"], "much", "total_rate is 'much'"),
    (["latent_summary", "variance"], [1.0, -1.0], r"variance\[1\] is -1.0, expected a finite number of at least 0"),
    (["latent_summary", "variance"], [1.0, True], "expected a finite number"),
    (["latent_summary", "variance"], [1.0, 10**400], "expected a finite number"),
    (["latent_summary"], [], "latent_summary is \\[\\], expected an object"),
    (["history"], [{}], "epoch is missing"),
    (["history"], [{"epoch": 1, "loss": 1.0}], r"history\[0\]: best_epoch is missing"),
    (["history"], [{**EPOCH, "loss": "low"}], r"history\[0\]: loss is 'low'"),
    (["history"], [{**EPOCH, "best_epoch": 1.5}], "best_epoch is 1.5"),
    (["history"], [{**EPOCH, "validation_loss": []}], "validation_loss is"),
    (["history"], [EPOCH, 3], r"history\[1\] is 3, expected an object"),
    (["history"], {"0": EPOCH}, "history is"),
    (["feature_names"], [f"x{i}" for i in range(LARGE)], "feature_names holds 100000, expected 4"),
    (["feature_names"], ["a"], "feature_names holds 1, expected 4"),
    (["feature_names"], [1, 2, 3, 4], r"feature_names\[0\] is 1, expected text"),
    (["feature_names"], "abcd", "feature_names is 'abcd', expected a list"),
    (["feature_names_in"], ["a"] * 5, "feature_names_in holds 5, expected 4"),
    (["feature_names"], ["a", "b", "c", "x" * 20_000], "text of at most"),
    (["n_features_in"], 5, "n_features_in is 5, expected 4"),
    (["n_features_in"], 4.0, "n_features_in is 4.0"),
    (["seed"], True, "seed is True"),
    (["seed"], "7", "seed is '7'"),
    (["dtype"], "O", "dtype is 'O'"),
    (["encoding", "shape"], [5], r"encoding: shape is \[5\]"),
    (["encoding"], 5, "encoding is 5, expected an object"),
    (["encoding", "constant"], [9], r"constant\[0\] is 9"),
    (["codes"], 3, "VAE with codes"),
    (["parts", "latent_dim"], 2.5, "latent_dim is 2.5"),
    (["parts", "latent_dim"], "2", "latent_dim is '2'"),
    (["parts", "event"], [4.0], r"event\[0\] is 4.0"),
    (["parts", "eight_bit"], 1, "eight_bit is 1"),
    (["parts", "low"], 5.0, "out of bounds"),
    (["parts", "likelihood", "sigma"], 0, "sigma is 0, expected a finite number above 0"),
    (["parts", "likelihood", "sigma"], -1.0, "sigma is -1.0"),
    (["parts", "likelihood", "sigma"], "0.5", "sigma is '0.5'"),
    (["parts", "likelihood", "scale"], None, "gaussian likelihood without a scale"),
    (["parts", "likelihood", "family"], "bernoulli", "bernoulli likelihood with a scale"),
    (["parts", "likelihood", "family"], ["gaussian"], "family is"),
    (["parts", "likelihood", "binarize"], "often", "binarize is 'often'"),
    (["parts", "likelihood", "reason"], "\ud800", r"reason is '\\ud800'"),
    (["parts", "likelihood"], {"family": "gaussian"}, "scale is missing"),
    (["parameters", "network"], "\ud800auto", r"network is '\\ud800auto'"),
    (["parameters", "likelihood"], ["gaussian"], "likelihood is"),
    (["parameters", "hidden"], [8.5], r"hidden\[0\] is 8.5"),
    (["parameters", "beta"], [1.0], "beta is"),
    (["parameters"], {"latent_dim": 2, "__class__": "str"}, "unexpected keyword"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "match"), UNFIT, ids=[f"{'.'.join(p)}-{i}" for i, (p, _, _) in enumerate(UNFIT)]
)
def test_each_field_is_held_against_the_model(path, value, match, changed):
    sentence = refusal(changed("VAE", with_field(*path, value=value)))
    assert re.search(match, sentence), sentence


CONTEXTS = [
    ("labels", ["classes"], ["cat", "dog"], "context of width 3|width 2"),
    ("labels", ["classes"], ["cat", "dog", "dog"], "not distinct"),
    ("labels", ["classes"], ["cat", "dog", "parrot"], "don't fit into their type"),
    ("labels", ["classes"], ["cat", "dog", 3], r"classes\[2\] is 3"),
    ("labels", ["classes"], [], "holds 0"),
    ("labels", ["classes"], {"cat": 1}, "classes is"),
    ("labels", ["dtype"], "<U99999", "dtype is"),
    ("labels", ["kind"], "colours", "kind is 'colours'"),
    ("vectors", ["deviation"], [1.0], "deviation holds 1, expected 2"),
    ("vectors", ["deviation"], [1.0, 0.0], "above 0"),
    ("vectors", ["mean"], [1.0, None], r"mean\[1\] is None"),
    ("vectors", ["mean"], 1.0, "mean is 1.0, expected a list"),
]


@pytest.mark.parametrize(("name", "path", "value", "match"), CONTEXTS)
def test_each_field_of_a_context_is_held_against_the_model(name, path, value, match, changed):
    sentence = refusal(changed(name, with_field("context", *path, value=value)))
    assert re.search(match, sentence), sentence


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('"seed":', '"seed": 1, "seed":', "'seed' is there twice"),
        ('"latent_dim":', '"latent_dim": 1, "latent_dim":', "'latent_dim' is there twice"),
        ('"seed":', '"more": NaN, "seed":', "NaN is no finite number"),
        ('"seed":', '"more": -Infinity, "seed":', "-Infinity is no finite number"),
        ('"seed":', '"more": [1e999], "seed":', "1e999 is no finite number"),
        ('"seed":', '"more": ' + "9" * 6000 + ', "seed":', "no JSON"),
    ],
)
def test_json_that_its_readers_would_read_differently(old, new, match, changed):
    assert match in refusal(changed("VAE", lambda text: text.replace(old, new, 1)))


# -------------------------------------------------------------------- what a fit can write can be read


def test_names_that_no_encoding_has_come_back(tmp_path):
    """A folder's or a column's name may be bytes that are no text; Python holds them as lone surrogates."""
    words = np.array(["caf\udce9", "caf\udce8", "tea"])[Y]
    table = Dataset(X, words, name="table", feature_names=("caf\udce9", "b", "c", "d"))
    model = CVAE(**TINY).fit(table)
    again = load(model.save(tmp_path / "m"))
    assert again.classes_.tolist() == model.classes_.tolist() and again.feature_names_ == model.feature_names_
    np.testing.assert_array_equal(again.transform(table), model.transform(table))
    (tmp_path / "m" / "config.json").read_bytes().decode("utf-8")


def test_numbers_that_overflowed_in_the_fit_come_back_as_nan(tmp_path):
    model = VAE(**TINY).fit(X)
    summary = model.latent_summary_
    model.latent_summary_ = type(summary)((summary.variance[0], np.inf), (np.nan, 1.0), np.nan)
    model.history_[0]["loss"] = np.inf
    again = load(model.save(tmp_path / "m"))
    assert np.isnan([again.latent_summary_.variance[1], again.latent_summary_.rate[0]]).all()
    assert (again.history_[0]["loss"] is None and again.latent_summary_.active == (0,)) or str(again.latent_summary_)


@pytest.mark.parametrize("after", [{"latent_dim": 3}, {"beta": -1.0}, {"hidden": (0,)}, {"epochs": 0}])
def test_save_refuses_what_load_would(after, tmp_path):
    model = VAE(**TINY).fit(X).set_params(**after)
    with pytest.raises(InputError, match=f"could not be loaded again.*{next(iter(after))}.*set it back, or fit again"):
        model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()
    model.set_params(**{name: TINY.get(name, 1.0) for name in after})
    load(model.save(tmp_path / "m"))


# -------------------------------------------------------------------- weights and codes that overflow


def used(model, x, y=None):
    """Every method's arrays, or its InputError."""
    y = () if y is None else (y,)
    one = {"y": y[0][:1] if y[0].ndim > 1 else y[0][0]} if y else {}
    z = np.array([[0.0, 0.5], [1.0, -1.0]])
    calls = {
        "decode": lambda: model.inverse_transform(z, **one),
        "sample": lambda: model.sample(3, random_state=0, **one),
        "interval": lambda: model.decode_interval(z, **one),
        "reconstruct": lambda: model.reconstruct(x, *y),
        "length": lambda: model.curve_length(z, **one),
        "energy": lambda: model.curve_energy(z, **one)[1],
        "geodesic": lambda: model.interpolate(z[0], z[1], n=3, path="geodesic", **one).x,
        "traverse": lambda: model.traverse(0, n=3, **one).x,
    }
    found = SimpleNamespace(arrays={}, errors={})
    for name, call in calls.items():
        try:
            found.arrays[name] = np.asarray(call())
        except InputError as error:
            found.errors[name] = str(error)
    return found


@pytest.mark.parametrize("name", ["AE", "VAE", "IWAE", "labels", "vectors"])
@pytest.mark.parametrize("factor", [1e12, 1e38])
def test_weights_whose_sums_overflow(name, factor, saved, changed):
    """Finite or refused in words, and never a number that is none."""
    y = {"labels": np.array(["cat", "dog", "owl"])[Y], "vectors": np.ones((30, 2))}.get(name)
    x = pd.DataFrame(X, columns=list("abcd")) if name == "VAE" else X
    for part in sorted(load_file(saved[name] / "model.safetensors")):
        if "weight" not in part:
            continue

        def grow(arrays, part=part):
            arrays[part] = np.clip(arrays[part].astype(np.float64) * factor, -3e38, 3e38).astype(np.float32)

        found = used(load(changed(name, arrays=grow)), x, y)
        for method, array in found.arrays.items():
            assert np.isfinite(array).all(), (part, method)


@pytest.mark.parametrize("name", ["AE", "VAE", "IWAE"])
def test_codes_too_far_out_are_refused_with_the_range_that_decodes(name, changed):
    """At the bound that is named they decode; the weights are such that what is three times as far doesn't."""

    def grow(arrays):
        for part in arrays:
            if part.startswith("model.likelihood.network"):
                arrays[part] *= 30

    model = load(changed(name, arrays=grow))
    for sign in ([1, 1], [-1, 1], [1, -1]):
        far = np.array([[0.0, 0.0], np.array(sign) * 3e38])
        with pytest.raises(InputError, match="row 1 lies too far out.*its largest value is 3e\\+38") as error:
            model.inverse_transform(far)
        up_to = float(str(error.value).rpartition(" ")[2])
        assert 1e6 < up_to < 3e38
        assert np.isfinite(model.inverse_transform(far / far.max() * 0.9 * up_to)).all()
        with pytest.raises(InputError, match="too far out"):
            model.curve_length(far)


def test_a_context_too_far_out_is_refused(saved):
    model = load(saved["vectors"])
    with pytest.raises(InputError, match="y lies too far"):
        model.inverse_transform([[0.0, 0.0]], [[1e300, 0.0]])


def test_codes_of_an_auto_encoder_of_any_size_have_a_density(changed):
    def grow(arrays):
        arrays["codes"] *= np.float32(1e37) / np.abs(arrays["codes"]).max()

    model = load(changed("AE", arrays=grow))
    try:
        assert np.isfinite(model.sample(3, random_state=0)).all()
    except InputError as error:
        assert "too far" in str(error)


# -------------------------------------------------------------------- what a terminal is sent


def test_control_characters_of_a_file_reach_no_terminal(changed):
    folder = changed("VAE", with_field("parts", "likelihood", "reason", value="\x1b[2J\x1b]0;title\x07 \u202e"))
    shown = CliRunner().invoke(commands, ["info", str(folder)], color=True)
    assert shown.exit_code == 0, shown.output
    assert all(c.isprintable() for line in shown.output.splitlines() for c in line)
