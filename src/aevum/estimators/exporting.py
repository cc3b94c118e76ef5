"""``estimator.export_onnx``: encoder and decoder as two files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from aevum import storage
from aevum.errors import InputError
from aevum.fitted.exporting import to_onnx


def export_onnx(estimator: Any, path: str | Path, *, overwrite: bool = False) -> tuple[Path, Path]:
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
    check_is_fitted(estimator, "fitted_")
    made = to_onnx(estimator.fitted_, type(estimator).__name__)
    with storage.written(files[0]) as encoder, storage.written(files[1]) as decoder:
        encoder.write_bytes(made[0])
        decoder.write_bytes(made[1])
    return files
