"""``estimator.explore()``: the page beside a Python session, inside the notebook where there is one."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from aevum.data.labels import columns_of
from aevum.errors import InputError
from aevum.runs import read_tour
from aevum.server.explorer import Explorer
from aevum.server.subject import Run, run_ids
from aevum.typing import Labels, Rows

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator


def explore(
    estimator: LatentVariableEstimator,
    X: Rows | None = None,
    y: Labels | None = None,
    *,
    labels: Any = None,
    kinds: Mapping[str, str] | None = None,
    beside: Mapping[str, LatentVariableEstimator] | None = None,
    tour: str | Path | None = None,
    inline: bool | None = None,
    open_browser: bool = True,
    host: str = "127.0.0.1",
    port: int = 0,
    height: int = 760,
) -> Explorer:
    """Walk through the latent space on a page: a map of the codes, sliders, morphs, attributes.

    In a notebook the page appears below the cell, elsewhere in the browser. The session goes on meanwhile; the page
    ends with it, or with ``close()``. A script ends too soon for anyone to look: let it ``wait()``.

    Args:
        estimator: a fitted one.
        X: rows to show as points of the map; an array, a data frame, an opened data set or its name. None for none.
        y: their labels, which colour the points; a conditional model needs them.
        labels: more columns of labels, one value a row: a data frame, a mapping of names to values, a structured array,
            or one array. Words are classes, numbers a quantity with a scale, and cells may be missing.
        kinds: what some of these columns are where it is guessed wrong: by name "category", "quantity" or "name".
        beside: more fitted models of the same data by name, to be seen side by side.
        tour: a file with a tour of your own, which the page wrote, to be shown in place of the page's.
        inline: whether to show the page in the notebook; None to find out.
        open_browser: whether to open a browser where the page is not shown in a notebook.
        host: the address to bind; any but the default can be reached from other machines by those who have the token.
        port: 0 for any that is free.
        height: of the page in a notebook, in pixels.

    Returns:
        The server, with ``url`` and ``close()``.

    Raises:
        InputError: the data don't fit the model, the tour can't be used, or the port is taken.

    Example:
        >>> from aevum import VAE
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit("digits")
        >>> with vae.explore("digits", open_browser=False) as page:
        ...     page.url.startswith("http://127.0.0.1:")
        True
    """
    shown = {type(estimator).__name__: estimator}
    for name, other in (beside or {}).items():
        if name in shown:
            raise InputError(f"two models are called {name!r}; give the ones in beside= names of their own")
        shown[name] = other
    for model in shown.values():
        check_is_fitted(model, "fitted_")
    named = zip(run_ids(list(shown)), shown.items(), strict=True)
    if labels is None and not isinstance(y, np.ndarray) and columns_of(y) is not None and not estimator.conditional:
        labels, y = y, None
    lesson = None if tour is None else read_tour(tour)
    runs = [Run(id, name, model, X, y, labels=labels, kinds=kinds, tour=lesson) for id, (name, model) in named]
    framed = in_notebook() if inline is None else inline
    display = _display() if framed else None
    explorer = Explorer(runs, host=host, port=port, framed=framed).start()
    if display is not None:
        display.display(display.IFrame(explorer.frame_url, width="100%", height=height))
    elif open_browser:
        explorer.open_browser()
    return explorer


def _display() -> Any:
    try:
        return importlib.import_module("IPython.display")
    except ImportError as error:
        raise InputError("inline=True is for notebooks, and there is no IPython here: leave inline out") from error


def in_notebook() -> bool:
    """Whether this is a cell of a notebook, which can show a page."""
    interactive = sys.modules.get("IPython")
    shell = None if interactive is None else interactive.get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"
