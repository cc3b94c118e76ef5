"""Pictures as cameras, microscopes and other people's folders hold them: nothing lost without a word."""

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from aevum import VAE, DataWarning
from aevum.data import open_data
from aevum.data.open import splits
from aevum.errors import InputError, MissingPackageError

RNG = np.random.default_rng(0)
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "random_state": 0, "batch_size": 8}


def grey(*shape, top=256, dtype=np.uint8):
    return RNG.integers(0, top, shape).astype(dtype)


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    (array if isinstance(array, Image.Image) else Image.fromarray(array)).save(path, **options)
    return array


def tiff(array, kind):
    """A plain TIFF file (H, W) or (H, W, B) of any number type; ``kind`` is 1 unsigned, 2 signed, 3 float."""
    h, w, bands = (*array.shape, 1)[:3]
    data, bits = array.tobytes(), 8 * array.itemsize
    at = 8 + len(data)
    tags = [
        (256, 4, 1, w), (257, 4, 1, h), (258, 3, bands, bits), (259, 3, 1, 1), (262, 3, 1, 2 if bands == 3 else 1),
        (273, 4, 1, 8), (277, 3, 1, bands), (278, 4, 1, h), (279, 4, 1, len(data)), (339, 3, bands, kind),
    ]  # fmt: skip
    head = b"II*\0" + struct.pack("<I", at) + data + struct.pack("<H", len(tags))
    tail, after = b"", at + 2 + 12 * len(tags) + 4
    for tag, size, count, value in tags:
        values = struct.pack(f"<{count}H", *[value] * count)
        if size == 4 or count <= 2:
            cell = struct.pack("<I", value) if count == 1 else values
        else:
            cell, tail = struct.pack("<I", after + len(tail)), tail + values
        head += struct.pack("<HHI", tag, size, count) + cell
    return head + b"\0\0\0\0" + tail


# ------------------------------------------------------------------ depth


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize(("low", "top"), [(0, 4096), (100, 700), (0, 65536)])
def test_every_grey_level_of_sixteen_bits_is_kept(tmp_path, ending, low, top):
    x = (low + grey(3, 20, 20, top=top - low, dtype=np.int64)).astype(np.uint16)
    for i, image in enumerate(x):
        save(tmp_path / f"{i}{ending}", image)
    with pytest.warns(DataWarning, match=rf"16 bits, kept as they are; here they go from {x.min()} to {x.max()}"):
        ds = open_data(tmp_path)
    assert ds.dtype == np.uint16
    np.testing.assert_array_equal(ds.x, x)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_model_of_sixteen_bits_scores_by_the_range_it_was_fitted_on(tmp_path):
    x = grey(30, 4, 4, top=4096, dtype=np.uint16)
    for i, image in enumerate(x):
        save(tmp_path / "all" / f"{i:02}.png", image)
        if i < 5:
            save(tmp_path / "few" / f"{i:02}.png", np.minimum(image, 300) if i else image)
    with pytest.warns(DataWarning, match="16 bits"):
        model = VAE(**TINY).fit(str(tmp_path / "all"))
        scores = model.score_samples(str(tmp_path / "few"), k=3)
    np.testing.assert_allclose(scores[0], model.score_samples(x[:1], k=3)[0], rtol=1e-6)  # batches round differently
    # One scale for all pixels, so that the same picture in other units has the same code.
    assert model.scaling_.scale.ndim == 0
    other = VAE(**TINY).fit(x.astype(np.float32) / 4095)
    np.testing.assert_allclose(model.transform(x), other.transform(x.astype(np.float32) / 4095), atol=1e-4)


def test_white_is_white_among_eight_and_sixteen_bits(tmp_path):
    save(tmp_path / "a.png", np.full((2, 2), 255, np.uint8))
    save(tmp_path / "b.png", np.full((2, 2), 65535, np.uint16))
    with pytest.warns(DataWarning, match="1 of 2 images have 16 bits a pixel"):
        assert (open_data(tmp_path).x == 65535).all()
    save(tmp_path / "c.png", np.full((2, 2, 3), 255, np.uint8))
    with pytest.warns(DataWarning, match="1 of 3"):
        ds = open_data(tmp_path)
    assert ds.shape == (3, 2, 2, 3)
    assert (ds.x == 65535).all()


