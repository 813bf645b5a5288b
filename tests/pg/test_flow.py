# SPDX-License-Identifier: Apache-2.0
"""The way from a request to its code through the pages: which steps, in what order, once, and for whom."""
import time
from contextlib import contextmanager
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from lib.agency import CITIZENS, Agency, browser_of, citizen, claims_of
from lib.citizen import cancel, follow, get, new_session, open_page, params_of, press, sign_in_http, submit

SCOPE = "openid profile email"


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name, "basic") for name in ("basic", "second")}
    made["asking"] = Agency(stack, "asking", "basic", require_consent=True)
    made["young"] = Agency(stack, "young", "basic", default_max_age=600)
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture
def basic(agencies):
    return agencies["basic"]


@pytest.fixture
def asking(agencies, stack):
    """An agency that asks for consent, and has none yet."""
    stack.sql("DELETE FROM idp.consent")
    return agencies["asking"]


@pytest.fixture
def stranger(stack, agencies):
    return new_session(str(stack.certificate))


@pytest.fixture
def browser(stack, agencies):
    """A browser of its own in which somchai is signed in."""
    return browser_of(stack)


def handle_of(page):
    return dict(parse_qsl(urlsplit(page.url).query))["t"]


def test_a_sign_in_and_then_none_at_the_next_agency(agencies, stranger):
    end = sign_in_http(stranger, agencies["basic"].authorize_url(state="a"), citizen())
    assert end.steps == ["password", "factor"] and end.params["state"] == "a"
    assert agencies["basic"].redeem(end.params["code"]).status_code == 200
    end = sign_in_http(stranger, agencies["second"].authorize_url(state="b"), citizen())
    assert end.steps == [] and end.params["state"] == "b" and "code" in end.params


@pytest.mark.parametrize("agent, kept", [
    (b"Browser \xe9\xff", "Browser ??"),
    (b"b" * 2000, "b" * 512),
    ("\u0e01".encode() * 400, "\u0e01" * 170),
])  # fmt: skip
def test_any_user_agent_signs_in(basic, stranger, stack, agent, kept):
    stranger.headers["User-Agent"] = agent
    assert "code" in sign_in_http(stranger, basic.authorize_url(), citizen()).params
    ((written,),) = stack.sql("SELECT user_agent FROM record.event WHERE kind = 'sign_in' ORDER BY at DESC LIMIT 1")
    assert written == kept


def test_the_page_with_the_password_is_held_to_us_and_no_other(basic, stranger, stack):
    page = stranger.get(basic.authorize_url(), timeout=30)
    assert page.headers["Content-Security-Policy"].endswith("; form-action 'self'")
    end = sign_in_http(stranger, basic.authorize_url(), citizen(), stop_at="factor")
    assert "form-action" not in end.response.headers["Content-Security-Policy"]


def test_a_password_typed_after_another_tab_signed_in_never_leaves_us(basic, stranger, stack):
    """A redirect to the agency behind that form would be barred by form-action: the citizen chooses first."""
    pages = [open_page(stranger, basic.authorize_url(), stack.issuer) for _ in range(2)]
    assert "code" in sign_in_http(stranger, basic.authorize_url(), citizen()).params
    for page, password in zip(pages, ("river-market-lantern-41", "not this one")):
        form = page.form_with(type="password")
        answer = submit(stranger, page, form, {"login": "somchai", "password": password})
        account = follow(stranger, answer, stack.issuer).page
        assert account.form_to("/signin/account"), account.words()
        other = follow(stranger, press(stranger, account, "/signin/account", "other"), stack.issuer).page
        assert other.form_with(type="password") or other.form_with(autocomplete="one-time-code")
        assert "code" in params_of(press(stranger, account, "/signin/account", "same"))
    stack.sql("DELETE FROM vault.throttle")


def test_login_hint_and_locales_reach_the_page(basic, stranger, stack):
    page = open_page(stranger, basic.authorize_url(login_hint="<som>", ui_locales="xx en"), stack.issuer)
    assert page.lang == "en"
    assert page.form_with(type="password").find(autocomplete="username")["value"] == "<som>"


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": 0}, {"prompt": "login consent"}])
def test_a_new_sign_in_is_newer_than_the_request(basic, browser, stack, wish):
    stack.sql("UPDATE idp.session SET auth_time = now() - interval '1 minute'")
    began = int(time.time())
    end = sign_in_http(browser, basic.authorize_url(**wish), citizen())
    assert end.steps[:2] == ["password", "factor"] and "code" in end.params
    tokens = basic.redeem(end.params["code"]).json()
    assert claims_of(tokens["id_token"])["auth_time"] >= began


