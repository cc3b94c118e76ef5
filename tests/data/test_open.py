import os
from pathlib import Path

import numpy as np
import pytest

from aevum.data import datasets, open_data
from aevum.errors import InputError

SHARED = Path(os.environ.get("AEVUM_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


@pytest.mark.parametrize("named", [n for n in datasets() if n.name != "mnist"], ids=lambda n: n.name)
def test_named_sets_are_what_the_list_says(named):
    ds = open_data(named.name)
    assert ds.shape == (named.rows, *named.shape)
    assert ds.y is not None
    assert ds.description == named.description
    assert (ds.feature_names is None) == (len(named.shape) > 1)


def test_named_set_types():
    digits = open_data("digits")
    assert digits.dtype == np.float32
    assert digits.x.max() == 16
    assert open_data("iris").classes.tolist() == ["setosa", "versicolor", "virginica"]
    assert open_data("diabetes").y.dtype.kind == "f"


@pytest.mark.parametrize(
    ("file", "shape", "labelled"),
    [
        ("olivetti.npz", (400, 64, 64), False),
        ("freyfaces.npz", (1965, 28, 20), False),
        ("caltech101_silhouettes_28.npz", (8671, 28, 28), True),
        ("omniglot_small.npz", (4840, 28, 28), False),
        ("omniglot_small.npz::eval_x28", (800, 28, 28), False),
        ("sprites_static.npz", (11664, 64, 64, 3), False),
        ("adbench/cardio.npz", (1831, 21), True),
    ],
)
def test_real_files(file, shape, labelled):
    if not SHARED.is_dir():
        pytest.skip(f"no test data at {SHARED}")
    ds = open_data(str(SHARED / file))
    assert ds.shape == shape
    assert (ds.y is not None) == labelled


def test_a_file_of_labels_that_is_not_there_is_said_to_be_none(tmp_path):
    with pytest.raises(InputError, match=r"brings its own labels; a table beside it would be a file, and .* is none"):
        open_data("digits", labels=str(tmp_path / "nothere.csv"))
    (tmp_path / "there.csv").write_text("a\n1\n")
    for labels in (str(tmp_path / "there.csv"), "class"):
        with pytest.raises(InputError, match="brings its own labels") as told:
            open_data("digits", labels=labels)
        assert "would be a file" not in str(told.value)


def test_labels_key_of_a_real_file():
    if not SHARED.is_dir():
        pytest.skip(f"no test data at {SHARED}")
    assert len(open_data(SHARED / "olivetti.npz", labels="subject").classes) == 40


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("digts", "did you mean digits"),
        ("MNIST", "did you mean mnist"),
        ("zzz", "named data sets: digits, .*parquet"),
        ("", "no data are named"),
        ("a\0b.npy", "can't be opened"),
        ("nowhere/x.npy", "doesn't exist"),
        ("x" * 5000, "can't be opened"),
        ("~nobody_here/x.npy", "doesn't exist"),
        ("/dev/null", "pipe or a device"),
        (b"digits", "name or a path"),
        (None, "name or a path"),
    ],
)
def test_unusable_specs(spec, message):
    with pytest.raises(InputError, match=message) as caught:
        open_data(spec)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.npy", b"", "is empty"),
        ("x.csv", b"", "is empty"),
        ("x.pkl", b"abc", "kind that isn't read"),
        ("x.png", b"abc", "single image"),
        ("x.npy.gz", b"abc", "unpack it first"),
        ("x.csv.gz", b"abc", "can't be unpacked"),
        ("x\ny.npy", b"abc", r"x\\ny.npy isn't a numpy"),
    ],
)
def test_unusable_files(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        open_data(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "y"}, "own labels"),
        ({"image_size": 8}, "folders of images only"),
        ({"split": "test"}, "no split"),
    ],
)
def test_options_that_do_nothing_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        open_data("digits", **options)


def test_a_name_wins_over_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("digits").write_bytes(b"x")
    assert open_data("digits").name == "digits"
    with pytest.raises(InputError, match="isn't read"):
        open_data("./digits")


def test_permission_denied(tmp_path, monkeypatch):
    path = tmp_path / "x.npy"
    np.save(path, np.eye(2))

    def denied(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match="permission denied"):
        open_data(path)
