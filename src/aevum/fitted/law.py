"""How a model's codes are distributed: what diagnostics, walks, sliders, exports and samples all read."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.distributions import as_gaussian, draw, log_density, moments, nearest, quantiles
from aevum.model import LatentVariableModel

# What a Gaussian has between μ − σ and μ + σ.
ONE_SIGMA = 0.6826894921370859
# So much of its size is what a code in float32, which a network computed, may be off by.
ROUNDED = 1e-6
Array = NDArray[Any]
Floats = NDArray[np.float64]


class Law(ABC):
    """The law of codes z: one, or one for each of R rows of y."""

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator, seed: int) -> Array:
        """Codes ``(n, D)``: all from one law, or one from each where there are n of them.

        Raises:
            ValueError: there are several laws, and not n.
        """

    @abstractmethod
    def moments(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation, two arrays ``(R, D)``; R = 1 without y.

        Of a law that has none (Cauchy's) the median, and half of what holds as much as a Gaussian's ±σ.
        """

    @abstractmethod
    def quantiles(self, d: int, shares: Floats) -> Floats:
        """The values of latent d below which the first row's law puts these shares."""

    @abstractmethod
    def representatives(self, n: int, seed: int) -> Array:
        """Codes ``(m, D)``, m at most n, that show how all are distributed, at the cost of a draw."""

    @property
    def is_gaussian(self) -> bool:
        """Whether each latent is a Gaussian by itself, of which mean and deviation say all."""
        return False

    @property
    def is_standard(self) -> bool:
        """Whether it is N(0, I)."""
        return False

    def nearest(self, z: Array) -> Array:
        """The nearest codes that there are: z itself, unless codes lie on a codebook's points alone."""
        return z

    def log_density(self, z: Array) -> Floats | None:
        """log p(z) of codes ``(n, D)``, row by row of y where there are such; None where there is no density."""
        return None


class PriorLaw(Law):
    """A model's own prior, p(z) or p(z|y)."""

    def __init__(self, model: LatentVariableModel, context: Tensor | None) -> None:
        self.device = next(model.parameters()).device
        with torch.inference_mode():
            self.p = self.one = model.codes_given(context)
            self.laws = self.p.batch_shape[0] if self.p.batch_shape else 1
            # Rows of y that are all alike have one law, whose moments must not depend on how many they are.
            if context is not None and self.laws > 1 and bool((context == context[:1]).all()):
                self.one = model.codes_given(context[:1])

    @torch.inference_mode()
    def sample(self, n: int, generator: torch.Generator, seed: int) -> Array:
        if self.laws not in (1, n):
            raise ValueError(f"these are {self.laws} laws, one for each row of y, so that n is {self.laws} and not {n}")
        drawn = draw(self.p, (n,) if self.laws == 1 else (), generator)
        codes: Array = drawn.cpu().numpy().astype(np.float32, copy=False)
        return codes.reshape(n, -1)

    def representatives(self, n: int, seed: int) -> Array:
        return self.sample(n, torch.Generator(self.device).manual_seed(seed), seed)

    @torch.inference_mode()
    def moments(self) -> tuple[Floats, Floats]:
        mean, deviation = (part.double() for part in moments(self.one))
        deviation = deviation.expand_as(mean)
        if not bool((mean.isfinite() & deviation.isfinite()).all()):
            shares = torch.tensor([0.5 - ONE_SIGMA / 2, 0.5, 0.5 + ONE_SIGMA / 2], dtype=torch.float64)
            each = [quantiles(self.one, d, shares).double() for d in range(mean.shape[-1])]
            low, middle, high = torch.stack(each, -1)
            mean, deviation = middle, (high - low) / 2
        found = (np.atleast_2d(part.cpu().numpy()) for part in (mean, deviation))
        centre, spread = (part if self.one is self.p else part.repeat(self.laws, axis=0) for part in found)
        return centre, spread

    @torch.inference_mode()
    def quantiles(self, d: int, shares: Floats) -> Floats:
        found = quantiles(self.p, d, torch.from_numpy(np.atleast_1d(shares).astype(np.float64)))
        return found.reshape(len(found), -1)[:, 0].double().cpu().numpy()

    @property
    def is_gaussian(self) -> bool:
        return as_gaussian(self.p) is not None

    @property
    def is_standard(self) -> bool:
        if not self.is_gaussian:  # whose moments may take 20,000 draws
            return False
        mean, deviation = self.moments()
        return bool((mean == 0.0).all() and (deviation == 1.0).all())

    @torch.inference_mode()
    def nearest(self, z: Array) -> Array:
        found: Array = nearest(self.p, self._tensor(z)).cpu().numpy()
        return found.astype(z.dtype, copy=False)

    @torch.inference_mode()
    def log_density(self, z: Array) -> Floats | None:
        given, inside = self._tensor(z), torch.ones(len(z), dtype=torch.bool, device=self.device)
        with contextlib.suppress(NotImplementedError):  # a law that doesn't say where it lies
            support: Any = self.p.support
            inside = support.check(given).reshape(len(z), -1).all(dim=1)
        if not bool(inside.all()):  # where the density is 0, PyTorch raises
            given = torch.where(inside[:, None], given, self._tensor(self.representatives(len(z), 0)))
        found = log_density(self.p, given)
        return None if found is None else found.double().where(inside, -torch.inf).cpu().numpy()

    def _tensor(self, z: Array) -> Tensor:
        return torch.from_numpy(np.array(z, dtype=np.float32)).to(self.device)


