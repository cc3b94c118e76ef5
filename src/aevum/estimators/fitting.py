"""How an estimator is fitted, and how a fitted one becomes a config and back."""

from __future__ import annotations

import copy
import logging
import math
import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from torch import Tensor

from aevum.data.keyed import counted_seed
from aevum.data.scaling import Scaling
from aevum.data.source import ArraySource
from aevum.distributions import Gaussian, InitialisedBy
from aevum.errors import InputError, TrainingError
from aevum.estimators import likelihoods
from aevum.estimators.code_density import KEPT_CODES
from aevum.estimators.constants import warn_of_constants
from aevum.estimators.context import Context, VectorContext, fit_context
from aevum.estimators.declaring import declared
from aevum.estimators.diagnostics import summarise, warn_of_collapse
from aevum.estimators.draws import binarized
from aevum.estimators.families import one_unit
from aevum.estimators.far import warn_of_lost_validation, without_far_values
from aevum.estimators.inputs import warn_of_many_latents
from aevum.estimators.parts import Parts
from aevum.estimators.sizes import warn_of_size
from aevum.model import LatentVariableModel
from aevum.networks import network_pair
from aevum.objectives import Terms
from aevum.training import Settings, autocast_dtype, choose_device, train

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Array = NDArray[Any]
logger = logging.getLogger("aevum")

# What epochs="auto" aims at (benchmarks/README.md, "defaults"): enough steps to converge on a small set, few enough
# to end in about a minute on a large one; a step on large images costs more, so they get fewer.
AUTO_STEPS, FEWEST_EPOCHS, MOST_EPOCHS, LARGE_EXAMPLE = 6000, 10, 100, 2000
KL_WARMUP = 0.1
SMALLEST_SPLIT = 5


def fit(estimator: LatentVariableEstimator, x: Array, y: object) -> None:
    """Resolve every choice from the data, train, and set the fitted attributes."""
    hidden = check_parameters(estimator)
    seed = seed_from(estimator.random_state)
    device = choose_device(estimator.device)
    context = context_for(estimator, y, len(x))
    if isinstance(context, VectorContext):
        vectors = np.asarray(y, np.float64).reshape(len(x), -1)
        y = without_far_values(vectors, [f"y[{d}]" for d in range(vectors.shape[1])], False)
        context = context if y is vectors else VectorContext.fit(y)
    likelihood = likelihoods.resolve(estimator.likelihood, estimator.binarize, x)
    x = without_far_values(x, estimator.feature_names_, one_unit(x))
    training, held_out = split(len(x), estimator.validation_fraction, seed)
    scaling = likelihoods.scaling_for(likelihood, x, training)
    warn_of_many_latents(x, estimator.latent_dim)
    warn_of_constants(x, scaling, estimator.feature_names_)
    event = tuple(x.shape[1:])
    chosen = network_pair(estimator.network, hidden, event)[1]
    low, high = (
        scaling(torch.tensor([float(x.min()), float(x.max())])).aminmax()
        if scaling.scale.ndim == 0
        else (torch.tensor(-3.0), torch.tensor(3.0))
    )
    parts = Parts(
        event=event,
        latent_dim=int(estimator.latent_dim),
        context=0 if context is None else context.width,
        likelihood=likelihood,
        network=chosen["network"],
        hidden=None if chosen["hidden"] is None else tuple(chosen["hidden"]),
        low=float(low),
        high=float(high),
        eight_bit=likelihoods.is_eight_bit(x),
        constant=() if scaling.constant is None else tuple(scaling.constant.nonzero().flatten().tolist()),
    )
    logger.info("likelihood %s: %s", likelihood, likelihood.reason)
    logger.info("network %s %s for examples of shape %s", parts.network, parts.hidden or "", event)
    warn_of_size(parts, min(int(estimator.batch_size), len(training)))
    with InitialisedBy(torch.Generator().manual_seed(counted_seed(seed))):
        model, objective = estimator._compose(parts, scaling)
    model, scaling = model.to(device), scaling.to(device)

    estimator.parts_, estimator.scaling_, estimator.context_ = parts, scaling, context
    estimator.model_, estimator.objective_ = model, objective
    estimator.device_, estimator.seed_, estimator.dtype_ = device, seed, x.dtype.str
    for attribute in ("codes_", "_code_density"):
        if hasattr(estimator, attribute):
            delattr(estimator, attribute)
    encoded = None if context is None else context.encode(y, len(x))
    history: list[dict[str, Any]] = []

    def end() -> None:
        estimator.history_ = history
        if not math.isfinite(history[-1].get("validation_held", 0.0)):
            warn_of_lost_validation(x, held_out, estimator.feature_names_)
        finish(estimator, x, encoded, training)

    try:
        run(estimator, x, encoded, training, held_out, history)
        end()
    except TrainingError as error:
        estimator.history_ = error.history
        if error.history:  # without one good epoch there is no model to keep
            finish(estimator, x, encoded, training)
        raise
    except KeyboardInterrupt:
        if not history:
            raise
        end()  # one that came after the last step must not lose the model


