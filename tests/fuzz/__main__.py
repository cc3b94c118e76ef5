"""``python -m tests.fuzz --seconds 600``: the fuzzers for as long as one likes."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz import guided
from tests.fuzz.runner import FUZZERS, run


def main() -> int:
    """Run; 1 where there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each fuzzer (60)")
    parser.add_argument("--only", choices=(*FUZZERS, "files"), help="one of them (all)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="other numbers, other cases (the time)")
    parser.add_argument("--case", type=int, default=-1, help="repeat one case of --only and --seed, with a traceback")
    parser.add_argument("--atheris", action="store_true", help="guided by the code that is reached; needs Atheris")
    parser.add_argument("--repeat", type=Path, help="an input that --atheris kept, of --only, with a traceback")
    given = parser.parse_args()
    if given.repeat is not None:
        if given.only is None:
            parser.error("--repeat needs --only: which of them the input is of")
        guided.repeat(given.only, given.repeat)
        return 0
    if given.only == "files" and not given.atheris:
        parser.error("files are changed by Atheris alone; add --atheris")
    faults, known = 0, guided.TARGETS if given.atheris else FUZZERS
    for name in known if given.only is None else (given.only,):
        if given.atheris:
            result = guided.run(name, given.seconds, given.seed)
        else:
            result = run(name, seconds=given.seconds, seed=given.seed, only=given.case)
        faults += len(result.faults)
        print(f"{name} --seed {given.seed}: {result}", flush=True)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
