"""What y is: classes or a quantity, as it looks or as ``condition`` says."""

import numpy as np
import pandas as pd
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
    assert CVAE(**TINY, condition="label").fit(X, np.stack([N % 3, N % 4], 1)).context_.width == 7
    with pytest.raises(InputError, match="no column is"):
        CVAE(**TINY, condition="vector").fit(X, np.stack([N, N], 1).astype(str))


# ------------------------------------------------------------------ several columns

KIND = np.array(["a", "b", "c"])[N % 3]
FRAME = pd.DataFrame({"kind": KIND, "angle": ANGLES.astype(int)})
TABLE = {"likelihood": "columns", **TINY}


@pytest.fixture(scope="module")
def mixed():
    return CVAE(**TABLE).fit(X, FRAME)


FORMS = {
    "frame": FRAME,
    "other order": FRAME[["angle", "kind"]],
    "categories": FRAME.astype({"kind": "category", "angle": "Int64"}),
    "dictionary": dict(FRAME),
    "objects": FRAME.to_numpy(),
    "rows": FRAME.to_numpy().tolist(),
    "records": FRAME.to_records(index=False),
}


@pytest.mark.parametrize("y", FORMS.values(), ids=FORMS)
def test_columns_of_labels_are_one_in_every_form(mixed, y):
    assert mixed.context_.width == 4 and not hasattr(mixed, "classes_")
    np.testing.assert_array_equal(mixed.transform(X, y), mixed.transform(X, FRAME))
    again = CVAE(**TABLE).fit(X, y)
    if y is not FORMS["other order"]:
        np.testing.assert_array_equal(again.transform(X, y), mixed.transform(X, FRAME))


def test_every_method_takes_columns_of_labels(mixed, tmp_path):
    asked = {"kind": "a", "angle": 15.5}
    rows = [["a", 15.5]] * 3
    again = load(mixed.save(tmp_path / "m"))
    np.testing.assert_array_equal(mixed.sample(3, y=asked, random_state=0), again.sample(3, y=rows, random_state=0))
    z = mixed.transform(X[:3], rows)
    np.testing.assert_array_equal(mixed.inverse_transform(z, asked), again.inverse_transform(z, rows))
    np.testing.assert_array_equal(mixed.score_samples(X[:3], asked), again.score_samples(X[:3], rows))
    gaps = X[:3].copy()
    gaps[:, 0] = np.nan
    np.testing.assert_array_equal(mixed.impute(gaps, asked, k=5), again.impute(gaps, rows, k=5))
    assert mixed.complete({0: 1.0}, 2, asked, k=5).shape == (2, 3)
    line = mixed.interpolate(z[0], z[1], 5, y=asked, y_end={"kind": "b", "angle": 200})
    assert np.isfinite(line.x).all()


def test_columns_of_numbers_are_a_vector():
    both = np.stack([ANGLES + 0.5, N / 7.0], 1)
    vectors = CVAE(**TINY).fit(X, both)
    named = CVAE(**TINY).fit(X, pd.DataFrame(both, columns=["angle", "time"]))
    np.testing.assert_array_equal(
        named.sample(9, y=[1.0, 2.0], random_state=0), vectors.sample(9, y=[1.0, 2.0], random_state=0)
    )
    single = CVAE(**TINY).fit(X, FRAME[["kind"]])
    assert single.classes_.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(("condition", "width"), [("auto", 3 + 1 + 2), ("label", 3 + 36 + 2), ("vector", 3 + 1 + 1)])
def test_each_column_is_of_its_own_kind(condition, width):
    y = FRAME.assign(half=N % 2)
    assert CVAE(**TINY, condition=condition).fit(X, y).context_.width == width


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ({"kind": "a"}, 'y has the columns "kind"; this model was fitted on "kind", "angle"'),
        ({"kind": "q", "angle": 1}, 'column "kind" of y: unknown label q'),
        (["a", "b"], 'column "angle" of y is of numbers, got b'),
        ({"kind": "a", "angle": None}, 'column "angle" of y has no label at row 0'),
        ({"kind": ["", "a", ""], "angle": 3}, 'column "kind" of y has no label at rows 0, 2'),
        (7, "y has shape"),
    ],
)
def test_what_columns_cannot_be_is_named(mixed, y, message):
    with pytest.raises(InputError, match=message):
        mixed.sample(3, y=y)


@pytest.mark.parametrize("gap", [None, np.nan, ""], ids=repr)
def test_rows_without_a_label_are_named(gap):
    y = KIND.astype(object)
    y[[3, 7]] = gap
    with pytest.raises(InputError, match="no label at rows 3, 7"):
        CVAE(**TINY).fit(X, y)
    with pytest.raises(InputError, match='column "kind" of y.*no label at rows 3, 7'):
        CVAE(**TINY).fit(X, FRAME.assign(kind=y))
    with pytest.raises(InputError, match="no label at rows 3, 7"):
        CVAE(**TINY).fit(X, KIND).transform(X, y)


ROWS = [["m", 1, True], ["f", 0, False], ["m", 2, True]] * 120


@pytest.mark.parametrize("y", [ROWS, pd.DataFrame(ROWS, columns=["a", "b", "c"]), np.array(ROWS, dtype=object),
                               pd.DataFrame(ROWS, columns=["a", "b", "c"], dtype=object)],
                         ids=["rows", "frame", "objects", "frame of objects"])  # fmt: skip
def test_one_row_of_several_labels_is_what_each_says(y, tmp_path):
    model = CVAE(**TINY).fit(X, y)
    names = model.context_.names
    wanted = model.sample(1, y=dict(zip(names, ROWS[0], strict=True)), random_state=0)
    saved = load(model.save(tmp_path / "model"))
    for row in (tuple(ROWS[0]), ROWS[0], ROWS[:1], np.array(ROWS[0], dtype=object), np.array(ROWS[0]), ("m", 1.0, 1)):
        for each in (model, saved):
            np.testing.assert_array_equal(each.sample(1, y=row, random_state=0), wanted)
    for row, told in ((("m", 3, True), "unknown label 3; this model knows 0, 1, 2"), (("x", 1, True), "label x")):
        with pytest.raises(InputError, match=told):
            model.sample(1, y=row)
