"""Mutation testing of objectives, distributions, laws and evaluation, in a time that is chosen.

    python -m tests.mutation --sample 400 --seed 0      mutants spread over the files in proportion to theirs
    python -m tests.mutation --only objectives priors   those of files whose path begins so
    python -m tests.mutation --again                    those that survived, once more, after new tests
    python -m tests.mutation --cover tests/priors       which lines these tests reach, once more
    python -m tests.mutation --table                    what is known so far

What was tried is kept in build/mutation/results.json: a run that was cut off goes on, and a larger sample holds the
smaller one. A mutant of lines that no test reaches is counted apart. Those that survive and are listed in survivors.md,
with the reason, are counted as survivors, and named only where they are not listed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.mutation import covering, running, swapping
from tests.mutation.making import PACKAGE, ROOT, Mutant, difference, files, parsed, room, source

FOLDER = ROOT / "build" / "mutation"
COVERED, RESULTS, LISTED = FOLDER / "covered.json", FOLDER / "results.json", Path(__file__).with_name("survivors.md")
KILLED = ("killed", "timeout")


def sample(count: int | None, seed: int, only: list[str]) -> list[Mutant]:
    """So many mutants, each file's share by its own number of them; all without a number."""
    every = [mutant for file in files() for mutant in parsed(file)[2]]
    if count is not None:
        # In an order of each file's own, at evenly spaced ranks: more are the same and others.
        ranked = []
        for file in files():
            mutants = list(parsed(file)[2])
            random.Random(f"{seed} {file}").shuffle(mutants)
            shift = random.Random(f"{seed} shift {file}").random()
            ranked += [((i + shift) / len(mutants), mutant) for i, mutant in enumerate(mutants)]
        every = [mutant for _, mutant in sorted(ranked)][:count]
    return [mutant for mutant in every if not only or any(mutant.file.startswith(place) for place in only)]


def key(mutant: Mutant) -> str:
    """The mutant's name, which changes with its file."""
    text = (PACKAGE / mutant.file).read_bytes()
    return f"{mutant.file}#{mutant.number}@{hashlib.sha256(text).hexdigest()[:10]}"


def kept() -> dict[str, dict[str, Any]]:
    """The results so far."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def keep(results: dict[str, dict[str, Any]]) -> None:
    """Write them, whole or not at all."""
    beside = RESULTS.with_suffix(".part")
    beside.write_text(json.dumps(results, indent=0, ensure_ascii=False), encoding="utf-8")
    beside.replace(RESULTS)


def run(mutants: list[Mutant], options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Try those that were not tried: by exchanging code, and what survives that once more by a new import."""
    covered = covering.read(COVERED)
    until = time.monotonic() + 60.0 * options.minutes
    if options.again:
        results = kept()
        for name in map(key, mutants):
            if results.get(name, {}).get("status") in ("survived", "uncovered", "error"):
                del results[name]
        keep(results)
    running.load(covered["modules"])
    child = os.fork()
    if child == 0:  # the package is loaded there alone

        def swapped(swapper: swapping.Swapper) -> None:
            unchanged(covered, lambda tests: swapper.tried(None, "", tests, 1e9))
            each(mutants, covered, options.budget, until, swapper.tried, "unsure")

        files = sorted({test.partition("::")[0] for test, _ in covered["tests"]})
        swapping.collected(files, swapped)
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        os.waitpid(child, 0)
    except BaseException:  # it would go on by itself, and write beside whoever comes next
        os.kill(child, signal.SIGKILL)
        raise
    unchanged(covered, lambda tests: running.tried(None, "", tests, 1e9))
    return each(mutants, covered, options.budget, until, running.tried, "survived")


def unchanged(covered: dict[str, Any], tried: Any) -> None:
    """A test of each file passes where nothing is changed; one that doesn't, beside others, has no say."""
    covered["left"] = []
    for _ in range(5):
        cheapest: dict[str, tuple[str, float]] = {}
        for test, seconds in sorted(covered["tests"], key=lambda t: -t[1]):
            if test not in covered["left"]:
                cheapest[test.partition("::")[0]] = (test, seconds)
        found = tried(list(cheapest.values()))
        if found.status == "survived":
            return
        print(f"without a change: {found}", flush=True)
        covered["left"] += [test for test in found.by.split("\n") if test]
    print("without a change tests don't pass, so that no verdict is worth anything", flush=True)
    os._exit(1)


