# SPDX-License-Identifier: Apache-2.0
"""Messages in the outbox, as the vault makes them: sealed under the keys that it gives to the courier.

    outbox = Outbox(instance)        # the vault runs
    message_id = outbox.put("sms", "+66812345678", "123456 is your code")
    outbox.row(message_id)["state"]
"""
import json
import os
import time
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import dict_row

from .vault import Vault

EPOCH_S = 14400  # SEAL_EPOCH_S


def uuid7(now_ms):
    raw = bytearray(now_ms.to_bytes(6, "big") + os.urandom(10))
    raw[6], raw[8] = raw[6] & 0x0F | 0x70, raw[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(raw))


class Outbox:
    def __init__(self, instance):
        self.instance = instance
        reply = Vault(instance.sockets / "courier.sock")("outbox_keys")
        self.keys = {item["epoch"]: item["key"] for item in reply["keys"]}
        self.report_key = reply["report_key"]

    def put(self, channel, to, body, subject=None, purpose="code", ttl_s=300, *, delay_s=0, age_s=0, **columns):
        """One message; its id. age_s: made so long ago; delay_s: not to be sent before; columns: more of its row."""
        now_ms = int((time.time() - age_s) * 1000)
        message_id = uuid7(now_ms)
        epoch = now_ms // 1000 // EPOCH_S
        text = {"to": to, **({"subject": subject} if subject else {}), "body": body}
        sealed = self.seal(message_id, epoch, json.dumps(text, ensure_ascii=False).encode())
        values = {"channel": channel, "purpose": purpose, "epoch": epoch, "sealed": sealed, "language": "th", **columns}
        self.instance.sql(
            f"INSERT INTO courier.message (message_id, created_at, next_at, expires_at, {', '.join(values)}) VALUES (%s,"
            " to_timestamp(%s / 1000.0::double precision), to_timestamp(%s / 1000.0::double precision) + %s * interval '1 s',"
            " to_timestamp(%s / 1000.0::double precision) + %s * interval '1 s'" + ", %s" * len(values) + ")",
            [message_id, now_ms, now_ms, delay_s, now_ms, ttl_s, *values.values()], user="pratu_vault")  # fmt: skip
        return message_id

    def seal(self, message_id, epoch, plain):
        nonce = os.urandom(12)
        return nonce + AESGCM(self.keys[epoch]).encrypt(nonce, plain, f"outbox|1|{message_id}|{epoch}".encode())

    def row(self, message_id):
        with self.instance.connect(row_factory=dict_row) as db:
            return db.execute("SELECT * FROM courier.message WHERE message_id = %s", [message_id]).fetchone()
