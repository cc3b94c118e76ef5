"""Tables as they come, through the commands: columns by name, empty cells, and what a run remembers of them."""

import csv
import importlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

SMALL = ("--latent-dim", 2, "--epochs", 1, "--hidden", 8, "--seed", 0)


def holed(path):
    """A table with an id, a text, and an empty cell in each tenth row."""
    rows = np.random.default_rng(0).normal(size=(60, 3)).round(3).tolist()
    lines = [f"p{i},free text {i},{'' if i % 10 == 3 else a},{b},{c}" for i, (a, b, c) in enumerate(rows)]
    Path(path).write_text("\n".join(["patient,remark,a,b,c", *lines]) + "\n")


def test_columns_and_empty_cells_are_kept_with_the_run(run, refused, monkeypatch):
    holed("t.csv")
    assert "--drop" in refused("train", "t.csv", *SMALL)
    assert "--missing" in refused("train", "t.csv", "--drop", "patient,remark", "--missing", "error", *SMALL)
    run("train", "t.csv", "--drop", "patient,remark", *SMALL, "--out", "gaps")
    run("score", "gaps", "t.csv", "--drop", "patient,remark", "-o", "scores.csv")
    words = ("--drop", "patient", "--drop", "remark", "--missing", "drop")
    done = run("train", "t.csv", *words, *SMALL, "--out", "r")
    assert "6 of 60 rows have an empty cell" in done.stderr and "54 examples" in done.stdout
    assert "aevum encode r t.csv --drop patient --drop remark --missing drop -o codes.csv" in done.stdout
    record = json.loads(Path("r/data.json").read_text())
    assert (record["drop"], record["missing"], "columns" in record) == (["patient", "remark"], "drop", False)
    run("encode", "r", "t.csv", "--columns", "a,b,c", "--missing", "median", "-o", "z.csv")
    assert len(Path("z.csv").read_text().splitlines()) == 61
    page_networks = importlib.import_module("aevum.server.page_networks")
    monkeypatch.setattr(page_networks, "to_onnx", lambda *_: (b"", b""))  # tests/estimators/test_tables.py translates
    run("export", "r", "--html", "page.html")


def test_every_command_opens_a_table_as_the_run_did(run, refused):
    holed("t.csv")
    run("train", "t.csv", "--drop", "patient,remark", "--missing", "drop", *SMALL, "--out", "r")
    said = run("encode", "r", "t.csv", "-o", "z.csv").stderr
    assert 't.csv: as at the training, without "patient", "remark", --missing drop' in said
    run("encode", "r", "t.csv", "--drop", "patient,remark", "--missing", "drop", "-o", "said.csv")
    assert Path("z.csv").read_text() == Path("said.csv").read_text() and len(Path("z.csv").read_text().split()) == 55
    assert "54 rows" in run("score", "r", "t.csv", "-o", "s.csv").stdout
    assert "of 60 rows" in run("score", "r", "t.csv", "--missing", "median").stdout, "what is said comes first"
    table = pd.read_csv("t.csv").drop(columns="remark").assign(new=1.0)
    table.to_csv("u.csv", index=False, sep=";")  # a table of another form, and a column that no run knows
    assert 'unknown "new"' in run("encode", "r", "u.csv", "-o", "u_z.csv", code=2).stderr
    run("encode", "r", "u.csv", "--drop", "new", "-o", "u_z.csv")
    assert Path("u_z.csv").read_text() == Path("z.csv").read_text()
    run("train", "t.csv", "--columns", "a,b", *SMALL, "-o", "two")
    run("reconstruct", "two", "t.csv", "-o", "again.csv")
    assert list(pd.read_csv("again.csv").columns) == ["a", "b"]
    run("evaluate", "two", "t.csv")


def test_the_decimal_mark_is_remembered(run):
    values = np.random.default_rng(0).integers(1000, 9999, size=(40, 2)) / 1000
    lines = [",".join(f"{value:.3f}" for value in row) for row in values]
    Path("t.csv").write_text("\n".join(["a;b", *(line.replace(",", ";") for line in lines)]) + "\n")
    run("train", "t.csv", "--decimal", ",", *SMALL, "--out", "r")
    assert run("encode", "r", "t.csv", "-o", "z.csv").stderr.count("is read as a fraction") == 0
    run("encode", "r", "t.csv", "--decimal", ",", "-o", "said.csv")
    assert Path("z.csv").read_text() == Path("said.csv").read_text()


def test_what_was_chosen_for_each_column_is_told_in_words(run):
    random = np.random.default_rng(0)
    z = random.normal(size=(120, 1))
    numbers = (z + 0.3 * random.normal(size=(120, 33))).round(4)
    lines = [",".join(["cat" if z[i, 0] > 0 else "dog", *map(str, row)]) for i, row in enumerate(numbers)]
    Path("t.csv").write_text("\n".join([",".join(["kind", *(f"n{d}" for d in range(33))]), *lines]) + "\n")
    told = [run("train", "t.csv", *SMALL, "--out", "r").stdout, run("info", "r").stdout]
    for text in told:
        lines = text.splitlines()
        first = lines.index(next(line for line in lines if line.startswith("column")))
        assert "two classes: cat, dog" in lines[first + 1] and lines[first + 31] == "… and 4 more"
        sigma = float(lines[first + 2].split()[2])
        assert 0.05 < sigma < 2.0, "in the column's units"
        assert "independent columns" in text and "of 33 of 34 columns, the others by themselves" in text
        assert "34 columns" in text, "few rows for so many"
    answer = json.loads(run("info", "r", "--json").stdout)
    assert answer["columns"][0] == {"name": "kind", "kind": "two-valued", "reason": "two classes", "sigma": None,
                                    "classes": ["cat", "dog"]}  # fmt: skip
    assert answer["columns"][1]["sigma"] == pytest.approx(sigma, rel=0.01) and answer["laws"]["dense"] == 33


