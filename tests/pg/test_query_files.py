# SPDX-License-Identifier: Apache-2.0
"""The generator of typed queries (deploy/build/queries.py): what it makes of a file, and what it refuses."""
import subprocess
import sys

import pytest
from lib.instance import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402

HEAD = "-- SPDX-License-Identifier: Apache-2.0\n-- What it does.\n"


def text(params="id uuid", returns="a text", rows="one", sql="SELECT 'x' AS a WHERE :id IS NULL"):
    lines = [f"-- {k}: {v}\n" for k, v in (("params", params), ("returns", returns), ("rows", rows)) if v is not None]
    return HEAD + "".join(lines) + sql + "\n"


def batch(n="8", **more):
    return text(**{"rows": "maybe", "sql": "SELECT a.job, a.id::text AS a FROM :asked a", **more}).replace(
        "-- rows:", f"-- batch: {n}\n-- rows:")  # fmt: skip


def generate(tmp_path, content):
    folder = tmp_path / "web"
    folder.mkdir(exist_ok=True)
    path = folder / "probe.sql"
    path.write_text(content)
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/build/queries.py", "web", tmp_path / "gen/queries_web", path],
        capture_output=True, text=True,
    )  # fmt: skip
    return path, done


REFUSED = {
    "an undeclared parameter": (text(sql="SELECT :id, :other"), "parameter other is used, but not declared"),
    "an unused parameter": (text(params="id uuid, spare text"), "parameter spare is declared, but not used"),
    "used in a comment only": (text(sql="SELECT 1 /* :id */ -- :id"), "parameter id is declared, but not used"),
    "used in a text only": (text(sql="SELECT ':id', $$ :id $$"), "parameter id is declared, but not used"),
    "a repeated parameter": (text(params="id uuid, id text"), "parameter id is declared twice"),
    "a repeated column": (text(returns="a text, a text"), "column a is declared twice"),
    "a name that a NULL flag has": (text(returns="a boolean null, a_null text"), "column a_null is declared twice"),
    "an unknown type": (text(params="id uid"), "parameter id: unknown type 'uid'"),
    "no type": (text(returns="a"), "column a: unknown type ''"),
    "a type of parameters only": (text(returns="a bigint[]"), "column a: unknown type 'bigint[]'"),
    "a word of C": (text(returns="default text"), "column default: not a name"),
    "upper case": (text(returns="A text"), "column A: not a name"),
    "no params": (text(params=None), "no line '-- params:"),
    "no returns": (text(returns=None), "no line '-- returns:"),
    "no rows": (text(rows=None), "expected one line '-- rows:"),
    "empty params": (text(params=""), "nothing in '-- params:'"),
    "unknown rows": (text(rows="some"), "expected one line '-- rows:"),
    "rows twice": (text(rows="one\n-- rows: one"), "expected one line '-- rows:"),
    "rows without columns": (text(returns="none"), "rows: one, but returns: none"),
    "columns without rows": (text(rows="none"), "rows: none, but returns: a"),
    "a batch of one": (batch(n="1"), "expected one line '-- batch: N', N from 2 to 64, got 1"),
    "a batch of too many": (batch(n="65"), "expected one line '-- batch: N', N from 2 to 64, got 65"),
    "a batch of rows": (batch(rows="many"), "a query in batches has rows: maybe, got many"),
    "a batch without a key": (batch(params="n bigint", sql="SELECT a.job, a.n AS a FROM :asked a"), "what jobs are sorted by"),
    "a batch by a key that may be NULL": (batch(params="id uuid null"), "what jobs are sorted by"),
    "a batch without its jobs": (batch(sql="SELECT 1 AS job, 'x' AS a, 'id'"), "parameter id is declared, but not used"),
    "jobs twice": (batch(sql="SELECT a.job, a.id::text AS a FROM :asked a, :asked b"), ":asked stands 2 times, expected once"),
    "a parameter of a batch by its name": (batch(sql="SELECT a.job, 'x' AS a FROM :asked a WHERE id = a.id AND :other"),
                                           "parameter other is used, but not declared"),
    "an unused parameter of a batch": (batch(params="id uuid, spare text"), "parameter spare is declared, but not used"),
    "an extreme of a text": (batch(sql="SELECT a.job, a.id::text AS a FROM :asked a WHERE :id_most > ''"),
                             "id_most: not of a number that is never NULL"),
    "a number": (text(sql="SELECT $1, :id"), "$1: write parameters by name, as :id"),
    "too many": (
        text(params=", ".join(f"p{i} text" for i in range(41)), sql="SELECT " + ", ".join(f":p{i}" for i in range(41))),
        "41 parameters, at most 40",
    ),
}


