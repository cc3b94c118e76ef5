"""Checkpoints: a run's state on disk while it trains, from which it goes on bit for bit."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from aevum import storage
from aevum.errors import DataWarning, InputError, ModelFileError
from aevum.training.run import Run
from aevum.version import VERSION as AEVUM

logger = logging.getLogger("aevum")
FORMAT, VERSION = "aevum-training", 1
FOLDER, TENSORS = "training", "state.safetensors"
SIGNALS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
# Writing takes at most this share of the time.
COST = 0.05
KEPT = 2


class Whole(Protocol):
    """``with whole():`` what is within is done to its end before a first Ctrl-C, SIGTERM or SIGHUP is heard; at the end
    of an epoch with ``epoch=True``.
    """

    def __call__(self, epoch: bool = False) -> AbstractContextManager[None]: ...


@contextmanager
def unwatched() -> Iterator[Whole]:
    """Nothing is written, and signals do what they do."""
    yield lambda epoch=False: nullcontext()


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
        watch = _Watch(self, run)
        if self.resuming:
            self._resume(run)
        run.ranks.wait()  # until all have read what the first may write anew
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
            before, then = dict(found["identity"]), dict(found["surroundings"])
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


class _Watch:
    """A run while it is trained: when its state is written, and signals that wait for a step's end."""

    def __init__(self, checkpoints: Checkpoints, run: Run) -> None:
        self.checkpoints, self.run = checkpoints, run
        self.busy, self.waiting = False, 0
        self.before: dict[int, Any] = {}
        self.due = time.monotonic() + checkpoints.seconds

    def is_whole(self) -> bool:
        """Whether nothing is half done: a state that is written now can be gone on from."""
        return not self.busy and self.run.own.own

    @contextmanager
    def whole(self, epoch: bool = False) -> Iterator[None]:
        self.busy = True
        yield
        self.busy = False
        if self.waiting:
            number, self.waiting = self.waiting, 0
            self.pass_on(number, None)
        if self.run.own.own and (self._is_due() or (epoch and self._ends())):
            self.write()

    def _is_due(self) -> bool:
        return time.monotonic() >= self.due

    def _ends(self) -> bool:
        every = self.checkpoints.epochs
        return every is not None and len(self.run.history) % every == 0

    def write(self) -> None:
        """The state as it is now; signals wait meanwhile. Of several processes the first writes."""
        if not self.run.ranks.first:
            return
        self.busy = True
        started = time.monotonic()
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in self.run.tensors().items()}
        plain = {
            "format": FORMAT,
            "version": VERSION,
            "aevum": AEVUM,
            "identity": dict(self.checkpoints.identity),
            "surroundings": surroundings(),
            "run": self.run.plain(),
        }
        home = self.checkpoints.home
        number = max((int(place.name) for place in storage.states(home)), default=0) + 1
        try:
            storage.write_state(home, number, plain, lambda folder: save_file(tensors, folder / TENSORS), keep=KEPT)
        except InputError as error:  # a full disk doesn't cost the training
            warnings.warn(f"{error}; the training goes on", DataWarning, stacklevel=2)
        ended = time.monotonic()
        seconds = self.checkpoints.seconds
        self.due = ended + (max(seconds, (ended - started) / COST) if seconds else 0.0)
        self.busy = False
        if self.waiting:
            number, self.waiting = self.waiting, 0
            self.pass_on(number, None)

    # ---------------------------------------------------------------- signals

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals are heard here first; those that are ignored, as under nohup, stay so."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                before = signal.getsignal(number)
                if before not in (signal.SIG_IGN, None):
                    self.before[number] = before
                    signal.signal(number, self.hear)
        try:
            yield
        except Ended as ended:
            self._give_back()
            logger.warning(
                "%s: the training so far is in %s; fit(resume=%r) goes on with it",
                signal.Signals(ended.number).name, self.checkpoints.folder, str(self.checkpoints.folder),
            )  # fmt: skip
            signal.raise_signal(ended.number)
            raise
        finally:
            self._give_back()

    def _give_back(self) -> None:
        for number, before in self.before.items():
            signal.signal(number, before)

    def hear(self, number: int, frame: FrameType | None) -> None:
        """A first signal waits where something is half done."""
        if self.busy and not self.waiting:
            self.waiting = number
            return
        self.pass_on(number, frame)

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        """What it would have done without us; a process that it would have ended ends after its state is written."""
        before = self.before[number]
        if not callable(before):
            raise Ended(number)
        before(number, frame)


class Ended(KeyboardInterrupt):
    """A signal that ends the process, as it would have without anyone who hears it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def surroundings() -> dict[str, Any]:
    """What the last bits of a result depend on beside the data and the arguments."""
    return {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "processor": torch.backends.cpu.get_cpu_capability(),
    }


def told(name: str, before: Any, now: Any) -> str:
    """What differs between two fits, in words."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        odd = [f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
               for key in sorted({*before, *now}) if before.get(key) != now.get(key)]  # fmt: skip
        return ", ".join(odd)
    return f"its {name} was {before!r}" if isinstance(now, (int, str)) and name != "data" else "its data were others"
