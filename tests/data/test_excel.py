"""Sheets of Excel files, as openpyxl and pandas write them, and kinds of files that aren't read."""

import datetime
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from aevum import DataWarning
from aevum.data import files, open_data
from aevum.data.schema import Column
from aevum.errors import InputError, MissingPackageError

openpyxl = pytest.importorskip("openpyxl")
X = np.round(np.random.default_rng(0).normal(0.0, 50.0, (30, 3)), 2)
FRAME = pd.DataFrame(X, columns=["len", "wid", "hei"])


def book(path, **sheets):
    """A file of these sheets, each a list of rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize("index", [False, True])
def test_what_pandas_writes(tmp_path, index):
    FRAME.to_excel(tmp_path / "t.xlsx", index=index)
    found = open_data(tmp_path / "t.xlsx")
    np.testing.assert_array_equal(found.x, X)
    assert (found.feature_names, found.name) == (("len", "wid", "hei"), "t")
    found = open_data(tmp_path / "t.xlsx", labels="hei", drop="wid")
    np.testing.assert_array_equal(found.y, X[:, 2])


@pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning")
def test_cells_of_every_kind(tmp_path):
    day = datetime.datetime(1970, 1, 3)
    rows = [
        ["Measurements of May"], [],
        ["n", "word", "yes", "day", "moment", "failed", "text, with; marks"],
        [1, "a", True, day, day + datetime.timedelta(hours=6), 1.5, "1,234.5"],
        [], [2.25, "b", False, day, day, "#DIV/0!", "7"], [None, "a", None, None, None, None, None],
    ]  # fmt: skip
    path = book(tmp_path / "t.xlsx", May=rows)
    found = open_data(path, missing="model")
    nan = np.nan
    np.testing.assert_array_equal(
        found.x, [[1, 0, 1, 2, 2.25, 1.5, 1234.5], [2.25, 1, 0, 2, 2, nan, 7], [nan, 0, *[nan] * 5]]
    )
    assert [column.kind for column in found.columns] == [
        "number",
        "category",
        "boolean",
        "date",
        "date",
        "number",
        "number",
    ]
    assert found.columns[1] == Column("word", "category", ("a", "b"))
    with pytest.raises(InputError, match='line 6: column "failed" has no value|line 7: column "n" has no value'):
        open_data(path, missing="error")


def test_several_sheets(tmp_path):
    table = [list(FRAME.columns), *X.tolist()]
    path = book(tmp_path / "t.xlsx", Empty=[], One=table, Two=[["a"], [7]])
    with pytest.warns(
        DataWarning, match='t.xlsx: the sheet "One" is read, and not "Empty", "Two"; t.xlsx::Empty reads'
    ):
        np.testing.assert_array_equal(open_data(path).x, X)
    assert open_data(f"{path}::Two").x.tolist() == [[7]]
    with pytest.raises(InputError, match='has no sheet "Three"; it has: Empty, One, Two'):
        open_data(f"{path}::Three")
    with pytest.raises(InputError, match='holds no rows in the sheet "Empty"'):
        open_data(f"{path}::Empty")


def test_a_run_remembers_the_sheet(tmp_path):
    from aevum.runs import opening_record

    found = opening_record(str(tmp_path / "t.xlsx::Two"), labels="y")
    assert (found["data"], found["labels"]) == (f"{tmp_path}/t.xlsx::Two", "y")


def test_without_openpyxl_it_is_named(tmp_path, monkeypatch):
    book(tmp_path / "t.xlsx", A=[["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingPackageError, match=r'needs openpyxl; pip install "aevum\[excel\]"'):
        open_data(tmp_path / "t.xlsx")


def test_damaged_sheets_and_bombs(tmp_path, monkeypatch):
    raw = book(tmp_path / "t.xlsx", A=[["a", "b"], [1, 2]]).read_bytes()
    for part in (raw[:-100], b"no zip", raw[: len(raw) // 2]):
        (tmp_path / "t.xlsx").write_bytes(part)
        with pytest.raises(InputError, match="can't be read as an Excel file"):
            open_data(tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2**24))
    monkeypatch.setattr(files, "_BOMB_BYTES", 2**20)
    with pytest.raises(InputError, match="zip bomb"):
        open_data(tmp_path / "t.xlsx")


LINES = {
    "a.pt": "torch.load('a.pt', weights_only=True)", "a.pth": "torch.load", "a.mat": "scipy.io.loadmat('a.mat')['X']",
    "a.h5": "h5py.File('a.h5')['X'][:]", "a.hdf5": "h5py", "a.dcm": "pydicom.dcmread(f).pixel_array",
    "a.fits": "astropy.io.fits.getdata", "a.heic": "pillow_heif.register_heif_opener()", "a.nii.gz": "nibabel.load",
    "a.pkl": "pd.read_pickle('a.pkl')", "a.jsonl": "lines=True", "a.xls": "pd.read_excel('a.xls').to_csv('x.csv'",
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_what_is_not_read_says_how_to_convert_it(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="convert it first, in Python: ") as caught:
        open_data(tmp_path / name)
    assert LINES[name] in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_of_what_is_not_read_says_how_to_convert_it(tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.dcm").write_bytes(b"x")
    with pytest.raises(
        InputError, match=r"holds no images.*it holds 3 \.dcm; convert them first, in Python: .*pydicom"
    ):
        open_data(tmp_path)


def test_an_array_of_objects_says_how_to_convert_it(tmp_path):
    np.save(tmp_path / "a.npy", np.array([1, "x"], dtype=object))
    with pytest.raises(InputError, match=r"holds Python objects.*np\.save\(path, x\.astype\(float\)\)"):
        open_data(tmp_path / "a.npy")
