"""How an estimator is fitted: every choice resolved from the data, the training, and what is known at its end."""

from __future__ import annotations

import logging
import math
import reprlib
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from torch import Tensor, nn

from aevum.data.keyed import counted_seed
from aevum.data.source import ArraySource
from aevum.distributions import InitialisedBy, lent_to_global
from aevum.encoding import Affine, Encoding, one_unit
from aevum.errors import InputError, TrainingError
from aevum.estimators.declaring import declared
from aevum.estimators.far import warn_of_lost_validation, without_far_values
from aevum.estimators.inputs import warn_of_many_latents
from aevum.estimators.ranges import warn_of_constants
from aevum.estimators.sizes import warn_of_size
from aevum.fitted import Fitted, Parts, families, likelihoods
from aevum.fitted.context import Context, VectorContext, encode_with_gaps, fit_context
from aevum.fitted.diagnostics import look_at_codes, warn_of_collapse
from aevum.fitted.noise import binarized
from aevum.networks import network_pair
from aevum.objectives import Scored
from aevum.training import Settings, autocast_dtype, choose_device, train

Array = NDArray[Any]
Rows = NDArray[np.intp]
logger = logging.getLogger("aevum")

# What epochs="auto" aims at (benchmarks/README.md, "defaults"): enough steps to converge on a small set, few enough
# to end in about a minute on a large one; a step on large images costs more, so they get fewer.
AUTO_STEPS, FEWEST_EPOCHS, MOST_EPOCHS, LARGE_EXAMPLE = 6000, 10, 100, 2000
KL_WARMUP = 0.1
SMALLEST_SPLIT = 5
# What is seen of the training rows: at a fit's end, and by parts that start from the data (in values, too).
KEPT_CODES, SHOWN_ROWS, SHOWN_VALUES = 10_000, 2048, 2**25


def fit(estimator: Any, x: Array, y: object) -> None:
    """Resolve every choice from the data, train, and set the fitted attributes."""
    hidden = check_parameters(estimator)
    seed = seed_from(estimator.random_state)
    context = context_for(estimator, y, len(x))
    if isinstance(context, VectorContext):
        vectors = np.asarray(y, np.float64).reshape(len(x), -1)
        y = without_far_values(vectors, [f"y[{d}]" for d in range(vectors.shape[1])], False)
        context = context if y is vectors else VectorContext.fit(y)
    likelihood = likelihoods.resolve(estimator.likelihood, estimator.binarize, x)
    if not families.FAMILIES[likelihood.family].encoding.missing:
        x = without_far_values(x, estimator.feature_names_, one_unit(x))
    training, held_out = split(len(x), estimator.validation_fraction, seed)
    encoding = likelihoods.encoding_for(likelihood, x, training)
    warn_of_many_latents(x, estimator.latent_dim)
    warn_of_constants(x, encoding, estimator.feature_names_)
    parts = parts_for(estimator, hidden, x, context, likelihood, encoding)
    logger.info("likelihood %s: %s", likelihood, likelihood.reason)
    logger.info("network %s %s for examples of shape %s", parts.network, parts.hidden or "", parts.event)
    warn_of_size(parts, min(int(estimator.batch_size), len(training)))
    fitted = composed(estimator, parts, encoding, context, x.dtype.str, seed)
    estimator.fitted_ = fitted
    encoded = None if context is None else encode_with_gaps(context, y, len(x))
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


def parts_for(
    estimator: Any,
    hidden: tuple[int, ...] | None,
    x: Array,
    context: Context | None,
    likelihood: likelihoods.Likelihood,
    encoding: Encoding,
) -> Parts:
    """The resolved shapes and choices of a fit to these rows."""
    event = tuple(x.shape[1:])
    encoded = encoding.event(event)
    chosen = network_pair(estimator.network, hidden, encoded)[1]
    low, high = -3.0, 3.0
    if isinstance(encoding, Affine) and encoding.scale.ndim == 0:
        ends = encoding(torch.tensor([float(x.min()), float(x.max())]))
        low, high = float(ends.min()), float(ends.max())
    return Parts(
        event=event,
        latent_dim=int(estimator.latent_dim),
        context=0 if context is None else context.width,
        likelihood=likelihood,
        network=chosen["network"],
        hidden=None if chosen["hidden"] is None else tuple(chosen["hidden"]),
        low=low,
        high=high,
        eight_bit=likelihoods.is_eight_bit(x),
        encoded=encoded,
    )


def composed(
    estimator: Any, parts: Parts, encoding: Encoding, context: Context | None, dtype: str, seed: int
) -> Fitted:
    """The recipe's model and objective with weights drawn by the seed, on the device."""
    device = choose_device(estimator.device)
    with InitialisedBy(torch.Generator().manual_seed(counted_seed(seed))):
        model, objective = estimator._compose(parts, encoding)
    model.view = encoding.view
    return Fitted(
        model=model.to(device),
        objective=objective.to(device),
        encoding=encoding.to(device),
        parts=parts,
        context=context,
        device=device,
        dtype=dtype,
        seed=seed,
        has_density=type(estimator).has_density,
    )


