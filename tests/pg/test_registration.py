# SPDX-License-Identifier: Apache-2.0
"""Members of a client's registration that change what it is answered, over HTTP."""
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from lib.agency import CITIZENS, Agency, browser_of, challenge, claims_of
from lib.citizen import Page, cancel, follow, get, new_session, submit


@pytest.fixture(scope="module")
def agencies(stack):
    made = {
        "plain": Agency(stack, "plain", "basic"),
        "old": Agency(stack, "old", "basic", iss_in_error_responses=False),
    }
    made["native"] = Agency(stack, "native", "public", application_type="native",
                            redirect_uris=["http://127.0.0.1/cb", "http://[::1]:4000/cb"],
                            sector_identifier_uri="https://native.example/")  # fmt: skip
    made["scheme"] = Agency(stack, "scheme", "public", application_type="native", redirect_uris=["th.go.agency:/cb"])
    made["asking"] = Agency(stack, "asking", "basic", require_consent=True)
    made["online"] = Agency(stack, "online", "basic", scope="openid email")
    made["default"] = Agency(stack, "default", "basic", scope=None, grant_types=None, require_consent=True)
    made["quiet"] = Agency(stack, "quiet", "basic", scope=None, grant_types=None)
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture
def stranger(stack, agencies):
    return new_session(str(stack.certificate))


def answered(response) -> dict:
    """What an authorization response says, by query or as a form."""
    if response.status_code == 303:
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert response.status_code == 200, response.text
    return Page(response.text, response.url).forms[0].values()


@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize("name, carried", [("plain", True), ("old", False)])
def test_iss_in_error_responses_is_by_registration(stack, agencies, stranger, name, carried, mode):
    """RFC 9207 s2: of every error's origin (the request, the decision, Cancel)."""
    agency = agencies[name]

    def url(**more):
        return agency.authorize_url(response_mode=mode, state="s", **more)

    page = follow(stranger, get(stranger, url()), stack.issuer).page
    errors = {
        "unsupported_response_type": get(stranger, url(response_type="token")),
        "login_required": get(stranger, url(prompt="none")),
        "access_denied": cancel(stranger, page),
    }
    for error, response in errors.items():
        got = answered(response)
        assert got["error"] == error and got["state"] == "s"
        assert ("iss" in got) == carried and got.get("iss", stack.issuer) == stack.issuer


def test_iss_stands_beside_every_code(stack, agencies):
    browser = browser_of(stack)
    for name in ("plain", "old"):
        agency = agencies[name]
        assert answered(get(browser, agency.authorize_url()))["iss"] == stack.issuer


def confirmed_code(stack, agency, browser, **parameters) -> str:
    """A code for a signed-in citizen who confirms the account; prompt=none gives none."""
    agency.verifier = "v" * 43
    parameters |= {"code_challenge": challenge(agency.verifier), "code_challenge_method": "S256"}
    silent = get(browser, agency.authorize_url(prompt="none", **parameters))
    assert answered(silent)["error"] == "interaction_required"
    page = follow(browser, get(browser, agency.authorize_url(**parameters)), stack.issuer).page
    form = page.form_to("/signin/account")
    return answered(submit(browser, page, form, {}, form.buttons[0]))["code"]


@pytest.mark.parametrize("name, uri", [
    ("native", "http://127.0.0.1:51004/cb"), ("native", "http://[::1]:51004/cb"), ("native", "http://127.0.0.1/cb"),
    ("scheme", "th.go.agency:/cb"),
])  # fmt: skip
def test_a_native_application_gets_its_tokens_at_any_port(stack, agencies, name, uri):
    """RFC 8252 s7.3; the code is bound to the address that was asked for, its port too (RFC 6749 s4.1.3).
    The session alone gives none (RFC 8252 s8.6)."""
    agency, browser = agencies[name], browser_of(stack)
    code = confirmed_code(stack, agency, browser, redirect_uri=uri)
    other = agency.redeem(code, redirect_uri="http://127.0.0.1:51005/cb")
    assert other.status_code == 400 and "redirect_uri" in other.json()["error_description"]
    assert agency.redeem(code, redirect_uri=uri).json()["id_token"]


