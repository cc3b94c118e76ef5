"""``torchrun … -m aevum train``: several processes train one model, of which the first writes and speaks."""

from __future__ import annotations

import functools
import json
import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from click.exceptions import Exit

from aevum.cli.plain import FAILED, debugging, explained, is_one_of_several, say
from aevum.cli.stopping import stop_code
from aevum.errors import InputError, PeerError, TrainingError

if TYPE_CHECKING:
    from torch.distributed import Store  # type: ignore[attr-defined]

    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator
    from aevum.training.ranks import Ranks

# Seconds that one of them waits for the others before it ends, so that whoever started them can start them again;
# between two looks at what the first has said.
PATIENCE, LOOK = 600, 0.1
# Seconds that the first waits for the others at its end.
LEAVING = 10.0
BEGIN, GO, FOLDER, CODE, LEFT, ERROR = "begin", "go", "folder", "code", "left", "error"
FINISHED = "aevum/finished"


def restarted() -> bool:
    """Whether torchrun has started these processes again, after one of them had ended."""
    return _restarts() > 0


def _restarts() -> int:
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


class Company:
    """This process among those that torchrun has started, and what they leave for each other to read.

    Args:
        ranks: which of them it is.
        store: what torchrun keeps for them; it outlives each of them.
        own: the part of it that those have which were started with this one.
    """

    def __init__(self, ranks: Ranks, store: Store, own: Store) -> None:
        self.ranks, self.store, self.own = ranks, store, own

    @property
    def follows(self) -> bool:
        """Whether another one writes and speaks."""
        return not self.ranks.first

    def tell(self, name: str, said: Any) -> None:
        """Leave a plain value for the others."""
        self.own.set(name, json.dumps(said))

    def told(self, name: str) -> Any:
        """What the first leaves by this name, when it has.

        Raises:
            Exit: it has ended before.
        """
        from aevum.training.ranks import answered

        while True:
            with answered():
                there = next((each for each in (name, CODE) if self.own.check([each])), None)
                said = None if there is None else json.loads(self.own.get(there))
            if there == name:
                return said
            if there is not None:
                raise Exit(int(said or 0))
            time.sleep(LOOK)

    def agree(self, name: str) -> None:
        """Go on where the first has got here.

        Raises:
            Exit: it has ended before.
        """
        if self.follows:
            self.told(name)
        else:
            self.tell(name, True)

    def finish(self, folder: Path) -> None:
        """The run is whole: whoever is started again has nothing to do."""
        self.store.set(FINISHED, str(folder))

    def finished(self) -> Path | None:
        """The run that these processes wrote, before they were started again."""
        return Path(self.store.get(FINISHED).decode()) if self.store.check([FINISHED]) else None

    def follow(self, estimator: LatentVariableEstimator, data: Dataset, chooses: Dataset | None) -> int:
        """Train with the others, and leave all else to the first; its exit code."""
        from aevum.training import Checkpoints

        folder, goes_on = self.told(FOLDER)
        with suppress(TrainingError):  # the first says so, and writes what was learned
            estimator.fit(data, X_val=chooses, checkpoints=Checkpoints(Path(folder)), resume=goes_on)
        return int(self.told(CODE))

    def through(self, work: Callable[[], int]) -> int:
        """The exit code of what is done here; of all errors of all processes the first says one."""
        try:
            with warnings.catch_warnings():
                if self.follows:
                    warnings.simplefilter("ignore")
                else:
                    self._unless_finished()
                self.agree(BEGIN)
                code = work()
        except Exit as ended:
            code = ended.exit_code
        except BaseException as error:
            if self.follows:
                self._hand_over(error)
            with suppress(Exception):
                self.tell(CODE, explained(error)[1] if isinstance(error, Exception) else stop_code())
            if isinstance(error, (PeerError, KeyboardInterrupt)):
                self._speak_for_others(error)
            raise
        with suppress(Exception):
            self._leave(code)
        return code

    def _leave(self, code: int) -> None:
        """The first goes when the others know its code, since what they read may be its own."""
        if self.follows:
            self.own.add(LEFT, 1)
            return
        self.tell(CODE, code)
        ends = time.monotonic() + LEAVING
        while code == 0 and self.own.add(LEFT, 0) < self.ranks.size - 1 and time.monotonic() < ends:
            time.sleep(LOOK)

    def _unless_finished(self) -> None:
        if (folder := self.finished()) is not None:
            from aevum.runs import forget_training

            forget_training(folder)
            say(f"{folder} is finished: there is nothing to go on with")
            raise Exit(0)

    def _hand_over(self, error: BaseException) -> NoReturn:
        """End quietly, with our error left for the first to say."""
        if debugging():
            raise error
        if not isinstance(error, Exception):
            raise Exit(stop_code())
        text, code = explained(error)
        if not isinstance(error, PeerError):
            with suppress(Exception):
                self.tell(f"{ERROR}/{self.ranks.rank}", [text, code])
        raise Exit(code)

    def _speak_for_others(self, error: BaseException) -> None:
        """Raise the error of another process, where that is why this one ends."""
        for rank in range(1, self.ranks.size):
            name, found = f"{ERROR}/{rank}", None
            with suppress(Exception):
                found = json.loads(self.own.get(name)) if self.own.check([name]) else None
            if found is not None:
                kind = PeerError if found[1] == FAILED else InputError
                raise kind(f"rank {rank}: {found[0]}") from error


_here: list[Company] = []


@contextmanager
def together() -> Iterator[Company | None]:
    """The processes that torchrun has started, within; None where this one is alone."""
    if not is_one_of_several():
        yield None
        return
    import torch
    import torch.distributed as group
    from torch.distributed import PrefixStore  # type: ignore[attr-defined]
    from torch.distributed.rendezvous import rendezvous

    from aevum.training.ranks import answered, current

    backend = "gloo"
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        backend = "cpu:gloo,cuda:nccl"
    patience = timedelta(seconds=PATIENCE)
    with answered():
        store, rank, size = next(iter(rendezvous("env://", timeout=patience)))
        # torchrun's store outlives its processes: those of before have left addresses in it where nobody is any more.
        own = PrefixStore(f"aevum/{_restarts()}/{size}", store)
        mine = PrefixStore("group", own)
        group.init_process_group(backend, store=mine, rank=rank, world_size=size, timeout=patience)
        current().wait()  # none ends before all have found it
    _here.append(Company(current(), store, own))
    try:
        yield _here[0]
    finally:
        _here.clear()
        with suppress(RuntimeError):
            group.destroy_process_group()


def in_company(command: Callable[..., int]) -> Callable[..., int]:
    """A command that is given its :class:`Company`, or None, before its options."""

    @functools.wraps(command)
    def run(**options: Any) -> int:
        if _here:  # it has called itself, with other options
            return command(_here[0], **options)
        with together() as company:
            if company is None:
                return command(None, **options)
            return company.through(lambda: command(company, **options))

    return run