def test_max_age_looks_at_the_sign_in(agencies, browser, stack):
    for agency, wish in ((agencies["basic"], {"max_age": 600}), (agencies["young"], {})):
        url = agency.authorize_url(**wish)
        assert sign_in_http(browser, url, citizen(), stop_at="password").params.get("code")
        stack.sql("UPDATE idp.session SET auth_time = auth_time - interval '601 seconds'")
        end = sign_in_http(browser, url, citizen(), stop_at="password")
        assert end.page.form_with(type="password"), "too old"
        none = get(browser, agency.authorize_url(**wish, prompt="none"))
        assert params_of(none)["error"] == "login_required"
        stack.sql("UPDATE idp.session SET auth_time = auth_time + interval '601 seconds'")


def test_select_account_goes_on_as_the_same(basic, browser, stack):
    page = open_page(browser, basic.authorize_url(prompt="select_account"), stack.issuer)
    assert page.form_to("/signin/account")
    assert "code" in params_of(press(browser, page, "/signin/account", "same"))


def test_select_account_lets_another_sign_in(basic, browser, stack):
    page = open_page(browser, basic.authorize_url(prompt="select_account"), stack.issuer)
    mine = claims_of(basic.tokens(browser)["id_token"])["sub"]
    answer = press(browser, page, "/signin/account", "other")
    url = urljoin(stack.issuer, answer.headers["Location"])
    end = sign_in_http(browser, url, citizen("malee"))
    assert end.steps == ["password", "factor"]
    sub = claims_of(basic.redeem(end.params["code"]).json()["id_token"])["sub"]
    assert sub != mine


def test_consent_is_remembered_for_what_it_named(asking, browser):
    def steps(**parameters):
        end = sign_in_http(browser, asking.authorize_url(**parameters), citizen())
        assert "code" in end.params, end
        return end.steps

    assert steps(scope="openid email") == ["consent"]
    assert steps(scope="openid email") == []
    assert steps(scope="openid") == []
    assert steps(scope=SCOPE) == ["consent"]
    assert steps(scope=SCOPE) == [] and steps(scope="openid email") == []
    assert steps(scope=SCOPE, claims='{"userinfo":{"name":null}}') == []
    wants_id = '{"userinfo":{"national_id":null}}'
    assert steps(scope="openid", claims=wants_id) == ["consent"]
    assert steps(scope="openid", claims=wants_id) == []
    assert steps(scope="openid", prompt="consent") == ["consent"]


def test_what_consent_was_given_for_is_granted(asking, browser, stack):
    url = asking.authorize_url(scope="openid email", claims='{"userinfo":{"national_id":null}}')
    end = sign_in_http(browser, url, citizen())
    tokens = asking.redeem(end.params["code"]).json()
    body = asking.userinfo(tokens["access_token"]).json()
    assert set(body) == {"sub", "email", "email_verified", "national_id"}
    [(scope, claims)] = stack.sql("SELECT scope, claims FROM idp.consent")
    assert set(scope.split()) == {"openid", "email"} and claims == ["national_id"]
    kinds = [row["kind"] for row in stack.records("--since", "1h") if row.get("client_id") == "asking"]
    assert "consent" in kinds and "code" in kinds


def test_consent_covers_what_was_shown(asking, browser, stack):
    """A claim without a value is not on the page, and not granted for the day that the citizen has one."""
    url, nick = asking.authorize_url(scope="openid profile"), "UPDATE idp.citizen SET claims = claims %s WHERE claims ->> 'name' = %%s"
    name = CITIZENS[0]["name"]
    stack.sql(nick % "- 'nickname'", [name])
    page = open_page(browser, url, stack.issuer)
    answer = press(browser, page, "/signin/consent", "allow")
    tokens = asking.redeem(params_of(answer)["code"]).json()
    [(claims,)] = stack.sql("SELECT claims FROM idp.authz_grant ORDER BY created_at DESC LIMIT 1")
    assert "name" in claims["shown"] and "nickname" not in claims["shown"] and "updated_at" in claims["shown"]
    stack.sql(nick % "|| '{\"nickname\": \"Chai\"}'", [name])
    try:
        assert set(asking.userinfo(tokens["access_token"]).json()) <= {"sub", *claims["shown"]}
        again = open_page(browser, url, stack.issuer)
        assert again.form_to("/signin/consent"), "for the new one the citizen is asked"
        assert params_of(get(browser, asking.authorize_url(scope="openid profile", prompt="none")))["error"] == "consent_required"
        tokens = asking.redeem(params_of(press(browser, again, "/signin/consent", "allow"))["code"]).json()
        assert asking.userinfo(tokens["access_token"]).json()["nickname"] == "Chai"
    finally:
        stack.sql(nick % "- 'nickname'", [name])


