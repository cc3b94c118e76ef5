"""The errors that aevum raises on purpose, written for the person who will read them.

Each also is the built-in that scikit-learn's users expect (``ValueError``, ``RuntimeError``), so
``except ValueError`` keeps working and the command line can tell bad input from a bug.
"""

from __future__ import annotations

from typing import Any


class AevumError(Exception):
    """Base of every error that aevum raises on purpose."""


class InputError(AevumError, ValueError):
    """The data, a file or an argument can't be used; the message says what was wrong, where, and what would work."""


class MissingPackageError(InputError):
    """A package that comes with an extra is not installed; the message says how to install it."""


class ModelFileError(InputError):
    """A model directory is missing, damaged, foreign or newer than this version can read."""


class TrainingError(AevumError, RuntimeError):
    """Training can't go on (loss or gradient not finite for several steps in a row).

    ``history`` holds the records of the epochs before it.
    """

    history: list[dict[str, Any]]


class PeerError(AevumError, RuntimeError):
    """Of the processes that train one model together another one has ended, or answers no more."""


class CollapseWarning(UserWarning):
    """Few or none of the latent dimensions carry information about x: posterior collapse."""


class DataWarning(UserWarning):
    """The data can be used, but something deserves a look (a constant column, more latents than features)."""


class EstimateWarning(UserWarning):
    """An estimate is less certain than it looks (few effective draws behind an importance-sampled log p(x))."""