def test_sixteen_bits_are_resized_without_a_loss_of_levels(tmp_path):
    save(tmp_path / "a.png", np.full((8, 12), 1234, np.uint16))
    with pytest.warns(DataWarning, match="16 bits"):
        assert (open_data(tmp_path, image_size=4).x == 1234).all()


@pytest.mark.parametrize(
    ("values", "kind", "dtype"),
    [
        (RNG.normal(size=(4, 5)).astype(np.float32), 3, np.float32),
        (RNG.integers(-30000, 30000, (4, 5)).astype(np.int16), 2, np.int32),
        (RNG.integers(-(10**9), 10**9, (4, 5)).astype(np.int32), 2, np.int32),
        (RNG.integers(0, 2**31, (4, 5)).astype(np.uint32), 1, np.int32),
    ],
)
def test_numbers_of_a_tiff_are_read_as_they_are(tmp_path, values, kind, dtype):
    (tmp_path / "a.tif").write_bytes(tiff(values, kind))
    ds = open_data(tmp_path)
    assert ds.dtype == dtype
    np.testing.assert_array_equal(ds.x[0], values)


BANDS = [
    (grey(4, 6, 5), 1, "5 bands of 8-bit whole numbers"),
    (grey(4, 6, 16, top=65536, dtype=np.uint16), 1, "16 bands of 16-bit whole numbers"),
    (RNG.normal(size=(4, 6, 3)).astype(np.float32), 3, "3 bands of 32-bit floating-point"),
    (RNG.normal(size=(4, 6, 7)), 3, "7 bands of 64-bit floating-point"),
    (RNG.normal(size=(4, 6)).astype(np.float16), 3, "1 band of 16-bit floating-point"),
]


@pytest.mark.parametrize(("values", "kind", "words"), BANDS)
def test_bands_and_floats_are_read_as_they_are(tmp_path, values, kind, words):
    pytest.importorskip("tifffile")
    for i in range(2):
        (tmp_path / f"{i}.tif").write_bytes(tiff(values, kind))
    with pytest.warns(DataWarning, match=f"{words.split()[0]} bands? of {values.dtype}, from"):
        found = open_data(tmp_path)
    assert (found.dtype, found.shape) == (values.dtype, (2, *values.shape))
    np.testing.assert_array_equal(found.x, np.stack([values] * 2))


@pytest.mark.parametrize(("values", "kind", "words"), BANDS)
def test_without_tifffile_it_is_named(tmp_path, values, kind, words, monkeypatch):
    (tmp_path / "a.tif").write_bytes(tiff(values, kind))
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(MissingPackageError, match=rf'a\.tif holds {words}.*pip install "aevum\[tifffile\]"'):
        open_data(tmp_path)


@pytest.mark.parametrize("options", [{}, {"planarconfig": "separate"}, {"compression": "lzw"}, {"byteorder": ">"}])
def test_stacks_of_bands_that_tifffile_wrote(tmp_path, options):
    tifffile = pytest.importorskip("tifffile")
    x = grey(3, 8, 9, 6, top=4096, dtype=np.uint16)
    planar = np.moveaxis(x, -1, 1) if "planarconfig" in options else x
    tifffile.imwrite(tmp_path / "a.tif", planar, photometric="minisblack", **{"planarconfig": "contig", **options})
    with pytest.raises(InputError, match="a.tif with 3; --frames all"):
        open_data(tmp_path)
    with pytest.warns(DataWarning, match="6 bands of uint16"):
        found = open_data(tmp_path, frames="all")
    np.testing.assert_array_equal(found.x, x)
    assert found.row_names == ("a.tif[0]", "a.tif[1]", "a.tif[2]")
    with pytest.warns(DataWarning, match="6 bands of uint16"):
        assert open_data(tmp_path, frames="first", image_size=4).shape == (1, 4, 4, 6)


