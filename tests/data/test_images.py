import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from aevum.data import image_files, image_folders, open_data
from aevum.errors import DataWarning, InputError

RNG = np.random.default_rng(0)


def pixels(*shape):
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif", ".pgm"])
def test_grey_round_trip(tmp_path, ending):
    x = pixels(3, 5, 4)
    for i, image in enumerate(x):
        save(tmp_path / f"{i}{ending}", image)
    ds = open_data(tmp_path)
    np.testing.assert_array_equal(ds.x, x)
    assert ds.y is None


@pytest.mark.parametrize("ending", [".png", ".ppm", ".webp", ".tiff", ".jpg", ".gif"])
def test_colour(tmp_path, ending):
    options = {"lossless": True} if ending == ".webp" else {}
    x = pixels(6, 4, 3)
    save(tmp_path / f"a{ending}", x, **options)
    ds = open_data(tmp_path)
    assert ds.shape == (1, 6, 4, 3)
    assert ds.dtype == np.uint8
    if ending not in (".jpg", ".gif"):
        np.testing.assert_array_equal(ds.x[0], x)


@pytest.mark.parametrize(
    ("channels", "shape"),
    [([4, 4], (2, 5, 5, 4)), ([4, 3], (2, 5, 5, 3)), ([4, None], (2, 5, 5, 3)), ([2, None], (2, 5, 5))],
)
def test_alpha_is_kept_where_all_have_it(tmp_path, channels, shape):
    for i, c in enumerate(channels):
        save(tmp_path / f"{i}.png", pixels(5, 5) if c is None else pixels(5, 5, c))
    with warnings.catch_warnings() if channels == [4, 4] else pytest.warns(DataWarning, match="background #ffffff"):
        assert open_data(tmp_path).shape == shape


def test_one_bit_and_palette(tmp_path):
    (tmp_path / "bit").mkdir()
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "bit" / "a.png")
    assert open_data(tmp_path / "bit").x.tolist() == [[[255, 0]]]
    (tmp_path / "palette").mkdir()
    Image.fromarray(pixels(4, 4, 3)).quantize(4).save(tmp_path / "palette" / "a.png")
    assert open_data(tmp_path / "palette").shape == (1, 4, 4, 3)


def test_class_folders(tmp_path):
    for name in ("dog/1.png", "cat/b.PNG", "cat/deep/a.png"):
        save(tmp_path / name, pixels(2, 2))
    (tmp_path / "cat" / ".hidden.png").write_bytes(b"no")
    (tmp_path / ".thumbnails").mkdir()
    (tmp_path / "notes.txt").write_text("no")
    assert open_data(tmp_path).y.tolist() == ["cat", "cat", "dog"]


def test_labels_from_a_file(tmp_path):
    for i in range(2):
        save(tmp_path / "im" / f"{i}.png", pixels(2, 2))
    (tmp_path / "y.csv").write_text("u\nv\n")
    (tmp_path / "named.csv").write_text("name\nu\nv\n")
    for name in ("y.csv", "named.csv"):
        assert open_data(tmp_path / "im", labels=str(tmp_path / name)).y.tolist() == ["u", "v"]


def test_exif_orientation(tmp_path):
    x = pixels(4, 6)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    save(tmp_path / "a" / "a.png", x, exif=exif)
    np.testing.assert_array_equal(open_data(tmp_path / "a").x[0], np.rot90(x, -1))
    save(tmp_path / "deep" / "a.png", x.astype(np.uint16) * 257, exif=exif)
    with pytest.warns(DataWarning, match="16 bits"):
        np.testing.assert_array_equal(open_data(tmp_path / "deep").x[0], np.rot90(x, -1) * np.uint16(257))
    save(tmp_path / "a" / "b.png", x)  # of the same stored size, but lying
    with pytest.raises(InputError, match=r"4×6 pixels.*6×4"):
        open_data(tmp_path / "a")


def test_unequal_sizes(tmp_path):
    save(tmp_path / "a.png", np.full((10, 30), 7, np.uint8))
    save(tmp_path / "b.png", np.full((9, 9), 9, np.uint8))
    with pytest.raises(InputError, match=r"a.png is 30×10 pixels.*b.png is 9×9.*--image-size 64"):
        open_data(tmp_path)
    ds = open_data(tmp_path, image_size=8)
    assert ds.shape == (2, 8, 8)
    assert ds.x[:, 4, 4].tolist() == [7, 9]


@pytest.mark.parametrize("size", [0, -1, 10**6, 2.5, True])
def test_unusable_image_size(tmp_path, size):
    save(tmp_path / "a.png", pixels(2, 2))
    with pytest.raises(InputError, match="image size"):
        open_data(tmp_path, image_size=size)


def test_centre_crop(tmp_path):
    x = np.zeros((4, 12), np.uint8)
    x[:, 4:8] = 200
    save(tmp_path / "a.png", x)
    assert open_data(tmp_path, image_size=4).x.tolist() == [[[200] * 4] * 4]


def test_folders_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"no images.*\.png \.jpg"):
        open_data(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"x")
    with pytest.raises(InputError, match="IDX files"):
        open_data(tmp_path)
    save(tmp_path / "a.png", pixels(2, 2))
    save(tmp_path / "cat" / "a.png", pixels(2, 2))
    with pytest.raises(InputError, match="folders of images"):
        open_data(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not an image", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_one_unreadable_image(tmp_path, content):
    save(tmp_path / "a.png", pixels(2, 2))
    (tmp_path / "b.png").write_bytes(content)
    with pytest.raises(InputError, match=r"b\.png"):
        open_data(tmp_path)


def test_truncated_image(tmp_path):
    save(tmp_path / "a.png", pixels(50, 50))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:1000])
    with pytest.raises(InputError, match=r"a\.png"):
        open_data(tmp_path)


@pytest.mark.parametrize("side", [8_100, 12_000, 60_000])  # over our limit, Pillow's warning, Pillow's error
def test_image_bomb(tmp_path, side):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, 0, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )
    with pytest.raises(InputError, match="pixels, more than the limit of 64 million"):
        open_data(tmp_path)


def test_memory_limit_is_checked_before_decoding(tmp_path, monkeypatch):
    save(tmp_path / "a.png", pixels(4, 4))
    monkeypatch.setattr(image_folders, "read_frames", lambda *_: pytest.fail("decoded"))
    monkeypatch.setattr(
        image_folders,
        "read_image_header",
        lambda path, _: image_files.ImageHeader(path, (2**20, 2**20), True, False),
    )
    with pytest.raises(InputError, match=r"limit of 8\.0 GiB"):
        open_data(tmp_path)


def test_links_in_a_circle_end(tmp_path):
    save(tmp_path / "cat" / "a.png", pixels(2, 2))
    (tmp_path / "cat" / "up").symlink_to(tmp_path)
    (tmp_path / "cat" / "self").symlink_to("self")
    (tmp_path / "again").symlink_to(tmp_path / "cat")
    with pytest.warns(DataWarning) as said:
        ds = open_data(tmp_path)
    assert "left out: 2 links to folders that are read already (again, up)" in str([str(each.message) for each in said])
    assert ds.y.tolist() == ["cat"]
