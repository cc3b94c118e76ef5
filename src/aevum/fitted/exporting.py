"""A fitted model as ONNX: encoder and decoder in the data's units, for any runtime."""

from __future__ import annotations

import importlib
import json
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Distribution

from aevum.distributions import summary
from aevum.encoding import Encoding
from aevum.errors import InputError
from aevum.fitted.fitted import Fitted
from aevum.model import LatentVariableModel

Arrays = list[NDArray[Any]]
# Of translation, of a number's own size, and of rounding the data to float32: shares of the scale.
TOLERANCE, DIGITS, MOST_LOST = 1e-5, 0.1, 1e-3
# So many scales from 0 a number is far from all data: the mean of a log-normal with a wide σ has no digits there.
FAR = 1e6
# As much of an exporter's message as a reader takes in.
CAUSE = 300
# Of the batch that is traced, and of the one that is compared.
ROWS = (2, 64)
PACKAGES = ("onnx", "onnxscript", "onnxruntime")


def to_onnx(fitted: Fitted, name: str) -> tuple[bytes, bytes]:
    """The encoder and the decoder as the bytes of two ONNX files, checked; ``name`` is the model's.

    Raises:
        InputError: see :func:`aevum.estimators.exporting.export_onnx`.
    """
    for package in PACKAGES:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise InputError(f"ONNX needs the package {package}: pip install 'aevum[onnx]'") from error
    fitted = fitted.on_processor()
    _check_float32(fitted, np.random.default_rng(0))
    tried, about = Tried.of(fitted), _about(fitted, name)
    return (
        _translated(tried.encoder, "x", tried.x, tried.y, ["mean", "deviation"], tried.spread, about),
        _translated(tried.decoder, "z", tried.z, tried.y, tried.outputs, fitted.units()[1], about),
    )


@dataclass(frozen=True)
class Tried:
    """The two networks of a fitted model, and what their translation is tried with: two batches of each input.

    Attributes:
        encoder, decoder: in the data's units.
        outputs: the names of what the decoder gives.
        x, y, z: examples, contexts (of no columns where there is none), codes.
        spread: of codes, the scale by which they are compared, (D,).
    """

    encoder: nn.Module
    decoder: nn.Module
    outputs: list[str]
    x: Arrays
    y: Arrays
    z: Arrays
    spread: NDArray[Any]

    @classmethod
    def of(cls, fitted: Fitted) -> Self:
        """Of a model on the processor."""
        model, encoding, parts = fitted.model.eval(), fitted.encoding, fitted.parts
        # The batch that is compared has another size than the one that is traced, which may not be built in.
        random = np.random.default_rng(0)
        y = [_contexts(parts.context, n, random) for n in ROWS]
        # Codes as the prior draws them, and examples as the model draws them: far from all data, as in noise, a
        # deviation can be the exponential of anything.
        laws = [fitted.law(context if parts.context else None) for context in y]
        z = [
            law.sample(n, torch.Generator().manual_seed(n), n).astype(np.float32)
            for law, n in zip(laws, ROWS, strict=True)
        ]
        outputs = ["mean", "deviation"] if fitted.interval else ["mean"]
        decoder = _Decoder(model, encoding, gaussian=len(outputs) == 2)
        x = [_decoded(decoder, *given) for given in zip(z, y, strict=True)]
        spread = np.maximum(laws[-1].moments()[1].mean(axis=0), 1.0)
        return cls(_Encoder(model, encoding), decoder, outputs, x, y, z, spread)


class _Encoder(nn.Module):
    def __init__(self, model: LatentVariableModel, encoding: Encoding) -> None:
        super().__init__()
        self.model, self.encoding = model, encoding

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        # In float64, as the estimator does: the shift may be large beside what is left when it is taken.
        return summary(self.model.infer(self.encoding(x.double()), y))


class _Decoder(nn.Module):
    def __init__(self, model: LatentVariableModel, encoding: Encoding, gaussian: bool) -> None:
        super().__init__()
        self.model, self.encoding, self.gaussian = model, encoding, gaussian

    def forward(self, z: Tensor, y: Tensor | None = None) -> tuple[Tensor, ...]:
        p = self.model.examples_given(z, y)
        mean = self.encoding.inverse(p.mean).float()
        return (mean, self.encoding.spread(p.stddev).float()) if self.gaussian else (mean,)


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
        with _quiet(), unvalidated(), torch.inference_mode():
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
        difference = off_by(a, b.numpy(), scale)
        # A NaN fails the comparison.
        if not difference <= TOLERANCE:
            part, whose = ("encoder", "codes'") if name == "x" else ("decoder", "data's")
            raise InputError(
                f"in ONNX the {part} differs from the model by {difference:.2g} of the {whose} scale, so nothing was "
                f"written: ONNX computes in float32, which is too coarse for this network. save() keeps it whole, and "
                f"aevum.load() runs it where Python is"
            )
    return data


def off_by(found: NDArray[Any], want: NDArray[Any], scale: Any) -> float:
    """The largest difference as a share of the scale; NaN where one is none. Codes of thousands have no more digits
    than others, and numbers beyond a million scales are compared as if they lay there.
    """
    far = np.maximum(scale, DIGITS * np.median(np.abs(want), axis=0)) * FAR
    found, want = np.clip(found, -far, far), np.clip(want, -far, far)
    return float((np.abs(found - want) / np.maximum(scale, DIGITS * np.abs(want).max())).max())


@contextmanager
def unvalidated() -> Iterator[None]:
    """Within, PyTorch's distributions don't look at their arguments' values, which a translation has none of."""
    was: bool = Distribution._validate_args
    Distribution.set_default_validate_args(False)
    try:
        yield
    finally:
        Distribution.set_default_validate_args(was)


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


def _check_float32(fitted: Fitted, random: np.random.Generator) -> None:
    """Raise InputError where float32 is too coarse for values over the training data's range, in its units."""
    low, high, encoding = fitted.parts.low, fitted.parts.high, fitted.encoding
    exact = encoding.inverse(torch.from_numpy(random.uniform(low, high, (2, *fitted.parts.encoded))))
    lost = float(((exact.float().double() - exact).abs().numpy() / fitted.units()[1]).max())
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


def _contexts(width: int, rows: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Mixes of classes; without a context, no columns."""
    mixed: NDArray[np.float32] = random.dirichlet(np.ones(max(width, 1)), rows).astype(np.float32)[:, :width]
    return mixed


def _about(fitted: Fitted, name: str) -> dict[str, str]:
    """What a reader of the file needs to know, as ONNX's own metadata."""
    context = fitted.context
    about = {
        "model": name,
        "event": list(fitted.parts.event),
        "latent_dim": fitted.parts.latent_dim,
        "likelihood": str(fitted.likelihood),
        "context": None if context is None else context.to_config(),
    }
    return {f"aevum.{key}": json.dumps(value) for key, value in about.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch's exporter speaks of packages that aren't needed, of its deprecations and of what it leaves as it is."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
