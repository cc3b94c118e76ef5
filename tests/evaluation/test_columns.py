"""What is told of a table's columns: kind, reason, words, and the spread in the column's own units."""

import numpy as np
import pytest

from aevum import VAE, open_data
from aevum.evaluation.columns import columns_of
from aevum.evaluation.judged import judge
from aevum.fitted.corrupting import corrupted

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def people():
    pd = pytest.importorskip("pandas")
    z = RANDOM.normal(size=300)
    frame = pd.DataFrame({
        "height": 170.0 + 8.0 * z + RANDOM.normal(size=300), "kind": np.where(z > 0, "tall", "small"),
        "weight": 70.0 + 9.0 * z + RANDOM.normal(size=300), "flag": 7,
    })  # fmt: skip
    frame.loc[::9, "kind"] = None
    with pytest.warns(UserWarning, match="never change"):
        return VAE(2, epochs=15, hidden=(16,), random_state=0).fit(frame), frame


def test_each_column_with_its_words_and_its_spread(people):
    vae, frame = people
    height, kind, weight, flag = columns_of(vae, vae.transform(frame))
    assert (height["name"], height["kind"], kind["classes"]) == ("height", "Gaussian", ["small", "tall"])
    assert kind["sigma"] is flag["sigma"] is None and flag["kind"] == "constant"
    # 1 cm is what the other columns don't tell of a height; its deviation is 8.
    assert 0.5 < height["sigma"] < 3.0 and 0.5 < weight["sigma"] < 3.0
    assert columns_of(vae)[0]["sigma"] is None


def test_the_spread_is_in_the_columns_units(people):
    vae, frame = people
    z = vae.transform(frame)
    deviation = vae.decode_deviation(z)
    assert deviation.shape == (300, 4) and (deviation[:, [3]] == 0.0).all()
    assert columns_of(vae, z)[0]["sigma"] == pytest.approx(float(np.median(deviation[:, 0])))
    stated = VAE(1, likelihood="gaussian:fixed=2.5", epochs=1, random_state=0).fit(frame[["height", "weight"]])
    sigmas = [each["sigma"] for each in columns_of(stated, stated.transform(frame[["height", "weight"]]))]
    assert sigmas == pytest.approx([2.5, 2.5], rel=1e-5)


def test_what_of_the_rows_holds_a_model_back(people):
    vae, frame = people
    figures = judge(vae, frame)
    assert (figures.rows, figures.columns, figures.constant, figures.far) == (300, 4, ("flag",), 0)
    assert figures.most_missing == ("kind", pytest.approx(34 / 300)) and figures.missing == pytest.approx(34 / 1200)
    assert figures.started is True


def test_pictures_have_no_columns():
    digits = open_data("digits").x[:60]
    vae = VAE(2, epochs=1, hidden=(16,), random_state=0).fit(digits)
    assert columns_of(vae) is None and corrupted(vae.fitted_, digits, 0) is None
