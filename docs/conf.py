"""The site: `make docs`. The source is what docs/building/source.py gathers, for each language one folder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

import mathjax  # noqa: E402
import matplotlib  # noqa: E402
from docutils import nodes  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402
from sphinx.writers.text import TextTranslator  # noqa: E402
from sphinx_gallery.directives import imgsgnode  # noqa: E402

import aevum.typing  # noqa: E402
from aevum.version import VERSION  # noqa: E402

matplotlib.use("agg")

project, author = "aevum", "the aevum authors"
version = release = VERSION
language = os.environ.get("AEVUM_DOCS_LANGUAGE", "en")
copyright = "2026, the aevum authors; MIT licence" if language == "en" else "2026 aevum 作者；MIT 许可证"
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinx.ext.mathjax",
    "building.reference",
    "building.search",
]
templates_path = [str(HERE / "_templates")]
exclude_patterns = ["**/GALLERY_HEADER.rst", "sg_execution_times.rst", "**/sg_execution_times.rst"]
nitpicky = True

# --- pages
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence", "attrs_block"]
myst_heading_anchors = 4
# A page that a language lacks is linked in English, on the site beside: building/source.py.
myst_url_schemes = {"http": None, "https": None, "mailto": None, "english": {"url": "{{path}}#{{fragment}}"}}
suppress_warnings = ["config.cache"]  # sphinx-gallery's settings hold classes
# MathJax as the package has it, copied beside the pages: formulas need no network.
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}, "chtml": {"scale": 0.92}}
MATHJAX = Path(mathjax.__file__).parent / "static" / "mathjax" / "es5"

# --- API reference
autosummary_generate = True
autosummary_imported_members = False
autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_inherit_docstrings = True
# Here the aliases of types are types, so that signatures show their names and lead to what they stand for.
for alias in aevum.typing.__all__:
    setattr(aevum.typing, alias, type(alias, (), {"__module__": "aevum.typing"}))
napoleon_numpy_docstring = False
napoleon_use_admonition_for_examples = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 88

# --- what is defined elsewhere: names that we refer to, listed in files of our own, so that no build asks the network
intersphinx_mapping = {
    "python": ("https://docs.python.org/3/", str(HERE / "inventories" / "python.inv")),
    "numpy": ("https://numpy.org/doc/stable/", str(HERE / "inventories" / "numpy.inv")),
    "torch": ("https://docs.pytorch.org/docs/stable/", str(HERE / "inventories" / "torch.inv")),
    "sklearn": ("https://scikit-learn.org/stable/", str(HERE / "inventories" / "sklearn.inv")),
    "pandas": ("https://pandas.pydata.org/docs/", str(HERE / "inventories" / "pandas.inv")),
    "scipy": ("https://docs.scipy.org/doc/scipy/", str(HERE / "inventories" / "scipy.inv")),
}
if language != "en":
    intersphinx_mapping["aevum"] = ("../en/", os.environ["AEVUM_DOCS_ENGLISH"])

# --- galleries
from building import source, translations  # noqa: E402

# Of another language, the examples that it has; they were executed for the English site.
translated = source.translated(language)
folders = [each for each in source.GALLERIES if language == "en" or f"{each}/index" in translated]
untranslated = (
    []
    if language == "en"
    else [path.name for each in folders for path in source.written_in(each) if f"{each}/{path.stem}" not in translated]
)
sphinx_gallery_conf = {
    "examples_dirs": [str(HERE / folder) for folder in folders],
    "gallery_dirs": folders,
    "filename_pattern": r"plot_",
    "ignore_pattern": "|".join(["__init__", *untranslated]),
    "within_subsection_order": "FileNameSortKey",
    "reset_modules": ("building.examples.reset",),
    "parallel": 2,
    "min_reported_time": 10,
    "show_memory": False,
    "show_signature": False,
    "remove_config_comments": True,
    "download_all_examples": False,
    "image_srcset": [],
    "thumbnail_size": (360, 250),
    "compress_images": (),
    "matplotlib_animations": False,
    "capture_repr": ("_repr_html_",),
    "abort_on_example_error": True,
    "only_warn_on_example_error": False,
    "nested_sections": False,
    "write_computation_times": False,
    "backreferences_dir": "api/examples" if language == "en" else None,
    "doc_module": ("aevum",),
    "inspect_global_variables": False,
}

# --- looks
html_theme = "pydata_sphinx_theme"
html_title = f"aevum {VERSION}"
html_static_path = [str(HERE / "_static")]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = None
html_context = {
    "default_mode": "auto",
    "languages": LANGUAGES,
    "homes": {"zh_CN": "中文首页"},
    "lacking": {"zh_CN": "本页没有中文版；前往中文首页"},
    "translated": sorted({*source.translated("zh_CN"), "search", "genindex"}),
}
html_sidebars = {"index": [], "glossary": [], "search": []}
html_theme_options = {
    "logo": {"text": "aevum"},
    "navbar_align": "left",
    "navbar_center": ["navbar-nav", *([] if language == "en" else ["others"]), "try"],
    "navbar_end": ["languages", "version-switcher", "theme-switcher"],
    "header_links_before_dropdown": 6,
    "switcher": {
        # From the site's root: a page of a folder may be asked for without its name.
        "json_url": f"{source.ADDRESS}{'en' if language == 'en' else 'zh'}/_static/switcher.json",
        "version_match": VERSION,
    },
    "check_switcher": False,
    "show_version_warning_banner": False,
    "show_toc_level": 2,
    "collapse_navigation": True,
    "navigation_with_keys": False,
    "search_bar_text": "Search" if language == "en" else "搜索",
    "primary_sidebar_end": [],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc", "sg_download_links"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# --- Chinese
locale_dirs = [os.environ.get("AEVUM_DOCS_LOCALE", str(HERE / "locale"))]
gettext_compact = False
gettext_uuid = False


def with_mathjax(app: Sphinx, error: Exception | None) -> None:
    """The one script and the fonts that the pages load."""
    if error is None and app.builder.format == "html":
        to = Path(app.outdir) / "_static" / "mathjax"
        fonts = Path("output", "chtml", "fonts", "woff-v2")
        shutil.copytree(MATHJAX / fonts, to / fonts, dirs_exist_ok=True)
        shutil.copy2(MATHJAX / "tex-chtml.js", to)
        for source_map in Path(app.outdir).glob("_static/*/*.map"):
            source_map.unlink()
        # A template of the theme, which it ships among its files.
        (Path(app.outdir) / "_static" / "webpack-macros.html").unlink(missing_ok=True)


def as_lines(signature: str) -> str:
    """The same with elements that mean nothing."""
    plain = re.sub(r"<(/?)d[ld]>", r"<\1div>", signature)
    return plain.replace("\n<div>", '\n<div class="sig-lines">', 1)


def with_lines(app: Sphinx, error: Exception | None) -> None:
    """A signature's parameters as lines, and no list of definitions that define nothing."""
    if error is not None or app.builder.format != "html":
        return
    for page in (Path(app.outdir) / "api" / "generated").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        lines = re.sub(r'<dt class="sig.*?</dt>', lambda found: as_lines(found[0]), text, flags=re.DOTALL)
        if lines != text:
            page.write_text(lines, encoding="utf-8")


def mended(app: Sphinx, error: Exception | None) -> None:
    """What is written wrong for a language beside English: links from examples, and words that no catalogue has."""
    if error is not None or app.builder.format != "html" or language == "en":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if page.parent.name in source.GALLERIES:
            text = text.replace('"../en/api/', '"../../en/api/')
        page.write_text(translations.said(text), encoding="utf-8")


def with_titles(app: Sphinx, page: str, text: list[str]) -> None:
    """The titles that a gallery's page shows as they are written."""
    if language != "en" and page in (f"{each}/index" for each in source.GALLERIES):
        text[0] = translations.titled(text[0], source.LOCALE / language / "LC_MESSAGES")


def in_words(translator: TextTranslator, node: nodes.Element) -> None:
    """A figure, in text for programs: there is none."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """What Sphinx calls."""
    app.registry.add_translation_handlers(imgsgnode, text=(in_words, None))
    app.connect("source-read", with_titles)
    app.connect("build-finished", with_mathjax)
    app.connect("build-finished", with_lines)
    app.connect("build-finished", mended, priority=900)
