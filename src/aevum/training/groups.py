"""Parameters that one loss is minimised over: the model's, or those of what plays against it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from aevum.training.adamw import AdamW
from aevum.training.ranks import Ranks
from aevum.training.settings import Settings


class Group:
    r"""An optimizer, its schedule, the running mean of its gradient's norm, and the mean of its weights.

    After step n the mean is :math:`\bar w_n = (1 - \rho_n)\,\bar w_{n-1} + \rho_n\,w_n` with
    :math:`\rho_n = (1 + \eta) / (n + \eta)`: it weighs step i by about :math:`(i / n)^\eta`, so that it forgets the
    start and covers the last fifth of a run of any length. While the rate is high the weights themselves go round the
    minimum; their mean lies within. In a run of many steps n counts every second of them, or fewer, up to every eighth
    (:func:`averaged_every`): a pass over all weights costs as much as a third of the optimizer's own.

    Source: *Stochastic gradient descent for non-smooth optimization*, O. Shamir and T. Zhang, ICML 2013
    (polynomial-decay averaging).

    Args:
        parameters: what it moves.
        settings: of the run.
        learning_rate: the schedule's peak; None for that of the settings.
        every: the mean is of each such step's weights.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        settings: Settings,
        learning_rate: float | None = None,
        every: int = 1,
    ) -> None:
        self.parameters: list[Tensor] = list(parameters)
        self.settings, self.every = settings, every
        self.peak = settings.learning_rate if learning_rate is None else learning_rate
        self.optimizer = AdamW(self.parameters, self.peak, settings.weight_decay)
        self.norm, self.bad, self.good = 0.0, 0, 0
        self.mean = [] if settings.averaging is None else [p.detach().clone() for p in self.parameters]
        # Whether the parameters are what they were before :meth:`averaged`.
        self.own = True

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The parameters are their mean in here, and what they were after it."""
        if not self.mean:
            yield
            return
        own = [p.detach().clone() for p in self.parameters]
        self.own = False
        self._set(self.mean)
        try:
            yield
        finally:
            self._set(own)
            self.own = True

    def tensors(self) -> dict[str, Tensor]:
        """The means of the weights and what the optimizer keeps of each parameter, by name; not copied."""
        found = {f"mean.{i}": value for i, value in enumerate(self.mean)}
        for i, parameter in enumerate(self.parameters):
            found |= {f"{name}.{i}": value for name, value in self.optimizer.state.get(parameter, {}).items()}
        return found

    def plain(self) -> dict[str, float]:
        """All else of it that the next step depends on."""
        return {"norm": self.norm, "bad": self.bad, "good": self.good, "rate": self.rate}

    def resume(self, plain: Mapping[str, float], tensors: Mapping[str, Tensor]) -> None:
        """Take :meth:`plain` and :meth:`tensors` of another group of the same parameters.

        Raises:
            ValueError: they are of others.
        """
        self.norm, self.bad, self.good = float(plain["norm"]), int(plain["bad"]), int(plain["good"])
        self.optimizer.rate = float(plain["rate"])
        for place, value in tensors.items():
            name, _, i = place.rpartition(".")
            parameter = self.parameters[int(i)]
            if value.ndim and value.shape != parameter.shape:
                raise ValueError(f"{place} is {tuple(value.shape)}, and was to be {tuple(parameter.shape)}")
            here = value.to(parameter.device)
            if name == "mean":
                self.mean[int(i)] = here
            else:
                self.optimizer.state.setdefault(parameter, {})[name] = here

    @torch.no_grad()
    def _set(self, values: list[Tensor]) -> None:
        torch._foreach_copy_(self.parameters, values)

    @property
    def rate(self) -> float:
        """The learning rate of the step."""
        return self.optimizer.rate

    def set_rate(self, t: float) -> None:
        """The learning rate at progress t."""
        self.optimizer.rate = self.peak * self.settings.schedule(t, self.settings.warmup)

    def backward(self, loss: Tensor, ranks: Ranks, rows: int) -> None:
        """The gradients of the mean loss over so many rows, of which these losses are our share."""
        for p in self.parameters:
            p.grad = None
        (loss.mean() if ranks.size == 1 else loss.sum() / rows).backward()  # type: ignore[no-untyped-call]
        ranks.add([p.grad for p in self.parameters if p.grad is not None])

    def step(self, loss: float) -> bool:
        """Move, with the gradient clipped to a multiple of its running mean norm; False where loss or gradient are not
        finite: a step to skip.
        """
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        # get_total_norm first sorts the gradients by device and type, which takes longer than the norms themselves.
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        value = float(norm)
        if not (math.isfinite(value) and math.isfinite(loss)):
            self.bad += 1
            return False
        self.bad = 0
        self.good += 1
        largest = self.settings.clip * self.norm
        if self.norm and value > largest:
            torch.nn.utils.clip_grads_with_norm_(self.parameters, largest, norm)
            value = largest
        self.norm = value if not self.norm else 0.98 * self.norm + 0.02 * value
        self.optimizer.step()
        eta, n = self.settings.averaging, max(1, self.good // self.every)
        if eta is not None and (self.good % self.every == 0 or self.good < self.every):
            with torch.no_grad():
                torch._foreach_lerp_(self.mean, self.parameters, (1.0 + eta) / (n + eta))
        return True


def averaged_every(epochs: int, steps: int) -> int:
    """Of which steps the mean of the weights is, in a run of epochs of so many: of five hundred at least.

    >>> averaged_every(10, 10), averaged_every(10, 150), averaged_every(10**6, 2), averaged_every(10, 10**6)
    (1, 3, 2, 8)
    """
    return max(1, min(8, steps, epochs * steps // 500))
