# SPDX-License-Identifier: Apache-2.0
"""Make the agency's key, once, and print what Pratu is to know of it: the client with its public half."""
import json
import os

from joserfc.jwk import ECKey

if not os.path.exists("key.json"):
    made = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    with open(os.open("key.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made.as_dict(private=True), file)
with open("key.json") as file:
    key = ECKey.import_key(json.load(file))
print(json.dumps({"clients": [{
    "client_id": "private-key-jwt",
    "client_name": "private_key_jwt example",
    "redirect_uris": ["http://localhost:9017/callback"],
    "post_logout_redirect_uris": ["http://localhost:9017/"],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": {"keys": [key.as_dict(private=False)]},
    "scope": "openid profile email offline_access",
}]}, indent=2))
