# SPDX-License-Identifier: Apache-2.0
"""An agency that proves itself by its key and shares no secret: private_key_jwt (RFC 7523) with Flask and Authlib."""
import json
import os
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, redirect, session, url_for
from joserfc.jwk import ECKey
from markupsafe import escape

with open("key.json") as file:
    key = ECKey.import_key(json.load(file))
app = Flask(__name__)
app.secret_key = os.urandom(32)
app.register_error_handler(OAuthError, lambda fault: (escape(fault.description), 400))
pratu = OAuth(app).register(
    "pratu",
    server_metadata_url=os.environ.get("ISSUER", "https://localhost:8443") + "/.well-known/openid-configuration",
    client_id="private-key-jwt",
    client_secret=key,
    client_auth_methods=[PrivateKeyJWT(alg="ES256", headers={"kid": key.kid})],
    client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256",
                   "token_endpoint_auth_method": "private_key_jwt"},
)
tokens = {}  # by subject: the browser's cookie holds the subject alone


@app.get("/")
def home():
    token = tokens.get(session.get("sub"))
    if not token:
        return '<a href="/login">Sign in</a>'
    known = {"id_token": token["userinfo"], "userinfo": pratu.userinfo(token=token)}
    text = escape(json.dumps(known, indent=2, ensure_ascii=False))
    return f'<a href="/refresh">Refresh</a> <a href="/logout">Sign out</a><pre>{text}</pre>'


@app.get("/login")
def login():
    return pratu.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    token = pratu.authorize_access_token()  # the ID token is verified here
    session["sub"] = token["userinfo"]["sub"]
    tokens[session["sub"]] = token
    return redirect("/")


@app.get("/refresh")
def refresh():
    token = tokens[session["sub"]]
    token.update(pratu.fetch_access_token(grant_type="refresh_token", refresh_token=token["refresh_token"]))
    return redirect("/")


@app.get("/logout")
def logout():
    token = tokens.pop(session.pop("sub"))
    end = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": url_for("home", _external=True)}
    return redirect(f"{pratu.load_server_metadata()['end_session_endpoint']}?{urlencode(end)}")
