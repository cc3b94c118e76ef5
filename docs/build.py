"""Build the site: ``python docs/build.py`` writes ``build/site``; what it warns of ends it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from building import source

ROOT = Path(__file__).resolve().parent.parent
SITE, WORK = ROOT / "build" / "site", ROOT / "build" / "docs"
LIMIT = 30 * 2**20


def sphinx(language: str, builder: str, to: Path, *more: str) -> None:
    """One run of Sphinx, in a process of its own."""
    folder = {"zh_CN": "zh"}.get(language, language)
    here = WORK / folder
    environment = {
        "AEVUM_DOCS_LANGUAGE": language,
        "AEVUM_DOCS_ENGLISH": str(SITE / "en" / "objects.inv"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-c", str(ROOT / "docs")]
    subprocess.run(
        [*command, "-d", str(WORK / "trees" / folder), *more, str(here), str(to)],
        check=True,
        env={**os.environ, **environment},
    )


def main() -> None:
    """Each language, then what machines read, then how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=["en", "zh_CN"], action="append", help="one language only")
    parser.add_argument("--without-examples", action="store_true", help="leave the galleries' code unexecuted")
    asked = parser.parse_args()
    for language in asked.language or ["en", "zh_CN"]:
        folder = {"zh_CN": "zh"}.get(language, language)
        begun = time.perf_counter()
        source.gather(WORK / folder, language)
        sphinx(language, "html", SITE / folder, *(["-D", "plot_gallery=0"] if asked.without_examples else []))
        print(f"{folder}: {time.perf_counter() - begun:.0f} s")
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{SITE}: {size / 2**20:.1f} MiB")
    if size > LIMIT:
        sys.exit(f"the site is over {LIMIT / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
