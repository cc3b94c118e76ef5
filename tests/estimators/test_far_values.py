"""One far row: warned of by place, no judge of the epochs, and no reason to lose what was learned."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from aevum import VAE, load
from aevum.data import open_data
from aevum.errors import DataWarning
from aevum.estimators.far import without_far_values
from aevum.estimators.resolving import seed_from, split
from aevum.recipes import ESTIMATORS
from aevum.training.robust import held_mean

SAVED = Path(__file__).parents[1] / "saved"
RNG = np.random.default_rng(0)
Z = RNG.normal(size=(320, 2))
X = (Z @ RNG.normal(size=(2, 6)) + 0.3 * RNG.normal(size=(320, 6))).astype(np.float64)
HELD_OUT = int(split(320, 0.1, seed_from(0))[1][0])
OPTIONS = {"latent_dim": 2, "hidden": 32, "epochs": 60, "learning_rate": 5e-3, "random_state": 0}
OPTIONS |= {"network": "residual", "validation_fraction": 0.1}
pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


def explained(model, rows):
    x = X[rows]
    return 1.0 - np.square(x - model.reconstruct(x)).sum() / np.square(x - x.mean(0)).sum()


@pytest.fixture(scope="module")
def clean():
    return VAE(**OPTIONS).fit(X)


@pytest.mark.parametrize("value", [1e4, 1e37, -1e37, *(pytest.param(v, marks=pytest.mark.slow) for v in (1e8, 1e20))])
def test_a_far_value_in_a_held_out_row_takes_nothing_from_the_others(clean, value):
    x = X.copy()
    x[HELD_OUT, 3] = value
    with pytest.warns(DataWarning, match=rf"row {HELD_OUT}, column 3: {value:.6g}".replace("+", r"\+")):
        model = VAE(**OPTIONS).fit(x)
    others = np.arange(320) != HELD_OUT
    assert explained(model, others) > explained(clean, others) - 0.02
    assert model.history_[-1]["best_epoch"] > 10


@pytest.mark.parametrize("value", [1e4, -1e20])
@pytest.mark.parametrize("name", ["AE", "VAE"])
def test_far_values_in_training_rows_take_nothing_from_the_others(clean, name, value):
    x, rows = X.copy(), split(320, 0.1, seed_from(0))[0][:2]
    x[rows, 3] = value
    with pytest.warns(DataWarning, match=r"2 values lie .*column 3.* median stands in their place"):
        model = ESTIMATORS[name](**OPTIONS).fit(x)
    others = np.delete(np.arange(320), rows)
    assert explained(model, others) > explained(clean, others) - 0.02
    column = X[others, 3]
    assert np.square(column - model.reconstruct(X[others])[:, 3]).sum() < 0.3 * np.square(column - column.mean()).sum()
    assert model.sample(200, random_state=0)[:, 3].std() < 2 * column.std()
    assert set(np.argsort(-model.distortion_and_rate(x)[0])[:2]) == set(rows)  # what they are is no secret of the score
    assert (x[rows, 3] == value).all()


def test_a_far_value_of_what_is_conditioned_on_takes_nothing_from_the_others():
    y = Z[:, 0].copy()
    y[4] = 1e4
    with pytest.warns(DataWarning, match=r"row 4, column 'y\[0\]': 10000"):
        model = ESTIMATORS["CVAE"](**{**OPTIONS, "epochs": 20}).fit(X, y)
    asked = np.random.default_rng(1).normal(size=320)
    column = int(np.abs(np.corrcoef(Z[:, 0], X.T)[0, 1:]).argmax())
    assert abs(np.corrcoef(model.sample(320, y=asked[:, None], random_state=0)[:, column], asked)[0, 1]) > 0.5


def test_without_a_finite_validation_loss_the_trained_weights_are_kept():
    x = X.copy()
    x[split(320, 0.1, seed_from(0))[1], 3] = 1e300
    with pytest.warns(DataWarning, match=r"validation rows have a finite loss.*row \d+, column 3: 1e\+300"):
        model = VAE(**OPTIONS).fit(x)
    train = split(320, 0.1, model.seed_)[0]
    assert explained(model, train) > 0.5 and not math.isfinite(model.history_[-1]["validation_held"])


def test_held_mean_is_the_mean_without_far_rows_and_bounded_with_them():
    losses = torch.from_numpy(RNG.normal(size=200))
    plain = float(losses.mean())
    assert held_mean(losses) == pytest.approx(plain)
    for far in (1e3, 1e30, math.inf, math.nan, -1e30):
        moved = losses.clone()
        moved[7] = far
        assert abs(held_mean(moved) - plain) < 0.06
    assert held_mean(torch.full((5,), math.nan)) == math.inf
    assert held_mean(3.0 * losses + 5.0) == pytest.approx(3.0 * held_mean(losses) + 5.0)


def test_real_tables_cry_no_wolf(data_folder):
    tables = [np.load(file)["X"].astype(float) for file in sorted((data_folder / "adbench").glob("*.npz"))]
    tables += [open_data(name).x for name in ("wine", "digits")]
    tables += [RNG.lognormal(0, 2, (1000, 3)), np.eye(50), RNG.poisson(0.02, (500, 4)).astype(float)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in tables:
            without_far_values(x, None, x.ndim > 2)


def test_far_values_are_named_wherever_they_are():
    x = RNG.normal(size=(50_000, 2))
    x[[7, 31_000], [1, 0]] = 1e6
    with pytest.warns(DataWarning, match=r"2 values lie .*row 7, column 'b': 1e\+06; row 31000, column 'a'"):
        without_far_values(x, ("a", "b"), False)
    images = RNG.uniform(size=(30, 4, 5)).astype(np.float32)
    images[3, 2, 1] = 1e20
    with pytest.warns(DataWarning, match=r"row 3, value \(2, 1\)"):
        without_far_values(images, None, True)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_history_is_in_the_units_of_the_data(name):
    """x → 1000 x: every loss grows by Σ log 1000 over the values of a row, wherever it is read."""
    kind, y, seen = ESTIMATORS[name], np.arange(320) % 2, {}
    for scale in (1.0, 1000.0):
        seen[scale] = []
        model = kind(
            2,
            hidden=8,
            network="residual",
            likelihood="gaussian",
            epochs=2,
            random_state=0,
            validation_fraction=0.1,
            callbacks=[lambda r, s=scale: seen[s].append(dict(r))],
        )
        model.fit(scale * X, y if kind.conditional else None)
        assert [r["loss"] for r in seen[scale]] == [r["loss"] for r in model.history_]
        rows = split(320, 0.1, model.seed_)[1]
        given = {"y": y[rows]} if kind.conditional else {}
        mean = float(np.mean(model.distortion_and_rate(scale * X[rows], **given)[0]))
        at = model.history_[max(model.history_[-1]["best_epoch"], 1) - 1]
        assert mean == pytest.approx(at["validation_distortion"], abs=0.5)
    for one, thousand in zip(seen[1.0], seen[1000.0], strict=True):
        for term in ("loss", "distortion", "validation_loss", "validation_distortion", "validation_held"):
            assert thousand[term] - one[term] == pytest.approx(6 * math.log(1000.0), abs=1e-3)
        assert thousand["rate"] == pytest.approx(one["rate"], abs=1e-3)


def test_an_older_models_history_is_moved_to_the_datas_units(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(SAVED / "0.1" / "vae", folder)
    later = load(folder)
    shift = float(later.fitted_.log_abs_det(torch.zeros(1, 6))[0])
    assert abs(shift) > 1.0
    config = json.loads((folder / "config.json").read_text())
    config["version"] = 1
    for record in config["history"]:
        for term in ("loss", "distortion", "validation_loss", "validation_distortion"):
            record[term] += shift
        del record["validation_held"]
    (folder / "config.json").write_text(json.dumps(config))
    sums = json.loads((folder / "checksums.json").read_text())
    sums["config.json"] = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    (folder / "checksums.json").write_text(json.dumps(sums))
    for found, record in zip(load(folder).history_, later.history_, strict=True):
        assert found["validation_loss"] == pytest.approx(record["validation_loss"])
        assert found["loss"] == pytest.approx(record["loss"])


@pytest.mark.parametrize(("share", "kept"), [(2e-5, False), (5e-3, True)])
def test_a_damaged_pixel_is_not_learned_and_stars_are(share, kept):
    pictures = np.random.default_rng(0).normal(size=(300, 20, 20)).astype(np.float32)
    pictures.reshape(-1)[: int(share * pictures.size)] = 1e4
    with pytest.warns(DataWarning, match="decide the scale of the rest" if kept else "median stands in their place"):
        assert (without_far_values(pictures, None, shared=True) is pictures) == kept
