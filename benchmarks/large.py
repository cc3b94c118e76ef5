"""Data larger than memory: peak memory, seconds before the first step, and images a second against an array in memory.

    python benchmarks/large.py --gigabytes 20 --steps 300 --pairs 3

Each figure is of a process of its own. The mapped file and the shards are sparse, so that they take no room on the
disk: a few rows of each stretch hold values. Of the Parquet folder all files are one, by links. The rate is that of the
steps alone, pairwise: in memory, then from the file.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import processor, report

WIDTH, IN_MEMORY, BATCH = 784, 100_000, 128
SHARD = 10**6


def sparse_file(path: Path, rows: int) -> None:
    """A .npy file ``(rows, 784)`` uint8 of which a thousandth is written."""
    x = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(rows, WIDTH))
    random = np.random.default_rng(0)
    for start in range(0, rows, max(1, rows // 100)):
        part = x[start : start + 200]
        part[:] = random.integers(0, 256, part.shape, dtype=np.uint8)


def parquet_folder(folder: Path, rows: int) -> None:
    """Files of 100,000 rows of random bytes as lists, in row groups of 20,000."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    values = np.random.default_rng(0).integers(0, 256, 100_000 * WIDTH, dtype=np.uint8)
    table = pa.table({"x": pa.FixedSizeListArray.from_arrays(pa.array(values), WIDTH)})
    pq.write_table(table, folder / "part-0000.parquet", row_group_size=20_000, use_dictionary=False)
    for number in range(1, rows // 100_000):
        (folder / f"part-{number:04}.parquet").symlink_to(folder / "part-0000.parquet")


def peak_gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def fit(x: Any, steps: int) -> dict[str, float]:
    """A VAE 784-400-20 for so many steps; what it took."""
    from aevum import VAE
    from aevum.training import loop

    class Done(BaseException):
        pass

    taken: list[float] = []
    one_step = loop.one_step
    started = time.perf_counter()

    def counted(*arguments: Any) -> None:
        taken.append(time.perf_counter())
        if len(taken) > steps:
            raise Done
        one_step(*arguments)

    loop.one_step = counted
    try:
        VAE(20, hidden=400, epochs=100, batch_size=BATCH, likelihood="gaussian", random_state=0).fit(x)
    except Done:
        pass
    finally:
        loop.one_step = one_step
    warm = steps // 5
    return {
        "first step, s": taken[0] - started,
        "images/s": (steps - warm) * BATCH / (taken[-1] - taken[warm]),
        "peak, GB": peak_gigabytes(),
    }


def work(what: str, path: Path, steps: int) -> dict[str, float]:
    import torch

    torch.set_num_threads(1)
    if what == "memory":
        return fit(np.random.default_rng(0).integers(0, 256, (IN_MEMORY, WIDTH), dtype=np.uint8), steps)
    if what == "mapped":
        return fit(np.load(path / "x.npy", mmap_mode="r"), steps)
    if what in ("shards", "parquet"):
        from aevum.data.corpus_files import open_corpus

        return fit(open_corpus(path / what), steps)
    from aevum import VAE

    x = np.load(path / "million.npy", mmap_mode="r")
    vae = VAE(20, hidden=400, epochs=1, likelihood="gaussian", random_state=0).fit(np.array(x[:2000]))
    started = time.perf_counter()
    vae.transform(x)
    return {"images/s": len(x) / (time.perf_counter() - started), "peak, GB": peak_gigabytes()}


def apart(what: str, path: Path, steps: int) -> dict[str, float]:
    words = [sys.executable, __file__, "--what", what, "--path", str(path), "--steps", str(steps)]
    found: dict[str, float] = json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=20.0)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", default="mapped,shards,parquet")
    parser.add_argument("--what")
    parser.add_argument("--path", type=Path)
    asked = parser.parse_args()
    if asked.what:
        print(json.dumps(work(asked.what, asked.path, asked.steps)))
        return
    rows = int(asked.gigabytes * 1e9 / WIDTH)
    print(f"{processor()}; {rows:,} rows of {WIDTH} uint8, {asked.steps} steps of {BATCH}, one thread")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        sparse_file(path / "x.npy", rows)
        sparse_file(path / "million.npy", 10**6)
        (path / "shards").mkdir()
        for start in range(0, rows, SHARD):
            sparse_file(path / f"shards/{start // SHARD:03}.npy", min(SHARD, rows - start))
        parquet_folder(path / "parquet", rows)
        figures: dict[str, float] = {}
        for what in asked.only.split(","):
            pairs = [(apart("memory", path, asked.steps), apart(what, path, asked.steps)) for _ in range(asked.pairs)]
            ratio = statistics.median(other["images/s"] / own["images/s"] for own, other in pairs)
            for name in ("first step, s", "images/s", "peak, GB"):
                print(f"fit, {what}: {name} {statistics.median(other[name] for _, other in pairs):.3g}")
            print(f"fit, {what}: {ratio:.0%} of the images/s in memory")
            figures |= {
                f"{what}_images_per_second": statistics.median(other["images/s"] for _, other in pairs),
                f"{what}_in_memory": statistics.median(own["images/s"] for own, _ in pairs),
                f"{what}_ratio": ratio,
                f"{what}_peak_gb": max(other["peak, GB"] for _, other in pairs),
            }
        for name, value in apart("transform", path, asked.steps).items():
            print(f"transform of a million mapped rows: {name} {value:.3g}")
            figures[f"transform_{'peak_gb' if 'GB' in name else 'images_per_second'}"] = value
    report(processor=processor(), rows=rows, **figures)


if __name__ == "__main__":
    main()
