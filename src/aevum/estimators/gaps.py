"""Cells that rows lack: filled by what is likeliest, by draws, or asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from aevum.errors import InputError
from aevum.estimators.arrays import as_given
from aevum.estimators.columns import Matched
from aevum.estimators.containers import unpacked
from aevum.estimators.density import needs_density
from aevum.estimators.frame_columns import is_frame
from aevum.estimators.inputs import whole_number
from aevum.estimators.reading import Reading
from aevum.estimators.resolving import seed_from
from aevum.fitted import imputing
from aevum.typing import Examples, Labels, Rows, Seed

Array = NDArray[Any]
DRAWS = 1000


class Gaps(Reading):
    """What a fitted estimator says of cells that aren't there; each answer is a function of the row alone."""

    @needs_density
    def impute(
        self,
        X: Rows,
        y: Labels | None = None,
        *,
        k: int = DRAWS,
        draws: int | None = None,
        interval: float | None = None,
        random_state: int = 0,
    ) -> Examples:
        r"""X with its missing cells (NaN) filled; the others stay as they are, and a DataFrame a DataFrame.

        .. math:: \mathbb E[x_m | x_o] = \sum_k \bar w_k\, \mathbb E[x_m | z_k], \qquad
                  \bar w_k \propto \frac{p(x_o | z_k)\, p(z_k)}{r(z_k)}, \quad
                  z_k \sim r(z) = \tfrac34 q(z | x_o) + \tfrac14 p(z)

        for numbers (the median of a density whose mean lies outside its middle nine tenths, of a tail that hardly
        occurs), and the most probable class for categories and values of two. Where the model says how the odds that a
        cell is missing depend on its value (``missingness``), the weights have the probability of the gaps as a factor,
        and a cell's law is that of missing ones, :math:`\propto p(x_j|z)\, P(\text{missing}|x_j)`.

        It is best at gaps as the training rows have them, by which the encoder learned to do without.

        Source: *MIWAE: deep generative modelling and imputation of incomplete data sets*, P.-A. Mattei, J. Frellsen,
        ICML 2019.

        Args:
            X: rows as for :meth:`fit`, with gaps.
            y: for a conditional model.
            k: draws of z a row.
            draws: instead of one best guess, so many completed copies: z by importance resampling, and then a draw of
                the cells.
            interval: a level such as 0.9: return the central interval of each missing cell as well.
            random_state: an integer that the draws are a function of.

        Returns:
            ``(N, F)``; ``(draws, N, F)`` with ``draws``; three arrays (filled, low, high) with ``interval``. Of a
            DataFrame copies of it, of draws a list of them, with its index, columns and types, every cell that it has
            as it is; both ends of a class are the class, unless classes have an order.

        Raises:
            InputError: the likelihood knows no missing cells, or an argument can't be used.

        Example:
            >>> import numpy as np
            >>> from aevum import VAE
            >>> random = np.random.default_rng(0)
            >>> a = random.normal(size=400)
            >>> X = np.column_stack([a, 10.0 * a + random.normal(size=400)])
            >>> vae = VAE(1, likelihood="columns", hidden=16, epochs=80, learning_rate=5e-3, random_state=0)
            >>> filled = vae.fit(X).impute([[1.0, np.nan]])
            >>> float(filled[0, 0]), bool(7.0 < filled[0, 1] < 13.0)
            (1.0, True)
        """
        check_is_fitted(self, "fitted_")
        imputing.check_gaps(self.fitted_)
        count, seed = whole_number("k", k), whole_number("random_state", random_state, least=0)
        if draws is not None and interval is not None:
            raise InputError("draws and interval are two answers to one question: ask for one of them")
        if interval is not None and not (isinstance(interval, (int, float, np.number)) and 0.0 < interval < 1.0):
            raise InputError(f"interval must lie between 0 and 1, got {interval!r}")
        number = None if draws is None else whole_number("draws", draws)
        X, y = unpacked(X, y)
        x, context = self._read_for_score(X, y)
        if number is not None:
            made = imputing.completed(self.fitted_, x, context, number, count, seed)
            frames = is_frame(X) and not self._plain
            return [self._filled(X, x, copy) for copy in made] if self.schema_ is not None or frames else made
        filled = imputing.expected(self.fitted_, x, context, count, seed)
        if interval is None:
            return self._filled(X, x, filled)
        low, high = imputing.ends(self.fitted_, x, context, float(interval), count, seed)
        levels = {} if self.schema_ is None else self.schema_.levels
        classes = [place for place, each in levels.items() if not each.ordered]
        low[:, classes] = high[:, classes] = filled[:, classes]  # between classes there is nothing
        return self._filled(X, x, filled), self._filled(X, x, low), self._filled(X, x, high)

    @needs_density
    def complete(
        self,
        known: Mapping[Any, Any],
        n: int = 1,
        y: Labels | None = None,
        *,
        k: int = DRAWS,
        random_state: Seed = None,
    ) -> Examples:
        r"""Draw whole rows of which some columns are known, :math:`x \sim p(x | x_{\text{known}})`, ``(n, F)``.

        Args:
            known: column (its name, or its place counted from 0) ↦ value.
            n: how many rows.
            y: for a conditional model, one label (or vector).
            k: draws of z, at least n of them; see :meth:`impute`.
            random_state: an integer for the same rows every time.

        Raises:
            InputError: no such column, one given twice, a value that it can't have, or the likelihood knows no missing
                cells.

        Example:
            >>> import numpy as np
            >>> from aevum import VAE
            >>> a = np.random.default_rng(0).normal(size=400)
            >>> X = np.column_stack([a, a + 1.0])
            >>> vae = VAE(1, likelihood="columns", epochs=20, learning_rate=5e-3, hidden=16, random_state=0).fit(X)
            >>> vae.complete({0: 1.0}, 3, random_state=0)[:, 0]
            array([1., 1., 1.])
        """
        check_is_fitted(self, "fitted_")
        imputing.check_gaps(self.fitted_)
        rows, count = whole_number("n", n), whole_number("k", k)
        row = np.full((1, self.parts_.event[0]), np.nan)
        called: dict[int, Any] = {}
        for column, value in known.items():
            place = self._place(column)
            if place in called:
                raise InputError(f"{called[place]!r} and {column!r} are one column: give one of them")
            called[place], row[0, place] = column, self._known_value(column, place, value)
            if np.isinf(row[0, place]):
                raise InputError(f"column {column!r} is said to be {value!r}; it must be a finite number")
        if (refusal := self.encoding_.refusal(row, self.feature_names_, scored=True)) is not None:
            raise InputError(refusal)
        x, context = self._read_for_score(row.view(Matched), as_given(y))
        fitted = imputing.regardless(self.fitted_)  # what isn't known isn't missing for a reason of its own
        made = imputing.completed(fitted, x, context, rows, max(rows, count), seed_from(random_state))
        return self._shown(made[:, 0])

    def _place(self, column: Any) -> int:
        """Where a column stands."""
        names = self.feature_names_ or ()
        if self.schema_ is not None and (place := self.schema_.place(column)) is not None:
            return place
        if isinstance(column, str) and column in names:
            return names.index(column)
        if isinstance(column, (int, np.integer)) and 0 <= column < self.parts_.event[0]:
            return int(column)
        last = self.parts_.event[0] - 1
        shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "") if names else f"0 to {last}"
        raise InputError(f"there is no column {column!r}; the model's are {shown}")

    def _known_value(self, column: Any, place: int, value: Any) -> float:
        """A value as a number."""
        try:
            return float(value) if self.schema_ is None else self.schema_.code(place, value)
        except InputError:
            raise
        except (TypeError, ValueError) as error:
            raise InputError(f"column {column!r} is a column of numbers, got {value!r}") from error
