"""The training loop. It knows no model: it sees a module that scores rows, and rows by index."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from aevum.data.source import Source
from aevum.errors import TrainingError
from aevum.objectives import Opponent, Terms
from aevum.training.groups import Group
from aevum.training.kept import Kept
from aevum.training.randomness import Randomness, order_of
from aevum.training.robust import clearly_less, held_mean
from aevum.training.settings import Progress, Settings
from aevum.training.sums import Sums

Record = dict[str, Any]


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

    Returns:
        One plain record an epoch.

    Raises:
        TrainingError: loss or gradient were not finite ``tolerated`` steps in a row; the model then holds the last
            good weights, and the error's ``history`` the records so far.
    """
    history = [] if history is None else history
    kept = Kept(scored)
    own, opponents = groups_of(scored, settings)
    state = Progress(settings, len(source))
    randomness = Randomness(next(scored.parameters()).device, settings.shared_draws)
    begun: Tensor | None = None
    start: Record = {}
    try:
        try:
            if validation is not None and settings.start_gain is not None:
                found, begun = evaluate(scored, validation, settings, randomness)
                kept.loss = found["validation_held"]
                start = {"validation_begun": kept.loss}
            for epoch in range(1, settings.epochs + 1):
                record = one_epoch(scored, source, own, opponents, state, epoch, randomness)
                with own.averaged():
                    target = record["loss"]
                    if validation is not None:
                        found, losses = evaluate(scored, validation, settings, randomness)
                        record.update(found, **(start if epoch == 1 else {}))
                        # What is no better than the start but by chance is no better.
                        gained = losses + (settings.start_gain or 0.0)
                        better = begun is None or clearly_less(gained, begun, validation.weights)
                        target = found["validation_held"] if better else math.inf
                    # Until β has reached its value the losses of two epochs are not comparable; without validation
                    # rows, or while none of them has a finite loss, the last weights are kept: no step that was not
                    # finite has changed them.
                    if validation is None or state.warming_up() or target < kept.loss or not math.isfinite(kept.loss):
                        kept.keep(math.inf if state.warming_up() or not math.isfinite(target) else target)
                        state.best_epoch = epoch
                    record["best_epoch"] = state.best_epoch
                    history.append(record)
                    stops = [callback(dict(record)) for callback in callbacks]  # each, whatever the others say
                waited = epoch - state.best_epoch
                if any(stops) or (validation is not None and waited >= (settings.patience or math.inf)):
                    break
        except KeyboardInterrupt:
            if not own.good:
                raise
            if not state.best_epoch and begun is None:  # the first epoch was cut short: what it learned is all there is
                with own.averaged():
                    kept.keep(math.inf)
            history.append({"epoch": len(history) + 1, "interrupted": True})
        except TrainingError as error:
            error.history = history
            raise
        finally:
            kept.restore()
    except KeyboardInterrupt:  # one that came in the last lines: some of these weights and some of those are no model
        kept.restore()
        raise
    if not own.good:
        hopeless = TrainingError("loss or gradient was not finite in every step: nothing was learned; rescale the data")
        hopeless.history = []
        raise hopeless
    return history


def groups_of(scored: Trainable, settings: Settings) -> tuple[Group, list[tuple[Opponent, Group]]]:
    """The model's own parameters, and each opponent with its own."""
    opponents = scored.opponents()
    taken = {id(p) for opponent in opponents for p in opponent.module.parameters()}
    own = [p for p in scored.parameters() if id(p) not in taken]
    return Group(own, settings), [
        (opponent, Group(list(opponent.module.parameters()), settings, opponent.learning_rate))
        for opponent in opponents
    ]


def one_epoch(
    scored: Trainable,
    source: Source,
    own: Group,
    opponents: Sequence[tuple[Opponent, Group]],
    state: Progress,
    epoch: int,
    randomness: Randomness,
) -> Record:
    """One pass over the source in a new order; its record."""
    settings, started = state.settings, time.perf_counter()
    groups = [own, *(group for _, group in opponents)]
    scored.train()
    device = randomness.generator.device
    order = order_of(len(source), settings.seed, epoch).to(device)
    sums, counted, skipped = Sums(), 0.0, 0

    def context() -> AbstractContextManager[Any]:
        return torch.autocast(device.type, settings.dtype, enabled=settings.dtype is not None)

    # tensor_split makes batches of equal size ± 1: no last batch of one row, and no row left out.
    for step, indices in enumerate(torch.tensor_split(order, state.steps_per_epoch)):
        generator = randomness.at(settings.seed, epoch, step)
        for group in groups:
            group.set_rate(state.t)
        x, y = source.take(indices, generator)
        weights = None if source.weights is None else source.weights[indices]
        with context(), randomness.lent():
            terms = scored(x, y, state.beta, generator).weighted(weights)
        own.backward(terms.loss)
        total = sums.of(terms, len(indices))
        if own.step(float(total[0])):
            sums.add(total)
            counted += len(indices) if weights is None else float(weights.double().sum())
        else:
            skipped += 1
        for opponent, group in opponents:
            with context(), randomness.lent():
                loss = opponent.loss(x, y, generator)
            group.backward(loss if weights is None else loss * weights)
            group.step(float(loss.detach().double().sum()))
        if (bad := max(group.bad for group in groups)) >= settings.tolerated:
            raise TrainingError(
                f"loss or gradient was not finite for {bad} steps in a row in epoch {epoch}; "
                f"{state.kept()}. Try a lower learning_rate (now {settings.learning_rate:g}) or scale the data"
            )
        state.done += 1
    return {
        "epoch": epoch,
        "step": state.done,
        **sums.means(counted, settings.offset),
        "beta": state.beta,
        "learning_rate": own.rate,
        "skipped_steps": skipped,
        "seconds": time.perf_counter() - started,
    }


def evaluate(
    scored: Trainable, source: Source, settings: Settings, randomness: Randomness
) -> tuple[dict[str, float], Tensor]:
    """Means of the terms at the final β, in float32, with the same draws every time; and what chooses the epoch, in
    the mean and ``(N,)`` of the rows, each the mean over its draws.
    """
    scored.eval()
    generator = randomness.at(settings.seed)
    sums, chosen = Sums(), []
    draws = settings.validation_draws
    order = torch.arange(len(source), device=generator.device).repeat(draws)
    with torch.enable_grad() if scored.needs_grad else torch.inference_mode():
        for indices in torch.split(order, max(settings.batch_size, 500)):
            with randomness.lent():
                terms = scored(*source.take(indices, generator), settings.beta, generator)
            weights = None if source.weights is None else source.weights[indices]
            sums.add(sums.of(terms.weighted(weights), len(indices)))
            chosen.append(scored.selection(terms).detach().double().cpu())
    means = sums.means(len(order), settings.validation_offset)
    losses = torch.cat(chosen).reshape(draws, -1).mean(dim=0)
    held = held_mean(losses, source.weights) + settings.validation_offset
    return {**{f"validation_{name}": value for name, value in means.items()}, "validation_held": held}, losses
