# SPDX-License-Identifier: Apache-2.0
"""Client authentication over HTTP: each method, each refusal, and that an assertion counts once."""
import base64
import hmac
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest
from joserfc.jwk import ECKey, RSAKey
from lib.agency import ASSERTION_TYPE, CITIZENS, SECRET, Agency, basic, browser_of

DUMMY = {"grant_type": "authorization_code", "code": "x" * 43, "redirect_uri": "https://x.example/"}


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name) for name in ("basic", "post", "jwt", "public")}
    made["strict"] = Agency(stack, "strict", "basic", token_endpoint_auth_method_strict=True)
    made["ps"] = Agency(stack, "ps", "jwt", token_endpoint_auth_signing_alg="PS256")
    made["ps"].key = RSAKey.generate_key(2048, parameters={"kid": "ps-1"})
    made["th.go.odd:a/b~c"] = Agency(stack, "th.go.odd:a/b~c", "basic", redirect_uris=["https://odd.example/"])
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


def passed(answer):
    """The client was let in: what is refused is the code."""
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant", answer.text


def issuer_of(answer):
    parts = urlsplit(answer.url)
    return f"{parts.scheme}://{parts.netloc}"


def refused(answer, word="", stack=None):
    header = "Authorization" in answer.request.headers
    assert answer.status_code == (401 if header else 400), answer.text
    assert answer.json()["error"] == "invalid_client"
    text = answer.json()["error_description"]
    assert word in text, answer.text
    challenge = f'Basic realm="{issuer_of(answer)}", charset="UTF-8", error="invalid_client", error_description="{text}"'
    assert answer.headers.get("WWW-Authenticate") == (challenge if header else None)
    assert answer.headers["Cache-Control"] == "no-store"
    if stack:
        rows = stack.sql("SELECT FROM record.event WHERE correlation_id = %s", [answer.headers["Correlation-Id"]])
        assert rows == [], "who has proven nothing is counted, and leaves no row"


@pytest.mark.parametrize("name", ["basic", "post", "jwt", "public", "ps", "th.go.odd:a/b~c"])
def test_each_method_lets_its_client_in(agencies, name):
    agency = agencies[name]
    if name == "ps":
        agency.proof = lambda: ({}, {
            "client_assertion_type": ASSERTION_TYPE, "client_assertion": agency.assertion(alg="PS256"),
        })  # fmt: skip
    passed(agency.post("/token", DUMMY))


def test_the_basic_header_is_form_decoded(agencies):
    agency = agencies["basic"]
    raw = base64.b64encode(f"basic:{SECRET}".encode()).decode()
    encoded = base64.b64encode(f"basic:{quote(SECRET, safe='')}".encode()).decode()
    refused(agency.post("/token", DUMMY, {"Authorization": "Basic " + raw}, proof=False))
    passed(agency.post("/token", DUMMY, {"Authorization": "Basic " + encoded}, proof=False))
    passed(agency.post("/token", {**DUMMY, "client_id": "basic"}))


def test_wrong_secret_and_unknown_client_answer_alike(agencies, stack):
    agency = agencies["basic"]
    wrong = agency.post("/token", DUMMY, {"Authorization": basic("basic", "wrong")}, proof=False)
    unknown = agency.post("/token", DUMMY, {"Authorization": basic("nobody", "wrong")}, proof=False)
    refused(wrong, stack=stack)
    refused(unknown, stack=stack)
    assert wrong.json()["error_description"] == unknown.json()["error_description"]
    assert set(wrong.headers) == set(unknown.headers)


def test_a_strangers_typo_is_stored_nowhere(agencies, stack):
    answer = agencies["basic"].post(
        "/token", DUMMY, {"Authorization": basic("my-password-by-mistake", "x")}, proof=False
    )
    refused(answer, stack=stack)
    assert "my-password-by-mistake" not in stack.log.read_text()


BROKEN = [
    "Basic", "Basic !", "Basic " + base64.b64encode(b"nocolon").decode(),
    "Basic " + base64.b64encode(b"basic:%zz").decode(), "Basic " + base64.b64encode(b"basic:%00").decode(),
    "Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "Bearer abc", "Digest username=basic",
]  # fmt: skip


@pytest.mark.parametrize("header", BROKEN)
def test_a_broken_header_is_refused(agencies, header):
    refused(agencies["basic"].post("/token", DUMMY, {"Authorization": header}, proof=False), "Authorization: expected Basic")


def test_nothing_at_all_is_refused(agencies, stack):
    answer = agencies["basic"].post("/token", DUMMY, proof=False)
    refused(answer, "missing", stack)


TWO = [
    ({"Authorization": basic("basic", SECRET)}, {"client_secret": SECRET}),
    ({"Authorization": basic("basic", SECRET)}, {"client_id": "other"}),
    ({"Authorization": basic("basic", SECRET)}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": "x.y.z"}),
    ({}, {"client_id": "post", "client_secret": SECRET, "client_assertion": "x.y.z"}),
]


@pytest.mark.parametrize("headers, members", TWO)
def test_two_ways_at_once_are_refused(agencies, headers, members):
    answer = agencies["basic"].post("/token", {**DUMMY, **members}, headers, proof=False)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"


SAME_SECRET = {("basic", "post"), ("post", "basic")}


@pytest.mark.parametrize("name", ["basic", "post", "jwt", "public", "strict"])
@pytest.mark.parametrize("way", ["basic", "post", "public", "jwt"])
def test_only_the_registered_method_counts(agencies, name, way, stack):
    """A secret may come in the header or in the form, unless the client is registered as strict."""
    agency = agencies[name]
    other = Agency(stack, name, way)
    other.key = agency.key
    answer = other.post("/token", DUMMY)
    if way == agency.method or (name, way) in SAME_SECRET:
        passed(answer)
    else:
        refused(answer, "registered for client authentication by", stack)


def test_a_disabled_client_is_as_unknown(agencies, stack):
    agency = agencies["post"]
    stack.sql("UPDATE idp.client SET disabled = true WHERE client_id = 'post'")
    try:
        refused(agency.post("/token", DUMMY), "not those of a registered client", stack)
    finally:
        stack.sql("UPDATE idp.client SET disabled = false WHERE client_id = 'post'")
    passed(agency.post("/token", DUMMY))


def send(agency, assertion, **more):
    members = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **more}
    return agency.post("/token", {**DUMMY, **members}, proof=False)


