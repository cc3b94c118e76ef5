"""The processes that train one model together, each on its share of every batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as group
from torch import Tensor

from aevum.distributions import sharing
from aevum.errors import InputError, PeerError


@dataclass(frozen=True)
class Ranks:
    """This process among them; one alone does nothing here.

    The order of the rows, and every draw, are functions of (seed, epoch, step, row), so that the global batch is the
    same however many they are: each takes its rows of it, gradients and sums are added up, and all make one step.
    """

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and shows."""
        return self.rank == 0

    @contextmanager
    def share(self, indices: Tensor) -> Iterator[tuple[Tensor, int]]:
        """Ours of a batch's rows, and how many of them count; within, what is drawn is drawn for these.

        Where there are fewer rows than processes, one that has none looks at a row of another's, which doesn't count:
        not every network takes a batch of no rows.
        """
        start, stop = (len(indices) * rank // self.size for rank in (self.rank, self.rank + 1))
        count = stop - start
        if not count:
            start = min(start, len(indices) - 1)
            stop = start + 1
        with sharing(start, stop, len(indices)):
            yield indices[start:stop], count

    def add(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor is the sum over the processes, in one message for each type."""
        if self.size == 1:
            return
        for dtype in dict.fromkeys(each.dtype for each in tensors):
            some = [each for each in tensors if each.dtype == dtype]
            flat = torch.cat([each.reshape(-1) for each in some])
            sent = flat.to(self._device()) if group.get_backend() == "nccl" else flat
            with answered():
                group.all_reduce(sent)
            flat = sent.to(flat.device)
            for each, value in zip(some, torch.split(flat, [each.numel() for each in some]), strict=True):
                each.copy_(value.view_as(each))

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor is the mean over the processes: of what parts learn beside gradients, each from its own rows."""
        if self.size > 1 and tensors:
            self.add(tensors)
            for each in tensors:
                each.div_(self.size)

    def agree(self, value: bool) -> bool:
        """What the first of them says."""
        if self.size == 1:
            return value
        return bool(self.number_of_the_first(int(value)))

    def number_of_the_first(self, value: int) -> int:
        """The whole number that the first of them has here, such as its seed."""
        if self.size == 1:
            return value
        said = torch.tensor(value if self.first else 0, device=self._device())
        self.add([said])
        return int(said)

    def take_from_the_first(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor is what it is in the first of them: processors of two kinds may round a start differently."""
        if self.size == 1:
            return
        for each in tensors:
            sent = each.to(self._device()) if group.get_backend() == "nccl" else each
            with answered():
                group.broadcast(sent, src=0)
            each.copy_(sent)

    def check_same(self, text: str) -> None:
        """Raise where one of them has another text than the first.

        Raises:
            InputError: which of them.
        """
        if self.size == 1:
            return
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:7])
        odd = torch.zeros(self.size, dtype=torch.int64, device=self._device())
        odd[self.rank] = int(self.number_of_the_first(number) != number)
        self.add([odd])
        if odd.any():
            which = ", ".join(map(str, odd.nonzero().flatten().tolist()))
            raise InputError(f"the process of rank {which} fits other data than that of rank 0, or by other arguments")

    def wait(self) -> None:
        """Go on when all are here."""
        if self.size > 1:
            self.agree(True)

    @staticmethod
    def _device() -> torch.device:
        return torch.device("cuda" if group.get_backend() == "nccl" else "cpu")


@contextmanager
def answered() -> Iterator[None]:
    """Within, where one of them has ended or answers no more, that is what is said."""
    try:
        yield
    except RuntimeError as error:
        first = (str(error).strip().splitlines() or ["no word of why"])[0]
        raise PeerError(
            f"another of the processes that train together has ended, or doesn't answer: {first}"
        ) from error


def current() -> Ranks:
    """The processes of ``torch.distributed``, where it has been set up, as by ``torchrun``; else this one alone."""
    if not (group.is_available() and group.is_initialized()):
        return Ranks()
    return Ranks(group.get_rank(), group.get_world_size())
