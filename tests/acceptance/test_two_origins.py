# SPDX-License-Identifier: Apache-2.0
"""An agency whose callback leads on to another origin (an application behind an API, a broker) is reached from every form
and link of ours, in Chromium, which applies form-action to each redirect behind a form."""
import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from steps import CODE, PASSWORD, cancel, give_code, give_password, sign_in

MODES = ["query", "form_post"]
SCOPE = "openid profile"


@contextlib.contextmanager
def server(answer):
    """Answers each request by answer(handler, what was sent as query or form); gives its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            answer(self, self.rfile.read(length).decode() or urlsplit(self.path).query)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://localhost:{made.server_port}"
        made.shutdown()
        thread.join()


def show(handler, _sent):
    body = b"<!doctype html><title>app</title>here"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture(scope="module")
def agency(stack):
    """Origins of its callback and of its application; what the callback gets goes on to the application."""
    with server(show) as app:

        def lead_on(handler, sent):
            handler.send_response(303)
            handler.send_header("Location", f"{app}/?{sent}")
            handler.end_headers()

        with server(lead_on) as api:
            for name, asks in (("plain-app", False), ("asking-app", True)):
                stack.apply({"clients": [{
                    "client_id": name, "client_name": name, "redirect_uris": [api + "/cb"],
                    "post_logout_redirect_uris": [api + "/bye"], "require_consent": asks, "scope": SCOPE,
                    "token_endpoint_auth_method": "none",
                }]})  # fmt: skip
            yield api, app


class Tab:
    """One tab, and what it says of policies."""

    def __init__(self, stack, agency, page, mode):
        self.stack, self.page, self.mode, (self.api, self.app) = stack, page, mode, agency
        self.barred = []
        page.on("console", lambda m: "Content Security Policy" in m.text and self.barred.append(m.text))
        self.citizen = stack.sandbox("somying")

    def ask(self, client="plain-app", **more):
        wanted = {
            "client_id": client, "redirect_uri": self.api + "/cb", "response_type": "code", "scope": SCOPE, "state": "s",
            "response_mode": self.mode, "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256", **more,
        }  # fmt: skip
        self.page.goto(f"{self.stack.issuer}/authorize?{urlencode(wanted)}")

    def arrived(self) -> dict:
        """What reached the application, once it shows itself."""
        self.page.wait_for_url(self.app + "/?**")
        assert self.barred == []
        return {k: v[0] for k, v in parse_qs(urlsplit(self.page.url).query).items()}

    def denied(self):
        got = self.arrived()
        assert got["error"] == "access_denied" and got["state"] == "s" and got["iss"] == self.stack.issuer


@pytest.fixture
def tabs(stack, agency, browser):
    """Makes tabs of one fresh browser."""
    context = browser(locale="en-GB")
    return lambda mode="query": Tab(stack, agency, context.new_page(), mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_sign_in_arrives(tabs, mode):
    tab = tabs(mode)
    tab.ask()
    sign_in(tab.page, tab.citizen)
    assert tab.arrived()["code"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("step", [PASSWORD, CODE])
def test_cancel_arrives(tabs, mode, step):
    tab = tabs(mode)
    tab.ask()
    if step == CODE:
        give_password(tab.page, tab.citizen)
    tab.page.locator(step).wait_for()
    cancel(tab.page)
    tab.denied()


@pytest.mark.parametrize("mode", MODES)
def test_a_consent_arrives_given_or_not(tabs, mode):
    tab = tabs(mode)
    tab.ask("asking-app", prompt="consent")
    sign_in(tab.page, tab.citizen)
    tab.page.locator("form[action='/signin/consent'] button").click()
    assert tab.arrived()["code"]
    tab.ask("asking-app", prompt="consent")
    tab.page.locator("form[action='/signin/consent']").wait_for()
    cancel(tab.page)
    tab.denied()


def test_a_confirmed_sign_out_arrives(tabs, stack):
    tab = tabs()
    tab.ask()
    sign_in(tab.page, tab.citizen)
    tab.arrived()
    back = {"client_id": "plain-app", "post_logout_redirect_uri": tab.api + "/bye", "state": "out"}
    tab.page.goto(f"{stack.issuer}/logout?{urlencode(back)}")
    tab.page.locator("form[action='/logout/confirm'] button[value=yes]").click()
    assert tab.arrived() == {"state": "out"}


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("choice", ["same", "other"])
def test_a_password_typed_after_another_tab_signed_in(tabs, stack, right, choice):
    """The page with the password answers to us alone: the citizen, who is signed in by now, chooses first."""
    tab, other = tabs(), tabs()
    tab.ask()
    other.ask()
    sign_in(other.page, other.citizen)
    other.arrived()
    give_password(tab.page, tab.citizen, password=None if right else "wrong-wrong-wrong")
    tab.page.locator(f"form[action='/signin/account'] button[value={choice}]").click()
    if choice == "other":
        if not right:
            stack.sql("DELETE FROM vault.throttle")
            give_password(tab.page, tab.citizen)
        give_code(tab.page, tab.citizen)
        tab.page.locator(CODE).wait_for(state="detached")
    assert tab.arrived()["code"]


def test_the_language_of_a_page_left_open_while_another_tab_signed_in(tabs):
    tab, other = tabs(), tabs()
    tab.ask()
    other.ask()
    sign_in(other.page, other.citizen)
    other.arrived()
    tab.page.locator("header button[lang=th]").click()
    tab.page.locator("html[lang=th] button[value=same]").click()
    assert tab.arrived()["code"]


def test_only_the_page_with_the_password_is_held_to_us(tabs):
    tab = tabs()
    policies = []
    tab.page.on("response", lambda r: policies.append(r.headers.get("content-security-policy", "")))
    tab.ask()
    assert [p for p in policies if p.endswith("; form-action 'self'")]
    policies.clear()
    give_password(tab.page, tab.citizen)
    tab.page.locator(CODE).wait_for()
    assert policies and not [p for p in policies if "form-action" in p]
