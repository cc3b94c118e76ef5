"""A protocol is run, and its figure set beside the paper's."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aevum.data.mnist import cache_folder, lacking
from aevum.errors import InputError
from aevum.protocols.records import MNIST, PROTOCOLS, Protocol


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Args:
        protocol: what was run.
        value: its figure, as the paper's.
        figures: all figures.
        quick: whether it was a short run, which is no reproduction.
    """

    protocol: Protocol
    value: float
    figures: dict[str, Any]
    quick: bool

    @property
    def ahead(self) -> float:
        """By how much the figure is better than the paper's."""
        return self.protocol.published - self.value


def protocol(name: str) -> Protocol:
    """A protocol by its name.

    Raises:
        InputError: there is none.
    """
    if name not in PROTOCOLS:
        raise InputError(f"there is no protocol {name!r}; there are {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def reproduce(name: str, data_dir: str | Path | None = None, *, quick: bool = False, seed: int = 0) -> Outcome:
    """Run a published protocol.

    Args:
        name: of the protocol.
        data_dir: the folder of the data, or one above it; nothing is downloaded.
        quick: seconds, of few rows and epochs: whether it works, and no reproduction.
        seed: of the fit.

    Raises:
        InputError: no such protocol, or its data are not there.
    """
    chosen = protocol(name)
    folder = found_in(chosen, data_dir)
    module, _, function = chosen.function.partition(":")
    run: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), function)
    figures = run(folder, seed=seed, **{**chosen.settings, **(chosen.quick if quick else {})})
    return Outcome(chosen, float(figures[chosen.figure]), figures, quick)


def found_in(chosen: Protocol, data_dir: str | Path | None) -> Path:
    """The folder that holds the protocol's data.

    Raises:
        InputError: says which are missing, and what would work.
    """
    data = chosen.data
    if data is MNIST and data_dir is None:
        cache = cache_folder() / "mnist"
        if not lacking(cache):
            return cache
        raise InputError(
            f"{chosen.name} needs MNIST, and {cache} lacks {', '.join(lacking(cache))}: name the folder that holds"
            f" MNIST's four files with --data-dir, or let `aevum train mnist --epochs 1` fetch them"
        )
    if data_dir is None:
        raise InputError(
            f"{chosen.name} needs {data.name} ({', '.join(data.files)}: {data.what}); name their folder with --data-dir"
        )
    given = Path(data_dir).expanduser()
    if not given.is_dir():
        raise InputError(f"{given} is no folder")
    tried = (given, given / "mnist", given / "tables")
    missing = [
        lacking(each) if data is MNIST else [f for f in data.files if not (each / f).is_file()] for each in tried
    ]
    for folder, names in zip(tried, missing, strict=True):
        if not names:
            return folder
    fewest = min(missing, key=len)
    raise InputError(f"{given} lacks {', '.join(fewest)}, which {chosen.name} needs: {data.what}")
