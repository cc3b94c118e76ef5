import matplotlib as mpl
import numpy as np
import pytest

from aevum.errors import InputError
from aevum.plots import (
    class_rows_figure,
    history_figure,
    latent_scatter_figure,
    latent_usage_figure,
    manifold_figure,
    reconstruction_figure,
    sample_figure,
    traversal_figure,
)
from aevum.plots.latents import as_classes
from aevum.plots.style import PALETTE, png_bytes


def images(*shape):
    return np.random.default_rng(0).random(shape)


def pixels(figure):
    """The montage that a figure of images shows."""
    (axes,) = figure.axes
    (shown,) = axes.get_images()
    assert shown.get_interpolation() == "nearest"
    assert not axes.axison
    return np.asarray(shown.get_array())


def record(epoch, loss, rate=1.0, beta=1.0, **more):
    return {"epoch": epoch, "loss": loss, "distortion": loss - rate, "rate": rate, "beta": beta, **more}


# -------------------------------------------------------------------- images


@pytest.mark.parametrize("event", [(8, 8), (8, 8, 1), (3, 9, 7), (9, 7, 4)])
def test_pairs_show_every_original_above_its_reconstruction(event):
    x = images(10, *event)
    figure = reconstruction_figure(x, x)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == ["original", "reconstruction"] * 2
    sheet = pixels(figure)
    height = (sheet.shape[0] - 2 * 6 - 30) // 4
    np.testing.assert_array_equal(sheet[:height], sheet[height + 6 : 2 * height + 6])
    assert png_bytes(figure).startswith(b"\x89PNG")


def test_figures_are_pixel_for_pixel():
    from io import BytesIO

    from PIL import Image

    x = np.random.default_rng(0).integers(0, 256, (6, 8, 8), dtype=np.uint8)
    figure = sample_figure(x)
    drawn = np.asarray(Image.open(BytesIO(png_bytes(figure))).convert("RGB"))
    sheet = pixels(figure)
    np.testing.assert_array_equal(drawn[: sheet.shape[0], : sheet.shape[1]], sheet)


def test_the_data_decide_what_is_black_and_white():
    dim = np.full((4, 8, 8), 0.25)
    assert pixels(sample_figure(dim, images(4, 8, 8) > 0.5))[0, 0, 0] == 64
    assert pixels(sample_figure(dim, limits=(0.0, 0.5)))[0, 0, 0] == 128


def test_rows_can_be_said_to_be_images():
    flat = images(4, 64)
    assert len(sample_figure(flat).axes) == 12
    assert len(sample_figure(flat, image_shape=(8, 8)).axes) == 1
    with pytest.raises(InputError, match="can't be images"):
        sample_figure(flat, image_shape=(9, 9))


def test_classes_are_rows_with_their_names():
    figure = class_rows_figure({"<b>": images(3, 8, 8), "$x$": images(2, 8, 8), 3: images(3, 8, 8)})
    assert [text.get_text() for text in figure.axes[0].texts] == ["<b>", r"\$x\$", "3"]
    assert (pixels(figure)[-1, -1] != 255).any()
    png_bytes(figure)


def test_of_many_classes_twenty_are_shown_and_said():
    figure = class_rows_figure({d: images(2, 4, 4) for d in range(45)})
    words = [text.get_text() for text in figure.axes[0].texts]
    assert len(words) == 21
    assert words[-1] == "20 of 45 classes"


def test_a_manifold_has_its_axes_values():
    steps = np.linspace(-1, 1, 5)
    words = [t.get_text() for t in manifold_figure(images(5, 5, 8, 8), (steps, steps[::-1])).axes[0].texts]
    assert words == ["−1.00", "−0.50", "0", "0.50", "1.00", "1.00", "0.50", "0", "−0.50", "−1.00", "z[0]", "z[1]"]


def test_a_traversal_has_a_row_a_latent_and_heads():
    figure = traversal_figure(images(2, 3, 8, 8), [-3, 0, 3], ["z[4]", "z[1]"], title="class 7")
    assert [t.get_text() for t in figure.axes[0].texts] == ["z[4]", "z[1]", "−3", "0", "+3", "class 7"]
    with pytest.raises(InputError, match="don't fit"):
        traversal_figure(images(2, 3, 8, 8), [-3, 3], ["z[4]", "z[1]"])


