"""Models on disk: what is saved comes back bit for bit, and nothing that is wrong with the files goes unsaid."""

import contextlib
import errno
import hashlib
import json
import os
import pickle
import random
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors
from torch import nn

from aevum import AE, CVAE, VAE, InputError, ModelFileError, load, storage
from aevum.recipes import ESTIMATORS

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
MODELS = list(ESTIMATORS.values())
FILES = ["config.json", "model.safetensors", "checksums.json"]
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 32, "random_state": 0}
X = np.random.RandomState(0).randn(40, 6).astype(np.float32)
GREY = np.random.RandomState(1).rand(40, 8, 8).astype(np.float32)
Y = np.arange(40) % 3


def fitted(model, data=X, y=Y, **more):
    return model(**{**TINY, **more}).fit(data, y)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def outputs(estimator, data=X, y=Y):
    labels = (y,) if estimator.conditional else ()
    one = {"y": y[0]} if estimator.conditional else {}
    found = {
        "transform": estimator.transform(data, *labels),
        "deviation": estimator.encode(data, *labels)[1],
        "reconstruct": estimator.reconstruct(data, *labels),
        "distortion": estimator.distortion_and_rate(data, *labels)[0],
        "rate": estimator.distortion_and_rate(data, *labels)[1],
        "error": estimator.reconstruction_error(data, *labels),
        "sample": estimator.sample(20, random_state=0, **one),
        "mean": estimator.sample(20, random_state=0, mean=True, **one),
    }
    if estimator.has_density:
        found["score_samples"] = estimator.score_samples(data, *labels, k=5)
    return found


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name in wanted:
        assert found[name].dtype == wanted[name].dtype
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)


# -------------------------------------------------------------------- there and back


KINDS = [
    (X, {}),
    (X.astype(np.float64), {"likelihood": "gaussian:per-feature", "network": "residual", "hidden": (8, 8)}),
    (X, {"likelihood": "gaussian:emitted"}),
    (X, {"likelihood": "gaussian:fixed=0.3"}),
    (GREY, {"network": "convolutional", "hidden": (4, 4)}),
    (GREY, {"likelihood": "continuous_bernoulli"}),
    (GREY, {"binarize": "dynamic"}),
    (GREY > 0.5, {}),
    ((255 * GREY).astype(np.uint8), {"likelihood": "discretized_logistic:per-feature"}),
]


# What is the data's and what is the model's are stored by themselves: each of the former with three of the latter.
@pytest.mark.parametrize(
    ("model", "data", "more"),
    [
        pytest.param(model, *kind, marks=[pytest.mark.slow] * (i > 0 and (i + j) % 3 > 0))
        for i, kind in enumerate(KINDS)
        for j, model in enumerate(MODELS)
    ],
)
def test_everything_comes_back_bit_for_bit(model, data, more, tmp_path):
    estimator = fitted(model, data, **more)
    wanted = outputs(estimator, data)
    assert estimator.save(tmp_path / "mine") == tmp_path / "mine"
    assert names(tmp_path / "mine") == sorted(FILES)
    again = load(tmp_path / "mine")
    assert type(again) is model
    assert_same(outputs(again, data), wanted)
    hidden = estimator.hidden if isinstance(estimator.hidden, tuple) else (estimator.hidden,)
    assert again.get_params() == {**estimator.get_params(), "hidden": hidden}
    assert again.history_ == estimator.history_
    assert again.latent_summary_ == estimator.latent_summary_
    assert again.likelihood_ == estimator.likelihood_
    assert again.n_features_in_ == estimator.n_features_in_
    assert again.parts_ == estimator.parts_
    assert not again.model_.training
    # What was loaded can be saved, trained and pickled in its turn.
    again.save(tmp_path / "copy")
    for name in FILES:
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "mine" / name).read_bytes()
    assert_same(outputs(again.fit(data, Y), data), wanted)
    assert_same(outputs(pickle.loads(pickle.dumps(load(tmp_path / "mine"))), data), wanted)


