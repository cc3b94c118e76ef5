"""Folders of pictures through the commands: options are kept with the run, rows are called by their files."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def table(name):
    with Path(name).open(newline="") as file:
        return list(csv.DictReader(file))


TRAIN = ("--epochs", 1, "--hidden", 8, "--latent-dim", 2, "--out", "r")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A split of two classes: grey stacks of 3 pages, and the same greys as colours in test/."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    x = np.random.default_rng(0).integers(0, 256, (2, 2, 8, 3, 8, 8), dtype=np.uint8)
    for s, split in enumerate(("train", "test")):
        for c, name in enumerate(("cat", "dog")):
            (folder / split / name).mkdir(parents=True)
            for i, pages in enumerate(x[s, c]):
                images = [Image.fromarray(page) for page in pages]
                images = [image.convert("RGB") for image in images] if split == "test" else images
                images[0].save(folder / split / name / f"{i}.tif", save_all=True, append_images=images[1:])
    return folder


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_folder_from_training_to_decoded_codes(run, photos):
    out = run("train", photos, "--model", "cvae", "--frames", "all", *TRAIN).output
    assert "train/ is read, a part of the split beside test/" in out
    assert f"encode r {photos} --frames all" in out
    assert json.loads(Path("r/data.json").read_text())["frames"] == "all"
    told = run("encode", "r", photos, "--split", "test", "--frames", "all", "-o", "codes.csv").output
    assert "red, green and blue are equal and become grey" in told
    rows = table("codes.csv")
    assert rows[5]["file"] == "test/cat/1.tif[2]"
    assert rows[47]["label"] == "dog"
    run("decode", "r", "codes.csv", "-o", "again.npy")
    assert np.load("again.npy").shape == (48, 8, 8)
    shown = run("score", "r", photos, "--frames", "first", "--k", 3, "-o", "scores.csv", "--top", 1).output
    scores = table("scores.csv")
    highest = max(scores, key=lambda row: float(row["score"]))["file"]
    assert highest.startswith("train/")
    assert highest in shown


def test_options_of_pictures_are_refused_elsewhere(refused, run):
    for option in (("--frames", "all"), ("--background", "white"), ("--skip-damaged",)):
        assert "folders of images only" in refused("train", "digits", *option)
