"""Traversals, grids, settling, attributes and neighbours: the same properties for every model."""

import inspect
from statistics import NormalDist

import numpy as np
import pytest

from aevum import AE, CVAE, VAE, InputError
from aevum.exploration import add_attribute, attribute_vector, direction, nearest_codes, orthogonalise
from aevum.recipes import ESTIMATORS

rng = np.random.default_rng
MODELS = list(ESTIMATORS.values())

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


@pytest.fixture(scope="module", params=MODELS, ids=lambda kind: kind.__name__)
def fitted(request, digits):
    """A model, and the y that its rows need."""
    model = request.param(latent_dim=3, hidden=16, epochs=2, random_state=0)
    return (model.fit(digits), digits.y) if model.conditional else (model.fit(digits), None)


def y_of(y, rows):
    return None if y is None else y[rows]


def test_a_traversal_changes_one_latent(fitted, digits):
    model, y = fitted
    label = None if y is None else 7
    z, x = model.traverse(1, n=5, y=label)
    assert z.shape == (5, 3) and x.shape == (5, 8, 8)
    assert np.ptp(z[:, [0, 2]], axis=0).max() == 0.0 and (np.diff(z[:, 1]) > 0).all()
    np.testing.assert_array_equal(x, model.inverse_transform(z, label))
    law = model.law_of_codes(label)
    if law.is_standard:
        np.testing.assert_allclose(z[:, 1], [-3, -1.5, 0, 1.5, 3], atol=1e-6)
    elif model.can_sample:  # as much of the prior as three deviations hold of a Gaussian
        drawn = model.draw_prior(20_000, random_state=1)[:, 1]
        np.testing.assert_allclose([(drawn < z[0, 1]).mean(), (drawn > z[-1, 1]).mean()], 0.00135, atol=1e-3)
    else:
        np.testing.assert_allclose(z[[0, -1], 1], np.quantile(model.codes_[:, 1], [0.01, 0.99]), rtol=1e-5)
    at = model.traverse(0, (-1.0, 2.0), n=2, at=digits.x[5], y=y_of(y, 5)).z
    np.testing.assert_allclose(at[:, 1:], np.repeat(model.transform(digits.x[5:6], y_of(y, [5])), 2, axis=0)[:, 1:])
    assert at[:, 0].tolist() == [-1.0, 2.0]


def test_a_walk_holds_the_others_at_the_mean_of_their_law(fitted):
    model, y = fitted
    label = None if y is None else 7
    middle = model.law_of_codes(label).moments()[0][0]
    z = model.traverse(1, n=3, y=label).z
    np.testing.assert_allclose(z[:, [0, 2]], np.repeat(middle[None, [0, 2]], 3, axis=0), rtol=1e-5, atol=1e-6)
    if not model.law_of_codes(label).is_standard:
        assert np.abs(middle).max() > 1e-3


