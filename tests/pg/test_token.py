# SPDX-License-Identifier: Apache-2.0
"""The code exchange over HTTP: what is given, what is refused, and that a code is spent once."""
import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from lib.agency import CITIZENS, SECRET, Agency, browser_of, claims_of, header_of

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 appendix B
ALGS = {"basic": "ES256", "post": "RS256", "jwt": "PS256", "public": "ES256"}


@pytest.fixture(scope="module")
def agencies(stack):
    made = {
        name: Agency(stack, name, id_token_signed_response_alg=alg) for name, alg in ALGS.items()
    }
    made["strict"] = Agency(stack, "strict", "basic", require_pkce=True)
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture(scope="module")
def browser(stack, agencies):
    return browser_of(stack)


@pytest.fixture
def basic(agencies):
    return agencies["basic"]


@pytest.fixture(scope="module")
def keys(stack, agencies):
    return KeySet.import_key_set(agencies["basic"].http.get(stack.issuer + "/jwks").json())


def refused(answer, error, *words, status=400):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["error"] == error, body
    text = body["error_description"]
    assert all(" " <= c <= "~" and c not in '"\\' for c in text), text
    for word in words:
        assert word in text, text
    assert body["correlation_id"] == answer.headers["Correlation-Id"]
    assert answer.headers["Cache-Control"] == "no-store"
    return body["correlation_id"]


