"""Does each code dimension stand for one factor? The FactorVAE score, and all the scores of disentanglement at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators.inputs import whole_number
from aevum.evaluation.factors import factor_words, need_two, read_codes, read_factors
from aevum.evaluation.importance import DCI, dci, separated_attribute_predictability
from aevum.evaluation.information import BINS, ROUNDING, entropy_of, gaps, information_of, modularity_of
from aevum.typing import Codes, Labels

Array = NDArray[Any]
Rows = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]
COLLAPSED = 0.01
BATCH, TRAIN_VOTES, TEST_VOTES = 64, 10_000, 5_000
# Votes are counted in blocks, so that many codes of many dimensions need no more memory than few.
BLOCK = 2**22


@dataclass(frozen=True)
class FactorVAEScore:
    """What :func:`~aevum.evaluation.factor_vae_score` found.

    Args:
        score: the share of the evaluation votes that the majority vote tells right, 0 to 1.
        chance: 1/K, what a vote that knows nothing scores.
        active: the code dimensions that took part; the others are collapsed.
    """

    score: float
    chance: float
    active: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON can hold them."""
        return {"score": self.score, "chance": self.chance, "active": list(self.active)}

    def __str__(self) -> str:
        return f"{self.score:.3f} (chance {self.chance:.3f}), from {len(self.active)} active dimensions"