@pytest.mark.parametrize(
    "y",
    [
        Y,
        Y - 7,
        Y.astype(float),
        Y > 0,
        np.array(["cat", "dögs", "鳥"])[Y],
        np.array(["cat", "dog", "owl"], dtype=object)[Y],
        np.array([1, "dog", 2.5], dtype=object)[Y],
        Y.astype(np.uint64) + np.uint64(2**63),
        np.random.RandomState(0).randn(40, 3),
        np.random.RandomState(0).randn(40).astype(np.float32),
        pytest.param(
            np.array([b"cat", b"dog", b"owl"])[Y],
        ),
    ],
    ids=lambda y: f"{y.dtype}{y.shape}",
)
@pytest.mark.parametrize("prior", ["standard", "learned", "flow"])
def test_labels_of_every_type_come_back(y, prior, tmp_path):
    estimator = fitted(CVAE, y=y, prior=prior)
    again = load(estimator.save(tmp_path / "mine"))
    np.testing.assert_array_equal(again.transform(X, y), estimator.transform(X, y))
    one = y[3] if y.ndim == 1 else y[3:4]
    np.testing.assert_array_equal(again.sample(4, y=one, random_state=0), estimator.sample(4, y=one, random_state=0))
    if hasattr(estimator, "classes_"):
        np.testing.assert_array_equal(again.classes_, estimator.classes_)
        assert again.classes_.dtype == estimator.classes_.dtype


def test_names_of_columns_come_back(tmp_path):
    import pandas as pd

    frame = pd.DataFrame(X, columns=list("abcdef"))
    again = load(fitted(VAE, frame).save(tmp_path / "mine"))
    assert list(again.feature_names_in_) == list("abcdef")
    assert again.transform(frame).shape == (40, 2)
    with pytest.raises(ValueError, match="feature names"):
        again.transform(frame[list("fedcba")])


def test_sampling_an_auto_encoder_does_not_depend_on_when_its_density_was_fitted(tmp_path):
    estimator = fitted(AE)
    estimator.save(tmp_path / "before")
    wanted = estimator.sample(9, random_state=0)
    estimator.save(tmp_path / "after")
    for name in ("before", "after"):
        np.testing.assert_array_equal(load(tmp_path / name).sample(9, random_state=0), wanted)


def test_numbers_of_numpy_and_code_as_arguments(tmp_path):
    estimator = VAE(
        latent_dim=np.int64(2),
        hidden=[np.int32(8)],
        epochs=np.int64(1),
        learning_rate=np.float32(1e-3),
        device=torch.device("cpu"),
        random_state=np.random.RandomState(0),
        callbacks=[print],
        batch_size=32,
    ).fit(X)
    again = load(estimator.save(tmp_path / "mine"))
    assert_same(outputs(again), outputs(estimator))
    assert again.callbacks is None
    assert again.random_state is None


class Own(nn.Module):
    def __init__(self, a, b, normalised):
        super().__init__()
        self.linear = nn.Linear(a, b)
        self.norm = nn.BatchNorm1d(b) if normalised else nn.Identity()

    def forward(self, x):
        return self.norm(self.linear(x))


@pytest.mark.parametrize(
    "normalised",
    [
        False,
        pytest.param(
            True,
        ),
    ],
)
def test_a_network_of_your_own_comes_back(normalised, tmp_path):
    def pair():
        return Own(6, 5, normalised), Own(2, 6, normalised)

    estimator = VAE(**{**TINY, "hidden": None}, network=pair()).fit(X)
    estimator.save(tmp_path / "mine")
    assert_same(outputs(load(tmp_path / "mine", network=pair())), outputs(estimator))
    with pytest.raises(InputError, match=r"network of your own.*load\(path, network=\(encoder, decoder\)\)"):
        load(tmp_path / "mine")
    with pytest.raises(InputError, match="your encoder failed"):
        load(tmp_path / "mine", network=(Own(7, 5, normalised), Own(2, 6, normalised)))
    with pytest.raises(ModelFileError, match=r"linear.*where its config implies"):
        load(tmp_path / "mine", network=(Own(6, 4, normalised), Own(2, 6, normalised)))


