"""What a fit was on the way: estimators like any other."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import clone

from aevum import VAE, load
from aevum.estimators import Snapshots
from aevum.recipes import ESTIMATORS

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


@pytest.mark.parametrize("kind", ESTIMATORS.values())
def test_a_snapshot_is_what_a_shorter_look_would_have_seen(kind, digits, tmp_path):
    seen = []
    model = kind(latent_dim=2, hidden=16, epochs=7, validation_fraction=0.0, random_state=0)
    shots = Snapshots(changed=lambda taken: seen.append(len(taken.history_)))
    model.set_params(callbacks=[shots]).fit(digits)
    assert list(shots.found) == seen == [1, 2, 3, 4, 6]
    y = digits.y[:20] if kind.conditional else None
    codes = [shot.transform(digits.x[:20], y) for shot in shots.found.values()]
    assert all((a != b).any() for a, b in pairwise(codes))
    loaded = load(shots.found[6].save(tmp_path / "six"))
    np.testing.assert_array_equal(loaded.transform(digits.x[:20], y), codes[-1])
    assert [record["epoch"] for record in loaded.history_] == [1, 2, 3, 4, 5, 6]
    assert loaded.sample(2, None if y is None else y[:2], random_state=0).shape == (2, 8, 8)


def test_snapshots_change_nothing(digits):
    plain, watched = (VAE(latent_dim=2, hidden=16, epochs=4, random_state=0) for _ in range(2))
    watched.set_params(callbacks=[Snapshots()]).fit(digits)
    plain.fit(digits)
    np.testing.assert_array_equal(plain.transform(digits.x), watched.transform(digits.x))


def test_the_last_snapshot_of_a_fit_without_validation_is_the_fit(digits):
    model = VAE(latent_dim=2, hidden=16, epochs=4, validation_fraction=0.0, random_state=0)
    shots = Snapshots()
    model.set_params(callbacks=[shots]).fit(digits)
    np.testing.assert_array_equal(shots.found[4].transform(digits.x), model.transform(digits.x))
    model.set_params(epochs=2).fit(digits)  # a second fit starts anew
    assert list(shots.found) == [1, 2]


def test_a_clone_has_snapshots_of_its_own(digits):
    model = VAE(latent_dim=2, hidden=16, epochs=3, random_state=0, callbacks=[Snapshots()]).fit(digits)
    other = clone(model).set_params(random_state=7).fit(digits)
    first, second = (each.callbacks[0].found for each in (model, other))
    assert list(first) == list(second) == [1, 2, 3]
    assert (first[3].transform(digits.x) != second[3].transform(digits.x)).any()
    assert model.callbacks[0]._fit is None  # no copy of the data comes along
