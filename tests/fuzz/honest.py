"""Honest files of each reader, which the fuzzing changes."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image
from scipy import sparse


def arrays() -> Iterator[tuple[str, bytes]]:
    """npy and npz files."""
    draw = np.random.RandomState(0)
    for dtype in ("u1", "f4", ">f8", "i2", "?", "f2"):
        yield "a.npy", saved(np.save, (9 * draw.rand(6, 4)).astype(dtype))
    yield "a.npy", saved(np.save, np.asfortranarray(draw.rand(6, 4, 3)))
    yield "a.npy", saved(np.save, np.array([["a", "b"]]))
    for save in (np.savez, np.savez_compressed):
        yield "a.npz", saved(save, x=draw.rand(6, 4), y=np.arange(6))
        yield "a.npz", saved(save, x_train=draw.rand(6, 4), y_train=np.eye(6))
    for kind in ("csr", "csc", "coo"):
        yield "a.npz", saved(sparse.save_npz, sparse.random(6, 5, 0.4, format=kind, random_state=0))
    yield "a.npz", saved(np.savez, x=np.zeros((500, 500)), names=np.array(["a"]), y=np.array([None, 1], dtype=object))


def tables() -> Iterator[tuple[str, bytes]]:
    """Tables as text and as parquet."""
    rows = [(i, i / 3, -i, "cat" if i % 2 else "dog") for i in range(9)]
    for suffix, sep in ((".csv", ","), (".csv", ";"), (".tsv", "\t"), (".txt", " "), (".csv", "|")):
        text = "\n".join(sep.join(map(str, row)) for row in [("a", "b", "c", "label"), *rows])
        for encoding in ("utf-8", "utf-16", "cp1252"):
            yield f"a{suffix}", text.encode(encoding)
        yield f"a{suffix}", text.split("\n", 1)[1].replace(".", ",").encode()
    mixed = [
        ("a", "b", "c", "d"),
        *((i, "xyz"[i % 3], f"2021-03-{i + 1:02}", i % 2 > 0) for i in range(9)),
        ("", "?", "", ""),
    ]
    yield "a.csv", "\n".join(",".join(map(str, row)) for row in mixed).encode()
    with contextlib.suppress(ImportError):
        import pandas as pd

        yield (
            "a.xlsx",
            saved(lambda file, table: table.to_excel(file), pd.DataFrame(rows, columns=["a", "b", "c", "label"])),
        )
    yield "a.csv.gz", gzip.compress(b"a,b\n" + b"1.5,2\n" * 30, mtime=0)
    yield "a.csv", b'# made by hand\ntitle\n"x ""1""","y"\n"1,234.5","2"\n"7","8"\n'
    with contextlib.suppress(ImportError):
        import pandas as pd

        frame = pd.DataFrame(rows, columns=["a", "b", "c", "label"])
        frame["kind"] = frame["label"].astype("category").cat.codes
        yield "a.parquet", saved(lambda file, table: table.to_parquet(file), frame)
        frame["day"] = pd.date_range("2021-03-01", periods=len(frame))
        yield "a.parquet", saved(lambda file, table: table.to_parquet(file), frame.assign(yes=True))
        image = picture("PNG", np.arange(20, dtype=np.uint8).reshape(4, 5))
        pictures = pd.DataFrame({"image": [{"bytes": image, "path": None}] * 3, "label": [0, 1, 2]})
        lists = pd.DataFrame({"v": [[1.0, 2.0], [3.0, 4.0]], "label": [0, 1]})
        for table in (pictures, lists, lists[["v"]]):
            yield "a.parquet", saved(lambda file, table: table.to_parquet(file), table)
        yield "a.parquet", saved(lambda file, table: table.to_parquet(file, compression="gzip"), frame[["a", "b"]])


