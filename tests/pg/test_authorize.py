# SPDX-License-Identifier: Apache-2.0
"""The authorization endpoint over HTTP: every parameter taken and refused, and where each answer goes."""
import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from lib.agency import CITIZENS, Agency, browser_of, challenge, claims_of, refusals
from lib.citizen import Citizen, Page, new_session, sign_in_http

STATE = "s-\"'<>&=+ %\\ก"
PKCE = {"code_challenge": challenge("v" * 43), "code_challenge_method": "S256"}


@pytest.fixture(scope="module")
def agencies(stack):
    made = {
        "basic": Agency(stack, "basic"),
        "public": Agency(stack, "public"),
        "asking": Agency(stack, "asking", "basic", require_consent=True),
        "limited": Agency(stack, "limited", "basic", scope="openid email",
                          grant_types=["authorization_code"]),
    }  # fmt: skip
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture(scope="module")
def browser(stack, agencies):
    return browser_of(stack)


@pytest.fixture
def stranger(stack, agencies):
    """A browser in which nobody is signed in."""
    return new_session(str(stack.certificate))


def citizen(alias="somchai"):
    one = next(c for c in CITIZENS if c["alias"] == alias)
    return Citizen(alias, one["password"], sandbox_code=one["sandbox_code"])


def ask(session, agency, **parameters):
    url = agency.authorize_url(**{"state": STATE, **parameters})
    return session.get(url, allow_redirects=False, timeout=30)


