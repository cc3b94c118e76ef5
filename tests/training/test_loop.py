"""The loop: reproducible, and robust to what can go wrong in a run."""

from __future__ import annotations

import math
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aevum.data.keyed import counted_seed, keyed_uniforms, row_keys
from aevum.data.source import ArraySource
from aevum.encoding import Affine
from aevum.errors import DataWarning, InputError, TrainingError
from aevum.objectives import Terms
from aevum.training import Settings, autocast_dtype, choose_device, train

ROWS = np.random.RandomState(0).randn(40, 3).astype(np.float32)
CPU = torch.device("cpu")
UNSCALED = Affine(torch.tensor(0.0), torch.tensor(1.0))


class Scores(nn.Module):
    """A module and a function that scores it, as the loop takes them."""

    needs_grad = False

    def __init__(self, model: nn.Module, score: object) -> None:
        super().__init__()
        self.model, self.score = model, score

    def forward(self, x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator) -> Terms:
        return self.score(x, y, beta, generator)

    def selection(self, terms: Terms) -> Tensor:
        return terms.loss

    def opponents(self) -> tuple:
        return ()


def source(x: np.ndarray = ROWS, rows: np.ndarray | None = None) -> ArraySource:
    return ArraySource(x, None, rows, UNSCALED, CPU)


def noisy_fit(
    seed: int = 0, epochs: int = 3, batch_size: int = 16, shared: bool = False, **more: object
) -> tuple[nn.Module, list]:
    """A linear regression of x on itself plus noise: the draw is part of the step, as a VAE's is.

    ``shared`` draws from PyTorch's own generator, as a network of the user's own may.
    """
    torch.manual_seed(0)
    model = nn.Linear(3, 3)

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        noise = torch.randn(x.shape, generator=None if shared else generator)
        loss = (model(x) - x - 0.1 * noise).square().sum(-1)
        return Terms(loss, loss, torch.zeros_like(loss))

    settings = Settings(epochs=epochs, batch_size=batch_size, learning_rate=0.05, seed=seed, shared_draws=shared)
    return model, train(Scores(model, score), source(), source(), settings, **more)


@pytest.mark.parametrize("shared", [False, True])
def test_same_seed_same_weights_whatever_the_generator_stood_at(shared: bool) -> None:
    torch.manual_seed(1)
    first = noisy_fit(shared=shared)[0].weight
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = noisy_fit(shared=shared)[0].weight
    assert torch.equal(first, second)
    assert not torch.equal(first, noisy_fit(seed=1, shared=shared)[0].weight)
    torch.manual_seed(2)
    assert torch.equal(before, torch.get_rng_state())
    # What the global generator draws for such a network is what ours would have drawn.
    assert torch.equal(first, noisy_fit(shared=not shared)[0].weight)


def test_a_steps_draws_are_a_function_of_seed_epoch_and_step() -> None:
    model, seeds = nn.Linear(3, 3), []

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator) -> Terms:
        if model.training:
            seeds.append(generator.initial_seed())
        loss = model(x).square().sum(-1)
        return Terms(loss, loss, loss)

    train(Scores(model, score), source(), source(), Settings(epochs=2, batch_size=16, learning_rate=0.1, seed=5))
    assert seeds == [counted_seed(5, epoch, step) for epoch in (1, 2) for step in range(3)]


def test_train_leaves_the_generator_as_it_was() -> None:
    model = nn.Linear(3, 3)

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        loss = model(x).square().sum(-1)
        return Terms(loss, loss, loss)

    before = torch.get_rng_state()
    train(Scores(model, score), source(), None, Settings(epochs=1, batch_size=8, learning_rate=0.1))
    assert torch.equal(before, torch.get_rng_state())


def test_history_is_plain_records() -> None:
    _, history = noisy_fit()
    assert [record["epoch"] for record in history] == [1, 2, 3]
    assert [record["step"] for record in history] == [3, 6, 9]
    names = {"loss", "distortion", "rate", "validation_loss", "beta", "learning_rate", "seconds", "skipped_steps"}
    for record in history:
        assert names <= set(record) and all(type(value) in (int, float) for value in record.values())


def test_every_row_is_seen_once_an_epoch_in_equal_batches() -> None:
    model, seen = nn.Linear(3, 1), []

    class Watched(ArraySource):
        def take(self, indices: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor | None]:
            seen.append(indices.tolist())
            return super().take(indices, generator)

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        loss = model(x).square().sum(-1)
        return Terms(loss, loss, loss)

    rows = Watched(ROWS, None, None, UNSCALED, CPU)
    train(Scores(model, score), rows, None, Settings(epochs=2, batch_size=13, learning_rate=0.1))
    assert [len(batch) for batch in seen] == [10] * 8
    first, second = ([i for batch in part for i in batch] for part in (seen[:4], seen[4:]))
    assert sorted(first) == sorted(second) == list(range(40)) and first != second


