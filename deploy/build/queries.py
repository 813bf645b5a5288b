#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Typed C functions from SQL files: sql/query/<role>/<name>.sql becomes q_<role>_<name>() with a struct of its
parameters and a struct of its columns (docs, section "Queries", has the form of a file).

  queries.py ROLE OUT_PREFIX FILE.sql...
"""
import dataclasses
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True  # this folder holds sources only
from embed import c_string, write  # noqa: E402

ROWS = ("none", "one", "maybe", "many")
PARAMS_MAX = 40  # DB_ARGS_MAX of idp/io/db.h
# PostgreSQL's type -> C type of the member, enum db_type, and whether NULL needs a bool of its own.
TEXT = ("const char *", "DB_TEXT", False)
NUMBER = ("int64_t ", "DB_INT", True)
TYPES = {
    **dict.fromkeys(("text", "uuid", "inet", "timestamptz", "jsonb", "json"), TEXT),
    **dict.fromkeys(("smallint", "integer", "bigint"), NUMBER),
    **dict.fromkeys(("text[]", "uuid[]"), ("struct str_list ", "DB_TEXT_LIST", True)),
    "double precision": ("double ", "DB_FLOAT", True),
    "boolean": ("bool ", "DB_BOOL", True),
    "bytea": ("struct bytes ", "DB_BYTES", False),
    "bigint[]": ("struct int64_list ", "DB_INT_LIST", True),
    "bytea[]": ("struct bytes_list ", "DB_BYTES_LIST", True),
}
PARAMS_ONLY = ("bigint[]", "bytea[]")
C_WORDS = set(
    "auto bool break case char const continue default do double else enum extern false float for goto if inline int"
    " long register restrict return short signed sizeof static struct switch true typedef union unsigned void"
    " volatile while".split()
)
# What is passed over whole (texts, quoted names, comments), and what is looked for.
TOKEN = re.compile(
    r"[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"
    r"|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)"
    r"|(?<![:\w]):(?P<name>[a-z_][a-z0-9_]*)|(?<!\w)\$(?P<number>\d+)",
    re.S,
)


class QueryFault(Exception):
    """What is wrong with a file: "path: what"."""


@dataclasses.dataclass(frozen=True)
class Field:
    name: str
    type: str
    nullable: bool

    @property
    def companion(self):
        return self.nullable and TYPES[self.type][2]


@dataclasses.dataclass(frozen=True)
class Query:
    name: str  # "web/session_load"
    prose: str
    params: list
    columns: list
    rows: str
    sql: str  # with $1, $2, ...

    @property
    def ident(self):
        return "q_" + self.name.replace("/", "_")


def parse_query(path):
    """The Query that a file declares. QueryFault names the file and what is wrong with it."""
    path = pathlib.Path(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    n_head = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    head, body = lines[:n_head], "\n".join(l for l in lines[n_head:] if not l.startswith("--"))
    name = f"{path.parent.name}/{path.stem}"
    prose = " ".join(l[2:].strip() for l in head if not re.match(r"-- (SPDX-|params:|returns:|rows:)", l))
    rows = [l[len("-- rows:"):].strip() for l in head if l.startswith("-- rows:")]
    params, columns = head_list(path, head, "params"), head_list(path, head, "returns")
    if len(rows) != 1 or rows[0] not in ROWS:
        raise QueryFault(f"{path}: expected one line '-- rows: none | one | maybe | many', got {', '.join(rows) or 'none'}")
    params = fields(path, "parameter", params)
    columns = fields(path, "column", columns)
    if (rows[0] == "none") != (not columns):
        raise QueryFault(f"{path}: rows: {rows[0]}, but returns: {', '.join(c.name for c in columns) or 'none'}")
    return Query(name, prose, params, columns, rows[0], numbered(path, body, [p.name for p in params]))


def head_list(path, head, key):
    """The items of all lines "-- key: a, b"."""
    found = [line.partition(":")[2] for line in head if line.startswith(f"-- {key}:")]
    if not found:
        raise QueryFault(f"{path}: no line '-- {key}: ...' (a list, or none)")
    items = [item.strip() for line in found for item in line.split(",") if item.strip()]
    if not items:
        raise QueryFault(f"{path}: nothing in '-- {key}:' (a list, or none)")
    return [] if items == ["none"] else items


def fields(path, what, items):
    made, members = [], set()
    for item in items:
        name, *words = item.split()
        nullable = words[-1:] == ["null"]
        field = Field(name, " ".join(words[:-1] if nullable else words), nullable)
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or name in C_WORDS:
            raise QueryFault(f"{path}: {what} {name}: not a name in lower case, or a word of C")
        if field.type not in TYPES or what == "column" and field.type in PARAMS_ONLY:
            raise QueryFault(f"{path}: {what} {name}: unknown type '{field.type}'")
        for member in [name] + [f"{name}_null"] * field.companion:
            if member in members:
                raise QueryFault(f"{path}: {what} {member} is declared twice")
            members.add(member)
        made.append(field)
    if what == "parameter" and len(made) > PARAMS_MAX:
        raise QueryFault(f"{path}: {len(made)} parameters, at most {PARAMS_MAX}")
    return made


def numbered(path, body, names):
    """The SQL with $n for each :name, in the order of declaration."""
    used = set()

    def number(match):
        if match["number"]:
            raise QueryFault(f"{path}: ${match['number']}: write parameters by name, as :{(names or ['name'])[0]}")
        name = match["name"]
        if name is None:
            return match.group(0)
        if name not in names:
            raise QueryFault(f"{path}: parameter {name} is used, but not declared in '-- params:'")
        used.add(name)
        return f"${names.index(name) + 1}"

    sql = TOKEN.sub(number, body)
    for name in names:
        if name not in used:
            raise QueryFault(f"{path}: parameter {name} is declared, but not used")
    return sql


def struct_text(name, members):
    lines = [f"struct {name} {{"]
    for field in members:
        null = ", may be NULL" if field.nullable else ""
        lines.append(f"\t{TYPES[field.type][0]}{field.name}; /* {field.type}{null} */")
        if field.companion:
            lines.append(f"\tbool {field.name}_null;")
    return "\n".join(lines + ["};"])


def prototype(q):
    result = {
        "none": "int64_t *affected",
        "one": f"struct {q.ident}_row *out",
        "maybe": f"const struct {q.ident}_row **out",
        "many": f"struct {q.ident}_rows *out",
    }[q.rows]
    given = f"const struct {q.ident}_in *in,\n\t" if q.params else ""
    return f"struct result {q.ident}(struct db *db, struct arena *arena, {given}{result})"


def header(q):
    parts = [struct_text(f"{q.ident}_in", q.params)] if q.params else []
    if q.columns:
        parts.append(struct_text(f"{q.ident}_row", q.columns))
    if q.rows == "many":
        parts.append(f"struct {q.ident}_rows {{\n\tstruct {q.ident}_row *items;\n\tsize_t n;\n}};")
    prose = q.prose.replace("*/", "* /").replace("/*", "/ *")
    parts.append(f"/* {prose} ERR_DB. */\nMUST_CHECK {prototype(q)};\n")
    return "\n".join(parts)


def table(name, struct, members):
    lines = [f"static const struct db_field {name}[] = {{"]
    for field in members:
        null_at = f"offsetof(struct {struct}, {field.name}_null)" if field.companion else "0"
        lines.append(
            f'\t{{"{field.name}", {TYPES[field.type][1]}, {str(field.nullable).lower()},\n'
            f"\t\toffsetof(struct {struct}, {field.name}), {null_at}}},"
        )
    return "\n".join(lines + ["};"])


def plain(q, name):
    """The initializer of a struct query."""
    types = f"{name}_types" if q.params else "NULL"
    return f'{{"{q.name}",\n{c_string(q.sql)},\n\t{types}, {len(q.params)}, {len(q.columns)}}}'


def types_table(q, name):
    types = ", ".join(f'"{p.type}"' for p in q.params)
    return [f"static const char *const {name}_types[] = {{{types}}};"] if q.params else []


BODIES = {
    "none": "\treturn db_run(db, arena, &{b}, {i}, affected);",
    "one": "\treturn db_run(db, arena, &{b}, {i}, out);",
    "maybe": "\tconst void *row = NULL;\n\tTRY(db_run(db, arena, &{b}, {i}, &row));\n\t*out = row;\n\treturn OK;",
    "many": "\tstruct db_many many = {{0}};\n\tTRY(db_run(db, arena, &{b}, {i}, &many));\n"
            "\t*out = (struct {q}_rows){{many.items, many.n}};\n\treturn OK;",
}  # fmt: skip


def source(q):
    bound = f"{q.ident}_binding"
    parts = types_table(q, bound)
    if q.params:
        parts.append(table(f"{bound}_params", f"{q.ident}_in", q.params))
    if q.columns:
        parts.append(table(f"{bound}_columns", f"{q.ident}_row", q.columns))
    params = f"{bound}_params" if q.params else "NULL"
    columns = f"{bound}_columns" if q.columns else "NULL"
    size = f"sizeof(struct {q.ident}_row)" if q.columns else "0"
    parts.append(
        f"static const struct db_binding {bound} = {{{plain(q, bound)},\n"
        f"\t{params}, {columns}, DB_ROWS_{q.rows.upper()}, {size}}};"
    )
    body = BODIES[q.rows].format(b=bound, i="in" if q.params else "NULL", q=q.ident)
    parts.append(f"{prototype(q)}\n{{\n{body}\n}}\n")
    return "\n".join(parts)


def generate(role, prefix, paths):
    h = ["#pragma once", '#include "idp/io/db_bind.h"']
    c = [f'#include "{os.path.basename(prefix)}.h"', "#include <stddef.h>\n"]
    for path in paths:
        q = parse_query(path)
        if not q.name.startswith(f"{role}/"):
            raise QueryFault(f"{path}: not of the role {role}")
        h.append(header(q))
        c.append(source(q))
    write(prefix, h, c)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        generate(sys.argv[1], sys.argv[2], sys.argv[3:])
    except QueryFault as fault:
        sys.exit(str(fault))
