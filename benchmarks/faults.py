"""What is lost when a run is written and something fails: nothing, of so many tries of each kind.

Each try writes a run of a small fitted model (without its figures, which take most of the time) and has one thing fail.
Then the run is looked at as the next command would: ``load`` must give the old model or the new one, all files must be
of the same run, and the user's own files in the folder must be there. POSIX only; a full disk needs the right to mount
one, and denied permissions the right to give up being root.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from common import arguments, report

from aevum import VAE, InputError, load, open_data, write_run
from aevum.cli import aevum
from aevum.cli.stopping import stoppable
from aevum.cli.writing import written
from aevum.evaluation import evaluate
from aevum.runs import writing
from aevum.runs.evaluated import add_evaluation

USERS = {
    "notes.txt": "mine", "figures/for-the-thesis.png": "mine", "model/readme.txt": "mine", "checkpoints/mine": "mine",
    **{f"thesis/chapter-{i}.tex": "mine" for i in range(8)},
}  # fmt: skip
FILES = {"model", "report.html", "model_card.md", "metrics.json", "history.jsonl"}
NOBODY = 65534


class Tries:
    """An old and a new model, and what a try is made of."""

    def __init__(self, seed: int) -> None:
        warnings.simplefilter("ignore")
        writing.panels_of = lambda subject: []  # type: ignore[assignment]
        self.data = open_data("iris")
        small: dict[str, Any] = {"latent_dim": 2, "hidden": 8, "epochs": 1}
        self.old, self.new = (VAE(**small, random_state=seed).fit(self.data) for seed in (0, 1))
        self.random = random.Random(seed)
        self.found: list[int] = []

    def write(
        self, model: VAE, folder: Path, failed: Callable[..., object] | None = None, overwrite: bool = False
    ) -> None:
        write_run(model, self.data, folder, overwrite=overwrite, failed=failed, opening={"data": "iris"})

    def prepared(self, folder: Path) -> Path:
        """A folder with the old run and the user's own files."""
        self.write(self.old, folder)
        for name, text in USERS.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        return folder

    def lost(self, folder: Path, least: frozenset[str] = frozenset(FILES)) -> str | None:
        """What is missing, wrong or mixed, if anything is."""
        found = self.whole(folder, least)
        for name, text in USERS.items():
            if not (folder / name).is_file() or (folder / name).read_text() != text:
                return f"the user's {name}"
        return found

    def whole(self, folder: Path, least: frozenset[str] = frozenset(FILES)) -> str | None:
        try:
            found = load(folder)
        except InputError as error:
            return str(error)
        seed = found.random_state
        self.found.append(seed)
        missing = least - {path.name for path in folder.iterdir()}
        if missing:
            return f"{sorted(missing)} of the run of seed {seed}"
        if (folder / "metrics.json").exists():
            metrics = json.loads((folder / "metrics.json").read_text())
            if metrics["parameters"]["random_state"] != seed:
                return "the metrics are of another run"
        return "something on its way" if list(folder.glob(".aevum-*")) else None


def forked(work: Callable[[], object]) -> int:
    """Do it in a process of its own; its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    with suppress(BaseException):
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - the process ends with it
        work()
        code = 0
    os._exit(code)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at_a_rename(tries: Tries, folder: Path, place: int) -> str | None:
    """SIGKILL in place of the n-th rename, n = 1, 2, 3, …, while an old run is replaced."""
    tries.prepared(folder)

    def work() -> None:
        plain, left = os.replace, [place + 1]

        def dying(*words: Any, **more: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            plain(*words, **more)

        os.replace = dying  # type: ignore[assignment]
        tries.write(tries.new, folder, overwrite=True)

    ended(forked(work))
    return tries.lost(folder)


def killed_at_a_moment(tries: Tries, folder: Path, place: int) -> str | None:
    """SIGKILL at a random moment of it."""
    tries.prepared(folder)
    child = forked(lambda: tries.write(tries.new, folder, overwrite=True))
    time.sleep(tries.random.uniform(0.0, tries.seconds))
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    ended(child)
    return tries.lost(folder)


def terminated_at_a_moment(tries: Tries, folder: Path, place: int) -> str | None:
    """SIGTERM at a random moment of writing a new run: its model is there, whole."""
    read, ready = os.pipe()

    def work() -> None:
        with stoppable():
            os.write(ready, b"x")
            written(tries.new, tries.data, None, folder, False, 1.0, {"data": "iris"}, None)

    child = forked(work)
    os.read(read, 1)
    time.sleep(tries.random.uniform(0.0, tries.seconds))
    with suppress(ProcessLookupError):
        os.kill(child, (signal.SIGTERM, signal.SIGHUP)[place % 2])
    ended(child)
    os.close(read), os.close(ready)
    if not (folder / "model").exists():
        return "the new model"
    return tries.whole(folder, frozenset({"model"}))


@contextmanager
def disk(folder: Path, kib: int) -> Iterator[Path]:
    """A file system of this size."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def full_disk(tries: Tries, folder: Path, place: int) -> str | None:
    """A disk that fills while a new run is written: the model is there where it fits, and else that is an error."""
    with disk(folder, 24 + 8 * place) as root:
        problem = None
        try:
            tries.write(tries.new, root / "run", failed=lambda part, error: None)
        except InputError as error:
            problem = str(error)
        left = None if problem else tries.whole(root / "run", frozenset({"model"}))
        return left if problem is None or "No space left" in problem else problem