def test_bands_of_one_value_stay_so_when_resized(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff(np.full((8, 12, 5), 65535, np.uint16), 1))
    with pytest.warns(DataWarning, match="5 bands"):
        assert (open_data(tmp_path, image_size=4).x == 65535).all()


def test_bands_that_differ(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff(grey(4, 4, 5), 1))
    (tmp_path / "b.tif").write_bytes(tiff(grey(4, 4, 6), 1))
    with pytest.raises(InputError, match=r"a\.tif holds 5 bands of uint8, .*b\.tif holds 6 bands of uint8"):
        open_data(tmp_path)
    (tmp_path / "b.tif").unlink()
    save(tmp_path / "b.png", grey(4, 4))
    with pytest.raises(InputError, match=r"a\.tif holds 5 bands of uint8, .*b\.png holds other bands of uint8"):
        open_data(tmp_path)


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        (np.zeros((4, 4, 17), np.uint8), 1, "17 bands, more than the limit of 16"),
        (np.zeros((4, 4), np.int8), 2, "8-bit numbers with a sign"),
        (np.full((4, 4), 2**31 + 5, np.uint32), 1, "over 2,147,483,647"),
        (np.full((4, 4), np.nan, np.float32), 3, "16 values that are NaN"),
        (np.full((4, 4, 2), np.nan, np.float32), 3, "32 values that are NaN"),
    ],
)
def test_what_a_tiff_holds_and_cannot_be_read_is_told(tmp_path, values, kind, words, capfd):
    (tmp_path / "a.tif").write_bytes(tiff(values, kind))
    with pytest.raises(InputError, match=words):
        open_data(tmp_path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("skip", [False, True])
def test_bright_images_are_not_left_out_as_damaged(tmp_path, skip):
    for i, value in enumerate((5, 2**31 + 5, 7)):
        (tmp_path / f"{i}.tif").write_bytes(tiff(np.full((4, 4), value, np.uint32), 1))
    with pytest.raises(InputError, match="1.tif holds whole numbers over .* save all images") as error:
        open_data(tmp_path, skip_damaged=skip)
    assert "--skip-damaged" not in str(error.value)


@pytest.mark.parametrize("missing", [[], ["tifffile"]])
def test_no_library_writes_on_stderr(tmp_path, missing):
    whole = tiff(np.zeros((4, 4, 9), np.uint8), 1)
    for i, raw in enumerate((whole[:100], whole[:-30], whole.replace(b"\x09\x00\x00\x00", b"\xff\x00\xff\xff"))):
        (tmp_path / f"{i}.tif").write_bytes(raw)
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing!r}))\n"
        f"import aevum\ntry: aevum.open_data({str(tmp_path)!r})\nexcept aevum.InputError: pass"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_colours_of_sixteen_bits(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(tiff(np.full((4, 4, 3), 0x1234, np.uint16), 1))
    pytest.importorskip("tifffile")
    with pytest.warns(DataWarning, match="3 bands of uint16"):
        assert (open_data(tmp_path).x == 0x1234).all()
    save(tmp_path / "b.png", grey(4, 4, 3))
    for _ in range(2):  # with others of 8 bits, and without tifffile
        with pytest.warns(DataWarning, match="16 bits a colour channel, of which the upper 8"):
            assert (open_data(tmp_path).x[0] == 0x12).all()
        monkeypatch.setitem(sys.modules, "tifffile", None)
        (tmp_path / "b.png").unlink(missing_ok=True)


def test_types_that_have_no_common_scale(tmp_path):
    save(tmp_path / "a.tif", np.zeros((2, 2), np.float32))
    save(tmp_path / "b.png", grey(2, 2))
    with pytest.raises(InputError, match=r"a\.tif holds float32 numbers, .*b\.png uint8"):
        open_data(tmp_path)


# ------------------------------------------------------------------ frames


@pytest.fixture(scope="module")
def stacks(tmp_path_factory):
    """2 TIFF stacks of 5 pages and a single page, and what is in them."""
    folder, x = tmp_path_factory.mktemp("stacks"), grey(11, 6, 7)
    for i in range(2):
        pages = [Image.fromarray(page) for page in x[5 * i : 5 * i + 5]]
        pages[0].save(folder / f"s{i}.tif", save_all=True, append_images=pages[1:])
    save(folder / "t.tif", x[10])
    return folder, x


def test_several_frames_are_asked_about(stacks):
    with pytest.raises(InputError, match=r"2 of 3 files .* s0\.tif with 5; --frames all .* 11 examples.*first 3"):
        open_data(stacks[0])
    with pytest.raises(InputError, match="must be first or all"):
        open_data(stacks[0], frames="some")


def test_every_frame_has_its_name(stacks):
    folder, x = stacks
    ds = open_data(folder, frames="all")
    np.testing.assert_array_equal(ds.x, x)
    assert ds.row_names[4:6] == ("s0.tif[4]", "s1.tif[0]")
    assert ds.row_names[10] == "t.tif"
    first = open_data(folder, frames="first")
    np.testing.assert_array_equal(first.x, x[[0, 5, 10]])
    assert first.row_names == ("s0.tif", "s1.tif", "t.tif")


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_animations(tmp_path, ending):
    x = np.stack([np.full((8, 8, 3), level, np.uint8) for level in (10, 90, 170, 250)])
    frames = [Image.fromarray(image) for image in x]
    options = {".gif": {}, ".webp": {"lossless": True}, ".png": {}}[ending]
    frames[0].save(tmp_path / f"a{ending}", save_all=True, append_images=frames[1:], **options)
    with pytest.raises(InputError, match="--frames"):
        open_data(tmp_path)
    found = open_data(tmp_path, frames="all").x
    assert found.reshape(4, -1)[:, 0].tolist() == [10, 90, 170, 250]


def test_labels_of_frames_and_of_their_files(stacks, tmp_path):
    folder, _ = stacks
    (tmp_path / "files.csv").write_text("file,label\nt.tif,c\ns1.tif,b\ns0.tif,a\n")
    labels = open_data(folder, frames="all", labels=str(tmp_path / "files.csv")).y
    assert "".join(labels) == "aaaaabbbbbc"
    rows = [f"s{i}.tif[{j}],{10 * i + j}" for i in range(2) for j in range(5)]
    (tmp_path / "frames.csv").write_text("\n".join(["file,label", *rows[::-1], "t.tif,99"]))
    labels = open_data(folder, frames="all", labels=str(tmp_path / "frames.csv")).y
    assert labels.tolist() == [*range(5), *range(10, 15), 99]


def test_frames_of_unlike_kinds_are_refused(tmp_path):
    Image.fromarray(grey(4, 4)).save(tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(grey(4, 4, 3))])
    with pytest.raises(InputError, match=r"a\.tif\[1\] is in colour"):
        open_data(tmp_path, frames="all")
    Image.fromarray(grey(4, 4)).save(tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(grey(4, 5))])
    with pytest.raises(InputError, match=r"a\.tif\[0\] is 4×4 pixels, .*a\.tif\[1\] is 5×4"):
        open_data(tmp_path, frames="all")


