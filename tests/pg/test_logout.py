# SPDX-License-Identifier: Apache-2.0
"""RP-Initiated Logout over HTTP: who is asked first, what ends, and where the browser may go."""
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from lib.agency import CITIZENS, Agency, browser_of, refusals
from lib.citizen import Page, new_session, submit

OUT = "https://{}.example/out?kept=1"


@pytest.fixture(scope="module")
def agencies(stack):
    made = {
        name: Agency(stack, name, "basic", post_logout_redirect_uris=[OUT.format(name)])
        for name in ("basic", "second")
    }
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture
def basic(agencies):
    return agencies["basic"]


@pytest.fixture
def browser(stack, agencies):
    return browser_of(stack)


@pytest.fixture
def stranger(stack, agencies):
    return new_session(str(stack.certificate))


def logout(session, instance, **parameters):
    url = instance.issuer + "/logout?" + urlencode(parameters)
    return session.get(url, allow_redirects=False, timeout=30)


def signed_in(session, agency) -> bool:
    answer = session.get(agency.authorize_url(prompt="none"), allow_redirects=False)
    got = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert ("code" in got) != (got.get("error") == "login_required"), got
    return "code" in got


def question(answer):
    """The page that asks first."""
    assert answer.status_code == 200, answer.text
    page = Page(answer.text, answer.url)
    assert page.form_to("/logout/confirm"), page.words()
    return page


def press(session, page, choice):
    form = page.form_to("/logout/confirm")
    return submit(session, page, form, {}, next(b for b in form.buttons if b["value"] == choice))


def test_a_hint_ends_the_session_at_once(basic, browser, stack):
    tokens = basic.tokens(browser)
    answer = logout(browser, stack, id_token_hint=tokens["id_token"], state="a b&c",
                    post_logout_redirect_uri=OUT.format("basic"))  # fmt: skip
    assert answer.status_code == 303
    assert answer.headers["Location"] == OUT.format("basic") + "&state=a%20b%26c"
    assert not signed_in(browser, basic)
    assert basic.userinfo(tokens["access_token"]).status_code == 401
    rows = stack.sql(
        "SELECT kind, outcome, reason, client_id FROM record.event WHERE correlation_id = %s",
        [answer.headers["Correlation-Id"]],
    )
    assert ("logout", "ok", "hint", "basic") in rows
    assert ("session_end", "ok", "logout", None) in rows
    assert any(row[0] == "revoke" for row in rows)


def test_a_hint_ends_what_other_agencies_have_too(agencies, browser, stack):
    other = agencies["second"].tokens(browser)
    logout(browser, stack, id_token_hint=agencies["basic"].tokens(browser)["id_token"])
    assert agencies["second"].userinfo(other["access_token"]).status_code == 401
    assert not signed_in(browser, agencies["second"])


def test_the_cookie_is_taken_away(basic, browser, stack):
    hint = basic.tokens(browser)["id_token"]
    cookies = dict(browser.cookies)
    answer = logout(browser, stack, id_token_hint=hint)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert answer.status_code == 200 and not Page(answer.text, answer.url).form_to("/logout/confirm")
    browser.cookies.update(cookies)
    assert not signed_in(browser, basic), "the row ended, not only the cookie"


def test_without_a_hint_the_citizen_is_asked(basic, browser, stack):
    page = question(logout(browser, stack))
    assert signed_in(browser, basic)
    answer = press(browser, page, "no")
    assert answer.status_code == 303 and answer.headers["Location"] == "/"
    assert signed_in(browser, basic)
    answer = press(browser, page, "yes")
    assert answer.status_code == 200 and not signed_in(browser, basic)


def test_after_a_yes_the_browser_goes_on(basic, browser, stack):
    page = question(logout(browser, stack, client_id="basic", state="s", ui_locales="en",
                           post_logout_redirect_uri=OUT.format("basic")))  # fmt: skip
    assert page.lang == "en" and "basic" in page.words()
    answer = press(browser, page, "yes")
    assert answer.status_code == 303
    assert answer.headers["Location"] == OUT.format("basic") + "&state=s"
    assert not signed_in(browser, basic)


