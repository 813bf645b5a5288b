#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The vault's table of operations (idp/io/vault_ops.table explains its own syntax), as C at build time.

  ops.py TABLE OUT_DIR    vault_table.[ch], for both sides; vault_handlers.[ch], the vault's dispatch

Tests import it for parse() and fingerprint().
"""
import hashlib
import os
import re
import sys
from dataclasses import dataclass, field

# How many numbers follow the name of the type.
TYPES = {"text": 1, "secret": 1, "json": 1, "texts": 2, "bytes": 1, "hash": 0, "uuid": 0, "int": 0, "bool": 0,
         "alg": 0, "outcome": 0, "context": 0, "list": 1}  # fmt: skip
SCALARS = {"int": "int64_t", "bool": "bool", "alg": "enum jose_alg", "outcome": "enum vault_outcome"}
OUTCOMES = ("failed", "ok", "refused", "wait", "blocked", "expired", "changed")  # by their number on the wire


@dataclass
class Member:
    name: str
    type: str
    numbers: list
    nullable: bool = False
    on: str = "ok"
    items: list = field(default_factory=list)
    note: str = ""


@dataclass
class Op:
    name: str
    callers: list
    number: int
    what: str = ""
    members: dict = field(default_factory=lambda: {"in": [], "out": []})


@dataclass
class Socket:
    name: str  # of the file, without ".sock"
    user: str  # the setting that names the user who may connect


class Ops(list):
    """The operations in order, and the sockets on which they may be asked for."""

    sockets: list


class Fault(Exception):
    """A line of the table that is none."""


def member_of(words, note, *, reply, nested):
    name, kind, *rest = words
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or kind not in TYPES:
        raise Fault("expected NAME TYPE ...")
    count = TYPES[kind]
    made = Member(name, kind, [int(n) for n in rest[:count]], note=note)
    rest = rest[count:]
    if len(made.numbers) != count or any(n < 1 for n in made.numbers):
        raise Fault(f"expected {count} positive numbers after {kind}")
    if rest[:1] == ["null"] and kind not in ("list", "texts", "context", "outcome"):
        made.nullable, rest = True, rest[1:]
    if rest[:1] == ["on"] and reply and not nested:
        made.on, rest = rest[1], rest[2:]
        if made.on not in OUTCOMES or made.on == "failed":
            raise Fault("expected an outcome that has members")
    if rest != (["{"] if kind == "list" else []):
        raise Fault(f"not understood: {' '.join(rest)}")
    if nested and kind in ("list", "context"):
        raise Fault("expected no list or context in a list")
    if name == "outcome" and not nested:
        raise Fault("every reply has its outcome already")
    return made


class Reader:
    def __init__(self):
        self.ops, self.sockets, self.group = [], [], None

    def line(self, text):
        code, _, note = text.partition("#")
        words, note = code.split(), note.strip()
        if not words:
            return
        if self.group is not None:
            self.within(words, note)
        elif words[0] == "socket":
            self.socket(words[1:])
        elif words[0] == "op":
            self.op(words[1:])
        elif not self.ops:
            raise Fault("expected socket NAME user SETTING, or op NAME callers ...")
        elif words[0] == "what":
            self.ops[-1].what = code.strip().removeprefix("what").strip()
        elif words[0] in ("in", "out"):
            self.add(self.ops[-1].members[words[0]],
                     member_of(words[1:], note, reply=words[0] == "out", nested=False))  # fmt: skip
        else:
            raise Fault("expected op, what, in or out")

    def socket(self, words):
        name, key, user = words
        if key != "user" or not all(re.fullmatch(r"[a-z][a-z0-9_]*", word) for word in (name, user)):
            raise Fault("expected socket NAME user SETTING")
        if any(socket.name == name for socket in self.sockets) or self.ops:
            raise Fault(f"{name} is there already, or stands after an operation")
        self.sockets.append(Socket(name, user))

    def op(self, words):
        name, key, *callers = words
        if key != "callers" or not callers or set(callers) - {socket.name for socket in self.sockets}:
            raise Fault("expected op NAME callers SOCKET ...")
        if any(op.name == name for op in self.ops):
            raise Fault(f"{name} is there already")
        self.ops.append(Op(name, callers, len(self.ops)))

    def within(self, words, note):
        if words == ["}"]:
            self.group = None
        else:
            self.add(self.group, member_of(words, note, reply=False, nested=True))

    def add(self, members, member):
        if any(other.name == member.name for other in members):
            raise Fault(f"{member.name} is there already")
        members.append(member)
        if member.type == "list":
            self.group = member.items


def parse(path):
    """The operations in order. SystemExit, with the line, where the table is not understood."""
    reader = Reader()
    with open(path, encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            try:
                reader.line(text)
            except (Fault, ValueError, IndexError) as fault:
                sys.exit(f"{path}:{number}: {fault}")
    if reader.group is not None or not reader.ops:
        sys.exit(f"{path}: ends in a list, or has no operation")
    made = Ops(reader.ops)
    made.sockets = reader.sockets
    return made


def fingerprint(ops):
    """Of what both sides must agree on; comments and sentences are not part of it."""
    def shape(members):
        return [(m.name, m.type, m.numbers, m.nullable, m.on, shape(m.items)) for m in members]

    agreed = [OUTCOMES, [(op.name, op.callers, shape(op.members["in"]), shape(op.members["out"])) for op in ops]]
    return int.from_bytes(hashlib.sha256(repr(agreed).encode()).digest()[:4], "big")


# ---- C


def item_struct(op, member):
    return f"vault_{op.name}_{member.name}_item"


def declaration(op, member):
    match member.type:
        case "text" | "secret" | "json" | "uuid":
            made = f"const char *{member.name};"
        case "bytes" | "hash":
            made = f"struct bytes {member.name};"
        case "texts":
            made = f"struct str_list {member.name};"
        case "context":
            made = f"struct vault_call_context {member.name};"
        case "list":
            made = f"struct {{\n\t\tconst struct {item_struct(op, member)} *items;\n\t\tsize_t n;\n\t}} {member.name};"
        case kind:
            made = f"{SCALARS[kind]} {member.name};"
            if member.nullable:
                made += f"\n\tbool has_{member.name};"
    kind = " ".join([member.type, *map(str, member.numbers), *(["or NULL"] if member.nullable else [])])
    on = "" if member.on == "ok" else f"; with outcome {member.on}"
    return f"\t{made} /* {kind}{on}{'; ' + member.note if member.note else ''} */"


def struct(name, op, members, first=()):
    body = [*first, *(declaration(op, member) for member in members)]
    return "\n".join([f"struct {name} {{", *body, "};"])


def sides(op):
    """(side, members) of those that exist: an operation without members has no in struct."""
    return [(s, op.members[s]) for s in ("in", "out") if s == "out" or op.members[s]]


def prototype(op, first, name):
    request = f", const struct vault_{op.name}_in *in" if op.members["in"] else ""
    return f"struct result {name}({first}{request}, struct vault_{op.name}_out *out)"


def call_prototype(op):
    return prototype(op, "struct vault_call *call, struct arena *arena", f"vault_call_{op.name}")


def table_h(ops):
    lines = ["#pragma once", '#include "idp/io/vault_codec.h"', '#include "idp/io/vault_call.h"', "",
             f"#define VAULT_TABLE_FINGERPRINT 0x{fingerprint(ops):08x}u", "",
             "/* Who may ask: a set of sockets. */", "enum vault_socket {"]  # fmt: skip
    lines += [f"\tVAULT_{one.name.upper()}_SOCKET = {1 << i}, /* {one.name}.sock */" for i, one in enumerate(ops.sockets)]
    lines += ["};", f"#define VAULT_SOCKETS_N {len(ops.sockets)}", "extern const struct vault_socket_row vault_sockets[VAULT_SOCKETS_N];",
              "", "enum vault_op_number {"]  # fmt: skip
    lines += [f"\tVAULT_OP_{op.name.upper()} = {op.number}," for op in ops]
    lines += [f"\tVAULT_OPS_N = {len(ops)},", "};", "extern const struct vault_op vault_table[VAULT_OPS_N];"]
    for op in ops:
        lines += ["", f"/* {op.what} On {' and '.join(c + '.sock' for c in op.callers)}. */"]
        for side, members in sides(op):
            lines += [struct(item_struct(op, m), op, m.items) for m in members if m.type == "list"]
            first = ["\tenum vault_outcome outcome;"] if side == "out" else []
            lines.append(struct(f"vault_{op.name}_{side}", op, members, first))
        lines.append(f"MUST_CHECK {call_prototype(op)};")
    return lines


def row(struct_name, member, items):
    parts = [f'.name = "{member.name}"', f".type = VAULT_{member.type.upper()}", f".on = VAULT_{member.on.upper()}",
             f".offset = offsetof(struct {struct_name}, {member.name})"]  # fmt: skip
    if member.nullable:
        parts.append(".nullable = true")
        if member.type in SCALARS:
            parts.append(f".has_offset = offsetof(struct {struct_name}, has_{member.name})")
    parts += [f".{key} = {n}" for key, n in zip(("max", "item_max"), member.numbers)]
    if items:
        parts.append(f".items = &{items}")
    return "\t{" + ", ".join(parts) + "},"


def shape(name, struct_name, members, items_of):
    rows = [row(struct_name, m, items_of(m)) for m in members]
    return ([f"static const struct vault_member {name}[] = {{", *rows, "};"],
            f"{{{name}, {len(members)}, sizeof(struct {struct_name})}}" if members else f"{{NULL, 0, sizeof(struct {struct_name})}}")  # fmt: skip


def op_shapes(op):
    lines, made = [], {"in": "{NULL, 0, 0}"}
    for side, members in sides(op):
        for m in members:
            if m.type == "list":
                name = f"{op.name}_{side}_{m.name}"
                rows, value = shape(f"{name}_items", item_struct(op, m), m.items, lambda _: "")
                lines += [*rows, f"static const struct vault_shape {name} = {value};"]
        rows, made[side] = shape(f"{op.name}_{side}", f"vault_{op.name}_{side}", members,
                                 lambda m, side=side: f"{op.name}_{side}_{m.name}" if m.type == "list" else "")  # fmt: skip
        lines += rows if members else []
    return lines, made


def table_c(ops):
    lines, rows = ['#include "vault_table.h"', '#include "idp/base/settings.h"', "#include <stddef.h>", ""], []
    lines += ["const struct vault_socket_row vault_sockets[VAULT_SOCKETS_N] = {"]
    lines += [f'\t{{"{one.name}", VAULT_{one.name.upper()}_SOCKET, offsetof(struct settings, {one.user})}},' for one in ops.sockets]
    lines += ["};", ""]
    for op in ops:
        shapes, made = op_shapes(op)
        lines += shapes
        callers = " | ".join(f"VAULT_{c.upper()}_SOCKET" for c in op.callers)
        rows.append(f'\t[{op.number}] = {{"{op.name}", VAULT_TABLE_FINGERPRINT, {op.number}, {callers},\n'
                    f"\t\t{made['in']},\n\t\t{made['out']}}},")  # fmt: skip
    lines += ["", "const struct vault_op vault_table[VAULT_OPS_N] = {", *rows, "};", ""]
    for op in ops:
        given = "in" if op.members["in"] else "NULL"
        lines += [call_prototype(op), "{", f"\treturn vault_call(call, &vault_table[{op.number}], arena, {given}, out);", "}", ""]
    return lines


def handlers_h(ops):
    lines = ["#pragma once", '#include "vault_table.h"', "", "struct op_call;"]
    lines += [f"MUST_CHECK {prototype(op, 'struct op_call *call', 'op_' + op.name)};" for op in ops]
    lines += ["", "/* By number; in is NULL where an operation has none. */",
              "typedef struct result op_run(struct op_call *call, const void *in, void *out);",
              "extern op_run *const op_handlers[VAULT_OPS_N];"]  # fmt: skip
    return lines


def handlers_c(ops):
    lines = ['#include "vault_handlers.h"', ""]
    for op in ops:
        lines += [f"static struct result run_{op.name}(struct op_call *call, const void *in, void *out)", "{"]
        lines += ["\treturn op_%s(call, %sout);" % (op.name, "in, " if op.members["in"] else "")]
        if not op.members["in"]:
            lines.insert(-1, "\t(void)in;")
        lines += ["}", ""]
    lines += ["op_run *const op_handlers[VAULT_OPS_N] = {", *(f"\t[{op.number}] = run_{op.name}," for op in ops), "};"]
    return lines


def main(table, folder):
    ops = parse(table)
    os.makedirs(folder, exist_ok=True)
    made = {"vault_table.h": table_h, "vault_table.c": table_c, "vault_handlers.h": handlers_h,
            "vault_handlers.c": handlers_c}  # fmt: skip
    for name, lines in made.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write("\n".join(lines(ops)) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
