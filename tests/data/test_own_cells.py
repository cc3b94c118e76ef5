"""A file's own cells beside those that were filled in."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from aevum.data.own_cells import kept, texts, with_own

DAYS = [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 3)]
GAP = np.array([1.0, np.nan, 3.0])
MOMENTS = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="datetime64[us]")
UTC = pa.timestamp("us", "UTC")
CODED = pa.array(["a", None, "b"]).dictionary_encode()


@pytest.mark.parametrize(
    ("own", "made", "kind", "filled"),
    [
        (pa.array([2**60 + 1, None, 3]), np.array([1, 2, 3]), pa.int64(), [2**60 + 1, 2, 3]),
        (pa.array([1, None, 3]), np.array([1.0, 2.5, 3.0]), pa.float64(), [1.0, 2.5, 3.0]),
        (pa.array([1, None, 3], pa.int8()), np.array([1, 300, 3]), pa.int64(), [1, 300, 3]),
        (pa.array(DAYS), MOMENTS, pa.date32(), [*DAYS[:1], datetime.date(2020, 1, 2), DAYS[2]]),
        (pa.array([True, None, False]), np.array([True, True, False]), pa.bool_(), [True, True, False]),
        (CODED, np.array(["a", "b", "b"]), CODED.type, ["a", "b", "b"]),
        (CODED, np.array(["a", "c", "b"]), pa.string(), ["a", "c", "b"]),
    ],
)
def test_arrow_columns_keep_their_type_where_it_holds_what_is_filled_in(own, made, kind, filled):
    found = with_own(pa.chunked_array([own]), made, GAP, text=False)
    assert found.type == kind and found.to_pylist() == filled
    whole = pa.chunked_array([own.drop_null()])
    assert with_own(whole, made[[0, 2]], GAP[[0, 2]], text=False) is whole


@pytest.mark.parametrize(
    ("own", "made", "cells"),
    [
        (pa.array([2**60 + 1, None, 3]), np.array([1, 2, 3]), [str(2**60 + 1), "2", "3"]),
        (pa.array(DAYS), MOMENTS, ["2020-01-01", "2020-01-02", "2020-01-03"]),
        (
            pa.array([0, None, 10**6], UTC),
            MOMENTS,
            ["1970-01-01 00:00:00+00:00", "2020-01-02 00:00:00+00:00", "1970-01-01 00:00:01+00:00"],
        ),
        (pa.array([True, None, False]), np.array([True, True, False]), ["True", "True", "False"]),
        (pa.array([11588.38, None, 0.1], pa.float32()), np.array([1.0, 2.25, 3.0]), ["11588.38", "2.25", "0.1"]),
    ],
)
def test_arrow_columns_as_text(own, made, cells):
    assert with_own(pa.chunked_array([own]), made, GAP, text=True).tolist() == cells


@pytest.mark.parametrize(
    ("own", "made", "cells"),
    [
        (["007", "", " 3"], np.array([7.0, 2.5, 3.0]), ["007", "2.5", " 3"]),
        (["7,5", "", "3"], np.array([8, 2, 3]), ["7,5", "2", "3"]),
        (["7,50", "", "3,00"], np.array([7.5, 2.0, 3.0]), ["7,50", "2,00", "3,00"]),
        (["$10,981.86", "", "$3.50"], np.array([7.5, -2345.5, 3.0]), ["$10,981.86", "-$2,345.50", "$3.50"]),
        (["1.549 €", "", "3 €"], np.array([7.5, 2345.5, 3.0]), ["1.549 €", "2.345,5 €", "3 €"]),
        (["1'549.25", "", "3.00"], np.array([7.5, 2345.5, 3.0]), ["1'549.25", "2'345.50", "3.00"]),
        (["1\u00a0549,25", "", "3"], np.array([7.5, 1e20, 3.0]), ["1\u00a0549,25", "1e+20", "3"]),
        (["$-51", "", "$ -3"], np.array([7.5, -2.0, 3.0]), ["$-51", "$-2", "$ -3"]),
        (["TRUE", "?", "FALSE"], np.array(["TRUE", "TRUE", "FALSE"]), ["TRUE", "TRUE", "FALSE"]),
        (["1/13/2020", "", "1/3/2020"], MOMENTS, ["1/13/2020", "1/2/2020", "1/3/2020"]),
        (["2020-01-01T10:00Z", "", "2020-01-03T00:00Z"], MOMENTS, ["2020-01-01T10:00Z", "2020-01-02T00:00Z",
                                                                  "2020-01-03T00:00Z"]),
        (["51%", "", "3 %"], np.array([51.0, 2.5, 3.0]), ["51%", "2.5%", "3 %"]),
        (["$51", "", "-$3"], np.array([51.0, -2.5, -3.0]), ["$51", "-$2.5", "-$3"]),
    ],
)  # fmt: skip
def test_cells_of_text_stay_and_what_is_filled_in_is_like_them(own, made, cells):
    numbers = {
        "7,5": 7.5, "7,50": 7.5, "51%": 51.0, "$51": 51.0, "$-51": -51.0, "007": 7.0, "$10,981.86": 10981.86,
        "1.549 €": 1549.0, "1'549.25": 1549.25, "1\u00a0549,25": 1549.25, "-$3": -3.0, "$ -3": -3.0, "$3.50": 3.5,
    }  # fmt: skip
    read = np.array([numbers.get(own[0], 1.0), np.nan, numbers.get(own[2], 3.0)])
    assert with_own(own, made, read, text=True).tolist() == cells


def test_moments_as_text():
    assert texts(MOMENTS).tolist() == ["2020-01-01", "2020-01-02", "2020-01-03"]
    late = np.array(["2020-01-01T12:30", "9999-12-31"], dtype="datetime64[us]")
    assert texts(late).tolist() == ["2020-01-01 12:30:00", "9999-12-31 00:00:00"]


@pytest.mark.parametrize(
    ("own", "cells"),
    [
        (pa.array(DAYS), ["2020-01-01", "", "2020-01-03"]),
        (pa.array([0.1, None, 2.5], pa.float32()), ["0.1", "", "2.5"]),
        (pa.array([2**60 + 1, None, 3]), [str(2**60 + 1), "", "3"]),
        (pa.array(["007", None, "b"]).dictionary_encode(), ["007", "", "b"]),
        (pa.array([None, None, None]), ["", "", ""]),
    ],
)
def test_columns_that_stay_as_text(own, cells):
    assert kept(pa.chunked_array([own]), True).tolist() == cells
    column = pa.chunked_array([own])
    assert kept(column, False) is column
