"""How an estimator is fitted: from the rows to what is known at its end."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.data.large import is_large, seen_rows
from aevum.data.source import ArraySource
from aevum.data.sparse_rows import taken
from aevum.errors import InputError, TrainingError
from aevum.estimators import resolving
from aevum.estimators.budget import Budget, budget_for
from aevum.estimators.factor_numbers import Chosen, is_few
from aevum.estimators.far import in_own_rows, warn_of_lost_validation, without_far_values
from aevum.estimators.given import Given, copies_of
from aevum.estimators.inputs import warn_of_many_latents
from aevum.estimators.learnable import Learnable, divided, learnable, together
from aevum.estimators.ranges import warn_of_constants
from aevum.estimators.running import run
from aevum.estimators.seen import Seen
from aevum.estimators.sizes import warn_of_size
from aevum.estimators.starting import start
from aevum.fitted import Fitted, likelihoods
from aevum.fitted.conditions import LabelContext
from aevum.fitted.context import Context, encode_with_gaps
from aevum.fitted.diagnostics import look_at_codes, warn_of_collapse
from aevum.training import Checkpoints

Array = NDArray[Any]
Rows = NDArray[np.intp]
logger = logging.getLogger("aevum")

# What is seen of the training rows at a fit's end.
KEPT_CODES = 10_000


@dataclass(frozen=True)
class Prepared:
    """What is settled before the first step: rows and numbers of the run, and the start where it is a closed form."""

    data: Learnable
    budget: Budget
    seen: Seen
    begin: Callable[..., Chosen | None]
    begun: Chosen | None
    gain: float | None


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
    found = prepared(estimator, given, validation, seed)
    data, own_rows = found.data, validation is not None
    width = math.prod(estimator.fitted_.parts.encoded)

    def at_end(history: list[dict[str, Any]]) -> None:
        if found.gain is not None and kept_start(history):  # what has a closed form can have every row of X
            some = [found.seen.rows(rows) for rows in (data.training, data.held_out)]
            rows = some[0] if own_rows else np.concatenate(some)
            found.begin(rows, None if is_few(len(rows), width) else found.begun, awake=False)

    trained(estimator, data, found.budget, found.gain, checkpoints, at_end=at_end, own=len(given.x))


def trained(
    estimator: Any,
    data: Learnable,
    budget: Budget,
    gain: float | None,
    checkpoints: Checkpoints | None = None,
    *,
    own: int,
    at_end: Callable[[list[dict[str, Any]]], object] = lambda history: None,
    again: bool = False,
) -> None:
    """Train what is composed, and set what is known at the end; ``own`` is how many of the rows are X's, ``again``
    whether it was trained before.
    """
    history: list[dict[str, Any]] = []

    def end() -> None:
        estimator.history_ = history
        if not math.isfinite(history[-1].get("validation_held", 0.0)):
            warn_of_lost_validation(data.x, data.held_out, estimator.feature_names_, own)
        at_end(history)
        finish(estimator, data)

    try:
        run(estimator, data, budget, history, gain, checkpoints, again=again)
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


def prepared(estimator: Any, given: Given, validation: Given | None, seed: int | None, share: Any = None) -> Prepared:
    """Resolve every choice from the data, compose the model and begin where a closed form ends; ``share`` is that of
    the rows that are split off, None for the estimator's own.
    """
    hidden = resolving.check_parameters(estimator)
    seed = resolving.training_seed(estimator.random_state) if seed is None else seed
    context, encoded = conditions(estimator, given, validation)
    x, weights = together(given, validation)
    seen = Seen.of(x)
    levels = {} if estimator.schema_ is None else estimator.schema_.levels
    own = len(given.x)
    with seen.told():
        likelihood, looked = learnable(estimator, seen.x, levels, seen.before(own))
    x = looked if seen.at is None else x
    training, held_out = divided(estimator.validation_fraction if share is None else share, x, own, seed)
    learned, some_weights = seen.rows(training), seen.of_each(weights)
    try:
        with seen.told():
            encoding = likelihoods.encoding_for(likelihood, looked, copies_of(learned, some_weights), levels)
    except InputError as error:
        raise in_own_rows(error, own) from error
    warn_of_constants(looked, encoding, estimator.feature_names_)
    parts = resolving.parts_for(estimator, hidden, looked, context, likelihood, encoding)
    logger.info("likelihood %s: %s", likelihood, likelihood.reason)
    logger.info("network %s %s for examples of shape %s", parts.network, parts.hidden or "", parts.event)
    table = resolving.has_own_scales(encoding, parts.event)
    budget = budget_for(estimator, len(training), len(held_out), parts.event, table)
    warn_of_size(parts, budget.batch_size)
    estimator.budget_ = budget
    fitted = resolving.composed(estimator, parts, encoding, context, x.dtype.str, seed)
    estimator.fitted_ = fitted
    if not fitted.denoises:  # noise keeps a code of any width from being the row itself
        warn_of_many_latents(looked, parts.latent_dim)

    def begin(rows: Rows, chosen: Chosen | None = None, *, awake: bool = True) -> Chosen | None:
        y = seen.of_each(encoded)
        source = ArraySource(looked, y, rows, fitted.encoding, fitted.device, weights=some_weights)
        return start(fitted, source, chosen, awake=awake)

    begun = begin(learned)
    gain: float | None = None
    if begun is not None and float(estimator.beta) == 1.0:  # a rate of another weight has its optimum elsewhere
        rows = len(training) + (0 if validation is not None else len(held_out))
        gain = begun.gain(math.prod(parts.encoded), len(training), rows)
    return Prepared(Learnable(x, encoded, weights, training, held_out), budget, seen, begin, begun, gain)


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


def kept_start(history: list[dict[str, Any]]) -> bool:
    """Whether no epoch was better than what came before the first.

    >>> kept_start([{"epoch": 1, "best_epoch": 0}, {"epoch": 2, "interrupted": True}])
    True
    """
    return [record["best_epoch"] for record in history if "best_epoch" in record][-1:] == [0]


def finish(estimator: Any, data: Learnable) -> None:
    """The latent summary, and for an auto-encoder the codes that its density is fitted to."""
    rows = data.training
    if is_large(data.x):  # of as few parts as the choices are made from
        rows = Seen(None, seen_rows(data.x)).names(rows)
        rows = rows[:: math.ceil(len(rows) / KEPT_CODES)]
    rows = copies_of(rows, data.weights)
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
