"""Columns by name and empty cells: what the user says of a table, the same for text and Parquet."""

import json

import numpy as np
import pandas as pd
import pytest

from aevum.data import open_data
from aevum.errors import DataWarning, InputError

FRAME = pd.DataFrame({"id": ["u", "v", "w", "x"], "a": [1.0, 2.0, 3.0, 6.0], "b,c": [5, 6, 7, 8], "y": [0, 1, 0, 1]})
HOLED = pd.DataFrame({"a": [1.0, np.nan, 3.0, 8.0], "b": [5.0, 6.0, np.nan, 9.0], "y": ["p", "q", "p", None]})


@pytest.fixture(params=[".csv", ".parquet"])
def written(request, tmp_path):
    """Write a frame in either form: its path."""

    def call(frame):
        path = tmp_path / f"t{request.param}"
        (frame.to_csv if request.param == ".csv" else frame.to_parquet)(path, index=False)
        return path

    return call


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"drop": "id"}, ("a", "b,c", "y")),
        ({"drop": "id,y"}, ("a", "b,c")),
        ({"drop": "id, y"}, ("a", "b,c")),
        ({"drop": ["id", "b,c"]}, ("a", "y")),
        ({"drop": ("id", "a,y")}, ("b,c",)),
        ({"columns": "y,a"}, ("a", "y")),
        ({"columns": ["a", "y"], "drop": "y"}, ("a",)),
        ({"columns": "a", "labels": "y"}, ("a",)),
        ({"drop": "id", "labels": "y"}, ("a", "b,c")),
    ],
)
def test_columns_are_chosen_by_name(written, options, names):
    found = open_data(written(FRAME), **options)
    assert found.feature_names == names
    np.testing.assert_array_equal(found.x, FRAME[list(names)].to_numpy())
    assert ("labels" in options) == (found.y is not None)


@pytest.mark.parametrize("option", ["drop", "columns"])
@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("idd", 'no column "idd", which --{0} .*; did you mean "id"\\? it has: id, a, b,c, y'),
        (["a", "p", "q"], 'no column "p", "q", which --{0}'),
        ("b", 'no column "b".* it has: id, a, b,c, y'),
        ([1], "--{0} .* takes names of columns"),
        ("", "--{0} .* takes names of columns"),
    ],
)
def test_a_column_that_is_not_there_is_one_clear_error(written, option, names, words):
    with pytest.raises(InputError, match=words.format(option)) as caught:
        open_data(written(FRAME), **{option: names})
    assert "\n" not in str(caught.value)


def test_no_column_is_left(written):
    with pytest.raises(InputError, match="has no columns? .*for the data"):
        open_data(written(FRAME[["a", "y"]]), drop="a", labels="y")


def test_columns_without_names_have_numbers(tmp_path):
    (tmp_path / "t.csv").write_text("u,1,2\nv,3,4\n")
    assert open_data(tmp_path / "t.csv", drop="1").x.tolist() == [[1, 2], [3, 4]]
    assert open_data(tmp_path / "t.csv", columns="3,2").x.tolist() == [[1, 2], [3, 4]]
    with pytest.raises(InputError, match='no column "4".*it has: 1, 2, 3'):
        open_data(tmp_path / "t.csv", drop="4")


# ------------------------------------------------------------------ empty cells


def test_rows_with_an_empty_cell_are_left_out(written):
    path = written(HOLED)
    with pytest.warns(DataWarning, match="2 of 4 rows have an empty cell and are left out"):
        found = open_data(path, columns="a,b", missing="drop")
    assert found.x.tolist() == [[1, 5], [8, 9]]
    assert found.row_numbers.tolist() == [0, 3]
    assert found.part(slice(1, None)).row_numbers.tolist() == [3]
    with pytest.warns(DataWarning, match="3 of 4 rows"):
        found = open_data(path, labels="y", missing="drop")
    assert (found.x.tolist(), found.y.tolist()) == ([[1, 5]], ["p"])


