"""Curves from one code to another: straight, on the prior's shell, or shortest by what they decode to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from aevum.errors import InputError
from aevum.estimators.inputs import whole_number
from aevum.exploration.codes import as_codes, code_of
from aevum.exploration.steps import Steps, finished
from aevum.exploration.walks import Walk
from aevum.typing import Codes, Labels, Rows

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
Floats = NDArray[np.float64]
# A geodesic is found on so many pieces, whatever is asked for: with fewer, long chords would cut corners. It has
# converged when a step gains less than this share of the straight line's energy. After some steps it pauses.
PIECES, ITERATIONS, TOLERANCE, AT_ONCE = 32, 300, 1e-7, 10


def interpolate(
    estimator: LatentVariableEstimator,
    a: Rows,
    b: Rows,
    n: int = 11,
    path: str = "linear",
    *,
    y: Labels | None = None,
    y_end: Labels | None = None,
) -> Walk:
    r"""Walk from a to b and decode on the way: the morph.

    - "linear": :math:`z(t) = (1-t)a + tb`.
    - "spherical": :math:`z(t) = r(t)\,(\sin((1-t)\omega)\,\hat a + \sin(t\omega)\,\hat b) / \sin\omega` with ω the
      angle between a and b and â, b̂ their directions, seen from the prior's mean in its deviations (of an auto-encoder:
      from the training codes'; of a prior that is learned for each class: from that of the mix at t). The distance
      :math:`r(t) = (1-t)\lVert a\rVert + t\lVert b\rVert` goes from a's to b's, and never through the middle, where in
      many dimensions the prior has no mass. (White's formula has a and b for r·â and r·b̂: the same where both are as
      far, and far outside of both where they are not and lie nearly opposite.)
    - "geodesic": the shortest curve by the change of what is decoded, :math:`\min_z\int\lVert\tfrac{d}{dt}
      g(z(t))\rVert dt` with g the likelihood's mean on the model's scale (a σ that depends on z is left out): every
      step changes the picture about as much. Found by descent from the straight line, on 32 pieces. Between two
      classes the pace of the classes is fixed, and the curve is only the best one at that pace.

    Source: *Sampling generative networks*, T. White, 2016 (spherical); *Metrics for deep generative models*, N. Chen et
    al., AISTATS 2018, and *Latent space oddity: on the curvature of deep generative models*, G. Arvanitidis, L. K.
    Hansen, S. Hauberg, ICLR 2018 (the metric that the decoder pulls back).

    Args:
        estimator: a fitted one.
        a, b: an example or a code ``(D,)`` each. Where an example has as many values as a code, an example is meant.
        n: how many points, a and b among them.
        path: "linear", "spherical" or "geodesic".
        y: what a conditional model is conditioned on: a's label or vector.
        y_end: b's, where it is another: classes are mixed on the way.

    Returns:
        :class:`~aevum.exploration.Walk` of n codes and what they decode to. An end that is given as an example is
        decoded, not copied.

    Raises:
        InputError: shapes that don't fit, an unknown path, or a spherical one between opposite codes.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(digits)
        >>> z, x = vae.interpolate(digits.x[0], digits.x[1], n=5, path="spherical")
        >>> z.shape, x.shape
        ((5, 2), (5, 8, 8))
    """
    return finished(interpolation(estimator, a, b, n, path, y=y, y_end=y_end))


def interpolation(
    estimator: LatentVariableEstimator,
    a: Any,
    b: Any,
    n: int,
    path: str,
    *,
    y: Any = None,
    y_end: Any = None,
) -> Steps[Walk]:
    """What :func:`interpolate` does, with a pause now and then where it searches for a geodesic."""
    steps = whole_number("n", n, 2)
    start = code_of(estimator, a, y, "a").astype(np.float64)
    end = code_of(estimator, b, y if y_end is None else y_end, "b").astype(np.float64)
    share = np.linspace(0.0, 1.0, steps)
    if path == "linear":
        z = _linear(start, end, share)
    elif path == "spherical":
        z = _spherical(start, end, share, *_middles(estimator, y, y_end, share))
    elif path == "geodesic":
        z = yield from _geodesic(estimator, start, end, share, y, y_end)
    else:
        raise InputError(f"path={path!r} is not one of linear, spherical, geodesic")
    contexts = _contexts(estimator, y, y_end, share)
    codes = estimator.law_of_codes(contexts, rows=len(share)).nearest(as_codes(z))
    return Walk(codes, estimator.in_numbers().inverse_transform(codes, contexts))


def curve_length(estimator: LatentVariableEstimator, z: Codes, *, y: Labels | None = None) -> float:
    r"""The length :math:`\sum_i\lVert g(z_{i+1})-g(z_i)\rVert` of what codes ``(n, D)`` decode to.

    g is the likelihood's mean on the model's scale.

    Args:
        estimator: a fitted one.
        z: codes along a curve.
        y: for a conditional model: one label or vector, or one a code.

    Example:
        >>> from aevum import VAE
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit("digits")
        >>> z, _ = vae.traverse(0)
        >>> curve_length(vae, z) > 0
        True
    """
    length: float = estimator.curve_length(z, y)
    return length


def _linear(a: Floats, b: Floats, share: Floats) -> Floats:
    t = share[:, None]
    line: Floats = (1 - t) * a + t * b
    return line


def _middles(estimator: LatentVariableEstimator, y: Any, y_end: Any, share: Floats) -> tuple[Floats, Floats]:
    """Where codes lie at each step, mean and deviation ``(n, D)``: a learned prior moves along with the class."""
    moments = estimator.law_of_codes(_contexts(estimator, y, y_end, share), rows=len(share)).moments()
    mean, deviation = (np.broadcast_to(part, (len(share), part.shape[1])) for part in moments)
    return mean, deviation


def _spherical(a: Floats, b: Floats, share: Floats, mean: Floats, deviation: Floats) -> Floats:
    """Along the arc between two codes, in deviations of the prior around its mean."""
    scale = np.where(deviation > 0, deviation, 1.0)
    u, v = (a - mean[0]) / scale[0], (b - mean[-1]) / scale[-1]
    p, q = np.linalg.norm(u), np.linalg.norm(v)
    cosine = float(np.clip(u @ v / (p * q), -1.0, 1.0)) if p * q > 0 else 1.0
    angle, t = math.acos(cosine), share[:, None]
    if math.sin(angle) >= 1e-6:
        unit = (np.sin((1 - t) * angle) * u / p + np.sin(t * angle) * v / q) / math.sin(angle)
        arc = ((1 - t) * p + t * q) * unit
    elif cosine > 0:
        arc = _linear(u, v, share)  # on one ray the arc is a straight line
    else:
        raise InputError("a and b lie opposite each other: no arc between them is shorter than another; use linear")
    z: Floats = mean + scale * arc
    z[0], z[-1] = a, b
    return z


def _geodesic(
    estimator: LatentVariableEstimator, a: Floats, b: Floats, share: Floats, y: Any, y_end: Any
) -> Steps[Floats]:
    """The curve of least energy, from the straight line on; that is the shortest, walked at constant speed.

    With C'C the matrix of the second differences, w = C(z - line) is what the descent moves in: for a decoder that is
    linear the energy is a multiple of |w|², round, while in z it is the narrower the more pieces there are, and takes
    many more steps.
    """
    nodes = np.linspace(0.0, 1.0, PIECES + 1)
    contexts, line = _contexts(estimator, y, y_end, nodes), _linear(a, b, nodes)
    first = estimator.curve_energy(line, contexts)[0]
    if first <= 0.0:  # the decoder doesn't tell the ends apart: every curve is as short
        return _linear(a, b, share)
    root = cholesky(2 * np.eye(PIECES - 1) - np.eye(PIECES - 1, k=1) - np.eye(PIECES - 1, k=-1))

    def curve(w: Floats) -> Floats:
        inner = solve_triangular(root, w.reshape(PIECES - 1, len(a)))
        return np.vstack([a, line[1:-1] + inner, b])

    def energy(w: Floats) -> tuple[float, Floats]:
        try:
            value, gradient = estimator.curve_energy(curve(w), contexts)
        except InputError:  # a step that led out of where the model decodes: the search takes a shorter one
            return math.inf, np.zeros_like(w)
        return value / first, solve_triangular(root, gradient[1:-1] / first, trans="T").ravel()

    w = np.zeros((PIECES - 1) * len(a))
    for _ in range(ITERATIONS // AT_ONCE):
        found = minimize(energy, w, jac=True, method="L-BFGS-B", options={"maxiter": AT_ONCE, "ftol": TOLERANCE})
        w = found.x
        if found.nit < AT_ONCE:  # it has converged, or can't go on
            break
        yield
    smooth: Floats = CubicSpline(nodes, curve(w))(share)
    return smooth


def _contexts(estimator: LatentVariableEstimator, y: Any, y_end: Any, share: Floats) -> Any:
    """y along the way: one for all, or from a's to b's: a mix of two classes, or the numbers in between."""
    if y_end is None or not estimator.conditional:
        return y
    assert estimator.context_ is not None
    ends = []
    for value in (y, y_end):
        estimator.context_.encode(value, 1)  # which raises where y is none
        ends.append(estimator.context_.numbers(value))
    if ends[0].shape != ends[1].shape:
        raise InputError("y and y_end must be one label or vector each")
    t = share[:, None]
    return (1 - t) * ends[0] + t * ends[1]
