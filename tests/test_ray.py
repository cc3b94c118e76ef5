"""A corpus and a fit on a local Ray."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from aevum import CVAE, VAE
from aevum.errors import MissingPackageError

ray = pytest.importorskip("ray")
SMALL = {"latent_dim": 2, "hidden": 16, "batch_size": 50, "random_state": 0}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 5)) @ RANDOM.normal(size=(5, 5))
TABLE = pd.DataFrame(X, columns=list("abcde")).assign(kind=np.where(X[:, 0] > 0, "up", "down"))

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", autouse=True)
def cluster():
    ray.init(num_cpus=3, include_dashboard=False, logging_level="ERROR")
    yield
    ray.shutdown()


def ordered(found, names):
    """Ray may give blocks in any order."""
    return np.sort(found.to_pandas()[names].to_numpy(dtype=float), axis=0)


def test_codes_and_scores_are_the_estimators_own(tmp_path):
    from aevum.ray import encode, score

    vae = VAE(**SMALL, epochs=2).fit(TABLE)
    vae.save(tmp_path / "model")
    rows = ray.data.from_pandas(TABLE).repartition(4)
    names = list(vae.get_feature_names_out())
    found = encode(tmp_path / "model", rows, batch_size=64)
    np.testing.assert_allclose(ordered(found, names), np.sort(vae.transform(TABLE), axis=0), atol=1e-5)
    scores = score(vae, rows, batch_size=64)
    np.testing.assert_allclose(ordered(scores, ["score"])[:, 0], np.sort(vae.score_samples(TABLE)), atol=1e-4)


def test_arrays_and_labels():
    from aevum.ray import encode

    grey = RANDOM.random((60, 6, 6)).astype(np.float32)
    vae = VAE(**SMALL, epochs=1).fit(grey)
    found = encode(vae, ray.data.from_numpy(grey))
    np.testing.assert_allclose(
        ordered(found, list(vae.get_feature_names_out())), np.sort(vae.transform(grey), axis=0), atol=1e-5
    )
    y = TABLE["kind"].to_numpy()
    cvae = CVAE(**SMALL, epochs=1).fit(TABLE.drop(columns="kind"), y)
    found = encode(cvae, ray.data.from_pandas(TABLE), labels="kind")
    own = cvae.transform(TABLE.drop(columns="kind"), y)
    np.testing.assert_allclose(ordered(found, list(cvae.get_feature_names_out())), np.sort(own, axis=0), atol=1e-5)


class Cut:
    """A training that is cut off in this epoch: its process ends, as one that is lost."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def __call__(self, record) -> None:
        if record["epoch"] == self.epoch:
            raise OSError("the power is cut")


def test_two_workers_then_one_then_two(tmp_path, monkeypatch):
    from ray import train

    from aevum.ray import fit

    monkeypatch.setattr(train, "FailureConfig", lambda **_: None)  # the cut ends it, each time
    whole = VAE(**SMALL, epochs=9).fit(X)
    for workers, until in ((2, 3), (1, 6)):
        with pytest.raises(Exception, match="power is cut"):
            fit(VAE(**SMALL, epochs=9, callbacks=[Cut(until)]), X, folder=tmp_path / "run", workers=workers)
    found = fit(VAE(**SMALL, epochs=9), X, folder=tmp_path / "run", workers=2)
    assert len(found.history_) == len(whole.history_)
    for name in ("loss", "validation_loss"):
        assert found.history_[-1][name] == pytest.approx(whole.history_[-1][name], rel=0.01)


def test_without_ray(monkeypatch, tmp_path):
    from aevum.ray import fit

    monkeypatch.setitem(__import__("sys").modules, "ray.train", None)
    with pytest.raises(MissingPackageError, match=r"aevum\[ray\]"):
        fit(VAE(**SMALL), X, folder=tmp_path)