# ------------------------------------------------------------------ what is left out


def test_what_is_left_out_is_counted(tmp_path):
    for i in range(3):
        save(tmp_path / f"{i}.png", grey(4, 4))
        (tmp_path / f"{i}.HEIC").write_bytes(b"x")
    save(tmp_path / "j.jfif", grey(4, 4), format="JPEG")
    (tmp_path / "k.cr2").write_bytes(b"x")
    (tmp_path / "labels.csv").write_text("a\n")
    with pytest.warns(DataWarning, match=r"left out are files that aren't read as images: 3 \.heic, 1 \.cr2"):
        assert len(open_data(tmp_path)) == 4


def test_a_link_to_a_class_is_followed(tmp_path):
    save(tmp_path / "cats" / "a.png", grey(4, 4))
    save(tmp_path / "all" / "dog" / "a.png", grey(4, 4))
    (tmp_path / "all" / "cat").symlink_to(tmp_path / "cats")
    assert open_data(tmp_path / "all").y.tolist() == ["cat", "dog"]


def test_damaged_files_are_counted_and_left_out_on_request(tmp_path):
    for i in range(5):
        save(tmp_path / f"{i}.png", grey(30, 30))
    (tmp_path / "1.png").write_bytes(b"no image")
    (tmp_path / "3.png").write_bytes((tmp_path / "3.png").read_bytes()[:-400])
    (tmp_path / "4.png").write_bytes(b"")
    words = r"2 of 5 images can't be read: 1\.png, 4\.png \(.*1\.png can't be read as an image.*--skip-damaged"
    with pytest.raises(InputError, match=words):
        open_data(tmp_path)
    with pytest.warns(DataWarning, match=r"left out 3 of 5 files: 1\.png, 4\.png, 3\.png \(.*1\.png can't be read"):
        ds = open_data(tmp_path, skip_damaged=True)
    assert ds.row_names == ("0.png", "2.png")


