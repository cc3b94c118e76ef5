"""Checkpoints: a run's state on disk while it trains, from which it goes on bit for bit."""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from aevum import storage
from aevum.errors import DataWarning, InputError, ModelFileError
from aevum.training.ranks import current
from aevum.training.run import Run
from aevum.training.watch import FORMAT, TENSORS, VERSION, Watch, Whole, surroundings

logger = logging.getLogger("aevum")
FOLDER = "training"


class Checkpoints:
    """Where and how often a fit's state is written, so that it can go on from there.

    A state holds all that the next step depends on: weights and their mean, the optimizers' moments, the best weights
    so far, history, position within the epoch and what the objective keeps. It is a folder of safetensors and JSON
    that appears whole or not at all (a temporary folder, fsync, a rename, fsync of the folder above), and the last
    two are kept; each holds the best weights too. Resumed on the same machine, with as many threads and the same
    versions, the weights at the end are bit for bit those of a run that was never cut off; elsewhere they agree to
    rounding.

    SIGINT, SIGTERM and SIGHUP let the step that is under way end, write the state, and then do what they would have
    done; a second one doesn't wait. After SIGKILL or a power cut what was learned since the last state is learned
    again.

    Args:
        folder: states are written to ``training/`` in it.
        seconds: between two states; more where writing them would take over a twentieth of the time. 0 for a state
            after each step, whatever it takes.
        epochs: a state at the end of each such number of epochs, too; None for none.

    Raises:
        InputError: an argument is none of these.

    Example:
        >>> import tempfile
        >>> from aevum import VAE
        >>> from aevum.training import Checkpoints
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     vae = VAE(latent_dim=2, epochs=3, random_state=0)
        ...     first = vae.fit("digits", checkpoints=Checkpoints(folder, epochs=1)).sample(1, random_state=0)
        ...     again = vae.fit("digits", resume=folder).sample(1, random_state=0)
        >>> bool((first == again).all())
        True
    """

    def __init__(self, folder: str | Path, *, seconds: float = 60.0, epochs: int | None = None) -> None:
        if not isinstance(folder, (str, os.PathLike)):
            raise InputError(f"folder must be a path, got {folder!r}")
        if not (isinstance(seconds, (int, float)) and seconds >= 0.0):
            raise InputError(f"seconds must be a number of at least 0, got {seconds!r}")
        if epochs is not None and not (isinstance(epochs, int) and epochs >= 1):
            raise InputError(f"epochs must be a whole number of at least 1, or None, got {epochs!r}")
        self.folder, self.seconds, self.epochs = Path(folder), float(seconds), epochs
        self.resuming = False
        # What tells this fit from others, and what it is run by.
        self.identity: Mapping[str, Any] = {}

    @property
    def home(self) -> Path:
        """The folder of the states."""
        return self.folder / FOLDER

    def begin(self, identity: Mapping[str, Any], resuming: bool) -> None:
        """A fit begins that these things tell from others.

        Raises:
            InputError: there are states, and it is not to go on from them; or there is none to go on from.
        """
        self.identity, self.resuming = identity, resuming
        current().check_same(json.dumps(identity, sort_keys=True, default=str))
        there = bool(storage.states(self.home))
        if there and not resuming:
            raise InputError(
                f"{self.folder} holds the checkpoints of a fit already: resume={str(self.folder)!r} goes on with it; "
                f"remove {self.home}, or choose another folder, to begin anew"
            )
        if not there:
            storage.check_writable(self.home)
        self.begun()

    def begun(self) -> None:
        """Called when a fit's data and arguments have been looked at: for who has more to write down."""

    @contextmanager
    def watching(self, run: Run) -> Iterator[Whole]:
        """Within, the run's states are written; it begins where the last one was."""
        watch = Watch(self, run)
        if self.resuming:
            self._resume(run)
        # Until all have read what the first may write anew, which on a slow network file system may be another state.
        run.ranks.check_same(f"{run.done} {len(run.history)}")
        with watch.listening():
            try:
                yield watch.whole
            except KeyboardInterrupt:
                if watch.is_whole():
                    watch.write()
                raise
            watch.write()

    def _resume(self, run: Run) -> None:
        """Be where the last whole state was.

        Raises:
            InputError: it is the state of another fit, or none of them can be read.
        """
        problem: Exception | None = None
        for place in storage.states(self.home):
            try:
                found = storage.read_state(place)
                if (found.get("format"), found.get("version")) != (FORMAT, VERSION):
                    raise ModelFileError(f"{place} was written by another version of aevum, {found.get('aevum')}")
                tensors = load_file(place / TENSORS)
            except (ModelFileError, SafetensorError, OSError) as error:
                problem = problem or error
                continue
            self._compare(found, place)
            try:
                run.resume(found["run"], tensors)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                raise InputError(f"{place} holds the state of another network: {error}") from error
            if problem is not None:
                warnings.warn(f"{problem}; going on from the checkpoint before it", DataWarning, stacklevel=2)
            logger.info("going on from epoch %d, step %d of %s", run.epoch, run.step, place)
            return
        if problem is not None:
            raise InputError(f"no checkpoint in {self.home} can be gone on from: {problem}") from problem

    def _compare(self, found: Mapping[str, Any], place: Path) -> None:
        """Raise where it is of another fit, and say where the end may differ by rounding."""
        try:
            before, then = dict(found["identity"]), {"processes": 1, **found["surroundings"]}
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{place} holds no state that aevum wrote") from error
        for name, value in self.identity.items():
            if before.get(name) != value:
                raise InputError(
                    f"{self.folder} holds the training of another fit: {told(name, before.get(name), value)}. "
                    f"Fit with the same arguments and data, or choose another folder to begin anew"
                )
        here = surroundings()
        odd = [f"{name} {then.get(name)}, now {here[name]}" for name in here if then.get(name) != here[name]]
        if odd:
            warnings.warn(
                f"the training in {self.folder} was begun with {'; '.join(odd)}: it goes on, and ends with the same "
                f"weights to rounding, not bit for bit",
                DataWarning,
                stacklevel=2,
            )


def told(name: str, before: Any, now: Any) -> str:
    """What differs between two fits, in words."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        odd = [f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
               for key in sorted({*before, *now}) if before.get(key) != now.get(key)]  # fmt: skip
        return ", ".join(odd)
    return f"its {name} was {before!r}" if isinstance(now, (int, str)) and name != "data" else "its data were others"
