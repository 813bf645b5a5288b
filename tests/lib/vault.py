# SPDX-License-Identifier: Apache-2.0
"""The vault's sockets as another role speaks to them, and citizens made through it.

    web = Vault(instance.sockets / "web.sock")
    web("status")["outcome"]
    somchai = make_citizen(instance, sandbox_code="123456")
    somchai.sign_in(web)
"""
import base64
import hashlib
import itertools
import json
import socket
import struct
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass

from lib import vault_codec
from lib.citizen import national_id, totp

PASSWORD = "correct horse battery"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
TRANSACTION = "AAAA"
_next = itertools.count(1)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Ended(Exception):
    """The vault has ended the connection."""


class Vault:
    """One connection."""

    def __init__(self, path, timeout_s=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout_s)
        self.socket.connect(str(path))

    def __call__(self, op, **members):
        return vault_codec.reply(op, self.send(vault_codec.request(op, **members)))

    def send(self, body: bytes):
        return self.send_raw(vault_codec.frame(body))

    def send_raw(self, frame: bytes):
        """The body of the reply's frame."""
        try:
            self.socket.sendall(frame)
        except (BrokenPipeError, ConnectionResetError) as end:
            raise Ended from end
        return self.receive()

    def receive(self):
        return self._read(struct.unpack(">I", self._read(4))[0])

    def sign(self, **job):
        """One signing job; its result. Claims are given as dicts."""
        if "access_token" in job:
            job.setdefault("jti", str(uuid.uuid4()))
        job = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in job.items()}
        reply = self("sign", jobs=[job])
        assert reply["outcome"] == "ok" and len(reply["results"]) == 1
        return reply["results"][0]

    def jwks(self, process_id=None, kids=(), leaving=False):
        """As a web process that publishes these kids; without an id, as one who looks."""
        who = {} if process_id is None else {"process_id": process_id}
        return self("jwks", kids=list(kids), leaving=leaving, **who)

    def keys(self):
        return json.loads(self.jwks()["jwks"])["keys"]

    def _read(self, n):
        data = b""
        while len(data) < n:
            try:
                piece = self.socket.recv(n - len(data))
            except ConnectionResetError as end:
                raise Ended from end
            if not piece:
                raise Ended
            data += piece
        return data

    def close(self):
        self.socket.close()


def context(device=None, **members):
    made = {"address": "192.0.2.1", "user_agent": "test", "session_id": str(uuid.uuid4()),
            "correlation_id": b64url(uuid.uuid4().bytes)}  # fmt: skip
    if device is not None:
        made["device_hash"] = hash_of(device)
    return {**made, **members}


@dataclass
class Person:
    citizen_id: str
    alias: str
    national_id: str

    def password(self, vault, text=PASSWORD, login=None, device=None, **members):
        return vault("password", login=login or self.alias, password=text, transaction=TRANSACTION,
                     context=context(device, **members))  # fmt: skip

    def partial(self, vault, **members):
        reply = self.password(vault, **members)
        assert reply["outcome"] == "ok", reply
        return reply["partial"]

    def sign_in(self, vault, code=None, device=None):
        """A whole sign-in; the reply to its second step."""
        return second_step(vault, self.partial(vault, device=device), code or code_now(), device)


