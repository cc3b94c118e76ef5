"""What a fitted estimator says of rows: densities, errors, intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from aevum.errors import InputError
from aevum.estimators.containers import unpacked
from aevum.estimators.density import needs_density
from aevum.estimators.inputs import whole_number
from aevum.estimators.reading import Reading
from aevum.fitted import scoring
from aevum.fitted.corrupting import denoising_distortions
from aevum.fitted.importance import ImportanceSample, importance_sample
from aevum.fitted.inside import Inside, inside
from aevum.fitted.prediction import check_interval, predictive_interval
from aevum.typing import Codes, Labels, Rows

Array = NDArray[Any]


class Scores(Reading):
    """Scores of rows, in the data's units; each is a function of the row alone."""

    @needs_density
    def score_samples(self, X: Rows, y: Labels | None = None, *, k: int = 100, random_state: int = 0) -> Array:
        r"""The importance-weighted log p(x) of each row, ``(N,)``, in nats and in the data's units.

        .. math:: \log \tfrac1K \sum_k \frac{p(x, z_k)}{q(z_k|x)}, \quad z_k \sim q(z|x)

        a lower bound in expectation, tight as k grows. Of a row with gaps x is what there is of it; of a model whose
        ``missingness`` isn't "ignorable" the score is log p(x, s), of the row and of which of its cells are there: with
        every cell in place, the density of a row times the chance to see all of it.

        The draws are a function of (random_state, row), so a row's score does not depend on the rows beside it. For a
        Bernoulli model of grey levels it is the log-probability of a binary image drawn (in the same way) from them;
        with ``binarize="soft"`` it is no density.

        Args:
            X: rows as for :meth:`fit`.
            y: for a conditional model: log p(x|y).
            k: number of importance samples.
            random_state: an integer that the draws are a function of.

        Raises:
            InputError: values outside the likelihood's support, or k below 1.
        """
        draws, seed = whole_number("k", k), whole_number("random_state", random_state, least=0)
        x, context = self._read_for_score(X, y)
        return importance_sample(self.fitted_, x, context, k=draws, seed=seed, tails=False).log_evidence

    @needs_density
    def importance_sample(
        self,
        X: Rows,
        y: Labels | None = None,
        *,
        k: int = 5000,
        chunk: int | None = None,
        precision: str = "auto",
        random_state: int = 0,
    ) -> ImportanceSample:
        """:meth:`score_samples` with all that the draws tell, an array ``(N,)`` each.

        Args:
            X, y, k, random_state: as for :meth:`score_samples`.
            chunk: draws (of all rows together) that are decoded at once, which bounds the memory; the result does not
                depend on it but for rounding. None for what suits the device.
            precision: "auto", "float32" or "bfloat16": of the decoder's products. After bfloat16 a few draws
                (8 to 32 a row) are decoded again in float32 and correct the result: on MNIST to under 0.02 nats a row.
        """
        draws, seed = whole_number("k", k), whole_number("random_state", random_state, least=0)
        size = None if chunk is None else whole_number("chunk", chunk)
        x, context = self._read_for_score(X, y)
        return importance_sample(self.fitted_, x, context, k=draws, seed=seed, chunk=size, precision=precision)

    def distortion_and_rate(self, X: Rows, y: Labels | None = None, *, random_state: int = 0) -> tuple[Array, Array]:
        """Distortion and rate of each row, two arrays ``(N,)``, in nats; −(distortion + rate) is the ELBO of log p(x).

        The distortion is that of one draw of z, a function of (random_state, row), so that rows that are equal share
        it: of 500 rows of 50 kinds the mean is that of 50 draws, and may lie above the mean log p(x).
        :func:`aevum.evaluation.evidence` averages as many draws as it is told. An auto-encoder's rate is zero.
        """
        seed = whole_number("random_state", random_state, least=0)
        x, context = self._read_for_score(X, y)
        return scoring.terms_of_rows(self.fitted_, x, context, seed)

    def inside(self, X: Rows, y: Labels | None = None, *, noise: Codes | None = None) -> Inside:
        r"""One row's way through the model, for n draws of its code.

        .. math:: x \to (\mu, \sigma) \to z = \mu + \sigma\varepsilon \to \hat x, \qquad
                  -\mathrm{ELBO} = \underbrace{-\log p(x|z)}_{\text{distortion}}
                  + \underbrace{\mathrm{KL}(q(z|x)\,\|\,p(z))}_{\text{rate}}

        With ε ~ N(0, I) the mean of distortion + rate is what :meth:`distortion_and_rate` estimates from one draw.

        Args:
            X: one row, ``(1, *event)``.
            y: for a conditional model.
            noise: ε, ``(n, E)``, with as many numbers as a draw takes: D of a Gaussian, none of an auto-encoder. None
                for zeros, once: the code is then the mean of a Gaussian posterior.

        Raises:
            InputError: not one row, noise of another shape, or a posterior whose draws are no known function of noise.

        Example:
            >>> from aevum import VAE, open_data
            >>> digits = open_data("digits")
            >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(digits)
            >>> found = vae.inside(digits.x[:1], noise=[[0.0, 0.0], [1.0, 0.0]])
            >>> found.kind, np.allclose(found.z - found.mean, found.deviation * found.noise)
            ('gaussian', True)
        """
        x, context = self._read_for_score(X, y)
        if len(x) != 1:
            raise InputError(f"X has {len(x):,} rows; give one, whose way is told")
        return inside(self.fitted_, x, context, None if noise is None else np.asarray(noise, dtype=np.float32))

    def denoising_distortion(self, X: Rows, y: Labels | None = None, *, k: int = 100, random_state: int = 0) -> Array:
        r"""How badly each row is made of corrupted copies of it, ``(N,)``, in nats and in the data's units.

        .. math:: \frac1K \sum_k -\log p(x \mid z = f(\tilde x_k)), \quad \tilde x_k \sim c(\tilde x|x)

        with the corruption c of training, whose objective this is: a row that lies among those of the training is where
        noise is led back to, and an odd one is not. The draws are a function of (random_state, row).

        Args:
            X, y, k, random_state: as for :meth:`score_samples`, k the number of corruptions.

        Raises:
            InputError: the model is no denoising one, or k below 1.
        """
        draws, seed = whole_number("k", k), whole_number("random_state", random_state, least=0)
        x, context = self._read_for_score(X, y)
        return denoising_distortions(self.fitted_, x, context, seed, draws)

    def reconstruction_error(self, X: Rows, y: Labels | None = None) -> Array:
        """‖x − x̂‖² of each row, ``(N,)``, in squared units of X, summed over its values."""
        x, context = self._read(X, y)
        return scoring.squared_error(self.fitted_, x, context)

    def on_one_scale(self, X: Rows, y: Labels | None = None) -> tuple[Array, Array]:
        """X and what ``reconstruct`` gives back of it, as the model sees them: two arrays ``(N, F)``, flat, in which no
        column's unit decides; NaN where X has no value.
        """
        x, context = self._read(X, y)
        return scoring.on_one_scale(self.fitted_, x, context)

    def score(self, X: Rows, y: Labels | None = None) -> float:
        """The mean log p(x) of the rows in nats (:meth:`score_samples`); an auto-encoder's is −distortion."""
        if self.has_density:
            return float(np.mean(self.score_samples(X, y)))
        return -float(np.mean(self.distortion_and_rate(X, y)[0]))

    def predict_interval(self, X: Rows, y: Labels | None = None, *, level: float = 0.9973) -> tuple[Any, Any]:
        r"""Where a new measurement x′ of the same code would fall: low and high, each ``(N, *event)``.

        .. math:: p(x'|x) = \int p(x'|z)\, q(z|x)\, dz

        of which each value's central interval, from 200 draws of z that are a function of the row. The row itself lies
        inside more often than ``level`` says. An auto-encoder's code is a point, its interval the likelihood's there.

        Args:
            X: rows as for :meth:`fit`.
            y: for a conditional model.
            level: probability inside, 0 to 1; 0.9973 is that of μ ± 3σ.

        Returns:
            Two arrays; two DataFrames with X's index, columns and types of a model that was fitted on columns which are
            no numbers alone, where both ends of a class are the likeliest one, unless classes have an order.

        Raises:
            InputError: the likelihood is no Gaussian, or the level is not between 0 and 1.
        """
        check_is_fitted(self, "fitted_")
        check_interval(self.fitted_, level)
        X, y = unpacked(X, y)
        x, context = self._read(X, y)
        ends = predictive_interval(self.fitted_, x, context, float(level))
        return self._shown_ends(ends, self._encoded(x, context)[0], context, X)

    def decode_interval(self, Z: Codes, y: Labels | None = None, *, level: float = 0.9973) -> tuple[Any, Any]:
        """The likelihood's central interval at codes Z ``(N, D)``, μ(z) ± zσ; as :meth:`predict_interval` gives it."""
        check_is_fitted(self, "fitted_")
        check_interval(self.fitted_, level)
        low = self._decoded(Z, y, lambda p: p.interval(float(level))[0])
        high = self._decoded(Z, y, lambda p: p.interval(float(level))[1])
        return self._shown_ends((low, high), Z, y, Z)

    def _shown_ends(self, ends: tuple[Array, Array], Z: Any, y: Any, like: Any) -> tuple[Any, Any]:
        """Both ends of an interval at codes Z as the user has rows."""
        if self.schema_ is None or self._plain:
            return ends
        low, high = ends
        classes = [place for place, each in self.schema_.levels.items() if not each.ordered]
        if classes:  # between which there is nothing
            low[:, classes] = high[:, classes] = self._decoded(Z, y, lambda p: p.mean)[:, classes]
        return self._shown(low, like), self._shown(high, like)

    def decode_deviation(self, Z: Codes, y: Labels | None = None) -> Array:
        """The likelihood's standard deviation σ(z) of each value at codes Z ``(N, D)``, ``(N, *event)``, in X's units;
        0 for classes, which have none.

        Example:
            >>> from aevum import AE
            >>> ae = AE(1, likelihood="gaussian:fixed=2", epochs=1, random_state=0).fit(np.eye(8))
            >>> ae.decode_deviation(np.zeros((1, 1))).round(3)[0, :3]
            array([2., 2., 2.])
        """
        check_is_fitted(self, "fitted_")
        return self._decoded(Z, y, lambda p: p.stddev, spread=True)
