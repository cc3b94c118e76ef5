"""``python -m tests.fuzz --seconds 600``: the fuzzers for as long as one likes."""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz.runner import FUZZERS, run


def main() -> int:
    """Run; 1 where there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each fuzzer (60)")
    parser.add_argument("--only", choices=FUZZERS, help="one of them (all)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="other numbers, other cases (the time)")
    parser.add_argument("--case", type=int, default=-1, help="repeat one case of --only and --seed, with a traceback")
    given = parser.parse_args()
    faults = 0
    for name in FUZZERS if given.only is None else (given.only,):
        result = run(name, seconds=given.seconds, seed=given.seed, only=given.case)
        faults += len(result.faults)
        print(f"{name} --seed {given.seed}: {result}", flush=True)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
