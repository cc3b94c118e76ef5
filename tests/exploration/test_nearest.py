"""Neighbours that are asked for again and again are those of one question."""

import numpy as np
import pytest

from aevum.errors import InputError
from aevum.exploration.nearest import MOST_IN_A_TREE, Nearest, nearest_codes


@pytest.mark.parametrize("width", [1, 2, MOST_IN_A_TREE, MOST_IN_A_TREE + 1])
@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e14])
def test_the_same_as_by_all_distances(width, scale):
    draw = np.random.default_rng(0)
    codes, z = ((scale * draw.normal(size=(n, width))).astype(np.float32) for n in (3000, 40))
    near = Nearest(codes)
    for k in (1, 7):
        (indices, distances), (expected, far) = near.of(z, k), nearest_codes(codes, z, k)
        assert indices.shape == (40, k) and np.array_equal(indices, expected)
        np.testing.assert_allclose(distances, far, rtol=1e-12)


def test_a_row_is_at_a_distance_of_0_of_itself_and_the_first_of_its_equals():
    codes = np.array([[1.0, 1.0], [0.1, 0.2], [0.1, 0.2], [3.0, 3.0]], np.float32)
    indices, distances = Nearest(codes).of(codes[2:3], 3)
    assert indices.tolist() == [[1, 2, 0]] and distances[0, :2].tolist() == [0.0, 0.0]


def test_what_has_no_distances_is_refused_in_the_same_words():
    codes = np.ones((3, 2), np.float32)
    wild = codes * np.float32(1e16)
    for one, z, k in ((codes, codes, 4), (codes, wild, 1), (codes, codes[:0], 1), (wild, codes, 1)):
        with pytest.raises(InputError) as once:
            nearest_codes(one, z, k)
        with pytest.raises(InputError) as again:
            Nearest(one).of(z, k)
        assert str(once.value) == str(again.value)
