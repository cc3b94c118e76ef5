"""Parquet as programs write it beside plain tables: folders of parts, lists, pictures of Hugging Face's data sets."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aevum import DataWarning
from aevum.data import open_data
from aevum.errors import InputError

arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
X = np.random.default_rng(0).normal(size=(30, 3))
FRAME = pd.DataFrame(X, columns=["a", "b", "c"]).assign(kind=["u", "v", "w"] * 10)


def parts(folder, frame, count=3, name="part-{:05}.parquet"):
    folder.mkdir()
    for i, rows in enumerate(np.array_split(np.arange(len(frame)), count)):
        frame.iloc[rows].to_parquet(folder / name.format(i), index=False)
    return folder


@pytest.mark.parametrize("name", ["part-{:05}.parquet", "train-{}-of-3.pq"])
@pytest.mark.parametrize("folder", ["t", "t.parquet"])
def test_a_folder_of_parts_is_one_table(tmp_path, name, folder):
    place = parts(tmp_path / folder, FRAME, name=name)
    (place / "_SUCCESS").write_text("")
    (place / ".part-0.crc").write_bytes(b"x")
    found = open_data(place, labels="kind")
    np.testing.assert_array_equal(found.x, X)
    assert found.y.tolist() == FRAME["kind"].tolist()
    assert open_data(place).columns[3].categories == ("u", "v", "w")
    assert open_data(place, columns="b").feature_names == ("b",)


def test_a_run_remembers_that_labels_are_inside_of_a_folder(tmp_path):
    from aevum.runs import opening_record

    assert opening_record(str(parts(tmp_path / "t", FRAME)), labels="kind")["labels"] == "kind"


def partitioned(folder, frame, *names):
    parquet.write_to_dataset(arrow.Table.from_pandas(frame, preserve_index=False), folder, partition_cols=list(names))
    return folder


def test_folders_of_partitions_are_columns(tmp_path):
    """As pyarrow writes them, and Hive and Spark."""
    frame = FRAME.assign(year=[2019, 2020, 2021] * 10, place=["a b", "c/d", "é"] * 10)
    place = partitioned(tmp_path / "t", frame, "year", "place")
    (place / "_SUCCESS").write_text("")
    found = open_data(place, labels="year")
    wanted = frame.sort_values("year", kind="stable")
    assert found.y.tolist() == wanted["year"].tolist()
    assert found.feature_names == ("a", "b", "c", "kind", "place")
    np.testing.assert_array_equal(found.x[:, :3], wanted[["a", "b", "c"]])
    assert found.columns[4].categories == ("a b", "c/d", "é")
    only = open_data(place, columns="year", labels="place")
    assert only.x[:, 0].tolist() == wanted["year"].tolist() and only.y.tolist() == wanted["place"].tolist()


def test_a_partition_without_a_value_is_missing(tmp_path):
    place = partitioned(tmp_path / "t", FRAME.assign(year=[2019, None, 2021] * 10), "year")
    assert (place / "year=__HIVE_DEFAULT_PARTITION__").is_dir()
    found = open_data(place, columns="year", missing="model")
    assert np.isnan(found.x).sum() == 10 and set(found.x[~np.isnan(found.x)]) == {2019.0, 2021.0}


def test_folders_of_partitions_that_differ(tmp_path):
    place = partitioned(tmp_path / "t", FRAME.assign(year=2019), "year")
    parts(place / "month=3", FRAME)
    with pytest.raises(InputError, match=r"folders of several kinds \(month, year\)"):
        open_data(place)
    (place / "year=2020").mkdir()
    with pytest.raises(InputError):
        open_data(place)


def test_parts_that_differ_are_named(tmp_path):
    place = parts(tmp_path / "t", FRAME)
    FRAME.rename(columns={"a": "z"}).to_parquet(place / "part-9.parquet", index=False)
    with pytest.raises(InputError, match=r"part-9\.parquet has other columns or types than part-00000\.parquet"):
        open_data(place)
    (place / "part-9.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="can't be read as a Parquet file"):
        open_data(place)


def test_missing_cells_in_parts_are_counted_over_all(tmp_path):
    frame = FRAME.copy()
    frame.loc[[2, 25], "b"] = None
    with pytest.raises(InputError, match=r'row 3: column "b" has no value \(2 cells have none'):
        open_data(parts(tmp_path / "t", frame), missing="error")
    with pytest.warns(DataWarning, match="2 of 30 rows"):
        assert open_data(tmp_path / "t", labels="kind", missing="drop").row_numbers.tolist()[:3] == [0, 1, 3]


# ------------------------------------------------------------------ lists


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("shape", [(5,), (4, 3), (4, 3, 2)])
def test_lists_of_one_length_are_an_array(tmp_path, dtype, fixed, shape):
    values = np.random.default_rng(0).integers(0, 99, (20, *shape)).astype(dtype)
    kind = arrow.from_numpy_dtype(dtype)
    for length in shape[::-1]:
        kind = arrow.list_(kind, length) if fixed else arrow.list_(kind)
    table = arrow.table({"v": arrow.array(values.tolist(), kind), "y": np.arange(20)})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=7)
    found = open_data(tmp_path / "t.parquet", labels="y")
    np.testing.assert_array_equal(found.x, values)
    assert (found.dtype, found.y.tolist()) == (dtype, list(range(20)))
    with pytest.raises(
        InputError, match='column "v" holds lists, and beside it are "y"; read it alone with --columns v'
    ):
        open_data(tmp_path / "t.parquet")
    np.testing.assert_array_equal(open_data(tmp_path / "t.parquet", columns="v").x, values)


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ([[1.0, 2.0], [3.0]], "lengths from 1 to 2; all must have the same"),
        ([[], []], "at least 1"),
        ([[1.0], None], "1 rows without a list"),
        ([[1.0], [None]], "empty values, not numbers"),
        ([["a"], ["b"]], "hold string"),
        ([[[1.0], [2.0]], [[1.0], []]], "lengths from 0 to 1"),
    ],
)
def test_lists_that_are_no_array(tmp_path, lists, words):
    parquet.write_table(arrow.table({"v": lists}), tmp_path / "t.parquet")
    with pytest.raises(InputError, match=words):
        open_data(tmp_path / "t.parquet")


# ------------------------------------------------------------------ pictures


def pictures(path, count=12, labels=True, extra=()):
    images = np.random.default_rng(0).integers(0, 256, (count, 6, 5)).astype(np.uint8)
    cells = []
    for i, image in enumerate(images):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        cells.append({"bytes": buffer.getvalue(), "path": None if i % 2 else f"dir/{count - i}.png"})
    table = {"image": cells, **({"label": [i % 3 for i in range(count)]} if labels else {}), **dict(extra)}
    parquet.write_table(arrow.table(table), path)
    return images


def test_pictures_of_hugging_face(tmp_path):
    images = pictures(tmp_path / "t.parquet", extra={"word": list("abc") * 4}.items())
    found = open_data(tmp_path / "t.parquet")
    np.testing.assert_array_equal(found.x, images)
    assert found.y.tolist() == [0, 1, 2] * 4
    assert found.row_names[:2] == ("00-12.png", "01.png")
    assert open_data(tmp_path / "t.parquet", labels="word").y.tolist() == list("abc") * 4
    assert open_data(tmp_path / "t.parquet", image_size=4).shape == (12, 4, 4)


def test_pictures_in_parts_and_without_labels(tmp_path):
    (tmp_path / "t").mkdir()
    images = [pictures(tmp_path / "t" / f"{i}.parquet", count, labels=False) for i, count in enumerate((11, 4))]
    found = open_data(tmp_path / "t")
    np.testing.assert_array_equal(found.x, np.concatenate(images))
    assert found.y is None


def test_pictures_that_cannot_be_read(tmp_path):
    pictures(tmp_path / "t.parquet")
    with pytest.raises(InputError, match='no column "z"; it has: image, label'):
        open_data(tmp_path / "t.parquet", labels="z")
    with pytest.raises(InputError, match="tables with named columns"):
        open_data(tmp_path / "t.parquet", drop="label")
    for cell, words in (
        (b"no image", "can't be read as an image.*--skip-damaged"),
        (None, 'row 2: column "image" holds'),
    ):
        table = parquet.read_table(tmp_path / "t.parquet").to_pydict()
        table["image"][1]["bytes"] = cell
        parquet.write_table(arrow.table(table), tmp_path / "u.parquet")
        with pytest.raises(InputError, match=words):
            open_data(tmp_path / "u.parquet")
    with pytest.raises(InputError, match='several columns of pictures: "image", "mask"'):
        pictures(tmp_path / "v.parquet", 1, extra={"mask": [{"bytes": b"x", "path": ""}]}.items())
        open_data(tmp_path / "v.parquet")
