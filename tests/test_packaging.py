"""What leaves the repository: one version and its date, links that lead somewhere, the README's first lines."""

import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner

from aevum.cli import aevum
from aevum.version import VERSION

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
CITATION = dict(re.findall(r"^([a-z-]+): (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE))
REPOSITORY = "https://a.example/b"


@pytest.fixture(scope="module")
def hook():
    """What makes PyPI's page of the README."""
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_version_and_its_day_are_the_same_everywhere():
    heading = re.search(
        r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert heading, "the newest heading of the changelog has no date"
    assert heading[1] == VERSION == PROJECT["project"]["version"] == CITATION["version"]
    assert heading[2] == CITATION["date-released"]


def test_the_citation_says_what_the_project_says():
    project = PROJECT["project"]
    assert (
        CITATION["cff-version"] == "1.2.0" and CITATION["title"] == project["name"] and CITATION["type"] == "software"
    )
    assert CITATION["license"] == project["license"] and CITATION["abstract"] == project["description"]
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert [f"  - name: {each['name']}" in text for each in project["authors"]] == [True]
    assert "message: " in text


def test_links_of_pypis_page_lead_into_the_repository(hook):
    assert hook.absolute("[a](docs/b.md#c) ![d](e.png) [f](#g) [h](https://i.example)", REPOSITORY) == (
        f"[a]({REPOSITORY}/blob/HEAD/docs/b.md#c) ![d]({REPOSITORY}/raw/HEAD/e.png) [f](#g) [h](https://i.example)"
    )
    page = hook.absolute(README, REPOSITORY)
    targets = re.findall(r"\]\(([^)]+)\)", page)
    assert len(targets) > 20 and all(each.startswith(("https://", "#")) for each in targets)
    assert page.count(f"{REPOSITORY}/raw/HEAD/docs/images/") == README.count("](docs/images/")
    metadata = {"urls": {"Repository": f"{REPOSITORY}/"}}
    hook.CustomMetadataHook(str(ROOT), {}).update(metadata)
    assert metadata["readme"] == {"content-type": "text/markdown", "text": page}


def test_the_address_of_the_repository_stands_in_one_place():
    (address,) = PROJECT["project"]["urls"].values()
    places = [page for page in ROOT.glob("*") if page.is_file() and address in page.read_text("utf-8", errors="ignore")]
    assert [page.name for page in places] == ["pyproject.toml"]


def test_a_source_distribution_holds_what_its_pages_link_to(tmp_path):
    builder = pytest.importorskip("hatchling.builders.sdist").SdistBuilder(str(ROOT))
    with tarfile.open(next(builder.build(directory=str(tmp_path)))) as archive:
        inside = {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in archive.getnames()}
    inside |= {parent for name in inside for parent in name.parents}
    named = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")
    pages = [*(ROOT / name for name in named), *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                place = (page.parent / target).resolve().relative_to(ROOT).as_posix()
                assert PurePosixPath(place) in inside, f"{page.name} links to {target}, which the sdist lacks"
    for name in ("CITATION.cff", "hatch_build.py", "src/aevum/py.typed", "src/aevum/server/static/index.html"):
        assert PurePosixPath(name) in inside


@pytest.mark.parametrize("epochs", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_the_readmes_first_lines_give_what_it_says(tmp_path, monkeypatch, undrawn, epochs):
    """The commands as they stand there, and their output but for what differs from machine to machine; after two epochs
    there is another verdict.
    """
    lines, output = re.findall(r"```\n(.*?)```", README, re.DOTALL)[:2]
    typed = lines.replace("--epochs 60", f"--epochs {epochs}").splitlines()
    commands = [line.split()[1:] for line in typed if line.startswith(".venv/bin/aevum ")]
    assert len(lines.splitlines()) == 5 and len(commands) == 2
    monkeypatch.chdir(tmp_path)
    said = []
    for words in commands:
        result = CliRunner().invoke(aevum, words)
        assert result.exit_code == 0, result.output
        said += result.stdout.splitlines()

    def rough(line):
        return re.sub(r"\d+(\.\d+)?", "#", line)

    shown = [line for line in output.splitlines() if line != "…"]
    same = 3 if epochs == 60 else 1
    assert [rough(line) for line in said[:same]] == [rough(line) for line in shown[:same]]
    assert shown[-1] in said and (tmp_path / "first.png").is_file() and (tmp_path / "runs/first/report.html").is_file()


# -------------------------------------------------------------------- the Tab key


def completed(shell, words=None):
    given = {"PYTHONPATH": str(ROOT / "src"), "_AEVUM_COMPLETE": shell}
    if words is not None:
        given |= {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - (not words.endswith(" ")))}
    found = subprocess.run(
        [sys.executable, "-m", "aevum"], env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    return found.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_told_how_to_complete(shell):
    assert "_AEVUM_COMPLETE" in completed(f"{shell}_source")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("aevum tra", ["plain,train", "plain,traverse"]),
        ("aevum train --model vamp", ["plain,vampvae", "file,vamp"]),
        ("aevum reproduce mnist-v", ["plain,mnist-vae"]),
        ("aevum explore ru", ["file,ru"]),
        ("aevum encode runs/a dig", ["file,dig"]),
        ("aevum sample runs/a -o ne", ["file,ne"]),
        ("aevum info runs/a --js", ["plain,--json"]),
    ],
)
def test_the_shell_completes(words, offered):
    assert completed("bash_complete", words).split() == offered
