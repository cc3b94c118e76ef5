"""The parameters that all estimators share, and those that several do."""

# Without postponed annotations, so that a signature shows types and not their names.
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from torch import nn

from aevum.conditionals import IGNORABLE, MISSINGNESS
from aevum.domains import AnyOf, Domain, Finite, OneOf, Truth, Whole, Widths, maybe
from aevum.estimators.declaring import Declared, parameter
from aevum.fitted.parts import MAX_LAYERS, MAX_WIDTH
from aevum.training import PRECISIONS


@dataclass(frozen=True)
class RandomState(Domain):
    """What scikit-learn takes for a random state."""

    words = "None, an integer from 0 to 2**32 - 1, or a numpy RandomState"

    def holds(self, value: Any) -> bool:
        try:
            check_random_state(value)
        except ValueError:
            return False
        return True


@dataclass(frozen=True)
class Callbacks(Domain):
    """Functions, each called with an epoch's record."""

    words = "a list of functions, each called with an epoch's record"

    def holds(self, value: Any) -> bool:
        return isinstance(value, (list, tuple)) and all(map(callable, value))


class Switch(Truth):
    """Of a parameter that makes no sense on the command line; scikit-learn's tools give NumPy's too."""

    def holds(self, value: Any) -> bool:
        return isinstance(value, (bool, np.bool_))


class Parameters(Declared):
    """What every estimator can be told."""

    latent_dim: int | str = parameter(
        default="auto",
        text='D, the number of values in a code, or "auto" for 20, at most one less than the values of a row.',
        domain=AnyOf((OneOf(("auto",)), Whole(1, MAX_WIDTH))),
        kw_only=False,
    )
    likelihood: str = parameter(
        default="auto",
        text='"auto" (Bernoulli for two-valued data, one of counts for matrices of them, columns for tables with gaps '
        "or with one that is no Gaussian, "
        'else a Gaussian: with one learned σ for pictures, with σ(z) of each column for tables), "bernoulli", '
        '"continuous_bernoulli", "columns" (of a table, each by a density of its own; ":emitted" for spreads that '
        'depend on z), "poisson", "negative_binomial" or "zero_inflated_negative_binomial" (all columns counts), '
        '"student_t" or "laplace" (all columns numbers with heavy tails), "gaussian" or "discretized_logistic" '
        "(whole numbers from 0 to 255, or to the highest of X where that is under 128), both with "
        '":shared", ":per-feature", ":emitted" or ":fixed=σ" after them.',
    )
    size_factors: str | None = parameter(
        default="auto",
        text='of counts: "sum" to model the shares of each row\'s sum, which is then given, None to model the counts '
        'themselves, or "auto" for "sum" where likelihood names one of counts.',
        domain=maybe(OneOf(("auto", "sum"))),
    )
    binarize: str | None = parameter(
        default=None,
        text='for grey levels under a Bernoulli: "dynamic" (each is a probability, drawn anew each epoch), "static" '
        '(drawn once) or "soft" (cross-entropy on grey levels: not a density).',
    )
    network: str | tuple[nn.Module, nn.Module] = parameter(
        default="auto",
        text='"auto", "mlp", "residual", "wide" (a linear map beside an MLP) or "convolutional"; in Python also '
        "your own (encoder, decoder) pair of torch "
        "modules, each called with y as second argument where the model is conditioned on it.",
        saved=False,
    )
    hidden: int | Sequence[int] | None = parameter(
        default=None,
        text="widths of the encoder (channels of a convolutional one), which the decoder mirrors; None for a default.",
        domain=maybe(Widths(MAX_WIDTH, MAX_LAYERS)),
    )
    epochs: int | str = parameter(
        default="auto",
        text='passes over the data, or "auto" for about 6,000 steps within 10 to 100 passes, fewer for large examples; '
        "4,000 steps within 400 passes for tables.",
        domain=AnyOf((OneOf(("auto",)), Whole(1))),
    )
    batch_size: int | str = parameter(
        default="auto",
        text='rows of a step, or "auto" for 128, of a small table an eighth of its rows but at least 32.',
        domain=AnyOf((OneOf(("auto",)), Whole(1))),
    )
    learning_rate: float | str = parameter(
        default="auto",
        text='the peak of a one-cycle schedule of AdamW, or "auto" for 1e-3, for tables 2e-3.',
        domain=AnyOf((OneOf(("auto",)), Finite(above=0))),
    )
    validation_fraction: float | str = parameter(
        default="auto",
        text='share of the rows held out to keep the best epoch\'s weights (0 keeps the last), or "auto" for a tenth, '
        "of a small table up to 0.3.",
        domain=AnyOf((OneOf(("auto",)), Finite(least=0, below=1))),
    )
    patience: int | str | None = parameter(
        default="auto",
        text='stop after this many epochs without a better validation loss, or "auto" for 30, of a table a third of '
        "the epochs; None to run them all.",
        domain=maybe(AnyOf((OneOf(("auto",)), Whole(1)))),
    )
    device: str = parameter(default="auto", text='"auto", "cpu", "cuda", "cuda:1" or "mps".')
    precision: str = parameter(
        default="auto",
        text='"auto" (bfloat16 matrix products in training where the processor gains), "float32" or "bfloat16".',
        domain=OneOf(PRECISIONS),
    )
    random_state: int | np.random.RandomState | None = parameter(
        default=None, text="an integer for the same weights every time.", domain=RandomState(), saved=False
    )
    callbacks: Sequence[Callable[[dict[str, Any]], object]] | None = parameter(
        default=None,
        text="functions called with each epoch's record; one that returns True ends the fit.",
        domain=maybe(Callbacks()),
        saved=False,
    )
    warm_start: bool = parameter(
        default=False,
        text="whether fit trains the model of the fit before on: its scales, likelihood and networks stay.",
        domain=Switch(),
    )


class Gapped(Declared):
    """What an estimator can be told that has a density of rows with gaps."""

    missingness: str = parameter(
        default=IGNORABLE,
        text='of tables, what makes cells missing: "ignorable" (nothing that they would have said), "self-masking" '
        '(each by its own value, by odds that are learned) or "self-masking-known" (large values).',
        domain=OneOf(MISSINGNESS),
    )


class WeightedRate(Declared):
    """What an estimator can be told whose objective weighs the rate."""

    beta: float = parameter(default=1.0, text="weight of the rate.", domain=Finite(least=0))
