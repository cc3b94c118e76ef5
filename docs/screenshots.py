"""The pictures of the page in docs/images, taken in Chromium: ``python docs/screenshots.py --data ../shared/data``.

Trains a VAE and an auto-encoder of the digits, a conditional one, one of the Olivetti faces (in ``--data``) and one of
wines, and shows each panel of ``aevum explore``. Needs playwright and Chromium.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from aevum import AE, CVAE, VAE, open_data

FOLDER = Path(__file__).parent / "images"
LARGE, WIDE, PHONE = {"width": 1600, "height": 900}, {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    folder = parser.parse_args().data
    digits, wine = open_data("digits"), open_data("wine")
    vae = VAE(latent_dim=2, random_state=0).fit(digits)
    ae = AE(latent_dim=2, random_state=0).fit(digits)
    cvae = CVAE(latent_dim=4, random_state=0).fit(digits)
    table = VAE(latent_dim=3, random_state=0).fit(wine)
    with np.load(folder / "olivetti.npz") as data:
        faces, glasses = data["x"], data["glasses"]
    faced = VAE(latent_dim=32, random_state=0).fit(faces)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shots(
            browser,
            vae.explore(digits, inline=False, open_browser=False),
            {"map": lattice, "morph": morph, "draw": draw},
        )
        shots(browser, vae.explore(digits, inline=False, open_browser=False), {"dark": lattice}, color_scheme="dark")
        shots(browser, vae.explore(digits, inline=False, open_browser=False), {"phone": lattice}, viewport=PHONE)
        shots(browser, cvae.explore(digits, inline=False, open_browser=False), {"condition": tab("Condition")})
        shots(browser, table.explore(wine, inline=False, open_browser=False), {"table": tab("Sliders")})
        pages = faced.explore(faces, np.where(glasses, "glasses", "none"), inline=False, open_browser=False)
        shots(browser, pages, {"sliders": tab("Sliders"), "attributes": attributes})
        shots(
            browser,
            vae.explore(digits, beside={"AE": ae}, inline=False, open_browser=False),
            {"runs": side_by_side},
            viewport=LARGE,
        )
        browser.close()


def shots(browser: Browser, served, wanted: dict[str, Callable[[Page], None]], **options) -> None:
    """One picture for each way of getting somewhere, all of one run."""
    with served as explorer:
        for name, arrange in wanted.items():
            context = browser.new_context(**{"viewport": WIDE, "device_scale_factor": 1.5, **options})
            page = context.new_page()
            page.goto(explorer.url)
            page.get_by_role("definition").first.wait_for()
            page.wait_for_timeout(1500)
            arrange(page)
            page.wait_for_timeout(1500)
            page.screenshot(path=FOLDER / f"explore-{name}.png")
            context.close()


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


def lattice(page: Page) -> None:
    page.get_by_role("button", name="Lattice").click()
    drag(page)


def morph(page: Page) -> None:
    tab("Morph")(page)
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


def attributes(page: Page) -> None:
    """Glasses on the average face: from all others to those with them, one and a half times as far."""
    tab("Attributes")(page)
    panel = page.get_by_role("tabpanel")
    panel.get_by_role("combobox", name="With", exact=True).select_option(label="glasses")
    panel.get_by_role("button", name="Add").click()
    amount = panel.get_by_role("spinbutton", name=re.compile("amount")).first
    amount.fill("1.5")
    amount.press("Enter")


def side_by_side(page: Page) -> None:
    page.get_by_role("button", name="Side by side").click()
    page.wait_for_timeout(1500)
    drag(page)


if __name__ == "__main__":
    main()
