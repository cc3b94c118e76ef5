"""The estimator: scikit-learn's face of a latent-variable model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted

from aevum import storage
from aevum.data import Dataset
from aevum.data.keyed import counted_seed
from aevum.data.large import is_corpus, seen
from aevum.encoding import Encoding
from aevum.errors import InputError, TrainingError
from aevum.estimators import config, fitting, going_on, resolving
from aevum.estimators.arrays import is_learned
from aevum.estimators.codes import Coding
from aevum.estimators.columns import feature_names, refuse_empty_columns
from aevum.estimators.containers import unpacked
from aevum.estimators.decimals import decimals_of
from aevum.estimators.frame_columns import is_frame
from aevum.estimators.frames import Schema
from aevum.estimators.gaps import Gaps
from aevum.estimators.given import Given
from aevum.estimators.inputs import is_flat, opened, read_fit
from aevum.estimators.lifted import Lifted
from aevum.estimators.parameters import Parameters
from aevum.estimators.resuming import begin, checkpoints_of
from aevum.estimators.scores import Scores
from aevum.fitted import Parts, stored
from aevum.fitted.likelihoods import may_have_gaps
from aevum.model import LatentVariableModel
from aevum.objectives import Objective
from aevum.training import Checkpoints
from aevum.typing import Labels, Rows

Array = NDArray[Any]


class _Face(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """scikit-learn's side of an estimator."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        if vars(cls).get("conditional", False) not in (False, True, "optional"):
            raise TypeError(f"{cls.__name__}.conditional is {cls.conditional!r}; it is False, True or 'optional'")
        # scikit-learn leaves y out of what can be routed, because to it y is a target; here it is an input like X.
        if vars(cls).get("conditional"):
            for method in ("transform", "inverse_transform"):
                setattr(cls, f"__metadata_request__{method}", {"y": None})
        super().__init_subclass__(**keywords)