def test_many_damaged_files_are_counted_and_the_first_named(tmp_path):
    save(tmp_path / "a.png", grey(4, 4))
    for i in range(1, 31):
        (tmp_path / f"x{i:02}.png").write_bytes(b"no image")
    names = ", ".join(f"x{i:02}.png" for i in range(1, 6))
    with pytest.raises(InputError, match=f"30 of 31 images can't be read: {names} and 25 more"):
        open_data(tmp_path)
    with pytest.warns(DataWarning, match=f"left out 30 of 31 files: {names} and 25 more"):
        assert len(open_data(tmp_path, skip_damaged=True)) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_where_no_picture_can_be_read_none_is_to_be_left_out(tmp_path, count):
    for i in range(count):
        (tmp_path / f"{i}.png").write_bytes(b"no image")
    with pytest.raises(InputError, match="can't be read") as caught:
        open_data(tmp_path, skip_damaged=True)
    assert "--skip-damaged" not in str(caught.value)


# ------------------------------------------------------------------ what folders mean


@pytest.mark.parametrize(("one", "other"), [("train", "test"), ("Training", "Validation")])
def test_a_split_is_no_pair_of_classes(tmp_path, one, other):
    for split, level in ((one, 1), (other, 2)):
        for name in ("cat", "dog"):
            save(tmp_path / split / name / "a.png", np.full((4, 4), level, np.uint8))
    with pytest.warns(DataWarning, match=f"{one}/ is read, a part of the split beside {other}/"):
        ds = open_data(tmp_path)
    assert ds.y.tolist() == ["cat", "dog"]
    assert (ds.x == 1).all()
    with pytest.warns(DataWarning, match=f"{other}/ is read"):
        assert (open_data(tmp_path, split="test" if other == "test" else "val").x == 2).all()
    with pytest.raises(InputError, match="has no split"):
        open_data(tmp_path / one, split="test")


def test_three_parts_of_a_split_and_a_folder_around_them(tmp_path):
    for i, part in enumerate(["train_set", "Validation", "test-images"]):
        save(tmp_path / "data" / part / "cat" / "a.png", np.full((4, 4), i, np.uint8))
        save(tmp_path / "data" / part / "dog" / "a.png", np.full((4, 4), i, np.uint8))
    assert set(splits(str(tmp_path))) == set(splits(str(tmp_path / "data"))) == {"train", "val", "test"}
    for i, split in enumerate(["train", "val", "test"]):
        with pytest.warns(DataWarning, match="is read, a part of the split|the one folder data/"):
            found = open_data(tmp_path, split=split)
        assert (found.x == i).all()
        assert found.y.tolist() == ["cat", "dog"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (
            ["train", "test", "other"],
            r"test/, train/, which look like parts of a split, .* beside other/; name the one",
        ),
        (["test", "val"], "test/, val/, which look like .*none or several of them for training"),
        (["train", "Training"], "which look like parts of a split"),
    ],
)
def test_what_looks_like_a_part_of_a_split_is_asked_about(tmp_path, names, words):
    for name in names:
        save(tmp_path / name / "a.png", grey(4, 4))
    with pytest.raises(InputError, match=words):
        open_data(tmp_path)
    assert splits(str(tmp_path)) == ("train",)


