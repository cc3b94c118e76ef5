"""Pictures in archives: as if these were folders, and never a way out of them or into all memory."""

import gzip
import io
import json
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from aevum import DataWarning
from aevum.data import archives, files, open_data
from aevum.data.open import splits
from aevum.errors import InputError

X = np.random.default_rng(0).integers(0, 256, (6, 5, 4)).astype(np.uint8)


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def write(path, members):
    """An archive of the kind that its name says."""
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, raw in members.items():
                archive.writestr(name, raw)
        return path
    mode = {"gz": "w:gz", "tgz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}.get(path.name.rsplit(".", 1)[1], "w")
    with tarfile.open(path, mode) as archive:
        for name, raw in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return path


KINDS = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"]
CLASSES = {f"{'cat' if i < 4 else 'dog'}/{i}.png": png(x) for i, x in enumerate(X)}


@pytest.mark.parametrize("ending", KINDS)
def test_an_archive_is_read_as_a_folder_is(tmp_path, ending):
    found = open_data(write(tmp_path / f"pets{ending}", CLASSES))
    np.testing.assert_array_equal(found.x, X)
    assert found.y.tolist() == ["cat"] * 4 + ["dog"] * 2
    assert found.row_names == tuple(CLASSES)
    assert found.name == "pets"


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
@pytest.mark.parametrize("folder", ["", "data/", "a/b/"])
def test_a_split_in_an_archive(tmp_path, ending, folder):
    members = {f"{folder}{part}/{c}/{i}.png": png(X[i]) for i, part in enumerate(["train", "test"]) for c in "uv"}
    path = write(tmp_path / f"t{ending}", {"README.md": b"hello", **members} if folder else members)
    assert set(splits(str(path))) == {"train", "test"}
    for i, split in enumerate(["train", "test"]):
        with pytest.warns(DataWarning, match="is read"):
            found = open_data(path, split=split)
        assert found.y.tolist() == ["u", "v"]
        np.testing.assert_array_equal(found.x, np.stack([X[i]] * 2))


def test_options_of_folders_hold_for_archives(tmp_path):
    path = write(
        tmp_path / "a.zip", {"b/1.png": b"no image", "b/2.png": png(X[0]), "b/x.heic": b"x", "__MACOSX/b": b""}
    )
    with pytest.raises(InputError, match=r"a\.zip/b/1\.png can't be read as an image.*--skip-damaged"):
        open_data(path)
    with pytest.warns(DataWarning, match=r"left out 1 of 2 files|one folder|left out are files .*1 \.heic"):
        assert open_data(path, skip_damaged=True, image_size=3).shape == (1, 3, 3)
    (tmp_path / "y.csv").write_text("file,label\n2.png,u\n0.png,v\n")
    flat = write(tmp_path / "flat.tar", {"0.png": png(X[0]), "2.png": png(X[1])})
    assert open_data(flat, labels=str(tmp_path / "y.csv")).y.tolist() == ["v", "u"]
    with pytest.raises(InputError, match="masks"):
        open_data(write(tmp_path / "m.zip", {"images/1.png": png(X[0]), "masks/1.png": png(X[0])}))


@pytest.mark.parametrize("ending", [".zip", ".tar"])
@pytest.mark.parametrize("name", ["../../a.png", "/etc/a.png", "..\\a.png", "c/../../../a.png"])
def test_no_name_leads_out_of_an_archive(tmp_path, ending, name):
    path = write(tmp_path / "in" / f"t{ending}" if (tmp_path / "in").mkdir() is None else None, {name: png(X[0])})
    before = sorted(tmp_path.rglob("*"))
    found = open_data(path) if "c/" not in name and "etc" not in name else None
    if found is None:
        with pytest.warns(DataWarning, match="a single class"):
            found = open_data(path)
    assert ".." not in found.row_names[0] and not found.row_names[0].startswith("/")
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_an_archive_are_passed_over(tmp_path):
    path = write(tmp_path / "t.tar", {"0.png": png(X[0])})
    with tarfile.open(path, "a") as archive:
        for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "0.png"), (tarfile.FIFOTYPE, "")):
            info = tarfile.TarInfo(f"{int(kind)}.png")
            info.type, info.linkname = kind, target
            archive.addfile(info)
    assert open_data(path).row_names == ("0.png",)


