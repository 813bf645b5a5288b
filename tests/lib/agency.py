# SPDX-License-Identifier: Apache-2.0
"""An agency's server in plain HTTP, for tests that send what no library would send.

    agency = Agency(instance, "basic"); code = agency.code(session); agency.redeem(code).json()
"""
import base64
import hashlib
import json
import secrets
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from .citizen import Citizen, new_session, sign_in_http

CALLBACK = "https://{}.example/callback?kept=1"
TIMEOUT_S = 30
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECRET = "an-agency's_secret:100%+/&="


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def claims_of(token: str) -> dict:
    """The claims of a JWT, unverified."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def basic(client_id: str, secret: str) -> str:
    """RFC 6749 s2.3.1: both are form-encoded first."""
    both = urlencode({"": client_id})[1:] + ":" + urlencode({"": secret})[1:]
    return "Basic " + base64.b64encode(both.encode()).decode()


class Agency:
    """A client of the instance, its name being its way of authentication: basic, post, jwt, public."""

    METHODS = {
        "basic": "client_secret_basic",
        "post": "client_secret_post",
        "jwt": "private_key_jwt",
        "public": "none",
    }

    def __init__(self, instance, client_id, method=None, **metadata):
        self.instance, self.client_id = instance, client_id
        self.method = method or client_id
        self.redirect_uri = CALLBACK.format(client_id)
        self.metadata = metadata
        self.key = ECKey.generate_key("P-256", parameters={"kid": f"{client_id}-1"})
        self.http = requests.Session()
        self.http.trust_env, self.http.verify = False, str(instance.certificate)

    def document(self) -> dict:
        """Its line in what `pratu apply` reads."""
        out = {
            "client_id": self.client_id,
            "client_name": self.client_id,
            "redirect_uris": [self.redirect_uri],
            "token_endpoint_auth_method": self.METHODS[self.method],
            "scope": "openid profile email national_id offline_access",
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256",
            "require_consent": False,
        }
        if self.method in ("basic", "post"):
            out["client_secret"] = SECRET
        if self.method == "jwt":
            out["jwks"] = {"keys": [self.key.as_dict(private=False)]}
        return {k: v for k, v in {**out, **self.metadata}.items() if v is not None}

    # ------------------------------------------------------------ the citizen's way round

    def authorize_url(self, **parameters) -> str:
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            **parameters,
        }
        return self.instance.issuer + "/authorize?" + urlencode({k: v for k, v in asked.items() if v is not None})

    def code(self, browser, verifier=None, **parameters) -> str:
        """A code for the citizen whose session this browser holds."""
        if verifier or self.method == "public":
            self.verifier = verifier or secrets.token_urlsafe(32)
            parameters |= {"code_challenge": challenge(self.verifier), "code_challenge_method": "S256"}
        answer = browser.get(
            self.authorize_url(**parameters), allow_redirects=False, timeout=TIMEOUT_S
        )
        assert answer.status_code in (302, 303), answer.text
        got = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        assert "code" in got, answer.headers["Location"]
        return got["code"]

    # ------------------------------------------------------------ server to server

    def assertion(self, key=None, alg="ES256", **change) -> str:
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.instance.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
            **change,
        }
        claims = {k: v for k, v in claims.items() if v is not None}
        key = key or self.key
        header = {"alg": alg, "kid": key.kid} if key.kid else {"alg": alg}
        return jwt.encode(header, claims, key, algorithms=[alg])

    def proof(self) -> tuple[dict, dict]:
        """Its authentication: headers and form members."""
        if self.method == "basic":
            return {"Authorization": basic(self.client_id, SECRET)}, {}
        if self.method == "post":
            return {}, {"client_id": self.client_id, "client_secret": SECRET}
        if self.method == "jwt":
            return {}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        return {}, {"client_id": self.client_id}

    def post(self, path, data, headers=None, proof=True):
        head, members = self.proof() if proof else ({}, {})
        return self.http.post(
            self.instance.issuer + path,
            data={**members, **data} if isinstance(data, dict) else data,
            headers={**head, **(headers or {})},
            timeout=TIMEOUT_S,
        )

    def redeem(self, code, **change):
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier if self.method == "public" else None,
            **change,
        }
        return self.post("/token", {k: v for k, v in data.items() if v is not None})

    def tokens(self, browser, **parameters) -> dict:
        answer = self.redeem(self.code(browser, **parameters))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self, token, **change):
        return self.post("/token", {"grant_type": "refresh_token", "refresh_token": token, **change})

    def userinfo(self, token):
        return self.http.get(
            self.instance.issuer + "/userinfo",
            headers={"Authorization": "Bearer " + token}, timeout=TIMEOUT_S,
        )  # fmt: skip

    def introspect(self, token):
        return self.post("/introspect", {"token": token})

    def revoke(self, token, **change):
        return self.post("/revoke", {"token": token, **change})


def header_of(token: str) -> dict:
    return jws.extract_compact(token.encode()).headers()


CITIZENS = [
    {
        "national_id": "1101700203450",
        "alias": "somchai",
        "password": "river-market-lantern-41",
        "sandbox_code": "123456",
        "name": "สมชาย ใจดี",
        "given_name": "สมชาย",
        "family_name": "ใจดี",
        "email": "somchai@example.th",
        "email_verified": True,
    },
    {
        "national_id": "3100600445635",
        "alias": "malee",
        "password": "harbour-window-candle-77",
        "sandbox_code": "654321",
        "name": "มาลี",
    },
]


def citizen(alias="somchai") -> Citizen:
    """One of CITIZENS, with the fixed code."""
    one = next(c for c in CITIZENS if c["alias"] == alias)
    return Citizen(alias, one["password"], sandbox_code=one["sandbox_code"])


def browser_of(instance, alias="somchai"):
    """A browser in which this citizen is signed in."""
    session = new_session(str(instance.certificate))
    end = sign_in_http(session, instance.issuer + "/", citizen(alias))
    assert end.response is not None and end.response.status_code == 200, end
    assert end.steps == ["password", "factor"]
    return session


def refusals(instance, **labels) -> int:
    """How many refusals of strangers the web role has counted that have these labels (kind, outcome, reason, client)."""
    return int(instance.metric("pratu_refusals_total", **labels))