def test_a_single_class_may_be_called_after_a_split(tmp_path):
    for name in ("test", "cat", "trainer"):
        save(tmp_path / name / "a.png", grey(4, 4))
    assert open_data(tmp_path).y.tolist() == ["cat", "test", "trainer"]


def test_a_folder_around_the_classes_is_no_class(tmp_path):
    for name in ("cat", "dog"):
        save(tmp_path / "dataset" / name / "a.png", grey(4, 4))
    with pytest.warns(DataWarning, match=r"the one folder dataset/, which is read; in it are cat/, dog/"):
        assert open_data(tmp_path).y.tolist() == ["cat", "dog"]
    with pytest.warns(DataWarning, match=r"one folder \"cat\": a single class"):
        (tmp_path / "dataset" / "dog" / "a.png").unlink()
        assert open_data(tmp_path / "dataset").y.tolist() == ["cat"]


@pytest.mark.parametrize(("pictures", "masks"), [("images", "masks"), ("Imgs", "labels"), ("image", "ground_truth")])
def test_masks_are_no_class(tmp_path, pictures, masks):
    for name in (pictures, masks):
        save(tmp_path / name / "a.png", grey(4, 4))
    with pytest.raises(InputError, match=rf"pictures and their masks.*name .*/{pictures}"):
        open_data(tmp_path)


def test_masks_below_a_class_are_no_pictures_of_it(tmp_path):
    for name in ("cat/a.png", "dog/images/b.png", "dog/masks/b.png"):
        save(tmp_path / name, grey(4, 4))
    with pytest.raises(InputError, match=r"dog holds images/ and masks/, .*their masks, .*move the masks elsewhere"):
        open_data(tmp_path)
    (tmp_path / "dog" / "masks").rename(tmp_path / "dog" / "more")
    assert open_data(tmp_path).y.tolist() == ["cat", "dog", "dog"]


# ------------------------------------------------------------------ labels


def numbered(folder, count=12):
    for i in range(1, count + 1):
        save(folder / f"img{i}.png", np.full((2, 2), i, np.uint8))


@pytest.mark.parametrize("ending", [".csv", ".npy"])
def test_labels_in_an_order_that_may_mean_two_things_are_refused(tmp_path, ending):
    numbered(tmp_path / "im")
    labels = tmp_path / f"y{ending}"
    labels.write_text("\n".join(map(str, range(1, 13)))) if ending == ".csv" else np.save(labels, np.arange(1, 13))
    with pytest.raises(InputError, match=r"img10\.png comes before img2\.png.*file,label"):
        open_data(tmp_path / "im", labels=str(labels))