def idx(array: Any) -> bytes:
    """An IDX file of bytes."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def idx_files() -> Iterator[tuple[str, bytes]]:
    """IDX files, packed and not."""
    images = idx(np.arange(96, dtype=np.uint8).reshape(6, 4, 4))
    yield "a-images-idx3-ubyte", images
    yield "a-images-idx3-ubyte.gz", gzip.compress(images, mtime=0)
    yield "a.idx", idx(np.arange(12, dtype=np.uint8).reshape(6, 2))


def pictures() -> Iterator[tuple[str, bytes]]:
    """Images of every format and kind."""
    draw = np.random.RandomState(0)
    grey = draw.randint(0, 256, (3, 9, 8)).astype(np.uint8)
    colour, alpha = (
        draw.randint(0, 256, (3, 9, 8, 3)).astype(np.uint8),
        draw.randint(0, 256, (9, 8, 4)).astype(np.uint8),
    )
    for array in (grey[0], colour[0], alpha, grey[0].astype(np.uint16) * 16, grey[0] > 99):
        yield "a.png", picture("PNG", array)
    yield "a.png", picture("PNG", grey[0], transparency=7)
    yield "a.png", picture("PNG", Image.fromarray(colour[0]).quantize(8), transparency=1)
    for array in (grey[0], colour[0]):
        for format, suffix in (("JPEG", "jpg"), ("BMP", "bmp"), ("PPM", "ppm"), ("WEBP", "webp"), ("TIFF", "tif")):
            yield f"a.{suffix}", picture(format, array)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield "a.tif", picture("TIFF", colour[0], compression=compression)
    for array in (grey[0].astype(np.float32), grey[0].astype(np.int32), grey[0].astype(np.uint16)):
        yield "a.tif", picture("TIFF", array)
    with contextlib.suppress(ImportError):
        from tifffile import imwrite

        for compression in (None, "lzw"):
            yield (
                "a.tif",
                saved(imwrite, colour[..., [0, 1, 2, 0, 1]], photometric="minisblack", compression=compression),
            )
        yield "a.tif", saved(imwrite, colour[0].astype(np.uint16), photometric="rgb")
    for format, suffix in (("GIF", "gif"), ("TIFF", "tif"), ("WEBP", "webp"), ("PNG", "png")):
        frames = [Image.fromarray(each) for each in colour]
        yield f"a.{suffix}", picture(format, frames[0], save_all=True, append_images=frames[1:])


def picture(format: str, array: Any, **options: Any) -> bytes:
    """One image file."""
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    return saved(lambda file, each: each.save(file, format, **options), image)


def label_files() -> Iterator[tuple[str, bytes]]:
    """Labels for the six rows, or the six images, beside them."""
    yield "y.npy", saved(np.save, np.arange(6))
    yield "y.npy", saved(np.save, np.eye(6))
    yield "y.csv", b"label\na\nb\nc\na\nb\nc\n"
    yield "y.csv", b"1\n2\n3\n4\n5\n6\n"
    yield "y.csv", b"file,label\n" + b"".join(b"%d.png,%d\n" % (i, i % 2) for i in range(6))
    yield "y.idx", idx(np.arange(6, dtype=np.uint8))


def records() -> Iterator[tuple[str, bytes]]:
    """Where a run's data are."""
    opening = {"data": "digits", "labels": None, "image_size": 8, "frames": "all", "skip_damaged": True, "header": None}
    yield "data.json", json.dumps({**opening, "split": "train", "sep": ";"}).encode()


def saved(save: Callable[..., object], *args: Any, **kwargs: Any) -> bytes:
    """What a function writes into a file."""
    buffer = io.BytesIO()
    save(buffer, *args, **kwargs)
    return buffer.getvalue()


def archives() -> Iterator[tuple[str, bytes]]:
    """Pictures in archives, with classes, with labels beside them and flat, and a table."""
    image = picture("PNG", np.arange(20, dtype=np.uint8).reshape(4, 5))
    classes = {f"{c}/{i}.png": image for c in ("cat", "dog") for i in range(2)}
    keyed = {name: raw for i in range(3) for name, raw in ((f"{i}.png", image), (f"{i}.cls", b"%d" % i))}
    recorded = {name: raw for i in range(3) for name, raw in ((f"{i}.png", image), (f"{i}.json", b'{"label": 1}'))}
    for members in (classes, keyed, recorded, {"0.png": image}):
        yield "a.zip", zipped(members)
        for mode, ending in (("w", "tar"), ("w:gz", "tar.gz"), ("w:xz", "tar.xz")):
            yield f"a.{ending}", tarred(members, mode)
    yield "a.csv.zip", zipped({"a.csv": b"a,b\n1,2\n3,4\n"})


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return buffer.getvalue()


def tarred(members: dict[str, bytes], mode: str) -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, raw in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return buffer.getvalue()


GROUPS: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "array": arrays, "table": tables, "idx": idx_files, "picture": pictures, "labels": label_files, "record": records,
    "archive": archives,
}  # fmt: skip
