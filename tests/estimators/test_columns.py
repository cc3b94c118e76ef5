"""Columns are matched by their names, wherever names are; other columns are refused with both lists."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from aevum import CVAE, VAE, DataWarning, InputError, load, open_data
from aevum.evaluation import OutlierDetector, compare, contributions, detect, evaluate, evidence, latent_diagnostics
from aevum.recipes import ESTIMATORS
from aevum.reports.subject import subject_of
from aevum.server import Run

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning", "ignore::aevum.errors.EstimateWarning")
MODELS = list(ESTIMATORS.values())
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 2, "batch_size": 16, "random_state": 0}
NAMES = ["len", "wid", "hei", "age"]
RNG = np.random.RandomState(0)
X = RNG.randn(60, 2) @ RNG.randn(2, 4) * [1.0, 10.0, 0.1, 5.0] + 0.01 * RNG.randn(60, 4)
FRAME = pd.DataFrame(X, columns=NAMES)
Y = np.arange(60) % 2


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same table in files: as it is, turned round, as Parquet, without names, and with other columns."""
    folder = tmp_path_factory.mktemp("files")
    turned = FRAME[NAMES[::-1]]
    FRAME.to_csv(folder / "plain.csv", index=False)
    turned.to_csv(folder / "turned.csv", index=False)
    turned.to_parquet(folder / "turned.parquet")
    FRAME.to_csv(folder / "nameless.csv", index=False, header=False)
    FRAME.assign(id=RNG.rand(60))[["id", *NAMES[:3]]].to_csv(folder / "other.csv", index=False)
    turned.assign(Id=range(60)).to_csv(folder / "numbered.csv", index=False)
    FRAME.assign(id=0.5).to_csv(folder / "more.csv", index=False)
    FRAME[NAMES[:3]].to_csv(folder / "fewer.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def fitted(files):
    """Each kind of model, fitted on the file."""
    return {model: model(**TINY).fit(files / "plain.csv", Y) for model in MODELS}


def given(model):
    return (Y,) if model.conditional else ()


def turned_forms(files):
    return {
        "csv": files / "turned.csv",
        "parquet": str(files / "turned.parquet"),
        "frame": FRAME[NAMES[::-1]],
        "data set": open_data(files / "turned.csv"),
        "nullable frame": FRAME[NAMES[::-1]].convert_dtypes(),
    }


METHODS = ("transform", "reconstruct", "reconstruction_error", "distortion_and_rate", "predict_interval", "score")


@pytest.mark.parametrize("form", ["csv", "parquet", "frame", "data set", "nullable frame"])
@pytest.mark.parametrize("model", MODELS)
def test_another_order_gives_the_same_numbers(model, form, fitted, files):
    estimator, turned = fitted[model], turned_forms(files)[form]
    for method in (*METHODS, *(("score_samples",) if estimator.has_density else ())):
        call = getattr(estimator, method)
        np.testing.assert_array_equal(call(turned, *given(estimator)), call(X, *given(estimator)))


def test_every_room_matches_columns(fitted, files):
    vae, turned = fitted[VAE], files / "turned.csv"
    for call in (
        lambda X: detect(vae, X).scores,
        lambda X: contributions(vae, X, reference=X),
        lambda X: evidence(vae, X, k=5).log_evidence,
        lambda X: evaluate(vae, X, k=5).squared_error,
        lambda X: latent_diagnostics(vae, X).variance,
        lambda X: compare([vae], X, k=5, samples=20, features=None).entries[0].squared_error,
        lambda X: vae.settle(X, steps=2).z,
        lambda X: vae.neighbours(X, X, k=2)[1],
        lambda X: vae.attribute_vector(X, labels=Y),
        lambda X: vae.add_attribute(X, np.array([1.0, 0.0])),
        lambda X: subject_of(vae, X, None, "data", None, None).found,
        lambda X: Run("a", "a", vae, X).x,
    ):
        np.testing.assert_array_equal(call(turned), call(X))


def test_a_saved_model_matches_too(fitted, files, tmp_path):
    again = load(fitted[VAE].save(tmp_path / "model"))
    np.testing.assert_array_equal(again.transform(files / "turned.csv"), again.transform(X))


def test_a_model_of_a_frame_takes_files_by_name(files):
    vae = VAE(**TINY).fit(FRAME)
    np.testing.assert_array_equal(vae.transform(files / "turned.csv"), vae.transform(FRAME))
    with pytest.raises(InputError, match="order"):  # scikit-learn's contract for frames
        vae.transform(FRAME[NAMES[::-1]])


def test_without_names_columns_go_by_position(fitted, files):
    np.testing.assert_array_equal(fitted[VAE].transform(files / "nameless.csv"), fitted[VAE].transform(X))
    nameless = VAE(**TINY).fit(X)
    with pytest.warns(DataWarning, match="lie elsewhere than in training"):
        np.testing.assert_array_equal(nameless.transform(files / "turned.csv"), nameless.transform(X[:, ::-1]))


@pytest.mark.parametrize("form", ["path", "frame", "data set"])
@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("other", ('"len", "wid", "hei", "age"', '"id", "len", "wid", "hei"', 'without "age" and with unknown "id"')),
        ("more", ('with unknown "id"',)),
        ("fewer", ('without "age"',)),
    ],
)
def test_other_columns_are_refused_with_both_lists(fitted, files, file, words, form):
    path = files / f"{file}.csv"
    data = {"path": path, "frame": pd.read_csv(path), "data set": open_data(path)}[form]
    with pytest.raises(InputError) as caught:
        fitted[VAE].score_samples(data)
    assert all(word in str(caught.value) for word in words)


