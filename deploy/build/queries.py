#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Typed C functions from SQL files: sql/query/<role>/<name>.sql becomes q_<role>_<name>() with a struct of its
parameters and a struct of its columns (docs, section "Queries", has the form of a file).

  queries.py ROLE OUT_PREFIX FILE.sql...

A file with a line "-- batch: N" is written over a relation of at most N jobs (idp/io/db_batch.h): ":asked" stands for
it in FROM, with a column for each parameter and the job's number in "job", which is the first column that is returned.
":x_least" and ":x_most" are the extremes of a parameter x over all jobs.
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
# In batches a parameter is sent as an array, by its C type; what is text to C is cast within the relation.
BATCH_MAX = 64  # COMBINE_MOST of idp/io/combine.h
BATCH_WIRE = {"DB_INT": "bigint", "DB_FLOAT": "double precision", "DB_BOOL": "boolean", "DB_BYTES": "bytea"}
EXTREMES = ("least", "most")
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
    batch: int = 0  # jobs at most; 0: not in batches
    extremes: tuple = ()  # of a query in batches: (name of the parameter, "least" or "most")

    @property
    def ident(self):
        return "q_" + self.name.replace("/", "_")

    @property
    def wire_types(self):
        """The types of $1, $2, ..."""
        if not self.batch:
            return [p.type for p in self.params]
        by_name = {p.name: p for p in self.params}
        return [f"{wire_type(p)}[]" for p in self.params] + [wire_type(by_name[name]) for name, _ in self.extremes]

    @property
    def answer(self):
        """The columns as they are returned."""
        return [Field("job", "bigint", False)] * bool(self.batch) + self.columns


def wire_type(field):
    return BATCH_WIRE.get(TYPES[field.type][1], "text")


def parse_query(path):
    """The Query that a file declares. QueryFault names the file and what is wrong with it."""
    path = pathlib.Path(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    n_head = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    head, body = lines[:n_head], "\n".join(l for l in lines[n_head:] if not l.startswith("--"))
    name = f"{path.parent.name}/{path.stem}"
    prose = " ".join(l[2:].strip() for l in head if not re.match(r"-- (SPDX-|params:|returns:|rows:|batch:)", l))
    rows = [l[len("-- rows:"):].strip() for l in head if l.startswith("-- rows:")]
    params, columns = head_list(path, head, "params"), head_list(path, head, "returns")
    if len(rows) != 1 or rows[0] not in ROWS:
        raise QueryFault(f"{path}: expected one line '-- rows: none | one | maybe | many', got {', '.join(rows) or 'none'}")
    params = fields(path, "parameter", params)
    columns = fields(path, "column", columns)
    if (rows[0] == "none") != (not columns):
        raise QueryFault(f"{path}: rows: {rows[0]}, but returns: {', '.join(c.name for c in columns) or 'none'}")
    names = [p.name for p in params]
    if batch := batch_max(path, head, rows[0], params):
        used = extremes(path, body, params)
        sql = numbered(path, asked(path, body, params, batch), names + [f"{name}_{end}" for name, end in used])
        return Query(name, prose, params, columns, rows[0], sql, batch, used)
    return Query(name, prose, params, columns, rows[0], numbered(path, body, names))


def batch_max(path, head, rows, params):
    """The N of "-- batch: N", or 0."""
    lines = [line[len("-- batch:"):].strip() for line in head if line.startswith("-- batch:")]
    if not lines:
        return 0
    if len(lines) > 1 or not lines[0].isdecimal() or not 1 < int(lines[0]) <= BATCH_MAX:
        raise QueryFault(f"{path}: expected one line '-- batch: N', N from 2 to {BATCH_MAX}, got {', '.join(lines)}")
    if rows != "maybe":
        raise QueryFault(f"{path}: a query in batches has rows: maybe, got {rows}")
    if not params or params[0].nullable or TYPES[params[0].type][1] not in ("DB_TEXT", "DB_BYTES"):
        raise QueryFault(f"{path}: the first parameter of a query in batches is what jobs are sorted by, a text or bytea")
    return int(lines[0])


def extremes(path, body, params):
    """Which of :x_least and :x_most the SQL uses, in the order of declaration."""
    words = {m["name"] for m in TOKEN.finditer(body)}
    found = tuple((p.name, end) for p in params for end in EXTREMES if f"{p.name}_{end}" in words)
    for name, end in found:
        field = next(p for p in params if p.name == name)
        if wire_type(field) not in ("bigint", "double precision") or field.nullable:
            raise QueryFault(f"{path}: {name}_{end}: not of a number that is never NULL")
    return found


def asked(path, body, params, most):
    """The body with the relation of jobs for :asked. Its bounds make the planner believe in one job, so that each finds its rows by
    key: of a partition that is empty when the plan is made, reading a range of all looks cheaper for several."""
    words = set(re.findall(r"\w+", TOKEN.sub(lambda m: f":{m['name']}" if m["name"] else " ", body)))
    for param in params:
        if not words & {param.name, *(f"{param.name}_{end}" for end in EXTREMES)}:
            raise QueryFault(f"{path}: parameter {param.name} is declared, but not used")
    columns = ", ".join(f"u.{p.name}" if wire_type(p) == p.type else f"u.{p.name}::{p.type} AS {p.name}" for p in params)
    names, arrays = ", ".join(p.name for p in params), ", ".join(f":{p.name}" for p in params)
    relation = f"(SELECT u.job, {columns} FROM unnest({arrays}) WITH ORDINALITY AS u ({names}, job) WHERE u.job BETWEEN 1 AND {most})"
    made, n = re.subn(r"(?<![:\w]):asked\b", lambda _: relation, body)
    if n != 1:
        raise QueryFault(f"{path}: :asked stands {n} times, expected once")
    return made


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
    return f'{{"{q.name}",\n{c_string(q.sql)},\n\t{types}, {len(q.wire_types)}, {len(q.answer)}}}'


def types_table(q, name):
    types = ", ".join(f'"{t}"' for t in q.wire_types)
    return [f"static const char *const {name}_types[] = {{{types}}};"] if q.params else []


def extremes_table(q, name):
    at = {p.name: i for i, p in enumerate(q.params)}
    rows = [f"\t{{&{name}_params[{at[p]}], {str(end == 'most').lower()}}}," for p, end in q.extremes]
    return [f"static const struct db_extreme {name}_extremes[] = {{", *rows, "};"] if rows else []


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
    parts += extremes_table(q, bound)
    extremes_of = f"{bound}_extremes" if q.extremes else "NULL"
    params = f"{bound}_params" if q.params else "NULL"
    columns = f"{bound}_columns" if q.columns else "NULL"
    size = f"sizeof(struct {q.ident}_row)" if q.columns else "0"
    parts.append(
        f"static const struct db_binding {bound} = {{{plain(q, bound)},\n"
        f"\t{params}, {columns}, DB_ROWS_{q.rows.upper()}, {size}, {q.batch}, {extremes_of}, {len(q.extremes)}}};"
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