def each(
    mutants: list[Mutant], covered: dict[str, Any], budget: float, until: float, tried: Any, alive: str
) -> dict[str, dict[str, Any]]:
    """Try each mutant of which nothing is known, or nothing sure; what survives is called so."""
    results = kept()
    for number, mutant in enumerate(mutants, 1):
        name = key(mutant)
        known = results.get(name, {}).get("status")
        if known is not None and (known != "unsure" or alive == "unsure"):
            continue
        if time.monotonic() > until:
            print("out of time: the same command goes on", flush=True)
            break
        text = source(mutant)
        found: dict[str, Any] = {"file": mutant.file, "line": mutant.first, "function": mutant.function}
        if text is None:
            results[name] = {**found, "status": "no change"}
            continue
        found["old"], found["new"] = difference(mutant, text)
        tests = running.reaching(mutant, covered)
        if tests:
            verdict = tried(mutant, text, tests + running.beside(tests, covered), budget)
            status = alive if verdict.status in ("survived", "error") else verdict.status
            found |= {"status": status, "by": verdict.by.strip(), "seconds": verdict.seconds}
        else:
            found["status"] = "uncovered"
        results[name] = found
        keep(results)
        said = f"{found['status']:9} {found.get('seconds', 0):5} s {mutant.file}:{mutant.first}"
        print(f"{number}/{len(mutants)} {said} {found['old'][:90]} → {found['new'][:90]}", flush=True)
    keep(results)
    return results


def listed() -> set[tuple[str, str, str]]:
    """Survivors that are known to be no fault of the tests: (file, was, is)."""
    rows = [line for line in LISTED.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {
        tuple(cell.strip().strip("`").replace("\0", "|") for cell in row.replace("\\|", "\0").split("|")[1:4])
        for row in rows
    }


def table(results: list[dict[str, Any]], by: Any) -> str:
    """Mutants, killed, survived, timeouts, % of each group."""
    lines = [
        "| | mutants | killed | timeouts | survived | killed, % | no test reaches |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    groups = [*dict.fromkeys(by(each) for each in results), None]
    for group in groups:
        count = Counter(each["status"] for each in results if group is None or by(each) == group)
        tried = count["killed"] + count["timeout"] + count["survived"]
        share = f"{100.0 * (count['killed'] + count['timeout']) / tried:.1f}" if tried else ""
        cells = (tried, count["killed"], count["timeout"], count["survived"], share, count["uncovered"])
        lines.append("| " + " | ".join(map(str, (group or "all", *cells))) + " |")
    return "\n".join(lines)


def check(results: list[dict[str, Any]]) -> None:
    """Say which of the tests that killed fail without a change as well, each alone in a process as it was."""
    covered = covering.read(COVERED)
    cost = dict(covered["tests"])
    names = {each["by"].splitlines()[0] for each in results if each["status"] == "killed" and each["by"]}
    names = sorted(name for name in names if name in cost)

    def alone(swapper: swapping.Swapper) -> None:
        bad = [name for name in names if swapper.tried(None, "", [(name, cost[name])], 1e9).status != "survived"]
        print(f"of {len(names)} tests that killed {len(bad)} fail without a change:", *bad, flush=True)

    swapping.collected(sorted({name.partition("::")[0] for name in names}), alone)


def main() -> int:
    """Read the command, run, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n")[0])
    parser.add_argument("--sample", type=int, help="how many mutants; all of them without it, which takes a day")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help="paths below src/aevum to begin with")
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of tests a mutant")
    parser.add_argument("--minutes", type=float, default=1e9, help="when to stop and be gone on with")
    parser.add_argument("--again", action="store_true", help="survivors once more")
    parser.add_argument(
        "--cover", nargs="*", help="only find which lines these tests reach (all of them without a path)"
    )
    parser.add_argument("--table", action="store_true", help="only tell what is known")
    parser.add_argument("--check", action="store_true", help="the tests that killed must pass without a change")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if options.cover is not None or not COVERED.exists():
        # In a process of its own: this one must not load the package.
        command = [sys.executable, "-m", "tests.mutation.covering", str(COVERED), *(options.cover or ())]
        subprocess.run(command, cwd=ROOT, check=True)
        if options.cover is not None:
            return 0
    mutants = sample(options.sample, options.seed, options.only)
    results = kept() if options.table else run(mutants, options)
    chosen = [results[name] for name in map(key, mutants) if name in results]
    known = listed()
    alive = [r for r in chosen if r["status"] == "survived" and (r["file"], r["old"], r["new"]) not in known]
    for each in alive:
        print(f"{each['file']}:{each['line']} {each['function']}\n  - {each['old']}\n  + {each['new']}")
    for each in chosen:
        if each["status"] in ("uncovered", "error"):
            print(f"{each['status']}: {each['file']}:{each['line']} {each['function']}")
    if options.check:
        check(chosen)
    print(table(chosen, lambda each: each["file"]), table(chosen, lambda each: room(each["file"])), sep="\n\n")
    print(f"{len(alive)} survivors are not in {LISTED.name}")
    return 1 if alive else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
