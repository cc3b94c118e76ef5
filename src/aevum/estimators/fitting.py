"""How an estimator is fitted: from the rows to what is known at its end."""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aevum.data.keyed import counted_seed
from aevum.data.source import ArraySource
from aevum.data.sparse_rows import taken
from aevum.distributions import lent_to_global
from aevum.errors import InputError, TrainingError
from aevum.estimators import resolving
from aevum.estimators.budget import Budget, budget_for, held_out_share
from aevum.estimators.factor_numbers import Chosen, is_few
from aevum.estimators.far import in_own_rows, warn_of_lost_validation, without_far_values
from aevum.estimators.given import Given, copies_of
from aevum.estimators.inputs import warn_of_many_latents
from aevum.estimators.learnable import Learnable, learnable, together
from aevum.estimators.ranges import warn_of_constants
from aevum.estimators.rehearsal import blamed, rehearse
from aevum.estimators.sizes import warn_of_size
from aevum.estimators.starting import start
from aevum.fitted import Fitted, likelihoods
from aevum.fitted.conditions import LabelContext
from aevum.fitted.context import Context, encode_with_gaps
from aevum.fitted.diagnostics import look_at_codes, warn_of_collapse
from aevum.fitted.noise import binarized, binarizer
from aevum.objectives import Scored
from aevum.training import Checkpoints, Settings, autocast_dtype, train

Array = NDArray[Any]
Rows = NDArray[np.intp]
logger = logging.getLogger("aevum")

KL_WARMUP = 0.1
# What is seen of the training rows: at a fit's end, and by parts that start from the data (in values, too).
KEPT_CODES, SHOWN_ROWS, SHOWN_VALUES = 10_000, 2048, 2**25


@torch.inference_mode(False)
@torch.enable_grad()
def fit(
    estimator: Any,
    given: Given,
    validation: Given | None = None,
    checkpoints: Checkpoints | None = None,
    seed: int | None = None,
) -> None:
    """Resolve every choice from the data, train, and set the fitted attributes.

    The rows that choose the epoch are those of ``validation``; without them, some that are split off. A fit
    that goes on from checkpoints makes every choice again, as it was, and trains on from the last of them; its seed is
    that of its beginning.
    """
    hidden = resolving.check_parameters(estimator)
    seed = resolving.seed_from(estimator.random_state) if seed is None else seed
    context, encoded = conditions(estimator, given, validation)
    x, weights = together(given, validation)
    levels = {} if estimator.schema_ is None else estimator.schema_.levels
    own = len(given.x)
    likelihood, x = learnable(estimator, x, levels, own)
    share = held_out_share(estimator.validation_fraction, len(x), x.ndim == 2)
    training, held_out = resolving.split(own, share if validation is None else 0.0, seed)
    if validation is not None:
        held_out = np.arange(own, len(x))
    try:
        encoding = likelihoods.encoding_for(likelihood, x, copies_of(training, weights), levels)
    except InputError as error:
        raise in_own_rows(error, own) from error
    warn_of_constants(x, encoding, estimator.feature_names_)
    parts = resolving.parts_for(estimator, hidden, x, context, likelihood, encoding)
    logger.info("likelihood %s: %s", likelihood, likelihood.reason)
    logger.info("network %s %s for examples of shape %s", parts.network, parts.hidden or "", parts.event)
    table = resolving.has_own_scales(encoding, parts.event)
    budget = budget_for(estimator, len(training), len(held_out), parts.event, table)
    warn_of_size(parts, budget.batch_size)
    estimator.budget_ = budget
    fitted = resolving.composed(estimator, parts, encoding, context, x.dtype.str, seed)
    estimator.fitted_ = fitted
    if not fitted.denoises:  # noise keeps a code of any width from being the row itself
        warn_of_many_latents(x, parts.latent_dim)
    data = Learnable(x, encoded, weights, training, held_out)
    history: list[dict[str, Any]] = []

    def begin(rows: Rows, chosen: Chosen | None = None, *, awake: bool = True) -> Chosen | None:
        source = ArraySource(x, encoded, rows, fitted.encoding, fitted.device, weights=weights)
        return start(fitted, source, chosen, awake=awake)

    begun, own_rows = begin(training), validation is not None
    width = math.prod(parts.encoded)
    gain: float | None = None
    if begun is not None and float(estimator.beta) == 1.0:  # a rate of another weight has its optimum elsewhere
        gain = begun.gain(width, len(training), len(training) + (0 if own_rows else len(held_out)))

    def end() -> None:
        estimator.history_ = history
        if not math.isfinite(history[-1].get("validation_held", 0.0)):
            warn_of_lost_validation(x, held_out, estimator.feature_names_, own)
        if gain is not None and kept_start(history):  # what has a closed form can have every row of X
            rows = training if own_rows else np.concatenate([training, held_out])
            begin(rows, None if is_few(len(rows), width) else begun, awake=False)
        finish(estimator, data)

    try:
        run(estimator, data, budget, history, gain, checkpoints)
        end()
    except TrainingError as error:
        estimator.history_ = error.history
        if error.history:  # without one good epoch there is no model to keep
            finish(estimator, data)
        raise
    except KeyboardInterrupt:
        if not history:
            raise
        end()  # one that came after the last step must not lose the model


