import numpy as np
import pytest
from PIL import Image

from aevum.errors import InputError
from aevum.networks.pictures import as_pictures, limits_of, montage, scaled_to
from aevum.plots import image_grid, save_images


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_layout_of_an_image_gives_the_same_picture(channels):
    last = np.random.default_rng(0).integers(0, 256, (3, 7, 9, channels), dtype=np.uint8)
    first = np.moveaxis(last, -1, 1)
    assert as_pictures(last).shape == (3, 7, 9, 3)
    np.testing.assert_array_equal(as_pictures(last), as_pictures(first))
    if channels == 1:
        np.testing.assert_array_equal(as_pictures(last), as_pictures(last[..., 0]))


def test_eight_bit_pixels_stay_exactly_what_they_are():
    x = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(as_pictures(x)[..., 0], x)
    colours = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3), dtype=np.uint8)
    np.testing.assert_array_equal(as_pictures(colours), colours)


def test_two_equal_channels_are_grey_and_no_opacity_is_white():
    x = np.full((1, 4, 4, 2), 100, np.uint8)
    assert (as_pictures(x) == 100).all()
    assert (as_pictures(np.zeros((1, 4, 4, 4), np.uint8)) == 255).all()


def test_limits_decide_black_and_white_whatever_the_values():
    x = np.array([[[-5.0, 0.0], [8.0, 99.0]]])
    assert as_pictures(x, (0.0, 16.0))[0, ..., 0].tolist() == [[0, 0], [128, 255]]


@pytest.mark.parametrize(
    ("x", "limits"),
    [
        (np.array([True, False]), (0.0, 1.0)),
        (np.array([0, 1], np.uint8), (0.0, 1.0)),
        (np.array([3, 7], np.uint8), (0.0, 255.0)),
        (np.array([-2.0, np.nan, 3.0]), (-2.0, 3.0)),
        (np.array([4.0, 4.0]), (4.0, 5.0)),
        (np.array([np.nan]), (0.0, 1.0)),
        (np.array([0, 4095], np.uint16), (0.0, 4095.0)),
    ],
)
def test_limits(x, limits):
    assert limits_of(x) == limits


def test_a_montage_holds_the_pictures_with_gaps_between():
    pictures = np.zeros((3, 2, 2, 3), np.uint8)
    sheet = montage(pictures, columns=2, gap=1)
    assert sheet[..., 0].tolist() == [
        [0, 0, 255, 0, 0],
        [0, 0, 255, 0, 0],
        [255, 255, 255, 255, 255],
        [0, 0, 255, 255, 255],
        [0, 0, 255, 255, 255],
    ]


def test_white_images_are_told_apart_by_grey_gaps():
    sheet = montage(np.full((3, 2, 2, 3), 255, np.uint8), columns=2, gap=1)
    assert sheet[0, 2, 0] < 230
    assert (sheet[3:, 3:] == 255).all()


def test_images_that_are_too_large_are_shrunk():
    pictures = np.zeros((2, 500, 900, 3), np.uint8)
    small = scaled_to(pictures, across=2, room=400, largest=400)
    assert small.shape == (2, 111, 200, 3)


def test_a_grid_enlarges_by_a_whole_number():
    x = np.random.default_rng(0).integers(0, 256, (5, 8, 8), dtype=np.uint8)
    grid = image_grid(x)
    assert grid.dtype == np.uint8
    factor = 32
    assert grid.shape == (2 * 8 * factor + 2, 3 * 8 * factor + 4, 3)
    np.testing.assert_array_equal(grid[: 8 * factor : factor, : 8 * factor : factor, 0], x[0])
    assert image_grid(x, columns=5).shape == (8 * 25, 5 * 8 * 25 + 8, 3)


@pytest.mark.parametrize("shape", [(4, 9), (2, 5, 6, 7), (0, 8, 8)])
def test_no_images_no_grid(shape):
    with pytest.raises(InputError, match="shape"):
        image_grid(np.zeros(shape))


def test_saved_images_are_the_grid(tmp_path):
    x = np.random.default_rng(0).random((4, 6, 6))
    path = save_images(x, tmp_path / "x.png", 0.0, 1.0)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), image_grid(x, 0.0, 1.0))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.png"]


def test_images_that_cannot_be_saved_say_why(tmp_path):
    x = np.zeros((1, 4, 4))
    with pytest.raises(InputError, match=r"use \.png"):
        save_images(x, tmp_path / "x.npy")
    with pytest.raises(InputError, match="can't write"):
        save_images(x, tmp_path / "missing" / "x.png")
    with pytest.raises(InputError, match="shape"):
        save_images(np.zeros((3, 7)), tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


def test_black_stays_black_beside_values_just_below_it():
    """A Gaussian's mean overshoots: black at −0.06 made of 0 a grey."""
    x = np.zeros((1, 8, 8))
    x[0, 0, 0], x[0, 1, :] = -0.06, 0.97
    grid = image_grid(x)
    assert grid[-1, -1, 0] == 0 and 245 <= grid[grid.shape[0] // 8 + 1, 0, 0] < 250
    assert image_grid(x - 1.0).max() == 255 and image_grid(np.zeros((1, 8, 8))).max() == 0
