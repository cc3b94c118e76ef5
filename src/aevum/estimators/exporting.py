"""A fitted model as ONNX: encoder and decoder in the data's units, for any runtime."""

from __future__ import annotations

import importlib
import json
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from aevum import storage
from aevum.errors import InputError
from aevum.estimators.fitting import copy_to_cpu

if TYPE_CHECKING:
    from aevum.data.scaling import Scaling
    from aevum.estimators.base import LatentVariableEstimator
    from aevum.model import LatentVariableModel

Arrays = list[NDArray[Any]]
# Of translation, of a number's own size, and of rounding the data to float32: shares of the scale.
TOLERANCE, DIGITS, MOST_LOST = 1e-5, 0.1, 1e-3
# As much of an exporter's message as a reader takes in.
CAUSE = 300
# Of the batch that is traced, and of the one that is compared.
ROWS = (2, 64)
PACKAGES = ("onnx", "onnxscript", "onnxruntime")


def export_onnx(estimator: LatentVariableEstimator, path: str | Path, *, overwrite: bool = False) -> tuple[Path, Path]:
    """Write the encoder and the decoder as ONNX, and check them against this model.

    ``path`` model.onnx becomes model.encoder.onnx, ``x (N, *event)[, y (N, C)] → mean, deviation (N, D)``, and
    model.decoder.onnx, ``z (N, D)[, y (N, C)] → mean[, deviation] (N, *event)`` (the deviation where the likelihood is
    Gaussian). All are float32, x in the data's units, N free. y, of conditional models, is a one-hot vector in the
    order of the classes (or a mix of them), or standardised numbers.

    Args:
        estimator: a fitted one.
        path: a name that ends in .onnx.
        overwrite: replace files that are there.

    Returns:
        The two files.

    Raises:
        InputError: a package is missing (``pip install 'aevum[onnx]'``), a network of your own can't be translated,
            its translation differs by over 1e-5 of the data's or codes' scale, float32 is too coarse for the data, or
            a file can't be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".onnx":
        raise InputError(f"{path}: the name of an ONNX model ends in .onnx")
    files = path.with_suffix(".encoder.onnx"), path.with_suffix(".decoder.onnx")
    for file in files:
        if file.exists() and not overwrite:
            raise InputError(f"{file} exists; pass overwrite=True to replace it, or choose another name")
    made = to_onnx(estimator)
    with storage.written(files[0]) as encoder, storage.written(files[1]) as decoder:
        encoder.write_bytes(made[0])
        decoder.write_bytes(made[1])
    return files


def to_onnx(estimator: LatentVariableEstimator) -> tuple[bytes, bytes]:
    """The encoder and the decoder as the bytes of two ONNX files, checked; see :func:`export_onnx`."""
    check_is_fitted(estimator, "model_")
    for package in PACKAGES:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise InputError(f"ONNX needs the package {package}: pip install 'aevum[onnx]'") from error
    model, scaling = copy_to_cpu(estimator.model_, estimator.scaling_)
    model.eval()
    parts = estimator.parts_
    # The batch that is compared has another size than the one that is traced, which may not be built in.
    random = np.random.default_rng(0)
    _check_float32(parts.low, parts.high, parts.event, scaling, random)
    centre, spread = _codes_lie(estimator)
    z = [(centre + spread * random.normal(size=(n, parts.latent_dim))).astype(np.float32) for n in ROWS]
    y = [_contexts(parts.context, n, random) for n in ROWS]
    outputs = ["mean", "deviation"] if estimator.likelihood_.interval else ["mean"]
    encoder = _Encoder(model, scaling)
    decoder = _Decoder(model.likelihood, scaling, gaussian=len(outputs) == 2)
    # Examples as the model draws them: far from all data, as in noise, a deviation can be the exponential of anything.
    x = [_decoded(decoder, *given) for given in zip(z, y, strict=True)]
    about, scale = _about(estimator), scaling.scale.numpy()
    return (
        _translated(encoder, "x", x, y, ["mean", "deviation"], np.maximum(spread, 1.0), about),
        _translated(decoder, "z", z, y, outputs, scale, about),
    )


class _Encoder(nn.Module):
    def __init__(self, model: LatentVariableModel, scaling: Scaling) -> None:
        super().__init__()
        self.model, self.scaling = model, scaling

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        # In float64, as the estimator does: the shift may be large beside what is left when it is taken.
        q = self.model.infer(self.scaling(x.double()), y)
        return q.mean, q.stddev


class _Decoder(nn.Module):
    def __init__(self, likelihood: nn.Module, scaling: Scaling, gaussian: bool) -> None:
        super().__init__()
        self.likelihood, self.scaling, self.gaussian = likelihood, scaling, gaussian

    def forward(self, z: Tensor, y: Tensor | None = None) -> tuple[Tensor, ...]:
        p = self.likelihood(z, y)
        mean = self.scaling.inverse(p.mean).float()
        return (mean, self.scaling.spread(p.stddev).float()) if self.gaussian else (mean,)


def _translated(
    module: nn.Module,
    name: str,
    values: Arrays,
    contexts: Arrays,
    outputs: list[str],
    scale: Any,
    about: dict[str, str],
) -> bytes:
    """The module as ONNX, run on the second batch and compared with PyTorch."""
    given = [{name: value} | ({"y": y} if y.shape[1] else {}) for value, y in zip(values, contexts, strict=True)]
    rows = torch.export.Dim("N")
    try:
        with _quiet(), torch.inference_mode():
            program = torch.onnx.export(
                module,
                tuple(torch.from_numpy(value) for value in given[0].values()),
                input_names=list(given[0]),
                output_names=outputs,
                dynamic_shapes={key: {0: rows} for key in given[0]},
                dynamo=True,
                external_data=False,
                verbose=False,
            )
            assert program is not None
            proto = program.model_proto
            _forget_the_maker(proto)
            for key, value in about.items():
                proto.metadata_props.add(key=key, value=value)
            data: bytes = proto.SerializeToString()
            want = module(*(torch.from_numpy(value) for value in given[1].values()))
    except Exception as error:  # whatever a network of the user's own may hold
        raise InputError(f"the network can't be translated to ONNX: {cause_of(error)}") from error
    runtime = importlib.import_module("onnxruntime")
    found = runtime.InferenceSession(data).run(None, given[1])
    for a, b in zip(found, want, strict=True):
        # Codes of thousands have no more digits than others.
        difference = float((np.abs(a - b.numpy()) / np.maximum(scale, DIGITS * np.abs(b.numpy()).max())).max())
        # A NaN fails the comparison.
        if not difference <= TOLERANCE:
            part, whose = ("encoder", "codes'") if name == "x" else ("decoder", "data's")
            raise InputError(f"in ONNX the {part} differs from the model by {difference:.2g} of the {whose} scale")
    return data


def _forget_the_maker(message: Any) -> None:
    """Take out of an ONNX model which line of which file each node comes from: paths of the machine that made it."""
    for field, value in message.ListFields():
        if field.name in ("metadata_props", "doc_string"):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in value if isinstance(value, Iterable) else [value]:
                _forget_the_maker(part)


def cause_of(error: BaseException) -> str:
    """What went wrong first, in one line: the exporter wraps it in accounts of its own steps.

    >>> try:
    ...     raise RuntimeError("step 1/3 failed") from ValueError("no such\\noperator")
    ... except RuntimeError as error:
    ...     cause_of(error)
    'no such operator'
    """
    while (deeper := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        error = deeper
    return " ".join(str(error).split())[:CAUSE] or type(error).__name__


def _check_float32(
    low: float, high: float, event: tuple[int, ...], scaling: Scaling, random: np.random.Generator
) -> None:
    """Raise InputError where float32 is too coarse for values over the training data's range, in its units."""
    exact = scaling.inverse(torch.from_numpy(random.uniform(low, high, (2, *event))))
    lost = float(((exact.float().double() - exact).abs() / scaling.scale).max())
    if lost > MOST_LOST:
        raise InputError(
            f"ONNX's float32 can't hold these data: rounding moves them by {lost:.2g} of their scale. Subtract a large "
            f"offset (a year, a base price) before the fit"
        )