def test_what_load_would_not_know_is_not_saved(tmp_path):
    class Mine(VAE):
        pass

    class VAEOfAnotherName(VAE):
        pass

    VAEOfAnotherName.__name__ = "VAE"
    for kind in (Mine, VAEOfAnotherName):
        with pytest.raises(InputError, match="with @aevum.register, .*; or keep it as a pickle"):
            fitted(kind).save(tmp_path / "mine")
    other = fitted(VAE)
    other.model_.prior.extra = nn.Linear(2, 2)
    with pytest.raises(InputError, match="prior.extra.bias is not what VAE composes"):
        other.save(tmp_path / "mine")
    assert names(tmp_path) == []


def test_a_class_that_load_was_told_of_comes_back(tmp_path, monkeypatch):
    class Mine(VAE):
        pass

    monkeypatch.setitem(ESTIMATORS, "Mine", Mine)
    mine = fitted(Mine)
    again = load(mine.save(tmp_path / "mine"))
    assert type(again) is Mine
    assert_same(outputs(again), outputs(mine))


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", range(1, 8))
def test_a_model_that_is_being_replaced_stays_whole_at_every_step(step, error, tmp_path, monkeypatch):
    plain, calls = os.replace, []

    def call(*words):
        calls.append(words)
        if len(calls) == step:
            raise error
        return plain(*words)

    arrays = {"a": np.zeros(3, np.float32)}
    storage.write_model(tmp_path / "m", {"which": "old"}, arrays)
    monkeypatch.setattr(os, "replace", call)
    with pytest.raises(InputError if isinstance(error, OSError) else KeyboardInterrupt):
        storage.write_model(tmp_path / "m", {"which": "new"}, arrays, overwrite=True)
    monkeypatch.undo()
    assert storage.read_config(tmp_path / "m")["which"] == "old" and names(tmp_path / "m") == sorted(FILES)


# -------------------------------------------------------------------- where it goes


def test_a_run_folder_holds_its_model(tmp_path):
    estimator = fitted(VAE)
    estimator.save(tmp_path / "run" / "model")
    np.testing.assert_array_equal(load(tmp_path / "run").transform(X), estimator.transform(X))
    np.testing.assert_array_equal(load(str(tmp_path / "run")).transform(X), estimator.transform(X))


def test_folders_on_the_way_are_made(tmp_path):
    assert fitted(VAE).save(tmp_path / "a" / "b" / "c").is_dir()


def test_an_existing_path_is_refused(tmp_path):
    estimator, path = fitted(VAE), tmp_path / "mine"
    estimator.save(path)
    before = {name: (path / name).read_bytes() for name in FILES}
    other = fitted(AE)
    with pytest.raises(InputError, match="exists; pass overwrite=True"):
        other.save(path)
    assert {name: (path / name).read_bytes() for name in FILES} == before
    other.save(path, overwrite=True)
    assert type(load(path)) is AE
    assert names(tmp_path) == ["mine"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_model_is_never_overwritten(overwrite, tmp_path):
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    file.write_text("more work")
    for path in (folder, file):
        with pytest.raises(InputError, match="exists"):
            fitted(VAE).save(path, overwrite=overwrite)
    assert (folder / "thesis.txt").read_text() == "years of work"
    assert file.read_text() == "more work"


def test_an_empty_folder_can_be_filled(tmp_path):
    (tmp_path / "empty").mkdir()
    fitted(VAE).save(tmp_path / "empty", overwrite=True)
    assert load(tmp_path / "empty").transform(X).shape == (40, 2)


def test_another_librarys_model_is_never_overwritten(tmp_path):
    """Several libraries keep a model in files of these two names."""
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "vocabulary.txt").write_text("words")
    with pytest.raises(InputError, match="no model"):
        fitted(VAE).save(tmp_path, overwrite=True)
    assert (tmp_path / "vocabulary.txt").read_text() == "words"


