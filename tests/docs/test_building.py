"""How the site is made of its pages: where links lead, what a translation lacks, and that no public name is missing."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest
from building import source

import aevum

pytest.importorskip("babel", reason="the site's packages are not installed: pip install 'aevum[docs]'")
from building import llms, search, translations

API = Path(__file__).resolve().parents[2] / "docs" / "api"


@pytest.mark.parametrize(
    ("text", "file", "there"),
    [
        ("[a](tables.md#counts)", "docs/choosing.md", "[a](/tables.md#counts)"),
        ("[a](../benchmarks/README.md#mnist)", "docs/choosing.md", "[a](/project/benchmarks.md#mnist)"),
        ("[a](docs/extending.md)", "ARCHITECTURE.md", "[a](/extending.md)"),
        ("![a](images/mnist-cvae.png)", "benchmarks/README.md", "![a](/images/benchmarks/mnist-cvae.png)"),
        ("[a](learn/plot_7_kl.py)", "docs/faq.md", "[a](/learn/plot_7_kl.rst)"),
        ("[a](tutorials/)", "docs/index.md", "[a](/tutorials/index.rst)"),
        ("[a](#here) [b](https://pytorch.org/)", "docs/faq.md", "[a](#here) [b](https://pytorch.org/)"),
        (":link: learn/", "docs/index.md", ":link: /learn/index\n:link-type: doc"),
    ],
)
def test_a_link_that_github_follows_leads_to_the_page_of_the_site(text, file, there):
    assert source.linked(text, file) == there


def test_a_link_to_what_the_site_lacks_is_an_error():
    with pytest.raises(ValueError, match=r"docs/faq\.md links to \.\./Makefile"):
        source.linked("[a](../Makefile)", "docs/faq.md")


def test_a_page_that_a_language_lacks_is_linked_in_english():
    only = {"index.md", "glossary.md"}
    text = "[a](/glossary.md#x) [b](/faq.md#y)\n:link: /api/index\n:link-type: doc"
    assert source.abroad(text, "index.md", only) == (
        "[a](/glossary.md#x) [b](english:../en/faq.html#y)\n:link: ../en/api/index.html"
    )
    assert source.abroad("[b](/faq.md)", "learn/index.rst", only) == "[b](english:../../en/faq.html)"


def test_tables_of_contents_name_only_pages_that_there_are():
    text = "```{toctree}\n:hidden:\n\nlearn/index\nguide\n```\n"
    assert source.trees(text, {"learn/index.rst"}) == "```{toctree}\n:hidden:\n\nlearn/index\n```\n"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_page_is_written_once(language, tmp_path):
    source.gather(tmp_path / "en", "en")
    (tmp_path / "en" / "learn").mkdir(exist_ok=True)
    source.gather(tmp_path / language, language)
    written = {path.relative_to(tmp_path / language).as_posix() for path in (tmp_path / language).rglob("*.md")}
    assert written == {page for page in source.kept(language) if page.endswith(".md")}


SAME = [
    (r"Let :math:`z = \mu` be ``VAE`` here.", r"设 :math:`z = \mu`，用 ``VAE``。"),
    (
        "see [the glossary](/glossary.md), `fit` and {term}`prior`",
        "见[词汇表](/glossary.md)、`fit` 和{term}`先验 <prior>`",
    ),
    (":doc:`a chapter </learn/plot_7_kl>`", ":doc:`一章 </learn/plot_7_kl>`"),
]
OTHER = [
    (r":math:`z = \mu`", r":math:`z = \sigma`"),
    ("``latent_dim``", "``latent``"),
    ("[a](/glossary.md)", "[一](/faq.md)"),
    ("{term}`prior`", "{term}`后验 <posterior>`"),
    ("`fit` twice `fit`", "`fit`"),
]


@pytest.mark.parametrize(("text", "translation"), SAME)
def test_the_same_formulas_code_and_links(text, translation):
    assert translations.spans(text) == translations.spans(translation) != {}


@pytest.mark.parametrize(("text", "translation"), OTHER)
def test_other_formulas_code_or_links(text, translation):
    assert translations.spans(text) != translations.spans(translation)


def entry(text: str, translation: str, flag: str = "") -> str:
    return f'{flag}msgid "{text}"\nmsgstr "{translation}"\n\n'


def test_what_a_translation_lacks_is_said(tmp_path):
    head = entry("", "Content-Type: text/plain; charset=utf-8\\n")
    texts = [
        "a word",
        "``code``",
        r"\\mu + \\sigma",
        "in doubt",
        "new",
        "**Total running time of the script:** (0 minutes 11 seconds)",
    ]
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "page.pot").write_text(head + "".join(entry(text, "") for text in texts), encoding="utf-8")
    said = (
        entry("a word", "一词")
        + entry("``code``", "``other``")
        + entry(r"\\mu + \\sigma", r"\\mu")
        + entry("in doubt", "不定", "#, fuzzy\n")
    )
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "page.po").write_text(head + said, encoding="utf-8")
    found = translations.incomplete(tmp_path / "t", tmp_path / "z")
    assert [line.split(" (")[0] for line in found] == [
        "page: other formulas or code",
        r"page: another formula: \mu + \sigma",
        "page: in doubt: in doubt",
        "page: not translated: new",
    ]
    translations.update(tmp_path / "t", tmp_path / "z", [])
    again = translations.incomplete(tmp_path / "t", tmp_path / "z")
    assert "page: not translated: new" in again and "一词" in (tmp_path / "z" / "page.po").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["噪声", "高斯", "重参数化", "VAE", "resume"])
def test_each_pair_of_neighbours_in_chinese_is_a_term(word):
    index = search.SearchChinese({})
    terms = {index.stem(term) for term in index.split("先看高斯噪声：VAE的重参数化（reparameterization），resume")}
    asked = [word] if word.isascii() or len(word) < 3 else [word[at : at + 2] for at in range(len(word) - 1)]
    assert {index.stem(term) for term in asked} <= terms
    assert "声V" not in terms and "vae的" not in terms


def test_what_pages_say_without_a_catalogue_is_said_in_chinese():
    page = (
        '<div class="sd-card-title sd-font-weight-bold">\n教程（英文）</div><p class="sd-card-text">…</p>'
        '<a class="sd-stretched-link" href="../en/tutorials/index.html"><span>../en/tutorials/index.html</span></a>'
        "<p><strong>Total running time of the script:</strong> (1 minutes 29.834 seconds)</p>"
    )
    said = translations.said(page)
    assert "<span>教程（英文）</span>" in said and 'href="../en/tutorials/index.html"' in said
    assert "<strong>脚本运行用时：</strong>1 分 29.834 秒" in said


def test_the_text_for_programs_begins_with_what_there_is(tmp_path):
    (tmp_path / "texts" / "api").mkdir(parents=True)
    (tmp_path / "texts" / "api" / "models.txt").write_text("Models\n******\n\nEach an estimator, they say.\n")
    (tmp_path / "texts" / "index.txt").write_text("aevum\n*****\n\nAuto-encoders and their kind. More.\n")
    (tmp_path / "site").mkdir()
    llms.write(tmp_path / "texts", tmp_path / "site")
    listed = (tmp_path / "site" / "llms.txt").read_text(encoding="utf-8").split("\n\n")[-1].strip().split("\n")
    assert listed == [
        "- [aevum](en/index.html): Auto-encoders and their kind.",
        "- [Models](en/api/models.html): Each an estimator, they say.",
    ]
    assert "Each an estimator" in (tmp_path / "site" / "llms-full.txt").read_text(encoding="utf-8")


def named() -> dict[str, set[str]]:
    """The names that the pages of the reference list, by module."""
    found: dict[str, set[str]] = {}
    for page in API.glob("*.rst"):
        module = ""
        for line in page.read_text(encoding="utf-8").split("\n"):
            if line.startswith(".. currentmodule::"):
                module = line.split()[-1]
            elif match := re.fullmatch(r"   ([A-Za-z_.]+)|\.\. autodata:: (\w+)", line):
                found.setdefault(module, set()).add(match[1] or match[2])
    return found


@pytest.mark.parametrize("module", ["aevum", "aevum.evaluation", "aevum.exploration", "aevum.typing"])
def test_every_public_name_is_in_the_reference(module):
    assert not set(importlib.import_module(module).__all__) - named()[module]


def test_the_reference_names_what_there_is_and_it_says_what_it_is():
    for module, names in named().items():
        for name in names if module else ():
            value = importlib.import_module(module)
            for part in name.split("."):
                value = getattr(value, part) if hasattr(value, part) else importlib.import_module(f"{module}.{part}")
            assert module == "aevum.typing" or inspect.getdoc(value), f"{module}.{name} says nothing"


def test_what_a_fit_sets_is_in_the_documentation_of_the_class():
    attributes = {name: kind.__doc__.partition("Attributes:")[2] for name, kind in vars(aevum.recipes).items()
                  if inspect.isclass(kind)}  # fmt: skip
    assert "    codes_ (" in attributes["AE"] and "    codes_ (" not in attributes["VAE"]
    assert "    classes_ (" in attributes["CVAE"] and "    classes_ (" not in attributes["VAE"]
    assert all("    model_ (LatentVariableModel): " in text for text in attributes.values())


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_what_the_documentation_says_that_a_fit_sets_is_there_after_it():
    model = aevum.CVAE(latent_dim=1, epochs=1, hidden=8, random_state=0, likelihood="gaussian")
    model.fit([[float(i), float(i % 7)] for i in range(40)], [i % 2 for i in range(40)])
    for name in re.findall(r"^    (\w+_) \(", aevum.CVAE.__doc__.partition("Attributes:")[2], re.MULTILINE):
        assert hasattr(model, name), name
