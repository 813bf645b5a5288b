#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's document (demo.json) made fit for this machine, and what a reader has to know of it.

document.py render DIR PORT...   demo.json with these ports (Pratu, Revenue, Excise, Customs), with the
                                 secrets and the key of DIR/secrets, to standard output
document.py accounts FILE        the citizens of a rendered document, for people
"""
import base64
import json
import pathlib
import subprocess
import sys
from urllib.parse import quote

HERE = pathlib.Path(__file__).resolve().parent
PORTS = ("8443", "9001", "9002", "9003")


def b64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_jwk(key_file: pathlib.Path) -> dict:
    """The public half of an RSA key in PEM, as a JWK (RFC 7517)."""
    output = subprocess.run(
        ["openssl", "rsa", "-in", key_file, "-noout", "-modulus"],
        check=True, capture_output=True, text=True,
    ).stdout
    modulus = int(output.split("=")[1], 16)
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "customs-1", "n": b64url(modulus), "e": "AQAB"}


def filled(value, secrets: pathlib.Path, ports: dict):
    if isinstance(value, dict):
        return {k: filled(v, secrets, ports) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, secrets, ports) for v in value]
    if not isinstance(value, str):
        return value
    if value == "@customs.jwk@":
        return public_jwk(secrets / "customs.key")
    if value.startswith("@"):
        return (secrets / value.strip("@")).read_text().strip()
    for old, new in ports.items():
        if value.startswith(f"https://localhost:{old}/"):
            return value.replace(f":{old}/", f":{new}/", 1)
    return value


def render(secrets: str, *ports: str) -> None:
    document = json.loads((HERE / "demo.json").read_text())
    out = filled(document, pathlib.Path(secrets) / "secrets", dict(zip(PORTS, ports)))
    print(json.dumps(out, ensure_ascii=False, indent="\t"))


def accounts(path: str) -> None:
    for citizen in json.loads(pathlib.Path(path).read_text())["citizens"]:
        label = quote("Pratu sandbox:" + citizen["alias"], safe=":")
        print(f"  {citizen['name']}")
        print(f"    name      {citizen['alias']}   or national ID {citizen['national_id']}")
        print(f"    password  {citizen['password']}")
        if "sandbox_code" in citizen:
            print(f"    code      always {citizen['sandbox_code']}, because this is a sandbox; or:")
        if "totp_secret" in citizen:
            print(f"    TOTP      otpauth://totp/{label}?secret={citizen['totp_secret']}&issuer=Pratu%20sandbox")
            print(f"    code now  oathtool --totp --base32 {citizen['totp_secret']}")
        for member in ("sms_number", "code_email", "sms_and_email"):
            if member in citizen:
                print(f"    code      sent to {citizen[member]}: see Messages that arrived, above")
        print()


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("render", "accounts"):
        sys.exit(__doc__)
    {"render": render, "accounts": accounts}[sys.argv[1]](*sys.argv[2:])
