# SPDX-License-Identifier: Apache-2.0
"""A program on a citizen's own machine: it signs in by the system's browser and hears the answer at a loopback port (RFC 8252)."""
import json
import os
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER = os.environ.get("ISSUER", "https://localhost:8443")


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.answers.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You may close this window.")


def visit(server, url, path):
    """Open url in the browser; what it is sent back with to path."""
    print("Open", url, flush=True)
    webbrowser.open(url)
    server.answers = []
    while not server.answers or not server.answers[-1].startswith(path):
        server.handle_request()
    return server.answers[-1]


with HTTPServer(("127.0.0.1", 0), Answer) as server:
    here = f"http://127.0.0.1:{server.server_port}"
    client = OAuth2Session("native", token_endpoint_auth_method="none", redirect_uri=here + "/callback",
                           scope="openid profile email offline_access", code_challenge_method="S256")
    pratu = client.get(ISSUER + "/.well-known/openid-configuration", withhold_token=True).json()
    keys = KeySet.import_key_set(client.get(pratu["jwks_uri"], withhold_token=True).json())
    verifier, nonce = generate_token(64), generate_token()
    url, state = client.create_authorization_url(pratu["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    answer = here + visit(server, url, "/callback?")
    token = client.fetch_token(pratu["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier)
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    expected = {"iss": ISSUER, "aud": "native", "nonce": nonce}
    jwt.JWTClaimsRegistry(now=int(time.time()), exp={"essential": True},
                          **{name: {"essential": True, "value": value} for name, value in expected.items()}).validate(claims)
    print("ID token", json.dumps(claims, ensure_ascii=False))
    client.refresh_token(pratu["token_endpoint"])
    print("UserInfo, after a refresh", json.dumps(client.get(pratu["userinfo_endpoint"]).json(), ensure_ascii=False))
    end = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": here + "/signed-out"}
    visit(server, f"{pratu['end_session_endpoint']}?{urlencode(end)}", "/signed-out")
    print("Signed out")
