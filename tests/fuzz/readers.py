"""Every reader of data on files that somebody or something has changed.

A reader returns a data set or raises InputError: nothing else, in bounded time and memory, without a word on stderr but
aevum's own warnings.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import resource
import shutil
import struct
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tests.fuzz.runner import Case, FaultError

from aevum.data import Dataset, open_data
from aevum.errors import DataWarning, InputError
from aevum.runs import recorded_opening

# A case is a file of some kilobytes: what a false claim may cost at most.
MOST_SECONDS, MOST_MEMORY = 10.0, 2**30
FRUITLESS = (b"\xff", b"\x00", b"\x7f", b"\x80", b"\x01", b"\n", b",", b'"', b"\xef\xbb\xbf", b"9" * 40, b"\xff" * 4)
WORDS = (
    b"nan",
    b"inf",
    b"1e999",
    b"-0",
    b"1_0",
    b"0x10",
    b"\xe9",
    b"\xd8\x00",
    b"True",
    b"999999999999999999999",
    b"1,5",
)


# -------------------------------------------------------------------- honest files


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
    yield "a.npz", saved(np.savez, x=np.zeros((500, 500)), names=np.array(["a"]), y=np.array([None, 1], dtype=object))


def tables() -> Iterator[tuple[str, bytes]]:
    """Tables as text and as parquet."""
    rows = [(i, i / 3, -i, "cat" if i % 2 else "dog") for i in range(9)]
    for suffix, sep in ((".csv", ","), (".csv", ";"), (".tsv", "\t"), (".txt", " "), (".csv", "|")):
        text = "\n".join(sep.join(map(str, row)) for row in [("a", "b", "c", "label"), *rows])
        for encoding in ("utf-8", "utf-16", "cp1252"):
            yield f"a{suffix}", text.encode(encoding)
        yield f"a{suffix}", text.split("\n", 1)[1].replace(".", ",").encode()
    yield "a.csv.gz", gzip.compress(b"a,b\n" + b"1.5,2\n" * 30, mtime=0)
    yield "a.csv", b'# made by hand\ntitle\n"x ""1""","y"\n"1,234.5","2"\n"7","8"\n'
    with contextlib.suppress(ImportError):
        import pandas as pd

        frame = pd.DataFrame(rows, columns=["a", "b", "c", "label"])
        frame["kind"] = frame["label"].astype("category").cat.codes
        yield "a.parquet", saved(lambda file, table: table.to_parquet(file), frame)
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


# -------------------------------------------------------------------- what is changed


