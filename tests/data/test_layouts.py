"""Tables as text as programs write them: each is read with the right numbers, or the error names line and option."""

import bz2
import gzip
import io
import lzma
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from aevum.data import files, layout, open_data
from aevum.data.decimals import evidence, number
from aevum.errors import DataWarning, InputError

X = np.round(np.random.default_rng(0).normal(0.0, 50.0, (30, 3)), 2)
FRAME = pd.DataFrame(X, columns=["len", "wid", "hei"])


@pytest.fixture
def table(tmp_path):
    """Write a text and open it: the data set, and what was said."""

    def call(text, encoding="utf-8", name="t.csv", **options):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = open_data(tmp_path / name, **options)
        said = " ".join(str(w.message) for w in caught)
        assert all(w.category is DataWarning for w in caught)
        assert found.notes == tuple(str(w.message) for w in caught)
        return found, said

    return call


def r_table(sep, quote='"'):
    """R's write.table: the row names have no name, and so the first row is a cell shorter."""
    head = sep.join(f"{quote}{name}{quote}" for name in FRAME.columns)
    rows = [sep.join([f"{quote}{i + 1}{quote}", *map(str, row)]) for i, row in enumerate(X.tolist())]
    return "\n".join([head, *rows]) + "\n"


def numpy_text(**options):
    stream = io.StringIO()
    np.savetxt(stream, X, **options)
    return stream.getvalue()