def test_cancel_tells_the_agency(asking, stranger, browser, stack):
    for session in (stranger, browser):
        page = open_page(session, asking.authorize_url(state="x y"), stack.issuer)
        got = params_of(cancel(session, page))
        assert got["error"] == "access_denied" and got["state"] == "x y" and got["iss"] == stack.issuer
    rows = stack.sql("SELECT subject_id IS NOT NULL FROM record.event WHERE outcome = 'abandoned' AND reason = 'cancel'")
    assert rows == [(True,)], "a row for the citizen who is signed in; the stranger is counted"


def test_two_tabs_do_not_disturb_each_other(agencies, stranger, stack):
    first = open_page(stranger, agencies["basic"].authorize_url(state="1"), stack.issuer)
    second = open_page(stranger, agencies["second"].authorize_url(state="2"), stack.issuer)
    assert handle_of(first) != handle_of(second)
    for page, state in ((second, "2"), (first, "1")):
        end = sign_in_http(stranger, page.url, citizen())
        assert end.params["state"] == state and "code" in end.params


def wait_for_locks(db, many, timeout_s=60):
    """Until so many statements of the web role wait for another transaction."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pratu_web' AND wait_event_type = 'Lock'"
    until = time.monotonic() + timeout_s
    while db.execute(blocked).fetchone()[0] < many:
        assert time.monotonic() < until, "they never waited together"
        db.execute("SELECT pg_sleep(0.02)")


def wait_for_requests(stack, many, timeout_s=20):
    """Until so many requests are being worked on."""
    until = time.monotonic() + timeout_s
    while stack.metric("pratu_http_lane_requests", state="running") < many:
        assert time.monotonic() < until, "they were never under way together"


@contextmanager
def held_session(stack):
    """All sessions' rows held, as by somebody who is about to change them."""
    with stack.connect() as holder, stack.connect() as db, holder.transaction():
        holder.execute("SELECT FROM idp.session WHERE ended_at IS NULL FOR UPDATE")
        yield holder, db


def test_a_form_sent_twice_gives_one_code_by_one_transaction(asking, browser, stack):
    page = open_page(browser, asking.authorize_url(state="s"), stack.issuer)
    [(before,)] = stack.sql("SELECT count(*) FROM idp.code")
    with ThreadPoolExecutor(4) as pool:
        with held_session(stack) as (_, db):
            sent = [pool.submit(press, browser, page, "/signin/consent", "allow") for _ in range(4)]
            wait_for_requests(stack, 4)
            wait_for_locks(db, 1)  # statements of the same kind wait for one another
        answers = [one.result() for one in sent]
    codes = [a for a in answers if "code=" in a.headers.get("Location", "")]
    assert len(codes) == 1
    assert stack.sql("SELECT count(*) FROM idp.code") == [(before + 1,)]
    for other in (a for a in answers if a is not codes[0]):
        assert "/signin?t=" in other.headers["Location"], "the request begins anew"
    again = follow(browser, other, stack.issuer)
    assert again.params["state"] == "s" and again.params["code"] != params_of(codes[0])["code"]


def test_a_session_that_ends_meanwhile_gives_no_code(asking, browser, stack):
    page = open_page(browser, asking.authorize_url(), stack.issuer)
    [(before,)] = stack.sql("SELECT count(*) FROM idp.code")
    with ThreadPoolExecutor(1) as pool:
        with held_session(stack) as (holder, db):
            sent = pool.submit(press, browser, page, "/signin/consent", "allow")
            wait_for_locks(db, 1)
            holder.execute("UPDATE idp.session SET ended_at = now(), ticket = '' WHERE ended_at IS NULL")
        page = follow(browser, sent.result(), stack.issuer).page
    assert page.form_with(type="password"), "a new sign-in is asked for"
    assert stack.sql("SELECT count(*) FROM idp.code") == [(before,)]


