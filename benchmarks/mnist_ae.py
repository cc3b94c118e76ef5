"""A deep auto-encoder of MNIST with 30 codes: 784-512-…-512-30 and back, in residual blocks.

Prints the squared error per test image (sum over the 784 pixels in [0, 1], all 10,000 test images); Hinton and
Salakhutdinov (Science 2006) report 3.00 for 784-1000-500-250-30, which ``--network mlp`` is, and 13.87 for PCA. Without
a regulariser such networks overfit (training 3.0, test 4.2 after 20 epochs of theirs). Here they see slightly moved
copies of the training images beside the originals: each rotated, scaled, sheared and shifted a little, at random but
for the seed. The likelihood is a soft Bernoulli, whose mean stays in [0, 1]; the error is the mean's.

    python benchmarks/mnist_ae.py [--network residual] [--copies 7] [--epochs 4]
"""

from __future__ import annotations

import time

import numpy as np
import torch
from common import arguments, report

from aevum import AE, open_data

HIDDEN = {"residual": (512, 512, 512), "mlp": (1000, 500, 250)}


def moved(images: np.ndarray, seed: int) -> np.ndarray:
    """Each image under a random affine map: ±0.1 rad, ±7 % scale a side, ±0.07 shear, ±0.7 pixels, bilinear."""
    rng = torch.Generator().manual_seed(seed)

    def uniform(limit: float) -> torch.Tensor:
        return (2 * torch.rand(len(images), generator=rng) - 1) * limit

    angle, width, height, shear = uniform(0.1), 1 + uniform(0.07), 1 + uniform(0.07), uniform(0.07)
    right, down = uniform(0.7) / 14, uniform(0.7) / 14
    cos, sin = angle.cos(), angle.sin()
    rows = [cos * width, shear - sin * height, right, sin * width, cos * height, down]
    maps = torch.stack(rows, dim=1).reshape(-1, 2, 3)
    out = []
    for start in range(0, len(images), 10_000):
        part = torch.from_numpy(images[start : start + 10_000]).float()[:, None]
        grid = torch.nn.functional.affine_grid(maps[start : start + 10_000], list(part.shape), align_corners=False)
        out.append(torch.nn.functional.grid_sample(part, grid, align_corners=False)[:, 0].round().byte().numpy())
    return np.concatenate(out)


def main() -> None:
    options = arguments(
        __doc__,
        copies={"type": int, "default": 7, "help": "moved copies of the training set"},
        network={"choices": [*HIDDEN], "default": "residual"},
    )
    train, test = (open_data("mnist", data_dir=options.data / "mnist", split=split).x for split in ("train", "test"))
    started = time.perf_counter()
    ae = AE(
        latent_dim=30,
        hidden=HIDDEN[options.network],
        network=options.network,
        likelihood="bernoulli",
        binarize="soft",
        epochs=options.epochs or 4,
        learning_rate=2e-3,
        validation_fraction=0.0,
        random_state=options.seed,
    ).fit(np.concatenate([train, *(moved(train, seed) for seed in range(options.copies))]))
    seconds = time.perf_counter() - started
    error = [ae.reconstruction_error(x).mean() / 255**2 for x in (train, test)]
    report(
        train_squared_error=error[0],
        test_squared_error=error[1],
        copies=options.copies,
        epochs=len(ae.history_),
        seconds=seconds,
        goal="test_squared_error <= 2.5 within 600 s",
    )


if __name__ == "__main__":
    main()