def test_overwriting_keeps_the_users_own_files(tmp_path):
    estimator = fitted(VAE)
    estimator.save(tmp_path / "mine")
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with contextlib.suppress(InputError):
        estimator.save(tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "model", tmp_path / "file" / "a" / "b"):
        with pytest.raises(InputError, match="can't write"):
            fitted(VAE).save(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_folder_that_can_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match=r"can't write.*ermission"):
            fitted(VAE).save(tmp_path / "mine")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte"])
def test_a_name_that_no_file_can_have(name, tmp_path):
    with pytest.raises(InputError, match="can't write"):
        fitted(VAE).save(tmp_path / name)
    with pytest.raises(InputError):
        load(tmp_path / name)


@pytest.mark.parametrize("failing", ["mkdir", "write_bytes", "replace"])
def test_after_a_failure_nothing_half_written_is_left(failing, tmp_path, monkeypatch):
    estimator, path = fitted(VAE), tmp_path / "mine"

    def fail(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, failing, fail)
        with pytest.raises(InputError, match="can't write.*No space left on device"):
            estimator.save(path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "failing",
    [
        "write_bytes",
        pytest.param(
            "the second replace",
        ),
    ],
)
def test_after_a_failure_the_old_model_is_still_there(failing, tmp_path, monkeypatch):
    estimator, path = fitted(VAE), tmp_path / "mine"
    estimator.save(path)
    before, calls, replace = outputs(estimator), [], Path.replace

    def fail(*_args):
        raise OSError(errno.EIO, "Input/output error")

    def fail_later(self, target):
        calls.append(target)
        return replace(self, target) if len(calls) != 2 else fail()

    with monkeypatch.context() as patched:
        if failing == "write_bytes":
            patched.setattr(Path, "write_bytes", fail)
        else:
            patched.setattr(Path, "replace", fail_later)
        with pytest.raises(InputError, match="Input/output error"):
            fitted(AE).save(path, overwrite=True)
    assert names(tmp_path) == ["mine"]
    assert_same(outputs(load(path)), before)


def test_write_text_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    storage.write_text(tmp_path / "a.txt", "é")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "é"
    with pytest.raises(InputError, match="can't write"):
        storage.write_text(tmp_path / "no" / "a.txt", "x")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(InputError, match="Input/output error"):
        storage.write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "é"


# -------------------------------------------------------------------- damaged and foreign files


@pytest.fixture(scope="module")
def saved():
    """The bytes of one saved model of each kind."""
    import tempfile

    found = {}
    for model in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            path = fitted(model, network="residual").save(Path(folder) / "mine")
            found[model.__name__] = {name: (path / name).read_bytes() for name in FILES}
    return found


def write(folder, files, *, sums=True):
    """A model directory of these files; with checksums that fit."""
    folder.mkdir(exist_ok=True)
    if sums:
        digests = {n: hashlib.sha256(d).hexdigest() for n, d in files.items() if n != "checksums.json"}
        files = {**files, "checksums.json": json.dumps(digests).encode()}
    for name, data in files.items():
        (folder / name).unlink(missing_ok=True)  # ext4 puts a file on the disk that is cut to nothing and written again
        (folder / name).write_bytes(data)
    return folder


def with_config(files, change):
    """The files with another config, as ``change`` makes it of the parsed one."""
    return {**files, "config.json": json.dumps(change(json.loads(files["config.json"]))).encode()}


def placed(config, path, value):
    """A deep copy of a JSON value with ``value`` at a path; ``...`` removes what is there."""
    if not path:
        return value
    if isinstance(config, dict):
        rest = {k: v for k, v in config.items() if k != path[0]}
        return (
            rest
            if value is ... and len(path) == 1
            else {**config, path[0]: placed(config.get(path[0]), path[1:], value)}
        )
    if value is ... and len(path) == 1:
        return [v for i, v in enumerate(config) if i != path[0]]
    return [placed(v, path[1:], value) if i == path[0] else v for i, v in enumerate(config)]