def test_the_median_is_filled_in(written):
    with pytest.warns(DataWarning, match='2 empty cells are filled with their column\'s median \\("a" 1, "b" 1\\)'):
        found = open_data(written(HOLED), drop="y", missing="median")
    assert found.x.tolist() == [[1, 5], [3, 6], [3, 6], [8, 9]]
    assert found.row_numbers is None


def test_cells_are_left_empty_for_a_model_of_them(written):
    found = open_data(written(HOLED), drop="y", missing="model")
    np.testing.assert_array_equal(found.x, HOLED[["a", "b"]].to_numpy())


def test_empty_cells_can_be_an_error_that_names_what_works(written):
    with pytest.raises(
        InputError, match=r'3: column "a"|2: column "a" has no value.*--missing drop.*--missing median.*model'
    ):
        open_data(written(HOLED), drop="y", missing="error")


@pytest.mark.parametrize("missing", ["model", "median", None])
def test_a_label_without_a_value_is_an_error_that_names_what_works(written, missing):
    frame = HOLED.assign(a=1.5, b=[1, 2, 3, 5])
    with pytest.raises(InputError, match='column "y" has no value; it is the label: --missing drop'):
        open_data(written(frame), labels="y", missing=missing)


def test_what_no_word_can_mend(written):
    empty = written(HOLED.assign(b=np.nan))
    with pytest.raises(InputError, match='every row has an empty cell, most of them in column "b" .4 of 4.*--drop'):
        open_data(empty, drop="y", missing="drop")
    with pytest.raises(InputError, match='column "b" has no value at all; leave it out with --drop'):
        open_data(empty, drop="y", missing="median")
    with pytest.raises(InputError, match='column "a" is infinite'):
        open_data(written(HOLED.assign(a=np.inf)), drop="y", missing="drop")
    with pytest.raises(InputError, match='--missing "mean" .* must be model, drop, median or error'):
        open_data(empty, missing="mean")


@pytest.mark.parametrize("option", [{"drop": "a"}, {"columns": "a"}, {"missing": "drop"}])
def test_options_of_tables_are_refused_for_all_else(tmp_path, option):
    np.save(tmp_path / "x.npy", np.eye(3))
    for spec in (tmp_path / "x.npy", "iris", tmp_path):
        with pytest.raises(InputError, match=f"{next(iter(option))}.*tables with named columns"):
            open_data(spec, **option)


def test_a_record_of_how_data_were_opened_holds_names(tmp_path):
    from aevum.data.origin import signed
    from aevum.runs import opening_record, recorded_opening

    opening = signed(opening_record("t.csv", drop=["id", "b,c"], missing="drop"))
    (tmp_path / "data.json").write_text(json.dumps(opening))
    assert recorded_opening(str(tmp_path))["drop"] == ["id", "b,c"]
    (tmp_path / "data.json").write_text(json.dumps({**opening, "drop": ["id", 3]}))
    with pytest.raises(InputError, match="nothing that aevum wrote"):
        recorded_opening(str(tmp_path))


# ------------------------------------------------------------------ what rows are called


@pytest.mark.parametrize(
    ("index", "names"),
    [
        (["ann", "bob", "cid", "dan"], ("ann", "bob", "cid", "dan")),
        ([11, 12, 13, 14], ("11", "12", "13", "14")),
        ([0, 1, 2, 3], None),
        ([1, 2, 3, 4], None),
    ],
)
def test_a_column_of_row_names_names_the_rows(tmp_path, index, names):
    HOLED[["a", "b"]].set_axis(index).to_csv(tmp_path / "t.csv")
    assert open_data(tmp_path / "t.csv", missing="model").row_names == names
    with pytest.warns(DataWarning, match="2 of 4 rows"):
        found = open_data(tmp_path / "t.csv", missing="drop")
    assert found.row_names == (None if names is None else (names[0], names[3]))
    assert found.rows.tolist() == ([0, 3] if names is None else [names[0], names[3]])
    assert not found.rows_are_files