def answered(answer, agency):
    """What the agency got by a redirect."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    location = answer.headers["Location"]
    assert location.startswith(agency.redirect_uri + "&"), location
    got = parse_qs(urlsplit(location).query, strict_parsing=True)
    assert all(len(values) == 1 for values in got.values()), location
    assert got["iss"] == [agency.instance.issuer] and got["kept"] == ["1"]
    return {name: values[0] for name, values in got.items()}


def refused(answer, agency, error, word=""):
    got = answered(answer, agency)
    assert got["error"] == error, got
    assert "code" not in got
    text = got["error_description"]
    assert word in text and all(" " <= c <= "~" and c not in '"\\' for c in text), text
    assert "Received" in text or "expected" in text, text
    assert text.endswith(f"(correlation_id {answer.headers['Correlation-Id']})"), text
    return got


def on_page(answer, status=400):
    assert answer.status_code == status, answer.text
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")
    return Page(answer.text, answer.url)


NOWHERE = {
    "no client_id": {"client_id": None},
    "unknown client_id": {"client_id": "nobody"},
    "client_id in capitals": {"client_id": "BASIC"},
    "no redirect_uri": {"redirect_uri": None},
    "another redirect_uri": {"redirect_uri": "https://evil.example/"},
    "without its query": {"redirect_uri": "https://basic.example/callback"},
    "more behind it": {"redirect_uri": "https://basic.example/callback?kept=1&x=1"},
    "another client's": {"redirect_uri": "https://asking.example/callback?kept=1"},
    "a fragment": {"redirect_uri": "https://basic.example/callback?kept=1#x"},
    "a script": {"redirect_uri": "javascript:alert(1)"},
}


@pytest.mark.parametrize("case", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bad_client_or_redirect_uri_goes_nowhere(agencies, browser, stack, case, method):
    url = agencies["basic"].authorize_url(**NOWHERE[case])
    before = refusals(stack, kind="authorize", outcome="refused")
    if method == "GET":
        answer = browser.get(url, allow_redirects=False)
    else:
        path, _, form = url.partition("?")
        answer = browser.post(path, data=dict(parse_qsl(form)), allow_redirects=False)
    on_page(answer)
    assert refusals(stack, kind="authorize", outcome="refused") == before + 1
    rows = stack.sql("SELECT 1 FROM record.event WHERE correlation_id = %s", [answer.headers["Correlation-Id"]])
    assert rows == [], "counted, and not stored one by one"


@pytest.mark.parametrize("twice", ["client_id=basic", "redirect_uri=https://basic.example/callback?kept=1"])
def test_a_repeated_client_or_redirect_uri_goes_nowhere(agencies, browser, twice):
    on_page(browser.get(agencies["basic"].authorize_url() + "&" + twice, allow_redirects=False))


BACK = {
    "no response_type": ({"response_type": None}, "invalid_request", "response_type"),
    "token": ({"response_type": "token"}, "unsupported_response_type", "token"),
    "hybrid": ({"response_type": "code id_token"}, "unsupported_response_type", "code id_token"),
    "fragment": ({"response_mode": "fragment"}, "invalid_request", "form_post"),
    "no scope": ({"scope": None}, "invalid_scope", "openid"),
    "no openid": ({"scope": "profile"}, "invalid_scope", "openid"),
    "plain PKCE": ({**PKCE, "code_challenge_method": "plain"}, "invalid_request", "S256"),
    "PKCE without method": ({"code_challenge": PKCE["code_challenge"]}, "invalid_request", "S256"),
    "short challenge": ({**PKCE, "code_challenge": "x" * 42}, "invalid_request", "43"),
    "none with login": ({"prompt": "none login"}, "invalid_request", "none alone"),
    "unknown prompt": ({"prompt": "dance"}, "invalid_request", "dance"),
    "max_age": ({"max_age": "-1"}, "invalid_request", "max_age"),
    "claims": ({"claims": "{"}, "invalid_request", "claims"),
    "long nonce": ({"nonce": "n" * 1025}, "invalid_request", "1024"),
    "request": ({"request": "e30.e30."}, "request_not_supported", ""),
    "request_uri": ({"request_uri": "https://a.example/r"}, "request_uri_not_supported", ""),
    "registration": ({"registration": "{}"}, "registration_not_supported", ""),
    "a quote in it": ({"prompt": '"\\\n<b>ก'}, "invalid_request", "prompt"),
    "hint that is none": ({"id_token_hint": "x.y.z"}, "invalid_request", "id_token_hint"),
}


@pytest.mark.parametrize("case", BACK)
def test_every_other_fault_goes_back_to_the_agency(agencies, stranger, case):
    change, error, word = BACK[case]
    got = refused(ask(stranger, agencies["basic"], **change), agencies["basic"], error, word)
    assert got["state"] == STATE


@pytest.mark.parametrize("more", ["&nonce=a&nonce=b", "&x=%zz", "&x=%ff", "&x=1&x=1"])
def test_broken_parameters_go_back_too(agencies, stranger, more):
    """By POST: clients mend a broken escape in an address."""
    path, _, form = agencies["basic"].authorize_url(state=STATE).partition("?")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = stranger.post(path, data=form + more, headers=kind, allow_redirects=False)
    assert refused(answer, agencies["basic"], "invalid_request")["state"] == STATE


def test_a_repeated_state_is_not_given_back(agencies, stranger):
    url = agencies["basic"].authorize_url(state="a") + "&state=b"
    got = refused(stranger.get(url, allow_redirects=False), agencies["basic"], "invalid_request", "state")
    assert "state" not in got


def test_a_scope_that_is_not_the_client_s_is_refused_by_name(agencies, browser):
    limited = agencies["limited"]
    refused(ask(browser, limited, scope="openid phone"), limited, "invalid_scope", "phone")
    got = answered(ask(browser, limited, scope="openid email offline_access moon"), limited)
    assert limited.redeem(got["code"]).json()["scope"] == "openid email"


def test_a_public_client_must_use_pkce(agencies, browser):
    public = agencies["public"]
    refused(ask(browser, public), public, "invalid_request", "code_challenge")
    assert "code" in answered(ask(browser, public, **PKCE), public)


TAKEN = {
    "unknown parameter": {"audience": "x", "resource": "https://a.example"},
    "unknown scope": {"scope": "openid moon"},
    "unknown locales": {"ui_locales": "xx-XX tlh", "claims_locales": "zz"},
    "unknown display": {"display": "hologram"},
    "unknown acr": {"acr_values": "gold urn:pratu:loa:3"},
    "unknown claims": {"claims": '{"userinfo":{"shoe_size":{"essential":true}}}'},
    "query": {"response_mode": "query"},
    "empty values": {"nonce": "", "prompt": "", "max_age": "", "request": ""},
    "challenge": PKCE,
    "login_hint": {"login_hint": "somebody@else"},
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_tolerated(agencies, browser, case):
    got = answered(ask(browser, agencies["basic"], **TAKEN[case]), agencies["basic"])
    assert "code" in got and got["state"] == STATE


def test_state_and_nonce_come_back_exactly(agencies, browser):
    basic = agencies["basic"]
    for text in ("x" * 1024, "~!@#$^&*()_+`-={}|[]\\:\";'<>?,./ \r\n\tก😀"):
        got = answered(ask(browser, basic, state=text, nonce=text), basic)
        assert got["state"] == text
        assert claims_of(basic.redeem(got["code"]).json()["id_token"])["nonce"] == text
    assert "state" not in answered(ask(browser, basic, state=None), basic)
    got = refused(ask(browser, basic, state="x" * 1025), basic, "invalid_request", "state")
    assert "state" not in got


def form_of(answer, agency):
    """What a page that posts itself would send."""
    assert answer.status_code == 200, answer.text
    form = Page(answer.text, answer.url).forms[0]
    assert form.action == agency.redirect_uri and form.method == "post"
    assert "form-action" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    return form.values()


def test_form_post_carries_the_same(agencies, browser):
    basic = agencies["basic"]
    got = form_of(ask(browser, basic, response_mode="form_post"), basic)
    assert set(got) == {"code", "state", "iss"}
    assert got["state"] == STATE and got["iss"] == basic.instance.issuer
    assert basic.redeem(got["code"]).status_code == 200
    got = form_of(ask(browser, basic, response_mode="form_post", prompt="x"), basic)
    assert got["error"] == "invalid_request" and got["state"] == STATE and "code" not in got


def test_the_request_may_be_posted(agencies, browser, stranger, stack):
    basic = agencies["basic"]
    form = dict(parse_qsl(urlsplit(basic.authorize_url(state=STATE)).query))
    got = answered(browser.post(stack.issuer + "/authorize", data=form, allow_redirects=False), basic)
    assert "code" in got and got["state"] == STATE
    end = sign_in_http(stranger, stack.issuer + "/authorize", citizen(), data=form)
    assert end.params["state"] == STATE and "code" in end.params


def test_a_form_posted_by_another_site_comes_again_with_its_cookies(agencies, browser, stranger, stack):
    """SameSite=Lax keeps them from the POST; a GET brings them."""
    basic = agencies["basic"]
    form = dict(parse_qsl(urlsplit(basic.authorize_url(state=STATE)).query))
    foreign = {"Origin": "https://basic.example", "Sec-Fetch-Site": "cross-site"}
    answer = stranger.post(stack.issuer + "/authorize", data=form, headers=foreign, allow_redirects=False)
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    location = answer.headers["Location"]
    assert location.startswith("/authorize?form=") and not [v for v in form.values() if len(v) > 8 and v in location]
    assert answered(browser.get(stack.issuer + location, allow_redirects=False), basic)["state"] == STATE
    on_page(browser.get(stack.issuer + location + "x", allow_redirects=False))
    bad = stranger.post(stack.issuer + "/authorize", data={**form, "scope": "x"}, headers=foreign,
                        allow_redirects=False)  # fmt: skip
    refused(bad, basic, "invalid_scope")


def test_a_post_that_is_no_form_goes_nowhere(agencies, browser, stack):
    on_page(browser.post(stack.issuer + "/authorize", json={"client_id": "basic"}, allow_redirects=False))


def test_prompt_none_never_shows_a_page(agencies, browser, stranger):
    basic, asking = agencies["basic"], agencies["asking"]
    refused(ask(stranger, basic, prompt="none"), basic, "login_required")
    assert "code" in answered(ask(browser, basic, prompt="none"), basic)
    refused(ask(browser, asking, prompt="none"), asking, "consent_required")
    refused(ask(browser, basic, prompt="none", max_age=0), basic, "login_required")


def test_an_acr_that_nobody_can_reach(agencies, browser, stranger):
    basic = agencies["basic"]
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:pratu:loa:3"]}}})
    for session in (browser, stranger):
        refused(ask(session, basic, claims=essential), basic, "unmet_authentication_requirements", "acr")
    wish = json.dumps({"id_token": {"acr": {"values": ["urn:pratu:loa:3"]}}})
    tokens = basic.tokens(browser, claims=wish, acr_values="urn:pratu:loa:3")
    assert claims_of(tokens["id_token"])["acr"] == "urn:pratu:loa:2"


def test_a_hint_names_the_citizen(agencies, browser, stack):
    basic, asking = agencies["basic"], agencies["asking"]
    hint = basic.tokens(browser)["id_token"]
    assert "code" in answered(ask(browser, basic, id_token_hint=hint, prompt="none"), basic)
    other = browser_of(stack, "malee")
    refused(ask(other, basic, id_token_hint=hint, prompt="none"), basic, "login_required")
    end = sign_in_http(other, basic.authorize_url(id_token_hint=hint), citizen("malee"))
    assert end.steps == ["password", "factor"] and end.params["error"] == "login_required"
    refused(ask(browser, asking, id_token_hint=hint, prompt="none"), asking, "login_required")
    access = basic.tokens(browser)["access_token"]
    refused(ask(browser, basic, id_token_hint=access), basic, "invalid_request", "id_token_hint")
    broken = hint[:-4] + ("AAAA" if hint[-4:] != "AAAA" else "BBBB")
    refused(ask(browser, basic, id_token_hint=broken), basic, "invalid_request", "id_token_hint")


def test_a_sub_asked_for_by_value(agencies, browser):
    basic = agencies["basic"]
    sub = claims_of(basic.tokens(browser)["id_token"])["sub"]
    def wanted(value):
        return json.dumps({"id_token": {"sub": {"value": value}}})
    assert "code" in answered(ask(browser, basic, claims=wanted(sub), prompt="none"), basic)
    refused(ask(browser, basic, claims=wanted("x"), prompt="none"), basic, "login_required")


def test_nothing_of_a_code_is_stored_but_its_hash(agencies, browser, stack):
    code = agencies["basic"].code(browser)
    [(text,)] = stack.sql("SELECT string_agg(c::text, '') FROM idp.code c")
    [(events,)] = stack.sql("SELECT string_agg(e::text, '') FROM record.event e")
    assert code not in text and code not in events and code not in stack.log.read_text()
    hashed = stack.sql("SELECT 1 FROM idp.code WHERE code_hash = sha256(%s)", [code.encode()])
    assert len(hashed) == 1


def test_a_code_has_its_row_in_the_record(agencies, browser, stack):
    answer = ask(browser, agencies["basic"])
    assert "code" in answered(answer, agencies["basic"])
    rows = stack.sql(
        "SELECT kind, outcome, client_id, subject_id = actor_id, session_id IS NOT NULL, acr, host(address)"
        " FROM record.event WHERE correlation_id = %s",
        [answer.headers["Correlation-Id"]],
    )
    assert rows == [("code", "ok", "basic", True, True, "urn:pratu:loa:2", "127.0.0.1")]


@pytest.fixture
def silent(stack):
    """Clients change, and no notification tells the web process."""
    (notifying,), = stack.sql("SELECT pg_get_functiondef('idp.client_changed'::regproc)")
    stack.sql(notifying.replace("PERFORM pg_notify('pratu_client', NEW.client_id);", ""))
    yield lambda client_id: stack.sql("UPDATE idp.client SET updated_at = now() WHERE client_id = %s", [client_id])
    stack.sql(notifying)


def test_a_client_that_changed_unnoticed_costs_no_session(stack, agencies, stranger, silent):
    """The vault binds to the client as it is now; that the web process read it before is not the session's fault."""
    browser = browser_of(stack)
    ask(stranger, agencies["limited"], scope="openid")  # read, and for this citizen nothing is bound yet
    silent("limited")
    assert "code" in answered(ask(browser, agencies["limited"], scope="openid"), agencies["limited"])
    assert stack.sql("SELECT 1 FROM record.event WHERE reason = 'ticket_refused'") == []


