# SPDX-License-Identifier: Apache-2.0
"""Every page, in both languages: what a citizen sees at 360 and 1280 px, without sideways scroll at 320, light, and with
nothing that axe-core would find. The screenshots lie in build/check/screens/.

Under a sanitizer each page is made and shown, but not judged: its HTML and its style are the plain build's, where they are."""
import secrets
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from judge import LANGUAGES, SCREENS, judge
from lib.flavour import SANITIZED
from steps import CODE, PASSWORD, aged, give_code, give_password, sign_in

CALLBACK = "https://agency.example.th/callback"


@pytest.fixture(scope="module")
def client(stack):
    """An agency that asks for consent and for much, so that the pages have much to say."""
    stack.apply({"clients": [{
        "client_id": "permits",
        "client_name": "The Office of Permits",
        "client_name#th": "สำนักงานใบอนุญาต",
        "client_name#en": "The Office of Permits",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": ["https://agency.example.th/bye"],
        "token_endpoint_auth_method": "client_secret_basic",
        "client_secret": "0123456789abcdef0123456789abcdef",
        "scope": "openid profile email phone address national_id",
    }]})
    return "permits"


class Walk:
    """A tab on its way to a page, with the words to get there."""

    def __init__(self, stack, page, client):
        self.stack, self.page, self.client = stack, page, client
        self.citizen = stack.sandbox("somying")

    def ask(self, **more):
        wanted = {
            "client_id": self.client, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": "openid profile email phone address national_id", "state": "s", **more,
        }
        return self.page.goto(f"{self.stack.issuer}/authorize?{urlencode(wanted)}")

    def password(self):
        self.ask()
        self.page.locator(PASSWORD).wait_for()

    def password_wrong(self):
        self.password()
        # A name that nobody has, and another each time: no delay is met or made.
        nobody = f"nobody{secrets.randbelow(10**12)}"
        give_password(self.page, self.citizen, login=nobody, password="wrong-wrong-wrong")
        self.page.locator("[role=alert], [aria-invalid=true]").first.wait_for()

    def factor(self):
        self.password()
        give_password(self.page, self.citizen)
        self.page.locator(CODE).wait_for()

    def factor_wrong(self):
        self.factor()
        give_code(self.page, self.citizen, code="000000")
        self.page.locator("[role=alert], [aria-invalid=true]").first.wait_for()

    def notice(self):
        self.factor()
        self.stack.sql(
            "INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures)"
            " SELECT citizen_id, 'totp', sha256('a stranger''s'), false, 3 FROM vault.identifier i JOIN idp.citizen c"
            " USING (citizen_id) WHERE i.kind = 'alias' AND c.claims ->> 'name' LIKE 'สมหญิง%%'"
            " ON CONFLICT (citizen_id, kind, device_hash) DO UPDATE SET told = 0"
        )
        give_code(self.page, self.citizen)
        self.page.locator("form[action='/signin/notice']").wait_for()

    def consent(self):
        self.ask(prompt="consent")
        sign_in(self.page, self.citizen)
        self.page.locator("form[action$='/signin/consent']").wait_for()

    def account(self):
        self.signed_in()
        self.ask(prompt="select_account")
        self.page.locator("form[action$='/signin/account']").first.wait_for()

    def signed_in(self):
        self.page.goto(self.stack.issuer + "/")
        sign_in(self.page, self.citizen)
        self.page.wait_for_url(self.stack.issuer + "/")
        self.page.locator("text=สมหญิง รักไทย").first.wait_for()

    def start(self):
        self.page.goto(self.stack.issuer + "/")
        self.page.locator(PASSWORD).wait_for()

    def expired(self):
        self.password()
        self.page.goto(f"{self.stack.issuer}/signin?t={aged(self.stack, self.page)}")

    def unknown_transaction(self):
        self.page.goto(self.stack.issuer + "/signin?t=" + "A" * 43)

    def logout_confirm(self):
        self.signed_in()
        self.page.goto(self.stack.issuer + "/logout")
        self.page.locator("form[action='/logout/confirm']").wait_for()

    def signed_out(self):
        self.logout_confirm()
        self.page.locator("form[action='/logout/confirm'] button[value=yes]").click()
        self.page.wait_for_load_state()

    def help(self):
        self.start()
        self.page.locator("footer a[href='/help']").click()
        self.page.locator("h2#password").wait_for()

    def privacy(self):
        self.start()
        self.page.locator("footer a[href='/privacy']").click()
        self.page.locator("a[href^='https://identity.example.th/']").wait_for()

    def error_client(self):
        self.ask(client_id="no-such-agency")

    def error_redirect_uri(self):
        self.ask(redirect_uri=CALLBACK + "/elsewhere")

    def connect(self):
        self.page.goto(self.stack.issuer + "/connect")

    def not_found(self):
        self.page.goto(self.stack.issuer + "/no/such/page")


# page: the status that its last document comes with
PAGES = {
    "start": 200, "password": 200, "password_wrong": None, "factor": 200, "factor_wrong": None, "notice": 200, "consent": 200,
    "account": 200, "signed_in": 200, "expired": None, "unknown_transaction": None, "logout_confirm": 200,
    "connect": 200, "help": 200, "privacy": 200, "signed_out": None, "error_client": 400, "error_redirect_uri": 400, "not_found": 404,
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page(stack, browser, client, name, lang):
    page = browser(width=360, locale=LANGUAGES[lang]).new_page()
    answers, troubles = [], []
    page.on("response", lambda r: r.request.is_navigation_request() and answers.append(r))
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    getattr(Walk(stack, page, client), name)()

    last = [a for a in answers if not 300 <= a.status < 400][-1]
    if PAGES[name]:
        assert last.status == PAGES[name]
    assert last.url.startswith(stack.issuer), "an error page never leaves Pratu"
    judge(page, name, lang)
    assert [t for t in troubles if "Content Security Policy" in t] == []


def test_a_long_list_folds(stack, browser, client):
    """Without script; what is folded has the citizen's values too."""
    one = Walk(stack, browser(java_script_enabled=False, locale="en-GB").new_page(), client)
    one.consent()
    page = one.page
    folded = page.locator("details ul.claims li")
    assert folded.count() >= 3 and not folded.first.is_visible()
    assert page.locator("ul.claims").first.locator("li").count() == 7, "the reference, and six claims"
    page.locator("details summary").click()
    assert folded.first.is_visible() and "3100501234563" not in page.inner_text("main")
    assert "somying@example.th" in page.inner_text("details") and "12 ถนนนิมมานเหมินท์" in page.inner_text("details")


def agency_pages(stack, browser, lang):
    page = browser(width=360, locale=LANGUAGES[lang]).new_page()
    page.goto(stack.revenue + "/")
    sign_in(page, stack.sandbox("somying"))
    page.wait_for_url(stack.revenue + "/")
    yield "agency", page
    page.goto(stack.revenue + "/signed-out")
    yield "agency_signed_out", page


def test_the_agencies_pages_too(stack, browser):
    for name, page in agency_pages(stack, browser, "th"):
        if SANITIZED:
            continue
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENS / f"{name}-360.png", full_page=True)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 360, "height": 800})
