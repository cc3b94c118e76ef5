"""From a name or a path to a data set: which reader it is for."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aevum.data.archives import is_archive
from aevum.data.conversions import unread
from aevum.data.corpus_files import is_arrow, is_corpus_only, is_larger, open_corpus, settled
from aevum.data.csv_files import open_csv
from aevum.data.dataset import Dataset
from aevum.data.excel import sheet_of
from aevum.data.files import explain, file_size, quoted, shown, user_path
from aevum.data.h5ad import H5AD, open_h5ad
from aevum.data.idx import is_idx, labels_beside, read_idx
from aevum.data.image_files import EXTENSIONS
from aevum.data.image_folders import ImageOptions, open_images
from aevum.data.image_trees import image_splits
from aevum.data.kinds import is_parquet, is_text_table
from aevum.data.labels import read_labels, with_labels
from aevum.data.layout import TextOptions
from aevum.data.named import datasets, open_named
from aevum.data.npz import open_npz
from aevum.data.numpy_files import read_npy
from aevum.data.parquet import open_parquet
from aevum.data.parquet_parts import is_parquet_folder
from aevum.data.parquet_pictures import open_pictures, picture_columns
from aevum.data.selection import TableOptions
from aevum.errors import DataWarning, InputError

_FORMATS = (
    ".npy, .npz, .csv, .tsv, .txt (also .gz), .xlsx, .parquet, an IDX file (*-ubyte, .idx, also .gz) or a folder or"
    " archive of images"
)


def open_data(
    spec: str | Path,
    *,
    labels: str | None = None,
    data_dir: str | Path | None = None,
    image_size: int | None = None,
    frames: str | None = None,
    background: str | None = None,
    skip_damaged: bool | None = None,
    split: str = "train",
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    drop: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    missing: str | None = None,
    label_gaps: bool = False,
) -> Dataset:
    """Open a named data set, or the file or folder at a path.

    A name wins over a file of the same name in the current folder, which ``./digits`` reaches.

    :param spec: a name from :data:`aevum.datasets`, or a path to a .npy, .npz (``file.npz::key`` chooses the
        array), .csv, .tsv, .txt (also packed: .gz, .bz2, .xz), .xlsx (``file.xlsx::sheet``),
        .parquet, .arrow or IDX file, to a folder or archive (.zip, .tar) of images, or to a folder of .npy, .parquet,
        .arrow or .tar shards. Of tables and shards that take over 2 GB, ``x`` is a
        :class:`~aevum.data.corpora.Corpus`, which is read part by part.
    :param labels: which labels: a column of a table, or several with commas between them; a key of a .npz file, else
        the path of a .npy, .csv or IDX file with one label a row; for a folder of images also of a table of two
        columns, file and label.
    :param data_dir: the folder of MNIST's files; only ``"mnist"`` looks at it.
    :param image_size: crop and resize the images of a folder to this many pixels a side.
    :param frames: of images with several frames or pages, ``"first"`` or ``"all"``; without it they are asked about.
    :param background: the colour that a folder's images show where they are transparent, white by default; given, also
        in images that all have an alpha channel, which is kept otherwise.
    :param skip_damaged: leave out a folder's images that can't be read, instead of an error.
    :param split: ``"train"`` or ``"test"``, of ``"mnist"`` and of folders of images that hold folders of these names.
    :param sep: how a table as text separates its columns: a character, ``"tab"``, or ``"space"`` for any number of
        them. It is found out where it can be, as are the next three.
    :param decimal: its decimal mark, ``"."`` or ``","``; the other one may then separate thousands.
    :param encoding: how it is encoded, such as ``"cp1250"``; Unicode and cp1252 are found out.
    :param header: whether its first row holds the names of the columns.
    :param drop: columns of a table to leave out, by name: one, several with commas between them, or a list. Columns
        without names are called by their numbers, counted from 1.
    :param columns: the only columns to read, beside the labels; in the same form.
    :param missing: what happens to a table's empty cells: ``"drop"`` leaves such rows out, ``"median"`` fills in the
        column's median, ``"model"`` leaves them empty (NaN) for models that can, ``"error"`` refuses them.
    :param label_gaps: whether a table's rows may lack their label, for models that learn from some labels; otherwise
        such a row is refused. The label is then NaN among numbers, and empty text among words.
    :returns: x of shape ``(N, *event)`` as stored: images as (N, H, W) or (N, H, W, C), tables as (N, F).
    :raises InputError: no such data, a format that isn't read, damaged or unsuitable content; the message says
        which, where, and what would work. Values that aren't finite are refused in tables only: to look for them
        in an array that is larger than memory would mean to read all of it.
    :warns DataWarning: what was taken for granted, a sentence each; they are the data set's ``notes`` too.

    >>> ds = open_data("digits")
    >>> ds.shape, ds.y.shape, ds.classes.tolist()
    ((1797, 8, 8), (1797,), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    if not isinstance(spec, str | Path):
        raise InputError(f"the data must be a name or a path, not {type(spec).__name__}")
    text = TextOptions(sep, decimal, encoding, header)
    images = ImageOptions(image_size, frames, background, skip_damaged)
    table = TableOptions(drop, columns, missing, label_gaps)
    if isinstance(spec, str) and any(spec == named.name for named in datasets()):
        missed = labels is not None and Path(labels).suffix and not Path(labels).exists()
        beside = f"; a table beside it would be a file, and {labels} is none" if missed else ""
        _refuse_option("labels", labels, f"{spec} brings its own labels{beside}")
        _refuse_image_options(images, f"it is for folders of images only, and {spec} is none")
        _refuse_text(text, spec)
        _refuse_table(table, spec)
        return open_named(spec, data_dir=data_dir, split=split)
    found = _open_path(spec, None if labels is None else str(labels), images, text, table, split)
    if _is_name(labels) and found.y is not None and not found.y.dtype.names:
        found = replace(found, label_name=str(labels))
    for note in found.notes:
        warnings.warn(note, DataWarning, stacklevel=2)
    return found


def _is_name(labels: str | None) -> bool:
    """Whether labels are called by a name: no column's number, and no file, whose name says little of what it holds."""
    return labels is not None and not str(labels).isdigit() and not user_path(str(labels)).is_file()


def splits(spec: str) -> tuple[str, ...]:
    """The splits of a named set or a folder of images, without opening it; ``("train",)`` for all other data.

    >>> splits("mnist"), splits("digits")
    (('train', 'test'), ('train',))
    """
    if spec == "mnist":
        return "train", "test"
    known = any(spec == named.name for named in datasets())
    return (() if known else image_splits(user_path(spec))) or ("train",)


def _open_path(
    spec: str | Path, labels: str | None, images: ImageOptions, text: TextOptions, table: TableOptions, split: str
) -> Dataset:
    path, key = _split_key(spec)
    if (several := _several_labels(spec, labels, images, text, table, split)) is not None:
        return several
    if is_text_table(path) and sheet_of(path)[0].is_file():
        _refuse_for_file(images, split, path)
        return open_csv(path, labels, text, table)
    _refuse_text(text, path)
    if is_corpus_only(path) or is_larger(path):
        _refuse_split(split, path)
        if not (is_arrow(path) or is_parquet(path) or is_parquet_folder(path)):
            _refuse_table(table, path)
        return settled(open_corpus(path, labels, table=table, images=images))
    if is_parquet_folder(path) or (is_parquet(path) and path.is_file()):
        return _open_parquet(path, labels, images, table, split)
    if _is_folder(path, spec) or is_archive(path):
        _refuse_table(table, path)
        return open_images(path, labels, images, split)
    _refuse_for_file(images, split, path)
    suffix = path.suffix.lower()
    if suffix == H5AD:
        return open_h5ad(path, labels, table)
    _refuse_table(table, path)
    if suffix == ".npz":
        return open_npz(path, key, labels)
    if suffix == ".npy":
        x, beside = read_npy(path), None
    elif is_idx(path):
        x, beside = read_idx(path), labels_beside(path)
    else:
        raise _unknown_format(path)
    labels_path = beside if labels is None else user_path(labels)
    y = None if labels_path is None else read_labels(labels_path, len(x))
    return Dataset(x, y, name=path.stem, description=path.name)


def _several_labels(
    spec: str | Path, labels: str | None, images: ImageOptions, text: TextOptions, table: TableOptions, split: str
) -> Dataset | None:
    """A table with several columns of labels, where these are names with commas between them; None for all else."""
    names = [name.strip() for name in (labels or "").split(",") if name.strip()]
    path = _split_key(spec)[0]
    if len(names) < 2 or not (is_text_table(path) or is_parquet(path)):
        return None
    wanted = table.checked()
    columns = None if wanted.columns is None else [*wanted.columns, *names]
    found = _open_path(spec, None, images, text, replace(wanted, columns=columns), split)
    known = {*(found.feature_names or ()), *found.left_out}
    return with_labels(found, names, table.label_gaps) if labels not in known and known.issuperset(names) else None


def _open_parquet(path: Path, labels: str | None, images: ImageOptions, table: TableOptions, split: str) -> Dataset:
    pictures = picture_columns(path)
    if not pictures:
        _refuse_for_file(images, split, path)
        return open_parquet(path, labels, table)
    _refuse_table(table, path)
    _refuse_for_file(ImageOptions(), split, path)
    return open_pictures(path, pictures, labels, images)


def _split_key(spec: str | Path) -> tuple[Path, str | None]:
    """``file.npz::key`` into its two parts."""
    text, separator, key = str(spec).rpartition("::")
    if not separator or not text.lower().endswith(".npz"):
        text, key = str(spec), ""
    return user_path(text), key or None


def _is_folder(path: Path, spec: str | Path) -> bool:
    if not str(spec):
        raise InputError(f"no data are named; give one of {_names()}, or a path to {_FORMATS}")
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise _not_found(path, str(spec)) from None
    except (OSError, ValueError) as error:
        raise explain(path, error) from None
    return path.is_dir()


def _not_found(path: Path, spec: str) -> InputError:
    if path.suffix or len(path.parts) > 1:
        if re.match(r"[a-z0-9]+:/", str(path)):
            return InputError(f"{shown(path)} is an address on the web; download the file and give its path")
        return InputError(f"{shown(path)} doesn't exist; check the path")
    near = difflib.get_close_matches(spec.lower(), [named.name for named in datasets()], n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return InputError(
        f"there is no data set and no file called {quoted(spec)}; {hint}named data sets: {_names()}; or a path"
        f" to {_FORMATS}"
    )


def _unknown_format(path: Path) -> InputError:
    file_size(path)
    if path.suffix.lower() in EXTENSIONS:
        return InputError(f"{shown(path)} is a single image; name the folder that holds the images")
    other = unread(path)
    if other is not None:
        return other
    if path.suffix.lower() in (".gz", ".xz", ".bz2", ".zst", ".7z", ".rar"):
        return InputError(f"{shown(path)} is packed; unpack it first and name what comes out")
    return InputError(f"{shown(path)} is of a kind that isn't read; use {_FORMATS}, or a named data set: {_names()}")


def _refuse_option(option: str, value: object, reason: str) -> None:
    if value is not None:
        flag = option.replace("_", "-")
        raise InputError(f"--{flag} ({option}= in Python) can't be used here: {reason}")


def _refuse_image_options(images: ImageOptions, reason: str) -> None:
    for option, value in vars(images).items():
        _refuse_option(option, value, reason)


def _refuse_for_file(images: ImageOptions, split: str, path: Path) -> None:
    _refuse_image_options(images, f"it is for folders of images only, and {shown(path)} is a file")
    _refuse_split(split, path)


def _refuse_split(split: str, path: Path) -> None:
    if split != "train":
        raise InputError(
            f"{shown(path)} has no split {quoted(split)}: mnist and folders of images have; name the test data's own"
            " path"
        )


def _refuse_text(text: TextOptions, spec: str | Path) -> None:
    for option, value in vars(text).items():
        _refuse_option(option, value, f"it is for tables as text, and {shown(spec)} is none")


def _refuse_table(table: TableOptions, spec: str | Path) -> None:
    for option in ("drop", "columns", "missing"):
        _refuse_option(
            option, getattr(table, option), f"it is for tables with named columns, and {shown(spec)} is none"
        )


def _names() -> str:
    return ", ".join(named.name for named in datasets())