def changed(draw: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Bytes with some of them replaced, removed, added, repeated or cut off."""
    for _ in range(draw.choice([1, 1, 2, 4, 12])):
        at, n = draw.randrange(len(data) + 1), draw.choice([1, 1, 2, 4, 8, 64])
        kind = draw.randrange(9)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[:at] + data[at + n :]
        elif kind == 2:
            data = data[:at] + draw.choice(FRUITLESS + WORDS) + data[at:]
        elif kind == 3:
            new = draw.choice(FRUITLESS + WORDS)
            data = data[:at] + new + data[at + len(new) :]
        elif kind == 4:
            data = data[:at] + data[at : at + n] * draw.choice([2, 3, 500]) + data[at + n :]
        elif kind == 5:
            other = draw.choice(others)
            data = data[:at] + other[draw.randrange(len(other) + 1) :]
        elif kind == 6:
            data = data[:at] + draw.randbytes(n) + data[at + n :]
        elif kind == 7:
            number = draw.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 65535, 2**24])
            data = data[:at] + struct.pack(draw.choice(["<I", ">I"]), number) + data[at + 4 :]
        else:
            data = data[:at] + bytes(byte ^ 1 << draw.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :]
    return data[: 2**20]


def inside(draw: random.Random, name: str, data: bytes, others: list[bytes]) -> bytes:
    """A change that gets past checksums: within what is packed, or within a chunk of a PNG."""
    if name.endswith(".gz"):
        return gzip.compress(changed(draw, gzip.decompress(data), others), mtime=0)
    if name.endswith(".npz"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {each: archive.read(each) for each in archive.namelist()}
        victim = draw.choice(sorted(members))
        members[victim] = changed(draw, members[victim], others)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
            for each, content in members.items():
                archive.writestr(each, content)
        return buffer.getvalue()
    if name.endswith(".png"):
        return png_with(draw, data, others)
    if name.endswith(".json"):
        opening = json.loads(data)
        opening[draw.choice(sorted(opening))] = draw.choice(
            [None, 0, -1, 1.5, True, "", "all", "\0", [], {}, "x" * 9999]
        )
        return json.dumps(opening).encode()
    return changed(draw, data, others)


def png_with(draw: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A chunk that is changed, with a checksum that fits."""
    out, at, chunks = data[:8], 8, list[tuple[bytes, bytes]]()
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += size + 12
    victim = draw.randrange(len(chunks))
    for i, (kind, body) in enumerate(chunks):
        if i == victim:
            packed = kind == b"IDAT" and draw.random() < 0.7
            body = (
                zlib.compress(changed(draw, zlib.decompress(body), others)) if packed else changed(draw, body, others)
            )
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return out


# -------------------------------------------------------------------- how it is read


def prepare(folder: Path, long: bool) -> Case:
    """Honest files of each reader, and a case of a change in one of them."""
    groups = {
        reader: list(make())
        for reader, make in {
            "array": arrays, "table": tables, "idx": idx_files, "picture": pictures, "labels": label_files,
            "record": records,
        }.items()
    }  # fmt: skip
    everything = [data for group in groups.values() for _, data in group]
    beside = folder / "beside"
    (beside / "pictures").mkdir(parents=True)
    np.save(beside / "x.npy", np.zeros((6, 2)))
    for i in range(6):
        Image.fromarray(np.full((2, 2), i, np.uint8)).save(beside / "pictures" / f"{i}.png")

    def case(draw: random.Random) -> None:
        reader = draw.choice(["array", "table", "table", "idx", "picture", "picture", "picture", "labels", "record"])
        name, data = draw.choice(groups[reader])
        kind = draw.random()
        if kind < 0.5:
            data = changed(draw, data, everything)
        elif kind < 0.95:
            data = inside(draw, name, data, everything)
        else:
            data = draw.randbytes(draw.choice([0, 1, 8, 200]))
        place = folder / "changed"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        check(f"{reader} {name}", lambda: read(draw, reader, place, name, data, beside))

    return case


def read(draw: random.Random, reader: str, place: Path, name: str, data: bytes, beside: Path) -> object:
    """The bytes as a file of that name, opened."""
    path = place / name
    path.write_bytes(data)
    if reader == "record":
        return recorded_opening(str(place))
    if reader == "labels":
        return open_data(draw.choice([beside / "x.npy", beside / "pictures"]), labels=str(path))
    if reader == "picture":
        return open_data(
            place,
            frames=draw.choice([None, "first", "all", "all"]),
            image_size=draw.choice([None, None, 4]),
            background=draw.choice([None, "black"]),
            skip_damaged=draw.choice([None, True]),
        )
    labels = draw.choice([None, None, "label", "y", "3"]) if reader != "idx" else None
    return open_data(path, labels=labels)


def check(told: str, call: Callable[[], object]) -> None:
    """One call, which returns or raises InputError; what it costs and what it says."""
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warnings.catch_warnings(record=True) as said, captured() as noise:
        warnings.simplefilter("always")
        try:
            found = call()
            if isinstance(found, Dataset):
                _ = found.take([0, len(found) - 1]), repr(found), found.classes
        except InputError as error:
            text = str(error)
            text.encode()
            if "\n" in text or len(text) > 2000:
                raise FaultError(f"{told}: said {text[:300]!r}") from error
        except Exception as error:
            raise FaultError(f"{told}: {type(error).__name__}: {str(error)[:300]}") from error
    strange = [f"{each.category.__name__}: {each.message}" for each in said if each.category is not DataWarning]
    if strange:
        raise FaultError(f"{told}: warned {strange[0][:300]}")
    if noise:
        raise FaultError(f"{told}: wrote on stderr: {noise[0][:300]!r}")
    seconds = time.process_time() - started
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    if seconds > MOST_SECONDS or grown > MOST_MEMORY:
        raise FaultError(f"{told}: took {seconds:.0f} s and {grown / 2**20:.0f} MiB")


@contextlib.contextmanager
def captured() -> Iterator[list[bytes]]:
    """What C libraries write to the process's stderr."""
    noise: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield noise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            if text := file.read():
                noise.append(text)
