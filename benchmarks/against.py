"""Two versions of aevum beside each other: whether a change cost anything.

``python benchmarks/against.py OTHER times.py "mnist_vae.py --epochs 2" --rounds 3`` runs each of this folder's scripts
in turn with the source of ``OTHER``, another checkout (``git worktree add OTHER COMMIT``), and with this one's, each
time in a process of its own. A Markdown table has the medians over the rounds, and the median of the ratios within a
round with the least and the greatest of them.
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import sys
from pathlib import Path

from common import ROOT, printed


def run(words: list[str], checkout: Path) -> dict[str, float]:
    """The figures that a script prints last, as one line of JSON."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "benchmarks" / words[0]), *words[1:]]
    figures = printed(command, PYTHONPATH=str(checkout / "src"))
    return {name: value for name, value in figures.items() if isinstance(value, (int, float))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("scripts", nargs="+", help='scripts of this folder with their options: "times.py --rounds 5"')
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not (options.other / "src" / "aevum").is_dir():
        parser.error(f"{options.other} holds no src/aevum")
    other = options.other.resolve()
    print("| script | figure | other | this | this / other |\n| --- | --- | --- | --- | --- |", flush=True)
    for script in options.scripts:
        pairs = []
        for number in range(options.rounds):
            turn = (other, ROOT) if number % 2 == 0 else (ROOT, other)
            found = {checkout: run(shlex.split(script), checkout) for checkout in turn}
            pairs.append((found[other], found[ROOT]))
        for name in (name for name in pairs[0][0] if name in pairs[0][1]):
            before, after = ([pair[place][name] for pair in pairs] for place in (0, 1))
            ratios = [b / a for a, b in zip(before, after, strict=True) if a]
            said = f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})" if ratios else "–"
            print(f"| {script} | {name} | {statistics.median(before):.5g} | {statistics.median(after):.5g} | {said} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
