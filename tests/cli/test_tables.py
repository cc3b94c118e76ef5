"""Tables as they come, through the commands: columns by name, empty cells, and what a run remembers of them."""

import json
from pathlib import Path

import numpy as np

SMALL = ("--latent-dim", 2, "--epochs", 1, "--hidden", 8, "--seed", 0)


def holed(path):
    """A table with an id, a text, and an empty cell in each tenth row."""
    rows = np.random.default_rng(0).normal(size=(60, 3)).round(3).tolist()
    lines = [f"p{i},free text {i},{'' if i % 10 == 3 else a},{b},{c}" for i, (a, b, c) in enumerate(rows)]
    Path(path).write_text("\n".join(["patient,remark,a,b,c", *lines]) + "\n")


def test_columns_and_empty_cells_are_kept_with_the_run(run, refused):
    holed("t.csv")
    assert "--drop" in refused("train", "t.csv", *SMALL)
    assert "--missing" in refused("train", "t.csv", "--drop", "patient,remark", *SMALL)
    words = ("--drop", "patient", "--drop", "remark", "--missing", "drop")
    done = run("train", "t.csv", *words, *SMALL, "--out", "r")
    assert "6 of 60 rows have an empty cell" in done.stderr and "54 examples" in done.stdout
    assert "aevum encode r t.csv --drop patient --drop remark --missing drop -o codes.csv" in done.stdout
    record = json.loads(Path("r/data.json").read_text())
    assert (record["drop"], record["missing"], "columns" in record) == (["patient", "remark"], "drop", False)
    run("encode", "r", "t.csv", "--columns", "a,b,c", "--missing", "median", "-o", "z.csv")
    assert len(Path("z.csv").read_text().splitlines()) == 61
    run("export", "r", "--html", "page.html")