def conditions(
    estimator: Any, given: Given, validation: Given | None
) -> tuple[Context | None, NDArray[np.float32] | None]:
    """What the model is conditioned on, learned from the rows given, and that of all rows."""
    y, rows = given.y, len(given.x)
    context = resolving.context_for(estimator, y, rows)
    if context is None:
        return None, None
    if not isinstance(context, LabelContext):
        numbers = context.numbers(y, rows)
        y = without_far_values(numbers, [f"y[{d}]" for d in range(numbers.shape[1])], False)
        context = context if y is numbers else context.refitted(y)
    encoded = encode_with_gaps(context, y, rows)
    if validation is not None:
        if validation.y is None and estimator.conditional is True:
            raise InputError("X_val needs y_val: the model is conditioned on y")
        other, gaps = len(validation.x), estimator.conditional == "optional"
        none = validation.y is None
        more = context.unknown(other) if none else encode_with_gaps(context, validation.y, other, gaps=gaps)
        encoded = np.concatenate([encoded, more])
    return context, encoded


def run(
    estimator: Any,
    data: Learnable,
    budget: Budget,
    history: list[dict[str, Any]],
    gain: float | None,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Train the composed model on these rows, and add the records to the history; ``gain`` is what a start that is
    worth keeping would have of the rows that choose the epoch, None for no such start.
    """
    fitted: Fitted = estimator.fitted_
    x, context, training, held_out = data.x, data.context, data.training, data.held_out
    likelihood = fitted.likelihood
    looking: list[Any] = [callback for callback in estimator.callbacks or () if hasattr(callback, "attach")]
    for callback in looking:  # at more than the records
        callback.attach(estimator, x, context)
    encode: Any = fitted.encoding
    if likelihood.binarize == "static":
        x, encode = drawn_once(x, fitted), Tensor.float
    sources = [
        ArraySource(x, context, rows, encode, fitted.device, binarizer(likelihood.binarize), data.weights)
        for rows in (training, held_out)
    ]
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
        offset=offset_of(fitted, sources[0]),
        validation_offset=offset_of(fitted, sources[1]),
        start_gain=gain,
        validation_draws=budget.validation_draws,
        averaging=None if has_running_statistics(scored) else Settings.averaging,
    )
    generator = torch.Generator(fitted.device).manual_seed(counted_seed(fitted.seed, 2))
    some = min(len(training), SHOWN_ROWS, max(1, SHOWN_VALUES // math.prod(fitted.parts.encoded)))
    with lent_to_global(generator if settings.shared_draws else None):
        shown = sources[0].take(torch.arange(some, device=fitted.device), generator)
        with blamed(type(estimator), "be prepared"):
            scored.prepare(*shown, len(training))
        rehearse(scored, *shown, type(estimator), torch.Generator(fitted.device).manual_seed(fitted.seed))
    validation = sources[1] if len(held_out) else None
    try:
        train(scored, sources[0], validation, settings, estimator.callbacks or (), history, checkpoints)
    finally:
        for callback in looking:
            callback.detach()


def kept_start(history: list[dict[str, Any]]) -> bool:
    """Whether no epoch was better than what came before the first.

    >>> kept_start([{"epoch": 1, "best_epoch": 0}, {"epoch": 2, "interrupted": True}])
    True
    """
    return [record["best_epoch"] for record in history if "best_epoch" in record][-1:] == [0]


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


def finish(estimator: Any, data: Learnable) -> None:
    """The latent summary, and for an auto-encoder the codes that its density is fitted to."""
    rows = copies_of(data.training, data.weights)
    if data.weights is not None:
        rows = rows[:: math.ceil(len(rows) / KEPT_CODES)]
    look(estimator, data.x, data.context, np.sort(rows[:KEPT_CODES]))
    logger.info("%s", estimator.latent_summary_)
    warn_of_collapse(estimator.latent_summary_, float(estimator.beta), kept_start(estimator.history_))


def look(estimator: Any, x: Array, context: NDArray[np.float32] | None, rows: Rows) -> None:
    """What an estimator knows of its codes: on these rows, sorted."""
    fitted: Fitted = estimator.fitted_
    summary, codes = look_at_codes(fitted, taken(x, rows), None if context is None else context[rows])
    if fitted.model.prior is None:
        fitted.codes = codes
    estimator.latent_summary_ = summary  # last, since it says that a fit is whole


def drawn_once(x: Array, fitted: Fitted) -> NDArray[np.uint8]:
    """The binary images of ``binarize="static"``: those that scores with ``random_state=0`` see, whatever the fit's."""
    out = np.empty(x.shape, np.uint8)
    for first in range(0, len(x), 4096):
        grey = fitted.encoding(fitted.tensor(np.array(x[first : first + 4096]))).cpu().numpy()
        out[first : first + 4096] = binarized(grey, 0)
    return out
