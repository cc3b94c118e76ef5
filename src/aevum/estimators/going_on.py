"""Training a fitted model further: on all rows again (``warm_start``), or one pass over new ones (``partial_fit``)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aevum.data.keyed import counted_seed
from aevum.errors import InputError
from aevum.estimators import fitting, resolving
from aevum.estimators.budget import Budget, budget_for
from aevum.estimators.given import Given
from aevum.estimators.learnable import Learnable, divided, together
from aevum.estimators.running import scoring
from aevum.training import Checkpoints, constant, learn
from aevum.training.run import Run
from aevum.training.watch import unwatched


@dataclass(frozen=True)
class Momentum:
    """What the passes so far leave to the next beside the model: the optimizers' moments, and the weights themselves,
    of which the model holds the mean.
    """

    passes: int
    plain: Mapping[str, Any]
    tensors: Mapping[str, Tensor]


def fit_again(
    estimator: Any, given: Given, validation: Given | None, checkpoints: Checkpoints | None, seed: int
) -> None:
    """Train a fitted model on: its scales, its likelihood and its networks stay, and so do its weights where no epoch
    is better by more than chance. ``given.y`` is encoded.
    """
    hidden = resolving.check_parameters(estimator)
    check_same(estimator, hidden)
    data, own = learnable(estimator, given, validation, seed), len(given.x)
    budget = budget_of(estimator, data)
    estimator.budget_, estimator.fitted_ = budget, replace(estimator.fitted_, seed=seed)
    vars(estimator).pop("momentum_", None)
    gain = 0.0 if len(data.held_out) else None
    with weights_back(estimator):
        fitting.trained(estimator, data, budget, gain, checkpoints, own=own, again=True)


def one_pass(estimator: Any, data: Learnable, *, again: bool) -> None:
    """One pass over rows at a constant rate, with the moments of the passes before."""
    fitted, before = estimator.fitted_, getattr(estimator, "momentum_", None)
    passes = 0 if before is None else before.passes
    budget = getattr(estimator, "budget_", None) or budget_of(estimator, data)  # a model that was loaded has none
    budget = replace(budget, epochs=1, patience=None, batch_size=min(budget.batch_size, len(data.x)))
    with weights_back(estimator), scoring(estimator, data, budget, None, again=again) as (scored, sources, settings):
        settings = replace(settings, seed=counted_seed(fitted.seed, 11, passes), schedule=constant, kl_warmup=0.0)
        run = Run(scored, settings, len(data.training), [])
        if before is not None:
            run.resume(before.plain, before.tensors)
            run.done, run.best_epoch, run.history[:] = 0, 0, []
        with unwatched() as whole:
            learn(run, sources[0], None, estimator.callbacks or (), whole)
        left = {name: value.detach().cpu().clone() for name, value in run.tensors().items()}
        run.kept.restore()
    estimator.momentum_ = Momentum(passes + 1, run.plain(), left)
    record = {**run.history[-1], "epoch": passes + 1, "best_epoch": passes + 1}
    estimator.history_ = [*getattr(estimator, "history_", []), record]
    fitting.finish(estimator, data)


def learnable(estimator: Any, given: Given, validation: Given | None, seed: int) -> Learnable:
    """The rows of both, and which of them are learned from."""
    x, weights = together(given, validation)
    context = given.y
    if validation is not None and context is not None:
        context = np.concatenate([given.y, validation.y])
    return Learnable(x, context, weights, *divided(estimator.validation_fraction, x, len(given.x), seed))


def budget_of(estimator: Any, data: Learnable) -> Budget:
    """The numbers of a run of a model that is there."""
    parts = estimator.fitted_.parts
    table = resolving.has_own_scales(estimator.fitted_.encoding, parts.event)
    return budget_for(estimator, len(data.training), len(data.held_out), parts.event, table)


def check_same(estimator: Any, hidden: tuple[int, ...] | None) -> None:
    """Raise where an argument asks for another model than the one that was fitted."""
    parts = estimator.fitted_.parts
    odd = None
    if estimator.latent_dim not in ("auto", parts.latent_dim):
        odd = f"latent_dim is {estimator.latent_dim}, and the fitted model has {parts.latent_dim}"
    elif hidden is not None and parts.network != "custom" and tuple(hidden) != tuple(parts.hidden):
        odd = f"hidden is {hidden}, and the fitted model has {tuple(parts.hidden)}"
    if odd is not None:
        raise InputError(f"{odd}: what is trained further stays as it is; warm_start=False begins anew")


@contextmanager
def weights_back(estimator: Any) -> Iterator[None]:
    """Where an error ends the block, the model has the weights that it had; but for one that leaves better ones."""
    model = torch.nn.ModuleList([estimator.fitted_.model, estimator.fitted_.objective])
    before = copy.deepcopy(model.state_dict())
    try:
        yield
    except BaseException:
        model.load_state_dict(before)
        raise


def all_of(given: Given) -> Learnable:
    """Rows that are all learned from; ``given.y`` is encoded."""
    return Learnable(given.x, given.y, given.weights, np.arange(len(given.x)), np.arange(0))
