"""Codes on lines and planes, and what they decode to."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from aevum.errors import DataWarning, InputError
from aevum.estimators.inputs import opened, whole_number
from aevum.exploration.codes import base_code, code_of, dimension, quantiles, walked
from aevum.exploration.steps import Steps, finished
from aevum.typing import Labels, Rows

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
# Beyond the three points of a plane, by this share of their distances.
MARGIN = 0.25
# Beyond the range that is walked by itself, on each side: of training codes; of a prior, as beyond a Gaussian's ± 3σ.
TAIL, BEYOND_THREE = 0.01, 0.00135
# A triangle so many times as long as high is a line: codes are float32.
FLAT = 1e-4


class Walk(NamedTuple):
    """Codes and what they decode to; ``z, x = vae.traverse(0)`` takes it apart.

    Args:
        z: codes, ``(…, D)``.
        x: the likelihood's means there, ``(…, *event)``, in the data's units.
    """

    z: Array
    x: Array


def traverse(
    estimator: LatentVariableEstimator,
    dim: int,
    range: tuple[float, float] | None = None,
    *,
    n: int = 11,
    at: Rows | None = None,
    y: Labels | None = None,
) -> Walk:
    """Change one latent and hold the others: what does this dimension mean?

    Args:
        estimator: a fitted one.
        dim: which latent, from 0; ``latent_summary_.active`` lists those that are used, the most telling first.
        range: its first and last value; None for the prior's mean ± 3 deviations, its central 99.73 % where it is no
            Gaussian, and of an auto-encoder, which has no prior, the central 98 % of the training codes.
        n: how many steps.
        at: the other values: an example, or a code ``(D,)``; None for the prior's mean (or that of the training codes).
            Where an example has as many values as a code, an example is meant.
        y: what a conditional model is conditioned on, one label or vector. An example at ``at`` is encoded under it,
            too: to see another class in its style, give its code ``transform(x[None], own_y)[0]``.

    Returns:
        :class:`~aevum.exploration.Walk` of n codes and what they decode to.

    Raises:
        InputError: no such dimension, or values that can't be meant.

    Example:
        >>> from aevum import VAE
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit("digits")
        >>> z, x = vae.traverse(1, range=(-2, 2), n=5)
        >>> z[:, 1].tolist(), x.shape
        ([-2.0, -1.0, 0.0, 1.0, 2.0], (5, 8, 8))
    """
    d, steps = dimension(estimator, dim), whole_number("n", n)
    base = base_code(estimator, at, y)
    z = np.repeat(base[None], steps, axis=0)
    low, high = _default_range(estimator, d, y) if range is None else _two_numbers(range)
    z[:, d] = np.linspace(low, high, steps)
    return Walk(*walked(estimator, z, y))


def manifold(
    estimator: LatentVariableEstimator,
    n: int = 20,
    *,
    dims: tuple[int, int] = (0, 1),
    at: Rows | None = None,
    through: Sequence[Any] | None = None,
    y: Labels | None = None,
) -> Walk:
    r"""Decode a grid of codes: the plane of two latents, or one through three examples.

    The values of each latent are the prior's own quantiles :math:`F_d^{-1}((i + ½)/n)`, so that every cell holds the
    same share of what the prior draws; for an auto-encoder, those of its training codes. Rows go from the top down: the
    second latent falls from row to row, the first rises from column to column.

    With ``through=(a, b, c)`` the plane is :math:`a + u(b-a) + v(c-a)` with u and v from −¼ to 1¼: a is at the lower
    left, b to its right, c above it.

    Source: *Auto-encoding variational Bayes*, D. P. Kingma, M. Welling, ICLR 2014, appendix A.

    Args:
        estimator: a fitted one.
        n: rows and columns.
        dims: the latent from left to right, and the one from the bottom up.
        at: the other latents' values: an example, or a code ``(D,)``; None for the prior's mean.
        through: three examples, or codes; ``dims`` and ``at`` have no part in such a plane. Where an example has as
            many values as a code, examples are meant.
        y: what a conditional model is conditioned on, one label or vector.

    Returns:
        :class:`~aevum.exploration.Walk` of codes ``(n, n, D)`` and what they decode to, ``(n, n, *event)``.

    Raises:
        InputError: no such dimensions, one latent only, or three points on a line.

    Example:
        >>> from aevum import VAE
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit("digits")
        >>> z, x = vae.manifold(5)
        >>> z.shape, x.shape
        ((5, 5, 2), (5, 5, 8, 8))
    """
    size = whole_number("n", n)
    if through is not None:
        return Walk(*walked(estimator, _plane(estimator, through, size, y), y))
    check_is_fitted(estimator, "fitted_")
    if estimator.parts_.latent_dim < 2:
        raise InputError("this model has one latent, and no plane of them; traverse walks along it")
    if not isinstance(dims, (tuple, list)) or len(dims) != 2 or dims[0] == dims[1]:
        raise InputError(f"dims must be two different latents, got {dims!r}")
    across, up = (dimension(estimator, d) for d in dims)
    shares = (np.arange(size) + 0.5) / size
    z = np.empty((size, size, estimator.parts_.latent_dim))
    z[:] = base_code(estimator, at, y)
    z[:, :, across] = quantiles(estimator, across, shares, y)[None, :]
    z[:, :, up] = quantiles(estimator, up, shares, y)[::-1, None]
    return Walk(*walked(estimator, z, y))


def settle(estimator: LatentVariableEstimator, X: Rows, *, steps: int = 20, y: Labels | None = None) -> Walk:
    """Encode and decode again and again: where does the model pull each example?

    What a trained auto-encoder knows well are attractors of this map: an example that stays where it is looks to the
    model like its data, and one that is not like them wanders to something that is.

    Source: *Overparameterized neural networks implement associative memory*, A. Radhakrishnan, M. Belkin, C. Uhler,
    PNAS 117, 2020.

    Args:
        estimator: a fitted one.
        X: rows ``(N, *event)``.
        steps: how many times.
        y: for a conditional model.

    Returns:
        :class:`~aevum.exploration.Walk`: codes ``(steps, N, D)`` and examples ``(steps + 1, N, *event)``, of which the
        first are X.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(digits)
        >>> vae.settle(digits.x[:3], steps=4).x.shape
        (5, 3, 8, 8)
    """
    return finished(settling(estimator, X, steps, y))


def settling(estimator: LatentVariableEstimator, X: Any, steps: int, y: Any) -> Steps[Walk]:
    """What :func:`settle` does, with a pause after each step."""
    count = whole_number("steps", steps)
    X, y = opened(X, y, estimator)
    codes, examples = [], [X]
    x = X
    for step in np.arange(count):
        with warnings.catch_warnings():
            if step:  # what was decoded is in the right units, however dark it is
                warnings.simplefilter("ignore", DataWarning)
            codes.append(estimator.transform(x, y))
        x = decoded = estimator.in_numbers().inverse_transform(codes[-1], y)
        examples.append(decoded)
        if hasattr(X, "columns"):  # the model checks the columns' names
            x = type(X)(decoded, columns=X.columns)
        yield
    first = np.asarray(X).astype(decoded.dtype)
    return Walk(np.stack(codes), np.stack([first, *examples[1:]]))


def _default_range(estimator: LatentVariableEstimator, d: int, y: Any) -> tuple[float, float]:
    law = estimator.law_of_codes(y)
    if law.is_gaussian:
        mean, deviation = (part[0] for part in law.moments())
        return float(mean[d] - 3 * deviation[d]), float(mean[d] + 3 * deviation[d])
    tail = BEYOND_THREE if estimator.can_sample else TAIL
    low, high = law.quantiles(d, np.array([tail, 1 - tail]))
    return float(low), float(high)


def _two_numbers(range: Any) -> tuple[float, float]:
    try:
        low, high = map(float, range)
    except (TypeError, ValueError):
        raise InputError(f"range must be two numbers, got {range!r}") from None
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError(f"range must be two finite numbers, got {range!r}")
    return low, high


def _plane(estimator: LatentVariableEstimator, through: Sequence[Any], n: int, y: Any) -> Array:
    """Codes ``(n, n, D)`` of the plane through three points."""
    if hasattr(through, "iloc"):  # a data frame's own items are its columns
        through = [through.iloc[i] for i in range(len(through))]
    if isinstance(through, str) or not hasattr(through, "__len__") or len(through) != 3:
        raise InputError("through must be three examples or codes")
    a, b, c = (code_of(estimator, point, y, f"through[{i}]").astype(np.float64) for i, point in enumerate(through))
    spans = np.linalg.svd(np.stack([b - a, c - a]), compute_uv=False)
    if not spans[-1] > FLAT * spans[0]:
        raise InputError("the three points of through lie on a line of the latent space; choose others")
    share = np.linspace(-MARGIN, 1 + MARGIN, n)
    plane: Array = a + share[None, :, None] * (b - a) + share[::-1, None, None] * (c - a)
    return plane
