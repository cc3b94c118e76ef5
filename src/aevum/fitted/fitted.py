"""A fitted model as a value: what everything that reads one takes."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Distribution

from aevum.conditionals import ColumnsConditional
from aevum.data.large import in_order
from aevum.data.source import native
from aevum.distributions import Columns, Gaussian
from aevum.encoding import Affine, Encoding
from aevum.fitted.context import Context
from aevum.fitted.law import CodesLaw, Law, PriorLaw
from aevum.fitted.likelihoods import Likelihood
from aevum.fitted.memory import sweep
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import Objective
from aevum.posteriors import Corrupted

Array = NDArray[Any]
BLOCK_BYTES = 2**24
# Bytes of rows, as the model sees them, after which what blocks leave behind is swept up.
SWEPT = 2**27
# Half of what float32 holds, so that a difference of two is finite.
LARGEST = 1.7e38


@dataclass
class Fitted:
    """A model with all that ties it to the user's data.

    Attributes:
        model: posterior, prior, likelihood; on ``device``.
        objective: what it was trained by.
        encoding: the user's rows ↔ what the model sees.
        parts: its shapes and choices.
        context: how y becomes a vector; None where the model is conditioned on nothing.
        device: where model and encoding are.
        dtype: the number type of the training rows, as numpy writes it.
        seed: that the fit's draws are a function of.
        has_density: whether log p(x) can be estimated: codes have a prior, and the posterior a density.
        codes: of (at most 10,000) training rows, ``(n, D)``, where no prior says how codes are distributed.
    """

    model: LatentVariableModel
    objective: Objective
    encoding: Encoding
    parts: Parts
    context: Context | None
    device: torch.device
    dtype: str
    seed: int
    has_density: bool
    codes: NDArray[np.float32] | None = None
    _law_of_codes: CodesLaw | None = field(default=None, repr=False)

    @property
    def likelihood(self) -> Likelihood:
        """The likelihood that was used, and why."""
        return self.parts.likelihood

    @property
    def denoises(self) -> bool:
        """Whether training corrupts what the encoder sees."""
        return isinstance(self.model.posterior, Corrupted)

    def tensor(self, rows: Array) -> Tensor:
        """An array on the model's device."""
        return torch.from_numpy(np.ascontiguousarray(rows)).to(self.device)

    def slices(self, rows: int) -> Iterator[slice]:
        """Blocks of bounded size."""
        size = max(1, min(4096, BLOCK_BYTES // (4 * math.prod(self.parts.event))))
        return (slice(start, start + size) for start in range(0, rows, size))

    def blocks(self, x: Array, context: Array | None) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Encoded rows on the model's device, in blocks of bounded size, with the model in evaluation mode."""
        evaluating(self.model)
        in_order(x)
        row, read = 4 * math.prod(self.parts.event), 0
        for part in self.slices(len(x)):
            yield self.encoded(x[part]), None if context is None else self.tensor(context[part])
            if (read := read + row * (part.stop - part.start)) > SWEPT:
                read = sweep(x)

    def encoded(self, x: Array) -> Tensor:
        """Rows on the model's scale and device."""
        rows = self.tensor(native(x))
        if rows.dtype == torch.uint8 and (table := self._bytes) is not None:
            return table.index_select(0, rows.reshape(-1).int()).reshape(rows.shape)
        return self._widened(rows)

    def _widened(self, rows: Tensor) -> Tensor:
        # In float64, so that equal values in any number type give equal bits.
        wide = torch.float32 if self.device.type == "mps" else torch.float64
        # Rows that float32 can't hold are taken for the farthest ones that it can.
        found: Tensor = self.encoding(rows.to(wide)).clamp_(-LARGEST, LARGEST)
        return found

    @cached_property
    def _bytes(self) -> Tensor | None:
        """Each byte encoded, ``(256,)``, where all pixels share one scale: less than half of the arithmetic's time."""
        if not isinstance(self.encoding, Affine) or self.encoding.shift.ndim:
            return None
        return self._widened(torch.arange(256, device=self.device))

    def log_abs_det(self, rows: Tensor) -> Tensor:
        """What a density per unit of the data adds to one of encoded rows, ``(N,)``; 0 for a probability mass."""
        if not self.likelihood.continuous:
            return torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
        return self.encoding.log_abs_det(rows)

    @cached_property
    def _given(self) -> tuple[type[Distribution], bool]:
        """The class of p(x|z,y), and whether it is continuous in every value, with known intervals."""
        y = torch.zeros(1, self.parts.context, device=self.device) if self.parts.context else None
        with torch.inference_mode():
            p = self.model.examples_given(torch.zeros(1, self.parts.latent_dim, device=self.device), y)
        return type(p), p.continuous if isinstance(p, Columns) else isinstance(p, Gaussian)

    @property
    def kind_of_likelihood(self) -> type[Distribution]:
        """The class of p(x|z,y), which may be another than its family's: a recipe can make something else of it."""
        return self._given[0]

    @property
    def interval(self) -> bool:
        """Whether p(x|z,y) is continuous in every value and its intervals are known, and hold what they say."""
        return self._given[1]

    @property
    def constant_columns(self) -> tuple[int, ...]:
        """The columns that never changed."""
        mask = self.encoding.constant
        return () if mask is None else tuple(int(column) for column in mask.nonzero().flatten())

    def units(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What 0 and a deviation of 1 on the model's scale are in the data's units: one number, or one for each value
        (1 for a column that never changes).
        """
        if isinstance(self.encoding, Affine):
            return self.encoding.shift.double().cpu().numpy(), self.encoding.scale.double().cpu().numpy()
        zero = torch.zeros(self.parts.encoded, device=self.device)
        shift, scale = self.encoding.inverse(zero).double(), self.encoding.spread(zero + 1.0).double()
        return shift.cpu().numpy(), torch.where(scale > 0.0, scale, 1.0).cpu().numpy()

    def kinds(self) -> list[tuple[str, str]] | None:
        """Of what kind each column is, and why, with what it learned besides; None where all are of one."""
        found = self.encoding.kinds()
        if found is None or not isinstance(self.model.likelihood, ColumnsConditional):
            return found
        told = self.model.likelihood.told()
        return [(kind, f"{why}, {told[d]}" if d in told else why) for d, (kind, why) in enumerate(found)]

    def law(self, context: Array | None = None) -> Law:
        """How codes are distributed, given each row of an encoded context where the model has one."""
        if self.model.prior is not None:
            evaluating(self.model)
            return PriorLaw(self.model, None if context is None else self.tensor(context))
        assert self.codes is not None
        if self._law_of_codes is None or self._law_of_codes.codes is not self.codes:
            self._law_of_codes = CodesLaw(self.codes, self.seed)
        return self._law_of_codes

    def on_processor(self) -> Fitted:
        """A copy that needs no accelerator, of which nothing is shared."""
        # At once, so that what two parts share they share in the copy too.
        model, objective, encoding = copy.deepcopy((self.model, self.objective, self.encoding))
        cpu = torch.device("cpu")
        return replace(self, model=model.to(cpu), objective=objective.to(cpu), encoding=encoding.to(cpu), device=cpu)


def evaluating(module: nn.Module) -> None:
    """Put it in evaluation mode where some part is in none: to do so each time takes longer than a small network."""
    if _learns(module):
        module.eval()


def _learns(module: nn.Module) -> bool:
    return module.training or any(_learns(part) for part in module.children())
