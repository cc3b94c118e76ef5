"""The fuzzers guided by Atheris: inputs that reach new code are kept and changed on.

    python -m tests.fuzz --atheris --seconds 600

needs ``pip install atheris``, of which there are wheels for Linux. Each target runs in a process of its own, with
aevum and what it reads files with instrumented. ``models`` and ``readers`` are the fuzzers beside this module, whose
draws are the input's bytes; in ``files`` the input is the file itself, and the honest ones are where it starts. A
fault does not end the run: its input is kept, and ``--repeat FILE`` calls it again, for which Atheris isn't needed.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.runner import FaultError, Result

TARGETS = ("models", "readers", "files")
FOLDER = Path("build/fuzz")
SEEDS, SEED_BYTES, MOST_BYTES = 64, 256, 4096
INSTRUMENTED = ["aevum", "PIL", "tifffile", "openpyxl", "zipfile", "tarfile", "gzip", "csv", "json", "safetensors"]


class Bytes(random.Random):
    """Draws that are the bytes of an input; where they end, all are 0."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self.data, self.at = data, 0

    def random(self) -> float:
        return self._taken(4) / 2**32

    def getrandbits(self, k: int) -> int:
        return self._taken(-(-k // 8)) >> -k % 8

    def _randbelow(self, n: int) -> int:
        """A choice of few takes one byte, so that one byte's change is one choice's."""
        return self._taken(1 if n <= 256 else 4) % n

    def _taken(self, count: int) -> int:
        part = self.data[self.at : self.at + count]
        self.at += count
        return int.from_bytes(part, "little")


def target(name: str, folder: Path) -> Callable[[bytes], None]:
    """What is called with each input; it raises FaultError."""
    if name == "files":
        from tests.fuzz import readers

        return readers.prepare_files(folder)
    case = importlib.import_module(f"{__package__}.{name}").prepare(folder, False)
    return lambda data: case(Bytes(data))


def seeds(name: str) -> list[bytes]:
    """Inputs to start from."""
    if name == "files":
        from tests.fuzz import readers

        return readers.files()
    draw = random.Random(name)
    return [draw.randbytes(SEED_BYTES) for _ in range(SEEDS)]


def repeat(name: str, file: Path) -> None:
    """Call one input again, with its traceback."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target(name, Path(folder))(file.read_bytes())


def run(name: str, seconds: float, seed: int) -> Result:
    """One target for so long, in a process of its own; what libFuzzer says of its coverage is printed."""
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("this needs Atheris: pip install atheris (there are wheels for Linux)")
    corpus, faults = FOLDER / name / "corpus", FOLDER / name / "faults"
    for each in (corpus, faults):
        each.mkdir(parents=True, exist_ok=True)
    before = {each.name for each in faults.iterdir()}
    options = [
        f"-max_total_time={max(1, int(seconds))}", f"-seed={seed % 2**31 or 1}", f"-artifact_prefix={faults}/",
        "-print_final_stats=1", "-rss_limit_mb=0", "-timeout=120", "-report_slow_units=120", "-detect_leaks=0",
        "-len_control=0", f"-max_len={MOST_BYTES if name == 'files' else 2 * SEED_BYTES}", "-verbosity=1",
    ]  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-m", __name__, name, str(corpus), str(faults), *options],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", told.stderr))
    reached = [int(count) for count in re.findall(r"cov: (\d+)", told.stderr)] or [0]
    last = re.findall(r"^#(\d+)", told.stderr, re.MULTILINE) or ["0"]  # of a run that ended before its time
    cases, speed = int(stats.get("number_of_executed_units", last[-1])), stats.get("average_exec_per_sec", "?")
    print(
        f"{name}: {speed} inputs a second; {reached[0]} edges reached by what it began with, {reached[-1]} at the end"
    )
    if told.returncode or not cases:
        print(told.stderr[-2000:])
    new = sorted(each for each in faults.iterdir() if each.name not in before)
    texts = [(place, each) for place, each in enumerate(new) if each.suffix != ".txt"]
    found = [(place, f"{each}: {_said(each)}") for place, each in texts]
    if not found and (told.returncode or not cases):
        found = [(0, f"it ended by itself, with {told.returncode}, after {cases} inputs")]
    return Result(cases, found)


def _said(file: Path) -> str:
    beside = file.with_suffix(".txt")
    return beside.read_text(encoding="utf-8", errors="replace") if beside.is_file() else "it took too long, or crashed"


def _main() -> None:
    """The process of one target; never returns."""
    import atheris

    name, corpus, faults, *options = sys.argv[1:]
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        with atheris.instrument_imports(include=INSTRUMENTED):
            called = target(name, Path(folder))
            first = seeds(name)
        for data in first:
            (Path(corpus) / hashlib.sha1(data).hexdigest()).write_bytes(data)
        known: set[str] = set()

        def one(data: bytes) -> None:
            try:
                called(data)
            except FaultError as fault:
                kind = re.sub(r"[\d'\"]+|.*?→", "", str(fault))[:80]
                if kind not in known:  # of one kind one is enough
                    known.add(kind)
                    file = Path(faults) / hashlib.sha1(data).hexdigest()
                    file.write_bytes(data)
                    file.with_suffix(".txt").write_text(str(fault), encoding="utf-8", errors="replace")

        atheris.Setup([sys.argv[0], corpus, *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    _main()
