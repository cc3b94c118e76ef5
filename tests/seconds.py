"""What each file of tests takes: the longest begin first, and a run ends with those that are dear or have grown.

``python -m pytest … --junitxml report.xml``, then ``python -m tests.seconds report.xml`` writes the seconds of a whole
run to seconds.json.
"""

import json
import statistics
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

STORED = Path(__file__).with_name("seconds.json")
# A file that took a second is no news when it takes two, nor a tenth more of a minute.
FEWEST, GROWN, SHOWN = 5.0, 1.5, 10


def known():
    """Seconds of each file, by its path from the repository's root; of files of less than a second there are none."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def in_order(seconds, waiting):
    """Files, the longest first, those that wait for a browser spread over the first half of the others, so that workers
    wait and compute at any time.

    Args:
        seconds: file → seconds.
        waiting: those that wait.

    >>> in_order({"a": 1.0, "b": 5.0, "c": 3.0, "w": 2.0, "v": 1.0}, {"w", "v"})
    ['b', 'w', 'v', 'c', 'a']
    """
    place = {}
    for some, reach in ((waiting, 0.5), (seconds.keys() - waiting, 1.0)):
        longest = sorted(sorted(some), key=lambda file: -seconds[file])
        total, before = sum(seconds[file] for file in some) or 1.0, 0.0
        for file in longest:
            place[file] = reach * before / total
            before += seconds[file]
    return sorted(seconds, key=lambda file: (place[file], file in waiting, file))


def grown(found, stored):
    """Files that take longer than they did, beside the others: file → times; none where few files are known.

    >>> stored = {each: 10.0 for each in "abcdef"}
    >>> grown({**{each: 20.0 for each in "abcde"}, "f": 50.0}, stored)
    {'f': 2.5}
    """
    both = {file: found[file] / stored[file] for file in found if stored.get(file, 0.0) >= FEWEST}
    if len(both) < 5:
        return {}
    usual = statistics.median(both.values())
    times = {file: found[file] / (usual * max(stored.get(file, 0.0), 1.0)) for file in found}
    return {file: round(each, 1) for file, each in times.items() if each > GROWN and found[file] > usual * FEWEST}


def told(found, stored):
    """The lines at the end of a run."""
    dearest = sorted(found.items(), key=lambda each: -each[1])[:SHOWN]
    yield f"{sum(found.values()):.0f} s in {len(found)} files, of which most in"
    yield from (f"{seconds:7.1f} s  {file}" for file, seconds in dearest)
    for file, times in grown(found, stored).items():
        yield f"{file} takes {times} times as long beside the others as when tests/seconds.json was written"


def of_report(path):
    """Seconds of each file in a report of JUnit's form."""
    found = Counter()
    for case in ElementTree.parse(path).iter("testcase"):
        parts = [part for part in case.get("classname").split(".") if part]  # none of a file that was skipped whole
        while parts and not Path(*parts).with_suffix(".py").is_file():  # a class within, or a package's own file
            if Path(*parts, "__init__.py").is_file():
                parts.append("__init__")
                break
            parts.pop()
        if parts:
            found["/".join(parts) + ".py"] += float(case.get("time"))
    return {file: round(seconds, 1) for file, seconds in sorted(found.items()) if seconds >= 1.0}


if __name__ == "__main__":
    STORED.write_text(json.dumps(of_report(sys.argv[1]), indent=1) + "\n", encoding="utf-8")