def full_disk_of_an_old_run(tries: Tries, folder: Path, place: int) -> str | None:
    """A disk that fills while an old run is replaced, and a figure of it."""
    with disk(folder, 1024) as root:
        tries.prepared(root / "run")
        free = shutil.disk_usage(root).free
        (root / "ballast").write_bytes(b"x" * max(0, free - 4096 * place))
        with suppress(InputError):
            tries.write(tries.new, root / "run", failed=lambda part, error: None, overwrite=True)
        return tries.lost(root / "run", frozenset({"model"}))


def forbidden(tries: Tries, folder: Path, place: int) -> str | None:
    """A user without the right to move some of what is in the folder replaces the run in it."""
    tries.prepared(folder)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    kind = place % 4
    closed = [folder / "thesis", folder / "model", folder / "figures", folder][kind]
    if kind == 3:  # a folder in which each may move only what is theirs
        closed.chmod(0o1777)
        os.chown(folder, 0, 0)
        os.chown(folder / "report.html", 0, 0)
    else:
        closed.chmod(0o555)

    def work() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        tries.write(tries.new, folder, overwrite=True)

    ended(forked(work))
    return tries.lost(folder)


def two_trainings(tries: Tries, folder: Path, place: int) -> str | None:
    """Two at once under the name that both would take: two runs, or one and a refusal."""
    folder.mkdir()
    named = () if place % 2 else ("--out", "runs/mine")

    def work(seed: int) -> None:
        os.chdir(folder)
        small = ("--epochs", "1", "--hidden", "8", "--latent-dim", "2", "--seed", str(seed))
        try:
            aevum.main(["train", "iris", *small, *named], prog_name="aevum")
        except SystemExit as end:
            os._exit(int(end.code or 0))

    codes = [ended(child) for child in [forked(lambda seed=seed: work(seed)) for seed in (1, 2)]]
    found = sorted(path for path in (folder / "runs").iterdir())
    if len(found) != codes.count(0) or not found or set(codes) - {0, 2}:
        return f"{len(found)} runs of exit codes {codes}"
    return next((lost for path in found if (lost := tries.whole(path))), None)


def two_evaluations(tries: Tries, folder: Path, place: int) -> str | None:
    """Two at once on other data: both are in metrics.json and in the report."""
    tries.write(tries.old, folder)
    found = evaluate(tries.old, tries.data.x[:40], k=2)
    children = [forked(lambda name=name: add_evaluation(folder, found, name)) for name in ("one", "two")]
    codes = [ended(child) for child in children]
    kept = set(json.loads((folder / "metrics.json").read_text()).get("evaluations", {}))
    text = (folder / "report.html").read_text()
    shown = {name for name in ("one", "two") if f"Evaluation on {name}" in text}
    return None if codes == [0, 0] and kept == shown == {"one", "two"} else f"{kept} and {shown}, exit codes {codes}"


FAULTS = {
    work.__name__: work
    for work in (
        killed_at_a_rename, killed_at_a_moment, terminated_at_a_moment, full_disk, full_disk_of_an_old_run, forbidden,
        two_trainings, two_evaluations,
    )
}  # fmt: skip
REPLACING = ("killed_at_a_rename", "killed_at_a_moment", "full_disk_of_an_old_run", "forbidden")
PRIVILEGED = ("full_disk", "full_disk_of_an_old_run", "forbidden")


def main() -> None:
    options = arguments(__doc__, times={"type": int, "default": 20}, only={"nargs": "*", "default": list(FAULTS)})
    tries, answer = Tries(options.seed), {}
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        # As the tries do it, in a process of its own, so that the moments reach from its begin to its end.
        first = tries.prepared(Path(scratch) / "first")
        started = time.perf_counter()
        ended(forked(lambda: tries.write(tries.new, first, overwrite=True)))
        tries.seconds = time.perf_counter() - started
        for name in options.only:
            if name in PRIVILEGED and os.geteuid() != 0:
                answer[name] = "needs root"
                continue
            tries.found.clear()
            lost = [FAULTS[name](tries, Path(scratch) / f"{name}-{i}", i) for i in range(options.times)]
            answer[name] = f"lost: {sum(each is not None for each in lost)} of {len(lost)}"
            if name in REPLACING:
                answer[name] += f" ({tries.found.count(0)} old, {tries.found.count(1)} new)"
            for each in lost:
                if each is not None:
                    print(f"{name}: {each}", file=sys.stderr)
    report(**answer)


if __name__ == "__main__":
    main()