def failing(bad: set[int], model: nn.Module) -> object:
    """A score whose loss is NaN at these steps."""
    count = iter(range(10_000))

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        loss = model(x).square().sum(-1)
        if model.training and next(count) in bad:
            loss = loss * math.nan
        return Terms(loss, loss, torch.zeros_like(loss))

    return score


def test_a_bad_step_is_skipped_and_recorded() -> None:
    model = nn.Linear(3, 1)
    settings = Settings(epochs=2, batch_size=10, learning_rate=0.01)
    with pytest.warns(DataWarning, match=r"2 of 8 steps were skipped.*\(rows \d+, \d+, .* of X\)"):
        history = train(Scores(model, failing({1, 6}, model)), source(), None, settings)
    assert [record["skipped_steps"] for record in history] == [1, 1]
    assert all(math.isfinite(record["loss"]) for record in history)
    assert all(bool(p.isfinite().all()) for p in model.parameters())


def test_the_rows_of_a_bad_step_are_named_as_the_data_count_them() -> None:
    """Whatever split they are in, and whatever order they come in."""
    x, rows = ROWS.copy(), np.random.RandomState(0).permutation(40)[:30]
    bad = rows[[4, 17]]
    x[bad] = 1e30
    model = nn.Linear(3, 1)

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator) -> Terms:
        loss = model(x).square().sum(-1)  # 1e60 is no float32
        return Terms(loss, loss, loss)

    named = ", ".join(map(str, sorted(bad)))
    settings = Settings(epochs=2, batch_size=5, learning_rate=0.01)
    with pytest.warns(DataWarning, match=rf"steps were skipped.*\(rows {named} of X\); nothing was learned"):
        train(Scores(model, score), source(x, rows), None, settings)
    assert all(bool(p.isfinite().all()) for p in model.parameters())


def test_several_bad_steps_stop_with_the_epoch_and_the_last_good_weights() -> None:
    model, kept = nn.Linear(3, 1), {}
    settings = Settings(epochs=5, batch_size=10, learning_rate=0.01, tolerated=3)

    def keep(record: dict) -> None:
        kept[record["epoch"]] = {name: value.clone() for name, value in model.state_dict().items()}

    with pytest.raises(TrainingError, match="in epoch 3.*last good weights") as caught:
        train(Scores(model, failing(set(range(8, 100)), model)), source(), None, settings, [keep])
    assert [record["epoch"] for record in caught.value.history] == [1, 2]
    assert all(torch.equal(kept[2][name], value) for name, value in model.state_dict().items())


def test_ctrl_c_keeps_the_model_so_far() -> None:
    def interrupt(record: dict) -> None:
        if record["epoch"] == 2:
            os.kill(os.getpid(), signal.SIGINT)

    model, history = noisy_fit(epochs=50, callbacks=[interrupt])
    assert history[-1] == {"epoch": 3, "interrupted": True}
    again, _ = noisy_fit(epochs=50, callbacks=[lambda record: record["epoch"] == 2])
    assert torch.equal(model.weight, again.weight)


def test_a_true_callback_ends_the_run() -> None:
    assert len(noisy_fit(epochs=50, callbacks=[lambda record: record["epoch"] == 4])[1]) == 4


