# SPDX-License-Identifier: Apache-2.0
"""Authlib as a second relying party: its own reading of the same RFCs, from discovery to revocation."""
import base64
import hashlib
import time

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from lib.citizen import sign_in_http

CALLBACK = "https://agency.example.th/callback"
VERIFIER = "a-verifier-of-43-to-128-characters-as-RFC-7636-demands"
NONCE = "n-0S6_WzA2Mj"
SCOPE = "openid profile email offline_access"


@pytest.fixture(scope="module")
def key():
    return ECKey.generate_key("P-256", {"kid": "authlib-1", "use": "sig", "alg": "ES256"})


@pytest.fixture(scope="module")
def agency(stack, key):
    """A client with private_key_jwt and refresh tokens, registered for these tests."""
    stack.apply({"clients": [{
        "client_id": "authlib",
        "client_name": "An agency with Authlib",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "grant_types": ["authorization_code", "refresh_token"],
        "id_token_signed_response_alg": "ES256",
        "scope": SCOPE,
        "require_pkce": True,
    }]})
    return "authlib"


@pytest.fixture(scope="module")
def metadata(stack):
    found = requests.get(f"{stack.issuer}/.well-known/openid-configuration", verify=str(stack.ca), timeout=30)
    assert found.status_code == 200
    return found.json()


@pytest.fixture
def client(stack, agency, key, metadata):
    session = OAuth2Session(
        agency,
        key,
        token_endpoint_auth_method="private_key_jwt",
        revocation_endpoint_auth_method="private_key_jwt",
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint=metadata["token_endpoint"],
    )
    session.verify = str(stack.ca)
    session.trust_env = False
    session.register_client_auth_method(
        PrivateKeyJWT(metadata["token_endpoint"], alg="ES256", headers={"kid": "authlib-1"})
    )
    yield session
    session.close()


def half_hash(text: str) -> str:
    """at_hash of OpenID Connect Core s3.1.3.6 for a token signed with a SHA-256 algorithm."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def authorize(stack, client, metadata, **more):
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce=NONCE, **more
    )
    end = sign_in_http(stack.session(), url, stack.sandbox("somying"))
    assert end.params.get("state") == state, end.page and end.page.words()
    assert end.params["iss"] == stack.issuer
    return end


def redeem(client, metadata, end):
    return client.fetch_token(
        metadata["token_endpoint"], authorization_response=end.url, code_verifier=VERIFIER
    )


def test_code_flow_and_everything_after_it(stack, client, metadata):
    end = authorize(stack, client, metadata)
    assert end.steps == ["password", "factor", "consent"]
    token = redeem(client, metadata, end)

    keys = KeySet.import_key_set(client.get(metadata["jwks_uri"], withhold_token=True).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
    claims = decoded.claims
    jwt.JWTClaimsRegistry(
        now=int(time.time()),
        iss={"essential": True, "value": stack.issuer},
        aud={"essential": True, "value": "authlib"},
        nonce={"essential": True, "value": NONCE},
        exp={"essential": True},
    ).validate(claims)
    assert claims["acr"] == "urn:pratu:loa:2" and claims["auth_time"] <= time.time()
    assert claims["at_hash"] == half_hash(token["access_token"])

    access = jwt.decode(token["access_token"], keys, algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt" and access.claims["client_id"] == "authlib"
    access = access.claims

    who = client.get(metadata["userinfo_endpoint"]).json()
    assert who["sub"] == claims["sub"] == access["sub"]
    assert who["name"] == "สมหญิง รักไทย" and who["email"] == "somying@example.th"
    assert "phone_number" not in who and "national_id" not in who

    again = client.refresh_token(metadata["token_endpoint"])
    assert again["access_token"] != token["access_token"]

    answer = client.introspect_token(
        metadata["introspection_endpoint"], token=again["access_token"], token_type_hint="access_token"
    ).json()
    assert answer["active"] is True and answer["sub"] == who["sub"] and answer["client_id"] == "authlib"

    refresh = again.get("refresh_token", token["refresh_token"])
    gone = client.revoke_token(metadata["revocation_endpoint"], token=refresh, token_type_hint="refresh_token")
    assert gone.status_code == 200
    for left in (again["access_token"], refresh):
        answer = client.introspect_token(metadata["introspection_endpoint"], token=left)
        assert answer.json() == {"active": False}
    refused = client.get(metadata["userinfo_endpoint"])
    assert refused.status_code == 401


def test_a_code_is_good_once(stack, client, metadata):
    end = authorize(stack, client, metadata)
    first = redeem(client, metadata, end)
    with pytest.raises(Exception, match="invalid_grant"):
        redeem(client, metadata, end)
    answer = client.introspect_token(metadata["introspection_endpoint"], token=first["access_token"])
    assert answer.json() == {"active": False}, "a second use kills the tokens of the first"


def test_a_wrong_verifier_is_refused(stack, client, metadata):
    end = authorize(stack, client, metadata)
    with pytest.raises(Exception, match="invalid_grant"):
        client.fetch_token(
            metadata["token_endpoint"], authorization_response=end.url, code_verifier=VERIFIER[::-1]
        )


def test_an_assertion_of_another_key_is_refused(stack, agency, metadata, client):
    end = authorize(stack, client, metadata)
    other = ECKey.generate_key("P-256", {"kid": "authlib-1"})
    thief = OAuth2Session(
        agency, other, token_endpoint_auth_method="private_key_jwt",
        redirect_uri=CALLBACK,
    )
    thief.verify, thief.trust_env = str(stack.ca), False
    thief.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"))
    with pytest.raises(Exception, match="invalid_client"):
        redeem(thief, metadata, end)


def test_consent_is_remembered(stack, client, metadata):
    session = stack.session()
    steps = []
    for _ in range(2):
        url, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=VERIFIER, scope="openid profile"
        )
        end = sign_in_http(session, url, stack.sandbox("somying"))
        assert "code" in end.params
        steps.append(end.steps)
    assert steps[1] == [], "signed in and consented: no page at all"
