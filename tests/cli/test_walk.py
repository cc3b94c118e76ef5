import json

import numpy as np
import pytest
from PIL import Image

from aevum import load
from aevum.data import open_data


def opened(path):
    with Image.open(path) as picture:
        return picture.format, picture.size, getattr(picture, "n_frames", 1)


@pytest.mark.parametrize("name", ["ae", "vae", "cvae"])
@pytest.mark.parametrize("path", ["linear", "spherical", "geodesic"])
def test_a_morph_is_what_interpolate_gives(run, models, name, path):
    run("morph", getattr(models, name), "digits", 0, 5, "--path", path, "-n", 4, "-o", "a.npy")
    digits, model = open_data("digits"), load(getattr(models, name))
    ys = {"y": digits.y[0], "y_end": digits.y[5]} if name == "cvae" else {}
    want = model.interpolate(digits.x[0], digits.x[5], 4, path, **ys).x
    np.testing.assert_array_equal(np.load("a.npy"), want[None])


def test_films_go_there_and_back(run, models):
    run("morph", models.vae, "digits", 0, 5, "-n", 6, "-o", "a.gif")
    assert opened("a.gif")[::2] == ("GIF", 10)
    assert "30 steps from row 1 to row 2 (linear)" in run("morph", models.vae, "digits", 1, 2, "-o", "b.gif").stdout
    run("traverse", models.vae, "--dim", 1, "-n", 3, "-o", "c.gif")
    run("attribute", models.vae, "digits", "--with", 7, "-n", 3, "-o", "d.gif")
    assert opened("c.gif")[2] == opened("d.gif")[2] == 4


@pytest.mark.parametrize("name", ["dae", "cvae", "iris", "named", "numbers"])
def test_traversals_of_every_model_and_kind_of_data(run, models, name):
    words = ("--label", "100.5") if name == "numbers" else ()
    answer = json.loads(run("traverse", getattr(models, name), *words, "-o", "a.png", "--json").stdout)
    assert answer["steps"] == 11 and set(answer["dims"]) <= {0, 1}
    assert opened("a.png")[0] == "PNG"


def test_a_traversal_around_a_row(run, models):
    run("traverse", models.vae, "--dim", 1, "--range", -1, 2, "--data", "digits", "--row", 9, "-n", 3, "-o", "a.npy")
    digits, model = open_data("digits"), load(models.vae)
    want = model.traverse(1, (-1, 2), n=3, at=digits.x[9]).x
    np.testing.assert_array_equal(np.load("a.npy"), want[None])
    run("traverse", models.cvae, "--dim", 0, "--data", "digits", "--row", 9, "-n", 2, "-o", "b.npy")
    want = load(models.cvae).traverse(0, n=2, at=digits.x[9], y=digits.y[9]).x
    np.testing.assert_array_equal(np.load("b.npy"), want[None])
    run("traverse", models.cvae, "--dim", 0, "--data", "digits", "--row", 9, "--label", 3, "-n", 2, "-o", "c.npy")
    model = load(models.cvae)
    want = model.traverse(0, n=2, at=model.transform(digits.x[9:10], digits.y[9:10])[0], y=3).x
    np.testing.assert_array_equal(np.load("c.npy"), want[None])


def test_an_attribute_from_labels(run, models, table):
    words = ("--with", "7", "--without", "1", "--amount", 1.5, "-n", 3, "--examples", 4, "--json")
    answer = json.loads(run("attribute", models.vae, "digits", *words, "-o", "a.npy").stdout)
    digits, model = open_data("digits"), load(models.vae)
    v = model.attribute_vector(digits.x[digits.y == 7], digits.x[digits.y == 1])
    np.testing.assert_allclose(answer["direction"], v)
    assert answer["rows"] == np.flatnonzero(digits.y == 1)[:4].tolist() and answer["amounts"] == [0, 0.75, 1.5]
    np.testing.assert_array_equal(np.load("a.npy")[:, 2], model.add_attribute(digits.x[answer["rows"]], v, 1.5))
    line = run("attribute", models.cvae, "digits", "--with", 7, "--amount", -2, "-o", "b.png").stdout
    assert "7 taken off 8 rows, up to 2" in line
    assert "setosa put on" in run("attribute", models.iris, "iris", "--with", "Setosa", "-o", "c.png").stdout
    run("attribute", models.iris, table, "--labels", "species", "--with", "setosa", "-o", "d.png")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("morph", "vae", "digits", 0, 9999, "-o", "a.gif"), "there is no row 9999: digits has 1,797, counted from 0"),
        (("morph", "vae", "digits", 0, 1, "--path", "curly", "-o", "a.gif"), "'curly' is not one of"),
        (("morph", "iris", "iris", 0, 1, "-o", "a.gif"), "a.gif: .gif is for images"),
        (("morph", "vae", "digits", 0, 1, "-o", "a.csv"), "a.csv: write to .png, .gif or .npy"),
        (("morph", "vae", "digits", 0, 1, "-n", 1, "-o", "a.gif"), "1 must be from 2 to 1000"),
        (("traverse", "vae", "--dim", 2, "-o", "a.png"), "dim must be a whole number from 0 to 1, got 2"),
        (("traverse", "vae", "--label", 3, "-o", "a.png"), "--label is for models that are conditioned on labels"),
        (("traverse", "cvae", "--label", "x", "-o", "a.png"), 'there is no class "x"'),
        (("traverse", "vae", "--range", 0, "inf", "-o", "a.png"), "two finite numbers"),
        (("attribute", "vae", "digits", "--with", "glasses", "-o", "a.png"), 'no class "glasses"; digits knows 0'),
    ],
)
def test_what_can_not_be_walked_is_one_line(refused, models, words, message):
    command, model, *rest = words
    assert message in refused(command, getattr(models, model), *rest)


def test_an_attribute_needs_labels(refused, models, tmp_path):
    np.save(tmp_path / "plain.npy", open_data("digits").x)
    message = refused("attribute", models.vae, tmp_path / "plain.npy", "--with", 7, "-o", "a.png")
    assert "has no labels" in message and "--labels" in message
