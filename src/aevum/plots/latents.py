"""Figures of the codes: where they lie, and which dimensions are used."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.numerals import class_text
from aevum.plots.style import INK, MUTED, NORMAL, OTHER, PALETTE, SMALL, TRAINING, dressed, new_figure, note, plain

Array = NDArray[Any]
ACTIVE_VARIANCE = 0.01
MOST_BARS = 64
# Of the panel: a bold letter's width, and a line's height.
LETTER = (0.018, 0.055)
# Of a class's rows, what lies nearest to it where it has a place.
OWN = 0.5
HALO = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75}


def latent_scatter_figure(
    z: Array,
    labels: Any = None,
    *,
    names: tuple[str, str] = ("z[0]", "z[1]"),
    label_name: str = "label",
    prior: bool = False,
) -> Figure:
    """Two dimensions of the codes, coloured by label.

    Up to ten classes have a colour each, from a palette for the colour-blind, and their name is printed where they
    lie. Of more classes in words, the nine most frequent have one; more than ten whole numbers, and all other
    numbers, are shown on a continuous scale.

    Args:
        z: codes ``(N, 2)``.
        labels: ``(N,)`` classes or numbers; of ``(N, C)``, or several columns, the first; None for one colour.
        names: of the two dimensions.
        label_name: what the colours mean.
        prior: whether the codes follow N(0, I): draws the circle that holds 95 % of it.

    Returns:
        A figure of one panel, and a scale of colours where the labels are numbers.

    Raises:
        InputError: z is not of shape (N, 2), or the labels are not one a row.

    Example:
        >>> figure = latent_scatter_figure(np.eye(2), ["a", "b"])
        >>> figure.axes[0].get_xlabel()
        'z[0]'
    """
    z = np.asarray(z, dtype=np.float64)
    if z.ndim != 2 or z.shape[1] != 2 or not len(z):
        raise InputError(f"z has shape {z.shape}; expected (N, 2), two dimensions of the codes")
    figure = new_figure(6.6, 5.0)
    axes = dressed(figure.subplots(), x=plain(names[0], 40), y=plain(names[1], 40))
    size, opacity = float(np.clip(6000 / len(z), 4, 28)), float(np.clip(1500 / len(z), 0.45, 0.9))
    style: dict[str, Any] = {"s": size, "alpha": opacity, "linewidths": 0}
    if labels is None:
        axes.scatter(z[:, 0], z[:, 1], color=TRAINING, **style)
    else:
        values = one_label_a_row(labels, len(z))
        classes = as_classes(values)
        if classes is None:
            _coloured_by_number(figure, axes, z, values.astype(np.float64), label_name, style)
        else:
            _coloured_by_class(axes, z, *classes, label_name, style)
    if prior:
        axes.set_aspect("equal", adjustable="box")
        axes.add_patch(Circle((0, 0), 2.4477, fill=False, edgecolor=MUTED, linewidth=0.8, linestyle=(0, (3, 2))))
        axes.text(0, -2.4477, "95 % of the prior", fontsize=SMALL, color=MUTED, ha="center", va="top",
                  bbox=HALO)  # fmt: skip
    _fit_limits(figure, axes, z, prior)
    return figure


def latent_usage_figure(variance: Array, rate: Array | None = None) -> Figure:
    """How much each latent dimension says about x: its rate, or the variance of its codes where there is no rate.

    Dimensions are in the order of use; inactive ones (variance of the posterior mean at most 0.01) are grey.

    Args:
        variance: ``(D,)``, the variance over x of each dimension's posterior mean.
        rate: ``(D,)``, each dimension's mean KL(q‖p) in nats; None for an auto-encoder.

    Returns:
        A figure of one panel with a bar for each of at most 64 dimensions.

    Example:
        >>> len(latent_usage_figure(np.array([0.9, 0.001]), np.array([2.0, 0.0])).axes[0].patches)
        2
    """
    spread = np.asarray(variance, dtype=np.float64)
    height = spread if rate is None else np.asarray(rate, dtype=np.float64)
    order = np.argsort(-height, kind="stable")[:MOST_BARS]
    figure = new_figure(height=2.4)
    unit = "variance of the codes" if rate is None else "rate, nats per example"
    axes = dressed(figure.subplots(), x="latent dimension", y=unit)
    axes.grid(axis="x", visible=False)
    colours = [TRAINING if spread[d] > ACTIVE_VARIANCE else OTHER for d in order]
    places = np.arange(len(order))
    axes.bar(places, height[order], width=0.72, color=colours)
    axes.set_xticks(places, [str(d) for d in order], fontsize=SMALL if len(order) <= 32 else SMALL - 2.5)
    axes.set_xlim(-0.7, max(len(order), 8) - 0.3)
    axes.set_ylim(0.0, max(1.06 * float(height.max()), 0.05))
    active = int((spread > ACTIVE_VARIANCE).sum())
    text = f"blue: active ({active} of {len(spread)}) · grey: not active"
    note(figure, text + (f" · the first {MOST_BARS} are shown" if len(spread) > MOST_BARS else ""))
    return figure


def one_label_a_row(labels: Any, rows: int) -> Array:
    """Labels as ``(N,)``: numbers, or words.

    Raises:
        InputError: not one a row.
    """
    values = np.asarray(labels)
    values = values[values.dtype.names[0]] if values.dtype.names else values
    values = values.reshape(len(values), -1)[:, 0] if values.ndim > 1 else values
    if values.shape != (rows,):
        raise InputError(f"labels have shape {np.shape(labels)}; expected one for each of {rows} rows")
    if values.dtype.kind in "biuf":
        return values
    try:
        return values.astype(np.float64) if values.dtype.kind == "O" else values.astype(str)
    except (TypeError, ValueError):
        return values.astype(str)


def as_classes(values: Array) -> tuple[NDArray[np.intp], list[str]] | None:
    """Each row's class and the classes' names, "other" being the last; None for numbers on a scale.

    >>> as_classes(np.array([3, 5, 3]))
    (array([0, 1, 0]), ['3', '5'])
    """
    numbers = values.dtype.kind in "biuf"
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.round(values)).all()):
        return None
    found, place, count = np.unique(values, return_inverse=True, return_counts=True)
    if len(found) <= len(PALETTE):
        return place, [class_text(value) for value in found]
    if numbers:
        return None
    most = np.sort(np.argsort(-count, kind="stable")[: len(PALETTE) - 1])
    renamed = np.full(len(found), len(most))
    renamed[most] = np.arange(len(most))
    return renamed[place], [*(str(found[d]) for d in most), f"{len(found) - len(most)} others"]


def _coloured_by_class(
    axes: Axes, z: Array, place: NDArray[np.intp], names: list[str], label_name: str, style: dict[str, Any]
) -> None:
    colours = [OTHER if "others" in names[-1] and d == len(PALETTE) - 1 else PALETTE[d] for d in range(len(names))]
    # All classes in one go and in a random order, so that the last one does not lie over the others.
    order = np.random.default_rng(0).permutation(len(z))
    axes.scatter(z[order, 0], z[order, 1], c=[colours[d] for d in place[order]], **style)
    marks = [Line2D([], [], marker="o", linestyle="", color=colour, markersize=4) for colour in colours]
    legend = axes.legend(marks, ["."] * len(marks), title=plain(label_name), fontsize=SMALL, title_fontsize=SMALL,
                         frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0), labelcolor=INK)  # fmt: skip
    legend.get_title().set_color(INK)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(plain(name, 22))
    for d, middle in apart(z, place, [plain(name, 14) for name in names]).items():
        if colours[d] != OTHER:
            axes.text(float(middle[0]), float(middle[1]), plain(names[d], 14), fontsize=NORMAL, color=INK, ha="center",
                      va="center", weight="bold", bbox=HALO)  # fmt: skip


def apart(z: Array, place: NDArray[np.intp], names: list[str]) -> dict[int, Array]:
    """The classes whose name can stand in their middle: those that have a place of their own (most of their rows lie
    nearer to it than to another's), as long as no name has a part on another; the legend tells the others.

    >>> z, place = np.repeat(np.eye(2) * 5.0, 9, axis=0), np.arange(2).repeat(9)
    >>> list(apart(z, place, ["a", "b"])), list(apart(z, place, ["a" * 60, "b" * 60]))
    ([0, 1], [0, 1])
    >>> heap = np.random.default_rng(0).normal(size=(300, 2))
    >>> list(apart(heap, np.arange(300) % 3, ["a", "b", "c"]))
    []
    """
    kept = [d for d in range(len(names)) if (place == d).any()]
    middles = np.stack([np.median(z[place == d], axis=0) for d in kept])
    size = np.maximum(np.ptp(np.quantile(z, [0.002, 0.998], axis=0), axis=0), 1e-12)
    nearest = np.array(kept)[np.square((z[:, None] - middles) / size).sum(axis=2).argmin(axis=1)]
    found: dict[int, Array] = {}
    for d, middle in zip(kept, middles, strict=True):
        away = [np.abs(middle - other) / size for other in found.values()]
        letters = [(len(names[d]) + len(names[beside])) / 2.0 + 1.0 for beside in found]
        free = all(x > LETTER[0] * wide or y > LETTER[1] for (x, y), wide in zip(away, letters, strict=True))
        if free and (nearest[place == d] == d).mean() > OWN:
            found[d] = middle
    return found


def _coloured_by_number(
    figure: Figure, axes: Axes, z: Array, values: Array, label_name: str, style: dict[str, Any]
) -> None:
    known = np.isfinite(values)
    if not known.all():
        axes.scatter(z[~known, 0], z[~known, 1], color=OTHER, **style)
    if not known.any():
        return
    # The outermost hundredth may not take all the colours for itself.
    low, high = np.quantile(values[known], [0.01, 0.99])
    drawn = axes.scatter(z[known, 0], z[known, 1], c=values[known], cmap="viridis", vmin=low, vmax=high, **style)
    bar = figure.colorbar(drawn, ax=axes, pad=0.02, aspect=32)
    bar.solids.set_alpha(1)  # type: ignore[union-attr]
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK, color=MUTED, width=0.6)
    bar.set_label(plain(label_name), fontsize=SMALL, color=INK)


def _fit_limits(figure: Figure, axes: Axes, z: Array, prior: bool) -> None:
    """Limits that a few far codes do not decide; how many lie outside is said."""
    low, high = np.quantile(z, [0.002, 0.998], axis=0)
    margin = 0.12 * np.where(high > low, high - low, 1.0)
    low, high = np.maximum(low - margin, z.min(axis=0) - margin), np.minimum(high + margin, z.max(axis=0) + margin)
    if prior:
        low, high = np.minimum(low, -2.7), np.maximum(high, 2.7)
        # A square frame: with equal scales, a narrow one would leave half of the figure empty.
        low, high = (low + high - (high - low).max()) / 2, (low + high + (high - low).max()) / 2
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    outside = int(((z < low) | (z > high)).any(axis=1).sum())
    if outside:
        note(figure, f"{outside} of {len(z)} codes lie outside the frame")