@pytest.mark.parametrize(
    "line", ["img{},{}", "img{}.png,{}", "./img{}.png,{}", "im\\img{}.png,{}", "img{}.png;{}", '"img{}.png","{}"']
)
@pytest.mark.parametrize("header", ["file{}label\n", ""])
def test_labels_are_matched_by_the_names_of_files(tmp_path, line, header):
    numbered(tmp_path / "im")
    rows = [line.format(i, 100 + i) for i in (7, 3, 12, 1, 2, 11, 10, 9, 8, 6, 5, 4)]
    (tmp_path / "y.csv").write_text(header.format(";" if ";" in line else ",") + "\n".join(rows))
    ds = open_data(tmp_path / "im", labels=str(tmp_path / "y.csv"))
    np.testing.assert_array_equal(ds.y, 100 + ds.x[:, 0, 0].astype(int))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,label\nimg1.png,a\n", r"no label for 11 of 12 images \(img10\.png"),
        ("file,label\nx.png,a\ny.png,b\n", "none of them names the images"),
        ("a,b,c\nimg1.png,a,b\nimg2.png,a,b\n", "none is called label"),
        ("file,label\nimg1.png,a\nimg1.png,b\n", r"line 3: img1\.png has two labels"),
    ],
)
def test_labels_that_do_not_fit_the_files(tmp_path, text, words):
    numbered(tmp_path / "im")
    (tmp_path / "y.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        open_data(tmp_path / "im", labels=str(tmp_path / "y.csv"))


def test_labels_of_pictures_that_are_not_there_are_counted(tmp_path):
    numbered(tmp_path / "im", 2)
    (tmp_path / "y.csv").write_text("id,x,label\nimg1.png,0,a\nimg2.png,0,b\nimg3.png,0,c\nimg4.png,0,c\n")
    with pytest.warns(DataWarning, match=r"2 of its labels name no image in the folder \(img3\.png, img4\.png\)"):
        assert open_data(tmp_path / "im", labels=str(tmp_path / "y.csv")).y.tolist() == ["a", "b"]


# ------------------------------------------------------------------ transparency and channels


def veiled(seed, value=40):
    """A picture whose left half is transparent, over noise that nobody is to see."""
    x = np.full((6, 6, 4), value, np.uint8)
    x[:, :3] = np.random.default_rng(seed).integers(0, 256, (6, 3, 4))
    x[..., 3] = 255
    x[:, :3, 3] = 0
    return x


def test_noise_under_full_transparency_is_no_picture(tmp_path):
    save(tmp_path / "a.png", veiled(1))
    save(tmp_path / "b.png", np.full((6, 6, 3), 40, np.uint8))
    with pytest.warns(DataWarning, match=r"1 of 2 images are transparent in parts, .* background #ffffff"):
        x = open_data(tmp_path).x
    assert (x[0, :, :3] == 255).all()
    assert (x[0, :, 3:] == 40).all()
    with pytest.warns(DataWarning, match="#000000"):
        assert (open_data(tmp_path, background="black").x[0, :, :3] == 0).all()
    with pytest.raises(InputError, match="is no colour"):
        open_data(tmp_path, background="whitish")


def test_alpha_is_kept_where_all_have_it_but_not_what_it_hides(tmp_path):
    for i in range(2):
        save(tmp_path / f"{i}.png", veiled(i))
    x = open_data(tmp_path).x
    assert x.shape == (2, 6, 6, 4)
    np.testing.assert_array_equal(x[0], x[1])
    with pytest.warns(DataWarning, match="transparent"):
        assert open_data(tmp_path, background="white").shape == (2, 6, 6, 3)


@pytest.mark.parametrize("mode", ["P", "L"])
def test_a_transparent_colour_or_palette_entry(tmp_path, mode):
    image = Image.fromarray(np.array([[7, 9], [9, 7]], np.uint8))
    if mode == "P":
        image = image.convert("RGB").quantize(4)
        image.save(tmp_path / "a.png", transparency=image.getpixel((0, 0)))
    else:
        image.save(tmp_path / "a.png", transparency=7)
    with pytest.warns(DataWarning, match="transparent in parts"):
        x = open_data(tmp_path).x
    assert x.reshape(1, 2, 2, -1)[0, ..., 0].tolist() == [[255, 9], [9, 255]]


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_channels_that_say_nothing_more(tmp_path):
    x = grey(20, 4, 4)
    colour, full = np.stack([x] * 3, axis=-1), np.full((20, 4, 4, 1), 255, np.uint8)
    of_grey, of_colour = VAE(**TINY).fit(x), VAE(**TINY).fit(colour)
    z = of_grey.transform(x)
    for other in (colour, x[..., None], np.concatenate([colour, full], axis=-1)):
        with pytest.warns(DataWarning, match="the model's channels"):
            np.testing.assert_array_equal(of_grey.transform(other), z)
    with pytest.warns(DataWarning, match="grey becomes equal red, green and blue"):
        np.testing.assert_array_equal(of_colour.transform(x), of_colour.transform(colour))
    one = colour.copy()
    one[19, 3, 3, 2] ^= 1
    with pytest.raises(InputError, match="fitted on examples of shape"):
        of_grey.transform(one)


def test_the_previews_of_a_photograph_are_no_frames(tmp_path):
    buffer = io.BytesIO()
    image = Image.fromarray(grey(8, 8, 3))
    image.save(buffer, "MPO", save_all=True, append_images=[image])
    (tmp_path / "a.jpg").write_bytes(buffer.getvalue())
    assert len(open_data(tmp_path)) == 1