def test_a_manifold_is_a_grid_of_quantiles(fitted):
    model, y = fitted
    label = None if y is None else 3
    z, x = model.manifold(4, dims=(2, 0), y=label)
    assert z.shape == (4, 4, 3) and x.shape == (4, 4, 8, 8)
    assert (np.diff(z[:, :, 2], axis=1) > 0).all() and (np.diff(z[:, :, 0], axis=0) < 0).all()
    assert np.ptp(z[:, :, 1]) == 0.0
    shares = (np.arange(4) + 0.5) / 4
    if model.law_of_codes(label).is_standard:
        np.testing.assert_allclose(z[0, :, 2], [NormalDist().inv_cdf(p) for p in shares], rtol=1e-5, atol=1e-6)
    elif model.can_sample:
        drawn = model.draw_prior(20_000, random_state=1)[:, 2]
        np.testing.assert_allclose([(drawn < value).mean() for value in z[0, :, 2]], shares, atol=0.015)
    else:
        np.testing.assert_allclose(z[0, :, 2], np.quantile(model.codes_[:, 2], shares), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(x[1], model.inverse_transform(z[1], label))


def test_a_plane_goes_through_its_three_points(fitted, digits):
    model, y = fitted
    codes = model.transform(digits.x[:3], y_of(y, slice(3)))
    z = model.manifold(7, through=list(codes), y=None if y is None else 3).z
    # From −¼ to 1¼ in steps of a quarter: the second and the sixth of seven are the points.
    np.testing.assert_allclose([z[5, 1], z[5, 5], z[1, 1]], codes, atol=1e-5)
    flat = z.reshape(-1, 3).astype(np.float64)
    assert np.linalg.matrix_rank(flat - flat[0], tol=1e-4) == 2


def test_settling_encodes_and_decodes(fitted, digits):
    model, y = fitted
    walk = model.settle(digits.x[:4], steps=3, y=y_of(y, slice(4)))
    assert walk.z.shape == (3, 4, 3) and walk.x.shape == (4, 4, 8, 8)
    np.testing.assert_array_equal(walk.x[0], digits.x[:4])
    for step in range(3):
        np.testing.assert_allclose(walk.z[step], model.transform(walk.x[step], y_of(y, slice(4))), atol=1e-5)
        np.testing.assert_allclose(
            walk.x[step + 1], model.inverse_transform(walk.z[step], y_of(y, slice(4))), atol=1e-4
        )


def test_settling_dark_pictures_of_8_bits_warns_of_nothing(digits):
    dark = (digits.x[:100] > 12).astype(np.uint8)
    dark[0, 0, 0] = 3
    model = VAE(latent_dim=2, hidden=8, epochs=1, random_state=0).fit(dark)
    assert model.settle(dark[1:4], steps=3).x.shape == (4, 3, 8, 8)


def test_as_many_codes_as_a_picture_has_rows_are_codes(digits):
    model = VAE(latent_dim=8, hidden=16, epochs=1, random_state=0).fit(digits)
    z = model.transform(digits.x[:9])
    assert model.neighbours(z[:8], among=digits, k=1)[0][:, 0].tolist() == list(range(8))
    np.testing.assert_allclose(model.add_attribute(z[:8], z[8]), model.inverse_transform(z[:8] + z[8]), rtol=1e-5)


def test_three_points_on_a_line_span_no_plane(digits):
    model = VAE(latent_dim=8, hidden=16, epochs=1, random_state=0).fit(digits)
    a, b = model.transform(digits.x[:2])
    same = model.transform(digits.x[:5])[0]  # in a batch of another size, so with other roundings
    for through in ([a, b, (a + b) / 2], [a, same, b], [digits.x[0], a, digits.x[1]]):
        with pytest.raises(InputError, match="on a line of the latent space"):
            model.manifold(3, through=through)


def test_one_label_may_stand_in_a_list(digits):
    model = CVAE(latent_dim=2, hidden=8, epochs=1, random_state=0).fit(digits)
    want = model.traverse(0, n=3, y=4).x
    for y in ([4], digits.y[digits.y == 4][:1], np.eye(10)[[4]]):
        np.testing.assert_array_equal(model.traverse(0, n=3, y=y).x, want)
    with pytest.raises(InputError, match=r"one mix of classes is a row of weights, \(1, 10\)"):
        model.traverse(0, n=3, y=np.eye(10)[4])
    with pytest.raises(InputError, match="weights of classes are floats"):
        model.traverse(0, n=3, y=np.eye(10, dtype=int)[[4]])


def test_a_linear_model_settles_at_once():
    """A linear auto-encoder that has learned its data projects: what was decoded once is decoded again."""
    x = (rng(0).normal(size=(200, 2)) @ rng(1).normal(size=(2, 6)) + 0.1 * rng(2).normal(size=(200, 6))).astype("f4")
    model = AE(latent_dim=2, hidden=(), epochs=200, learning_rate=1e-2, random_state=0).fit(x)
    moved = np.linalg.norm(np.diff(model.settle(x, steps=3).x, axis=0), axis=-1)
    assert np.median(moved[0]) > 0.1 and moved[1:].max() < 0.05 * np.median(moved[0])


def test_an_attribute_is_the_difference_of_two_mean_codes(fitted, digits):
    model, y = fitted
    sevens = digits.y == 7
    codes = model.transform(digits.x, y)
    v = model.attribute_vector(digits.x, labels=sevens, y=y)
    np.testing.assert_allclose(v, codes[sevens].mean(0) - codes[~sevens].mean(0), atol=1e-5)
    ys = None if y is None else (y[sevens], y[~sevens])
    np.testing.assert_allclose(attribute_vector(model, digits.x[sevens], digits.x[~sevens], y=ys), v, atol=1e-5)
    np.testing.assert_allclose(attribute_vector(model, codes[sevens], codes[~sevens]), v, atol=1e-5)
    np.testing.assert_allclose(attribute_vector(model, codes, labels=sevens.astype(int)), v, atol=1e-5)


def test_adding_an_attribute_shifts_codes(fitted, digits):
    model, y = fitted
    x, ys = digits.x[:6], y_of(y, slice(6))
    v = np.array([0.5, -1.0, 2.0])
    np.testing.assert_allclose(model.add_attribute(x, v, 0, y=ys), model.reconstruct(x, ys), atol=1e-5)
    codes = model.transform(x, ys)
    np.testing.assert_allclose(
        model.add_attribute(x, v, -2, y=ys), model.inverse_transform(codes - 2 * v, ys), atol=1e-4
    )
    amounts = np.linspace(-1, 1, 6)
    each = model.add_attribute(x, v, amounts, y=ys)
    one = [model.add_attribute(x[[i]], v, amounts[i], y=y_of(y, [i]))[0] for i in range(6)]
    np.testing.assert_allclose(each, one, atol=1e-4)


def test_neighbours_are_those_of_a_full_search(fitted, digits):
    model, y = fitted
    index, distance = model.neighbours(
        digits.x[:5], digits.x[:300], k=4, y=y_of(y, slice(5)), y_among=y_of(y, slice(300))
    )
    codes = model.transform(digits.x[:300], y_of(y, slice(300))).astype(np.float64)
    full = np.linalg.norm(codes[None] - codes[:5, None], axis=-1)
    np.testing.assert_allclose(distance, np.sort(full, axis=1)[:, :4], atol=1e-5)
    assert index[:, 0].tolist() == [0, 1, 2, 3, 4]
    by_code = model.neighbours(codes[:5], codes, k=4)
    np.testing.assert_array_equal(by_code[0], index)
    assert (by_code[1][:, 0] == 0).all()


def test_a_tree_finds_what_a_full_search_finds(monkeypatch):
    codes, z = rng(0).normal(size=(500, 2)), rng(1).normal(size=(20, 2))
    plain = nearest_codes(codes, z, 7)
    monkeypatch.setattr("aevum.exploration.nearest.WORTH_A_TREE", 0)
    for a, b in zip(plain, nearest_codes(codes, z, 7), strict=True):
        np.testing.assert_allclose(a, b)


# ---------------------------------------------------------------- sets of directions


@pytest.mark.parametrize("how", ["symmetric", "sequential"])
def test_orthogonal_directions_keep_their_lengths(how):
    v = rng(0).normal(size=(4, 9)) * [[1], [5], [0.1], [2]]
    found = orthogonalise(v, how)
    lengths = np.linalg.norm(v, axis=1)
    np.testing.assert_allclose(found @ found.T, np.diag(lengths**2), atol=1e-10)
    np.testing.assert_allclose(orthogonalise(found, how), found, atol=1e-10)
    assert ((found * v).sum(axis=1) > 0).all()  # none is turned round


def test_the_symmetric_set_does_not_depend_on_the_order_and_the_sequential_one_keeps_the_first():
    v = rng(0).normal(size=(3, 5))
    order = [2, 0, 1]
    np.testing.assert_allclose(orthogonalise(v)[order], orthogonalise(v[order]), atol=1e-10)
    np.testing.assert_allclose(orthogonalise(v, "sequential")[0], v[0], atol=1e-10)
    named = orthogonalise({"smile": v[0], "hat": v[1]})
    np.testing.assert_allclose(named["hat"], orthogonalise(v[:2])[1])


def test_the_symmetric_set_is_the_closest_one():
    v = rng(0).normal(size=(3, 5))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    best = np.square(orthogonalise(v) - v).sum()
    for seed in range(20):
        other = np.linalg.qr(v.T + 0.3 * rng(seed).normal(size=(5, 3)))[0].T
        other *= np.sign((other * v).sum(axis=1, keepdims=True))
        assert np.square(other - v).sum() >= best - 1e-12


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, x: m.traverse(3), "dim must be a whole number from 0 to 2, got 3"),
        (lambda m, x: m.traverse(0, range=(0, np.inf)), "range must be two finite numbers"),
        (lambda m, x: m.traverse(0, range=3), "range must be two numbers, got 3"),
        (lambda m, x: m.traverse(0, n=0), "n must be a whole number of at least 1"),
        (lambda m, x: m.traverse(0, at=x[:2]), r"at has shape \(2, 8, 8\); expected one example"),
        (lambda m, x: m.manifold(dims=(1, 1)), "two different latents"),
        (lambda m, x: m.manifold(through=[x[0], x[1]]), "through must be three examples or codes"),
        (lambda m, x: m.manifold(through=[x[0], x[1], x[1]]), "lie on a line"),
        (lambda m, x: m.settle(x[:2], steps=0), "steps must be a whole number"),
        (lambda m, x: m.attribute_vector(x), "pass either X_without"),
        (lambda m, x: m.attribute_vector(x, x, labels=x), "pass either X_without"),
        (lambda m, x: m.attribute_vector(x, labels=np.zeros(len(x))), "no example is with the attribute"),
        (lambda m, x: m.attribute_vector(x, labels=np.ones(len(x), bool)), "no example is without the attribute"),
        (lambda m, x: m.attribute_vector(x, labels=np.full(len(x), 7)), "labels must be true or false"),
        (lambda m, x: m.attribute_vector(x, labels=[1, 0]), "labels have shape"),
        (lambda m, x: m.attribute_vector(x, x, y=3), "y must be a pair"),
        (lambda m, x: m.add_attribute(x, [1.0, 2.0]), "v has 2 values, and this model's codes have 3"),
        (lambda m, x: m.add_attribute(x, [1.0, 2.0, np.nan]), "v contains NaN"),
        (lambda m, x: m.add_attribute(x, [1.0, 2.0, 3.0], [1.0, 2.0]), "amount has shape"),
        (lambda m, x: m.add_attribute(x, ["a", "b", "c"]), "v must be numbers"),
        (lambda m, x: m.neighbours(x, x, k=10**6), "k=1000000 neighbours can't be found among"),
        (lambda m, x: m.neighbours(x, np.zeros((2, 5))), "is neither rows of this model"),
        (lambda m, x: nearest_codes([[0.0], [np.nan]], [[0.0]], 1), "lies too far out"),  # as huge weights encode
        (lambda m, x: nearest_codes([[0.0]], [[np.inf]], 1), "lies too far out"),
        (lambda m, x: orthogonalise([[1.0, 0.0], [2.0, 0.0]]), "combination of the others"),
        (lambda m, x: orthogonalise([[1.0, 0.0]], "random"), "how='random' is not one of"),
        (lambda m, x: direction(np.ones((2, 3)), np.ones((2, 4))), "codes of shapes"),
    ],
)
def test_bad_input_is_one_clear_error(digits, call, message):
    model = VAE(latent_dim=3, hidden=8, epochs=1, random_state=0).fit(digits.x[:100])
    with pytest.raises(InputError, match=message):
        call(model, digits.x[:20])


