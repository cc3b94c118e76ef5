import numpy as np
import pytest
from PIL import Image, ImageSequence

from aevum.errors import InputError
from aevum.plots import save_animation
from aevum.plots.animation import there_and_back


def frames_of(path):
    with Image.open(path) as film:
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]
        return frames, film.info["loop"]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_film_shows_its_frames_there_and_back(tmp_path, channels):
    levels = np.random.default_rng(0).integers(0, 256, (4, 6, 5, channels), dtype=np.uint8)
    x = np.repeat(levels, 3 // channels, axis=-1)
    frames, loop = frames_of(save_animation(x, tmp_path / "a.gif"))
    assert len(frames) == 6 and loop == 0
    for frame, place in zip(frames, there_and_back(4), strict=True):
        # Grey levels are kept; 120 colours fit into a palette of 256.
        np.testing.assert_allclose(frame, x[place], atol=0 if channels == 1 else 12)


def test_one_and_two_frames():
    assert there_and_back(1) == [0] and there_and_back(2) == [0, 1]


@pytest.mark.parametrize("x", [np.zeros((0, 4, 4, 3), np.uint8), np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4, 3))])
def test_other_than_frames_is_refused(tmp_path, x):
    with pytest.raises(InputError, match="frames must be 8-bit colours"):
        save_animation(x, tmp_path / "a.gif")
