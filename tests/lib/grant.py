# SPDX-License-Identifier: Apache-2.0
"""Grant tickets as the vault makes them, for tests of what happens after a sign-in: made with the key file, which only a
test has beside the vault."""
import hashlib
import hmac
import json
import time

from lib.vault import b64url


def derived(key: bytes, label: str) -> bytes:
    """HKDF-SHA256 without salt, one block: idp/vault/secrets.c."""
    extracted = hmac.digest(bytes(32), key, hashlib.sha256)
    return hmac.digest(extracted, label.encode() + b"\x01", hashlib.sha256)


def grant_ticket(instance, **claims) -> str:
    key = derived(bytes.fromhex((instance.dir / "key").read_text().strip()), "pratu vault grant ticket 1")
    claims = {"sub": "s", "client_id": "c", "grant_id": "g", "scope": "openid", "auth_time": int(time.time()),
              "acr": "urn:pratu:loa:2", "amr": ["pwd", "otp"], "exp": int(time.time()) + 3600, **claims}  # fmt: skip
    body = b64url(json.dumps(claims).encode())
    return f"{body}.{b64url(hmac.digest(key, body.encode(), hashlib.sha256))}"
