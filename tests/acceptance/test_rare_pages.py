# SPDX-License-Identifier: Apache-2.0
"""Pages that few citizens meet, and ways back to an agency that a browser's rules could bar."""
from urllib.parse import urlencode

import pytest
from steps import CODE, PASSWORD, USERNAME, give_code, give_password, sign_in
from test_pages import CALLBACK, LANGUAGES, Walk, judge

AGENCY = "https://agency.example.th"
PORTAL = "https://portal.example.th"


@pytest.fixture(scope="module")
def client(stack):
    """An agency whose callback stands on another host than its service."""
    stack.apply({"clients": [{
        "client_id": "licences",
        "client_name": "The Office of Licences",
        "client_name#th": "สำนักงานออกใบอนุญาต",
        "client_name#en": "The Office of Licences",
        "client_uri": PORTAL + "/",
        "policy_uri": PORTAL + "/privacy",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AGENCY + "/bye"],
        "token_endpoint_auth_method": "client_secret_basic",
        "client_secret": "0123456789abcdef0123456789abcdef",
        "scope": "openid profile email phone address national_id",
        "require_consent": False,
    }]})
    return "licences"


def walk(stack, browser, client, lang="th", **options):
    """A tab of a fresh browser, in whose network the agency answers. walk.seen: what the agency was sent."""
    context = browser(width=360, locale=LANGUAGES[lang], **options)
    one = Walk(stack, context.new_page(), client)
    one.seen = []

    def answer(route):
        one.seen.append((route.request.method, route.request.post_data))
        route.fulfill(status=200, content_type="text/html", body="<title>agency</title>here")

    context.route(lambda url: url.startswith(AGENCY), answer)
    return one


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_wait_is_said_in_words_and_keeps_the_name(stack, browser, client, lang):
    one = walk(stack, browser, client, lang)
    one.password()
    give_password(one.page, one.citizen, login="nobody-waits", password="wrong-wrong-wrong")
    one.page.locator("[role=alert]").wait_for()
    stack.sql("UPDATE vault.throttle SET failures = 9, next_at = now() + interval '239 seconds'")
    give_password(one.page, one.citizen, login="nobody-waits", password="wrong-wrong-wrong")
    one.page.locator(PASSWORD).wait_for(state="detached")
    assert {"th": "4 นาที", "en": "4 minutes"}[lang] in one.page.inner_text("main")
    left = int(one.page.evaluate("getComputedStyle(document.querySelector('.count'), '::after').getPropertyValue('--t')"))
    assert 60 < left <= 239, "it counts down"
    judge(one.page, "wait", lang)
    stack.sql("DELETE FROM vault.throttle")
    one.page.locator("main a.button").click()
    assert one.page.locator(USERNAME).input_value() == "nobody-waits"
    assert one.page.locator(PASSWORD).input_value() == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blocked_app_leaves_a_way_on(stack, browser, client, lang):
    one = walk(stack, browser, client, lang)
    one.password()
    give_password(one.page, stack.citizen("somchai"))
    one.page.locator(CODE).wait_for()
    stack.sql("UPDATE vault.factor SET blocked_at = now()")
    try:
        give_code(one.page, None, code="111111")
        one.page.locator(CODE).wait_for(state="detached")
    finally:
        stack.sql("UPDATE vault.factor SET blocked_at = NULL")
    judge(one.page, "blocked", lang)
    one.page.locator("main a").first.click()
    sign_in(one.page, one.citizen)
    one.page.wait_for_url(CALLBACK + "?**")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_citizens_page_with_other_devices(stack, browser, client, lang):
    here, there = (walk(stack, browser, client, lang) for _ in range(2))
    there.password()
    sign_in(there.page, there.citizen)
    there.page.wait_for_url(CALLBACK + "?**")
    here.signed_in()
    name = {"th": "สำนักงานออกใบอนุญาต", "en": "The Office of Licences"}[lang]
    assert name in here.page.inner_text("main")
    judge(here.page, "other_devices", lang)
    here.page.set_viewport_size({"width": 360, "height": 800})
    here.page.locator("article button").first.click()
    here.page.locator("[role=status]").wait_for()
    judge(here.page, "session_ended", lang)


def test_form_post_without_javascript_is_one_button(stack, browser, client):
    one = walk(stack, browser, client, java_script_enabled=False)
    one.ask(response_mode="form_post")
    sign_in(one.page, one.citizen)
    one.page.locator(f"form[action^='{AGENCY}'] button").click()
    one.page.wait_for_url(CALLBACK)
    [(method, body)] = one.seen
    assert method == "POST" and "code=" in body and "state=s" in body


def test_form_post_with_javascript_goes_by_itself(stack, browser, client):
    one = walk(stack, browser, client)
    one.ask(response_mode="form_post")
    sign_in(one.page, one.citizen)
    one.page.wait_for_url(CALLBACK)
    assert [method for method, _ in one.seen] == ["POST"]


def test_a_confirmed_logout_reaches_the_agency(stack, browser, client):
    one = walk(stack, browser, client)
    one.signed_in()
    back = {"client_id": client, "post_logout_redirect_uri": AGENCY + "/bye", "state": "out"}
    one.page.goto(f"{stack.issuer}/logout?{urlencode(back)}")
    one.page.locator("form[action='/logout/confirm'] button[value=yes]").click()
    one.page.wait_for_url(AGENCY + "/bye?state=out")


def test_a_window_of_its_own_keeps_its_opener(stack, browser, client):
    """display=popup: the agency's page waits for the window that it opened."""
    one = walk(stack, browser, client)
    one.page.goto(AGENCY + "/")
    wanted = {"client_id": client, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid",
              "display": "popup"}  # fmt: skip
    with one.page.expect_popup() as opened:
        one.page.evaluate(
            "url => void window.open(url, 'w', 'width=400')", f"{stack.issuer}/authorize?{urlencode(wanted)}"
        )
    popup = opened.value
    popup.locator(PASSWORD).wait_for()
    sign_in(popup, one.citizen)
    popup.wait_for_url(CALLBACK + "?**")
    assert popup.evaluate("window.opener !== null")


def test_back_and_reload_never_send_a_form_again(stack, browser, client):
    """A page that answered a POST would be a dead end behind the Back button: nothing here is stored by a browser."""
    one = walk(stack, browser, client)
    one.password_wrong()
    sent = []
    one.page.on("request", lambda r: r.method == "POST" and sent.append(r.post_data))
    one.page.reload()
    assert one.page.locator("[role=alert]").count() == 1, "what was wrong is still shown"
    one.page.locator("header [lang=en]").click()
    one.page.locator("html[lang=en] [role=alert]").wait_for()
    assert sent == ["to=en"]
    give_password(one.page, one.citizen)
    one.page.locator(CODE).wait_for()
    give_code(one.page, None, code="000000")
    one.page.locator("[role=alert]").wait_for()
    for _ in range(3):
        one.page.go_back()
        assert one.page.locator(f"{CODE}, {PASSWORD}").count() >= 1, one.page.url
    assert len(sent) == 3, "the language, a password, a code"
    if one.page.locator(PASSWORD).count():
        give_password(one.page, one.citizen)
    give_code(one.page, one.citizen)
    one.page.wait_for_url(CALLBACK + "?**")
