"""A training between two steps: where it is, and all that its next step depends on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from aevum.errors import InputError
from aevum.objectives import Opponent
from aevum.training.groups import Group, averaged_every
from aevum.training.kept import Kept
from aevum.training.randomness import Randomness
from aevum.training.ranks import current
from aevum.training.schedules import linear_warmup
from aevum.training.settings import Settings
from aevum.training.sums import Sums

Record = dict[str, Any]
MOST_NAMED = 5
MODEL, BEST, BEGUN, SUMS = "model", "best", "begun", "sums"


@dataclass
class Part:
    """What an epoch's steps so far came to."""

    sums: Sums = field(default_factory=Sums)
    counted: float = 0.0
    skipped: int = 0
    seconds: float = 0.0


class Run:
    """Position, weights, optimizers, means and the best so far.

    The order of the rows and every draw are functions of (seed, epoch, step), so that what follows a step is told by
    what is here, the rows and the settings. :meth:`plain` and :meth:`tensors` give it away, :meth:`resume` takes it.

    Args:
        scored: what is trained, as in :func:`~aevum.training.train`.
        settings: of the run.
        rows: how many training rows there are.
        history: the records of the epochs so far; more are added to it.
    """

    def __init__(self, scored: Any, settings: Settings, rows: int, history: list[Record]) -> None:
        self.scored, self.settings, self.history = scored, settings, history
        self.ranks = current()
        self.ranks.take_from_the_first([each for each in scored.state_dict().values() if isinstance(each, Tensor)])
        self.steps_per_epoch = max(1, math.ceil(rows / settings.batch_size))
        self.kept = Kept(scored)
        self.own, self.opponents = groups_of(scored, settings, self.steps_per_epoch)
        self.randomness = Randomness(next(scored.parameters()).device, settings.shared_draws)
        # Whether this process has been told to stop; whether one of them has, which all know at the same step.
        self.asked = self.stopping = False
        self.done, self.best_epoch, self.part = 0, 0, Part()
        # Of a start that is worth keeping: the validation rows' losses, and what the first record says of it.
        self.begun: Tensor | None = None
        self.start: Record = {}
        self.over = False
        # Steps that were skipped, and the first rows (of X) whose loss was not finite in them.
        self.skipped: int = 0
        self.odd: list[int] = []

    @contextmanager
    def shared(self) -> Iterator[None]:
        """What a step changes of the model beside its parameters (a codebook's running means) is then the mean of what
        each process made of it from its own rows.
        """
        if self.ranks.size == 1:
            yield
            return
        before = {name: (id(value), value._version) for name, value in self.scored.named_buffers()}
        yield
        moved = [
            value
            for name, value in self.scored.named_buffers()
            if value.is_floating_point() and before.get(name) != (id(value), value._version)
        ]
        self.ranks.average(moved)

    def summed(self, total: Tensor) -> None:
        """A step's sums over the processes, and in the same message whether one of them is to stop: all or none do."""
        if self.ranks.size > 1:
            asked = total.new_tensor([float(self.asked)])
            self.ranks.add([total, asked])
            self.stopping = bool(asked)

    @property
    def groups(self) -> list[Group]:
        return [self.own, *(group for _, group in self.opponents)]

    @property
    def epoch(self) -> int:
        """The one that is under way, or comes next; from 1."""
        return len(self.history) + 1

    @property
    def step(self) -> int:
        """How many of this epoch's steps are done."""
        return self.done - (self.epoch - 1) * self.steps_per_epoch

    @property
    def t(self) -> float:
        return self.done / (self.steps_per_epoch * self.settings.epochs)

    @property
    def beta(self) -> float:
        return self.settings.beta * linear_warmup(self.t, self.settings.kl_warmup)

    def warming_up(self) -> bool:
        return self.settings.beta > 0.0 and self.t < self.settings.kl_warmup

    def waited(self) -> bool:
        """Whether no epoch has been the best for as long as the settings have patience."""
        patience = self.settings.patience or math.inf
        return bool(self.history) and len(self.history) - self.best_epoch >= patience

    def skip(self, rows: list[int]) -> None:
        """A step whose loss or gradient was not finite, and the rows whose loss was not."""
        self.part.skipped += 1
        self.skipped += 1
        self.odd = sorted({*self.odd, *rows[:MOST_NAMED]})[:MOST_NAMED]

    def named(self) -> str:
        """The rows whose loss was not finite, in words; nothing where each one's was, and the gradient was not."""
        return f" ({'row' if len(self.odd) == 1 else 'rows'} {', '.join(map(str, self.odd))} of X)" if self.odd else ""

    def remains(self) -> str:
        """Which weights a run that stops here leaves."""
        if self.settings.start_gain is not None and not self.best_epoch:
            return "those that it started from are kept"
        return f"the last good weights, of epoch {self.best_epoch}, are kept" if self.best_epoch else "nothing is kept"

    # ---------------------------------------------------------------- given away, and taken

    def plain(self) -> dict[str, Any]:
        """All of it that is no tensor."""
        return {
            "done": self.done,
            "best_epoch": self.best_epoch,
            "best_loss": self.kept.loss,
            "over": self.over,
            "skipped": self.skipped,
            "odd": self.odd,
            "start": self.start,
            "part": {
                "names": list(self.part.sums.names),
                "counted": self.part.counted,
                "skipped": self.part.skipped,
                "seconds": self.part.seconds,
            },
            "groups": [group.plain() for group in self.groups],
            "history": self.history,
        }

    def tensors(self) -> dict[str, Tensor]:
        """All of it that is a tensor, by name, not copied.

        Raises:
            InputError: a part of the user's own keeps something else in its state.
        """
        found = {f"{MODEL}.{name}": value for name, value in self.scored.state_dict().items()}
        found |= {f"{BEST}.{name}": value for name, value in self.kept.weights.items()}
        for number, group in enumerate(self.groups):
            found |= {f"{number}.{name}": value for name, value in group.tensors().items()}
        if self.begun is not None:
            found[BEGUN] = self.begun
        if isinstance(self.part.sums.total, Tensor):
            found[SUMS] = self.part.sums.total
        for name, value in found.items():
            if not isinstance(value, Tensor):
                raise InputError(f"{name} is a {type(value).__name__}, no tensor, so that no checkpoint can hold it")
        return found

    def resume(self, plain: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
        """Be where another run was.

        Raises:
            ValueError: it was a run of something else.
        """
        weights = {name: tensors[f"{MODEL}.{name}"] for name in self.scored.state_dict()}
        best = {name: tensors[f"{BEST}.{name}"] for name in weights}
        check_alike(self.scored.state_dict(), weights)
        check_alike(self.scored.state_dict(), best)
        for number, (group, found) in enumerate(zip(self.groups, plain["groups"], strict=True)):
            mark = f"{number}."
            own = {name.removeprefix(mark): each for name, each in tensors.items() if name.startswith(mark)}
            group.resume(found, own)
        self.scored.load_state_dict(weights)
        self.kept.weights, self.kept.loss = best, float(plain["best_loss"])
        self.done, self.best_epoch, self.over = int(plain["done"]), int(plain["best_epoch"]), bool(plain["over"])
        self.skipped, self.odd = int(plain["skipped"]), [int(row) for row in plain["odd"]]
        self.begun, self.start = tensors.get(BEGUN), dict(plain["start"])
        part = plain["part"]
        self.part = Part(Sums(), float(part["counted"]), int(part["skipped"]), float(part["seconds"]))
        self.part.sums.names = tuple(part["names"])
        if SUMS in tensors:
            self.part.sums.total = tensors[SUMS]
        self.history[:] = plain["history"]


def groups_of(scored: Any, settings: Settings, steps: int) -> tuple[Group, list[tuple[Opponent, Group]]]:
    """The model's own parameters, and each opponent with its own, in epochs of so many steps."""
    every = averaged_every(settings.epochs, steps)
    opponents = scored.opponents()
    taken = {id(p) for opponent in opponents for p in opponent.module.parameters()}
    own = [p for p in scored.parameters() if id(p) not in taken]
    return Group(own, settings, every=every), [
        (opponent, Group(list(opponent.module.parameters()), settings, opponent.learning_rate, every))
        for opponent in opponents
    ]


def check_alike(own: Mapping[str, Any], found: Mapping[str, Tensor]) -> None:
    """Raise where tensors of these names have other shapes or types."""
    for name, value in own.items():
        if value.shape != found[name].shape or value.dtype != found[name].dtype:
            raise ValueError(
                f"{name} is {tuple(found[name].shape)} of {found[name].dtype}, and was to be {tuple(value.shape)} of "
                f"{value.dtype}"
            )