def test_columns_of_which_none_is_known_are_taken_by_position_with_a_word(fitted, tmp_path):
    renamed = FRAME.rename(columns=dict(zip(NAMES, "abcd", strict=True)))
    renamed.to_csv(tmp_path / "t.csv", index=False)
    for data in (renamed, tmp_path / "t.csv"):
        with pytest.warns(
            DataWarning, match='none of the columns "a", "b", "c", "d" by name.*position for "len", "wid"'
        ):
            np.testing.assert_array_equal(fitted[VAE].transform(data), fitted[VAE].transform(X))


def test_a_column_that_numbers_the_rows_comes_back_where_the_model_has_it(fitted, files):
    with pytest.warns(DataWarning, match='column "Id"'):
        np.testing.assert_array_equal(fitted[VAE].transform(files / "numbered.csv"), fitted[VAE].transform(X))
    with pytest.warns(DataWarning, match='column "Id" numbers the rows and is learned.*X.drop'):
        numbered = VAE(**TINY).fit(FRAME.assign(Id=range(60)))
    with pytest.warns(DataWarning, match="left out"):
        found = numbered.transform(files / "numbered.csv")
    np.testing.assert_array_equal(found, numbered.transform(FRAME.assign(Id=range(60))))


def test_fit_transform_of_a_file_keeps_the_names(files):
    vae = VAE(**TINY)
    vae.fit_transform(files / "plain.csv")
    assert vae.feature_names_ == tuple(NAMES)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame(X, columns=list("aabc")), ("2 columns are called 'a'", "rename")),
        (pd.DataFrame(X, columns=["a", 1, "b", "c"]), ("several kinds (int, str)", "astype(str)")),
    ],
)
def test_columns_that_cannot_be_meant(fitted, frame, words):
    for call in (VAE(**TINY, likelihood="gaussian").fit, fitted[VAE].transform):
        with pytest.raises(InputError) as caught:
            call(frame)
        assert all(word in str(caught.value) or "don't match by name" in str(caught.value) for word in words)


def test_words_where_numbers_are_meant(fitted):
    frame = FRAME.assign(len=["x", "y"] * 30)
    with pytest.raises(InputError, match='columns of numbers; .*such as "len"'):
        VAE(**TINY, likelihood="gaussian").fit(frame)
    with pytest.raises(InputError, match="column 'len' .*isn't numeric"):
        fitted[VAE].transform(frame)


def gaps(dtype):
    frame = FRAME.round().astype(dtype) if dtype != "float64" else FRAME.copy()
    frame.iloc[3, 1] = frame.iloc[5, 1] = frame.iloc[7, 2] = None
    return frame


@pytest.mark.parametrize("dtype", ["float64", "Float64", "Int64", "object", "double[pyarrow]"])
def test_missing_cells_are_placed_and_counted(fitted, dtype):
    frame = gaps(dtype)
    plain = VAE(**TINY, likelihood="gaussian")
    for call in (plain.fit, fitted[VAE].transform, VAE(**TINY, likelihood="gaussian").fit(FRAME).transform):
        with pytest.raises(InputError) as caught:
            call(frame)
        assert "NaN. First at row 3, column 'wid'; 3 in all ('wid': 2, 'hei': 1). Fill" in str(caught.value)


