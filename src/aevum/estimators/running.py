"""A composed model as the training loop takes it, and its training on rows that are settled."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aevum.data.corpus_source import source_of
from aevum.data.keyed import counted_seed
from aevum.data.large import is_large
from aevum.data.source import ArraySource
from aevum.distributions import lent_to_global
from aevum.estimators.budget import Budget
from aevum.estimators.learnable import Learnable
from aevum.estimators.rehearsal import blamed, rehearse
from aevum.estimators.seen import Seen
from aevum.fitted import Fitted
from aevum.fitted.noise import binarized, binarizer
from aevum.objectives import Scored
from aevum.training import Checkpoints, Settings, autocast_dtype, train

Array = NDArray[Any]
KL_WARMUP = 0.1
# What parts that start from the data see of the training rows (in values, too).
SHOWN_ROWS, SHOWN_VALUES = 2048, 2**25
# Rows of a corpus that choose the epoch are kept in memory up to so many bytes.
KEPT_BYTES = 2**28


def run(
    estimator: Any,
    data: Learnable,
    budget: Budget,
    history: list[dict[str, Any]],
    gain: float | None,
    checkpoints: Checkpoints | None = None,
    *,
    again: bool = False,
) -> None:
    """Train the composed model on these rows, and add the records to the history; ``gain`` is what a start that is
    worth keeping would have of the rows that choose the epoch, None for no such start.
    """
    with scoring(estimator, data, budget, gain, again=again) as (scored, sources, settings):
        validation = sources[1] if len(data.held_out) else None
        train(scored, sources[0], validation, settings, estimator.callbacks or (), history, checkpoints)


@contextmanager
def scoring(
    estimator: Any, data: Learnable, budget: Budget, gain: float | None, *, again: bool = False
) -> Iterator[tuple[Scored, list[ArraySource], Settings]]:
    """The composed model as the loop takes it: scored, rehearsed and watched by its callbacks; ``again`` where it has
    been trained before, so that no part starts from the data.
    """
    fitted: Fitted = estimator.fitted_
    x, context, training, held_out = data.x, data.context, data.training, data.held_out
    likelihood = fitted.likelihood
    looking: list[Any] = [callback for callback in estimator.callbacks or () if hasattr(callback, "attach")]
    for callback in looking:  # at more than the records
        callback.attach(estimator, x, context)
    encode: Any = fitted.encoding
    if likelihood.binarize == "static" and is_large(x):
        encode = drawn_as_seen(fitted)
    elif likelihood.binarize == "static":
        x, encode = drawn_once(x, fitted), Tensor.float
    how = encode, fitted.device, binarizer(likelihood.binarize)
    sources = [
        source_of(x, context, rows, *how, data.weights, keep=keep)
        for rows, keep in ((training, 0), (held_out, KEPT_BYTES))
    ]
    shown_of = sources
    if (seen := Seen.of(x)).at is not None:  # what is but looked at lies in few parts
        some_rows = [seen.rows(training), seen.rows(held_out)]
        y, weights = seen.of_each(context), seen.of_each(data.weights)
        shown_of = [ArraySource(seen.x, y, rows, *how, weights) for rows in some_rows]
    scored = Scored(fitted.model, fitted.objective)
    settings = Settings(
        epochs=budget.epochs,
        batch_size=budget.batch_size,
        learning_rate=budget.learning_rate,
        beta=float(estimator.beta),
        seed=fitted.seed,
        patience=budget.patience,
        kl_warmup=KL_WARMUP if gain is None else 0.0,
        dtype=autocast_dtype(estimator.precision, fitted.device, fitted.model),
        shared_draws=fitted.parts.network == "custom" or has_foreign_parts(scored),
        offset=offset_of(fitted, shown_of[0]),
        validation_offset=offset_of(fitted, shown_of[1] if len(shown_of[1]) else shown_of[0]),
        start_gain=gain,
        validation_draws=budget.validation_draws,
        averaging=None if has_running_statistics(scored) else Settings.averaging,
    )
    generator = torch.Generator(fitted.device).manual_seed(counted_seed(fitted.seed, 2))
    some = min(len(shown_of[0]), SHOWN_ROWS, max(1, SHOWN_VALUES // math.prod(fitted.parts.encoded)))
    with lent_to_global(generator if settings.shared_draws else None):
        shown = shown_of[0].take(torch.arange(some, device=fitted.device), generator)
        if not again:
            with blamed(type(estimator), "be prepared"):
                scored.prepare(*shown, len(training))
        rehearse(scored, *shown, type(estimator), torch.Generator(fitted.device).manual_seed(fitted.seed))
    try:
        yield scored, sources, settings
    finally:
        for callback in looking:
            callback.detach()


def has_foreign_parts(scored: nn.Module) -> bool:
    """Whether a part of the user's own may draw from PyTorch's global generator."""
    known = ("aevum", "torch", "zuko")  # a flow draws by the noise that it is handed
    return any(type(part).__module__.partition(".")[0] not in known for part in scored.modules())


def has_running_statistics(scored: nn.Module) -> bool:
    """Whether a part keeps statistics of what the weights gave, which those of their mean are not.

    >>> has_running_statistics(nn.Sequential(nn.BatchNorm1d(3))), has_running_statistics(nn.LayerNorm(3))
    (True, False)
    """
    return any(
        isinstance(part, nn.modules.batchnorm._NormBase) and part.track_running_stats for part in scored.modules()
    )


@torch.inference_mode()
def offset_of(fitted: Fitted, source: ArraySource) -> float:
    """What turns the mean loss of these rows from nats on the model's scale into nats in the data's units."""
    if not len(source):
        return 0.0
    if not fitted.encoding.varies:
        return -float(fitted.log_abs_det(torch.zeros(1, *fitted.parts.encoded, device=fitted.device))[0])
    every = torch.arange(len(source), device=fitted.device)
    found = torch.cat([fitted.log_abs_det(source.take(some)[0]) for some in torch.split(every, 4096)])
    return -float((found if source.weights is None else found * source.weights).mean())


def drawn_once(x: Array, fitted: Fitted) -> NDArray[np.uint8]:
    """The binary images of ``binarize="static"``: those that scores with ``random_state=0`` see, whatever the fit's."""
    out = np.empty(x.shape, np.uint8)
    for first in range(0, len(x), 4096):
        grey = fitted.encoding(fitted.tensor(np.array(x[first : first + 4096]))).cpu().numpy()
        out[first : first + 4096] = binarized(grey, 0)
    return out


def drawn_as_seen(fitted: Fitted) -> Any:
    """The same where there are too many rows to draw them at once: each when it is looked at."""

    def encode(rows: Tensor) -> Tensor:
        grey = fitted.encoding(rows).cpu().numpy()
        return torch.from_numpy(binarized(grey, 0)).to(fitted.device).float()

    return encode
