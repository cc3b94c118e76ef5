"""The pictures of the page in docs/images, taken in Chromium: ``python docs/screenshots.py --data ../shared/data``.

Trains a VAE and an auto-encoder of the digits, a conditional one of MNIST and one of the Olivetti faces (both in
``--data``), and one of wines, and shows each panel of ``aevum explore``. Needs playwright and Chromium; after it
``pngquant --quality 90-100 --nofs`` makes the files half as large.
"""

from __future__ import annotations

import argparse
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from aevum import AE, CVAE, VAE, FlowVAE, MixtureVAE, VampVAE, open_data
from aevum.data import Dataset
from aevum.estimators import Snapshots
from aevum.server import Explorer, Run, Watch
from aevum.server.watching import SECONDS_BETWEEN

LEARNED = {"mixture": MixtureVAE, "vamp": VampVAE, "flow": FlowVAE}
BROWSERS = ("chromium-headless-shell", "chromium")
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
FOLDER = Path(__file__).parent / "images"
LARGE, WIDE, PHONE = {"width": 1600, "height": 900}, {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--priors", action="store_true", help="only the maps of learned priors")
    options = parser.parse_args()
    folder = options.data
    digits, wine = open_data("digits"), open_data("wine")
    priors(digits)
    if options.priors:
        return
    shots = Snapshots()
    vae = VAE(latent_dim=2, random_state=0, callbacks=[shots]).fit(digits)
    earlier = [Run(f"vae@{epoch}", "vae", shot, digits, digits.y, epoch=epoch) for epoch, shot in shots.found.items()]
    ae = AE(latent_dim=2, random_state=0).fit(digits)
    mnist = open_data("mnist", data_dir=folder / "mnist")
    cvae = CVAE(latent_dim=8, beta=3, epochs=10, random_state=0, likelihood="bernoulli", binarize="soft").fit(mnist)
    table = VAE(latent_dim=3, random_state=0).fit(wine)
    with np.load(folder / "olivetti.npz") as data:
        faces, glasses = data["x"], data["glasses"]
    faced = VAE(latent_dim=32, random_state=0).fit(faces)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        pictures(
            browser,
            vae.explore(digits, inline=False, open_browser=False),
            {"map": lattice, "hover": hover, "morph": morph, "share": share, "inside": inside, "training": training},
        )
        pictures(browser, vae.explore(digits, inline=False, open_browser=False), {"draw": draw}, viewport=LARGE)
        tours(browser, vae, digits)
        run = Run("vae", "runs/digits", vae, digits, digits.y, checkpoints=earlier)
        pictures(browser, Explorer([run]).start(), {"epochs": epochs})
        live(browser, digits)
        pictures(browser, vae.explore(digits, inline=False, open_browser=False), {"dark": lattice}, color_scheme="dark")
        pictures(browser, vae.explore(digits, inline=False, open_browser=False), {"phone": lattice}, viewport=PHONE)
        pictures(browser, cvae.explore(mnist, inline=False, open_browser=False), {"condition": condition})
        pictures(browser, table.explore(wine, inline=False, open_browser=False), {"table": tab("Sliders")})
        pages = faced.explore(faces, np.where(glasses, "glasses", "none"), inline=False, open_browser=False)
        pictures(browser, pages, {"sliders": tab("Sliders"), "traits": traits})
        pictures(
            browser,
            vae.explore(digits, beside={"AE": ae}, inline=False, open_browser=False),
            {"runs": side_by_side, "generate": generate},
            viewport=LARGE,
        )
        browser.close()


def priors(digits: Dataset) -> None:
    """The map of each model with a prior of its own: the digits' codes, and the regions of that prior's density."""
    fitted = {name: kind(2, random_state=0).fit(digits) for name, kind in LEARNED.items()}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for name, model in fitted.items():
            served = model.explore(digits, inline=False, open_browser=False)
            pictures(browser, served, {f"prior-{name}": regions})
        browser.close()


def pictures(browser: Browser, served, wanted: dict[str, Callable[[Page], None]], **options) -> None:
    """One picture for each way of getting somewhere, all of one run."""
    with served as explorer:
        for name, arrange in wanted.items():
            picture(browser, explorer.url, name, arrange, **options)


def picture(browser: Browser, url: str, name: str, arrange: Callable[[Page], None], **options) -> None:
    context = browser.new_context(**{"viewport": WIDE, "device_scale_factor": 1.5, **options})
    page = context.new_page()
    page.goto(url)
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(1500)
    arrange(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / f"explore-{name}.png")
    context.close()


def live(browser: Browser, digits: Dataset) -> None:
    """A model in its third epoch, which waits until its picture is taken."""
    third, taken = threading.Event(), threading.Event()

    def wait(record: dict) -> None:
        if record["epoch"] < 3:
            time.sleep(1.1 * SECONDS_BETWEEN)  # each epoch is shown
        elif record["epoch"] == 3:
            third.set()
            taken.wait(60)

    watch = Watch(digits, digits.y, name="digits")
    model = VAE(latent_dim=2, epochs=8, random_state=0, callbacks=[watch, wait])
    fit = threading.Thread(target=lambda: model.fit(digits))
    fit.start()
    assert third.wait(60)
    assert watch.explorer is not None
    with watch.explorer as explorer:
        picture(browser, explorer.url, "live", drag)
        taken.set()
        fit.join()


def tab(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("tab", name=name).click()


def drag(page: Page) -> None:
    """Along an arc, so that there is a trail."""
    box = page.get_by_role("application", name=re.compile("Map of")).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    for step in range(30):
        angle = step / 12
        x, y = 0.48 - 0.18 * np.cos(angle), 0.6 - 0.25 * np.sin(angle)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(16)
    page.mouse.up()


def regions(page: Page) -> None:
    page.get_by_role("button", name="Prior", exact=True).click()


def lattice(page: Page) -> None:
    page.get_by_role("button", name="Lattice").click()
    drag(page)


def hover(page: Page) -> None:
    """A row that is pointed at: its original, its reconstruction, its neighbours."""
    box = page.get_by_role("application", name=re.compile("Map of")).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.35 * box["width"], box["y"] + 0.33 * box["height"])
    page.mouse.move(box["x"] + 0.36 * box["width"], box["y"] + 0.335 * box["height"], steps=4)


def condition(page: Page) -> None:
    """The same code as every class, and a mix of two."""
    tab("Condition")(page)
    drag(page)


def morph(page: Page) -> None:
    tab("Morph")(page)
    rows = "[0.94, 0.2]"  # shares of the data's rows
    page.evaluate(f"() => {{ const shares = {rows}; Math.random = () => shares.shift() ?? 0.5; }}")
    for end in "AB":
        page.get_by_role("group", name=re.compile(f"^{end}")).get_by_role("button", name="Random").click()
        page.wait_for_timeout(400)
    page.get_by_role("radio", name="Geodesic").check(force=True)


def draw(page: Page) -> None:
    tab("Draw")(page)
    box = page.get_by_role("application", name=re.compile("Drawing pad")).bounding_box()
    assert box is not None
    corners = [(0.3, 0.2), (0.7, 0.2), (0.5, 0.5), (0.4, 0.85)]  # a seven
    page.mouse.move(box["x"] + corners[0][0] * box["width"], box["y"] + corners[0][1] * box["height"])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=12)
    page.mouse.up()