def test_masked_cells_are_missing_cells(fitted):
    masked = np.ma.masked_array(np.where(X > 5, 9999.0, X), mask=X > 5)
    count = int((X > 5).sum())
    row, column = np.argwhere(X > 5)[0]
    wanted = f"{count} of 240 cells of X are masked and have no value, the first at row {row}, column {column}; fill"
    for data in (masked, list(masked)):
        plain = VAE(**TINY, likelihood="gaussian")
        for call in (plain.fit, fitted[VAE].transform, fitted[VAE].reconstruct, lambda X: detect(fitted[VAE], X)):
            with pytest.raises(InputError, match=wanted):
                call(data)
    whole = np.ma.masked_array(X, mask=False)
    np.testing.assert_array_equal(fitted[VAE].transform(whole), fitted[VAE].transform(X))
    with pytest.raises(InputError, match="30 of 60 cells of y are masked"):
        CVAE(**TINY).fit(X, np.ma.masked_array(Y, mask=Y == 1))


def test_matched_columns_make_no_warning(files):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=UserWarning, module="aevum.fitted.diagnostics")
        for vae in (VAE(**TINY).fit(FRAME), VAE(**TINY).fit(files / "plain.csv")):
            vae.transform(files / "turned.csv")


@pytest.mark.filterwarnings("ignore")
def test_of_many_columns_those_that_differ_are_named(tmp_path):
    many = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 12)), columns=[f"c{i}" for i in range(12)])
    many["t"] = ["x", "y"] * 30
    many.to_csv(tmp_path / "t.csv", index=False)
    other = many.drop(columns="c11").assign(c99=1.0)
    other.to_csv(tmp_path / "other.csv", index=False)
    for model in (VAE(**TINY).fit(many), VAE(**TINY).fit(tmp_path / "t.csv")):
        for data in (other, tmp_path / "other.csv"):
            with pytest.raises(InputError, match='without "c11" and with unknown "c99"'):
                model.score_samples(data)


@pytest.mark.filterwarnings("ignore")
def test_a_column_without_a_value_is_named(tmp_path):
    frame = FRAME.assign(notes=np.nan)
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match='column "notes" has no value at all, in any row; leave it out$'):
        VAE(1).fit(frame.assign(t=["x", "y"] * 30))
    for fit in (VAE(1).fit, OutlierDetector().fit):
        with pytest.raises(
            InputError, match='column "notes" has no value at all, in any row; leave it out with --drop'
        ):
            fit(open_data(tmp_path / "t.csv"))


@pytest.mark.parametrize("kind", [sparse.dok_array, sparse.dok_matrix, sparse.lil_array, sparse.coo_array])
def test_sparse_matrices_of_any_kind(kind):
    dense = np.eye(60)[:, :8]
    vae = VAE(**TINY, likelihood="gaussian").fit(kind(dense))
    np.testing.assert_array_equal(vae.transform(kind(dense)), vae.transform(sparse.csr_array(dense)))


def test_a_value_beyond_all_so_far_is_odd_and_not_impossible():
    """That a column lay between 0 and 1, or above 0, may be chance: a row beyond has a density, and a code as if it
    lacked that cell.
    """
    random = np.random.default_rng(0)
    z = random.normal(size=400)
    x = np.stack([1.0 / (1.0 + np.exp(-2.0 * z - random.normal(size=400))), np.exp(z + random.normal(size=400)), z], 1)
    model = VAE(1, likelihood="columns", hidden=16, epochs=5, random_state=0).fit(x)
    assert [column.kind for column in model.encoding_.columns][:2] == ["logitnormal", "lognormal"]
    rows = np.array([[1.05, 1.0, 0.1], [0.5, -0.3, 0.1], [0.5, 0.0, 0.1], [0.5, 1.0, 0.1]])
    scores = model.score_samples(rows, random_state=0)
    assert np.isfinite(scores).all() and (scores[:3] < scores[3] - 3.0).all()
    lacking = rows.copy()
    lacking[0, 0] = lacking[1:3, 1] = np.nan
    np.testing.assert_allclose(model.transform(rows), model.transform(lacking), atol=1e-6)
    drawn = model.sample(2000, random_state=0)
    assert ((drawn[:, 0] > 0.0) & (drawn[:, 0] < 1.0)).all() and (drawn[:, 1] > 0.0).all()