GOOD = [
    {}, {"aud": ["{issuer}"]}, {"aud": "{issuer}/token"}, {"aud": ["{issuer}", "{issuer}/token"]},
    {"iat": None}, {"exp": 3600}, {"iat": -50, "exp": 10}, {"nbf": 0},
    {"iat": 50, "nbf": 50, "exp": 110}, {"iat": -110, "exp": -50},
]  # fmt: skip
BAD = [
    ({"iss": "basic"}, "iss and sub"), ({"iss": None}, "iss and sub"),
    ({"aud": "https://other.example"}, "aud must be {issuer} or {issuer}/token, and no other"), ({"aud": ["{issuer}", "https://other.example"]}, "aud"),
    ({"aud": None}, "aud"), ({"aud": "{issuer}/"}, "aud"), ({"jti": None}, "jti"), ({"jti": ""}, "jti"),
    ({"exp": None}, "exp"), ({"exp": -60}, "expired"), ({"iat": -300, "exp": 60}, "at most 60 seconds old"),
    ({"iat": None, "exp": 3600}, "has no iat, so exp may be at most 60 seconds ahead"), ({"iat": 300, "exp": 330}, "not valid yet"),
    ({"nbf": 300}, "not valid yet"),
]  # fmt: skip


def claims(change, stack):
    """Times in a case are relative to now; {issuer} is the instance's."""
    now = int(time.time())

    def fill(name, value):
        if name in ("iat", "exp", "nbf") and value is not None:
            return now + value
        if isinstance(value, list):
            return [one.format(issuer=stack.issuer) for one in value]
        return value.format(issuer=stack.issuer) if isinstance(value, str) else value

    return {name: fill(name, value) for name, value in change.items()}


@pytest.mark.parametrize("change", GOOD, ids=str)
def test_good_assertions(agencies, stack, change):
    passed(send(agencies["jwt"], agencies["jwt"].assertion(**claims(change, stack))))


@pytest.mark.parametrize("change, word", BAD, ids=str)
def test_bad_assertions(agencies, stack, change, word):
    refused(send(agencies["jwt"], agencies["jwt"].assertion(**claims(change, stack))), word.format(issuer=stack.issuer))


def test_assertions_of_other_keys_and_algs(agencies, stack):
    agency = agencies["jwt"]
    strange = ECKey.generate_key("P-256", parameters={"kid": agency.key.kid})
    refused(send(agency, agency.assertion(key=strange)), "no key that is registered", stack)
    unknown = ECKey.generate_key("P-256", parameters={"kid": "other"})
    refused(send(agency, agency.assertion(key=unknown)), "no key that is registered", stack)
    refused(send(agency, agency.assertion(sub="nobody", iss="nobody")), "no key that is registered", stack)
    refused(send(agencies["ps"], agencies["ps"].assertion(alg="RS256")), "alg", stack)
    body = agency.assertion().split(".")[1]
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    refused(send(agency, f"{none}.{body}."))
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
    mac = hmac.digest(agency.key.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    refused(send(agency, f"{head}.{body}." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()))


def test_the_type_and_client_id_beside_an_assertion(agencies):
    agency = agencies["jwt"]
    passed(send(agency, agency.assertion(), client_id="jwt"))
    wrong = send(agency, agency.assertion(), client_id="basic")
    assert wrong.status_code == 400 and wrong.json()["error"] == "invalid_request"
    kind = send(agency, agency.assertion(), client_assertion_type="urn:x")
    assert kind.status_code == 400 and "urn:x" in kind.json()["error_description"]


def test_an_assertion_counts_once(agencies, stack):
    agency = agencies["jwt"]
    assertion = agency.assertion()
    passed(send(agency, assertion))
    refused(send(agency, assertion), "jti", stack)
    same = agency.assertion(jti="fixed", exp=int(time.time()) + 30)
    passed(send(agency, same))
    refused(send(agency, agency.assertion(jti="fixed")), "jti", stack)
    assert assertion not in stack.log.read_text()


def test_an_assertion_counts_once_among_fifty(agencies):
    agency = agencies["jwt"]
    assertion = agency.assertion()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: send(agency, assertion), range(50)))
    assert sorted(a.status_code for a in answers) == [400] * 50
    assert sorted(a.json()["error"] for a in answers) == ["invalid_client"] * 49 + ["invalid_grant"]


def test_a_public_client_needs_pkce(agencies, stack):
    browser = browser_of(stack)
    public = agencies["public"]
    assert public.tokens(browser)["access_token"]
    bare = browser.get(public.authorize_url(), allow_redirects=False)
    assert "error=invalid_request" in bare.headers["Location"]
