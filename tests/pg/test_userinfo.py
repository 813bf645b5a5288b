# SPDX-License-Identifier: Apache-2.0
"""What an access token opens, and what ends it: userinfo, introspection, revocation."""
import base64
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from lib.agency import CITIZENS, Agency, browser_of, claims_of, header_of
from lib.citizen import Citizen, sign_in_http

SCOPE = "openid profile email offline_access"


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name) for name in ("basic", "post", "public")}
    made["asking"] = Agency(stack, "asking", "basic", require_consent=True)
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture(scope="module")
def browser(stack, agencies):
    session = browser_of(stack)
    citizen = Citizen("somchai", CITIZENS[0]["password"], sandbox_code=CITIZENS[0]["sandbox_code"])
    end = sign_in_http(session, agencies["asking"].authorize_url(scope=SCOPE), citizen)
    assert "code" in end.params
    return session


@pytest.fixture
def basic(agencies):
    return agencies["basic"]


def refused(answer, error, status=401):
    assert answer.status_code == status, answer.text
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer realm=") and f'error="{error}"' in challenge
    assert answer.json()["error"] == error
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_claims_of_each_scope(basic, browser):
    shown = basic.userinfo(basic.tokens(browser)["access_token"])
    assert shown.status_code == 200 and shown.headers["Content-Type"] == "application/json"
    assert shown.headers["Access-Control-Allow-Origin"] == "*"
    body = shown.json()
    assert body["name"] == "สมชาย ใจดี" and body["email_verified"] is True
    assert "national_id" not in body
    bare = basic.userinfo(basic.tokens(browser, scope="openid")["access_token"]).json()
    assert set(bare) == {"sub"} and bare["sub"] == body["sub"]
    with_id = basic.userinfo(basic.tokens(browser, scope="openid national_id")["access_token"]).json()
    assert with_id["national_id"] == CITIZENS[0]["national_id"]


def test_claims_asked_for_one_by_one(basic, browser):
    asked = json.dumps({"userinfo": {"email": None}})
    tokens = basic.tokens(browser, scope="openid", claims=asked)
    body = basic.userinfo(tokens["access_token"]).json()
    assert set(body) == {"sub", "email"}
    assert body["sub"] == claims_of(tokens["id_token"])["sub"]


def test_sub_is_pairwise(agencies, browser):
    subs = {
        claims_of(agencies[name].tokens(browser)["id_token"])["sub"] for name in ("basic", "post", "public")
    }
    assert len(subs) == 3


def test_post_works_and_other_places_do_not(basic, browser):
    token = basic.tokens(browser)["access_token"]
    url, head = basic.instance.issuer + "/userinfo", {"Authorization": "Bearer " + token}
    assert basic.http.post(url, headers=head).status_code == 200
    assert basic.http.post(url, headers=head, data={"x": "y"}).status_code == 200
    shown = basic.http.post(url, data={"access_token": token})
    assert shown.status_code == 200 and shown.json() == basic.userinfo(token).json(), "RFC 6750 s2.2"
    refused(basic.http.post(url, data={"access_token": token}, headers=head), "invalid_request", 400)
    refused(basic.http.post(url, data=[("access_token", token)] * 2), "invalid_request", 400)
    refused(basic.http.post(url, data=[("access_token", token)] * 2, headers=head), "invalid_request", 400)
    refused(basic.http.get(url, params=[("access_token", token)] * 2, headers=head), "invalid_request", 400)
    refused(basic.http.post(url, data={"access_token": "x"}), "invalid_token")
    assert basic.http.get(url, data={"access_token": token}).status_code == 401, "a GET has no form"
    refused(basic.http.get(url, params={"access_token": token}), "invalid_request", 400)
    refused(basic.http.get(url, params={"access_token": token}, headers=head), "invalid_request", 400)
    refused(basic.http.get(url, headers={"Authorization": "Bearer a b"}), "invalid_request", 400)


def test_no_token_gets_a_bare_challenge(basic):
    for headers in ({}, {"Authorization": "Basic eDp5"}):
        answer = basic.http.get(basic.instance.issuer + "/userinfo", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{basic.instance.issuer}"'
        assert "error" not in answer.json()


def test_what_is_no_access_token(basic, browser, stack):
    tokens = basic.tokens(browser)
    good = tokens["access_token"]
    head, body, signature = good.split(".")
    flipped = signature[:9] + ("A" if signature[9] != "A" else "B") + signature[10:]
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    key = ECKey.generate_key("P-256", parameters={"kid": header_of(good)["kid"]})
    forged = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims_of(good), key)
    stranger = ECKey.generate_key("P-256", parameters={"kid": "nobody"})
    unknown = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "nobody"}, claims_of(good), stranger)
    for bad in ("x", "a.b.c", good[:-1], f"{head}.{body}.{flipped}", f"{none}.{body}.", forged, unknown,
                tokens["id_token"]):  # fmt: skip
        refused(basic.userinfo(bad), "invalid_token")
    assert basic.userinfo(good).status_code == 200


def test_every_look_stands_in_the_record(basic, browser, stack):
    token = basic.tokens(browser)["access_token"]
    answer = basic.userinfo(token)
    ((kind, outcome, client, jti, grant, scope),) = stack.sql(
        "SELECT kind, outcome, client_id, jti, grant_id::text, scope FROM record.event WHERE correlation_id = %s",
        [answer.headers["Correlation-Id"]],
    )
    assert (kind, outcome, client) == ("userinfo", "ok", "basic")
    claims = claims_of(token)
    assert (jti, grant, scope) == (claims["jti"], claims["grant_id"], "openid profile email")


