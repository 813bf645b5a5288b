# SPDX-License-Identifier: Apache-2.0
"""What a citizen does in a browser, in the words of the tests. Fields are found as an assistive tool finds them."""
import re

from lib.transaction import DEVICE, Sealer

USERNAME = "input[autocomplete=username]"
PASSWORD = "input[autocomplete=current-password]"
CODE = "input[autocomplete=one-time-code]"
NOTICE = "form[action='/signin/notice']"


def submit(page, field):
    """Press the main button of the form that holds this field."""
    page.locator(f"form:has({field}) button[type=submit], form:has({field}) button:not([type])").first.click()


def give_password(page, citizen, login=None, password=None):
    page.locator(USERNAME).fill(login or citizen.login)
    page.locator(PASSWORD).fill(password or citizen.password)
    submit(page, PASSWORD)


def give_code(page, citizen, code=None):
    page.locator(CODE).fill(code or citizen.code())
    submit(page, CODE)


def sign_in(page, citizen):
    """Password and code, from Pratu's first page on; and Continue, if wrong codes of another test are told of."""
    give_password(page, citizen)
    page.locator(CODE).wait_for()
    give_code(page, citizen)
    page.locator(CODE).wait_for(state="detached")
    page.wait_for_load_state()
    if page.locator(NOTICE).count():
        submit(page, "[name=t]")


def allow(page):
    """Consent to what the page names."""
    page.locator("form[action='/signin/consent'] button[value=allow]").click()


def cancel(page):
    page.locator("a[href*='&cancel=']").first.click()


def at(page, base: str):
    """Wait until the browser stands at a server."""
    page.wait_for_url(re.compile(re.escape(base) + "(/|$)"))


def known(page, agency: str) -> str:
    """The name by which an agency greets, once it does."""
    at(page, agency)
    return page.locator("#name").inner_text()


def aged(stack, page, seconds=3600) -> str:
    """The transaction of the page that is shown, begun so much earlier, as if the page had been left open."""
    [device] = [c["value"] for c in page.context.cookies() if c["name"] == DEVICE]
    return Sealer(stack.dir / "key", device).aged(page.locator("[name=t]").first.input_value(), seconds)


class Trail:
    """Every page that a tab showed or passed through, so that a test can say what a citizen did not meet."""

    def __init__(self, page):
        self.urls = []
        page.on("request", lambda r: r.is_navigation_request() and self.urls.append(r.url))

    def asked(self, issuer: str) -> bool:
        """Whether Pratu put up a sign-in page since the last clear()."""
        return any(u.startswith(issuer + "/signin") for u in self.urls)

    def clear(self):
        self.urls.clear()