NAMES = ("len", "wid", "hei")
FORMS = {
    "pipe": (FRAME.to_csv(sep="|", index=False), NAMES),
    "tab": (FRAME.to_csv(sep="\t", index=False), NAMES),
    "semicolon": (FRAME.to_csv(sep=";", index=False), NAMES),
    "space": (FRAME.to_csv(sep=" ", index=False), NAMES),
    "aligned": (FRAME.to_string(index=False) + "\n", NAMES),
    "aligned with index": (FRAME.to_string() + "\n", NAMES),
    "spaces after commas": (FRAME.to_csv(index=False).replace(",", ", "), NAMES),
    "decimal commas": (FRAME.to_csv(sep=";", decimal=",", index=False), NAMES),
    "decimal commas between tabs": (FRAME.to_csv(sep="\t", decimal=",", index=False), NAMES),
    "decimal commas in quotes": (FRAME.to_csv(decimal=",", index=False, quoting=1), NAMES),
    "decimal commas between spaces": (FRAME.to_csv(sep=" ", decimal=",", index=False), NAMES),
    "sep=": ("sep=;\r\n" + FRAME.to_csv(sep=";", index=False), NAMES),
    "sep=, with a mark": ("\ufeffsep=,\r\n" + FRAME.to_csv(index=False), NAMES),
    "comments": ("# made by x\n# on a day, in May\n\n" + FRAME.to_csv(index=False), NAMES),
    "a comment with the names": ("# a scan\n#" + FRAME.to_csv(index=False), NAMES),
    "numpy": (numpy_text(), None),
    "numpy with names": (numpy_text(header="len wid hei"), NAMES),
    "numpy with commas and names": (numpy_text(header="len,wid,hei", delimiter=","), NAMES),
    "a title": ("Measurements of May\n\n" + FRAME.to_csv(index=False), NAMES),
    "a title in cells": ("Measurements,,\n,,\n" + FRAME.to_csv(index=False), NAMES),
    "two lines of title": ("Measurements\nof May; station 7b\n" + FRAME.to_csv(index=False, sep=";"), NAMES),
    "R": (r_table(" "), NAMES),
    "R without quotes": (r_table(" ", ""), NAMES),
    "R with tabs": (r_table("\t"), NAMES),
    "R with commas": (r_table(","), NAMES),
    "R's write.csv": (FRAME.set_index(FRAME.index + 1).to_csv(), NAMES),
    "a separator at each line's end": (FRAME.to_csv(index=False).replace("\n", ",\n"), NAMES),
    "a separator at the end of all but the first": (
        FRAME.to_csv(index=False).replace("\n", ",\n").replace(",\n", "\n", 1), NAMES),
    "columns that a spreadsheet left empty": (FRAME.to_csv(index=False).replace("\n", ",,,\n"), NAMES),
    "old line ends": (FRAME.to_csv(index=False).replace("\n", "\r"), NAMES),
    "pandas without names": (pd.DataFrame(X).to_csv(index=False), ("0", "1", "2")),
    "pandas without names, with index": (pd.DataFrame(X).to_csv(), ("0", "1", "2")),
    "years": (pd.DataFrame(X, columns=[2019, 2020, 2021]).to_csv(index=False), ("2019", "2020", "2021")),
    "read and written again": (pd.read_csv(io.StringIO(FRAME.to_csv())).to_csv(index=False), NAMES),
    "an Id": (FRAME.assign(Id=range(1, 31)).to_csv(index=False), NAMES),
    "the second half of an id": (FRAME.assign(passenger_id=range(931, 961)).to_csv(index=False), NAMES),
    "shuffled row numbers": (FRAME.sample(frac=1, random_state=0).sort_values("len").reset_index().to_csv(index=False),
                             NAMES),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("form", FORMS)
def test_what_programs_write(table, form, encoding):
    text, names = FORMS[form]
    found, _ = table(text.removeprefix("\ufeff"), encoding)
    expected = X[np.argsort(X[:, 0])] if form == "shuffled row numbers" else X
    np.testing.assert_array_equal(found.x, expected)
    assert found.feature_names == names


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_found_out(table, encoding):
    text, names = FORMS["decimal commas"]
    found, _ = table(text, encoding)
    np.testing.assert_array_equal(found.x, X)
    assert found.feature_names == names


@pytest.mark.parametrize("form", ["pipe", "aligned", "R"])
def test_a_txt_file_is_a_table_too(table, form):
    assert table(FORMS[form][0], name="t.txt")[0].shape == X.shape


SAID = {
    "decimal commas": 'decimal commas in columns "len", "wid", "hei"',
    "a title": 'the lines above the table are left out ("Measurements of May")',
    "pandas without names": "line 1 (0, 1, 2) is read as the names of the columns; --no-header makes it data",
    "years": "line 1 (2019, 2020, 2021) is read as the names",
    "read and written again": 'column "Unnamed: 0" (0, 1, 2, …) numbers the rows and is left out',
    "an Id": 'column "Id" (1, 2, 3, …) numbers the rows and is left out',
    "tab": None,
    "R": None,
    "R with commas": "the first column has no name",
    "R's write.csv": None,
}


@pytest.mark.parametrize("form", SAID)
def test_what_changes_numbers_or_columns_is_said(table, form):
    said = table(FORMS[form][0])[1]
    assert said == "" if SAID[form] is None else SAID[form] in said


@pytest.mark.parametrize("header", ["", "No,a\n"])
def test_a_column_that_may_count_the_rows_is_said_and_kept(table, header):
    named = '"No"' if header else "1"
    found, said = table(header + "".join(f"{i},{i * i % 7}\n" for i in range(1, 31)))
    assert found.shape == (30, 2)
    assert f"column {named} counts the rows and is used as data; name it Id" in said


@pytest.mark.parametrize("text", [",a,b\n0.5,1,2\n0.7,3,4\n", ",a,b\n3,1,2\n3,3,4\n", "a,b\n1,5,2\n2,7,3\n"])
def test_a_nameless_column_that_may_be_data_is_said(table, text):
    found, said = table(text)
    assert found.feature_names == ("a", "b")
    assert "the first column has no name, and is left out" in said


def test_words_for_no_value_among_labels_are_said(table):
    found, said = table("a,y\n1,NA\n2,b\n3,NA\n", labels="y")
    assert found.y.tolist() == ["NA", "b", "NA"]
    assert 'labels "NA" are taken for a class' in said


def test_a_column_left_out_is_kept_beside_the_data(table):
    found = table(FORMS["an Id"][0])[0]
    assert found.left_out["Id"].tolist() == list(range(1, 31))


@pytest.mark.parametrize("values", [[1, 1, 2], [0.5, 1.5, 2.5]])
def test_an_id_that_repeats_or_has_fractions_is_a_feature(table, values):
    assert table(pd.DataFrame({"id": values, "a": [3, 5, 4]}).to_csv(index=False))[0].feature_names == ("id", "a")


COLUMNS = {
    ("55,928", "1,234.5"): (55928, 1234.5),
    ("55,928", "12"): None,
    ("1,234,567", "55,928"): (1234567, 55928),
    ("2,5", "55,928"): (2.5, 55.928),
    ("1.234.567", "55.928"): (1234567, 55928),
    ("1.234,5", "55.928"): (1234.5, 55928),
    ("0,928", "7"): (0.928, 7),
    ("1234,567", "7"): (1234.567, 7),
    ("1 234,5", "7"): (1234.5, 7),
    ("1\u202f234\u202f567", "7"): (1234567, 7),
    ("1'234.5", "7"): (1234.5, 7),
    ("-1,5e3", "+2,"): (-1500, 2),
    ("2,5", "2.5"): None,
    ("1.234", "2.5"): (1.234, 2.5),
}


@pytest.mark.parametrize("cells", COLUMNS)
def test_thousands_and_decimals_are_told_by_column(table, cells):
    text = "a;b\n" + "".join(f"{cell};1\n" for cell in cells)
    if COLUMNS[cells] is None:
        with pytest.raises(InputError, match=r'column "a" has ".*line [23].*--decimal'):
            table(text)
    else:
        assert table(text)[0].x[:, 0].tolist() == list(COLUMNS[cells])


def test_a_column_that_could_be_either_follows_the_others(table):
    assert table("a;b\n55,928;0.5\n7,000;1\n")[0].x.tolist() == [[55928, 0.5], [7000, 1]]
    assert table("a;b\n55,928;0,5\n7,000;1\n")[0].x.tolist() == [[55.928, 0.5], [7, 1]]
    assert table("a;b\n1.234;0,5\n7;1\n")[0].x.tolist() == [[1234, 0.5], [7, 1]]
    with pytest.raises(InputError, match='column "c".*"1.234" in line 2.*thousands.*--decimal'):
        table("a;b;c\n2,5;2.5;1.234\n2,5;2.5;1.234\n")


@pytest.mark.parametrize(("decimal", "value"), [(".", 55928), (",", 55.928)])
def test_the_decimal_mark_can_be_said(table, decimal, value):
    assert table("a;b\n55,928;1\n", decimal=decimal)[0].x.tolist() == [[value, 1]]
    with pytest.raises(InputError, match=r"line 2: column \"a\" is \"(2,5|2\.5)\".*--decimal"):
        table(f"a;b\n{'2,5' if decimal == '.' else '2.5'};1\n", decimal=decimal)


@given(
    value=st.one_of(st.integers(-(10**12), 10**12), st.decimals(-(10**9), 10**9, places=4)),
    style=st.sampled_from([",.", ".,", " ,", "\u202f,", "'."]),
)
def test_numbers_mean_the_same_in_every_country(value, style):
    plain = f"{value:,}"
    text = plain.replace(",", "T").replace(".", style[1]).replace("T", style[0])
    assert number(text, style[1]) == float(value)
    assert evidence(text) in (style[1], "none", f"either {style[1]}", f"either {style[0]}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1\n1,0\n0,0\n", r"line 1: 0, 1 may be the names.*--header or --no-header"),
        ("0\n1\n1\n", "--no-header"),
        ("value\n1,5\n2,5\n", "line 2: 2 cells where the first row has 1.*--sep or --decimal"),
        ("a b\n1 2\n3\n", 'line 2: column "a b" isn\'t numeric: "1 2".*--sep'),
        ("My title\n1,2\n3,4\n", "line 2.*--sep"),
        ("a,a\n1,2\n", '2 columns called "a"; rename'),
        (
            "a,b\n1,\n,2\n3,NA\n",
            r'line 2: column "b" has no value \(3 cells have none: column "b": 2, "a": 1\); --missing drop',
        ),
        ("a,b\n1,inf\n2,-inf\n", r'line 2: column "b" is infinite \(2 cells are\)'),
    ],
)
def test_what_stays_unclear_is_asked(table, text, message):
    with pytest.raises(InputError, match=message) as caught:
        table(text, missing="error")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "options", "x", "names"),
    [
        ("0,1\n1,0\n", {"header": False}, [[0, 1], [1, 0]], None),
        ("0,1\n1,0\n", {"header": True}, [[1, 0]], ("0", "1")),
        ("0,1,2\n3,4,5\n", {}, [[0, 1, 2], [3, 4, 5]], None),
        ("0,1,2\n0,1,2\n3,4,5\n", {}, [[0, 1, 2], [3, 4, 5]], ("0", "1", "2")),
        ("2019,2020\n15,20\n", {}, [[15, 20]], ("2019", "2020")),
        ("2019,1\n2020,2\n", {}, [[2019, 1], [2020, 2]], None),
        ("1999,2001\n2003,2002\n", {}, [[1999, 2001], [2003, 2002]], None),
        ("400,402,404,406,408\n1,7,3,2,9\n", {}, [[1, 7, 3, 2, 9]], ("400", "402", "404", "406", "408")),
        ("1,2,3,4,5\n2,3,4,5,6\n", {}, [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]], None),
        ("NA,1,2\n3,1.5,2\n", {"header": True}, [[3, 1.5, 2]], ("NA", "1", "2")),
        ("1:2\n3:4\n", {"sep": ":"}, [[1, 2], [3, 4]], None),
        ("1 2\n3   4\n", {"sep": "space"}, [[1, 2], [3, 4]], None),
        ("1\t2\n", {"sep": "tab"}, [[1, 2]], None),
        ("1,5\n2,5\n", {"decimal": ","}, [[1.5], [2.5]], None),
    ],
)
def test_what_is_said_counts(table, text, options, x, names):
    found = table(text, **options)[0]
    assert found.x.tolist() == x
    assert found.feature_names == names


