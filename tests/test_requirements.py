"""The sets of packages that are written down are those that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(text) for text in PROJECT["dependencies"]]
# Ray is tested by itself.
OPTIONAL = [
    Requirement(text) for name, some in PROJECT["optional-dependencies"].items() if name != "ray" for text in some
]
OLDEST, LOCKED = (ROOT / "requirements" / name for name in ("oldest.txt", "ci.txt"))


def pinned(file: Path) -> dict[str, Version]:
    lines = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): Version(version) for name, version in lines}


def test_no_upper_bound():
    """Whoever has a newer PyTorch keeps it."""
    assert not [each for each in NEEDED if {one.operator for one in each.specifier} - {">="}]


@pytest.mark.parametrize("each", [*NEEDED, *OPTIONAL], ids=str)
def test_the_oldest_release_that_is_allowed_is_tested(each):
    tools = {Requirement(text).name for extra in ("check", "docs") for text in PROJECT["optional-dependencies"][extra]}
    if each.name in tools:
        return
    version = pinned(OLDEST)[each.name.lower()]
    (bound,) = each.specifier
    # Where the very first was never published for Python 3.11, or was withdrawn, the next.
    assert version >= Version(bound.version) and version.release[:2] == (*Version(bound.version).release, 0)[:2]


def test_what_ci_installs_is_allowed_and_held_by_hashes():
    locked = pinned(LOCKED)
    left_out = {"anndata"}
    for each in [*NEEDED, *OPTIONAL]:
        if each.name not in left_out:
            assert each.specifier.contains(locked[each.name.lower()].public), each
    text = LOCKED.read_text(encoding="utf-8")
    assert text.count("==") == len(locked) and len(re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)) - 1 == len(locked)
    assert all("--hash=sha256:" in part for part in re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:])
