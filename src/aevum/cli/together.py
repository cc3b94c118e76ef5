"""``torchrun … -m aevum train``: several processes train one model, of which the first writes and speaks."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.cli.stopping import hold, stop_code

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator
    from aevum.training.ranks import Ranks

# Seconds that one of them waits for the others before it ends, so that whoever started them can start them again.
PATIENCE = 600


def restarted() -> bool:
    """Whether torchrun has started these processes again, after one of them had ended."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


@contextmanager
def together() -> Iterator[Ranks | None]:
    """The processes that torchrun has started, within; None where this one is alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or "RANK" not in os.environ:
        yield None
        return
    import torch
    import torch.distributed as group

    from aevum.training.ranks import current

    backend = "nccl" if torch.cuda.is_available() else "gloo"
    group.init_process_group(backend, timeout=timedelta(seconds=PATIENCE))
    try:
        yield current()
    finally:
        group.destroy_process_group()


def told_by_the_first(ranks: Ranks, said: Any = None) -> Any:
    """What the first of them says, such as where it writes."""
    import torch.distributed as group

    box = [said if ranks.first else None]
    group.broadcast_object_list(box, src=0)
    return box[0]


def follow(ranks: Ranks, estimator: LatentVariableEstimator, data: Dataset, chooses: Dataset | None) -> int:
    """Train with the others, and leave all else to the first; the exit code."""
    from aevum.training import Checkpoints

    folder, goes_on = told_by_the_first(ranks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the first says them
        estimator.fit(data, X_val=chooses, checkpoints=Checkpoints(Path(folder)), resume=goes_on)
    hold()
    return stop_code() if "interrupted" in estimator.history_[-1] else 0
