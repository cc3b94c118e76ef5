"""A model that is fitted already, and data and codes for it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.cli.describe import shape_text
from aevum.cli.options import given_opening
from aevum.cli.output import FILE, LABEL, ROW
from aevum.cli.plain import say
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.data.layout import TextOptions
    from aevum.estimators import LatentVariableEstimator


DOWNLOADED = ("mnist",)


def load_run(text: str) -> LatentVariableEstimator:
    """The model of the run folder, or model directory, of that name.

    Raises:
        InputError: there is none, or it can't be read.
    """
    from aevum.runs import find_run

    folder = find_run(text)  # a name that is mistyped is said at once, before the seconds that PyTorch takes to load
    from aevum.recipes import load

    return load(folder)


def load_checkpoints(text: str) -> dict[int, LatentVariableEstimator]:
    """The models that a run kept of its training, by epoch; what can't be read is left out."""
    from aevum.recipes import load
    from aevum.runs import checkpoints_of

    found = {}
    for epoch, folder in checkpoints_of(text).items():
        with suppress(InputError):
            found[epoch] = load(folder)
    return found


def refuse_data_dir(data: str, data_dir: str | None) -> None:
    """Raise where ``--data-dir`` would be ignored.

    Raises:
        InputError: the data are no named set that is downloaded.
    """
    if data_dir is not None and data not in DOWNLOADED:
        raise InputError(f"--data-dir names the folder of mnist's files, and {data} needs none")


def open_for(
    estimator: LatentVariableEstimator,
    data: str,
    *,
    run: str | None = None,
    labels: str | None = None,
    data_dir: str | None = None,
    image_size: int | None = None,
    **opening: Any,
) -> Dataset:
    """The data, whose examples have the shape that the model was fitted on; a table's columns in the model's order.

    Of a table, what the model's ``run`` remembers of its own holds where nothing else is given.

    Raises:
        InputError: they are a run, can't be read, or have another shape.
    """
    from aevum.data import open_data
    from aevum.data.channels import with_channels_of
    from aevum.estimators.columns import arranged
    from aevum.estimators.inputs import recoded
    from aevum.storage import is_model

    refuse_data_dir(data, data_dir)
    if is_model(Path(data).expanduser() / "model"):
        raise InputError(f"{data} is a run, and here data are expected; aevum compare takes several runs")
    event = estimator.parts_.event
    size = _size_for(event, Path(data).expanduser()) if image_size is None else image_size
    given = given_opening(opening)
    if run is not None:
        from aevum.cli.remembering import with_remembered

        given = with_remembered(estimator, run, data, given)
    given["label_gaps"] = estimator.conditional == "optional"
    opened = open_data(data, labels=labels, data_dir=data_dir, image_size=size, **given)
    try:
        found: Dataset = recoded(arranged(opened, estimator), estimator)
    except InputError as error:
        raise InputError(f"{data}: {error}{_label_hint(event, labels)}") from error
    made = with_channels_of(found.x, event) if found.shape[1:] != event else None
    if made is not None:
        say(f"{data}: {made[1]}, as the model's pictures are")
        found = replace(found, x=made[0])
    if found.shape[1:] != event:
        raise InputError(
            f"each example of {data} is {shape_text(found.shape[1:])}, but the model was fitted on {shape_text(event)}"
            + _label_hint(event, labels)
        )
    return found


def _size_for(event: tuple[int, ...], path: Path) -> int | None:
    """The one size that a model takes, to which the images of a folder or an archive are resized."""
    from aevum.data.archives import is_archive
    from aevum.data.parquet_parts import is_parquet_folder
    from aevum.data.parquet_pictures import holds_pictures

    if len(event) < 2 or event[0] != event[1]:
        return None
    plain = is_archive(path) or (path.is_dir() and not is_parquet_folder(path))
    return event[0] if plain or holds_pictures(path) else None


def _label_hint(event: tuple[int, ...], labels: str | None) -> str:
    return "; if a column holds labels, name it with --labels" if len(event) == 1 and labels is None else ""


def open_codes(estimator: LatentVariableEstimator, codes: str) -> Dataset:
    """Codes, with the labels of a table's column "label"; columns "file" and "row" are passed over.

    Raises:
        InputError: they can't be read, or have another number of values.
    """
    from aevum.data import open_data

    path = Path(codes).expanduser()
    if not path.is_file():
        raise InputError(
            f"{codes} is {'a folder' if path.is_dir() else 'no file'}; codes are a .npy, .csv or .parquet file"
        )
    columns = columns_in(path)
    named = getattr(estimator.context_, "names", ())
    labels = LABEL if LABEL in columns else ",".join(named) if named and set(named) <= set(columns) else None
    naming = [name for name in (FILE, ROW) if name in columns]
    gaps = estimator.conditional == "optional"
    found = open_data(path, labels=labels, drop=naming or None, label_gaps=gaps)
    latent_dim = estimator.parts_.latent_dim
    if found.shape[1:] != (latent_dim,):
        raise InputError(
            f"each row of {codes} is {shape_text(found.shape[1:])}, but this model's codes have {latent_dim}"
        )
    return found


def columns_in(path: Path, options: TextOptions | None = None) -> list[str]:
    """The names of a table's columns, as far as they can be read; what can't is for the reader to say.

    Without ``options``, what is said of a text table, it may be one column of words.
    """
    from aevum.data.kinds import is_parquet, is_text_table
    from aevum.data.layout import TextOptions, layout_of
    from aevum.data.parquet_parts import Parts, is_parquet_folder

    try:
        if is_parquet(path) or is_parquet_folder(path):
            with Parts(path) as parts:
                return list(parts.schema_arrow.names)
        if is_text_table(path):
            wanted = TextOptions() if options is None else options.checked()
            return list(layout_of(path, wanted, single=options is None).names or ())
    except (ImportError, OSError, ValueError):
        pass
    return []