def run(
    estimator: Any,
    x: Array,
    context: NDArray[np.float32] | None,
    training: Rows,
    held_out: Rows,
    history: list[dict[str, Any]],
) -> None:
    """Train the composed model on these rows, and add the records to the history."""
    fitted: Fitted = estimator.fitted_
    likelihood = fitted.likelihood
    looking: list[Any] = [callback for callback in estimator.callbacks or () if hasattr(callback, "attach")]
    for callback in looking:  # at more than the records
        callback.attach(estimator, x, context)
    encode: Any = fitted.encoding
    if likelihood.binarize == "static":
        x, encode = drawn_once(x, fitted), Tensor.float
    sources = [
        ArraySource(x, context, rows, encode, fitted.device, likelihoods.binarizer(likelihood))
        for rows in (training, held_out)
    ]
    scored = Scored(fitted.model, fitted.objective)
    settings = Settings(
        epochs=epochs_for(estimator, len(training)),
        batch_size=min(int(estimator.batch_size), len(training)),
        learning_rate=float(estimator.learning_rate),
        beta=float(estimator.beta),
        seed=fitted.seed,
        patience=estimator.patience,
        kl_warmup=KL_WARMUP,
        dtype=autocast_dtype(estimator.precision, fitted.device, fitted.model),
        shared_draws=fitted.parts.network == "custom" or has_foreign_parts(scored),
        offset=offset_of(fitted, sources[0]),
        validation_offset=offset_of(fitted, sources[1]),
    )
    generator = torch.Generator(fitted.device).manual_seed(counted_seed(fitted.seed, 2))
    some = min(len(training), SHOWN_ROWS, max(1, SHOWN_VALUES // math.prod(fitted.parts.encoded)))
    with lent_to_global(generator if settings.shared_draws else None):
        scored.prepare(*sources[0].take(torch.arange(some, device=fitted.device), generator), len(training))
    validation = sources[1] if len(held_out) else None
    try:
        train(scored, sources[0], validation, settings, estimator.callbacks or (), history)
    finally:
        for callback in looking:
            callback.detach()


def has_foreign_parts(scored: nn.Module) -> bool:
    """Whether a part of the user's own may draw from PyTorch's global generator."""
    ours = ("aevum", "torch")
    return any(type(part).__module__.partition(".")[0] not in ours for part in scored.modules())


@torch.inference_mode()
def offset_of(fitted: Fitted, source: ArraySource) -> float:
    """What turns the mean loss of these rows from nats on the model's scale into nats in the data's units."""
    if not len(source):
        return 0.0
    if not fitted.encoding.varies:
        return -float(fitted.log_abs_det(torch.zeros(1, *fitted.parts.encoded, device=fitted.device))[0])
    every = torch.arange(len(source), device=fitted.device)
    found = [fitted.log_abs_det(source.take(some)[0]) for some in torch.split(every, 4096)]
    return -float(torch.cat(found).mean())


def finish(estimator: Any, x: Array, context: NDArray[np.float32] | None, training: Rows) -> None:
    """The latent summary, and for an auto-encoder the codes that its density is fitted to."""
    look(estimator, x, context, np.sort(training[:KEPT_CODES]))
    logger.info("%s", estimator.latent_summary_)
    warn_of_collapse(estimator.latent_summary_, float(estimator.beta))


def look(estimator: Any, x: Array, context: NDArray[np.float32] | None, rows: Rows) -> None:
    """What an estimator knows of its codes: on these rows, sorted."""
    fitted: Fitted = estimator.fitted_
    summary, codes = look_at_codes(fitted, x[rows], None if context is None else context[rows])
    if fitted.model.prior is None:
        fitted.codes = codes
    estimator.latent_summary_ = summary  # last, since it says that a fit is whole


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


def check_parameters(estimator: Any) -> tuple[int, ...] | None:
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


def context_for(estimator: Any, y: object, rows: int) -> Context | None:
    """The fitted context of a conditional model; None for the others."""
    if not estimator.conditional:
        return None
    if y is None:
        raise InputError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None: give labels or vectors to "
            f"condition on, or use VAE"
        )
    return fit_context(y, rows, estimator.condition, gaps=estimator.conditional == "optional")


def split(rows: int, fraction: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Training and validation rows, at random but for their seed; under five validation rows there are none."""
    order = np.random.RandomState(counted_seed(seed, 1) % 2**32).permutation(rows)
    held_out = round(rows * fraction)
    held_out = held_out if held_out >= SMALLEST_SPLIT else 0
    return order[held_out:], order[:held_out]


def epochs_for(estimator: Any, rows: int) -> int:
    """The number of epochs, and what "auto" makes of it."""
    if estimator.epochs != "auto":
        return int(estimator.epochs)
    steps = math.ceil(rows / int(estimator.batch_size))
    aim = AUTO_STEPS * min(1.0, LARGE_EXAMPLE / math.prod(estimator.fitted_.parts.event))
    return int(np.clip(math.ceil(aim / steps), FEWEST_EPOCHS, MOST_EPOCHS))


def drawn_once(x: Array, fitted: Fitted) -> NDArray[np.uint8]:
    """The binary images of ``binarize="static"``: those that scores with ``random_state=0`` see, whatever the fit's."""
    out = np.empty(x.shape, np.uint8)
    for start in range(0, len(x), 4096):
        grey = fitted.encoding(fitted.tensor(np.array(x[start : start + 4096]))).cpu().numpy()
        out[start : start + 4096] = binarized(grey, 0)
    return out
