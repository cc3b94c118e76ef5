"""The peer's side of benchmarks/mixed.py: TVAE of ctgan 0.12.1, as it comes; runs in its environment.

    python tvae_peer.py TRAIN.csv OUT.csv DISCRETE SEED

TRAIN is a table without missing cells, DISCRETE the names of its discrete columns, separated by commas. OUT gets as
many synthetic rows; the seconds of the fit are printed.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd
import torch
from ctgan import TVAE


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    train, out, discrete, seed = sys.argv[1:5]
    rows = pd.read_csv(train)
    torch.manual_seed(int(seed))
    np.random.seed(int(seed))  # noqa: NPY002 - what ctgan draws from
    begun = time.perf_counter()
    tvae = TVAE(cuda=False)
    tvae.fit(rows, discrete.split(","))
    seconds = time.perf_counter() - begun
    tvae.sample(len(rows)).to_csv(out, index=False)
    print(seconds)


if __name__ == "__main__":
    main()
