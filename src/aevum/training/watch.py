"""A run while it is trained: when its state is written, and which signals wait for that."""

from __future__ import annotations

import logging
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
from safetensors.torch import save_file

from aevum import storage
from aevum.errors import DataWarning, InputError
from aevum.training.ranks import current
from aevum.training.run import Run
from aevum.version import VERSION as AEVUM

logger = logging.getLogger("aevum")
FORMAT, VERSION, TENSORS = "aevum-training", 1, "state.safetensors"
SIGNALS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
# Writing takes at most this share of the time.
COST = 0.05
KEPT = 2


class Place(Protocol):
    """Where and how often states are written, such as :class:`~aevum.training.Checkpoints`."""

    folder: Path
    seconds: float
    epochs: int | None
    identity: Mapping[str, Any]

    @property
    def home(self) -> Path: ...


class Whole(Protocol):
    """``with whole():`` what is within is done to its end before a first Ctrl-C, SIGTERM or SIGHUP is heard; at the end
    of an epoch with ``epoch=True``.
    """

    def __call__(self, epoch: bool = False) -> AbstractContextManager[None]: ...


@contextmanager
def unwatched() -> Iterator[Whole]:
    """Nothing is written, and signals do what they do."""
    yield lambda epoch=False: nullcontext()


class Watch:
    """A run while it is trained: when its state is written, and signals that wait for a step's end."""

    def __init__(self, checkpoints: Place, run: Run) -> None:
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
        self._heed()
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
        if self.run.ranks.size == 1:
            self._heed()

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
            if self.run.ranks.first:
                logger.warning(
                    "%s: the training so far is in %s; fit(resume=%r) goes on with it",
                    signal.Signals(ended.number).name, self.checkpoints.folder, str(self.checkpoints.folder),
                )  # fmt: skip
            signal.raise_signal(ended.number)
            raise
        finally:
            self._give_back()
        if self.waiting:  # of several processes, after the last step that all of them made
            signal.raise_signal(self.waiting)

    def _give_back(self) -> None:
        for number, before in self.before.items():
            signal.signal(number, before)

    def hear(self, number: int, frame: FrameType | None) -> None:
        """A first signal waits where something is half done, and of several processes for the end of a step of all."""
        if self.run.ranks.size > 1:
            self.run.asked, self.waiting = True, self.waiting or number
            return
        if self.busy and not self.waiting:
            self.waiting = number
            return
        self.pass_on(number, frame)

    def _heed(self) -> None:
        """What has waited for this moment; where another of several processes was told to stop, this one is too."""
        number = self.waiting
        if self.run.ranks.size > 1:
            number = (self.waiting or signal.SIGTERM) if self.run.stopping else 0
        if number:
            self.waiting, self.run.asked, self.run.stopping = 0, False, False
            self.pass_on(number, None)

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        """What it would have done without us; a process that it would have ended ends after its state is written."""
        before = self.before.get(number)
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
        "processes": current().size,
        "processor": torch.backends.cpu.get_cpu_capability(),
    }