def test_a_client_that_changed_unnoticed_during_a_sign_in(stack, agencies, stranger, silent):
    limited = agencies["limited"]
    ask(stranger, limited, scope="openid")
    silent("limited")
    end = sign_in_http(stranger, limited.authorize_url(scope="openid"), citizen())
    assert end.steps == ["password", "factor"] and "code" in end.params


def sub_of(stack, client_id, name):
    """The name under which a client knows that citizen, who may not have been there yet; the vault has not heard of it."""
    [(sub,)] = stack.sql(
        "INSERT INTO vault.subject (citizen_id, sector)"
        " SELECT z.citizen_id, c.sector FROM idp.citizen z, idp.client c WHERE z.claims ->> 'name' = %s AND c.client_id = %s"
        " ON CONFLICT (citizen_id, sector) DO UPDATE SET sector = excluded.sector RETURNING sub::text", [name, client_id])
    return json.dumps({"id_token": {"sub": {"value": sub}}})


def test_a_client_that_changed_unnoticed_still_knows_its_citizens(stack, agencies, stranger, silent):
    """Whether the citizen is the one who was asked for is the vault's to tell, and it tells it of the client as it is now."""
    limited, malee = agencies["limited"], browser_of(stack, "malee")
    wanted = {"scope": "openid", "claims": sub_of(stack, "limited", "มาลี")}
    ask(stranger, limited, scope="openid")
    silent("limited")
    assert "code" in answered(ask(malee, limited, prompt="none", **wanted), limited)
    silent("limited")
    end = sign_in_http(stranger, limited.authorize_url(**wanted), citizen("malee"))
    assert end.steps == ["password", "factor"] and "code" in end.params, end.params