# -------------------------------------------------------------------- tables


@pytest.mark.parametrize(("features", "panels"), [(1, 1), (5, 5), (40, 12)])
def test_tables_have_a_panel_a_feature(features, panels):
    x = images(30, features)
    names = [f"feature {d} $" for d in range(features)]
    assert len(reconstruction_figure(x, x + 0.1, sigma=np.full((1, features), 0.2)).axes) == panels
    figure = sample_figure(x, x, feature_names=names)
    assert len(figure.axes) == panels
    assert figure.axes[0].get_title(loc="left") == r"feature 0 \$"
    assert len(class_rows_figure({"a": x, "b": x}).axes) == panels
    assert len(manifold_figure(images(4, 4, features)).axes) == 2 * min(features, 9)
    png_bytes(figure)


def test_constant_features_and_single_rows_can_be_drawn():
    x = np.ones((1, 3))
    for figure in (reconstruction_figure(x, x), sample_figure(x, x), class_rows_figure({"a": x})):
        png_bytes(figure)
    constant = [text.get_text() for text in reconstruction_figure(x, x).axes[0].texts]
    assert constant == ["constant"]


def test_a_tables_traversal_names_the_features_that_change_most():
    steps = np.linspace(-3, 3, 9)
    decoded = np.stack([np.outer(steps, [0.1, 5.0, 0.0, 2.0, 1.0])])
    figure = traversal_figure(decoded, steps, ["z[0]"], feature_names=list("abcde"))
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["b", "d", "e"]


@pytest.mark.parametrize("make", [sample_figure, class_rows_figure])
def test_nothing_to_draw_is_an_error(make):
    with pytest.raises(InputError):
        make({} if make is class_rows_figure else np.zeros((0, 3)))


def test_shapes_that_differ_are_an_error():
    with pytest.raises(InputError, match="originals have shape"):
        reconstruction_figure(np.zeros((3, 8, 8)), np.zeros((2, 8, 8)))


# -------------------------------------------------------------------- codes


def test_each_class_has_a_colour_and_a_line_in_the_legend():
    z = images(40, 2)
    figure = latent_scatter_figure(z, np.arange(40) % 10)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [str(d) for d in range(10)]
    assert len({tuple(colour) for colour in axes.collections[0].get_facecolors()}) == 10


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.arange(40) % 30, None),
        (np.linspace(0, 1, 40), None),
        (np.arange(40) % 2 == 0, ["False", "True"]),
        (np.array([1.0, 2.0] * 20), ["1", "2"]),
        ([f"_c{d % 15:02}" for d in range(40)], [*(f"_c{d:02}" for d in range(9)), "6 others"]),
        (np.array(["a", None] * 20, dtype=object), ["None", "a"]),
        (np.array([1.5, np.nan] * 20), None),
        (np.full(40, np.nan), None),
        (["猫", "<i>"] * 20, ["<i>", "猫"]),
    ],
)
def test_labels_of_any_kind(labels, names):
    figure = latent_scatter_figure(images(40, 2), labels, label_name="what $", prior=True)
    legend = figure.axes[0].get_legend()
    assert (None if legend is None else [text.get_text() for text in legend.get_texts()]) == names
    png_bytes(figure)


def test_labels_as_vectors_are_shown_by_their_first_column():
    figure = latent_scatter_figure(images(5, 2), images(5, 3))
    assert len(figure.axes) == 2


def test_names_stand_where_classes_have_a_place_and_never_on_each_other():
    random = np.random.default_rng(0)
    place = np.arange(600) % 3
    clusters = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]])[place] + random.normal(size=(600, 2))

    def named(z, names):
        return [text.get_text() for text in latent_scatter_figure(z, np.array(names)[place]).axes[0].texts]

    assert named(clusters, ["one", "two", "six"]) == ["one", "six", "two"]
    assert named(random.normal(size=(600, 2)), ["one", "two", "six"]) == [], "of a heap the legend tells"
    close = np.where(place[:, None] == 1, clusters[::-1] * 0.0 + [0.2, 0.0], clusters)
    assert len(named(close, ["a long name", "another name", "six"])) < 3