@pytest.mark.parametrize("content, fault", REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_file_and_name(tmp_path, content, fault):
    path, done = generate(tmp_path, content)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}: ") and fault in done.stderr
    assert not (tmp_path / "gen").exists()


def test_parameters_become_numbers_in_the_declared_order(tmp_path):
    sql = "SELECT ':b', \":b\", E'\\':b', x.b[1:2], $$:b$$ -- :b\nFROM x WHERE :b::text = :a AND b = :b AND n:=1"
    path, done = generate(tmp_path, text(params="a text,\n-- params: b text null", sql=sql))
    assert done.returncode == 0, done.stderr
    query = parse_query(path)
    assert query.sql == sql.replace(":b::text = :a AND b = :b", "$2::text = $1 AND b = $2")
    assert [(p.name, p.type, p.nullable) for p in query.params] == [("a", "text", False), ("b", "text", True)]
    assert (query.name, query.rows, query.prose) == ("web/probe", "one", "What it does.")


ALL = (
    "t text, u uuid null, i inet, s timestamptz, j jsonb, k json null, b bytea null, n smallint, m integer null,"
    " l bigint, d double precision null, f boolean null, ts text[], us uuid[] null"
)


@pytest.mark.parametrize("rows", ["none", "one", "maybe", "many"])
@pytest.mark.parametrize("params", ["none", ALL + ", ns bigint[], bs bytea[] null"])
def test_what_is_generated_compiles(tmp_path, rows, params):
    names = [p.split()[0] for p in params.split(", ")] if params != "none" else []
    content = text(params, "none" if rows == "none" else ALL, rows, "SELECT " + ", ".join(f":{n}" for n in names))
    _, done = generate(tmp_path, content)
    assert done.returncode == 0, done.stderr
    built = subprocess.run(
        ["gcc", "-std=c17", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion",
         "-Wmissing-prototypes", "-fsyntax-only", f"-I{ROOT}", f"-I{tmp_path}/gen", tmp_path / "gen/queries_web.c"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr


def test_jobs_become_arrays_and_what_is_text_to_c_is_cast(tmp_path):
    params = "id uuid, n bigint, r double precision, f boolean null, b bytea null, i inet null, l text[], s smallint"
    sql = "SELECT a.job, 'x' AS a FROM :asked a WHERE a.n > :n_least AND a.r < :r_most AND a.f AND a.b = '' AND a.i = '::1' AND a.l = a.l AND a.s = 1 AND a.id IS NOT NULL"
    path, done = generate(tmp_path, batch(params=params, sql=sql))
    assert done.returncode == 0, done.stderr
    query = parse_query(path)
    assert (query.batch, query.extremes) == (8, (("n", "least"), ("r", "most")))
    assert query.wire_types == ["text[]", "bigint[]", "double precision[]", "boolean[]", "bytea[]", "text[]", "text[]", "bigint[]",
                                "bigint", "double precision"]  # fmt: skip
    assert [c.name for c in query.answer] == ["job", "a"] and [c.name for c in query.columns] == ["a"]
    assert "u.id::uuid AS id, u.n, u.r, u.f, u.b, u.i::inet AS i, u.l::text[] AS l, u.s::smallint AS s FROM unnest($1, $2, " in query.sql
    assert "BETWEEN 1 AND 8) a WHERE a.n > $9 AND a.r < $10 AND " in query.sql
