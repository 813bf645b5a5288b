# SPDX-License-Identifier: Apache-2.0
"""Codes that the vault has sent, read from the outbox with the courier's keys.

    somchai = make_sms_citizen(instance)
    partial = somchai.partial(web)
    ask(web, partial)["outcome"]
    last_code(instance, somchai)
"""
import itertools
import json
import re

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import dict_row

from .vault import TRANSACTION, Vault, context, make_citizen, second_step

_next = itertools.count(1000)


def number():
    """A mobile number of its own, in a range of its own."""
    return f"+668{next(_next)}5555"


def mailbox():
    """A mailbox of its own."""
    return f"citizen{next(_next)}@mail.example"


def make_sms_citizen(instance, **members):
    """With SMS alone, at a number of its own, unless members give others."""
    return make_citizen(instance, **{"totp_secret": None, "sandbox_code": None, "sms_number": number(), **members})


def ask(vault, partial, kind="sms", language="en", transaction=TRANSACTION, **members):
    """Ask for a code to be sent; the reply."""
    return vault("challenge", partial=partial, transaction=transaction, kind=kind, language=language, context=context(**members))


def delivery(vault, partial, kind="sms", transaction=TRANSACTION):
    return vault("delivery", partial=partial, transaction=transaction, kind=kind)


def type_code(vault, partial, code, kind="sms", **members):
    return second_step(vault, partial, code, kind=kind, **members)


def messages(instance, person=None):
    """The rows of the outbox, oldest first, those that are not wiped with "to", "subject" and "body"."""
    keys = {item["epoch"]: item["key"] for item in Vault(instance.sockets / "courier.sock")("outbox_keys")["keys"]}
    with instance.connect(row_factory=dict_row) as db:
        rows = db.execute("SELECT * FROM courier.message WHERE %(who)s::uuid IS NULL OR subject_id = %(who)s ORDER BY created_at, message_id",
                          {"who": person and person.citizen_id}).fetchall()  # fmt: skip
    for row in rows:
        if row["sealed"] is not None:
            aad = f"outbox|1|{row['message_id']}|{row['epoch']}".encode()
            row |= json.loads(AESGCM(keys[row["epoch"]]).decrypt(row["sealed"][:12], row["sealed"][12:], aad))
    return rows


def code_of(message):
    return re.match(r"\d{6}\b", message["body"]).group()


def last_code(instance, person):
    return code_of(messages(instance, person)[-1])


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def time_passes(instance, seconds):
    """As if what was sent had been sent so much earlier."""
    instance.sql("UPDATE vault.code_target SET sent_at = ARRAY(SELECT t - %s * interval '1 s' FROM unnest(sent_at) WITH ORDINALITY"
                 " AS x (t, n) ORDER BY n)", [seconds])  # fmt: skip
    instance.sql("UPDATE vault.challenge SET sent_at = sent_at - %(s)s * interval '1 s', expires_at = expires_at - %(s)s * interval '1 s'",
                 {"s": seconds})  # fmt: skip
