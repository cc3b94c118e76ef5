"""Data that are larger than memory: what is learned of them is what is learned of the same rows in memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from aevum import CVAE, VAE, load
from aevum.data import Dataset, corpus_source, large
from aevum.data.corpora import Corpus, Part, in_blocks
from aevum.estimators import resolving
from aevum.estimators.learnable import divided

pytestmark = pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 3, "batch_size": 16, "random_state": 0}
RNG = np.random.default_rng(0)
PICTURES = np.clip(RNG.normal(90.0, 60.0, (200, 1, 6, 6)) + 60.0 * RNG.normal(size=(200, 1, 1, 1)), 0, 255)
X = PICTURES[:, 0].round().astype(np.uint8)
HIDDEN = RNG.normal(size=(240, 1))
TABLE = np.hstack([HIDDEN + 0.3 * RNG.normal(size=(240, 2)), np.exp(HIDDEN), RNG.integers(0, 2, (240, 1))])


def corpus_of(x: np.ndarray, rows: int = 37, *, gaps: bool = False) -> Corpus:
    parts = in_blocks(x, budget=rows * x[:1].nbytes)
    return Corpus(parts, x.shape[1:], x.dtype, gaps=gaps)


def weights_of(estimator) -> list[torch.Tensor]:
    return [value.detach() for value in estimator.model_.state_dict().values()]


@pytest.mark.parametrize(("share", "held"), [("auto", 50_000), (0.2, 200_000), (0.0, 0)])
def test_rows_of_a_corpus_that_choose_the_epoch_are_few_and_in_their_order(share, held) -> None:
    """In a fit, and in one that goes on (``warm_start``)."""
    corpus = Corpus([Part(500_000, lambda: np.zeros((500_000, 1)))] * 2, (1,), np.dtype(float))
    training, held_out = divided(share, corpus, len(corpus), 0)
    assert len(held_out) == held and len(training) == len(corpus) - held
    assert (np.diff(training) > 0).all() and (np.diff(held_out) > 0).all()
    training, held_out = divided(share, corpus, 900_000, 0)  # the last of them are X_val's
    assert len(training) == 900_000 and held_out.tolist() == list(range(900_000, 1_000_000))


def test_a_fit_to_a_corpus_is_trained_on() -> None:
    vae = VAE(**TINY).fit(corpus_of(X, 40))
    before = [value.clone() for value in weights_of(vae)]
    vae.set_params(warm_start=True, validation_fraction=0.0).fit(corpus_of(X, 40))
    assert len(vae.history_) == TINY["epochs"] and not all(map(torch.equal, before, weights_of(vae)))


@pytest.mark.parametrize("binarize", [None, "static", "dynamic"])
def test_pictures_in_parts_give_the_weights_of_an_array(binarize) -> None:
    corpus = corpus_of(X, 40)
    fitted = VAE(**TINY, binarize=binarize).fit(Dataset(corpus))
    again = VAE(**TINY, binarize=binarize).fit(corpus_of(X, 40))
    assert all(torch.equal(*pair) for pair in zip(weights_of(fitted), weights_of(again), strict=True))
    np.testing.assert_allclose(fitted.transform(corpus), fitted.transform(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(fitted.score_samples(corpus, k=5), fitted.score_samples(X, k=5), rtol=1e-4)


def in_one_order(monkeypatch, x: np.ndarray, parts: int) -> None:
    """An array is gone through as a corpus of so many parts is, within one window, and split the same."""
    plain = resolving.split
    sources: dict[int, object] = {}

    def order(self, *counters):
        rows = np.arange(len(x)) if self.rows is None else self.rows.numpy()
        other = corpus_source.CorpusSource(corpus_of(x, -(-len(x) // parts)), None, rows, lambda t: t, self.device)
        sources[id(self)] = other
        return other.order(*counters)

    monkeypatch.setattr(resolving, "split", lambda *given: tuple(np.sort(rows) for rows in plain(*given)))
    monkeypatch.setattr("aevum.data.source.ArraySource.order", order)


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_in_one_order_an_array_and_a_corpus_give_one_model(monkeypatch, likelihood) -> None:
    monkeypatch.setattr(corpus_source, "PARTS", 2)
    monkeypatch.setattr(corpus_source, "BYTES", 1)
    more = {"binarize": "static"} if likelihood == "bernoulli" else {}
    apart = VAE(**TINY, likelihood=likelihood, **more).fit(corpus_of(X, 40))
    with monkeypatch.context() as within:
        order = corpus_source.CorpusSource.order
        in_one_order(within, X, 5)
        within.setattr(corpus_source.CorpusSource, "order", order)
        whole = VAE(**TINY, likelihood=likelihood, **more).fit(X)
    for own, other in zip(weights_of(apart), weights_of(whole), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-5)
    assert apart.history_[-1]["validation_loss"] == pytest.approx(whole.history_[-1]["validation_loss"], rel=1e-4)


def test_tables_have_the_kinds_and_the_start_of_an_array(monkeypatch) -> None:
    in_one_order(monkeypatch, TABLE, 6)
    whole = VAE(1, epochs=2, random_state=0).fit(TABLE)
    apart = VAE(1, epochs=2, random_state=0).fit(corpus_of(TABLE, 40, gaps=True))
    assert str(apart.likelihood_) == str(whole.likelihood_)
    assert [kind for kind, _ in apart.fitted_.kinds()] == [kind for kind, _ in whole.fitted_.kinds()]
    np.testing.assert_allclose(apart.transform(TABLE), whole.transform(TABLE), rtol=1e-3, atol=1e-4)


def test_labels_weights_own_validation_rows_and_storage(tmp_path) -> None:
    y = np.arange(200) % 3
    corpus = corpus_of(X)
    cvae = CVAE(**TINY).fit(Dataset(corpus, y), X_val=X[:20], y_val=y[:20])
    assert cvae.transform(Dataset(corpus, y)).shape == (200, 2)
    weighted = VAE(**TINY).fit(corpus, sample_weight=1.0 + y)
    weighted.save(tmp_path / "model")
    np.testing.assert_array_equal(load(tmp_path / "model").transform(corpus), weighted.transform(corpus))
    for other in (corpus, X):
        weighted.partial_fit(other)
    assert len(weighted.history_) == 5


def test_a_fit_of_a_corpus_goes_on_from_its_checkpoints(tmp_path) -> None:
    corpus = corpus_of(X)
    wanted = VAE(**TINY).fit(corpus)
    stopped = VAE(**TINY, callbacks=[lambda record: record["epoch"] == 2]).fit(corpus, checkpoints=tmp_path / "states")
    assert len(stopped.history_) == 2
    again = VAE(**TINY).fit(corpus, resume=tmp_path / "states")
    assert again.transform(X).shape == wanted.transform(X).shape


def test_a_large_mapped_file_is_seen_in_part_and_trained_in_its_own_order(tmp_path, monkeypatch) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    wanted = VAE(**TINY).fit(X)
    monkeypatch.setattr(large, "LARGE", 100)
    monkeypatch.setattr("aevum.data.source.LARGE", 100)
    apart = VAE(**TINY).fit(mapped)  # all of it is few enough to be seen
    for own, other in zip(weights_of(apart), weights_of(wanted), strict=True):
        assert torch.equal(own, other)
    np.testing.assert_array_equal(apart.transform(mapped), wanted.transform(X))
    monkeypatch.setattr(large, "SEEN_VALUES", 36 * 50)
    monkeypatch.setattr(large, "FEWEST_ROWS", 10)
    some = VAE(**TINY).fit(mapped)
    assert np.array_equal(mapped, X)
    assert abs(float(some.encoding_.shift) - float(wanted.encoding_.shift)) < 20.0
    assert some.history_[-1]["loss"] == pytest.approx(wanted.history_[-1]["loss"], rel=0.1)


def test_what_is_said_of_a_row_names_it_among_all(monkeypatch) -> None:
    from aevum.estimators.seen import Seen

    monkeypatch.setattr(large, "SEEN_VALUES", 60)
    monkeypatch.setattr(large, "FEWEST_ROWS", 6)
    table = TABLE.copy()
    seen = Seen.of(corpus_of(table, 40))
    assert seen.at is not None
    place = int(seen.at[7])
    table[place, 0] = 1e7
    seen = Seen.of(corpus_of(table, 40))
    from aevum.estimators.far import without_far_values

    with pytest.warns(UserWarning, match=f"row {place}, column 0"), seen.told():
        without_far_values(seen.x, None, False)