def test_far_codes_do_not_decide_the_frame():
    z = np.concatenate([images(999, 2), [[1e6, 1e6]]])
    figure = latent_scatter_figure(z)
    assert figure.axes[0].get_xlim()[1] < 3
    assert "1 of 1000 codes" in figure._supxlabel.get_text()


def test_codes_that_are_all_alike_can_be_drawn():
    png_bytes(latent_scatter_figure(np.zeros((5, 2)), list("abcde"), prior=True))


def test_wrong_codes_or_labels_are_an_error():
    with pytest.raises(InputError, match=r"expected \(N, 2\)"):
        latent_scatter_figure(np.zeros((3, 4)))
    with pytest.raises(InputError, match="one for each of 3 rows"):
        latent_scatter_figure(np.zeros((3, 2)), [1, 2])


def test_the_palette_is_ten_different_colours():
    assert len(set(PALETTE)) == 10
    assert as_classes(np.arange(11)) is None


def test_usage_greys_out_what_is_not_active():
    (axes,) = latent_usage_figure(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 2.0])).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "1", "0"]
    colours = [patch.get_facecolor() for patch in axes.patches]
    assert colours[0] == colours[1] != colours[2]
    assert len(latent_usage_figure(np.ones(200)).axes[0].patches) == 64


# -------------------------------------------------------------------- training


def test_a_history_has_three_panels_the_best_epoch_and_the_warmup():
    history = [record(1, 9.0, beta=0.5), record(2, 8.0), {"epoch": 3, "interrupted": True}]
    history = [{**entry, "validation_loss": 5.0, "best_epoch": 2} if "loss" in entry else entry for entry in history]
    figure = history_figure(history)
    assert len(figure.axes) == 3
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert words == ["training", "validation", "KL warm-up: β rises to 1", "best epoch: 2"]
    png_bytes(figure)


def test_an_auto_encoder_has_one_panel():
    assert len(history_figure([record(d, 9.0, rate=0.0, beta=0.0) for d in (1, 2)]).axes) == 1


@pytest.mark.parametrize(
    ("last", "title"),
    [
        ({"loss": 3.0, "distortion": 2.0, "rate": 1.0, "beta": 1.0}, "Loss = distortion + β · rate"),
        ({"loss": 2.7, "distortion": 2.0, "rate": 1.0, "beta": 0.8}, "Loss = distortion + β · rate"),  # β rose from 0.6
        ({"loss": 2.9, "distortion": 2.0, "rate": 1.0, "beta": 1.0}, "Loss"),  # an importance-weighted bound
        ({"loss": 3.5, "distortion": 2.0, "rate": 1.0, "beta": 1.0}, "Loss"),  # a term of its own
        ({"loss": 2.0, "distortion": 2.0, "rate": 0.0, "beta": 0.0}, "Loss = distortion"),
    ],
)
def test_the_loss_is_called_a_sum_where_it_is_one(last, title):
    first = {**last, "epoch": 1, "beta": 0.6 if last["beta"] == 0.8 else last["beta"]}
    assert history_figure([first, {**last, "epoch": 2}]).axes[0].get_title(loc="left") == title


def test_huge_first_epochs_do_not_flatten_the_rest():
    history = [record(d, 1e6 if d == 1 else 10.0 - d / 100, best_epoch=d) for d in range(1, 41)]
    axes = history_figure(history).axes[0]
    assert axes.get_ylim()[1] < 20
    assert any("first epochs reach 1,000,000" in text.get_text() for text in axes.texts)


@pytest.mark.parametrize("history", [[], [{"epoch": 1, "interrupted": True}], [record(1, float("nan"))]])
def test_a_history_without_an_epoch_says_so(history):
    assert history_figure(history).axes[0].texts[0].get_text() == "No epoch was completed."


def test_records_with_gaps_can_be_drawn():
    history = [record(1, 3.0), {**record(2, 3.0), "rate": None}, {**record(3, 2.0), "distortion": float("inf")}]
    png_bytes(history_figure(history))


def test_nothing_global_changes():
    before, backend = dict(mpl.rcParams), mpl.get_backend(auto_select=False)
    png_bytes(history_figure([record(1, 3.0)]))
    png_bytes(sample_figure(images(4, 3), images(4, 3)))
    assert dict(mpl.rcParams) == before
    assert mpl.get_backend(auto_select=False) == backend
