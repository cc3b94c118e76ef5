"""Codes of rows, and rows of codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from aevum.data.keyed import counted_seed
from aevum.distributions import draw
from aevum.estimators.arrays import as_given
from aevum.estimators.containers import unpacked
from aevum.estimators.density import needs_prior
from aevum.estimators.inputs import read_codes, read_sizes, whole_number
from aevum.estimators.reading import Reading
from aevum.estimators.resolving import seed_from
from aevum.fitted import Law, scoring
from aevum.fitted.geometry import curve_energy, curve_length
from aevum.typing import Codes, Examples, Labels, Rows, Seed

Array = NDArray[Any]


class Coding(Reading, TransformerMixin):  # type: ignore[misc]
    """What a fitted estimator does with codes.

    scikit-learn's ``set_output`` reaches the ``transform`` that a transformer's class defines, and no inherited one.
    """

    def transform(self, X: Rows, y: Labels | None = None) -> Array:
        """The posterior means of X, ``(N, D)``: deterministic."""
        return self.encode(X, y)[0]

    def encode(self, X: Rows, y: Labels | None = None) -> tuple[Array, Array]:
        """The posterior's mean and standard deviation, two arrays ``(N, D)``; an auto-encoder's deviation is zero."""
        return self._encoded(*self._read(X, y))

    def draw_codes(self, X: Rows, y: Labels | None = None, *, draws: int = 1, random_state: int = 0) -> Array:
        """Draws of z from the posterior q(z|x), ``(draws, N, D)``: a function of (random_state, row)."""
        count, seed = whole_number("draws", draws), whole_number("random_state", random_state, least=0)
        x, context = self._read(X, y)
        return scoring.drawn_codes(self.fitted_, x, context, seed, count)

    def draw_prior(self, n: int, y: Labels | None = None, *, random_state: Seed = None) -> Array:
        """Codes as ``sample`` decodes them, ``(n, D)``: from the prior, or the density fitted to training codes."""
        check_is_fitted(self, "fitted_")
        count, seed = whole_number("n", n), seed_from(random_state)
        generator = torch.Generator(self.fitted_.device).manual_seed(seed)
        return self.fitted_.law(self._encode_context(as_given(y), count)).sample(count, generator, seed)

    def cross_log_densities(self, X: Rows, y: Labels | None = None, *, codes: Array, rows: Array) -> Array:
        """log q(z_i | x_j) of codes under the posteriors of these rows of X, ``(len(codes), len(rows))``."""
        x, context = self._read(X, y)
        return scoring.cross_log_densities(self.fitted_, x[rows], None if context is None else context[rows], codes)

    def law_of_codes(self, y: Labels | None = None, *, rows: int = 1) -> Law:
        """How codes are distributed: p(z), p(z|y) for each row of y, or (of an auto-encoder) the training rows' codes.

        Args:
            y: for a conditional model: one label (or vector) for all rows, or one a row.
            rows: how many rows y stands for.

        Example:
            >>> from aevum import VAE
            >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit("digits")
            >>> law = vae.law_of_codes()
            >>> law.is_standard, [round(float(z), 2) for z in law.quantiles(0, [0.5, 0.975])]
            (True, [0.0, 1.96])
        """
        check_is_fitted(self, "fitted_")
        return self.fitted_.law(self._encode_context(as_given(y), rows))

    @needs_prior
    def prior_moments(self, y: Labels | None = None, *, rows: int = 1) -> tuple[Array, Array]:
        """The prior's mean and standard deviation, two arrays ``(rows, D)``: of p(z|y), a row of y each, or p(z)."""
        mean, deviation = self.law_of_codes(y, rows=rows).moments()
        shape = (rows, self.parts_.latent_dim)
        return np.broadcast_to(mean, shape).astype(np.float32), np.broadcast_to(deviation, shape).astype(np.float32)

    def inverse_transform(self, Z: Codes, y: Labels | None = None) -> Examples:
        """The likelihood's mean at codes Z ``(N, D)``: ``(N, *event)`` in X's units and shape.

        Raises:
            InputError: a code lies so far out that it decodes to no finite values, or to no dates; says how far codes
                may lie.
        """
        return self._shown(self._decoded(Z, y, lambda p: p.mean), Z, strict=True)

    def reconstruct(self, X: Rows, y: Labels | None = None) -> Examples:
        """``inverse_transform(transform(X))``: the likelihood's mean at the posterior mean; where counts are modelled
        given their row's sum, with that sum. A DataFrame has X's index.
        """
        X, y = unpacked(X, y)
        x, context = self._read(X, y)
        z = self._encoded(x, context)[0]
        return self._shown(self._decoded(z, context, lambda p: p.mean, rows=x), X)

    def sample(
        self,
        n_samples: int = 1,
        y: Labels | None = None,
        *,
        random_state: Seed = None,
        mean: bool = False,
        size_factors: Any = None,
    ) -> Examples:
        """Draw new data: z from the prior, then x from the likelihood (or its mean), ``(n_samples, *event)``.

        An auto-encoder has no prior, so its codes are drawn from a Gaussian mixture fitted to those of the training
        data on first use.

        With one ``random_state`` the first samples of many are the samples of few, in any thread: bit for bit in what
        is drawn, and to the last digits of float32 in what the network computes, which may differ by batch size. (On a
        graphics card, and where draws are no known function of noise, for the same number of samples only.)

        Args:
            n_samples: how many.
            y: for a conditional model, one label (or vector) for all, or one a sample.
            random_state: an integer for the same samples every time.
            mean: return the likelihood's mean instead of a draw: a picture without the pixels' noise.
            size_factors: where counts are modelled given their row's sum, that sum: one number for all samples, or one
                a sample, ``(n_samples,)``. Without it each draw has the sum of some training row, and means their
                median.

        Raises:
            InputError: size_factors are no numbers above 0, or the model's rows have no sizes.
        """
        check_is_fitted(self, "fitted_")
        n = whole_number("n_samples", n_samples)
        sizes = None if size_factors is None else read_sizes(size_factors, n, self.likelihood_)
        seed = seed_from(random_state)
        context = self._encode_context(as_given(y), n)
        # A generator each, so that the noise of x does not depend on how many codes were drawn.
        of_codes, of_values = (
            torch.Generator(self.fitted_.device).manual_seed(each) for each in (seed, counted_seed(seed))
        )
        z = self.fitted_.law(context).sample(n, of_codes, seed)
        if mean:
            return self._shown(self._decoded(z, context, lambda p: p.mean, sizes=sizes))
        return self._shown(self._decoded(z, context, lambda p: draw(p, (), of_values), drawn=True, sizes=sizes))

    def curve_energy(self, Z: Codes, y: Labels | None = None) -> tuple[float, Array]:
        r"""The energy of the decoded curve through codes Z ``(n, D)``, n ≥ 2, and its gradient ``(n, D)``.

        .. math:: E = (n-1) \sum_{i=1}^{n-1} \lVert g(z_{i+1}) - g(z_i)\rVert^2 \ge L^2

        with g the likelihood's mean on the model's scale and L the length of the decoded polygon; equal steps reach the
        bound. The curve between two ends that has the least is a geodesic of the metric that g pulls back.
        """
        check_is_fitted(self, "fitted_")
        z = read_codes(as_given(Z), self.parts_.latent_dim, least=2)
        return curve_energy(self.fitted_, z, self._encode_context(as_given(y), len(z)))

    def curve_length(self, Z: Codes, y: Labels | None = None) -> float:
        """The length L of the decoded polygon through codes Z ``(n, D)``, n ≥ 1; see :meth:`curve_energy`."""
        check_is_fitted(self, "fitted_")
        z = read_codes(as_given(Z), self.parts_.latent_dim, least=1)
        return curve_length(self.fitted_, z, self._encode_context(as_given(y), len(z)))
