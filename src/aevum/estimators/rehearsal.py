"""Does what was composed fit together? Asked of a few rows before the training, which would be lost with the answer."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, constraints

from aevum.distributions import draw, moments, noise_shape, summary
from aevum.errors import InputError
from aevum.objectives import Scored, Terms
from aevum.storage import one_line
from aevum.training.sums import KEPT_NAMES

# Whose errors are no fault of what composes them: the last line outside of these is named.
LIBRARIES = frozenset({"aevum", "torch", "zuko", *sys.stdlib_module_names})
ROWS = 3
# Draws of a prior whose moments are counted: enough to see that it is drawn by noise.
FEW = 8


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
        with blamed(kind, "be trained as it is composed"):
            # As the loop does for validation, and for training.
            with torch.enable_grad() if scored.needs_grad else torch.no_grad():
                _check(scored, x, y, kind, generator)
            with torch.enable_grad():
                _check_gradients(scored, x, y, kind, generator)
    finally:
        scored.train(was)


@contextmanager
def blamed(kind: type[Any], what: str) -> Iterator[None]:
    """Whatever a part of the user's own raises, as one sentence that names the part.

    Raises:
        InputError: "WidePrior can't be composed: KeyError in …".
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # whatever a user's part may raise
        raise InputError(f"{kind.__name__} can't {what}: {account_of(error)}") from error


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
        moments(p, counted=FEW)  # walks, sliders and reports ask for it
        if kind.has_density:
            _share_space(q, p, kind)
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
    if taken := KEPT_NAMES & set(terms.extras):
        raise InputError(f"{kind.__name__}: an objective's extra can't be called {taken.pop()!r}: a record has that")
    if bool(scored.selection(terms).isnan().all()) and not bool(terms.loss.isnan().any()):
        raise InputError(f"{kind.__name__}: the objective's selection, which chooses the best epoch, is not a number")


def _check_gradients(scored: Scored, x: Tensor, y: Tensor | None, kind: type[Any], generator: torch.Generator) -> None:
    """Each loss reaches what it is to teach."""
    if not scored(x, y, 1.0, generator).loss.requires_grad:
        raise InputError(f"{kind.__name__}: the objective's loss reaches no parameter of the model; is it detached?")
    for opponent in scored.opponents():
        loss = opponent.loss(x, y, generator)
        _has_shape(loss, (len(x),), "an opponent's loss", kind)
        if not loss.requires_grad:
            raise InputError(f"{kind.__name__}: an opponent's loss reaches none of its parameters; is it detached?")


def _share_space(q: Distribution, p: Distribution, kind: type[Any]) -> None:
    """Raise where log q(z) − log p(z) compares a probability with a density, or densities over different spaces."""
    spaces = [space_of(law) for law in (q, p)]
    if None not in spaces and spaces[0] != spaces[1]:
        names = [type(law.base_dist if isinstance(law, Independent) else law).__name__ for law in (q, p)]
        raise InputError(
            f"{kind.__name__}: the posterior {names[0]} lives on {spaces[0]}, the prior {names[1]} on {spaces[1]}: the "
            f"rate between them is infinite, and log p(x) can't be had by it; give both the same space, or say "
            f"has_density = False"
        )


def space_of(law: Distribution) -> str | None:
    """On what a law of vectors has its density or mass, in words; None where it doesn't say.

    >>> from torch.distributions import Normal, OneHotCategorical, RelaxedOneHotCategorical
    >>> logits = torch.zeros(3)
    >>> [space_of(law) for law in (Normal(0.0, 1.0), OneHotCategorical(logits=logits))]
    ['real numbers', 'points']
    >>> space_of(RelaxedOneHotCategorical(torch.tensor(1.0), logits=logits))
    'shares that sum to one'
    """
    try:
        support: Any = law.support
    except NotImplementedError:
        return None
    while isinstance(support, constraints.independent):
        support = support.base_constraint
    if support is constraints.simplex:
        return "shares that sum to one"
    return "points" if support.is_discrete else "real numbers"


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
