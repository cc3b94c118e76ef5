"""Write the models of this folder: `python tests/saved/write.py tests/saved/0.1`, each with the numbers it gives.

They stay as the version that wrote them left them: a later one must read them and give the same numbers.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import aevum

COMMON: dict[str, Any] = {"latent_dim": 2, "hidden": (6,), "epochs": 2, "batch_size": 64, "random_state": 0}
# name → (class, arguments, which data, which y)
MODELS: dict[str, tuple[str, dict[str, Any], str, str | None]] = {
    "ae": ("AE", {}, "table", None),
    "dae": ("DAE", {"corruption": "masking", "noise": 0.2}, "images", None),
    "vae": ("VAE", {"likelihood": "gaussian:per-feature"}, "table", None),
    "vae_bits": ("VAE", {"binarize": "dynamic", "network": "mlp"}, "images", None),
    "vae_convolutional": ("VAE", {"network": "convolutional", "hidden": (2, 2), "likelihood": "gaussian:emitted"},
                          "images", None),
    "cvae": ("CVAE", {}, "table", "labels"),
    "cvae_learned": ("CVAE", {"prior": "learned", "likelihood": "gaussian:emitted"}, "table", "vectors"),
    "iwae": ("IWAE", {"k": 3, "likelihood": "discretized_logistic"}, "images", None),
}  # fmt: skip


def data() -> dict[str, Any]:
    """The same rows everywhere: a table with a column that never changes, and pictures of 8 bits."""
    random = np.random.RandomState(0)
    table = random.normal(size=(160, 5)) @ random.normal(size=(5, 5)) * [1.0, 10.0, 0.1, 1.0, 1.0] + 3.0
    table = np.column_stack([table, np.full(160, 7.0)]).round(6)
    images = (255 * random.uniform(size=(160, 8, 8)) ** 2).astype(np.uint8)
    labels = np.array(["low", "high"])[(table[:, 0] > 3).astype(int)]
    return {"table": table, "images": images, "labels": labels, "vectors": table[:, :2].round(3)}


def numbers(model: Any, x: Any, y: Any) -> dict[str, Any]:
    """What a model says of its first rows: plain lists."""
    x, y = x[:7], None if y is None else y[:7]
    given = (x,) if y is None else (x, y)
    distortion, rate = model.distortion_and_rate(*given)
    found = {
        "codes": model.transform(*given),
        "deviations": model.encode(*given)[1],
        "reconstructed": model.reconstruct(*given),
        "distortion": distortion,
        "rate": rate,
        "error": model.reconstruction_error(*given),
        "sampled": model.sample(3, *([] if y is None else [y[:3]]), random_state=1, mean=True),
    }
    if hasattr(model, "score_samples"):
        found["scores"] = model.score_samples(*given, k=20)
    if model.fitted_.interval:
        found["low"], found["high"] = model.predict_interval(*given, level=0.9)
    return {name: np.asarray(value, np.float64).tolist() for name, value in found.items()}


def main(folder: Path) -> None:
    """Fit and write them all."""
    warnings.simplefilter("ignore")
    known = data()
    for name, (kind, more, which, given) in MODELS.items():
        x, y = known[which], None if given is None else known[given]
        model = getattr(aevum, kind)(**{**COMMON, **more}).fit(x, y)
        model.save(folder / name)
        (folder / f"{name}.json").write_text(json.dumps(numbers(model, x, y)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
