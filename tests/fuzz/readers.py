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
from tests.fuzz.honest import GROUPS
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
    if name.endswith((".npz", ".zip", ".xlsx")) and zipfile.is_zipfile(io.BytesIO(data)):
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
    groups = {reader: list(make()) for reader, make in GROUPS.items()}
    everything = [data for group in groups.values() for _, data in group]
    beside = others_beside(folder)

    def case(draw: random.Random) -> None:
        reader = draw.choice(
            [
                "array",
                "table",
                "table",
                "idx",
                "picture",
                "picture",
                "picture",
                "labels",
                "record",
                "archive",
                "archive",
            ]
        )
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


def others_beside(folder: Path) -> Path:
    """Six rows, and six images, for the labels that are read with them."""
    beside = folder / "beside"
    (beside / "pictures").mkdir(parents=True)
    np.save(beside / "x.npy", np.zeros((6, 2)))
    for i in range(6):
        Image.fromarray(np.full((2, 2), i, np.uint8)).save(beside / "pictures" / f"{i}.png")
    return beside


def kinds() -> list[tuple[str, str]]:
    """Each reader with each of its names of files."""
    return sorted({(reader, name) for reader, make in GROUPS.items() for name, _ in make()})


def files() -> list[bytes]:
    """The honest files, each after two bytes: the place of its kind, and how it is opened."""
    places = {kind: place for place, kind in enumerate(kinds())}
    return [bytes([places[reader, name], 0]) + data for reader, make in GROUPS.items() for name, data in make()]


def prepare_files(folder: Path) -> Callable[[bytes], None]:
    """What reads such bytes."""
    beside, known = others_beside(folder), kinds()

    def called(data: bytes) -> None:
        reader, name = known[data[0] % len(known)] if data else known[0]
        place = folder / "changed"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        how = random.Random(data[1:2])
        check(f"{reader} {name}", lambda: read(how, reader, place, name, data[2:], beside))

    return called


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
    labels = draw.choice([None, None, "label", "y", "3"]) if reader not in ("idx", "archive") else None
    columns: dict[str, Any] = {}
    if reader == "table":
        columns = {
            "missing": draw.choice([None, "drop", "median", "model"]),
            "drop": draw.choice([None, None, "label"]),
        }
    return open_data(path, labels=labels, **columns)


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
