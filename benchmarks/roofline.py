"""How near a training step, or ``transform``, comes to what this machine's matrix products allow.

A step of a fit is watched: each matrix product and convolution that it makes, forward and backward, is noted with its
shapes, and its multiply-adds and bytes are counted (what it reads and writes, each once). Then, in turn, the fit runs
an epoch and the noted products run alone, on arrays of the same shapes and layouts. Their time is the limit: a step
that did nothing else would take as long. Ratios are taken in pairs; the median of the rounds is given, of the wall's
time or, which other work disturbs less, of the processor's.

    python benchmarks/roofline.py [--task train|transform] [--model mlp|convolutional] [--batch 128] [--threads 1]
        [--rounds 5] [--profile]

With ``--task transform`` it is the encoding of uint8 rows in a mapped file that is watched, and set beside its own
products. The MLP is 784-400-20-400-784 with ReLU on MNIST (soft targets, as in the comparison with pythae); beside its
step stands the least one that trains the same network in PyTorch. The convolutional network is our own for images of
64 × 64 in three colours, here of random pixels.
"""

from __future__ import annotations

import copy
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from common import arguments, processor, report
from pythae_peer import LATENT, WIDTH, mlp
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map
from torch.utils.flop_counter import flop_registry

from aevum import VAE, open_data
from aevum.training import loop


class Products(TorchDispatchMode):
    """Notes the matrix products and convolutions within."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.clock = clock
        self.calls: list[tuple[Callable[..., Any], Any, Any]] = []
        self.flops, self.bytes = 0, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        count = linear if func is torch.ops.aten.linear.default else flop_registry.get(func._overloadpacket)
        if count is not None:
            self.calls.append((func, *tree_map(alike, (args, kwargs))))
            self.flops += count(*args, **kwargs, out_val=out)
            found, _ = tree_flatten((args, kwargs, out))
            self.bytes += sum(each.numel() * each.element_size() for each in found if isinstance(each, Tensor))
        return out

    def seconds(self) -> float:
        """What they take alone, once each in their order."""
        started = self.clock()
        with torch.no_grad():
            for func, args, kwargs in self.calls:
                func(*args, **kwargs)
        return self.clock() - started


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None, out_val: Tensor | None = None) -> int:
    """Two operations for each weight and row: without gradients the layer is not taken apart into its product."""
    return 2 * (x.numel() // x.shape[-1]) * weight.numel()


def alike(value: Any) -> Any:
    """An array of this one's shape, strides and type, with numbers of an ordinary size in it."""
    if not isinstance(value, Tensor):
        return value
    with torch.no_grad():
        return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype).normal_(0.0, 0.1)


def estimator(options: Any) -> tuple[VAE, Any]:
    """The model, and rows for it."""
    common = {
        "batch_size": options.batch,
        "learning_rate": 1e-3,
        "validation_fraction": 0.0,
        "precision": options.precision,
        "random_state": 0,
    }
    if options.model == "convolutional":
        images = np.random.default_rng(0).integers(0, 256, (options.batch * 20, 64, 64, 3), dtype=np.uint8)
        return VAE(latent_dim=64, network="convolutional", **common), images
    encoder, decoder = (nn.Sequential(*layers) for layers in mlp())
    vae = VAE(latent_dim=LATENT, network=(encoder, decoder), likelihood="bernoulli", binarize="soft", **common)
    return vae, open_data("mnist", data_dir=options.data / "mnist").x[: options.batch * options.steps]