@pytest.mark.parametrize("hint", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_hint_that_is_none_of_ours_counts_for_nothing(basic, browser, stack, hint):
    question(logout(browser, stack, id_token_hint=hint))
    question(logout(browser, stack, id_token_hint=hint, client_id="basic",
                    post_logout_redirect_uri=OUT.format("basic")))  # fmt: skip
    page = question(logout(browser, stack, id_token_hint=hint, post_logout_redirect_uri=OUT.format("basic")))
    assert signed_in(browser, basic)
    answer = press(browser, page, "yes")
    assert answer.status_code == 200 and "Location" not in answer.headers, "nobody is named whose URI it could be"
    assert not signed_in(browser, basic)


def test_a_token_of_another_kind_is_no_hint(basic, browser, stack):
    question(logout(browser, stack, id_token_hint=basic.tokens(browser)["access_token"]))


def test_a_hint_about_another_citizen_asks(basic, browser, stack):
    hint = basic.tokens(browser)["id_token"]
    other = browser_of(stack, "malee")
    question(logout(other, stack, id_token_hint=hint, post_logout_redirect_uri=OUT.format("basic")))
    assert signed_in(other, basic) and signed_in(browser, basic)


BAD = {
    "unregistered": {"post_logout_redirect_uri": "https://evil.example/"},
    "its query": {"post_logout_redirect_uri": "https://basic.example/out"},
    "another agency's": {"post_logout_redirect_uri": OUT.format("second")},
    "the redirect_uri": {"post_logout_redirect_uri": "https://basic.example/callback?kept=1"},
    "a script": {"post_logout_redirect_uri": "javascript:alert(1)"},
    "another client_id": {"client_id": "second", "post_logout_redirect_uri": OUT.format("second")},
    "an unknown client_id": {"client_id": "nobody"},
    "a long state": {"state": "x" * 1025},
}


@pytest.mark.parametrize("case", BAD)
def test_it_never_goes_to_a_bad_address(basic, browser, stack, case):
    hint = basic.tokens(browser)["id_token"]
    before = refusals(stack, kind="logout")
    answer = logout(browser, stack, **{"id_token_hint": hint, **BAD[case]})
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert signed_in(browser, basic), "and nothing ends"
    rows = stack.sql("SELECT kind, outcome FROM record.event WHERE correlation_id = %s",
                     [answer.headers["Correlation-Id"]])  # fmt: skip
    # Of what does not parse nobody is known: it is counted.
    assert rows + [("logout", "refused")] * (refusals(stack, kind="logout") - before) == [("logout", "refused")]


def test_an_address_of_nobody_leads_nowhere(browser, stranger, stack):
    out = {"post_logout_redirect_uri": OUT.format("basic"), "state": "s"}
    answer = press(browser, question(logout(browser, stack, **out)), "yes")
    assert answer.status_code == 200 and "Location" not in answer.headers
    answer = logout(stranger, stack, **out)
    assert answer.status_code == 200 and "Location" not in answer.headers


def test_an_address_with_another_client_is_refused(basic, browser, stranger, stack):
    for session in (browser, stranger):
        for more in ({"client_id": "nobody"}, {"client_id": "second"}):
            answer = logout(session, stack, post_logout_redirect_uri=OUT.format("basic"), **more)
            assert answer.status_code == 400 and "Location" not in answer.headers
    assert signed_in(browser, basic)


def test_a_repeated_parameter_is_refused(browser, stack):
    answer = browser.get(stack.issuer + "/logout?state=a&state=b", allow_redirects=False)
    assert answer.status_code == 400


def test_who_is_signed_out_already_goes_on(basic, browser, stranger, stack):
    hint = basic.tokens(browser)["id_token"]
    answer = logout(stranger, stack, id_token_hint=hint, post_logout_redirect_uri=OUT.format("basic"))
    assert answer.status_code == 303 and answer.headers["Location"] == OUT.format("basic")
    assert signed_in(browser, basic), "another browser's session is not touched"
    assert logout(stranger, stack).status_code == 200


def test_the_request_may_be_posted(basic, browser, stack):
    form = {"id_token_hint": basic.tokens(browser)["id_token"], "state": "s",
            "post_logout_redirect_uri": OUT.format("basic")}  # fmt: skip
    answer = browser.post(stack.issuer + "/logout", data=form, allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == OUT.format("basic") + "&state=s"
    assert not signed_in(browser, basic)


def test_a_form_posted_by_another_site_comes_again_with_its_cookies(basic, browser, stranger, stack):
    form = {"id_token_hint": basic.tokens(browser)["id_token"], "state": "s",
            "post_logout_redirect_uri": OUT.format("basic")}  # fmt: skip
    foreign = {"Origin": "https://basic.example", "Sec-Fetch-Site": "cross-site"}
    answer = stranger.post(stack.issuer + "/logout", data=form, headers=foreign, allow_redirects=False)
    location = answer.headers["Location"]
    assert answer.status_code == 303 and location.startswith("/logout?form=")
    assert form["id_token_hint"] not in location, "nothing of it is in an address"
    question(browser.get(stack.issuer + location + "x", allow_redirects=False))
    assert signed_in(browser, basic), "what was changed on its way is nothing"
    again = browser.get(stack.issuer + location, allow_redirects=False)
    assert again.headers["Location"] == OUT.format("basic") + "&state=s"
    assert not signed_in(browser, basic)


def test_only_the_browser_that_was_asked_can_answer(basic, browser, stranger, stack):
    page = question(logout(browser, stack))
    other = browser_of(stack, "malee")
    for session in (other, stranger):
        assert press(session, page, "yes").status_code == 400
    assert signed_in(browser, basic) and signed_in(other, basic)
    form = page.form_to("/logout/confirm")
    for handle in ("", "x", ".", form.values()["handle"] + "x", "x" + form.values()["handle"]):
        answer = submit(browser, page, form, {"handle": handle, "choice": "yes"})
        assert answer.status_code == 400, handle
    assert signed_in(browser, basic)


def test_another_site_cannot_press_the_button(basic, browser, stack):
    page = question(logout(browser, stack))
    for origin in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = browser.post(
            stack.issuer + "/logout/confirm",
            data={**page.form_to("/logout/confirm").values(), "choice": "yes"},
            headers=origin, allow_redirects=False,
        )  # fmt: skip
        assert answer.status_code == 403
    assert signed_in(browser, basic)