def test_another_encoding(table):
    raw = "höhe,größe\n1,2\n".encode("cp1252")
    found, said = table(raw)
    assert found.feature_names == ("höhe", "größe")
    assert 'isn\'t UTF-8 and is read as cp1252, as Windows programs write it ("höhe")' in said


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (
            "высота,вес\n1,2\n".encode("cp1251"),
            r"isn't UTF-8 text, line 1 \(byte 0xE2 after \"\"\).*--encoding.*cp1252",
        ),
        ("größe,a\n1,2\n".encode() + b"1,\xff\n", r"line 3 \(byte 0xFF"),  # UTF-8, but for one byte
        (b"name,b\n1,2\n\x00\xe9,1\n", r"line 3 \(byte 0xE9"),
        (("a,b\n" + "1,2\n" * 5000 + "1,2 \xa0\n").encode("cp1252") + b"\x81", r"line 5002 \(byte 0xA0"),
    ],
    ids=["Russian", "damaged UTF-8", "no text", "no letter of cp1252"],
)
def test_what_is_no_cp1252_is_not_guessed(table, raw, words):
    with pytest.raises(InputError, match=words):
        table(raw)


def test_what_windows_programs_write(tmp_path):
    """pandas in Windows' own encoding, semicolons and decimal commas, words with what it has beyond Latin-1."""
    frame = FRAME.assign(Größe=["süß – 5 €", "café", "naïve…"] * 10)
    frame.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",", encoding="cp1252")
    with pytest.warns(DataWarning, match="decimal commas|words"), pytest.warns(DataWarning, match="read as cp1252"):
        found = open_data(tmp_path / "t.csv")
    np.testing.assert_array_equal(found.x[:, :3], X)
    assert found.columns[3].categories == ("café", "naïve…", "süß – 5 €")


