"""The training loop. It knows no model: it sees a module that scores rows, and rows by index."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from aevum.data.source import Source
from aevum.errors import DataWarning, TrainingError
from aevum.objectives import Opponent, Terms
from aevum.training.checkpoints import Checkpoints
from aevum.training.robust import clearly_less, held_mean
from aevum.training.run import Part, Record, Run
from aevum.training.settings import Settings
from aevum.training.sums import Sums
from aevum.training.watch import Whole, unwatched


class Trainable(Protocol):
    """What the loop trains: a module that gives the terms of rows, such as :class:`aevum.objectives.Scored`."""

    @property
    def needs_grad(self) -> bool: ...

    def __call__(self, x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator) -> Terms: ...

    def selection(self, terms: Terms) -> Tensor: ...

    def opponents(self) -> Sequence[Opponent]: ...

    # What of a torch.nn.Module is asked for.

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any: ...

    def train(self) -> Any: ...

    def eval(self) -> Any: ...


def train(
    scored: Trainable,
    source: Source,
    validation: Source | None,
    settings: Settings,
    callbacks: Sequence[Callable[[Record], object]] = (),
    history: list[Record] | None = None,
    checkpoints: Checkpoints | None = None,
) -> list[Record]:
    """Minimise the mean loss of ``scored(x, y, beta, generator)`` over the source, its rows weighted where it says so;
    it ends with its best weights.

    The same seed gives the same weights on the same machine: the order is a function of (seed, epoch), and every draw
    of a step (noise, dropout, binarization) of (seed, epoch, step). PyTorch's own generators are left as they were.

    What is judged, shown to callbacks and kept is the mean of the weights (:class:`~aevum.training.groups.Group`).

    The best epoch is the one with the least ``validation_held``: the mean of the validation rows' ``selection`` (their
    loss, for most) with each held near the others (:func:`~aevum.training.robust.held_mean`), so that one far row
    decides nothing. With a ``start_gain`` the weights before the first step are kept, as those of epoch 0, unless
    an epoch's are better by more than one standard error and the gain; their ``validation_held`` is
    ``validation_begun`` of the first record. Each opponent takes a step of its own after each of the model's.

    Args:
        scored: a module as in :class:`Trainable`; its parameters are trained in place.
        source: the training rows.
        validation: the rows that choose the best epoch; None to keep the last.
        settings: see :class:`Settings`.
        callbacks: called with each epoch's record; a true result ends the run cleanly, as Ctrl-C does.
        history: the records are added to it as they are made: a Ctrl-C in the last lines, where nothing is trained any
            more, raises, and whoever holds the list knows then that the model is whole.
        checkpoints: where the run's state is written, and taken from where there is one: the run goes on from there
            with the same weights, bit for bit, as if nothing had happened.

    Returns:
        One plain record an epoch.

    Raises:
        TrainingError: loss or gradient were not finite ``tolerated`` steps in a row; the model then holds the last
            good weights, and the error's ``history`` the records so far. Fewer are skipped, with a warning that names
            the rows whose loss was not finite.
    """
    history = [] if history is None else history
    run = Run(scored, settings, len(source), history)
    watch = unwatched() if checkpoints is None else checkpoints.watching(run)
    try:
        try:
            with watch as whole:
                learn(run, source, validation, callbacks, whole)
        except KeyboardInterrupt:
            if not run.own.good:
                raise
            if not run.best_epoch and run.begun is None:  # the first epoch was cut short: it is all there is
                with run.own.averaged():
                    run.kept.keep(math.inf)
            history.append({"epoch": run.epoch, "interrupted": True})
        except TrainingError as error:
            error.history = history
            raise
        finally:
            run.kept.restore()
    except KeyboardInterrupt:  # one that came in the last lines: some of these weights and some of those are no model
        run.kept.restore()
        raise
    if not run.own.good:
        hopeless = TrainingError(
            f"loss or gradient was not finite in every step{run.named()}: nothing was learned; rescale the data"
        )
        hopeless.history = []
        raise hopeless
    if run.skipped:
        warnings.warn(
            f"{run.skipped} of {run.done} steps were skipped, since loss or gradient was not finite{run.named()}; "
            f"nothing was learned from them",
            DataWarning,
            stacklevel=2,
        )
    return history


def learn(
    run: Run,
    source: Source,
    validation: Source | None,
    callbacks: Sequence[Callable[[Record], object]],
    whole: Whole,
) -> None:
    """From where the run is to its end; what is done ``whole`` is not cut short by a first Ctrl-C."""
    settings = run.settings
    if validation is not None and settings.start_gain is not None and not run.done:
        found, run.begun = evaluate(run, validation)
        run.kept.loss = found["validation_held"]
        run.start = {"validation_begun": run.kept.loss}
    while not run.over and run.epoch <= settings.epochs:
        record = one_epoch(run, source, whole)
        with run.own.averaged():
            target = record["loss"]
            if validation is not None:
                found, losses = evaluate(run, validation)
                record.update(found, **(run.start if run.epoch == 1 else {}))
                # What is no better than the start but by chance is no better.
                gained = losses + (settings.start_gain or 0.0)
                better = run.begun is None or clearly_less(gained, run.begun, validation.weights)
                target = found["validation_held"] if better else math.inf
            with whole():
                # Until β has reached its value the losses of two epochs are not comparable; without validation rows, or
                # while none of them has a finite loss, the last weights are kept: no step that was not finite has
                # changed them.
                least = run.kept.loss
                if validation is None or run.warming_up() or target < least or not math.isfinite(least):
                    run.kept.keep(math.inf if run.warming_up() or not math.isfinite(target) else target)
                    run.best_epoch = run.epoch
                record["best_epoch"] = run.best_epoch
                run.history.append(record)
                run.over = validation is not None and run.waited()
            # Each, whatever the others say; of several processes the first shows and decides.
            stops = [callback(dict(record)) for callback in callbacks] if run.ranks.first else []
            over = run.ranks.agree(run.over or any(stops))
        with whole(epoch=True):
            run.over = over


def one_epoch(run: Run, source: Source, whole: Whole) -> Record:
    """What is left of a pass over the source in a new order; the epoch's record."""
    scored, settings, epoch = run.scored, run.settings, run.epoch
    scored.train()
    device = run.randomness.generator.device
    order = source.order(settings.seed, epoch).to(device)
    run.part = run.part if run.step else Part()
    before, started = run.part.seconds, time.perf_counter()
    for step in range(run.step, run.steps_per_epoch):
        indices = batch_of(order, step, run.steps_per_epoch)
        with whole():
            one_step(run, source, indices, run.randomness.at(settings.seed, epoch, step))
            run.part.seconds = before + time.perf_counter() - started
    return {
        "epoch": epoch,
        "step": run.done,
        **run.part.sums.means(run.part.counted, settings.offset),
        "beta": run.beta,
        "learning_rate": run.own.rate,
        "skipped_steps": run.part.skipped,
        "seconds": run.part.seconds,
    }