def traits(page: Page) -> None:
    """Glasses on the average face: from all others to those with them, one and a half times as far."""
    tab("Traits")(page)
    panel = page.get_by_role("tabpanel")
    panel.get_by_role("combobox", name="With", exact=True).select_option(label="glasses")
    panel.get_by_role("button", name="Add").click()
    amount = panel.get_by_role("spinbutton", name=re.compile("amount")).first
    amount.fill("1.5")
    amount.press("Enter")


def share(page: Page) -> None:
    morph(page)
    page.get_by_role("button", name="Share", exact=True).click()


def epochs(page: Page) -> None:
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")


def inside(page: Page) -> None:
    """A row, with noise that takes its code to the rim of the posterior."""
    page.evaluate("location.hash = '#v=1&panel=inside&row=12&noise=1.6,-1.1&view=-1.2,-1.6,2.4'")


def training(page: Page) -> None:
    """A copy of the model, some epochs without the rate and some with it again."""
    page.evaluate("location.hash = '#v=1&panel=training'")
    for button, sigma in (("Take the KL away", 0.006), ("Put the KL back", 0.03)):
        page.get_by_role("button", name=button).click()
        below = "<" if sigma < 0.01 else ">"
        shown = "document.querySelector('[aria-label^=\"Median σ\"]')"
        page.wait_for_function(f"() => parseFloat({shown}?.ariaLabel.slice(9)) {below} {sigma}", timeout=120_000)
        page.wait_for_timeout(4000)
    page.get_by_role("button", name="Pause").click()


def tours(browser: Browser, vae: VAE, digits: Dataset) -> None:
    """The tour on a desk and in front of a room."""
    served = Explorer([Run("vae", "runs/digits", vae, digits, digits.y)]).start()
    pictures(browser, served, {"tour": cloud, "present": walk, "room": room}, viewport={"width": 1280, "height": 720})


def cloud(page: Page) -> None:
    page.evaluate("location.hash = '#v=1&run=vae&tour=3'")


def walk(page: Page) -> None:
    page.evaluate("location.hash = '#v=1&run=vae&tour=5&present=1'")


def room(page: Page) -> None:
    """In front of a room, in Chinese: without the KL σ goes to 0."""
    page.evaluate("location.hash = '#v=1&run=vae&panel=training&present=1'")
    page.get_by_role("button", name=re.compile("ZH|中文")).click()
    page.get_by_role("button", name="去掉 KL").click()
    sigma = "document.querySelector('.chart:last-child svg')?.ariaLabel.match(/中位数 ([0-9.]+)/)?.[1]"
    page.wait_for_function(f"() => parseFloat({sigma}) < 0.01", timeout=120_000)
    page.get_by_role("button", name="暂停").click()


def generate(page: Page) -> None:
    page.get_by_role("button", name="Can it generate?").click()


def side_by_side(page: Page) -> None:
    page.get_by_role("region", name="All runs").wait_for()
    drag(page)


if __name__ == "__main__":
    main()