def bare(vae: VAE, x: Any) -> Callable[[], None]:
    """A step of the same MLP with nothing beside what it takes in PyTorch: no rows' weights, no norm of the gradient,
    no sums, no mean of the weights, no draws by number.
    """
    encoder, decoder = (copy.deepcopy(part) for part in vae.network)
    heads = nn.ModuleList(nn.Linear(WIDTH, LATENT) for _ in range(2))
    parts = nn.ModuleList([encoder, decoder, heads])
    optimizer = torch.optim.AdamW(parts.parameters(), 1e-3, fused=True)
    rows, size = torch.from_numpy(np.array(x)), vae.batch_size

    def step() -> None:
        batch = rows[torch.randint(len(rows), (size,))].float().div_(255.0).flatten(1)
        h = encoder(batch)
        mean, log_variance = (head(h) for head in heads)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        rate = 0.5 * (mean**2 + log_variance.exp() - 1.0 - log_variance).sum()
        loss = (binary_cross_entropy_with_logits(decoder(z), batch, reduction="sum") + rate) / size
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def measured(
    vae: VAE, x: Any, rounds: int, clock: Callable[[], float], least: Callable[[], None] | None
) -> tuple[Products, list[tuple[float, ...]]]:
    """A step's products, and of each round the seconds of a step, of its products alone, and of the least step;
    medians of the round's steps.
    """
    products = Products(clock)
    found: list[tuple[float, ...]] = []
    took: list[float] = []
    one_step, one_epoch = loop.one_step, loop.one_epoch

    def watched_step(run: Any, *rest: Any) -> None:
        if run.done:
            took.append(timed(lambda: one_step(run, *rest)))
        else:
            with products:
                one_step(run, *rest)

    def timed(act: Callable[[], None]) -> float:
        started = clock()
        act()
        return clock() - started

    def watched_epoch(run: Any, *rest: Any) -> Any:
        took.clear()
        started = clock()
        record = one_epoch(run, *rest)
        around = (clock() - started - sum(took)) / run.steps_per_epoch
        if run.epoch > 1:
            products.seconds()
            again = range(min(50, run.steps_per_epoch))
            alone = statistics.median(products.seconds() for _ in again)
            other = [statistics.median(timed(least) for _ in again)] if least else []
            found.append((statistics.median(took) + around, alone, *other))
        return record

    with patch.object(loop, "one_step", watched_step), patch.object(loop, "one_epoch", watched_epoch):
        vae.set_params(epochs=rounds + 1).fit(x)
    return products, found


def encoded(vae: VAE, x: Any, rounds: int, clock: Callable[[], float]) -> tuple[Products, list[tuple[float, ...]]]:
    """The same of encoding all rows, which lie in a mapped file."""
    vae.set_params(epochs=1).fit(x[:2000])
    products = Products(clock)
    found: list[tuple[float, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "rows.npy", x)
        rows = np.load(Path(folder) / "rows.npy", mmap_mode="r")
        with products:
            vae.transform(rows)
        for _ in range(rounds):
            started = clock()
            vae.transform(rows)
            found.append((clock() - started, products.seconds()))
    return products, found


def profile(vae: VAE, x: Any) -> None:
    """The operators that take longest, in ms a step."""
    one_epoch = loop.one_epoch
    watch = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU])
    steps = []

    def watched(run: Any, *rest: Any) -> Any:
        steps.append(run.steps_per_epoch)
        if run.epoch == 1:
            return one_epoch(run, *rest)
        with watch:
            return one_epoch(run, *rest)

    with patch.object(loop, "one_epoch", watched):
        vae.set_params(epochs=2).fit(x)
    spent = {event.key: event.self_cpu_time_total / 1e3 / steps[0] for event in watch.key_averages()}
    for name, each in sorted(spent.items(), key=lambda item: -item[1])[:30]:
        print(f"{each:8.3f} ms a step  {name}")


def main() -> None:
    options = arguments(
        __doc__,
        task={"choices": ["train", "transform"], "default": "train"},
        model={"choices": ["mlp", "convolutional"], "default": "mlp"},
        batch={"type": int, "default": 128},
        threads={"type": int, "default": 1},
        precision={"default": "float32"},
        rounds={"type": int, "default": 5},
        steps={"type": int, "default": 400, "help": "of an epoch of the MLP"},
        clock={"choices": ["wall", "process"], "default": "wall"},
        profile={"action": "store_true", "help": "the operators that take longest"},
    )
    torch.set_num_threads(options.threads)
    vae, x = estimator(options)
    clock = time.process_time if options.clock == "process" else time.perf_counter
    if options.task == "train":
        least = bare(vae, x) if options.model == "mlp" and options.precision == "float32" else None
        products, found = measured(vae, x, options.rounds, clock, least)
    else:
        products, found = encoded(vae, x, options.rounds, clock)
    rows = options.batch if options.task == "train" else len(x)
    step, alone, *bare_step = (statistics.median(each) for each in zip(*found, strict=True))
    ratios = [b / a for a, b, *_ in found]
    if options.profile and options.task == "train":
        profile(vae, x)
    report(
        processor=processor(),
        threads=options.threads,
        task=options.task,
        model=options.model,
        precision=options.precision,
        batch=options.batch,
        clock=options.clock,
        images_per_second=rows / step,
        step_ms=1e3 * step,
        products_ms=1e3 * alone,
        gflops_of_products=products.flops / alone / 1e9,
        mflop_an_image=products.flops / rows / 1e6,
        mib_of_products=products.bytes / 2**20,
        ratio=statistics.median(ratios),
        least=min(ratios),
        greatest=max(ratios),
        **({"bare_step_ms": 1e3 * bare_step[0], "bare_ratio": alone / bare_step[0]} if bare_step else {}),
    )


if __name__ == "__main__":
    main()
