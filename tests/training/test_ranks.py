"""Several processes train one model: the loss curve and the weights are those of one process."""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from aevum import AE, CVAE, DAE, IWAE, VAE
from aevum.data.corpora import Corpus, in_blocks
from aevum.distributions import Gaussian, draw, of_rows, sharing
from aevum.training.ranks import Ranks, current

pytestmark = pytest.mark.usefixtures("asked_anew")
SMALL = {"latent_dim": 2, "hidden": 16, "epochs": 3, "batch_size": 33, "random_state": 0, "network": "mlp"}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(230, 6)) @ RANDOM.normal(size=(6, 6))
Y = (X[:, 0] > 0).astype(int)
GREY = RANDOM.random((120, 5, 5)).astype(np.float32)
# What is fitted, to what: draws of codes, of corruptions and of bits; several draws; weights; another optimizer's loss.
CASES = {
    "AE": lambda: AE(**SMALL).fit(X),
    "VAE": lambda: VAE(**SMALL).fit(X, sample_weight=np.linspace(0.5, 2.0, len(X))),
    "start": lambda: VAE(**{**SMALL, "network": "auto"}).fit(X),
    "CVAE": lambda: CVAE(**SMALL).fit(X, Y),
    "DAE": lambda: DAE(**SMALL).fit(X),
    "IWAE": lambda: IWAE(**SMALL).fit(X, X_val=X[:50]),
    "bits": lambda: VAE(**SMALL, likelihood="bernoulli", binarize="dynamic").fit(GREY),
    # Fewer rows in a batch than processes: some have none.
    "few": lambda: VAE(**{**SMALL, "batch_size": 3}).fit(X[:40], sample_weight=np.linspace(0.5, 2.0, 40)),
    "few and labels": lambda: CVAE(**{**SMALL, "batch_size": 2}).fit(X[:30], Y[:30]),
    "few draws": lambda: IWAE(**{**SMALL, "batch_size": 3}).fit(X[:30], X_val=X[30:32]),
    "few corrupted": lambda: DAE(**{**SMALL, "batch_size": 3}).fit(X[:30]),
    "few and opponent": lambda: (
        importlib.import_module("tests.compositions.factor").Factor(**{**SMALL, "batch_size": 3}).fit(X[:30])
    ),
    # Rows in parts, each process reading what holds its share of a batch.
    "parts": lambda: VAE(**SMALL).fit(Corpus(in_blocks(X, budget=40 * X[:1].nbytes), X.shape[1:], X.dtype)),
    "opponent": lambda: importlib.import_module("tests.compositions.factor").Factor(**SMALL).fit(X),
}


def found(model) -> dict:
    weights = np.concatenate([value.detach().flatten().numpy() for value in model.fitted_.model.parameters()])
    names = ("loss", "distortion", "rate", "validation_loss", "validation_held", "best_epoch", "step")
    history = [{name: record[name] for name in names if name in record} for record in model.history_]
    return {"weights": weights.tolist(), "history": history}


def work(out: str) -> None:
    """What each process does."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo")
    ranks = current()
    told, calls = {}, []
    for name, fit in CASES.items():
        told[name] = found(fit())
    AE(**SMALL, callbacks=[lambda record: calls.append(record) or record["epoch"] == 2]).fit(X)
    told["seed"] = AE(**{**SMALL, "random_state": None}).fit(X).fitted_.seed
    told["calls"], told["sizes"] = len(calls), [len(X[:7][slice(*_bounds(ranks, 7))])]
    Path(out).with_suffix(f".{ranks.rank}").write_text(json.dumps(told))
    torch.distributed.destroy_process_group()


def _bounds(ranks: Ranks, rows: int) -> tuple[int, int]:
    with ranks.share(torch.arange(rows)) as (own, count):
        return (int(own[0]), int(own[0]) + count)


@pytest.fixture(scope="module", params=[2, pytest.param(4, marks=pytest.mark.slow)])
def several(request, tmp_path_factory):
    """What each of so many processes found."""
    out = tmp_path_factory.mktemp("ranks") / "told"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = []
    for rank in range(request.param):
        known = {**os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank)}
        known |= {"WORLD_SIZE": str(request.param), "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        program = f"from tests.training.test_ranks import work; work({str(out)!r})"
        command = [sys.executable, "-W", "ignore", "-c", program]
        processes.append(subprocess.Popen(command, env=known, stderr=subprocess.PIPE, text=True))
    for process in processes:
        said = process.communicate(timeout=300)[1]
        assert process.returncode == 0, said
    return [json.loads(out.with_suffix(f".{rank}").read_text()) for rank in range(request.param)]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_one_loss_curve_and_one_model(several, name):
    alone = found(CASES[name]())
    # Which shuffles the codes of a batch: here, of each process's rows.
    within = (0.05 if "few" in name else 0.02) if "opponent" in name else 1e-4
    for told in several:
        assert len(told[name]["history"]) == len(alone["history"])
        for one, other in zip(told[name]["history"], alone["history"], strict=True):
            assert one == pytest.approx(other, abs=within, nan_ok=True)
        np.testing.assert_allclose(told[name]["weights"], alone["weights"], atol=within)
    assert all(told[name]["weights"] == several[0][name]["weights"] for told in several)  # to the last bit


def test_the_first_shows_and_decides(several):
    assert [told["calls"] for told in several] == [2, *[0 for _ in several[1:]]]


def test_a_seed_of_chance_is_the_firsts(several):
    assert len({told["seed"] for told in several}) == 1


def test_every_row_is_one_processs(several):
    sizes = [told["sizes"][0] for told in several]
    assert sum(sizes) == 7 and max(sizes) - min(sizes) <= 1


def test_alone_there_is_nothing_to_share():
    ranks = current()
    assert ranks == Ranks(0, 1) and ranks.first and ranks.agree(True) and not ranks.agree(False)
    value = torch.ones(3)
    ranks.add([value])
    ranks.average([value])
    with ranks.share(torch.arange(5)) as (own, count):
        assert count == 5 and own.tolist() == list(range(5)) and value.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_shares_draws_are_those_of_the_whole_batch(shape):
    q = Gaussian(torch.randn(10, 4), torch.randn(10, 4))
    whole = draw(q, shape, torch.Generator().manual_seed(0))
    parts = []
    for start, stop in ((0, 3), (3, 3), (3, 10)):
        with sharing(start, stop, 10):
            own = Gaussian(q.mean[start:stop], q.log_variance[start:stop])
            parts.append(draw(own, shape, torch.Generator().manual_seed(0)))
    assert torch.equal(torch.cat(parts, dim=len(shape)), whole)
    assert of_rows(torch.zeros, (2, 3), 0).shape == (2, 3)
