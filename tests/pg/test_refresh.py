# SPDX-License-Identifier: Apache-2.0
"""Refresh tokens over HTTP: stable for clients that authenticate, rotated for public ones, dead with their grant."""
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.agency import CITIZENS, Agency, browser_of, claims_of
from lib.citizen import Citizen, sign_in_http

SCOPE = "openid profile email offline_access"


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name, require_consent=True) for name in ("basic", "public", "jwt")}
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture(scope="module")
def browser(stack, agencies):
    """Signed in, and consent given to each agency."""
    session = browser_of(stack)
    citizen = Citizen("somchai", CITIZENS[0]["password"], sandbox_code=CITIZENS[0]["sandbox_code"])
    for agency in agencies.values():
        pkce = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
        end = sign_in_http(session, agency.authorize_url(scope=SCOPE, **pkce), citizen)
        assert end.steps == ["consent"] and "code" in end.params, end
    return session


def offline(agency, browser):
    tokens = agency.tokens(browser, scope=SCOPE)
    assert "refresh_token" in tokens
    return tokens


def refused(answer, error, word=""):
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == error and word in answer.json()["error_description"], answer.text


@pytest.mark.parametrize("name", ["basic", "jwt"])
def test_a_client_that_authenticates_keeps_its_token(agencies, browser, name):
    agency = agencies[name]
    tokens = offline(agency, browser)
    for _ in range(3):
        answer = agency.refresh(tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        again = answer.json()
        assert "refresh_token" not in again
        assert again["scope"] == tokens["scope"]
        assert agency.userinfo(again["access_token"]).status_code == 200


def test_the_new_id_token_is_of_the_same_sign_in(agencies, browser):
    agency = agencies["basic"]
    code = agency.code(browser, scope=SCOPE, nonce="n1")
    tokens = agency.redeem(code).json()
    first = claims_of(tokens["id_token"])
    again = claims_of(agency.refresh(tokens["refresh_token"]).json()["id_token"])
    for name in ("iss", "sub", "aud", "auth_time", "azp", "acr", "amr", "sid"):
        assert again[name] == first[name], name
    assert again["iat"] >= first["iat"]
    assert first["nonce"] == "n1" and "nonce" not in again


def test_a_public_clients_token_rotates(agencies, browser, stack):
    public = agencies["public"]
    seen = [offline(public, browser)["refresh_token"]]
    for _ in range(3):
        answer = public.refresh(seen[-1])
        assert answer.status_code == 200, answer.text
        seen.append(answer.json()["refresh_token"])
    assert len(set(seen)) == 4


def test_a_spent_token_kills_the_family(agencies, browser, stack):
    public = agencies["public"]
    first = offline(public, browser)
    second = public.refresh(first["refresh_token"]).json()
    third = public.refresh(second["refresh_token"]).json()
    assert public.userinfo(third["access_token"]).status_code == 200
    answer = public.refresh(first["refresh_token"])
    refused(answer, "invalid_grant", "revoked")
    refused(public.refresh(third["refresh_token"]), "invalid_grant")
    assert public.userinfo(third["access_token"]).status_code == 401
    rows = stack.sql(
        "SELECT kind, outcome, reason FROM record.event WHERE correlation_id = %s ORDER BY kind",
        [answer.headers["Correlation-Id"]],
    )
    assert rows == [("refresh", "refused", "refresh_reuse"), ("revoke", "ok", "refresh_reuse")]


def test_an_answer_that_was_lost_does_not_cost_the_family(agencies, browser):
    public = agencies["public"]
    former = offline(public, browser)["refresh_token"]
    lost = public.refresh(former).json()["refresh_token"]
    again = public.refresh(former)
    assert again.status_code == 200 and again.json()["refresh_token"] not in (former, lost)
    used = public.refresh(again.json()["refresh_token"])
    assert used.status_code == 200
    refused(public.refresh(former), "invalid_grant", "revoked")
    refused(public.refresh(used.json()["refresh_token"]), "invalid_grant")


def test_a_successor_that_was_replaced_is_reused(agencies, browser):
    public = agencies["public"]
    former = offline(public, browser)["refresh_token"]
    lost = public.refresh(former).json()["refresh_token"]
    again = public.refresh(former).json()
    refused(public.refresh(lost), "invalid_grant", "revoked")
    assert public.userinfo(again["access_token"]).status_code == 401


def test_fifty_at_once_leave_one_usable_token(agencies, browser, stack):
    public = agencies["public"]
    tokens = offline(public, browser)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: public.refresh(tokens["refresh_token"]), range(50)))
    assert [a.status_code for a in answers] == [200] * 50
    rows = stack.sql("SELECT token_hash FROM idp.refresh_token WHERE grant_id = %s AND spent_at IS NULL",
                     [claims_of(tokens["access_token"])["grant_id"]])  # fmt: skip
    given = {hashlib.sha256(a.json()["refresh_token"].encode()).digest(): a.json()["refresh_token"] for a in answers}
    assert len(given) == 50 and len(rows) == 1
    assert public.refresh(given[bytes(rows[0][0])]).status_code == 200