def batch_of(order: Tensor, step: int, steps: int) -> Tensor:
    """One of so many batches of equal size ± 1, the larger ones first: no last batch of one row, and no row left out.

    >>> [batch_of(torch.arange(7), step, 3).tolist() for step in range(3)]
    [[0, 1, 2], [3, 4], [5, 6]]
    """
    size, larger = divmod(len(order), steps)
    start = step * size + min(step, larger)
    return order[start : start + size + (step < larger)]


def one_step(run: Run, source: Source, indices: Tensor, generator: torch.Generator) -> None:
    """A step of the model's, and one of each opponent's."""
    settings, part, groups = run.settings, run.part, run.groups

    def context() -> AbstractContextManager[Any]:
        return torch.autocast(generator.device.type, settings.dtype, enabled=settings.dtype is not None)

    for group in groups:
        group.set_rate(run.t)
    with run.ranks.share(indices) as (own, count), run.shared():
        x, y = source.take(own, generator)
        weights = None if source.weights is None else source.weights[own]
        with context(), run.randomness.lent():
            terms = run.scored(x, y, run.beta, generator).weighted(weights).first(count)
        run.own.backward(terms.loss, run.ranks, len(indices))
        total = part.sums.of(terms, count)
        run.summed(total)
        if run.own.step(float(total[0])):
            part.sums.add(total)
            part.counted += len(indices) if source.weights is None else float(source.weights[indices].double().sum())
        else:
            run.skip(source.numbers(own[:count][~terms.loss.detach().isfinite().to(own.device)]))
        for opponent, group in run.opponents:
            with context(), run.randomness.lent():
                loss = opponent.loss(x, y, generator)
            group.backward((loss if weights is None else loss * weights)[:count], run.ranks, len(indices))
            summed = loss[:count].detach().double().sum()
            run.ranks.add([summed])
            group.step(float(summed))
    if (bad := max(group.bad for group in groups)) >= settings.tolerated:
        raise TrainingError(
            f"loss or gradient was not finite for {bad} steps in a row in epoch {run.epoch}{run.named()}; "
            f"{run.remains()}. Try a lower learning_rate (now {settings.learning_rate:g}) or scale the data"
        )
    run.done += 1


def evaluate(run: Run, source: Source) -> tuple[dict[str, float], Tensor]:
    """Means of the terms at the final β, in float32, with the same draws every time; and what chooses the epoch, in
    the mean and ``(N,)`` of the rows, each the mean over its draws.
    """
    scored, settings, ranks = run.scored, run.settings, run.ranks
    scored.eval()
    generator = run.randomness.at(settings.seed)
    draws = settings.validation_draws
    order = torch.arange(len(source), device=generator.device).repeat(draws)
    sums, chosen = Sums(), torch.zeros(len(order), dtype=torch.float64)
    places = torch.arange(len(order))
    with torch.enable_grad() if scored.needs_grad else torch.inference_mode():
        for some in torch.split(places, max(settings.batch_size, 500)):
            with ranks.share(some) as (own, count), run.randomness.lent():
                indices = order[own.to(order.device)]
                terms = scored(*source.take(indices, generator), settings.beta, generator)
                weights = None if source.weights is None else source.weights[indices]
                sums.add(sums.of(terms.weighted(weights).first(count), count))
                chosen[own[:count]] = scored.selection(terms)[:count].detach().double().cpu()
        ranks.add([chosen, *([sums.total] if isinstance(sums.total, Tensor) else [])])
    means = sums.means(len(order), settings.validation_offset)
    losses = chosen.reshape(draws, -1).mean(dim=0)
    held = held_mean(losses, source.weights) + settings.validation_offset
    return {**{f"validation_{name}": value for name, value in means.items()}, "validation_held": held}, losses
