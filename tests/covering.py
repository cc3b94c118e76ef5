"""Few of the combinations of what a test is run with, that still meet every pair of values; the rest is slow."""

import itertools

import pytest


def in_pairs(**values):
    """Of the whole product, combinations that have every pair of two parameters' values; all others run with the slow
    tests.

    >>> sum(not each.marks for each in in_pairs(a="xyz", b="xyz", c="xy").args[1])
    10
    """
    return _some(2, values)


def in_turn(**values):
    """Of the whole product, combinations that have every value: for parameters that have nothing to do with each other.

    >>> sum(not each.marks for each in in_turn(a="xyz", b="xy").args[1])
    3
    """
    return _some(1, values)


def _some(strength, values):
    lists = [list(some) for some in values.values()]
    every = list(itertools.product(*(range(len(some)) for some in lists)))
    kept = set(covering(every, strength))
    chosen = [
        pytest.param(*map(list.__getitem__, lists, each), marks=[pytest.mark.slow] * (each not in kept))
        for each in every
    ]
    return pytest.mark.parametrize(tuple(values), chosen)


def covering(every, strength):
    """Combinations that meet what any ``strength`` of their places have together in one of ``every``, the greedy way:
    of those that meet most that is new, the one whose values were taken least.
    """
    met = {each: set(itertools.combinations(enumerate(each), strength)) for each in every}
    left, taken, kept = set().union(*met.values()), {}, []
    while left:
        best = min(
            every, key=lambda each: (-len(met[each] & left), sum(taken.get(part, 0) for part in enumerate(each)))
        )
        kept.append(best)
        left -= met[best]
        for part in enumerate(best):
            taken[part] = taken.get(part, 0) + 1
    return kept