def cells_of(path):
    """The rows of a table by column."""
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def test_codes_and_scores_name_the_rows_that_were_read(run):
    """Rows that were left out keep their numbers, so that codes and scores can be led back to the file."""
    holed("t.csv")
    words = ("--drop", "patient,remark", "--missing", "drop")
    run("train", "t.csv", *words, *SMALL, "--out", "r")
    kept = [i for i in range(60) if i % 10 != 3]
    for command, name in (("encode", "z.csv"), ("score", "s.csv")):
        done = run(command, "r", "t.csv", *words, "-o", name)
        assert [int(row["row"]) for row in cells_of(name)] == kept
        assert next(iter(cells_of(name)[0])) == "row"
    scores = {int(row["row"]): float(row["score"]) for row in cells_of("s.csv")}
    top = json.loads(run("score", "r", "t.csv", *words, "--json").stdout)["top"]
    assert [line["score"] for line in top] == [scores[line["row"]] for line in top]
    assert str(max(scores, key=scores.get)) in done.stdout
    run("decode", "r", "z.csv", "-o", "again.csv")
    run("encode", "r", "t.csv", *words, "-o", "z.parquet")
    run("decode", "r", "z.parquet", "-o", "again.parquet")


def test_sheets_packed_tables_and_archives_are_trained_on(run):
    rows = np.random.default_rng(0).normal(size=(40, 3)).round(3)
    frame = pd.DataFrame(rows, columns=list("abc"))
    frame.to_csv("t.csv.gz", index=False)
    pytest.importorskip("openpyxl")
    frame.to_excel("t.xlsx", index=False)
    for name in ("t.csv.gz", "t.xlsx"):
        run("train", name, *SMALL, "--out", f"r-{name}")
        run("encode", f"r-{name}", name, "-o", f"{name}.z.csv")
    assert cells_of("t.csv.gz.z.csv") == cells_of("t.xlsx.z.csv")
    with zipfile.ZipFile("pictures.zip", "w") as archive:
        for i, image in enumerate(np.random.default_rng(0).integers(0, 256, (30, 8, 8)).astype(np.uint8)):
            buffer = io.BytesIO()
            Image.fromarray(image).save(buffer, "PNG")
            archive.writestr(f"{'ab'[i % 2]}/{i:02}.png", buffer.getvalue())
    run("train", "pictures.zip", *SMALL, "--out", "p")
    run("encode", "p", "pictures.zip", "-o", "p.csv")
    assert {row["file"].split("/")[0] for row in cells_of("p.csv")} == {"a", "b"}


def test_words_in_a_table_are_learned_and_drawn(run, refused):
    Path("t.csv").write_text("a,kind\n" + "".join(f"{i / 7},{'xyz'[i % 3]}\n" for i in range(30)))
    run("train", "t.csv", *SMALL, "--latent-dim", "1", "--out", "r")
    run("sample", "r", "-n", "9", "-o", "drawn.csv")
    assert {row["kind"] for row in cells_of("drawn.csv")} <= set("xyz")
    # Codes go by the words, whatever their order in another file.
    Path("u.csv").write_text("a,kind\n" + "".join(f"{i / 7},{'zy'[i % 2]}\n" for i in range(30)))
    Path("v.csv").write_text("a,kind\n" + "".join(f"{i / 7},{'zyx'[i % 2]}\n" for i in range(30)) + "1,x\n")
    run("encode", "r", "u.csv", "-o", "u-codes.csv")
    run("encode", "r", "v.csv", "-o", "v-codes.csv")
    assert cells_of("u-codes.csv") == cells_of("v-codes.csv")[:30]
    message = refused("train", "t.csv", "--likelihood", "gaussian", *SMALL)
    assert "use likelihood='columns' (or 'auto')" in message and '"kind"' in message
    run("train", "t.csv", "--drop", "kind", "--likelihood", "gaussian", *SMALL, "--out", "numbers")
    assert 'without "kind"' in run("encode", "numbers", "t.csv", "-o", "z.csv").stderr


def test_pictures_in_parquet_take_the_size_of_the_model(run):
    """As Hugging Face's data sets hold them; a table of lists beside them is not resized."""
    cells = []
    for image in np.random.default_rng(0).integers(0, 256, (30, 9, 9)).astype(np.uint8):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        cells.append({"bytes": buffer.getvalue(), "path": None})
    pd.DataFrame({"image": cells, "label": [0, 1] * 15}).to_parquet("t.parquet")
    run("train", "t.parquet", "--image-size", 6, *SMALL, "--out", "r")
    run("encode", "r", "t.parquet", "-o", "z.csv")
    assert [row["label"] for row in cells_of("z.csv")][:3] == ["0", "1", "0"]
    assert cells_of("z.csv")[0]["file"] == "00.png"
    pd.DataFrame({"v": np.random.default_rng(0).normal(size=(30, 36)).reshape(30, 6, 6).tolist()}).to_parquet(
        "l.parquet"
    )
    run("train", "l.parquet", *SMALL, "--out", "l")
    run("encode", "l", "l.parquet", "-o", "l.csv")
