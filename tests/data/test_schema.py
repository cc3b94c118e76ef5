"""Columns of words, yes and no, and dates: numbers with a schema, the same from text and from Parquet."""

import dataclasses
import datetime
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aevum import VAE, DataWarning
from aevum.data import Dataset, open_data
from aevum.data.dates import days, forms
from aevum.data.schema import Column
from aevum.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning")
ROWS = 60
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(18, 90, ROWS),
        "job": RNG.choice(["clerk", "nurse", "Örtlich"], ROWS),
        "member": RNG.choice([True, False], ROWS),
        "since": pd.date_range("1969-12-30", periods=ROWS),
        "wage": RNG.normal(size=ROWS).round(3),
    }
)
EPOCH = datetime.date(1970, 1, 1)


def expected(frame=FRAME):
    """What the reader is to make of it, without its code."""
    jobs = sorted(frame["job"].dropna().unique())
    return np.column_stack(
        [
            frame["age"].astype(float),
            [jobs.index(job) if isinstance(job, str) else np.nan for job in frame["job"]],
            [np.nan if value is None else float(value) for value in frame["member"]],
            [np.nan if pd.isna(day) else (day.date() - EPOCH).days for day in frame["since"]],
            frame["wage"],
        ]
    )


FORMS = {
    "csv": lambda f, path: f.to_csv(path, index=False),
    "tsv": lambda f, path: f.to_csv(path, index=False, sep="\t"),
    "european.csv": lambda f, path: f.to_csv(path, index=False, sep=";", decimal=",", date_format="%d.%m.%Y"),
    "american.csv": lambda f, path: f.to_csv(path, index=False, date_format="%m/%d/%Y"),
    "british.csv": lambda f, path: f.to_csv(path, index=False, date_format="%d/%m/%Y"),
    "utf16.csv": lambda f, path: f.to_csv(path, index=False, encoding="utf-16"),
    "csv.gz": lambda f, path: f.to_csv(path, index=False),
    "parquet": lambda f, path: f.to_parquet(path, index=False),
    "categorical.parquet": lambda f, path: f.astype({"job": "category"}).to_parquet(path, index=False),
    "dates.parquet": lambda f, path: f.assign(since=f["since"].dt.date).to_parquet(path, index=False),
    "pieces.parquet": lambda f, path: f.to_parquet(path, index=False, row_group_size=7),
}


@pytest.mark.parametrize("form", FORMS)
def test_mixed_columns_become_numbers_with_a_schema(tmp_path, form):
    path = tmp_path / f"t.{form}"
    FORMS[form](FRAME, path)
    found = open_data(path)
    np.testing.assert_array_equal(found.x, expected())
    assert found.columns == (
        Column("age"),
        Column("job", "category", ("clerk", "nurse", "Örtlich")),
        Column("member", "boolean", ("False", "True")),
        Column("since", "date"),
        Column("wage"),
    )


@pytest.mark.parametrize("form", [form for form in FORMS if "dates" not in form])
def test_empty_cells_of_every_kind_are_nan(tmp_path, form):
    holed = FRAME.astype({"member": object})
    for i, name in enumerate(holed.columns):
        holed.loc[3 + 2 * i : 4 + 2 * i, name] = None
    path = tmp_path / f"t.{form}"
    FORMS[form](holed, path)
    np.testing.assert_array_equal(open_data(path, missing="model").x, expected(holed))
    with pytest.raises(InputError, match='column "age" has no value \\(10 cells have none'):
        open_data(path, missing="error")
    assert len(open_data(path, missing="drop")) == ROWS - 10
    filled = open_data(path, missing="median").x
    commonest = np.bincount(expected(holed)[:, 1][~np.isnan(expected(holed)[:, 1])].astype(int)).argmax()
    assert filled[5, 1] == commonest
    assert filled[3, 0] == np.nanmedian(expected(holed)[:, 0])


