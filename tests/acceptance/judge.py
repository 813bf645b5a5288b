# SPDX-License-Identifier: Apache-2.0
"""What holds of every page that a citizen sees."""
import pathlib
import re

from axe_playwright_python.sync_playwright import Axe
from lib.flavour import SANITIZED

SCREENS = pathlib.Path("build/check/screens")
FIRST_PAINT_BYTES = 30 * 1024
LANGUAGES = {"th": "th-TH", "en": "en-GB"}


def weight(page) -> int:
    """Bytes of everything that a first visit of this page loads, as it went over the wire."""
    sizes = page.evaluate(
        "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
        ".map(e => e.encodedBodySize)"
    )
    return sum(sizes)


def judge(page, name, lang):
    """What holds of every page; leaves its screenshots behind."""
    assert page.locator("html").get_attribute("lang") == lang
    assert page.title().strip()
    assert page.locator("h1").count() == 1
    has_thai = re.search("[\u0e00-\u0e7f]", page.inner_text("h1")) is not None
    assert has_thai == (lang == "th")
    if SANITIZED:
        return

    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}-{lang}-360.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, "sideways scroll"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.screenshot(path=SCREENS / f"{name}-{lang}-1280.png", full_page=True)
    boxes = [b.bounding_box() for b in page.locator("form.choice > button").all()]
    beside = [b for b in boxes if b["x"] != boxes[0]["x"]]
    assert all(b["y"] == boxes[0]["y"] and b["height"] == boxes[0]["height"] for b in beside), "buttons of one row"
    assert weight(page) < FIRST_PAINT_BYTES
