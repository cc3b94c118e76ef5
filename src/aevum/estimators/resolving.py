"""What an estimator's parameters come to, given the data: shapes, choices, numbers."""

from __future__ import annotations

import logging
import reprlib
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from aevum.data.keyed import counted_seed
from aevum.distributions import InitialisedBy
from aevum.encoding import Affine, Encoding
from aevum.errors import InputError
from aevum.estimators.budget import FEWEST_HELD_OUT, latents_for
from aevum.estimators.declaring import declared
from aevum.estimators.rehearsal import blamed
from aevum.fitted import Fitted, Parts, likelihoods
from aevum.fitted.context import Context, fit_context
from aevum.networks import network_pair
from aevum.training import choose_device
from aevum.training.ranks import current

Array = NDArray[Any]
Rows = NDArray[np.intp]
logger = logging.getLogger("aevum")


def training_seed(random_state: object) -> int:
    """The seed of a fit: of several processes that train together, that of the first.

    Raises:
        InputError: ``random_state`` is none.
    """
    return current().number_of_the_first(seed_from(random_state))


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
    held_out = held_out if held_out >= FEWEST_HELD_OUT else 0
    return order[held_out:], order[:held_out]


def spread_for(estimator: Any) -> str:
    """Where a table's σ comes from: from the code, unless a decoder of the user's own gives no number for it; and one
    for all values where squared errors are what is asked for.
    """
    if not estimator.has_density:
        return "shared"
    return "per-feature" if isinstance(estimator.network, (tuple, list)) else "emitted"


def has_own_scales(encoding: Encoding, event: tuple[int, ...]) -> bool:
    """Whether these are rows of columns, each with a scale of its own."""
    return len(event) == 1 and not (isinstance(encoding, Affine) and encoding.scale.ndim == 0)


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
    table = has_own_scales(encoding, event)
    auto = isinstance(estimator.network, str) and estimator.network == "auto"
    network = "wide" if table and auto and estimator.has_density else estimator.network
    chosen = network_pair(network, hidden, encoded)[1]
    low, high = -3.0, 3.0
    if isinstance(encoding, Affine) and encoding.scale.ndim == 0:
        ends = encoding(torch.tensor([float(x.min()), float(x.max())]))
        low, high = float(ends.min()), float(ends.max())
    return Parts(
        event=event,
        latent_dim=latents_for(estimator.latent_dim, event),
        context=0 if context is None else context.width,
        likelihood=likelihood,
        network=chosen["network"],
        hidden=None if chosen["hidden"] is None else tuple(chosen["hidden"]),
        low=low,
        high=high,
        eight_bit=likelihoods.is_eight_bit(x),
        encoded=encoded,
        seen=encoding.seen(encoded),
    )


def composed(
    estimator: Any, parts: Parts, encoding: Encoding, context: Context | None, dtype: str, seed: int
) -> Fitted:
    """The recipe's model and objective with weights drawn by the seed, on the device."""
    device = choose_device(estimator.device)
    with InitialisedBy(torch.Generator().manual_seed(counted_seed(seed))), blamed(type(estimator), "be composed"):
        fitted = assembled(estimator, parts, encoding, context, device, dtype, seed)
    for module in (fitted.model, fitted.objective, fitted.encoding):
        module.to(device)
    return fitted


def assembled(
    estimator: Any,
    parts: Parts,
    encoding: Encoding,
    context: Context | None,
    device: torch.device,
    dtype: str,
    seed: int,
) -> Fitted:
    """What the recipe composes, as a value; where its weights are is for the caller to see to."""
    composed = estimator._compose(parts, encoding)
    if not (isinstance(composed, tuple) and len(composed) == 2):
        raise TypeError(f"_compose gives a {type(composed).__name__}; expected a pair, model and objective")
    model, objective = composed
    model.view = encoding.view
    return Fitted(
        model=model,
        objective=objective,
        encoding=encoding,
        parts=parts,
        context=context,
        device=device,
        dtype=dtype,
        seed=seed,
        has_density=type(estimator).has_density,
    )
