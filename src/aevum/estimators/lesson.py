"""A copy of a fitted model that goes on learning from its weights, a step at a time, under a β of one's choice."""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.data.keyed import counted_seed
from aevum.distributions import lent_to_global
from aevum.errors import InputError
from aevum.estimators.given import Given
from aevum.estimators.going_on import all_of, budget_of
from aevum.estimators.running import scoring
from aevum.fitted.decoding import decoded, mean_of
from aevum.fitted.inside import posterior_of
from aevum.fitted.pulls import HALF, Pulls, Terms, mean_terms, pulls
from aevum.fitted.scoring import drawn_codes
from aevum.model import LatentVariableModel
from aevum.objectives import Reconstruction, Scored
from aevum.posteriors import WithoutNoise
from aevum.training import Settings, constant
from aevum.training.loop import batch_of, one_step
from aevum.training.run import Part, Run

Array = NDArray[Any]
# Weights of a model, of which a lesson holds five copies: its own, those of the start, gradients and two moments.
MOST_WEIGHTS = 2**23
# So many of its rows are scored at each look, fewer where they have more values than these in all, and so many of them
# show how they are pulled.
MOST_SCORED, FEWEST_SCORED, SCORED_VALUES, PULLED = 512, 64, 2**18, 48
# Rows, and values of theirs, that are looked at before the next pause.
AT_ONCE, VALUES_AT_ONCE = 512, 2**17


class Look(NamedTuple):
    """What a lesson has come to.

    Attributes:
        terms: of the first rows, means in nats and the data's units.
        mean, deviation: of q(z|x,y), ``(N, D)``: of every row where the pulls were asked for, else of those first rows.
        pulls: on the first rows, where they were asked for.
    """

    terms: Terms
    mean: Array
    deviation: Array
    pulls: Pulls | None