class CodesLaw(Law):
    """The codes of training rows, where an auto-encoder says nothing of how they are distributed.

    Moments and quantiles are theirs; draws come from a Gaussian mixture fitted to them.
    """

    def __init__(self, codes: NDArray[np.float32], seed: int) -> None:
        self.codes, self.seed = codes, seed

    @cached_property
    def mixture(self) -> Any:
        """A Gaussian mixture over the codes: up to ten components with full covariances.

        An auto-encoder's objective says nothing of how codes are distributed, so noise from N(0, I) decodes to nothing
        in particular; codes from a density fitted afterwards lie where the decoder has been trained.

        Source: *From variational to deterministic autoencoders*, P. Ghosh et al., ICLR 2020.
        """
        from sklearn.mixture import GaussianMixture  # a third of a second, for those who sample an auto-encoder only

        different, width = len(np.unique(self.codes, axis=0)), self.codes.shape[1]
        codes = self.codes.astype(np.float64)
        components = int(np.clip(different // (2 * width + 2), 1, 10))
        # Codes far from 0 that hardly differ have a spread of no more than what they are rounded by.
        spread = max(float(codes.var(axis=0).mean()), 1e-8, (ROUNDED * float(np.abs(codes).max())) ** 2)
        made = GaussianMixture(components, random_state=self.seed, reg_covar=1e-4 * spread, max_iter=200)
        return made.fit(codes)

    def sample(self, n: int, generator: torch.Generator, seed: int) -> Array:
        mixture = self.mixture
        # GaussianMixture.sample returns its draws sorted by component, and other ones for another n.
        components = np.random.default_rng([seed, 0]).choice(len(mixture.weights_), size=n, p=mixture.weights_)
        noise = np.random.default_rng([seed, 1]).standard_normal((n, mixture.means_.shape[1]))
        roots = np.linalg.cholesky(mixture.covariances_)
        drawn: Array = mixture.means_[components] + np.einsum("nij,nj->ni", roots[components], noise)
        return drawn

    def representatives(self, n: int, seed: int) -> Array:
        # Training codes themselves: to fit the mixture takes seconds.
        rows = len(self.codes)
        return self.codes[np.linspace(0, rows - 1, min(n, rows)).round().astype(np.intp)]

    def moments(self) -> tuple[Floats, Floats]:
        codes = self.codes.astype(np.float64)
        return codes.mean(axis=0)[None], codes.std(axis=0)[None]

    def quantiles(self, d: int, shares: Floats) -> Floats:
        found: Floats = np.quantile(self.codes[:, d].astype(np.float64), shares)
        # Codes that are all alike have no quantiles to tell apart.
        return found if np.ptp(found) > 0 else np.linspace(found[0] - 0.5, found[-1] + 0.5, len(shares))
