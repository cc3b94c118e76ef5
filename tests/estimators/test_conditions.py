"""What y is: classes or a quantity, as it looks or as ``condition`` says."""

import numpy as np
import pytest

from aevum import CVAE, DataWarning, InputError, load

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 64, "random_state": 0}
ANGLES = np.arange(0.0, 360.0, 10.0).repeat(10)
X = np.stack([np.cos(np.radians(ANGLES)), np.sin(np.radians(ANGLES)), np.ones(360)], 1)
X = X + np.random.RandomState(0).randn(360, 3) * 0.1


N = np.arange(360)
QUANTITIES = {"floats": ANGLES, "whole": ANGLES.astype(int), "1.8 rows each": N % 200, "one row each": N}
CLASSES = {"0 to 9": N % 10, "tens": 10 * (N % 10), "0 to 39": N % 40, "1 to 62": 1 + N % 62, "text": N.astype(str),
           "floats": (N % 40).astype(float)}  # fmt: skip


@pytest.mark.parametrize("y", QUANTITIES.values(), ids=QUANTITIES)
def test_a_quantity_of_whole_numbers_can_be_asked_for(y, tmp_path):
    with pytest.warns(DataWarning, match=rf'y has {len(np.unique(y))} different numbers.*condition="vector"'):
        classes = CVAE(**TINY).fit(X, y)
    assert classes.context_.width == len(np.unique(y))
    with pytest.raises(InputError, match='unknown label -15.*fit with condition="vector"'):
        classes.sample(2, y=-15)
    vectors = CVAE(**TINY, condition="vector").fit(X, y)
    assert vectors.context_.width == 1 and not hasattr(vectors, "classes_")
    between = vectors.sample(2, y=15.5, random_state=0)
    again = load(vectors.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.sample(2, y=15.5, random_state=0), between)
    assert again.condition == "vector"


def test_a_quantity_in_other_units_is_the_same_quantity():
    degrees = CVAE(**TINY, condition="vector").fit(X, ANGLES)
    shifted = CVAE(**TINY, condition="vector").fit(X, 4.0 * ANGLES - 8.0)
    np.testing.assert_allclose(degrees.transform(X, ANGLES), shifted.transform(X, 4.0 * ANGLES - 8.0), atol=1e-5)


@pytest.mark.parametrize("y", CLASSES.values(), ids=CLASSES)
def test_codes_of_classes_are_classes_without_a_word(y):
    assert CVAE(**TINY).fit(X, y).context_.width == len(np.unique(y))


def test_what_is_said_counts():
    assert CVAE(**TINY, condition="label").fit(X, ANGLES).context_.width == 36
    assert CVAE(**TINY, condition="label").fit(X, ANGLES + 0.5).classes_[0] == 0.5
    assert CVAE(**TINY, condition="vector").fit(X, ANGLES > 90).context_.width == 1
    with pytest.raises(InputError, match="takes y as numbers, and these are text"):
        CVAE(**TINY, condition="vector").fit(X, ANGLES.astype(str))
    with pytest.raises(InputError, match="3 columns of numbers; give one label a row"):
        CVAE(**TINY, condition="label").fit(X, X)