class LatentVariableEstimator(Parameters, Coding, Scores, Gaps, _Face):
    """Everything that the named models share; a recipe adds its own parameters and how its parts compose.

    A recipe says by three attributes of its class what it composes: ``can_sample`` (codes have a prior to be drawn
    from; those of other models are drawn from a mixture fitted to codes), ``has_density`` (log p(x) can be estimated:
    a prior, and a posterior with a density), and ``conditional``: False, True, or "optional" where y may have gaps.
    """

    # What messages and reports call it; the class's name where a recipe says nothing.
    title = ""
    can_sample: ClassVar[bool] = True
    has_density: ClassVar[bool] = True
    conditional: ClassVar[bool | Literal["optional"]] = False
    # What stands for them where a recipe declares no such parameter.
    beta = 1.0
    condition = "auto"
    missingness = "ignorable"
    # Z is what inverse_transform is about, as X is elsewhere, and no metadata.
    __metadata_request__inverse_transform = {"Z": UNUSED}  # noqa: RUF012 - scikit-learn's own declaration

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = may_have_gaps(self.likelihood)
        tags.input_tags.sparse = True
        return tags

    @abstractmethod
    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        """The model and its objective from resolved parts."""

    # ---------------------------------------------------------------- fitting

    def fit(
        self,
        X: Rows,
        y: Labels | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        X_val: Rows | None = None,
        y_val: Labels | None = None,
        sample_weight_val: ArrayLike | None = None,
        checkpoints: str | Path | Checkpoints | None = None,
        resume: str | Path | None = None,
    ) -> Self:
        r"""Fit the model to X.

        With weights the mean loss is :math:`\sum_n w_n \ell_n / \sum_n w_n`, and so are the means of which scales and
        the start are made.

        Args:
            X: ``(N, features)`` rows or ``(N, H, W)``, ``(N, H, W, C)``, ``(N, C, H, W)`` images; a numpy array or
                memmap, torch tensor, DataFrame, SciPy's sparse matrix (made dense a batch at a time), an opened data
                set or its name or path; or X and y in one: a pair, a TensorDataset, a dictionary, a Bunch. Of a table
                cells may be missing (NaN, NA, NaT, masked), where the likelihood is "auto" or "columns", and a
                DataFrame's columns may be text, categories and dates: what the model draws and fills in is then a
                DataFrame too, with the same columns and types. DataFrames of numbers alone give arrays, but for
                ``impute``. Text that says numbers and nothing more is numbers ("3", but not "007"), with a warning.
            y: labels or vectors, or several columns of them, for models that are conditioned on them; ignored by the
                others.
            sample_weight: how much each row counts, ``(N,)``, at least 0: a row of weight 2 is one that is there twice,
                one of weight 0 isn't there.
            X_val, y_val, sample_weight_val: rows of your own that choose the epoch, as X, y and ``sample_weight``;
                without them some rows of X are split off (``validation_fraction``) and not learned from.
            checkpoints: a folder that the training's state is written to while it lasts, so that nothing is lost where
                it is cut off, or :class:`~aevum.training.Checkpoints`, which say how often.
            resume: such a folder, of a fit with the same arguments and data: it goes on where that one was cut off,
                and ends with the same weights.

        Returns:
            The fitted estimator.

        Raises:
            InputError: the data or an argument can't be used, or the checkpoints are another fit's.
            TrainingError: the loss stayed non-finite; the estimator then holds the last good weights.
        """
        X, y = unpacked(X, y)
        states = checkpoints_of(checkpoints, resume)
        if X_val is None and (y_val is not None or sample_weight_val is not None):
            raise InputError("y_val and sample_weight_val are of the rows X_val, and there are none")
        if self.warm_start and hasattr(self, "fitted_"):
            return self._fit_again(X, y, sample_weight, (X_val, y_val, sample_weight_val), states, resume)
        with self._anew():
            given, gaps, rows = self._read_first(X, y, sample_weight)
            validation = None
            if X_val is not None:
                x_val, y_val = self._read_like(X_val, y_val, given.x, gaps)
                validation = Given.of(
                    x_val, y_val if self.conditional else None, sample_weight_val, "sample_weight_val"
                )
            # Whether which rows chose the epoch can be told from X, the seed and the share.
            self.splits_ = validation is None and len(given.x) == rows and not is_corpus(given.x)
            seed = None if states is None else begin(states, resume is not None, self, given, validation)
            fitting.fit(self, given, validation, states, seed)
        return self

    def _fit_again(
        self, X: Any, y: Any, weights: Any, validation: tuple[Any, Any, Any], states: Checkpoints | None, resume: Any
    ) -> Self:
        given = Given.of(*self._read(X, y), weights)
        others = None
        if validation[0] is not None:
            others = Given.of(*self._read(*unpacked(*validation[:2])), validation[2], "sample_weight_val")
        if states is None:
            seed = resolving.training_seed(self.random_state)
        else:
            seed = begin(states, resume is not None, self, given, others)
        before = dict(vars(self))
        try:
            self.splits_ = False
            going_on.fit_again(self, given, others, states, counted_seed(seed, 7))  # draws of its own
        except BaseException as error:
            if not (isinstance(error, TrainingError) and error.history):
                self.__dict__ = before
            raise
        return self

    def partial_fit(self, X: Rows, y: Labels | None = None, *, sample_weight: ArrayLike | None = None) -> Self:
        """One pass over X, at a constant learning rate, with the moments of the passes before: for data that come in
        parts.

        The first part settles what ``fit`` settles from all rows: columns and their kinds, scales, likelihood,
        networks, the start, and the labels that a conditional model knows; it should have all that will come. No rows
        are held out.

        Args:
            X, y, sample_weight: rows as for ``fit``; later ones as for ``transform``.

        Returns:
            The estimator, fitted.

        Raises:
            InputError: the data or an argument can't be used.
            TrainingError: no loss of the pass was finite; the weights are those before it.

        Example:
            >>> from aevum import VAE, open_data
            >>> x = open_data("digits").x
            >>> vae = VAE(latent_dim=2, random_state=0)
            >>> for part in (x[:600], x[600:1200], x[1200:]):
            ...     vae = vae.partial_fit(part)
            >>> [record["epoch"] for record in vae.history_]
            [1, 2, 3]
        """
        X, y = unpacked(X, y)
        if hasattr(self, "fitted_"):
            given = Given.of(*self._read(X, y), sample_weight)
            going_on.one_pass(self, going_on.all_of(given), again=True)
            return self
        with self._anew():
            given, *_ = self._read_first(X, y, sample_weight)
            self.splits_ = False
            found = fitting.prepared(self, given, None, None, share=0.0)
            going_on.one_pass(self, found.data, again=False)
        return self

    @contextmanager
    def _anew(self) -> Iterator[None]:
        """Nothing of an earlier fit may stand beside what this one finds; all of it comes back if this one fails."""
        before = dict(vars(self))
        self.__dict__ = {name: value for name, value in before.items() if not is_learned(name)}
        try:
            yield
        except BaseException as error:
            # After good epochs their weights are kept; a Ctrl-C on the block's last line abandons this generator.
            if not (
                isinstance(error, (TrainingError, KeyboardInterrupt, GeneratorExit))
                and hasattr(self, "latent_summary_")
            ):
                self.__dict__ = before
            raise

    def _read_first(self, X: Any, y: Any, weights: Any) -> tuple[Given, bool, int]:
        """The rows of a fit that settles what rows are: their columns' names and kinds; whether cells may lack; and how
        many rows there were, those that don't count among them.
        """
        names = feature_names(X)
        self.feature_names_ = names
        words = X.columns if isinstance(X, Dataset) else None
        X, y = opened(X, y, gaps=may_have_gaps(self.likelihood))
        gaps = may_have_gaps(self.likelihood) and is_flat(X)
        self.schema_ = Schema.of(X) if words is None else Schema.of_files(words, np.asarray(seen(X)))
        # A file's dates are numbers to any likelihood, as its numbers are.
        if self.schema_ is not None and not gaps and (words is None or self.schema_.levels):
            raise self.schema_.refusal(self.likelihood)
        if self.schema_ is not None and words is None:
            self.schema_.warn(X)
        x = read_fit(self, X if self.schema_ is None else self.schema_.coded(X), gaps=gaps)
        if gaps:
            refuse_empty_columns(seen(x), names, file=words is not None)
        plain = self.schema_ is None and (words is not None or is_frame(X))
        self.decimals_ = decimals_of(seen(x)) if plain else None
        return Given.of(x, y if self.conditional else None, weights), gaps, len(x)

    def fit_transform(self, X: Rows, y: Labels | None = None, **fit_params: Any) -> Array:
        """Fit to X and return its posterior means, ``(N, D)``."""
        X, y = unpacked(X, y)
        fitted = self.fit(X, y, **fit_params)
        return fitted.transform(X, y) if self.conditional else fitted.transform(X)

    # ---------------------------------------------------------------- what rooms above do with a fitted model

    traverse = Lifted("exploration")
    interpolate = Lifted("exploration")
    manifold = Lifted("exploration")
    settle = Lifted("exploration")
    attribute_vector = Lifted("exploration")
    add_attribute = Lifted("exploration")
    trait = Lifted("exploration")
    neighbours = Lifted("exploration")
    explore = Lifted("server")
    export_onnx = Lifted("estimators.exporting")

    # ---------------------------------------------------------------- storage

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write ``config.json``, ``model.safetensors`` and checksums to a directory; :func:`aevum.load` reads it.

        Raises:
            InputError: the path exists (pass ``overwrite=True`` to replace a model) or can't be written; or it could
                not be loaded again: arguments or parts were changed since the fit, or ``load`` knows no such class.
        """
        check_is_fitted(self, "fitted_")
        return storage.write_model(
            path, config.checked_config(self), stored.to_arrays(self.fitted_), overwrite=overwrite
        )

    # ---------------------------------------------------------------- inside

    def __getstate__(self) -> dict[str, Any]:
        # A pickle must open on a machine without this one's accelerator.
        state: dict[str, Any] = dict(super().__getstate__())
        if "fitted_" in state and self.device_ != torch.device("cpu"):
            state["fitted_"] = self.fitted_.on_processor()
        return state