def test_what_columns_became_is_said(tmp_path):
    FORMS["csv"](FRAME, tmp_path / "t.csv")
    with pytest.warns(DataWarning) as caught:
        open_data(tmp_path / "t.csv")
    assert [str(warning.message) for warning in caught] == [
        't.csv: read as 0 and 1: column "member" ("False", "True")',
        't.csv: read as days since 1970-01-01: column "since"',
    ]


@pytest.mark.parametrize(
    ("cells", "column", "codes"),
    [
        (["yes", "no", "yes"], Column("c", "boolean", ("no", "yes")), [1, 0, 1]),
        (["Yes", "Yes", ""], Column("c", "boolean", ("No", "Yes")), [1, 1, np.nan]),
        (["TRUE", "FALSE"], Column("c", "boolean", ("FALSE", "TRUE")), [1, 0]),
        (["T", "F"], Column("c", "boolean", ("F", "T")), [1, 0]),
        (["f", "m"], Column("c", "category", ("f", "m")), [0, 1]),
        (["y", "y"], Column("c", "category", ("y",)), [0, 0]),
        (["0", "1", "2", "3+"], Column("c", "category", ("0", "1", "2", "3+")), [0, 1, 2, 3]),
        ([" b", "a "], Column("c", "category", ("a", "b")), [1, 0]),
        (["a", "?", *"aaaa"], Column("c", "category", ("a",)), [0, np.nan, 0, 0, 0, 0]),
        (["a", "none", "none"], Column("c", "category", ("a", "none")), [0, 1, 1]),
        (["a", "NaN", "null"], Column("c", "category", ("a",)), [0, np.nan, np.nan]),
        (["a", "#N/A", "#N/A", "#VALUE!"], Column("c", "category", ("a",)), [0, np.nan, np.nan, np.nan]),
        (["1", "#N/A", "#DIV/0!", "-1.#IND", "#N/A N/A", "-nan"], Column("c"), [1, *[np.nan] * 5]),
        (["1", "?", "N/A", ".", "-", "None", "null"], Column("c"), [1, *[np.nan] * 6]),
        (["2021-03", "1970-02"], Column("c", "date"), [18687, 31]),
        (["1970-01-01T06:00", "1970-01-01 00:00:00.5"], Column("c", "date"), [0.25, 0.5 / 86400]),
        (["1970-01-01T02:00+02:00", "1970-01-01T00:00:00Z"], Column("c", "date"), [0, 0]),
        (["2021", "2022"], Column("c"), [2021, 2022]),
        (["2021-02-30", "2021-01-01"], Column("c", "category", ("2021-01-01", "2021-02-30")), [1, 0]),
    ],
)
def test_what_cells_mean(tmp_path, cells, column, codes):
    (tmp_path / "t.csv").write_text("a;c\n" + "".join(f"1.5;{cell}\n" for cell in cells))
    found = open_data(tmp_path / "t.csv", missing="model")
    np.testing.assert_array_equal(found.x[:, 1], codes)
    assert found.columns == (Column("a"), column)


def test_columns_without_names_are_numbered(tmp_path):
    (tmp_path / "t.csv").write_text("1,u\n2,v\n")
    found = open_data(tmp_path / "t.csv")
    assert found.columns == (Column("1"), Column("2", "category", ("u", "v")))
    assert found.feature_names is None


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([f"p{i}" for i in range(60)], r'column "c" isn\'t numeric: it holds 60|over 50 .*different texts in 60 rows'),
        (["x" * 1001] * 60, 'column "c" isn\'t numeric: one of its texts is 1001 characters long; leave it out with'),
    ],
)
def test_ids_and_free_text_name_the_column_and_the_option(tmp_path, ending, cells, words):
    frame, path = pd.DataFrame({"a": np.arange(60) / 7, "c": cells}), tmp_path / f"t{ending}"
    frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path)
    with pytest.raises(InputError, match=words) as caught:
        open_data(path)
    assert "--drop" in str(caught.value)
    assert open_data(path, drop="c").columns == (Column("a"),)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_how_many_categories_there_may_be(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    for different, rows, fine in (
        (50, 50, True),
        (51, 100, False),
        (51, 102, True),
        (1000, 3000, True),
        (1001, 3000, False),
    ):
        frame = pd.DataFrame({"a": np.arange(rows) / 7, "c": [f"t{i % different}" for i in range(rows)]})
        frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path)
        if fine:
            assert len(open_data(path).columns[1].categories) == different
        else:
            with pytest.raises(InputError, match="different texts"):
                open_data(path)