def test_another_clients_token_is_as_unknown(agencies, browser):
    tokens = offline(agencies["basic"], browser)
    foreign = agencies["jwt"].refresh(tokens["refresh_token"])
    unknown = agencies["jwt"].refresh("x" * 43)
    refused(foreign, "invalid_grant")
    assert foreign.json()["error_description"] == unknown.json()["error_description"]
    assert agencies["basic"].refresh(tokens["refresh_token"]).status_code == 200


def test_scope_narrows_and_never_widens(agencies, browser):
    agency = agencies["basic"]
    tokens = offline(agency, browser)
    narrow = agency.refresh(tokens["refresh_token"], scope="openid email")
    assert narrow.json()["scope"] == "openid email"
    shown = agency.userinfo(narrow.json()["access_token"]).json()
    assert "email" in shown and "name" not in shown
    refused(agency.refresh(tokens["refresh_token"], scope="openid national_id"), "invalid_scope", "national_id")
    refused(agency.refresh(tokens["refresh_token"], scope='openid "x"'), "invalid_scope", "?x?")
    assert agency.refresh(tokens["refresh_token"]).json()["scope"] == SCOPE, "what was narrowed once is not lost"
    bare = agency.refresh(tokens["refresh_token"], scope="email").json()
    assert "id_token" not in bare
    answer = agency.userinfo(bare["access_token"])
    assert answer.status_code == 403 and 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_offline_outlives_the_session_and_nothing_else(agencies, stack):
    agency = agencies["basic"]
    browser = browser_of(stack)
    tokens = offline(agency, browser)
    online = agency.tokens(browser, scope="openid")
    stack.sql(
        "UPDATE idp.session SET ended_at = now() WHERE session_id = "
        "(SELECT session_id FROM idp.authz_grant WHERE grant_id = %s)",
        [claims_of(tokens["access_token"])["grant_id"]],
    )
    assert agency.userinfo(online["access_token"]).status_code == 401
    again = agency.refresh(tokens["refresh_token"])
    assert again.status_code == 200
    assert agency.userinfo(again.json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE idp.refresh_token SET expires_at = now() WHERE token_hash = %(hash)s",
        "UPDATE idp.authz_grant SET revoked_at = now() WHERE grant_id = %(grant)s",
        "UPDATE idp.authz_grant SET expires_at = now() WHERE grant_id = %(grant)s",
    ],
    ids=["token expired", "grant revoked", "grant expired"],
)
@pytest.mark.parametrize("name", ["basic", "public"])
def test_what_has_ended_stays_so(agencies, browser, stack, name, spoil):
    agency = agencies[name]
    tokens = offline(agency, browser)
    stack.sql(spoil, {
        "hash": hashlib.sha256(tokens["refresh_token"].encode()).digest(),
        "grant": claims_of(tokens["access_token"])["grant_id"],
    })  # fmt: skip
    refused(agency.refresh(tokens["refresh_token"]), "invalid_grant", "has ended")


def test_a_locked_citizen_refreshes_nothing(agencies, browser, stack):
    agency = agencies["basic"]
    tokens = offline(agency, browser)
    where = "citizen_id = (SELECT subject_id FROM idp.authz_grant WHERE grant_id = %s)"
    grant = [claims_of(tokens["access_token"])["grant_id"]]
    stack.sql(f"UPDATE idp.citizen SET locked = true WHERE {where}", grant)
    try:
        refused(agency.refresh(tokens["refresh_token"]), "invalid_grant", "has ended")
    finally:
        stack.sql(f"UPDATE idp.citizen SET locked = false WHERE {where}", grant)
    assert agency.refresh(tokens["refresh_token"]).status_code == 200


def test_only_the_hash_is_stored(agencies, browser, stack):
    tokens = offline(agencies["basic"], browser)
    hashed = hashlib.sha256(tokens["refresh_token"].encode()).digest()
    assert len(stack.sql("SELECT 1 FROM idp.refresh_token WHERE token_hash = %s", [hashed])) == 1
    assert tokens["refresh_token"] not in stack.log.read_text()
    assert tokens["refresh_token"] not in str(stack.sql("SELECT * FROM record.event"))


def test_a_client_without_the_grant_type_is_refused(agencies, browser, stack):
    agency = Agency(stack, "plain", "basic", grant_types=["authorization_code"], scope="openid")
    stack.apply({"clients": [agency.document()]})
    refused(agency.refresh("x" * 43), "unauthorized_client", "refresh_token")
