"""The estimator: scikit-learn's face of a latent-variable model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from aevum import storage
from aevum.data.keyed import counted_seed
from aevum.distributions import draw, summary
from aevum.encoding import Encoding
from aevum.errors import InputError, TrainingError
from aevum.estimators import config, fitting
from aevum.estimators.arrays import EncodedContext, as_given, is_learned, to_numpy
from aevum.estimators.columns import feature_names
from aevum.estimators.containers import unpacked
from aevum.estimators.density import needs_density
from aevum.estimators.inputs import opened, read_codes, read_fit, read_more, whole_number
from aevum.estimators.learned import Learned
from aevum.estimators.lifted import Lifted
from aevum.estimators.parameters import Parameters
from aevum.estimators.ranges import warn_of_scale
from aevum.fitted import Law, Likelihood, Parts, scoring, stored
from aevum.fitted.context import Context, encode_with_gaps
from aevum.fitted.decoding import decoded
from aevum.fitted.geometry import curve_energy, curve_length
from aevum.fitted.importance import ImportanceSample, importance_sample
from aevum.fitted.likelihoods import check_support
from aevum.fitted.prediction import check_interval, predictive_interval
from aevum.model import LatentVariableModel
from aevum.objectives import Objective

Array = NDArray[Any]


class _Face(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """scikit-learn's side of an estimator."""


