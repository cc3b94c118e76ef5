"""What the libraries write that large data come from: Hugging Face's ``datasets``, and WebDataset."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aevum import VAE
from aevum.data.corpora import Corpus
from aevum.data.corpus_files import open_corpus

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (50, 8, 6)).astype(np.uint8)
Y = np.arange(50) % 3
TABLE = RNG.normal(size=(60, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def hugging_face() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("datasets")


@pytest.fixture(scope="module")
def web() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("webdataset")


def rows_of(corpus: Corpus) -> Any:
    return corpus[:]


def pictures(library: Any) -> Any:
    features = library.Features({"image": library.Image(), "label": library.ClassLabel(names=["a", "b", "c"])})
    return library.Dataset.from_dict({"image": list(X), "label": Y}, features=features)


def arrays(library: Any) -> Any:
    features = library.Features({"image": library.Array2D((8, 6), "uint8"), "label": library.Value("int64")})
    return library.Dataset.from_dict({"image": list(X), "label": Y}, features=features)


@pytest.mark.parametrize("make", [pictures, arrays])
def test_a_data_set_of_pictures(hugging_face: Any, make: Any) -> None:
    """Also one whose rows were selected, so that they don't lie where they were written."""
    found = open_corpus(make(hugging_face))
    np.testing.assert_array_equal(rows_of(found.x), X)
    assert found.y is not None and len(np.unique(found.y)) == 3
    few = open_corpus(make(hugging_face).select([7, 3, 40]))
    np.testing.assert_array_equal(rows_of(few.x), X[[7, 3, 40]])


def test_a_data_set_of_vectors(hugging_face: Any) -> None:
    made = hugging_face.Dataset.from_dict({"x": list(TABLE)}).with_format("torch")
    found = open_corpus(made)
    np.testing.assert_allclose(np.asarray(rows_of(found.x), np.float32).reshape(60, 4), TABLE)


def test_a_data_set_that_was_saved(hugging_face: Any, tmp_path: Path) -> None:
    arrays(hugging_face).save_to_disk(tmp_path / "saved")
    found = open_corpus(tmp_path / "saved", "label")
    np.testing.assert_array_equal(rows_of(found.x), X)
    arrays(hugging_face).to_parquet(tmp_path / "one.parquet")
    found = open_corpus(tmp_path / "one.parquet", "label")
    np.testing.assert_array_equal(rows_of(found.x), X)


@pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
def test_a_data_set_is_fitted_as_an_array_is(hugging_face: Any) -> None:
    settings = {"latent_dim": 2, "hidden": 6, "epochs": 1, "random_state": 0}
    found = VAE(**settings).fit(pictures(hugging_face)).transform(X)
    np.testing.assert_array_equal(found, VAE(**settings).fit(X).transform(X))


@pytest.mark.parametrize("form", ["png", "npy"])
def test_shards_that_webdataset_writes(web: Any, tmp_path: Path, form: str) -> None:
    (tmp_path / "shards").mkdir()
    with web.ShardWriter(str(tmp_path / "shards" / "part-%03d.tar"), maxcount=20, verbose=0) as writer:
        for row, (x, y) in enumerate(zip(X, Y, strict=True)):
            writer.write({"__key__": f"{row:05}", form: x, "cls": int(y)})
    assert len(list((tmp_path / "shards").iterdir())) == 3
    found = open_corpus(tmp_path / "shards")
    np.testing.assert_array_equal(rows_of(found.x), X)
    np.testing.assert_array_equal(np.asarray(found.y).astype(int), Y)