def test_a_yes_counts_for_the_citizen_who_saw_the_question(asking, browser, stack):
    page = open_page(browser, asking.authorize_url(), stack.issuer)
    assert page.form_to("/signin/consent")
    end = sign_in_http(browser, asking.authorize_url(prompt="login"), citizen("malee"), stop_at="consent")
    assert end.steps == ["password", "factor"], "another tab signs in somebody else"
    again = press(browser, page, "/signin/consent", "allow")
    assert "code=" not in again.headers.get("Location", "")
    shown = follow(browser, again, stack.issuer).page
    assert shown.form_to("/signin/consent"), "the new citizen is asked"
    assert "code" in params_of(press(browser, shown, "/signin/consent", "allow"))


def test_anything_but_allow_is_no_consent(asking, browser, stack):
    page = open_page(browser, asking.authorize_url(), stack.issuer)
    for choice in ("", "deny", "ALLOW"):
        answer = press(browser, page, "/signin/consent", choice)
        assert "code=" not in answer.headers.get("Location", "")


def test_a_consent_cannot_be_posted_before_its_step(asking, stranger, stack):
    page = open_page(stranger, asking.authorize_url(), stack.issuer)
    form = page.form_with(type="password")
    form.action = stack.issuer + "/signin/consent"
    answer = submit(stranger, page, form, {"choice": "allow"})
    assert "code=" not in answer.headers.get("Location", "")
    end = sign_in_http(stranger, page.url, citizen(), stop_at="consent")
    assert end.page.form_to("/signin/consent"), "it is still to come"


@pytest.mark.parametrize("how", ["ended_at = now(), ticket = ''", "expires_at = now()", "last_seen_at = now() - interval '31 minutes'"])
def test_a_session_that_is_over_is_none(basic, browser, stack, how):
    assert "code" in params_of(get(browser, basic.authorize_url(prompt="none")))
    stack.sql(f"UPDATE idp.session SET {how} WHERE ended_at IS NULL")
    assert params_of(get(browser, basic.authorize_url(prompt="none")))["error"] == "login_required"


def test_a_ticket_that_the_vault_does_not_know_is_no_session(basic, asking, browser, stack):
    stack.sql("UPDATE idp.session SET ticket = 'e30.AAAA' WHERE ended_at IS NULL")
    assert params_of(get(browser, basic.authorize_url(prompt="none")))["error"] == "login_required"
    rows = stack.sql("SELECT count(*) FROM record.event WHERE reason = 'ticket_refused'")
    assert rows == [(1,)]
    end = sign_in_http(browser, asking.authorize_url(), citizen(), stop_at="consent")
    stack.sql("UPDATE idp.session SET ticket = 'e30.AAAA' WHERE ended_at IS NULL")
    page = follow(browser, press(browser, end.page, "/signin/consent", "allow"), stack.issuer).page
    assert page.form_with(type="password"), "the same transaction asks for a new sign-in"
    end = sign_in_http(browser, page.url, citizen())
    assert end.steps == ["password", "factor", "consent"] and "code" in end.params


def test_a_locked_citizen_gets_no_code(basic, browser, stack):
    stack.pratu("citizen", "lock", "somchai")
    try:
        assert params_of(get(browser, basic.authorize_url(prompt="none")))["error"] == "login_required"
    finally:
        stack.pratu("citizen", "unlock", "somchai")


def test_using_a_session_keeps_it_alive(basic, browser, stack):
    stack.sql("UPDATE idp.session SET last_seen_at = now() - interval '20 minutes'")
    assert "code" in params_of(get(browser, basic.authorize_url()))
    [(idle,)] = stack.sql("SELECT min(extract(epoch FROM now() - last_seen_at)) FROM idp.session"
                          " WHERE ended_at IS NULL AND last_seen_at > now() - interval '19 minutes'")  # fmt: skip
    assert idle < 60


def test_a_sign_in_at_the_door_gives_no_code(stranger, stack, agencies):
    end = sign_in_http(stranger, stack.issuer + "/", citizen())
    assert end.steps == ["password", "factor"] and end.url == stack.issuer + "/"
    assert not end.params