@pytest.mark.parametrize("ending", [".zip", ".tar.gz", ".tar.xz"])
@pytest.mark.parametrize("name", ["a.png", "a.bin"])
def test_a_bomb_is_refused(tmp_path, monkeypatch, ending, name):
    path = write(tmp_path / f"t{ending}", {"0.png": png(X[0]), name: bytes(2**24)})
    monkeypatch.setattr(files, "_BOMB_BYTES", 2**20)
    with pytest.raises(InputError, match="zip bomb"):
        open_data(path)


def test_more_than_memory_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "t.tar", {f"{i}.png": png(X[0]) for i in range(9)})
    monkeypatch.setattr(archives.refuse_too_big, "__defaults__", (300,))
    with pytest.raises(InputError, match="more than the limit"):
        open_data(path)


@pytest.mark.parametrize("ending", KINDS)
def test_a_damaged_archive(tmp_path, ending):
    raw = write(tmp_path / f"t{ending}", CLASSES).read_bytes()
    for part in (raw[: len(raw) // 2], b"no archive", raw[:100] + b"\xff" * 200 + raw[300:]):
        (tmp_path / f"t{ending}").write_bytes(part)
        with pytest.raises(InputError, match="can't be read as an (archive|image)|holds no pictures"):
            open_data(tmp_path / f"t{ending}")


def test_an_archive_of_no_pictures_says_what_it_holds(tmp_path):
    with pytest.raises(InputError, match=r"holds no pictures, but train\.csv, b/test\.csv; unpack it and name one"):
        open_data(write(tmp_path / "t.zip", {"train.csv": b"a\n1\n", "b/test.csv": b"a\n1\n", "x.md": b""}))
    with pytest.raises(InputError, match=r"holds no pictures: there is x\.bin"):
        open_data(write(tmp_path / "t.tar", {"x.bin": b"1"}))
    with pytest.raises(InputError, match="tables with named columns"):
        open_data(write(tmp_path / "t.zip", {"train.csv": b"a\n1\n"}), drop="a")


def test_a_table_that_is_packed_alone(tmp_path):
    path = write(tmp_path / "t.csv.zip", {"t.csv": b"a,b\n1,2\n"})
    assert open_data(path, labels="b").x.tolist() == [[1]]
    with pytest.raises(InputError, match="holds 2 files; unpack it first"):
        open_data(write(path, {"t.csv": b"a,b\n1,2\n", "u.csv": b"a\n"}))


# ------------------------------------------------------------------ WebDataset


def shard(indices, label):
    members = {}
    for i in indices:
        ending, raw = label(i)
        members |= {f"{i:04}.png": png(X[i]), f"{i:04}.{ending}": raw, f"{i:04}.txt": b"a caption"}
    return members


LABELS = {
    "cls": (lambda i: ("cls", str(i % 3).encode()), [0, 1, 2, 0, 1, 2]),
    "words": (lambda i: ("cls", b"cat" if i % 2 else b"dog"), ["dog", "cat"] * 3),
    "json": (lambda i: ("json", json.dumps({"label": i % 2, "size": 3}).encode()), [0, 1] * 3),
    "json class": (lambda i: ("json", json.dumps({"class": "ab"[i % 2]}).encode()), ["a", "b"] * 3),
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
def test_labels_of_the_same_key_are_read(tmp_path, kind, ending):
    label, expected = LABELS[kind]
    found = open_data(write(tmp_path / f"t{ending}", shard(range(6), label)))
    np.testing.assert_array_equal(found.x, X)
    assert found.y.tolist() == expected


def test_a_folder_of_shards_is_read_in_order(tmp_path):
    label, expected = LABELS["cls"]
    for number, rows in ((1, range(3, 6)), (0, range(3))):
        write(tmp_path / f"shard-{number:06}.tar", shard(rows, label))
    (tmp_path / "index.json").write_text("{}")
    found = open_data(tmp_path)
    np.testing.assert_array_equal(found.x, X)
    assert found.y.tolist() == expected
    assert found.row_names[3] == "shard-000001.tar/0003.png"


def test_a_picture_without_a_label_among_others_is_named(tmp_path):
    members = shard(range(6), LABELS["cls"][0])
    del members["0004.cls"]
    with pytest.raises(InputError, match=r"t\.tar/0004\.png has no label beside it, as 5 of 6 pictures have"):
        open_data(write(tmp_path / "t.tar", members))
    bare = {name: raw for name, raw in members.items() if not name.endswith(".cls")}
    assert open_data(write(tmp_path / "t.tar", {**bare, "0000.json": b"{", "0001.json": b"[]"})).y is None


def test_gzip_alone_is_no_archive(tmp_path):
    (tmp_path / "x.npy.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(InputError, match="is packed; unpack it first"):
        open_data(tmp_path / "x.npy.gz")