def test_best_weights_and_patience() -> None:
    """Validation rows on which every step away from the start is worse: the best epoch is the first."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        loss = (model(x) - (x if model.training else -x)).square().sum(-1)
        return Terms(loss, loss, torch.zeros_like(loss))

    x = np.ones((20, 1), np.float32)
    settings = Settings(epochs=100, batch_size=20, learning_rate=0.01, patience=5)
    history = train(Scores(model, score), source(x), source(x), settings)
    assert len(history) == 6 and history[-1]["best_epoch"] == 1
    value = score(torch.ones(1, 1), None, 1.0)
    assert float(value.loss.detach()) == pytest.approx(min(record["validation_loss"] for record in history), rel=1e-5)


def test_kl_warmup_raises_beta_and_best_epoch_comes_after_it() -> None:
    model = nn.Linear(3, 1)
    betas = []

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        if model.training:
            betas.append(beta)
        loss = model(x).square().sum(-1)
        return Terms(loss, loss, loss)

    settings = Settings(epochs=10, batch_size=10, learning_rate=0.01, beta=2.0, kl_warmup=0.5)
    history = train(Scores(model, score), source(), source(), settings)
    assert betas[0] == 0.0 and betas == sorted(betas) and betas[-1] == 2.0
    assert betas[10] == pytest.approx(1.0) and history[-1]["best_epoch"] >= 5


def test_clipping_bounds_one_wild_step() -> None:
    """One batch with a gradient a million times larger moves the weights no further than a few ordinary ones."""
    model = nn.Linear(1, 1, bias=False)
    count = iter(range(10_000))

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        factor = 1e6 if next(count) == 20 else 1.0
        loss = factor * model(x).square().sum(-1)
        return Terms(loss, loss, loss)

    settings = Settings(epochs=60, batch_size=10, learning_rate=0.01)
    train(Scores(model, score), source(np.ones((10, 1), np.float32)), None, settings)
    assert abs(float(model.weight.detach())) < 1.0


@pytest.mark.parametrize(
    "kind", ["float32", "uint8", "float64", "int16", "uint16", "bool", "float16", "big", "fortran"]
)
def test_sources_give_the_same_rows_for_every_storage(kind: str) -> None:
    whole = np.arange(24).reshape(6, 4) % 2 if kind == "bool" else np.arange(24).reshape(6, 4)
    x = {"big": whole.astype(">f4"), "fortran": np.asfortranarray(whole.astype(np.float32))}.get(kind)
    x = whole.astype(kind) if x is None else x
    taken, y = source(x, np.array([5, 0, 2])).take(torch.tensor([2, 0]))
    assert taken.dtype == torch.float32 and y is None
    np.testing.assert_array_equal(taken.numpy(), whole[[2, 5]])


def test_a_mapped_file_is_read_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", ROWS)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    monkeypatch.setattr("aevum.data.source.fits", lambda x, device: False)
    lazy = source(mapped)
    assert lazy.x is None
    np.testing.assert_array_equal(lazy.take(torch.tensor([3, 1]))[0].numpy(), ROWS[[3, 1]])


def test_scaling_keeps_the_digits_of_times_in_seconds() -> None:
    x = torch.tensor([[1.7e9 + 0.25], [1.7e9 + 0.75]], dtype=torch.float64)
    scaling = Affine(torch.tensor(1.7e9 + 0.5, dtype=torch.float64), torch.tensor(0.25))
    assert scaling(x).tolist() == [[-1.0], [1.0]]
    assert torch.equal(scaling.inverse(scaling(x)), x)


def test_counted_seeds_differ_and_keys_follow_content() -> None:
    seeds = {counted_seed(seed, epoch, step) for seed in range(5) for epoch in range(20) for step in range(20)}
    assert len(seeds) == 5 * 20 * 20
    keys = row_keys(ROWS, 0)
    np.testing.assert_array_equal(row_keys(ROWS[::-1], 0), keys[::-1])
    assert len(set(keys.tolist())) == 40 and not np.array_equal(row_keys(ROWS, 1), keys)
    uniforms = keyed_uniforms(row_keys(np.random.RandomState(1).rand(2000, 2).astype(np.float32), 0), 5)
    assert uniforms.min() >= 0 and uniforms.max() < 1
    np.testing.assert_allclose(uniforms.mean(0), 0.5, atol=0.03)
    assert np.abs(np.corrcoef(uniforms.T) - np.eye(5)).max() < 0.08


def test_devices_and_precision() -> None:
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(InputError, match="auto, cpu, cuda"):
        choose_device("tpu9")
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="can't be used"):
            choose_device("cuda")
    small, large = nn.Linear(3, 3), nn.Linear(1000, 1000)
    assert autocast_dtype("float32", CPU, large) is None
    assert autocast_dtype("bfloat16", CPU, small) == torch.bfloat16
    assert autocast_dtype("auto", CPU, small) is None
    with pytest.raises(InputError, match="auto, float32, bfloat16"):
        autocast_dtype("float8", CPU, small)


def test_a_start_is_kept_unless_an_epoch_gains_more_than_it_would() -> None:
    """Training brings a start of 3 nats to 0: with a gain of 2.9 its epochs count, with one of 3.1 none does."""
    for gain, kept in ((2.9, False), (3.1, True)):
        model = nn.Linear(3, 3)
        nn.init.zeros_(model.weight), nn.init.ones_(model.bias)

        def score(x: Tensor, *_: object, model: nn.Module = model) -> Terms:
            loss = model(0.0 * x).square().sum(-1)
            return Terms(loss, loss, torch.zeros_like(loss))

        settings = Settings(epochs=40, batch_size=8, learning_rate=0.1, start_gain=gain)
        history = train(Scores(model, score), source(), source(), settings)
        assert history[0]["validation_begun"] == pytest.approx(3.0)
        assert (history[-1]["best_epoch"] == 0) == kept == bool((model.bias == 1.0).all())
