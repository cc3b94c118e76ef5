"""Figures of an evaluation: where the evidence lies, and whether the intervals hold what they promise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.plots.style import INK, MUTED, SMALL, TRAINING, VALIDATION, dressed, new_figure, note

Array = NDArray[Any]
NARROW = "#8fbce6"


def calibration_figure(levels: Any, coverage: Any, feature_coverage: Any = None) -> Figure:
    """The share of held-out values inside μ ± zσ against the share that there should be.

    On the diagonal the intervals are right; below it they are too narrow, above it too wide. On the right the
    difference in points, since 95 % and 99.73 % lie close together.

    Args:
        levels: nominal shares, ``(L,)``.
        coverage: shares found, ``(L,)``.
        feature_coverage: shares found for each value of x, ``(L, …)``: their middle 90 % is shaded; or None.

    Returns:
        A figure of two panels.

    Raises:
        InputError: the shapes differ, or a share is not between 0 and 1.

    Example:
        >>> len(calibration_figure([0.5, 0.9], [0.48, 0.91]).axes)
        2
    """
    nominal, found = np.asarray(levels, dtype=np.float64), np.asarray(coverage, dtype=np.float64)
    if nominal.ndim != 1 or nominal.shape != found.shape or not len(nominal):
        raise InputError(f"levels {nominal.shape} and coverage {found.shape} must be two rows of the same length")
    if min(nominal.min(), found.min()) < 0.0 or max(nominal.max(), found.max()) > 1.0:
        raise InputError("levels and coverage must be shares between 0 and 1")
    spread = None
    if feature_coverage is not None:
        each = np.asarray(feature_coverage, dtype=np.float64).reshape(len(nominal), -1)
        spread = np.nanquantile(each, [0.05, 0.95], axis=1)
    figure = new_figure(height=3.4)
    left, right = figure.subplots(1, 2, width_ratios=[1.0, 1.25])
    order = np.argsort(nominal)
    dressed(left, title="Values inside the interval", x="share that there should be, %", y="share found, %")
    left.plot([0, 100], [0, 100], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    left.plot(100 * nominal[order], 100 * found[order], "o-", color=TRAINING, markersize=4, linewidth=1.2)
    low = 10 * math.floor(10 * min(nominal.min(), found.min()) - 1e-9)
    left.set(xlim=(max(low - 5, 0), 102), ylim=(max(low - 5, 0), 102))
    _differences(right, nominal[order], found[order], None if spread is None else spread[:, order])
    if spread is not None:
        note(figure, "shaded: the middle 90 % of the single values · dotted: two points off")
    return figure


def _differences(axes: Axes, nominal: Array, found: Array, spread: Array | None) -> None:
    """A bar a level: by how many points the coverage is off."""
    dressed(axes, title="Difference", x="interval", y="points, found − nominal")
    places, difference = np.arange(len(nominal)), 100 * (found - nominal)
    if spread is not None:
        low, high = 100 * (spread - nominal)
        axes.bar(places, high - low, bottom=low, width=0.72, color=NARROW, alpha=0.45)
    colours = [TRAINING if value >= 0 else VALIDATION for value in difference]
    axes.bar(places, difference, width=0.34, color=colours)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    for level in (-2.0, 2.0):
        axes.axhline(level, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
    ends = np.concatenate([1.25 * difference, [-3.0, 3.0], [] if spread is None else 110 * (spread - nominal).ravel()])
    axes.set_ylim(float(ends.min()), float(ends.max()))
    for place, value in zip(places, difference, strict=True):
        text = f"{value:+.1f}".replace("-", "−")
        axes.annotate(text, (place, value), xytext=(0, 3 if value >= 0 else -3), textcoords="offset points",
                      ha="center", va="bottom" if value >= 0 else "top", fontsize=SMALL, color=INK,
                      bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.6})  # fmt: skip
    axes.set_xticks(places, [f"{100 * level:g} %" for level in nominal])
    axes.grid(False, axis="x")


def evidence_figure(log_evidence: Any, elbo: Any, effective_sample_size: Any, k: int) -> Figure:
    """How log p(x) and its bound are spread over the rows, and how many of the draws count for each.

    Args:
        log_evidence: ``(N,)``, in nats.
        elbo: ``(N,)``, in nats.
        effective_sample_size: ``(N,)``, from 1 to k.
        k: draws a row.

    Returns:
        A figure of two panels.

    Raises:
        InputError: the lengths differ, or there are no rows.

    Example:
        >>> len(evidence_figure([-90.0, -80.0], [-95.0, -84.0], [50.0, 9.0], 100).axes)
        2
    """
    found, bound, size = (np.asarray(part, dtype=np.float64) for part in (log_evidence, elbo, effective_sample_size))
    if not (found.shape == bound.shape == size.shape) or found.ndim != 1 or not len(found):
        raise InputError(f"shapes {found.shape}, {bound.shape} and {size.shape} must be one and the same (N,)")
    figure = new_figure(height=3.0)
    left, right = figure.subplots(1, 2, width_ratios=[1.4, 1.0])
    dressed(left, title="log p(x) of the rows", x="nats", y="rows")
    # A few rows may lie far out on the left; they are counted in the first bar and not drawn to scale.
    both = np.concatenate([found, bound])
    low, high = float(np.quantile(both, 0.005)), float(both.max())
    low, high = (low, high) if high > low else (low - 1.0, high + 1.0)
    edges = [float(edge) for edge in np.linspace(low, high, 41)]
    left.hist(np.clip(bound, low, high), edges, color="#c3c9d0", label=f"ELBO, mean {_short(bound.mean())}")
    left.hist(np.clip(found, low, high), edges, histtype="step", color=TRAINING, linewidth=1.4,
              label=f"log p(x), mean {_short(found.mean())}")  # fmt: skip
    left.legend(fontsize=SMALL, frameon=False, labelcolor=INK, loc="upper left", handlelength=1.2)
    left.grid(False)
    dressed(right, title="Effective draws", x=f"of {k:,} for a row", y="rows")
    top = max(float(k), 2.0)
    bins = [float(edge) for edge in np.geomspace(1.0, top, 31)]
    right.hist(np.clip(size, 1.0, top), bins, color=TRAINING)
    right.set_xscale("log")
    right.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    right.xaxis.set_minor_locator(NullLocator())
    right.set_ylim(0, 1.15 * right.get_ylim()[1])
    right.axvline(5.0, color=VALIDATION, linewidth=1.0, linestyle=(0, (4, 3)))
    right.annotate("below 5: doubtful", (5.0, 1.0), xycoords=("data", "axes fraction"), xytext=(4, -4),
                   textcoords="offset points", va="top", fontsize=SMALL, color=VALIDATION)  # fmt: skip
    right.grid(False)
    if float(both.min()) < low:
        note(figure, "the bar at the left end holds all rows further out")
    return figure


def _short(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")