@pytest.mark.parametrize("uri", ["http://127.0.0.1:51004/other", "http://localhost:51004/cb", "https://127.0.0.1:51004/cb"])
def test_nothing_but_the_port_may_differ(agencies, stranger, uri):
    assert get(stranger, agencies["native"].authorize_url(redirect_uri=uri)).status_code == 400


@pytest.mark.parametrize("name, given", [
    ("plain", True), ("asking", True), ("default", True), ("online", False), ("quiet", False),
])  # fmt: skip
def test_offline_access_follows_one_rule(stack, agencies, name, given):
    """Who has it registered gets it by asking; the scope of every token answer says whether; OIDC Core s11."""
    agency, browser = agencies[name], browser_of(stack)
    url = agency.authorize_url(scope="openid email offline_access")
    page = follow(browser, get(browser, url), stack.issuer)
    if page.page:
        form = page.page.form_to("/signin/consent")
        page = follow(browser, submit(browser, page.page, form, {}, form.buttons[0]), stack.issuer)
    tokens = agency.redeem(page.params["code"]).json()
    assert tokens["scope"] == ("openid email offline_access" if given else "openid email")
    assert ("refresh_token" in tokens) == given
    if given:
        assert agency.refresh(tokens["refresh_token"]).json()["scope"] == "openid email offline_access"


@pytest.mark.parametrize("name", ["basic", "public"])
def test_a_scope_that_is_withdrawn_is_given_no_more(stack, agencies, name):
    """Neither as a refresh token for offline_access, nor as a token of an empty scope; RFC 6749 s3.3, s5.1."""
    agency = Agency(stack, f"withdrawn-{name}", name, scope="openid email offline_access")
    stack.apply({"clients": [agency.document()]})
    browser = browser_of(stack)
    kept = agency.tokens(browser, scope="openid email offline_access")
    code = agency.code(browser, scope="openid email offline_access")
    stack.apply({"clients": [{**agency.document(), "scope": "openid"}]})
    tokens = agency.redeem(code).json()
    assert tokens["scope"] == "openid" and "refresh_token" not in tokens
    nothing = agency.refresh(kept["refresh_token"], scope="email")
    assert nothing.status_code == 400 and nothing.json()["error"] == "invalid_scope", nothing.text
    assert "Received email; registered: openid" in nothing.json()["error_description"]
    assert agency.refresh(kept["refresh_token"], scope="openid email").json()["scope"] == "openid"


def test_a_claim_by_name_is_given_while_its_scope_is_registered(stack, agencies):
    """OIDC Core s5.5: by its name it is no more lasting than by its scope."""
    agency = Agency(stack, "by-name", "basic", scope="openid email national_id offline_access")
    stack.apply({"clients": [agency.document()]})
    asked = json.dumps({place: {"email": None, "national_id": None} for place in ("userinfo", "id_token")})
    tokens = agency.tokens(browser_of(stack), scope="openid offline_access", claims=asked)
    shown = agency.userinfo(tokens["access_token"]).json()
    assert {"email", "national_id"} <= set(shown) and {"email", "national_id"} <= set(claims_of(tokens["id_token"]))
    stack.apply({"clients": [{**agency.document(), "scope": "openid email offline_access"}]})
    again = agency.refresh(tokens["refresh_token"]).json()
    for given in (agency.userinfo(again["access_token"]).json(), claims_of(again["id_token"])):
        assert given["email"] == shown["email"] and "national_id" not in given


def test_a_grant_type_that_is_missing_is_named_at_registration(stack, agencies):
    document = Agency(stack, "plain", "basic", grant_types=["authorization_code"]).document()
    refused = stack.apply({"clients": [document]}, status=None)
    assert refused.returncode != 0 and "offline_access needs refresh_token in grant_types" in refused.stderr
