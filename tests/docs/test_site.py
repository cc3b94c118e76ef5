"""The built site in a real browser: what `make docs` left in build/site; where it wasn't run, these tests skip."""

from __future__ import annotations

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

SITE = Path(__file__).resolve().parents[2] / "build" / "site"
PHONE, PROJECTOR = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
CHAPTERS = sorted((SITE / "en" / "learn").glob("plot_*.html"))
PAGES = [
    "en/index.html",
    "en/learn/index.html",
    "en/learn/plot_6_evidence.html",
    "en/choosing.html",
    "en/exploring.html",
    "en/scoreboard.html",
    "en/glossary.html",
    "en/api/generated/aevum.VAE.html",
    "zh/index.html",
    "zh/glossary.html",
]

pytestmark = pytest.mark.skipif(not (SITE / "zh" / "index.html").exists(), reason="the site is not built: make docs")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """A server that says nothing."""


@pytest.fixture(scope="module")
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(browser, address):
    """Open a page of the site; it may ask nothing of the network but this server, and complain of nothing."""
    contexts, complaints = [], []
    own = (f"{address}/", "data:", "blob:")

    def call(path, **options):
        context = browser.new_context(**{"viewport": PROJECTOR, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(own) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield call
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def axe():
    reason = "axe-playwright-python is not installed"
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason=reason).Axe()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_for_axe_to_find(opened, axe, path, scheme):
    page = opened(path, color_scheme=scheme)
    page.wait_for_timeout(400)
    found = axe.run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    assert [f"{each['id']} {each['nodes'][0]['html'][:160]}" for each in found] == []


@pytest.mark.parametrize("path", [*PAGES, "en/project/benchmarks.html", "en/tutorials/plot_missing_cells.html"])
def test_a_page_fits_a_phone(opened, path):
    page = opened(path, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", [f"en/learn/{page.name}" for page in CHAPTERS])
def test_formulas_are_set_and_pictures_are_there(opened, path):
    page = opened(path)
    page.wait_for_selector("mjx-container")
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 0
    assert page.locator("mjx-merror, .math mjx-utext[variant=error]").count() == 0
    page.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every(each => each.naturalWidth > 0)")


def found_by(page):
    """The pages that a search names, the best first."""
    page.wait_for_selector("#search-results li a")
    page.wait_for_function("!/^(Searching|搜索中)/.test(document.querySelector('#search-results h2').innerText)")
    hrefs = [each.get_attribute("href") for each in page.locator("#search-results li > a").all()]
    return [href.split("#")[0].split("?")[0].removesuffix(".html") for href in hrefs]


@pytest.mark.parametrize(
    ("asked", "best"),
    [
        ("reparameterization", "learn/plot_3_noise"),
        ("confidence interval", "glossary"),
        ("predictive interval", "api/generated/aevum.evaluation.calibration"),
        ("resume", "tutorials/plot_resume"),
    ],
)
def test_the_search_finds_without_a_network(opened, asked, best):
    assert best in found_by(opened(f"en/search.html?q={asked}"))[:2]


@pytest.mark.parametrize(
    "word", ["噪声", "高斯", "生成", "似然", "后验", "压缩", "重参数化", "证据", "条件", "梯度", "码率", "VAE 噪声"]
)
def test_a_chinese_word_finds_each_page_on_which_it_stands(opened, word):
    parts = word.split()
    standing = {
        path.relative_to(SITE / "zh").with_suffix("").as_posix()
        for path in [*(SITE / "zh").glob("learn/*.html"), SITE / "zh" / "index.html", SITE / "zh" / "glossary.html"]
        if all(part in article(path) for part in parts)
    }
    assert standing and standing <= set(found_by(opened(f"zh/search.html?q={word}")))


def article(path):
    """The words of a page between its navigation."""
    text = path.read_text(encoding="utf-8")
    body = text[text.index('<article class="bd-article">') : text.index("</article>")]
    return re.sub(r"<pre.*?</pre>|<[^>]+>", "", body, flags=re.DOTALL)


def test_english_pages_say_that_the_other_language_has_its_first_page_only(opened):
    assert opened("en/choosing.html").locator("a.language >> visible=true").inner_text() == "中文首页"
    assert opened("en/glossary.html").locator("a.language >> visible=true").inner_text() == "简体中文"


def test_the_chinese_site_leads_to_what_it_lacks_and_says_so(opened):
    page = opened("zh/learn/index.html")
    page.locator("a.others >> visible=true").click()
    page.wait_for_url("**/en/guide.html")


def test_no_english_of_the_theme_is_left_in_chinese():
    left = (
        r"Collapse Sidebar|Expand Sidebar|Download (source|Jupyter|zipped)|Total running time|>\.\./en/|Choose version"
    )
    pages = [page for page in (SITE / "zh").rglob("*.html") if "_static" not in page.parts]
    assert [page.name for page in pages if re.search(left, page.read_text(encoding="utf-8"))] == []


def test_what_the_theme_ships_unrendered_is_left_out():
    assert [page for page in SITE.rglob("*.html") if "{%" in page.read_text(encoding="utf-8")[:200]] == []


@pytest.mark.parametrize("path", ["en/scoreboard.html", "en/choosing.html", "en/page.html", "en/tables.html"])
def test_a_table_that_is_cut_off_fades_where_there_is_more(opened, path):
    page = opened(path, viewport=PHONE)
    wide = (
        "each => [each.scrollWidth > each.clientWidth + 1, each.classList.contains('more-after'), each.tabIndex === 0]"
    )
    found = page.evaluate(f"[...document.querySelectorAll('.pst-scrollable-table-container')].map({wide})")
    assert found and all(cut == fades == reached for cut, fades, reached in found)
    page.evaluate("for (const each of document.querySelectorAll('.more-after')) each.scrollLeft = 1e5")
    page.wait_for_function("!document.querySelector('.more-after')")


@pytest.mark.parametrize(
    "anchor",
    ["on-a-page", "inside", "traits", "can-it-generate", "training", "a-tour", "words-and-languages", "in-one-file"],
)
def test_anchors_of_the_page_on_exploring_are_there_still(anchor):
    assert f'id="{anchor}"' in (SITE / "en" / "exploring.html").read_text(encoding="utf-8")


def test_the_other_language_is_one_click_away(opened):
    page = opened("en/glossary.html")
    page.locator("a.language").locator("visible=true").click()
    page.wait_for_url("**/zh/glossary.html")
    assert page.locator("html").get_attribute("lang").startswith("zh") and "先验" in page.inner_text("article")
    page.locator("a.language").locator("visible=true").click()
    page.wait_for_url("**/en/glossary.html")
    page.goto(page.url.replace("glossary", "choosing"))
    page.locator("a.language").locator("visible=true").click()
    page.wait_for_url("**/zh/index.html")


def test_the_way_in_leads_to_the_reader_s_language(opened):
    opened("index.html", locale="zh-CN").wait_for_url("**/zh/index.html")
    opened("index.html", locale="fr-FR").wait_for_url("**/en/index.html")


def test_models_are_walked_through_in_the_reader_s_language_without_an_installation(opened, started):
    """A VAE, an AE and a CVAE in one file, which opens with its tour and computes in the browser."""
    page = opened("zh/index.html")
    page.locator("a.try").locator("visible=true").click()
    page.wait_for_url("**/try/digits.html?lang=zh#*")
    started(page)
    page.get_by_role("heading", name="压缩").wait_for()
    page.get_by_role("definition").first.wait_for()  # a picture is decoded
    assert page.get_by_role("combobox").first.locator("option").all_inner_texts() == ["VAE", "AE", "CVAE"]


def test_the_menu_of_versions_stays_within_the_language(opened):
    for language in ("en", "zh"):
        page = opened(f"{language}/glossary.html")
        page.locator(".version-switcher__button").locator("visible=true").click()
        found = page.locator(".version-switcher__menu a").locator("visible=true")
        assert urlsplit(found.first.get_attribute("href")).path == f"/{language}/glossary.html"


def test_each_link_within_the_site_leads_somewhere():
    links = {
        (page, target)
        for page in SITE.rglob("*.html")
        if "_static" not in page.parts
        for target in re.findall(r'(?:href|src)="([^"#?:]+)["#?]', page.read_text(encoding="utf-8"))
    }
    lost = [(page, target) for page, target in links if not (page.parent / target).exists()]
    assert [f"{page.relative_to(SITE)} links to {target}" for page, target in lost] == []
