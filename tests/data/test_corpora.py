"""Rows in parts: what they give is what an array of all of them gives, and each part is read once an epoch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from aevum.data import corpora, corpus_source, large
from aevum.data.corpora import Corpus, Part, in_blocks, joined
from aevum.data.corpus_source import CorpusSource
from aevum.data.source import ArraySource
from aevum.errors import InputError

X = np.random.default_rng(0).normal(size=(101, 3)).astype(np.float32)
CPU = torch.device("cpu")


class Counted:
    """A corpus of uneven parts that counts how often each is read."""

    def __init__(self, x: np.ndarray = X, ends: tuple[int, ...] = (7, 8, 30, 64, 101), **more: bool) -> None:
        self.reads: list[int] = []
        starts = (0, *ends[:-1])

        def part(number: int, start: int, end: int) -> Part:
            def read() -> np.ndarray:
                self.reads.append(number)
                return x[start:end].copy()

            return Part(end - start, read, f"part-{number}.npy", 0)

        parts = [part(number, *ends) for number, ends in enumerate(zip(starts, ends, strict=True))]
        self.corpus = Corpus(parts, x.shape[1:], x.dtype, **more)


@pytest.mark.parametrize(
    "key",
    [
        slice(None),
        slice(5, 31),
        slice(30, 30),
        slice(None, None, 9),
        [100, 0, 7, 7, -1],
        np.arange(101) % 3 == 0,
        np.array([], dtype=int),
        6,
    ],
)
def test_rows_are_those_of_the_array(key) -> None:
    found = Counted().corpus[key]
    assert found.dtype == X.dtype and np.array_equal(found, X[key])


def test_what_is_read_in_order_is_read_once() -> None:
    counted = Counted()
    assert np.array_equal(np.concatenate([counted.corpus[i : i + 10] for i in range(0, 101, 10)]), X)
    assert counted.reads == [0, 1, 2, 3, 4]


def test_no_more_parts_are_kept_than_there_is_room_for(monkeypatch) -> None:
    monkeypatch.setattr(corpora, "KEPT", 40 * 12)
    corpus = Counted().corpus
    for row in (0, 7, 40, 20, 99):
        assert np.array_equal(corpus[row], X[row])
        kept = [len(part) for part in corpus._kept.values()]
        assert sum(kept) <= 40 or len(kept) == 1


@pytest.mark.parametrize(
    ("value", "gaps", "words"),
    [(np.nan, False, "part-3.npy, row 4, column 2: nan"), (np.inf, True, "part-3.npy, row 4, column 2: inf")],
)
def test_a_number_that_is_none_is_named_by_file_and_row(value, gaps, words) -> None:
    x = X.copy()
    x[34, 2] = value
    corpus = Counted(x, gaps=gaps).corpus
    assert len(corpus[:30]) == 30
    with pytest.raises(InputError, match=words):
        corpus[60]


def test_another_shape_or_type_is_named_by_file() -> None:
    parts = [Part(2, lambda: X[:2], "a.npy"), Part(2, lambda: X[:2, :2], "b.npy", 5)]
    with pytest.raises(InputError, match=r"b\.npy: from row 5 on are 2 examples of shape \(2,\)"):
        Corpus(parts, (3,), X.dtype)[3]
    with pytest.raises(InputError, match=r"a\.npy: holds float32, and the first part uint8"):
        Corpus(parts, (3,), np.dtype(np.uint8))[0]


def source(counted: Counted, rows: np.ndarray | None = None, **more: int) -> CorpusSource:
    y = np.arange(101, dtype=np.float32)[:, None]
    return CorpusSource(counted.corpus, y, rows, torch.Tensor.float, CPU, **more)


@pytest.mark.parametrize("rows", [None, np.random.default_rng(1).permutation(101)[:60]])
def test_an_epoch_reads_each_part_once_and_mixes_within_windows(monkeypatch, rows) -> None:
    monkeypatch.setattr(corpus_source, "PARTS", 2)
    monkeypatch.setattr(corpus_source, "BYTES", 1)
    counted = Counted()
    found = source(counted, rows)
    own = np.arange(101) if rows is None else np.sort(rows)
    orders = [found.order(0, epoch) for epoch in (1, 2)]
    assert not torch.equal(*orders) and all(sorted(each.tolist()) == list(range(len(own))) for each in orders)
    again = source(Counted(), rows)
    assert torch.equal(again.order(0, 1), orders[0]) and torch.equal(again.order(0, 2), orders[1])
    order = found.order(0, 1)
    counted.reads.clear()
    for indices in torch.tensor_split(order, 9):
        x, y = found.take(indices)
        assert torch.equal(x, torch.from_numpy(X[own[indices]]))
        assert y is not None and y[:, 0].tolist() == own[indices].tolist()
    assert len(found.windows) == 3
    begun = [part for window in found.windows for part in window]
    assert counted.reads[:5] == begun and len(counted.reads) <= 5 + len(found.windows[0])  # and the next epoch's first


def test_the_order_within_one_window_is_of_all_rows(monkeypatch) -> None:
    order = source(Counted()).order(3, 1)
    assert len(torch.unique(torch.bucketize(order[:30], torch.tensor([7, 8, 30, 64])))) > 2


def test_rows_that_are_kept_are_read_once() -> None:
    counted = Counted()
    found = source(counted, np.array([3, 50, 9]), keep=10**6)
    for _ in range(3):
        assert torch.equal(found.take(torch.tensor([2, 0]))[0], torch.from_numpy(X[[50, 3]]))
    assert sorted(counted.reads) == [0, 2, 3]
    assert found.numbers(torch.tensor([0, 2])) == [3, 50]


def test_an_array_keeps_its_order() -> None:
    from aevum.data.source import order_of

    found = ArraySource(X, None, None, torch.Tensor.float, CPU).order(4, 2)
    assert torch.equal(found, order_of(101, 4, 2))
    assert found[:5].tolist() == ORDER


ORDER = torch.randperm(101, generator=torch.Generator().manual_seed(corpus_source.counted_seed(4, 2)))[:5].tolist()


def test_what_is_seen_of_large_data_lies_evenly_in_few_parts(monkeypatch) -> None:
    monkeypatch.setattr(large, "SEEN_VALUES", 60)
    monkeypatch.setattr(large, "FEWEST_ROWS", 6)
    monkeypatch.setattr(large, "PARTS", 3)
    counted = Counted()
    rows = large.seen_rows(counted.corpus)
    assert rows is not None and rows[0] == 0 and rows[-1] == 100 and (np.diff(rows) > 0).all()
    assert np.array_equal(large.seen(counted.corpus), X[rows]) and sorted(set(counted.reads)) == [0, 2, 4]
    assert large.seen_rows(X) is None and large.seen(X) is X


def test_all_rows_of_a_small_corpus_are_seen() -> None:
    assert np.array_equal(large.seen(Counted().corpus), X)


def test_joined_rows_follow_each_other() -> None:
    corpus = joined(X[:40], Counted().corpus)
    assert corpus.shape == (141, 3) and np.array_equal(corpus[39:42], np.stack([X[39], X[0], X[1]]))
    assert sum(part.rows for part in in_blocks(X, budget=120)) == 101
