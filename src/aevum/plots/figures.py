"""The figures by the question that they answer: arrays in, a matplotlib figure out, for images and for tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.networks.pictures import Limits, is_image, limits_of
from aevum.numerals import rough
from aevum.plots import grids, tables

Array = NDArray[Any]
Names = Sequence[str] | None
MOST_ROWS = 20


def shaped(x: Any, image_shape: tuple[int, ...] | None, lead: int = 1) -> Array:
    """The array, its examples reshaped to images where the user says that they are."""
    given: Array = np.asarray(x)
    if given.ndim <= lead or not given.size:
        raise InputError(f"shape {given.shape} holds no examples to draw")
    if image_shape is None:
        return given
    try:
        images: Array = given.reshape(*given.shape[:lead], *image_shape)
    except ValueError as error:
        raise InputError(f"examples of shape {given.shape[lead:]} can't be images of shape {image_shape}") from error
    return images


def reconstruction_figure(
    originals: Any,
    reconstructions: Any,
    *,
    sigma: Any = None,
    limits: Limits | None = None,
    feature_names: Names = None,
    classes: tables.Classes | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> Figure:
    """Data beside what the model makes of them.

    Images: originals above reconstructions, in pairs. Tables: a panel for each of up to twelve features, the
    reconstruction against the original, with σ of a Gaussian likelihood as error bars.

    Args:
        originals: ``(N, *event)``.
        reconstructions: ``(N, *event)``.
        sigma: the likelihood's standard deviation, ``(N, F)`` or ``(1, F)``, for tables; None for no error bars.
        limits: the values shown as black and white; None to take them from the originals.
        feature_names: F names, for tables.
        classes: place of a table's column → the words that its codes 0, 1, … stand for.
        image_shape: of rows that are images, such as ``(28, 28)``.

    Returns:
        A figure of one panel for images, and of one for each drawn feature for tables.

    Raises:
        InputError: the shapes differ or hold nothing.

    Example:
        >>> images = np.zeros((6, 8, 8), np.uint8)
        >>> len(reconstruction_figure(images, images).axes), len(reconstruction_figure(np.eye(3), np.eye(3)).axes)
        (1, 3)
    """
    x, found = shaped(originals, image_shape), shaped(reconstructions, image_shape)
    if x.shape != found.shape:
        raise InputError(f"originals have shape {x.shape}, reconstructions {found.shape}")
    if is_image(x.shape[1:]):
        return grids.image_pairs(x, found, limits or limits_of(x))
    return tables.table_pairs(x, found, None if sigma is None else np.asarray(sigma), feature_names, classes or {})


def repair_figure(
    clean: Any, corrupted: Any, repaired: Any, *, limits: Limits | None = None, feature_names: Names = None
) -> Figure:
    """What a denoising model makes of corrupted data.

    Images: a row each of clean, corrupted and repaired ones. Tables: a panel for each of up to twelve features,
    corrupted and repaired values against the clean ones.

    Args:
        clean, corrupted, repaired: ``(N, *event)``; of a table, columns that are NaN in ``corrupted`` are left out.
        limits: the values shown as black and white; None to take them from the clean ones.
        feature_names: F names, for tables.

    Returns:
        A figure of one panel for images, and of one for each drawn feature for tables.

    Raises:
        InputError: the shape holds nothing.

    Example:
        >>> images, rows = np.zeros((6, 8, 8), np.uint8), np.eye(3)
        >>> len(repair_figure(images, images, images).axes), len(repair_figure(rows, rows, rows).axes)
        (1, 3)
    """
    x = shaped(clean, None)
    if is_image(x.shape[1:]):
        rows = {"clean": x, "corrupted": np.asarray(corrupted), "repaired": np.asarray(repaired)}
        return grids.image_rows(rows, limits or limits_of(x))
    return tables.table_repairs(x, np.asarray(corrupted), np.asarray(repaired), feature_names)


def sample_figure(
    samples: Any,
    data: Any = None,
    *,
    limits: Limits | None = None,
    feature_names: Names = None,
    classes: tables.Classes | None = None,
    image_shape: tuple[int, ...] | None = None,
    columns: int | None = None,
) -> Figure:
    """What the model makes up.

    Images: a grid. Tables: each feature's distribution, over that of the data.

    Args:
        samples: ``(N, *event)``.
        data: ``(M, *event)`` to compare a table's samples with, and to take an image's limits from; or None.
        limits: the values shown as black and white.
        feature_names: F names, for tables.
        classes: place of a table's column → the words that its codes 0, 1, … stand for.
        image_shape: of rows that are images.
        columns: images in a row.

    Returns:
        A figure of one panel for images, and of one for each drawn feature for tables.

    Raises:
        InputError: the shape holds nothing.

    Example:
        >>> len(sample_figure(np.zeros((9, 8, 8))).axes), len(sample_figure(np.eye(4), np.eye(4)).axes)
        (1, 4)
    """
    x = shaped(samples, image_shape)
    real = None if data is None else shaped(data, image_shape)
    if is_image(x.shape[1:]):
        return grids.image_sheet(x, limits or limits_of(x if real is None else real), columns)
    return tables.table_marginals(x, real, feature_names, classes or {})


def class_rows_figure(
    rows_by_class: Mapping[Any, Any],
    *,
    limits: Limits | None = None,
    feature_names: Names = None,
    classes: tables.Classes | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> Figure:
    """What a conditional model makes of each class: a row of images each, or (tables) a line in each feature's panel.

    Args:
        rows_by_class: class → ``(n, *event)``; of more than twenty classes, twenty are drawn.
        limits: the values shown as black and white.
        feature_names: F names, for tables.
        classes: place of a table's column → the words that its codes 0, 1, … stand for.
        image_shape: of rows that are images.

    Returns:
        A figure of one panel for images, and of one for each drawn feature for tables.

    Raises:
        InputError: there are no classes, or the arrays hold nothing.

    Example:
        >>> figure = class_rows_figure({"cat": np.zeros((5, 8, 8)), "dog": np.ones((5, 8, 8))})
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['cat', 'dog']
    """
    if not rows_by_class:
        raise InputError("there are no classes to draw")
    found = {str(label): shaped(rows, image_shape) for label, rows in rows_by_class.items()}
    chosen = {label: found[label] for label in [list(found)[d] for d in tables.spread(len(found), MOST_ROWS)]}
    if not is_image(next(iter(chosen.values())).shape[1:]):
        return tables.table_rows(chosen, feature_names, classes or {})
    title = "" if len(chosen) == len(found) else f"{len(chosen)} of {len(found)} classes"
    limits = limits or limits_of(np.concatenate(list(chosen.values())))
    return grids.image_rows(chosen, limits, title=title)


def manifold_figure(
    grid: Any,
    values: tuple[Array, Array] | None = None,
    *,
    limits: Limits | None = None,
    names: tuple[str, str] = ("z[0]", "z[1]"),
    feature_names: Names = None,
    classes: tables.Classes | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> Figure:
    """What two latents mean: the decoder's output over a grid of codes.

    Args:
        grid: ``(R, C, *event)``, rows from the top down.
        values: ``(C,)`` values of the first latent, from the left, and ``(R,)`` of the second, from the top.
        limits: the values shown as black and white.
        names: of the two latents.
        feature_names: F names, for tables.
        classes: place of a table's column → the words that its codes 0, 1, … stand for.
        image_shape: of rows that are images.

    Returns:
        A figure of one panel for images; for tables a panel and its colour scale for each of up to nine features.

    Raises:
        InputError: the shape holds nothing.

    Example:
        >>> len(manifold_figure(np.zeros((5, 5, 8, 8))).axes), len(manifold_figure(np.zeros((5, 5, 2))).axes)
        (1, 4)
    """
    decoded = shaped(grid, image_shape, lead=2)
    if is_image(decoded.shape[2:]):
        return grids.image_map(decoded, limits or limits_of(decoded), values, names)
    return tables.table_maps(decoded, values, feature_names, names, classes or {})


def traversal_figure(
    decoded: Any,
    values: Any,
    names: Sequence[str],
    *,
    limits: Limits | None = None,
    feature_names: Names = None,
    image_shape: tuple[int, ...] | None = None,
    title: str = "",
    across: str = "the latent's value",
    up: str = "decoded features, in standard deviations from the data's mean",
) -> Figure:
    """What single latents mean: each row changes one of them and holds the others.

    Args:
        decoded: ``(R, K, *event)``; for tables best in standard deviations of the data from their mean.
        values: the latents' values, ``(K,)`` for all rows or ``(R, K)``.
        names: R names of the latents.
        limits: the values shown as black and white.
        feature_names: F names, for tables.
        image_shape: of rows that are images.
        title: a line above.
        across, up: what a table's axes show.

    Returns:
        A figure of one panel for images, and of one for each latent for tables.

    Raises:
        InputError: the shapes don't fit each other.

    Example:
        >>> steps = np.linspace(-3, 3, 7)
        >>> len(traversal_figure(np.zeros((2, 7, 8, 8)), steps, ["z[0]", "z[1]"]).axes)
        1
    """
    x = shaped(decoded, image_shape, lead=2)
    steps = np.asarray(values, dtype=np.float64)
    if steps.shape not in ((x.shape[1],), x.shape[:2]) or len(names) != len(x):
        raise InputError(f"decoded {x.shape[:2]}, values {steps.shape} and {len(names)} names don't fit each other")
    rows = np.broadcast_to(steps, x.shape[:2])
    if not is_image(x.shape[2:]):
        return tables.table_traversals(x.reshape(*x.shape[:2], -1), rows, names, feature_names, title, (across, up))
    heads = (
        [rough(float(value), plus=True).removesuffix(".0") if value else "0" for value in steps]
        if steps.ndim == 1
        else []
    )
    return grids.image_rows(dict(zip(names, x, strict=True)), limits or limits_of(x), heads=heads, title=title)
