# SPDX-License-Identifier: Apache-2.0
"""Every embedded query, described by the server and compared with what its file declares."""
import json
import re
import sys

import pytest
from lib.instance import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402

QUERIES = [parse_query(path) for path in sorted((ROOT / "sql" / "query").glob("*/*.sql"))]
# `pratu migrate`, `pratu recover` and `pratu restore` run these.
AS_OWNER = {"admin/housekeep", "admin/migration_insert", "admin/recover", "admin/recover_begin", "admin/recover_confirm",
            "admin/recover_sealed", "admin/recover_state"}  # fmt: skip


def name(query):
    return query.name


@pytest.fixture(scope="module")
def connections(instance):
    made = {}
    for role in ("web", "vault", "courier", "admin"):
        made[role] = instance.connect(f"pratu_{role}")  # sql/roles.sql: no argument becomes a constant of the plan
    made["owner"] = instance.connect()
    made["owner"].execute("SET ROLE pratu_owner")
    made["owner"].execute("SET plan_cache_mode = force_generic_plan")
    yield made
    for one in made.values():
        one.close()


def prepare(connection, query):
    types = ", ".join(query.wire_types)
    connection.execute(f'PREPARE "{query.name}"{f" ({types})" if types else ""} AS {query.sql}'.encode())


@pytest.fixture
def query(request, connections):
    """(connection on which it is prepared, the Query)"""
    one = request.param
    connection = connections["owner" if one.name in AS_OWNER else one.name.split("/")[0]]
    prepare(connection, one)
    yield connection, one
    connection.execute(f'DEALLOCATE "{one.name}"'.encode())


every_query = pytest.mark.parametrize("query", QUERIES, ids=name, indirect=True)


def full_type(connection, type_name):
    return connection.execute("SELECT %s::regtype::text", [type_name]).fetchone()[0]


def explain(connection, query, options=""):
    nulls = ", ".join("NULL" for _ in query.wire_types)
    text = f'EXPLAIN {options} EXECUTE "{query.name}"{f"({nulls})" if nulls else ""}'
    return connection.execute(text.encode()).fetchall()


@every_query
def test_query_opens_with_what_it_does(query):
    assert re.match(r"[A-Z].{10,}", query[1].prose)


@every_query
def test_query_has_the_declared_types(query):
    connection, declared = query
    (types,) = connection.execute(
        "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = %s", [declared.name]
    ).fetchone()
    assert types == [full_type(connection, t) for t in declared.wire_types]
    result = connection.pgconn.describe_prepared(declared.name.encode())
    columns = [
        (result.fname(i).decode(),
         connection.execute("SELECT %s::oid::regtype::text", [result.ftype(i)]).fetchone()[0])
        for i in range(result.nfields)
    ]  # fmt: skip
    assert columns == [(c.name, full_type(connection, c.type)) for c in declared.answer]


def surely_null(connection, query):
    """The columns whose expression in the plan is a bare NULL."""
    (plan,) = explain(connection, query, "(VERBOSE, FORMAT JSON)")[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    output = plan[0]["Plan"].get("Output", [])
    return {c.name for c, text in zip(query.answer, output) if re.fullmatch(r"\(?NULL\)?(::[\w \"\[\].]+)?", text)}


def stored_nullable(connection, query):
    """The columns that are a table's own, where the table allows NULL and the query does not say IS NOT NULL."""
    result = connection.pgconn.describe_prepared(query.name.encode())
    found = set()
    for i, column in enumerate(query.answer):
        row = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum = %s AND NOT attnotnull",
            [result.ftable(i), result.ftablecol(i)],
        ).fetchone()
        if row and not re.search(rf"\b{row[0]}\s+IS\s+NOT\s+NULL\b", query.sql, re.I):
            found.add(column.name)
    return found


@every_query
def test_what_can_be_null_is_declared_so(query):
    connection, declared = query
    not_null = {c.name for c in declared.columns if not c.nullable}
    assert not not_null & surely_null(connection, declared), "a bare NULL"
    assert not not_null & stored_nullable(connection, declared), "a column without NOT NULL"


@pytest.mark.parametrize(
    "returns, sql, fault",
    [
        ("a text", "SELECT NULL::text AS a", {"a"}),
        ("a text, b bigint", "SELECT 'x' AS a, NULL::bigint AS b", {"b"}),
        ("name text, last bytea", "SELECT client_id AS name, secret_hash AS last FROM idp.client", {"last"}),
        ("last bytea", "SELECT secret_hash AS last FROM idp.client WHERE secret_hash IS NOT NULL", set()),
        ("a text", "SELECT coalesce(:p, 'x') AS a", set()),
    ],
)
def test_the_check_of_null_finds_what_it_is_for(connections, tmp_path, returns, sql, fault):
    folder = tmp_path / "owner"
    folder.mkdir()
    params = "p text null" if ":p" in sql else "none"
    (folder / "probe.sql").write_text(f"-- Probe.\n-- params: {params}\n-- returns: {returns}\n-- rows: many\n{sql}\n")
    probe = parse_query(folder / "probe.sql")
    connection = connections["owner"]
    prepare(connection, probe)
    assert surely_null(connection, probe) | stored_nullable(connection, probe) == fault
    connection.execute(f'DEALLOCATE "{probe.name}"'.encode())


@every_query
def test_role_may_run_its_query(query):
    """Planned and opened, not run: that is when PostgreSQL looks at the grants."""
    explain(*query)


@every_query
def test_every_name_carries_its_schema(query):
    """The roles' search_path is empty, so a bare name would not have been found at all; this says so plainly."""
    (path,) = query[0].execute("SHOW search_path").fetchone()
    if query[1].name not in AS_OWNER:
        assert path == '""'
