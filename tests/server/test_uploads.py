"""Pictures from a browser: three formats, within limits, in the model's shape and units."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from aevum.server.uploads import example_from


def saved(image, format="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def halves(width=80, height=80, mode="L"):
    """A picture whose left half is black, and its right half white."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, width // 2 :] = 255
    return Image.fromarray(pixels).convert(mode)


@pytest.fixture(scope="module")
def upload(client):
    def call(id, data, status=200):
        response = client.post(f"/api/runs/{id}/upload", content=data, headers={"content-type": "image/png"})
        assert response.status_code == status, response.text
        answer = response.json()
        if status == 200:
            return np.array(answer["x"]), (answer["width"], answer["height"])
        assert "\n" not in answer["error"]
        return answer["error"]

    return call


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_formats(upload, format):
    x, size = upload("ae", saved(halves(), format))
    assert x.shape == (8, 8) and size == (80, 80)
    np.testing.assert_allclose(x[:, 1], 0, atol=1.0)
    np.testing.assert_allclose(x[:, 6], 16, atol=1.0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_modes(upload, mode):
    image = (
        halves().convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else halves(mode=mode)
    )
    for id, white in (("ae", 16.0), ("vae", 255)):
        x, _ = upload(id, saved(image))
        assert x[4, 0] == 0 and x[4, 7] == white, mode
        assert id == "ae" or x.dtype.kind == "i"


def test_a_jpeg_for_print(upload):
    x, _ = upload("ae", saved(halves(mode="CMYK"), "JPEG"))
    assert x[4, 0] < 1 and x[4, 7] > 15


def test_channels_where_the_model_has_them(upload, runs):
    picture = Image.merge("RGB", [halves(16, 12), Image.new("L", (16, 12), 128), Image.new("L", (16, 12), 7)])
    x, size = upload("last", saved(picture))
    assert x.shape == (6, 8, 3) and size == (16, 12)
    assert x[2, 0].tolist() == [0, 128, 7] and x[2, 7].tolist() == [255, 128, 7]
    first, _ = upload("first", saved(picture))
    np.testing.assert_array_equal(first, np.moveaxis(x, -1, 0))


def test_what_shows_through_is_white(upload):
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert (upload("ae", saved(clear))[0] == 16).all()
    indexed = Image.new("P", (8, 8), 0)
    assert (upload("ae", saved(indexed, transparency=0))[0] == 16).all()


def test_a_text_by_the_name_of_transparency_is_a_text(upload):
    text = PngInfo()
    text.add_text("transparency", "hello")
    for mode in ("L", "RGB", "P"):
        assert upload("ae", saved(halves(mode=mode), pnginfo=text))[0][4, 7] == 16


def test_the_middle_is_kept(upload):
    wide = Image.new("L", (300, 100))
    wide.paste(255, (90, 0, 210, 100))
    x, size = upload("ae", saved(wide))
    assert x.min() > 15.5 and size == (300, 100)


def test_a_photograph_stands_upright(upload):
    """Orientation 6: what is stored at the left belongs at the top."""
    exif = Image.Exif()
    exif[0x0112] = 6
    x, size = upload("ae", saved(halves(80, 40), "JPEG", exif=exif, quality=95))
    assert size == (40, 80)
    assert x[0].mean() < 2 and x[-1].mean() > 14


def test_an_upload_is_an_example_of_the_data(over_json, upload):
    for id in ("ae", "vae", "last"):
        x, _ = upload(id, saved(halves()))
        assert "mean" in over_json(id, "encode", x=x[None]) and "score" in over_json(id, "score", x=x[None])


# -------------------------------------------------------------------- what is refused


def test_other_content_whatever_its_name(upload):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for format in ("GIF", "BMP", "TIFF", "PPM", "ICO", "PCX", "TGA", "JPEG2000"):
        assert "no PNG, JPEG or WebP" in upload("ae", saved(halves(16, 16), format), 400)
    for data in (b"", b"x", b"%!PS-Adobe-3.0 EPSF-3.0\n", svg, b"PK\3\4" + b"0" * 50, bytes(1000)):
        assert "no PNG, JPEG or WebP" in upload("ae", data, 400)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_damaged_pictures(upload, format):
    whole = saved(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)), format)
    for data in (whole[:20], whole[: len(whole) // 2], whole[:12] + bytes(200), whole[:-40]):
        assert "damaged" in upload("ae", data, 400)
    random = np.random.default_rng(1)
    for _ in range(60):
        changed = bytearray(whole)
        for place in random.integers(0, len(whole), 5):
            changed[place] = random.integers(256)
        assert upload_any(upload, bytes(changed))


def upload_any(upload, data):
    """Whether there is an answer: a picture, or one sentence."""
    try:
        return upload("ae", data)
    except AssertionError:
        return upload("ae", data, 400)


def bomb(width, height):
    """A PNG that claims to be large, of a few bytes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(6400, 6400), (10_000, 10_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_bombs(upload, size):
    assert "more than 40 million pixels" in upload("ae", bomb(*size), 400)


def test_forty_million_pixels_are_allowed(upload):
    x, size = upload("ae", saved(Image.new("L", (8000, 5000), 255), compress_level=1))
    assert size == (8000, 5000) and (x == 16).all()


def test_too_many_bytes(upload, client, runs):
    assert "more than 10 MB" in upload("ae", bytes(10 * 2**20 + 1), 413)
    with pytest.raises(ValueError, match="more than 10 MB"):
        example_from(runs["ae"], bytes(10 * 2**20 + 1))


def test_a_table_takes_no_pictures(upload):
    assert "models of images" in upload("table", saved(halves()), 400)
    assert "no run" in upload("nobody", saved(halves()), 404)
