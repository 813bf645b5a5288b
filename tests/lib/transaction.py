# SPDX-License-Identifier: Apache-2.0
"""Sign-in transactions opened, changed and sealed with the vault's own key, as no browser could: for tests of what becomes of
them with time, and of what stands in them."""
import base64
import hashlib
import hmac
import json
import pathlib
import secrets
import time
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

EPOCH_S, NONCE_LEN, HEAD_LEN = 14400, 12, 5
DEVICE = "__Host-device"


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Sealer:
    """key_file: the vault's. device: the value of the browser's device cookie."""

    def __init__(self, key_file, device: str):
        root = bytes.fromhex(pathlib.Path(key_file).read_text().strip())
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pratu vault transaction 1")
        self.secret = derived.derive(root)
        self.device = hashlib.sha256(device.encode()).hexdigest()

    def _aead(self, epoch: int):
        return AESGCM(hmac.digest(self.secret, f"transaction|{epoch}".encode(), "sha256"))

    def _aad(self, epoch: int) -> bytes:
        return f"transaction|1|{epoch}|{self.device}".encode()

    def open(self, text: str) -> dict:
        """What a transaction holds: {"i": id, "r": request, "s": stage}, the id as text and the stage also where it is empty."""
        sealed = unb64url(text)
        epoch = int.from_bytes(sealed[1:HEAD_LEN], "big")
        nonce = sealed[HEAD_LEN : HEAD_LEN + NONCE_LEN]
        held = json.loads(self._aead(epoch).decrypt(nonce, sealed[HEAD_LEN + NONCE_LEN :], self._aad(epoch)))
        return {"s": {}, **held, "i": str(uuid.UUID(bytes=unb64url(held["i"])))}

    def seal(self, held: dict, at_s: float | None = None) -> str:
        """With the id as text, as the release before did it."""
        epoch = int(time.time() if at_s is None else at_s) // EPOCH_S
        nonce = secrets.token_bytes(NONCE_LEN)
        sealed = self._aead(epoch).encrypt(nonce, json.dumps(held).encode(), self._aad(epoch))
        return b64url(b"\x01" + epoch.to_bytes(4, "big") + nonce + sealed)

    def aged(self, text: str, seconds: int) -> str:
        """The same transaction, begun so much earlier."""
        held = self.open(text)
        began_ms = int(held["i"].replace("-", "")[:12], 16) - seconds * 1000
        digits = f"{began_ms:012x}"
        held["i"] = f"{digits[:8]}-{digits[8:]}{held['i'][13:]}"
        return self.seal(held)


def sealer_of(key_file, session) -> Sealer:
    """With the device cookie of a requests.Session."""
    return Sealer(key_file, session.cookies[DEVICE])