def test_the_encoding_can_be_said(tmp_path):
    (tmp_path / "t.csv").write_bytes("höhe,größe\n1,2\n".encode("cp1252"))
    assert open_data(tmp_path / "t.csv", encoding="cp1252").feature_names == ("höhe", "größe")
    with pytest.raises(InputError, match="isn't ascii text"):
        open_data(tmp_path / "t.csv", encoding="ascii")


@pytest.mark.parametrize(
    "options",
    [{"sep": ""}, {"sep": "ab"}, {"sep": '"'}, {"sep": "\n"}, {"decimal": ";"}, {"encoding": "utf-99"},
     {"encoding": "rot13"}, {"encoding": "a\0b"}, {"header": "yes"}, {"sep": ",", "decimal": ","}],
)  # fmt: skip
def test_options_that_cannot_be_meant(tmp_path, options):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="|".join(options)):
        open_data(tmp_path / "t.csv", **options)


@pytest.mark.parametrize("option", [{"sep": ","}, {"decimal": "."}, {"encoding": "utf-8"}, {"header": False}])
def test_options_of_text_are_refused_for_all_else(tmp_path, option):
    np.save(tmp_path / "x.npy", np.eye(3))
    for spec in (tmp_path / "x.npy", "iris"):
        with pytest.raises(InputError, match=f"{next(iter(option))}.*tables as text"):
            open_data(spec, **option)


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.5", "2"], [1.5, 2]),
        ([" x", "y "], ["x", "y"]),
        (["a,b", "c"], ["a,b", "c"]),
        (["none", "some"], ["none", "some"]),
    ],
)
def test_labels_are_read_as_numbers_are(table, cells, labels):
    assert table("a;y\n" + "".join(f"1;{cell}\n" for cell in cells), labels="y")[0].y.tolist() == labels


def test_labels_without_a_value_are_counted(table):
    with pytest.raises(InputError, match=r'line 3: column "y" has no value \(2 cells have none'):
        table("a,y\n1,2\n2,NA\n3,\n", labels="y")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("0123456789.,;|\t \"'#-+eaN\n\r\0ä", max_size=60))