@pytest.mark.parametrize(
    "spoil, reason",
    [
        ("UPDATE idp.authz_grant SET revoked_at = now() WHERE grant_id = %s", "grant_revoked"),
        ("UPDATE idp.authz_grant SET expires_at = now() WHERE grant_id = %s", "grant_expired"),
        ("UPDATE idp.session SET ended_at = now() WHERE session_id = "
         "(SELECT session_id FROM idp.authz_grant WHERE grant_id = %s)", "session_ended"),
        ("UPDATE idp.session SET last_seen_at = now() - interval '31 minutes' WHERE session_id = "
         "(SELECT session_id FROM idp.authz_grant WHERE grant_id = %s)", "session_ended"),
    ],
)  # fmt: skip
def test_an_ended_authorization_ends_its_tokens(basic, stack, agencies, spoil, reason):
    browser = browser_of(stack, "malee")
    token = basic.tokens(browser)["access_token"]
    assert basic.userinfo(token).status_code == 200
    assert basic.introspect(token).json()["active"] is True
    stack.sql(spoil, [claims_of(token)["grant_id"]])
    answer = basic.userinfo(token)
    refused(answer, "invalid_token")
    assert basic.introspect(token).json() == {"active": False}
    rows = stack.sql(
        "SELECT outcome, reason FROM record.event WHERE correlation_id = %s",
        [answer.headers["Correlation-Id"]],
    )
    assert rows == [("refused", reason)]


def test_sign_out_ends_access_tokens(basic, stack, agencies):
    browser = browser_of(stack, "malee")
    tokens = basic.tokens(browser)
    browser.get(
        basic.instance.issuer + "/logout", params={"id_token_hint": tokens["id_token"]}, allow_redirects=False
    )
    refused(basic.userinfo(tokens["access_token"]), "invalid_token")


def test_introspection_tells_the_owner_alone(agencies, browser, stack):
    basic, post, public = (agencies[name] for name in ("basic", "post", "public"))
    token = basic.tokens(browser)["access_token"]
    body = basic.introspect(token).json()
    claims = claims_of(token)
    assert body.pop("active") is True and body.pop("token_type") == "Bearer"
    for name, value in body.items():
        assert claims[name] == value, name
    assert set(body) == {"iss", "client_id", "sub", "scope", "exp", "aud", "jti", "iat", "acr", "auth_time"}
    other = post.introspect(token)
    assert other.json() == {"active": False}
    assert stack.sql(
        "SELECT FROM record.event WHERE correlation_id = %s", [other.headers["Correlation-Id"]]
    ) == [], "counted, not stored"
    for unknown in ("x", "x" * 43, "a.b.c", "x" * 2000, token[:-2]):
        assert basic.introspect(unknown).json() == {"active": False}
    refused = public.introspect(token)
    assert refused.status_code == 400 and refused.json()["error"] == "invalid_client"
    assert basic.post("/introspect", {}).json()["error"] == "invalid_request"
    refused = basic.post("/introspect", {"token": token}, proof=False)
    assert refused.status_code == 400 and refused.json()["error"] == "invalid_client"
    assert basic.http.get(basic.instance.issuer + "/introspect").status_code == 405


def test_introspection_of_a_refresh_token(agencies, browser):
    asking = agencies["asking"]
    tokens = asking.tokens(browser, scope=SCOPE)
    body = asking.introspect(tokens["refresh_token"]).json()
    assert body["active"] is True and body["scope"] == SCOPE and body["exp"] > time.time() + 3600
    assert asking.revoke(tokens["refresh_token"]).status_code == 200
    assert asking.introspect(tokens["refresh_token"]).json() == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "unheard_of"])
def test_revoking_either_token_ends_both(agencies, browser, stack, kind, hint):
    asking = agencies["asking"]
    tokens = asking.tokens(browser, scope=SCOPE)
    answer = asking.revoke(tokens[kind], **({"token_type_hint": hint} if hint else {}))
    assert answer.status_code == 200
    assert asking.userinfo(tokens["access_token"]).status_code == 401
    assert asking.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert asking.revoke(tokens[kind]).status_code == 200, "again is no error"
    rows = stack.sql(
        "SELECT kind, outcome, reason FROM record.event WHERE correlation_id = %s",
        [answer.headers["Correlation-Id"]],
    )
    assert rows == [("revoke", "ok", kind)]


def test_a_public_client_revokes_its_own(agencies, browser):
    public = agencies["public"]
    token = public.tokens(browser)["access_token"]
    assert public.revoke(token).status_code == 200
    assert public.userinfo(token).status_code == 401


def test_revocation_refuses_others_and_shrugs_at_unknown(agencies, browser):
    basic, post = agencies["basic"], agencies["post"]
    token = basic.tokens(browser)["access_token"]
    foreign = post.revoke(token)
    assert foreign.status_code == 400 and foreign.json()["error"] == "invalid_grant"
    assert basic.userinfo(token).status_code == 200
    for unknown in ("x" * 43, "a.b.c", "x" * 3000):
        assert basic.revoke(unknown).status_code == 200
    assert basic.post("/revoke", {}).json()["error"] == "invalid_request"
    refused = basic.post("/revoke", {"token": token}, proof=False)
    assert refused.status_code == 400 and refused.json()["error"] == "invalid_client"


def test_userinfo_tells_a_disabled_client_nothing(agencies, browser, stack):
    basic, post = agencies["basic"], agencies["post"]
    token, other = basic.tokens(browser)["access_token"], post.tokens(browser)["access_token"]
    stack.sql("UPDATE idp.client SET disabled = true WHERE client_id = 'basic'")
    try:
        refused = basic.userinfo(token)
        assert refused.status_code == 401 and refused.json()["error"] == "invalid_token"
        assert post.userinfo(other).status_code == 200
    finally:
        stack.sql("UPDATE idp.client SET disabled = false WHERE client_id = 'basic'")
    assert basic.userinfo(token).status_code == 200
