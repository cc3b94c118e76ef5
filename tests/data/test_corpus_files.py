"""The same rows as shards of arrays, Parquet, Arrow, archives and a data set's object are the same rows."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aevum.data import corpus_files, corpus_tables, open_data
from aevum.data.corpora import Corpus
from aevum.data.corpus_files import open_corpus
from aevum.data.image_folders import ImageOptions
from aevum.data.selection import TableOptions
from aevum.errors import InputError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (50, 8, 6)).astype(np.uint8)
Y = np.arange(50) % 3
ENDS = ((0, 13), (13, 40), (40, 50))


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


def lists(x: np.ndarray) -> pa.Array:
    return corpus_files._arrow(x)


def npy_shards(folder: Path) -> Path:
    folder.mkdir()
    for number, (start, stop) in enumerate(ENDS):
        np.save(folder / f"part-{number}.npy", X[start:stop])
    np.save(folder.parent / "y.npy", Y)
    return folder


def parquet(folder: Path) -> Path:
    folder.mkdir()
    for number, (start, stop) in enumerate(ENDS):
        table = pa.table({"x": lists(X[start:stop]), "label": Y[start:stop]})
        pq.write_table(table, folder / f"part-{number}.parquet", row_group_size=9)
    return folder


def parquet_pictures(folder: Path) -> Path:
    folder.mkdir()
    for number, (start, stop) in enumerate(ENDS):
        cells = [{"bytes": png(x), "path": "a.png"} for x in X[start:stop]]
        pq.write_table(pa.table({"image": cells, "label": Y[start:stop]}), folder / f"part-{number}.parquet")
    return folder


def arrow(folder: Path) -> Path:
    folder.mkdir()
    for number, (start, stop) in enumerate(ENDS):
        table = pa.table({"x": lists(X[start:stop]), "label": Y[start:stop]})
        writer = pa.ipc.new_stream if number == 1 else pa.ipc.new_file
        with writer(str(folder / f"data-{number}.arrow"), table.schema) as out:
            out.write_table(table, max_chunksize=7)
    (folder / "dataset_info.json").write_text("{}")
    return folder


def tars(folder: Path, *, pictures: bool = True) -> Path:
    folder.mkdir()
    for number, (start, stop) in enumerate(ENDS):
        with tarfile.open(folder / f"shard-{number}.tar", "w") as tar:
            for row in range(start, stop):
                stream = io.BytesIO()
                np.save(stream, X[row])
                held = png(X[row]) if pictures else stream.getvalue()
                for name, raw in (
                    (f"{row:05}.{'png' if pictures else 'npy'}", held),
                    (f"{row:05}.cls", b"%d" % Y[row]),
                ):
                    info = tarfile.TarInfo(name)
                    info.size = len(raw)
                    tar.addfile(info, io.BytesIO(raw))
    return folder


class Rows:
    """What is used like a data set of Hugging Face's library."""

    features = ("image", "label")

    def __init__(self, form: str, want: str | None = None) -> None:
        self.form, self.want = form, want

    def __len__(self) -> int:
        return len(X)

    def with_format(self, form: str) -> Rows:
        if form != self.form:
            raise ValueError(form)
        return Rows(self.form, form)

    def __getitem__(self, rows: slice):
        if self.want == "arrow":
            return pa.table({"image": lists(X[rows]), "label": Y[rows]})
        return {"image": X[rows], "label": Y[rows]}


FORMS = {
    "npy": npy_shards,
    "parquet": parquet,
    "pictures": parquet_pictures,
    "arrow": arrow,
    "tar": tars,
    "tar of arrays": lambda folder: tars(folder, pictures=False),
    "data set": lambda folder: Rows("arrow"),
    "data set of arrays": lambda folder: Rows("numpy"),
}


def labels_for(form: str, folder: Path) -> str | None:
    return str(folder.parent / "y.npy") if form == "npy" else "label" if form in ("parquet", "arrow") else None


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_same_rows_and_labels(tmp_path, form) -> None:
    data = FORMS[form](tmp_path / "data")
    found = open_corpus(data, labels_for(form, tmp_path / "data"))
    assert isinstance(found.x, Corpus) and found.x.dtype == np.uint8
    assert np.array_equal(found.x[:], X) and np.array_equal(found.x[[49, 0, 13]], X[[49, 0, 13]])
    assert found.y is not None and np.array_equal(found.y, Y)
    if form not in ("data set", "data set of arrays"):
        assert len(found.x.parts) >= 3


@pytest.mark.parametrize("form", [form for form in FORMS if not form.startswith(("data set", "tar of"))])
def test_small_ones_open_as_arrays_and_large_ones_in_parts(tmp_path, monkeypatch, form) -> None:
    folder = FORMS[form](tmp_path / "data")
    labels = labels_for(form, folder)
    whole = open_data(folder, labels=labels)
    assert type(whole.x) in (np.ndarray, np.memmap) and np.array_equal(whole.x, X)
    monkeypatch.setattr(corpus_files, "SMALL", 100)
    apart = open_data(folder, labels=labels)
    assert isinstance(apart.x, Corpus) and np.array_equal(apart.x[:], X)
    assert np.array_equal(apart.y, whole.y)


def table(rows: int = 90) -> pa.Table:
    return pa.table(
        {
            "a": np.arange(rows) / 7.0,
            "n": pa.array([None if i % 11 == 5 else i % 4 for i in range(rows)], pa.int32()),
            "word": pa.array(["red", "green", "blue"][i % 3] for i in range(rows)),
            "yes": pa.array([i % 2 == 0 for i in range(rows)]),
            "day": pa.array(np.datetime64("2020-01-01") + np.arange(rows)),
            "grower": pa.array(["x", "y"][i % 2] for i in range(rows)),
        }
    )


