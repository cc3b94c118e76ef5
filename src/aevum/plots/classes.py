"""Panels of a table's columns of classes: shares by their words, where numbers would be codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from aevum.plots.style import INK, OTHER, PALETTE, SMALL, TRAINING, VALIDATION, plain

Floats = NDArray[np.float64]
Words = Sequence[str]
MOST_BARS, WIDEST, LEGIBLE = 7, 11, 0.17
DATA = "#b8bfc7"


def shares_of(codes: Floats, count: int) -> Floats:
    """The share of each of so many classes among codes ``(N,)``, NaN being none.

    >>> shares_of(np.array([0.0, 1.0, 1.0, np.nan]), 3).round(2).tolist()
    [0.33, 0.67, 0.0]
    """
    there = codes[~np.isnan(codes)]
    places = np.clip(np.round(there), 0, count - 1).astype(np.intp)
    found: Floats = np.bincount(places, minlength=count) / max(len(places), 1)
    return found


def shown_classes(shares: Floats, words: Words) -> tuple[list[list[int]], list[str]]:
    """The classes of each bar, and what it is called: those of the most rows, and all the others in one.

    >>> shown_classes(np.arange(9) / 36, "abcdefghi")[1]
    ['d', 'e', 'f', 'g', 'h', 'i', '3 others']
    """
    if len(words) <= MOST_BARS:
        return [[k] for k in range(len(words))], [plain(word, WIDEST) for word in words]
    most = sorted(np.argsort(-shares, kind="stable")[: MOST_BARS - 1].tolist())
    others = [k for k in range(len(words)) if k not in most]
    return [[k] for k in most] + [others], [*(plain(words[k], WIDEST) for k in most), f"{len(others)} others"]


def bars(axes: Axes, names: Sequence[str]) -> NDArray[np.intp]:
    """Room for a bar a name, from the top; the places."""
    places = np.arange(len(names))
    axes.set_yticks(places, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    in_percent(axes)
    return places


def in_percent(axes: Axes) -> None:
    """A few ticks in per cent across."""
    axes.grid(False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))


def class_marginal(axes: Axes, data: Floats | None, samples: Floats, words: Words) -> None:
    """Shares of the classes among samples, over those among the data."""
    drawn = shares_of(samples, len(words))
    real = drawn if data is None else shares_of(data, len(words))
    groups, names = shown_classes(real, words)
    places = bars(axes, names)
    if data is not None:
        axes.barh(places, [real[group].sum() for group in groups], 0.72, color=DATA, label="data")
    axes.barh(places, [drawn[group].sum() for group in groups], 0.72, color="none", edgecolor=VALIDATION, linewidth=1.2,
              label="samples")  # fmt: skip


def class_pair(axes: Axes, originals: Floats, found: Floats, words: Words) -> None:
    """Of each class the share of its rows that come back as what they were."""
    groups, names = shown_classes(shares_of(originals, len(words)), words)
    right = np.round(found) == originals
    rows = [np.isin(originals, group) for group in groups]
    places = bars(axes, [name if some.any() else f"{name} (no row)" for name, some in zip(names, rows, strict=True)])
    axes.barh(places, [right[some].mean() if some.any() else 0.0 for some in rows], 0.72, color=TRAINING)
    axes.set_xlim(0.0, 1.0)


def class_rows(axes: Axes, drawn: Sequence[Floats], words: Words) -> None:
    """For each line (a class that was asked for) the shares of this column's classes, side by side and named."""
    shares = np.stack([shares_of(each, len(words)) for each in drawn])
    groups, names = shown_classes(shares.mean(axis=0), words)
    left = np.zeros(len(shares))
    for at, (group, name) in enumerate(zip(groups, names, strict=True)):
        width = shares[:, group].sum(axis=1)
        colour = OTHER if len(group) > 1 else PALETTE[at % len(PALETTE)]
        axes.barh(np.arange(len(shares)), width, 0.8, left=left, color=colour, alpha=0.55)
        for place in np.flatnonzero(width > LEGIBLE).tolist():
            axes.text(left[place] + width[place] / 2, place, plain(name, int(14 * width[place]) + 1), ha="center",
                      va="center", fontsize=SMALL - 1.5, color=INK)  # fmt: skip
        left = left + width
    axes.set_xlim(0.0, 1.0)
    in_percent(axes)


def class_map(figure: Figure, axes: Axes, right: Any, up: Any, codes: Floats, words: Words) -> Any:
    """The likeliest class over two latents, and the scale of its colours."""
    count = len(words)
    colours = ListedColormap([PALETTE[k % len(PALETTE)] for k in range(count)])
    norm = BoundaryNorm(np.arange(count + 1) - 0.5, count)
    mesh = axes.pcolormesh(right, up, np.round(codes), cmap=colours, norm=norm, shading="nearest", rasterized=True)
    shown = np.arange(count) if count <= len(PALETTE) else np.unique(np.round(codes)).astype(int)[: len(PALETTE)]
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, ticks=shown)
    bar.ax.set_yticklabels([plain(words[k], WIDEST) for k in shown.tolist()])
    return bar
