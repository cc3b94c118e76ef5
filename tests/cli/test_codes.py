"""Codes with leading zeros through the commands, and models of before that took them for numbers."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aevum import VAE, open_data
from aevum.errors import DataWarning

SMALL = ("--latent-dim", 2, "--epochs", 1, "--hidden", 8, "--seed", 0)
ZIPS = ["01234", "00501", "98765", "10001"]


def table(path, zips, rows=120):
    frame = pd.DataFrame({"zip": (zips * rows)[:rows], "a": np.random.default_rng(0).normal(size=rows).round(3)})
    frame.to_csv(path, index=False)
    return frame


def texts(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_codes_are_drawn_filled_and_given_as_they_are_written(run):
    table("t.csv", ZIPS)
    run("train", "t.csv", *SMALL, "--out", "r")
    run("sample", "r", "-n", 40, "-o", "s.csv")
    assert set(texts("s.csv")["zip"]) <= set(ZIPS)
    run("sample", "r", "-n", 3, "--given", "zip=01234", "-o", "g.csv")
    assert set(texts("g.csv")["zip"]) == {"01234"}
    table("gaps.csv", [*ZIPS, ""])
    run("impute", "r", "gaps.csv", "-o", "whole.csv")
    before, after = texts("gaps.csv")["zip"], texts("whole.csv")["zip"]
    assert set(after) <= set(ZIPS) and (after[before != ""] == before[before != ""]).all()
    for other in (["98765", "10001"], ["1234", "501", "98765", "10001"]):  # none with a zero, or where these were lost
        table("u.csv", other)
        table("v.csv", [{"1234": "01234", "501": "00501"}.get(code, code) for code in other])
        for name in "uv":
            run("encode", "r", f"{name}.csv", "-o", f"z_{name}.csv", "--force")
        assert Path("z_u.csv").read_text() == Path("z_v.csv").read_text()


@pytest.mark.parametrize("words", [False, True])
def test_a_model_of_before_takes_codes_for_the_numbers_that_it_knows(tmp_path, words):
    frame = table(tmp_path / "t.csv", [*ZIPS, *(f"{i:05d}" for i in range(60))])  # too many for classes
    if words:
        frame["job"] = ["cook", "clerk"] * 60
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.assign(zip=frame["zip"].astype(float)).to_csv(tmp_path / "numbers.csv", index=False)
    with pytest.warns(DataWarning, match="zip"):
        data = open_data(tmp_path / "t.csv")
    with warnings.catch_warnings(action="ignore"):  # there is little to learn here
        vae = VAE(1, hidden=(8,), epochs=1, random_state=0).fit(data)
    frame[:8].to_csv(tmp_path / "few.csv", index=False)
    few, numbers = open_data(tmp_path / "few.csv"), open_data(tmp_path / "numbers.csv")
    assert few.columns[0].kind == "category"
    np.testing.assert_allclose(vae.transform(few), vae.transform(numbers)[:8], rtol=1e-5, atol=1e-6)
