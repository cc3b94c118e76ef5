"""Does what was composed fit together? Asked of a few rows before the training, which would be lost with the answer."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions import draw, noise_shape, summary
from aevum.errors import InputError
from aevum.objectives import Scored, Terms
from aevum.storage import one_line

# Whose errors are no fault of what composes them: the last line outside of these is named.
LIBRARIES = frozenset({"aevum", "torch", "zuko", *sys.stdlib_module_names})
ROWS = 3


def rehearse(scored: Scored, x: Tensor, y: Tensor | None, kind: type[Any], generator: torch.Generator) -> None:
    """Run every part once on a few encoded rows, in evaluation mode, and look at the shapes of what comes.

    Args:
        scored: model and objective, not trained.
        x, y: some training rows.
        kind: the estimator's class.
        generator: of the draws, which nothing else is drawn by.

    Raises:
        InputError: a part fails, or gives what the rest can't work with; says which and what would do.
    """
    x, y = x[:ROWS], None if y is None else y[:ROWS]
    was = scored.training
    scored.eval()
    try:
        # As the loop does for validation.
        with torch.enable_grad() if scored.needs_grad else torch.no_grad():
            _check(scored, x, y, kind, generator)
    except InputError:
        raise
    except Exception as error:  # whatever a user's part may raise
        raise InputError(f"{kind.__name__} can't be trained as it is composed: {account_of(error)}") from error
    finally:
        scored.train(was)


def _check(scored: Scored, x: Tensor, y: Tensor | None, kind: type[Any], generator: torch.Generator) -> None:
    model, n = scored.model, len(x)
    q = model.infer(x, y)
    _is_law(q, "posterior", [(n,)], kind)
    width = q.event_shape[0]
    z = draw(q, (), generator)
    if kind.has_density:  # scores draw by noise
        draw(q, (2,), noise=torch.zeros(2, n, *noise_shape(q), device=x.device))
    for part in summary(q):
        _has_shape(part, (n, width), "the summary of the posterior", kind)
    if kind.can_sample:
        p = model.codes_given(y)
        _is_law(p, "prior", [(), (1,)] if y is None else [(), (1,), (n,)], kind)
        if p.event_shape[0] != width:
            raise InputError(
                f"{kind.__name__}: the prior is over {p.event_shape[0]} latents, the posterior over {width}"
            )
    found = model.examples_given(z, y)
    if found.batch_shape != (n,) or found.event_shape != x.shape[1:]:
        raise InputError(
            f"{kind.__name__}: the likelihood at {n} codes has batch {tuple(found.batch_shape)} and event "
            f"{tuple(found.event_shape)}; expected ({n},) and {tuple(x.shape[1:])}"
        )
    terms = scored(x, y, 1.0, generator)
    if not isinstance(terms, Terms):
        raise InputError(
            f"{kind.__name__}: the objective returns a {type(terms).__name__}; expected Terms(loss, distortion, rate)"
        )
    for name, value in {**terms._asdict(), **terms.extras, "selection": scored.selection(terms)}.items():
        if name != "extras":
            _has_shape(value, (n,), f"the objective's {name}", kind)
    with torch.enable_grad():
        for opponent in scored.opponents():
            _has_shape(opponent.loss(x, y, generator), (n,), "an opponent's loss", kind)


def _is_law(p: Distribution, what: str, batches: list[tuple[int, ...]], kind: type[Any]) -> None:
    if len(p.event_shape) != 1 or tuple(p.batch_shape) not in batches:
        raise InputError(
            f"{kind.__name__}: the {what} of a few rows is a {type(p).__name__} with batch {tuple(p.batch_shape)} and "
            f"event {tuple(p.event_shape)}; expected batch {' or '.join(map(str, batches))} and an event (latents,)"
        )


def _has_shape(value: object, shape: tuple[int, ...], what: str, kind: type[Any]) -> None:
    if not isinstance(value, Tensor) or tuple(value.shape) != shape:
        found = f"a tensor {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise InputError(f"{kind.__name__}: {what} of {shape[0]} rows is {found}; expected a tensor {shape}")


def account_of(error: BaseException) -> str:
    """What a part raised, and where: "KeyError in WidePrior.__init__ (wide.py, line 18): 'no such thing'"."""
    place = place_of(error)
    return f"{type(error).__name__}{f' in {place}' if place else ''}: {one_line(error)}"


def place_of(error: BaseException) -> str:
    """Where in a user's own code an error arose, "WidePrior.__init__ (wide.py, line 18)"; empty for elsewhere."""
    own = [
        f"{frame.f_code.co_qualname} ({Path(frame.f_code.co_filename).name}, line {line})"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in LIBRARIES
    ]
    return own[-1] if own else ""
