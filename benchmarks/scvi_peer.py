"""The peer's side of benchmarks/counts.py: scVI of scvi-tools 1.4.2, as it comes; runs in its environment.

    python scvi_peer.py IN.npz OUT.npz K SEED [LIKELIHOOD]

IN holds ``train`` and ``test``, counts; OUT gets log p(x|ℓ) of the test rows (``score``), the effective draws, and the
seconds of the fit.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings

import numpy as np
import torch
from counts_judge import evidence


def fitted(train: np.ndarray, seed: int, likelihood: str):  # type: ignore[no-untyped-def]
    """scVI with its defaults, which take a row's own sum for its size, and the seconds of making and training it."""
    import anndata
    import scvi

    scvi.settings.seed = seed
    begun = time.perf_counter()
    data = anndata.AnnData(train.astype(np.float32))
    scvi.model.SCVI.setup_anndata(data)
    model = scvi.model.SCVI(data, gene_likelihood=likelihood)
    model.train(enable_progress_bar=False, accelerator="cpu", logger=False)
    return model, time.perf_counter() - begun


def main() -> None:
    warnings.simplefilter("ignore")
    for name in ("scvi", "lightning.pytorch", "lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    torch.set_num_threads(1)
    given = np.load(sys.argv[1])
    k, seed, likelihood = int(sys.argv[3]), int(sys.argv[4]), [*sys.argv[5:], "zinb"][0]
    model, seconds = fitted(given["train"], seed, likelihood)
    module = model.module.eval()
    x = torch.from_numpy(given["test"].astype(np.float32))
    assert module.use_observed_lib_size
    with torch.inference_mode():
        made = module.inference(x, torch.zeros(len(x), 1))
        q, library = made["qz"], made["library"]

    def decode(z, rows):  # type: ignore[no-untyped-def]
        of_rows = library[rows].expand(len(z), -1)
        p = module.generative(z[:, 0], of_rows, torch.zeros(len(z), 1))["px"]
        return p.mu[:, None], p.zi_logits[:, None] if likelihood == "zinb" else None

    r = module.px_r.detach().exp()
    score, effective = evidence(x, q.loc, q.scale, r, decode, k, seed)
    np.savez(sys.argv[2], score=score.numpy(), effective=effective.numpy(), seconds=seconds)


if __name__ == "__main__":
    main()