def test_one_wrong_cell_among_numbers_is_named_with_its_line(tmp_path):
    cells = [str(i / 8) for i in range(100)]
    cells[41] = "n.v."
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"1,{cell}\n" for cell in cells))
    with pytest.raises(InputError, match='line 43: column "b" isn\'t numeric: "n.v."'):
        open_data(tmp_path / "t.csv")


@pytest.mark.parametrize(("ending", "place"), [(".csv", "line 2"), (".parquet", "row 1")])
def test_dates_that_can_be_read_in_two_ways_are_asked_about(tmp_path, ending, place):
    frame, path = pd.DataFrame({"a": [1, 2], "d": ["03/04/2021", "05/06/2021"]}), tmp_path / f"t{ending}"
    frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path)
    words = f'{place}: column "d" holds dates such as "03/04/2021".*year-month-day.*--drop'
    with pytest.raises(InputError, match=words):
        open_data(path)


@pytest.mark.parametrize("kind", ["object", "category"])
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S"])
def test_texts_of_dates_and_of_numbers_with_a_sign_are_the_same_in_every_form(tmp_path, form, kind):
    days = pd.date_range("2020-01-01", periods=1500)
    frame = pd.DataFrame({"d": days.strftime(form), "p": [f"{k / 8}%" for k in range(1500)]})
    frame.loc[::7, "d"], frame.loc[::5, "p"] = None, "NA"
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.astype(kind).to_parquet(tmp_path / "t.parquet")
    with pytest.warns(DataWarning, match='column "p" is read as numbers, without the sign "%"'):
        text, parquet = open_data(tmp_path / "t.csv"), open_data(tmp_path / "t.parquet")
    assert text.columns == parquet.columns == (Column("d", "date"), Column("p"))
    np.testing.assert_array_equal(text.x, parquet.x)
    assert text.x[1, 0] == 18263.0


DAYS = pd.date_range("2001-01-31", periods=120, freq="11D")
SHORT = [f"0{1 + k % 9}.0{1 + k // 9 % 9}.0{1 + k // 81}" for k in range(120)]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (DAYS.strftime("%m/%d/%y"), '"01/31/01" as 2001-01-31 .*format="%m/%d/%y"'),
        (DAYS.strftime("%b %d, %Y"), '"Jan 31, 2001" as 2001-01-31 .*format="%b %d, %Y"'),
        (DAYS.strftime("%d-%b-%y"), '"31-Jan-01" as 2001-01-31 .*format="%d-%b-%y"'),
        (DAYS.strftime("%m/%d/%Y %I:%M %p"), 'as 2001-01-31 .*format="%m/%d/%Y %I:%M %p"'),
        (SHORT, r'"0\d.0\d.0\d" may be 20\d\d-\d\d-\d\d, 20'),
        (DAYS.strftime("%a, %d %b %Y"), "such as 2019-09-19"),
        (["soon", *DAYS.strftime("%Y-%m-%d")], 'but for "soon"; write all as year-month-day, and nothing where'),
    ],
)
def test_texts_that_look_like_dates_are_told_how_to_be_written(tmp_path, ending, texts, said):
    path, told = tmp_path / f"t{ending}", f'column "c".*look like dates.*{said}'
    for count in (20, len(texts)):
        frame = pd.DataFrame({"a": np.arange(count) / 7, "c": list(texts[:count])})
        frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path)
        if count > 20:
            with pytest.raises(InputError, match=told + ".*--drop"):
                open_data(path)
            continue
        with pytest.warns(DataWarning, match="as 20 classes without an order.*look like dates"):
            assert open_data(path).columns[1].kind == "category"