@pytest.mark.parametrize("name", ALGS)
def test_tokens_for_a_code(agencies, browser, keys, stack, name):
    agency, alg = agencies[name], ALGS[name]
    answer = agency.redeem(agency.code(browser, nonce="n-0S6_WzA2Mj"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    got = answer.json()
    assert set(got) == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert got["token_type"] == "Bearer" and got["expires_in"] == 300
    assert got["scope"] == "openid profile email"
    for token in (got["id_token"], got["access_token"]):
        assert header_of(token)["alg"] == alg
        jwt.decode(token, keys, algorithms=[alg])
    claims = claims_of(got["id_token"])
    assert claims["iss"] == stack.issuer and claims["aud"] == agency.client_id
    assert claims["nonce"] == "n-0S6_WzA2Mj" and claims["acr"] == "urn:pratu:loa:2"
    assert claims["exp"] - claims["iat"] == 300 and claims["auth_time"] <= claims["iat"]
    half = hashlib.sha256(got["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert "name" not in claims, "the claims of scopes go to userinfo"
    access = claims_of(got["access_token"])
    assert header_of(got["access_token"])["typ"] == "at+jwt"
    assert access["aud"] == stack.issuer and access["client_id"] == agency.client_id
    assert access["scope"] == "openid profile email" and access["sub"] == claims["sub"]


def test_claims_that_the_id_token_was_asked_for(basic, browser):
    asked = json.dumps({"id_token": {"email": {"essential": True}, "name": None}})
    claims = claims_of(basic.tokens(browser, claims=asked)["id_token"])
    assert claims["email"] == "somchai@example.th" and claims["name"] == "สมชาย ใจดี"


def test_the_national_id_in_the_id_token_if_asked_for(basic, browser):
    asked = json.dumps({"id_token": {"national_id": {"essential": True}}})
    tokens = basic.tokens(browser, claims=asked, scope="openid national_id")
    assert claims_of(tokens["id_token"])["national_id"] == CITIZENS[0]["national_id"]


def test_a_refresh_token_only_with_offline_access(basic, browser):
    tokens = basic.tokens(browser)
    assert "refresh_token" not in tokens and tokens["scope"] == "openid profile email"
    tokens = basic.tokens(browser, scope="openid offline_access")
    assert tokens["refresh_token"], "its registration has no consent screens, so it needs no prompt"
    assert tokens["scope"] == "openid offline_access"


FORM = "application/x-www-form-urlencoded"
BAD = {
    "no grant_type": ({"grant_type": None}, "invalid_request", "grant_type"),
    "empty grant_type": ({"grant_type": ""}, "invalid_request", "grant_type"),
    "password": ({"grant_type": "password"}, "unsupported_grant_type", "password"),
    "implicit": ({"grant_type": "im\"pli\\cit\n"}, "unsupported_grant_type", "im?pli?cit?"),
    "no code": ({"code": None}, "invalid_request", "code"),
    "long code": ({"code": "x" * 600}, "invalid_request", "512"),
    "unknown code": ({"code": "x" * 43}, "invalid_grant", "issued to this client"),
    "no redirect_uri": ({"redirect_uri": None}, "invalid_request", "redirect_uri"),
    "other redirect_uri": ({"redirect_uri": "https://basic.example/callback"}, "invalid_grant",
                           "https://basic.example/callback"),
    "its case": ({"redirect_uri": "https://Basic.example/callback?kept=1"}, "invalid_grant", "redirect_uri"),
    "verifier without challenge": ({"code_verifier": VERIFIER}, "invalid_grant", "no code_challenge"),
    "short verifier": ({"code_verifier": "short"}, "invalid_request", "43 to 128"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_with_a_request_is_told(basic, browser, case):
    change, error, word = BAD[case]
    code = basic.code(browser)
    data = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": basic.redirect_uri, **change,
    }  # fmt: skip
    answer = basic.post("/token", {k: v for k, v in data.items() if v is not None})
    refused(answer, error, word)
    assert code not in answer.text
    assert basic.redeem(code).status_code == 200, "none of these spends the code"


def test_a_body_that_is_no_form_is_refused(basic):
    head, _ = basic.proof()
    for body, kind in (('{"grant_type":"x"}', "application/json"), ("a=b", "text/plain")):
        answer = basic.post("/token", body, {"Content-Type": kind, **head})
        refused(answer, "invalid_request", kind)
    for body in ("code=1&grant_type=authorization_code&code=2", "a=%zz", "a=%ff", "a=b%00c"):
        answer = basic.post("/token", body, {"Content-Type": FORM})
        assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"
    query = basic.http.post(basic.instance.issuer + "/token?grant_type=authorization_code", headers=head)
    refused(query, "invalid_request", "Content-Type")


def test_get_is_refused(basic):
    answer = basic.http.get(basic.instance.issuer + "/token")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_pkce_is_checked_and_a_wrong_verifier_spends_nothing(agencies, browser):
    public = agencies["public"]
    code = public.code(browser)
    refused(public.redeem(code, code_verifier=VERIFIER), "invalid_grant", "code_verifier")
    refused(public.redeem(code, code_verifier=None), "invalid_grant", "code_verifier")
    assert public.redeem(code).status_code == 200
    strict = agencies["strict"]
    code = strict.code(browser, verifier=VERIFIER)
    refused(strict.redeem(code), "invalid_grant", "code_verifier")
    assert strict.redeem(code, code_verifier=VERIFIER).status_code == 200


def test_another_clients_code_is_as_unknown_and_stays_unspent(agencies, browser, stack):
    basic, other = agencies["basic"], agencies["post"]
    code = basic.code(browser)
    foreign = other.redeem(code, redirect_uri=basic.redirect_uri)
    unknown = other.redeem("x" * 43, redirect_uri=basic.redirect_uri)
    found = refused(foreign, "invalid_grant")
    assert foreign.json()["error_description"] == unknown.json()["error_description"]
    assert stack.sql("SELECT FROM record.event WHERE correlation_id = %s", [found]) == [], "counted, not stored"
    tokens = basic.redeem(code)
    assert tokens.status_code == 200
    assert basic.userinfo(tokens.json()["access_token"]).status_code == 200


def test_a_second_use_kills_the_tokens_of_the_first(basic, browser, stack):
    code = basic.code(browser)
    tokens = basic.redeem(code).json()
    assert basic.userinfo(tokens["access_token"]).status_code == 200
    found = refused(basic.redeem(code), "invalid_grant", "revoked")
    assert basic.userinfo(tokens["access_token"]).status_code == 401
    assert basic.introspect(tokens["access_token"]).json() == {"active": False}
    rows = stack.sql(
        "SELECT kind, outcome, reason FROM record.event WHERE correlation_id = %s ORDER BY kind", [found]
    )
    assert rows == [("revoke", "ok", "code_reuse"), ("token", "refused", "code_reuse")]


def test_a_used_code_alone_ends_nothing(agencies, browser):
    """Who has the code, but not what belongs to it, could otherwise end what its client was given."""
    basic, public = agencies["basic"], agencies["public"]
    code = basic.code(browser)
    access = basic.redeem(code).json()["access_token"]
    refused(basic.redeem(code, redirect_uri="https://elsewhere.example/"), "invalid_grant", "redirect_uri")
    refused(basic.redeem(code, code_verifier=VERIFIER), "invalid_grant", "code_verifier")
    assert basic.userinfo(access).status_code == 200
    code = public.code(browser)
    access = public.redeem(code).json()["access_token"]
    refused(public.redeem(code, code_verifier=VERIFIER), "invalid_grant", "code_verifier")
    refused(public.redeem(code, code_verifier=None), "invalid_grant", "code_verifier")
    assert public.userinfo(access).status_code == 200
    refused(public.redeem(code), "invalid_grant", "revoked")
    assert public.userinfo(access).status_code == 401


def test_an_old_code_is_refused(basic, browser, stack):
    code = basic.code(browser)
    hashed = hashlib.sha256(code.encode()).digest()
    stack.sql("UPDATE idp.code SET expires_at = now() - interval '1 second' WHERE code_hash = %s", [hashed])
    refused(basic.redeem(code), "invalid_grant", "expired")


def test_fifty_at_once_get_one_set_of_tokens(basic, browser, stack):
    code = basic.code(browser)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: basic.redeem(code), range(50)))
    good = [a for a in answers if a.status_code == 200]
    assert len(good) == 1
    for answer in answers:
        if answer is not good[0]:
            refused(answer, "invalid_grant")
    access = good[0].json()["access_token"]
    assert basic.userinfo(access).status_code == 401, "the 49 have killed it"
    grant = claims_of(access)["grant_id"]
    rows = stack.sql(
        "SELECT outcome, count(*) FROM record.event WHERE kind = 'token' AND grant_id = %s "
        "GROUP BY outcome ORDER BY outcome", [grant])  # fmt: skip
    assert rows == [("ok", 1), ("refused", 49)]


def test_a_revoked_grant_gives_nothing_for_its_code(basic, stack, agencies):
    browser = browser_of(stack, "malee")
    code = basic.code(browser)
    hashed = hashlib.sha256(code.encode()).digest()
    stack.sql(
        "UPDATE idp.authz_grant SET revoked_at = now() WHERE grant_id = "
        "(SELECT grant_id FROM idp.code WHERE code_hash = %s)", [hashed])  # fmt: skip
    refused(basic.redeem(code), "invalid_grant", "has ended")


def test_an_ended_session_gives_nothing_for_its_code(basic, stack, agencies):
    browser = browser_of(stack, "malee")
    code = basic.code(browser)
    stack.sql("UPDATE idp.session SET ended_at = now() WHERE subject_id = "
              "(SELECT g.subject_id FROM idp.code k JOIN idp.authz_grant g USING (grant_id) "
              "WHERE k.code_hash = %s)", [hashlib.sha256(code.encode()).digest()])  # fmt: skip
    refused(basic.redeem(code), "invalid_grant", "has ended")


def test_a_locked_citizen_gets_nothing(basic, stack, agencies):
    browser = browser_of(stack, "malee")
    code = basic.code(browser)
    kept = basic.tokens(browser)["access_token"]
    citizen = "citizen_id = (SELECT g.subject_id FROM idp.code k JOIN idp.authz_grant g USING (grant_id) WHERE k.code_hash = %s)"
    hashed = [hashlib.sha256(code.encode()).digest()]
    stack.sql(f"UPDATE idp.citizen SET locked = true WHERE {citizen}", hashed)
    try:
        refused(basic.redeem(code), "invalid_grant", "has ended")
        assert basic.userinfo(kept).status_code == 401
        assert basic.introspect(kept).json() == {"active": False}
    finally:
        stack.sql(f"UPDATE idp.citizen SET locked = false WHERE {citizen}", hashed)


def test_every_exchange_stands_in_the_record(basic, browser, stack):
    answer = basic.redeem(basic.code(browser))
    claims = claims_of(answer.json()["access_token"])
    ((kind, outcome, client, acr, amr, jti, grant, scope),) = stack.sql(
        "SELECT kind, outcome, client_id, acr, amr, jti, grant_id::text, scope FROM record.event WHERE correlation_id = %s",
        [answer.headers["Correlation-Id"]],
    )
    assert (kind, outcome, client, acr) == ("token", "ok", "basic", "urn:pratu:loa:2")
    assert amr == claims["amr"]
    assert (jti, grant, scope) == (claims["jti"], claims["grant_id"], claims["scope"])


def test_no_code_token_or_secret_is_in_log_or_record(basic, browser, stack):
    code = basic.code(browser)
    tokens = basic.redeem(code).json()
    basic.redeem(code)
    basic.userinfo(tokens["access_token"])
    log = stack.log.read_text()
    record = str(stack.sql("SELECT * FROM record.event"))
    for secret in (code, SECRET, tokens["access_token"], tokens["id_token"], tokens["access_token"].split(".")[2]):
        assert secret not in log and secret not in record


def test_scripts_of_other_origins_may_call(basic):
    url = basic.instance.issuer + "/token"
    asked = basic.http.options(url, headers={"Origin": "https://spa.example", "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert basic.post("/token", {}).headers["Access-Control-Allow-Origin"] == "*"