def code_now(steps_back=0):
    return totp(SEED, int(time.time()) // 30 - steps_back)


def await_quiet_step():
    """Not so near to a step's end that what comes next would fall into two."""
    left = 30 - time.time() % 30
    if left < 8:
        time.sleep(left + 0.1)


def failures(instance, person, kind="totp"):
    """Wrong codes of one kind that were not earned back, of all devices."""
    ((n,),) = instance.sql("SELECT coalesce(sum(failures), 0) FROM vault.factor_failure WHERE citizen_id = %s AND kind = %s",
                        [person.citizen_id, kind])  # fmt: skip
    return n


def fail(instance, person, n, kinds=("totp", "sandbox_code"), device="somebody", hours_ago=2):
    """As if there had been wrong codes, their delay being over."""
    for kind in kinds:
        instance.sql("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures, last_at)"
                  " VALUES (%s, %s, %s, false, %s, now() - %s * interval '1 hour')",
                  [person.citizen_id, kind, hash_of(device), n, hours_ago])  # fmt: skip


def delays_over(instance):
    """Let every delay end, as time would."""
    instance.sql("UPDATE vault.throttle SET next_at = now() - interval '1 second'")
    instance.sql("UPDATE vault.factor_failure SET last_at = now() - interval '2 hours'")


def hash_of(device):
    return hashlib.sha256(device.encode()).digest()


def second_step(vault, partial, code, device=None, transaction=TRANSACTION, **members):
    return vault("factor", partial=partial, transaction=transaction, code=code, context=context(device), **members)


def store(instance, citizen_id, prepared, claims="{}"):
    """What the command line does with the reply to prepare_citizen."""
    with instance.connect() as db, db.transaction():
        db.execute("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                   [citizen_id, claims])  # fmt: skip
        for one in prepared["identifiers"]:
            db.execute("INSERT INTO vault.identifier VALUES (%s, %s, %s)",
                       [one["blind_index"], citizen_id, one["kind"]])  # fmt: skip
        if "national_id_sealed" in prepared:
            db.execute("INSERT INTO vault.national_id VALUES (%s, %s)", [citizen_id, prepared["national_id_sealed"]])
        for one in prepared["stored"]:
            db.execute("INSERT INTO vault.factor (citizen_id, kind, secret) VALUES (%s, %s, %s)",
                       [citizen_id, one["kind"], one["secret"]])  # fmt: skip
        if "password_hash" in prepared:
            db.execute("INSERT INTO vault.password VALUES (%s, %s)",
                       [citizen_id, prepared["password_hash"]])  # fmt: skip


FACTORS = {"totp_secret": "totp", "sandbox_code": "sandbox_code", "sms_number": "sms", "code_email": "email",
           "sms_and_email": "sms_and_email"}  # by their member in a document


def prepare(admin, citizen_id, **given):
    """The reply to prepare_citizen for members as a document of `pratu apply` has them."""
    factors = [{"kind": kind, "value": given.pop(member)} for member, kind in FACTORS.items() if given.get(member) is not None]
    for member in FACTORS:
        given.pop(member, None)
    return admin("prepare_citizen", citizen_id=citizen_id, factors=factors, **{"words": [], **given})


def make_citizen(instance, **members) -> Person:
    """A new citizen with all credentials; members changes those, None leaves one out."""
    number = next(_next)
    person = Person(str(uuid.uuid4()), f"citizen{number}", national_id(f"1{number:011d}"))
    given = {"national_id": person.national_id, "alias": person.alias, "password": PASSWORD,
             "totp_secret": SEED, "sandbox_code": "123456", **members}  # fmt: skip
    admin = Vault(instance.sockets / "admin.sock")
    prepared = prepare(admin, person.citizen_id, **given)
    admin.close()
    assert prepared["outcome"] == "ok", prepared
    store(instance, person.citizen_id, prepared)
    return person


def bind(instance, vault, signed_in, client_id, scope="openid profile", ttl_s=600, **members):
    """Bind a sign-in to a client: the reply, with its grant_id if it was made."""
    versions = instance.sql("SELECT version FROM idp.client WHERE client_id = %s", [client_id])
    given = {"ticket": signed_in["ticket"], "client_id": client_id, "scope": scope, "grant_id": str(uuid.uuid4()),
             "client_version": versions[0][0] if versions else 0, "expires_at": int(time.time()) + ttl_s, **members}  # fmt: skip
    reply = vault("bind", jobs=[given])
    (reply,) = reply.get("results") or [reply]
    return {**reply, "grant_id": given["grant_id"]} if reply["outcome"] == "ok" else reply


def make_client(instance, client_id, sector, **metadata):
    instance.sql("INSERT INTO idp.client (client_id, metadata, sector) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
              [client_id, json.dumps(metadata), sector])  # fmt: skip
    return client_id


def together(instance, n, ask):
    """ask(vault, i) from n connections at the same moment; the replies and how many ended how."""
    barrier, replies = threading.Barrier(n), [None] * n

    def run(i):
        vault = Vault(instance.sockets / "web.sock")
        barrier.wait()
        replies[i] = ask(vault, i)
        vault.close()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return replies, Counter(reply["outcome"] for reply in replies)