def refused(folder, match=None, error=ModelFileError):
    with pytest.raises(error, match=match) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file(name, saved, tmp_path):
    files, draw = saved["VAE"], random.Random(0)
    for size in [0, 1, len(files[name]) - 1, *(draw.randrange(len(files[name])) for _ in range(12))]:
        write(tmp_path / "m", {**files, name: files[name][:size]}, sums=False)
        refused(tmp_path / "m")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_truncated_file_whose_checksum_was_made_to_fit(name, saved, tmp_path):
    files, draw = saved["VAE"], random.Random(1)
    for size in [0, 1, 8, len(files[name]) - 1, *(draw.randrange(len(files[name])) for _ in range(12))]:
        refused(write(tmp_path / "m", {**files, name: files[name][:size]}))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_flipped_bit(name, saved, tmp_path):
    files, draw = saved["VAE"], random.Random(2)
    for _ in range(25):
        data = bytearray(files[name])
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        refused(write(tmp_path / "m", {**files, name: bytes(data)}, sums=False), "damaged|checksum|JSON")


def test_a_flipped_bit_in_the_checksums(saved, tmp_path):
    files, draw, wanted = saved["VAE"], random.Random(3), None
    for _ in range(40):
        data = bytearray(files["checksums.json"])
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        write(tmp_path / "m", {**files, "checksums.json": bytes(data)}, sums=False)
        try:
            found = load(tmp_path / "m").transform(X)
        except ModelFileError:
            continue
        wanted = found if wanted is None else wanted
        np.testing.assert_array_equal(found, wanted)


def test_a_flipped_bit_in_the_header_of_the_tensors_whose_checksum_was_made_to_fit(saved, tmp_path):
    """The file may load, if what the bit changed says the same; else it is refused."""
    files, draw = saved["VAE"], random.Random(4)
    header = 8 + int.from_bytes(files["model.safetensors"][:8], "little")
    for _ in range(60):
        data = bytearray(files["model.safetensors"])
        data[draw.randrange(header)] ^= 1 << draw.randrange(8)
        write(tmp_path / "m", {**files, "model.safetensors": bytes(data)})
        try:
            load(tmp_path / "m")
        except ModelFileError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(name, saved, tmp_path):
    write(tmp_path / "m", saved["VAE"], sums=False)
    (tmp_path / "m" / name).unlink()
    assert name.partition(".")[0] in refused(tmp_path / "m")


def test_paths_that_hold_no_model(tmp_path):
    refused(tmp_path / "nowhere", "does not exist")
    refused(tmp_path, "holds no model")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "holds no model")
    (tmp_path / "model").mkdir()
    refused(tmp_path, "holds no model")
    refused(tmp_path / "file" / "below", "does not exist")


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file(name, saved, tmp_path):
    write(tmp_path / "m", saved["VAE"], sums=False)
    (tmp_path / "m" / name).unlink()
    (tmp_path / "m" / name).mkdir()
    refused(tmp_path / "m")


def test_links(saved, tmp_path):
    real = write(tmp_path / "real", saved["VAE"], sums=False)
    (tmp_path / "link").symlink_to(real)
    assert load(tmp_path / "link").transform(X).shape == (40, 2)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refused(tmp_path / "loop")
    (tmp_path / "broken").mkdir()
    for name in FILES:
        (tmp_path / "broken" / name).symlink_to(tmp_path / "nowhere")
    refused(tmp_path / "broken", "holds no model")
    (real / "config.json").unlink()
    (real / "config.json").symlink_to("config.json")
    refused(real)


class Trap:
    def __reduce__(self):
        return os.mkdir, ("trapped",)