@given(moment=st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)))
def test_dates_mean_the_same_in_every_form(moment):
    day = (moment.date() - EPOCH).days
    assert days(moment.date().isoformat(), "iso") == day
    assert days(f"{moment:%d}.{moment:%m}.{moment.year:04}", "day first") == day
    assert days(f"{moment.month}/{moment.day}/{moment.year:04}", "month first") == day
    whole = (moment.replace(microsecond=0) - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    assert days(moment.replace(microsecond=0).isoformat(), "iso") == whole


@given(
    st.text(max_size=12) | st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[T ]?[0-9:]{0,8}Z?", fullmatch=True)
)
def test_any_text_is_a_date_or_none(cell):
    assert forms(cell) <= {"iso", "day first", "month first"}


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text("abcxyz ÄÖ_-,;\"'", min_size=1, max_size=6), min_size=3, max_size=20))
def test_codes_lead_back_to_the_texts(tmp_path, texts):
    frame = pd.DataFrame({"a": np.arange(len(texts)) / 7, "c": texts})
    for path in (tmp_path / "t.csv", tmp_path / "t.parquet"):
        frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
        found = open_data(path, missing="model", sep="," if path.suffix == ".csv" else None)
        column, codes = found.columns[1], found.x[:, 1]
        if column.kind == "category":
            assert list(column.categories) == sorted(set(column.categories))
            for text, code in zip(texts, codes, strict=True):
                assert np.isnan(code) or column.categories[int(code)] == text.strip()


# ------------------------------------------------------------------ what holds a schema together


def test_a_schema_follows_the_columns():
    schema = (Column("a"), Column("b", "category", ("u", "v")), Column("c", "date"))
    found = Dataset(np.zeros((2, 3)), feature_names=("a", "b", "c"), columns=schema)
    turned = dataclasses.replace(found, x=np.zeros((2, 2)), feature_names=("c", "d"))
    assert turned.columns == (Column("c", "date"), Column("d"))
    assert found.part(slice(1)).columns == schema
    with pytest.raises(InputError, match="2 columns don't fit data of shape"):
        Dataset(np.zeros((2, 3)), columns=schema[:2])


