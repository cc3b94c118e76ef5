"""Codes and scores into a folder: whole files, none made twice, shared by processes."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from aevum import InputError
from aevum.cli import parts

pq = pytest.importorskip("pyarrow.parquet")
pytestmark = pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")


@pytest.fixture
def shards(tmp_path, monkeypatch):
    """A run, and a folder of shards that is opened as a corpus."""
    from aevum import VAE
    from aevum.data import corpus_files

    monkeypatch.setattr(corpus_files, "SMALL", 100)
    monkeypatch.setattr(parts, "ROWS", 30)
    x = np.random.default_rng(0).integers(0, 256, (100, 5, 5)).astype(np.uint8)
    (tmp_path / "data").mkdir()
    for start in range(0, 100, 20):
        np.save(tmp_path / f"data/{start:03}.npy", x[start : start + 20])
    np.save(tmp_path / "x.npy", x)
    VAE(2, hidden=6, epochs=1, random_state=0).fit(x).save(tmp_path / "model")
    return tmp_path


def rows_in(folder):
    return [pq.read_table(path) for path in sorted(folder.glob("part-*.parquet"))]


def test_codes_in_parts_are_the_codes(run, shards):
    run("encode", shards / "model", shards / "x.npy", "-o", "all.parquet")
    result = run("encode", shards / "model", shards / "data", "-o", "codes/")
    assert "100 codes of 2 values in 3 files in codes, 3 of them new" in result.stdout
    found = rows_in(shards / "codes")
    assert [len(each) for each in found] == [40, 40, 20]
    whole = pq.read_table(shards / "all.parquet").to_pandas()
    joined = np.concatenate([each.to_pandas() for each in found])
    np.testing.assert_allclose(joined, whole.to_numpy(), rtol=1e-5, atol=1e-6)


def test_what_is_there_is_done_and_goes_on(run, shards, monkeypatch):
    written = []
    write = parts.write_table

    def cut_off(path, columns):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(path.name)
        write(path, columns)

    with monkeypatch.context() as within:
        within.setattr(parts, "write_table", cut_off)
        run("encode", shards / "model", shards / "data", "-o", "codes/", code=130)
    assert [path.name for path in sorted((shards / "codes").iterdir())] == ["part-00000.parquet", "parts.json"]
    stamp = (shards / "codes/part-00000.parquet").stat().st_mtime_ns
    answer = json.loads(run("encode", shards / "model", shards / "data", "-o", "codes/", "--json").stdout)
    assert (answer["files"], answer["written"]) == (3, 2)
    assert (shards / "codes/part-00000.parquet").stat().st_mtime_ns == stamp
    assert sum(len(each) for each in rows_in(shards / "codes")) == 100


def test_ranks_share_the_files(run, shards, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, names in (("1", {1, 2}), ("0", {0, 1, 2})):
        monkeypatch.setenv("RANK", rank)
        run("encode", shards / "model", shards / "data", "-o", "codes/")
        assert {int(path.stem[-5:]) for path in (shards / "codes").glob("part-*")} == names


def test_the_first_of_several_processes_replaces_the_parts(run, shards, monkeypatch):
    """Another one, which would take away what the first has written by now, waits until they are of this work."""
    run("encode", shards / "model", shards / "data", "-o", "codes/")
    before = (shards / "codes/parts.json").read_text()
    looks = []

    def look(seconds):
        looks.append(sorted(path.name for path in (shards / "codes").iterdir()))
        (shards / "codes/parts.json").write_text(before.replace('"rows": 100', '"rows": 101'))

    monkeypatch.setattr(parts.time, "sleep", look)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    parts._begin(shards / "codes", json.loads(before) | {"rows": 101}, force=True)
    assert looks == [["part-00000.parquet", "part-00001.parquet", "part-00002.parquet", "parts.json"]]
    monkeypatch.setattr(parts, "PATIENCE", 0.0)
    with pytest.raises(InputError, match="the first process has not replaced them"):
        parts._begin(shards / "codes", json.loads(before), force=True)


@pytest.mark.parametrize("noted", ["[]", "{", "\udcff"])
def test_a_note_of_somebody_elses_is_no_note(refused, shards, noted):
    (shards / "codes").mkdir()
    (shards / "codes/parts.json").write_bytes(noted.encode("utf-8", "surrogateescape"))
    (shards / "codes/part-1.parquet").write_bytes(b"mine")
    assert "holds something else" in refused("encode", shards / "model", shards / "data", "-o", "codes/", "--force")


def test_without_pyarrow_nothing_is_begun(refused, shards, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "needs pyarrow" in refused("encode", shards / "model", shards / "data", "-o", "codes/")
    assert not (shards / "codes").exists()


def test_another_model_or_folder_is_refused(run, refused, shards):
    run("encode", shards / "model", shards / "data", "-o", "codes/")
    assert "what differs" in refused("score", shards / "model", shards / "data", "-o", "codes/")
    run("score", shards / "model", shards / "data", "-o", "codes/", "--force", "--k", "5")
    assert rows_in(shards / "codes")[0].column_names == ["row", "score"]
    (shards / "mine").mkdir()
    (shards / "mine/letter.txt").write_text("dear")
    assert "holds something else" in refused("encode", shards / "model", shards / "data", "-o", "mine/")
    assert "part by part" in refused("score", shards / "model", shards / "data", "-o", "s/", "--contamination", "0.1")


def test_scores_in_parts_are_the_scores(run, shards):
    run("score", shards / "model", shards / "x.npy", "-o", "all.parquet", "--k", "5", "--reference", shards / "x.npy")
    run("score", shards / "model", shards / "data", "-o", "s/", "--k", "5", "--reference", shards / "x.npy")
    whole = pq.read_table(shards / "all.parquet").to_pydict()
    found = [row for each in rows_in(shards / "s") for row in each.to_pylist()]
    np.testing.assert_allclose([row["score"] for row in found], whole["score"], rtol=1e-5)
    assert [row["flagged"] for row in found] == whole["flagged"]


def test_a_corpus_is_trained_on_and_reported_by_a_sample(run, shards):
    result = run("train", shards / "data", "-o", "run", "--epochs", "2", "--latent-dim", "2")
    assert "100 examples" in result.stdout
    about = json.loads((shards / "run/data.json").read_text())
    assert about["rows"] == 100 and (shards / "run/report.html").exists()
    run("encode", shards / "run", shards / "data", "-o", "again/")