@torch.inference_mode()
def _decoded(decoder: nn.Module, z: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    context = torch.from_numpy(y) if y.shape[1] else None
    examples: NDArray[np.float32] = decoder(torch.from_numpy(z), context)[0].numpy()
    return examples


def _codes_lie(estimator: LatentVariableEstimator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation of the codes: of the standard normal, or of an auto-encoder's training data."""
    if estimator.has_prior:
        return np.zeros(estimator.parts_.latent_dim), np.ones(estimator.parts_.latent_dim)
    codes = estimator.codes_.astype(np.float64)
    return codes.mean(axis=0), codes.std(axis=0)


def _contexts(width: int, rows: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Mixes of classes; without a context, no columns."""
    mixed: NDArray[np.float32] = random.dirichlet(np.ones(max(width, 1)), rows).astype(np.float32)[:, :width]
    return mixed


def _about(estimator: LatentVariableEstimator) -> dict[str, str]:
    """What a reader of the file needs to know, as ONNX's own metadata."""
    context = estimator.context_
    about = {
        "model": type(estimator).__name__,
        "event": list(estimator.parts_.event),
        "latent_dim": estimator.parts_.latent_dim,
        "likelihood": str(estimator.likelihood_),
        "context": None if context is None else context.to_config(),
    }
    return {f"aevum.{key}": json.dumps(value) for key, value in about.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch's exporter speaks of packages that are not needed and of its own deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
