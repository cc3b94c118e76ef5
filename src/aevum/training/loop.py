"""The training loop. It knows no model: it sees parameters, an objective, and rows by index."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from aevum.data.source import Source
from aevum.errors import TrainingError
from aevum.objectives import Terms
from aevum.training.randomness import Randomness, order_of
from aevum.training.robust import held_mean
from aevum.training.schedules import one_cycle
from aevum.training.settings import Progress, Settings

Record = dict[str, Any]
Score = Callable[[Tensor, Tensor | None, float, torch.Generator], Terms]
TERMS = ("loss", "distortion", "rate")


def train(
    model: nn.Module,
    score: Score,
    source: Source,
    validation: Source | None,
    settings: Settings,
    callbacks: Sequence[Callable[[Record], object]] = (),
    history: list[Record] | None = None,
) -> list[Record]:
    """Minimise the mean of ``score(x, y, beta, generator).loss`` over the source; the model ends with its best weights.

    The same seed gives the same weights on the same machine: the order is a function of (seed, epoch), and every draw
    of a step (noise, dropout, binarization) of (seed, epoch, step). PyTorch's own generators are left as they were.

    The best epoch is the one with the least ``validation_held``: the mean loss of the validation rows with each held
    near the others (:func:`~aevum.training.robust.held_mean`), so that one far row decides nothing.

    Args:
        model: its parameters are trained in place.
        score: ``(x, y, beta, generator) ↦ Terms``.
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
    best: tuple[float, dict[str, Tensor]] = (math.inf, copy.deepcopy(model.state_dict()))
    device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(
        model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=device.type != "mps"
    )
    state = Progress(settings, len(source))
    randomness = Randomness(device, settings.shared_draws)
    try:
        for epoch in range(1, settings.epochs + 1):
            record = one_epoch(model, score, source, optimizer, state, epoch, randomness)
            target = record["loss"]
            if validation is not None:
                record.update(evaluate(model, score, validation, settings, randomness))
                target = record["validation_held"]
            # Until β has reached its value the losses of two epochs are not comparable; without validation rows,
            # or while none of them has a finite loss, the last weights are kept: no step that was not finite
            # has changed them.
            if validation is None or state.warming_up() or target < best[0] or not math.isfinite(best[0]):
                finite = math.isfinite(target) and not state.warming_up()
                best = (target if finite else math.inf, copy.deepcopy(model.state_dict()))
                state.best_epoch = epoch
            record["best_epoch"] = state.best_epoch
            history.append(record)
            stops = [callback(dict(record)) for callback in callbacks]  # each is called, whatever the others say
            waited = epoch - state.best_epoch
            if any(stops) or (validation is not None and waited >= (settings.patience or math.inf)):
                break
    except KeyboardInterrupt:
        if not state.good:
            raise
        if not state.best_epoch:  # the first epoch was cut short: what it learned so far is all there is
            best = (math.inf, model.state_dict())
        history.append({"epoch": len(history) + 1, "interrupted": True})
    except TrainingError as error:
        error.history = history
        raise
    finally:
        try:
            model.load_state_dict(best[1])
        except KeyboardInterrupt:  # some of these weights and some of those are no model
            model.load_state_dict(best[1])
            raise
        finally:
            model.eval()
    if not state.good:
        hopeless = TrainingError("loss or gradient was not finite in every step: nothing was learned; rescale the data")
        hopeless.history = []
        raise hopeless
    return history


def one_epoch(
    model: nn.Module,
    score: Score,
    source: Source,
    optimizer: torch.optim.Optimizer,
    state: Progress,
    epoch: int,
    randomness: Randomness,
) -> Record:
    """One pass over the source in a new order; its record."""
    settings, started = state.settings, time.perf_counter()
    model.train()
    device = randomness.generator.device
    order = order_of(len(source), settings.seed, epoch).to(device)
    sums, counted, skipped = torch.zeros(3, dtype=torch.float64), 0, 0
    # tensor_split makes batches of equal size ± 1: no last batch of one row, and no row left out.
    for step, indices in enumerate(torch.tensor_split(order, state.steps_per_epoch)):
        generator = randomness.at(settings.seed, epoch, step)
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * one_cycle(state.t, settings.warmup)
        x, y = source.take(indices, generator)
        with torch.autocast(device.type, settings.dtype, enabled=settings.dtype is not None), randomness.lent():
            terms = score(x, y, state.beta, generator)
        optimizer.zero_grad(set_to_none=True)
        terms.loss.mean().backward()  # type: ignore[no-untyped-call]
        total = torch.stack([term.detach().double().sum() for term in terms]).cpu()
        if clip_gradients(model, state, float(total[0])):
            optimizer.step()
            sums += total
            counted += len(indices)
        else:
            skipped += 1
            if state.bad >= settings.tolerated:
                raise TrainingError(
                    f"loss or gradient was not finite for {state.bad} steps in a row in epoch {epoch}; "
                    f"{state.kept()}. Try a lower learning_rate (now {settings.learning_rate:g}) or scale the data"
                )
        state.done += 1
    means = (sums / counted).tolist() if counted else [math.nan] * 3
    return {
        "epoch": epoch,
        "step": state.done,
        **in_units(means, settings.offset),
        "beta": state.beta,
        "learning_rate": optimizer.param_groups[0]["lr"],
        "skipped_steps": skipped,
        "seconds": time.perf_counter() - started,
    }


def clip_gradients(model: nn.Module, state: Progress, loss: float) -> bool:
    """Clip to a multiple of the running mean norm; False where loss or gradient are not finite: a step to skip."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    # get_total_norm first sorts the gradients by device and type, which takes longer than the norms themselves.
    norm = torch.linalg.vector_norm(torch.stack([g.norm() for g in gradients]))
    value = float(norm)
    if not (math.isfinite(value) and math.isfinite(loss)):
        state.bad += 1
        return False
    state.bad = 0
    state.good += 1
    if state.norm and value > state.settings.clip * state.norm:
        torch.nn.utils.clip_grads_with_norm_(list(model.parameters()), state.settings.clip * state.norm, norm)
        value = state.settings.clip * state.norm
    state.norm = value if not state.norm else 0.98 * state.norm + 0.02 * value
    return True


@torch.inference_mode()
def evaluate(
    model: nn.Module, score: Score, source: Source, settings: Settings, randomness: Randomness
) -> dict[str, float]:
    """Means of the terms at the final β, in float32, with the same draws every time; and what chooses the epoch."""
    model.eval()
    generator = randomness.at(settings.seed)
    found = []
    order = torch.arange(len(source), device=generator.device)
    for indices in torch.split(order, max(settings.batch_size, 500)):
        with randomness.lent():
            terms = score(*source.take(indices, generator), settings.beta, generator)
        found.append(torch.stack([term.double() for term in terms]).cpu())
    rows = torch.cat(found, dim=1)
    means = in_units(rows.mean(dim=1).tolist(), settings.offset)
    held = held_mean(rows[0]) + settings.offset
    return {**{f"validation_{name}": value for name, value in means.items()}, "validation_held": held}


def in_units(means: Sequence[float], offset: float) -> dict[str, float]:
    """Loss, distortion and rate in the data's units: a change of units moves the distortion alone."""
    return dict(zip(TERMS, (means[0] + offset, means[1] + offset, means[2]), strict=True))