@pytest.mark.parametrize("weights", [[[0.5, 0.6]], [[-0.1, 1.1]], [[np.nan, 1.0]], [[1.0, 0.0]] * 3])
def test_a_mix_of_classes_must_sum_to_one(weights):
    x = rng(0).normal(size=(30, 4))
    cvae = CVAE(latent_dim=2, hidden=8, epochs=1, random_state=0).fit(x, np.arange(30) % 2)
    z = np.zeros((2, 2))
    np.testing.assert_array_equal(cvae.inverse_transform(z, [[0.0, 1.0]]), cvae.inverse_transform(z, 1))
    with pytest.raises(InputError, match="class weights"):
        cvae.inverse_transform(z, weights)


def test_methods_are_the_functions_of_the_room(digits):
    assert "add_attribute" in dir(VAE) and "Encode, shift along v" in VAE.add_attribute.__doc__
    assert "estimator:" in add_attribute.__doc__ and "estimator:" not in VAE.add_attribute.__doc__
    of_class, of_function = inspect.signature(VAE.add_attribute).parameters, inspect.signature(add_attribute).parameters
    assert [*of_class] == ["self", *list(of_function)[1:]]
    assert [*inspect.signature(VAE().add_attribute).parameters] == list(of_function)[1:]
    assert VAE.traverse.__qualname__ == "LatentVariableEstimator.traverse"