class Lesson:
    r"""A fitted model that learns on, in a copy: the objective, the batches, the optimizer and the loop are those of
    its fit, at the constant peak of its learning rate and without a mean of the weights, so that each step is seen.

    A step minimises :math:`D + \beta R` (of another objective, what it makes of β). Without the noise it minimises
    :math:`-\log p(x | z_0(x))` with the code :math:`z_0` that ε = 0 gives: an auto-encoder of the same networks.

    Args:
        estimator: a fitted one; it stays as it is.
        X: the rows to learn from, few enough to be encoded at each look.
        y: what they are conditioned on, for a conditional model.
        seed: that all draws are a function of.

    Attributes:
        estimator: the copy, which can do all that the fitted one can.
        weighs_rate: whether β changes the loss.
        has_noise: whether the posterior has noise that can be taken away.
        step: how many steps were made.
        steps_per_epoch: how many go once over the rows.

    Raises:
        InputError: the rows can't be read, or the model can't go on: says why.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=2, random_state=0).fit(digits)
        >>> lesson = Lesson(vae, digits.x[:256])
        >>> before = lesson.look().deviation.mean()
        >>> for _ in range(40):
        ...     lesson.learn(beta=0.0)
        >>> lesson.step, bool(lesson.look().deviation.mean() < before)
        (40, True)
    """

    @torch.inference_mode(False)
    @torch.enable_grad()
    def __init__(self, estimator: Any, X: Any, y: Any = None, *, seed: int = 0) -> None:
        posterior = posterior_of(estimator.fitted_)
        if posterior is None:
            raise InputError("a draw of this model's posterior is no known function of noise, so it can't be looked at")
        self.estimator = copy.copy(estimator)
        self.estimator.callbacks, self.estimator.fitted_ = None, estimator.fitted_.on_processor()
        self.x, self.context = self.estimator._read_for_score(X, y)
        data = all_of(Given(self.x, self.context))
        budget = replace(budget_of(self.estimator, data), epochs=1, patience=None)
        budget = replace(budget, batch_size=min(budget.batch_size, len(self.x)))
        with scoring(self.estimator, data, budget, None, again=True) as (scored, sources, settings):
            self.source = sources[0]
        self.scored, self.settings = scored, _settings(settings, seed)
        self.weighs_rate = _weighs_rate(scored, self.source, self.settings)
        self.silent = _silent(scored) if posterior[0] != "point" else None
        self.run = Run(scored, self.settings, len(self.x), [])
        self._order = torch.arange(0)
        self._at_once = max(1, min(AT_ONCE, VALUES_AT_ONCE // math.prod(self.x.shape[1:])))

    @property
    def has_noise(self) -> bool:
        return self.silent is not None

    @property
    def scored_rows(self) -> int:
        """How many of the rows, the first, are scored at each look."""
        most: int = max(FEWEST_SCORED, min(MOST_SCORED, SCORED_VALUES // math.prod(self.x.shape[1:])))
        return min(most, len(self.x))

    @property
    def step(self) -> int:
        return self.run.done

    @property
    def steps_per_epoch(self) -> int:
        return self.run.steps_per_epoch

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.settings.learning_rate

    @torch.inference_mode(False)
    @torch.enable_grad()
    def learn(self, beta: float, *, noisy: bool = True) -> None:
        """One step of the optimizer.

        Args:
            beta: weight of the rate, at least 0.
            noisy: whether the posterior has its noise.

        Raises:
            TrainingError: loss or gradient were not finite in several steps in a row.
        """
        run = self.run
        run.settings = replace(self.settings, beta=float(beta))
        run.scored = self.scored if noisy or self.silent is None else self.silent
        if run.step == 0:
            self._order = self.source.order(self.settings.seed, run.epoch)
        rows = batch_of(self._order, run.step, run.steps_per_epoch)
        run.scored.train()
        one_step(run, self.source, rows, run.randomness.at(self.settings.seed, run.epoch, run.step))
        if run.step == run.steps_per_epoch:
            run.history.append({"epoch": run.epoch})
            run.part = Part()

    def looking(self, beta: float = 1.0, *, noisy: bool = True, pulled: bool = False) -> Generator[None, None, Look]:
        """What it has come to, with a pause wherever it takes long."""
        fitted, size = self.estimator.fitted_, self._at_once
        scored, encoded, found = [], [], []
        for part in _parts(self.scored_rows, size):
            rows = self.x[part]
            scored.append((len(rows), mean_terms(fitted, rows, _rows(self.context, part))))
            yield
        for part in _parts(len(self.x) if pulled else self.scored_rows, size):
            encoded.append(self.estimator._encoded(self.x[part], _rows(self.context, part)))
            yield
        for part in _parts(min(PULLED, len(self.x)) if pulled else 0, max(1, size // (2 * HALF))):
            found.append(pulls(fitted, self.x[part], _rows(self.context, part), noisy=noisy))
            yield
        mean, deviation = (np.concatenate(each) for each in zip(*encoded, strict=True))
        if not pulled:
            return Look(_mean(scored), mean, deviation, None)
        rate, distortion = (np.concatenate(each) for each in zip(*found, strict=True))
        return Look(_mean(scored), mean, deviation, Pulls(beta * rate, distortion))

    def look(self, beta: float = 1.0, *, noisy: bool = True, pulled: bool = False) -> Look:
        """What it has come to, at once; with ``pulled``, how rate (times β) and distortion pull at the first rows."""
        work = self.looking(beta, noisy=noisy, pulled=pulled)
        while True:
            try:
                next(work)
            except StopIteration as end:
                found: Look = end.value
                return found

    def made(self, rows: slice, *, noisy: bool) -> Array:
        """What the first rows' codes decode to, in the data's units: their codes at ε = 0, or by a draw of ε, the same
        each time.
        """
        fitted, x, context = self.estimator.fitted_, self.x[rows], _rows(self.context, rows)
        codes = drawn_codes(fitted, x, context, 0)[0] if noisy else self.estimator._encoded(x, context)[0]
        return decoded(fitted, codes.astype(np.float32), context, mean_of, False, x)


def _parts(rows: int, size: int) -> Iterator[slice]:
    return (slice(start, min(rows, start + size)) for start in range(0, rows, size))


def _mean(parts: Sequence[tuple[int, Terms]]) -> Terms:
    """The terms of all rows from those of parts, of so many rows each."""
    counts = np.array([count for count, _ in parts], np.float64)
    distortion, rate, still = (counts / counts.sum() @ np.array([terms for _, terms in parts])).tolist()
    return Terms(distortion, rate, still)


def _rows(context: Array | None, rows: slice) -> Array | None:
    return None if context is None else context[rows]


def _settings(settings: Settings, seed: int) -> Settings:
    """As one fits, but without an end in sight."""
    return replace(
        settings, seed=counted_seed(settings.seed, 13, seed), schedule=constant, kl_warmup=0.0, averaging=None
    )


def _weighs_rate(scored: Scored, source: Any, settings: Settings) -> bool:
    """Whether another β makes another loss."""
    generator = torch.Generator(source.device).manual_seed(0)
    with lent_to_global(generator if settings.shared_draws else None):
        scored.eval()
        x, y = source.take(torch.arange(min(3, len(source)), device=source.device), generator)
        losses = []
        for beta in (0.0, 1.0):
            generator.manual_seed(0)
            losses.append(scored(x, y, beta, generator).loss.detach())
    return not torch.equal(*losses)


def _silent(scored: Scored) -> Scored:
    """The same networks as an auto-encoder."""
    model = LatentVariableModel(WithoutNoise(scored.model.posterior), None, scored.model.likelihood)
    model.view = scored.model.view
    return Scored(model, Reconstruction())