@pytest.mark.parametrize("name", FILES)
def test_a_pickle_is_never_run(name, saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bomb = pickle.dumps(Trap())
    for sums in (False, True):
        if not (sums and name == "checksums.json"):
            refused(write(tmp_path / "m", {**saved["VAE"], name: bomb}, sums=sums))
    torch.save({"a": torch.zeros(2)}, tmp_path / "torch.pt")
    refused(write(tmp_path / "m", {**saved["VAE"], "model.safetensors": (tmp_path / "torch.pt").read_bytes()}))
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '"text"', "3", "{", "\xff", "[" * 100_000, '{"a":' * 100_000, "1" * 5000]
)
@pytest.mark.parametrize("name", ["config.json", "checksums.json"])
def test_json_of_another_kind(name, text, saved, tmp_path):
    files = {**saved["VAE"], name: text.encode("latin-1")}
    refused(write(tmp_path / "m", files, sums=name == "config.json"))


def test_a_deeply_nested_field(saved, tmp_path):
    text = saved["VAE"]["config.json"].decode()
    nested = text.replace('"seed":', '"deep": ' + "[" * 500 + "]" * 500 + ', "seed":')
    write(tmp_path / "m", {**saved["VAE"], "config.json": nested.encode()})
    assert load(tmp_path / "m").transform(X).shape == (40, 2)


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        (["estimator"], "GAN", "'GAN'.*knows AE, DAE, VAE, CVAE"),
        (["estimator"], None, "knows AE"),
        (["estimator"], ["VAE"], "knows AE"),
        (["estimator"], "os.system", "knows AE"),
        (["format"], "pythae", "no aevum model"),
        (["format"], ..., "no aevum model"),
        (["version"], 4, "version 4; this aevum reads versions up to 3"),
        (["version"], "1", "version '1'"),
        (["version"], ..., "version None"),
    ],
)
def test_a_model_of_another_kind(path, value, match, saved, tmp_path):
    refused(write(tmp_path / "m", with_config(saved["VAE"], lambda c: placed(c, path, value))), match)


# -------------------------------------------------------------------- configs that ask for too much

HUGE = [
    (["parts", "latent_dim"], 2**40),
    (["parts", "latent_dim"], 2**17),
    (["parts", "latent_dim"], 10**400),
    (["parts", "context"], 2**40),
    (["parts", "event"], [2**30, 2**30]),
    (["parts", "event"], [2**16, 2**16]),
    (["parts", "event"], [2**17]),
    pytest.param(
        ["parts", "event"],
        [2] * 500_000,
    ),
    (["parts", "event"], [1] * 65),
    (["parts", "hidden"], [8] * 100_000),
    (["parts", "hidden"], [2**17] * 64),
    (["parts", "hidden"], [2**60]),
    (["encoding", "shape"], [2**40]),
    (["encoding", "shape"], [2**30] * 30),
    (["codes"], 2**60),
    (["codes"], -1),
    (["parameters", "hidden"], [2**60] * 100),
    (["n_features_in"], 2**70),
]


@pytest.mark.parametrize(("path", "value"), HUGE, ids=lambda v: str(v)[:30])
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("model", ["AE", "CVAE"])
def test_a_huge_size_is_refused_before_anything_is_allocated(model, path, value, saved, tmp_path):
    write(tmp_path / "m", with_config(saved[model], lambda c: placed(c, path, value)))
    before = resident()
    tracemalloc.start()
    started = time.process_time()
    try:
        estimator = load(tmp_path / "m")
        with pytest.raises(ValueError):
            estimator.transform(X, Y)  # only where the field is no size of an array
        assert path[0] in ("n_features_in", "parameters")
    except ModelFileError as error:
        assert len(str(error)) < 500
    except pytest.fail.Exception:
        assert path[0] == "parameters"
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert time.process_time() - started < 2
    assert peak < 2**28
    assert resident() - before < 2**28