class LatentVariableEstimator(Parameters, Learned, _Face):
    """Everything that the named models share; a recipe adds its own parameters and how its parts compose.

    Fitted attributes: ``fitted_`` (a :class:`~aevum.fitted.Fitted`: all of what follows as one value), ``model_`` (a
    :class:`~aevum.model.LatentVariableModel`), ``objective_``, ``encoding_`` (also ``scaling_``), ``likelihood_``,
    ``context_``, ``parts_``, ``seed_``, ``device_``; ``history_`` (one plain record an epoch), ``latent_summary_``
    (active units, collapse), ``feature_names_`` (of a table's columns, or None), ``n_features_in_`` and, after a
    DataFrame, ``feature_names_in_``.

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
    # Z is what inverse_transform is about, as X is elsewhere, and no metadata.
    __metadata_request__inverse_transform = {"Z": UNUSED}  # noqa: RUF012 - scikit-learn's own declaration

    @abstractmethod
    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        """The model and its objective from resolved parts."""

    # ---------------------------------------------------------------- fitting

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the model to X.

        Args:
            X: ``(N, features)`` rows or ``(N, H, W)``, ``(N, H, W, C)``, ``(N, C, H, W)`` images; a numpy array or
                memmap, torch tensor, DataFrame, an opened data set or its name or path; or X and y in one: a pair, a
                TensorDataset, a dictionary, a Bunch.
            y: labels or vectors, for models that are conditioned on them; ignored by the others.

        Returns:
            The fitted estimator.

        Raises:
            InputError: the data or an argument can't be used.
            TrainingError: the loss stayed non-finite; the estimator then holds the last good weights.
        """
        X, y = unpacked(X, y)
        names = feature_names(X)
        before = dict(vars(self))
        # Nothing of an earlier fit may stand beside what this one finds; all of it comes back if this one fails.
        self.__dict__ = {name: value for name, value in before.items() if not is_learned(name)}
        self.feature_names_ = names
        try:
            X, y = opened(X, y)
            fitting.fit(self, read_fit(self, X), y if self.conditional else None)
        except BaseException as error:
            # After good epochs their weights are kept.
            if not (isinstance(error, (TrainingError, KeyboardInterrupt)) and hasattr(self, "latent_summary_")):
                self.__dict__ = before
            raise
        return self

    # ---------------------------------------------------------------- codes

    def transform(self, X: Any, y: Any = None) -> Array:
        """The posterior means of X, ``(N, D)``: deterministic."""
        return self.encode(X, y)[0]

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Array:
        """Fit to X and return its posterior means, ``(N, D)``."""
        X, y = unpacked(X, y)
        fitted = self.fit(X, y, **fit_params)
        return fitted.transform(X, y) if self.conditional else fitted.transform(X)

    @torch.inference_mode()
    def encode(self, X: Any, y: Any = None) -> tuple[Array, Array]:
        """The posterior's mean and standard deviation, two arrays ``(N, D)``; an auto-encoder's deviation is zero."""
        x, context = self._read(X, y)
        dtype = np.float64 if x.dtype == np.float64 else np.float32
        found = [summary(self.fitted_.model.infer(rows, c)) for rows, c in self.fitted_.blocks(x, context)]
        means, deviations = (torch.cat(column) for column in zip(*found, strict=True))
        return to_numpy(means, dtype), to_numpy(deviations, dtype)

    def draw_codes(self, X: Any, y: Any = None, *, draws: int = 1, random_state: int = 0) -> Array:
        """Draws of z from the posterior q(z|x), ``(draws, N, D)``: a function of (random_state, row)."""
        count, seed = whole_number("draws", draws), whole_number("random_state", random_state, least=0)
        x, context = self._read(X, y)
        return scoring.drawn_codes(self.fitted_, x, context, seed, count)

    def draw_prior(self, n: int, y: Any = None, *, random_state: Any = None) -> Array:
        """Codes as ``sample`` decodes them, ``(n, D)``: from the prior, or the density fitted to training codes."""
        check_is_fitted(self, "fitted_")
        count, seed = whole_number("n", n), fitting.seed_from(random_state)
        generator = torch.Generator(self.fitted_.device).manual_seed(seed)
        return self.fitted_.law(self._encode_context(as_given(y), count)).sample(count, generator, seed)

    def cross_log_densities(self, X: Any, y: Any = None, *, codes: Array, rows: Array) -> Array:
        """log q(z_i | x_j) of codes under the posteriors of these rows of X, ``(len(codes), len(rows))``."""
        x, context = self._read(X, y)
        return scoring.cross_log_densities(self.fitted_, x[rows], None if context is None else context[rows], codes)

    def law_of_codes(self, y: Any = None, *, rows: int = 1) -> Law:
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

    @needs_density
    def prior_moments(self, y: Any = None, *, rows: int = 1) -> tuple[Array, Array]:
        """The prior's mean and standard deviation, two arrays ``(rows, D)``: of p(z|y), a row of y each, or p(z)."""
        mean, deviation = self.law_of_codes(y, rows=rows).moments()
        shape = (rows, self.parts_.latent_dim)
        return np.broadcast_to(mean, shape).astype(np.float32), np.broadcast_to(deviation, shape).astype(np.float32)

    # ---------------------------------------------------------------- back to data

    def inverse_transform(self, Z: Any, y: Any = None) -> Array:
        """The likelihood's mean at codes Z ``(N, D)``: ``(N, *event)`` in X's units and shape.

        Raises:
            InputError: a code lies so far out that it decodes to no finite values; says how far codes may lie.
        """
        return self._decoded(Z, y, lambda p: p.mean)

    def reconstruct(self, X: Any, y: Any = None) -> Array:
        """``inverse_transform(transform(X))``: the likelihood's mean at the posterior mean."""
        X, y = opened(X, y, self)
        return self.inverse_transform(self.transform(X, y), y)

    def sample(self, n_samples: int = 1, y: Any = None, *, random_state: Any = None, mean: bool = False) -> Array:
        """Draw new data: z from the prior, then x from the likelihood (or its mean), ``(n_samples, *event)``.

        An auto-encoder has no prior, so its codes are drawn from a Gaussian mixture fitted to those of the training
        data on first use.

        With one ``random_state`` the first samples of many are the samples of few, in any thread: bit for bit in what
        is drawn, and to the last digits of float32 in what the network computes, which may differ by batch size. (On a
        graphics card, and with a prior that is not the package's own, for the same number of samples only.)

        Args:
            n_samples: how many.
            y: for a conditional model, one label (or vector) for all, or one a sample.
            random_state: an integer for the same samples every time.
            mean: return the likelihood's mean instead of a draw: a picture without the pixels' noise.
        """
        check_is_fitted(self, "fitted_")
        n = whole_number("n_samples", n_samples)
        seed = fitting.seed_from(random_state)
        context = self._encode_context(as_given(y), n)
        # A generator each, so that the noise of x does not depend on how many codes were drawn.
        of_codes, of_values = (
            torch.Generator(self.fitted_.device).manual_seed(each) for each in (seed, counted_seed(seed))
        )
        z = self.fitted_.law(context).sample(n, of_codes, seed)
        if mean:
            return self._decoded(z, context, lambda p: p.mean)
        return self._decoded(z, context, lambda p: draw(p, (), of_values), drawn=True)

    def predict_interval(self, X: Any, y: Any = None, *, level: float = 0.9973) -> tuple[Array, Array]:
        r"""Where a new measurement x′ of the same code would fall: low and high, each ``(N, *event)``.

        .. math:: p(x'|x) = \int p(x'|z)\, q(z|x)\, dz

        of which each value's central interval, from 200 draws of z that are a function of the row. The row itself lies
        inside more often than ``level`` says. An auto-encoder's code is a point, its interval the likelihood's there.

        Args:
            X: rows as for :meth:`fit`.
            y: for a conditional model.
            level: probability inside, 0 to 1; 0.9973 is that of μ ± 3σ.

        Raises:
            InputError: the likelihood is no Gaussian, or the level is not between 0 and 1.
        """
        check_is_fitted(self, "fitted_")
        check_interval(self.fitted_, level)
        return predictive_interval(self.fitted_, *self._read(X, y), float(level))

    def decode_interval(self, Z: Any, y: Any = None, *, level: float = 0.9973) -> tuple[Array, Array]:
        """The likelihood's central interval at codes Z ``(N, D)``, μ(z) ± zσ; see :meth:`predict_interval`."""
        check_is_fitted(self, "fitted_")
        check_interval(self.fitted_, level)
        low = self._decoded(Z, y, lambda p: p.interval(float(level))[0])
        return low, self._decoded(Z, y, lambda p: p.interval(float(level))[1])

    def curve_energy(self, Z: Any, y: Any = None) -> tuple[float, Array]:
        r"""The energy of the decoded curve through codes Z ``(n, D)``, n ≥ 2, and its gradient ``(n, D)``.

        .. math:: E = (n-1) \sum_{i=1}^{n-1} \lVert g(z_{i+1}) - g(z_i)\rVert^2 \ge L^2

        with g the likelihood's mean on the model's scale and L the length of the decoded polygon; equal steps reach the
        bound. The curve between two ends that has the least is a geodesic of the metric that g pulls back.
        """
        check_is_fitted(self, "fitted_")
        z = read_codes(as_given(Z), self.parts_.latent_dim, least=2)
        return curve_energy(self.fitted_, z, self._encode_context(as_given(y), len(z)))

    def curve_length(self, Z: Any, y: Any = None) -> float:
        """The length L of the decoded polygon through codes Z ``(n, D)``, n ≥ 1; see :meth:`curve_energy`."""
        check_is_fitted(self, "fitted_")
        z = read_codes(as_given(Z), self.parts_.latent_dim, least=1)
        return curve_length(self.fitted_, z, self._encode_context(as_given(y), len(z)))

    # ---------------------------------------------------------------- what rooms above do with a fitted model

    traverse = Lifted("exploration")
    interpolate = Lifted("exploration")
    manifold = Lifted("exploration")
    settle = Lifted("exploration")
    attribute_vector = Lifted("exploration")
    add_attribute = Lifted("exploration")
    neighbours = Lifted("exploration")
    explore = Lifted("server")
    export_onnx = Lifted("estimators.exporting")

    # ---------------------------------------------------------------- scores

    @needs_density
    def score_samples(self, X: Any, y: Any = None, *, k: int = 100, random_state: int = 0) -> Array:
        r"""The importance-weighted log p(x) of each row, ``(N,)``, in nats and in the data's units.

        .. math:: \log \tfrac1K \sum_k \frac{p(x, z_k)}{q(z_k|x)}, \quad z_k \sim q(z|x)

        a lower bound in expectation, tight as k grows. The draws are a function of (random_state, row), so a row's
        score does not depend on the rows beside it. For a Bernoulli model of grey levels it is the log-probability of
        a binary image drawn (in the same way) from them; with ``binarize="soft"`` it is no density.

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
        X: Any,
        y: Any = None,
        *,
        k: int = 5000,
        chunk: int | None = None,
        precision: str = "auto",
        random_state: int = 0,
    ) -> ImportanceSample:
        """:meth:`score_samples` with all that the draws tell: five arrays ``(N,)``.

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

    def distortion_and_rate(self, X: Any, y: Any = None, *, random_state: int = 0) -> tuple[Array, Array]:
        """Distortion and rate of each row, two arrays ``(N,)``, in nats; −(distortion + rate) is the ELBO of log p(x).

        The distortion is that of one draw of z, a function of (random_state, row); an auto-encoder's rate is zero.
        """
        seed = whole_number("random_state", random_state, least=0)
        x, context = self._read_for_score(X, y)
        return scoring.terms_of_rows(self.fitted_, x, context, seed)

    def reconstruction_error(self, X: Any, y: Any = None) -> Array:
        """‖x − x̂‖² of each row, ``(N,)``, in squared units of X, summed over its values."""
        x, context = self._read(X, y)
        return scoring.squared_error(self.fitted_, x, context)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean log p(x) of the rows in nats (:meth:`score_samples`); an auto-encoder's is −distortion."""
        if self.has_density:
            return float(np.mean(self.score_samples(X, y)))
        return -float(np.mean(self.distortion_and_rate(X, y)[0]))

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

    @property
    def model_(self) -> LatentVariableModel:
        """Posterior, prior and likelihood."""
        return self.fitted_.model

    @property
    def objective_(self) -> Objective:
        """What the model was trained by."""
        return self.fitted_.objective

    @property
    def encoding_(self) -> Encoding:
        """The user's rows ↔ what the model sees."""
        return self.fitted_.encoding

    @property
    def scaling_(self) -> Encoding:
        """``encoding_`` by its earlier name: of pictures and plain tables it has a ``shift`` and a ``scale``."""
        return self.fitted_.encoding

    @property
    def codes_(self) -> NDArray[np.float32]:
        """Codes of (at most 10,000) training rows, of a model without a prior; absent for the others."""
        if self.fitted_.codes is None:
            raise AttributeError(f"{type(self).__name__} has a prior, and keeps no codes")
        return self.fitted_.codes

    @property
    def likelihood_(self) -> Likelihood:
        """The likelihood that was used, and why (``likelihood_.reason``)."""
        return self.fitted_.likelihood

    @property
    def context_(self) -> Context | None:
        """How y becomes a vector."""
        return self.fitted_.context

    @property
    def parts_(self) -> Parts:
        """Shapes and choices."""
        return self.fitted_.parts

    @property
    def device_(self) -> torch.device:
        """Where the model is."""
        return self.fitted_.device

    @property
    def seed_(self) -> int:
        """What the fit's draws are a function of."""
        return self.fitted_.seed

    @property
    def _n_features_out(self) -> int:
        return int(self.parts_.latent_dim)

    def _read(self, X: Any, y: Any) -> tuple[Array, Array | None]:
        check_is_fitted(self, "fitted_")
        X, y = opened(X, y, self)
        x = read_more(self, X, self.parts_.event, self.parts_.eight_bit)
        warn_of_scale(self.fitted_, x, self.feature_names_)
        return x, self._encode_context(y, len(x))

    def _read_for_score(self, X: Any, y: Any) -> tuple[Array, Array | None]:
        x, context = self._read(X, y)
        check_support(self.likelihood_, x, self.parts_.top)
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
        gaps = self.conditional == "optional"
        encoded = encode_with_gaps(self.context_, y, rows) if gaps else self.context_.encode(y, rows)
        return encoded.view(EncodedContext)

    def _decoded(self, Z: Any, y: Any, read: Callable[[Any], Tensor], *, drawn: bool = False) -> Array:
        """``read`` of the likelihood at each code, in the data's units, shape and (for drawn integers) type."""
        check_is_fitted(self, "fitted_")
        z = read_codes(as_given(Z), self.parts_.latent_dim)
        return decoded(self.fitted_, z, self._encode_context(as_given(y), len(z)), read, drawn)

    def __getstate__(self) -> dict[str, Any]:
        # A pickle must open on a machine without this one's accelerator.
        state: dict[str, Any] = dict(super().__getstate__())
        if "fitted_" in state and self.device_ != torch.device("cpu"):
            state["fitted_"] = self.fitted_.on_processor()
        return state
