"""Build the site: ``python docs/build.py`` writes ``build/site``; what Sphinx warns of ends it.

A page becomes part of the Chinese site by ``--translate learn/plot_1_compression``, which writes the page's texts for a
translator to ``docs/locale``, and brings those of the other pages up to date. What a translation lacks ends the build.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from building import llms, source, translations

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
from aevum.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
SITE, WORK = ROOT / "build" / "site", ROOT / "build" / "docs"
LIMIT = 30_000_000
CHINESE = "zh_CN"
START = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>aevum</title>
<script>location.replace((/^zh/.test(navigator.language) ? "zh" : "en") + "/index.html")</script>
<p><a href="en/index.html">English</a> · <a href="zh/index.html" lang="zh-CN">简体中文</a></p>
</html>
"""


def folder_of(language: str) -> str:
    """Where a language's site lies."""
    return {CHINESE: "zh"}.get(language, language)


def sphinx(language: str, builder: str, to: Path, *more: str) -> None:
    """One run of Sphinx, in a process of its own."""
    folder = folder_of(language)
    paths = [str(ROOT / "src"), str(ROOT / "docs"), os.environ.get("PYTHONPATH", "")]
    environment = {
        "AEVUM_DOCS_LANGUAGE": language,
        "AEVUM_DOCS_ENGLISH": str(SITE / "en" / "objects.inv"),
        "AEVUM_DOCS_LOCALE": str(WORK / "locale"),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-c", str(ROOT / "docs")]
    trees = WORK / "trees" / ("texts" if builder == "gettext" else folder)
    command += ["-d", str(trees), *more, str(WORK / folder), str(to)]
    subprocess.run(command, check=True, env={**os.environ, **environment})


def english(examples: bool) -> None:
    """The whole site, its texts for programs, and the texts that a translation starts from."""
    source.gather(WORK / "en", "en")
    more = [] if examples else ["-D", "plot_gallery=0"]
    sphinx("en", "html", SITE / "en", *more)
    sphinx("en", "text", WORK / "text", "-D", "plot_gallery=0")
    sphinx("en", "gettext", WORK / "templates", "-D", "plot_gallery=0")
    llms.write(WORK / "text", SITE)


def chinese(examples: bool) -> None:
    """The pages that are translated, each of them whole."""
    if lacking := translations.incomplete(WORK / "templates", source.LOCALE / CHINESE / "LC_MESSAGES"):
        sys.exit("\n".join(["the translation is not whole:", *lacking]))
    translations.compiled(source.LOCALE / CHINESE / "LC_MESSAGES", WORK / "locale", CHINESE)
    shutil.rmtree(WORK / "trees" / "zh", ignore_errors=True)  # Sphinx does not see which texts are new
    source.gather(WORK / "zh", CHINESE)
    sphinx(CHINESE, "html", SITE / "zh", *([] if examples else ["-D", "plot_gallery=0"]))


def tried() -> None:
    """A VAE, an AE and a CVAE of the digits in one file, which runs in the reader's browser."""
    sources = [path for path in (ROOT / "src").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    file = SITE / "try" / "digits.html"
    if file.exists() and file.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return
    from aevum import AE, CVAE, VAE, open_data
    from aevum.server import Run
    from aevum.server.page_file import page_file

    digits = open_data("digits")
    runs = []
    for kind in (VAE, AE, CVAE):
        model = kind(latent_dim=2, hidden=128, random_state=0)
        model.fit(digits.x, digits.y if kind.conditional else None)
        runs.append(Run(kind.__name__.lower(), kind.__name__, model, digits))
    file.parent.mkdir(parents=True, exist_ok=True)
    page_file(runs, file, rows=1000, overwrite=True)


def around() -> None:
    """What stands above both languages."""
    for folder in (each for each in ("en", "zh") if (SITE / each).is_dir()):
        versions = [{"name": VERSION, "version": VERSION, "url": f"{source.ADDRESS}{folder}/"}]
        (SITE / folder / "_static" / "switcher.json").write_text(json.dumps(versions) + "\n", encoding="utf-8")
    (SITE / "index.html").write_text(START, encoding="utf-8")
    (SITE / ".nojekyll").touch()


def main() -> None:
    """Both languages, then how large the site is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=["en", CHINESE], help="one language only")
    parser.add_argument("--without-examples", action="store_true", help="leave the galleries' code unexecuted")
    parser.add_argument("--translate", nargs="*", metavar="PAGE", help="write the texts to be translated, and end")
    asked = parser.parse_args()
    if asked.translate is not None:
        translations.update(WORK / "templates", source.LOCALE / CHINESE / "LC_MESSAGES", asked.translate)
        return
    SITE.mkdir(parents=True, exist_ok=True)
    for language, build in (("en", english), (CHINESE, chinese)):
        if asked.language in (None, language):
            begun = time.perf_counter()
            build(not asked.without_examples)
            print(f"{folder_of(language)}: {time.perf_counter() - begun:.0f} s")
    tried()
    around()
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{SITE}: {size / 1e6:.1f} MB")
    if size > LIMIT:
        sys.exit(f"the site is over {LIMIT / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
