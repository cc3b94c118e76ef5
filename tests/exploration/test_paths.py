"""Curves between codes: geodesics of decoders whose geometry is known, arcs, and what every path keeps to."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from aevum import CVAE, VAE, InputError
from aevum.exploration import curve_length, interpolate

rng = np.random.default_rng


class Polar(nn.Module):
    """(r, θ) ↦ (r cos θ, r sin θ, 0): a plane in other coordinates, so that geodesics are its straight lines."""

    def forward(self, z):
        r, angle = z.unbind(-1)
        return torch.stack([r * angle.cos(), r * angle.sin(), 0 * r], dim=-1)


@pytest.fixture(scope="module")
def polar():
    pair = (nn.Linear(3, 4), Polar())
    x = rng(0).normal(size=(64, 3)) * [2.0, 5.0, 1.0]
    return VAE(2, network=pair, likelihood="gaussian:fixed=1", epochs=1, random_state=0).fit(x)


@pytest.fixture(scope="module")
def vae(digits):
    return VAE(latent_dim=2, hidden=32, epochs=8, random_state=0).fit(digits)


def test_a_geodesic_in_polar_coordinates_is_a_straight_line_of_the_plane(polar):
    a, b = np.array([2.0, 0.3]), np.array([1.5, 2.0])
    z = interpolate(polar, a, b, 21, "geodesic").z
    # On the model's scale, where the decoder is the map above.
    ends = [z[:, 0] * np.cos(z[:, 1]), z[:, 0] * np.sin(z[:, 1])]
    found = np.stack(ends, axis=1)
    share = np.linspace(0, 1, 21)[:, None]
    np.testing.assert_allclose(found, (1 - share) * found[0] + share * found[-1], atol=2e-3)
    straight = np.linalg.norm(found[-1] - found[0])
    assert curve_length(polar, z) == pytest.approx(straight, rel=1e-4)
    assert curve_length(polar, interpolate(polar, a, b, 21).z) > 1.05 * straight


def test_few_points_lie_on_the_same_geodesic(polar):
    a, b = np.array([2.0, 0.3]), np.array([1.5, 2.0])
    many, few = (interpolate(polar, a, b, n, "geodesic").z for n in (41, 5))
    np.testing.assert_allclose(few, many[::10], atol=5e-3)


def test_the_energy_bounds_the_squared_length_and_its_gradient_is_right(vae):
    z = rng(1).normal(size=(6, 2)).astype(np.float32)
    energy, gradient = vae.curve_energy(z)
    assert energy >= curve_length(vae, z) ** 2 * (1 - 1e-6)
    for at in [(0, 0), (2, 1), (5, 0)]:
        step = np.zeros_like(z)
        step[at] = 1e-2
        slope = (vae.curve_energy(z + step)[0] - vae.curve_energy(z - step)[0]) / 2e-2
        assert gradient[at] == pytest.approx(slope, rel=2e-2, abs=1e-2 * np.abs(gradient).max())


def test_a_geodesic_is_no_longer_than_the_other_paths(vae, digits):
    for i, j in [(0, 1), (5, 40), (100, 7)]:
        length = {
            path: curve_length(vae, interpolate(vae, digits.x[i], digits.x[j], 41, path).z)
            for path in ("linear", "spherical", "geodesic")
        }
        assert length["geodesic"] <= 1.001 * min(length.values())
        steps = np.linalg.norm(
            np.diff(vae.interpolate(digits.x[i], digits.x[j], 41, "geodesic").x.reshape(41, -1), axis=0), axis=1
        )
        assert steps.max() < 1.5 * np.median(steps)  # walked at constant speed


def test_a_geodesic_takes_few_looks_at_the_decoder(vae, digits, monkeypatch):
    """Descending in the codes themselves takes more than a hundred."""
    looks, energy = [], type(vae).curve_energy
    monkeypatch.setattr(type(vae), "curve_energy", lambda *words: looks.append(0) or energy(*words))
    interpolate(vae, digits.x[0], digits.x[1], 5, "geodesic")
    assert 5 < len(looks) < 60


@pytest.mark.parametrize("path", ["linear", "spherical", "geodesic"])
def test_ends_shapes_and_what_is_decoded(vae, digits, path):
    z, x = vae.interpolate(digits.x[3], digits.x[4], 7, path)
    assert z.shape == (7, 2) and x.shape == (7, 8, 8)
    np.testing.assert_allclose(z[[0, -1]], vae.transform(digits.x[3:5]), atol=1e-6)
    np.testing.assert_array_equal(x, vae.inverse_transform(z))
    again = vae.interpolate(z[0], z[-1], 7, path)  # by codes instead of examples
    np.testing.assert_allclose(again.z, z, atol=2e-3)
    back = vae.interpolate(digits.x[4], digits.x[3], 7, path)
    np.testing.assert_allclose(back.z[::-1], z, atol=2e-2)


def test_an_arc_keeps_its_distance_and_its_pace():
    vae = VAE(latent_dim=6, network="mlp", hidden=8, epochs=1, random_state=0).fit(rng(0).normal(size=(40, 9)))
    a, b = rng(1).normal(size=(2, 6))
    b *= np.linalg.norm(a) / np.linalg.norm(b)
    z = vae.interpolate(a, b, 9, "spherical").z
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), np.linalg.norm(a), rtol=1e-6)
    steps = np.linalg.norm(np.diff(z, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-5)
    np.testing.assert_allclose(vae.interpolate(a, 2 * a, 5, "spherical").z, vae.interpolate(a, 2 * a, 5).z, rtol=1e-5)


def test_between_two_classes_an_arc_follows_the_learned_prior(digits):
    cvae = CVAE(latent_dim=4, hidden=8, epochs=2, prior="learned", random_state=0).fit(digits)
    mixes = np.outer(np.linspace(1, 0, 7), np.eye(10)[2]) + np.outer(np.linspace(0, 1, 7), np.eye(10)[9])
    mean, deviation = cvae.prior_moments(mixes, rows=7)
    assert np.abs(mean[0] - mean[-1]).max() > 1e-3
    u, v = rng(0).normal(size=(2, 4))
    v *= np.linalg.norm(u) / np.linalg.norm(v)
    ends = mean[0] + deviation[0] * u, mean[-1] + deviation[-1] * v
    z = cvae.interpolate(*ends, 7, "spherical", y=2, y_end=9).z
    np.testing.assert_allclose(np.linalg.norm((z - mean) / deviation, axis=1), np.linalg.norm(u), rtol=1e-5)
    middles = cvae.interpolate(mean[0], mean[-1], 7, "spherical", y=2, y_end=9).z
    np.testing.assert_allclose(middles, mean, atol=1e-6)


def test_classes_are_mixed_on_the_way(digits):
    cvae = CVAE(latent_dim=2, network="mlp", hidden=8, epochs=1, random_state=0).fit(digits)
    z = np.zeros(2)
    mixed = cvae.interpolate(z, z, 3, y=3, y_end=8).x
    half = np.eye(10)[[3]] / 2 + np.eye(10)[[8]] / 2
    want = [cvae.inverse_transform(z[None], y)[0] for y in (3, half, 8)]
    np.testing.assert_allclose(mixed, want, rtol=1e-5, atol=1e-5)
    assert cvae.interpolate(digits.x[0], digits.x[1], 3, "geodesic", y=0, y_end=1).x.shape == (3, 8, 8)


def test_numbers_are_interpolated_too():
    x = rng(0).normal(size=(40, 5))
    cvae = CVAE(latent_dim=2, network="mlp", hidden=8, epochs=1, random_state=0).fit(x, x[:, 0])
    found = cvae.interpolate(np.zeros(2), np.zeros(2), 3, y=-1.0, y_end=1.0).x
    np.testing.assert_allclose(found[1], cvae.inverse_transform(np.zeros((1, 2)), 0.0)[0], rtol=1e-5)


@pytest.mark.parametrize("degrees", [10, 120, 170, 179.93])
def test_an_arc_stays_between_the_distances_of_its_ends(vae, degrees):
    angle = np.deg2rad(degrees)
    z = vae.interpolate([1.0, 0.0], [2 * np.cos(angle), 2 * np.sin(angle)], 11, "spherical").z
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), np.linspace(1, 2, 11), rtol=1e-5)
    turned = np.unwrap(np.arctan2(z[:, 1], z[:, 0]))
    np.testing.assert_allclose(turned, np.linspace(0, angle, 11), atol=1e-5)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"path": "curly"}, "path='curly' is not one of linear, spherical, geodesic"),
        ({"n": 1}, "n must be a whole number of at least 2"),
        ({"b": np.zeros(3)}, r"b has shape \(3,\); expected one example \(8, 8\) or one code \(2,\)"),
        ({"a": [np.nan, 0.0]}, "NaN"),
        ({"a": [1.0, 0.0], "b": [-2.0, 0.0], "path": "spherical"}, "opposite each other"),
    ],
)
def test_what_can_not_be_walked_says_why(vae, words, message):
    with pytest.raises(InputError, match=message):
        vae.interpolate(**{"a": [0.0, 1.0], "b": [1.0, 0.0], **words})


@pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")  # one weight in fifty begins near enough to it
def test_a_decoder_that_ignores_its_code_has_no_shortest_way():
    class Constant(nn.Module):
        def forward(self, z):
            return torch.ones(len(z), 3)

    vae = VAE(1, network=(nn.Linear(3, 4), Constant()), likelihood="gaussian:fixed=1", epochs=1, random_state=0)
    vae.fit(rng(0).normal(size=(40, 3)))
    np.testing.assert_allclose(vae.interpolate([0.0], [1.0], 3, "geodesic").z, [[0.0], [0.5], [1.0]])
    assert math.isclose(curve_length(vae, [[0.0], [1.0]]), 0.0)