def resident():
    """Bytes of memory that this process holds, where the system says so."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def test_a_huge_label_type_allocates_nothing(saved, tmp_path):
    write(tmp_path / "m", with_config(saved["CVAE"], lambda c: placed(c, ["context", "dtype"], "<U2500000")))
    tracemalloc.start()
    try:
        load(tmp_path / "m")
    except ModelFileError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2**22


def test_a_tensor_file_much_larger_than_its_config_implies_is_not_read(saved, tmp_path, monkeypatch):
    write(tmp_path / "m", saved["VAE"], sums=False)
    with (tmp_path / "m" / "model.safetensors").open("r+b") as stream:
        stream.truncate(2**28)  # sparse: it takes no room
    hashed, plain = [], hashlib.sha256

    class Counting:
        def __init__(self, data=b""):
            self.inner = plain(data)

        def update(self, data):
            hashed.append(len(data))
            self.inner.update(data)

        def hexdigest(self):
            return self.inner.hexdigest()

    monkeypatch.setattr(hashlib, "sha256", Counting)
    refused(tmp_path / "m")
    assert sum(hashed) < 2**24


def test_a_config_larger_than_any_is_not_read(saved, tmp_path):
    write(tmp_path / "m", saved["VAE"], sums=False)
    for name in ("config.json", "checksums.json"):
        with (tmp_path / "m" / name).open("r+b") as stream:
            stream.truncate(2**33)
        refused(tmp_path / "m", "larger than")
        write(tmp_path / "m", saved["VAE"], sums=False)


# -------------------------------------------------------------------- configs with anything in any field


def paths(config, prefix=()):
    """The path of every value in a JSON value, containers included."""
    if prefix:
        yield prefix
    if isinstance(config, dict):
        for key, value in config.items():
            yield from paths(value, (*prefix, key))
    elif isinstance(config, list):
        for index, value in enumerate(config[:2]):
            yield from paths(value, (*prefix, index))


# In place of each field; the dots stand for its removal.
WRONG = [None, True, "text", -1, 1.5, 10**30, 1e308, [], {"a": 1}, [[1, 2], [3]], ...]


def accepts_or_refuses(folder, data, name):
    """Loading either fails with one clear error, or gives an estimator that works or says what it can't use."""
    try:
        estimator = load(folder)
    except InputError as error:
        assert "\n" not in str(error)
        return
    y = (Y,) if name == "CVAE" else ()
    try:
        assert estimator.transform(data, *y).shape[0] == 40
        estimator.reconstruct(data, *y)
        if estimator.has_density:
            estimator.score_samples(data, *y, k=2)
        estimator.sample(2, *[part[:2] for part in y], random_state=0)
    except ValueError as error:
        # Loaded with other column names, counts or classes than the rows have: said in words.
        assert any(word in str(error) for word in ("features", "label", "y has"))


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_wrong_value_in_every_field(name, saved, tmp_path):
    config, broken = json.loads(saved[name]["config.json"]), []
    # What all models' files hold is tried in those of the first of each kind.
    common = set() if name in ("AE", "VAE", "CVAE") else set(paths(json.loads(saved["VAE"]["config.json"])))
    for path in paths(config):
        if (path[0] == "history" and len(path) > 1) or path in common:
            continue
        for value in WRONG:
            write(tmp_path / "m", with_config(saved[name], lambda c: placed(c, path, value)))  # noqa: B023
            try:
                accepts_or_refuses(tmp_path / "m", X, name)
            except Exception as error:
                where = ".".join(map(str, path)) + ("" if value is ... else f"={str(value)[:20]}")
                broken.append(f"{where}: {type(error).__name__}: {str(error)[:90]}")
    assert not broken, f"{len(broken)} of them:\n" + "\n".join(broken)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(["AE", "VAE", "CVAE"]))
def test_any_values_in_some_fields(data, name, saved, tmp_path_factory):
    config = json.loads(saved[name]["config.json"])
    for path in data.draw(st.lists(st.sampled_from(list(paths(config))), min_size=1, max_size=3)):
        try:
            config = placed(config, path, data.draw(JSON))
        except (KeyError, TypeError, IndexError):
            continue  # its parent was replaced before
    folder = tmp_path_factory.mktemp("any")
    files = {**saved[name], "config.json": json.dumps(config).encode()}
    try:
        load(write(folder / "m", files))
    except InputError as error:
        assert "\n" not in str(error)