def table_folder(folder: Path, more: pa.Table | None = None) -> Path:
    folder.mkdir()
    for number, part in enumerate([table().slice(0, 40), table().slice(40), *([more] if more else [])]):
        pq.write_table(part, folder / f"part-{number}.parquet", row_group_size=16)
    return folder


@pytest.mark.filterwarnings("ignore::aevum.DataWarning")
def test_a_table_in_parts_is_the_table(tmp_path) -> None:
    folder = table_folder(tmp_path / "table")
    whole = open_data(folder, labels="grower")
    apart = open_corpus(folder, "grower")
    assert isinstance(apart.x, Corpus)
    np.testing.assert_array_equal(apart.x[:], whole.x)
    assert apart.feature_names == whole.feature_names and apart.columns == whole.columns
    assert np.array_equal(apart.y, whole.y)
    some = open_corpus(folder, "grower", table=TableOptions(drop="day,word"))
    np.testing.assert_array_equal(some.x[[5, 80]], whole.x[[5, 80]][:, [0, 1, 3]])


def test_a_word_that_no_one_has_seen_is_named_by_file_and_row(tmp_path, monkeypatch) -> None:
    later = table(20).set_column(2, "word", pa.array(["red"] * 17 + ["mauve"] * 3))
    middle = table_folder(tmp_path / "table", later)
    pq.write_table(table(16), middle / "part-3.parquet")
    monkeypatch.setattr(corpus_tables, "PARTS", 2)
    monkeypatch.setattr(corpus_tables, "SEEN_WHOLE", 0)
    found = open_corpus(middle, "grower")
    with pytest.raises(InputError, match=r"part-2\.parquet, row 17: column .word. holds .mauve., .*: blue, green, red"):
        found.x[:]


def test_what_is_missing_is_refused_where_that_was_asked_for(tmp_path) -> None:
    folder = table_folder(tmp_path / "table")
    found = open_corpus(folder, "grower", table=TableOptions(missing="error"))
    with pytest.raises(InputError, match=r"part-0\.parquet, row 5, column 1: nan"):
        found.x[:]
    with pytest.raises(InputError, match="read in parts"):
        open_corpus(folder, "grower", table=TableOptions(missing="median"))


def test_partitions_add_a_column(tmp_path) -> None:
    for year in (2019, 2020):
        (tmp_path / f"t/year={year}").mkdir(parents=True)
        pq.write_table(pa.table({"a": [1.0, 2.5, 4.0]}), tmp_path / f"t/year={year}/p.parquet")
    assert open_corpus(tmp_path / "t").x[:].tolist() == open_data(tmp_path / "t").x.tolist()


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda f: np.save(f / "b.npy", X[:3, :4]), r"b\.npy has shape \(3, 4, 6\)"),
        (lambda f: np.save(f / "b.npy", X[:3].astype(float)), r"b\.npy has shape .* type float64"),
    ],
)
def test_shards_that_differ_are_named(tmp_path, write, words) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    np.save(folder / "a.npy", X)
    write(folder)
    with pytest.raises(InputError, match=words):
        open_corpus(folder)


def test_a_picture_of_another_size_or_none_is_named(tmp_path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    cells = [{"bytes": png(x), "path": None} for x in X[:6]]
    pq.write_table(pa.table({"image": cells}), folder / "a.parquet")
    pq.write_table(pa.table({"image": [*cells[:2], {"bytes": png(X[0, :4]), "path": None}]}), folder / "b.parquet")
    found = open_corpus(folder)
    assert np.array_equal(found.x[:6], X[:6])
    with pytest.raises(InputError, match=r"b\.parquet, row 2 is 6×4 pixels, and the first 6×8"):
        found.x[:]
    sized = open_corpus(folder, images=ImageOptions(image_size=4))
    assert sized.x[:].shape == (9, 4, 4)


def test_what_is_no_corpus_is_said(tmp_path) -> None:
    with pytest.raises(InputError, match="isn't read in parts"):
        open_corpus(tmp_path)


@pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
@pytest.mark.parametrize("form", FORMS)
def test_in_one_order_each_form_gives_the_same_model(tmp_path, monkeypatch, form) -> None:
    from aevum import VAE
    from aevum.data.corpora import in_blocks
    from aevum.data.corpus_source import CorpusSource
    from aevum.data.source import order_of

    monkeypatch.setattr(CorpusSource, "order", lambda self, *counters: order_of(len(self), *counters))
    settings = {"latent_dim": 2, "hidden": 6, "epochs": 2, "batch_size": 9, "random_state": 0}
    wanted = VAE(**settings).fit(Corpus(in_blocks(X), X.shape[1:], X.dtype))
    found = VAE(**settings).fit(open_corpus(FORMS[form](tmp_path / "data"), labels_for(form, tmp_path / "data")))
    np.testing.assert_array_equal(found.transform(X), wanted.transform(X))
    assert found.history_[-1]["loss"] == wanted.history_[-1]["loss"]


@pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
def test_a_data_set_object_is_fitted_as_it_is() -> None:
    from aevum import VAE

    settings = {"latent_dim": 2, "hidden": 6, "epochs": 1, "random_state": 0}
    np.testing.assert_array_equal(
        VAE(**settings).fit(Rows("arrow")).transform(Rows("numpy")), VAE(**settings).fit(X).transform(X)
    )
