# SPDX-License-Identifier: Apache-2.0
"""Thai and English: ui_locales first, then Accept-Language, then Thai; and a switch on the page that stays."""
import json
from urllib.parse import urlencode

import pytest
from steps import PASSWORD
from lib.citizen import Page, get
from lib.stack import wait_until


def language(stack, ui_locales=None, accept=None):
    headers = {"Accept-Language": accept} if accept else {"Accept-Language": ""}
    wanted = {
        "client_id": "revenue", "redirect_uri": stack.revenue + "/oidc/callback", "response_type": "code",
        "scope": "openid", "code_challenge": "A" * 43, "code_challenge_method": "S256",
    }
    if ui_locales:
        wanted["ui_locales"] = ui_locales
    session = stack.session(**headers)
    answer = session.get(f"{stack.issuer}/authorize?{urlencode(wanted)}", timeout=30)
    assert answer.status_code == 200
    return Page(answer.text, answer.url).lang


@pytest.mark.parametrize(
    ("ui_locales", "accept", "lang"),
    [
        (None, None, "th"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "th,en;q=0.5", "th"),
        (None, "de,en;q=0.3,th;q=0.2", "en"),
        (None, "de", "th"),
        ("en", "th", "en"),
        ("th-TH", "en", "th"),
        ("xx-YY en", "th", "en"),
        ("xx", "en", "en"),
    ],
)
def test_choice(stack, ui_locales, accept, lang):
    assert language(stack, ui_locales, accept) == lang


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_switch_on_the_page_stays_and_keeps_the_place(stack, browser, javascript):
    page = browser(locale="th-TH", java_script_enabled=javascript).new_page()
    page.goto(stack.revenue + "/")
    page.locator(PASSWORD).wait_for()
    html = page.locator("html")
    assert html.get_attribute("lang") == "th"
    page.locator("header [lang=en]").click()
    page.locator("html[lang=en]").wait_for()
    assert page.locator(PASSWORD).count() == 1, "still the same step"
    page.reload()
    assert html.get_attribute("lang") == "en"
    page.goto(stack.customs + "/")
    page.locator("html[lang=en]").wait_for()


def test_error_page_names_what_finds_it_in_the_log(stack):
    answer = get(stack.session(), stack.issuer + "/authorize?client_id=no-such-agency")
    assert answer.status_code == 400
    text = Page(answer.text, answer.url).words()

    def logged():
        """Lines are written by a thread of their own."""
        lines = (json.loads(line) for line in stack.log.read_text().splitlines(keepends=True) if line.endswith("\n"))
        return any(line["correlation_id"] in text for line in lines if line.get("correlation_id"))

    wait_until(logged, what="the page's id in the log")
