import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from aevum.errors import InputError
from aevum.plots.disentanglement import MOST_ROWS, SHADES, disentanglement_figure
from aevum.plots.style import png_bytes


def share(rows, columns, seed=0):
    return np.random.default_rng(seed).random((rows, columns)) ** 6


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def rows_of(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def columns_of(figure):
    return [label.get_text() for label in figure.axes[0].get_xticklabels()]


def luminance(colour):
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_each_cell_holds_its_value_and_each_factor_its_best():
    matrix = np.array([[0.02, 0.911, 0.0], [0.704, 0.1, 0.001], [0.3, 0.0, 0.004]])
    figure = disentanglement_figure(matrix, factor_names=["hair", "action", "body"], title="β = 4")
    heat, scale = figure.axes
    assert heat.get_title(loc="left") == "β = 4"
    assert rows_of(figure) == ["z[1]", "z[2]", "z[0]"] and columns_of(figure) == ["hair", "action", "body"]
    assert words(figure) == ["70", "10", "0", "30", "0", "0", "2", "91", "0"]
    # Nobody tells of the body, so nobody is its best.
    assert [text.get_text() for text in heat.texts if text.get_weight() == "bold"] == ["70", "91"]
    assert [label.get_text() for label in scale.get_yticklabels()] == ["0", "25", "50", "75", "100"]
    assert "entropy" in figure.get_supxlabel()


def test_codes_of_one_factor_each_make_a_staircase():
    figure = disentanglement_figure(np.eye(5)[[3, 1, 4, 0, 2]])
    assert rows_of(figure) == ["z[3]", "z[1]", "z[4]", "z[0]", "z[2]"]
    assert np.asarray(figure.axes[0].collections[0].get_array()).reshape(5, 5).tolist() == np.eye(5).tolist()


def test_of_many_codes_the_telling_ones_are_shown_and_the_rest_is_counted():
    matrix = share(64, 6)
    matrix[:, 5] *= 0.01  # a factor that no code tells much of still shows its best
    figure = disentanglement_figure(matrix)
    assert len(rows_of(figure)) == MOST_ROWS and len(words(figure)) == MOST_ROWS * 6
    assert f"z[{matrix[:, 5].argmax()}]" in rows_of(figure)
    hidden = [d for d in range(64) if f"z[{d}]" not in rows_of(figure)]
    text = f"32 of 64 codes are not shown: their values are at most {100 * matrix[hidden].max():.0f}"
    assert figure.get_supxlabel().endswith(text)
    assert len(disentanglement_figure(matrix[:MOST_ROWS]).axes[0].get_yticks()) == MOST_ROWS


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (10, 6), (64, 6), (12, 20), (5, 36)])
def test_text_lies_inside_of_the_figure_and_of_its_cell(shape):
    figure = disentanglement_figure(share(*shape), title="a title")
    assert png_bytes(figure).startswith(b"\x89PNG")
    renderer, page = figure.canvas.get_renderer(), figure.bbox
    heat = figure.axes[0]
    cell = heat.get_window_extent(renderer).width / shape[1]
    assert all(text.get_window_extent(renderer).width < cell for text in heat.texts)
    for text in [*heat.get_xticklabels(), *heat.get_yticklabels(), *figure.axes[1].get_yticklabels(), *figure.texts]:
        box = text.get_window_extent(renderer)
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1


def test_values_can_be_read_on_every_shade():
    figure = disentanglement_figure(np.linspace(0, 1, 101)[:, None][::4], title="shades")
    for text in figure.axes[0].texts:
        value = int(text.get_text()) / 100
        light, dark = sorted([luminance(text.get_color()), luminance(SHADES(value)[:3])], reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 3.5
    # Lightness alone tells the values apart, without colours.
    shades = [luminance(SHADES(value)[:3]) for value in np.linspace(0, 1, 50)]
    assert (np.diff(shades) < 0).all()


def test_names_are_words_and_no_markup():
    names = ["$a_b$", "two\nlines", "x" * 60]
    figure = disentanglement_figure(share(2, 3), ["<b>", "$z$"], names, title="$t$", meaning="50 % of $m$")
    assert columns_of(figure) == [r"\$a_b\$", "two lines", "x" * 21 + "…"]
    assert set(rows_of(figure)) == {"<b>", r"\$z\$"}
    assert figure.axes[0].get_title(loc="left") == r"\$t\$" and r"\$m\$" in figure.get_supxlabel()
    png_bytes(figure)


def test_the_same_figure_is_the_same_bytes_and_settings_stay():
    before = dict(mpl.rcParams)
    assert png_bytes(disentanglement_figure(share(4, 3))) == png_bytes(disentanglement_figure(share(4, 3)))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.zeros(3), r"matrix has shape \(3,\); expected \(D, K\)"),
        (np.zeros((0, 3)), r"matrix has shape \(0, 3\)"),
        ([[0.1, 1.8]], "numbers from 0 to 1: divide mutual information by the factors' entropy"),
        ([[-0.1, 0.8]], "numbers from 0 to 1"),
        ([[np.nan, 0.8]], "numbers from 0 to 1"),
    ],
)
def test_bad_matrices(matrix, message):
    with pytest.raises(InputError, match=message):
        disentanglement_figure(matrix)


def test_bad_names():
    with pytest.raises(InputError, match="factor_names must be 3 names"):
        disentanglement_figure(share(4, 3), factor_names=["hair"])
    with pytest.raises(InputError, match="latent_names must be 4 names"):
        disentanglement_figure(share(4, 3), "abcd")