def test_no_text_makes_another_error(tmp_path, text):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8", newline="")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            assert not np.isinf(open_data(tmp_path / "t.csv").x).any()
        except InputError as error:
            assert "\n" not in str(error)


# ------------------------------------------------------------------ packed tables, and other endings


PACKING = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("packing", PACKING)
@pytest.mark.parametrize(
    ("ending", "form"), [(".csv", "decimal commas"), (".tsv", "tab"), (".txt", "R"), (".CSV", "an Id")]
)
def test_packed_tables_are_read_as_they_are_unpacked(table, packing, ending, form):
    text, names = FORMS[form]
    for encoding in ("utf-8", "utf-16"):
        found, _ = table(PACKING[packing](text.encode(encoding)), name=f"t{ending}{packing}")
        np.testing.assert_array_equal(found.x, X)
        assert (found.feature_names, found.name) == (names, "t")


@pytest.mark.parametrize("packing", PACKING)
def test_what_pandas_packs_is_read(tmp_path, packing):
    FRAME.to_csv(tmp_path / f"t.csv{packing}", index=False)
    np.testing.assert_array_equal(open_data(tmp_path / f"t.csv{packing}").x, X)


@pytest.mark.parametrize("packing", PACKING)
def test_a_packed_table_that_is_damaged(table, packing):
    whole = PACKING[packing](FRAME.to_csv(index=False).encode())
    for raw in (whole[: len(whole) // 2], b"no packed file", whole[:20] + b"\xff" * 40 + whole[60:]):
        with pytest.raises(InputError, match=r"t\.csv\.\w+ (can't be unpacked|.*UTF-8)"):
            table(raw, name=f"t.csv{packing}")
    with pytest.raises(InputError, match="nothing is packed in it"):
        table(PACKING[packing](b""), name=f"t.csv{packing}")


def test_a_packed_table_that_is_a_bomb(tmp_path, monkeypatch):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 2**20))
    assert open_data(tmp_path / "t.csv.gz").shape == (2**20, 2)
    monkeypatch.setattr(files, "_BOMB_BYTES", 2**20)
    with pytest.raises(InputError, match="zip bomb"):
        open_data(tmp_path / "t.csv.gz")
    monkeypatch.setattr(layout, "_MAX_TEXT", 2**18)
    with pytest.raises(InputError, match="more than the limit of 256.0 KiB"):
        open_data(tmp_path / "t.csv.gz")


@pytest.mark.parametrize("ending", [".tab", ".dat", ".data"])
def test_other_endings_of_tables(table, ending):
    np.testing.assert_array_equal(table(FORMS["aligned"][0], name=f"t{ending}")[0].x, X)


def test_parquet_may_be_called_pq(tmp_path):
    FRAME.to_parquet(tmp_path / "t.pq")
    found = open_data(tmp_path / "t.pq", labels="hei")
    np.testing.assert_array_equal(found.x, X[:, :2])


def test_labels_of_pictures_in_a_packed_table(tmp_path):
    for i in range(3):
        (tmp_path / "im").mkdir(exist_ok=True)
        Image.fromarray(np.full((2, 2), i, np.uint8)).save(tmp_path / "im" / f"{i}.png")
    (tmp_path / "y.csv.gz").write_bytes(gzip.compress(b"file,label\n2.png,c\n0.png,a\n1.png,b\n"))
    assert open_data(tmp_path / "im", labels=str(tmp_path / "y.csv.gz")).y.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("names", [["e1", "e2"], ["E10", "E999"], ["-e5", "e5"]])
def test_a_name_that_looks_like_an_exponent_is_a_name(tmp_path, names):
    """Of a column and of labels: no digit stands before the e."""
    cells = names * 20
    (tmp_path / "y.csv").write_text("\n".join(cells) + "\n")
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{i}.5,{cell}\n" for i, cell in enumerate(cells)))
    np.save(tmp_path / "x.npy", np.zeros((len(cells), 2)))
    assert open_data(tmp_path / "x.npy", labels=str(tmp_path / "y.csv")).y.tolist() == cells
    x = open_data(tmp_path / "t.csv").x
    assert x[:, 0].tolist() == [row + 0.5 for row in range(40)] and sorted(x[:2, 1]) == [0.0, 1.0]


def test_numbers_with_no_digit_before_the_mark_or_none_behind_it(tmp_path):
    (tmp_path / "t.csv").write_text("a;b\n.5;5.\n-.25;+7.\n1e3;.5e1\n")
    assert open_data(tmp_path / "t.csv").x.tolist() == [[0.5, 5.0], [-0.25, 7.0], [1000.0, 5.0]]