def test_estimators_learn_words_and_refuse_them_where_there_were_none(tmp_path):
    FORMS["csv"](FRAME.assign(kind="u"), tmp_path / "t.csv")
    model = VAE(latent_dim=1, hidden=4, epochs=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(open_data(tmp_path / "t.csv"))
        assert model.transform(str(tmp_path / "t.csv")).shape == (ROWS, 1)
        assert set(model.sample(20)["job"]) <= set(FRAME["job"])
    with pytest.raises(InputError, match="for columns of numbers; use likelihood='columns'"):
        model.set_params(likelihood="gaussian").fit(open_data(tmp_path / "t.csv"))


@pytest.mark.parametrize(
    ("cells", "numbers", "sign"),
    [
        ([f"{k}%" for k in range(60)], list(range(60)), "%"),
        (["$1,234.50", "-$5", "", "$2"], [1234.5, -5, np.nan, 2], "$"),
        (["1,5 €", "?", "2 €"], [1.5, np.nan, 2], "€"),
    ],
)
def test_numbers_with_a_sign_are_numbers(tmp_path, cells, numbers, sign):
    (tmp_path / "t.csv").write_text("a;c\n" + "".join(f"1.5;{cell}\n" for cell in cells), encoding="utf-8")
    with pytest.warns(DataWarning, match=f'column "c" is read as numbers, without the sign "[{sign}]"'):
        found = open_data(tmp_path / "t.csv")
    np.testing.assert_array_equal(found.x[:, 1], numbers)
    assert found.columns == (Column("a"), Column("c"))


def test_signs_that_are_mixed_or_unclear(tmp_path):
    (tmp_path / "t.csv").write_text("a;c\n1;51%\n2;$3\n3;51%\n")
    assert open_data(tmp_path / "t.csv").columns[1].kind == "category"
    (tmp_path / "t.csv").write_text("a;c\n1;1,500 €\n2;5 €\n", encoding="utf-8")
    with pytest.raises(InputError, match='column "c" has "1,500 €" in line 2, which may be a fraction or thousands'):
        open_data(tmp_path / "t.csv")


def test_thousands_with_points_between_semicolons_are_asked_about(tmp_path):
    (tmp_path / "t.csv").write_text("price;n\n1.125;1\n1.131;-1\n")
    with pytest.warns(DataWarning, match='"1.125" in line 2 of column "price" is read as a fraction; with --decimal ,'):
        assert open_data(tmp_path / "t.csv").x[0, 0] == 1.125
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_data(tmp_path / "t.csv", decimal=".").x[0, 0] == 1.125
        (tmp_path / "t.csv").write_text("price;n\n1.125;1.5\n1.131;-1\n")  # which speaks for fractions
        assert open_data(tmp_path / "t.csv").x[0, 0] == 1.125
        (tmp_path / "t.csv").write_text("price;n\n1.125;1\n1.131;-1\n")
        assert open_data(tmp_path / "t.csv", decimal=",").x[0, 0] == 1125


def test_codes_with_leading_zeros_are_classes_as_in_parquet(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"zip": ["01234", "00501", "98765", None] * 30, "a": random.normal(size=120)})
    frame["sku"], frame["hour"] = ["12e4", "13e5", "7e1"] * 40, [f"{i % 24:02d}" for i in range(120)]
    frame["n"], frame["zero"], frame["mixed"], frame["power"] = "10", ["0", "0.5"] * 60, ["007", "1.5"] * 60, "1e+05"
    frame["e"] = ["1e5", "0.5"] * 60
    frame.to_csv(tmp_path / "t.csv", index=False)
    words = frame[["zip", "a", "sku", "hour"]]
    words.to_csv(tmp_path / "w.csv", index=False)
    words.to_parquet(tmp_path / "w.parquet")
    one, two = (open_data(tmp_path / name) for name in ("w.csv", "w.parquet"))
    assert one.columns == two.columns
    assert [column.name for column in one.columns if column.kind == "category"] == ["zip", "sku", "hour"]
    np.testing.assert_array_equal(one.x, two.x)
    with pytest.warns(DataWarning, match='"mixed" holds cells such as "007" and is read as numbers'):
        found = open_data(tmp_path / "t.csv")
    assert '"e"' not in " ".join(found.notes)
    assert [c.name for c in found.columns if c.kind == "category"] == ["zip", "sku", "hour"]
    words.assign(note=["x", "y"] * 60).to_csv(tmp_path / "n.csv", index=False)  # beside words, too
    assert open_data(tmp_path / "n.csv").columns[:4] == one.columns
    labelled = open_data(tmp_path / "w.csv", labels="zip", drop="sku", label_gaps=True)
    assert labelled.y.dtype.kind == "f" and labelled.columns[1].kind == "category", "labels are as they were"


@pytest.mark.parametrize("form", ["{:05d}", "{}e1"])
def test_codes_too_many_for_classes_stay_numbers_with_a_word(tmp_path, form):
    codes = [form.format(i) for i in range(100)]
    pd.DataFrame({"zip": codes, "a": np.arange(100) / 7}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.warns(DataWarning, match='column "zip" holds cells such as .* --drop'):
        found = open_data(tmp_path / "t.csv")
    np.testing.assert_array_equal(found.x[:, 0], list(map(float, codes)))
    assert found.columns[0].kind == "number"
    pd.DataFrame({"id": codes, "a": np.arange(100) / 7}).to_csv(tmp_path / "i.csv", index=False)
    with pytest.warns(DataWarning) as said:  # it is left out, and nothing is lost
        assert open_data(tmp_path / "i.csv").feature_names == ("a",)
    assert len(said) == 1
