"""How every method reads what it is given: rows, what they are conditioned on, codes."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from aevum.data import Dataset
from aevum.data.large import is_large, seen
from aevum.data.sparse_rows import is_sparse_rows
from aevum.distributions import summary
from aevum.encoding import Affine, chunks
from aevum.errors import DataWarning, InputError
from aevum.estimators.arrays import EncodedContext, as_given, to_numpy
from aevum.estimators.columns import Matched
from aevum.estimators.containers import unpacked
from aevum.estimators.decimals import with_decimals
from aevum.estimators.frame_columns import is_frame
from aevum.estimators.frame_shown import filled
from aevum.estimators.inputs import opened, read_codes, read_more
from aevum.estimators.learned import Learned
from aevum.estimators.ranges import warn_of_scale
from aevum.fitted.context import encode_with_gaps
from aevum.fitted.decoding import decoded
from aevum.fitted.likelihoods import check_support, is_eight_bit

Array = NDArray[Any]


class Reading(Learned):
    """A fitted estimator's inputs, checked and encoded."""

    # Whether numbers are shown where columns are words.
    _plain = False

    def _read(self, X: Any, y: Any, *, scored: bool = False) -> tuple[Array, Array | None]:
        check_is_fitted(self, "fitted_")
        X, y = opened(X, y, self, gaps=self.encoding_.missing)
        if self.schema_ is not None and not isinstance(X, Matched):
            X = self.schema_.coded(X)
        x = read_more(self, X, self.parts_.event, self.parts_.eight_bit, gaps=self.encoding_.missing)
        if (refusal := self._refusal(x, scored)) is not None:
            if not scored:
                raise InputError(refusal)
            warnings.warn(f"{refusal}; such rows have log p = −inf", DataWarning, stacklevel=4)
        warn_of_scale(self.fitted_, seen(x), self.feature_names_)
        return x, self._encode_context(y, len(x))

    def _refusal(self, x: Array, scored: bool) -> str | None:
        """Why the first of these rows that can't be encoded can't; None where all can."""
        if is_large(x) and isinstance(self.encoding_, Affine):  # which takes any number
            return None
        if not (is_sparse_rows(x) or is_large(x)):
            return self.encoding_.refusal(x, self.feature_names_, scored=scored)
        found = (self.encoding_.refusal(part, self.feature_names_, scored=scored) for part in chunks(x))
        return next((refusal for refusal in found if refusal is not None), None)

    def _read_like(self, X: Any, y: Any, x: Array, gaps: bool) -> tuple[Array, Any]:
        """Further rows while a fit to x begins: with its columns, and of its shape."""
        X, y = unpacked(X, y)
        if self.schema_ is not None and not (is_frame(X) or isinstance(X, Dataset)):
            raise InputError(
                f"X_val is a {type(X).__name__}, and X has columns that are no numbers: give it as X is given"
            )
        try:
            X, y = opened(X, y, self, gaps=gaps)
            if self.schema_ is not None and not isinstance(X, Matched):
                X = self.schema_.coded(X)
            return read_more(self, X, tuple(x.shape[1:]), is_eight_bit(seen(x)), gaps=gaps), y
        except InputError as error:
            raise InputError(f"X_val: {error}") from error

    def _read_for_score(self, X: Any, y: Any) -> tuple[Array, Array | None]:
        x, context = self._read(X, y, scored=True)
        for part in chunks(x) if is_large(x) else (x,):
            check_support(self.likelihood_, part, self.parts_.top)
        return x, context

    def _encode_context(self, y: Any, rows: int) -> Array | None:
        if not self.conditional:
            return None
        if isinstance(y, EncodedContext):
            return y
        assert self.context_ is not None
        if y is None and self.conditional == "optional":
            return self.context_.unknown(rows).view(EncodedContext)
        if y is None:
            raise InputError(
                f"{type(self).__name__} is conditioned on y and needs it here too: pass y, one label or vector a row. "
                f"In a scikit-learn pipeline: sklearn.set_config(enable_metadata_routing=True), "
                f"{type(self).__name__}(...).set_transform_request(y=True), then predict(X, y=y)"
            )
        encoded = encode_with_gaps(self.context_, y, rows, gaps=self.conditional == "optional")
        return encoded.view(EncodedContext)

    def _shown(self, values: Array, like: Any = None, strict: bool = False) -> Any:
        """Rows as the user has them: a DataFrame where the model was fitted on one with columns that are no numbers.

        Args:
            like: what has these rows' index, and their columns where it is of rows of X, if it is a DataFrame.
            strict: whether dates beyond their type are refused.
        """
        if self.schema_ is None or self._plain:
            return values
        made = self.schema_.frame(values, strict)
        if is_frame(like):
            names = [str(name) for name in like.columns]
            if sorted(names) == sorted(column.name for column in self.schema_.columns):
                made = made.iloc[:, [self.schema_.place(name) for name in names]]
                made.columns = like.columns
            made.index = like.index
        return made

    def _filled(self, X: Any, read: Array, values: Array) -> Any:
        """X with what stands in ``values`` where it lacks a cell: a DataFrame where it is one."""
        if self._plain or not is_frame(X):
            return self._shown(values)
        columns = None if self.schema_ is None else self.schema_.columns
        values = with_decimals(values, self.decimals_)
        return filled(X, read, values, columns, self.feature_names_)

    def in_numbers(self) -> Self:
        """The same fitted model, which reads what this one reads and gives arrays of numbers: codes for words, also
        where it was fitted on a DataFrame. For figures, and for whoever computes with what comes.
        """
        found = copy.copy(self)
        found._plain = True
        return found

    @torch.inference_mode()
    def _encoded(self, x: Array, context: Array | None) -> tuple[Array, Array]:
        # In place: blocks' results that lie between their scratch would keep all of that from being used again.
        dtype = np.float64 if x.dtype == np.float64 else np.float32
        means, deviations = (np.empty((len(x), self.parts_.latent_dim), dtype) for _ in range(2))
        start = 0
        for rows, c in self.fitted_.blocks(x, context):
            mean, deviation = summary(self.fitted_.model.infer(rows, c))
            part = slice(start, start := start + len(rows))
            means[part], deviations[part] = to_numpy(mean), to_numpy(deviation)
        return means, deviations

    def _decoded(
        self,
        Z: Any,
        y: Any,
        read: Callable[[Any], Tensor],
        *,
        drawn: bool = False,
        rows: Array | None = None,
        sizes: Array | None = None,
        spread: bool = False,
    ) -> Array:
        """``read`` of the likelihood at each code, in the data's units, shape and (for drawn integers) type; see
        :func:`~aevum.fitted.decoding.decoded`.
        """
        check_is_fitted(self, "fitted_")
        z = read_codes(as_given(Z), self.parts_.latent_dim)
        context = self._encode_context(as_given(y), len(z))
        return decoded(self.fitted_, z, context, read, drawn, rows, sizes=sizes, spread=spread)
