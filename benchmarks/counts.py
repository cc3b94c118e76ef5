"""Held-out log p(x | ℓ) of a matrix of counts, and the seconds of a fit: ours beside scVI, both as they come.

700 blood cells × 765 genes (PBMC 68k) are split at random, a fifth of the cells held out, as often as asked. Both model
a cell's counts given their sum ℓ: negative binomials of mean ℓ ρ(z), of scVI zero-inflated, as is its default. One
estimator judges both (counts_judge.py): importance sampling by each model's own q(z|x) with k = 5000 draws, in nats a
cell. The runs are processes of their own, of one thread, in turn, so that a busy machine slows both alike; the seconds
are those of making and training a model.

    python -m venv scvi-env && scvi-env/bin/pip install torch==2.13.0 scvi-tools==1.4.2
    python benchmarks/counts.py --scvi scvi-env/bin/python [--splits 20] [--k 5000]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent


def ours(given: str, out: str, k: int, seed: int, likelihood: str = "negative_binomial") -> None:
    """One fit of ours; writes its scores and seconds."""
    import torch
    from counts_judge import evidence

    from aevum import VAE

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rows = np.load(given)
    vae = VAE(likelihood=likelihood, random_state=seed)
    begun = time.perf_counter()
    vae.fit(rows["train"])
    seconds = time.perf_counter() - begun
    centre, deviation = (torch.from_numpy(each) for each in vae.encode(rows["test"]))
    x = torch.from_numpy(rows["test"].astype(np.float32))

    def law(z: torch.Tensor, here: slice) -> torch.distributions.Distribution:
        cells = [group for group in vae.model_.examples_given(z, None, x[here]).groups if group.cells is not None]
        return cells[0].cells

    def decode(z: torch.Tensor, here: slice) -> tuple[torch.Tensor, torch.Tensor | None]:
        p = law(z, here)
        return getattr(p, "counts", p).mean, getattr(p, "zero", None)

    with torch.inference_mode():
        p = law(torch.zeros(1, vae.parts_.latent_dim), slice(0, 1))
        r = (-getattr(p, "counts", p).log_dispersion).exp().flatten()
    score, effective = evidence(x, centre, deviation, r, decode, k, seed)
    np.savez(out, score=score.numpy(), effective=effective.numpy(), seconds=seconds)


def run(
    command: list[str], train: NDArray[np.generic], test: NDArray[np.generic], k: int, seed: int
) -> dict[str, float]:
    """The mean score, the effective draws and the seconds of one process."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = f"{folder}/in.npz", f"{folder}/out.npz"
        np.savez(given, train=train, test=test)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        words = [*command, given, out, str(k), str(seed)]
        done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=folder)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr[-2000:]}")
        found = np.load(out)
        return {name: float(found[name].mean()) for name in ("score", "effective", "seconds")}


def main() -> None:
    from common import arguments, report

    options = arguments(
        __doc__,
        scvi={"default": os.environ.get("SCVI_PYTHON"), "help": "a Python that has scvi-tools; or SCVI_PYTHON"},
        splits={"type": int, "default": 20},
        first={"type": int, "default": 0, "help": "of the splits"},
        k={"type": int, "default": 5000},
    )
    counts = np.load(options.data / "tables" / "pbmc68k_counts.npz")["X"]
    commands = {"ours": [sys.executable, str(HERE / "counts.py"), "--ours"]}
    if options.scvi:
        commands["scvi"] = [options.scvi, str(HERE / "scvi_peer.py")]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for seed in range(options.first, options.first + options.splits):
        order = np.random.RandomState(seed).permutation(len(counts))
        test, train = counts[order[: len(order) // 5]], counts[order[len(order) // 5 :]]
        for name, command in list(commands.items())[:: 1 if seed % 2 else -1]:
            found[name].append(run(command, train, test, options.k, seed))
        said = "; ".join(
            f"{name} {runs[-1]['score']:.2f} nats, {runs[-1]['seconds']:.1f} s, {runs[-1]['effective']:.1f} draws"
            for name, runs in found.items()
        )
        print(f"split {seed}: {said}", file=sys.stderr, flush=True)
    each = {name: {key: np.array([one[key] for one in runs]) for key in runs[0]} for name, runs in found.items()}
    figures = {f"{name}_{key}": values.mean() for name, runs in each.items() for key, values in runs.items()}
    if len(each) == 2:
        gain = each["ours"]["score"] - each["scvi"]["score"]
        figures |= {
            "gain": gain.mean(),
            "gain_error": gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.nan,
            "won": int((gain > 0).sum()),
            "times_faster": float(np.median(each["scvi"]["seconds"] / each["ours"]["seconds"])),
        }
    report(splits=options.splits, k=options.k, **figures, goal="gain >= 0, times_faster >= 3")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ours"]:
        ours(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
