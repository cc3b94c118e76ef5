"""Walks through a latent space: arrays in, arrays out.

Each function takes a fitted estimator first, and is a method of it too: ``vae.traverse(0)`` is ``traverse(vae, 0)``.
"""

from aevum.exploration.attributes import add_attribute, attribute_vector, direction, orthogonalise
from aevum.exploration.nearest import nearest_codes, neighbours
from aevum.exploration.paths import curve_length, interpolate
from aevum.exploration.traits import HeldOut, Reading, Trait, trait
from aevum.exploration.walks import Walk, manifold, settle, traverse

__all__ = [
    "HeldOut",
    "Reading",
    "Trait",
    "Walk",
    "add_attribute",
    "attribute_vector",
    "curve_length",
    "direction",
    "interpolate",
    "manifold",
    "nearest_codes",
    "neighbours",
    "orthogonalise",
    "settle",
    "trait",
    "traverse",
]
