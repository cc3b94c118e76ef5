"""Which code dimension carries which factor, as a heat map with its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.plots.style import DPI, INK, MUTED, PAGE, SMALL, dressed, new_figure, note, plain

Array = NDArray[Any]
MOST_ROWS = 32
# White to dark blue: lightness falls all the way, so it reads the same to the colour-blind and in grey.
SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#c6dcf2", "#5b9fdc", "#1b5da3", "#0d2f57"])
DARK = 0.6  # from here on white text is easier to read than black
# Inches: of a row, of a column at least and at most, beside and above them, and the longest scale of colours.
ROW, COLUMN, MARGIN, NARROWEST, SCALE = 0.225, (0.5, 1.1), (1.5, 1.15), 5.6, 2.2
# Longer names are set at an angle, as they would run into each other.
STRAIGHT = 11


def disentanglement_figure(
    matrix: Any,
    latent_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    *,
    title: str = "",
    meaning: str = "% of the factor's entropy that the code tells",
) -> Figure:
    """Which code dimension tells of which factor: one dark cell in each column is one code a factor.

    Rows are in the order of the factors that they tell most of, so codes of one factor each make a staircase. Each
    cell holds its value in per cent, each column's greatest in bold.

    Args:
        matrix: ``(D, K)``, from 0 to 1: a code's mutual information with a factor over the factor's entropy
            (``Disentanglement.share``), or importances.
        latent_names: D words; z[0], z[1], … without.
        factor_names: K words.
        title: of the figure.
        meaning: what the values are, in small print under them.

    Returns:
        A figure of the heat map and its scale. Of more than 32 rows each factor's best and those with the
        greatest values are shown, 32 in all, and a note says how many are not and what their values are at most.

    Raises:
        InputError: the matrix is not ``(D, K)`` with values from 0 to 1, or the names do not fit it.

    Example:
        >>> figure = disentanglement_figure([[0.0, 0.9], [0.8, 0.1]], factor_names=["hair", "action"])
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['z[1]', 'z[0]']
    """
    values = _read(matrix)
    rows, columns = values.shape
    latents = _words(latent_names, [f"z[{d}]" for d in range(rows)], "latent_names")
    factors = _words(factor_names, [f"factor {k}" for k in range(columns)], "factor_names")
    shown = _order(values)
    cell = float(np.clip((PAGE / DPI - MARGIN[0]) / columns, *COLUMN))
    figure = new_figure(max(MARGIN[0] + cell * columns, NARROWEST), MARGIN[1] + ROW * max(len(shown), 4))
    axes = dressed(figure.subplots(), title=plain(title, 60))
    _cells(figure, axes, values[shown])
    axes.set_yticks(np.arange(len(shown)) + 0.5, [plain(latents[d], 18) for d in shown])
    _name_columns(axes, [plain(name, 22) for name in factors])
    text = f"{plain(meaning, 70)} · bold: the greatest of its factor"
    if len(shown) < rows:
        rest = 100 * np.delete(values, shown, axis=0).max()
        text += f"\n{rows - len(shown)} of {rows} codes are not shown: their values are at most {rest:.0f}"
    note(figure, text)
    return figure


def _read(matrix: Any) -> Array:
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise InputError(f"matrix has shape {values.shape}; expected (D, K), a row for each code")
    if not (np.isfinite(values).all() and values.min() >= 0.0 and values.max() <= 1.0 + 1e-9):
        raise InputError("matrix must hold numbers from 0 to 1: divide mutual information by the factors' entropy")
    return values


def _words(given: Sequence[str] | None, default: list[str], what: str) -> list[str]:
    if given is None:
        return default
    if isinstance(given, str) or len(given) != len(default):
        raise InputError(f"{what} must be {len(default)} names, got {given!r}")
    return [str(name) for name in given]


def _order(values: Array) -> NDArray[np.intp]:
    """The rows to show, by the factor that they tell most of: of too many, each factor's best and the greatest."""
    most = values.max(axis=1)
    first = np.isin(np.arange(len(values)), values.argmax(axis=0))
    count = max(MOST_ROWS, int(first.sum()))
    kept = np.lexsort((-most, ~first))[:count]
    order = np.lexsort((kept, -most[kept], values[kept].argmax(axis=1)))
    return np.asarray(kept[order], dtype=np.intp)


def _cells(figure: Figure, axes: Axes, values: Array) -> None:
    drawn = axes.pcolormesh(values, cmap=SHADES, vmin=0.0, vmax=1.0, edgecolors="white", linewidth=1.0)
    axes.grid(False)
    axes.invert_yaxis()
    best = values.argmax(axis=0)
    for (row, column), value in np.ndenumerate(values):
        strong = row == best[column] and value >= 0.005
        axes.text(column + 0.5, row + 0.5, f"{100 * value:.0f}", ha="center", va="center", fontsize=SMALL,
                  color="white" if value > DARK else INK if value >= 0.095 or strong else MUTED,
                  weight="bold" if strong else "normal")  # fmt: skip
    for spine in axes.spines.values():
        spine.set_visible(False)
    _scale(figure, axes, drawn, SCALE / (ROW * len(values)))


def _scale(figure: Figure, axes: Axes, drawn: QuadMesh, shrink: float) -> None:
    bar = figure.colorbar(
        drawn, ax=axes, pad=0.02, fraction=0.05, aspect=18, shrink=min(1.0, shrink), anchor=(0.0, 1.0),
        ticks=[0, 0.25, 0.5, 0.75, 1],
    )  # fmt: skip
    bar.outline.set_visible(False)
    bar.ax.set_yticklabels(["0", "25", "50", "75", "100"])
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK, color=MUTED, width=0.6, length=2.5)


def _name_columns(axes: Axes, names: list[str]) -> None:
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(names)) + 0.5, names)
    axes.tick_params(axis="both", length=0)
    if max(map(len, names)) > STRAIGHT or len(names) > 8:
        for label in axes.get_xticklabels():
            label.set(rotation=35, ha="left", rotation_mode="anchor")
