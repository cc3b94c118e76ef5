"""On a Ray cluster: codes and scores of a corpus by Ray Data, a fit on several workers by Ray Train (extra ``ray``)."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aevum import storage
from aevum.errors import MissingPackageError
from aevum.recipes import load
from aevum.training import Checkpoints
from aevum.training.ranks import current


class _Call:
    def __init__(self, model: Any, method: str, labels: str | None) -> None:
        self.model, self.method, self.labels = load(model) if isinstance(model, str) else model, method, labels

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:  # columns, or one array of the rows
        given = () if self.labels is None else (batch.pop(self.labels),)
        flat = all(np.ndim(column) == 1 for column in batch.values())
        rows: Any = pd.DataFrame(batch) if flat else next(iter(batch.values()))
        named = hasattr(self.model, "feature_names_in_") or not flat
        found = np.asarray(getattr(self.model, self.method)(rows if named else rows.to_numpy(), *given))
        names = ["score"] if found.ndim == 1 else list(self.model.get_feature_names_out())
        return dict(zip(names, found.reshape(len(found), -1).T, strict=True))


def encode(model: Any, rows: Any, *, labels: str | None = None, method: str = "transform", **options: Any) -> Any:
    """The codes of a ``ray.data.Dataset``, by a model or its folder, ``labels`` a column of it; as ``map_batches``."""
    given = (str(Path(model).absolute()) if isinstance(model, (str, Path)) else model, method, labels)
    settings = {"batch_size": 4096, "batch_format": "numpy", "concurrency": 1, **options}
    return rows.map_batches(_Call, fn_constructor_args=given, **settings)


def score(model: Any, rows: Any, **options: Any) -> Any:
    """``score_samples`` of each row, as the column ``score``; else as :func:`encode`."""
    return encode(model, rows, method="score_samples", **options)


def fit(estimator: Any, X: Any, y: Any = None, *, folder: str | Path, workers: int = 2, **scaling: Any) -> Any:
    """Fit on workers, from where the states in ``folder``, which all see, left it; ``scaling``: ``ScalingConfig``."""
    try:
        from ray.train import FailureConfig, RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer
    except ImportError as error:
        raise MissingPackageError("Ray isn't installed: pip install 'aevum[ray]'") from error
    home = Path(folder).absolute()

    def work() -> None:
        goes_on = home if storage.states(Checkpoints(home).home) else None
        estimator.fit(X, y, checkpoints=Checkpoints(home, epochs=1), resume=goes_on)
        if current().first:
            estimator.save(home / "model", overwrite=True)

    run = RunConfig(storage_path=str(home / "ray"), failure_config=FailureConfig(max_failures=3))
    TorchTrainer(work, scaling_config=ScalingConfig(num_workers=workers, **scaling), run_config=run).fit()
    return load(home / "model")
