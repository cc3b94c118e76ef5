"""Models that earlier versions wrote: each still loads, and gives the numbers that it gave then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.saved.write import MODELS, data, numbers

import aevum

HERE = Path(__file__).parent
SAVED = sorted(path for version in HERE.iterdir() if version.is_dir() for path in version.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def known():
    return data()


@pytest.mark.parametrize("path", SAVED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_saved_model_gives_the_numbers_it_gave(path, known, tmp_path):
    _, _, which, given = MODELS[path.name]
    model = aevum.load(path)
    found = numbers(model, known[which], None if given is None else known[given])
    wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        scale = np.abs(values).max()
        # Other processors round a sum of products otherwise.
        np.testing.assert_allclose(found[name], values, rtol=2e-4, atol=2e-5 * scale, err_msg=name)
    again = numbers(aevum.load(model.save(tmp_path / "again")), known[which], None if given is None else known[given])
    assert again == found


def test_there_is_one_of_each():
    assert {MODELS[path.name][0] for path in SAVED} == {"AE", "DAE", "VAE", "CVAE", "IWAE"}
    assert {path.name for path in SAVED} == set(MODELS)


def test_a_changed_number_is_noticed(known, tmp_path):
    shutil.copytree(HERE / "0.1" / "vae", tmp_path / "vae")
    weights = tmp_path / "vae" / "model.safetensors"
    bytes_ = bytearray(weights.read_bytes())
    bytes_[-1] ^= 1
    weights.write_bytes(bytes_)
    with pytest.raises(aevum.ModelFileError):
        aevum.load(tmp_path / "vae")
