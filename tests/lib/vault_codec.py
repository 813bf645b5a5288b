# SPDX-License-Identifier: Apache-2.0
"""The vault's frames as Python values, from the same table as the C: idp/io/vault_ops.table.

A request is an operation's name and its members as keyword arguments; a reply is a dict of "outcome" and those of
its members that are not null. A list is a list of dicts, a context a dict, bytes are bytes; json stays a text.
"""
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "build"))
import ops  # noqa: E402

TABLE = {op.name: op for op in ops.parse(ROOT / "idp" / "io" / "vault_ops.table")}
FINGERPRINT = ops.fingerprint(list(TABLE.values()))
ALGS = ("ES256", "RS256", "PS256")
CONTEXT = [
    ops.Member("address", "text", [64], True), ops.Member("user_agent", "text", [512], True),
    ops.Member("device_hash", "hash", [], True), ops.Member("correlation_id", "text", [256], True),
    ops.Member("client_id", "text", [256], True), ops.Member("session_id", "uuid", [], True),
]  # fmt: skip


def u32(number):
    return struct.pack(">I", number)


def put_text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return u32(len(raw)) + raw + b"\0"


def put(member, value):
    match member.type:
        case "text" | "secret" | "json" | "uuid":
            return put_text(value)
        case "bytes":
            return u32(len(value)) + value
        case "hash":
            return value
        case "int":
            return struct.pack(">q", value)
        case "bool":
            return bytes([value])
        case "alg":
            return bytes([ALGS.index(value)])
        case "outcome":
            return bytes([ops.OUTCOMES.index(value)])
        case "texts":
            return u32(len(value)) + b"".join(map(put_text, value))
        case "context":
            return put_all(CONTEXT, value)
        case "list":
            return u32(len(value)) + b"".join(put_all(member.items, one) for one in value)
    raise ValueError(member.type)


def put_all(members, values):
    """Bounds are not checked here: that is for the vault to do."""
    unknown = set(values) - {m.name for m in members}
    assert not unknown, f"no such member: {unknown}"
    made = b""
    for member in members:
        value = values.get(member.name)
        if member.nullable:
            made += bytes([value is not None])
        if not member.nullable or value is not None:
            made += put(member, value)
    return made


def request(op, **values):
    """The body of a request's frame."""
    row = TABLE[op]
    return u32(FINGERPRINT) + struct.pack(">H", row.number) + put_all(row.members["in"], values)


def frame(body):
    return u32(len(body)) + body


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        assert self.at + n <= len(self.data), "a reply that was cut"
        self.at += n
        return self.data[self.at - n : self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def text(self):
        raw = self.take(self.number(4))
        assert self.take(1) == b"\0"
        return raw.decode()

    def value(self, member):
        match member.type:
            case "text" | "secret" | "json" | "uuid":
                return self.text()
            case "bytes":
                return self.take(self.number(4))
            case "hash":
                return self.take(32)
            case "int":
                return struct.unpack(">q", self.take(8))[0]
            case "bool":
                return {0: False, 1: True}[self.number(1)]
            case "alg":
                return ALGS[self.number(1)]
            case "outcome":
                return ops.OUTCOMES[self.number(1)]
            case "texts":
                return [self.text() for _ in range(self.number(4))]
            case "list":
                return [self.all(member.items) for _ in range(self.number(4))]
        raise ValueError(member.type)

    def all(self, members):
        made = {}
        for member in members:
            if not member.nullable or self.number(1):
                made[member.name] = self.value(member)
        return made


def reply(op, body):
    reader = Reader(body)
    outcome = ops.OUTCOMES[reader.number(1)]
    made = {"outcome": outcome, **reader.all([m for m in TABLE[op].members["out"] if m.on == outcome])}
    assert reader.at == len(body), "bytes behind the last member"
    return made