BADLY_TYPED = [
    (["dtype"], "O"),
    (["dtype"], "U5"),
    (["dtype"], "V8"),
    (["dtype"], "M8[D]"),
    (["dtype"], "c16"),
    (["dtype"], "(1000000,)f8"),
    (["dtype"], "f4,("),
    (["context", "dtype"], "f4,("),
    (["context", "dtype"], "|b1"),
    (["context", "classes"], [[0], [1], [2]]),
    (["context", "classes"], [1, 1, 1]),
    (["seed"], 2**40),
    (["seed"], -1),
]


@pytest.mark.parametrize(("path", "value"), BADLY_TYPED, ids=str)
def test_values_of_the_right_type_that_no_fit_writes(path, value, saved, tmp_path):
    refused(write(tmp_path / "m", with_config(saved["CVAE"], lambda c: placed(c, path, value))), error=InputError)


# -------------------------------------------------------------------- arrays that do not fit


def with_arrays(files, change):
    arrays = from_safetensors(files["model.safetensors"])
    arrays = {name: np.array(value) for name, value in arrays.items()}
    changed = change(arrays)
    return {**files, "model.safetensors": to_safetensors(arrays if changed is None else changed)}


NAME = "model.posterior.network.first.weight"


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda a: {("other" if n == NAME else n): v for n, v in a.items()}, "only one of the two"),
        (lambda a: {n: v for n, v in a.items() if n != NAME}, "only one of the two"),
        (lambda a: {**a, "extra": np.zeros(2, np.float32)}, "'extra' is in only one"),
        (lambda a: {}, "only one of the two"),
        (lambda a: a.update({NAME: a[NAME].T.copy()}), "first.weight.*where its config implies"),
        (lambda a: a.update({NAME: a[NAME][:-1].copy()}), "where its config implies"),
        (lambda a: a.update({NAME: a[NAME].ravel()}), "where its config implies"),
        (lambda a: a.update({NAME: a[NAME].astype(np.float64)}), "F64.*where its config implies"),
        (lambda a: a.update({NAME: a[NAME].astype(np.float16)}), "F16.*where its config implies"),
        (lambda a: a.update({NAME: a[NAME].astype(np.int32)}), "I32.*where its config implies"),
        (lambda a: a[NAME].fill(np.nan), "not finite"),
        (lambda a: a[NAME].__setitem__((0, 0), np.inf), "not finite"),
        (lambda a: a["encoding.scale"].fill(0), "scale is not positive"),
        (lambda a: a["encoding.scale"].fill(-1), "scale is not positive"),
        (lambda a: a["encoding.shift"].fill(np.nan), "not finite"),
    ],
)
@pytest.mark.parametrize("model", ["AE", "VAE"])
def test_arrays_that_do_not_fit(model, change, match, saved, tmp_path):
    refused(write(tmp_path / "m", with_arrays(saved[model], change)), match)


def test_codes_that_do_not_fit(saved, tmp_path):
    for change in (
        lambda a: a["codes"].fill(np.nan),
        lambda a: a.update(codes=a["codes"][:5].copy()),
        lambda a: a.update(codes=a["codes"][:, :1].copy()),
    ):
        refused(write(tmp_path / "m", with_arrays(saved["AE"], change)))


def test_swapped_models_are_noticed(saved, tmp_path):
    refused(write(tmp_path / "m", {**saved["VAE"], "model.safetensors": saved["AE"]["model.safetensors"]}))
    refused(write(tmp_path / "m", {**saved["VAE"], "model.safetensors": saved["CVAE"]["model.safetensors"]}))
    files = {**saved["VAE"], "model.safetensors": saved["DAE"]["model.safetensors"]}
    refused(write(tmp_path / "m", files, sums=False), "checksum")