def run(
    estimator: LatentVariableEstimator,
    x: Array,
    context: NDArray[np.float32] | None,
    training: NDArray[np.intp],
    held_out: NDArray[np.intp],
    history: list[dict[str, Any]],
) -> None:
    """Train the composed model on these rows, and add the records to the history."""
    model, objective, likelihood = estimator.model_, estimator.objective_, estimator.parts_.likelihood
    scaling = estimator.scaling_
    looking: list[Any] = [callback for callback in estimator.callbacks or () if hasattr(callback, "attach")]
    for callback in looking:  # at more than the records
        callback.attach(estimator, x, context)
    if likelihood.binarize == "static":
        x, scaling = (
            drawn_once(x, scaling),
            Scaling(torch.tensor(0.0), torch.tensor(1.0)).to(estimator.device_),
        )
    sources = [
        ArraySource(x, context, rows, scaling, estimator.device_, likelihoods.binarizer(likelihood))
        for rows in (training, held_out)
    ]
    settings = Settings(
        epochs=epochs_for(estimator, len(training)),
        batch_size=min(int(estimator.batch_size), len(training)),
        learning_rate=float(estimator.learning_rate),
        beta=float(estimator.beta) if estimator.has_prior else 0.0,
        seed=estimator.seed_,
        patience=estimator.patience,
        kl_warmup=KL_WARMUP,
        dtype=autocast_dtype(estimator.precision, estimator.device_, model),
        shared_draws=estimator.parts_.network == "custom",
        offset=-estimator._log_abs_det(),
    )

    def score(x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator) -> Terms:
        return objective(model, x, y, beta=beta, generator=generator)

    validation = sources[1] if len(held_out) else None
    try:
        train(model, score, sources[0], validation, settings, estimator.callbacks or (), history)
    finally:
        for callback in looking:
            callback.detach()


def finish(
    estimator: LatentVariableEstimator, x: Array, context: NDArray[np.float32] | None, training: NDArray[np.intp]
) -> None:
    """The latent summary, and for an auto-encoder the codes that its density is fitted to."""
    look_at_codes(estimator, x, context, np.sort(training[:KEPT_CODES]))
    logger.info("%s", estimator.latent_summary_)
    warn_of_collapse(estimator.latent_summary_, estimator.beta)


@torch.inference_mode()
def look_at_codes(
    estimator: LatentVariableEstimator, x: Array, context: NDArray[np.float32] | None, rows: NDArray[np.intp]
) -> None:
    """What an estimator knows of its codes: on these rows, sorted."""
    found: list[tuple[Tensor, Gaussian | None, Gaussian | None]] = []
    for block, c in estimator._blocks(x[rows], None if context is None else context[rows]):
        q = estimator.model_.infer(block, c)
        p = None if estimator.model_.prior is None else estimator.model_.prior(c)
        gaussian = isinstance(q, Gaussian) and isinstance(p, Gaussian)
        found.append((q.mean.cpu(), q if gaussian else None, p if gaussian else None))
    if estimator.model_.prior is None:
        estimator.codes_ = torch.cat([mean for mean, _, _ in found]).numpy()
    estimator.latent_summary_ = summarise(found)  # last, since it says that a fit is whole


def seed_from(random_state: object) -> int:
    """One integer from whatever scikit-learn takes for a random state.

    Raises:
        InputError: it takes something else.
    """
    try:
        return int(check_random_state(random_state).randint(2**31 - 1))
    except ValueError as error:
        raise InputError(
            f"random_state must be None, an integer from 0 to 2**32 - 1 or a RandomState, got {random_state!r}"
        ) from error


def check_parameters(estimator: LatentVariableEstimator) -> tuple[int, ...] | None:
    """Raise for a constructor argument that is not what its declaration says; the hidden widths as a tuple."""
    for each in declared(type(estimator)):
        value = getattr(estimator, each.name)
        if not each.domain.holds(value):
            raise InputError(
                f"{type(estimator).__name__}({each.name}={reprlib.repr(value)}): {each.name} must be "
                f"{each.domain.words}"
            )
    if estimator.hidden is None:
        return None
    widths = estimator.hidden if isinstance(estimator.hidden, (list, tuple)) else (estimator.hidden,)
    return tuple(int(width) for width in widths)


def context_for(estimator: LatentVariableEstimator, y: object, rows: int) -> Context | None:
    """The fitted context of a conditional model; None for the others."""
    if not estimator.conditional:
        return None
    if y is None:
        raise InputError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None: give labels or vectors to "
            f"condition on, or use VAE"
        )
    return fit_context(y, rows, estimator.condition)


def split(rows: int, fraction: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Training and validation rows, at random but for their seed; under five validation rows there are none."""
    order = np.random.RandomState(counted_seed(seed, 1) % 2**32).permutation(rows)
    held_out = round(rows * fraction)
    held_out = held_out if held_out >= SMALLEST_SPLIT else 0
    return order[held_out:], order[:held_out]


def epochs_for(estimator: LatentVariableEstimator, rows: int) -> int:
    """The number of epochs, and what "auto" makes of it."""
    if estimator.epochs != "auto":
        return int(estimator.epochs)
    steps = math.ceil(rows / int(estimator.batch_size))
    aim = AUTO_STEPS * min(1.0, LARGE_EXAMPLE / math.prod(estimator.parts_.event))
    return int(np.clip(math.ceil(aim / steps), FEWEST_EPOCHS, MOST_EPOCHS))


def drawn_once(x: Array, scaling: Scaling) -> NDArray[np.uint8]:
    """The binary images of ``binarize="static"``: those that scores with ``random_state=0`` see, whatever the fit's."""
    out = np.empty(x.shape, np.uint8)
    for start in range(0, len(x), 4096):
        grey = scaling(torch.from_numpy(np.array(x[start : start + 4096])).to(scaling.scale.device)).cpu().numpy()
        out[start : start + 4096] = binarized(grey, 0)
    return out


def copy_to_cpu(model: LatentVariableModel, scaling: Scaling) -> tuple[LatentVariableModel, Scaling]:
    """Copies that need no accelerator."""
    cpu = torch.device("cpu")
    return copy.deepcopy(model).to(cpu), copy.deepcopy(scaling).to(cpu)