@dataclass(frozen=True)
class Disentanglement:
    """All the scores of disentanglement of some codes; 1 is the best of each.

    Args:
        mutual_information_gap: see :func:`~aevum.evaluation.mutual_information_gap`.
        separated_attribute_predictability: see the function of that name.
        modularity: see :func:`~aevum.evaluation.modularity`.
        dci: see :func:`~aevum.evaluation.dci`; it holds the importance matrix.
        factor_vae: see :func:`~aevum.evaluation.factor_vae_score`.
        factor_names: K words.
        entropy: ``(K,)``, of each factor, in nats.
        information: ``(D, K)``, the mutual information of code and factor, in nats.
    """

    mutual_information_gap: float
    separated_attribute_predictability: float
    modularity: float
    dci: DCI
    factor_vae: FactorVAEScore
    factor_names: tuple[str, ...]
    entropy: Array
    information: Array

    @property
    def share(self) -> Array:
        """``(D, K)``, the share of each factor's entropy that each code tells: the matrix that is drawn."""
        return np.asarray(self.information / self.entropy)

    @property
    def importance(self) -> Array:
        """``(D, K)``, the importance of each code for each factor, from DCI."""
        return self.dci.importance

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON can hold them."""
        return {
            "mutual_information_gap": self.mutual_information_gap,
            "separated_attribute_predictability": self.separated_attribute_predictability,
            "modularity": self.modularity,
            "dci": self.dci.to_dict(),
            "factor_vae": self.factor_vae.to_dict(),
            "factor_names": list(self.factor_names),
            "entropy": self.entropy.tolist(),
            "information": self.information.tolist(),
        }

    def __str__(self) -> str:
        scores = {
            "mutual information gap": f"{self.mutual_information_gap:.3f}",
            "separated predictability": f"{self.separated_attribute_predictability:.3f}",
            "modularity": f"{self.modularity:.3f}",
            "DCI": str(self.dci),
            "FactorVAE score": str(self.factor_vae),
        }
        lines = [f"{name:<25} {words}" for name, words in scores.items()]
        width = max(6, *map(len, self.factor_names))
        lines += ["", f"{'factor':<{width}}  told most by  share told  gap to second  accuracy of all codes"]
        gap, best = gaps(self.share), self.share.argmax(axis=0)
        for k, name in enumerate(self.factor_names):
            told = f"{self.share[best[k], k]:>10.1%}  {gap[k]:>13.1%}  {self.dci.accuracy[k]:>21.1%}"
            lines.append(f"{name:<{width}}  {f'z[{best[k]}]':<12}  {told}")
        return "\n".join(lines)


def disentanglement(
    Z: Codes,
    factors: Labels,
    factor_names: Sequence[str] | None = None,
    *,
    seed: int = 0,
    least_variance: float = COLLAPSED,
) -> Disentanglement:
    """All the scores of disentanglement of codes whose factors are known.

    Args:
        Z: codes ``(N, D)``, at least two dimensions; posterior means, as ``transform`` returns them.
        factors: ``(N, K)`` whole numbers, at least two factors, that vary independently of each other.
        factor_names: K words.
        seed: of the splits, forests and votes.
        least_variance: see :func:`~aevum.evaluation.factor_vae_score`.

    Returns:
        The scores, and the matrices of mutual information and importance.

    Raises:
        InputError: codes or factors can't be used, the names aren't K, or there is only one dimension or factor.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2).repeat(9, axis=0)
        >>> found = disentanglement(-2.0 * factors, factors, ["hair", "action"])
        >>> round(found.mutual_information_gap, 6), found.factor_vae.score, found.share.round(6).tolist()
        (1.0, 1.0, [[1.0, 0.0], [0.0, 1.0]])
    """
    codes = read_codes(Z)
    names = None if factor_names is None else [str(name) for name in factor_names]
    found = read_factors(factors, len(codes), names)
    need_two("dimensions of Z", codes.shape[1], "disentanglement")
    need_two("factors", found.shape[1], "disentanglement")
    words = factor_words(found.shape[1], names)
    information, entropy = information_of(codes, found), entropy_of(found)
    return Disentanglement(
        mutual_information_gap=float(gaps(information / entropy).mean()),
        separated_attribute_predictability=separated_attribute_predictability(codes, found, seed=seed),
        modularity=modularity_of(information, codes, found, BINS),
        dci=dci(codes, found, seed=seed),
        factor_vae=_scored(codes, found, words, seed, least_variance),
        factor_names=tuple(words),
        entropy=entropy,
        information=information,
    )


def factor_vae_score(
    Z: Codes, factors: Labels, *, seed: int = 0, least_variance: float = COLLAPSED, batch: int = BATCH
) -> FactorVAEScore:
    r"""How surely the code that varies least while one factor is held fixed tells which factor it was.

    Each vote holds one factor k at one value, draws a batch of rows that have it, and finds the code

    .. math:: d^* = \arg\min_d \operatorname{Var}_{\text{batch}}(z_d) / \operatorname{Var}(z_d).

    10,000 votes, as many for each factor, say which factor each d* stands for (the majority); the score is the share
    of 5,000 others for which that is right. Values are as frequent as they are in the rows, and rows are drawn with
    replacement.

    Source: *Disentangling by factorising*, H. Kim, A. Mnih, ICML 2018.

    Args:
        Z: codes ``(N, D)``.
        factors: ``(N, K)`` whole numbers, at least two factors and two rows a value.
        seed: of the votes.
        least_variance: a code dimension of smaller variance, of which the greatest is more than 1/least_variance
            times as much, is collapsed and takes no part. (A prior of variance 1 gives codes their unit; an
            auto-encoder's may be small in all dimensions and say much.)
        batch: rows of a vote.

    Returns:
        The score with its chance level; without an active dimension the score is the chance level.

    Raises:
        InputError: codes or factors can't be used, there is only one factor, or a value with only one row.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2).repeat(9, axis=0)
        >>> print(factor_vae_score(-factors[:, ::-1], factors))
        1.000 (chance 0.500), from 2 active dimensions
    """
    codes = read_codes(Z)
    found = read_factors(factors, len(codes))
    need_two("factors", found.shape[1], "the FactorVAE score")
    return _scored(codes, found, factor_words(found.shape[1], None), seed, least_variance, batch)


def _scored(
    codes: Array, factors: NDArray[np.intp], names: Sequence[str], seed: int, least_variance: float, batch: int = BATCH
) -> FactorVAEScore:
    batch = whole_number("batch", batch, least=2)
    groups = [_rows_of_values(column, name) for column, name in zip(factors.T, names, strict=True)]
    chance, variance = 1.0 / factors.shape[1], codes.var(axis=0)
    collapsed = least_variance * min(1.0, float(variance.max()))
    least = np.maximum(collapsed, np.square(ROUNDING * np.abs(codes).max(axis=0)))
    active = np.flatnonzero(variance > least)
    if not len(active):
        return FactorVAEScore(chance, chance, ())
    scaled = (codes[:, active] - codes[:, active].mean(axis=0)) / np.sqrt(variance[active])
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    train, test = (
        np.array([_votes(scaled, group, max(1, total // len(groups)), batch, rng) for group in groups])
        for total in (TRAIN_VOTES, TEST_VOTES)
    )
    right = test[train.argmax(axis=0), np.arange(len(active))].sum()
    return FactorVAEScore(float(right / test.sum()), chance, tuple(active.tolist()))


def _rows_of_values(column: NDArray[np.intp], name: str) -> Rows:
    """A factor's rows in the order of its values, where each value's begin, and how many they are."""
    count = np.bincount(column)
    if count.min() < 2:
        raise InputError(
            f"{name} has a value with only one row, and a batch with that value held fixed needs two or more: "
            f"leave the row out or give more"
        )
    return np.argsort(column, kind="stable"), np.cumsum(count) - count, count


def _votes(scaled: Array, group: Rows, votes: int, batch: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """``(D,)``, how often each code varied least while the factor was held fixed."""
    order, start, count = group
    values = np.repeat(np.arange(len(count)), count)
    found = np.zeros(scaled.shape[1], dtype=np.intp)
    size = max(1, BLOCK // (batch * scaled.shape[1]))
    for first in range(0, votes, size):
        fixed = values[rng.integers(len(values), size=min(size, votes - first))]
        drawn = rng.integers(count[fixed][:, None], size=(len(fixed), batch))
        least = scaled[order[start[fixed][:, None] + drawn]].var(axis=1).argmin(axis=1)
        found += np.bincount(least, minlength=len(found))
    return found
