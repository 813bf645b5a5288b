# SPDX-License-Identifier: Apache-2.0
"""One agency, and citizens enough for one sign-in each."""
import base64
import secrets

from lib.citizen import national_id
from lib.flavour import SANITIZED

# Under a sanitizer fewer: memory is misused in the first kills or in none, and the counting is the plain build's.
SIGN_INS = 60 if SANITIZED else 200
CLIENT = {
    "client_id": "faults",
    "client_name": "Fault tests",
    "redirect_uris": ["https://agency.example.th/callback"],
    "token_endpoint_auth_method": "client_secret_basic",
    "client_secret": secrets.token_urlsafe(32),
    "id_token_signed_response_alg": "ES256",
    "scope": "openid profile",
    "require_consent": False,
}


def citizens(n):
    """n citizens with a password and a TOTP secret of their own."""
    return [
        {
            "national_id": national_id(f"1{i:011d}"),
            "alias": f"citizen{i}",
            "password": f"lantern-{secrets.token_hex(8)}",
            "totp_secret": base64.b32encode(secrets.token_bytes(20)).decode(),
            "name": f"ประชาชน {i}",
        }
        for i in range(n)
    ]
