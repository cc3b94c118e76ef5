"""``aevum explore RUN --labels FILE``: columns of labels beside the data, and those that the data's file has."""

import numpy as np
import pandas as pd
import pytest
from tests.cli.test_explore import _no_figures, served, trained  # noqa: F401  (fixtures)

ROWS = 1797


@pytest.fixture
def labels(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "age [years]": np.where(np.arange(ROWS) % 5 == 0, np.nan, 50 + rng.standard_normal(ROWS)),
        "grade": rng.integers(1, 4, ROWS),
        "note": [f'=1+{i},"x"\nnext' for i in range(ROWS)],
    })  # fmt: skip
    path = tmp_path / "labels.csv"
    frame.to_csv(path, index=False)
    return path


def kinds(served):  # noqa: F811
    return [(column.name, column.kind) for column in served[-1]["runs"][0].columns]


def test_a_table_beside_the_data(run, served, trained, labels):  # noqa: F811
    run("explore", trained, "--labels", labels)
    assert kinds(served) == [("age [years]", "quantity"), ("grade", "category"), ("note", "name")]
    shown = served[-1]["runs"][0]
    assert shown.labelled is not None  # the digits' own labels stay
    assert shown.columns[0].known.sum() == ROWS - 360
    run("explore", trained, "--labels", labels, "--kind", "grade=quantity")
    assert kinds(served)[1] == ("grade", "quantity")


def test_why_a_column_colours_nothing_is_said(run, trained, served, tmp_path):  # noqa: F811
    days = [f"20{10 + i // 336}-{1 + i % 336 // 28:02d}-{1 + i % 28:02d}" for i in range(ROWS)]
    frame = pd.DataFrame({
        "day": days, "bad": [*days[:-1], "2021-02-30"], "note": [f"seen by {i}" for i in range(ROWS)],
        "which": [f"{1 + i % 12}/{1 + i // 12 % 12}/{1900 + i // 144}" for i in range(ROWS)],
    })  # fmt: skip
    frame.to_csv(tmp_path / "days.csv", index=False)
    found = run("explore", trained, "--labels", tmp_path / "days.csv").stderr
    assert kinds(served) == [("day", "quantity"), ("bad", "name"), ("note", "name"), ("which", "name")]
    assert '"day"' not in found and f'dates but for 1 of {ROWS}, such as "2021-02-30"' in found
    assert "nearly all of its texts differ" in found and "which the month can't be told" in found


def test_what_is_said_of_tables_that_do_not_fit(refused, trained, labels, tmp_path):  # noqa: F811
    short = tmp_path / "short.csv"
    short.write_text("a\n1\n2\n", encoding="utf-8")
    assert "has 2 rows, and the data have 1,797" in refused("explore", trained, "--labels", short)
    assert "grade=quantity" in refused("explore", trained, "--labels", labels, "--kind", "grade")
    assert "can't be" in refused("explore", trained, "--labels", labels, "--kind", "nothing=quantity")
    damaged = tmp_path / "damaged.csv"
    damaged.write_bytes(b"a,b\n1\n2,3,4\n")
    assert "damaged.csv" in refused("explore", trained, "--labels", damaged)


def test_columns_of_the_data_that_are_no_features(run, served, tmp_path):  # noqa: F811
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.standard_normal((80, 3)), columns=["u", "v", "w"])
    frame["grower"], frame["town"] = np.where(frame["u"] > 0, "a", "b"), np.where(frame["v"] > 0, "x", "y")
    data = tmp_path / "wine.csv"
    frame.to_csv(data, index=False)
    folder = tmp_path / "run"
    options = ("--epochs", 1, "--hidden", 8, "--latent-dim", 2, "--labels", "grower", "--drop", "town", "-o", folder)
    run("train", data, *options)
    run("explore", folder)
    shown = served[-1]["runs"][0]
    assert kinds(served) == [("town", "category")] and shown.labelled[0] == ["a", "b"]
