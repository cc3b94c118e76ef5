"""``aevum outliers``: odd rows of a table as it comes."""

import csv
import json

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("quick_detectors")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Four columns, of which the first row's second and third break what they have in common; a fifth names rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 1)) @ np.array([[1.0, 2.0, -1.0, 0.5]]) + 0.1 * rng.normal(size=(120, 4))
    x[0, 1:3] += 9.0
    path = tmp_path_factory.mktemp("outliers") / "rows.csv"
    lines = [",".join([f"r{i}", *(f"{value:.6f}" for value in row)]) for i, row in enumerate(x)]
    path.write_text("\n".join(["who,a,b,c,d", *lines]) + "\n")
    ordinary = path.with_name("ordinary.csv")
    ordinary.write_text("\n".join(["who,a,b,c,d", *lines[1:]]) + "\n")
    return path, ordinary


def test_it_names_the_odd_row_and_its_columns(run, table, tmp_path):
    out = tmp_path / "scores.csv"
    found = run("outliers", str(table[0]), "--drop", "who", "--contamination", "0.05", "--top", "2", "-o", str(out))
    assert found.stdout.startswith("6 of 120 rows flagged")
    line = next(line for line in found.stdout.splitlines() if line.split()[:1] == ["0"])
    assert "yes" in line and ("b +" in line or "c +" in line)
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 120 and max(rows, key=lambda row: float(row["score"]))["row"] == "0"


def test_it_learns_from_ordinary_rows(run, table):
    found = run(
        "outliers", str(table[0]), "--drop", "who", "--ordinary", str(table[1]), "--json", "--top", "1", "-n", "30"
    )
    told = json.loads(found.stdout)
    assert told["rows"] == 30 and told["top"][0]["row"] == 0 and told["top"][0]["flagged"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["digits"], "OutlierDetector is for tables"),
        (["TABLE", "--drop", "who", "--contamination", "1.5"], "contamination"),
        (["TABLE", "--drop", "who", "-o", "scores.txt"], "scores.txt"),
        (["TABLE", "--drop", "who", "--ordinary", "missing.csv"], "missing.csv"),
    ],
)
def test_what_it_refuses(refused, table, words, message):
    assert message in refused("outliers", *(str(table[0]) if word == "TABLE" else word for word in words))
